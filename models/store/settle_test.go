package store_test

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"bentornato/models"
	"bentornato/models/store"
	"bentornato/models/store/storetest"
)

// TestSettleStale lets the answer of an attempt that lost its token come late: it changes its own row and no other.
func TestSettleStale(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		w := newWorld(t, s, clock)
		id := w.grant(1, w.v)[0]
		w.restock(w.v, models.Restock{})
		first := w.claim(1).Tokens
		w.answered(first, models.Answer{Outcome: models.OutcomeTransient})
		clock.Advance(3 * time.Second)
		second := w.claim(1).Tokens
		if len(second) != 1 || second[0].Attempts != 2 {
			t.Fatalf("claimed %+v, want the second attempt", second)
		}
		w.answered(first, models.Answer{Outcome: models.OutcomeDead, Code: 100})
		if k := w.token(id); k.State != models.TokenClaimed || k.Attempts != 2 || k.Suspect {
			t.Errorf("a late answer moved the token: %+v", k)
		}
		w.answered(second, sent)
		w.answered(second, models.Answer{Outcome: models.OutcomeTransient})
		if k := w.token(id); k.State != models.TokenSent {
			t.Errorf("the token is %s after it was sent", k.State)
		}
		attempts, err := s.Attempts(w.ctx, id)
		w.must(err)
		if len(attempts) != 2 || attempts[0].Code != 100 || attempts[1].State != models.AttemptSent || attempts[1].MessageID != "m_1" {
			t.Errorf("attempts %+v", attempts)
		}
		w.audit()
	})
}

// TestSettleEach drives a token through every answer there is.
func TestSettleEach(t *testing.T) {
	for outcome, want := range map[models.Outcome]models.TokenState{
		models.OutcomeSent: models.TokenSent, models.OutcomeTransient: models.TokenWaiting, models.OutcomeRateLimited: models.TokenWaiting,
		models.OutcomeThreadOwned: models.TokenWaiting, models.OutcomeUnreachable: models.TokenWaiting, models.OutcomeDead: models.TokenClaimed,
		models.OutcomeRejected: models.TokenClaimed, models.OutcomeOutside: models.TokenWaiting, models.OutcomePageTrouble: models.TokenWaiting,
		models.OutcomeUnknown: models.TokenUnknown, models.OutcomeNotSent: models.TokenWaiting,
	} {
		t.Run(string(outcome), func(t *testing.T) {
			// One database is enough: the statement is the same for every answer.
			clock := storetest.NewClock()
			w := newWorld(t, storetest.Open(t, storetest.SQLiteURL(t), clock.Now), clock)
			id := w.grant(1, w.v)[0]
			w.restock(w.v, models.Restock{})
			w.answered(w.claim(1).Tokens, models.Answer{Outcome: outcome, Code: 100, Pause: models.PauseTokenInvalid})
			k := w.token(id)
			if k.State != want || (want == models.TokenWaiting) != (!k.NextAt.IsZero() && k.Reason == models.TokenReleased) {
				t.Errorf("the token is %s for %q, next at %s; want %s", k.State, k.Reason, k.NextAt, want)
			}
			page, err := w.store.Page(w.ctx, pageID)
			w.must(err)
			if paused := outcome == models.OutcomePageTrouble || outcome == models.OutcomeOutside; (page.State == models.PagePaused) != paused {
				t.Errorf("the Page is %s", page.State)
			}
			w.audit()
		})
	}
}

// TestMessageOutside answers a plain message with "outside the window": that is between it and one person, and stops
// nobody else's.
func TestMessageOutside(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		w := newWorld(t, s, clock)
		w.grant(1, w.v)
		w.update(func(tx *store.Tx) error {
			_, err := tx.QueueMessage(models.Message{PageID: pageID, ContactID: 1, Kind: models.SendReply, Content: &models.Content{Text: "Ciao"}})
			return err
		})
		c := w.claim(1)
		answer := models.Answer{Outcome: models.OutcomeOutside, Code: 10, Subcode: 2018278}
		w.must(s.SettleMessages(w.ctx, []store.SettledMessage{{Message: models.SettleMessage(c.Messages[0].Message, answer, clock.Now()), Answer: answer}}))
		if page, err := s.Page(w.ctx, pageID); err != nil || page.State != models.PageActive {
			t.Errorf("the Page is %s, error %v; want active", page.State, err)
		}
	})
}

