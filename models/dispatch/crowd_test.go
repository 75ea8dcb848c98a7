package dispatch

import (
	"testing"
	"time"
)

// TestCrowd lets the pacer wake in time with all under way that may be: more and more may. It wakes it late for a while in
// which calls take long: fewer and fewer may be under way, but for one of each Page, and as many as before once it is in
// time again. Late alone, or slow alone, is nothing. With little to send for a while, it begins anew.
func TestCrowd(t *testing.T) {
	now := time.Unix(1_700_000_000, 0)
	p := newPacer(nil, nil)
	busy, idle := &lane{inFlight: 1000}, &lane{}
	p.inFlight = 1000
	woken := func(after, late time.Duration) {
		now = now.Add(after)
		p.woken(now, late)
	}
	check := func(what string, limit int) {
		t.Helper()
		if p.crowd.limit != limit {
			t.Errorf("%s: %d calls may be under way, want %d", what, p.crowd.limit, limit)
		}
		if full := p.full(busy); full != (limit <= p.inFlight) {
			t.Errorf("%s: full is %v with %d calls under way", what, full, p.inFlight)
		}
		if p.full(idle) {
			t.Errorf("%s: a Page with nothing under way may not begin", what)
		}
	}
	check("at first", firstCrowd)
	woken(time.Hour, crowdedLate)
	check("in time", 2*firstCrowd)
	woken(easeEvery/2, crowdedLate)
	check("in time again at once", 2*firstCrowd)
	for range 3 {
		woken(easeEvery, crowdedLate)
	}
	check("in time for a while", 1024)
	woken(easeEvery, crowdedLate)
	check("in time, with nearly as many under way as may be", 2048)
	woken(easeEvery, crowdedLate)
	check("in time, with fewer than half", 2048)
	p.inFlight = maxCrowd
	for range 20 {
		woken(easeEvery, crowdedLate)
	}
	check("in time for long", maxCrowd)
	p.inFlight = 1000
	answered := func(n int, took time.Duration) {
		for range n {
			p.crowd.answer(now, took, 50*time.Millisecond)
		}
	}
	answered(5*slowOver, 2*50*time.Millisecond)
	woken(thinEvery, crowdedLate+1)
	check("late, with calls that take what they may", maxCrowd)
	answered(slowOver/8, time.Minute)
	woken(thinEvery, crowdedLate+1)
	check("late, with a few calls that hang", maxCrowd)
	answered(slowOver, 120*time.Millisecond)
	woken(thinEvery, crowdedLate)
	check("in time, with slow calls", maxCrowd)
	woken(thinEvery, crowdedLate+1)
	check("late", 500)
	woken(thinEvery/2, crowdedLate+1)
	check("late again at once", 500)
	woken(thinEvery/2, crowdedLate+1)
	check("late again", 250)
	for range 10 {
		woken(thinEvery, time.Second)
	}
	check("late for long", minCrowd)
	woken(thinEvery, 0)
	check("in time again for a moment", minCrowd)
	woken(easeEvery, 0)
	check("in time again", 2*minCrowd)
	for range 4 {
		woken(easeEvery, 0)
	}
	check("as many as before", 1024)
	p.inFlight = 1024/8 - 1
	woken(restEvery/2, 0)
	check("with little to send for a moment", 1024)
	woken(restEvery/2, 0)
	check("with little to send", 512)
	p.inFlight = 0
	for range 10 {
		woken(restEvery, 0)
	}
	check("with nothing to send for long", firstCrowd)
}

// TestCrowdInVain wakes the pacer late throughout. More calls may be under way once as many were begun and answered as might be,
// and as long as they do not take nearly twice as long for it; where they do, it were too many, for a while.
func TestCrowdInVain(t *testing.T) {
	now := time.Unix(1_700_000_000, 0)
	c := crowd{limit: firstCrowd}
	woken := func(after time.Duration) {
		now = now.Add(after)
		c.woken(now, time.Second, maxCrowd)
	}
	answered := func(n int, took time.Duration) {
		for range n {
			c.answer(now, took, took)
		}
	}
	check := func(what string, limit int) {
		t.Helper()
		if c.limit != limit {
			t.Errorf("%s: %d calls may be under way, want %d", what, c.limit, limit)
		}
	}
	c.woken(now, time.Second, maxCrowd)
	check("with no answer yet", firstCrowd)
	now = now.Add(time.Millisecond)
	answered(firstCrowd-1, 100*time.Millisecond)
	woken(time.Minute)
	check("with an answer too few", firstCrowd)
	answered(1, 100*time.Millisecond)
	woken(time.Millisecond)
	check("with as many answers as calls may be under way", 2*firstCrowd)
	c.answer(now.Add(-time.Second), time.Hour, time.Hour)
	now = now.Add(time.Millisecond)
	answered(2*firstCrowd, 179*time.Millisecond)
	woken(easeEvery)
	check("with calls that take longer, but not twice as long", 4*firstCrowd)
	now = now.Add(time.Millisecond)
	answered(4*firstCrowd, 323*time.Millisecond)
	woken(easeEvery)
	check("with calls that take nearly twice as long", 2*firstCrowd)
	now = now.Add(time.Millisecond)
	answered(2*firstCrowd, 179*time.Millisecond)
	woken(restEvery - time.Millisecond)
	check("soon after", 2*firstCrowd)
	woken(2 * time.Millisecond)
	check("later", 4*firstCrowd)
}
