package restock_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"bentornato/models"
	"bentornato/models/store"
)

// getsUpdates answers a request for recurring notifications.
func (w *world) getsUpdates(psid string, request models.Outgoing, token string) {
	w.t.Helper()
	w.optInEvent(psid, request.Content.Request.Payload, token, models.RecurringGranted)
}

func (w *world) optInEvent(psid, payload, token string, status models.RecurringStatus) {
	w.t.Helper()
	w.receive(models.Event{Kind: models.EventNotificationOptIn, PSID: psid, Payload: payload, Token: token,
		Recurring: &models.RecurringOptIn{Status: status, Title: "Tazza", ExpiresAt: w.clock.Now().AddDate(1, 0, 0)}})
}

// told counts the notifications among what was sent, by the token they went to.
func told(out []models.Outgoing) map[string]int {
	n := map[string]int{}
	for _, o := range out {
		if to := o.Recipient.Token + o.Recipient.Recurring; to != "" {
			n[to]++
		}
	}
	return n
}

// isAsked asks about a variant and returns the request that came of it.
func (w *world) isAsked(psid string, v models.Variant) models.Outgoing {
	w.t.Helper()
	w.receive(models.Event{Kind: models.EventReferral, PSID: psid, Ref: v.Ref})
	out := requests(w.deliver())
	if len(out) != 1 {
		w.t.Fatalf("%s was asked %d times about %s, want once", psid, len(out), v.SKU)
	}
	return out[0]
}

func (w *world) oneTold(what, token string, want int) {
	w.t.Helper()
	if got := told(w.deliver()); got[token] != want || len(got) > want {
		w.t.Errorf("%s: told %v, want %s %d times", what, got, token, want)
	}
}

// TestRecurringStory follows one yes through several restocks: told of each once, within the platform's cap, not while stopped,
// and again once resumed.
func TestRecurringStory(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.page(models.PageSettings{OptInProduct: models.OptInBoth})
		v := w.product("TAZZA", "Tazza Alba", 0)
		request := w.isAsked("p1", v)
		if card := request.Content.Request; !card.Recurring || card.TimeZone != "Europe/Rome" || card.Title != "Ti avviso ogni volta che torna Tazza Alba?" {
			t.Errorf("asked with %+v", card)
		}
		list, err := w.store.Requests(w.ctx, w.contact("p1").ID, 5)
		w.must(err)
		if list[0].Product != models.OptInRecurring || list[0].Why != models.OptInLasts {
			t.Errorf("the request says %q because %q", list[0].Product, list[0].Why)
		}
		w.getsUpdates("p1", request, "rn-1")
		if n := w.tokens(models.TokenWaiting); n != 1 {
			t.Fatalf("%d wait after the tap, want 1", n)
		}
		w.oneTold("before any stock", "rn-1", 0)

		w.stock(v, 3)
		w.oneTold("the first restock", "rn-1", 1)
		w.stock(v, 9)
		w.clock.Advance(3 * 24 * time.Hour)
		w.sweep()
		w.oneTold("more of the same stock", "rn-1", 0)

		w.stock(v, 0)
		w.stock(v, 4) // back before anybody looked
		w.sweep()
		w.oneTold("the second restock", "rn-1", 1)
		w.sweep()
		w.page(models.PageSettings{})
		w.stock(v, 0)
		w.stock(v, 4)
		w.sweep()
		w.oneTold("the third, within the cap", "rn-1", 0)
		w.clock.Advance(models.RecurringGap)
		w.oneTold("the third, after it", "rn-1", 1)

		w.stock(v, 0)
		w.sweep()
		w.optInEvent("p1", request.Content.Request.Payload, "rn-1", models.RecurringStopped)
		if n := w.tokens(models.TokenWaiting); n != 0 {
			t.Errorf("%d wait after a stop", n)
		}
		w.clock.Advance(models.RecurringGap)
		w.stock(v, 4)
		w.sweep()
		w.oneTold("while stopped", "rn-1", 0)
		w.stock(v, 0)
		w.optInEvent("p1", request.Content.Request.Payload, "rn-1", models.RecurringResumed)
		w.stock(v, 4)
		w.oneTold("resumed", "rn-1", 1)
		w.sound()
	})
}

