package views

import (
	"time"

	"bentornato/models"
)

// TokenRow is a token with whom and what it is for. The token's secret is not part of it.
type TokenRow struct {
	Token models.Token
	// Variant is the zero Variant for a token whose payload was unknown.
	Variant models.Variant
	Contact models.Contact
	// Why and WhyUntil are models.WhyWaiting's answer for a waiting token; empty for others.
	Why      models.WaitingReason
	WhyUntil time.Time
}

// TokensProps is the list of tokens: GET /tokens with state, sku and cursor.
type TokensProps struct {
	Page
	// State filters; empty shows all.
	State models.TokenState
	SKU   string
	// Counts are all tokens by state, whatever the filters.
	Counts map[models.TokenState]int
	Rows   []TokenRow
	Pager  Pager
}
