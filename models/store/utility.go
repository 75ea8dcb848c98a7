package store

import (
	"context"
	"time"

	"bentornato/models"
)

// Templates lists a Page's utility templates, the latest first.
func (r Reader) Templates(ctx context.Context, pageID string, limit int, cursor string) ([]models.UtilityTemplate, string, error) {
	return pageByID(r.with(ctx).Where("page_id = ?", pageID), cursor, limit, func(t models.UtilityTemplate) int64 { return t.ID })
}

// Template returns a utility template by its number.
func (r Reader) Template(ctx context.Context, id int64) (models.UtilityTemplate, error) {
	var t models.UtilityTemplate
	err := r.with(ctx).First(&t, "id = ?", id).Error
	return t, found(err, "There is no such template.")
}

// TemplateNamed returns a Page's utility template by name and language.
func (r Reader) TemplateNamed(ctx context.Context, pageID, name, language string) (models.UtilityTemplate, error) {
	var t models.UtilityTemplate
	err := r.with(ctx).First(&t, "page_id = ? AND name = ? AND language = ?", pageID, name, language).Error
	return t, found(err, "This Page has no template of that name in that language.")
}

// ApprovedTemplates lists the utility templates that a Page may send, by name; at most models.MaxTemplates.
func (r Reader) ApprovedTemplates(ctx context.Context, pageID string) ([]models.UtilityTemplate, error) {
	var list []models.UtilityTemplate
	err := r.with(ctx).Where("page_id = ? AND status = ?", pageID, models.TemplateApproved).Order("name, language").Limit(models.MaxTemplates).Find(&list).Error
	return list, translate(err)
}

// SaveTemplate writes a utility template, a new one where its number is 0. No other of the Page has its name and language.
func (t *Tx) SaveTemplate(u models.UtilityTemplate) (models.UtilityTemplate, error) {
	var same int64
	if err := t.db.Raw("SELECT COUNT(*) FROM utility_templates WHERE page_id = ? AND name = ? AND language = ? AND id <> ?", u.PageID, u.Name, u.Language, u.ID).Scan(&same).Error; err != nil {
		return u, err
	}
	if same > 0 {
		return u, models.FieldErrorf("template_name", "The Page has a template %s in %s already.", u.Name, u.Language)
	}
	u.UpdatedAt = t.now
	if u.ID != 0 {
		res := t.db.Select("*").Updates(&u)
		if res.Error == nil && res.RowsAffected == 0 {
			return u, models.Errorf(models.KindNotFound, "There is no such template.")
		}
		return u, res.Error
	}
	var all int64
	if err := t.db.Raw("SELECT COUNT(*) FROM utility_templates WHERE page_id = ?", u.PageID).Scan(&all).Error; err != nil {
		return u, err
	}
	if all >= models.MaxTemplates {
		return u, models.Errorf(models.KindConflict, "The Page has %d templates already; delete one first.", models.MaxTemplates)
	}
	u.CreatedAt = t.now
	return u, t.db.Create(&u).Error
}

// DeleteTemplate forgets a utility template; what was sent by it stays.
func (t *Tx) DeleteTemplate(id int64) error {
	res := t.db.Exec("DELETE FROM utility_templates WHERE id = ?", id)
	if res.Error == nil && res.RowsAffected == 0 {
		return models.Errorf(models.KindNotFound, "There is no such template.")
	}
	return res.Error
}

// ReviewTemplate keeps what Meta decided about a template. One that is not known here changes nothing until the templates are read,
// nor does one that is being written anew after a refusal.
func (t *Tx) ReviewTemplate(pageID string, r models.TemplateReview) error {
	return t.db.Exec(`UPDATE utility_templates SET status = ?, reason = ?, reviewed_at = ?, updated_at = ?, platform_id = CASE WHEN ? <> '' THEN ? ELSE platform_id END
		WHERE page_id = ? AND name = ? AND language = ? AND (status <> ? OR reason <> ?) AND NOT (status = ? AND platform_id <> '')`,
		r.Status, r.Reason, millis(t.now), millis(t.now), r.ID, r.ID, pageID, r.Name, r.Language, r.Status, r.Reason, models.TemplateDraft).Error
}

