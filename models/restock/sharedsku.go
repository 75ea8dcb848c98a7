package restock

import (
	"context"
	"time"

	"bentornato/models"
)

// itemNews is the stock of one item of a system, by the system's own id of it.
type itemNews struct {
	id, sku string
	stock   models.Stock
	at      time.Time
}

// describedStock finds out which of the system's items the stock of a report is of, where the report describes them. Of
// several that share a SKU the report has the sum alone: the first stands for all.
func (a *application) describedStock(items []models.StockItem) {
	if len(a.report.Catalogue) == 0 {
		return
	}
	bySKU := make(map[string]models.StockItem, len(items))
	for _, item := range items {
		bySKU[item.SKU] = item
	}
	first := map[string]bool{}
	for _, p := range a.report.Catalogue {
		for _, c := range p.Variants {
			item, ok := bySKU[c.SKU]
			if !ok || p.Deleted || c.Deleted {
				continue
			}
			news := itemNews{id: externalID(c.ID, c.SKU), sku: c.SKU, at: a.moment(item.At)}
			if !first[c.SKU] {
				news.stock, first[c.SKU] = item.Stock, true
			}
			a.told = append(a.told, news)
		}
	}
}

// share keeps what the report says of each item of the system, and gives every SKU that several of them have the stock
// of all: some shops give one SKU to several products, and news of one that is sold out says nothing of the others.
func (a *application) share(items []models.StockItem) error {
	if len(a.told) == 0 {
		return nil
	}
	skus := make([]string, len(a.told))
	for i, n := range a.told {
		skus[i] = n.sku
		if err := a.tx.TellItem(a.source.ID, n.id, n.stock, n.at); err != nil {
			return err
		}
	}
	stock, err := a.tx.StockOfSKUs(a.source.ID, skus)
	if err != nil {
		return err
	}
	for i := range items {
		if s := stock[items[i].SKU]; s.Told > 1 {
			items[i].Stock = s.Stock
		}
	}
	return nil
}

// left applies what is left of a SKU whose other items are gone, and reports whether anything is.
func (a *application) left(ctx context.Context, sku string) (bool, error) {
	stock, err := a.tx.StockOfSKUs(a.source.ID, []string{sku})
	if err != nil || stock[sku].Items == 0 {
		return false, err
	}
	if stock[sku].Told == 0 {
		return true, nil // how much, the system has yet to say
	}
	if err := a.lockOne(sku); err != nil {
		return true, err
	}
	if len(a.bySKU[sku]) == 0 {
		return true, nil
	}
	return true, a.item(ctx, models.StockItem{SKU: sku, Stock: stock[sku].Stock})
}

// lockOne holds the variants of a SKU that the report itself does not speak of.
func (a *application) lockOne(sku string) error {
	if _, read := a.bySKU[sku]; read {
		return nil
	}
	more, err := a.tx.LockVariantsBySKU(a.source.PageID, []string{sku})
	if err != nil {
		return err
	}
	a.bySKU[sku] = more[sku]
	return nil
}
