package restock_test

import (
	"slices"
	"strings"
	"testing"

	"bentornato/models"
	"bentornato/models/store"
)

// TestEveryChangeIsWritten does what people and keys do, and reads what stands of it; what the program does itself is not
// there, nor is any secret.
func TestEveryChangeIsWritten(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		silent, _, err := w.store.AuditEntries(w.ctx, models.AuditQuery{Limit: 5})
		w.must(err)
		if len(silent) != 0 {
			t.Fatalf("the program's own doings are written down: %+v", silent)
		}
		anna := models.Actor{Kind: models.ActorUser, ID: 7, Name: "anna@shop.example"}
		w.ctx = models.WithActor(w.ctx, anna)
		last := func(thing models.AuditThing, act models.AuditAct) models.AuditEntry {
			t.Helper()
			list, _, err := w.store.AuditEntries(w.ctx, models.AuditQuery{Limit: 1})
			w.must(err)
			if len(list) == 0 || list[0].Thing != thing || list[0].Act != act || list[0].ActorName != anna.Name || list[0].At.IsZero() {
				t.Fatalf("the last entry is %+v, want %s of %s by anna", list, act, thing)
			}
			return list[0]
		}
		changed := func(e models.AuditEntry, field, was, is string) {
			t.Helper()
			if !slices.Contains(e.Changes, models.AuditChange{Field: field, Old: was, New: is}) {
				t.Errorf("%+v does not say that %s went from %q to %q", e.Changes, field, was, is)
			}
		}
		v := w.product("MUG", "Mug", 0)
		last(models.AuditProduct, models.AuditAdded)
		_, err = w.service.ChangeProduct(w.ctx, v.ID, models.Listing{Variant: models.Variant{SKU: "MUG", Title: "Blue mug", MinStock: 2}})
		w.must(err)
		e := last(models.AuditProduct, models.AuditChanged)
		changed(e, "title", "Mug", "Blue mug")
		changed(e, "min_stock", "1", "2")
		if e.ThingName != "Blue mug · MUG" || e.PageID != pageID {
			t.Errorf("the entry is about %+v", e)
		}
		three, hold := 3, 600
		_, err = w.service.ChangeRules(w.ctx, models.VariantSelection{IDs: []int64{v.ID}}, models.RulesChange{MinStock: &three, VariantRules: models.VariantRules{HoldDownSeconds: &hold}})
		w.must(err)
		e = last(models.AuditProduct, models.AuditChanged)
		changed(e, "min_stock", "2", "3")
		changed(e, "hold_down_seconds", "", "600")
		w.stock(v, 12)
		changed(last(models.AuditProduct, models.AuditStock), "available", "0", "12")
		w.stock(v, 12) // the same again is no change
		changed(last(models.AuditProduct, models.AuditStock), "available", "0", "12")
		w.must(w.service.DeleteProduct(w.ctx, v.ID))
		last(models.AuditProduct, models.AuditDeleted)

		page, err := w.store.Page(w.ctx, pageID)
		w.must(err)
		page.Settings.QuietFrom, page.Settings.QuietTo = "22:00", "08:00"
		w.must(w.service.SavePage(w.ctx, page, ""))
		changed(last(models.AuditPage, models.AuditChanged), "quiet_from", "", "22:00")
		w.must(w.service.SavePage(w.ctx, page, "another-token"))
		last(models.AuditPage, models.AuditSecret)
		w.must(w.service.PausePage(w.ctx, pageID))
		last(models.AuditPage, models.AuditPaused)
		w.must(w.service.ResumePage(w.ctx, pageID))
		last(models.AuditPage, models.AuditResumed)

		w.must(w.service.SaveUser(w.ctx, models.User{Email: "piero@shop.example", Role: models.RoleStaff, PasswordHash: "$hash$1"}))
		last(models.AuditUser, models.AuditAdded)
		w.must(w.service.SaveUser(w.ctx, models.User{Email: "piero@shop.example", Role: models.RoleOwner, PasswordHash: "$hash$2"}))
		changed(last(models.AuditUser, models.AuditChanged), "role", "staff", "owner")
		w.must(w.service.SaveUser(w.ctx, models.User{Email: "piero@shop.example", Role: models.RoleOwner, PasswordHash: "$hash$3"}))
		last(models.AuditUser, models.AuditPassword)
		key, err := w.service.AddKey(w.ctx, "Till", models.RoleStaff, "")
		w.must(err)
		made, err := w.store.KeyFor(w.ctx, key)
		w.must(err)
		last(models.AuditKey, models.AuditAdded)
		w.must(w.service.RevokeKey(w.ctx, made.ID))
		if e := last(models.AuditKey, models.AuditRevoked); e.ThingName != "Till" {
			t.Errorf("the key is called %q", e.ThingName)
		}

		source, err := w.service.AddSource(w.ctx, models.Source{Kind: "generic", Name: "Cassa"}, "whsec_first")
		w.must(err)
		last(models.AuditSource, models.AuditAdded)
		w.must(w.service.RotateSecret(w.ctx, source.ID, "whsec_second"))
		last(models.AuditSource, models.AuditSecret)
		w.must(w.service.DeleteSource(w.ctx, source.ID))
		last(models.AuditSource, models.AuditDeleted)

		list, _, err := w.store.AuditEntries(w.ctx, models.AuditQuery{Limit: 500})
		w.must(err)
		for _, e := range list {
			text := e.ThingID + e.ThingName
			for _, c := range e.Changes {
				text += c.Old + c.New
			}
			for _, secret := range []string{"token", "whsec", "$hash$", key, source.ID} {
				if strings.Contains(text, secret) {
					t.Errorf("%q stands in %+v", secret, e)
				}
			}
		}

		// What is undone leaves no word of it.
		before := len(list)
		err = w.store.Update(w.ctx, func(tx *store.Tx) error {
			if _, err := tx.PausePage(pageID, models.PauseByMerchant, ""); err != nil {
				return err
			}
			return models.Errorf(models.KindConflict, "No.")
		})
		if models.KindOf(err) != models.KindConflict {
			t.Fatal(err)
		}
		list, _, err = w.store.AuditEntries(w.ctx, models.AuditQuery{Limit: 500})
		w.must(err)
		if len(list) != before {
			t.Error("a change that was undone is written down")
		}
	})
}

