package store_test

import (
	"errors"
	"regexp"
	"testing"
	"time"

	"bentornato/models"
	"bentornato/models/store"
	"bentornato/models/store/storetest"
)

// wholeSource matches a step that reads all that a source, or every source, ever told of: a shop has a hundred thousand
// items. What waits to be asked about, and the calls that are kept, are bounded.
var wholeSource = regexp.MustCompile(`^SCAN (source_(items|levels|deliveries|events)|stock_reports)\b|source_(items|levels) USING (COVERING )?INDEX \w+ \(source_id=\?\)$`)

// TestSourcePlans asks SQLite how it would run what every call of a shop and every page of a round asks.
func TestSourcePlans(t *testing.T) {
	clock := storetest.NewClock()
	s := storetest.Open(t, storetest.SQLiteURL(t), clock.Now)
	w := newWorld(t, s, clock)
	seen, watch := watched(t, s)
	var source models.Source
	w.update(func(tx *store.Tx) error {
		var err error
		if source, err = tx.AddSource(models.Source{Kind: "generic", Name: "Cassa", PageID: pageID}, "secret"); err != nil {
			return err
		}
		return tx.SavePoll(w.ctx, models.Poll{SourceID: source.ID, Address: "https://shop.test", Minutes: 10}, "access")
	})
	now := clock.Now()
	watch(func() {
		polls, err := s.ClaimPolls(w.ctx, 4, time.Minute)
		w.must(err)
		w.update(func(tx *store.Tx) error {
			item := models.PolledItem{VariantID: "1", Levels: []models.Level{{LocationID: "A", Available: 1}}}
			_, err1 := tx.RememberItem(store.SourceItem{SourceID: source.ID, ExternalID: "1", ProductID: "p", StockID: "s", SKU: w.v.SKU})
			_, err2 := tx.StockOfSKUs(source.ID, []string{w.v.SKU, "ALTRO"})
			_, err3 := tx.HoldsPoll(polls[0])
			_, err4 := tx.AddLookup(models.Lookup{SourceID: source.ID, VariantID: "1"})
			_, err5 := tx.LockVariantsBySKU(pageID, []string{w.v.SKU})
			_, err6 := tx.LockAliased(source, []string{"ALTRO"})
			_, err7 := tx.LastUnknown(source.ID, "ALTRO")
			_, err8 := tx.NewReport(source.ID, "key")
			_, err9 := tx.SaveDelivery(models.Delivery{SourceID: source.ID, Origin: models.ByPoll, Outcome: models.DeliveryApplied})
			return errors.Join(err1, err2, err3, err4, err5, err6, err7, err8, err9, tx.SaveLevels(source.ID, item, now.UnixMilli()),
				tx.TellItem(source.ID, "1", models.Stock{Available: 1}, now), tx.UntellItems(source.ID, now), tx.SettlePoll(polls[0]))
		})
		for _, by := range [][3]string{{"s", "", ""}, {"", "1", ""}, {"", "", "p"}} {
			_, err = s.ItemOf(w.ctx, source.ID, by[0], by[1], by[2])
			w.must(err)
		}
		_, err = s.ItemsOfProduct(w.ctx, source.ID, "p")
		w.must(err)
		_, err = s.Lookups(w.ctx, source.ID, 20)
		w.must(err)
		_, err = s.Levels(w.ctx, source.ID, "1")
		w.must(err)
		_, _, err = s.Deliveries(w.ctx, source.ID, 5, "")
		w.must(err)
		_, err = s.DeliveryEvents(w.ctx, 1, 5)
		w.must(err)
	})
	if len(seen) < 20 {
		t.Fatalf("only %d statements were seen", len(seen))
	}
	for sql, args := range seen {
		var plan []struct{ Detail string }
		if err := s.Query(w.ctx, &plan, "EXPLAIN QUERY PLAN "+sql, args...); err != nil {
			t.Errorf("%v\n%s", err, sql)
		}
		for _, step := range plan {
			if wholeSource.MatchString(step.Detail) {
				t.Errorf("%s\n%s", step.Detail, sql)
			}
		}
	}
}
