package store_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"bentornato/models"
	"bentornato/models/store"
	"bentornato/models/store/storetest"
)

// TestSeeding holds what is written in bulk against what the workflows would have left: counts agree, tokens open, and
// rows of before keep theirs.
func TestSeeding(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		w := newWorld(t, s, clock)
		w.grant(3, w.v)
		indexes := "SELECT COUNT(*) FROM sqlite_master WHERE type = 'index'"
		if s.Postgres() {
			indexes = "SELECT COUNT(*) FROM pg_indexes WHERE schemaname = current_schema()"
		}
		var before, after int
		w.must(s.Query(w.ctx, &before, indexes))
		variants := []models.Variant{{PageID: pageID, SKU: "VASO", Title: "Vaso Città", MinStock: 1}}
		contacts := make([]models.Contact, 2500)
		for i := range contacts {
			contacts[i] = models.Contact{PageID: pageID, PSID: fmt.Sprintf("99%012d", i), LastActionAt: clock.Now()}
		}
		tokens := make([]models.Token, len(contacts))
		w.must(s.Seeding(w.ctx, func(ctx context.Context) error {
			return s.Update(ctx, func(tx *store.Tx) error {
				if err := tx.SeedVariants(variants); err != nil {
					return err
				}
				if err := tx.SeedContacts(contacts); err != nil {
					return err
				}
				interests := make([]models.Interest, len(contacts))
				messages := make([]models.Message, 10)
				for i, c := range contacts {
					tokens[i] = models.Token{PageID: pageID, ContactID: c.ID, VariantID: variants[0].ID, GrantedAt: tx.Now().Add(-time.Hour)}
					switch i % 100 {
					case 0:
						tokens[i].State, tokens[i].Attempts = models.TokenSent, 1
					case 1:
						tokens[i].State, tokens[i].Attempts = models.TokenFailed, 1
					}
					interests[i] = models.Interest{PageID: pageID, ContactID: c.ID, VariantID: variants[0].ID, Source: models.InterestRef, At: tx.Now()}
				}
				for i := range messages {
					messages[i] = models.Message{PageID: pageID, ContactID: contacts[i].ID, Incoming: true, State: models.MessageSent, MID: fmt.Sprint("m", i), At: tx.Now()}
				}
				if err := tx.SeedInterests(interests); err != nil {
					return err
				}
				if err := tx.SeedMessages(messages); err != nil {
					return err
				}
				return tx.SeedTokens(tokens, func(i int) string { return fmt.Sprint("seeded-", i) })
			})
		}))
		w.must(s.Query(w.ctx, &after, indexes))
		if before != after {
			t.Errorf("%d indexes before, %d after", before, after)
		}
		w.audit()
		v, err := s.VariantBySKU(w.ctx, pageID, "VASO")
		w.must(err)
		if want := len(tokens) * 98 / 100; v.Waiting != want {
			t.Errorf("%d wait, want %d", v.Waiting, want)
		}
		stats, err := s.Stats(w.ctx, pageID)
		w.must(err)
		if stats.Contacts != 2503 || stats.Interests != 2500 || stats.Tokens[models.TokenSent] != 25 || stats.Tokens[models.TokenFailed] != 25 {
			t.Errorf("the counts are %+v", stats)
		}
		days, err := s.Days(w.ctx, clock.Now())
		w.must(err)
		if len(days) != 1 || days[0].Sent != 25 || days[0].Asked != 2500 || days[0].Granted < 2500 {
			t.Errorf("the day's counts are %+v", days)
		}
		if list, _, err := s.ListVariants(w.ctx, models.VariantQuery{Text: "citta", Limit: 5}); err != nil || len(list) != 1 {
			t.Errorf("%d are found, error %v", len(list), err)
		}
		w.restock(v, models.Restock{})
		c := w.claim(5)
		if len(c.Tokens) != 5 || c.Tokens[0].Secret != "seeded-2" {
			t.Errorf("claimed %d, the first with the secret %q", len(c.Tokens), c.Tokens[0].Secret)
		}
		w.grant(1, w.v) // numbers go on behind the seeded ones
	})
}