// TestRefusalsInARow blames the message for three identical refusals in a row: the restock pauses, and every suspect
// gets its permission back. After the merchant resumed it a second refusal is the token's own.
func TestRefusalsInARow(t *testing.T) {
	dead := models.Answer{Outcome: models.OutcomeDead, Code: 100}
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		w := newWorld(t, s, clock)
		w.grant(5, w.v)
		restock := w.restock(w.v, models.Restock{})
		c := w.claim(5).Tokens
		w.answered(c[:1], dead)
		w.answered(c[1:2], dead)
		if r := w.getRestock(restock); r.State != models.RestockRunning || r.Refusals != 2 {
			t.Errorf("after two refusals the restock is %s and counts %d", r.State, r.Refusals)
		}
		w.answered(c[2:3], dead)
		if r := w.getRestock(restock); r.State != models.RestockPaused || r.Reason != models.RestockRefusals {
			t.Errorf("after three refusals the restock is %s for %q", r.State, r.Reason)
		}
		w.answered(c[3:4], dead) // it was under way
		if n := w.states(); n[models.TokenWaiting] != 4 || n[models.TokenFailed] != 0 {
			t.Errorf("states %v, want the four suspects waiting", n)
		}
		w.answered(c[4:], sent)
		w.audit()
		w.update(func(tx *store.Tx) error {
			_, err := tx.MoveRestock(restock, models.RestockPaused, models.RestockRunning, models.RestockByMerchant)
			return err
		})
		clock.Advance(time.Second)
		again := w.claim(5).Tokens
		w.answered(again[:1], dead)
		if k := w.token(again[0].ID); k.State != models.TokenFailed || k.Reason != models.TokenDead {
			t.Errorf("a second refusal after resuming leaves the token %s for %q, want failed", k.State, k.Reason)
		}
		w.audit()
	})
}

// TestRefusalsBroken counts only identical refusals, and only in a row.
func TestRefusalsBroken(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		w := newWorld(t, s, clock)
		w.grant(8, w.v)
		restock := w.restock(w.v, models.Restock{})
		c := w.claim(8).Tokens
		refuse := func(i, subcode int) {
			w.answered(c[i:i+1], models.Answer{Outcome: models.OutcomeDead, Code: 100, Subcode: subcode})
		}
		refuse(0, 1)
		refuse(1, 1)
		refuse(2, 2)
		refuse(3, 2)
		if r := w.getRestock(restock); r.State != models.RestockRunning || r.Refusals != 2 {
			t.Errorf("the restock is %s after 2 and 2 refusals, and counts %d", r.State, r.Refusals)
		}
		w.answered(c[4:5], sent) // the message is all right, so the suspects are dead
		if n := w.states(); n[models.TokenFailed] != 4 {
			t.Errorf("states %v, want the four suspects failed", n)
		}
		refuse(5, 2)
		refuse(6, 2)
		if r := w.getRestock(restock); r.State != models.RestockRunning || r.Refusals != 2 {
			t.Errorf("the restock is %s after 2 refusals behind a success, and counts %d", r.State, r.Refusals)
		}
		clock.Advance(6 * time.Second) // nothing more comes that could prove or blame the message
		w.must(s.Sweep(w.ctx, time.Minute))
		if n := w.states(); n[models.TokenFailed] != 6 || n[models.TokenClaimed] != 1 {
			t.Errorf("states %v, want six failed and one under way", n)
		}
		w.audit()
	})
}

