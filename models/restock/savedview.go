package restock

import (
	"context"

	"bentornato/models"
	"bentornato/models/store"
)

// SaveView keeps a user's filter of the list of products under a name.
func (s *Service) SaveView(ctx context.Context, v models.SavedView) error {
	if err := models.ValidateSavedView(v); err != nil {
		return err
	}
	return s.store.Update(ctx, func(tx *store.Tx) error { return tx.SaveView(v) })
}

// DeleteView forgets one of a user's filters.
func (s *Service) DeleteView(ctx context.Context, userID, id int64) error {
	return s.store.Update(ctx, func(tx *store.Tx) error { return tx.DeleteView(userID, id) })
}
