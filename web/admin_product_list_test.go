package web_test

import (
	"context"
	"encoding/csv"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"bentornato/models"
)

func TestSavedViews(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.product(pageID, "MUG-BLUE", 0)
		b := s.as(models.RoleViewer)
		d := b.visit("POST", "/products/views", values("view_name", "", "q", "mug")).page(t, 422)
		wrongField(t, d, "view_name")
		b.visit("POST", "/products/views", values("view_name", "All of it")).page(t, 422)
		d = b.send(t, "/products/views", "view_name", "Da riordinare", "q", "mug", "availability", "sold_out")
		view := d.Find("nav a.choice[aria-current]")
		if view.Length() != 1 || view.AttrOr("href", "") != "/products?availability=sold_out&q=mug" {
			t.Fatalf("the view leads to %q", view.AttrOr("href", ""))
		}
		holds(t, view, "Da riordinare")
		if s.as(models.RoleOwner).shows(t, "/products").Find("nav a.choice").Length() != 0 {
			t.Error("one user's view is shown to another")
		}
		d = b.shows(t, view.AttrOr("href", ""))
		action := d.Find("form[action^='/products/views/']").AttrOr("action", "")
		s.as(models.RoleOwner).visit("POST", action, "").is(t, http.StatusSeeOther) // not theirs to delete
		if b.shows(t, "/products").Find("nav a.choice").Length() != 2 {
			t.Error("another user deleted the view")
		}
		if d = b.send(t, action); d.Find("nav a.choice").Length() != 0 {
			t.Error("the view is still there")
		}
	})
}

// TestBulkRules shows what would change, changes it once it is said yes to, and keeps what was typed wrong.
func TestBulkRules(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		w := s.world()
		s.product(pageID, "MUG-RED", 0)
		b := s.as(models.RoleStaff)
		if d := b.shows(t, "/products/rules"); d.Find("main .empty").Length() != 1 || d.Find("main form").Length() != 0 {
			t.Error("nothing says that nothing is chosen")
		}
		d := b.shows(t, "/products?q=mug")
		ids := d.Find("#products form[action='/products/rules'] input[name=id]").Map(func(_ int, i *goquery.Selection) string { return i.AttrOr("value", "") })
		if want := []string{fmt.Sprint(w.mug.ID), fmt.Sprint(s.variant("MUG-RED").ID)}; !slices.Equal(ids, want) {
			t.Fatalf("to be ticked are %v, want %v", ids, want)
		}
		holds(t, b.shows(t, "/products/rules?q=mug&id="+ids[0]).Find("main"), "1 product")
		holds(t, b.shows(t, "/products/rules?q=mug&all=yes&id="+ids[0]).Find("main"), "2 products")

		for field, value := range map[string]string{"min_stock": "0", "tokens_per_unit": "x", "hold_down_seconds": "86401", "ask_above": "-1", "wave_minutes": "0"} {
			d := b.fails(t, 422, "/products/rules", "id", ids[0], field, value)
			wrongField(t, d, field)
			kept(t, d, field, value, "id", ids[0])
		}
		if d := b.fails(t, 422, "/products/rules", "id", ids[0]); d.Find(".notice-wrong").Length() != 1 {
			t.Error("nothing says that nothing is to change")
		}
		b.fails(t, 422, "/products/rules", "id", ids[0], "order", "random")

		form := []string{"all", "yes", "q", "mug", "min_stock", "3", "order", "newest", "ask_above", "40"}
		s.unchanged(func() {
			d = b.visit("POST", "/products/rules", values(form...)).page(t, 200)
			holds(t, d.Find("[aria-labelledby=preview]"), "2 products will change", "Minimum", "Who asked last", "as the Page")
		})
		pairs := []string{}
		d.Find("[aria-labelledby=preview] input[type=hidden]").Each(func(_ int, i *goquery.Selection) {
			pairs = append(pairs, i.AttrOr("name", ""), i.AttrOr("value", ""))
		})
		d = b.send(t, "/products/rules", pairs...)
		if n := d.Find("#products tbody tr").Length(); n != 2 {
			t.Errorf("it leads back to %d products, want the 2 of the filter", n)
		}
		for _, sku := range []string{"MUG-BLUE", "MUG-RED"} {
			v := s.variant(sku)
			if v.MinStock != 3 || v.Rules.AskAbove == nil || *v.Rules.AskAbove != 40 || !*v.Rules.NewestFirst || v.Rules.WaveMinutes != nil {
				t.Errorf("%s has %+v", sku, v)
			}
		}
		if v := s.variant(w.plate.SKU); v.MinStock != 1 {
			t.Error("what was not chosen was changed")
		}
		holds(t, b.visit("POST", "/products/rules", values(form...)).page(t, 200).Find("[aria-labelledby=preview]"), "Nothing would change")
	})
}

// TestProductExport writes what an import takes back, and nothing that a spreadsheet would run.
func TestProductExport(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		for i := range 502 {
			s.product(pageID, fmt.Sprintf("MUG-%03d", i), i)
		}
		_, err := s.work.SaveProduct(context.Background(), models.Listing{Product: "Vasi", Variant: models.Variant{PageID: pageID, SKU: "VASE", Title: "=HYPERLINK(\"x\")", Option: "blu, grande", MinStock: 1, PriceMinor: 123450, Currency: "EUR"}})
		s.must(err)
		read := func(a answer, comma rune) [][]string {
			t.Helper()
			a.is(t, 200)
			body, marked := strings.CutPrefix(a.body, "\ufeff")
			if !marked || !strings.HasPrefix(a.Header.Get("Content-Type"), "text/csv") || !strings.Contains(a.Header.Get("Content-Disposition"), "products.csv") {
				t.Errorf("no file for Excel: %v", a.Header)
			}
			r := csv.NewReader(strings.NewReader(body))
			r.Comma = comma
			rows, err := r.ReadAll()
			s.must(err)
			return rows
		}
		b := s.as(models.RoleViewer)
		rows := read(b.visit("GET", "/products.csv", ""), ',')
		if len(rows) != 504 || strings.Join(rows[0][:9], ",") != "sku,title,price,currency,url,image_url,available,product,option" {
			t.Fatalf("%d rows, headed %v", len(rows), rows[0])
		}
		italian := s.as(models.RoleStaff, header("Accept-Language", "it"))
		rows = read(italian.visit("GET", "/products.csv?q=vase", ""), ';')
		if len(rows) != 2 || rows[1][1] != "'=HYPERLINK(\"x\")" || rows[1][2] != "1234,50" || rows[1][7] != "Vasi" || rows[1][8] != "blu, grande" {
			t.Errorf("the rows are %v", rows)
		}
		// Sent back as it is, nothing changes.
		whole := italian.visit("GET", "/products.csv", "").body
		body, kind := upload(t, pageID, "products.csv", whole)
		target := italian.visit("POST", "/products/import", body, kind).is(t, http.StatusSeeOther).Header.Get("Location")
		holds(t, italian.shows(t, target).Find("[aria-labelledby=preview]"), "503 restano come sono", "Non c'è nulla da cambiare")
		b.visit("GET", "/products.csv?sort=colour", "").page(t, 400)
	})
}
