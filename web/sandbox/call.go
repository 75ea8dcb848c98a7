package sandbox

import (
	"bytes"
	"encoding/json"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"
)

// Call is one call of the Graph API as it is logged. Tokens in it are masked.
type Call struct {
	At        time.Time
	Took      time.Duration
	Method    string
	Path      string // without the query
	Page      string // whose token it was
	Recipient string // kind: id, one_time_notif_token, ...
	PSID      string // of the person, where it could be told
	Body      string // at most 4 KiB
	Status    int    // HTTP; 0 when no answer was given
	Code      int    // of the error, 0 for none
	Subcode   int
	Accepted  bool   // a message was accepted, whatever the answer said
	MessageID string // of the accepted message
	Fault     string // the fault that spoiled the answer
}

// Calls is the log of API calls, oldest first; the newest MaxCalls are kept.
func (p *Platform) Calls() []Call {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.calls.all()
}

// ClearLogs empties the logs of calls and webhooks.
func (p *Platform) ClearLogs() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.calls.clear()
	p.sent.clear()
	p.touch()
}

// secretKeys are never shown whole.
func secretKey(name string) bool {
	switch name {
	case "access_token", "one_time_notif_token", "notification_messages_token", "appsecret_proof", "input_token", "client_secret":
		return true
	}
	return false
}

// mask leaves enough of a secret to tell it from another.
func mask(secret string) string {
	if len(secret) <= 8 {
		return "…"
	}
	return "…" + secret[len(secret)-4:]
}

// maskedBody is a body for the log: JSON or a form with secrets masked.
func maskedBody(body []byte, form bool) string {
	var out string
	if form {
		values, err := url.ParseQuery(string(body))
		if err != nil {
			return "(not a form)"
		}
		for name, vs := range values {
			for i, v := range vs {
				switch {
				case secretKey(name):
					vs[i] = mask(v)
				case json.Valid([]byte(v)):
					vs[i] = maskedJSON([]byte(v))
				}
			}
		}
		decoded, err := url.QueryUnescape(values.Encode())
		if err != nil {
			return "(not a form)"
		}
		out = decoded
	} else {
		if len(body) == 0 {
			return ""
		}
		out = maskedJSON(body)
	}
	if len(out) > maxLoggedBody {
		out = out[:maxLoggedBody]
		for !utf8.ValidString(out) {
			out = out[:len(out)-1]
		}
		out += "…"
	}
	return out
}

func maskedJSON(body []byte) string {
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		return "(not JSON)"
	}
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(maskedValue(v)); err != nil {
		return "(not JSON)"
	}
	return strings.TrimSuffix(b.String(), "\n")
}

func maskedValue(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for name, inner := range v {
			if s, ok := inner.(string); ok && secretKey(name) {
				v[name] = mask(s)
			} else {
				v[name] = maskedValue(inner)
			}
		}
	case []any:
		for i := range v {
			v[i] = maskedValue(v[i])
		}
	}
	return v
}
