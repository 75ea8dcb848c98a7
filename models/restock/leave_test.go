package restock_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"bentornato/models"
	"bentornato/models/store"
)

// TestStop withdraws the person's tokens, confirms it inside the window, and asks nothing more until the person comes
// back (rule 7.3).
func TestStop(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		cup, dish := w.product("TAZZA", "Tazza", 0), w.product("PIATTO", "Piatto", 4)
		w.holder("p1", cup)
		w.holder("p2", cup)
		w.clock.Advance(time.Minute)
		w.receive(models.Event{Kind: models.EventReferral, PSID: "p1", Ref: dish.Ref})
		w.deliver()
		w.receive(models.Event{Kind: models.EventReferral, PSID: "p3", Ref: cup.Ref}) // a request is queued
		for psid, word := range map[string]string{"p1": "Basta!", "p3": "stop"} {
			w.clock.Advance(time.Second)
			w.says(psid, word)
		}
		out := w.deliver()
		if n := kinds(out); n[models.SendReply] != 2 || n[models.SendRequest] != 0 {
			t.Errorf("sent %v, want two confirmations and no request", n)
		}
		if s := w.stats(); s.Tokens[models.TokenWithdrawn] != 1 || s.Tokens[models.TokenWaiting] != 1 {
			t.Errorf("states %v", s.Tokens)
		}
		w.stock(dish, 0)
		w.ask()
		if out := w.deliver(); len(out) != 0 {
			t.Errorf("asked %+v after stop", out)
		}
		w.stock(cup, 5)
		if n := w.notified(); n != 1 {
			t.Errorf("%d were notified, want the one who did not write stop", n)
		}
		// A tap from before the stop arrives after it.
		asked, err := w.store.Requests(w.ctx, w.contact("p1").ID, 1)
		w.must(err)
		w.receive(models.Event{Kind: models.EventOptIn, PSID: "p1", Payload: asked[0].Payload, Token: "late", At: w.contact("p1").StoppedAt.Add(-time.Second)})
		if n := w.notified(); n != 0 || w.tokens(models.TokenWithdrawn) != 2 {
			t.Errorf("%d were notified by a tap from before the stop", n)
		}
		// Asking about something is coming back.
		w.clock.Advance(time.Minute)
		w.receive(models.Event{Kind: models.EventReferral, PSID: "p1", Ref: dish.Ref})
		if out := requests(w.deliver()); len(out) != 1 {
			t.Errorf("%d requests to the one who came back, want 1", len(out))
		}
		// A stop that arrives when the window is over is heeded and not confirmed.
		w.receive(models.Event{Kind: models.EventMessage, PSID: "p4", Text: "cancella", At: w.clock.Now().Add(-25 * time.Hour)})
		if out := w.deliver(); len(out) != 0 || w.contact("p4").StoppedAt.IsZero() {
			t.Errorf("sent %+v outside the window", out)
		}
		w.says("p5", "non voglio smettere di comprare, basta che ci sia la tazza")
		if !w.contact("p5").StoppedAt.IsZero() {
			t.Error("a sentence that holds the word is taken for a wish to be left alone")
		}
		w.sound()
	})
}

