package store

import (
	"context"
	"slices"

	"bentornato/models"
)

// SaveAlias ties a SKU of a source to a variant, in place of the one before.
func (t *Tx) SaveAlias(sourceID, sku string, variantID int64) error {
	return t.db.Exec(`INSERT INTO source_aliases (source_id, sku, variant_id, created_at) VALUES (?, ?, ?, ?)
		ON CONFLICT (source_id, sku) DO UPDATE SET variant_id = excluded.variant_id, created_at = excluded.created_at`, sourceID, sku, variantID, millis(t.now)).Error
}

// DeleteAlias lets a SKU of a source be unknown again.
func (t *Tx) DeleteAlias(sourceID, sku string) error {
	return t.db.Exec("DELETE FROM source_aliases WHERE source_id = ? AND sku = ?", sourceID, sku).Error
}

// Aliases lists the SKUs of a source that somebody tied to variants, at most limit of them.
func (r Reader) Aliases(ctx context.Context, sourceID string, limit int) ([]models.SourceAlias, error) {
	var list []models.SourceAlias
	err := r.with(ctx).Where("source_id = ?", sourceID).Order("sku").Limit(limit).Find(&list).Error
	return list, translate(err)
}

// LockAliased returns and holds the variants that SKUs of a source are tied to. Those off the list are left out.
func (t *Tx) LockAliased(source models.Source, skus []string) (map[string]models.Variant, error) {
	aliased := map[string]models.Variant{}
	for part := range slices.Chunk(skus, 500) {
		var rows []models.SourceAlias
		if err := t.db.Raw("SELECT sku, variant_id FROM source_aliases WHERE source_id = ? AND sku IN ?", source.ID, part).Scan(&rows).Error; err != nil {
			return nil, err
		}
		if len(rows) == 0 {
			continue
		}
		ids := make([]int64, len(rows))
		for i, row := range rows {
			ids[i] = row.VariantID
		}
		var list []models.Variant
		if err := t.db.Raw("SELECT * FROM variants WHERE id IN ? AND deleted_at = 0 ORDER BY id"+t.lock("FOR UPDATE"), ids).Scan(&list).Error; err != nil {
			return nil, err
		}
		for _, row := range rows {
			i := slices.IndexFunc(list, func(v models.Variant) bool { return v.ID == row.VariantID })
			if i >= 0 && (source.PageID == "" || source.PageID == list[i].PageID) {
				aliased[row.SKU] = list[i]
			}
		}
	}
	return aliased, nil
}

// UnknownSKUs lists the SKUs that a source reported and that neither a product nor an alias has, the latest first, out of
// its last unknown reports.
func (r Reader) UnknownSKUs(ctx context.Context, source models.Source, limit int) ([]models.UnknownSKU, error) {
	var list []models.UnknownSKU
	sql := `SELECT u.sku, COUNT(*) AS times, MAX(u.id) AS last_id FROM
			(SELECT id, sku FROM source_events WHERE source_id = ? AND outcome = 'unknown_sku' AND origin <> 'test' ORDER BY id DESC LIMIT 2000) u
		WHERE NOT EXISTS (SELECT 1 FROM source_aliases a WHERE a.source_id = ? AND a.sku = u.sku)
		AND NOT EXISTS (SELECT 1 FROM variants v WHERE v.sku = u.sku AND v.deleted_at = 0`
	args := []any{source.ID, source.ID}
	if source.PageID != "" {
		sql, args = sql+" AND v.page_id = ?", append(args, source.PageID)
	}
	err := r.with(ctx).Raw(sql+") GROUP BY u.sku ORDER BY last_id DESC LIMIT ?", append(args, limit)...).Scan(&list).Error
	if err != nil || len(list) == 0 {
		return nil, translate(err)
	}
	ids := make([]int64, len(list))
	for i, u := range list {
		ids[i] = u.LastID
	}
	var events []models.SourceEvent
	if err := r.with(ctx).Where("id IN ?", ids).Find(&events).Error; err != nil {
		return nil, translate(err)
	}
	for i := range list {
		for _, e := range events {
			if e.ID == list[i].LastID {
				list[i].Available, list[i].Unknown = e.Available, e.Unknown
			}
		}
	}
	return list, nil
}

// LastUnknown returns the latest report of a SKU that was unknown; nil where there is none.
func (t *Tx) LastUnknown(sourceID, sku string) (*models.SourceEvent, error) {
	var list []models.SourceEvent
	err := t.db.Where("source_id = ? AND sku = ? AND outcome = 'unknown_sku'", sourceID, sku).Order("id DESC").Limit(1).Find(&list).Error
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return &list[0], nil
}
