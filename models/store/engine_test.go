package store_test

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"bentornato/models"
	"bentornato/models/store"
	"bentornato/models/store/storetest"
)

// TestOwn takes up at once what a dead predecessor had claimed, on SQLite; while that one lives, and on PostgreSQL, where
// nobody can know whose a claim is, leases decide.
func TestOwn(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		w := newWorld(t, s, clock)
		id := w.grant(1, w.v)[0]
		w.restock(w.v, models.Restock{})
		died, err := s.Own(w.ctx)
		w.must(err)
		w.claim(1)
		own := func(want models.TokenState) func() error {
			t.Helper()
			release, err := s.Own(w.ctx)
			if busy := models.KindOf(err) == models.KindConflict; busy != (want == models.TokenClaimed && !s.Postgres()) || (err != nil && !busy) {
				t.Fatalf("owning it ends in %v", err)
			}
			w.must(s.Sweep(w.ctx, time.Minute))
			if s.Postgres() {
				want = models.TokenClaimed
			}
			if k := w.token(id); k.State != want {
				t.Errorf("the token is %s, want %s", k.State, want)
			}
			return release
		}
		w.must(own(models.TokenClaimed)()) // the other one lives
		w.must(died())
		defer func() { w.must(own(models.TokenUnknown)()) }()
		w.audit()
	})
}

// TestLateAnswer settles a token whose lease ended while its call was under way: the answer proves what the lease could
// not know.
func TestLateAnswer(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		w := newWorld(t, s, clock)
		list := w.grant(2, w.v)
		restock := w.restock(w.v, models.Restock{})
		c := w.claim(2).Tokens
		clock.Advance(31 * time.Second)
		w.must(s.Sweep(w.ctx, time.Minute))
		w.answered(c[:1], sent)
		w.answered(c[1:], models.Answer{Outcome: models.OutcomeTransient})
		if k := w.token(list[0]); k.State != models.TokenSent || k.Reason != "" {
			t.Errorf("after a late 200 the token is %s for %q", k.State, k.Reason)
		}
		if k := w.token(list[1]); k.State != models.TokenUnknown {
			t.Errorf("after a late refusal the token is %s; only its second try can tell", k.State)
		}
		if r := w.getRestock(restock); r.Sent != 1 || r.Unknown != 1 || r.Claimed != 0 {
			t.Errorf("the restock counts %+v", r)
		}
		w.audit()
	})
}

// TestClockSetBack goes on at the Page's rate after the clock was set back by an hour, and does not make up for an hour
// after it was set forward.
func TestClockSetBack(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, address string) {
		w, clock := paced(t, address, 40)
		w.grant(100, w.v)
		w.restock(w.v, models.Restock{})
		claim := func() []time.Time {
			t.Helper()
			c, err := w.store.Claim(w.ctx, store.ClaimQuery{PageID: pageID, Horizon: 200 * time.Millisecond, Lease: time.Minute, Max: 200})
			w.must(err)
			var slots []time.Time
			for _, k := range c.Tokens {
				slots = append(slots, k.Slot)
			}
			w.answered(c.Tokens, sent)
			return slots
		}
		if n := len(claim()); n != 8 {
			t.Fatalf("claimed %d in the beginning", n)
		}
		for _, jump := range []time.Duration{-time.Hour, 2 * time.Hour, -time.Second} {
			clock.advance(jump)
			var slots []time.Time
			for range 10 {
				slots = append(slots, claim()...)
				clock.advance(100 * time.Millisecond)
			}
			if len(slots) < 30 || busiest(slots) > 40 {
				t.Errorf("after a jump of %s the next second has %d slots, %d within one", jump, len(slots), busiest(slots))
			}
			w.grant(50, w.v)
			w.must(w.store.Exec(w.ctx, "UPDATE restocks SET cursor_at = 0, cursor_id = 0"))
		}
		w.audit()
	})
}

// TestClaimWaitsForNobody leaves what another transaction holds for the next claim, and takes the rest.
func TestClaimWaitsForNobody(t *testing.T) {
	clock := storetest.NewClock()
	w := newWorld(t, storetest.Open(t, storetest.PostgresURL(t), clock.Now), clock) // SQLite has one writer
	list := w.grant(3, w.v)
	w.restock(w.v, models.Restock{})
	other := w.variant("PIATTO", 0)
	elsewhere := w.grant(1, other)
	w.restock(other, models.Restock{})
	ctx, cancel := context.WithTimeout(w.ctx, 10*time.Second)
	defer cancel()
	claimed := func() []int64 {
		t.Helper()
		c, err := w.store.Claim(ctx, store.ClaimQuery{PageID: pageID, Horizon: time.Hour, Lease: time.Minute, Max: 10})
		w.must(err)
		got := ids(c.Tokens)
		slices.Sort(got)
		return got
	}
	w.update(func(tx *store.Tx) error { // a stock report holds the variant
		if _, err := tx.LockVariant(other.ID); err != nil {
			return err
		}
		c, err := tx.TakeContact(pageID, "24000000000002") // somebody writes
		if err != nil {
			return err
		}
		c.LastActionAt = tx.Now()
		if err := tx.SaveWindow(c); err != nil {
			return err
		}
		if got, want := claimed(), []int64{list[0], list[2]}; !slices.Equal(got, want) {
			t.Errorf("claimed %v, want %v", got, want)
		}
		return nil
	})
	if got := claimed(); !slices.Equal(got, elsewhere) {
		t.Errorf("claimed %v once the variant was free, want %v", got, elsewhere)
	}
	clock.Advance(10 * time.Second)
	w.must(w.store.Sweep(w.ctx, time.Minute))
	if got := claimed(); !slices.Equal(got, list[1:2]) {
		t.Errorf("claimed %v in the end, want %v, which was passed over", got, list[1:2])
	}
	w.audit()
}

