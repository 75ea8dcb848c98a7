package dispatch

import (
	"time"

	"bentornato/models"
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
	// refusals are the restocks whose messages the platform refused last.
	refusals map[int64]refusals
	// held is until when this process alone sends for the Page; then it waits for a claim to say that it still does.
	held time.Time
}

// refusals are a run of refusals alike, which may be the message's fault (rule 6.4). The store judges that, from what it is told a
// moment later; what was claimed is not tried meanwhile.
type refusals struct {
	code, subcode, n int
	last             time.Time
}

// settled takes note of what came of a notification, and reports whether the others of its restock are not to be tried.
func (l *lane) settled(s models.Settlement, now time.Time) bool {
	switch {
	case s.State == models.TokenSent:
		delete(l.refusals, s.RestockID)
		return false
	case !s.Suspect:
		return false
	}
	run := l.refusals[s.RestockID]
	if run.code != s.Answer.Code || run.subcode != s.Answer.Subcode {
		run = refusals{code: s.Answer.Code, subcode: s.Answer.Subcode}
	}
	run.n++
	run.last = now
	if l.refusals == nil {
		l.refusals = map[int64]refusals{}
	}
	l.refusals[s.RestockID] = run
	return run.n >= models.MaxRefusals
}

// blamed reports whether a job is for a restock whose messages were refused since it was claimed.
func (l *lane) blamed(j job) bool {
	if j.token == nil {
		return false
	}
	run := l.refusals[j.token.RestockID]
	return run.n >= models.MaxRefusals && !run.last.Before(j.claimed)
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