// TestRefusalsAfterTheEnd keeps tokens whose message was refused while the restock ended for another reason.
func TestRefusalsAfterTheEnd(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		w := newWorld(t, s, clock)
		w.grant(4, w.v)
		restock := w.restock(w.v, models.Restock{})
		c := w.claim(4).Tokens
		w.update(func(tx *store.Tx) error {
			_, err := tx.MoveRestock(restock, models.RestockRunning, models.RestockStopped, models.RestockSoldOutAgain)
			return err
		})
		w.answered(c, models.Answer{Outcome: models.OutcomeDead, Code: 100})
		if n := w.states(); n[models.TokenWaiting] != 4 {
			t.Errorf("states %v, want all four waiting", n)
		}
		w.audit()
	})
}

// TestLease lets a process die between claim and result: its token is unknown, and that call does not count as the one
// more try.
func TestLease(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		w := newWorld(t, s, clock)
		id := w.grant(1, w.v)[0]
		restock := w.restock(w.v, models.Restock{})
		for range 3 { // however often it dies
			if got := w.claim(1).Tokens; len(got) != 1 {
				t.Fatalf("claimed %d tokens, want 1", len(got))
			}
			clock.Advance(29 * time.Second)
			w.must(s.Sweep(w.ctx, time.Minute))
			if k := w.token(id); k.State != models.TokenClaimed {
				t.Fatalf("the token is %s while the lease holds", k.State)
			}
			clock.Advance(2 * time.Second)
			w.must(s.Sweep(w.ctx, time.Minute))
			if k := w.token(id); k.State != models.TokenUnknown || k.Unanswered != 0 || k.Unsure == 0 {
				t.Fatalf("the token is %s with %d unanswered and %d unsure calls", k.State, k.Unanswered, k.Unsure)
			}
			clock.Advance(time.Minute + time.Second)
		}
		attempts, err := s.Attempts(w.ctx, id)
		w.must(err)
		for _, a := range attempts {
			if a.State != models.AttemptUnknown || a.SettledAt.IsZero() {
				t.Errorf("attempt %d is %s", a.Number, a.State)
			}
		}
		if r := w.getRestock(restock); r.State != models.RestockRunning || r.Unknown != 1 {
			t.Errorf("the restock is %s with %d unknown", r.State, r.Unknown)
		}
		w.answered(w.claim(1).Tokens, sent)
		w.must(s.Sweep(w.ctx, time.Minute))
		if r := w.getRestock(restock); r.State != models.RestockDone || r.Sent != 1 {
			t.Errorf("the restock is %s with %d sent, want done with 1", r.State, r.Sent)
		}
		w.audit()
	})
}

// TestBackOff counts the platform's refusals, by which the wait grows, and not the calls that were not made.
func TestBackOff(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		w := newWorld(t, s, clock)
		w.grant(1, w.v)
		w.restock(w.v, models.Restock{})
		for range 5 {
			k := w.claim(1).Tokens[0]
			back := models.SettleAttempt(k.Token, models.Answer{Outcome: models.OutcomeNotSent}, s.Now(), time.Minute)
			back.NextAt, back.Transient = s.Now(), 0 // as the engine gives back what it did not call for
			w.must(s.Settle(w.ctx, []models.Settlement{back}))
			clock.Advance(time.Second)
		}
		for want := range 3 {
			k := w.claim(1).Tokens
			if got := k[0].Transient; got != want {
				t.Errorf("%d refusals are known of, want %d", got, want)
			}
			w.answered(k, models.Answer{Outcome: models.OutcomeTransient, Code: 2})
			clock.Advance(models.BackOff(want + 1))
		}
		w.answered(w.claim(1).Tokens, sent)
		w.audit()
	})
}