// TestEchoHoldsNobodyUp settles an echo in a transaction that goes on with other events: meanwhile the same restock claims, and
// what came of its calls is written.
func TestEchoHoldsNobodyUp(t *testing.T) {
	clock := storetest.NewClock()
	w := newWorld(t, storetest.Open(t, storetest.PostgresURL(t), clock.Now), clock) // SQLite has one writer
	w.grant(3, w.v)
	id := w.restock(w.v, models.Restock{})
	held := w.claim(2).Tokens
	ctx, cancel := context.WithTimeout(w.ctx, 10*time.Second)
	defer cancel()
	w.update(func(tx *store.Tx) error {
		for range 2 { // the platform sends it twice
			if ours, err := tx.SettleEcho(pageID, held[0].ID, 1, "m_1"); err != nil || !ours {
				return fmt.Errorf("the echo is nobody's: %w", err)
			}
		}
		c, err := w.store.Claim(ctx, store.ClaimQuery{PageID: pageID, Horizon: time.Hour, Lease: time.Minute, Max: 10})
		if err != nil || len(c.Tokens) != 1 {
			t.Errorf("claimed %d tokens, want 1; error %v", len(c.Tokens), err)
		}
		return w.store.Settle(ctx, []models.Settlement{models.SettleAttempt(held[1].Token, sent, clock.Now(), time.Minute)})
	})
	if r := w.getRestock(id); r.Claimed != 1 || r.Sent != 2 {
		t.Errorf("the restock has %d claimed and %d sent, want 1 and 2", r.Claimed, r.Sent)
	}
	w.audit()
}

// TestProbes asks after a Page that the platform paused at its times, and lets it go on slowly.
func TestProbes(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		w := newWorld(t, s, clock)
		w.grant(9, w.v)
		w.restock(w.v, models.Restock{})
		trouble := models.Answer{Outcome: models.OutcomePageTrouble, Code: 368, Pause: models.PauseBlocked}
		due := func(what string, after time.Duration, want int) models.Page {
			t.Helper()
			clock.Advance(after)
			pages, err := s.TakeProbes(w.ctx)
			w.must(err)
			if len(pages) != want {
				t.Fatalf("%s: %d Pages are due, want %d", what, len(pages), want)
			}
			if want == 0 {
				return models.Page{}
			}
			return pages[0]
		}
		w.answered(w.claim(1).Tokens, trouble)
		due("just paused", 9*time.Minute, 0)
		due("after ten minutes", 2*time.Minute, 1)
		due("at once again", 0, 0)
		p := due("after twenty more", 21*time.Minute, 1)
		resumed, err := s.ResumeProbed(w.ctx, p)
		if w.must(err); !resumed {
			t.Fatal("it was not resumed")
		}
		if resumed, err = s.ResumeProbed(w.ctx, p); resumed || err != nil {
			t.Errorf("it was resumed twice, %v", err)
		}
		c := w.claim(1)
		if len(c.Tokens) != 1 || c.Interval < 30*time.Millisecond {
			t.Errorf("it begins again with %d tokens, %s apart; want a tenth of its rate", len(c.Tokens), c.Interval)
		}
		w.answered(c.Tokens, trouble)
		due("paused again: forty minutes later", 41*time.Minute, 1)
		w.update(func(tx *store.Tx) error { return tx.ResumePage(pageID) })
		w.answered(w.claim(1).Tokens, trouble)
		due("after a person resumed it, ten minutes", 11*time.Minute, 1)
		w.update(func(tx *store.Tx) error {
			if err := tx.ResumePage(pageID); err != nil {
				return err
			}
			_, err := tx.PausePage(pageID, models.PauseByMerchant, "")
			return err
		})
		due("what a person paused", 1000*time.Hour, 0)
		w.audit()
	})
}

// TestPostgresClock tells the database's time, not the machine's.
func TestPostgresClock(t *testing.T) {
	s := storetest.Open(t, storetest.PostgresURL(t), nil)
	var micros int64
	if err := s.Query(t.Context(), &micros, "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint"); err != nil {
		t.Fatal(err)
	}
	if d := s.Now().Sub(time.UnixMicro(micros)); d < -time.Second || d > time.Second {
		t.Errorf("the store is %s ahead of its database", d)
	}
	if s.Now().Location() != time.UTC {
		t.Error("its time is not UTC")
	}
}

// TestOwnerFile leaves no more than an empty file beside the database.
func TestOwnerFile(t *testing.T) {
	address := storetest.SQLiteURL(t)
	s := storetest.Open(t, address, time.Now)
	release, err := s.Own(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := release(); err != nil {
		t.Error(err)
	}
	beside, err := filepath.Glob(filepath.Join(filepath.Dir(address[len("sqlite:"):]), "*-owner*"))
	if err != nil || len(beside) != 1 {
		t.Errorf("beside the database are %v, %v", beside, err)
	}
}
