package models

import "time"

// Outcome is what a call to the platform came to, read from code and subcode, never from the localised text.
type Outcome string

// The outcomes (rules 6.2 and 6.3).
const (
	OutcomeSent        Outcome = "sent"         // 200 with a message id
	OutcomeTransient   Outcome = "transient"    // try again soon
	OutcomeRateLimited Outcome = "rate_limited" // try again, slower
	OutcomeThreadOwned Outcome = "thread_owned" // another app controls the thread: try again later
	OutcomeUnreachable Outcome = "unreachable"  // the person cannot be reached now, perhaps never
	OutcomeDead        Outcome = "dead"         // code 100 without a better word: a dead token, or a malformed message
	OutcomeRejected    Outcome = "rejected"     // refused for good, and not for the token's sake
	OutcomeOutside     Outcome = "outside"      // outside the allowed window: until the person acts
	OutcomePageTrouble Outcome = "page_trouble" // the Page cannot send at all: pause it, keep everything
	OutcomeUnknown     Outcome = "unknown"      // no answer: it may have arrived
	OutcomeTooSoon     Outcome = "too_soon"     // a recurring token had its message: it can be used again later
	OutcomeProductOff  Outcome = "product_off"  // the Page may not use recurring notifications; everything else goes on
	OutcomeNotSent     Outcome = "not_sent"     // the call never left: nothing was tried, nothing is spent
)

// Answer is what the platform said to one call.
type Answer struct {
	Outcome Outcome
	// MessageID is set when sent. RecipientID may be missing even then.
	MessageID   string
	RecipientID string
	Code        int
	Subcode     int
	// Detail is the platform's own text, localised and unreliable: for a person to read, never to decide on. It
	// never holds a token.
	Detail string
	// Pause is why the Page must stop, for OutcomePageTrouble.
	Pause PauseReason
	// RetryAfter is how long the platform asks to wait; zero where it does not say.
	RetryAfter time.Duration
	// Garbled marks an unknown outcome where something did answer, such as a gateway's page in place of the platform's words.
	Garbled bool
	// Usage is the highest percentage of the usage headers, 0 where there were none. Above 100 is possible.
	Usage int
}

// StopsPage reports whether the platform takes nothing more from the Page for now. Where that is said of a message to one person, or
// of one kind of message, it says nothing of the others: see AboutPage.
func (a Answer) StopsPage() bool {
	return a.Outcome == OutcomePageTrouble || a.Outcome == OutcomeOutside || a.Outcome == OutcomeRateLimited
}

// AttemptState is where an attempt stands.
type AttemptState string

// The states of an attempt.
const (
	AttemptPending AttemptState = "pending" // written; the call is about to be made or under way
	AttemptSent    AttemptState = "sent"
	AttemptRefused AttemptState = "refused"
	AttemptUnknown AttemptState = "unknown"  // no answer came
	AttemptUncall  AttemptState = "not_made" // released before the call was made
)

// Attempt is one call to the platform for a notification, written down before it is made (rule 6.1). Token and
// number together are its id, and travel in the message's metadata.
type Attempt struct {
	TokenID   int64 `gorm:"primaryKey;autoIncrement:false"`
	Number    int   `gorm:"primaryKey;autoIncrement:false"`
	PageID    string
	RestockID int64
	State     AttemptState
	Code      int
	Subcode   int
	Detail    string
	MessageID string
	At        time.Time `gorm:"serializer:ms"`
	SettledAt time.Time `gorm:"serializer:ms"`
}

// AttemptRow is an attempt in a restock's ledger.
type AttemptRow struct {
	Attempt
	ContactID   int64
	ContactName string
	PSID        string `gorm:"column:psid"`
	TokenState  TokenState
}
