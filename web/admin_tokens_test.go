package web_test

import (
	"encoding/csv"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"bentornato/models"
	"bentornato/models/store"
)

// endsIn is a token that ends in so many days and an hour.
func (s *site) endsIn(v models.Variant, psid string, days int) {
	s.t.Helper()
	s.must(s.store.Update(s.t.Context(), func(tx *store.Tx) error {
		c, err := tx.TakeContact(v.PageID, psid)
		if err != nil {
			return err
		}
		granted := tx.Now().Add(time.Duration(days)*24*time.Hour + time.Hour - models.TokenLife)
		_, _, err = tx.GrantToken(models.Token{PageID: v.PageID, ContactID: c.ID, VariantID: v.ID, GrantedAt: granted}, "the secret token of "+psid)
		return err
	}))
}

func TestTokenWallet(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		mug, plate := s.product(pageID, "MUG-BLUE", 0), s.product(pageID, "PLATE", 0)
		for i, days := range []int{300, 10, 45} {
			s.endsIn(mug, fmt.Sprint(3000+i), days)
		}
		s.endsIn(plate, "3010", 80)
		s.token(models.Variant{PageID: pageID}, "3011")
		b := s.as(models.RoleStaff)
		d := b.shows(t, "/tokens")
		for i, want := range []string{"1", "2", "3"} {
			if got := text(d.Find("[aria-labelledby=months] dd").Eq(i)); got != want {
				t.Errorf("within %d days end %s, want %s", models.EndingDays()[i], got, want)
			}
		}
		if n := d.Find("[aria-labelledby=months] svg.bars rect").Length(); n != 13 || d.Find("[aria-labelledby=months] tbody tr").Length() != 13 {
			t.Errorf("the chart has %d months", n)
		}
		cells := d.Find("[aria-labelledby=by-product] tbody tr").First().Find("td").Map(func(_ int, s *goquery.Selection) string { return text(s) })
		if len(cells) != 6 || !strings.Contains(cells[0], "MUG-BLUE") || cells[1] != "3" || cells[2] != "1" || cells[3] != "2" || cells[4] != "2" {
			t.Errorf("the first product's tokens are %q", cells)
		}
		holds(t, d.Find("[aria-labelledby=unassigned]"), "1 ")

		people := func(target string) string {
			t.Helper()
			return strings.Join(b.shows(t, target).Find("main table.list tbody tr .main").Map(func(_ int, s *goquery.Selection) string { return text(s) }), " ")
		}
		for target, want := range map[string]string{"/tokens?ending=30": "Contact 2", "/tokens?ending=60": "Contact 2 Contact 3",
			"/tokens?ending=90": "Contact 2 Contact 3 Contact 4", "/tokens?ending=90&sku=PLATE": "Contact 4"} {
			if got := people(target); got != want {
				t.Errorf("%s lists %q, want %q", target, got, want)
			}
		}
		if b.shows(t, "/tokens?ending=30").Find("[aria-labelledby=months]").Length() != 0 {
			t.Error("a filtered list is pushed down by what nobody asked for")
		}
		if n := b.shows(t, "/tokens/products").Find("main tbody tr").Length(); n != 2 {
			t.Errorf("%d products are listed, want 2", n)
		}
		for _, bad := range []string{"/tokens?ending=31", "/tokens?ending=x", "/tokens?ending=30&cursor=x", "/tokens/products?cursor=x", "/tokens.csv?state=lost"} {
			b.visit("GET", bad, "").page(t, 400)
		}

		rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(b.visit("GET", "/tokens.csv?ending=60", "").is(t, 200).body, "\xef\xbb\xbf"))).ReadAll()
		if err != nil || len(rows) != 3 || rows[1][4] != "3001" || rows[2][4] != "3002" || rows[1][10] != "sold_out" {
			t.Errorf("the file reads %v: %v", rows, err)
		}
		if body := b.visit("GET", "/tokens.csv", "").is(t, 200).body; strings.Count(body, "\n") != 6 || strings.Contains(body, "secret token") {
			t.Errorf("the file of all reads %s", body)
		}
	})
}

