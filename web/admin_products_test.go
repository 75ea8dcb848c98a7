package web_test

import (
	"bytes"
	"context"
	"fmt"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"bentornato/models"
	"bentornato/models/store"
)

func (s *site) variant(sku string) models.Variant {
	s.t.Helper()
	v, err := s.store.VariantBySKU(context.Background(), pageID, sku)
	s.must(err)
	return v
}

func screenOf(v models.Variant) string { return fmt.Sprintf("/products/%d", v.ID) }

func TestProductList(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.addPage(otherPage, nil)
		for i := range 53 {
			s.product(pageID, fmt.Sprintf("MUG-%02d", i), i%2)
		}
		s.product(otherPage, "MUG-X", 0)
		s.token(s.variant("MUG-04"), "2001")
		b := s.as(models.RoleViewer)
		d := b.shows(t, "/products?q=mug&availability=sold_out&page_id="+pageID)
		if n := d.Find("#products tbody tr").Length(); n != 27 {
			t.Errorf("%d products are sold out, want 27", n)
		}
		holds(t, b.shows(t, "/products?availability=waiting").Find("#products"), "MUG-04")

		// Page after page, and every product once.
		seen := map[string]int{}
		target := "/products?q=mug&sort=updated&page_id=" + pageID
		for pages := 1; target != ""; pages++ {
			d := b.shows(t, target)
			d.Find("#products tbody .code").Each(func(_ int, c *goquery.Selection) { seen[text(c)]++ })
			next := d.Find("a[rel=next]")
			target = next.AttrOr("href", "")
			if target != "" && (!strings.Contains(target, "q=mug") || !strings.Contains(target, "sort=updated") || !strings.Contains(target, "page_id="+pageID)) {
				t.Fatalf("the next page forgets the filters: %s", target)
			}
			if pages == 2 && (target != "" || d.Find(".pager a").Length() != 1) {
				t.Errorf("the second page is not the last one, or leads nowhere")
			}
		}
		if len(seen) != 53 || seen["MUG-00"] != 1 || seen["MUG-52"] != 1 {
			t.Errorf("%d products were listed, want 53, each once", len(seen))
		}

		a := b.visit("GET", "/products?q=MUG-07", "", header("HX-Request", "true")).is(t, 200)
		if strings.Contains(a.body, "<html") || !strings.HasPrefix(strings.TrimSpace(a.body), `<div id="products"`) {
			t.Errorf("htmx is sent more than the list: %.200s", a.body)
		}
		a.contains(t, "MUG-07")
		if !strings.Contains(strings.Join(a.Header.Values("Vary"), ","), "HX-Request") {
			t.Error("the answer does not say that it varies")
		}
		b.visit("GET", "/products", "", header("HX-Request", "true"), header("HX-History-Restore-Request", "true")).contains(t, "<html")
	})
}

func TestProductScreen(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		w := s.world()
		b := s.as(models.RoleStaff)
		d := b.shows(t, screenOf(w.mug))
		link := "https://m.me/" + pageID + "?ref=" + w.mug.Ref
		if got := d.Find("#m-me").AttrOr("value", ""); got != link {
			t.Errorf("the link is %q, want %q", got, link)
		}
		// A code of 41 to 60 characters at level M is of version 4, with 33 modules a side (ISO/IEC 18004, table 7); its
		// corner is a finder pattern, whose first row is seven dark modules and a light one.
		code := d.Find("svg.qr")
		if got := code.AttrOr("viewbox", code.AttrOr("viewBox", "")); got != "-1 -1 35 35" {
			t.Errorf("the code of %d characters has the box %q", len(link), got)
		}
		path := code.Find("path").AttrOr("d", "")
		for _, bar := range []string{"M0 0h7v1h-7z", "M0 1h1v1h-1z", "M26 0h7v1h-7z", "M0 26h7v1h-7z"} {
			if !strings.Contains(path, bar) {
				t.Errorf("the code has no finder pattern: %s is missing", bar)
			}
		}
		waiting := d.Find("[aria-labelledby=waiting] tbody tr")
		if waiting.Length() != 1 {
			t.Fatalf("%d people wait, want 1", waiting.Length())
		}
		holds(t, waiting, "Giulia Rossi", "Sold out")
		holds(t, d.Find("[aria-labelledby=reports]"), "0")

		d = b.shows(t, screenOf(w.plate))
		holds(t, d.Find("[aria-labelledby=siblings]"), "Piatto (bianco)")
		holds(t, d.Find("[aria-labelledby=open-restock]"), "0 told")
		holds(t, d.Find("[aria-labelledby=reports] tbody tr").First(), "5", w.source.Name)
		if d.Find("[aria-labelledby=history] tbody tr").Length() != 1 {
			t.Error("the restock is not in the history")
		}
	})
}

