package views

import (
	"slices"
	"time"

	"bentornato/models"
)

// dossierEntry is one thing that happened to a contact, at one time. One of its pointers is set, or click.
type dossierEntry struct {
	at time.Time
	// variant is what it was about; nil where it was about none.
	variant  *models.Variant
	interest *models.Interest
	request  *models.Request
	token    *models.Token
	// granted tells a token's beginning from the state it came to.
	granted bool
	attempt *models.Attempt
	message *models.Message
	order   *models.Order
	click   bool
}

// timeline puts a dossier in the order of time, newest first. A token stands twice: when it was granted, and when it
// came to the state it is in. What happened at one time stays in the order in which one leads to the other.
func timeline(d models.Dossier) []dossierEntry {
	about := func(id int64) *models.Variant {
		if v, ok := d.Variants[id]; ok {
			return &v
		}
		return nil
	}
	var entries []dossierEntry
	for i := range d.Messages {
		entries = append(entries, dossierEntry{at: d.Messages[i].At, message: &d.Messages[i]})
	}
	for i := range d.Interests {
		in := &d.Interests[i]
		entries = append(entries, dossierEntry{at: in.At, variant: about(in.VariantID), interest: in})
	}
	for i := range d.Requests {
		r := &d.Requests[i]
		entries = append(entries, dossierEntry{at: r.CreatedAt, variant: about(r.VariantID), request: r})
	}
	for i := range d.Tokens {
		row := &d.Tokens[i]
		variant := about(row.VariantID)
		entries = append(entries, dossierEntry{at: row.GrantedAt, variant: variant, token: &row.Token, granted: true})
		for j := range row.Attempts {
			entries = append(entries, dossierEntry{at: row.Attempts[j].At, variant: variant, attempt: &row.Attempts[j]})
		}
		if row.State != models.TokenWaiting || row.StateAt.After(row.GrantedAt) {
			entries = append(entries, dossierEntry{at: row.StateAt, variant: variant, token: &row.Token})
		}
		for _, at := range row.Clicks {
			entries = append(entries, dossierEntry{at: at, variant: variant, click: true})
		}
	}
	for i := range d.Orders {
		o := &d.Orders[i]
		entries = append(entries, dossierEntry{at: o.At, variant: about(o.VariantID), order: o})
	}
	slices.SortStableFunc(entries, func(a, b dossierEntry) int { return a.at.Compare(b.at) })
	slices.Reverse(entries)
	return entries
}
