package dispatch

import (
	"time"

	"bentornato/models"
)

// Measures of a window.
const (
	// windowLength is the second in which the platform may see no more calls than the Page's rate (rule 6.5), and a little
	// for what cannot be measured.
	windowLength = time.Second + 2*time.Millisecond
	// maxTransit is how late the platform may take a call at most while it answers as it usually does. Where it does not, and
	// has not answered any call for so long beyond what they usually take, none is known to have arrived: what is sent on
	// may all arrive at once.
	maxTransit = 250 * time.Millisecond
	// lookAgain is how long it is then until it may have answered.
	lookAgain = 10 * time.Millisecond
	// usualFor is how long the quickest call tells what calls usually take: long enough that a moment in which all of them
	// are slow, on a crowded machine, does not pass for usual.
	usualFor = 5 * time.Second
)

// window holds the calls of one Page against its rate where the platform counts them: on arrival. Between here and there
// calls bunch up, behind a busy network or a busy machine, so that an even pace here does not prove an even pace there.
// What can be known is that a call arrived no earlier than it was begun, and no later than it was answered; and since
// calls arrive in about the order in which they were begun, no later than a call that was begun after it was answered.
// The window lets the n-th call after another begin once a second has passed since that one surely had arrived.
//
// So one call that hangs holds no slot, since others are answered; and where none is, no more calls than the rate are under way.
//
// A call that waits here for its turn set out only then, and those after it may have overtaken it. Of an answer's way, what
// every call takes tells nothing about one of them, and is left out: see usual.
type window struct {
	begun int // calls, ever
	known int // of them: those of which it is known when they had arrived
	// calls are the last ones, by their number modulo the length: when each was begun and, once known, had arrived.
	calls [models.MaxRate]time.Time
	// quickest is what calls took at least since a moment, and before it, for as long.
	quickest, before time.Duration
	since            time.Time
}

// free returns the moment from which another call may begin, with at most limit of them a second, as far as is known now.
func (w *window) free(limit int, now time.Time) time.Time {
	n := w.begun - min(max(limit, 1), models.MaxRate)
	if n < 0 {
		return time.Time{}
	}
	at := w.calls[n%models.MaxRate]
	if n >= w.known {
		if w.silent(now) {
			return now.Add(lookAgain)
		}
		at = at.Add(maxTransit)
	}
	return at.Add(windowLength)
}

// silent reports whether the platform has not answered for longer than usual.
func (w *window) silent(now time.Time) bool {
	return w.known < w.begun && now.Sub(w.calls[w.known%models.MaxRate]) > w.least()+maxTransit
}

// begin counts a call that begins now and returns its number.
func (w *window) begin(now time.Time) int {
	number := w.begun
	w.calls[number%models.MaxRate] = now
	w.begun++
	return number
}

// setOut takes note that a call had to wait for its turn until now. It matters as long as the window holds the call.
func (w *window) setOut(number int, now time.Time) {
	if call := &w.calls[number%models.MaxRate]; w.begun-number <= models.MaxRate && now.After(*call) {
		*call = now
	}
}

// usual is what calls lately took at least, with one that took so long and is answered now.
func (w *window) usual(took time.Duration, now time.Time) time.Duration {
	if now.Sub(w.since) >= usualFor {
		w.before, w.quickest, w.since = w.quickest, took, now
	}
	w.quickest = min(w.quickest, took)
	return w.least()
}

func (w *window) least() time.Duration {
	if w.before == 0 {
		return w.quickest
	}
	return min(w.quickest, w.before)
}

// answered takes note that a call, begun then, is answered now, and returns what calls usually take at least.
func (w *window) answered(number int, begun, now time.Time) time.Duration {
	usual := w.usual(now.Sub(begun), now)
	arrived := now.Add(-usual)
	for n := max(w.known, w.begun-models.MaxRate); n <= number; n++ {
		if call := &w.calls[n%models.MaxRate]; arrived.After(*call) {
			*call = arrived
		}
	}
	w.known = max(w.known, number+1)
	return usual
}