// TestRecurringLateTap gives a late yes its notification, and tells nobody again whom the restock reached already.
func TestRecurringLateTap(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.page(models.PageSettings{OptInProduct: models.OptInRecurring})
		v := w.product("TAZZA", "Tazza Alba", 0)
		first, late := w.isAsked("p1", v), w.isAsked("p2", v)
		w.getsUpdates("p1", first, "rn-1")
		w.stock(v, 5)
		w.oneTold("in time", "rn-1", 1)
		w.clock.Advance(11 * time.Second)
		w.sweep()
		w.getsUpdates("p2", late, "rn-2")
		w.oneTold("late", "rn-2", 1)
		w.getsUpdates("p2", late, "rn-2") // delivered again, with another key
		w.oneTold("the same tap again", "rn-2", 0)
		if n := len(w.restocks()); n != 2 {
			t.Errorf("%d restocks, want the first and the late one's", n)
		}
		w.sound()
	})
}

// TestRecurringStops heeds every way of saying no, and an event that comes after a newer one.
func TestRecurringStops(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.page(models.PageSettings{OptInProduct: models.OptInRecurring})
		v := w.product("TAZZA", "Tazza Alba", 0)
		for _, c := range []struct {
			psid string
			no   func(psid string, request models.Outgoing)
		}{
			{"p1", func(psid string, _ models.Outgoing) { w.says(psid, "basta") }},
			{"p2", func(psid string, r models.Outgoing) {
				w.optInEvent(psid, r.Content.Request.Payload, "rn-"+psid, models.RecurringStopped)
			}},
			{"p3", func(psid string, _ models.Outgoing) {
				_, err := w.service.EraseContact(w.ctx, pageID, psid)
				w.must(err)
			}},
			{"p4", func(psid string, r models.Outgoing) {
				w.optInEvent(psid, r.Content.Request.Payload, "rn-"+psid, models.RecurringStopped)
				w.receive(models.Event{Kind: models.EventNotificationOptIn, PSID: psid, Token: "rn-" + psid, At: w.clock.Now().Add(-time.Hour),
					Recurring: &models.RecurringOptIn{}})
			}},
		} {
			request := w.isAsked(c.psid, v)
			w.getsUpdates(c.psid, request, "rn-"+c.psid)
			w.clock.Advance(time.Second)
			c.no(c.psid, request)
		}
		w.deliver()
		w.stock(v, 5)
		w.sweep()
		if got := told(w.deliver()); len(got) != 0 {
			t.Errorf("told %v, who said no", got)
		}
		w.sound()
	})
}

// TestRecurringAnyTopic uses an opt-in whose topic names no product of ours for what the person asks about, without asking again.
func TestRecurringAnyTopic(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.page(models.PageSettings{OptInProduct: models.OptInBoth})
		v, other := w.product("TAZZA", "Tazza Alba", 0), w.product("PIATTO", "Piatto Luna", 0)
		w.isAsked("p1", v)
		w.optInEvent("p1", "another app's", "rn-any", models.RecurringGranted)
		if n := w.tokens(models.TokenWaiting); n != 1 {
			t.Errorf("%d wait, want one for what was asked about before", n)
		}
		w.receive(models.Event{Kind: models.EventReferral, PSID: "p1", Ref: other.Ref})
		out := w.deliver()
		if len(requests(out)) != 0 || len(out) != 1 || out[0].Content.Text != "Piatto Luna al momento è esaurito. Ti avvisiamo qui quando torna." {
			t.Errorf("answered %+v, want a word that it waits", out)
		}
		w.stock(v, 5)
		w.oneTold("the first product", "rn-any", 1)
		w.stock(other, 5)
		w.oneTold("the second, within the cap", "rn-any", 0)
		w.clock.Advance(models.RecurringGap)
		w.oneTold("the second, after it", "rn-any", 1)
		w.sound()
	})
}

// TestRecurringBeside spends a one-time token first where a person has both, and tells them once a restock.
func TestRecurringBeside(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		v := w.product("TAZZA", "Tazza Alba", 0)
		old := w.isAsked("p1", v) // a one-time card, not tapped yet
		w.clock.Advance(8 * 24 * time.Hour)
		w.must(w.store.Tidy(w.ctx))
		w.page(models.PageSettings{OptInProduct: models.OptInBoth})
		w.getsUpdates("p1", w.isAsked("p1", v), "rn-1")
		w.taps("p1", old, "otn-1")
		if n := w.tokens(models.TokenWaiting); n != 1 {
			t.Errorf("%d wait for one person, want the one-time token", n)
		}
		w.stock(v, 5)
		w.oneTold("the first restock", "otn-1", 1)
		w.stock(v, 0)
		w.sweep()
		w.clock.Advance(time.Hour)
		w.stock(v, 5)
		w.oneTold("the second", "rn-1", 1)

		// A one-time card is tapped after the restock was told of by the opt-in: it waits for the next.
		w.taps("p1", old, "otn-2")
		w.oneTold("the same restock by another permission", "otn-2", 0)
		w.clock.Advance(11 * time.Second)
		w.sweep()
		if r := w.restocks()[0]; r.State != models.RestockDone {
			t.Errorf("the restock is %s, want done: nobody is left for it", r.State)
		}
		w.stock(v, 0)
		w.sweep()
		w.clock.Advance(time.Minute)
		w.stock(v, 5)
		w.oneTold("the third", "otn-2", 1)
		w.sound()
	})
}