// TestAuditEntriesAreFiltered pages through a list by person and by kind of thing.
func TestAuditEntriesAreFiltered(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		till := models.Actor{Kind: models.ActorKey, ID: 3, Name: "Till"}
		anna := models.Actor{Kind: models.ActorUser, ID: 3, Name: "anna@shop.example"}
		for i, who := range []models.Actor{till, anna, till, anna, anna} {
			w.must(w.store.Update(models.WithActor(w.ctx, who), func(tx *store.Tx) error {
				thing := models.AuditProduct
				if i == 4 {
					thing = models.AuditPage
				}
				return tx.Record(models.AuditEntry{Thing: thing, Act: models.AuditChanged})
			}))
		}
		for _, test := range []struct {
			q    models.AuditQuery
			want int
		}{
			{models.AuditQuery{}, 5}, {models.AuditQuery{Actor: till}, 2}, {models.AuditQuery{Actor: anna}, 3},
			{models.AuditQuery{Thing: models.AuditProduct}, 4}, {models.AuditQuery{Actor: anna, Thing: models.AuditProduct}, 2},
			{models.AuditQuery{Thing: models.AuditKey}, 0},
		} {
			n, id, cursor := 0, int64(0), ""
			for {
				test.q.Limit, test.q.Cursor = 2, cursor
				list, next, err := w.store.AuditEntries(w.ctx, test.q)
				w.must(err)
				for _, e := range list {
					if id != 0 && e.ID >= id {
						t.Errorf("%d stands below %d", e.ID, id)
					}
					id = e.ID
				}
				n += len(list)
				if cursor = next; next == "" {
					break
				}
			}
			if n != test.want {
				t.Errorf("%+v finds %d, want %d", test.q, n, test.want)
			}
		}
	})
}
