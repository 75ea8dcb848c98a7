package restock

import (
	"context"

	"bentornato/models"
	"bentornato/models/store"
)

// OfferSetup makes a one-time code for the first owner and returns it; empty where somebody can sign in already.
func (s *Service) OfferSetup(ctx context.Context) (string, error) {
	var code string
	err := s.store.Update(ctx, func(tx *store.Tx) error {
		has, err := tx.HasUsers(ctx)
		if err != nil || has {
			return err
		}
		code = models.NewSetupCode()
		return tx.AddSetupCode(code)
	})
	return code, err
}

// AddFirstOwner makes the first login, of an owner, for whoever shows a code of OfferSetup. The password arrives hashed. A
// wrong code is models.KindInvalid, and models.KindConflict says that somebody was faster.
func (s *Service) AddFirstOwner(ctx context.Context, u models.User, code string) (models.User, error) {
	var added models.User
	err := s.store.Update(ctx, func(tx *store.Tx) error {
		var err error
		added, err = tx.AddFirstOwner(u, code)
		return err
	})
	return added, err
}

// WebhookVerified writes that Meta verified our address.
func (s *Service) WebhookVerified(ctx context.Context) error {
	return s.store.Update(ctx, func(tx *store.Tx) error { return tx.WebhookVerified() })
}

// SetStepsAside puts the list of first steps aside, or back on the first screen.
func (s *Service) SetStepsAside(ctx context.Context, aside bool) error {
	return s.store.Update(ctx, func(tx *store.Tx) error { return tx.SetStepsAside(aside) })
}
