package restock

import (
	"context"

	"bentornato/models"
	"bentornato/models/store"
)

// SaveUser adds a login, or changes role and password of the one with the same address. The password arrives
// hashed.
func (s *Service) SaveUser(ctx context.Context, u models.User) error {
	return s.store.Update(ctx, func(tx *store.Tx) error { return tx.SaveUser(u) })
}

// DeleteUser removes a login. Removing the last owner is a conflict: nobody could let anybody in any more.
func (s *Service) DeleteUser(ctx context.Context, id int64) error {
	return s.store.Update(ctx, func(tx *store.Tx) error { return tx.DeleteUser(id) })
}

// SetLanguage remembers a login's language.
func (s *Service) SetLanguage(ctx context.Context, userID int64, language string) error {
	return s.store.Update(ctx, func(tx *store.Tx) error { return tx.SetLanguage(userID, language) })
}

// SeenUser writes that a login was used now.
func (s *Service) SeenUser(ctx context.Context, id int64) error {
	return s.store.Update(ctx, func(tx *store.Tx) error { return tx.SeenUser(id) })
}

// AddKey makes an API key and returns it; it is shown this once, since only its hash is kept.
func (s *Service) AddKey(ctx context.Context, name string, role models.Role, access models.Access) (string, error) {
	var key string
	err := s.store.Update(ctx, func(tx *store.Tx) error {
		var err error
		key, err = tx.AddKey(name, role, access)
		return err
	})
	return key, err
}

// SetUserAccess says on which Pages a login may look and work; an owner's cannot be set.
func (s *Service) SetUserAccess(ctx context.Context, id int64, access models.Access) error {
	return s.store.Update(ctx, func(tx *store.Tx) error { return tx.SetUserAccess(id, access) })
}

// SetKeyAccess says on which Pages an API key may look and work; an owner's cannot be set.
func (s *Service) SetKeyAccess(ctx context.Context, id int64, access models.Access) error {
	return s.store.Update(ctx, func(tx *store.Tx) error { return tx.SetKeyAccess(id, access) })
}

// RevokeKey ends an API key.
func (s *Service) RevokeKey(ctx context.Context, id int64) error {
	return s.store.Update(ctx, func(tx *store.Tx) error { return tx.RevokeKey(id) })
}

// SeenKey writes that an API key was used now.
func (s *Service) SeenKey(ctx context.Context, id int64) error {
	return s.store.Update(ctx, func(tx *store.Tx) error { return tx.SeenKey(id) })
}
