package store_test

import (
	"context"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"bentornato/models"
	"bentornato/models/store"
	"bentornato/models/store/storetest"
)

// still is a clock that moves only when it is told to.
type still struct {
	mu sync.Mutex
	at time.Time
}

func (c *still) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *still) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// paced is a world whose time stands still.
func paced(t *testing.T, address string, rate int) (*world, *still) {
	t.Helper()
	clock := &still{at: storetest.Epoch}
	w := newWorld(t, storetest.Open(t, address, clock.Now), nil)
	w.page(models.Page{Rate: rate})
	return w, clock
}

// busiest is the most slots in any second.
func busiest(slots []time.Time) int {
	slices.SortFunc(slots, time.Time.Compare)
	most, first := 0, 0
	for i, at := range slots {
		for at.Sub(slots[first]) >= time.Second {
			first++
		}
		most = max(most, i-first+1)
	}
	return most
}

// TestRate claims for a minute, at moments that jitter and from two processes in turn: no second holds more slots than
// the Page's rate, and the minute holds nearly all it may.
func TestRate(t *testing.T) {
	for _, rate := range []int{1, 7, 40, 300} {
		address := storetest.SQLiteURL(t)
		w, clock := paced(t, address, rate)
		other := storetest.Open(t, address, clock.Now)
		w.grant(1, w.v)
		w.must(w.store.Exec(w.ctx, `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
			INSERT INTO messages (page_id, contact_id, kind, state, text, at, state_at) SELECT ?, 1, 'reply', 'queued', 'Ciao', 0, 0 FROM n`, rate*61, pageID))
		jitter := rand.New(rand.NewPCG(1, uint64(rate)))
		var slots []time.Time
		for end := clock.Now().Add(time.Minute); clock.Now().Before(end); {
			for _, s := range []*store.Store{w.store, other} {
				c, err := s.Claim(w.ctx, store.ClaimQuery{PageID: pageID, Horizon: 150 * time.Millisecond, Lease: time.Minute, Max: 200})
				w.must(err)
				for _, k := range c.Messages {
					if k.Slot.Before(clock.Now()) {
						t.Fatalf("rate %d: a slot at %s is given out at %s", rate, k.Slot, clock.Now())
					}
					slots = append(slots, k.Slot)
				}
			}
			clock.advance(time.Duration(10+jitter.IntN(180)) * time.Millisecond)
		}
		if most := busiest(slots); most > rate {
			t.Errorf("rate %d: a second holds %d slots", rate, most)
		}
		if n := len(slots); n < rate*60*9/10 {
			t.Errorf("rate %d: the minute holds %d slots, want nearly %d", rate, n, rate*60)
		}
	}
}

// TestRateAfterIdle does not make up for time in which nothing was sent.
func TestRateAfterIdle(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, address string) {
		w, clock := paced(t, address, 40)
		w.grant(100, w.v)
		w.restock(w.v, models.Restock{})
		clock.advance(time.Hour)
		c, err := w.store.Claim(w.ctx, store.ClaimQuery{PageID: pageID, Horizon: 100 * time.Millisecond, Lease: time.Minute, Max: 200})
		w.must(err)
		if len(c.Tokens) != 4 || !c.Full {
			t.Errorf("claimed %d (full %v) of an idle hour, want the 4 slots of a tenth of a second", len(c.Tokens), c.Full)
		}
		if c, err = w.store.Claim(w.ctx, store.ClaimQuery{PageID: pageID, Horizon: 50 * time.Millisecond, Lease: time.Minute, Max: 200}); err != nil || len(c.Tokens) != 0 || !c.Full {
			t.Errorf("claimed %d more in the same instant, error %v", len(c.Tokens), err)
		}
	})
}

