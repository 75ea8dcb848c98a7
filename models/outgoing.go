package models

import (
	"encoding/json"
	"log/slog"
)

// Recipient is whom a message goes to; exactly one field is set.
type Recipient struct {
	PSID      string
	UserRef   string // a guest of the checkbox plugin
	CommentID string // the one private reply to a comment
	Token     string // a one-time notification token: a secret, spent by the message
	Recurring string // a recurring notification token: a secret, which outlives the message
}

// String names the recipient without the token.
func (r Recipient) String() string {
	switch {
	case r.Token != "":
		return "holder of a token"
	case r.Recurring != "":
		return "holder of a recurring token"
	case r.CommentID != "":
		return "comment " + r.CommentID
	case r.UserRef != "":
		return "guest " + r.UserRef
	default:
		return "contact " + r.PSID
	}
}

// LogValue keeps the token out of logs.
func (r Recipient) LogValue() slog.Value { return slog.StringValue(r.String()) }

// MarshalJSON keeps the token out of JSON, logs among it; the wire's form is written elsewhere.
func (r Recipient) MarshalJSON() ([]byte, error) { return json.Marshal(r.String()) }

// Outgoing is one message to send, with whom it goes to.
type Outgoing struct {
	Recipient Recipient
	Kind      SendKind
	Content   Content
	// Metadata comes back in the echo; at most MaxMetadata characters.
	Metadata string
}
