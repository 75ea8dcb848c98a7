package store

import (
	"context"
	"time"

	"bentornato/models"
)

// AskErasure notes that a contact is to be erased at a time, under a code that its public status stands under.
func (t *Tx) AskErasure(contactID int64, code string, at time.Time) error {
	return t.db.Exec("UPDATE contacts SET erase_at = ?, erase_code = ? WHERE id = ? AND erased_at = 0", millis(at), code, contactID).Error
}

// DueErasures lists contacts that are to be erased by now, at most limit.
func (r Reader) DueErasures(ctx context.Context, now time.Time, limit int) ([]models.Contact, error) {
	var list []models.Contact
	err := r.with(ctx).Where("erase_at > 0 AND erase_at <= ?", millis(now)).Order("erase_at").Limit(limit).Find(&list).Error
	return list, translate(err)
}

// FinishErasure writes that a deletion is done.
func (t *Tx) FinishErasure(code string) error {
	return t.db.Exec("UPDATE erasures SET done_at = ? WHERE code = ? AND done_at = 0", millis(t.now), code).Error
}
