package dispatch_test

import (
	"fmt"
	"testing"
	"time"

	"bentornato/models"
	"bentornato/models/store"
	"bentornato/models/store/storetest"
)

// TestMainJob is the whole story: 25 people ask, are asked, tap, and are notified once each when the item is back.
func TestMainJob(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		w := newWorld(t, s, clock)
		w.run()
		const people = 25
		for i := range people {
			w.event(models.Event{Kind: models.EventMessage, PSID: fmt.Sprintf("p%d", i), MID: fmt.Sprintf("m%d", i), Text: "Ciao, avete la tazza blu?", Key: fmt.Sprintf("mid/%d", i)})
			w.event(models.Event{Kind: models.EventMessage, PSID: fmt.Sprintf("p%d", i), MID: fmt.Sprintf("m%d", i), Text: "Ciao, avete la tazza blu?", Key: fmt.Sprintf("mid/%d", i)})
		}
		w.until("everyone is asked", func() bool { n, _, _ := w.platform.counts(); return n == people })
		for i, r := range w.platform.requests {
			e := models.Event{Kind: models.EventOptIn, PSID: r.Recipient.PSID, Payload: r.Content.Request.Payload, Token: fmt.Sprintf("tok%d", i), Key: fmt.Sprintf("optin/%d", i)}
			w.event(e)
			w.event(e)
		}
		w.until("every token waits", func() bool { return w.tokens(models.TokenWaiting) == people })
		w.stock(w.variant, 10)
		w.until("every token is sent", func() bool { return w.tokens(models.TokenSent) == people })
		w.until("the restock is done", func() bool {
			list, _, err := s.Restocks(t.Context(), models.RestockQuery{Limit: 10})
			w.must(err)
			return len(list) == 1 && list[0].State == models.RestockDone && list[0].Sent == people
		})
		if requests, accepted, calls := w.platform.counts(); requests != people || accepted != people || calls != people {
			t.Errorf("asked %d, notified %d with %d calls; want %d of each", requests, accepted, calls, people)
		}
		w.audit()
	})
}

// TestNeverTwiceNeverLost cuts answers before and after acceptance, and answers transient errors, at every call in
// turn; each token must end sent, and exactly once.
func TestNeverTwiceNeverLost(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		w := newWorld(t, s, clock)
		const n = 60
		w.grant(n, w.variant)
		i := 0
		w.platform.answer = func(_ string, call int) fate {
			i++
			if call > 1 {
				return fate{accept: true}
			}
			switch i % 4 {
			case 0:
				return fate{accept: true, answer: models.Answer{Outcome: models.OutcomeUnknown}}
			case 1:
				return fate{answer: models.Answer{Outcome: models.OutcomeUnknown}}
			case 2:
				return fate{answer: models.Answer{Outcome: models.OutcomeTransient, Code: 2}}
			default:
				return fate{accept: true}
			}
		}
		w.run()
		w.stock(w.variant, 100)
		w.until("the first round is over", func() bool { return w.tokens(models.TokenUnknown) == n/2 && w.tokens(models.TokenSent) >= n/4 })
		if got := w.tokens(models.TokenUnknown); got != n/2 {
			t.Errorf("%d tokens are unknown before the grace is over, want %d", got, n/2)
		}
		clock.Advance(2 * time.Minute)
		w.until("every token is sent", func() bool { return w.tokens(models.TokenSent) == n })
		if _, accepted, _ := w.platform.counts(); accepted != n {
			t.Errorf("%d people were notified, want %d", accepted, n)
		}
		for token, times := range w.platform.accepted {
			if times != 1 {
				t.Errorf("token %s was accepted %d times", token, times)
			}
		}
		w.audit()
	})
}

