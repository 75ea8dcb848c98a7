package models

import "time"

// Dossier is everything known of a contact (rule 7.4), without secrets.
type Dossier struct {
	Contact   Contact
	Messages  []Message
	Interests []Interest
	Requests  []Request
	Tokens    []DossierToken
	OptIns    []OptIn
	Orders    []Order
	Variants  map[int64]Variant
}

// DossierToken is a token with its attempts and clicks.
type DossierToken struct {
	TokenRow
	Attempts []Attempt
	Clicks   []time.Time
}

// Affairs are what products a contact has to do with, for whoever answers them: the latest of each, newest first.
type Affairs struct {
	Interests []Interest
	Requests  []Request
	Tokens    []TokenRow
	Orders    []Order
	Variants  map[int64]Variant
}
