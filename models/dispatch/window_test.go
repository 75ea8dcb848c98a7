package dispatch

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"bentornato/models"
)

// road is a made-up way to the platform and back. It has a time of its own, and the same numbers every time.
type road struct {
	name string
	// there and back are how long a call and its answer take, late how late the pacer is woken.
	there, back, late func(*rand.Rand) time.Duration
	// turn is how long a call waits here for its turn before it is on its way; nil for not at all.
	turn func(*rand.Rand) time.Duration
	// blocked is how long, at the end of each cycle, nothing gets through: what came meanwhile arrives at its end, all at once.
	blocked, cycle time.Duration
	// enough is the share of its rate that a Page must reach, in percent.
	enough float64
}

// between is a time within bounds, each as likely as the other.
func between(from, to time.Duration) func(*rand.Rand) time.Duration {
	return func(chance *rand.Rand) time.Duration { return from + time.Duration(chance.Int64N(int64(to-from)+1)) }
}

// rarely is a time that is long now and then.
func rarely(share float64, long time.Duration, mostly func(*rand.Rand) time.Duration) func(*rand.Rand) time.Duration {
	return func(chance *rand.Rand) time.Duration {
		if chance.Float64() < share {
			return long
		}
		return mostly(chance)
	}
}

// inTurns is one kind of time for n calls, another for the next n, and so on.
func inTurns(n int, kinds ...func(*rand.Rand) time.Duration) func(*rand.Rand) time.Duration {
	calls := 0
	return func(chance *rand.Rand) time.Duration {
		calls++
		return kinds[calls/n%len(kinds)](chance)
	}
}

// drive sends n calls at a rate and returns when each arrived.
func (r road) drive(rate, n int) []time.Duration {
	type answer struct {
		call task
		at   time.Time
		left bool // it is no answer yet, but the call's setting out
	}
	var (
		chance   = rand.New(rand.NewPCG(1, uint64(rate)))
		epoch    = time.Unix(1_700_000_000, 0)
		now      = epoch
		l        = &lane{held: epoch.Add(time.Hour)}
		j        = job{page: &models.Page{Rate: rate}, interval: time.Duration(1e9 / (0.98 * float64(rate)))}
		answers  []answer
		arrivals []time.Duration
	)
	for len(arrivals) < n {
		slices.SortFunc(answers, func(a, b answer) int { return a.at.Compare(b.at) })
		for len(answers) > 0 && !answers[0].at.After(now) {
			if a := answers[0]; a.left {
				l.window.setOut(a.call.number, a.at)
			} else {
				l.window.answered(a.call.number, a.call.begun, a.at)
			}
			answers = answers[1:]
		}
		j.slot = epoch.Add(time.Duration(len(arrivals)) * j.interval)
		if wait := l.wait(j, now, now); wait > 0 {
			now = now.Add(max(min(wait, 10*time.Millisecond), grain) + r.late(chance))
			continue
		}
		call := l.begin(j, now)
		at := now.Sub(epoch)
		if r.turn != nil {
			at += r.turn(chance)
			answers = append(answers, answer{call, epoch.Add(at), true})
		}
		at += r.there(chance)
		if r.blocked > 0 {
			if until := at.Truncate(r.cycle) + r.cycle; at > until-r.blocked {
				at = until
			}
		}
		arrivals = append(arrivals, at)
		answers = append(answers, answer{call, epoch.Add(at + r.back(chance)), false})
	}
	slices.Sort(arrivals)
	return arrivals
}

// TestPace sends for twenty seconds over roads of all kinds: a Page reaches its rate, and no second at the platform sees
// more than it.
func TestPace(t *testing.T) {
	still := between(0, 0)
	tick := between(0, time.Millisecond)
	for _, r := range []road{
		{name: "next door", there: tick, back: tick, late: tick, enough: 97},
		{name: "a long way", there: between(60*time.Millisecond, 62*time.Millisecond), back: between(90*time.Millisecond, 95*time.Millisecond), late: tick, enough: 97},
		{name: "answers that take their time", there: tick, back: between(20*time.Millisecond, 80*time.Millisecond), late: tick, enough: 96},
		{name: "a pacer that is woken late", there: tick, back: tick, late: rarely(0.005, 30*time.Millisecond, tick), enough: 97},
		{name: "calls that wait for their turn", there: tick, back: tick, late: tick, turn: rarely(0.02, 50*time.Millisecond, still), enough: 96},
		{name: "a platform that stops for long now and then", there: still, back: tick, late: tick, blocked: 3 * time.Second, cycle: 9 * time.Second, enough: 60},
		{name: "a way that is crowded at times", there: inTurns(200, tick, between(50*time.Millisecond, 52*time.Millisecond)), back: tick, late: tick, enough: 95},
		{name: "a platform that stops now and then", there: still, back: tick, late: tick, blocked: 100 * time.Millisecond, cycle: 1500 * time.Millisecond, enough: 90},
		{name: "answers that take seconds", there: tick, back: between(2*time.Second, 2100*time.Millisecond), late: tick, enough: 70},
	} {
		for _, rate := range []int{1, 7, 40, 300} {
			arrivals := r.drive(rate, 20*rate+1)
			most, first := 0, 0
			for i, at := range arrivals {
				for at-arrivals[first] >= time.Second {
					first++
				}
				most = max(most, i-first+1)
			}
			reached := 100 * float64(len(arrivals)-1) / float64(rate) / (arrivals[len(arrivals)-1] - arrivals[0]).Seconds()
			if most > rate || reached < r.enough {
				t.Errorf("%s: at %d/s it reached %.1f %%, with %d in one second; want at least %.0f %% and at most %d", r.name, rate, reached, most, r.enough, rate)
			}
		}
	}
}

// TestPaceAfterStall makes up for a second in which nothing could be sent: at no more than twice the pace, and as far as the
// window allows.
func TestPaceAfterStall(t *testing.T) {
	epoch := time.Unix(1_700_000_000, 0)
	l, interval := &lane{held: epoch.Add(time.Hour)}, 25*time.Millisecond
	var begun []time.Time
	for now := epoch.Add(time.Second); len(begun) < 80; now = now.Add(grain) {
		j := job{page: &models.Page{Rate: 40}, interval: interval, slot: epoch.Add(time.Duration(len(begun)) * interval)}
		if l.wait(j, now, now) > 0 {
			continue
		}
		if n := len(begun); n > 0 && now.Sub(begun[n-1]) < interval/2 {
			t.Fatalf("call %d began %s after the one before", n, now.Sub(begun[n-1]))
		}
		call := l.begin(j, now)
		l.window.answered(call.number, now, now.Add(time.Millisecond))
		begun = append(begun, now)
	}
	if took := begun[39].Sub(begun[0]); took > 600*time.Millisecond {
		t.Errorf("what was due took %s", took)
	}
	if next := begun[40].Sub(begun[0]); next < time.Second {
		t.Errorf("the 41st call began %s after the first", next)
	}
}

// TestWaitClockSetBack finds the clock set back: a slot that is further ahead than slots are given out is due.
func TestWaitClockSetBack(t *testing.T) {
	now := time.Unix(1_700_000_000, 0)
	j := job{page: &models.Page{Rate: 40}, interval: 25 * time.Millisecond, slot: now.Add(time.Hour)}
	if wait := (&lane{held: now.Add(time.Hour)}).wait(j, now, now); wait > 0 {
		t.Errorf("it waits %s", wait)
	}
}
