package web_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strings"
	"testing"
	"time"

	"bentornato/models"
	"bentornato/models/store/storetest"
	"bentornato/web"
)

// signedRequest is what Meta posts about a person.
func signedRequest(secret, payload string) string {
	encoded := base64.RawURLEncoding.EncodeToString([]byte(payload))
	h := hmac.New(sha256.New, []byte(secret))
	h.Write([]byte(encoded))
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil)) + "." + encoded
}

const aboutPerson = `{"algorithm":"HMAC-SHA256","issued_at":1795341600,"user_id":"2001"}`

// fromMeta makes a request the form that Meta's servers post: from no browser, and from no site.
func fromMeta(r *http.Request) { r.Header.Set("Content-Type", "application/x-www-form-urlencoded") }

func TestDataDeletion(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		v := s.product(pageID, "MUG", 0)
		k := s.token(v, "2001")
		s.unchanged(func() {
			for name, test := range map[string]struct {
				body   string
				status int
			}{
				"another secret's":    {values("signed_request", signedRequest("guess", aboutPerson)), 401},
				"an empty secret's":   {values("signed_request", signedRequest("", aboutPerson)), 401},
				"no signature":        {values("signed_request", "abc"), 400},
				"nothing":             {"", 400},
				"another algorithm's": {values("signed_request", signedRequest(appSecret, `{"algorithm":"none","user_id":"2001"}`)), 400},
				"nobody":              {values("signed_request", signedRequest(appSecret, `{"algorithm":"HMAC-SHA256"}`)), 400},
				"too long":            {"signed_request=" + strings.Repeat("x", 65<<10), 413},
			} {
				t.Run(name, func(t *testing.T) {
					s.request("POST", "/data-deletion", test.body, fromMeta).problem(t, test.status)
					s.request("POST", "/deauthorize", test.body, fromMeta).problem(t, test.status)
				})
			}
		})
		got := s.request("POST", "/data-deletion", values("signed_request", signedRequest(appSecret, aboutPerson)), fromMeta).is(t, 200).json(t)
		code, _ := got["confirmation_code"].(string)
		if len(got) != 2 || code == "" || got["url"] != baseURL+"/data-deletion/"+code {
			t.Fatalf("the answer reads %v", got)
		}
		if strings.Trim(code, "abcdefghijklmnopqrstuvwxyz0123456789") != "" {
			t.Errorf("the code %q is not alphanumeric", code)
		}
		a := s.request("GET", "/data-deletion/"+code, "", header("Accept-Language", "it")).is(t, 200).contains(t, code, `lang="it"`)
		if strings.Contains(a.body, "2001") {
			t.Error("the public page names the person")
		}
		k, err := s.store.Token(context.Background(), k.ID)
		if err != nil || k.State != models.TokenWithdrawn {
			t.Errorf("the token is %s, want withdrawn: %v", k.State, err)
		}
		s.request("GET", "/data-deletion/guess", "").is(t, 404)
		s.request("GET", "/data-deletion", "").is(t, 200).contains(t, "Messenger")
		if a := s.request("GET", "/data-deletion?code="+code, "").is(t, 303); a.Header.Get("Location") != "/data-deletion/"+code {
			t.Errorf("the code leads to %q", a.Header.Get("Location"))
		}
		s.unchanged(func() {
			s.request("POST", "/deauthorize", values("signed_request", signedRequest(appSecret, aboutPerson)), fromMeta).is(t, 200)
		})
	})
}