// TestAssignToken ties a token of no product to one; what cannot be is said at the field, with what was typed.
func TestAssignToken(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		mug := s.product(pageID, "MUG-BLUE", 0)
		s.addPage(otherPage, nil)
		s.product(otherPage, "ELSEWHERE", 0)
		first := s.token(models.Variant{PageID: pageID}, "3001")
		second := s.token(models.Variant{PageID: pageID}, "3002")
		b := s.as(models.RoleStaff)
		path := func(id int64) string { return fmt.Sprintf("/tokens/%d/assign", id) }
		d := b.shows(t, "/tokens?unassigned=yes")
		if d.Find("form.assign").Length() != 2 {
			t.Fatalf("%d tokens can be assigned, want 2", d.Find("form.assign").Length())
		}
		for _, sku := range []string{"", "NONE", "ELSEWHERE"} {
			d := b.fails(t, 422, path(first.ID), "sku", sku)
			field := d.Find("form[action='" + path(first.ID) + "'] input[name=sku]")
			if field.AttrOr("value", "") != sku || field.AttrOr("aria-invalid", "") != "true" || d.Find("[aria-invalid=true]").Length() != 1 {
				t.Errorf("%q: the field does not keep it, or does not say that it is wrong", sku)
			}
		}
		b.fails(t, 404, path(999), "sku", "MUG-BLUE")
		d = b.send(t, path(first.ID), "sku", " MUG-BLUE ")
		if d.Find("form.assign").Length() != 1 {
			t.Error("the next one to assign is not shown")
		}
		if k, err := s.store.Token(t.Context(), first.ID); err != nil || k.VariantID != mug.ID {
			t.Errorf("the token is for %d, want %d: %v", k.VariantID, mug.ID, err)
		}
		s.unchanged(func() {
			b.leads(t, b.visit("POST", path(first.ID), values("sku", "MUG-BLUE")), "/tokens?unassigned=yes")
			if b.shows(t, "/tokens").Find(".notice-wrong").Length() != 1 {
				t.Error("assigning it again is not refused")
			}
		})
		b.send(t, path(second.ID), "sku", "MUG-BLUE")
		if n := b.shows(t, "/tokens").Find("[aria-labelledby=unassigned]").Length(); n != 0 {
			t.Error("nothing is unassigned, and it says so still")
		}
	})
}

// A token is withdrawn from the list in which it is found, and the list is the same afterwards; what is no longer sold
// has its tokens yet.
func TestWithdrawFromAList(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		mug, plate := s.product(pageID, "MUG BLUE", 0), s.product(pageID, "PLATE", 0)
		s.token(mug, "3001")
		s.token(mug, "3002")
		s.token(plate, "3003")
		s.must(s.work.DeleteProduct(t.Context(), mug.ID))
		b := s.as(models.RoleStaff)
		const list = "/tokens?sku=MUG+BLUE&state=waiting"
		for left := 2; left > 0; left-- {
			d := b.shows(t, list)
			forms := d.Find("form[action*='/withdraw']")
			if forms.Length() != left {
				t.Fatalf("%d tokens can be withdrawn, want %d", forms.Length(), left)
			}
			a := b.visit("POST", forms.First().AttrOr("action", ""), "")
			if to := a.is(t, 303).Header.Get("Location"); to != list {
				t.Errorf("withdrawing leads to %q, want %q", to, list)
			}
		}
		if n := b.shows(t, list).Find("form[action*='/withdraw']").Length(); n != 0 {
			t.Errorf("%d tokens are left", n)
		}
		var address string
		b.shows(t, "/tokens").Find("form[action*='/withdraw']").Each(func(_ int, f *goquery.Selection) { address = f.AttrOr("action", "") })
		if to := b.visit("POST", address+"?next=https://evil.example", "").is(t, 303).Header.Get("Location"); to != "/tokens" {
			t.Errorf("withdrawing leads to %q", to)
		}
	})
}
