package store

import (
	"context"
	"time"

	"bentornato/models"
)

// Limits of a dossier: the latest so many of each.
const maxDossier = 1000

// Dossier gathers everything known of a contact.
func (r Reader) Dossier(ctx context.Context, c models.Contact, now time.Time) (models.Dossier, error) {
	d := models.Dossier{Contact: c}
	var err error
	if d.Messages, err = r.Conversation(ctx, c.ID, maxDossier); err != nil {
		return d, err
	}
	if d.Interests, err = r.Interests(ctx, c.ID, maxDossier); err != nil {
		return d, err
	}
	if d.Requests, err = r.Requests(ctx, c.ID, maxDossier); err != nil {
		return d, err
	}
	rows, _, err := r.Tokens(ctx, models.TokenQuery{ContactID: c.ID, Limit: maxDossier}, now)
	if err != nil {
		return d, err
	}
	for _, row := range rows {
		t := models.DossierToken{TokenRow: row}
		if t.Attempts, err = r.Attempts(ctx, row.ID); err != nil {
			return d, err
		}
		if t.Clicks, err = r.Clicks(ctx, row.ID); err != nil {
			return d, err
		}
		d.Tokens = append(d.Tokens, t)
	}
	var ids []int64
	for _, i := range d.Interests {
		ids = append(ids, i.VariantID)
	}
	for _, q := range d.Requests {
		ids = append(ids, q.VariantID)
	}
	d.Variants, err = r.Variants(ctx, ids)
	return d, err
}