func TestTrackedLink(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		ctx := context.Background()
		v := s.product(pageID, "MUG", 0)
		k := s.token(v, "2001")
		s.call("POST", "/products/MUG/stock", `{"available":1}`).is(t, 200)
		open, err := s.store.OpenRestock(ctx, v.ID)
		s.must(err)
		code := s.store.ClickCode(k.ID)
		s.unchanged(func() {
			a := s.request("HEAD", "/r/"+code, "").is(t, 302)
			if a.Header.Get("Location") != v.URL {
				t.Errorf("HEAD leads to %q", a.Header.Get("Location"))
			}
			for _, bad := range []string{"guess", code + "a", "b" + code, code[:len(code)-1], strings.Repeat("a", 200)} {
				s.request("GET", "/r/"+bad, "").is(t, 404).contains(t, "<html")
			}
		})
		a := s.request("GET", "/r/"+code+"?to=https://evil.example", "").is(t, 302)
		if a.Header.Get("Location") != v.URL || a.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("the link leads to %q, cached as %q", a.Header.Get("Location"), a.Header.Get("Cache-Control"))
		}
		if got, err := s.store.Clicks(ctx, k.ID); err != nil || len(got) != 1 {
			t.Errorf("%d clicks were counted, want 1: %v", len(got), err)
		}
		s.addPage(pageID, func(p *models.Page) { p.Settings.CountOrders = true })
		s.clock.Advance(time.Second)
		for _, method := range []string{"HEAD", "GET"} {
			if a := s.request(method, "/r/"+code, "").is(t, 302); a.Header.Get("Location") != v.URL+"?bentornato="+code {
				t.Errorf("on a Page that counts orders %s leads to %q", method, a.Header.Get("Location"))
			}
		}
		if strings.Contains(s.logs.String(), code) {
			t.Error("the log holds the link's code")
		}
		if r, err := s.store.Restock(ctx, open.ID); err != nil || r.Clicks != 0 {
			t.Errorf("a restock that did not send the notification counts %d clicks: %v", r.Clicks, err)
		}
	})
}

func TestShop(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		v := s.product(pageID, "MUG", 0)
		s.product(pageID, "CUP", 3)
		s.addPage(otherPage, func(p *models.Page) { p.Settings.PublicList = true })
		s.product(otherPage, "ELSEWHERE", 1)
		s.request("GET", "/shop/"+pageID, "").is(t, 404)
		s.request("GET", "/shop/404", "").is(t, 404)
		s.addPage(pageID, func(p *models.Page) { p.Settings.PublicList = true })
		a := s.request("GET", "/shop/"+pageID, "", header("Accept-Language", "en")).is(t, 200)
		a.contains(t, "Tazza MUG", "Tazza CUP", "https://m.me/"+pageID+"?ref="+v.Ref, "Esaurito", `lang="it"`)
		if strings.Contains(a.body, "ELSEWHERE") {
			t.Error("the list shows another Page's products")
		}
		if got := a.Header.Values("Vary"); len(got) != 1 || got[0] != "Accept-Encoding" {
			t.Errorf("the public list varies by %v", got)
		}
		if a.Header.Get("Set-Cookie") != "" || !strings.HasPrefix(a.Header.Get("Cache-Control"), "public") {
			t.Errorf("the public list sets %q and is cached as %q", a.Header.Get("Set-Cookie"), a.Header.Get("Cache-Control"))
		}
		if a := s.request("GET", "/shop/"+pageID+"?q=cup", "").is(t, 200); strings.Contains(a.body, "Tazza MUG") || !strings.Contains(a.body, "Tazza CUP") {
			t.Error("the search does not narrow the list")
		}
		s.request("GET", "/shop/"+pageID+"?cursor=guess", "").is(t, 400)
	})
}

func TestProbes(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		for _, method := range []string{"GET", "HEAD"} {
			s.request(method, "/healthz", "").is(t, 200)
			s.request(method, "/readyz", "").is(t, 200)
		}
		s.server.Drain()
		p := s.request("GET", "/readyz", "").problem(t, 503)
		if !strings.Contains(p["detail"].(string), "stopping") {
			t.Errorf("the reason is %v", p["detail"])
		}
		s.request("GET", "/healthz", "").is(t, 200)
	})
}

// gone is a database that does not answer.
type gone struct{ web.Reader }

func (gone) Ping(context.Context) error {
	return models.Errorf(models.KindUnavailable, "The database does not answer.")
}

// old is one that waits for its migrations.
type old struct{ web.Reader }

func (old) CheckSchema(context.Context) error {
	return models.Errorf(models.KindConflict, "The database's schema is too new.")
}

func TestReadyWithoutDatabase(t *testing.T) {
	for name, change := range map[string]func(*web.Config){
		"does not answer": func(c *web.Config) { c.Reader = gone{c.Reader} },
		"too new":         func(c *web.Config) { c.Reader = old{c.Reader} },
	} {
		s := newSite(t, storetest.SQLiteURL(t), change)
		if p := s.request("GET", "/readyz", "").problem(t, 503); !strings.Contains(p["detail"].(string), name) {
			t.Errorf("the reason is %v, want %q in it", p["detail"], name)
		}
	}
}

