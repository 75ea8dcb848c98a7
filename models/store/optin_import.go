package store

import (
	"context"

	"gorm.io/gorm/clause"

	"bentornato/models"
)

// OptInImport returns how far a Page's own list of recurring permissions was read; its zero value where it never was.
func (r Reader) OptInImport(ctx context.Context, pageID string) (models.OptInImport, error) {
	var list []models.OptInImport
	err := r.with(ctx).Limit(1).Find(&list, "page_id = ?", pageID).Error
	if err != nil || len(list) == 0 {
		return models.OptInImport{}, translate(err)
	}
	return list[0], nil
}

// RunningImports lists the Pages whose list is being read, the longest running first.
func (r Reader) RunningImports(ctx context.Context) (ids []string, err error) {
	err = r.with(ctx).Raw("SELECT page_id FROM optin_imports WHERE state = 'running' ORDER BY state_at, page_id").Scan(&ids).Error
	return ids, translate(err)
}

// BeginImport lets a Page's list be read: from where it stopped, or from the start where it was read to the end. One that is
// running goes on.
func (t *Tx) BeginImport(ctx context.Context, pageID string) error {
	i, err := t.OptInImport(ctx, pageID)
	if err != nil || i.State == models.ImportRunning {
		return err
	}
	if i.State != models.ImportFailed {
		i = models.OptInImport{PageID: pageID, StartedAt: t.now}
	}
	i.State, i.Problem, i.StateAt = models.ImportRunning, "", t.now
	if err := t.db.Clauses(clause.OnConflict{Columns: []clause.Column{{Name: "page_id"}}, UpdateAll: true}).Create(&i).Error; err != nil {
		return err
	}
	return t.recordOnPage(pageID, models.AuditImported)
}

// AdvanceImport writes what one step read, and where the next goes on; empty at the end. It returns false where another process made
// that step meanwhile.
func (t *Tx) AdvanceImport(before models.OptInImport, next string, found, added, waiting int) (bool, error) {
	state := models.ImportRunning
	if next == "" {
		state = models.ImportDone
	}
	res := t.db.Exec(`UPDATE optin_imports SET state = ?, position = ?, found = found + ?, added = added + ?, waiting = waiting + ?, state_at = ?
		WHERE page_id = ? AND state = 'running' AND position = ? AND started_at = ?`,
		state, next, found, added, waiting, millis(t.now), before.PageID, before.Position, millis(before.StartedAt))
	return res.RowsAffected > 0, res.Error
}

// FailImport writes why a Page's list could not be read further. A position that the platform refuses leads back to the start: what
// was read is known, and changes nothing the second time.
func (t *Tx) FailImport(before models.OptInImport, problem string, restart bool) error {
	position := before.Position
	if restart {
		position = ""
	}
	return t.db.Exec("UPDATE optin_imports SET state = ?, problem = ?, position = ?, state_at = ? WHERE page_id = ? AND state = 'running'",
		models.ImportFailed, problem, position, millis(t.now), before.PageID).Error
}

// KnownOptIn reports whether a Page's recurring opt-in with this token is on record, in whatever status.
func (t *Tx) KnownOptIn(pageID, secret string) (bool, error) {
	hash, err := t.seal.fingerprint("optin/"+pageID, secret)
	if err != nil {
		return false, err
	}
	var n int64
	err = t.db.Raw("SELECT COUNT(*) FROM recurring_optins WHERE page_id = ? AND hash = ?", pageID, hash).Scan(&n).Error
	return n > 0, err
}

// RequestByTitle finds the latest request that a contact was asked with in these words: the topic of what it granted.
func (t *Tx) RequestByTitle(contactID int64, title string) (models.Request, bool, error) {
	var list []models.Request
	err := t.db.Raw("SELECT * FROM optin_requests WHERE contact_id = ? AND title = ? AND product = 'notification_messages' ORDER BY id DESC LIMIT 1",
		contactID, title).Scan(&list).Error
	if err != nil || len(list) == 0 {
		return models.Request{}, false, err
	}
	return list[0], true, nil
}

// CountOptIns counts a Page's recurring opt-ins by status.
func (r Reader) CountOptIns(ctx context.Context, pageID string) (map[models.OptInStatus]int, error) {
	var rows []struct {
		Status models.OptInStatus
		N      int
	}
	err := r.with(ctx).Raw("SELECT status, COUNT(*) AS n FROM recurring_optins WHERE page_id = ? GROUP BY status", pageID).Scan(&rows).Error
	counts := map[models.OptInStatus]int{}
	for _, row := range rows {
		counts[row.Status] = row.N
	}
	return counts, translate(err)
}
