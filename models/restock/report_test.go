package restock_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"bentornato/models"
)

func (w *world) source(page string) models.Source {
	w.t.Helper()
	s, err := w.service.AddSource(w.ctx, models.Source{Kind: "generic", Name: "Till " + page, PageID: page}, "whsec_x")
	w.must(err)
	return s
}

func (w *world) report(s models.Source, r models.StockReport) models.StockResult {
	w.t.Helper()
	result, err := w.service.Report(w.ctx, s, r)
	w.must(err)
	return result
}

func (w *world) available(v models.Variant) models.Stock {
	w.t.Helper()
	v, err := w.store.Variant(w.ctx, v.ID)
	w.must(err)
	return v.Stock()
}

func items(sku string, n int) []models.StockItem {
	return []models.StockItem{{SKU: sku, Stock: models.Stock{Available: n}}}
}

// TestReport applies a report once, the newest word on each SKU winning (rule 5.1).
func TestReport(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		cup, dish := w.product("TAZZA", "Tazza", 0), w.product("PIATTO", "Piatto", 0)
		s := w.source("")
		now := w.clock.Now().Add(time.Minute)
		w.clock.Advance(time.Hour)
		check := func(what string, got, want models.StockResult, cups, dishes int) {
			t.Helper()
			if !reflect.DeepEqual(got, want) {
				t.Errorf("%s: %+v, want %+v", what, got, want)
			}
			if c, d := w.available(cup).Available, w.available(dish).Available; c != cups || d != dishes {
				t.Errorf("%s: %d cups and %d dishes, want %d and %d", what, c, d, cups, dishes)
			}
		}
		both := func(c, d int) []models.StockItem { return append(items("TAZZA", c), items("PIATTO", d)...) }
		check("a report", w.report(s, models.StockReport{Key: "1", At: now, Items: both(5, 6)}), models.StockResult{Accepted: 2}, 5, 6)
		check("the same id", w.report(s, models.StockReport{Key: "1", At: now.Add(time.Minute), Items: both(9, 9)}), models.StockResult{Duplicate: 2}, 5, 6)
		check("the same id of another source", w.report(w.source(""), models.StockReport{Key: "1", At: now, Items: both(7, 8)}), models.StockResult{Accepted: 2}, 7, 8)
		older := both(1, 1)
		older[1].At = now.Add(time.Minute)
		check("older, but for one item", w.report(s, models.StockReport{Key: "2", At: now.Add(-time.Second), Items: older}), models.StockResult{Accepted: 1, Stale: 1}, 7, 1)
		check("what nobody lists", w.report(s, models.StockReport{Key: "3", At: now.Add(time.Hour), Items: items("SEDIA", 3)}), models.StockResult{Unknown: []string{"SEDIA"}}, 7, 1)
		check("from the future", w.report(s, models.StockReport{Key: "4", At: w.clock.Now().Add(24 * time.Hour), Items: both(2, 2)}), models.StockResult{Accepted: 2}, 2, 2)
		w.clock.Advance(time.Minute)
		check("after it", w.report(s, models.StockReport{Key: "5", At: w.clock.Now(), Items: both(3, 3)}), models.StockResult{Accepted: 2}, 3, 3)
		check("without a time", w.report(s, models.StockReport{Key: "6", Items: both(4, 4)}), models.StockResult{Accepted: 2}, 4, 4)
		check("one SKU twice", w.report(s, models.StockReport{Key: "7", Items: append(items("TAZZA", 0), items("TAZZA", 6)...)}), models.StockResult{Accepted: 2}, 6, 4)
		list, _, err := w.store.SourceEvents(w.ctx, s.ID, 100, "")
		w.must(err)
		outcomes := map[models.ReportOutcome]int{}
		for _, e := range list {
			outcomes[e.Outcome]++
		}
		if outcomes[models.ReportStale] != 1 || outcomes[models.ReportUnknown] != 1 || outcomes[models.ReportApplied] != 11 {
			t.Errorf("kept %v", outcomes)
		}
		w.sound()
	})
}

