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

// DeletionProps is the public status page of a data deletion: GET /data-deletion/{code}.
type DeletionProps struct {
	Erasure models.Erasure
	Now     time.Time
	Loc     *time.Location
}
