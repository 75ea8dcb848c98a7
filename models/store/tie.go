package store

import (
	"context"

	"gorm.io/gorm/clause"

	"bentornato/models"
)

// Tied lists the variants that a post or an ad is tied to, at most models.MaxMatches, without those taken off the list.
func (r Reader) Tied(ctx context.Context, pageID string, kind models.TieKind, ref string) ([]models.Variant, error) {
	var list []models.Variant
	if ref == "" {
		return nil, nil
	}
	err := r.with(ctx).Raw(`SELECT v.* FROM ties t JOIN variants v ON v.id = t.variant_id
		WHERE t.page_id = ? AND t.kind = ? AND t.ref = ? AND v.deleted_at = 0 ORDER BY v.id LIMIT ?`,
		pageID, kind, ref, models.MaxMatches).Scan(&list).Error
	return list, translate(err)
}

// Ties lists what a Page's posts and ads are tied to, the latest first, at most models.MaxTies.
func (r Reader) Ties(ctx context.Context, pageID string, limit int, cursor string) ([]models.TieRow, string, error) {
	db := r.with(ctx).Table("ties t").Joins("JOIN variants v ON v.id = t.variant_id").Where("t.page_id = ?", pageID)
	if cursor != "" {
		ref, variant, err := readTextCursor(cursor)
		if err != nil {
			return nil, "", err
		}
		var at int64
		if err := r.with(ctx).Raw("SELECT COALESCE(MAX(created_at), 0) FROM ties WHERE page_id = ? AND ref = ? AND variant_id = ?", pageID, ref, variant).Scan(&at).Error; err != nil {
			return nil, "", translate(err)
		}
		db = db.Where("(t.created_at, t.ref, t.variant_id) < (?, ?, ?)", at, ref, variant)
	}
	var rows []struct {
		models.Tie
		SKU    string
		Title  string
		Option string
	}
	err := db.Select("t.*, v.sku, v.title, v.option").Order("t.created_at DESC, t.ref DESC, t.variant_id DESC").Limit(limit + 1).Scan(&rows).Error
	if err != nil {
		return nil, "", translate(err)
	}
	next := ""
	if len(rows) > limit {
		rows = rows[:limit]
		next = writeTextCursor(rows[limit-1].Ref, rows[limit-1].VariantID)
	}
	list := make([]models.TieRow, len(rows))
	for i, row := range rows {
		list[i] = models.TieRow{Tie: row.Tie, Variant: models.Variant{ID: row.VariantID, PageID: pageID, SKU: row.SKU, Title: row.Title, Option: row.Option}}
	}
	return list, next, nil
}

// SaveTie ties a post or an ad to a variant. One that the merchant tied stays so when the post's text names the product too.
func (t *Tx) SaveTie(tie models.Tie) error {
	var n int64
	if err := t.db.Raw("SELECT COUNT(*) FROM (SELECT 1 FROM ties WHERE page_id = ? LIMIT ?) AS few", tie.PageID, models.MaxTies).Scan(&n).Error; err != nil {
		return err
	}
	if n >= models.MaxTies {
		return models.Errorf(models.KindConflict, "This Page has %d tied posts and ads, which is the most; remove old ones first.", models.MaxTies)
	}
	tie.CreatedAt = t.now
	conflict := clause.OnConflict{Columns: []clause.Column{{Name: "page_id"}, {Name: "kind"}, {Name: "ref"}, {Name: "variant_id"}}, DoNothing: true}
	if !tie.Found {
		conflict.DoNothing, conflict.DoUpdates = false, clause.AssignmentColumns([]string{"found"})
	}
	return t.db.Clauses(conflict).Create(&tie).Error
}

// DeleteTie unties one; it is KindNotFound where there is none.
func (t *Tx) DeleteTie(tie models.Tie) error {
	res := t.db.Exec("DELETE FROM ties WHERE page_id = ? AND kind = ? AND ref = ? AND variant_id = ?", tie.PageID, tie.Kind, tie.Ref, tie.VariantID)
	if res.Error == nil && res.RowsAffected == 0 {
		return models.Errorf(models.KindNotFound, "It is not tied to this product any more.")
	}
	return res.Error
}

// ForgetFound takes back what a post's own text tied it to; what the merchant tied stays.
func (t *Tx) ForgetFound(pageID, post string) error {
	return t.db.Exec("DELETE FROM ties WHERE page_id = ? AND kind = ? AND ref = ? AND found", pageID, models.TiePost, post).Error
}

// VariantsByURL lists the variants whose address is one of those, at most models.MaxMatches.
func (r Reader) VariantsByURL(ctx context.Context, pageID string, addresses []string) ([]int64, error) {
	if len(addresses) == 0 {
		return nil, nil
	}
	var ids []int64
	err := r.with(ctx).Raw("SELECT id FROM variants WHERE page_id = ? AND url <> '' AND url IN ? AND deleted_at = 0 ORDER BY id LIMIT ?",
		pageID, addresses, models.MaxMatches).Scan(&ids).Error
	return ids, translate(err)
}