// TestErase leaves nothing of a person, in any table, and nothing brings the person back but the person (rule 7.4).
func TestErase(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		const psid = "24987654321"
		cup, dish := w.product("TAZZA", "Tazza Alba", 0), w.product("PIATTO", "Piatto Luna", 0)
		w.holder(psid, cup)
		w.says(psid, "Sono Ermenegilda, via Garibaldi 7")
		w.receive(models.Event{Kind: models.EventMessage, PSID: psid, MID: "mid.photo", Attached: []models.AttachmentKind{models.AttachmentVideo}})
		w.receive(models.Event{Kind: models.EventPostback, PSID: psid, MID: "mid.tap", Text: "Menu di Ermenegilda", Payload: "MENU"})
		w.receive(models.Event{Kind: models.EventEcho, PSID: psid, MID: "m_inbox", Text: "Signora Ermenegilda!", At: w.clock.Now().Add(time.Minute)})
		w.receive(models.Event{Kind: models.EventComment, PSID: psid, CommentID: "c1", Text: "piatto luna per Ermenegilda", FromName: "Ermenegilda"})
		w.receive(models.Event{Kind: models.EventReferral, PSID: psid, Ref: dish.Ref})
		contact := w.contact(psid)
		w.must(w.store.Update(w.ctx, func(tx *store.Tx) error { return tx.SaveProfile(contact.ID, "Ermenegilda Bianchi", "it_IT") }))
		w.must(w.service.Reply(w.ctx, contact.ID, 1, "Cara Ermenegilda, eccoci."))
		w.deliver()
		w.stock(cup, 5)
		claimed, err := w.store.Claim(w.ctx, store.ClaimQuery{PageID: pageID, Horizon: time.Hour, Lease: 30 * time.Second, Max: 9})
		w.must(err)
		if len(claimed.Tokens) != 1 {
			t.Fatalf("claimed %d tokens, want 1", len(claimed.Tokens))
		}
		waiting := models.Event{Kind: models.EventMessage, PageID: pageID, PSID: psid, Key: "waits", Text: "Ermenegilda ancora", At: w.clock.Now()}
		w.must(w.store.Update(w.ctx, func(tx *store.Tx) error { return tx.SaveInbound([]models.Event{waiting}) }))
		dossier, err := w.store.Dossier(w.ctx, contact, w.clock.Now())
		w.must(err)
		if len(dossier.Messages) < 5 || len(dossier.Interests) != 3 || len(dossier.Requests) != 2 || len(dossier.Tokens) != 1 || len(dossier.Tokens[0].Attempts) != 1 {
			t.Errorf("the dossier holds %d messages, %d interests, %d requests, %d tokens", len(dossier.Messages), len(dossier.Interests), len(dossier.Requests), len(dossier.Tokens))
		}

		code, err := w.service.EraseContact(w.ctx, pageID, psid)
		w.must(err)
		clean := func(when string) {
			t.Helper()
			for row := range strings.Lines(w.dump()) {
				for _, trace := range []string{psid, "rmenegild", "aribald", "Bianchi", "bianch", "it_IT", "video"} {
					if strings.Contains(row, trace) {
						t.Errorf("%s: %q is left in %q", when, trace, strings.TrimSpace(row))
					}
				}
			}
		}
		clean("at once")
		if e, err := w.store.Erasure(w.ctx, code); err != nil || e.Contacts != 1 || e.DoneAt.IsZero() {
			t.Errorf("the public status is %+v, error %v", e, err)
		}
		w.apply()
		for _, key := range []string{"waits", "event/1"} { // delivered again
			again := waiting
			again.Key = key
			w.receive(again)
		}
		clean("after events that came again")
		// The call that was under way had arrived: its echo settles the token, and names nobody.
		w.receive(models.Event{Kind: models.EventEcho, PSID: psid, MID: "m_echo", Metadata: "bn:a:1.1", Text: "Tazza Alba"})
		if k, err := w.store.Token(w.ctx, claimed.Tokens[0].ID); err != nil || k.State != models.TokenSent {
			t.Errorf("the token under way is %s, error %v", k.State, err)
		}
		if s := w.stats(); s.Contacts != 0 {
			t.Errorf("%d contacts are counted", s.Contacts)
		}
		if _, err := w.service.EraseContact(w.ctx, pageID, psid); models.KindOf(err) != models.KindNotFound {
			t.Errorf("erased twice: %v", err)
		}
		w.sound()
	})
}

// TestEraseUnderWay withdraws the token of an erased person that comes back unspent, rather than try it for a year.
func TestEraseUnderWay(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		v := w.product("TAZZA", "Tazza", 0)
		w.holder("p1", v)
		w.stock(v, 5)
		w.platform.answer = func(models.Outgoing) models.Answer {
			_, err := w.service.EraseContact(w.ctx, pageID, "p1")
			if err != nil {
				t.Error(err)
			}
			return models.Answer{Outcome: models.OutcomeTransient}
		}
		w.deliver()
		if w.tokens(models.TokenWithdrawn) != 1 {
			t.Errorf("states %v, want the token withdrawn", w.stats().Tokens)
		}
		w.sound()
	})
}

// TestDataDeletion answers the platform's callback with a status, whether or not the person is known here.
func TestDataDeletion(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.says("77", "ciao")
		for id, want := range map[string]int{"77": 1, "88": 0} {
			code, err := w.service.RequestDeletion(w.ctx, id)
			w.must(err)
			if e, err := w.store.Erasure(w.ctx, code); err != nil || e.Contacts != want || len(code) < 20 {
				t.Errorf("%s: %+v, error %v", id, e, err)
			}
		}
		w.sound()
	})
}

