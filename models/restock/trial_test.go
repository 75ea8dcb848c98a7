package restock_test

import (
	"testing"
	"time"

	"bentornato/models"
	"bentornato/models/store"
)

// TestSendTest sends to oneself what anybody would be sent, by the same rules, and spends nothing.
func TestSendTest(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		me := w.user("me@shop.test")
		w.importing("sku,title,available,url\nBLU,Tazza blu,0,https://shop.test/blu\n")
		v := w.bySKU("BLU")
		if err := w.service.SendTest(w.ctx, me, v.ID, models.SendReply); models.KindOf(err) != models.KindNotFound {
			t.Errorf("nobody said who they are: %v", err)
		}
		var c models.Contact
		w.must(w.store.Update(w.ctx, func(tx *store.Tx) error {
			var err error
			if c, err = tx.TakeContact(pageID, "8001"); err != nil {
				return err
			}
			c.LastActionAt = tx.Now()
			return tx.SaveWindow(c)
		}))
		w.must(w.service.SetTester(w.ctx, me, c.ID))
		w.must(w.service.SendTest(w.ctx, me, v.ID, models.SendReply))
		w.must(w.service.SendTest(w.ctx, me, v.ID, models.SendRequest))
		if err := w.service.SendTest(w.ctx, me, v.ID, models.SendRequest); models.KindOf(err) != models.KindConflict {
			t.Errorf("asked twice: %v", err)
		}
		list, err := w.store.Conversation(w.ctx, c.ID, 10)
		w.must(err)
		if len(list) != 2 {
			t.Fatalf("%d messages were queued, want 2", len(list))
		}
		for _, m := range list {
			if m.State != models.MessageQueued || m.Content == nil || m.Content.Validate() != nil {
				t.Errorf("queued is %+v", m)
			}
		}
		w.clock.Advance(models.StandardWindow + time.Minute)
		for _, kind := range []models.SendKind{models.SendReply, models.SendRequest} {
			if err := w.service.SendTest(w.ctx, me, v.ID, kind); models.KindOf(err) != models.KindConflict {
				t.Errorf("%s after the window: %v", kind, err)
			}
		}
		_, err = w.service.EraseContact(w.ctx, pageID, "8001")
		w.must(err)
		if err := w.service.SendTest(w.ctx, me, v.ID, models.SendReply); models.KindOf(err) != models.KindNotFound {
			t.Errorf("after erasing: %v", err)
		}
		if err := w.service.SetTester(w.ctx, me, c.ID); models.KindOf(err) != models.KindConflict {
			t.Errorf("an erased person is me: %v", err)
		}
	})
}

// TestSavedViews are each user's own, so many and no more; the same name again replaces.
func TestSavedViews(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		me, other := w.user("me@shop.test"), w.user("other@shop.test")
		views := func(user int64) []models.SavedView {
			list, err := w.store.SavedViews(w.ctx, user)
			w.must(err)
			return list
		}
		for i := range models.MaxSavedViews {
			w.must(w.service.SaveView(w.ctx, models.SavedView{UserID: me, Name: string(rune('a' + i)), Query: "availability=waiting"}))
		}
		if err := w.service.SaveView(w.ctx, models.SavedView{UserID: me, Name: "one more", Query: "q=x"}); models.KindOf(err) != models.KindConflict {
			t.Errorf("one more: %v", err)
		}
		w.must(w.service.SaveView(w.ctx, models.SavedView{UserID: me, Name: "a", Query: "q=tazza"}))
		mine := views(me)
		if len(mine) != models.MaxSavedViews || mine[0].Query != "q=tazza" || len(views(other)) != 0 {
			t.Errorf("%d views, the first of %q", len(mine), mine[0].Query)
		}
		w.must(w.service.DeleteView(w.ctx, other, mine[0].ID))
		w.must(w.service.DeleteView(w.ctx, me, mine[1].ID))
		if mine = views(me); len(mine) != models.MaxSavedViews-1 || mine[0].Name != "a" || mine[1].Name != "c" {
			t.Errorf("after deleting there are %d", len(mine))
		}
		for _, v := range []models.SavedView{{Name: " ", Query: "q=x"}, {Name: "no filter"}, {Name: "éééééééééééééééééééééééééééééééééééééééééé", Query: "q=x"}} {
			if err := w.service.SaveView(w.ctx, v); fieldOf(err) != "view_name" {
				t.Errorf("%+v: %v", v, err)
			}
		}
	})
}
