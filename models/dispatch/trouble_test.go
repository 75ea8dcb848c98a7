package dispatch_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"bentornato/models"
	"bentornato/models/dispatch"
	"bentornato/models/store"
	"bentornato/models/store/storetest"
)

// TestClockJumps sets the clock back and forth in mid-restock: all goes on, and everyone is notified once.
func TestClockJumps(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		w := newWorld(t, s, clock)
		const n = 400
		w.grant(n, w.variant)
		w.run()
		w.stock(w.variant, n)
		for i, jump := range []time.Duration{-time.Hour, 2 * time.Hour, -2 * time.Second, time.Minute} {
			w.until("more are sent", func() bool { _, a, _ := w.platform.counts(); return a >= 60*(i+1) })
			clock.Advance(jump)
		}
		w.until("every token is settled, or waits for its one more try", func() bool {
			return w.tokens(models.TokenSent)+w.tokens(models.TokenUnknown) == n
		})
		clock.Advance(2 * time.Minute)
		w.until("every token is sent", func() bool { return w.tokens(models.TokenSent) == n })
		for token, times := range w.platform.accepted {
			if times != 1 {
				t.Errorf("token %s was accepted %d times", token, times)
			}
		}
		w.audit()
	})
}

// TestPagesApart lets one Page's calls hang while another's go out, and refuses a third's.
func TestPagesApart(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		w := newWorld(t, s, clock)
		const n = 30
		hangs := "202000000000000"
		w.must(s.Update(t.Context(), func(tx *store.Tx) error {
			return tx.SavePage(models.Page{ID: hangs, Name: "Altra bottega", Rate: 300, Locale: "it"}, "hanging-token")
		}))
		other, err := w.service.SaveProduct(t.Context(), models.Listing{Variant: models.Variant{PageID: hangs, SKU: "VASO", Title: "Vaso", MinStock: 1}})
		w.must(err)
		w.grant(n, w.variant)
		w.must(s.Update(t.Context(), func(tx *store.Tx) error {
			for i := range n {
				c, err := tx.TakeContact(hangs, fmt.Sprintf("25%013d", i))
				if err != nil {
					return err
				}
				if _, _, err := tx.GrantToken(models.Token{PageID: hangs, ContactID: c.ID, VariantID: other.Variant.ID, GrantedAt: tx.Now()}, fmt.Sprintf("hangs-%d", i)); err != nil {
					return err
				}
			}
			return nil
		}))
		let := make(chan struct{})
		w.platform.hang = func(token string) {
			if token[:5] == "hangs" {
				<-let
			}
		}
		w.run()
		w.stock(other.Variant, n)
		w.stock(w.variant, n)
		w.until("the other Page's are sent", func() bool { return w.tokens(models.TokenSent) == n })
		if _, accepted, _ := w.platform.counts(); accepted != n {
			t.Errorf("%d were accepted while one Page hangs, want %d", accepted, n)
		}
		close(let)
		w.until("all are sent", func() bool { return w.tokens(models.TokenSent) == 2*n })
		w.audit()
	})
}

// TestFewCallsInTrouble answers everything with what stops a Page: a few calls are made, and not all that was claimed.
func TestFewCallsInTrouble(t *testing.T) {
	t.Run("token invalid", func(t *testing.T) {
		fewCalls(t, models.Answer{Outcome: models.OutcomePageTrouble, Code: 190, Pause: models.PauseTokenInvalid})
	})
	t.Run("outside", func(t *testing.T) {
		fewCalls(t, models.Answer{Outcome: models.OutcomeOutside, Code: 10, Subcode: 2018278})
	})
}

func fewCalls(t *testing.T, answer models.Answer) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		w := newWorld(t, s, clock)
		w.grant(300, w.variant)
		w.platform.answer = func(string, int) fate { return fate{answer: answer} }
		w.run()
		w.stock(w.variant, 300)
		w.until("the Page is paused and every token waits", func() bool {
			p, err := s.Page(t.Context(), pageID)
			w.must(err)
			return p.State == models.PagePaused && w.tokens(models.TokenWaiting) == 300
		})
		if _, _, calls := w.platform.counts(); calls > 5 {
			t.Errorf("%d calls were made before it stopped, want a few", calls)
		}
		w.audit()
	})
}

// TestResumesByItself asks after a paused Page with a read, never with a token, and sends on once the platform takes its
// access again.
func TestResumesByItself(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		var (
			mu      sync.Mutex
			blocked = true
			reads   int
		)
		w := newWorldWith(t, s, clock, dispatch.Config{Probe: func(_ context.Context, access string) error {
			mu.Lock()
			defer mu.Unlock()
			reads++
			if access != "page-token" {
				t.Errorf("asked with %q", access)
			}
			if blocked {
				return errors.New("still blocked")
			}
			return nil
		}})
		w.grant(5, w.variant)
		w.platform.answer = func(string, int) fate {
			mu.Lock()
			defer mu.Unlock()
			if blocked {
				return fate{answer: models.Answer{Outcome: models.OutcomePageTrouble, Code: 368, Pause: models.PauseBlocked}}
			}
			return fate{accept: true}
		}
		w.run()
		w.stock(w.variant, 9)
		w.until("every token waits for the Page", func() bool {
			p, err := s.Page(t.Context(), pageID)
			w.must(err)
			return p.State == models.PagePaused && w.tokens(models.TokenWaiting) == 5
		})
		_, _, before := w.platform.counts()
		clock.Advance(11 * time.Minute)
		w.until("it is asked after", func() bool { mu.Lock(); defer mu.Unlock(); return reads > 0 })
		if _, _, calls := w.platform.counts(); calls != before {
			t.Errorf("%d calls were made with tokens while it was blocked", calls-before)
		}
		mu.Lock()
		blocked = false
		mu.Unlock()
		clock.Advance(time.Hour)
		w.until("every token is sent", func() bool { return w.tokens(models.TokenSent) == 5 })
		w.audit()
	})
}

// TestConnectionsCut ends every connection to PostgreSQL in mid-restock, more than once: the engine goes on, and everyone
// is notified once.
func TestConnectionsCut(t *testing.T) {
	clock := storetest.NewClock()
	address := storetest.PostgresURL(t)
	s := storetest.Open(t, address, clock.Now)
	w := newWorld(t, s, clock)
	const n = 400
	w.grant(n, w.variant)
	w.run()
	w.stock(w.variant, n)
	for i := range 3 {
		w.until("more are sent", func() bool { _, a, _ := w.platform.counts(); return a >= 80*(i+1) })
		storetest.CutConnections(t, address)
	}
	w.until("every token is settled, or waits for its one more try", func() bool {
		st, err := s.Stats(t.Context(), "")
		return err == nil && st.Tokens[models.TokenSent]+st.Tokens[models.TokenUnknown] == n
	})
	clock.Advance(2 * time.Minute)
	w.until("every token is sent", func() bool { return w.tokens(models.TokenSent) == n })
	for token, times := range w.platform.accepted {
		if times != 1 {
			t.Errorf("token %s was accepted %d times", token, times)
		}
	}
	w.audit()
}
