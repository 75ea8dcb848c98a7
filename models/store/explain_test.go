package store_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"bentornato/models"
	"bentornato/models/restock"
	"bentornato/models/store"
	"bentornato/models/store/storetest"
)

// watched collects what a store is asked while do runs, each statement once, with its arguments.
func watched(t *testing.T, s *store.Store) (map[string][]any, func(do func())) {
	t.Helper()
	seen, on := map[string][]any{}, false
	if err := s.Watch(func(sql string, args []any) {
		if on {
			seen[sql] = args
		}
	}); err != nil {
		t.Fatal(err)
	}
	return seen, func(do func()) { on = true; do(); on = false }
}

// TestPlans asks SQLite how it would run every statement of the hot paths and of the lists: none reads a whole table of
// those that grow.
func TestPlans(t *testing.T) {
	clock := storetest.NewClock()
	s := storetest.Open(t, storetest.SQLiteURL(t), clock.Now)
	w := newWorld(t, s, clock)
	seen, watch := watched(t, s)
	w.grant(20, w.v)
	id := w.restock(w.v, models.Restock{Budget: 12})
	message := func() {
		w.update(func(tx *store.Tx) error {
			_, err := tx.QueueMessage(models.Message{PageID: pageID, ContactID: 1, Kind: models.SendReply, Content: &models.Content{Text: "Ciao"}})
			return err
		})
	}
	now := clock.Now
	// Somebody who can be found, and the cursor of a list's second page.
	w.update(func(tx *store.Tx) error {
		c, err := tx.TakeContact(pageID, "24000000000001")
		if err != nil {
			return err
		}
		c.LastActionAt = tx.Now()
		return errors.Join(tx.SaveWindow(c), tx.SaveProfile(c.ID, "Ada Verdi", "it_IT"))
	})
	const cursor = "MTc5NTAwMDAwMDAwMC4x" // 1795000000000.1
	watch(func() {
		message()
		_, err := s.PagesWithWork(w.ctx, now())
		w.must(err)
		c := w.claim(9)
		w.must(s.SettleMessages(w.ctx, []store.SettledMessage{{Message: models.SettleMessage(c.Messages[0].Message, sent, now()), Answer: sent}}))
		w.answered(c.Tokens[:1], sent)
		w.answered(c.Tokens[1:3], models.Answer{Outcome: models.OutcomeUnknown})
		w.answered(c.Tokens[3:4], models.Answer{Outcome: models.OutcomeTransient})
		w.answered(c.Tokens[4:6], models.Answer{Outcome: models.OutcomeDead, Code: 100})
		w.answered(c.Tokens[6:7], models.Answer{Outcome: models.OutcomeRateLimited})
		clock.Advance(5 * time.Minute)
		w.claim(5)
		message()
		w.claim(5)
		clock.Advance(5 * time.Minute)
		w.must(s.Sweep(w.ctx, time.Minute))
		w.must(s.SettleMessages(w.ctx, nil))
		_, err = s.RateMeter(w.ctx, pageID, now())
		w.must(err)
		_, err = s.VariantIDsBySKU(w.ctx, "", w.v.SKU)
		w.must(err)
		w.update(func(tx *store.Tx) error {
			_, err := tx.SettleEcho(pageID, c.Tokens[0].ID, 1, "m")
			return err
		})
		w.must(s.Tidy(w.ctx))
		w.update(func(tx *store.Tx) error {
			if err := tx.SaveInbound([]models.Event{said("k", "Ciao")}); err != nil {
				return err
			}
			if _, err := tx.TakePending(10); err != nil {
				return err
			}
			if err := tx.RecordMessage(models.Message{PageID: pageID, ContactID: 1, Incoming: true, State: models.MessageSent, MID: "mid"}); err != nil {
				return err
			}
			if _, err := tx.Asked(1, w.v.ID); err != nil {
				return err
			}
			if _, err := tx.SaveRequest(models.Request{PageID: pageID, ContactID: 1, VariantID: w.v.ID, Payload: "p", Title: "t"}); err != nil {
				return err
			}
			if _, err := tx.RequestByPayload(pageID, "p"); err != nil {
				return err
			}
			_, err := tx.Askable(w.v.ID, storetest.Epoch, storetest.Epoch, 10)
			return err
		})
		for _, q := range []models.TokenQuery{{}, {PageID: pageID}, {State: models.TokenWaiting}, {VariantIDs: []int64{w.v.ID}}, {ContactID: 1},
			{VariantIDs: []int64{w.v.ID}, State: models.TokenSent}, {Unassigned: true, State: models.TokenWaiting}} {
			q.Limit = 5
			_, _, err := s.Tokens(w.ctx, q, now())
			w.must(err)
		}
		for _, q := range []models.RestockQuery{{}, {State: models.RestockDone}, {VariantIDs: []int64{w.v.ID}}, {OpenOnly: true}} {
			q.Limit = 5
			_, _, err := s.Restocks(w.ctx, q)
			w.must(err)
		}
		for _, sort := range []string{models.SortTitle, models.SortWaiting, models.SortUpdated} {
			for _, page := range []string{"", pageID} {
				for _, text := range []string{"", "ta blu"} {
					for _, availability := range []string{"", models.AvailableIn, models.AvailableSoldOut, models.AvailableWaiting} {
						_, _, err := s.ListVariants(w.ctx, models.VariantQuery{PageID: page, Text: text, Availability: availability, Sort: sort, Limit: 5})
						w.must(err)
					}
				}
			}
		}
		for _, q := range []models.ContactQuery{{}, {PageID: pageID}, {Text: "Ada Verdi"}, {Show: models.ContactsOpen}, {Show: models.ContactsByHand}, {Show: models.ContactsStopped},
			{Text: "ada", Show: models.ContactsOpen, Cursor: cursor}, {Text: "!"}} {
			q.Limit = 5
			_, _, err = s.Contacts(w.ctx, q, now())
			w.must(err)
		}
		for _, q := range []models.ConversationQuery{{}, {Show: models.ConversationsUnread}, {Show: models.ConversationsOpen}, {Show: models.ConversationsUnanswered},
			{Text: "ada tazza", Cursor: cursor}, {Text: "tazza", Show: models.ConversationsUnread}} {
			q.Limit = 5
			_, _, err = s.Conversations(w.ctx, q, now())
			w.must(err)
		}
		_, err = s.UnreadConversations(w.ctx)
		w.must(err)
		_, _, err = s.Messages(w.ctx, 1, 5, cursor)
		w.must(err)
		_, err = s.Affairs(w.ctx, 1, 5, now())
		w.must(err)
		w.update(func(tx *store.Tx) error {
			if err := tx.SaveHeard([]store.Heard{{ContactID: 1, Text: "tazza blu", At: now()}}); err != nil {
				return err
			}
			return errors.Join(tx.SaveProfile(1, "Ada Verdi", ""), tx.NoteWords(1, false), tx.SetUnread(1, false), tx.SetAnswered(1))
		})
		for _, newest := range []bool{false, true} {
			_, err = s.FirstWaiting(w.ctx, w.v.ID, newest, 5, now())
			w.must(err)
		}
		for _, newest := range []bool{false, true} {
			_, err = s.ForecastCounts(w.ctx, w.v, models.Page{}, newest, now())
			w.must(err)
		}
		w.update(func(tx *store.Tx) error {
			c, err := tx.TakeContact(pageID, "asks")
			if err != nil {
				return err
			}
			c.LastActionAt = tx.Now()
			if err := tx.SaveWindow(c); err != nil {
				return err
			}
			if err := tx.SaveInterest(models.Interest{PageID: pageID, ContactID: c.ID, VariantID: w.v.ID, Source: models.InterestText, At: tx.Now()}); err != nil {
				return err
			}
			_, err = tx.AskQuestion(w.ctx, c, w.v.ID)
			return err
		})
		_, _, err = s.AskRows(w.ctx, models.AskQuery{Limit: 5}, now())
		w.must(err)
		_, next, err := s.Ledger(w.ctx, id, 5, "")
		w.must(err)
		_, _, err = s.Ledger(w.ctx, id, 5, next)
		w.must(err)
		_, err = s.Conversation(w.ctx, 1, 5)
		w.must(err)
		soon := now().Add(400 * 24 * time.Hour)
		for _, q := range []models.TokenQuery{{ExpiresBefore: soon}, {ExpiresBefore: soon, PageID: pageID}, {ExpiresBefore: soon, VariantIDs: []int64{w.v.ID}}} {
			q.State, q.Limit = models.TokenWaiting, 5
			for range 2 {
				_, next, err := s.Tokens(w.ctx, q, now())
				w.must(err)
				q.Cursor = next
			}
		}
		for cursor, n := "", 0; n < 2; n++ {
			_, cursor, err = s.Wallet(w.ctx, 1, cursor, now())
			w.must(err)
		}
		_, err = s.EndingSoon(w.ctx, now())
		w.must(err)
		_, err = s.TokenMonths(w.ctx, now(), nil)
		w.must(err)
		w.must(s.CountMonths(w.ctx))
		_, err = s.Demands(w.ctx, []models.Variant{w.v}, now())
		w.must(err)
		_, err = s.Ending(w.ctx, now(), 10)
		w.must(err)
		_, err = s.Converted(w.ctx, now())
		w.must(err)
		_, err = s.VariantDays(w.ctx, w.v.ID, now())
		w.must(err)
		_, _, err = s.ListVariants(w.ctx, models.VariantQuery{Availability: models.AvailableRunning, Limit: 5})
		w.must(err)
		_, err = s.VariantsOnPage(w.ctx, pageID, []string{w.v.SKU})
		w.must(err)
		_, err = s.Unassigned(w.ctx, 10)
		w.must(err)
		_, err = s.RecentlySent(w.ctx, id, now())
		w.must(err)
		_, err = s.Stats(w.ctx, pageID)
		w.must(err)
		_, err = s.FirstSteps(w.ctx)
		w.must(err)
		for _, pages := range [][]string{{pageID}, {pageID, "2"}} {
			w.must(narrowed(models.WithAccess(w.ctx, models.AccessTo(pages...)), s, w.v, now()))
		}
		for _, kind := range models.KeptKinds {
			_, err = s.Aged(w.ctx, kind, now(), 10)
			w.must(err)
			w.update(func(tx *store.Tx) error {
				_, err := tx.Forget(kind, storetest.Epoch.AddDate(-1, 0, 0), 10)
				return err
			})
		}
		recurring(w)
		connected(w)
		anna := models.Actor{Kind: models.ActorUser, ID: 1}
		for _, q := range []models.AuditQuery{{}, {Actor: anna}, {Thing: models.AuditPage}, {Actor: anna, Thing: models.AuditPage}} {
			q.Limit = 5
			_, _, err = s.AuditEntries(w.ctx, q)
			w.must(err)
		}
	})
	if len(seen) < 60 {
		t.Fatalf("only %d statements were seen", len(seen))
	}
	for sql, args := range seen {
		var plan []struct{ Detail string }
		if err := s.Query(w.ctx, &plan, "EXPLAIN QUERY PLAN "+sql, args...); err != nil {
			t.Errorf("%v\n%s", err, sql)
		}
		var scanned, sorted bool
		for _, step := range plan {
			scanned = scanned || (strings.HasPrefix(step.Detail, "SCAN variants") && !strings.Contains(sql, "INDEXED BY variants_"))
			sorted = sorted || strings.Contains(step.Detail, "B-TREE FOR ORDER BY")
			// The last rows of a table, and no further than a limit, are read from its end; what is under way or unanswered
			// is never much, where an index finds it.
			end := strings.HasSuffix(sql, "ORDER BY id DESC LIMIT 6")
			few := (strings.Contains(sql, "state = 'unknown'") || strings.Contains(sql, "state = 'claimed'")) && !strings.HasPrefix(step.Detail, "SCAN ")
			pages := step.Detail == "SCAN p" && strings.Contains(sql, "FROM pages p") // of which there are some dozens at most
			_, index, scan := strings.Cut(step.Detail, " USING INDEX ")
			all := scan && strings.HasPrefix(step.Detail, "SCAN ") && !strings.Contains(sql, "LIMIT") && !slices.Contains(underWay, index)
			if all || whole(step.Detail) && !end && !few && !pages {
				t.Errorf("%s\n%s", step.Detail, sql)
			}
		}
		if scanned && sorted {
			t.Errorf("every product is sorted, for the first few\n%s", sql)
		}
	}
}

