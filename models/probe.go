package models

import "time"

// Probing asks after a Page that the platform paused: a cheap read with the Page's access token, never a message, tells
// whether the token is taken at all. A Page that was asked after and resumed sends slowly at first, so that a pause that
// is not over costs a few calls.
const (
	probeSoon = time.Minute      // after what a person mends: access, permissions
	probeSlow = 10 * time.Minute // after what ends by itself: blocks and restrictions, which calling may prolong
	maxProbe  = 6 * time.Hour
	// ProbePercent is the share of its rate with which a Page begins again after a probe; the rest comes back by itself.
	ProbePercent = 10
)

// ProbeDelay is how long to wait before a paused Page is asked after, once that was in vain so many times: it doubles, to
// six hours. It is 0 for a pause that a person asked for, which only a person ends.
func ProbeDelay(why PauseReason, tries int) time.Duration {
	d := probeSoon
	switch why {
	case PauseByMerchant:
		return 0
	case PauseRestricted, PauseBlocked:
		d = probeSlow
	}
	for ; tries > 0 && d < maxProbe; tries-- {
		d *= 2
	}
	return min(d, maxProbe)
}
