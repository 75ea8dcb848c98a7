package store_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"bentornato/models"
	"bentornato/models/store"
	"bentornato/models/store/storetest"
)

// TestClaimRace lets 16 goroutines claim for one Page: every token is claimed once, and its attempt written once.
func TestClaimRace(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		w := newWorld(t, s, clock)
		const tokens = 300
		w.grant(tokens, w.v)
		w.restock(w.v, models.Restock{})
		var (
			mu      sync.Mutex
			claimed []int64
			all     sync.WaitGroup
		)
		for range 16 {
			all.Go(func() {
				for {
					c, err := s.Claim(w.ctx, store.ClaimQuery{PageID: pageID, Horizon: time.Hour, Lease: time.Minute, Max: 25})
					if err != nil {
						t.Error(err)
						return
					}
					mu.Lock()
					claimed = append(claimed, ids(c.Tokens)...)
					done := len(claimed) >= tokens
					mu.Unlock()
					if done {
						return
					}
				}
			})
		}
		all.Wait()
		slices.Sort(claimed)
		if n := len(slices.Compact(slices.Clone(claimed))); n != tokens || len(claimed) != tokens {
			t.Errorf("%d claims of %d tokens, want %d of each", len(claimed), n, tokens)
		}
		var attempts, numbers int
		w.must(s.Query(w.ctx, &attempts, "SELECT COUNT(*) FROM attempts WHERE state = 'pending'"))
		w.must(s.Query(w.ctx, &numbers, "SELECT SUM(attempts) FROM tokens"))
		if attempts != tokens || numbers != tokens {
			t.Errorf("%d attempts are written and %d counted, want %d of each", attempts, numbers, tokens)
		}
		w.audit()
	})
}

// TestClaimRaceOneToken lets several restockless claims meet on the last token again and again: one wins each time.
func TestClaimRaceOneToken(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		w := newWorld(t, s, clock)
		w.grant(1, w.v)
		w.restock(w.v, models.Restock{})
		for round := range 10 {
			won := make(chan store.ClaimedToken, 16)
			var all sync.WaitGroup
			for range 16 {
				all.Go(func() {
					c, err := s.Claim(w.ctx, store.ClaimQuery{PageID: pageID, Horizon: time.Hour, Lease: time.Minute, Max: 1})
					if err != nil {
						t.Error(err)
					}
					for _, k := range c.Tokens {
						won <- k
					}
				})
			}
			all.Wait()
			if len(won) != 1 {
				t.Fatalf("round %d: %d claims of one token", round, len(won))
			}
			k := <-won
			if k.Attempts != round+1 || k.Secret != "secret-TAZZA-1" {
				t.Errorf("round %d: attempt %d with secret %q", round, k.Attempts, k.Secret)
			}
			w.answered([]store.ClaimedToken{k}, models.Answer{Outcome: models.OutcomeTransient})
			clock.Advance(15 * time.Minute)
		}
		w.audit()
	})
}

func TestClaimOrder(t *testing.T) {
	for name, newest := range map[string]bool{"first come": false, "newest first": true} {
		t.Run(name, func(t *testing.T) {
			storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
				w := newWorld(t, s, clock)
				want := w.grant(9, w.v)
				if newest {
					slices.Reverse(want)
				}
				w.restock(w.v, models.Restock{NewestFirst: newest})
				var got []int64
				for range 4 {
					got = append(got, ids(w.claim(3).Tokens)...)
				}
				if !slices.Equal(got, want) {
					t.Errorf("claimed %v, want %v", got, want)
				}
				w.audit()
			})
		})
	}
}

// TestClaimWalks follows what a claim's cursor has passed: a released token, and those that came late, are found.
func TestClaimWalks(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		w := newWorld(t, s, clock)
		first := w.grant(4, w.v)
		restock := w.restock(w.v, models.Restock{})
		c := w.claim(4)
		w.answered(c.Tokens[:1], models.Answer{Outcome: models.OutcomeTransient})
		w.answered(c.Tokens[1:], sent)
		if again := w.claim(4).Tokens; len(again) != 0 {
			t.Errorf("claimed %v before the back-off was over", ids(again))
		}
		clock.Advance(3 * time.Second)
		if again := ids(w.claim(4).Tokens); !slices.Equal(again, first[:1]) {
			t.Errorf("claimed %v after the back-off, want %v", again, first[:1])
		}

		// A tap that was granted before all others, and arrives after them.
		late := w.grant(1, w.v)
		w.must(s.Exec(w.ctx, "UPDATE tokens SET granted_at = 1000 WHERE id = ?", late[0]))
		w.update(func(tx *store.Tx) error { return tx.ReleaseLate(late[0]) })
		if got := ids(w.claim(4).Tokens); !slices.Equal(got, late) {
			t.Errorf("claimed %v, want the late %v", got, late)
		}

		// One that a claim passed over, since another transaction held it, is found by the sweep.
		passed := w.grant(1, w.v)
		w.must(s.Exec(w.ctx, "UPDATE tokens SET granted_at = 2000 WHERE id = ?", passed[0]))
		clock.Advance(10 * time.Second)
		w.must(s.Sweep(w.ctx, time.Minute))
		if got := ids(w.claim(4).Tokens); !slices.Equal(got, passed) {
			t.Errorf("claimed %v, want the one passed over, %v", got, passed)
		}
		if r := w.getRestock(restock); r.Sent != 3 || r.Claimed != 3 {
			t.Errorf("the restock counts %d sent and %d claimed, want 3 and 3", r.Sent, r.Claimed)
		}
		w.audit()
	})
}

