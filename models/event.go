package models

import (
	"encoding/json"
	"time"
)

// Event is one item of a Messenger webhook, read but not yet acted upon. Fields that its kind does not have stay
// empty; ids are strings, as the platform's are.
type Event struct {
	Kind   EventKind `json:"kind"`
	PageID string    `json:"page_id"`
	// PSID is the person, whichever side of the item they stood on. Empty for events about the Page, and for
	// guests of the checkbox plugin, who only have a UserRef.
	PSID    string    `json:"psid,omitempty"`
	UserRef string    `json:"user_ref,omitempty"`
	At      time.Time `json:"at"`
	// Standby is true where another app owns the thread: the event is recorded and never answered.
	Standby bool `json:"standby,omitempty"`

	MID         string `json:"mid,omitempty"`
	Text        string `json:"text,omitempty"`
	Payload     string `json:"payload,omitempty"` // of a postback, a quick reply or an opt-in
	Ref         string `json:"ref,omitempty"`     // of a referral, wherever it stood
	AdID        string `json:"ad_id,omitempty"`
	Source      string `json:"source,omitempty"` // of a referral: SHORTLINK, ADS
	Attachments int    `json:"attachments,omitempty"`
	// Attached is what the attachments are, the first MaxAttachments of them.
	Attached []AttachmentKind `json:"attached,omitempty"`

	// Token is the one-time notification token of an opt-in: a secret.
	Token string `json:"token,omitempty"`
	// Recurring is what a recurring opt-in says beside its token, which stands in Token.
	Recurring *RecurringOptIn `json:"recurring,omitempty"`
	// Ad is what the advertisement showed that a referral came from.
	Ad *AdContext `json:"ad,omitempty"`
	// Metadata and AppID belong to echoes.
	Metadata string `json:"metadata,omitempty"`
	AppID    string `json:"app_id,omitempty"`
	// MIDs and Watermark belong to deliveries and reads.
	MIDs      []string  `json:"mids,omitempty"`
	Watermark time.Time `json:"watermark,omitzero"`
	// Reaction, CommentID, PostID and FromName belong to their kinds.
	Reaction  string `json:"reaction,omitempty"`
	CommentID string `json:"comment_id,omitempty"`
	PostID    string `json:"post_id,omitempty"`
	FromName  string `json:"from_name,omitempty"`
	// Action is what a policy_enforcement or handover event says was done. NewOwner is the app that a handover gives
	// the thread to, and OldOwner the one that had it; the Page's own inbox has none.
	Action   string `json:"action,omitempty"`
	NewOwner string `json:"new_owner,omitempty"`
	OldOwner string `json:"old_owner,omitempty"`
	// Review is what Meta decided about a utility template.
	Review *TemplateReview `json:"review,omitempty"`

	// Raw is the item as it came, for kinds that are only kept.
	Raw json.RawMessage `json:"raw,omitempty"`
	// Key tells the event from every other: a second one with the same key is the same event delivered again.
	Key string `json:"key"`
}

// TellsGuest reports whether the event says which page-scoped id a guest of the checkbox plugin has.
func (e Event) TellsGuest() bool { return e.UserRef != "" && e.PSID != "" }

// AdContext is what a click-to-Messenger advertisement showed (ads_context_data of a referral). All of it may be
// missing.
type AdContext struct {
	Title     string `json:"title,omitempty"`
	PhotoURL  string `json:"photo_url,omitempty"`
	VideoURL  string `json:"video_url,omitempty"`
	PostID    string `json:"post_id,omitempty"`
	ProductID string `json:"product_id,omitempty"` // of a catalogue ad
}

// InboundState is where a stored event stands.
type InboundState string

// The states of a stored event.
const (
	InboundPending InboundState = "pending" // on disk, not yet applied
	InboundApplied InboundState = "applied"
	InboundIgnored InboundState = "ignored" // kept; nothing is done about events of its kind
	InboundFailed  InboundState = "failed"  // applying it failed several times; the reason stands beside it
)

// Inbound is a webhook item on disk. Its body is sealed: it holds people's words and, in opt-ins, tokens.
type Inbound struct {
	ID       int64 `gorm:"primaryKey"`
	Key      string
	PageID   string
	PSID     string `gorm:"column:psid"`
	Kind     EventKind
	State    InboundState
	Reason   string
	Attempts int
	// NextAt is when an event whose applying failed is tried again.
	NextAt     time.Time `gorm:"serializer:ms"`
	EventAt    time.Time `gorm:"serializer:ms"`
	ReceivedAt time.Time `gorm:"serializer:ms"`
	Sealed     []byte
}

// TableName says what the rows are.
func (Inbound) TableName() string { return "inbound_events" }
