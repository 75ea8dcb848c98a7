package models

import "time"

// QuietAfter is how long a source that used to send may say nothing before people are told, and RefusedInRow how many
// refused calls in a row are: WooCommerce switches a webhook off at the seventh failure, Shopify at the eighth.
const (
	QuietAfter     = 7 * 24 * time.Hour
	RefusedInRow   = 3
	PollFailsInRow = 3
)

// SourceTrouble is what is wrong with a source, where something is.
type SourceTrouble string

// The troubles, the most pressing first.
const (
	SourceRefused SourceTrouble = "refused"     // its calls are refused, one after the other
	SourceUnasked SourceTrouble = "poll_failed" // asking its system fails, one time after the other
	SourceQuiet   SourceTrouble = "quiet"       // it used to send, and does not any more
)

// SourceTroubles are what is wrong with a source now, the most pressing first. A source that never sent is not quiet: it
// is not set up yet, or is one that is only asked. poll is the zero value where it is not asked at all.
func SourceTroubles(s Source, poll Poll, now time.Time) []SourceTrouble {
	var troubles []SourceTrouble
	if s.Refused >= RefusedInRow {
		troubles = append(troubles, SourceRefused)
	}
	if poll.Failures >= PollFailsInRow {
		troubles = append(troubles, SourceUnasked)
	}
	if !s.LastEventAt.IsZero() && now.Sub(s.LastEventAt) >= QuietAfter {
		troubles = append(troubles, SourceQuiet)
	}
	return troubles
}
