package models

import (
	"strconv"
	"time"
)

// ConsentKind is what sort of consent a person gave.
type ConsentKind string

// The kinds, in the order of an export.
const (
	ConsentOneTime   ConsentKind = "one_time"  // a tap on Notify Me: one message
	ConsentRecurring ConsentKind = "recurring" // a recurring opt-in: a message per restock until it is stopped
	ConsentInterest  ConsentKind = "interest"  // they asked about it; it permits nothing by itself
)

// ConsentKinds are all of them.
var ConsentKinds = []ConsentKind{ConsentOneTime, ConsentRecurring, ConsentInterest}

// Consent is one line of the portable export: who allowed what, when, until when, what became of it, and the words that they were
// asked with. It is what another program needs to take a shop over.
type Consent struct {
	Kind   ConsentKind `json:"kind"`
	ID     int64       `json:"id"`
	PageID string      `json:"page_id"`
	PSID   string      `json:"psid" gorm:"column:psid"`
	Name   string      `json:"name,omitempty"`
	// SKU and Product are what it is about; empty for what names no product.
	SKU     string `json:"sku,omitempty" gorm:"column:sku"`
	Product string `json:"product,omitempty"`
	// State is that of a token (TokenState) or of a recurring opt-in (OptInStatus); empty for an interest.
	State  string `json:"state,omitempty"`
	Reason string `json:"reason,omitempty"`
	// Source is how it came: an InterestSource or an OptInSource; empty for a one-time token.
	Source    string    `json:"source,omitempty"`
	GivenAt   time.Time `json:"given_at,omitzero" gorm:"serializer:ms"`
	ExpiresAt time.Time `json:"expires_at,omitzero" gorm:"serializer:ms"`
	StateAt   time.Time `json:"state_at,omitzero" gorm:"serializer:ms"`
	// Uses counts the messages that went out with it, and UsedAt is when the last one did.
	Uses   int       `json:"uses"`
	UsedAt time.Time `json:"used_at,omitzero" gorm:"serializer:ms"`
	// Topic is a recurring opt-in's title.
	Topic string `json:"topic,omitempty"`
	// Question, AskedAt and AskedWith prove what they said yes to: the exact words of the card, when it was made, and the product.
	Question  string    `json:"question,omitempty"`
	AskedAt   time.Time `json:"asked_at,omitzero" gorm:"serializer:ms"`
	AskedWith string    `json:"asked_with,omitempty"`
	// Token is the secret itself, only where an owner chose to take it along.
	Token string `json:"token,omitempty"`

	Hash   []byte `json:"-"`
	Sealed []byte `json:"-"`
}

// ConsentColumns are the head of the export as a table.
func ConsentColumns() []string {
	return []string{"kind", "id", "page_id", "psid", "name", "sku", "product", "state", "reason", "source", "given_at", "expires_at", "state_at",
		"uses", "used_at", "topic", "question", "asked_at", "asked_with", "token"}
}

// Cells are the line of a consent as a table, in the order of ConsentColumns. No cell of what people wrote can run as a formula.
func (c Consent) Cells() []string {
	at := func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return t.UTC().Format(time.RFC3339)
	}
	return []string{string(c.Kind), strconv.FormatInt(c.ID, 10), c.PageID, c.PSID, Defuse(c.Name), Defuse(c.SKU), Defuse(c.Product), c.State, c.Reason, c.Source,
		at(c.GivenAt), at(c.ExpiresAt), at(c.StateAt), strconv.Itoa(c.Uses), at(c.UsedAt), Defuse(c.Topic), Defuse(c.Question), at(c.AskedAt), c.AskedWith, c.Token}
}
