package restock_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"bentornato/models"
	"bentornato/models/store"
)

// TestAskOnce never asks the same contact twice for the same variant, until the request is seven days old and the person
// shows interest again (rule 3.5).
func TestAskOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		v := w.product("TAZZA", "Tazza Alba", 0)
		asked := func(what string, want int) []models.Outgoing {
			t.Helper()
			w.receive(models.Event{Kind: models.EventReferral, PSID: "p1", Ref: v.Ref})
			out := requests(w.deliver())
			if len(out) != want {
				t.Errorf("%s: asked %d times, want %d", what, len(out), want)
			}
			return out
		}
		asked("at first", 1)
		asked("again", 0)
		w.clock.Advance(6 * 24 * time.Hour)
		asked("after six days", 0)
		w.clock.Advance(25 * time.Hour)
		w.must(w.store.Tidy(w.ctx))
		if out := w.deliver(); len(out) != 0 {
			t.Errorf("asked without new interest: %+v", out)
		}
		out := asked("after seven days", 1)
		w.taps("p1", out[0], "token-1")
		asked("while a token lives", 0)
		w.clock.Advance(8 * 24 * time.Hour)
		asked("while it still lives", 0)
		w.stock(v, 1)
		w.deliver()
		w.stock(v, 0)
		asked("once the token is spent", 1)
		w.sound()
	})
}

// TestAskRace asks one contact about one variant from sixteen goroutines at once, for sell-outs and for words of interest:
// one request.
func TestAskRace(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		v := w.product("TAZZA", "Tazza Alba", 5)
		w.receive(models.Event{Kind: models.EventReferral, PSID: "p1", Ref: v.Ref})
		w.deliver()
		for range 8 {
			w.stock(v, 0)
			w.stock(v, 5)
		}
		w.stock(v, 0)
		w.must(w.store.Update(w.ctx, func(tx *store.Tx) error {
			for n := range 8 {
				e := models.Event{Kind: models.EventReferral, PageID: pageID, PSID: "p1", Ref: v.Ref, At: tx.Now(), Key: fmt.Sprint("again/", n)}
				if err := tx.SaveInbound([]models.Event{e}); err != nil {
					return err
				}
			}
			return nil
		}))
		var all sync.WaitGroup
		for n := range 16 {
			all.Go(func() {
				work := w.service.Apply
				if n%2 == 0 {
					work = w.service.AskSoldOut
				}
				for more := true; more; {
					var err error
					if more, err = work(w.ctx); err != nil {
						t.Error(err)
						return
					}
				}
			})
		}
		all.Wait()
		w.apply()
		w.ask()
		if out := requests(w.deliver()); len(out) != 1 || w.stats().Requests != 1 {
			t.Errorf("asked %d times, and %d requests are counted; want one", len(out), w.stats().Requests)
		}
		w.sound()
	})
}

// TestRequestCard is short, opaque and in the person's language (rules 3.4 and 3.6).
func TestRequestCard(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		v := w.listing(models.Variant{SKU: "SKU-GEHEIM-1", Title: "Lampada da tavolo in ottone anticato con paralume di lino cucito a mano", Option: "grande"}, 0)
		w.says("p1", "ciao")
		w.must(w.store.Update(w.ctx, func(tx *store.Tx) error { return tx.SaveProfile(w.contact("p1").ID, "Ada", "en_GB") }))
		w.page(models.PageSettings{RequestTitle: map[string]string{"en": "Shall we write when {product} {variant} is back?"}})
		w.receive(models.Event{Kind: models.EventReferral, PSID: "p1", Ref: v.Ref})
		w.receive(models.Event{Kind: models.EventReferral, PSID: "p2", Ref: v.Ref})
		out := requests(w.deliver())
		if len(out) != 2 {
			t.Fatalf("asked %d times, want 2", len(out))
		}
		payloads := map[string]bool{}
		for _, o := range out {
			card := o.Content.Request
			if n := len([]rune(card.Title)); n == 0 || n > models.MaxRequestTitle {
				t.Errorf("the title %q has %d characters", card.Title, n)
			}
			if strings.Contains(card.Payload, "GEHEIM") || strings.Contains(card.Payload, o.Recipient.PSID) || payloads[card.Payload] {
				t.Errorf("the payload %q is not opaque, or not its own", card.Payload)
			}
			payloads[card.Payload] = true
		}
		if !strings.HasPrefix(out[0].Content.Request.Title, "Shall we write when Lampada") || !strings.HasPrefix(out[1].Content.Request.Title, "Ti avviso quando torna Lampada") {
			t.Errorf("titles %q and %q", out[0].Content.Request.Title, out[1].Content.Request.Title)
		}
	})
}

