package views

import "bentornato/models"

// TokensProps is the list of tokens: GET /tokens with state, sku, unassigned=yes and cursor. The secrets are not part of it.
type TokensProps struct {
	Page
	// State filters; empty shows all.
	State models.TokenState
	SKU   string
	// Unassigned shows only tokens that belong to no product.
	Unassigned bool
	// Counts are all tokens by state, whatever the filters.
	Counts map[models.TokenState]int
	Rows   []models.TokenRow
	Pager  Pager
}
