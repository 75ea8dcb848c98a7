package restock

import (
	"context"

	"bentornato/models/store"
)

// Click counts that the link of a notification was opened and returns the web address it leads to (rule 7.2). A
// code that was never given out is models.KindNotFound.
func (s *Service) Click(ctx context.Context, code string) (string, error) {
	var address string
	err := s.store.Update(ctx, func(tx *store.Tx) error {
		var err error
		address, err = tx.Click(code)
		return err
	})
	return address, err
}