// TestTwoSilences never answers: each token is called with twice, and ends truthfully failed.
func TestTwoSilences(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		w := newWorld(t, s, clock)
		w.grant(5, w.variant)
		w.platform.answer = func(string, int) fate { return fate{answer: models.Answer{Outcome: models.OutcomeUnknown}} }
		w.run()
		w.stock(w.variant, 100)
		w.until("the first calls are unknown", func() bool { return w.tokens(models.TokenUnknown) == 5 })
		clock.Advance(61 * time.Second)
		w.until("the second calls are made", func() bool { _, _, calls := w.platform.counts(); return calls == 10 })
		w.until("they are unknown", func() bool { return w.tokens(models.TokenUnknown) == 5 })
		clock.Advance(61 * time.Second)
		w.until("they have failed", func() bool { return w.tokens(models.TokenFailed) == 5 })
		clock.Advance(time.Hour)
		w.stock(w.variant, 0)
		w.stock(w.variant, 7)
		w.until("the restocks are over", func() bool { st, _ := s.Stats(t.Context(), ""); return st.Running == 0 })
		if _, _, calls := w.platform.counts(); calls != 10 {
			t.Errorf("%d calls, want 10: one and one more for each", calls)
		}
		w.audit()
	})
}

// TestGatewayPages has a gateway answer in the platform's place for longer than the grace, as it does when the platform is down:
// that costs nobody's token.
func TestGatewayPages(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		w := newWorld(t, s, clock)
		const n, rounds = 5, 4
		w.grant(n, w.variant)
		w.platform.answer = func(_ string, call int) fate {
			if call > rounds {
				return fate{accept: true}
			}
			return fate{answer: models.Answer{Outcome: models.OutcomeUnknown, Garbled: true}}
		}
		w.run()
		w.stock(w.variant, 100)
		for round := 1; round <= rounds; round++ {
			w.until("everybody was called for", func() bool {
				_, _, calls := w.platform.counts()
				return calls == round*n && w.tokens(models.TokenUnknown) == n
			})
			clock.Advance(61 * time.Second)
		}
		w.until("every token is sent", func() bool { return w.tokens(models.TokenSent) == n })
		if _, accepted, calls := w.platform.counts(); accepted != n || calls != (rounds+1)*n {
			t.Errorf("%d people were notified by %d calls, want %d by %d", accepted, calls, n, (rounds+1)*n)
		}
		w.audit()
	})
}

// TestEchoSettles delivers the echo of a call that got no answer: no second call is made.
func TestEchoSettles(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		w := newWorld(t, s, clock)
		w.grant(1, w.variant)
		w.platform.answer = func(string, int) fate {
			return fate{accept: true, answer: models.Answer{Outcome: models.OutcomeUnknown}}
		}
		w.run()
		w.stock(w.variant, 1)
		w.until("the call is unknown", func() bool { return w.tokens(models.TokenUnknown) == 1 })
		w.event(models.Event{Kind: models.EventEcho, PSID: "240000000000000", MID: "m_echo", Metadata: "bn:a:1.1"})
		w.until("the echo settles it", func() bool { return w.tokens(models.TokenSent) == 1 })
		clock.Advance(time.Hour)
		w.until("the restock is done", func() bool { st, _ := s.Stats(t.Context(), ""); return st.Running == 0 })
		if _, _, calls := w.platform.counts(); calls != 1 {
			t.Errorf("%d calls, want 1", calls)
		}
		w.audit()
	})
}

// TestSoldOutAgain sells the item out half-way: nothing is sent after that, and the rest wait.
func TestSoldOutAgain(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		w := newWorld(t, s, clock)
		const n = 400
		w.grant(n, w.variant)
		w.run()
		w.stock(w.variant, 100)
		w.until("some are sent", func() bool { _, a, _ := w.platform.counts(); return a >= 20 })
		w.stock(w.variant, 0)
		w.platform.mu.Lock()
		after := len(w.platform.times)
		w.platform.mu.Unlock()
		w.until("nothing is under way", func() bool { return w.tokens(models.TokenClaimed) == 0 })
		_, accepted, calls := w.platform.counts()
		if calls > after+2 {
			t.Errorf("%d calls were made after the item sold out", calls-after)
		}
		if waiting := w.tokens(models.TokenWaiting); waiting+accepted != n {
			t.Errorf("%d wait and %d are sent; want %d together", waiting, accepted, n)
		}
		w.audit()
		w.stock(w.variant, 100)
		w.until("the next restock sends the rest", func() bool { return w.tokens(models.TokenSent) == n })
		for token, times := range w.platform.accepted {
			if times != 1 {
				t.Errorf("token %s was accepted %d times", token, times)
			}
		}
		w.audit()
	})
}

