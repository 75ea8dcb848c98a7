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
	// Sources are all sources that take webhooks; those refused or quiet are shown.
	Sources []models.Source
	// Unassigned counts tokens that nobody knows the product of.
	Unassigned int
	// Products counts variants. With Pages, Sources and Stats it drives the first steps.
	Products int
	Stats    HomeStats
}

// HomeStats are the counters of the first screen.
type HomeStats struct {
	Contacts  int
	Waiting   int
	SentMonth int
	// Clicks counts clicks on notifications of this month.
	Clicks int
	// SentByDay are the notifications of the last days, oldest first, today last; any length.
	SentByDay []int
}