// TestOptIn stores a token once, against contact and variant (rules 4.1 and 4.2).
func TestOptIn(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		v := w.product("TAZZA", "Tazza Alba", 0)
		w.receive(models.Event{Kind: models.EventReferral, PSID: "p1", Ref: v.Ref})
		request := requests(w.deliver())[0]
		tapped := w.clock.Now().Add(-time.Minute).Truncate(time.Millisecond)
		for n := range 3 {
			w.receive(models.Event{Kind: models.EventOptIn, PSID: "p1", Payload: request.Content.Request.Payload, Token: "the-token", At: tapped, Key: fmt.Sprint("tap/", n)})
		}
		list, _, err := w.store.Tokens(w.ctx, models.TokenQuery{Limit: 10}, w.clock.Now())
		w.must(err)
		if len(list) != 1 {
			t.Fatalf("%d tokens are stored, want 1", len(list))
		}
		k := list[0]
		if k.VariantID != v.ID || k.ContactID != w.contact("p1").ID || k.State != models.TokenWaiting || !k.GrantedAt.Equal(tapped) || !k.ExpiresAt.Equal(tapped.Add(models.TokenLife)) {
			t.Errorf("the token is %+v", k.Token)
		}
		if k.Why != models.WaitSoldOut {
			t.Errorf("it waits for %q", k.Why)
		}
		if asked, err := w.store.Requests(w.ctx, k.ContactID, 10); err != nil || len(asked) != 1 || asked[0].State != models.RequestAnswered {
			t.Errorf("the request is %+v, error %v", asked, err)
		}
		w.receive(models.Event{Kind: models.EventOptIn, PSID: "p1", Payload: request.Content.Request.Payload}) // without a token
		w.receive(models.Event{Kind: models.EventOptIn, PSID: "p2", Payload: "bn:r:old", Token: "over", At: w.clock.Now().Add(-models.TokenLife - time.Second)})
		if s := w.stats(); s.Tokens[models.TokenWaiting] != 1 || s.Tokens[models.TokenExpired] != 1 {
			t.Errorf("states %v, want one waiting and one that came too late", s.Tokens)
		}
		w.sound()
	})
}

// TestUnassigned keeps a token whose payload is unknown until the merchant says what it is for; it is spent then.
func TestUnassigned(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		gone, there := w.product("TAZZA", "Tazza Alba", 0), w.product("PIATTO", "Piatto Luna", 3)
		for i, payload := range []string{"another-tool", "", "bn:r:FORGOTTEN"} {
			w.receive(models.Event{Kind: models.EventOptIn, PSID: fmt.Sprint("p", i), Payload: payload, Token: fmt.Sprint("token-", i)})
		}
		list, _, err := w.store.Tokens(w.ctx, models.TokenQuery{Unassigned: true, Limit: 10}, w.clock.Now())
		w.must(err)
		if len(list) != 3 {
			t.Fatalf("%d tokens are unassigned, want 3", len(list))
		}
		for _, k := range list {
			if k.Why != models.WaitUnassigned || k.Reason != models.TokenUnassigned || k.State != models.TokenWaiting {
				t.Errorf("token %d is %s for %q and waits for %q", k.ID, k.State, k.Reason, k.Why)
			}
		}
		if out := w.deliver(); len(out) != 0 {
			t.Errorf("an unassigned token was spent: %+v", out)
		}
		w.must(w.service.AssignToken(w.ctx, list[0].ID, gone.ID))
		w.must(w.service.AssignToken(w.ctx, list[1].ID, there.ID))
		if err := w.service.AssignToken(w.ctx, list[1].ID, gone.ID); models.KindOf(err) != models.KindConflict {
			t.Errorf("assigned twice: %v", err)
		}
		if out := kinds(w.deliver()); out[models.SendNotification] != 1 {
			t.Errorf("sent %v, want the notification of what is there", out)
		}
		w.stock(gone, 1)
		if out := kinds(w.deliver()); out[models.SendNotification] != 1 {
			t.Errorf("sent %v, want the notification of what came back", out)
		}
		w.sound()
	})
}

// TestSecrets looks for tokens and access tokens in every table and in the log (rule 4.4).
func TestSecrets(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		v := w.product("TAZZA", "Tazza Alba", 0)
		w.holder("p1", v)
		w.holder("p2", v)
		w.receive(models.Event{Kind: models.EventOptIn, PSID: "p3", Payload: "unknown", Token: "token-of-p3-unassigned"})
		source, err := w.service.AddSource(w.ctx, models.Source{Kind: "generic", Name: "Till"}, "whsec_very_secret")
		w.must(err)
		w.must(w.service.RotateSecret(w.ctx, source.ID, "whsec_newer_secret"))
		key, err := w.service.AddKey(w.ctx, "script", models.RoleOwner, "")
		w.must(err)
		w.platform.answer = func(o models.Outgoing) models.Answer {
			if strings.Contains(o.Recipient.Token, "p2") {
				return models.Answer{Outcome: models.OutcomeUnknown}
			}
			return models.Answer{Outcome: models.OutcomeSent, MessageID: "m_1"}
		}
		w.stock(v, 5)
		if out := kinds(w.deliver()); out[models.SendNotification] != 2 {
			t.Fatalf("sent %v, want two notifications", out)
		}
		dump, logs := w.dump(), w.logs.String()
		if !strings.Contains(dump, "Tazza Alba") || !strings.Contains(dump, source.ID) {
			t.Fatal("the dump holds nothing")
		}
		for _, secret := range []string{"token-of-", "page-token", "whsec_", key} {
			if strings.Contains(dump, secret) {
				t.Errorf("%q is in the database in clear", secret)
			}
			if strings.Contains(logs, secret) {
				t.Errorf("%q is in the log", secret)
			}
		}
		w.sound()
	})
}
