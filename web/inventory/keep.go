package inventory

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"bentornato/models"
)

// topicHeaders are where systems that name the kind of an event in a header do so.
var topicHeaders = []string{"X-Shopify-Topic", "Shopify-Topic", wooTopic, "Ce-Type"}

// Topic is what the system calls this kind of event; empty where it says so nowhere but in the body.
func Topic(r Request) string {
	for _, name := range topicHeaders {
		if v := r.Header.Get(name); v != "" {
			return models.Shorten(v, 80)
		}
	}
	return ""
}

// keptPrefixes begin the names of headers that parsers read. None of them signs or proves anything.
var keptPrefixes = []string{"Content-Type", "Ce-", "Webhook-", "X-Shopify-", "Shopify-", "X-Wc-", "X-Ecwid-", "X-Fic-", "Square-"}

// Keep is a verified call without what proved it, so that it can be read again and not be sent again: signatures,
// credentials and the key in an address are left out.
func Keep(r Request) *models.Call {
	kept := models.Call{Method: r.Method, URL: r.URL, Header: map[string]string{}, Body: r.Body}
	if u, err := url.Parse(r.URL); err == nil {
		q := u.Query()
		q.Del(keyParam)
		u.RawQuery = q.Encode()
		kept.URL = u.String()
	}
	for name, values := range r.Header {
		lower := strings.ToLower(name)
		if len(values) == 0 || strings.Contains(lower, "signature") || strings.Contains(lower, "hmac") || strings.Contains(lower, "auth") {
			continue
		}
		for _, prefix := range keptPrefixes {
			if strings.HasPrefix(http.CanonicalHeaderKey(name), prefix) {
				kept.Header[name] = values[0]
			}
		}
	}
	return &kept
}

// Read makes a request again of a call that was kept. It arrived at a time, and nothing verifies it any more.
func Read(call models.Call, received time.Time) Request {
	r := Request{Method: call.Method, URL: call.URL, Header: http.Header{}, Body: call.Body, Now: received}
	if u, err := url.Parse(call.URL); err == nil {
		r.Query = u.Query()
	}
	for name, value := range call.Header {
		r.Header.Set(name, value)
	}
	return r
}
