package restock

import (
	"context"

	"bentornato/models"
	"bentornato/models/store"
)

// Tie ties a post or an ad of a Page to the product with a SKU. text is what a person pasted; see models.ParseTie.
func (s *Service) Tie(ctx context.Context, pageID string, kind models.TieKind, text, sku string) error {
	if kind != models.TiePost && kind != models.TieAd {
		return models.FieldErrorf("tie_kind", "Choose a post or an ad.")
	}
	ref, err := models.ParseTie(kind, text)
	if err != nil {
		return err
	}
	return s.store.Update(ctx, func(tx *store.Tx) error {
		v, err := tx.VariantBySKU(ctx, pageID, sku)
		if models.KindOf(err) == models.KindNotFound || sku == "" {
			return models.FieldErrorf("tie_sku", "This Page has no product with the SKU %q.", models.Shorten(sku, 40))
		}
		if err != nil {
			return err
		}
		if err := tx.SaveTie(models.Tie{PageID: pageID, Kind: kind, Ref: ref, VariantID: v.ID}); err != nil {
			return err
		}
		return tx.Record(models.AuditEntry{Thing: models.AuditPage, ThingID: pageID, PageID: pageID, Act: models.AuditChanged})
	})
}

// Untie takes it back.
func (s *Service) Untie(ctx context.Context, tie models.Tie) error {
	return s.store.Update(ctx, func(tx *store.Tx) error {
		if err := tx.DeleteTie(tie); err != nil {
			return err
		}
		return tx.Record(models.AuditEntry{Thing: models.AuditPage, ThingID: tie.PageID, PageID: tie.PageID, Act: models.AuditChanged})
	})
}
