package store_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"bentornato/models"
	"bentornato/models/store"
	"bentornato/models/store/storetest"
)

// ends lets a token end so many days from now.
func (w *world) ends(now time.Time, id int64, days int) {
	w.t.Helper()
	at := now.Add(time.Duration(days) * 24 * time.Hour)
	w.must(w.store.Exec(w.ctx, "UPDATE tokens SET expires_at = ?, granted_at = ? WHERE id = ?", at.UnixMilli(), at.Add(-models.TokenLife).UnixMilli(), id))
}

// TestWallet counts and lists tokens by what they are for and by when they end.
func TestWallet(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		w := newWorld(t, s, clock)
		plate := w.variant("PIATTO", 0)
		now := clock.Now().Truncate(time.Millisecond)
		cups, plates, nobodys := w.grant(8, w.v), w.grant(3, plate), w.grant(1, models.Variant{})
		for i, days := range []int{5, 29, 31, 59, 80, 100, 200, 364} {
			w.ends(now, cups[i], days)
		}
		for i, days := range []int{29, 90, 300} {
			w.ends(now, plates[i], days)
		}
		w.ends(now, nobodys[0], 10)
		w.must(s.Exec(w.ctx, "UPDATE tokens SET next_at = 1 WHERE id IN (?, ?)", cups[1], cups[6])) // they wait again

		e, err := s.EndingSoon(w.ctx, now)
		w.must(err)
		if e != (models.Ending{{N: 4}, {N: 6}, {N: 7}}) { // the plate of the 90th day ends on it, not before
			t.Errorf("ending within 30, 60 and 90 days: %v", e)
		}
		rows, next, err := s.Wallet(w.ctx, 1, "", now)
		w.must(err)
		if len(rows) != 1 || rows[0].Variant.ID != w.v.ID || rows[0].Variant.Waiting != 8 || rows[0].Ending != (models.Ending{{N: 2}, {N: 4}, {N: 5}}) {
			t.Errorf("the first product is %+v", rows)
		}
		if got := rows[0].EndsFirst; !got.Equal(now.Add(5 * 24 * time.Hour)) {
			t.Errorf("the first cup's token ends %s", got)
		}
		rows, next, err = s.Wallet(w.ctx, 1, next, now)
		w.must(err)
		if len(rows) != 1 || rows[0].Variant.ID != plate.ID || rows[0].Ending != (models.Ending{{N: 1}, {N: 1}, {N: 1}}) || next != "" {
			t.Errorf("the second product is %+v, next %q", rows, next)
		}

		months, err := s.TokenMonths(w.ctx, now, nil)
		w.must(err)
		sum := 0
		for _, m := range months.Months {
			sum += m.N
		}
		if len(months.Months) != 13 || sum != 12 || months.Months[0].N != 1 || !months.CountedAt.IsZero() {
			t.Errorf("by month: %+v", months)
		}

		list := func(q models.TokenQuery, want ...int64) {
			t.Helper()
			q.State, q.Limit = models.TokenWaiting, 2
			var got []int64
			for cursor, n := "", 0; n == 0 || cursor != ""; n++ {
				q.Cursor = cursor
				rows, next, err := s.Tokens(w.ctx, q, now)
				w.must(err)
				for _, k := range rows {
					got = append(got, k.ID)
				}
				cursor = next
			}
			if !slices.Equal(got, want) {
				t.Errorf("%+v lists %v, want %v", q, got, want)
			}
		}
		within := func(days int) time.Time { return now.Add(time.Duration(days) * 24 * time.Hour) }
		list(models.TokenQuery{ExpiresBefore: within(30)}, cups[0], nobodys[0], cups[1], plates[0])
		list(models.TokenQuery{ExpiresBefore: within(90), VariantIDs: []int64{w.v.ID}}, cups[0], cups[1], cups[2], cups[3], cups[4])
		list(models.TokenQuery{ExpiresBefore: within(60), VariantIDs: []int64{w.v.ID, plate.ID}}, cups[0], cups[1], plates[0], cups[2], cups[3])
		list(models.TokenQuery{ExpiresBefore: within(400), PageID: "202"})
		list(models.TokenQuery{ExpiresBefore: within(30), VariantIDs: []int64{}})
		if _, _, err := s.Tokens(w.ctx, models.TokenQuery{State: models.TokenWaiting, ExpiresBefore: now, Limit: 1, Cursor: "x"}, now); models.KindOf(err) != models.KindInvalid {
			t.Errorf("a cursor of nobody's: %v", err)
		}
		w.audit()
	})
}

// TestMonthsOfMany: where more tokens wait than are counted at once, what the background counted is shown, with its age.
func TestMonthsOfMany(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		w := newWorld(t, s, clock)
		w.grant(3, w.v)
		w.must(s.CountMonths(w.ctx)) // few: there is nothing to do
		w.must(s.Exec(w.ctx, "UPDATE counters SET n = 20001 WHERE name = 'token:waiting'"))
		if m, err := s.TokenMonths(w.ctx, clock.Now(), nil); err != nil || len(m.Months) != 0 {
			t.Errorf("before anybody counted: %+v, %v", m, err)
		}
		total := func() string {
			t.Helper()
			m, err := s.TokenMonths(w.ctx, clock.Now(), nil)
			w.must(err)
			n := 0
			for _, month := range m.Months {
				n += month.N
			}
			return fmt.Sprintf("%d in %d months, %s ago", n, len(m.Months), clock.Now().Sub(m.CountedAt).Truncate(time.Second))
		}
		w.must(s.Tidy(w.ctx))
		if got := total(); got != "3 in 13 months, 0s ago" {
			t.Error(got)
		}
		w.grant(2, w.v)
		clock.Advance(time.Minute)
		w.must(s.CountMonths(w.ctx))
		if got := total(); got != "3 in 13 months, 1m0s ago" {
			t.Error(got)
		}
		clock.Advance(4 * time.Minute)
		w.must(s.CountMonths(w.ctx))
		if got := total(); got != "5 in 13 months, 0s ago" {
			t.Error(got)
		}
	})
}
