package models

import "time"

// Kept is something that is kept for a time only.
type Kept string

// What is kept for a time. Tokens, restocks and counts are kept for good: they are what the shop did, and name nobody once
// a person is forgotten.
const (
	KeptEvents   Kept = "events"   // webhook events as they came, once they are applied
	KeptMessages Kept = "messages" // what was said in conversations, by both sides
	KeptAttempts Kept = "attempts" // what the platform said to attempts that failed; the attempts stay
	KeptClicks   Kept = "clicks"   // who clicked when; the counts stay
	KeptAudit    Kept = "audit"    // who changed what
	KeptContacts Kept = "contacts" // people who have not written for so long and wait for nothing: erased as if they had asked
)

// KeptKinds are all of them, in the order of the screen.
var KeptKinds = []Kept{KeptEvents, KeptMessages, KeptAttempts, KeptClicks, KeptAudit, KeptContacts}

// MaxKept is the longest time that can be set, in days; 0 is for good.
const MaxKept = 3650

// KeptRule is how long something is kept where nobody said otherwise, and the least that may be set, in days.
type KeptRule struct{ Default, Least int }

// Rule returns the rule of a kind.
func (k Kept) Rule() KeptRule {
	switch k {
	case KeptEvents: // Meta delivers an event again for 36 hours; two weeks leave time to find out what went wrong
		return KeptRule{Default: 14, Least: 2}
	case KeptMessages: // a year is a season's questions; a person may be answered for 7 days
		return KeptRule{Default: 365, Least: 7}
	case KeptAttempts: // until nobody asks any more why somebody was not reached
		return KeptRule{Default: 180, Least: 30}
	case KeptClicks: // this year against the last
		return KeptRule{Default: 730, Least: 30}
	case KeptAudit: // long enough to find out who did it, when it turns up at the year's end
		return KeptRule{Default: 730, Least: 90}
	case KeptContacts: // a permission lasts a year; nobody who may still tap one is forgotten
		return KeptRule{Default: 1095, Least: 400}
	default:
		return KeptRule{}
	}
}

// Retention says how many days each kind is kept; 0 is for good.
type Retention map[Kept]int

// DefaultRetention is what holds where nobody said otherwise.
func DefaultRetention() Retention {
	r := Retention{}
	for _, k := range KeptKinds {
		r[k] = k.Rule().Default
	}
	return r
}

// ValidateRetention checks what a person may set.
func ValidateRetention(r Retention) error {
	for _, k := range KeptKinds {
		least := k.Rule().Least
		if days := r[k]; days != 0 && (days < least || days > MaxKept) {
			return FieldErrorf("keep_"+string(k), "Write %d to %d days, or 0 to keep it for good.", least, MaxKept)
		}
	}
	return nil
}

// Before is the time before which a kind is not kept any more; the zero time where it is kept for good.
func (r Retention) Before(k Kept, now time.Time) time.Time {
	if r[k] == 0 {
		return time.Time{}
	}
	return now.AddDate(0, 0, -r[k])
}

// Sweep is what a run removed of what is not kept any more, and when it was.
type Sweep struct {
	At      time.Time
	Removed map[Kept]int
}

// About is what an installation runs on.
type About struct {
	// Database is sqlite or postgres, and DatabaseVersion what it calls itself.
	Database        string
	DatabaseVersion string
	// Schema is the version of the tables.
	Schema int64
	// Size is what the database takes on disk, in bytes.
	Size int64
}
