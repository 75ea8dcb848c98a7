package web_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"bentornato/models"
	"bentornato/web"
	"bentornato/web/messenger"
)

func TestMessengerVerification(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		const path = "/webhooks/messenger?"
		a := s.request("GET", path+values("hub.mode", "subscribe", "hub.verify_token", verifyToken, "hub.challenge", "1158<b>201444"), "").is(t, 200)
		if a.body != "1158<b>201444" || !strings.HasPrefix(a.Header.Get("Content-Type"), "text/plain") {
			t.Errorf("the challenge came back as %q, %s", a.body, a.Header.Get("Content-Type"))
		}
		for name, query := range map[string]string{
			"wrong token":   values("hub.mode", "subscribe", "hub.verify_token", "guess", "hub.challenge", "1"),
			"empty token":   values("hub.mode", "subscribe", "hub.verify_token", "", "hub.challenge", "1"),
			"no token":      values("hub.mode", "subscribe", "hub.challenge", "1"),
			"other mode":    values("hub.mode", "unsubscribe", "hub.verify_token", verifyToken, "hub.challenge", "1"),
			"no challenge":  values("hub.mode", "subscribe", "hub.verify_token", verifyToken),
			"no parameters": "",
		} {
			t.Run(name, func(t *testing.T) { s.request("GET", path+query, "").problem(t, 403) })
		}
	})
}

func TestMessengerVerificationWithoutToken(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		query := values("hub.mode", "subscribe", "hub.verify_token", "", "hub.challenge", "1")
		s.request("GET", "/webhooks/messenger?"+query, "").problem(t, 403)
	}, func(c *web.Config) { c.VerifyToken = "" })
}

func hello(page, mid string) string {
	return `{"object":"page","entry":[{"id":"` + page + `","time":1795341600000,"messaging":[{"sender":{"id":"2001"},"recipient":{"id":"` + page +
		`"},"timestamp":1795341600000,"message":{"mid":"` + mid + `","text":"ciao"}}]}]}`
}

func (s *site) inbound() int {
	s.t.Helper()
	var n int
	s.must(s.db.QueryRow("SELECT COUNT(*) FROM inbound_events").Scan(&n))
	return n
}

func TestMessengerWebhook(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		body := hello(pageID, "m1")
		for range 2 { // delivered again it changes nothing
			s.request("POST", "/webhooks/messenger", body, signed(body)).is(t, 200)
			if n := s.inbound(); n != 1 {
				t.Fatalf("%d events on disk once the answer is there, want 1", n)
			}
		}
		if s.wakes.woken.Load() == 0 {
			t.Error("nobody was told that there is something to apply")
		}
		if _, err := s.work.Apply(context.Background()); err != nil {
			t.Fatal(err)
		}
		c, err := s.store.ContactByPSID(context.Background(), pageID, "2001")
		if err != nil || c.WindowUntil().IsZero() {
			t.Errorf("the message opened no window: %v", err)
		}

		unknown := hello("999", "m2")
		s.request("POST", "/webhooks/messenger", unknown, signed(unknown)).is(t, 200)
		if n := s.inbound(); n != 2 {
			t.Errorf("the event of an unknown Page was not kept: %d events", n)
		}
		strange := `{"object":"page","entry":[{"id":"` + pageID + `","time":1,"messaging":[{"what":"is this"}]}]}`
		s.request("POST", "/webhooks/messenger", strange, signed(strange)).is(t, 200)
		if n := s.inbound(); n != 3 {
			t.Errorf("an event of an unknown kind was not kept: %d events", n)
		}
	})
}

func TestMessengerWebhookRefuses(t *testing.T) {
	good, big := hello(pageID, "m1"), `{"object":"page","entry":[],"pad":"`+strings.Repeat("x", 4<<20)+`"}`
	justBig := `{"object":"page","entry":[],"pad":"` + strings.Repeat("x", 4<<20-37) + `"}`
	other := `{"object":"instagram","entry":[]}`
	each(t, func(t *testing.T, s *site) {
		for _, test := range []struct {
			name   string
			body   string
			sign   func(*http.Request)
			status int
		}{
			{"no signature", good, func(*http.Request) {}, 401},
			{"another body's signature", good, signed(good + " "), 401},
			{"another secret's", good, header(messenger.SignatureHeader, messenger.Sign("guess", []byte(good))), 401},
			{"an empty secret's", good, header(messenger.SignatureHeader, messenger.Sign("", []byte(good))), 401},
			{"SHA-1 only", good, header("X-Hub-Signature", "sha1=0000000000000000000000000000000000000000"), 401},
			{"no JSON and no signature", "{", func(*http.Request) {}, 401},
			{"no JSON", "{", signed("{"), 400},
			{"empty", "", signed(""), 400},
			{"another object", other, signed(other), 404},
			{"no object", `{"entry":[]}`, signed(`{"entry":[]}`), 400},
			{"over 4 MiB", big, signed(big), 413},
			{"over 4 MiB and not signed", big, func(*http.Request) {}, 413},
			{"over 4 MiB of unknown length", big, func(r *http.Request) { r.ContentLength = -1; signed(big)(r) }, 413},
		} {
			t.Run(test.name, func(t *testing.T) {
				s.unchanged(func() { s.request("POST", "/webhooks/messenger", test.body, test.sign).problem(t, test.status) })
			})
		}
		if len(justBig) != 4<<20 {
			t.Fatalf("the body has %d bytes, want 4 MiB", len(justBig))
		}
		s.request("POST", "/webhooks/messenger", justBig, signed(justBig)).is(t, 200)
		if logs := s.logs.String(); strings.Contains(logs, "ciao") || strings.Contains(logs, appSecret) {
			t.Error("the log holds people's words or the secret")
		}
	})
}

func TestMessengerWebhookWithoutSecret(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		body := hello(pageID, "m1")
		s.unchanged(func() {
			s.request("POST", "/webhooks/messenger", body, header(messenger.SignatureHeader, messenger.Sign("", []byte(body)))).problem(t, 401)
		})
	}, func(c *web.Config) { c.AppSecret = "" })
}

// full is an ingester with no room.
type full struct{}

func (full) Ingest(context.Context, []models.Event) error {
	return models.Errorf(models.KindUnavailable, "Too many webhooks at once; send it again in a moment.")
}
func (full) Queued() int { return 8192 }

func TestMessengerWebhookOverload(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		body := hello(pageID, "m1")
		s.unchanged(func() {
			a := s.request("POST", "/webhooks/messenger", body, signed(body))
			a.problem(t, 503)
			if a.Header.Get("Retry-After") == "" {
				t.Error("the answer does not say when to try again")
			}
		})
	}, func(c *web.Config) { c.Ingester = full{} })
}
