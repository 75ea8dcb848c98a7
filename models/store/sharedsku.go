package store

import (
	"slices"
	"time"

	"bentornato/models"
)

// TellItem keeps what a source said of the stock of one of its own items at a time, unless it told of it later than that.
func (t *Tx) TellItem(sourceID, externalID string, stock models.Stock, at time.Time) error {
	return t.db.Exec("UPDATE source_items SET available = ?, unknown = ?, told_at = ? WHERE source_id = ? AND external_id = ? AND told_at <= ?",
		stock.Available, stock.Unknown, millis(at), sourceID, externalID, millis(at)).Error
}

// UntellItems lets go of the stock of what a source has not told of since a time.
func (t *Tx) UntellItems(sourceID string, since time.Time) error {
	return t.db.Exec("UPDATE source_items SET told_at = 0 WHERE source_id = ? AND seen_at < ? AND told_at > 0", sourceID, millis(since)).Error
}

// SKUStock is what a source's items that share a SKU have together.
type SKUStock struct {
	// Items counts those that have the SKU, and Told those of them whose stock is known.
	Items, Told int
	Stock       models.Stock
}

// StockOfSKUs adds up the stock of a source's items by SKU, as models.SharedStock does. SKUs that it never told of are
// left out.
func (t *Tx) StockOfSKUs(sourceID string, skus []string) (map[string]SKUStock, error) {
	by := make(map[string]SKUStock, len(skus))
	skus = slices.Compact(slices.Sorted(slices.Values(skus)))
	for part := range slices.Chunk(skus, 500) {
		var rows []struct {
			SKU             string `gorm:"column:sku"`
			Items           int
			Told            int
			There           int64
			Most            int64
			InUnknownNumber bool
		}
		err := t.db.Raw(`SELECT sku, COUNT(*) AS items, CAST(SUM(CASE WHEN told_at > 0 THEN 1 ELSE 0 END) AS BIGINT) AS told,
				CAST(SUM(CASE WHEN told_at > 0 AND available > 0 THEN available ELSE 0 END) AS BIGINT) AS there,
				COALESCE(MAX(CASE WHEN told_at > 0 THEN available END), 0) AS most,
				MAX(CASE WHEN told_at > 0 AND unknown THEN 1 ELSE 0 END) = 1 AS in_unknown_number
			FROM source_items WHERE source_id = ? AND sku IN ? GROUP BY sku`, sourceID, part).Scan(&rows).Error
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			s := SKUStock{Items: r.Items, Told: r.Told, Stock: models.Stock{Available: int(min(r.There, models.MaxStock))}}
			switch {
			case r.InUnknownNumber:
				s.Stock = models.Stock{Unknown: true}
			case r.There == 0:
				s.Stock.Available = int(r.Most) // all are oversold, and nobody waits for the sum of that
			}
			by[r.SKU] = s
		}
	}
	return by, nil
}
