package models

import "time"

// RestockState is where a restock stands.
type RestockState string

// The states of a restock. Done, stopped and cancelled are final.
const (
	RestockHeld      RestockState = "held"      // waits out the hold-down (rule 5.6)
	RestockNeedsOK   RestockState = "needs_ok"  // waits for the merchant's OK (rule 5.6)
	RestockRunning   RestockState = "running"   // tokens are claimed and notifications sent
	RestockPaused    RestockState = "paused"    // the merchant, or a run of identical refusals, paused it
	RestockDone      RestockState = "done"      // no token is left to spend
	RestockStopped   RestockState = "stopped"   // the item sold out again; the rest wait (rule 5.5)
	RestockCancelled RestockState = "cancelled" // the merchant cancelled it
)

// RestockStates lists every state.
var RestockStates = []RestockState{RestockHeld, RestockNeedsOK, RestockRunning, RestockPaused, RestockDone, RestockStopped, RestockCancelled}

var restockMoves = map[RestockState][]RestockState{
	RestockHeld:    {RestockNeedsOK, RestockRunning, RestockPaused, RestockStopped, RestockCancelled},
	RestockNeedsOK: {RestockRunning, RestockStopped, RestockCancelled},
	RestockRunning: {RestockPaused, RestockDone, RestockStopped, RestockCancelled},
	RestockPaused:  {RestockHeld, RestockNeedsOK, RestockRunning, RestockStopped, RestockCancelled},
}

// CanMoveRestock reports whether a restock may go from one state to another.
func CanMoveRestock(from, to RestockState) bool {
	for _, s := range restockMoves[from] {
		if s == to {
			return true
		}
	}
	return false
}

// Open reports whether the restock may still claim tokens, now or later. A variant has at most one open restock.
func (s RestockState) Open() bool {
	return s == RestockHeld || s == RestockNeedsOK || s == RestockRunning || s == RestockPaused
}

// RestockReason is why a restock is in its state, where that needs saying.
type RestockReason string

// The reasons.
const (
	RestockSoldOutAgain RestockReason = "sold_out_again"
	RestockByMerchant   RestockReason = "merchant"
	RestockRefusals     RestockReason = "identical_refusals" // rule 6.4
	RestockBadMessage   RestockReason = "bad_message"        // our message breaks a platform limit (rule 6.4)
	RestockDeleted      RestockReason = "deleted"            // the variant was deleted
)

// Restock is one episode: a variant came back, and notifications go out until the tokens or the stock end.
type Restock struct {
	ID        int64 `gorm:"primaryKey"`
	PageID    string
	VariantID int64
	State     RestockState
	Reason    RestockReason
	// Quantity is the available quantity that the latest report gave; QuantityUnknown where it gave none.
	Quantity        int
	QuantityUnknown bool
	// Budget is how many tokens may be claimed in all so far, over all waves; 0 is no limit (rule 5.5).
	Budget int
	// Wave counts the waves so far, from 1. NextWaveAt is when the next is computed, zero without a limit.
	Wave       int
	NextWaveAt time.Time `gorm:"serializer:ms"`
	// StartAt is when the hold-down ends.
	StartAt     time.Time `gorm:"serializer:ms"`
	NewestFirst bool
	Approved    bool
	// Taken counts the tokens this restock holds or has spent: claimed, sent, unknown and failed.
	// A released token gives its place back.
	Claimed int
	Sent    int
	Unknown int
	Failed  int
	Clicks  int
	// Orders counts the orders that followed, where a shop system reports them (rule 7.2).
	Orders int
	// CursorAt and CursorID say how far claiming has come, in the order of granting. Everything behind the
	// cursor that waits again is found by its NextAt.
	CursorAt int64
	CursorID int64
	// Refusals counts identical code-100 answers in a row (rule 6.4).
	Refusals    int
	RefusalCode string
	// Episode counts the variant's returns up to this one: restocks of one number are about the same stock. Renews is set while uses
	// of recurring opt-ins wait to be renewed.
	Episode   int
	Renews    bool
	CreatedAt time.Time `gorm:"serializer:ms;autoCreateTime:false"`
	StateAt   time.Time `gorm:"serializer:ms"`
	// ClaimedAt is when tokens were last claimed for it; zero while it has not begun.
	ClaimedAt   time.Time `gorm:"serializer:ms"`
	FirstSentAt time.Time `gorm:"serializer:ms"`
	LastSentAt  time.Time `gorm:"serializer:ms"`
}

