package models

import "time"

// RateMeter is where a Page's rate stands (rule 6.5): what the platform lets it use of its setting, and what it sent.
type RateMeter struct {
	// Percent is the share of the setting that may be used now, 10 to 100. Usage headers and refused calls lower it, and it
	// comes back by itself.
	Percent int
	// FullAt is when all of the setting may be used again if the platform asks for nothing more; zero where it may be now.
	FullAt time.Time
	// HoldUntil is until when nothing is sent, since the platform refused a call for its rate; zero where nothing holds.
	HoldUntil time.Time
	// Sent is how many messages and notifications went out in the last minute.
	Sent int
}

// Now is how many messages a second a Page with a setting may send now, at least 1; 0 while it rests.
func (m RateMeter) Now(setting int) int {
	if !m.HoldUntil.IsZero() {
		return 0
	}
	return max(1, setting*m.Percent/100)
}

// Slowed reports whether the platform keeps the Page below its setting.
func (m RateMeter) Slowed() bool { return m.Percent < 100 || !m.HoldUntil.IsZero() }
