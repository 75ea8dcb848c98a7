package views

import "bentornato/models"

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

// SourceProps is one source's screen: GET /sources/{id}.
type SourceProps struct {
	Page
	Source models.Source
	// OnPage is the Page it is tied to; nil: it reports for every Page that lists the SKU.
	OnPage *models.Page
	// URL is the whole webhook address.
	URL string
	// Events are the latest items reported, newest first.
	Events []models.SourceEvent
	Pager  Pager
}