// TestReportPages reports for every Page that lists the SKU, unless the source is tied to one.
func TestReportPages(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		here := w.product("TAZZA", "Tazza", 0)
		w.must(w.service.SavePage(w.ctx, models.Page{ID: "202", Name: "Due", Rate: 40, Locale: "it"}, "t"))
		saved, err := w.service.SaveProduct(w.ctx, models.Listing{Variant: models.Variant{PageID: "202", SKU: "TAZZA", Title: "Tazza"}})
		w.must(err)
		there := saved.Variant
		check := func(what string, a, b int) {
			t.Helper()
			if x, y := w.available(here).Available, w.available(there).Available; x != a || y != b {
				t.Errorf("%s: %d here and %d there, want %d and %d", what, x, y, a, b)
			}
		}
		if r := w.report(w.source(""), models.StockReport{Key: "1", Items: items("TAZZA", 4)}); r.Accepted != 1 {
			t.Errorf("accepted %d items, want 1", r.Accepted)
		}
		check("a source of all", 4, 4)
		w.report(w.source("202"), models.StockReport{Key: "1", Items: items("TAZZA", 9)})
		check("a source of one", 4, 9)
		if _, err := w.service.AddSource(w.ctx, models.Source{Kind: "generic", Name: "x", PageID: "303"}, "s"); models.KindOf(err) != models.KindNotFound {
			t.Errorf("a source of a Page that is not there: %v", err)
		}
		w.must(w.service.DeleteProduct(w.ctx, here.ID))
		w.report(w.source(pageID), models.StockReport{Key: "2", Items: items("TAZZA", 1)})
		check("a product that is not listed any more", 4, 9)
	})
}

// TestReportLong counts a SKU that stands twice, far apart, as one variant.
func TestReportLong(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		v := w.product("TAZZA", "Tazza", 0)
		w.holder("p1", v)
		long := items("TAZZA", 3)
		for i := range 600 {
			long = append(long, items(fmt.Sprint("NESSUNO-", i), i)...)
		}
		long = append(long, items("TAZZA", 4)...)
		if r := w.report(w.source(""), models.StockReport{Key: "1", Items: long}); r.Accepted != 2 || len(r.Unknown) != 600 {
			t.Errorf("accepted %d, unknown %d", r.Accepted, len(r.Unknown))
		}
		if r := w.only(); r.Quantity != 4 || w.available(v).Available != 4 {
			t.Errorf("the restock counts %d", r.Quantity)
		}
	})
}

// TestReportRace sends one report sixteen times at once, and sixteen others beside it: one restock.
func TestReportRace(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		v := w.product("TAZZA", "Tazza", 0)
		w.holder("p1", v)
		s := w.source("")
		var (
			mu  sync.Mutex
			sum models.StockResult
			all sync.WaitGroup
		)
		for i := range 32 {
			all.Go(func() {
				key := "same"
				if i%2 == 0 {
					key = fmt.Sprint(i)
				}
				r, err := w.service.Report(w.ctx, s, models.StockReport{Key: key, Items: items("TAZZA", 5)})
				if err != nil {
					t.Error(err)
				}
				mu.Lock()
				defer mu.Unlock()
				sum.Accepted += r.Accepted
				sum.Stale += r.Stale
				sum.Duplicate += r.Duplicate
			})
		}
		all.Wait()
		if sum.Duplicate != 15 || sum.Accepted+sum.Stale != 17 {
			t.Errorf("%+v, want 15 duplicates of 32", sum)
		}
		if r := w.only(); r.State != models.RestockRunning {
			t.Errorf("the restock is %s", r.State)
		}
		if out := kinds(w.deliver()); out[models.SendNotification] != 1 {
			t.Errorf("sent %v, want one notification", out)
		}
		w.sound()
	})
}

