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
	// PageID filters; Pages are those to choose from.
	PageID string
	Pages  []models.Page
	Rows   []models.RestockRow
	Pager  Pager
}

// RestockProps is one restock's screen: GET /restocks/{id}.
type RestockProps struct {
	Page
	Progress Progress
	// Attempts are calls, newest first, and Pager says where in the list of all.
	Attempts []models.AttemptRow
	Pager    Pager
	// Revenue is what the orders that followed come to, by currency.
	Revenue []models.Money
}

// Progress is what moves on a restock's screen, in three parts: RestockProgress, RestockActions and RestockBefore render
// them, on the screen and as the events "progress", "actions" and "before" of /restocks/{id}/events; a "done" event there
// ends the stream. Each is sent when it has changed: what somebody is about to press stays where it is.
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
	// Forecast is what the restock would do, and First who would be told first, while it has spent nothing; nil once it
	// has, or is over.
	Forecast *models.Forecast
	First    []models.TokenRow
	// MayWork shows the buttons.
	MayWork bool
	Now     time.Time
	Loc     *time.Location
}
