package views

import (
	"context"

	"bentornato/models"
)

// SourcesProps is the list of inventory sources and the form for another: GET and POST /sources.
type SourcesProps struct {
	Page
	Sources []models.Source
	Pages   []models.Page
	// Kinds are those that web/inventory has an adapter for, in the order of the form.
	Kinds []models.SourceKind
	Form  SourceForm
	// Created is the source just added, whose secret is shown this one time; nil otherwise.
	Created *CreatedSource
}

// SourceForm is what somebody typed to add a source: kind, name, page_id, secret (empty: one is made).
type SourceForm struct {
	Kind   models.SourceKind
	Name   string
	PageID string
	Err    error
}

// CreatedSource is a new source with its whole webhook address and its secret.
type CreatedSource struct {
	Source models.Source
	URL    string
	Secret string
}

// SourceProps is one source's screen: GET /sources/{id}, and the answers of its forms.
type SourceProps struct {
	Page
	Source models.Source
	// OnPage is the Page it is tied to; nil: it reports for every Page that lists the SKU.
	OnPage *models.Page
	// URL is the whole webhook address; an owner's has the key in it, where the system cannot sign.
	URL string
	// Confirmed is false for a system of which a part is known from second hand only.
	Confirmed bool
	// Troubles are what is wrong with it now.
	Troubles []models.SourceTrouble
	// Secret is a new secret, shown this one time; empty otherwise.
	Secret string
	// SecretURL is the address with the secret in it, of a system that cannot sign; shown with Secret.
	SecretURL string
	// Testable says that a test event can be signed for this kind.
	Testable bool
	// Calls are its last calls, newest first.
	Calls []models.Delivery
	Pager Pager
	// Unknown are the SKUs that it reports and nobody lists, Aliases those that somebody tied to a product, and Choices
	// the products to choose from.
	Unknown []models.UnknownSKU
	Aliases []AliasRow
	Choices []models.Variant
	// AliasForm is the form of the mapper that was sent and is wrong; empty otherwise.
	AliasForm AliasForm
	Form      SourceSettings
	// Poll is how its system is asked; Askable is false where that cannot be. AskForm is what the form asks for.
	Poll     models.Poll
	Askable  bool
	AskForm  PollForm
	NeedsKey bool // the system wants an account beside the token
	Places   bool // it counts stock by place
	// Known are the places that it told of.
	Known []string
}

// AliasRow is a SKU of a source with the product that somebody tied it to.
type AliasRow struct {
	SKU     string
	Variant models.Variant
}

// AliasForm is what somebody typed into the mapper: sku (the source's), variant (the SKU of ours).
type AliasForm struct {
	SKU, Variant string
	Err          error
}

// SourceSettings is what somebody typed about a source: name, adds_products ("yes"), currency.
type SourceSettings struct {
	Name         string
	AddsProducts bool
	Currency     string
	Err          error
}

// PollForm is what somebody typed about asking a system: address, account, access, minutes, locations.
type PollForm struct {
	Address, Account, Minutes, Locations string
	Err                                  error
}

// CallProps is one call of a source: GET /sources/{id}/events/{event}.
type CallProps struct {
	Page
	Source models.Source
	Call   models.Delivery
	// Events are what its items did, and Preview what a replay would do now.
	Events  []models.SourceEvent
	Preview []models.SourceEvent
	// PreviewErr says why it cannot be applied again.
	PreviewErr error
}

// settingsOf fills the form of a source's settings with what is on record.
func settingsOf(s models.Source) SourceSettings {
	return SourceSettings{Name: s.Name, AddsProducts: s.AddsProducts, Currency: s.Currency}
}

// settings are what the form shows: what was typed, else what is on record.
func (p SourceProps) settings() SourceSettings {
	if p.Form.Err != nil {
		return p.Form
	}
	return settingsOf(p.Source)
}

// neverHeard reports whether nothing came yet, by either way: then the guide stands open.
func (p SourceProps) neverHeard() bool {
	return p.Source.LastEventAt.IsZero() && p.Poll.DoneAt.IsZero()
}

// secretHead is what a new secret is called.
func (p SourceProps) secretHead(ctx context.Context) string {
	if inAddress(p.Source.Kind) {
		return T(ctx, "source.new_address")
	}
	return T(ctx, "source.new_secret")
}

// makesKey reports whether systems of a kind sign with a key that they make themselves, or publish.
func makesKey(k models.SourceKind) bool {
	switch k {
	case "shopify", "square", "bigcommerce", "ecwid", "fattureincloud":
		return true
	}
	return false
}

// entersSecret reports whether a source's secret is typed into its system, apart from the address.
func entersSecret(k models.SourceKind) bool { return !makesKey(k) && !inAddress(k) }

// createdHint says what to do with what a new source was given.
func createdHint(ctx context.Context, k models.SourceKind) string {
	system := SourceKindName(ctx, k)
	switch {
	case inAddress(k):
		return T(ctx, "sources.created_hint_address", "System", system)
	case makesKey(k):
		return T(ctx, "sources.created_hint_key", "System", system)
	}
	return T(ctx, "sources.created_hint", "System", system)
}

// inAddress reports whether a kind's secret is a part of its address.
func inAddress(k models.SourceKind) bool { return k == "odoo" }