// TestLeasesOfMany has a process die that held more than one sweep takes. The statistics by which PostgreSQL plans are from
// before it claimed, as they are in life: nothing was claimed then.
func TestLeasesOfMany(t *testing.T) {
	const n, batch = 1200, 1000
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		w := newWorld(t, s, clock)
		w.must(s.Seeding(w.ctx, func(context.Context) error {
			return s.Update(w.ctx, func(tx *store.Tx) error {
				contacts, tokens := make([]models.Contact, n), make([]models.Token, n)
				for i := range contacts {
					contacts[i] = models.Contact{PageID: pageID, PSID: fmt.Sprint("many-", i)}
				}
				if err := tx.SeedContacts(contacts); err != nil {
					return err
				}
				for i, c := range contacts {
					tokens[i] = models.Token{PageID: pageID, ContactID: c.ID, VariantID: w.v.ID, GrantedAt: tx.Now().Add(-time.Hour)}
				}
				return tx.SeedTokens(tokens, func(i int) string { return fmt.Sprint("many-", i) })
			})
		}))
		w.restock(w.v, models.Restock{})
		if got := w.claim(n).Tokens; len(got) != n {
			t.Fatalf("claimed %d tokens, want %d", len(got), n)
		}
		clock.Advance(31 * time.Second)
		for i, want := range []map[models.TokenState]int{
			{models.TokenClaimed: n - batch, models.TokenUnknown: batch},
			{models.TokenClaimed: 0, models.TokenUnknown: n},
		} {
			w.must(s.Sweep(w.ctx, time.Hour))
			got := w.states()
			for state, n := range want {
				if got[state] != n {
					t.Errorf("after sweep %d %d tokens are %s, want %d", i+1, got[state], state, n)
				}
			}
		}
		w.audit()
	})
}

// TestEcho settles what its attempt's token was before, whatever that was; final states stay.
func TestEcho(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		w := newWorld(t, s, clock)
		w.grant(5, w.v)
		restock := w.restock(w.v, models.Restock{})
		c := w.claim(5).Tokens
		w.answered(c[1:2], models.Answer{Outcome: models.OutcomeUnknown})
		w.answered(c[2:3], models.Answer{Outcome: models.OutcomeTransient})
		w.answered(c[3:4], sent)
		w.answered(c[4:5], models.Answer{Outcome: models.OutcomeTransient})
		w.update(func(tx *store.Tx) error { return tx.WithdrawToken(c[4].ID, models.TokenByMerchant) })
		for i, want := range []models.TokenState{models.TokenSent, models.TokenSent, models.TokenSent, models.TokenSent, models.TokenWithdrawn} {
			w.update(func(tx *store.Tx) error {
				for range 2 {
					ours, err := tx.SettleEcho(pageID, c[i].ID, 1, "m_echo")
					if !ours || err != nil {
						t.Errorf("echo %d: ours %v, error %v", i, ours, err)
					}
				}
				for _, stranger := range []struct {
					page   string
					number int
				}{{"999", 1}, {pageID, 2}} {
					if ours, err := tx.SettleEcho(stranger.page, c[i].ID, stranger.number, "m"); ours || err != nil {
						t.Errorf("an echo of Page %s and attempt %d is taken for ours, error %v", stranger.page, stranger.number, err)
					}
				}
				return nil
			})
			if k := w.token(c[i].ID); k.State != want {
				t.Errorf("token %d is %s after the echo, want %s", i, k.State, want)
			}
			if a, err := s.Attempts(w.ctx, c[i].ID); err != nil || a[0].State != models.AttemptSent || a[0].MessageID != "m_echo" {
				t.Errorf("attempt of %d: %+v, error %v", i, a, err)
			}
		}
		// The answers that the echoes overtook change nothing any more.
		w.answered(c[:1], models.Answer{Outcome: models.OutcomeUnknown})
		if k := w.token(c[0].ID); k.State != models.TokenSent {
			t.Errorf("the late answer moved the token to %s", k.State)
		}
		if r := w.getRestock(restock); r.Sent != 4 || r.Claimed != 0 || r.Unknown != 0 {
			t.Errorf("the restock counts %+v", r)
		}
		w.audit()
	})
}