// TestClaimNothing covers whatever keeps a token from being claimed.
func TestClaimNothing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		w := newWorld(t, s, clock)
		token := w.grant(1, w.v)[0]
		none := func(why string) {
			t.Helper()
			if got := w.claim(5).Tokens; len(got) != 0 {
				t.Fatalf("claimed although %s", why)
			}
		}
		none("no restock is running")
		restock := w.restock(w.v, models.Restock{})
		w.update(func(tx *store.Tx) error { _, err := tx.PausePage(pageID, models.PauseByMerchant, ""); return err })
		none("the Page is paused")
		w.update(func(tx *store.Tx) error { return tx.ResumePage(pageID) })
		move := func(from, to models.RestockState) {
			t.Helper()
			w.update(func(tx *store.Tx) error { _, err := tx.MoveRestock(restock, from, to, ""); return err })
		}
		move(models.RestockRunning, models.RestockPaused)
		none("the restock is paused")
		move(models.RestockPaused, models.RestockRunning)
		w.page(models.Page{Settings: models.PageSettings{QuietFrom: "10:00", QuietTo: "12:00"}}) // 11:00 in Rome
		none("the shop is quiet")
		w.page(models.Page{})
		w.must(s.Exec(w.ctx, "UPDATE tokens SET expires_at = ?", clock.Now().Add(59*time.Minute).UnixMilli()))
		none("the token is in its last hour")
		w.must(s.Exec(w.ctx, "UPDATE tokens SET expires_at = ?", clock.Now().Add(61*time.Minute).UnixMilli()))
		if got := w.claim(5); len(got.Tokens) != 1 || got.Tokens[0].ID != token {
			t.Errorf("claimed %v, want %d once nothing stands in the way", ids(got.Tokens), token)
		}
		w.audit()
	})
}

// TestClaimStopsBelowMinimum finds the item sold out at the claim itself, past any report.
func TestClaimStopsBelowMinimum(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		w := newWorld(t, s, clock)
		w.grant(1, w.v)
		restock := w.restock(w.v, models.Restock{})
		w.stock(w.v, 0)
		if got := w.claim(5).Tokens; len(got) != 0 {
			t.Error("claimed for an item that is sold out")
		}
		if r := w.getRestock(restock); r.State != models.RestockStopped || r.Reason != models.RestockSoldOutAgain {
			t.Errorf("the restock is %s for %q, want stopped", r.State, r.Reason)
		}
	})
}

// TestClaimShares keeps one big restock from holding up another on the same Page.
func TestClaimShares(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		w := newWorld(t, s, clock)
		second := w.variant("PIATTO", 0)
		w.grant(30, w.v)
		w.grant(3, second)
		w.restock(w.v, models.Restock{})
		small := w.restock(second, models.Restock{})
		for range 2 {
			w.claim(10)
		}
		if r := w.getRestock(small); r.Claimed != 3 {
			t.Errorf("the small restock had %d of 3 after two claims of ten", r.Claimed)
		}
		w.audit()
	})
}

// TestClaimDraws claims at once for restocks that draw their tokens in each way there is, beside more than share a claim
// that nobody waits for: those hold nothing up.
func TestClaimDraws(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		w := newWorld(t, s, clock)
		for i := range 20 {
			w.restock(w.variant(fmt.Sprint("NOBODY-", i), 0), models.Restock{})
		}
		newest, few := w.variant("PIATTO", 0), w.variant("CUCCHIAIO", 0)
		first := w.grant(6, w.v)
		w.restock(w.v, models.Restock{})
		w.answered(w.claim(2).Tokens, models.Answer{Outcome: models.OutcomeTransient})
		last, limited := w.grant(6, newest), w.grant(6, few)
		w.restock(newest, models.Restock{NewestFirst: true})
		w.restock(few, models.Restock{Budget: 2, NextWaveAt: clock.Now().Add(time.Hour)})
		w.must(s.Exec(w.ctx, "UPDATE variants SET tokens_per_unit = 1 WHERE id = ?", few.ID))
		clock.Advance(3 * time.Second)
		got := map[int64][]int64{}
		for _, k := range w.claim(11).Tokens {
			got[k.VariantID] = append(got[k.VariantID], k.ID)
		}
		slices.Reverse(last)
		for _, of := range []struct {
			variant int64
			want    []int64
		}{{w.v.ID, first[:5]}, {newest.ID, last[:4]}, {few.ID, limited[:2]}} {
			if !slices.Equal(got[of.variant], of.want) {
				t.Errorf("claimed %v of %v, want %v", got[of.variant], of.variant, of.want)
			}
		}
		w.audit()
	})
}