// TestWhoWaits checks that those who wait stand in the order in which they will be told, those that wait again too.
func TestWhoWaits(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		ctx := context.Background()
		v := s.product(pageID, "MUG-BLUE", 0)
		for i := range 53 {
			s.clock.Advance(time.Second)
			k := s.token(v, fmt.Sprintf("20%02d", i))
			s.must(s.store.Update(ctx, func(tx *store.Tx) error { return tx.SaveProfile(k.ContactID, fmt.Sprintf("Person %02d", i), "") }))
			if i == 1 || i == 52 {
				s.must(s.store.Update(ctx, func(tx *store.Tx) error { return tx.ReleaseLate(k.ID) }))
			}
		}
		names := func() (list []string) {
			b := s.as(models.RoleViewer)
			b.shows(t, screenOf(v)).Find("[aria-labelledby=waiting] tbody td.main").Each(func(_ int, td *goquery.Selection) { list = append(list, text(td)) })
			return list
		}
		list := names()
		if len(list) != 50 {
			t.Fatalf("%d people are listed, want the first 50", len(list))
		}
		for i, name := range list {
			if want := fmt.Sprintf("Person %02d", i); name != want {
				t.Fatalf("the person at %d is %s, want %s", i, name, want)
			}
		}
		s.addPage(pageID, func(p *models.Page) { p.Settings.NewestFirst = true })
		if list = names(); list[0] != "Person 52" || list[1] != "Person 51" {
			t.Errorf("newest first they begin with %v", list[:2])
		}
	})
}

func TestNewProduct(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.product(pageID, "MUG-RED", 2)
		b := s.as(models.RoleStaff)
		good := map[string]string{"page_id": pageID, "sku": "MUG-BLUE", "title": "Tazza Alba", "product": "Alba", "option": "blu", "price": "12,50", "currency": "EUR",
			"url": "https://shop.example/p/1", "image_url": "https://shop.example/1.jpg", "available": "3", "min_stock": "2", "tokens_per_unit": "4"}
		for _, test := range []struct {
			field, value string
			status       int
		}{
			{"sku", "", 422}, {"sku", strings.Repeat("x", 121), 422}, {"sku", "MUG-RED", 409}, {"title", "", 422}, {"option", strings.Repeat("x", 81), 422},
			{"price", "1.200", 422}, {"price", "twelve", 422}, {"currency", "EURO", 422}, {"url", "javascript:alert(1)", 422}, {"image_url", "shop", 422},
			{"available", "many", 422}, {"available", "2000000000", 422}, {"min_stock", "0", 422}, {"min_stock", "x", 422}, {"tokens_per_unit", "-1", 422},
		} {
			var pairs []string
			for name, value := range good {
				if name == test.field {
					value = test.value
				}
				pairs = append(pairs, name, value)
			}
			d := b.fails(t, test.status, "/products/new", pairs...)
			wrongField(t, d, test.field)
			kept(t, d, pairs...)
		}
		if d := b.fails(t, 422, "/products/new", "page_id", "999", "sku", "S", "title", "T"); d.Find(".notice-wrong").Length() != 1 {
			t.Error("nothing says that there is no such Page")
		}

		var pairs []string
		for name, value := range good {
			pairs = append(pairs, name, value)
		}
		d := b.send(t, "/products/new", pairs...)
		holds(t, d.Find("main"), "Tazza Alba", "MUG-BLUE", "€12.50")
		v := s.variant("MUG-BLUE")
		if v.Available != 3 || v.MinStock != 2 || v.TokensPerUnit != 4 || v.PriceMinor != 1250 || v.Option != "blu" {
			t.Errorf("the product is %+v", v)
		}
		b.send(t, "/products/new", "page_id", pageID, "sku", "MINIMAL", "title", "Just a name")
		if v := s.variant("MINIMAL"); v.MinStock != 1 || v.Currency != "" || !v.SoldOut() {
			t.Errorf("the product with a name only is %+v", v)
		}
	})
}

