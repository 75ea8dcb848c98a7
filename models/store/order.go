package store

import (
	"context"

	"gorm.io/gorm/clause"

	"bentornato/models"
)

// SaveOrder counts an order for the restock whose notification led to it, found by the first of the codes that we gave
// out. It returns false where no code is ours, where the source tells of a Page that it is not tied to, or where the
// order was counted before: then nothing is written. A void order is written down and not counted.
func (t *Tx) SaveOrder(ctx context.Context, source models.Source, o models.OrderReport, codes []string) (bool, error) {
	for _, code := range codes {
		id, ok := t.clickedToken(code)
		if !ok {
			continue
		}
		token, err := t.Token(ctx, id)
		if models.KindOf(err) == models.KindNotFound {
			continue
		}
		if err != nil {
			return false, err
		}
		if token.RestockID == 0 || (source.PageID != "" && source.PageID != token.PageID) {
			continue
		}
		order := models.Order{SourceID: source.ID, ExternalID: o.ID, PageID: token.PageID, RestockID: token.RestockID,
			VariantID: token.VariantID, TokenID: token.ID, ContactID: token.ContactID, AmountMinor: o.Total.Minor, Currency: o.Total.Currency,
			At: o.At, ReceivedAt: t.now}
		if order.At.IsZero() || order.At.After(t.now) {
			order.At = t.now
		}
		if o.Void {
			order.VoidAt = t.now
		}
		res := t.db.Clauses(clause.OnConflict{DoNothing: true}).Create(&order)
		if res.Error != nil || res.RowsAffected == 0 || o.Void {
			return false, res.Error
		}
		return true, t.countOrder(order, 1)
	}
	return false, nil
}

// VoidOrder takes an order back that was counted: it was cancelled, refunded whole, or never paid. It returns false where
// there is none to take back.
func (t *Tx) VoidOrder(sourceID, externalID string) (bool, error) {
	var o models.Order
	err := t.db.Raw("UPDATE orders SET void_at = ? WHERE source_id = ? AND external_id = ? AND void_at = 0 RETURNING *",
		millis(t.now), sourceID, externalID).Scan(&o).Error
	if err != nil || o.ID == 0 {
		return false, err
	}
	return true, t.countOrder(o, -1)
}

// countOrder adds n to the orders of the restock, and to those of the day on which the order was reported.
func (t *Tx) countOrder(o models.Order, n int) error {
	if err := t.countOrderDay(o.PageID, o.ReceivedAt, n); err != nil {
		return err
	}
	return t.db.Exec("UPDATE restocks SET orders = orders + ? WHERE id = ?", n, o.RestockID).Error
}

// Orders lists the orders that a restock led to, void ones too, the latest report first.
func (r Reader) Orders(ctx context.Context, restockID int64, limit int, cursor string) ([]models.Order, string, error) {
	return pageByID(r.with(ctx).Where("restock_id = ?", restockID), cursor, limit, func(o models.Order) int64 { return o.ID })
}

// Revenue sums the orders that each of the restocks led to, by currency in the currencies' order. Restocks without orders,
// and orders without an amount, are left out.
func (r Reader) Revenue(ctx context.Context, restockIDs []int64) (map[int64][]models.Money, error) {
	sums := make(map[int64][]models.Money)
	if len(restockIDs) == 0 {
		return sums, nil
	}
	var rows []struct {
		RestockID int64
		Currency  string
		Minor     int64
	}
	err := r.with(ctx).Raw(`SELECT restock_id, currency, SUM(amount_minor) AS minor FROM orders WHERE restock_id IN ? AND currency <> '' AND void_at = 0
		GROUP BY restock_id, currency ORDER BY restock_id, currency`, restockIDs).Scan(&rows).Error
	for _, row := range rows {
		sums[row.RestockID] = append(sums[row.RestockID], models.Money{Minor: row.Minor, Currency: row.Currency})
	}
	return sums, translate(err)
}