// Taken is how many tokens the restock holds or has spent.
func (r Restock) Taken() int { return r.Claimed + r.Sent + r.Unknown + r.Failed }

// Limited reports whether the restock works in waves.
func (r Restock) Limited() bool { return r.Budget > 0 }

// Left is how many more tokens the waves so far allow; only meaningful where Limited.
func (r Restock) Left() int { return max(0, r.Budget-r.Taken()) }

// EstimatedEnd is when a restock will have sent what it may, at its Page's rate, if nothing gets in its way; waiting
// counts the variant's waiting tokens. It is the zero time where nobody can tell: the restock is not running or
// held, the Page is paused, nothing is left to send, or more wait than the waves so far allow.
func EstimatedEnd(r Restock, waiting int, page Page, now time.Time) time.Time {
	if (r.State != RestockRunning && r.State != RestockHeld) || page.State == PagePaused || page.Rate < 1 {
		return time.Time{}
	}
	if r.Limited() && waiting > r.Left() {
		return time.Time{}
	}
	left := waiting + r.Claimed
	if left == 0 {
		return time.Time{}
	}
	begin := now
	if r.StartAt.After(begin) {
		begin = r.StartAt
	}
	if until, quiet := QuietUntil(page, begin); quiet {
		begin = until
	}
	return begin.Add(time.Duration(left) * time.Second / time.Duration(page.Rate))
}

// Crossing is what a stock report does to a variant.
type Crossing string

// The crossings of rule 5.2.
const (
	CrossNone    Crossing = "none"     // nothing starts and nothing stops
	CrossBack    Crossing = "back"     // from below min_stock to at or above it: a restock starts
	CrossBelow   Crossing = "below"    // from at or above min_stock to below it: claiming stops
	CrossRaised  Crossing = "raised"   // in stock and more than before: a running restock grows
	CrossSoldOut Crossing = "sold_out" // from available to nothing at all: people are asked (rule 3.3)
)

// Stock is an absolute available quantity, or "in stock, quantity unknown".
type Stock struct {
	Available int
	Unknown   bool
}

// AtLeast reports whether the stock is at or above a minimum. An unknown quantity is at least any minimum: the
// shop said "in stock" and nothing else.
func (s Stock) AtLeast(minimum int) bool {
	return s.Unknown || s.Available >= max(1, minimum)
}

// None reports whether nothing is available. Negative quantities (oversold) count as none.
func (s Stock) None() bool { return !s.Unknown && s.Available <= 0 }

// Cross compares two stocks of a variant with its minimum. Of two things that happen at once the one that
// matters more is answered: below the minimum and sold out is CrossSoldOut, which stops claiming as well.
func Cross(before, after Stock, minimum int) Crossing {
	was, is := before.AtLeast(minimum), after.AtLeast(minimum)
	switch {
	case !was && is:
		return CrossBack
	case !before.None() && after.None():
		return CrossSoldOut
	case was && !is:
		return CrossBelow
	case was && is && !before.Unknown && !after.Unknown && after.Available > before.Available:
		return CrossRaised
	default:
		return CrossNone
	}
}

// RestockQuery selects restocks; the newest stand first.
type RestockQuery struct {
	PageID     string
	VariantIDs []int64 // nil: any
	State      RestockState
	OpenOnly   bool
	Limit      int
	Cursor     string
}

// RestockRow is a restock with its variant.
type RestockRow struct {
	Restock
	Variant Variant
}

// Stale reports whether a stock report of a time is older than the last one applied (rule 5.1). A time in whole seconds,
// as most systems write it, means some moment of that second: it is not older than another moment of the same one.
func Stale(at, last time.Time) bool {
	if at.Nanosecond() == 0 {
		last = last.Truncate(time.Second)
	}
	return at.Before(last)
}
