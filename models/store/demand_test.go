package store_test

import (
	"testing"
	"time"

	"bentornato/models"
	"bentornato/models/store"
	"bentornato/models/store/storetest"
)

func TestDemands(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		w := newWorld(t, s, clock)
		other := w.variant("VASO", 0)
		first := w.grant(5, w.v)
		w.restock(w.v, models.Restock{})
		c := w.claim(3)
		w.answered(c.Tokens[:2], sent)
		w.answered(c.Tokens[2:], models.Answer{Outcome: models.OutcomeTransient}) // the third waits again, apart
		v, err := s.Variant(w.ctx, w.v.ID)
		w.must(err)
		got, err := s.Demands(w.ctx, []models.Variant{v, other}, clock.Now())
		w.must(err)
		at := func(i int) time.Time { return w.token(first[i]).GrantedAt }
		want := models.Demand{Oldest: at(2), Median: at(4), Earlier: models.Conversion{Sent: 2}}
		if v.Waiting != 3 || got[v.ID] != want {
			t.Errorf("%d wait, and the demand is %+v, want %+v", v.Waiting, got[v.ID], want)
		}
		if got[other.ID] != (models.Demand{}) {
			t.Errorf("nobody waits for the other: %+v", got[other.ID])
		}
		if n, err := s.Ending(w.ctx, clock.Now().Add(models.TokenLife), 2); err != nil || n != 2 {
			t.Errorf("%d end within a year, error %v; want no more than the limit", n, err)
		}
		// Eleven months and a little later the tokens are about to end.
		clock.Advance(models.TokenLife - models.EndingSoon)
		got, err = s.Demands(w.ctx, []models.Variant{v}, clock.Now())
		w.must(err)
		if got[v.ID].Ending != 2 {
			t.Errorf("%d end soon, want the 2 that wait for the first time", got[v.ID].Ending)
		}
		if n, err := s.Ending(w.ctx, clock.Now().Add(models.EndingSoon), 10); err != nil || n != 3 {
			t.Errorf("%d end within a month, error %v; want 3", n, err)
		}
		if c, err := s.Converted(w.ctx, storetest.Epoch); err != nil || c.Sent != 2 || c.Orders != 0 {
			t.Errorf("converted is %+v, error %v", c, err)
		}
		if none, err := s.Demands(w.ctx, nil, clock.Now()); err != nil || len(none) != 0 {
			t.Errorf("of nothing there is %v, error %v", none, err)
		}
	})
}
