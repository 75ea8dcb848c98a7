package models

import (
	"time"
	"unicode/utf8"
)

// Content is what a message says, without the wire's form. Exactly one of Text, Cards, Request and Template is set,
// but that Text with Buttons is a button template.
type Content struct {
	Text         string       `json:"text,omitempty"`
	Buttons      []Button     `json:"buttons,omitempty"`
	QuickReplies []QuickReply `json:"quick_replies,omitempty"`
	Cards        []Card       `json:"cards,omitempty"`
	Request      *RequestCard `json:"request,omitempty"`
	Template     *Filled      `json:"template,omitempty"`
}

// Card is one element of a generic template.
type Card struct {
	Title    string   `json:"title"`
	Subtitle string   `json:"subtitle,omitempty"`
	ImageURL string   `json:"image_url,omitempty"`
	URL      string   `json:"url,omitempty"`
	Buttons  []Button `json:"buttons,omitempty"`
}

// Button opens a web address or sends a postback; one of URL and Payload is set.
type Button struct {
	Title   string `json:"title"`
	URL     string `json:"url,omitempty"`
	Payload string `json:"payload,omitempty"`
}

// QuickReply is a choice under a message.
type QuickReply struct {
	Title   string `json:"title"`
	Payload string `json:"payload"`
}

// RequestCard is the opt-in request's card: only its title and payload are ours, the button is Messenger's.
type RequestCard struct {
	Title   string `json:"title"`
	Payload string `json:"payload"`
	// Recurring asks for recurring notifications in place of one; see RecurringOptIn. The other two belong to it.
	Recurring bool `json:"recurring,omitempty"`
	// ImageURL is the card's picture; TimeZone an IANA name for when Messenger may remind the person.
	ImageURL string `json:"image_url,omitempty"`
	TimeZone string `json:"time_zone,omitempty"`
}

// The platform's limits, in Unicode characters and pieces (Send API reference, v25.0 samples).
const (
	MaxText         = 2000
	MaxButtonText   = 640
	MaxButtonTitle  = 20
	MaxPayload      = 1000
	MaxMetadata     = 1000
	MaxCards        = 10
	MaxCardTitle    = 80
	MaxCardSubtitle = 80
	MaxButtons      = 3
	MaxQuickReplies = 13
)

// Validate holds a message against the platform's limits before it is queued, since the platform's answer to a
// malformed message cannot be told from its answer to a dead token (rule 6.4).
func (c Content) Validate() error {
	set := 0
	for _, has := range []bool{c.Text != "", len(c.Cards) > 0, c.Request != nil, c.Template != nil} {
		if has {
			set++
		}
	}
	if set != 1 {
		return FieldErrorf("message", "A message is a text, cards, an opt-in request or a template, exactly one of them.")
	}
	limit := MaxText
	if len(c.Buttons) > 0 {
		limit = MaxButtonText
	}
	if n := utf8.RuneCountInString(c.Text); n > limit {
		return FieldErrorf("text", "The text has %d characters; Messenger takes %d.", n, limit)
	}
	if len(c.Buttons) > 0 && c.Text == "" {
		return FieldErrorf("buttons", "These buttons need a text; a card has its own.")
	}
	if err := validateButtons(c.Buttons); err != nil {
		return err
	}
	if len(c.QuickReplies) > MaxQuickReplies {
		return FieldErrorf("quick_replies", "Messenger takes %d quick replies.", MaxQuickReplies)
	}
	for _, q := range c.QuickReplies {
		if err := validateChoice(q.Title, q.Payload); err != nil {
			return err
		}
	}
	if len(c.Cards) > MaxCards {
		return FieldErrorf("cards", "Messenger takes %d cards.", MaxCards)
	}
	for _, card := range c.Cards {
		if err := card.validate(); err != nil {
			return err
		}
	}
	if r := c.Request; r != nil {
		if n := utf8.RuneCountInString(r.Title); n == 0 || n > MaxRequestTitle {
			return FieldErrorf("title", "The opt-in request's title has %d characters; it needs 1 to %d.", n, MaxRequestTitle)
		}
		if n := utf8.RuneCountInString(r.Payload); n == 0 || n > MaxPayload {
			return FieldErrorf("payload", "The opt-in request's payload has %d characters; it needs 1 to %d.", n, MaxPayload)
		}
		if err := validateURL("image_url", r.ImageURL); err != nil {
			return err
		}
	}
	if c.Template != nil {
		return c.Template.validate()
	}
	return nil
}

