package dispatch

import (
	"time"

	"bentornato/models/store"
)

// lane is what is to be sent for one Page, in the order of the slots. Pages never wait for each other: a lane whose calls
// hang holds up itself alone.
type lane struct {
	jobs     []job
	last     time.Time // when its last call began
	window   window
	inFlight int
	// trouble is when the platform last refused the Page as a whole: what was claimed before is not tried.
	trouble time.Time
	// held is until when this process alone sends for the Page; then it waits for a claim to say that it still does.
	held time.Time
}

// lost reports whether another process may send for the Page by now.
func (l *lane) lost(clock time.Time) bool { return !clock.Before(l.held.Add(store.Handover)) }

// wait is how long it is until a job may begin: its slot must have come. After a stall slots are in the past; what they
// held follows at twice the pace, smoothly, and as the window allows.
func (l *lane) wait(j job, now, clock time.Time) time.Duration {
	if !clock.Before(l.held) {
		return horizon // a claim comes sooner, and tells
	}
	wait := j.slot.Sub(clock)
	if wait > horizon+j.interval {
		wait = 0 // the clock was set back since
	}
	return max(wait, l.last.Add(j.interval/2).Sub(now), l.window.free(j.page.Rate, now).Sub(now))
}

// begin counts a call that begins now.
func (l *lane) begin(j job, now time.Time) task {
	l.last = now
	l.inFlight++
	return task{j, l, l.window.begin(now), now}
}
