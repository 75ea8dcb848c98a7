package web_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"bentornato/models"
	"bentornato/models/store"
)

// TestHomeSaysWhatCannotWait: windows that close soon, and permissions that end soon.
func TestHomeSaysWhatCannotWait(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		mug := s.product(pageID, "MUG", 0)
		s.must(s.store.Update(context.Background(), func(tx *store.Tx) error {
			c, err := tx.TakeContact(pageID, "2001")
			if err != nil {
				return err
			}
			c.LastActionAt = tx.Now()
			if err := tx.SaveWindow(c); err != nil {
				return err
			}
			return tx.SaveInterest(models.Interest{PageID: pageID, ContactID: c.ID, VariantID: mug.ID, Source: models.InterestText, At: tx.Now()})
		}))
		todo := func() string {
			d := s.as(models.RoleViewer).shows(t, "/")
			return text(d.Find(".todo"))
		}
		if got := todo(); got != "" {
			t.Errorf("a whole day is left, and home says %q", got)
		}
		s.clock.Advance(22 * time.Hour)
		if got := todo(); !strings.Contains(got, "1 person can be asked, and the window closes soonThe first window closes in 1 h") {
			t.Errorf("two hours before the end home says %q", got)
		}
		s.clock.Advance(3 * time.Hour)
		if got := todo(); got != "" {
			t.Errorf("after the end home says %q", got)
		}
		s.token(mug, "2002")
		s.clock.Advance(models.TokenLife - models.EndingSoon + time.Hour)
		if got := todo(); !strings.Contains(got, "1 token ends within 30 days") {
			t.Errorf("a month before its end home says %q", got)
		}
	})
}

// TestHomeEvents sends what is running as it moves, and ends with it.
func TestHomeEvents(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		w := s.world()
		srv := s.impatient(t)
		b := s.as(models.RoleViewer)
		next, _ := b.followAt(t, srv, "/events")
		first, ok := next()
		if !ok || first.name != "running" {
			t.Fatalf("the first event is %q", first.name)
		}
		holds(t, first.page.Selection, "Piatto", "2 in attesa")
		s.notify(models.Answer{Outcome: models.OutcomeSent, MessageID: "m_sent"})
		second, _ := next()
		holds(t, second.page.Selection, "2 avvisati")
		_, err := s.work.CancelRestock(context.Background(), w.restock.ID)
		s.must(err)
		var names []string
		for e, ok := next(); ok; e, ok = next() {
			names = append(names, e.name)
		}
		if strings.Join(names, " ") != "running done" {
			t.Errorf("the stream ends with %v", names)
		}
	})
}