func (c Card) validate() error {
	if n := utf8.RuneCountInString(c.Title); n == 0 || n > MaxCardTitle {
		return FieldErrorf("title", "A card's title has %d characters; it needs 1 to %d.", n, MaxCardTitle)
	}
	if n := utf8.RuneCountInString(c.Subtitle); n > MaxCardSubtitle {
		return FieldErrorf("subtitle", "A card's subtitle has %d characters; Messenger takes %d.", n, MaxCardSubtitle)
	}
	if c.Subtitle == "" && c.ImageURL == "" && c.URL == "" && len(c.Buttons) == 0 {
		return FieldErrorf("card", "A card needs more than a title.")
	}
	if err := validateURL("image_url", c.ImageURL); err != nil {
		return err
	}
	if err := validateURL("url", c.URL); err != nil {
		return err
	}
	return validateButtons(c.Buttons)
}

func validateButtons(buttons []Button) error {
	if len(buttons) > MaxButtons {
		return FieldErrorf("buttons", "Messenger takes %d buttons.", MaxButtons)
	}
	for _, b := range buttons {
		if (b.URL == "") == (b.Payload == "") {
			return FieldErrorf("buttons", "A button has an address or a payload, one of them.")
		}
		if err := validateURL("url", b.URL); err != nil {
			return err
		}
		if err := validateChoice(b.Title, b.Payload); err != nil {
			return err
		}
	}
	return nil
}

func validateChoice(title, payload string) error {
	if n := utf8.RuneCountInString(title); n == 0 || n > MaxButtonTitle {
		return FieldErrorf("buttons", "A button's title has %d characters; it needs 1 to %d.", n, MaxButtonTitle)
	}
	if n := utf8.RuneCountInString(payload); n > MaxPayload {
		return FieldErrorf("buttons", "A button's payload has %d characters; Messenger takes %d.", n, MaxPayload)
	}
	return nil
}

// MessageState is where an outgoing message stands.
type MessageState string

// The states of an outgoing message. A message whose call got no answer is not sent again: it may have arrived,
// and the person would read it twice. Only a notification has a second try, since only a token is proof.
const (
	MessageQueued  MessageState = "queued"
	MessageClaimed MessageState = "claimed"
	MessageSent    MessageState = "sent"
	MessageUnknown MessageState = "unknown" // no answer came; an echo may still settle it as sent
	MessageDropped MessageState = "dropped" // the policy said no at the moment of sending
	MessageFailed  MessageState = "failed"  // the platform refused it
)

// The ranks of outgoing messages. Notifications come after all of them.
const (
	RankRequest = 0
	RankReply   = 1
)

// Message is one message between a Page and a contact. Outgoing ones, but notifications, are the rows that the
// dispatcher sends from; incoming ones and echoes are kept for the conversation.
type Message struct {
	ID        int64 `gorm:"primaryKey"`
	PageID    string
	ContactID int64
	Incoming  bool
	Kind      SendKind
	State     MessageState
	Reason    string
	// Text is what a person would read in it; Content what is sent. Both are empty for attachments only.
	Text    string
	Content *Content `gorm:"serializer:json"`
	// Attachments is what came with it, or instead of a text.
	Attachments []AttachmentKind `gorm:"serializer:json"`
	// MID is the platform's id, unique per Page where set.
	MID string `gorm:"column:mid"`
	// RequestID is the opt-in request that the message carries; 0 for any other.
	RequestID int64
	// Rank orders what waits to be sent: opt-in requests first, the window that closes soonest first among them.
	Rank int
	// TypedBy is the user who typed it; 0 for the program and for incoming messages.
	TypedBy int64
	// CommentID addresses a private reply.
	CommentID string
	CommentAt time.Time `gorm:"serializer:ms"`
	// SendBefore is when the message is of no use any more: the window's end less the margin.
	SendBefore time.Time `gorm:"serializer:ms"`
	NextAt     time.Time `gorm:"serializer:ms"`
	LeaseUntil time.Time `gorm:"serializer:ms"`
	Attempts   int
	At         time.Time `gorm:"serializer:ms"`
	StateAt    time.Time `gorm:"serializer:ms"`
}

// FromElsewhere reports whether somebody wrote the message in the Page's own inbox, or another app sent it: only its echo
// told us of it.
func (m Message) FromElsewhere() bool {
	return !m.Incoming && m.Kind == SendReply && m.Reason == MessageEcho && m.Attempts == 0
}