// underWay are the indices that hold little at any time, so that a statement may read all of one.
var underWay = []string{"tokens_unknown", "tokens_suspect", "optin_requests_outstanding"}

// narrowed asks for everything that a login sees which is kept to some Pages.
func narrowed(ctx context.Context, s *store.Store, v models.Variant, now time.Time) error {
	var errs []error
	saw := func(err error) { errs = append(errs, err) }
	for _, q := range []models.TokenQuery{{}, {State: models.TokenWaiting}, {VariantIDs: []int64{v.ID}}, {Unassigned: true, State: models.TokenWaiting},
		{State: models.TokenWaiting, ExpiresBefore: now.AddDate(2, 0, 0)}} {
		q.Limit = 5
		_, _, err := s.Tokens(ctx, q, now)
		saw(err)
	}
	for _, q := range []models.RestockQuery{{}, {State: models.RestockDone}, {OpenOnly: true}} {
		q.Limit = 5
		_, _, err := s.Restocks(ctx, q)
		saw(err)
	}
	for _, sort := range []string{models.SortTitle, models.SortWaiting, models.SortUpdated} {
		for _, availability := range []string{"", models.AvailableIn, models.AvailableWaiting} {
			_, _, err := s.ListVariants(ctx, models.VariantQuery{Availability: availability, Sort: sort, Limit: 5})
			saw(err)
		}
	}
	for _, show := range []models.ContactFilter{"", models.ContactsOpen, models.ContactsStopped} {
		_, _, err := s.Contacts(ctx, models.ContactQuery{Show: show, Limit: 5}, now)
		saw(err)
	}
	for _, show := range []models.ConversationFilter{"", models.ConversationsUnread, models.ConversationsOpen} {
		_, _, err := s.Conversations(ctx, models.ConversationQuery{Show: show, Limit: 5}, now)
		saw(err)
	}
	_, _, err := s.AskRows(ctx, models.AskQuery{Limit: 5}, now)
	saw(err)
	_, _, err = s.Wallet(ctx, 5, "", now)
	saw(err)
	_, err = s.UnreadConversations(ctx)
	saw(err)
	_, err = s.Unassigned(ctx, 5)
	saw(err)
	_, err = s.EndingSoon(ctx, now)
	saw(err)
	_, err = s.TokenMonths(ctx, now, nil)
	saw(err)
	_, err = s.Days(ctx, now)
	saw(err)
	_, err = s.Converted(ctx, now)
	saw(err)
	_, err = s.Stats(ctx, "")
	saw(err)
	_, err = s.Variant(ctx, v.ID)
	saw(err)
	_, err = s.VariantBySKU(ctx, "", v.SKU)
	saw(err)
	_, err = s.Pages(ctx)
	saw(err)
	return errors.Join(errs...)
}

