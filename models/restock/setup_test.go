package restock_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"bentornato/models"
	"bentornato/models/restock"
	"bentornato/models/store"
)

// A Page's greeting and menu keep to the platform's limits in every language, and always offer the way out.
func TestSetup(t *testing.T) {
	for _, locale := range []string{"en", "it"} {
		s := restock.Setup(models.Page{Locale: locale})
		if s.GetStarted == "" || len(s.Greetings) != len(s.Menu) || s.Greetings[0].Locale != "default" {
			t.Errorf("%s: %+v", locale, s)
		}
		for i, g := range s.Greetings {
			if n := utf8.RuneCountInString(g.Text); n == 0 || n > models.MaxGreeting {
				t.Errorf("%s: a greeting of %d characters", g.Locale, n)
			}
			if !slices.ContainsFunc(s.Menu[i].Buttons, func(b models.Button) bool { return b.Payload == "bn:stop" }) {
				t.Errorf("%s: no way out", g.Locale)
			}
			for _, b := range s.Menu[i].Buttons {
				if n := utf8.RuneCountInString(b.Title); n == 0 || n > models.MaxMenuTitle {
					t.Errorf("%s: %q has %d characters", g.Locale, b.Title, n)
				}
			}
		}
	}
	if it, en := restock.Setup(models.Page{Locale: "it"}), restock.Setup(models.Page{Locale: "en"}); it.Greetings[0].Text == en.Greetings[0].Text {
		t.Error("the Page's language does not decide for phones of other languages")
	}
}

// desk is the platform's side of a Page.
type desk struct {
	health models.PageHealth
	put    int
	fails  error
}

func (d *desk) Examine(_ context.Context, page, _ string, now time.Time) models.PageHealth {
	h := d.health
	h.PageID, h.CheckedAt = page, now
	return h
}

func (d *desk) SetUp(context.Context, string, string, models.PageSetup, func(string)) error {
	return d.fails
}

func (d *desk) TearDown(context.Context, string, string) error { return d.fails }

func (d *desk) Resubscribe(context.Context, string, string) error {
	d.put++
	return d.fails
}

// Webhooks that Meta took off are put back, where they were put from here; and it is remembered.
func TestCheckPages(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		d := &desk{health: models.PageHealth{MissingFields: []string{"messages", "feed"}, Scopes: []string{"pages_messaging"}}}
		service := w.serviceWith(d)
		w.must(w.store.Update(w.ctx, func(tx *store.Tx) error {
			p, err := tx.Page(w.ctx, pageID)
			if err != nil {
				return err
			}
			return tx.SavePage(p, "EAApage")
		}))
		check := func() models.PageHealth {
			t.Helper()
			h, err := service.CheckPage(w.ctx, pageID)
			w.must(err)
			return h
		}
		if h := check(); d.put != 0 || len(h.MissingFields) != 2 {
			t.Errorf("a Page set up elsewhere: put back %d times, %+v", d.put, h)
		}
		d.fails = models.Errorf(models.KindForbidden, "No.")
		if err := service.SetUpPage(w.ctx, pageID); err == nil {
			t.Error("a set-up that was refused passed for one")
		}
		if h := check(); !h.ConnectedAt.IsZero() {
			t.Error("a set-up that was refused is remembered as one")
		}
		d.fails, d.put = nil, -1 // setting up looks at the Page once
		page, err := w.store.Page(w.ctx, pageID)
		w.must(err)
		w.must(service.ConnectPage(w.ctx, page, "EAAnew", "10150"))
		if h := check(); d.put != 1 || len(h.MissingFields) != 0 || !slices.Contains(h.Troubles(w.clock.Now()), models.HealthResubscribed) {
			t.Errorf("put back %d times, %+v", d.put, h)
		}
		d.fails = models.Errorf(models.KindForbidden, "No.")
		if h := check(); h.Problem != "No." || len(h.Scopes) != 1 {
			t.Errorf("refused, %+v", h)
		}
		d.health, d.fails = models.PageHealth{Problem: "Facebook did not answer."}, nil
		if h := check(); h.Problem == "" || len(h.Scopes) != 1 {
			t.Errorf("a look that came to nothing lost what was known: %+v", h)
		}
		d.health = models.PageHealth{}
		check()
		if again, err := service.CheckPages(w.ctx); err != nil || again {
			t.Errorf("looked at twice in a moment: %t, %v", again, err)
		}
		w.says("p1", "ciao")
		w.clock.Advance(models.HealthInterval)
		if again, err := service.CheckPages(w.ctx); err != nil || !again {
			t.Errorf("not looked at when it was due: %t, %v", again, err)
		}
		h, err := w.store.PageHealth(w.ctx, pageID)
		w.must(err)
		if h.LastEventAt.IsZero() || w.clock.Now().Sub(h.CheckedAt) > time.Minute {
			t.Errorf("%+v at %s", h, w.clock.Now())
		}
		if n, err := service.Deauthorize(w.ctx, "somebody else"); n != 0 || err != nil {
			t.Errorf("%d Pages paused for somebody else, %v", n, err)
		}
		if n, err := service.Deauthorize(w.ctx, "10150"); n != 1 || err != nil {
			t.Errorf("%d Pages paused, %v", n, err)
		}
		if p, err := w.store.Page(w.ctx, pageID); err != nil || p.PauseReason != models.PauseTokenInvalid {
			t.Errorf("%+v, %v", p, err)
		}
		w.must(service.SavePage(w.ctx, page, "EAAagain"))
		w.must(service.DisconnectPage(w.ctx, pageID))
		if n, err := service.Deauthorize(w.ctx, "10150"); n != 0 || err != nil {
			t.Errorf("%d Pages paused after they were disconnected, %v", n, err)
		}
		if p, err := w.store.Page(w.ctx, pageID); err != nil || p.State != models.PagePaused {
			t.Errorf("%+v, %v", p, err)
		}
	})
}

