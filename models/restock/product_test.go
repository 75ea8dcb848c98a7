package restock_test

import (
	"testing"
	"time"

	"bentornato/models"
)

// TestLowerMinimum brings a variant back by its minimum alone, without a report: a restock starts, and only where
// somebody waits and nothing runs.
func TestLowerMinimum(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		v := w.listing(models.Variant{SKU: "TEIERA", Title: "Teiera Nebbia", MinStock: 5}, 0)
		save := func(minimum int) {
			t.Helper()
			v.MinStock = minimum
			_, err := w.service.ChangeProduct(w.ctx, v.ID, models.Listing{Variant: v})
			w.must(err)
		}
		w.stock(v, 3)
		save(4)
		save(3)
		if n := len(w.restocks()); n != 0 {
			t.Fatalf("%d restocks although nobody waits", n)
		}
		save(5)
		w.stock(v, 0)
		w.holder("p1", v)
		w.stock(v, 3)
		save(4)
		if n := len(w.restocks()); n != 0 {
			t.Fatalf("%d restocks although 3 pieces are fewer than 4", n)
		}
		save(2)
		save(1)
		if n := len(w.restocks()); n != 1 {
			t.Fatalf("%d restocks, want the one that the lower minimum started", n)
		}
	})
}

// TestFirstQuantityIsNoReport lists a variant and hears of it from a clock a minute behind: the report counts.
func TestFirstQuantityIsNoReport(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		v := w.product("TEIERA", "Teiera Nebbia", 0)
		result, err := w.service.Report(w.ctx, models.Source{ID: "till"}, models.StockReport{Key: "r1", At: w.clock.Now().Add(-time.Minute),
			Items: []models.StockItem{{SKU: v.SKU, Stock: models.Stock{Available: 4}}}})
		w.must(err)
		if result.Accepted != 1 || result.Stale != 0 {
			t.Errorf("the report was %+v, want it accepted", result)
		}
	})
}
