package sandbox

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"
)

// graphPath is /v25.0/me/messages; every version is the same here.
var graphPath = regexp.MustCompile(`^/v\d{1,3}\.\d{1,2}(/.*)?$`)

// graphCall is one call while it is answered.
type graphCall struct {
	request *http.Request
	parts   []string                   // of the path after the version
	values  url.Values                 // query and form
	fields  map[string]json.RawMessage // of a JSON body
	record  *Call
	upload  string // the name of the file that came with it
}

// raw is a parameter as JSON, wherever it was given: in the JSON body as it is, in a form or the query as the JSON text that
// stands there or else as a string. Nil when it is absent.
func (c *graphCall) raw(name string) json.RawMessage {
	if v, ok := c.fields[name]; ok {
		return v
	}
	if !c.values.Has(name) {
		return nil
	}
	v := c.values.Get(name)
	if json.Valid([]byte(v)) {
		return json.RawMessage(v)
	}
	quoted, err := json.Marshal(v)
	if err != nil {
		return nil
	}
	return quoted
}

// text is a parameter as text, empty when it is absent or something else.
func (c *graphCall) text(name string) string {
	if v, ok := c.fields[name]; ok {
		var s string
		var n json.Number // ids come bare, too
		if json.Unmarshal(v, &s) != nil && json.Unmarshal(v, &n) == nil {
			return n.String()
		}
		return s
	}
	return c.values.Get(name)
}

// list is a parameter that is a list: JSON, or separated by commas.
func (c *graphCall) list(name string) []string {
	var out []string
	if raw := c.raw(name); raw != nil && json.Unmarshal(raw, &out) == nil {
		return out
	}
	for _, s := range strings.Split(c.text(name), ",") {
		if s = strings.TrimSpace(s); s != "" {
			out = append(out, s)
		}
	}
	return out
}

// readCall reads a request. The body that is returned is for the log.
func readCall(w http.ResponseWriter, r *http.Request) (*graphCall, string, *graphError) {
	c := &graphCall{request: r, values: r.URL.Query(), fields: map[string]json.RawMessage{}}
	_, rest, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	for _, s := range strings.Split(rest, "/") {
		if s != "" {
			c.parts = append(c.parts, s)
		}
	}
	kind, params, kindErr := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if kindErr == nil && kind == "multipart/form-data" {
		form, err := c.readParts(http.MaxBytesReader(w, r.Body, maxUpload), params["boundary"])
		if err != nil {
			return c, "(not a form)", invalid("Invalid parameter")
		}
		for name, vs := range form {
			c.values[name] = append(vs, c.values[name]...)
		}
		return c, maskedBody([]byte(form.Encode()), true), nil
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		if tooLarge := new(http.MaxBytesError); errors.As(err, &tooLarge) {
			return c, "", &graphError{status: http.StatusRequestEntityTooLarge, Code: 1, Message: "Please reduce the amount of data you're asking for, then retry your request"}
		}
		return c, "", &graphError{Code: 1, Message: "The request could not be read"}
	}
	if kindErr == nil && kind == "application/x-www-form-urlencoded" {
		form, err := url.ParseQuery(string(body))
		if err != nil {
			return c, "(not a form)", invalid("Invalid parameter")
		}
		for name, vs := range form {
			c.values[name] = append(vs, c.values[name]...)
		}
		return c, maskedBody(body, true), nil
	}
	logged := maskedBody(body, false)
	if len(body) > 0 && (json.Unmarshal(body, &c.fields) != nil || c.fields == nil) {
		c.fields = map[string]json.RawMessage{}
		return c, logged, invalid("The request body is not a JSON object")
	}
	return c, logged, nil
}

// serveGraph answers the Graph API: read, find the fault, judge, answer, log.
func (p *Platform) serveGraph(w http.ResponseWriter, r *http.Request) {
	began := time.Now()
	c, logged, err := readCall(w, r)
	if err == nil && len(c.parts) == 0 && r.Method == http.MethodPost && c.raw("batch") != nil {
		p.serveBatch(w, r, c)
		return
	}
	record := Call{Method: r.Method, Path: r.URL.Path, Body: logged}
	c.record = &record

	p.mu.Lock()
	record.At = p.now()
	g, tokenErr := p.authorize(c)
	if g != nil {
		record.Page = g.ID
	}
	if to, bad := readRecipient(c.raw("recipient")); bad == nil {
		record.Recipient, record.PSID = to.Kind, p.personOf(to, record.Page)
	}
	spoiled := p.takeFault(c)
	var body any
	switch {
	case spoiled != nil && spoiled.refuses():
		err = spoiled.graphError()
	case err == nil:
		var ofApp bool
		if body, err, ofApp = p.appCall(c); ofApp {
			break
		}
		if err = tokenErr; err == nil {
			body, err = p.route(c, g)
		}
	}
	if sent, ok := body.(map[string]string); ok && err == nil {
		record.MessageID, record.Accepted = sent["message_id"], sent["message_id"] != ""
		if spoiled != nil && spoiled.Kind == NoRecipientID {
			delete(sent, "recipient_id")
		}
	}
	if g != nil {
		g.usageHeaders(w.Header())
	}
	trace := "A" + p.id(16)
	p.mu.Unlock()

	status := http.StatusOK
	if err != nil {
		status, body = err.httpStatus(), err.wire(trace)
		record.Code, record.Subcode = err.Code, err.Subcode
	}
	record.Status = status
	if spoiled != nil {
		record.Fault = string(spoiled.Kind)
		if record.Status = spoiled.status(status); record.Status != status {
			record.Code, record.Subcode = 0, 0 // nobody saw them
		}
	}
	// The log stands before the answer is written, so whoever has the answer also sees the call. Took is the judging alone.
	record.Took = time.Since(began)
	p.mu.Lock()
	p.calls.add(record)
	p.touch()
	p.mu.Unlock()
	p.answer(w, r, status, body, trace, spoiled)
}

