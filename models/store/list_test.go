package store_test

import (
	"fmt"
	"slices"
	"testing"

	"bentornato/models"
	"bentornato/models/store"
	"bentornato/models/store/storetest"
)

// TestLists pages through every list in pages of four, among rows whose sort values are often equal: each row comes
// once, in order.
func TestLists(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		w := newWorld(t, s, clock)
		for i := range 10 {
			v := w.variant(fmt.Sprintf("SKU-%d", i), i%2)
			w.must(s.Exec(w.ctx, "UPDATE variants SET title = ?, waiting = ?, updated_at = ? WHERE id = ?", fmt.Sprint("Tazza. ", i/4), i/3, i/5, v.ID))
			w.restock(v, models.Restock{})
		}
		w.grant(10, w.v)
		w.must(s.Exec(w.ctx, "UPDATE contacts SET last_action_at = id / 3"))
		w.must(s.Exec(w.ctx, "INSERT INTO contact_words (contact_id, word, at) SELECT id, 'ada', 0 FROM contacts"))
		w.update(func(tx *store.Tx) error {
			events := make([]models.SourceEvent, 10)
			for i := range events {
				events[i] = models.SourceEvent{SourceID: "till", ReportKey: "1", SKU: fmt.Sprint(i), Outcome: models.ReportApplied, At: tx.Now(), ReceivedAt: tx.Now()}
			}
			return tx.SaveSourceEvents(events)
		})
		variants := func(sort string) func(limit int, cursor string) ([]string, string, error) {
			return func(limit int, cursor string) ([]string, string, error) {
				list, next, err := s.ListVariants(w.ctx, models.VariantQuery{PageID: pageID, Sort: sort, Text: "tazza", Limit: limit, Cursor: cursor})
				return names(list, func(v models.Variant) string { return v.SKU }), next, err
			}
		}
		for name, c := range map[string]struct {
			rows int
			list func(limit int, cursor string) ([]string, string, error)
		}{
			"variants by title":   {11, variants(models.SortTitle)},
			"variants by waiting": {11, variants(models.SortWaiting)},
			"variants by change":  {11, variants(models.SortUpdated)},
			"contacts": {10, func(limit int, cursor string) ([]string, string, error) {
				list, next, err := s.Contacts(w.ctx, models.ContactQuery{PageID: pageID, Text: "ADA", Limit: limit, Cursor: cursor}, clock.Now())
				return names(list, func(c models.ContactRow) string { return c.PSID }), next, err
			}},
			"tokens": {10, func(limit int, cursor string) ([]string, string, error) {
				list, next, err := s.Tokens(w.ctx, models.TokenQuery{PageID: pageID, State: models.TokenWaiting, Limit: limit, Cursor: cursor}, clock.Now())
				return names(list, func(k models.TokenRow) string { return fmt.Sprint(k.ID) }), next, err
			}},
			"restocks": {10, func(limit int, cursor string) ([]string, string, error) {
				list, next, err := s.Restocks(w.ctx, models.RestockQuery{PageID: pageID, OpenOnly: true, Limit: limit, Cursor: cursor})
				return names(list, func(r models.RestockRow) string { return fmt.Sprint(r.ID) }), next, err
			}},
			"source events": {10, func(limit int, cursor string) ([]string, string, error) {
				list, next, err := s.SourceEvents(w.ctx, "till", limit, cursor)
				return names(list, func(e models.SourceEvent) string { return e.SKU }), next, err
			}},
		} {
			whole, next, err := c.list(100, "")
			if err != nil || len(whole) != c.rows || next != "" {
				t.Errorf("%s: %d rows at once, next %q, error %v; want %d", name, len(whole), next, err, c.rows)
			}
			var paged []string
			for cursor, n := "", 0; n == 0 || cursor != ""; n++ {
				rows, next, err := c.list(4, cursor)
				if err != nil || n > 4 {
					t.Fatalf("%s: page %d: %v", name, n, err)
				}
				paged, cursor = append(paged, rows...), next
			}
			if !slices.Equal(paged, whole) {
				t.Errorf("%s: paged %v, at once %v", name, paged, whole)
			}
			for _, bad := range []string{"!", "x", "MTIz", "YS5i", "eC55Lg"} {
				if _, _, err := c.list(4, bad); models.KindOf(err) != models.KindInvalid {
					t.Errorf("%s: the cursor %q: %v", name, bad, err)
				}
			}
		}
	})
}

func names[T any](list []T, name func(T) string) []string {
	out := make([]string, len(list))
	for i, row := range list {
		out[i] = name(row)
	}
	return out
}

