package restock_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"bentornato/models"
)

func (w *world) importing(file string) models.Imported {
	w.t.Helper()
	done, err := w.service.ImportProducts(w.ctx, pageID, strings.NewReader(file))
	w.must(err)
	return done
}

func (w *world) bySKU(sku string) models.Variant {
	w.t.Helper()
	v, err := w.store.VariantBySKU(w.ctx, pageID, sku)
	w.must(err)
	return v
}

// TestImport reads what Excel writes in Italy, says which lines are wrong and why, and imports the others.
func TestImport(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		done := w.importing("\xef\xbb\xbfSKU;Title;Price;Currency;URL;Image_URL;Available;Product;Option\r\n" +
			"TAZZA-BLU;Tazza Alba;1.234,50;eur;https://shop.test/t;;7;Tazze;blu\r\n" +
			"TAZZA-RED;\"Tazza; Alba\";12,5;;;;3,0;Tazze;rossa\r\n" +
			";Senza codice;1;;;;;;\r\n" +
			"NIENTE;;1;;;;;;\r\n" +
			"CARO;Caro;molto;;;;;;\r\n" +
			"DOLLARI;Dollari;1;dollars;;;;;\r\n" +
			"LINK;Link;1;;shop.test;;;;\r\n" +
			"POCO;Poco;1;;;;pochi;;\r\n" +
			"TANTO;Tanto;1;;;;99999999999;;\r\n" +
			"TAZZA-BLU;Di nuovo;1;;;;;;\r\n" +
			"VIRG;Virg\"olette;1;;;;;;\r\n" +
			"CORTA;Corta\r\n")
		if done.Added != 3 || done.Changed != 0 {
			t.Errorf("added %d and changed %d, want 3 and 0", done.Added, done.Changed)
		}
		wrong := map[int]string{}
		for _, l := range done.Wrong {
			wrong[l.Line] = l.Why
			if l.Rule == "" {
				t.Errorf("line %d breaks no rule that could be said in another language", l.Line)
			}
		}
		for line, part := range map[int]string{4: "SKU is missing", 5: "title is missing", 6: "no price", 7: "no currency", 8: "web address",
			9: "whole number", 10: "quantity is between", 11: "line 2 already", 12: "quotes"} {
			if !strings.Contains(wrong[line], part) {
				t.Errorf("line %d: %q, want %q in it", line, wrong[line], part)
			}
			delete(wrong, line)
		}
		if len(wrong) > 0 {
			t.Errorf("wrong lines besides: %v", wrong)
		}
		blue, red := w.bySKU("TAZZA-BLU"), w.bySKU("TAZZA-RED")
		if blue.PriceMinor != 123450 || blue.Currency != "EUR" || blue.Available != 7 || blue.Option != "blu" || blue.Title != "Tazza Alba" {
			t.Errorf("blue is %+v", blue)
		}
		if red.PriceMinor != 1250 || red.Available != 3 || red.Title != "Tazza; Alba" || red.ProductID != blue.ProductID {
			t.Errorf("red is %+v", red)
		}
		if len(w.restocks()) != 0 {
			t.Error("what is new has come back")
		}
		w.sound()
	})
}

// TestImportKeeps leaves as it is what the file has no column for.
func TestImportKeeps(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		saved, err := w.service.SaveProduct(w.ctx, models.Listing{Product: "Tazze", Stock: &models.Stock{Available: 4}, Variant: models.Variant{PageID: pageID, SKU: "TAZZA",
			Title: "Tazza", Option: "blu", PriceMinor: 990, Currency: "GBP", URL: "https://shop.test/t", ImageURL: "https://shop.test/t.jpg", MinStock: 3, TokensPerUnit: 2}})
		w.must(err)
		before := saved.Variant
		if done := w.importing("sku,title\nTAZZA,Tazza grande\n"); done.Changed != 1 || done.Added != 0 || len(done.Wrong) != 0 {
			t.Errorf("%+v", done)
		}
		after := w.bySKU("TAZZA")
		want := before
		want.Title, want.UpdatedAt = "Tazza grande", after.UpdatedAt
		if !reflect.DeepEqual(after, want) {
			t.Errorf("the import left\n%+v, want\n%+v", after, want)
		}
		w.importing("sku,title,price\nTAZZA,Tazza grande,10.50\n")
		if v := w.bySKU("TAZZA"); v.PriceMinor != 1050 || v.Currency != "GBP" {
			t.Errorf("the price is %d %s, want 10.50 in the currency it had", v.PriceMinor, v.Currency)
		}
		w.importing("sku,title,price,available,product\nTAZZA,Tazza grande,,0,\n")
		if v := w.bySKU("TAZZA"); v.Currency != "" || v.Available != 0 {
			t.Errorf("an empty price leaves %d %s; the stock is %d", v.PriceMinor, v.Currency, v.Available)
		}
		w.sound()
	})
}

// TestImportStock is a report: what comes back by a file starts a restock.
func TestImportStock(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		v := w.product("TAZZA", "Tazza", 0)
		w.holder("p1", v)
		w.importing("sku\ttitle\tavailable\nTAZZA\tTazza\t5\n")
		if n := w.notified(); n != 1 {
			t.Errorf("%d were notified, want 1", n)
		}
		w.sound()
	})
}

// TestImportUnclosedQuote loses the line it stands on, and none behind it.
func TestImportUnclosedQuote(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		file := "sku,title\nA,Prima\nB,\"Seconda\nC,Terza\n\nD,\"Quarta\nE,\"Quinta, \"\"detta\"\" sesta\"\nF,\"su due\nrighe\"\n"
		done := w.importing(file)
		var lines []string
		for _, l := range done.Wrong {
			lines = append(lines, fmt.Sprint(l.Line))
		}
		if done.Added != 4 || strings.Join(lines, " ") != "3 6" {
			t.Errorf("added %d, wrong lines %v; want A, C, E and F, and lines 3 and 6", done.Added, done.Wrong)
		}
	})
}

// TestImportRefused refuses a file that cannot be read at all, and writes nothing.
func TestImportRefused(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for name, c := range map[string]struct {
			file string
			kind models.Kind
		}{
			"empty":     {"", models.KindInvalid},
			"no SKU":    {"title,price\nTazza,1\n", models.KindInvalid},
			"no title":  {"sku\nTAZZA\n", models.KindInvalid},
			"too large": {"sku,title\n" + strings.Repeat("x", models.MaxImportBytes), models.KindTooLarge},
			"too long":  {"sku,title\n" + strings.Repeat(",\n", models.MaxImportLines+1), models.KindTooLarge},
		} {
			if _, err := w.service.ImportProducts(w.ctx, pageID, strings.NewReader(c.file)); models.KindOf(err) != c.kind {
				t.Errorf("%s: %v, want %s", name, err, c.kind)
			}
		}
		if _, err := w.service.ImportProducts(w.ctx, "999", strings.NewReader("sku,title\nA,B\n")); models.KindOf(err) != models.KindNotFound {
			t.Errorf("for a Page that is not there: %v", err)
		}
		if list, _, err := w.store.ListVariants(w.ctx, models.VariantQuery{Limit: 5}); err != nil || len(list) != 0 {
			t.Errorf("%d variants are listed, error %v", len(list), err)
		}
	})
}
