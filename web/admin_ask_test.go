package web_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"bentornato/models"
	"bentornato/models/store"
)

// wonders is a person inside the standard window who asked about a variant, and whom nobody has asked. It returns the contact.
func (s *site) wonders(psid string, v models.Variant, ago time.Duration) models.Contact {
	s.t.Helper()
	var c models.Contact
	s.must(s.store.Update(s.t.Context(), func(tx *store.Tx) error {
		var err error
		if c, err = tx.TakeContact(v.PageID, psid); err != nil {
			return err
		}
		c.LastActionAt = tx.Now().Add(-ago)
		if err := tx.SaveWindow(c); err != nil {
			return err
		}
		if err := tx.SaveProfile(c.ID, "Person "+psid, "it_IT"); err != nil {
			return err
		}
		return tx.SaveInterest(models.Interest{PageID: v.PageID, ContactID: c.ID, VariantID: v.ID, Source: models.InterestText, At: c.LastActionAt})
	}))
	return c
}

func TestAskScreen(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		v := s.product(pageID, "MUG-BLUE", 0)
		b := s.as(models.RoleStaff)
		if b.shows(t, "/ask").Find(".empty h2").Length() != 1 {
			t.Error("the empty list does not say so")
		}
		later := s.wonders("3001", v, time.Hour)
		s.wonders("3002", v, 23*time.Hour+50*time.Minute)
		s.wonders("3003", v, 25*time.Hour) // too late
		s.token(v, "3004")
		s.wonders("3004", v, time.Hour)

		d := b.shows(t, "/ask")
		rows := d.Find("main tbody tr")
		if rows.Length() != 2 {
			t.Fatalf("%d people are to be asked, want 2", rows.Length())
		}
		holds(t, rows.First(), "Person 3002", "0:0") // 8 minutes, two kept back
		if got := d.Find("[data-left]").First().AttrOr("data-left", ""); got < "470" || got > "480" {
			t.Errorf("%s seconds are left, want 8 minutes", got)
		}
		holds(t, d.Find("#ask-all"), "Ask all 2")
		d = b.shows(t, "/ask?show=refused")
		if d.Find("main tbody tr").Length() != 1 {
			t.Errorf("%d people cannot be asked, want 1", d.Find("main tbody tr").Length())
		}
		holds(t, d.Find("main tbody"), "Person 3004", "They tapped Notify Me and will be told.")

		one := []string{"contact_id", fmt.Sprint(later.ID), "variant_id", fmt.Sprint(v.ID)}
		d = b.send(t, "/ask", one...)
		holds(t, d.Find(".notice"), "1 person is being asked.")
		if d.Find("main tbody tr").Length() != 1 {
			t.Error("who was asked is still to be asked")
		}
		holds(t, b.shows(t, "/ask?show=refused").Find("main tbody"), "Person 3001", "They were asked, and may still answer.")
		s.unchanged(func() {
			b.leads(t, b.visit("POST", "/ask", values(one...)), "/ask")
			holds(t, b.shows(t, "/ask").Find(".notice-wrong"), "was asked and may still answer")
			b.visit("POST", "/ask", values("contact_id", "999", "variant_id", fmt.Sprint(v.ID))).is(t, http.StatusNotFound)
			b.visit("POST", "/ask", values("contact_id", fmt.Sprint(later.ID), "variant_id", "999")).is(t, http.StatusNotFound)
			b.visit("POST", "/ask", "").is(t, http.StatusNotFound)
		})
		d = b.send(t, "/ask/all")
		holds(t, d.Find(".notice"), "1 person is being asked.")
		holds(t, b.send(t, "/ask/all").Find(".notice"), "Nobody could be asked any more.")
		for _, bad := range []string{"/ask?show=all", "/ask?cursor=x"} {
			b.visit("GET", bad, "").page(t, 400)
		}
	})
}

// TestAskScreenPages goes through more people than a screen lists.
func TestAskScreenPages(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		v := s.product(pageID, "MUG-BLUE", 0)
		for i := range 53 {
			s.wonders(fmt.Sprint(3000+i), v, time.Duration(i%7)*time.Hour)
		}
		b := s.as(models.RoleViewer)
		d := b.shows(t, "/ask")
		next := d.Find("a[rel=next]").AttrOr("href", "")
		if d.Find("main tbody tr").Length() != 50 || d.Find("form[action^='/ask']").Length() != 0 {
			t.Errorf("the first page has %d people", d.Find("main tbody tr").Length())
		}
		if d = b.shows(t, next); d.Find("main tbody tr").Length() != 3 || d.Find("a[rel=next]").Length() != 0 {
			t.Errorf("the second page has %d people, want 3", d.Find("main tbody tr").Length())
		}
	})
}
