package models

import "time"

// Dossier is everything known of a contact (rule 7.4), without secrets.
type Dossier struct {
	Contact   Contact
	Messages  []Message
	Interests []Interest
	Requests  []Request
	Tokens    []DossierToken
	Variants  map[int64]Variant
}

// DossierToken is a token with its attempts and clicks.
type DossierToken struct {
	TokenRow
	Attempts []Attempt
	Clicks   []time.Time
}
