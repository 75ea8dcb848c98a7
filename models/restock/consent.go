package restock

import (
	"context"

	"bentornato/models"
	"bentornato/models/store"
)

// ExportConsents hands out everything that people allowed a Page, a few hundred at a time, with the tokens themselves only where
// secrets is set: whoever has them can write to these people. That it was done is written down first.
func (s *Service) ExportConsents(ctx context.Context, pageID string, secrets bool, take func([]models.Consent) error) error {
	err := s.store.Update(ctx, func(tx *store.Tx) error {
		if _, err := tx.Page(ctx, pageID); err != nil {
			return err
		}
		return tx.RecordExport(pageID, secrets)
	})
	if err != nil {
		return err
	}
	return s.store.EachConsent(ctx, pageID, secrets, take)
}
