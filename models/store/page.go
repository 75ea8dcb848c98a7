package store

import (
	"context"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"bentornato/models"
)

// Page returns a Page.
func (r Reader) Page(ctx context.Context, id string) (models.Page, error) {
	var p models.Page
	err := gorm.ErrRecordNotFound
	if models.AccessOf(ctx).Allows(id) {
		err = r.with(ctx).First(&p, "id = ?", id).Error
	}
	return p, found(err, "This installation has no Page with the id "+id+".")
}

// Pages lists every Page that whoever asks may see, by name. An installation has a handful, at most a few hundred.
func (r Reader) Pages(ctx context.Context) ([]models.Page, error) {
	var pages []models.Page
	db := r.with(ctx)
	if a := models.AccessOf(ctx); !a.All() {
		db = db.Where("id IN ?", a.Pages())
	}
	err := db.Order("name, id").Find(&pages).Error
	return pages, translate(err)
}

// PageToken opens a Page's access token; empty where none was given yet.
func (r Reader) PageToken(p models.Page) (string, error) {
	if len(p.SealedToken) == 0 {
		return "", nil
	}
	plain, err := r.seal.open("page/"+p.ID, p.SealedToken)
	return string(plain), err
}

// SavePage adds a Page or replaces what a person set on it. A token, where one is given, replaces the old one and
// resumes a paused Page, whose pause was most likely for the old token's sake.
func (t *Tx) SavePage(p models.Page, token string) error {
	if err := models.ValidatePage(p); err != nil {
		return err
	}
	p.UpdatedAt = t.now
	if p.CreatedAt.IsZero() {
		p.CreatedAt = t.now
	}
	if p.State == "" {
		p.State = models.PageActive
	}
	columns := []string{"name", "rate", "locale", "time_zone", "settings", "updated_at"}
	if token != "" {
		sealed, err := t.seal.seal("page/"+p.ID, []byte(token))
		if err != nil {
			return err
		}
		p.SealedToken = sealed
		p.State, p.PauseReason, p.PauseDetail = models.PageActive, "", ""
		columns = append(columns, "sealed_token", "state", "pause_reason", "pause_detail")
	}
	if err := t.recordPage(p, token != ""); err != nil {
		return err
	}
	err := t.db.Clauses(clause.OnConflict{
		Columns: []clause.Column{{Name: "id"}}, DoUpdates: clause.AssignmentColumns(columns),
	}).Create(&p).Error
	if err != nil {
		return err
	}
	return t.db.Exec("INSERT INTO page_rates (page_id) VALUES (?) ON CONFLICT (page_id) DO UPDATE SET hold_until = 0, probe_at = 0, probes = 0", p.ID).Error
}

// PausePage stops a Page's sending and reports whether it was running. Everything it holds is kept.
func (t *Tx) PausePage(id string, why models.PauseReason, detail string) (bool, error) {
	res := t.db.Exec(`UPDATE pages SET state = ?, pause_reason = ?, pause_detail = ?, paused_at = ?, updated_at = ?
		WHERE id = ? AND state = ?`, models.PagePaused, why, detail, millis(t.now), millis(t.now), id, models.PageActive)
	if res.Error != nil || res.RowsAffected == 0 {
		return false, res.Error
	}
	var tries int
	if err := t.db.Raw("SELECT probes FROM page_rates WHERE page_id = ?", id).Scan(&tries).Error; err != nil {
		return true, err
	}
	if err := t.probeAgain(id, why, tries); err != nil {
		return true, err
	}
	return true, t.recordOnPage(id, models.AuditPaused)
}

// ResumePage lets a Page send again.
func (t *Tx) ResumePage(id string) error {
	if err := t.db.Exec("UPDATE page_rates SET hold_until = 0, probe_at = 0, probes = 0 WHERE page_id = ?", id).Error; err != nil {
		return err
	}
	res := t.db.Exec("UPDATE pages SET state = ?, pause_reason = '', pause_detail = '', updated_at = ? WHERE id = ? AND state = ?",
		models.PageActive, millis(t.now), id, models.PagePaused)
	if res.Error != nil || res.RowsAffected == 0 {
		return res.Error
	}
	return t.recordOnPage(id, models.AuditResumed)
}
