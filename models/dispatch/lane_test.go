package dispatch

import (
	"testing"
	"time"

	"bentornato/models"
	"bentornato/models/store"
)

// TestConfess is late for a Page: alone it keeps that to itself, since its window knows; where another process sends too,
// slots are put off by it once, and no more while it lasts.
func TestConfess(t *testing.T) {
	now := time.Unix(1_700_000_000, 0)
	slot := func(i int) time.Time { return now.Add(time.Duration(i) * 100 * time.Millisecond) }
	l := &lane{}
	late := func(by time.Duration) { l.begin(job{page: &models.Page{Rate: 40}, slot: now.Add(-by)}, now, now) }
	check := func(what string, want time.Duration) {
		t.Helper()
		if got := l.confess(now); got != want {
			t.Errorf("%s: %s are confessed, want %s", what, got, want)
		}
	}
	claimed := func() { l.claimed(&store.Claimed{From: l.until, Until: l.until}, now) }
	l.claimed(&store.Claimed{From: slot(0), Until: slot(1)}, now)
	l.claimed(&store.Claimed{From: slot(1), Until: slot(2)}, now)
	late(70 * time.Millisecond)
	check("alone", 0)
	l.claimed(&store.Claimed{From: slot(4), Until: slot(5)}, now)
	check("what was late before another was seen", 60*time.Millisecond)
	check("the claim did not come about", 60*time.Millisecond)
	claimed()
	check("in time", 0)
	claimed()
	late(30 * time.Millisecond)
	late(70 * time.Millisecond)
	late(50 * time.Millisecond)
	check("late", 60*time.Millisecond)
	claimed()
	late(50 * time.Millisecond)
	check("catching up", 0)
	claimed()
	late(80 * time.Millisecond)
	check("later again", 30*time.Millisecond)
	claimed()
	late(-time.Millisecond)
	check("caught up", 0)
	claimed()
	now = now.Add(sharedFor + time.Second)
	late(70 * time.Millisecond)
	check("alone again", 0)
	claimed()
	now = now.Add(windowLength + time.Second)
	check("alone for long", 0)
	l.claimed(&store.Claimed{From: slot(8), Until: slot(9)}, now)
	check("what nobody can see any more", 0)
}
