package restock

import (
	"context"

	"bentornato/models"
	"bentornato/models/store"
)

// How much of what is not kept any more one transaction removes. Erasing a person touches many tables.
const (
	forgetBatch = 500
	eraseBatch  = 20
)

// SetRetention says how long things are kept, from the next run of Forget on.
func (s *Service) SetRetention(ctx context.Context, r models.Retention) error {
	return s.store.Update(ctx, func(tx *store.Tx) error { return tx.SaveRetention(ctx, r) })
}

// Forget removes what is older than it is kept, in transactions so small that nothing waits for them, and writes down what
// it removed. It reports that there is no more; run it every hour.
func (s *Service) Forget(ctx context.Context) (bool, error) {
	kept, err := s.store.Retention(ctx)
	if err != nil {
		return false, err
	}
	removed := map[models.Kept]int{}
	for _, kind := range models.KeptKinds {
		before, batch := kept.Before(kind, s.now()), forgetBatch
		if before.IsZero() {
			continue
		}
		if kind == models.KeptContacts {
			batch = eraseBatch
		}
		for ctx.Err() == nil {
			n := 0
			if err := s.store.Update(ctx, func(tx *store.Tx) error {
				var err error
				n, err = tx.Forget(kind, before, batch)
				return err
			}); err != nil {
				return false, err
			}
			if removed[kind] += n; n < batch {
				break
			}
		}
	}
	return false, s.store.Update(context.WithoutCancel(ctx), func(tx *store.Tx) error { return tx.SaveSweep(removed) })
}

// ChangePassword gives a login another password, which arrives hashed. Every session that was begun with the old one ends.
func (s *Service) ChangePassword(ctx context.Context, userID int64, hash string) (models.User, error) {
	return s.protect(ctx, userID, func(tx *store.Tx) error { return tx.SetPassword(userID, hash) })
}

// SignOutEverywhere ends every session of a login.
func (s *Service) SignOutEverywhere(ctx context.Context, userID int64) (models.User, error) {
	return s.protect(ctx, userID, func(tx *store.Tx) error { return tx.RaiseEpoch(userID) })
}

func (s *Service) protect(ctx context.Context, userID int64, change func(tx *store.Tx) error) (models.User, error) {
	if err := s.store.Update(ctx, change); err != nil {
		return models.User{}, err
	}
	return s.store.User(ctx, userID)
}
