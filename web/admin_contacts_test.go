package web_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"bentornato/models"
)

func TestTokenList(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		w := s.world()
		for i := range 51 {
			s.token(w.mug, fmt.Sprint(4000+i))
		}
		b := s.as(models.RoleStaff)
		d := b.shows(t, "/tokens")
		holds(t, d.Find(".choices"), "55")
		d = b.shows(t, "/tokens?sku=MUG-BLUE&state=waiting")
		next := d.Find("a[rel=next]").AttrOr("href", "")
		if d.Find("main tbody tr").Length() != 50 || !strings.Contains(next, "sku=MUG-BLUE") || !strings.Contains(next, "state=waiting") {
			t.Fatalf("the first page has %d tokens and leads to %q", d.Find("main tbody tr").Length(), next)
		}
		d = b.shows(t, next)
		if d.Find("main tbody tr").Length() != 2 {
			t.Errorf("the second page has %d tokens, want 2", d.Find("main tbody tr").Length())
		}
		holds(t, d.Find("main tbody"), "Giulia Rossi", "Sold out")
		if n := b.shows(t, "/tokens?unassigned=yes").Find("main tbody tr").Length(); n != 1 {
			t.Errorf("%d tokens are of no known product, want 1", n)
		}
		if n := b.shows(t, "/tokens?sku=NOBODYS").Find("main tbody tr").Length(); n != 0 {
			t.Errorf("a SKU that nobody lists has %d tokens", n)
		}
	})
}

func TestWithdrawToken(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		w := s.world()
		b := s.as(models.RoleStaff)
		target := fmt.Sprintf("/tokens/%d/withdraw", w.waits.ID)
		b.send(t, target)
		d := b.shows(t, "/tokens?state=withdrawn")
		if d.Find("main tbody tr").Length() != 1 || d.Find("main form[method=post]").Length() != 0 {
			t.Error("the token is not listed as withdrawn, or offered again")
		}
		if v := s.variant("MUG-BLUE"); v.Waiting != 0 {
			t.Errorf("%d wait for the product, want none", v.Waiting)
		}
		b.conflicts(t, target)
	})
}

func TestContactList(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.world()
		v := s.variant("MUG-BLUE")
		for i := range 51 {
			s.clock.Advance(time.Second)
			s.token(v, fmt.Sprint(4000+i))
		}
		b := s.as(models.RoleViewer)
		d := b.shows(t, "/contacts")
		if n := d.Find("main tbody tr").Length(); n != 50 {
			t.Fatalf("the first page has %d contacts, want 50", n)
		}
		d = b.shows(t, d.Find("a[rel=next]").AttrOr("href", ""))
		if n := d.Find("main tbody tr").Length(); n != 5 {
			t.Errorf("the second page has %d contacts, want 5", n)
		}
		for _, q := range []string{"rossi", "2001"} {
			rows := b.shows(t, "/contacts?q="+q).Find("main tbody tr")
			if rows.Length() != 1 {
				t.Fatalf("%q finds %d contacts, want 1", q, rows.Length())
			}
			holds(t, rows, "Giulia Rossi", "1")
		}
		if n := b.shows(t, "/contacts?q=%25").Find("main tbody tr").Length(); n != 0 {
			t.Errorf("%% finds %d contacts", n)
		}
	})
}

func TestDossier(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		w := s.world()
		b := s.as(models.RoleViewer)
		screen := w.path("/contacts/:id")
		d := b.shows(t, screen)
		holds(t, d.Find("h1"), "Giulia Rossi")
		holds(t, d.Find(".timeline"), "Avete la tazza blu?", "Tazza MUG-BLUE")
		if n := d.Find("[aria-labelledby=may] .state-good").Length(); n != 4 {
			t.Errorf("%d kinds of message may be sent inside the window, want 4", n)
		}
		s.clock.Advance(25 * time.Hour)
		b = s.as(models.RoleViewer)
		if n := b.shows(t, screen).Find("[aria-labelledby=may] .state-good").Length(); n != 2 {
			t.Errorf("%d kinds of message may be sent after the window, want the human agent's and a utility message", n)
		}
		a := b.visit("GET", screen+"/dossier.json", "").is(t, 200)
		if got, want := a.Header.Get("Content-Disposition"), fmt.Sprintf(`attachment; filename="dossier-%d.json"`, w.contactID); got != want {
			t.Errorf("it is sent as %q, want %q", got, want)
		}
		file := a.json(t)
		contact, _ := file["contact"].(map[string]any)
		tokens, _ := file["tokens"].([]any)
		if contact["psid"] != "2001" || contact["name"] != "Giulia Rossi" || len(tokens) != 1 || strings.Contains(a.body, "the secret token") {
			t.Errorf("the dossier is %s", a.body)
		}
	})
}

func TestEraseContact(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		w := s.world()
		b := s.as(models.RoleOwner)
		screen := w.path("/contacts/:id")
		d := b.fails(t, 422, screen+"/erase")
		if d.Find("form[action$='/erase'] .field-error").Length() != 1 {
			t.Error("no word says that the box is not ticked")
		}
		d = b.send(t, screen+"/erase", "confirm", "yes")
		for _, word := range []string{"Giulia", "2001", "Avete la tazza"} {
			if strings.Contains(d.Find("main").Text(), word) {
				t.Errorf("the screen still says %q", word)
			}
			if strings.Contains(s.facts(), word) {
				t.Errorf("the database still says %q", word)
			}
			if a := b.visit("GET", screen+"/dossier.json", "").is(t, 200); strings.Contains(a.body, word) {
				t.Errorf("the dossier still says %q", word)
			}
		}
		if d.Find("form[action$='/erase']").Length() != 0 {
			t.Error("what was erased can be erased again")
		}
		found := false
		b.shows(t, "/contacts").Find("main tbody a").Each(func(_ int, a *goquery.Selection) { found = found || a.AttrOr("href", "") == screen })
		if found || b.shows(t, "/contacts?q=2001").Find("main tbody tr").Length() != 0 {
			t.Error("the person is still listed")
		}
		k, err := s.store.Token(context.Background(), w.waits.ID)
		if err != nil || k.State != models.TokenWithdrawn || k.Reason != models.TokenErased {
			t.Errorf("the token is %s (%s): %v", k.State, k.Reason, err)
		}
		s.unchanged(func() { b.visit("POST", screen+"/erase", values("confirm", "yes")).page(t, 404) })
	})
}