// recurring asks everything that is asked about recurring opt-ins.
func recurring(w *world) {
	w.t.Helper()
	v := w.variant("PIATTO", 0)
	k := w.token(w.optIn(v))
	restock := w.restock(v, models.Restock{})
	w.settled(w.claim(5).Tokens, sent)
	w.ended(restock, v)
	w.must(w.store.Sweep(w.ctx, time.Minute))
	w.must(w.store.Tidy(w.ctx))
	w.update(func(tx *store.Tx) error {
		o, covered, err := tx.CoveringOptIn(k.ContactID, v.ID)
		if err != nil || !covered {
			return errors.Join(err, errors.New("no opt-in covers the variant"))
		}
		_, err = tx.StandingInterests(k.ContactID)
		_, _, byTitle := tx.RequestByTitle(k.ContactID, "Updates")
		_, known := tx.KnownOptIn(pageID, "recurring")
		_, _, waits := tx.WaitByOptIn(w.ctx, o, v.ID, tx.Now())
		next := o
		next.ID, next.Hash, next.Sealed = 0, nil, nil
		next, _, given := tx.SaveOptIn(next, "another")
		next, _, again := tx.SaveOptIn(next, "another")
		return errors.Join(err, byTitle, known, waits, given, again, tx.ReplaceOptIns(next), tx.StopOptIns(k.ContactID, o.ID, models.TokenTopicStop), tx.BeginImport(w.ctx, pageID))
	})
	_, err := w.store.StoppedOptIn(w.ctx, k.ContactID, v.ID)
	w.must(err)
	_, err = w.store.OptIns(w.ctx, k.ContactID, 5)
	w.must(err)
	_, err = w.store.OptInImport(w.ctx, pageID)
	w.must(err)
	_, err = w.store.CountOptIns(w.ctx, pageID)
	w.must(err)
	w.must(w.store.EachConsent(w.ctx, pageID, true, func([]models.Consent) error { return nil }))
}