// A person who asks in the chat to be forgotten is asked once more, told that it is done, and forgotten.
func TestForgetInTheChat(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		cup := w.product("TAZZA", "Tazza", 0)
		w.holder("p1", cup)
		w.says("p1", "Buongiorno, cancellate i miei dati per favore!")
		out := w.deliver()
		if len(out) != 1 || len(out[0].Content.Buttons) != 2 {
			t.Fatalf("%+v", out)
		}
		yes, no := out[0].Content.Buttons[0].Payload, out[0].Content.Buttons[1].Payload
		w.receive(models.Event{Kind: models.EventPostback, PSID: "p1", MID: "t1", Payload: no})
		if out := w.deliver(); len(out) != 0 || w.tokens(models.TokenWaiting) != 1 {
			t.Errorf("who said no got %+v", out)
		}
		w.receive(models.Event{Kind: models.EventPostback, PSID: "p1", MID: "t2", Payload: yes})
		w.receive(models.Event{Kind: models.EventPostback, PSID: "p1", MID: "t3", Payload: yes})
		out = w.deliver()
		if len(out) != 1 || !strings.Contains(out[0].Content.Text, "/data-deletion/") || w.tokens(models.TokenWithdrawn) != 1 {
			t.Fatalf("%+v", out)
		}
		code := out[0].Content.Text[strings.LastIndex(out[0].Content.Text, "/")+1:]
		if e, err := w.store.Erasure(w.ctx, code); err != nil || !e.DoneAt.IsZero() {
			t.Errorf("%+v, %v", e, err)
		}
		if _, err := w.service.EraseAsked(w.ctx); err != nil || w.contact("p1").ID == 0 {
			t.Errorf("erased before it was told: %v", err)
		}
		w.clock.Advance(time.Minute)
		_, err := w.service.EraseAsked(w.ctx)
		w.must(err)
		if _, err := w.store.ContactByPSID(w.ctx, pageID, "p1"); models.KindOf(err) != models.KindNotFound {
			t.Errorf("still known: %v", err)
		}
		if e, err := w.store.Erasure(w.ctx, code); err != nil || e.DoneAt.IsZero() {
			t.Errorf("%+v, %v", e, err)
		}
		w.says("p2", "vorrei che i miei dati di spedizione fossero cambiati")
		if out := w.deliver(); len(out) != 0 {
			t.Errorf("another sentence got %+v", out)
		}
		w.sound()
	})
}
