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
			"SKU alone": {"sku\nTAZZA\n", models.KindInvalid},
			"no title":  {"sku,price\nTAZZA,1\n", models.KindInvalid}, // of a Page that lists none of it
			"workbook":  {"PK\x03\x04 an archive", models.KindInvalid},
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

// TestImportStockAlone takes a file of SKUs and quantities for what is listed, leaves everything else of it, and says which
// lines name what is not.
func TestImportStockAlone(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		saved, err := w.service.SaveProduct(w.ctx, models.Listing{Product: "Tazze", Stock: &models.Stock{}, Variant: models.Variant{PageID: pageID, SKU: "TAZZA", Title: "Tazza",
			Option: "blu", PriceMinor: 990, Currency: "GBP", URL: "https://shop.test/t", ImageURL: "https://shop.test/t.jpg", MinStock: 2, TokensPerUnit: 3}})
		w.must(err)
		w.product("VASO", "Vaso", 3)
		w.holder("p1", saved.Variant)
		done := w.importing("Codice;Giacenza\r\nTAZZA;1.200\r\nNIENTE;4\r\nVASO;\r\nTAZZA;7\r\n;3\r\n;;\r\n")
		if done.Added != 0 || done.Changed != 2 || len(done.Wrong) != 3 {
			t.Fatalf("%+v", done)
		}
		for i, want := range []models.WrongLine{{Line: 3, SKU: "NIENTE", Rule: models.RuleNewSKU}, {Line: 5, SKU: "TAZZA", Rule: models.RuleTwice}, {Line: 6, Rule: "sku"}} {
			if got := done.Wrong[i]; got.Line != want.Line || got.SKU != want.SKU || got.Rule != want.Rule || got.Why == "" {
				t.Errorf("wrong is %+v, want %+v", got, want)
			}
		}
		after, want := w.bySKU("TAZZA"), saved.Variant
		want.Available, want.StockAt, want.UpdatedAt, want.Waiting, want.Episode = 1200, after.StockAt, after.UpdatedAt, after.Waiting, after.Episode
		if !reflect.DeepEqual(after, want) {
			t.Errorf("the import left\n%+v, want\n%+v", after, want)
		}
		if v := w.bySKU("VASO"); v.Available != 3 {
			t.Errorf("an empty cell made the stock %d", v.Available)
		}
		if n := w.notified(); n != 1 {
			t.Errorf("%d were notified, want 1", n)
		}
		w.sound()
	})
}

