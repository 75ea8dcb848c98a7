package store_test

import (
	"testing"
	"time"

	"bentornato/models"
	"bentornato/models/store"
	"bentornato/models/store/storetest"
)

// TestDays counts on the days of the Page's calendar: late in the evening by UTC it is tomorrow in Rome already.
func TestDays(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		w := newWorld(t, s, clock)
		w.grant(1, w.v)
		clock.Advance(13*time.Hour + 30*time.Minute) // 23:30 by UTC
		w.update(func(tx *store.Tx) error {
			for _, v := range []models.Variant{w.v, w.v, w.variantOf(tx, "OTHER")} {
				if err := tx.SaveInterest(models.Interest{PageID: pageID, ContactID: 1, VariantID: v.ID, Source: models.InterestText, At: tx.Now()}); err != nil {
					return err
				}
			}
			return nil
		})
		w.restock(w.v, models.Restock{})
		w.answered(w.claim(1).Tokens, sent)
		yesterday, tomorrow := day("2026-11-21"), day("2026-11-23")
		days, err := s.Days(w.ctx, yesterday)
		w.must(err)
		want := []models.Day{{Begin: yesterday, Granted: 1}, {Begin: tomorrow, Sent: 1, Asked: 3}}
		if len(days) != 2 || days[0] != want[0] || days[1] != want[1] {
			t.Errorf("the days are %+v, want %+v", days, want)
		}
		days, err = s.VariantDays(w.ctx, w.v.ID, yesterday)
		w.must(err)
		want = []models.Day{{Begin: yesterday, Granted: 1}, {Begin: tomorrow, Asked: 2}}
		if len(days) != 2 || days[0] != want[0] || days[1] != want[1] {
			t.Errorf("the variant's days are %+v, want %+v", days, want)
		}
		if days, err = s.VariantDays(w.ctx, w.v.ID, tomorrow); err != nil || len(days) != 1 {
			t.Errorf("from tomorrow on there are %+v, error %v", days, err)
		}
		w.audit()
	})
}

func day(date string) time.Time {
	t, err := time.Parse(time.DateOnly, date)
	if err != nil {
		panic(err)
	}
	return t
}

func (w *world) variantOf(tx *store.Tx, sku string) models.Variant {
	w.t.Helper()
	v, _, err := tx.SaveVariant(w.ctx, models.Variant{PageID: pageID, SKU: sku, Title: sku, MinStock: 1}, "")
	w.must(err)
	return v
}
