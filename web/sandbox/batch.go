package sandbox

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
)

// MaxBatch is how many calls one batch may hold.
const MaxBatch = 50

// batched is one call of a batch.
type batched struct {
	Method      string          `json:"method"`
	RelativeURL string          `json:"relative_url"`
	Body        json.RawMessage `json:"body"`
}

// kept takes an answer in place of a connection.
type kept struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (k *kept) Header() http.Header { return k.header }

func (k *kept) WriteHeader(status int) {
	if k.status == 0 {
		k.status = status
	}
}

func (k *kept) Write(b []byte) (int, error) {
	k.WriteHeader(http.StatusOK)
	return k.body.Write(b)
}

// serveBatch answers POST / with a parameter batch: each call by itself, in order, each counted and logged like any other.
// One whose answer a fault cuts off is null, as on a time-out.
func (p *Platform) serveBatch(w http.ResponseWriter, r *http.Request, c *graphCall) {
	var list []batched
	if json.Unmarshal(c.raw("batch"), &list) != nil || len(list) == 0 || len(list) > MaxBatch {
		e := invalid("Param batch must be a list of 1 to %d calls.", MaxBatch)
		p.answer(w, r, e.httpStatus(), e.wire("A"), "A", nil)
		return
	}
	type one struct {
		Code    int                 `json:"code"`
		Headers []map[string]string `json:"headers,omitempty"`
		Body    string              `json:"body"`
	}
	out := make([]*one, len(list))
	for i, b := range list {
		k := &kept{header: http.Header{}}
		if p.serveOne(k, r, c, b) {
			out[i] = &one{Code: k.status, Body: k.body.String()}
			if c.text("include_headers") != "false" {
				for name := range k.header {
					out[i].Headers = append(out[i].Headers, map[string]string{"name": name, "value": k.header.Get(name)})
				}
			}
		}
	}
	p.answer(w, r, http.StatusOK, out, "A", nil)
}

// serveOne answers one call of a batch, and reports whether there is an answer.
func (p *Platform) serveOne(k *kept, r *http.Request, c *graphCall, b batched) (answered bool) {
	defer func() {
		if recover() != nil { // how an answer is cut off
			answered = false
		}
	}()
	relative, err := url.Parse(strings.TrimPrefix(b.RelativeURL, "/"))
	if err != nil || b.Method == "" {
		return false
	}
	path := relative.Path
	if !graphPath.MatchString("/" + path) {
		path = c.version() + "/" + path
	}
	body := string(b.Body)
	kind := "application/json"
	var form string
	if json.Unmarshal(b.Body, &form) == nil { // a form written as a text, which is how Meta's samples have it
		body, kind = form, "application/x-www-form-urlencoded"
	}
	inner, err := http.NewRequestWithContext(r.Context(), b.Method, "http://"+r.Host+"/"+path+"?"+relative.RawQuery, strings.NewReader(body))
	if err != nil {
		return false
	}
	inner.Header.Set("Content-Type", kind)
	q := inner.URL.Query()
	for _, name := range []string{"access_token", "appsecret_proof"} { // one given for the batch holds for each call without its own
		if v := c.text(name); v != "" && !q.Has(name) {
			q.Set(name, v)
		}
	}
	inner.URL.RawQuery = q.Encode()
	if v := r.Header.Get("Authorization"); v != "" {
		inner.Header.Set("Authorization", v)
	}
	p.serveGraph(k, inner)
	return true
}
