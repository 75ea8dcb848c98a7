package models

import "time"

// TokenState is where a token stands (rule 4.3).
type TokenState string

// The states of a token. Sent, failed, expired and withdrawn are final.
const (
	TokenWaiting   TokenState = "waiting"   // holds its permission, waits for a restock
	TokenClaimed   TokenState = "claimed"   // an attempt holds it; the call is about to be made or under way
	TokenUnknown   TokenState = "unknown"   // the call was made and no answer came
	TokenSent      TokenState = "sent"      // spent: the platform took the message
	TokenFailed    TokenState = "failed"    // the platform says it can never be used
	TokenExpired   TokenState = "expired"   // its year is over
	TokenWithdrawn TokenState = "withdrawn" // the person or the merchant took it back
)

// TokenStates lists every state in the order of a token's life.
var TokenStates = []TokenState{TokenWaiting, TokenClaimed, TokenUnknown, TokenSent, TokenFailed, TokenExpired, TokenWithdrawn}

// tokenMoves are all moves that exist (rule 4.3). Unknown leaves for claimed only by the one more try of rule
// 6.3, and for sent or failed by what settles it.
var tokenMoves = map[TokenState][]TokenState{
	TokenWaiting: {TokenClaimed, TokenExpired, TokenWithdrawn},
	TokenClaimed: {TokenSent, TokenWaiting, TokenUnknown, TokenFailed},
	TokenUnknown: {TokenClaimed, TokenSent, TokenFailed},
}

// CanMove reports whether a token may go from one state to another.
func CanMove(from, to TokenState) bool {
	for _, s := range tokenMoves[from] {
		if s == to {
			return true
		}
	}
	return false
}

// Live reports whether a token in this state still holds, or may hold, its permission: the contact is not asked
// again for the same variant while it does (rule 3.5).
func (s TokenState) Live() bool {
	return s == TokenWaiting || s == TokenClaimed || s == TokenUnknown
}

// A token's life (One-time Notification page and policy: "within one year").
const (
	// TokenLife is how long a token is good for, from the opt-in event's own timestamp.
	TokenLife = 365 * 24 * time.Hour
	// TokenMargin is the last part of it, in which it is not used any more.
	TokenMargin = time.Hour
)

// TokenReason is why a token is in its state, where that needs saying.
type TokenReason string

// The reasons. Why a waiting token waits is worked out when asked (see WhyWaiting), not stored.
const (
	TokenStop         TokenReason = "stop"          // withdrawn: the person wrote stop
	TokenErased       TokenReason = "erased"        // withdrawn: the person was erased
	TokenByMerchant   TokenReason = "merchant"      // withdrawn by the merchant
	TokenYearOver     TokenReason = "year_over"     // expired
	TokenDead         TokenReason = "dead"          // failed: the platform says used, expired or invalid
	TokenUnreachable  TokenReason = "unreachable"   // failed: the person could not be reached, several times
	TokenRefused      TokenReason = "refused"       // failed: the platform refused it for good
	TokenNoAnswer     TokenReason = "no_answer"     // unknown: no answer came
	TokenEcho         TokenReason = "echo"          // sent: settled by the echo
	TokenSecondTry    TokenReason = "second_try"    // sent: a dead token on the second try means the first one arrived
	TokenReleased     TokenReason = "released"      // waiting again: the failure did not spend it
	TokenUnassigned   TokenReason = "unassigned"    // waiting: its payload was not ours; the merchant may assign it
	TokenSoldOut      TokenReason = "sold_out"      // waiting again: the item sold out before the call was made
	TokenUnreadable   TokenReason = "unreadable"    // failed: its seal does not open, so nobody can use it
	TokenKeptUnknown  TokenReason = "kept_unknown"  // failed: two calls without an answer; a third could be one too many
	TokenCap          TokenReason = "cap"           // waiting: its recurring opt-in had a message a short while ago
	TokenRecurringOff TokenReason = "recurring_off" // waiting: the platform refuses the Page recurring notifications
	TokenTopicStop    TokenReason = "topic_stop"    // withdrawn: the person stopped these notifications in Messenger
	TokenReplaced     TokenReason = "replaced"      // withdrawn: another permission of the same person took its place
)

