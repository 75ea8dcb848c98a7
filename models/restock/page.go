package restock

import (
	"context"

	"bentornato/models"
	"bentornato/models/store"
)

// SavePage adds a Page or replaces what a person set on it. An access token, where one is given, replaces the old
// one and resumes a paused Page.
func (s *Service) SavePage(ctx context.Context, p models.Page, accessToken string) error {
	err := s.store.Update(ctx, func(tx *store.Tx) error { return tx.SavePage(p, accessToken) })
	if err == nil {
		s.waker.Wake()
	}
	return err
}