// status is what the log says: 0 when no answer comes.
func (f *Fault) status(usual int) int {
	switch f.Kind {
	case TimeoutAfterAccept, TimeoutBeforeAccept, HangUpAfterAccept, HangUpBeforeAccept:
		return 0
	case HTML502, HTML502AfterAccept:
		return http.StatusBadGateway
	}
	return usual
}

// answer writes the answer, or spoils it.
func (p *Platform) answer(w http.ResponseWriter, r *http.Request, status int, body any, trace string, spoiled *Fault) {
	h := w.Header()
	h.Set("Facebook-Api-Version", strings.SplitN(r.URL.Path, "/", 3)[1])
	h.Set("X-Fb-Trace-Id", trace)
	text, err := escapedJSON(body)
	if err != nil {
		p.log.Error("an answer could not be written", "error", err)
		status, text = http.StatusInternalServerError, []byte(`{}`)
	}
	if spoiled != nil {
		switch spoiled.Kind {
		case TimeoutAfterAccept, TimeoutBeforeAccept:
			p.hang(r)
			panic(http.ErrAbortHandler)
		case HangUpAfterAccept, HangUpBeforeAccept:
			panic(http.ErrAbortHandler) // how net/http is told to cut the connection
		case HTML502, HTML502AfterAccept:
			h.Set("Content-Type", "text/html; charset=utf-8")
			w.WriteHeader(http.StatusBadGateway)
			_, _ = io.WriteString(w, "<!DOCTYPE html><html><head><title>502 Bad Gateway</title></head><body><h1>Sorry, something went wrong.</h1></body></html>")
			return
		case TruncatedAfterAccept:
			text = text[:len(text)/2]
		}
	}
	h.Set("Content-Type", "application/json; charset=UTF-8")
	h.Set("Cache-Control", "private, no-cache, no-store, must-revalidate")
	w.WriteHeader(status)
	_, _ = w.Write(text) // a caller that has gone is no error of ours
}

// hang withholds the answer until the caller gives up, the platform ends or HangFor is over.
func (p *Platform) hang(r *http.Request) {
	limit := p.options.HangFor
	if limit <= 0 {
		limit = time.Minute
	}
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case <-r.Context().Done():
	case <-p.closing:
	case <-timer.C:
	}
}

// authorize finds the Page whose token was given. The Page is also returned when its token is no longer valid, for the log.
func (p *Platform) authorize(c *graphCall) (*page, *graphError) {
	given := c.accessToken()
	g := p.byToken[given]
	switch {
	case given == "":
		return nil, &graphError{Code: 190, Message: "An access token is required to request this resource."}
	case g == nil:
		return nil, &graphError{Code: 190, Message: "Invalid OAuth access token - Cannot parse access token"}
	case g.tokenSubcode != 0:
		return g, tokenInvalid(g.tokenSubcode)
	}
	return g, p.checkProof(c, given)
}

// accessToken is the token that was given, wherever it stood.
func (c *graphCall) accessToken() string {
	if given, bearer := strings.CutPrefix(c.request.Header.Get("Authorization"), "Bearer "); bearer {
		return given
	}
	return c.text("access_token")
}

// version is the one that was called, v25.0.
func (c *graphCall) version() string {
	version, _, _ := strings.Cut(strings.TrimPrefix(c.request.URL.Path, "/"), "/")
	return version
}

// usageHeaders are those of Meta's rate limits, absent until SetUsage.
func (g *page) usageHeaders(h http.Header) {
	u := g.usage
	if u == (Usage{}) {
		return
	}
	h.Set("X-App-Usage", fmt.Sprintf(`{"call_count":%d,"total_cputime":%d,"total_time":%d}`, u.Calls, u.CPU, u.Total))
	h.Set("X-Business-Use-Case-Usage", fmt.Sprintf(`{"%s":[{"type":"messenger","call_count":%d,"total_cputime":%d,"total_time":%d,"estimated_time_to_regain_access":%d}]}`,
		g.ID, u.Calls, u.CPU, u.Total, u.Regain))
}
