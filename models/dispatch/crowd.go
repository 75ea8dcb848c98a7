package dispatch

import "time"

// Measures of a crowd.
const (
	// crowdedLate is how late a machine that has no more to do than it can wakes nobody.
	crowdedLate = time.Millisecond
	// crowdedSlow is the share of calls that take longer than twice their usual time and crowdedBy on a crowded machine, reckoned
	// over about slowOver calls.
	crowdedSlow = 0.5
	crowdedBy   = 5 * time.Millisecond
	slowOver    = 64
	// thinEvery and easeEvery are how often the limit is halved while the machine is late, and doubled while it is not and at
	// least half as many calls are under way.
	thinEvery = 10 * time.Millisecond
	easeEvery = 20 * time.Millisecond
	// A machine that was late shows whether it can do with more: it has answered as many calls as the limit since that was doubled,
	// and they took no longer than crowdedMore times what they took before. Twice as many are then answered at least a ninth
	// faster; else it was doubled in vain.
	crowdedMore = 1.8
	// restEvery is how often the limit is halved while few of the calls that it allows are under way, and how long it stays after it
	// was doubled in vain.
	restEvery = time.Second
	// minCrowd calls are always allowed, for all Pages together, and minCrowded for each Page. It begins with firstCrowd, and comes
	// back to them once it has rested. maxCrowd is no limit: a Page's own comes before.
	minCrowd   = 32
	firstCrowd = 64
	minCrowded = 1
	maxCrowd   = 1 << 16
)

// crowd is how many calls may be under way at once, for all Pages together. A machine that has more to do than it can wakes
// the pacer late, and calls take far longer than the platform does. More of them then finish no more of them, and each
// holds a connection and its memory meanwhile, so fewer are begun. Calls that merely wait for the platform, however many
// and however long, make nothing late; and a busy machine that keeps up takes no longer than usual.
//
// It grows as it is needed: what falls due at once for many Pages, as when an item is back on all of them, would else begin
// at once, over thousands of new connections, where a few that are used again and again do as much.
type crowd struct {
	limit   int
	changed time.Time
	// slow is the share of the last calls, some dozens, that took far longer than is usual for their Page.
	slow float64
	// lateAt is when the pacer was last woken late.
	lateAt time.Time
	// answered is how many calls were begun and answered since the limit was changed, and took how long they took in all.
	answered int
	took     time.Duration
	// before is how long a call took before the limit was doubled, and 0 after any other change.
	before time.Duration
	// heldUntil is when it may be doubled again.
	heldUntil time.Time
}

// woken takes note of how late the pacer was woken, with so many calls under way.
func (c *crowd) woken(now time.Time, late time.Duration, inFlight int) {
	since := now.Sub(c.changed)
	if late > crowdedLate {
		c.lateAt = now
	}
	switch {
	case late > crowdedLate && c.slow > crowdedSlow && since >= thinEvery:
		c.change(now, max(minCrowd, min(c.limit, inFlight)/2))
	case since >= easeEvery && inFlight >= c.limit/2 && now.After(c.heldUntil):
		c.grow(now)
	case since >= restEvery && inFlight < c.limit/8:
		c.change(now, max(firstCrowd, c.limit/2))
	}
}

// grow doubles the limit, unless the machine was late just now and has not shown that it can do with more.
func (c *crowd) grow(now time.Time) {
	late := now.Sub(c.lateAt) < easeEvery
	if late && c.answered < c.limit {
		return
	}
	took := c.took / time.Duration(max(1, c.answered))
	if late && c.before > 0 && float64(took) > crowdedMore*float64(c.before) {
		c.change(now, c.limit/2)
		c.heldUntil = now.Add(restEvery)
		return
	}
	c.change(now, min(2*c.limit, maxCrowd))
	c.before = took
}

func (c *crowd) change(now time.Time, limit int) {
	*c = crowd{limit: limit, changed: now, slow: c.slow, lateAt: c.lateAt, heldUntil: c.heldUntil}
}

// answer takes note of a call that was begun and took so long, where its Page's usually take at least so long.
func (c *crowd) answer(begun time.Time, took, usual time.Duration) {
	slow := 0.0
	if took > 2*usual+crowdedBy {
		slow = 1
	}
	c.slow += (slow - c.slow) / slowOver
	if begun.After(c.changed) {
		c.answered++
		c.took += took
	}
}