func TestChangeProduct(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		w := s.world()
		s.product(pageID, "GONE", 0)
		s.must(s.work.DeleteProduct(context.Background(), s.variant("GONE").ID))
		b := s.as(models.RoleStaff)
		d := b.fails(t, 422, screenOf(w.mug), "sku", "MUG-BLUE", "title", "", "price", "9")
		wrongField(t, d, "title")
		kept(t, d, "sku", "MUG-BLUE", "title", "", "price", "9")
		if _, open := d.Find("#edit").Closest("details").Attr("open"); !open {
			t.Error("the form with the mistake is folded away")
		}
		for _, taken := range []string{w.plate.SKU, "GONE"} {
			wrongField(t, b.fails(t, 409, screenOf(w.mug), "sku", taken, "title", "Tazza"), "sku")
		}
		d = b.send(t, screenOf(w.mug), "sku", "MUG-NAVY", "title", "Tazza notte", "option", "blu", "product", "Piatto", "price", "9.90", "currency", "eur", "min_stock", "3")
		holds(t, d.Find("main"), "Tazza notte", "MUG-NAVY", "€9.90")
		v := s.variant("MUG-NAVY")
		if v.ID != w.mug.ID || v.Ref != w.mug.Ref || v.MinStock != 3 || v.URL != "" || v.Waiting != 1 || v.ProductID != w.plate.ProductID {
			t.Errorf("the product is %+v", v)
		}
		holds(t, d.Find("[aria-labelledby=siblings]"), "Piatto (nero)")
		if found, _, _ := s.store.Candidates(context.Background(), pageID, "tazza notte"); len(found) == 0 {
			t.Error("its new words do not find it")
		}
	})
}

func TestReportStock(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		v := s.product(pageID, "MUG-BLUE", 0)
		s.token(v, "2001")
		b := s.as(models.RoleStaff)
		for _, wrong := range []string{"", "many", "-1", "1.5", "2000000000"} {
			d := b.fails(t, 422, screenOf(v)+"/stock", "available", wrong)
			wrongField(t, d, "available")
			kept(t, d, "available", wrong)
		}
		d := b.send(t, screenOf(v)+"/stock", "available", " 4 ")
		holds(t, d.Find(".notice-done"), "told")
		holds(t, d.Find("[aria-labelledby=open-restock]"), "Running")
		if got := s.variant("MUG-BLUE"); got.Available != 4 {
			t.Errorf("the stock is %d, want 4", got.Available)
		}
		d = b.send(t, screenOf(v)+"/stock", "available", "0")
		if d.Find("[aria-labelledby=open-restock]").Length() != 0 {
			t.Error("the restock goes on without stock")
		}
		holds(t, d.Find("[aria-labelledby=reports] tbody tr").First(), "0", "By hand")
		b.send(t, screenOf(v)+"/stock", "available", "", "in_stock", "yes")
		if got := s.variant("MUG-BLUE"); !got.QuantityUnknown {
			t.Error("in stock, quantity unknown, was not written")
		}
	})
}

