package store

import (
	"context"
	"errors"
	"time"

	"gorm.io/gorm"

	"bentornato/models"
)

// Restock returns a restock.
func (r Reader) Restock(ctx context.Context, id int64) (models.Restock, error) {
	var s models.Restock
	err := r.within(ctx, r.with(ctx)).First(&s, "id = ?", id).Error
	return s, found(err, "There is no such restock.")
}

// OpenRestock returns the variant's open restock, nil if it has none.
func (r Reader) OpenRestock(ctx context.Context, variantID int64) (*models.Restock, error) {
	var s models.Restock
	err := r.with(ctx).Where("variant_id = ? AND state IN ?", variantID, openRestocks).First(&s).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return nil, nil //nolint:nilnil // a variant mostly has none: its absence is an answer, not a failure
	}
	if err != nil {
		return nil, translate(err)
	}
	return &s, nil
}

// LastRestock returns the variant's latest restock, open or over; nil if it never had one.
func (r Reader) LastRestock(ctx context.Context, variantID int64) (*models.Restock, error) {
	var s models.Restock
	err := r.with(ctx).Where("variant_id = ?", variantID).Order("id DESC").First(&s).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return nil, nil //nolint:nilnil // its absence is an answer, not a failure
	}
	if err != nil {
		return nil, translate(err)
	}
	return &s, nil
}

// Restocks lists restocks.
func (r Reader) Restocks(ctx context.Context, q models.RestockQuery) ([]models.RestockRow, string, error) {
	db := r.within(ctx, r.with(ctx).Model(&models.Restock{}))
	if q.PageID != "" {
		db = db.Where("page_id = ?", q.PageID)
	}
	if q.VariantIDs != nil {
		db = db.Where("variant_id IN ?", q.VariantIDs)
	}
	if q.State != "" {
		db = db.Where("state = ?", q.State)
	}
	if q.OpenOnly {
		db = db.Where("state IN ?", openRestocks)
	}
	list, next, err := pageByID(db, q.Cursor, q.Limit, func(s models.Restock) int64 { return s.ID })
	if err != nil {
		return nil, "", err
	}
	ids := make([]int64, len(list))
	for i, s := range list {
		ids[i] = s.VariantID
	}
	variants, err := r.Variants(ctx, ids)
	if err != nil {
		return nil, "", err
	}
	rows := make([]models.RestockRow, len(list))
	for i, s := range list {
		rows[i] = models.RestockRow{Restock: s, Variant: variants[s.VariantID]}
	}
	return rows, next, nil
}

// StartRestock writes a new restock. It costs the same however many tokens wait (rule 5.3).
func (t *Tx) StartRestock(s models.Restock) (models.Restock, error) {
	s.CreatedAt, s.StateAt = t.now, t.now
	return s, t.db.Create(&s).Error
}

// TakeRestock returns a restock and holds its row.
func (t *Tx) TakeRestock(id int64) (models.Restock, error) {
	var s models.Restock
	err := t.db.Raw("SELECT * FROM restocks WHERE id = ?"+t.lock("FOR UPDATE"), id).First(&s).Error
	return s, found(err, "There is no such restock.")
}

// SaveRestock writes what a stock report, a wave or a person changed; the counts and the cursor belong to claims
// and results.
func (t *Tx) SaveRestock(s models.Restock) error {
	return t.db.Exec(`UPDATE restocks SET quantity = ?, quantity_unknown = ?, budget = ?, wave = ?, next_wave_at = ?, start_at = ?, approved = ? WHERE id = ?`,
		s.Quantity, s.QuantityUnknown, s.Budget, s.Wave, millis(s.NextWaveAt), millis(s.StartAt), s.Approved, s.ID).Error
}

// MoveRestock changes a restock's state, and returns false if it is not in the state it is said to come from. A
// move that does not exist is a conflict.
func (t *Tx) MoveRestock(id int64, from, to models.RestockState, why models.RestockReason) (bool, error) {
	if !models.CanMoveRestock(from, to) {
		return false, models.Errorf(models.KindConflict, "A restock that is %s cannot become %s.", from, to)
	}
	res := t.db.Exec("UPDATE restocks SET state = ?, reason = ?, state_at = ?, refusals = 0, refusal_code = '' WHERE id = ? AND state = ?",
		to, why, millis(t.now), id, from)
	if res.Error != nil || res.RowsAffected == 0 {
		return false, res.Error
	}
	return true, t.recordRestock(id, from, to, why)
}

// FinishRestocks ends the running restocks that have nothing left to do: nothing waits, nothing is under way, and
// no answer is outstanding. Each one's variant is held while it is looked at, as it is by a tap that comes at the same
// moment: the tap joins the restock before it ends, or finds it ended.
func (t *Tx) FinishRestocks() (int64, error) {
	idle := ` state = 'running' AND claimed = 0 AND unknown = 0 AND start_at <= ?
		AND NOT EXISTS (SELECT 1 FROM tokens k` + t.by("tokens_waiting") + ` WHERE k.variant_id = restocks.variant_id AND k.state = 'waiting' AND k.next_at = 0 AND k.expires_at > ? AND k.not_restock <> restocks.id)
		AND NOT EXISTS (SELECT 1 FROM tokens k` + t.by("tokens_released") + ` WHERE k.variant_id = restocks.variant_id AND k.state = 'waiting' AND k.next_at > 0 AND k.expires_at > ? AND k.not_restock <> restocks.id)`
	usable := millis(t.now.Add(models.TokenMargin))
	var list []models.Restock
	err := t.db.Raw("SELECT id, variant_id FROM restocks WHERE"+idle+" ORDER BY variant_id", millis(t.now), usable, usable).Scan(&list).Error
	if err != nil {
		return 0, err
	}
	var ended int64
	for _, r := range list {
		if _, err := t.LockVariant(r.VariantID); err != nil {
			return ended, err
		}
		res := t.db.Exec("UPDATE restocks SET state = ?, state_at = ? WHERE id = ? AND"+idle,
			models.RestockDone, millis(t.now), r.ID, millis(t.now), usable, usable)
		if res.Error != nil {
			return ended, res.Error
		}
		ended += res.RowsAffected
	}
	return ended, nil
}

// rewindAfter is how long a running restock claims nothing before it is asked whether its cursor passed a token over.
const rewindAfter = 5 * time.Second

// rewindRestocks sets the cursor back where a token waits behind it that nothing will release: a claim passes over what
// another transaction holds, and that one may be undone.
func (t *Tx) rewindRestocks() error {
	return t.db.Exec(`UPDATE restocks SET cursor_at = 0, cursor_id = 0 WHERE state = 'running' AND cursor_id > 0 AND claimed_at <= ?
		AND EXISTS (SELECT 1 FROM tokens k`+t.by("tokens_waiting")+` WHERE k.variant_id = restocks.variant_id AND k.state = 'waiting' AND k.next_at = 0
			AND k.expires_at > ? AND k.not_restock <> restocks.id AND (k.granted_at, k.id) <= (restocks.cursor_at, restocks.cursor_id))`,
		millis(t.now.Add(-rewindAfter)), millis(t.now.Add(models.TokenMargin))).Error
}

// RecentlySent counts the notifications of a restock whose call was made since a time, for its pace.
func (r Reader) RecentlySent(ctx context.Context, restockID int64, since time.Time) (int, error) {
	var n int
	err := r.with(ctx).Raw("SELECT COUNT(*) FROM attempts WHERE restock_id = ? AND at > ? AND state = 'sent'", restockID, millis(since)).Scan(&n).Error
	return n, translate(err)
}
