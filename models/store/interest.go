package store

import (
	"context"
	"time"

	"bentornato/models"
)

// SaveInterest records that a contact asked about a variant.
func (t *Tx) SaveInterest(i models.Interest) error {
	if err := t.db.Create(&i).Error; err != nil {
		return err
	}
	if err := t.countDemand(i.PageID, i.VariantID, i.At, 1, 0); err != nil {
		return err
	}
	return t.count(i.PageID, countInterests, 1)
}

// Sellout is a variant that sold out, and whose interested contacts are still to be asked.
type Sellout struct {
	ID        int64 `gorm:"primaryKey"`
	PageID    string
	VariantID int64
	At        time.Time `gorm:"serializer:ms"`
	DoneAt    time.Time `gorm:"serializer:ms"`
}

// SaveSellout writes that everyone inside the window is to be asked about a variant.
func (t *Tx) SaveSellout(s Sellout) error { return t.db.Create(&s).Error }

// TakeSellout returns the oldest one that is not worked off, and holds it.
func (t *Tx) TakeSellout() (Sellout, error) {
	var s Sellout
	err := t.db.Raw("SELECT * FROM sellouts WHERE done_at = 0 ORDER BY id LIMIT 1" + t.lock("FOR UPDATE SKIP LOCKED")).First(&s).Error
	return s, found(err, "No sell-out is waiting.")
}

// EndSellout writes that everyone has been asked.
func (t *Tx) EndSellout(s Sellout) error {
	return t.db.Exec("UPDATE sellouts SET done_at = ? WHERE id = ?", millis(t.now), s.ID).Error
}

// Askable lists contacts to ask about a variant: those with interest on record since they last wrote stop, an
// open window, no live token and no outstanding request; the window that closes soonest first (rule 3.3).
func (t *Tx) Askable(variantID int64, openSince, outstandingSince time.Time, limit int) ([]models.Contact, error) {
	var list []models.Contact
	err := t.db.Raw(`SELECT c.* FROM contacts c
		WHERE c.last_action_at > ? AND c.erased_at = 0
		AND EXISTS (SELECT 1 FROM interests i WHERE i.variant_id = ? AND i.contact_id = c.id AND i.at > c.stopped_at)
		AND NOT EXISTS (SELECT 1 FROM tokens k WHERE k.contact_id = c.id AND k.variant_id = ? AND k.state IN ('waiting', 'claimed', 'unknown'))
		AND NOT EXISTS (SELECT 1 FROM optin_requests q WHERE q.contact_id = c.id AND q.variant_id = ? AND q.state IN ('queued', 'sent') AND q.created_at > ?)
		ORDER BY c.last_action_at, c.id LIMIT ?`,
		millis(openSince), variantID, variantID, variantID, millis(outstandingSince), limit).Scan(&list).Error
	return list, err
}

// Interests lists a contact's interests, the latest first.
func (r Reader) Interests(ctx context.Context, contactID int64, limit int) ([]models.Interest, error) {
	var list []models.Interest
	err := r.with(ctx).Where("contact_id = ?", contactID).Order("id DESC").Limit(limit).Find(&list).Error
	return list, translate(err)
}
