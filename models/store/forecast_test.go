package store_test

import (
	"testing"
	"time"

	"bentornato/models"
	"bentornato/models/store"
	"bentornato/models/store/storetest"
)

// TestForecastCounts counts who would not be told at once, on both databases.
func TestForecastCounts(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		w := newWorld(t, s, clock)
		ids := w.grant(8, w.v)
		other := w.variant("ALTRA", 0)
		w.grant(3, other)
		now := clock.Now()
		counts := func(page models.Page) models.ForecastCounts {
			t.Helper()
			c, err := s.ForecastCounts(w.ctx, w.v, page, false, now)
			w.must(err)
			return c
		}
		if c := counts(models.Page{}); c != (models.ForecastCounts{}) {
			t.Errorf("where nothing is in the way: %+v", c)
		}
		// Two end within the hour, one of which waits again; two more failed, one of them long enough ago to be tried now.
		granted := now.Add(models.TokenMargin - models.TokenLife).UnixMilli()
		set := func(id int64, column string, value int64) {
			w.must(s.Exec(w.ctx, "UPDATE tokens SET "+column+" = ? WHERE id = ?", value, id))
		}
		set(ids[0], "granted_at", granted)
		set(ids[1], "granted_at", granted-1)
		set(ids[1], "next_at", now.UnixMilli()+5)
		set(ids[2], "granted_at", granted+1)
		set(ids[3], "next_at", now.Add(time.Minute).UnixMilli())
		set(ids[4], "next_at", now.UnixMilli())
		for _, n := range []struct {
			id  int64
			ago time.Duration
		}{{ids[5], 10 * time.Second}, {ids[6], 59 * time.Second}, {ids[7], 2 * time.Minute}} {
			w.must(s.Exec(w.ctx, "UPDATE contacts SET notified_at = ? WHERE id = (SELECT contact_id FROM tokens WHERE id = ?)", now.Add(-n.ago).UnixMilli(), n.id))
		}
		want := models.ForecastCounts{Ending: models.Count{N: 2}, BackOff: models.Count{N: 1}, Spacing: models.Count{N: 2}}
		if c := counts(models.Page{}); c != want {
			t.Errorf("%+v, want %+v", c, want)
		}
		want.Spacing.N = 1
		if c := counts(models.Page{Settings: models.PageSettings{SpacingSeconds: 30}}); c != want {
			t.Errorf("with 30 s between two: %+v, want %+v", c, want)
		}
		want.Spacing.N = 0
		if c := counts(models.Page{Settings: models.PageSettings{SpacingSeconds: -1}}); c != want {
			t.Errorf("with nothing between two: %+v, want %+v", c, want)
		}
		// Where more wait than are looked at, a count says so.
		w.grant(1000, w.v)
		w.must(s.Exec(w.ctx, "UPDATE contacts SET notified_at = ?", now.UnixMilli()))
		if c := counts(models.Page{}); c.Spacing != (models.Count{N: 1000, AtLeast: true}) {
			t.Errorf("of more than are looked at: %+v", c)
		}
	})
}
