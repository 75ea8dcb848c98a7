package static_test

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"bentornato/static"
)

func get(t *testing.T, method, url string, header ...string) *http.Response {
	t.Helper()
	r := httptest.NewRequest(method, url, nil)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	static.Handler().ServeHTTP(w, r)
	return w.Result()
}

func TestURLNamesTheContent(t *testing.T) {
	for name, mediaType := range map[string]string{
		"css/app.css":        "text/css; charset=utf-8",
		"js/app.js":          "text/javascript; charset=utf-8",
		"js/htmx.min.js":     "text/javascript; charset=utf-8",
		"js/htmx-sse.min.js": "text/javascript; charset=utf-8",
		"icons/favicon.svg":  "image/svg+xml",
	} {
		u := static.URL(name)
		if !regexp.MustCompile(`^/static/[a-z/.-]+\.[0-9a-f]{12}\.[a-z]+$`).MatchString(u) {
			t.Errorf("URL(%q) = %q, which holds no hash", name, u)
		}
		res := get(t, "GET", u)
		if res.StatusCode != 200 || res.Header.Get("Content-Type") != mediaType {
			t.Errorf("GET %s = %d %q, want 200 %q", u, res.StatusCode, res.Header.Get("Content-Type"), mediaType)
		}
		if c := res.Header.Get("Cache-Control"); !strings.Contains(c, "immutable") {
			t.Errorf("GET %s: Cache-Control %q is not immutable", u, c)
		}
	}
}

func TestPlainNameIsAskedForAgain(t *testing.T) {
	res := get(t, "GET", "/static/js/app.js")
	if res.StatusCode != 200 || res.Header.Get("Cache-Control") != "no-cache" {
		t.Fatalf("plain name: %d, Cache-Control %q", res.StatusCode, res.Header.Get("Cache-Control"))
	}
	again := get(t, "GET", "/static/js/app.js", "If-None-Match", res.Header.Get("ETag"))
	if again.StatusCode != http.StatusNotModified {
		t.Errorf("with the same ETag: %d, want 304", again.StatusCode)
	}
}

func TestRefused(t *testing.T) {
	for _, c := range []struct {
		method, url string
		status      int
	}{
		{"GET", "/static/css/app.000000000000.css", 404},
		{"GET", "/static/.src/input.css", 404},
		{"GET", "/static/css/", 404},
		{"GET", "/static/../static.go", 404},
		{"GET", static.URL("css/missing.css"), 404},
		{"POST", "/static/js/app.js", 405},
	} {
		if res := get(t, c.method, c.url); res.StatusCode != c.status {
			t.Errorf("%s %s = %d, want %d", c.method, c.url, res.StatusCode, c.status)
		}
	}
}