// TakeDueTemplates takes a Page whose utility templates should be read now, so that no other process reads them at the same time.
// Where none is due it is KindNotFound. A Page without templates is never asked.
func (t *Tx) TakeDueTemplates() (string, error) {
	var due []struct {
		PageID      string
		TemplatesAt int64
	}
	err := t.db.Raw(`SELECT DISTINCT u.page_id, COALESCE(h.templates_at, 0) AS templates_at FROM utility_templates u LEFT JOIN page_health h ON h.page_id = u.page_id
		WHERE u.status NOT IN ? AND (COALESCE(h.templates_at, 0) <= ? OR u.status = ? AND COALESCE(h.templates_at, 0) <= ?) ORDER BY templates_at, u.page_id LIMIT 1`,
		[]models.TemplateStatus{models.TemplateDraft, models.TemplateGone}, millis(t.now.Add(-models.TemplateEvery)),
		models.TemplatePending, millis(t.now.Add(-models.TemplatePendingEvery))).Scan(&due).Error
	if err != nil {
		return "", err
	}
	for _, d := range due {
		res := t.db.Exec(`INSERT INTO page_health (page_id, templates_at) VALUES (?, ?)
			ON CONFLICT (page_id) DO UPDATE SET templates_at = excluded.templates_at WHERE page_health.templates_at = ?`, d.PageID, millis(t.now), d.TemplatesAt)
		if res.Error != nil {
			return "", res.Error
		}
		if res.RowsAffected > 0 {
			return d.PageID, nil
		}
	}
	return "", models.Errorf(models.KindNotFound, "No Page's templates are due to be read.")
}

// SaveTemplates keeps what Meta says of a Page's utility templates: those made elsewhere are taken over, and those that were with
// Meta before began and are not listed any more are gone. What Meta has wins over what is here, but for the purpose, which it does
// not know.
func (t *Tx) SaveTemplates(ctx context.Context, pageID string, listed []models.UtilityTemplate, began time.Time) error {
	type identity struct{ name, language string }
	seen := map[identity]bool{}
	var here []models.UtilityTemplate
	if err := t.db.WithContext(ctx).Where("page_id = ?", pageID).Limit(models.MaxTemplates).Find(&here).Error; err != nil {
		return err
	}
	known := map[identity]models.UtilityTemplate{}
	for _, u := range here {
		known[identity{u.Name, u.Language}] = u
	}
	for _, l := range listed {
		k := identity{l.Name, l.Language}
		u, ok := known[k]
		if seen[k] || !ok && len(known) >= models.MaxTemplates {
			continue
		}
		seen[k] = true
		if !ok {
			u = models.UtilityTemplate{PageID: pageID, Name: l.Name, Language: l.Language, CreatedAt: t.now, ReviewedAt: t.now}
			known[k] = u
		}
		l.Reason = models.TemplateReview{Reason: l.Reason}.Settled().Reason
		if ok && u.Status == models.TemplateDraft && u.PlatformID == l.PlatformID {
			continue // it is being written anew after a refusal
		}
		if ok && u.PlatformID == l.PlatformID && u.Status == l.Status && u.Reason == l.Reason && u.Body == l.Body {
			continue
		}
		if u.Status != l.Status || u.Reason != l.Reason {
			u.ReviewedAt = t.now
		}
		u.PlatformID, u.Status, u.Reason, u.UpdatedAt = l.PlatformID, l.Status, l.Reason, t.now
		if l.Body != "" {
			u.Body, u.Buttons = l.Body, l.Buttons
			if len(l.Examples) > 0 || len(u.Examples) != u.Placeholders() {
				u.Examples = l.Examples
			}
		}
		if err := t.db.Save(&u).Error; err != nil {
			return err
		}
	}
	for k, u := range known {
		if !seen[k] && u.PlatformID != "" && u.Status != models.TemplateDraft && u.Status != models.TemplateGone && u.SubmittedAt.Before(began) {
			u.Status, u.ReviewedAt, u.UpdatedAt = models.TemplateGone, t.now, t.now
			if err := t.db.Save(&u).Error; err != nil {
				return err
			}
		}
	}
	return t.SaveTemplateLook(pageID, "")
}

// SaveTemplateLook notes that a Page's templates were read, or why they could not be.
func (t *Tx) SaveTemplateLook(pageID, problem string) error {
	return t.db.Exec(`INSERT INTO page_health (page_id, templates_at, templates_problem) VALUES (?, ?, ?)
		ON CONFLICT (page_id) DO UPDATE SET templates_at = excluded.templates_at, templates_problem = excluded.templates_problem`,
		pageID, millis(t.now), problem).Error
}
