package restock_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"bentornato/models"
)

// wants records a person's interest in a variant without anybody being asked: another app has the thread, and gives it to
// us afterwards.
func (w *world) wants(psid string, v models.Variant) models.Contact {
	w.t.Helper()
	w.receive(models.Event{Kind: models.EventReferral, PSID: psid, Ref: v.Ref, Standby: true})
	w.receive(models.Event{Kind: models.EventHandover, PSID: psid, Action: "pass_thread_control", NewOwner: "1"})
	c, err := w.store.ContactByPSID(w.ctx, pageID, psid)
	w.must(err)
	return c
}

// askable lists the people who may be asked, or those who may not with the reason, as the screen does.
func (w *world) askable(refused bool) (list []string) {
	w.t.Helper()
	rows, _, err := w.store.AskRows(w.ctx, models.AskQuery{Refused: refused, Limit: 100}, w.clock.Now())
	w.must(err)
	for _, r := range rows {
		who := r.Contact.PSID + " " + r.Variant.SKU
		if refused {
			who += " " + string(r.Answer.Reason)
		}
		list = append(list, who)
	}
	return list
}

func (w *world) hears(got []string, want ...string) {
	w.t.Helper()
	if fmt.Sprint(got) != fmt.Sprint(want) {
		w.t.Errorf("%q, want %q", got, want)
	}
}

// TestAskByHand asks one person, once, and says why not where it may not be (rules 3.3 and 3.5).
func TestAskByHand(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		cup, plate := w.product("TAZZA", "Tazza Alba", 0), w.product("PIATTO", "Piatto", 2)
		ada := w.wants("2001", cup)
		w.clock.Advance(time.Minute)
		w.wants("2001", plate) // is there: nothing to ask
		w.clock.Advance(time.Hour)
		bea := w.wants("2002", cup)
		w.hears(w.askable(false), "2001 TAZZA", "2002 TAZZA")
		w.hears(w.askable(true))

		refused := func(why models.PolicyReason, contact, variant int64) {
			t.Helper()
			err := w.service.AskContact(w.ctx, contact, variant)
			var e *models.Error
			if !errors.As(err, &e) || e.Kind != models.KindConflict || e.Field != "ask_"+string(why) {
				t.Errorf("%v, want a conflict for %s", err, why)
			}
		}
		w.must(w.service.AskContact(w.ctx, ada.ID, cup.ID))
		w.deliver()
		if n := len(w.platform.out); n != 1 || w.platform.out[0].Kind != models.SendRequest || w.platform.out[0].Recipient.PSID != "2001" {
			t.Fatalf("what was sent is %+v", w.platform.out)
		}
		refused(models.ReasonAsked, ada.ID, cup.ID)
		refused(models.ReasonAvailable, ada.ID, plate.ID)
		if err := w.service.AskContact(w.ctx, bea.ID, plate.ID); models.KindOf(err) != models.KindNotFound {
			t.Errorf("asked about what nobody asked about: %v", err)
		}
		w.receive(models.Event{Kind: models.EventMessage, PSID: "2002", Text: "basta"})
		refused(models.ReasonStopped, bea.ID, cup.ID)
		w.hears(w.askable(false))
		w.hears(w.askable(true), "2001 TAZZA asked", "2002 TAZZA stopped")

		// A tap, and then the token lives.
		payload := w.platform.out[0].Content.Request.Payload
		w.receive(models.Event{Kind: models.EventOptIn, PSID: "2001", Payload: payload, Token: "secret"})
		refused(models.ReasonHasToken, ada.ID, cup.ID)

		// A paused Page asks nobody, and a window that is over is in no list.
		dora := w.wants("2003", cup)
		w.must(w.service.PausePage(w.ctx, pageID))
		refused(models.ReasonPagePaused, dora.ID, cup.ID)
		w.must(w.service.ResumePage(w.ctx, pageID))
		w.clock.Advance(models.StandardWindow - time.Minute)
		refused(models.ReasonWindowEndNear, dora.ID, cup.ID)
		w.hears(w.askable(true), "2002 TAZZA stopped", "2003 TAZZA window_end_near")
		w.clock.Advance(2 * time.Minute)
		refused(models.ReasonWindowClosed, dora.ID, cup.ID)
		w.hears(w.askable(true))
	})
}

// TestAskEverybody asks all at once, the window that closes soonest first, and twenty taps at the same moment ask nobody twice.
func TestAskEverybody(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		cup, plate := w.product("TAZZA", "Tazza Alba", 0), w.product("PIATTO", "Piatto", 0)
		for i := range 5 {
			w.wants(fmt.Sprint(2005-i), cup)
			w.clock.Advance(time.Minute)
		}
		w.wants("2005", plate)
		w.ctx = models.WithActor(w.ctx, models.Actor{Kind: models.ActorUser, ID: 7, Name: "anna@shop.example"})
		w.hears(w.askable(false), "2004 TAZZA", "2003 TAZZA", "2002 TAZZA", "2001 TAZZA", "2005 TAZZA", "2005 PIATTO")
		var (
			together sync.WaitGroup
			mu       sync.Mutex
			total    int
		)
		for range 4 {
			together.Go(func() {
				n, more, err := w.service.AskEverybody(w.ctx)
				mu.Lock()
				defer mu.Unlock()
				if total += n; err != nil || more {
					t.Errorf("asked %d, more %v: %v", n, more, err)
				}
			})
		}
		together.Wait()
		if total != 6 {
			t.Errorf("%d were asked in all, want 6", total)
		}
		written, _, err := w.store.AuditEntries(w.ctx, models.AuditQuery{Limit: 20, Thing: models.AuditContact})
		w.must(err)
		if len(written) != 6 || written[0].Act != models.AuditAsked {
			t.Errorf("the log has %d questions, want 6", len(written))
		}
		w.deliver()
		var sent []string
		for _, o := range w.platform.out {
			sent = append(sent, o.Recipient.PSID)
		}
		w.hears(sent, "2004", "2003", "2002", "2001", "2005", "2005")
		w.hears(w.askable(false))
		if n, more, err := w.service.AskEverybody(w.ctx); n != 0 || more || err != nil {
			t.Errorf("then %d more, %v: %v", n, more, err)
		}
	})
}