// TestLate puts slots off for what a process that shares a Page was late with, and tells each where the other left the rate.
func TestLate(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, address string) {
		w, clock := paced(t, address, 40)
		w.grant(100, w.v)
		w.restock(w.v, models.Restock{})
		claim := func(late time.Duration) store.Claimed {
			t.Helper()
			c, err := w.store.Claim(w.ctx, store.ClaimQuery{PageID: pageID, Horizon: 100 * time.Millisecond, Lease: time.Minute, Max: 2,
				Late: map[string]time.Duration{pageID: late}})
			w.must(err)
			return c
		}
		first := claim(0)
		on := claim(0)
		if !on.From.Equal(first.Until) || !on.Tokens[0].Slot.Equal(first.Until) {
			t.Errorf("the rate stood at %s and the first slot is %s; the claim before left it at %s", on.From, on.Tokens[0].Slot, first.Until)
		}
		clock.advance(100 * time.Millisecond)
		late := claim(50 * time.Millisecond)
		if want := on.Until.Add(50 * time.Millisecond); !late.Tokens[0].Slot.Equal(want) {
			t.Errorf("50 ms late: the next slot is %s, want %s", late.Tokens[0].Slot, want)
		}
		// So late that no slot is left within the horizon: the next claim knows all the same.
		if none := claim(time.Hour); len(none.Tokens) != 0 || !none.Until.After(clock.Now().Add(100*time.Millisecond)) {
			t.Errorf("claimed %d, and the rate stands at %s", len(none.Tokens), none.Until)
		}
		clock.advance(300 * time.Millisecond)
		if again := claim(0); len(again.Tokens) == 0 || again.Tokens[0].Slot.Before(clock.Now().Add(50*time.Millisecond)) {
			t.Errorf("claimed %d after that", len(again.Tokens))
		}
	})
}

// TestSlowDown follows the interval between slots through what the platform says.
func TestSlowDown(t *testing.T) {
	const full = 25510 * time.Microsecond // 40 a second, less the headroom
	storetest.EachURL(t, func(t *testing.T, address string) {
		w, clock := paced(t, address, 40)
		w.grant(30, w.v)
		w.restock(w.v, models.Restock{})
		heed := func(answers ...models.Answer) {
			t.Helper()
			w.update(func(tx *store.Tx) error { return tx.HeedAnswers(pageID, answers) })
		}
		check := func(what string, percent int) {
			t.Helper()
			c := w.claim(1)
			want := time.Duration(0)
			if percent > 0 {
				want = full * 100 / time.Duration(percent)
			}
			if d := c.Interval - want; d < -time.Millisecond || d > time.Millisecond {
				t.Errorf("%s: %s between slots, want %s", what, c.Interval, want)
			}
		}
		check("at first", 100)
		heed(models.Answer{Outcome: models.OutcomeSent, Usage: 69})
		check("usage 69", 100)
		heed(models.Answer{Outcome: models.OutcomeSent, Usage: 72})
		check("usage 72", 75)
		clock.advance(20 * time.Millisecond)
		heed(models.Answer{Outcome: models.OutcomeSent, Usage: 85})
		check("usage 85 a moment later", 50)
		clock.advance(20 * time.Millisecond)
		heed(models.Answer{Outcome: models.OutcomeSent, Usage: 120}, models.Answer{Outcome: models.OutcomeSent, Usage: 3})
		check("usage 120", 10)
		clock.advance(30 * time.Second)
		check("after half a minute", 20)
		clock.advance(10 * time.Minute)
		check("after ten minutes", 100)

		heed(models.Answer{Outcome: models.OutcomeRateLimited, Code: 613})
		check("613", 0)
		for range 20 { // calls that were under way bring the same answer
			clock.advance(10 * time.Millisecond)
			heed(models.Answer{Outcome: models.OutcomeRateLimited, Code: 613})
		}
		clock.advance(6 * time.Second)
		check("613, once the pause is over", 50)
		heed(models.Answer{Outcome: models.OutcomeRateLimited, Code: 613, RetryAfter: time.Minute})
		clock.advance(59 * time.Second)
		check("a minute asked for", 0)
		clock.advance(2 * time.Second)
		check("after that minute", 25+2*10)
	})
}

// TestTwoClaimers lets two stores on one database share a Page's rate, at the same time.
func TestTwoClaimers(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, address string) {
		w, clock := paced(t, address, 40)
		other := storetest.Open(t, address, clock.Now)
		w.grant(400, w.v)
		w.restock(w.v, models.Restock{})
		var (
			mu    sync.Mutex
			slots []time.Time
		)
		for range 50 {
			var both sync.WaitGroup
			for _, s := range []*store.Store{w.store, other} {
				both.Go(func() {
					c, err := s.Claim(context.Background(), store.ClaimQuery{PageID: pageID, Horizon: 150 * time.Millisecond, Lease: time.Minute, Max: 200})
					if err != nil {
						t.Error(err)
					}
					mu.Lock()
					defer mu.Unlock()
					for _, k := range c.Tokens {
						slots = append(slots, k.Slot)
					}
				})
			}
			both.Wait()
			clock.advance(100 * time.Millisecond)
		}
		if most := busiest(slots); most > 40 || len(slots) < 190 {
			t.Errorf("%d slots, %d in one second; want nearly 200, and at most 40", len(slots), most)
		}
		w.audit()
	})
}