// Token is what a tap on Notify Me returns: one permission, for one contact and one variant, for one year. The
// secret itself is sealed by the store and appears nowhere else (rule 4.4).
type Token struct {
	ID        int64 `gorm:"primaryKey"`
	PageID    string
	ContactID int64
	// VariantID is 0 while the token is unassigned: its payload was unknown.
	VariantID int64
	RequestID int64
	State     TokenState
	Reason    TokenReason
	// Hash finds the token, Sealed holds it encrypted.
	Hash   []byte
	Sealed []byte
	// GrantedAt is the opt-in event's own timestamp, and ExpiresAt a year after it.
	GrantedAt time.Time `gorm:"serializer:ms"`
	ExpiresAt time.Time `gorm:"serializer:ms"`
	StateAt   time.Time `gorm:"serializer:ms"`
	// Attempts counts the calls made with it; the number of the latest names the attempt that holds a claim.
	Attempts int
	// NextAt is when a released token may be tried again; zero if at any time.
	NextAt time.Time `gorm:"serializer:ms"`
	// LeaseUntil is when a claim counts as abandoned by a process that died.
	LeaseUntil time.Time `gorm:"serializer:ms"`
	// RestockID is the restock of the latest claim; 0 before the first.
	RestockID int64
	// Unsure counts the calls that may have arrived: while it is above 0 a "dead token" answer means "sent". Of them
	// Unanswered were seen through to a time-out; the others were cut short by the death of our own process.
	Unsure     int
	Unanswered int
	// Suspect marks a claimed token whose answer, code 100, may be the message's fault (rule 6.4); Suspected counts
	// how often that was so.
	Suspect   bool
	Suspected int
	// Unreachable counts the answers that said the person cannot be reached.
	Unreachable int
	// Transient counts the answers after which the call was to be made again later.
	Transient int
	// OptInID is the recurring opt-in that the row is one use of; 0 for a one-time token. NextOptInID is what waits on for the
	// same product once the row is spent.
	OptInID     int64 `gorm:"column:optin_id"`
	NextOptInID int64 `gorm:"column:next_optin_id"`
	// RetryUntil is until when a second call after one without an answer cannot be a second message; zero for a one-time token,
	// which the platform spends once.
	RetryUntil time.Time `gorm:"serializer:ms"`
	// NotRestock is the restock that the person is told of by another of their permissions; 0 for none.
	NotRestock int64
}

// Recurring reports whether the row is one use of a recurring opt-in, and no one-time token.
func (k Token) Recurring() bool { return k.OptInID != 0 }

// Product is the opt-in product that the row came by.
func (k Token) Product() OptInProduct {
	if k.Recurring() {
		return OptInRecurring
	}
	return OptInOneTime
}

// UsableAt reports whether the token may be spent at t: not in its last hour (rule 4.2).
func (t Token) UsableAt(at time.Time) bool { return at.Before(t.ExpiresAt.Add(-TokenMargin)) }

// TokenExpiry is when a token granted at the given time ends.
func TokenExpiry(granted time.Time) time.Time { return granted.Add(TokenLife) }

// WaitingReason is the answer to "why not yet?" for a waiting token (rule 7.5).
type WaitingReason string