// TestRecurringRefused asks with a one-time notification where the platform refuses the Page the other, and goes on with
// everything else.
func TestRecurringRefused(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.page(models.PageSettings{OptInProduct: models.OptInBoth})
		v := w.product("TAZZA", "Tazza Alba", 0)
		w.platform.answer = func(o models.Outgoing) models.Answer {
			if r := o.Content.Request; (r != nil && r.Recurring) || o.Recipient.Recurring != "" {
				return models.Answer{Outcome: models.OutcomeProductOff, Code: 10, Detail: "no permission"}
			}
			return models.Answer{Outcome: models.OutcomeSent, MessageID: fmt.Sprintf("m_%p", o.Content.Request)}
		}
		w.receive(models.Event{Kind: models.EventReferral, PSID: "p1", Ref: v.Ref})
		out := requests(w.deliver())
		if len(out) != 2 || !out[0].Content.Request.Recurring || out[1].Content.Request.Recurring {
			t.Fatalf("asked %d times: %+v", len(out), out)
		}
		list, err := w.store.Requests(w.ctx, w.contact("p1").ID, 5)
		w.must(err)
		if len(list) != 1 || list[0].Product != models.OptInOneTime || list[0].Why != models.OptInWasRefused || list[0].State != models.RequestSent {
			t.Errorf("the requests are %+v", list)
		}
		w.taps("p1", out[1], "otn-1")
		if r := w.isAsked("p2", v).Content.Request; r.Recurring {
			t.Error("asked with what was refused a moment ago")
		}
		w.stock(v, 5)
		w.oneTold("by the one-time token", "otn-1", 1)
		p, err := w.store.Page(w.ctx, pageID)
		w.must(err)
		if p.State != models.PageActive || !p.RecurringRefused(w.clock.Now()) {
			t.Errorf("the Page is %s, refused at %s", p.State, p.RecurringOffAt)
		}

		// With recurring ones only there is nothing to ask with, and the ask by hand says so.
		w.page(models.PageSettings{OptInProduct: models.OptInRecurring})
		w.stock(v, 0)
		w.receive(models.Event{Kind: models.EventReferral, PSID: "p3", Ref: v.Ref})
		if out := w.deliver(); len(out) != 0 {
			t.Errorf("sent %+v", out)
		}
		if err := w.service.AskContact(w.ctx, w.contact("p3").ID, v.ID); models.KindOf(err) != models.KindConflict {
			t.Errorf("asking by hand ends in %v", err)
		}
		w.clock.Advance(models.RecurringOff)
		w.platform.answer = nil
		w.receive(models.Event{Kind: models.EventReferral, PSID: "p3", Ref: v.Ref})
		if out := requests(w.deliver()); len(out) != 1 {
			t.Errorf("asked %d times a day later", len(out))
		}
		w.sound()
	})
}

// TestRecurringReplaced keeps one of several opt-ins about the same: the latest.
func TestRecurringReplaced(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.page(models.PageSettings{OptInProduct: models.OptInRecurring})
		v := w.product("TAZZA", "Tazza Alba", 0)
		request := w.isAsked("p1", v)
		w.getsUpdates("p1", request, "rn-old")
		w.getsUpdates("p1", request, "rn-new")
		if n := w.tokens(models.TokenWaiting); n != 1 {
			t.Errorf("%d wait for one person", n)
		}
		w.stock(v, 5)
		w.oneTold("by the latest", "rn-new", 1)
		w.must(w.store.Update(context.Background(), func(tx *store.Tx) error {
			_, ok, err := tx.CoveringOptIn(w.contact("p1").ID, v.ID)
			if !ok {
				t.Error("no opt-in covers it")
			}
			return err
		}))
		w.sound()
	})
}