// TestUnknownPage keeps and ignores what comes for a Page that is not ours.
func TestUnknownPage(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.receive(models.Event{Kind: models.EventMessage, PageID: "999", PSID: "p1", Text: "ciao"})
		if s := w.stats(); s.Contacts != 0 {
			t.Errorf("%d contacts", s.Contacts)
		}
		if dump := w.dump(); !strings.Contains(dump, "unknown Page") {
			t.Error("the event is not kept as ignored")
		}
		w.sound()
	})
}

// TestSetAside gives up an event that cannot be applied, after several tries, and holds up nobody meanwhile.
func TestSetAside(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		v := w.product("TAZZA", "Tazza", 0)
		// Its title no message can hold: queuing the answer fails.
		w.breakTitle(v)
		w.receive(models.Event{Kind: models.EventReferral, PSID: "p1", Ref: v.Ref})
		w.says("p2", "ciao")
		if w.stats().Contacts != 1 {
			t.Errorf("%d contacts, want the one whose event could be applied", w.stats().Contacts)
		}
		for range 8 {
			w.clock.Advance(11 * time.Minute)
			w.apply()
		}
		if n, err := w.store.FailedEvents(w.ctx, time.Time{}); err != nil || n != 1 {
			t.Errorf("%d events are set aside, error %v; want 1", n, err)
		}
		if !strings.Contains(w.logs.String(), "could not be applied") {
			t.Error("nobody is told")
		}
	})
}

// TestReply is plain inside the window, by a person after it, and refused with the reason after that (section 8).
func TestReply(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.says("p1", "ciao")
		id := w.contact("p1").ID
		for _, c := range []struct {
			after time.Duration
			want  models.SendKind
		}{{0, models.SendReply}, {24 * time.Hour, models.SendHumanAgent}, {6 * 24 * time.Hour, ""}} {
			w.clock.Advance(c.after)
			err := w.service.Reply(w.ctx, id, 7, " Buongiorno ")
			out := w.deliver()
			if c.want == "" {
				if models.KindOf(err) != models.KindConflict || len(out) != 0 {
					t.Errorf("after all windows: %v, sent %+v", err, out)
				}
				continue
			}
			if err != nil || len(out) != 1 || out[0].Kind != c.want || out[0].Content.Text != "Buongiorno" {
				t.Errorf("after %s: %v, sent %+v; want %s", c.after, err, out, c.want)
			}
		}
		if err := w.service.Reply(w.ctx, 4711, 7, "x"); models.KindOf(err) != models.KindNotFound {
			t.Errorf("to nobody: %v", err)
		}
		w.sound()
	})
}

// TestEnforcement stops the Page when Messenger blocks it, and lets it go on when Messenger does; a merchant's own pause
// stays.
func TestEnforcement(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		state := func(want models.PageState, why models.PauseReason) {
			t.Helper()
			p, err := w.store.Page(w.ctx, pageID)
			if err != nil || p.State != want || p.PauseReason != why {
				t.Errorf("the Page is %s for %q, error %v; want %s", p.State, p.PauseReason, err, want)
			}
		}
		w.receive(models.Event{Kind: models.EventPolicyEnforcement, Action: "block"})
		state(models.PagePaused, models.PauseBlocked)
		w.receive(models.Event{Kind: models.EventPolicyEnforcement, Action: "unblock"})
		state(models.PageActive, "")
		w.must(w.service.PausePage(w.ctx, pageID))
		w.receive(models.Event{Kind: models.EventPolicyEnforcement, Action: "unblock"})
		state(models.PagePaused, models.PauseByMerchant)
		w.must(w.service.ResumePage(w.ctx, pageID))
		state(models.PageActive, "")
	})
}

// profiler knows some people's names.
type profiler map[string]string

func (p profiler) Profile(_ context.Context, _, psid string) (name, locale string, err error) {
	if p[psid] == "" {
		return "", "", errors.New("not readable")
	}
	return p[psid], "it_IT", nil
}

// TestProfiles asks once for each person's name, and leaves those without one whose profile may not be read.
func TestProfiles(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.says("p1", "ciao")
		w.says("p2", "ciao")
		for range 2 {
			if more, err := w.service.FetchProfiles(w.ctx, profiler{"p1": "Ada"}); more || err != nil {
				t.Errorf("more %v, error %v", more, err)
			}
		}
		if a, b := w.contact("p1"), w.contact("p2"); a.Name != "Ada" || a.Locale != "it_IT" || b.Name != "" || b.ProfileAt.IsZero() {
			t.Errorf("%+v and %+v", a, b)
		}
	})
}
