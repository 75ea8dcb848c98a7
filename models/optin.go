package models

import "time"

// OptIn is a recurring permission: what a tap on the card of recurring notifications returned (notification_messages). Unlike
// a token it is not spent. Each use of it is a row of tokens, which the engine claims, attempts and settles like any other, and
// which is renewed once the item has sold out again: one message per restock at most.
type OptIn struct {
	ID        int64 `gorm:"primaryKey"`
	PageID    string
	ContactID int64
	// VariantID is what the person was asked about; 0 for a topic that names no product of ours, which is used for what the person
	// asks about.
	VariantID int64
	RequestID int64
	// Title is the topic as the person saw it, Topic that of an m.me/rn link.
	Title     string
	Topic     string
	Frequency string
	TimeZone  string
	Source    OptInSource
	Status    OptInStatus
	Reason    TokenReason
	// Hash finds the opt-in, Sealed holds its token encrypted.
	Hash      []byte
	Sealed    []byte
	GrantedAt time.Time `gorm:"serializer:ms"`
	ExpiresAt time.Time `gorm:"serializer:ms"`
	// StatusAt is the time of the event that gave the status: an older one changes nothing.
	StatusAt time.Time `gorm:"serializer:ms"`
	// UsedAt is when the latest message went out with it, NextUseAt before when the platform would refuse the next.
	UsedAt    time.Time `gorm:"serializer:ms"`
	NextUseAt time.Time `gorm:"serializer:ms"`
	Uses      int
	// HeldBy is the row of tokens whose use is under way or without an answer; 0 for none.
	HeldBy int64
}

// TableName says which opt-ins these are.
func (OptIn) TableName() string { return "recurring_optins" }

// OptInStatus is where a recurring opt-in stands.
type OptInStatus string

// The statuses. A stopped one may be resumed; the others are over.
const (
	OptInActive  OptInStatus = "active"
	OptInStopped OptInStatus = "stopped" // the person stopped it in Messenger, or wrote stop
	OptInExpired OptInStatus = "expired" // its time is over, a newer one took its place, or the platform says that it is no more
	OptInErased  OptInStatus = "erased"  // the person was erased; only the fingerprint stays, so that no list brings them back
)

// OptInSource is how we learned of a recurring opt-in.
type OptInSource string

// The sources.
const (
	OptInByWebhook OptInSource = "webhook"
	OptInByImport  OptInSource = "import"
)

// The platform's caps on recurring notifications ("Marketing Messages (Recurring Notifications)", fetched 11 September 2026).
const (
	// RecurringGap is the least time between two messages with one token: 24 hours, and 48 since 1 September 2025.
	RecurringGap = 48 * time.Hour
	// RecurringGrace is the least wait before an unanswered call is made again. For two minutes after a message the platform takes
	// short follow-ups with the same token, and a second call in that time could be a second message.
	RecurringGrace = 3 * time.Minute
	// RecurringRetry is how long after the first call a second one may be made: while the shorter of the documented gaps lasts, less
	// a margin, the platform refuses it if the first arrived.
	RecurringRetry = 23 * time.Hour
	// RecurringOff is how long after the platform refused a Page the product it is not tried again.
	RecurringOff = 24 * time.Hour
)

// RecurringExpiry is when a recurring opt-in ends that does not say so itself: after 6 months where messages were daily, which is
// also what an opt-in without a frequency is, 9 for weekly and 12 for monthly ones.
func RecurringExpiry(granted time.Time, frequency string) time.Time {
	months := map[string]int{"WEEKLY": 9, "MONTHLY": 12}[frequency]
	if months == 0 {
		months = 6
	}
	return granted.AddDate(0, months, 0)
}

// Covers reports whether the opt-in may be used for a variant at a time.
func (o OptIn) Covers(variantID int64, at time.Time) bool {
	return o.Status == OptInActive && at.Before(o.ExpiresAt.Add(-TokenMargin)) && (o.VariantID == 0 || o.VariantID == variantID)
}

// MayUse answers whether a use of the opt-in may begin now, and if not, why it waits and until when.
func (o OptIn) MayUse(page Page, now time.Time) (ok bool, why TokenReason, until time.Time) {
	switch {
	case page.RecurringRefused(now):
		return false, TokenRecurringOff, page.RecurringOffAt.Add(RecurringOff)
	case o.HeldBy != 0:
		return false, TokenCap, now.Add(time.Minute) // the answer to another use of it is not there yet
	case o.NextUseAt.After(now):
		return false, TokenCap, o.NextUseAt
	}
	return true, "", time.Time{}
}

// RecurringRefused reports whether the platform refused the Page recurring notifications so lately that it is not tried again.
func (p Page) RecurringRefused(now time.Time) bool {
	return !p.RecurringOffAt.IsZero() && now.Before(p.RecurringOffAt.Add(RecurringOff))
}

// SettleRecurring works out what an answer does to one use of a recurring opt-in, as SettleAttempt does for a token. The
// platform's cap does here what single use does there: within it a second call after one without an answer can never be
// a second message. "Too soon" then means that the first arrived. A dead token says nothing about that, so the use has failed.
func SettleRecurring(k Token, a Answer, now time.Time, grace time.Duration) Settlement {
	s := SettleAttempt(k, a, now, max(grace, RecurringGrace))
	switch a.Outcome {
	case OutcomeTooSoon:
		if k.Unsure > 0 {
			s.State, s.Reason, s.NextAt = TokenSent, TokenSecondTry, time.Time{}
		} else {
			s.Reason, s.NextAt = TokenCap, now.Add(max(a.RetryAfter, RecurringGap))
		}
	case OutcomeProductOff:
		s.NextAt = now.Add(RecurringOff)
		if k.Unsure == 0 {
			s.Reason = TokenRecurringOff
		}
	case OutcomeDead, OutcomeRejected:
		if k.Unsure > 0 {
			s.State, s.Reason, s.Suspect = TokenFailed, refusalReason(a.Outcome), false
		}
	}
	return s
}