// TestCrossing starts a restock only where the minimum is crossed upwards (rule 5.2).
func TestCrossing(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		v := w.listing(models.Variant{SKU: "TAZZA", Title: "Tazza", MinStock: 3}, 0)
		w.holder("p1", v)
		for _, step := range []struct {
			stock models.Stock
			want  int // restocks so far
			state models.RestockState
		}{
			{models.Stock{Available: 2}, 0, ""}, {models.Stock{Available: -4}, 0, ""}, {models.Stock{Available: 3}, 1, models.RestockRunning},
			{models.Stock{Available: 9}, 1, models.RestockRunning}, {models.Stock{Available: 3}, 1, models.RestockRunning},
			{models.Stock{Available: 2}, 1, models.RestockStopped}, {models.Stock{Unknown: true}, 2, models.RestockRunning},
			{models.Stock{Available: 5}, 2, models.RestockRunning}, {models.Stock{Available: 0}, 2, models.RestockStopped},
		} {
			_, err := w.service.ReportByHand(w.ctx, v.ID, step.stock)
			w.must(err)
			list := w.restocks()
			if len(list) != step.want || len(list) > 0 && list[0].State != step.state {
				t.Fatalf("at %+v there are %d restocks, want %d (%s): %+v", step.stock, len(list), step.want, step.state, list)
			}
		}
		if got := w.waker.halted; !slices.Equal(got, []int64{v.ID, v.ID, v.ID, v.ID}) {
			t.Errorf("halted %v, want at 2, -4, 2 and 0", got)
		}
		if out := kinds(w.deliver()); out[models.SendNotification] != 0 {
			t.Errorf("sent %v although it is sold out", out)
		}
		if _, err := w.service.ReportByHand(w.ctx, v.ID, models.Stock{Available: models.MaxStock + 1}); models.KindOf(err) != models.KindInvalid {
			t.Errorf("a quantity that no shop has: %v", err)
		}
		w.sound()
	})
}

// TestNotification holds what a notification must (rule 7.1), and its link leads to the product and is counted (rule 7.2).
func TestNotification(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		v := w.listing(models.Variant{SKU: "TAZZA", Title: "Tazza Alba", Option: "blu", ImageURL: "https://shop.test/t.jpg"}, 0)
		w.holder("p1", v)
		w.stock(v, 2)
		out := w.deliver()
		if len(out) != 1 {
			t.Fatalf("sent %d messages, want 1", len(out))
		}
		o := out[0]
		card := o.Content.Cards[0]
		if o.Recipient.Token != "token-of-p1-TAZZA.1" || o.Recipient.PSID != "" || o.Metadata != "bn:a:1.1" {
			t.Errorf("sent to %s with metadata %q", o.Recipient, o.Metadata)
		}
		if card.Title != "Tazza Alba (blu)" || card.ImageURL == "" || !strings.Contains(card.Subtitle, "24,50") || len(card.Buttons) != 2 || card.Buttons[1].Payload != "bn:i:"+v.Ref {
			t.Errorf("the card is %+v", card)
		}
		code, ours := strings.CutPrefix(card.Buttons[0].URL, "https://bentornato.test/r/")
		if !ours || strings.Contains(code, "TAZZA") {
			t.Errorf("the link is %q", card.Buttons[0].URL)
		}
		if address, err := w.service.Click(w.ctx, code); err != nil || address != v.URL {
			t.Errorf("the link leads to %q, error %v", address, err)
		}
		w.sweep()
		if r := w.only(); r.Clicks != 1 || r.Sent != 1 || r.State != models.RestockDone {
			t.Errorf("the restock is %+v", r)
		}
		// "Tell me again" is interest like any other.
		w.receive(models.Event{Kind: models.EventPostback, PSID: "p1", Payload: card.Buttons[1].Payload})
		if got := w.interests("p1"); !strings.HasPrefix(got, "postback TAZZA") {
			t.Errorf("interest %q", got)
		}
		w.sound()
	})
}
