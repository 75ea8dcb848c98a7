package store

import (
	"context"
	"slices"
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
	if d.Orders, err = r.ContactOrders(ctx, c.ID, maxDossier); err != nil {
		return d, err
	}
	if d.OptIns, err = r.OptIns(ctx, c.ID, maxDossier); err != nil {
		return d, err
	}
	d.Variants, err = r.variantsOf(ctx, d.Interests, d.Requests, rows, d.Orders, d.OptIns)
	return d, err
}

// Affairs gathers what products a contact has to do with, the latest limit of each.
func (r Reader) Affairs(ctx context.Context, contactID int64, limit int, now time.Time) (models.Affairs, error) {
	var a models.Affairs
	var err error
	if a.Interests, err = r.Interests(ctx, contactID, limit); err != nil {
		return a, err
	}
	if a.Requests, err = r.Requests(ctx, contactID, limit); err != nil {
		return a, err
	}
	if a.Tokens, _, err = r.Tokens(ctx, models.TokenQuery{ContactID: contactID, Limit: limit}, now); err != nil {
		return a, err
	}
	if a.Orders, err = r.ContactOrders(ctx, contactID, limit); err != nil {
		return a, err
	}
	a.Variants, err = r.variantsOf(ctx, a.Interests, a.Requests, a.Tokens, a.Orders, nil)
	return a, err
}

// ContactOrders lists the orders that a contact's notifications led to, void ones too, the latest report first.
func (r Reader) ContactOrders(ctx context.Context, contactID int64, limit int) ([]models.Order, error) {
	list, _, err := pageByID(r.with(ctx).Where("contact_id = ?", contactID), "", limit, func(o models.Order) int64 { return o.ID })
	return list, err
}

// variantsOf finds the variants that somebody's affairs are about.
func (r Reader) variantsOf(ctx context.Context, interests []models.Interest, requests []models.Request, tokens []models.TokenRow, orders []models.Order, optins []models.OptIn) (map[int64]models.Variant, error) {
	var ids []int64
	for _, i := range interests {
		ids = append(ids, i.VariantID)
	}
	for _, q := range requests {
		ids = append(ids, q.VariantID)
	}
	for _, k := range tokens {
		ids = append(ids, k.VariantID)
	}
	for _, o := range orders {
		ids = append(ids, o.VariantID)
	}
	for _, o := range optins {
		ids = append(ids, o.VariantID)
	}
	slices.Sort(ids)
	return r.Variants(ctx, slices.Compact(ids))
}