// TestFilters narrows lists, and does not take a person's % or _ for more than they are.
func TestFilters(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		w := newWorld(t, s, clock)
		w.variant("DISH_1", 2)
		w.variant("DISHX1", 0)
		w.grant(2, w.v)
		w.update(func(tx *store.Tx) error { return tx.SaveProfile(1, "100% Ada Niccolò", "") })
		for _, c := range []struct {
			q    models.VariantQuery
			want []string
		}{
			{models.VariantQuery{Text: "dish_"}, []string{"DISH_1"}}, {models.VariantQuery{Text: "DISH"}, []string{"DISHX1", "DISH_1"}},
			{models.VariantQuery{Availability: models.AvailableIn}, []string{"DISH_1"}}, {models.VariantQuery{Availability: models.AvailableSoldOut}, []string{"DISHX1", "TAZZA"}},
			{models.VariantQuery{Availability: models.AvailableWaiting}, []string{"TAZZA"}}, {models.VariantQuery{PageID: "202"}, nil},
			{models.VariantQuery{Text: "tazza%"}, nil}, {models.VariantQuery{Text: "..."}, nil}, {models.VariantQuery{Text: "dishx1 taz"}, []string{"DISHX1"}},
			{models.VariantQuery{Text: "azza"}, nil}, {models.VariantQuery{Text: "taz", Availability: models.AvailableIn}, []string{"DISH_1"}},
		} {
			c.q.Limit = 10
			list, _, err := s.ListVariants(w.ctx, c.q)
			got := names(list, func(v models.Variant) string { return v.SKU })
			slices.Sort(got)
			if err != nil || !slices.Equal(got, c.want) {
				t.Errorf("%+v: %v, error %v; want %v", c.q, got, err, c.want)
			}
		}
		for text, want := range map[string]int{"100% ad": 1, "ADA nicco": 1, "da": 0, "ada marco": 0, "%": 0, "_": 0, "240000000000002"[:14]: 0, "24000000000002": 1} {
			if list, _, err := s.Contacts(w.ctx, models.ContactQuery{Text: text, Limit: 10}, clock.Now()); err != nil || len(list) != want {
				t.Errorf("contacts %q: %d, error %v; want %d", text, len(list), err, want)
			}
		}
		for _, q := range []models.VariantQuery{{Sort: "price", Limit: 1}, {Availability: "some", Limit: 1}} {
			if _, _, err := s.ListVariants(w.ctx, q); models.KindOf(err) != models.KindInvalid {
				t.Errorf("%+v: %v", q, err)
			}
		}
		if list, _, err := s.Tokens(w.ctx, models.TokenQuery{VariantIDs: []int64{}, Limit: 5}, clock.Now()); err != nil || len(list) != 0 {
			t.Errorf("tokens of no variant: %d, error %v", len(list), err)
		}
	})
}

// TestSearch finds a variant by the beginnings of its words, whatever their accents, and no longer by those it had.
func TestSearch(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		w := newWorld(t, s, clock)
		v := w.variant("CAF-01/B", 2)
		finds := func(text string) bool {
			t.Helper()
			list, _, err := s.ListVariants(w.ctx, models.VariantQuery{Text: text, Limit: 5})
			w.must(err)
			return slices.ContainsFunc(list, func(found models.Variant) bool { return found.ID == v.ID })
		}
		name := func(title, option string) {
			t.Helper()
			v.Title, v.Option = title, option
			w.update(func(tx *store.Tx) error {
				_, err := tx.ChangeVariant(w.ctx, v.ID, v, "")
				return err
			})
		}
		name("Caffettiera Città", "blu notte")
		for _, text := range []string{"citta", "CITTÀ", "caff", "notte caff", "caf-01", "CAF-01/B", "01", "b"} {
			if !finds(text) {
				t.Errorf("%q does not find %s %s", text, v.SKU, v.Name())
			}
		}
		for _, text := range []string{"ittà", "citta rossa", "caf-02", "caf_01"} {
			if finds(text) {
				t.Errorf("%q finds %s %s", text, v.SKU, v.Name())
			}
		}
		name("Moka", "")
		if finds("citta") || !finds("moka") {
			t.Error("a variant is found by the name it had, and not by the one it has")
		}
		// What was listed before there were terms gets them when the schema is brought up to date.
		w.must(s.Exec(w.ctx, "DELETE FROM variant_terms"))
		if finds("moka") {
			t.Fatal("found by no term")
		}
		_, err := s.Migrate(w.ctx)
		w.must(err)
		if !finds("moka") || !finds("caf-01") {
			t.Error("a variant of before is not found")
		}
		w.update(func(tx *store.Tx) error { return tx.DeleteVariant(v) })
		if finds("moka") {
			t.Error("a deleted variant is found")
		}
	})
}
