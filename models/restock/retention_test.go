package restock_test

import (
	"testing"
	"time"

	"bentornato/models"
	"bentornato/models/store"
)

// TestForget lets a shop grow old: what is over its time goes, and what somebody still waits for stays.
func TestForget(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		v := w.product("MUG", "Mug", 0)
		w.receive(models.Event{Kind: models.EventMessage, PSID: "gone", Text: "Ciao, avete la mug?", MID: "m1"})
		w.receive(models.Event{Kind: models.EventMessage, PSID: "waits", Text: "Ciao", MID: "m2"})
		waits, err := w.store.ContactByPSID(w.ctx, pageID, "waits")
		w.must(err)
		gone, err := w.store.ContactByPSID(w.ctx, pageID, "gone")
		w.must(err)
		w.must(w.store.Update(models.WithActor(w.ctx, models.Actor{Kind: models.ActorUser, ID: 1, Name: "anna"}), func(tx *store.Tx) error {
			return tx.Record(models.AuditEntry{Thing: models.AuditPage, Act: models.AuditChanged})
		}))
		count := func(kind models.Kept) int {
			t.Helper()
			n, err := w.store.Aged(w.ctx, kind, w.clock.Now().Add(time.Minute), 100)
			w.must(err)
			return n
		}
		for _, kind := range []models.Kept{models.KeptEvents, models.KeptMessages, models.KeptAudit, models.KeptContacts} {
			if count(kind) == 0 {
				t.Fatalf("there is nothing of %s to begin with", kind)
			}
		}
		_, err = w.service.Forget(w.ctx)
		w.must(err)
		if swept, err := w.store.LastSweep(w.ctx); err != nil || swept.At.IsZero() || swept.Removed[models.KeptMessages] != 0 {
			t.Errorf("the first run: %+v %v", swept, err)
		}
		messages := count(models.KeptMessages)

		// In three years and a month the one has a token, the other nothing.
		w.clock.Advance(1100 * 24 * time.Hour)
		w.must(w.store.Update(w.ctx, func(tx *store.Tx) error {
			_, _, err := tx.GrantToken(models.Token{PageID: pageID, ContactID: waits.ID, VariantID: v.ID, GrantedAt: tx.Now()}, "secret")
			return err
		}))
		more, err := w.service.Forget(w.ctx)
		w.must(err)
		swept, err := w.store.LastSweep(w.ctx)
		w.must(err)
		if more || swept.Removed[models.KeptMessages] != messages || swept.Removed[models.KeptContacts] != 1 || swept.Removed[models.KeptAudit] != 1 || swept.Removed[models.KeptEvents] == 0 {
			t.Errorf("the run says %+v", swept)
		}
		for _, kind := range []models.Kept{models.KeptEvents, models.KeptMessages, models.KeptAudit} {
			if n := count(kind); n != 0 {
				t.Errorf("%d of %s are left", n, kind)
			}
		}
		if gone, err = w.store.Contact(w.ctx, gone.ID); err != nil || gone.ErasedAt.IsZero() || gone.PSID == "gone" {
			t.Errorf("who never came back is %+v, %v", gone, err)
		}
		if waits, err = w.store.Contact(w.ctx, waits.ID); err != nil || !waits.ErasedAt.IsZero() {
			t.Errorf("who waits is %+v, %v", waits, err)
		}

		// What is set to be kept for good stays.
		kept := models.DefaultRetention()
		kept[models.KeptMessages] = 3
		if err := w.service.SetRetention(w.ctx, kept); models.KindOf(err) != models.KindInvalid {
			t.Errorf("three days of messages: %v", err)
		}
		kept[models.KeptMessages] = 0
		w.must(w.service.SetRetention(w.ctx, kept))
		w.receive(models.Event{Kind: models.EventMessage, PSID: "waits", Text: "Ciao", MID: "m3"})
		w.clock.Advance(800 * 24 * time.Hour)
		_, err = w.service.Forget(w.ctx)
		w.must(err)
		if count(models.KeptMessages) == 0 {
			t.Error("messages that are kept for good are gone")
		}
		if got, err := w.store.Retention(w.ctx); err != nil || got[models.KeptMessages] != 0 || got[models.KeptClicks] != 730 {
			t.Errorf("kept is %v, %v", got, err)
		}
	})
}
