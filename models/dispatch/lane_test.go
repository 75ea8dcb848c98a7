package dispatch

import (
	"testing"
	"time"

	"bentornato/models"
	"bentornato/models/store"
)

// TestHeld sends as long as a claim says that the Page is this process's, waits for another claim then, and gives back what waits
// when somebody else may send for the Page.
func TestHeld(t *testing.T) {
	clock := time.Unix(1_700_000_000, 0)
	l := &lane{held: clock.Add(time.Second)}
	j := job{page: &models.Page{Rate: 40}, interval: 25 * time.Millisecond, slot: clock}
	check := func(what string, after time.Duration, waits, lost bool) {
		t.Helper()
		now := clock.Add(after)
		if got := l.wait(j, now, now) > 0; got != waits || l.lost(now) != lost {
			t.Errorf("%s: it waits %v, want %v; lost %v, want %v", what, got, waits, l.lost(now), lost)
		}
	}
	check("held", time.Second-1, false, false)
	check("not held any more", time.Second, true, false)
	check("the Page rests", time.Second+store.Handover-1, true, false)
	check("the Page may be another's", time.Second+store.Handover, true, true)
	l.held = clock.Add(3 * time.Second)
	check("held again", time.Second+store.Handover, false, false)
}
