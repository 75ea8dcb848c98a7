package store

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"gorm.io/gorm"

	"bentornato/models"
)

// AddListed adds a variant that a source describes, on the Page that the source is tied to. product groups variants; empty
// makes a simple product.
func (t *Tx) AddListed(v models.Variant, product string) (models.Variant, error) {
	v.MinStock = 1
	if err := models.ValidateVariant(v); err != nil {
		return v, err
	}
	var err error
	if v.ProductID, err = t.productFor(v.PageID, product, 0); err != nil {
		return v, err
	}
	v.Ref, v.CreatedAt, v.UpdatedAt = newRef(), t.now, t.now
	if err := t.db.Create(&v).Error; err != nil {
		return v, err
	}
	if err := t.count(v.PageID, countVariants, 1); err != nil {
		return v, err
	}
	return v, t.saveWords(v)
}

// SaveListed writes what a source described anew of a variant, and puts it back on the list if it was off. What people
// edited stays marked, and nothing else becomes so.
func (t *Tx) SaveListed(v models.Variant) error {
	if err := models.ValidateVariant(v); err != nil {
		return err
	}
	v.UpdatedAt = t.now
	if v.DeletedAt.IsZero() {
		back := t.db.Exec("UPDATE variants SET deleted_at = 0 WHERE id = ? AND deleted_at > 0", v.ID)
		if back.Error != nil {
			return back.Error
		}
		if err := t.count(v.PageID, countVariants, int(back.RowsAffected)); err != nil {
			return err
		}
	}
	err := t.db.Model(&v).Select("title", "option", "price_minor", "currency", "url", "image_url", "source_id", "updated_at", "deleted_at").Updates(&v).Error
	if err != nil {
		return err
	}
	return t.saveWords(v)
}

// OffList returns the variants of a Page with these SKUs that are not listed any more, by SKU.
func (t *Tx) OffList(pageID string, skus []string) (map[string]models.Variant, error) {
	off := map[string]models.Variant{}
	for part := range slices.Chunk(skus, 500) {
		var list []models.Variant
		if err := t.db.Raw("SELECT * FROM variants WHERE page_id = ? AND sku IN ? AND deleted_at > 0 ORDER BY id"+t.lock("FOR UPDATE"), pageID, part).Scan(&list).Error; err != nil {
			return nil, err
		}
		for _, v := range list {
			off[v.SKU] = v
		}
	}
	return off, nil
}

// SourceItem is something that a source told of, by its own ids.
type SourceItem struct {
	ID         int64 `gorm:"primaryKey"`
	SourceID   string
	ExternalID string
	StockID    string
	ProductID  string
	SKU        string `gorm:"column:sku"`
	SeenAt     int64  // unix milliseconds
	CountedAt  int64  // when the stock of all its places was told; 0: never
	// Available and Unknown are the stock that the source told of it at ToldAt, in unix milliseconds; 0: never.
	Available int
	Unknown   bool
	ToldAt    int64
}

// RememberItem keeps a source's ids of a variant, and reports whether they were not known before. Empty ones leave what
// is there.
func (t *Tx) RememberItem(i SourceItem) (bool, error) {
	var old SourceItem
	err := t.db.First(&old, "source_id = ? AND external_id = ?", i.SourceID, i.ExternalID).Error
	if err != nil && !errors.Is(err, gorm.ErrRecordNotFound) {
		return false, err
	}
	return err != nil, t.db.Exec(`INSERT INTO source_items (source_id, external_id, stock_id, product_id, sku, seen_at) VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT (source_id, external_id) DO UPDATE SET seen_at = excluded.seen_at,
			stock_id = CASE WHEN excluded.stock_id <> '' THEN excluded.stock_id ELSE source_items.stock_id END,
			product_id = CASE WHEN excluded.product_id <> '' THEN excluded.product_id ELSE source_items.product_id END,
			sku = CASE WHEN excluded.sku <> '' THEN excluded.sku ELSE source_items.sku END`,
		i.SourceID, i.ExternalID, i.StockID, i.ProductID, i.SKU, millis(t.now)).Error
}

// maxSourceItems bounds how many items one product of a source, or one gone catalogue, may have.
const maxSourceItems = 5000

// ItemsOfProduct lists what a source told of one of its products.
func (r Reader) ItemsOfProduct(ctx context.Context, sourceID, productID string) ([]SourceItem, error) {
	var list []SourceItem
	err := r.with(ctx).Where("source_id = ? AND product_id = ?", sourceID, productID).Order("id").Limit(maxSourceItems).Find(&list).Error
	return list, translate(err)
}