// TestEchoBesideAnswer settles by answers what echoes hold at the same moment: the answers wait, and neither is refused and
// begun again, as one would be where each held what the other waits for. On SQLite there is one writer at a time.
func TestEchoBesideAnswer(t *testing.T) {
	clock := storetest.NewClock()
	s := storetest.Open(t, storetest.PostgresURL(t), clock.Now)
	w := newWorld(t, s, clock)
	w.grant(3, w.v)
	w.restock(w.v, models.Restock{})
	held := w.claim(3).Tokens
	var (
		ids     []int64
		answers []models.Settlement
	)
	for _, k := range held {
		ids, answers = append(ids, k.ID), append(answers, models.SettleAttempt(k.Token, sent, clock.Now(), time.Minute))
	}
	begun, written := w.settleBeside(answers, func(tx *store.Tx) error { return tx.HoldTokens(ids) }, func(tx *store.Tx) error {
		for _, k := range held {
			if _, err := tx.SettleEcho(pageID, k.ID, k.Attempts, "m_echo"); err != nil {
				return err
			}
		}
		return nil
	})
	if begun != 1 || written != 4 {
		t.Errorf("the echoes were begun %d times and attempts written %d times, want once, and once for each of three echoes and once for the answers", begun, written)
	}
	w.audit()
}

// settleBeside settles answers while another transaction, which does first what hold does, waits until they are held up, and goes
// on. It returns how often that was begun, and how often the attempts of what was sent were written.
func (w *world) settleBeside(answers []models.Settlement, hold, goOn func(*store.Tx) error) (begun int, written int32) {
	w.t.Helper()
	var writes atomic.Int32
	w.must(w.store.Watch(func(sql string, _ []any) {
		if strings.Contains(sql, "UPDATE attempts SET state = 'sent'") {
			writes.Add(1)
		}
	}))
	settled := make(chan error, 1)
	w.update(func(tx *store.Tx) error {
		if err := hold(tx); err != nil {
			return err
		}
		if begun++; begun == 1 {
			go func() { settled <- w.store.Settle(w.ctx, answers) }()
		}
		for waiting := 0; waiting == 0 && len(settled) == 0; {
			if err := w.store.Query(w.ctx, &waiting, "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"); err != nil {
				return err
			}
		}
		return goOn(tx)
	})
	w.must(<-settled)
	return begun, writes.Load()
}

// TestAnswersBesideClaim settles answers, of which one gives its token back, while a claim holds the variant and goes on to
// count in the restock: the answers wait for the variant before they take the restock, and neither is begun again.
func TestAnswersBesideClaim(t *testing.T) {
	clock := storetest.NewClock()
	s := storetest.Open(t, storetest.PostgresURL(t), clock.Now)
	w := newWorld(t, s, clock)
	w.grant(2, w.v)
	restock := w.restock(w.v, models.Restock{})
	held := w.claim(2).Tokens
	answers := []models.Settlement{
		models.SettleAttempt(held[0].Token, sent, clock.Now(), time.Minute),
		models.SettleAttempt(held[1].Token, models.Answer{Outcome: models.OutcomeTransient}, clock.Now(), time.Minute),
	}
	begun, written := w.settleBeside(answers, func(tx *store.Tx) error {
		_, err := tx.LockVariant(w.v.ID)
		return err
	}, func(tx *store.Tx) error {
		_, err := tx.TakeRestock(restock)
		return err
	})
	if begun != 1 || written != 1 {
		t.Errorf("the claim was begun %d times and the answers written %d times, want once each", begun, written)
	}
	w.audit()
}

