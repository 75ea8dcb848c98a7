package views

import (
	"bentornato/models"
)

// QuietSource is how long a source may say nothing before the first screen mentions it.
const QuietSource = models.QuietAfter

// HomeProps is the first screen: what needs somebody, what is running, and how it goes.
type HomeProps struct {
	Page
	// Pages are all Pages of the installation; the paused ones are shown with their mend.
	Pages []models.Page
	// NeedsOK are restocks that wait for a yes, Running those held, running or paused.
	NeedsOK []models.RestockRow
	Running []models.RestockRow
	// Sources are all sources, and Polls how their systems are asked, by source; those in trouble are shown.
	Sources []models.Source
	Polls   map[string]models.Poll
	// Unassigned counts tokens that nobody knows the product of.
	Unassigned int
	// Products counts variants.
	Products int
	// Closing are people who may be asked and whose window closes soon, the soonest first; ClosingMore: there are others.
	Closing     []models.AskRow
	ClosingMore bool
	// Ending counts the tokens that end within models.EndingSoon, up to EndingLimit.
	Ending, EndingLimit int
	// Steps lead to the first opt-in; the zero value has none done.
	Steps models.FirstSteps
	Stats HomeStats
}

// HomeStats are the counters of the first screen.
type HomeStats struct {
	Contacts int
	Waiting  int
	// Month is what was done this month so far, Before what was done last month up to the same day of it.
	Month, Before models.Day
	// SentByDay are the notifications of the last days, oldest first, today last; any length.
	SentByDay []int
}