func TestDeleteProduct(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		w := s.world()
		b := s.as(models.RoleStaff)
		if d := b.fails(t, 422, screenOf(w.mug)+"/delete"); d.Find(".notice-wrong").Length() != 1 {
			t.Error("no word says that the box is not ticked")
		}
		d := b.send(t, screenOf(w.mug)+"/delete", "confirm", "yes")
		if strings.Contains(d.Text(), "MUG-BLUE") {
			t.Error("the product is still listed")
		}
		holds(t, b.visit("GET", screenOf(w.mug), "").page(t, 404).Find("main"), "MUG-BLUE", "taken off the list")
		b.visit("POST", screenOf(w.mug)+"/delete", values("confirm", "yes")).page(t, 404)
		b.visit("POST", screenOf(w.mug)+"/stock", values("available", "1")).page(t, 404)
		holds(t, b.shows(t, "/tokens?state=waiting").Find("main tbody"), "Giulia Rossi")
		// Listed again, it comes back with whoever waits for it.
		b.send(t, "/products/new", "page_id", pageID, "sku", "MUG-BLUE", "title", "Tazza")
		if v := s.variant("MUG-BLUE"); v.ID != w.mug.ID || v.Waiting != 1 {
			t.Errorf("it came back as %+v", v)
		}
	})
}