// TestStopUnderWay writes stop while a call is under way: what comes back unspent is withdrawn, not tried again, and
// an unanswered call has no second.
func TestStopUnderWay(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		w := newWorld(t, s, clock)
		w.grant(4, w.v)
		w.restock(w.v, models.Restock{})
		c := w.claim(3).Tokens
		for _, k := range c {
			w.update(func(tx *store.Tx) error {
				k.Contact.StoppedAt = tx.Now()
				return tx.SaveStop(k.Contact)
			})
		}
		w.answered(c[:1], models.Answer{Outcome: models.OutcomeTransient})
		w.answered(c[1:2], models.Answer{Outcome: models.OutcomeUnknown})
		w.answered(c[2:], sent)
		if k := w.token(c[0].ID); k.State != models.TokenWithdrawn || k.Reason != models.TokenStop {
			t.Errorf("the unspent token is %s for %q, want withdrawn", k.State, k.Reason)
		}
		if k := w.token(c[2].ID); k.State != models.TokenSent {
			t.Errorf("the token that arrived is %s", k.State)
		}
		clock.Advance(3 * time.Minute)
		if got := w.claim(5).Tokens; len(got) != 1 || got[0].Contact.ID == c[1].Contact.ID {
			t.Errorf("claimed %v, want only the one who did not write stop", ids(got))
		}
		w.must(s.Sweep(w.ctx, time.Minute))
		if k := w.token(c[1].ID); k.State != models.TokenFailed || k.Reason != models.TokenStop {
			t.Errorf("the unanswered token is %s for %q, want failed", k.State, k.Reason)
		}
		w.audit()
	})
}

// TestExpire ends tokens at the end of their year, and unanswered ones with them.
func TestExpire(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		w := newWorld(t, s, clock)
		list := w.grant(3, w.v)
		w.restock(w.v, models.Restock{})
		w.answered(w.claim(1).Tokens, models.Answer{Outcome: models.OutcomeUnknown})
		w.stock(w.v, 0)
		clock.Advance(models.TokenLife - 24*time.Hour - time.Minute)
		tidy := func() {
			t.Helper()
			w.must(s.Tidy(w.ctx))
			w.must(s.Sweep(w.ctx, time.Minute))
		}
		tidy()
		if n := w.states(); n[models.TokenWaiting] != 2 || n[models.TokenUnknown] != 1 {
			t.Errorf("states %v a minute before the year is over", n)
		}
		clock.Advance(2 * time.Minute)
		tidy()
		if n := w.states(); n[models.TokenExpired] != 2 || n[models.TokenFailed] != 1 {
			t.Errorf("states %v after the year, want two expired and the unanswered failed", n)
		}
		if k := w.token(list[2]); k.Reason != models.TokenYearOver {
			t.Errorf("expired for %q", k.Reason)
		}
		if v, err := s.Variant(context.Background(), w.v.ID); err != nil || v.Waiting != 0 {
			t.Errorf("%d wait for the variant, error %v", v.Waiting, err)
		}
		w.audit()
	})
}

// TestAssign ties an unassigned token to a variant, once and of its own Page only.
func TestAssign(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		w := newWorld(t, s, clock)
		token := w.grant(1, models.Variant{})[0]
		assign := func(variant int64) models.Kind {
			return models.KindOf(s.Update(w.ctx, func(tx *store.Tx) error { return tx.AssignToken(token, variant) }))
		}
		if n, err := s.Unassigned(w.ctx, 10); err != nil || n != 1 {
			t.Errorf("%d unassigned, error %v", n, err)
		}
		w.page(models.Page{ID: "202"})
		w.must(s.Exec(w.ctx, "INSERT INTO products (id, page_id, created_at) VALUES (900, '202', 0)"))
		w.must(s.Exec(w.ctx, "INSERT INTO variants (id, page_id, product_id, sku, title, ref, created_at, updated_at) VALUES (900, '202', 900, 'X', 'X', 'x', 0, 0)"))
		for _, variant := range []int64{900, 12345} {
			if kind := assign(variant); kind != models.KindConflict {
				t.Errorf("assigning to variant %d is %q, want a conflict", variant, kind)
			}
		}
		if kind := assign(w.v.ID); kind != "" {
			t.Errorf("assigning is %q", kind)
		}
		if kind := assign(w.v.ID); kind != models.KindConflict {
			t.Errorf("assigning again is %q, want a conflict", kind)
		}
		w.audit()
	})
}