func TestMetrics(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.token(s.product(pageID, "MUG", 0), "2001")
		s.call("GET", "/products/MUG", "").is(t, 200)
		here := func(r *http.Request) { r.RemoteAddr = "127.0.0.1:9999" }
		s.request("GET", "/metrics", "").problem(t, 401)
		s.request("GET", "/metrics", "", here, header("X-Forwarded-For", "203.0.113.9")).problem(t, 401)
		s.request("GET", "/metrics", "", header("X-Forwarded-For", "127.0.0.1")).problem(t, 401)
		s.request("GET", "/metrics", "", bearer(s.key)).is(t, 200)
		a := s.request("GET", "/metrics", "", here).is(t, 200)
		a.contains(t, `bentornato_tokens{state="waiting"} 1`, `bentornato_tokens{state="sent"} 0`, "bentornato_ingest_queue 0", "bentornato_database_up 1",
			`bentornato_http_request_duration_seconds_count{method="GET",route="/api/v1/products/:sku",status="200"} 1`)
		if strings.Contains(a.body, "MUG") {
			t.Error("the metrics hold a path")
		}
	})
}

func TestSecurityHeaders(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		for _, path := range []string{"/login", "/healthz", "/api/v1/stats", "/nothing", "/static/nothing"} {
			a := s.request("GET", path, "")
			for name, want := range map[string]string{"X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin", "Strict-Transport-Security": "max-age=31536000",
				"Content-Security-Policy": "default-src 'self'; img-src 'self' https: data:; object-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"} {
				if got := a.Header.Get(name); got != want {
					t.Errorf("%s of %s is %q, want %q", name, path, got, want)
				}
			}
			if len(a.Header.Get("X-Request-Id")) < 10 {
				t.Errorf("%s has no request id", path)
			}
		}
		a := s.request("GET", "/login", "", header("X-Request-Id", "mine"))
		if a.Header.Get("X-Request-Id") == "mine" {
			t.Error("somebody else names our requests")
		}
	})
}

func TestPlainHTTPHasNoHSTS(t *testing.T) {
	s := newSite(t, storetest.SQLiteURL(t), func(c *web.Config) { c.BaseURL = "http://127.0.0.1:8080"; c.Demo = &web.Demo{} })
	a := s.request("GET", "/login", "")
	if got := a.Header.Get("Strict-Transport-Security"); got != "" {
		t.Errorf("HSTS over plain http: %q", got)
	}
	if !strings.Contains(a.Header.Get("Content-Security-Policy"), "http:") {
		t.Error("the demo's pictures are shut out")
	}
}

func TestErrorPages(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		a := s.request("GET", "/nothing/here", "", header("Accept-Language", "it-IT,it;q=0.9,en;q=0.8")).is(t, 404)
		if !strings.HasPrefix(a.Header.Get("Content-Type"), "text/html") {
			t.Errorf("a person reads %s", a.Header.Get("Content-Type"))
		}
		a.contains(t, `lang="it"`)
		if got := s.request("DELETE", "/login", "").is(t, 405).Header.Get("Allow"); !strings.Contains(got, "POST") {
			t.Errorf("405 allows %q", got)
		}
		if got := s.request("HEAD", "/nothing", ""); got.StatusCode != 404 || got.body != "" {
			t.Errorf("HEAD answers %d %q", got.StatusCode, got.body)
		}
	})
}

// broken panics and fails where others read.
type broken struct{ web.Reader }

func (broken) Stats(context.Context, string) (models.Stats, error) { panic("at the disco") }
func (broken) Token(context.Context, int64) (models.Token, error) {
	return models.Token{}, models.Errorf(models.KindInternal, "The database refused the words of a person.")
}

func TestInternalErrors(t *testing.T) {
	s := newSite(t, storetest.SQLiteURL(t), func(c *web.Config) { c.Reader = broken{c.Reader} })
	for _, path := range []string{"/stats", "/tokens/1"} {
		a := s.call("GET", path, "")
		p := a.problem(t, 500)
		if strings.Contains(a.body, "disco") || strings.Contains(a.body, "refused") {
			t.Errorf("the answer tells what happened inside: %s", a.body)
		}
		id := strings.TrimPrefix(p["instance"].(string), "urn:bentornato:request:")
		if id == "" || !strings.Contains(s.logs.String(), id) {
			t.Errorf("the log does not have the failure's id %q", id)
		}
	}
	if !strings.Contains(s.logs.String(), "at the disco") {
		t.Error("the log does not say what happened")
	}
}
