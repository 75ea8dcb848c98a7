package store_test

import (
	"sync"
	"testing"
	"time"

	"bentornato/models"
	"bentornato/models/store"
	"bentornato/models/store/storetest"
)

// TestClaimWhilePaused pauses a restock again and again while it is claimed for: once a pause is written nothing more is
// claimed (rule 5.8), however far a claim had come by then.
func TestClaimWhilePaused(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		const n, pauses = 600, 12
		w := newWorld(t, s, clock)
		w.grant(n, w.v)
		restock := w.restock(w.v, models.Restock{})
		move := func(from, to models.RestockState) {
			t.Helper()
			w.update(func(tx *store.Tx) error {
				moved, err := tx.MoveRestock(restock, from, to, "")
				if err == nil && !moved {
					t.Errorf("it is not %s", from)
				}
				return err
			})
		}
		claim := func() error {
			_, err := s.Claim(w.ctx, store.ClaimQuery{PageID: pageID, Horizon: time.Hour, Lease: time.Minute, Max: 10})
			return err
		}
		for range pauses {
			claimed := make(chan struct{})
			var claiming sync.WaitGroup
			claiming.Go(func() {
				for i := range 4 {
					if err := claim(); err != nil {
						t.Error(err)
					}
					if i == 0 {
						close(claimed)
					}
				}
			})
			<-claimed
			move(models.RestockRunning, models.RestockPaused)
			at := w.getRestock(restock).Claimed
			claiming.Wait()
			if now := w.getRestock(restock).Claimed; now != at {
				t.Errorf("%d were claimed, and %d after it was paused", at, now)
			}
			move(models.RestockPaused, models.RestockRunning)
		}
		w.must(claim())
		if w.getRestock(restock).Claimed == 0 {
			t.Error("nothing was ever claimed")
		}
		w.audit()
	})
}
