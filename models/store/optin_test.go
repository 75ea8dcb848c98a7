package store_test

import (
	"slices"
	"sync"
	"testing"
	"time"

	"bentornato/models"
	"bentornato/models/store"
	"bentornato/models/store/storetest"
)

// settled answers uses of recurring opt-ins.
func (w *world) settled(list []store.ClaimedToken, a models.Answer) {
	w.t.Helper()
	settlements := make([]models.Settlement, len(list))
	for i, k := range list {
		settlements[i] = models.SettleRecurring(k.Token, a, w.store.Now(), grace)
	}
	w.must(w.store.Settle(w.ctx, settlements))
}

// ended ends the variant's running restock as a report of no stock would.
func (w *world) ended(restock int64, v models.Variant) {
	w.t.Helper()
	w.update(func(tx *store.Tx) error {
		_, err := tx.MoveRestock(restock, models.RestockRunning, models.RestockStopped, models.RestockSoldOutAgain)
		return err
	})
	w.stock(v, 0)
}

// TestRecurringRenews uses an opt-in once in a restock, however long that lasts, and again in the next once the cap is over.
func TestRecurringRenews(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		w := newWorld(t, s, clock)
		first := w.optIn(w.v)
		one := w.restock(w.v, models.Restock{})
		got := w.claim(5).Tokens
		if len(got) != 1 || got[0].ID != first || got[0].Secret != "recurring-1" || got[0].OptIn == nil || got[0].OptIn.HeldBy != first {
			t.Fatalf("claimed %+v, want the one use with the opt-in's own token", got)
		}
		w.settled(got, sent)
		for range 3 { // the restock may run on for weeks
			clock.Advance(7 * 24 * time.Hour)
			w.must(s.Sweep(w.ctx, grace))
			if again := w.claim(5).Tokens; len(again) != 0 {
				t.Fatalf("used %d times in one restock", 1+len(again))
			}
		}
		if r := w.getRestock(one); r.State != models.RestockDone || !r.Renews {
			t.Errorf("the restock is %s, renews %v; want done, with a use to renew", r.State, r.Renews)
		}
		w.stock(w.v, 0)
		w.must(s.Sweep(w.ctx, grace))
		if n := w.states(); n[models.TokenWaiting] != 1 || n[models.TokenSent] != 1 {
			t.Fatalf("counted %v once it sold out again, want one that waits and one sent", n)
		}
		w.must(s.Sweep(w.ctx, grace)) // and never a second
		two := w.restock(w.v, models.Restock{})
		got = w.claim(5).Tokens
		if len(got) != 1 || got[0].ID == first {
			t.Fatalf("claimed %+v in the second restock, want the renewed use", got)
		}
		w.settled(got, sent)
		w.ended(two, w.v)
		w.must(s.Sweep(w.ctx, grace))

		// The third comes too soon for the platform's cap: it waits, and the restock waits for it.
		w.restock(w.v, models.Restock{})
		clock.Advance(time.Hour)
		if got := w.claim(5).Tokens; len(got) != 0 {
			t.Fatal("used again within the platform's cap")
		}
		rows, _, err := s.Tokens(w.ctx, models.TokenQuery{State: models.TokenWaiting, Limit: 5}, s.Now())
		w.must(err)
		if len(rows) != 1 || rows[0].Why != models.WaitCap || !rows[0].WhyUntil.After(s.Now()) {
			t.Errorf("it waits for %+v, want for the cap", rows)
		}
		clock.Advance(models.RecurringGap)
		if got := w.claim(5).Tokens; len(got) != 1 {
			t.Error("not used once the cap was over")
		}
		w.audit()
	})
}

