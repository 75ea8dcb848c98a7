package dispatch

import (
	"time"

	"bentornato/models/store"
)

// Measures of a lane that other processes share.
const (
	// sharedFor is how long after another process was seen to send for a Page it is believed to go on.
	sharedFor = 10 * time.Second
	// lateEnough is the lateness that the headroom of the slots makes good.
	lateEnough = 10 * time.Millisecond
)

// lane is what is to be sent for one Page, in the order of the slots. Pages never wait for each other: a lane whose calls
// hang holds up itself alone.
//
// What one process sends the window holds to the rate, whatever makes it late. It does not see what others send for the
// Page at the slots in between; so where there are others, whoever is late says so with the next claim, and the slots that
// follow are put off.
type lane struct {
	jobs     []job
	last     time.Time // when its last call began
	window   window
	inFlight int
	// trouble is when the platform last refused the Page as a whole: what was claimed before is not tried.
	trouble time.Time
	// until is where the last claim left the Page's rate; shared is when another was last seen to have moved it on.
	until, shared time.Time
	// late is the most that calls were late since the last claim or, while nobody else was seen, lately; lateAt is when that
	// was. told is what of it the claim under way says, confessed what slots were put off for.
	late, told, confessed time.Duration
	lateAt                time.Time
}

// claimed takes note of where a claim left the Page's rate, and whether another process had moved it on before. What was
// told with it is confessed: a claim that finds the Page in another's hands says nothing.
func (l *lane) claimed(c *store.Claimed, now time.Time) {
	if !l.until.IsZero() && !c.From.Equal(l.until) {
		l.shared = now
	}
	l.until = c.Until
	l.confessed, l.told = l.told, 0
}

// confess returns by how much the Page's next slots must be put off for what was late here, beyond what they were already.
// What was late before another process was seen counts as long as a second may see it: the first claim of all is the one
// that takes longest.
func (l *lane) confess(now time.Time) time.Duration {
	if l.shared.IsZero() || now.Sub(l.shared) > sharedFor {
		if now.Sub(l.lateAt) > windowLength {
			l.late = 0
		}
		return 0
	}
	l.told = max(l.told, l.late-lateEnough, 0)
	l.late = 0
	return max(0, l.told-l.confessed)
}

// wait is how long it is until a job may begin: its slot must have come. After a stall slots are in the past; what they
// held follows at twice the pace, smoothly, and as the window allows.
func (l *lane) wait(j job, now, clock time.Time) time.Duration {
	wait := j.slot.Sub(clock)
	if wait > horizon+j.interval {
		wait = 0 // the clock was set back since
	}
	return max(wait, l.last.Add(j.interval/2).Sub(now), l.window.free(j.page.Rate).Sub(now))
}

// begin counts a call that begins now.
func (l *lane) begin(j job, now, clock time.Time) task {
	l.last = now
	if late := clock.Sub(j.slot); late > l.late {
		l.late, l.lateAt = late, now
	}
	l.inFlight++
	return task{j, l, l.window.begin(now), now}
}
