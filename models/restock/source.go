package restock

import (
	"context"

	"bentornato/models"
	"bentornato/models/store"
)

// AddSource adds an inventory source under a new unguessable id and returns it with that id.
func (s *Service) AddSource(ctx context.Context, source models.Source, secret string) (models.Source, error) {
	var added models.Source
	err := s.store.Update(ctx, func(tx *store.Tx) error {
		if source.PageID != "" {
			if _, err := tx.Page(ctx, source.PageID); err != nil {
				return err
			}
		}
		var err error
		added, err = tx.AddSource(source, secret)
		return err
	})
	return added, err
}

// RotateSecret gives a source a new secret; the one before it is good until the next rotation.
func (s *Service) RotateSecret(ctx context.Context, id, secret string) error {
	return s.store.Update(ctx, func(tx *store.Tx) error {
		source, err := tx.Source(ctx, id)
		if err != nil {
			return err
		}
		return tx.RotateSecret(source, secret)
	})
}

// DeleteSource removes a source; its URL stops working at once.
func (s *Service) DeleteSource(ctx context.Context, id string) error {
	return s.store.Update(ctx, func(tx *store.Tx) error { return tx.DeleteSource(id) })
}

// RefuseSource counts a call of a source that was refused, and why, so that a wrong secret is seen on the screens
// before the sender gives up.
func (s *Service) RefuseSource(ctx context.Context, id, why string) error {
	return s.store.Update(ctx, func(tx *store.Tx) error { return tx.SourceRefused(id, why) })
}