// TestImportHeadings reads what shop systems export, and people name, as it comes.
func TestImportHeadings(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for name, c := range map[string]struct {
			file  string
			wrong string // numbers of lines
			want  models.Variant
		}{
			"Easyfatt": {file: "\xef\xbb\xbfCod.;Descrizione;Listino 1;Listino 1 (ivato);Q.tà giacenza;Q.tà impegnata;Q.tà disponibile\r\nE-1;Maglia blu;30,33;\"1.037,00\";7,00;2,00;5,00\r\n",
				want: models.Variant{SKU: "E-1", Title: "Maglia blu", PriceMinor: 103700, Currency: "EUR", Available: 5}},
			"Windows": {file: "Codice articolo;Descrizione;Prezzo (\x80);Quantit\xe0\nW-1;Caff\xe8;4,90;1 000\n",
				want: models.Variant{SKU: "W-1", Title: "Caffè", PriceMinor: 490, Currency: "EUR", Available: 1000}},
			"UTF-16": {file: "\xff\xfes\x00k\x00u\x00\t\x00n\x00o\x00m\x00e\x00\n\x00U\x00\t\x00\xe8\x00\n\x00", want: models.Variant{SKU: "U", Title: "è"}},
			"Shopify": {file: "Handle,Title,Body (HTML),Option1 Name,Option1 Value,Option2 Value,Variant SKU,Variant Inventory Qty,Variant Inventory Policy,Variant Price,Image Src,Variant Image,Status\n" +
				"maglia,Maglia,<p>Bella</p>,Taglia,S,Blu,S-1,3,deny,19.90,https://shop.test/a.jpg,,active\n" +
				"maglia,,,,M,Blu,S-2,0,deny,19.90,https://shop.test/b.jpg,https://shop.test/m.jpg,\n" +
				"maglia,,,,,,,,,,https://shop.test/c.jpg,,\n",
				want: models.Variant{SKU: "S-2", Title: "Maglia", Option: "M / Blu", PriceMinor: 1990, Currency: "EUR", ImageURL: "https://shop.test/m.jpg"}},
			"WooCommerce": {file: "ID,Type,SKU,Name,Description,\"In stock?\",Stock,\"Sale price\",\"Regular price\",Images,Parent\n" +
				"7,simple,WC-1,Tazza,Lunga,1,,8.50,10,\"https://shop.test/a.jpg, https://shop.test/b.jpg\",\n8,simple,WC-2,Vaso,,backorder,,,10,,\n9,simple,WC-3,Vaso,,maybe,,,10,,\n", wrong: "4",
				want: models.Variant{SKU: "WC-1", Title: "Tazza", PriceMinor: 850, Currency: "EUR", ImageURL: "https://shop.test/a.jpg", QuantityUnknown: true}},
			"PrestaShop": {file: "ID;Immagine;Nome;Riferimento;\"Prezzo (tasse escl.)\";\"Prezzo (tasse incl.)\";Quantità\n1;;Cuscino;PS-1;€10,00;€12,20;-3\n",
				want: models.Variant{SKU: "PS-1", Title: "Cuscino", PriceMinor: 1220, Currency: "EUR", Available: -3}},
			"Facebook": {file: "id\ttitle\tdescription\tavailability\tprice\tlink\timage_link\titem_group_id\nF-1\tTazza\tBella\tin stock\t12.50 GBP\thttps://shop.test/t\thttps://shop.test/t.jpg\tTazze\n",
				want: models.Variant{SKU: "F-1", Title: "Tazza", PriceMinor: 1250, Currency: "GBP", URL: "https://shop.test/t", ImageURL: "https://shop.test/t.jpg", QuantityUnknown: true}},
			"a person": {file: "Articolo;Prodotto;Taglia;Colore;Disponibilità;Pagina web\nP-1;Maglia;M;rosa;sì;https://shop.test/p\nP-2;Maglia;L;rosa;1.2.3;\n", wrong: "3",
				want: models.Variant{SKU: "P-1", Title: "Maglia", Option: "M / rosa", URL: "https://shop.test/p", QuantityUnknown: true}},
			"our own": {file: "name,sku,title,codice,price,prezzo\nX,O-1,Tazza,Y,2,3\n", want: models.Variant{SKU: "O-1", Title: "Tazza", PriceMinor: 200, Currency: "EUR"}},
			"tabs":    {file: "sku\tname\tqty\nT-1\tTazza\t7\nT-2\tVaso\t1.234\n", wrong: "3", want: models.Variant{SKU: "T-1", Title: "Tazza", Available: 7}},
		} {
			done := w.importing(c.file)
			var wrong []string
			for _, l := range done.Wrong {
				wrong = append(wrong, fmt.Sprint(l.Line))
			}
			if strings.Join(wrong, " ") != c.wrong {
				t.Errorf("%s: wrong are %+v, want lines %q", name, done.Wrong, c.wrong)
			}
			v := w.bySKU(c.want.SKU)
			got := models.Variant{SKU: v.SKU, Title: v.Title, Option: v.Option, PriceMinor: v.PriceMinor, Currency: v.Currency, URL: v.URL, ImageURL: v.ImageURL,
				Available: v.Available, QuantityUnknown: v.QuantityUnknown}
			if !reflect.DeepEqual(got, c.want) {
				t.Errorf("%s: got\n%+v, want\n%+v", name, got, c.want)
			}
		}
		if one, two := w.bySKU("S-1"), w.bySKU("S-2"); one.ProductID != two.ProductID || one.ImageURL != "https://shop.test/a.jpg" {
			t.Errorf("the variants of one handle are %+v and %+v", one, two)
		}
		w.sound()
	})
}
