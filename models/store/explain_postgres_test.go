package store_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"bentornato/models"
	"bentornato/models/store"
	"bentornato/models/store/storetest"
)

// TestPlansPostgres asks PostgreSQL, which plans by statistics, how it would run every statement of the hot path in a shop
// with thousands of tokens, people and attempts, and those of the admin's lists of people: none reads a whole table of these,
// or walks along one in the order of its numbers until it finds something, and the lists' read the index that is meant.
func TestPlansPostgres(t *testing.T) {
	const n = 20_000
	clock := storetest.NewClock()
	s := storetest.Open(t, storetest.PostgresURL(t), clock.Now)
	w := newWorld(t, s, clock)
	spent := w.variant("SPENT", 0)
	seed := func(v models.Variant, state models.TokenState) {
		w.must(s.Seeding(w.ctx, func(context.Context) error {
			return s.Update(w.ctx, func(tx *store.Tx) error {
				contacts, tokens, interests := make([]models.Contact, n), make([]models.Token, n), make([]models.Interest, n)
				for i := range contacts {
					contacts[i] = models.Contact{PageID: pageID, PSID: v.SKU + fmt.Sprint("-", i), Name: "Alba Verdi", Locale: "it_IT",
						LastActionAt: tx.Now().Add(-time.Duration(i) * time.Minute)}
				}
				if err := tx.SeedContacts(contacts); err != nil {
					return err
				}
				for i, c := range contacts {
					tokens[i] = models.Token{PageID: pageID, ContactID: c.ID, VariantID: v.ID, State: state,
						GrantedAt: tx.Now().Add(-time.Hour + time.Duration(i)*time.Millisecond)}
					interests[i] = models.Interest{PageID: pageID, ContactID: c.ID, VariantID: v.ID, Source: models.InterestText, At: tx.Now()}
				}
				if err := tx.SeedInterests(interests); err != nil {
					return err
				}
				return tx.SeedTokens(tokens, func(i int) string { return v.SKU + fmt.Sprint("-", i) })
			})
		}))
	}
	seed(spent, models.TokenSent)
	seed(w.v, models.TokenWaiting)
	seen, watch := watched(t, s)
	w.restock(w.v, models.Restock{})
	watch(func() {
		_, err := s.PagesWithWork(w.ctx, clock.Now())
		w.must(err)
		c := w.claim(60).Tokens
		w.answered(c[:40], sent)
		w.answered(c[40:45], models.Answer{Outcome: models.OutcomeUnknown})
		w.answered(c[45:50], models.Answer{Outcome: models.OutcomeTransient})
		w.answered(c[50:52], models.Answer{Outcome: models.OutcomeDead, Code: 100})
		clock.Advance(5 * time.Minute)
		w.claim(20) // those released, and the second tries
		w.must(s.Sweep(w.ctx, time.Minute))
		w.update(func(tx *store.Tx) error {
			_, err := tx.SettleEcho(pageID, c[0].ID, 1, "m")
			return err
		})
		w.update(func(tx *store.Tx) error { _, err := tx.TakePending(10); return err })
		for _, refused := range []bool{false, true} {
			_, _, err = s.AskRows(w.ctx, models.AskQuery{Limit: 50, Refused: refused}, clock.Now())
			w.must(err)
		}
		for _, text := range []string{"", "alba", "alba verdi", "zzz"} {
			_, _, err = s.Conversations(w.ctx, models.ConversationQuery{Text: text, Limit: 50}, clock.Now())
			w.must(err)
			_, _, err = s.Contacts(w.ctx, models.ContactQuery{Text: text, Limit: 50}, clock.Now())
			w.must(err)
		}
	})
	means := []struct {
		sql, index string
		seen       bool
	}{
		{sql: "k.next_at = 0 AND (k.granted_at, k.id) > (r.CursorAt, ", index: "Index Scan using tokens_waiting on "},
		{sql: "FROM contacts WHERE (last_action_at, id) > ", index: "contacts_recent"},
		{sql: "FROM contacts WHERE (last_action_at, id) < ", index: "contacts_recent"},
		{sql: "FROM interests WHERE contact_id IN ", index: "interests_contact"},
		{sql: "FROM tokens k WHERE k.contact_id = ", index: "tokens_contact"},
		{sql: "FROM contact_words WHERE word >= ", index: "contact_words_"},
		{sql: "FROM contact_words o WHERE o.contact_id = contacts.id", index: "contact_words_pkey"},
	}
	if len(seen) < 30 {
		t.Fatalf("only %d statements were seen", len(seen))
	}
	for sql, args := range seen {
		var plan []string
		if err := s.Query(w.ctx, &plan, "EXPLAIN "+sql, args...); err != nil || len(plan) == 0 {
			t.Errorf("there is no plan: %v\n%s", err, sql)
		}
		for i, m := range means {
			if !strings.Contains(sql, m.sql) {
				continue
			}
			means[i].seen = true
			if !slices.ContainsFunc(plan, func(step string) bool { return strings.Contains(step, m.index) }) {
				t.Errorf("%s is not used\n%s\n%s", m.index, sql, strings.Join(plan, "\n"))
			}
		}
		for i, step := range plan {
			for _, table := range []string{"tokens", "contacts", "attempts", "interests", "contact_words"} {
				// Along all numbers, where no condition follows on which of them.
				along := strings.Contains(step, " using "+table+"_pkey on "+table+" ") && (i+1 == len(plan) || !strings.Contains(plan[i+1], "Index Cond"))
				if along || strings.Contains(step, "Seq Scan on "+table+" ") {
					t.Errorf("%s\n%s\n%s", step, sql, strings.Join(plan, "\n"))
				}
			}
		}
	}
	for _, m := range means {
		if !m.seen {
			t.Errorf("no statement says %q", m.sql)
		}
	}
}
