package store

import (
	"context"

	"bentornato/models"
)

// TakeProbes returns the paused Pages that are to be asked after now, and puts off the next time for each: one process
// asks.
func (s *Store) TakeProbes(ctx context.Context) ([]models.Page, error) {
	var pages []models.Page
	err := s.Update(ctx, func(t *Tx) error {
		tries := map[string]int{}
		var ids []string
		err := t.scan(func(row scanner) error {
			var (
				id string
				n  int
			)
			err := row.Scan(&id, &n)
			ids, tries[id] = append(ids, id), n
			return err
		}, "SELECT page_id, probes FROM page_rates WHERE probe_at > 0 AND probe_at <= ? ORDER BY page_id"+t.lock("FOR UPDATE SKIP LOCKED"), millis(t.now))
		if err != nil || len(ids) == 0 {
			return err
		}
		in, list := t.amongTexts(ids)
		pages = nil
		if err := t.db.Raw("SELECT * FROM pages WHERE state = 'paused' AND id "+in+" ORDER BY id", list).Scan(&pages).Error; err != nil {
			return err
		}
		// A Page that runs again, whoever resumed it, needs no asking after.
		if err := t.db.Exec("UPDATE page_rates SET probe_at = 0 WHERE page_id "+in, list).Error; err != nil {
			return err
		}
		for _, p := range pages {
			if err := t.probeAgain(p.ID, p.PauseReason, tries[p.ID]+1); err != nil {
				return err
			}
		}
		return nil
	})
	return pages, err
}

// probeAgain says when a Page is next asked after.
func (t *Tx) probeAgain(pageID string, why models.PauseReason, tries int) error {
	at := int64(0)
	if d := models.ProbeDelay(why, tries); d > 0 {
		at = millis(t.now.Add(d))
	}
	return t.db.Exec("UPDATE page_rates SET probe_at = ?, probes = ? WHERE page_id = ?", at, tries, pageID).Error
}

// ResumeProbed lets a Page send again that was asked after and answered, slowly at first, and reports whether it was still
// paused for the same reason. How often it was asked after in vain is forgotten only once it has sent something.
func (s *Store) ResumeProbed(ctx context.Context, p models.Page) (bool, error) {
	resumed := false
	err := s.Update(ctx, func(t *Tx) error {
		res := t.db.Exec(`UPDATE pages SET state = 'active', pause_reason = '', pause_detail = '', updated_at = ?
			WHERE id = ? AND state = 'paused' AND pause_reason = ?`, millis(t.now), p.ID, p.PauseReason)
		if resumed = res.RowsAffected > 0; res.Error != nil || !resumed {
			return res.Error
		}
		return t.db.Exec("UPDATE page_rates SET probe_at = 0, hold_until = 0, percent = ?, percent_at = ? WHERE page_id = ?",
			models.ProbePercent, millis(t.now), p.ID).Error
	})
	return resumed, err
}

// forgetProbes is for Pages that have sent something: the next pause is a new one.
func (t *Tx) forgetProbes(pageIDs []string) error {
	if len(pageIDs) == 0 {
		return nil
	}
	in, list := t.amongTexts(pageIDs)
	return t.db.Exec("UPDATE page_rates SET probes = 0 WHERE probes > 0 AND page_id "+in, list).Error
}
