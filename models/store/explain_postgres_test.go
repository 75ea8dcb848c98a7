package store_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"bentornato/models"
	"bentornato/models/store"
	"bentornato/models/store/storetest"
)

// TestPlansPostgres asks PostgreSQL, which plans by statistics, how it would run every statement of the hot path in a shop
// with thousands of tokens, people and attempts: none reads a whole table of these, or walks along one in the order of its
// numbers until it finds something.
func TestPlansPostgres(t *testing.T) {
	const n = 20_000
	clock := storetest.NewClock()
	s := storetest.Open(t, storetest.PostgresURL(t), clock.Now)
	w := newWorld(t, s, clock)
	spent := w.variant("SPENT", 0)
	seed := func(v models.Variant, state models.TokenState) {
		w.must(s.Seeding(w.ctx, func(context.Context) error {
			return s.Update(w.ctx, func(tx *store.Tx) error {
				contacts, tokens := make([]models.Contact, n), make([]models.Token, n)
				for i := range contacts {
					contacts[i] = models.Contact{PageID: pageID, PSID: v.SKU + fmt.Sprint("-", i), Locale: "it_IT"}
				}
				if err := tx.SeedContacts(contacts); err != nil {
					return err
				}
				for i, c := range contacts {
					tokens[i] = models.Token{PageID: pageID, ContactID: c.ID, VariantID: v.ID, State: state,
						GrantedAt: tx.Now().Add(-time.Hour + time.Duration(i)*time.Millisecond)}
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
	})
	if len(seen) < 30 {
		t.Fatalf("only %d statements were seen", len(seen))
	}
	for sql, args := range seen {
		var plan []string
		if err := s.Query(w.ctx, &plan, "EXPLAIN "+sql, args...); err != nil || len(plan) == 0 {
			t.Errorf("there is no plan: %v\n%s", err, sql)
		}
		for i, step := range plan {
			for _, table := range []string{"tokens", "contacts", "attempts"} {
				// Along all numbers, where no condition follows on which of them.
				along := strings.Contains(step, " using "+table+"_pkey on "+table+" ") && (i+1 == len(plan) || !strings.Contains(plan[i+1], "Index Cond"))
				if along || strings.Contains(step, "Seq Scan on "+table+" ") {
					t.Errorf("%s\n%s\n%s", step, sql, strings.Join(plan, "\n"))
				}
			}
		}
	}
}
