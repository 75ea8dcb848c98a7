package views

import (
	"time"

	"bentornato/models"
)

// RestocksProps is the list of restocks: GET /restocks with state and cursor.
type RestocksProps struct {
	Page
	// State filters; empty shows all.
	State models.RestockState
	Rows  []models.RestockRow
	Pager Pager
}

// RestockProps is one restock's screen: GET /restocks/{id}.
type RestockProps struct {
	Page
	Progress Progress
	// Attempts are the latest calls, newest first.
	Attempts []models.AttemptRow
}

// Progress is the part of a restock's screen that moves. RestockProgress renders it, on the screen and as the
// "progress" event of /restocks/{id}/events; a "done" event there ends the stream.
type Progress struct {
	Restock models.Restock
	Variant models.Variant
	// OnPage is the Page that sends, whose own pause stops the restock too.
	OnPage models.Page
	// Waiting counts the tokens that wait for this variant.
	Waiting int
	// Rate is the measured pace in messages per second; 0 where nothing was sent in the last seconds.
	Rate float64
	// EndsAt is when it will be done at that pace; zero where that is not known.
	EndsAt time.Time
	// QuietUntil is the end of the quiet hours that hold now; zero where none do.
	QuietUntil time.Time
	// MayWork shows the buttons.
	MayWork bool
	Now     time.Time
	Loc     *time.Location
}
