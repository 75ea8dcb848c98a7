package views

import (
	"time"

	"bentornato/models"
)

// ShopProps is the public list for shoppers: GET /shop/{page}, in the Page's language.
type ShopProps struct {
	OnPage models.Page
	Rows   []ShopRow
	// Query filters (q); the form shows where there is more than a handful.
	Query string
	Pager Pager
}

// ShopRow is one product with the link that asks about it on Messenger.
type ShopRow struct {
	Variant      models.Variant
	MessengerURL string
}

// DeletionState is where a person's request to be erased stands.
type DeletionState string

// The states of a deletion.
const (
	DeletionPending DeletionState = "pending"
	DeletionDone    DeletionState = "done"
	// DeletionNone: nothing was on record for that person.
	DeletionNone DeletionState = "none"
)

// DeletionProps is the public status page of a data deletion: GET /data-deletion/{code}.
type DeletionProps struct {
	Code  string
	State DeletionState
	// AskedAt is when it was asked for, DoneAt when it was done; zero where that is not so.
	AskedAt time.Time
	DoneAt  time.Time
	Now     time.Time
	Loc     *time.Location
}
