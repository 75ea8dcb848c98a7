package restock_test

import (
	"testing"
	"time"

	"bentornato/models"
	"bentornato/models/store/storetest"
)

// TestWindow opens the standard window by the event's own time, and never shortens it (rule 2.1).
func TestWindow(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		at := func(d time.Duration) time.Time { return storetest.Epoch.Add(d) }
		window := func(what string, want time.Time) {
			t.Helper()
			if got := w.contact("p1").LastActionAt; !got.Equal(want) {
				t.Errorf("%s: the last action is %s, want %s", what, got, want)
			}
		}
		message := func(when time.Time) {
			w.receive(models.Event{Kind: models.EventMessage, PSID: "p1", Text: "ciao", At: when})
		}
		message(at(-3 * time.Hour))
		window("an event that arrives late", at(-3*time.Hour))
		message(at(-time.Hour))
		window("a later one", at(-time.Hour))
		message(at(-2 * time.Hour))
		window("a late, older one", at(-time.Hour))
		message(at(48 * time.Hour))
		if got := w.contact("p1").LastActionAt; got.After(w.clock.Now()) {
			t.Errorf("an event from the future opens a window until %s", got)
		}
		w.sound()
	})
}

// TestQualifying says for each kind of event whether it opens the window (rules 2.2 and 2.3).
func TestQualifying(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		v := w.product("TAZZA", "Tazza Alba", 0)
		opens := func(kind models.EventKind) bool {
			t.Helper()
			psid := "p-" + string(kind)
			w.receive(models.Event{Kind: kind, PSID: psid, MID: "mid." + psid, Ref: v.Ref, Token: "token-" + psid, CommentID: "c-" + psid, Text: "x"})
			c, err := w.store.ContactByPSID(w.ctx, pageID, psid)
			return err == nil && !c.LastActionAt.IsZero()
		}
		for kind, want := range map[models.EventKind]bool{
			models.EventMessage: true, models.EventPostback: true, models.EventReferral: true, models.EventPluginOptIn: true, models.EventReaction: true,
			models.EventOptIn: false, models.EventUnreaction: false, models.EventEcho: false, models.EventRead: false, models.EventDelivery: false,
			models.EventEdit: false, models.EventComment: false, models.EventHandover: false, models.EventLead: false, models.EventOther: false,
			models.EventNotificationOptIn: false,
		} {
			if got := opens(kind); got != want {
				t.Errorf("%s opens the window: %v, want %v", kind, got, want)
			}
		}
		w.page(models.PageSettings{OptInTapOpensWindow: true})
		w.receive(models.Event{Kind: models.EventOptIn, PSID: "p2", Token: "token-p2"})
		if w.contact("p2").LastActionAt.IsZero() {
			t.Error("a tap does not count although the Page counts it")
		}
		w.sound()
	})
}
