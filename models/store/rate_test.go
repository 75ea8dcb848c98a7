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

// TestSender lets one process at a time send for a Page: another gets nothing before the one that did has stopped and the Page
// has rested, whatever the clock does.
func TestSender(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, address string) {
		w, clock := paced(t, address, 40)
		w.grant(100, w.v)
		w.restock(w.v, models.Restock{})
		const hold = 500 * time.Millisecond
		query := func(sender string) store.ClaimQuery {
			return store.ClaimQuery{PageIDs: []string{pageID}, Horizon: 100 * time.Millisecond, Lease: time.Minute, Max: 2, Sender: sender, Hold: hold}
		}
		check := func(what string, q store.ClaimQuery, want int, holds bool) {
			t.Helper()
			claimed, err := w.store.ClaimAll(w.ctx, q)
			w.must(err)
			got, held := 0, false
			for _, c := range claimed {
				got, held = got+len(c.Tokens), c.Held.Equal(clock.Now().Add(hold))
			}
			if got != want || held != holds {
				t.Errorf("%s: %s claimed %d, want %d; holds the Page %v, want %v", what, q.Sender, got, want, held, holds)
			}
		}
		keep := func(sender string) store.ClaimQuery {
			q := query(sender)
			q.PageIDs, q.Keep = nil, q.PageIDs
			return q
		}
		check("at first", query("anna"), 2, true)
		check("at the same moment", query("bruno"), 0, false)
		clock.advance(hold)
		check("once it had to stop", query("bruno"), 0, false)
		check("and had something to send", keep("anna"), 0, true)
		clock.advance(hold + store.Handover - time.Millisecond)
		check("while the Page rests", query("bruno"), 0, false)
		clock.advance(time.Millisecond)
		check("the Page has rested", query("bruno"), 2, true)
		check("it has lost the Page", query("anna"), 0, false)
		check("whatever it has to send", keep("anna"), 0, false)
		clock.advance(hold)
		check("again in time", query("bruno"), 2, true)
		clock.advance(-time.Hour)
		check("the clock was set back", query("anna"), 2, true)
		clock.advance(2 * time.Hour)
		check("the clock was set forward", query("bruno"), 2, true)
		w.audit()
	})
}

// TestSoldOut names what may not be announced any more, to whoever sends.
func TestSoldOut(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, address string) {
		w, _ := paced(t, address, 40)
		check := func(what string, want ...int64) {
			t.Helper()
			gone, err := w.store.SoldOut(w.ctx, []int64{w.v.ID})
			if err != nil || !slices.Equal(gone, want) {
				t.Errorf("%s: %v is gone, want %v; error %v", what, gone, want, err)
			}
		}
		set := func(sql string) {
			t.Helper()
			w.must(w.store.Exec(w.ctx, "UPDATE variants SET "+sql+" WHERE id = ?", w.v.ID))
		}
		set("available = 5, min_stock = 5")
		check("enough")
		set("available = 4")
		check("too few", w.v.ID)
		set("quantity_unknown = true, available = 0")
		check("somebody knows that there are some")
		set("deleted_at = 1")
		check("it was deleted", w.v.ID)
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