// ItemsUnseen lists what a source told of before, and not in the transaction under way.
func (t *Tx) ItemsUnseen(sourceID string) ([]SourceItem, error) {
	var list []SourceItem
	err := t.db.Where("source_id = ? AND seen_at < ?", sourceID, millis(t.now)).Order("id").Limit(maxSourceItems).Find(&list).Error
	return list, err
}

// ForgetItem lets go of an item that its source does not sell any more.
func (t *Tx) ForgetItem(i SourceItem) error {
	if err := t.db.Exec("DELETE FROM source_levels WHERE source_id = ? AND stock_id = ?", i.SourceID, cmp.Or(i.StockID, i.ExternalID)).Error; err != nil {
		return err
	}
	return t.db.Exec("DELETE FROM source_items WHERE id = ?", i.ID).Error
}

// ItemOf finds what a source's own ids name: by the id under which it counts, the variant's, or that of a product with one
// variant. It is nil where the source never told.
func (r Reader) ItemOf(ctx context.Context, sourceID, stockID, variantID, productID string) (*SourceItem, error) {
	for _, by := range []struct{ column, value string }{{"stock_id", stockID}, {"external_id", cmp.Or(variantID, stockID)}, {"product_id", productID}} {
		if by.value == "" || (by.column == "product_id" && (variantID != "" || stockID != "")) {
			continue
		}
		var list []SourceItem
		if err := r.with(ctx).Where("source_id = ? AND "+by.column+" = ?", sourceID, by.value).Order("id").Limit(2).Find(&list).Error; err != nil {
			return nil, translate(err)
		}
		if len(list) == 1 && list[0].SKU != "" {
			return &list[0], nil
		}
	}
	return nil, nil //nolint:nilnil // not knowing is an answer, not a failure
}

// SaveLevel writes the stock of one item in one place, unless newer news of it is there.
func (t *Tx) SaveLevel(sourceID string, l models.Level) error {
	return t.db.Exec(`INSERT INTO source_levels (source_id, stock_id, location_id, available, at) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (source_id, stock_id, location_id) DO UPDATE SET available = excluded.available, at = excluded.at WHERE source_levels.at <= excluded.at`,
		sourceID, l.StockID, l.LocationID, l.Available, millis(l.At)).Error
}

// SaveLevels writes all places of an item as its system told them at a time, and forgets the others that were not told
// of since.
func (t *Tx) SaveLevels(sourceID string, item models.PolledItem, at int64) error {
	stockID := cmp.Or(item.StockID, item.VariantID)
	for _, l := range item.Levels {
		l.StockID, l.At = stockID, fromMillis(at)
		if err := t.SaveLevel(sourceID, l); err != nil {
			return err
		}
	}
	places := []string{""}
	for _, l := range item.Levels {
		places = append(places, l.LocationID)
	}
	if err := t.db.Exec("DELETE FROM source_levels WHERE source_id = ? AND stock_id = ? AND at <= ? AND location_id NOT IN ?", sourceID, stockID, at, places).Error; err != nil {
		return err
	}
	return t.db.Exec("UPDATE source_items SET counted_at = ? WHERE source_id = ? AND external_id = ?", at, sourceID, item.VariantID).Error
}

// Levels lists the places of one item.
func (r Reader) Levels(ctx context.Context, sourceID, stockID string) ([]models.Level, error) {
	var rows []struct {
		LocationID string
		Available  int
		At         int64
	}
	err := r.with(ctx).Raw("SELECT location_id, available, at FROM source_levels WHERE source_id = ? AND stock_id = ? ORDER BY location_id LIMIT 1000", sourceID, stockID).Scan(&rows).Error
	list := make([]models.Level, len(rows))
	for i, row := range rows {
		list[i] = models.Level{StockID: stockID, LocationID: row.LocationID, Available: row.Available, At: fromMillis(row.At)}
	}
	return list, translate(err)
}

// Locations lists the places that a source told of.
func (r Reader) Locations(ctx context.Context, sourceID string) ([]string, error) {
	var list []string
	err := r.with(ctx).Raw("SELECT DISTINCT location_id FROM source_levels WHERE source_id = ? ORDER BY location_id LIMIT ?", sourceID, models.MaxLocations).Scan(&list).Error
	return list, translate(err)
}
