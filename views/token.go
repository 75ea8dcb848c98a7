package views

import (
	"strconv"

	"github.com/a-h/templ"

	"bentornato/models"
)

// TokensProps is the token wallet: GET /tokens with state, sku, ending, unassigned=yes, page_id and cursor. The secrets are not part
// of it.
type TokensProps struct {
	Page
	// State filters; empty shows all.
	State models.TokenState
	SKU   string
	// EndingDays shows only tokens that wait and end within so many days, those that end first in front; 0 shows all.
	EndingDays int
	// Unassigned shows only tokens that belong to no product.
	Unassigned bool
	// PageID shows only one Page's; Pages are those to choose from.
	PageID string
	Pages  []models.Page
	// Counts are all tokens by state, whatever the filters but that by Page.
	Counts map[models.TokenState]int
	Rows   []models.TokenRow
	Pager  Pager
	// Wallet is what stands above the list where nothing is filtered; nil where something is.
	Wallet *Wallet
	// Assign is what somebody typed to say what a token is for: POST /tokens/{id}/assign.
	Assign AssignForm
	// Awaited are products to choose from there, those that most people wait for.
	Awaited []models.Variant
}

// Wallet is what waits, by product and by when it ends.
type Wallet struct {
	// Products are the most awaited; More says that there are others, on /tokens/products.
	Products []models.WalletRow
	More     bool
	Months   models.TokenMonths
	Ending   models.Ending
	// Unassigned counts the tokens of no product, up to 100.
	Unassigned int
}

// AssignForm is a SKU for one token.
type AssignForm struct {
	TokenID int64
	SKU     string
	Err     error
}

// WalletProps is what waits by product, all of it: GET /tokens/products with page_id and cursor.
type WalletProps struct {
	Page
	// PageID shows only one Page's; empty shows all.
	PageID string
	Rows   []models.WalletRow
	Pager  Pager
}

func (p WalletProps) cursor(c string) string {
	return withQuery("/tokens/products", "page_id", p.PageID, "cursor", c)
}

func (p TokensProps) href(state models.TokenState, cursor string) string {
	return p.to("/tokens", state, cursor)
}

func (p TokensProps) to(path string, state models.TokenState, cursor string) string {
	ending := ""
	if p.EndingDays > 0 {
		ending = strconv.Itoa(p.EndingDays)
	}
	return withQuery(path, "state", string(state), "sku", p.SKU, "ending", ending, "unassigned", yes(p.Unassigned), "page_id", p.PageID, "cursor", cursor)
}

func (p TokensProps) cursor(c string) string { return p.href(p.State, c) }

// withdrawal is where a token is withdrawn: behind it the list is the same as before.
func (p TokensProps) withdrawal(id int64) templ.SafeURL {
	return templ.SafeURL(p.to(string(path("/tokens/", id, "/withdraw")), p.State, p.Pager.Cursor))
}

// endingHref leads to the tokens that end within so many days.
func (p TokensProps) endingHref(days int) string {
	return withQuery("/tokens", "ending", strconv.Itoa(days), "page_id", p.PageID)
}

func (p TokensProps) total() int {
	n := 0
	for _, c := range p.Counts {
		n += c
	}
	return n
}

// assignForm is the form of one token: what was typed for it, if anything was.
func (p TokensProps) assignForm(id int64) AssignForm {
	if p.Assign.TokenID == id {
		return p.Assign
	}
	return AssignForm{TokenID: id}
}

// endingClass marks a number of tokens that end soon as what it is.
func endingClass(c models.Count) string {
	if c.N > 0 {
		return "font-semibold"
	}
	return "muted"
}