// TestPageTrouble answers 190 to everything: the Page pauses, every token is kept, and all goes on once it has a new
// access token.
func TestPageTrouble(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		w := newWorld(t, s, clock)
		w.grant(50, w.variant)
		w.platform.answer = func(string, int) fate {
			return fate{answer: models.Answer{Outcome: models.OutcomePageTrouble, Code: 190, Pause: models.PauseTokenInvalid}}
		}
		w.run()
		w.stock(w.variant, 100)
		page := func() models.Page {
			p, err := s.Page(t.Context(), pageID)
			w.must(err)
			return p
		}
		w.until("the Page is paused", func() bool { return page().State == models.PagePaused })
		w.until("every token waits again", func() bool { return w.tokens(models.TokenWaiting) == 50 })
		if page().PauseReason != models.PauseTokenInvalid {
			t.Errorf("paused for %q", page().PauseReason)
		}
		w.audit()
		w.platform.mu.Lock()
		w.platform.answer = nil
		w.platform.mu.Unlock()
		w.must(s.Update(t.Context(), func(tx *store.Tx) error { return tx.SavePage(page(), "new token") }))
		w.until("all are sent", func() bool { return w.tokens(models.TokenSent) == 50 })
		w.audit()
	})
}

// TestIdenticalRefusals answers 100 to everything: after a few calls the restock pauses, and no token is lost for it.
func TestIdenticalRefusals(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		w := newWorld(t, s, clock)
		w.grant(300, w.variant)
		w.platform.answer = func(string, int) fate {
			return fate{answer: models.Answer{Outcome: models.OutcomeDead, Code: 100}}
		}
		w.run()
		w.stock(w.variant, 300)
		w.until("the restock is paused and every token waits", func() bool {
			list, _, err := s.Restocks(t.Context(), models.RestockQuery{Limit: 1})
			w.must(err)
			return len(list) == 1 && list[0].State == models.RestockPaused && list[0].Reason == models.RestockRefusals && w.tokens(models.TokenWaiting) == 300
		})
		if _, _, calls := w.platform.counts(); calls > 8 {
			t.Errorf("%d calls were made before it stopped, want a few", calls)
		}
		w.audit()
	})
}

// TestOneDeadToken is not blamed on the message: the others go out, and it alone has failed.
func TestOneDeadToken(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		w := newWorld(t, s, clock)
		w.grant(10, w.variant)
		w.platform.answer = func(token string, _ int) fate {
			if token == "tok-TAZZA-BLU-3" {
				return fate{answer: models.Answer{Outcome: models.OutcomeDead, Code: 100}}
			}
			return fate{accept: true}
		}
		w.run()
		w.stock(w.variant, 100)
		w.until("nine are sent and one failed", func() bool { return w.tokens(models.TokenSent) == 9 && w.tokens(models.TokenFailed) == 1 })
		w.audit()
	})
}

// TestUnreachable keeps one unreachable person from holding up anybody, and gives up after several tries.
func TestUnreachable(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		w := newWorld(t, s, clock)
		w.grant(3, w.variant)
		w.platform.answer = func(token string, _ int) fate {
			if token == "tok-TAZZA-BLU-0" {
				return fate{answer: models.Answer{Outcome: models.OutcomeUnreachable, Code: 551}}
			}
			return fate{accept: true}
		}
		w.run()
		w.stock(w.variant, 100)
		w.until("the others are sent", func() bool { return w.tokens(models.TokenSent) == 2 && w.tokens(models.TokenWaiting) == 1 })
		for range 3 {
			_, _, calls := w.platform.counts()
			clock.Advance(25 * time.Hour)
			w.until("it is tried again", func() bool { _, _, c := w.platform.counts(); return c > calls })
			w.until("and settled", func() bool { return w.tokens(models.TokenClaimed) == 0 })
		}
		w.until("it has failed", func() bool { return w.tokens(models.TokenFailed) == 1 })
		w.audit()
	})
}
