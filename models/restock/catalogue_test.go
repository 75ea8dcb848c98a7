package restock_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"bentornato/models"
)

// described is a product of a shop system with variants: SKU and quantity in turn.
func described(id, title string, pairs ...any) models.StockReport {
	p := models.CatalogueProduct{ID: id, Title: title, URL: "https://shop.test/" + id, ImageURL: "https://shop.test/" + id + ".jpg"}
	r := models.StockReport{}
	for i := 0; i < len(pairs); i += 2 {
		sku, n := pairs[i].(string), pairs[i+1].(int)
		p.Variants = append(p.Variants, models.CatalogueVariant{ID: "v-" + sku, StockID: "s-" + sku, SKU: sku, Option: strings.ToLower(sku), Price: "24.50", Currency: "EUR"})
		r.Items = append(r.Items, models.StockItem{SKU: sku, Stock: models.Stock{Available: n}})
	}
	r.Catalogue = []models.CatalogueProduct{p}
	return r
}

func (w *world) tell(s models.Source, r models.StockReport) models.StockResult {
	w.t.Helper()
	w.events++
	w.clock.Advance(time.Second)
	r.Key = "told/" + string(rune('0'+w.events%10)) + w.clock.Now().String()
	return w.report(s, r)
}

func (w *world) sku(sku string) models.Variant {
	w.t.Helper()
	v, err := w.store.VariantBySKU(w.ctx, pageID, sku)
	w.must(err)
	return v
}

// TestCatalogue adds and changes products as a shop describes them, and leaves alone what people edited.
func TestCatalogue(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.source(pageID)
		if got := w.tell(s, described("7", "Tazza Alba", "BLU", 3, "ROSSA", 0)); got.Added != 2 || got.Accepted != 2 {
			t.Fatalf("the first word of it: %+v", got)
		}
		if n := len(w.restocks()); n != 0 {
			t.Errorf("a new product starts %d restocks", n)
		}
		blue := w.sku("BLU")
		if blue.Title != "Tazza Alba" || blue.Option != "blu" || blue.PriceMinor != 2450 || blue.URL != "https://shop.test/7" || blue.Available != 3 || blue.SourceID != s.ID || blue.Edited != 0 {
			t.Errorf("the variant is %+v", blue)
		}
		if red := w.sku("ROSSA"); red.ProductID != blue.ProductID {
			t.Error("two variants of one product belong to two")
		}
		if got := w.tell(s, described("7", "Tazza Alba", "BLU", 3, "ROSSA", 0)); got.Changed != 0 || got.Added != 0 {
			t.Errorf("the same again: %+v", got)
		}
		// What a person wrote stays; the rest follows the shop.
		blue.Title, blue.MinStock = "Tazza dell'alba", 2
		_, err := w.service.ChangeProduct(w.ctx, blue.ID, models.Listing{Variant: blue})
		w.must(err)
		r := described("7", "Tazza Nuova", "BLU", 3)
		r.Catalogue[0].Variants[0].Price, r.Catalogue[0].URL = "30", "https://shop.test/nuova"
		if got := w.tell(s, r); got.Changed != 1 {
			t.Errorf("a change: %+v", got)
		}
		if blue = w.sku("BLU"); blue.Title != "Tazza dell'alba" || blue.PriceMinor != 3000 || blue.URL != "https://shop.test/nuova" || blue.MinStock != 2 {
			t.Errorf("after a change it is %+v", blue)
		}
		// A product that people made is theirs, but for what they left empty.
		w.product("NOSTRA", "Nostra", 0)
		w.tell(s, described("8", "Loro", "NOSTRA", 1))
		if v := w.sku("NOSTRA"); v.Title != "Nostra" || v.URL != "https://shop.test/NOSTRA" || v.ImageURL != "https://shop.test/8.jpg" || v.SourceID != "" {
			t.Errorf("a product that people made is %+v", v)
		}
		if n := len(w.restocks()); n != 1 {
			t.Errorf("%d restocks, want the one of the product that came back", n)
		}
		w.sound()
	})
}

