package store

import (
	"context"

	"bentornato/models"
)

// SaveTester remembers which contact of a Page a user is.
func (t *Tx) SaveTester(userID int64, c models.Contact) error {
	return t.db.Exec(`INSERT INTO testers (user_id, page_id, contact_id) VALUES (?, ?, ?)
		ON CONFLICT (user_id, page_id) DO UPDATE SET contact_id = excluded.contact_id`, userID, c.PageID, c.ID).Error
}

// Tester returns the contact that a user said they are on a Page; not found until they did, or once it was erased.
func (r Reader) Tester(ctx context.Context, userID int64, pageID string) (models.Contact, error) {
	var c models.Contact
	err := r.with(ctx).Raw(`SELECT c.* FROM testers t JOIN contacts c ON c.id = t.contact_id
		WHERE t.user_id = ? AND t.page_id = ? AND c.erased_at = 0`, userID, pageID).First(&c).Error
	return c, found(err, "Choose first which contact you are.")
}