// whole reports whether a step of a plan reads the whole of a table that grows, or all rows in one state or of one Page,
// which is as bad.
func whole(step string) bool {
	for _, bad := range []string{"tokens_state (state=?)", "tokens_hash (page_id=?)", "contacts_psid (page_id=?)", "inbound_events_person (page_id=?)"} {
		if strings.Contains(step, bad) {
			return true
		}
	}
	name, scan := strings.CutPrefix(step, "SCAN ")
	if !scan || strings.Contains(step, "INDEX") {
		return false // an index in its order, as far as a limit, or a part of the table
	}
	switch name {
	case "k", "tokens", "m", "messages", "inbound_events", "c", "contacts", "a", "attempts", "interests", "i", "optin_requests", "restocks", "s", "variants", "v", "source_events", "audit_entries", "clicks", "contact_words", "p", "o", "w", "orders", "recurring_optins", "t", "ties":
		return true
	}
	return false
}

// TestReportCost counts the statements of a stock report: as many where thousands wait as where nobody does (rule 5.3).
func TestReportCost(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		w := newWorld(t, s, clock)
		service := reporter(s, clock.Now)
		n, counting := 0, false
		w.must(s.Watch(func(string, []any) {
			if counting {
				n++
			}
		}))
		cost := func() int {
			t.Helper()
			n, counting = 0, true
			_, err := service.ReportByHand(w.ctx, w.v.ID, models.Stock{Available: 5})
			counting = false
			w.must(err)
			took := n
			_, err = service.ReportByHand(w.ctx, w.v.ID, models.Stock{})
			w.must(err)
			return took
		}
		none := cost()
		w.grant(1000, w.v)
		if many := cost(); many != none || many == 0 {
			t.Errorf("a report takes %d statements where a thousand wait, and %d where nobody does", many, none)
		}
		w.audit()
	})
}

// idle is a platform and a dispatcher that nothing is asked of.
type idle struct{}

func (idle) Send(context.Context, string, string, models.Outgoing) models.Answer {
	return models.Answer{}
}
func (idle) Wake()      {}
func (idle) Halt(int64) {}

func reporter(s *store.Store, now func() time.Time) *restock.Service {
	return restock.New(s, idle{}, idle{}, now, slog.New(slog.NewTextHandler(io.Discard, nil)), restock.Config{BaseURL: "https://bentornato.test"})
}