// TestCatalogueAddsNothing holds where nothing is to be added: the switch is off, the source is tied to no Page, a person
// took the product off the list, or the shop does not sell it at present.
func TestCatalogueAddsNothing(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		off, everywhere, s := w.source(pageID), w.source(""), w.source(pageID)
		off.AddsProducts = false
		w.must(w.service.ChangeSource(w.ctx, off))
		everywhere.AddsProducts = true
		if err := w.service.ChangeSource(w.ctx, everywhere); models.KindOf(err) != models.KindInvalid {
			t.Errorf("a source of all Pages may add products: %v", err)
		}
		everywhere.AddsProducts = false
		taken := w.product("TOLTA", "Tolta", 1)
		w.must(w.service.DeleteProduct(w.ctx, taken.ID))
		draft := described("2", "Bozza", "BOZZA", 1)
		draft.Catalogue[0].Unlisted = true
		for what, got := range map[string]models.StockResult{
			"switched off": w.tell(off, described("1", "Uno", "UNO", 1)), "all Pages": w.tell(everywhere, described("1", "Uno", "UNO", 1)),
			"taken off": w.tell(s, described("1", "Tolta", "TOLTA", 1)), "a draft": w.tell(s, draft),
		} {
			if got.Added != 0 || len(got.Unknown) != 1 {
				t.Errorf("%s: %+v", what, got)
			}
		}
		for what, r := range map[string]models.StockReport{
			"long":      described("3", strings.Repeat("parola ", 40)+"\n", strings.Repeat("S", 120), 1),
			"addresses": {Catalogue: []models.CatalogueProduct{{ID: "4", Title: "Ok", URL: "javascript:alert(1)", ImageURL: "//x", Variants: []models.CatalogueVariant{{SKU: "OK", Price: "gratis"}}}}},
		} {
			if got := w.tell(s, r); got.Added != 1 {
				t.Errorf("%s: %+v", what, got)
			}
		}
		if v := w.sku("OK"); v.URL != "" || v.ImageURL != "" || v.Currency != "" {
			t.Errorf("what cannot be used is kept: %+v", v)
		}
		w.sound()
	})
}

// TestCatalogueRemoved takes off the list what the shop deleted, and keeps the tokens that wait for it.
func TestCatalogueRemoved(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.source(pageID)
		w.tell(s, described("7", "Tazza Alba", "BLU", 0, "ROSSA", 2))
		w.tell(s, described("9", "Vaso", "VASO", 1))
		w.product("NOSTRA", "Nostra", 4)
		w.tell(s, described("8", "Loro", "NOSTRA", 4))
		w.holder("psid-1", w.sku("BLU"))
		// One variant fewer.
		less := described("7", "Tazza Alba", "BLU", 0)
		less.Catalogue[0].VariantIDs = []string{"v-BLU"}
		if got := w.tell(s, less); got.Removed != 1 {
			t.Errorf("a variant fewer: %+v", got)
		}
		if got := w.tell(s, models.StockReport{Catalogue: []models.CatalogueProduct{{ID: "7", Deleted: true}, {ID: "8", Deleted: true}, {ID: "404", Deleted: true}}}); got.Removed != 2 {
			t.Errorf("deleted: %+v", got)
		}
		for _, sku := range []string{"BLU", "ROSSA"} {
			if _, err := w.store.VariantBySKU(w.ctx, pageID, sku); models.KindOf(err) != models.KindNotFound {
				t.Errorf("%s is still listed: %v", sku, err)
			}
		}
		if v := w.sku("NOSTRA"); !v.SoldOut() {
			t.Errorf("what people listed is %+v, want it there and sold out", v)
		}
		if n := w.tokens(models.TokenWaiting); n != 1 {
			t.Errorf("%d tokens wait, want 1", n)
		}
		list, _, err := w.store.SourceEvents(w.ctx, s.ID, 100, "")
		w.must(err)
		if !slices.ContainsFunc(list, func(e models.SourceEvent) bool {
			return e.SKU == "BLU" && e.Outcome == models.ReportRemoved && e.Kept == 1
		}) {
			t.Errorf("nothing says that a token is kept: %+v", list)
		}
		// It comes back, and so do its tokens.
		if got := w.tell(s, described("7", "Tazza Alba", "BLU", 2)); got.Added != 1 {
			t.Errorf("listed again: %+v", got)
		}
		if r := w.only(); r.State != models.RestockRunning {
			t.Errorf("its restock is %s", r.State)
		}
		// A whole catalogue leaves out what is gone.
		whole := described("7", "Tazza Alba", "BLU", 2)
		whole.Whole = true
		if got := w.tell(s, whole); got.Removed != 1 {
			t.Errorf("a whole catalogue without the vase: %+v", got)
		}
		if _, err := w.store.VariantBySKU(w.ctx, pageID, "VASO"); models.KindOf(err) != models.KindNotFound {
			t.Error("the vase is still listed")
		}
		w.sound()
	})
}