// TestRecurringRace lets sixteen goroutines claim the uses of one opt-in for two products: one at a time, and one in the cap's time.
func TestRecurringRace(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		w := newWorld(t, s, clock)
		other := w.variant("PIATTO", 0)
		k := w.token(w.optIn(w.v))
		w.update(func(tx *store.Tx) error {
			_, _, err := tx.WaitByOptIn(w.ctx, models.OptIn{ID: k.OptInID, PageID: pageID, ContactID: k.ContactID, ExpiresAt: k.ExpiresAt}, other.ID, tx.Now())
			return err
		})
		w.restock(w.v, models.Restock{})
		w.restock(other, models.Restock{})
		var (
			mu      sync.Mutex
			claimed []store.ClaimedToken
			all     sync.WaitGroup
		)
		for range 16 {
			all.Go(func() {
				c, err := s.Claim(w.ctx, store.ClaimQuery{PageID: pageID, Horizon: time.Hour, Lease: time.Minute, Max: 25})
				if err != nil {
					t.Error(err)
				}
				mu.Lock()
				claimed = append(claimed, c.Tokens...)
				mu.Unlock()
			})
		}
		all.Wait()
		if len(claimed) != 1 {
			t.Fatalf("%d uses of one opt-in are under way, want one", len(claimed))
		}
		w.settled(claimed, sent)
		clock.Advance(time.Hour)
		if got := w.claim(5).Tokens; len(got) != 0 {
			t.Error("the other product's use began within the cap")
		}
		clock.Advance(models.RecurringGap)
		if got := w.claim(5).Tokens; len(got) != 1 {
			t.Errorf("%d uses began once the cap was over, want the other product's", len(got))
		}
		w.audit()
	})
}

// TestRecurringTooLate gives up a use without an answer once a second call could be a second message.
func TestRecurringTooLate(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		w := newWorld(t, s, clock)
		id := w.optIn(w.v)
		restock := w.restock(w.v, models.Restock{})
		w.settled(w.claim(5).Tokens, models.Answer{Outcome: models.OutcomeUnknown})
		clock.Advance(models.RecurringGrace - time.Second)
		if got := w.claim(5).Tokens; len(got) != 0 {
			t.Error("called again while the platform still takes follow-ups")
		}
		w.update(func(tx *store.Tx) error { _, err := tx.PausePage(pageID, models.PauseByMerchant, ""); return err })
		clock.Advance(models.RecurringRetry)
		w.update(func(tx *store.Tx) error { return tx.ResumePage(pageID) })
		if got := w.claim(5).Tokens; len(got) != 0 {
			t.Fatal("called again after the time in which the platform would refuse a second message")
		}
		w.must(s.Sweep(w.ctx, grace))
		if k := w.token(id); k.State != models.TokenFailed || k.Reason != models.TokenKeptUnknown {
			t.Errorf("the use is %s for %q", k.State, k.Reason)
		}
		w.ended(restock, w.v)
		w.must(s.Sweep(w.ctx, grace))
		if n := w.states(); n[models.TokenWaiting] != 1 {
			t.Errorf("counted %v, want one that waits for the next restock", n)
		}
		w.audit()
	})
}

// TestRecurringAnswers follows each answer of the platform to a use.
func TestRecurringAnswers(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		w := newWorld(t, s, clock)
		for _, c := range []struct {
			answer models.Answer
			state  models.TokenState
			reason models.TokenReason
			optIn  models.OptInStatus
		}{
			{models.Answer{Outcome: models.OutcomeTooSoon, Code: 4, Subcode: 2018354}, models.TokenWaiting, models.TokenCap, models.OptInActive},
			{models.Answer{Outcome: models.OutcomeTransient, Code: 2}, models.TokenWaiting, models.TokenReleased, models.OptInActive},
			{models.Answer{Outcome: models.OutcomeProductOff, Code: 10, Detail: "no permission"}, models.TokenWaiting, models.TokenRecurringOff, models.OptInActive},
		} {
			v := w.variant("V-"+string(c.answer.Outcome), 0)
			id := w.optIn(v)
			w.restock(v, models.Restock{})
			w.settled(w.claim(5).Tokens, c.answer)
			k := w.token(id)
			list, err := s.OptIns(w.ctx, k.ContactID, 5)
			w.must(err)
			if k.State != c.state || k.Reason != c.reason || !k.NextAt.After(s.Now()) || list[0].Status != c.optIn || list[0].HeldBy != 0 {
				t.Errorf("after %s the use is %s for %q until %s, its opt-in %+v", c.answer.Outcome, k.State, k.Reason, k.NextAt, list[0])
			}
		}
		p, err := s.Page(w.ctx, pageID)
		w.must(err)
		if p.State != models.PageActive || p.RecurringDetail != "no permission" || !p.RecurringRefused(s.Now()) {
			t.Errorf("the Page is %s, and recurring ones were refused at %s", p.State, p.RecurringOffAt)
		}
		// One-time tokens go on, and the others wait for tomorrow.
		v := w.variant("OTHER", 0)
		token := w.grant(1, v)
		w.optIn(v)
		w.restock(v, models.Restock{})
		if got := ids(w.claim(5).Tokens); !slices.Equal(got, token) {
			t.Errorf("claimed %v, want the one-time token %v", got, token)
		}
		w.audit()
	})
}