// upload makes the form of the import; an empty name sends no file.
func upload(t *testing.T, page, name, content string) (string, func(*http.Request)) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	if err := w.WriteField("page_id", page); err != nil {
		t.Fatal(err)
	}
	if name != "" {
		part, err := w.CreateFormFile("file", name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := part.Write([]byte(content)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String(), header("Content-Type", w.FormDataContentType())
}

func TestImport(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.product(pageID, "MUG-BLUE", 1)
		b := s.as(models.RoleStaff)
		send := func(page, name, content string) answer {
			body, kind := upload(t, page, name, content)
			return b.visit("POST", "/products/import", body, kind)
		}
		for _, test := range []struct {
			name, page, file, content string
			status                    int
		}{
			{"no file", pageID, "", "", 422},
			{"an empty file", pageID, "a.csv", "", 422},
			{"no heading", pageID, "a.csv", "MUG,Tazza\n", 422},
			{"no such Page", "999", "a.csv", "sku,title\nA,B\n", 422},
			{"too long", pageID, "a.csv", strings.Repeat("x", models.MaxImportBytes+1), 413},
			{"far too long", pageID, "a.csv", strings.Repeat("x", models.MaxImportBytes+(1<<20)), 413},
		} {
			t.Run(test.name, func(t *testing.T) {
				s.unchanged(func() {
					d := send(test.page, test.file, test.content).page(t, test.status)
					if d.Find(".notice-wrong, .field-error").Length() != 1 || d.Find("#result").Length() != 0 {
						t.Error("nothing says what is wrong, or something was done")
					}
				})
			})
		}
		s.unchanged(func() {
			b.visit("POST", "/products/import", "broken", header("Content-Type", "multipart/form-data; boundary=x")).page(t, 422)
			b.visit("POST", "/products/import", values("page_id", pageID)).page(t, 422)
		})
		// As Excel writes it in Italy. What it would do is shown first, and nothing is written.
		file := "\ufeffsku;title;price;available\nMUG-BLUE;Tazza blu;12,50;3\nMUG-RED;Tazza rossa;9;0\nMUG-BAD;Tazza;12,345;1\n;Senza codice;1;1\n"
		keep := func(content string) (target, code string) {
			target = send(pageID, "listino.csv", content).is(t, http.StatusSeeOther).Header.Get("Location")
			_, code, _ = strings.Cut(target, "upload=")
			return target, code
		}
		s.token(s.variant("MUG-BLUE"), "2001")
		s.must(s.stockOut("MUG-BLUE"))
		var target, code string
		s.unchanged(func() {
			target, code = keep(file)
			d := b.shows(t, target)
			holds(t, d.Find("[aria-labelledby=preview]"), "listino.csv", "1 new", "1 changes", "2 wrong lines", "1 person will be told", "Yes, import 2 products")
			lines := d.Find("[aria-labelledby=changes] tbody tr")
			if lines.Length() != 2 {
				t.Fatalf("%d changes are listed, want 2", lines.Length())
			}
			holds(t, lines.Eq(0), "2", "MUG-BLUE", "Tazza MUG-BLUE", "Tazza blu", "Pieces", "0", "3", "tells 1")
			holds(t, lines.Eq(1), "3", "MUG-RED", "New", "€9.00")
			wrong := d.Find("[aria-labelledby=wrong] tbody tr")
			holds(t, wrong.Eq(0), "4", "MUG-BAD", "price")
			holds(t, wrong.Eq(1), "5", "SKU is missing")
		})
		other := s.as(models.RoleOwner)
		s.unchanged(func() {
			other.visit("GET", target, "").page(t, 404) // it is another's
			other.visit("POST", "/products/import/confirm", values("upload", code)).page(t, 404)
			b.visit("POST", "/products/import/confirm", values("upload", "guess")).page(t, 404)
		})
		confirm := func(code string) *goquery.Document {
			return b.visit("POST", "/products/import/confirm", values("upload", code)).page(t, 200)
		}
		d := confirm(code)
		holds(t, d.Find("[aria-labelledby=result]"), "1 added", "1 changed", "2 wrong lines")
		if n := d.Find("[aria-labelledby=result] tbody tr").Length(); n != 2 {
			t.Errorf("%d lines are wrong, want 2", n)
		}
		list := b.shows(t, "/products").Find("#products")
		holds(t, list, "Tazza blu", "Tazza rossa", "€12.50")
		if v := s.variant("MUG-BLUE"); v.Available != 3 {
			t.Errorf("the stock is %d, want 3", v.Available)
		}
		b.visit("POST", "/products/import/confirm", values("upload", code)).page(t, 404) // said yes to already

		target, code = keep(file)
		d = b.shows(t, target)
		holds(t, d.Find("[aria-labelledby=preview]"), "2 stay as they are", "nothing to change")
		if d.Find("form[action='/products/import/confirm']").Length() != 0 {
			t.Error("a yes to nothing is offered")
		}
		b.send(t, "/products/import/discard", "upload", code)
		b.visit("GET", target, "").page(t, 404)

		// Stock alone, under the names that an Italian till gives; a file of another shop's SKUs is refused whole.
		target, code = keep("Codice;Giacenza\nMUG-BLUE;1.200\nMUG-NEW;2\n")
		d = b.shows(t, target)
		holds(t, d.Find("[aria-labelledby=changes]"), "MUG-BLUE", "1,200")
		holds(t, d.Find("[aria-labelledby=wrong]"), "MUG-NEW", "needs a title")
		confirm(code)
		if v := s.variant("MUG-BLUE"); v.Available != 1200 || v.Title != "Tazza blu" || v.PriceMinor != 1250 {
			t.Errorf("a file of stock left %+v", v)
		}
		target, _ = keep("Codice;Giacenza\nMUG-NEW;2\n")
		d = b.visit("GET", target, "").page(t, 422)
		holds(t, d.Find(".notice-wrong"), "lists none of the file's SKUs")

		// A file that is wrong from end to end is no reason to send a page that no browser can show.
		target, _ = keep("sku,title\n" + strings.Repeat("MUG-X,\n", 600))
		d = b.shows(t, target)
		holds(t, d.Find("[aria-labelledby=preview]"), "600 wrong lines")
		holds(t, d.Find("[aria-labelledby=wrong]"), "first 500")
		if n := d.Find("[aria-labelledby=wrong] tbody tr").Length(); n != 500 {
			t.Errorf("%d wrong lines are listed, want the first 500", n)
		}
	})
}

// stockOut sells a variant out by hand.
func (s *site) stockOut(sku string) error {
	_, err := s.work.ReportByHand(context.Background(), s.variant(sku).ID, models.Stock{})
	return err
}