// The reasons a token waits.
const (
	WaitUnassigned   WaitingReason = "unassigned"    // nobody knows yet what it is for
	WaitDeleted      WaitingReason = "deleted"       // the variant is not listed any more
	WaitSoldOut      WaitingReason = "sold_out"      // the variant is not available
	WaitBelowMinimum WaitingReason = "below_minimum" // available, but fewer than min_stock
	WaitNoRestock    WaitingReason = "no_restock"    // available, and no restock is running
	WaitWave         WaitingReason = "wave"          // the wave's tokens are claimed; the next wave comes
	WaitQuiet        WaitingReason = "quiet_hours"   // the shop's quiet hours
	WaitHold         WaitingReason = "hold_down"     // the restock is held to see whether the stock stays
	WaitApproval     WaitingReason = "needs_ok"      // the merchant must say yes
	WaitPaused       WaitingReason = "paused"        // the merchant paused the restock
	WaitPagePaused   WaitingReason = "page_paused"   // the Page may not send
	WaitSpacing      WaitingReason = "spacing"       // the person was notified of something else just now
	WaitBackOff      WaitingReason = "back_off"      // a call failed and will be made again
	WaitRate         WaitingReason = "rate"          // its turn comes, at the Page's rate
	WaitEnding       WaitingReason = "ending"        // in its last hour: it is not used any more
	WaitCap          WaitingReason = "cap"           // Messenger allows one message with a recurring opt-in in so long
	WaitRecurringOff WaitingReason = "recurring_off" // Messenger refuses the Page recurring notifications
)

// WaitingQuestion is what WhyWaiting needs to know.
type WaitingQuestion struct {
	Token   Token
	Variant Variant
	Page    Page
	// Restock is the variant's open one, nil if none is.
	Restock *Restock
	Contact Contact
	Now     time.Time
}

// WhyWaiting answers "why not yet?" for a waiting token, the nearest obstacle first, and until when it stands
// where that is known.
func WhyWaiting(q WaitingQuestion) (WaitingReason, time.Time) {
	switch {
	case q.Token.VariantID == 0:
		return WaitUnassigned, time.Time{}
	case !q.Token.UsableAt(q.Now):
		return WaitEnding, q.Token.ExpiresAt
	case !q.Variant.DeletedAt.IsZero():
		return WaitDeleted, time.Time{}
	case q.Variant.SoldOut():
		return WaitSoldOut, time.Time{}
	case !q.Variant.InStock():
		return WaitBelowMinimum, time.Time{}
	case q.Page.State == PagePaused:
		return WaitPagePaused, time.Time{}
	case q.Restock == nil:
		return WaitNoRestock, time.Time{}
	}
	switch q.Restock.State {
	case RestockHeld:
		return WaitHold, q.Restock.StartAt
	case RestockNeedsOK:
		return WaitApproval, time.Time{}
	case RestockPaused:
		return WaitPaused, time.Time{}
	}
	if until, quiet := QuietUntil(q.Page, q.Now); quiet {
		return WaitQuiet, until
	}
	if q.Token.NextAt.After(q.Now) {
		switch q.Token.Reason {
		case TokenCap:
			return WaitCap, q.Token.NextAt
		case TokenRecurringOff:
			return WaitRecurringOff, q.Token.NextAt
		}
		return WaitBackOff, q.Token.NextAt
	}
	if next := q.Contact.NotifiedAt.Add(q.Page.Settings.Spacing()); !q.Contact.NotifiedAt.IsZero() && next.After(q.Now) {
		return WaitSpacing, next
	}
	if q.Restock.Limited() && q.Restock.Left() <= 0 {
		return WaitWave, q.Restock.NextWaveAt
	}
	return WaitRate, time.Time{}
}

// TokenQuery selects tokens; the newest stand first, or those that end first (see EndsFirst).
type TokenQuery struct {
	PageID        string
	VariantIDs    []int64 // nil: any
	ContactID     int64
	State         TokenState
	Unassigned    bool
	ExpiresBefore time.Time
	Limit         int
	Cursor        string
}

// EndsFirst reports whether what ends first stands in front: of tokens that wait and end before some time.
func (q TokenQuery) EndsFirst() bool {
	return q.State == TokenWaiting && !q.ExpiresBefore.IsZero() && q.ContactID == 0 && !q.Unassigned
}

// TokenRow is a token with what a list shows beside it, and why it still waits.
type TokenRow struct {
	Token
	Variant     Variant // zero for an unassigned token
	ContactName string
	PSID        string
	Why         WaitingReason // empty unless it waits
	WhyUntil    time.Time
	// Wave is that of WaitWave, PauseReason that of WaitPagePaused.
	Wave        int
	PauseReason PauseReason
}