// TestRecurringDead ends an opt-in that the platform does not know any more.
func TestRecurringDead(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		w := newWorld(t, s, clock)
		dead := w.optIn(w.v)
		restock := w.restock(w.v, models.Restock{})
		w.settled(w.claim(1).Tokens, models.Answer{Outcome: models.OutcomeDead, Code: 100})
		w.optIn(w.v)
		w.settled(w.claim(1).Tokens, sent) // another message went out: it is the token, not the message
		w.must(s.Sweep(w.ctx, grace))
		k := w.token(dead)
		list, err := s.OptIns(w.ctx, k.ContactID, 5)
		w.must(err)
		if k.State != models.TokenFailed || list[0].Status != models.OptInExpired || list[0].Reason != models.TokenDead {
			t.Errorf("the use is %s, its opt-in %+v; want failed and expired", k.State, list[0])
		}
		w.ended(restock, w.v)
		clock.Advance(time.Second)
		w.must(s.Sweep(w.ctx, grace))
		if n := w.states(); n[models.TokenWaiting] != 1 {
			t.Errorf("counted %v, want only the living opt-in's renewed use", n)
		}
		w.audit()
	})
}

// TestRecurringNotBoth tells a person once of a restock, who waits for it by a one-time token and by a recurring opt-in.
func TestRecurringNotBoth(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		w := newWorld(t, s, clock)
		token := w.token(w.grant(1, w.v)[0])
		at := s.Now()
		w.update(func(tx *store.Tx) error {
			o, _, err := tx.SaveOptIn(models.OptIn{PageID: pageID, ContactID: token.ContactID, VariantID: w.v.ID, Source: models.OptInByWebhook,
				Status: models.OptInActive, GrantedAt: at, StatusAt: at, ExpiresAt: at.AddDate(1, 0, 0)}, "recurring")
			if err != nil {
				return err
			}
			_, added, err := tx.WaitByOptIn(w.ctx, o, w.v.ID, at)
			if added {
				t.Error("both wait at once")
			}
			return err
		})
		restock := w.restock(w.v, models.Restock{})
		got := w.claim(5).Tokens
		if !slices.Equal(ids(got), []int64{token.ID}) {
			t.Fatalf("claimed %v, want the one-time token first", ids(got))
		}
		w.answered(got, sent)
		w.must(s.Sweep(w.ctx, grace))
		if again := w.claim(5).Tokens; len(again) != 0 {
			t.Fatal("told twice of one restock")
		}
		w.ended(restock, w.v)
		w.must(s.Sweep(w.ctx, grace))
		w.restock(w.v, models.Restock{})
		clock.Advance(time.Minute)
		if got := w.claim(5).Tokens; len(got) != 1 || !got[0].Recurring() {
			t.Errorf("claimed %+v for the next restock, want the recurring opt-in's use", got)
		}
		w.audit()
	})
}
