package store

import (
	"context"
	"errors"
	"time"

	"gorm.io/gorm"

	"bentornato/models"
)

// Poll returns how a source's system is asked; the zero value where it is not.
func (r Reader) Poll(ctx context.Context, sourceID string) (models.Poll, error) {
	var p models.Poll
	err := r.with(ctx).First(&p, "source_id = ?", sourceID).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return models.Poll{}, nil
	}
	return p, translate(err)
}

// PollsOf returns how each source's system is asked, by source; those that are not asked are left out.
func (r Reader) PollsOf(ctx context.Context) (map[string]models.Poll, error) {
	var list []models.Poll
	if err := r.with(ctx).Find(&list).Error; err != nil {
		return nil, translate(err)
	}
	byID := make(map[string]models.Poll, len(list))
	for _, p := range list {
		byID[p.SourceID] = p
	}
	return byID, nil
}

// PollAccess opens the access token of a poll.
func (r Reader) PollAccess(p models.Poll) (string, error) {
	plain, err := r.seal.open("poll/"+p.SourceID, p.SealedAccess)
	return string(plain), err
}

// SavePoll writes how a source is asked; an empty access keeps the token that is there. What was going on begins again,
// with the next round at once.
func (t *Tx) SavePoll(ctx context.Context, p models.Poll, access string) error {
	if err := models.ValidatePoll(p); err != nil {
		return err
	}
	old, err := t.Poll(ctx, p.SourceID)
	if err != nil {
		return err
	}
	sealed := old.SealedAccess
	switch {
	case access != "":
		if sealed, err = t.seal.seal("poll/"+p.SourceID, []byte(access)); err != nil {
			return err
		}
	case len(sealed) == 0:
		return models.FieldErrorf("access", "The access token is missing.")
	case old.Address != p.Address:
		// A token typed for one shop is not sent to another address because somebody changed that alone.
		return models.FieldErrorf("access", "Type the access token again: the address is another one.")
	}
	next := models.Poll{SourceID: p.SourceID, Address: p.Address, Account: p.Account, SealedAccess: sealed, Minutes: p.Minutes, Locations: append([]string{}, p.Locations...),
		DoneAt: old.DoneAt, DoneChecked: old.DoneChecked, DoneFound: old.DoneFound}
	if !p.Off() {
		next.DueAt, next.NextAt = t.now, t.now
	}
	return t.db.Save(&next).Error
}

// DeletePoll ends asking; the access token is gone.
func (t *Tx) DeletePoll(sourceID string) error {
	return t.db.Exec("DELETE FROM source_polls WHERE source_id = ?", sourceID).Error
}

// PollNow begins a round at once, whatever failed before.
func (t *Tx) PollNow(sourceID string) error {
	return t.db.Exec("UPDATE source_polls SET due_at = ?, next_at = ?, failures = 0 WHERE source_id = ?", millis(t.now), millis(t.now), sourceID).Error
}

// ClaimPolls takes at most n sources that are to be asked now; until the lease ends no other process asks them.
func (s *Store) ClaimPolls(ctx context.Context, n int, lease time.Duration) ([]models.Poll, error) {
	var list []models.Poll
	// Mostly none is, and looking must not hold up those who write.
	var due int64
	now := millis(s.now())
	if err := s.with(ctx).Raw("SELECT next_at FROM source_polls WHERE next_at > 0 AND next_at <= ? AND lease_until <= ? LIMIT 1", now, now).Scan(&due).Error; err != nil || due == 0 {
		return nil, translate(err)
	}
	err := s.Update(ctx, func(t *Tx) error {
		list = nil
		now := millis(t.now)
		return t.db.Raw(`UPDATE source_polls SET lease_until = ?, started_at = CASE WHEN started_at = 0 AND due_at > 0 AND due_at <= ? THEN ? ELSE started_at END
			WHERE source_id `+t.once(`SELECT source_id FROM source_polls WHERE next_at > 0 AND next_at <= ? AND lease_until <= ? ORDER BY next_at LIMIT ?`+t.lock("FOR UPDATE SKIP LOCKED"))+`
			RETURNING *`, millis(t.now.Add(lease)), now, now, now, now, n).Scan(&list).Error
	})
	return list, err
}

// HoldsPoll reports whether a claimed poll is still the caller's, and holds its row: what was asked before somebody
// changed the settings, or after the lease ended, is not applied.
func (t *Tx) HoldsPoll(p models.Poll) (bool, error) {
	var lease []int64
	err := t.db.Raw("SELECT lease_until FROM source_polls WHERE source_id = ?"+t.lock("FOR UPDATE"), p.SourceID).Scan(&lease).Error
	return len(lease) == 1 && lease[0] == millis(p.LeaseUntil), err
}

// SettlePoll writes how far a claimed poll has come and gives it back.
func (t *Tx) SettlePoll(p models.Poll) error {
	p.LeaseUntil = time.Time{}
	return t.db.Model(&p).Select("due_at", "next_at", "lease_until", "started_at", "position", "checked", "found", "done_at", "done_checked", "done_found",
		"failures", "failure", "trouble", "failed_at").Updates(&p).Error
}

// Lookups lists what a source's system is to be asked about, what waits longest first.
func (r Reader) Lookups(ctx context.Context, sourceID string, limit int) ([]models.Lookup, error) {
	var list []models.Lookup
	err := r.with(ctx).Where("source_id = ?", sourceID).Order("id").Limit(limit).Find(&list).Error
	return list, translate(err)
}

// maxLookups bounds what waits to be asked about; beyond it the next round finds it.
const maxLookups = 1000

// AddLookup has a source's system asked about something soon. It returns false where the system cannot be asked.
func (t *Tx) AddLookup(l models.Lookup) (bool, error) {
	p, err := t.pollFor(l.SourceID)
	if err != nil || p == nil {
		return false, err
	}
	err = t.db.Exec(`INSERT INTO source_lookups (source_id, product_id, variant_id, stock_id, at)
		SELECT ?, ?, ?, ?, ? WHERE (SELECT COUNT(*) FROM source_lookups WHERE source_id = ?) < ?
		ON CONFLICT (source_id, product_id, variant_id, stock_id) DO UPDATE SET at = excluded.at`,
		l.SourceID, l.ProductID, l.VariantID, l.StockID, millis(t.now), l.SourceID, maxLookups).Error
	if err != nil {
		return false, err
	}
	// One that fails is left to its own pace.
	return true, t.db.Exec("UPDATE source_polls SET next_at = ? WHERE source_id = ? AND failures = 0 AND (next_at = 0 OR next_at > ?)",
		millis(t.now), l.SourceID, millis(t.now)).Error
}

func (t *Tx) pollFor(sourceID string) (*models.Poll, error) {
	var list []models.Poll
	err := t.db.Where("source_id = ?", sourceID).Limit(1).Find(&list).Error
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return &list[0], nil
}

// EndLookups lets go of what was asked about; what was named again meanwhile stays.
func (t *Tx) EndLookups(list []models.Lookup) error {
	for _, l := range list {
		if err := t.db.Exec("DELETE FROM source_lookups WHERE id = ? AND at <= ?", l.ID, millis(l.At)).Error; err != nil {
			return err
		}
	}
	return nil
}
