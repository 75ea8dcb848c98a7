package sandbox

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"unicode/utf8"
)

// graphError is an error as the Graph API writes it.
type graphError struct {
	status    int // HTTP; 0 means the usual one of the code
	Message   string
	Type      string
	Code      int
	Subcode   int
	UserTitle string
	UserText  string
	Transient bool
}

// httpStatus is 400, as observed for 10, 100, 190 and -1, and 500 for Meta's own failures.
func (e *graphError) httpStatus() int {
	switch {
	case e.status != 0:
		return e.status
	case e.Code == 1 || e.Code == 2:
		return http.StatusInternalServerError
	default:
		return http.StatusBadRequest
	}
}

// wire is the error's body.
func (e *graphError) wire(trace string) any {
	type inner struct {
		Message   string `json:"message"`
		Type      string `json:"type"`
		Transient bool   `json:"is_transient,omitempty"`
		Code      int    `json:"code"`
		Subcode   int    `json:"error_subcode,omitempty"`
		UserTitle string `json:"error_user_title,omitempty"`
		UserText  string `json:"error_user_msg,omitempty"`
		Trace     string `json:"fbtrace_id"`
	}
	kind := e.Type
	if kind == "" {
		kind = "OAuthException"
	}
	return map[string]inner{"error": {e.Message, kind, e.Transient, e.Code, e.Subcode, e.UserTitle, e.UserText, trace}}
}

// invalid is the platform's answer to a bad parameter.
func invalid(format string, args ...any) *graphError {
	return &graphError{Code: 100, Message: "(#100) " + fmt.Sprintf(format, args...)}
}

func outsideWindow() *graphError {
	return &graphError{Code: 10, Subcode: 2018278, Message: "(#10) This message is sent outside of allowed window. Learn more about the new policy here: https://developers.facebook.com/docs/messenger-platform/policy-overview"}
}

func noPermission() *graphError {
	return &graphError{Code: 10, Message: "(#10) Application does not have permission for this action"}
}

func noObject(method, id string) *graphError {
	verb := "get"
	if method != http.MethodGet {
		verb = "post"
	}
	return &graphError{Code: 100, Subcode: 33, Type: "GraphMethodException", Message: "Unsupported " + verb + " request. Object with ID '" + id + "' does not exist, cannot be loaded due to missing permissions, or does not support this operation. Please read the Graph API documentation at https://developers.facebook.com/docs/graph-api"}
}

// tokenInvalid is 190 with the text of the subcode; another subcode gets the general one.
func tokenInvalid(subcode int) *graphError {
	text := "Invalid OAuth access token."
	switch subcode {
	case 458:
		text = "Error validating access token: The user has not authorized application."
	case 460:
		text = "Error validating access token: The session has been invalidated because the user changed their password or Facebook has changed the session for security reasons."
	case 463:
		text = "Error validating access token: Session has expired."
	}
	return &graphError{Code: 190, Subcode: subcode, Message: text}
}

// escapedJSON is v as Meta writes it: ASCII only, other characters as \u with lower-case hex (surrogate pairs above U+FFFF),
// and every slash escaped.
func escapedJSON(v any) ([]byte, error) {
	var plain bytes.Buffer
	enc := json.NewEncoder(&plain)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	text := bytes.TrimSuffix(plain.Bytes(), []byte("\n"))
	out := make([]byte, 0, len(text)+len(text)/8)
	for len(text) > 0 {
		r, size := utf8.DecodeRune(text)
		switch {
		case r == '/':
			out = append(out, '\\', '/')
		case r < utf8.RuneSelf:
			out = append(out, byte(r))
		case r > 0xffff:
			r -= 0x10000
			out = fmt.Appendf(out, `\u%04x\u%04x`, 0xd800+r>>10, 0xdc00+r&0x3ff)
		default:
			out = fmt.Appendf(out, `\u%04x`, r)
		}
		text = text[size:]
	}
	return out, nil
}