// TestClaimUnknown tries an unanswered call once more, after the grace and only while the item is there.
func TestClaimUnknown(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		w := newWorld(t, s, clock)
		token := w.grant(1, w.v)[0]
		restock := w.restock(w.v, models.Restock{})
		w.answered(w.claim(1).Tokens, models.Answer{Outcome: models.OutcomeUnknown})
		if r := w.getRestock(restock); r.Unknown != 1 || r.Claimed != 0 {
			t.Errorf("the restock counts %d unknown and %d claimed", r.Unknown, r.Claimed)
		}
		none := func(why string) {
			t.Helper()
			if got := w.claim(5).Tokens; len(got) != 0 {
				t.Fatalf("claimed again although %s", why)
			}
		}
		none("the grace is not over")
		clock.Advance(2*time.Minute + time.Second)
		w.stock(w.v, 0)
		none("the item is sold out")
		w.stock(w.v, 5)
		w.page(models.Page{Settings: models.PageSettings{QuietFrom: "10:00", QuietTo: "12:00"}})
		none("the shop is quiet")
		w.page(models.Page{})
		c := w.claim(5)
		if len(c.Tokens) != 1 || c.Tokens[0].Attempts != 2 || c.Tokens[0].RestockID != restock {
			t.Fatalf("claimed %+v, want the second attempt", c.Tokens)
		}
		w.audit()
		w.answered(c.Tokens, models.Answer{Outcome: models.OutcomeDead, Code: 100})
		if k := w.token(token); k.State != models.TokenSent || k.Reason != models.TokenSecondTry {
			t.Errorf("the token is %s for %q, want sent by its second try", k.State, k.Reason)
		}
		w.audit()
	})
}

// TestMessagesFirst claims what people wait for in their windows before notifications: requests, the window that
// closes soonest first, then replies.
func TestMessagesFirst(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		w := newWorld(t, s, clock)
		w.grant(3, w.v)
		w.restock(w.v, models.Restock{})
		queue := func(text string, rank int, closes time.Duration) {
			w.update(func(tx *store.Tx) error {
				_, err := tx.QueueMessage(models.Message{PageID: pageID, ContactID: 1, Kind: models.SendReply, Rank: rank,
					Content: &models.Content{Text: text}, Text: text, SendBefore: tx.Now().Add(closes)})
				return err
			})
		}
		queue("reply", models.RankReply, time.Minute)
		queue("later", models.RankRequest, 2*time.Hour)
		queue("soon", models.RankRequest, time.Hour)
		c := w.claim(5)
		var texts []string
		for _, m := range c.Messages {
			texts = append(texts, m.Text)
		}
		if fmt.Sprint(texts) != "[soon later reply]" || len(c.Tokens) != 2 {
			t.Errorf("claimed %v and %d tokens, want soon, later, reply and 2", texts, len(c.Tokens))
		}
		for i := 1; i < len(c.Messages); i++ {
			if !c.Messages[i].Slot.After(c.Messages[i-1].Slot) {
				t.Error("two messages share a slot")
			}
		}
		if !c.Tokens[0].Slot.After(c.Messages[2].Slot) {
			t.Error("a notification stands before a message")
		}
	})
}

// TestUnreadableToken spoils one seal: its token has failed, and the others are claimed as ever.
func TestUnreadableToken(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		w := newWorld(t, s, clock)
		granted := w.grant(3, w.v)
		w.restock(w.v, models.Restock{})
		w.must(s.Exec(w.ctx, "UPDATE tokens SET sealed = (SELECT k.sealed FROM tokens k WHERE k.id = ?) WHERE id = ?", granted[0], granted[1]))
		if got, want := ids(w.claim(10).Tokens), []int64{granted[0], granted[2]}; !slices.Equal(got, want) {
			t.Errorf("claimed %v, want %v", got, want)
		}
		if k := w.token(granted[1]); k.State != models.TokenFailed || k.Reason != models.TokenUnreadable {
			t.Errorf("the spoiled token is %s for %q, want failed as unreadable", k.State, k.Reason)
		}
		w.audit()
	})
}
