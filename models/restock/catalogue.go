package restock

import (
	"context"
	"slices"
	"time"

	"bentornato/models"
	"bentornato/models/store"
)

// catalogue adds and changes variants as the source describes them, and removes what it does not sell any more. What a
// person edited stays (models.Listed); a variant that is new starts no restock (setStock).
func (a *application) catalogue(ctx context.Context) error {
	if len(a.report.Catalogue) == 0 && !a.report.Whole {
		return nil
	}
	off, err := a.offList()
	if err != nil {
		return err
	}
	for _, p := range a.report.Catalogue {
		if p.Deleted {
			if err := a.removeProduct(ctx, p.ID, nil); err != nil {
				return err
			}
			continue
		}
		for _, c := range p.Variants {
			if err := a.describe(ctx, p, c, off); err != nil {
				return err
			}
		}
		if p.VariantIDs != nil {
			if err := a.removeProduct(ctx, p.ID, p.VariantIDs); err != nil {
				return err
			}
		}
	}
	if !a.report.Whole {
		return nil
	}
	return a.removeUnseen(ctx)
}

// offList are the variants of the source's Page that are described and not listed any more.
func (a *application) offList() (map[string]models.Variant, error) {
	if a.source.PageID == "" {
		return nil, nil
	}
	var skus []string
	for _, p := range a.report.Catalogue {
		for _, c := range p.Variants {
			if c.SKU != "" && len(a.bySKU[c.SKU]) == 0 {
				skus = append(skus, c.SKU)
			}
		}
	}
	return a.tx.OffList(a.source.PageID, skus)
}

// describe applies what the source says of one variant.
func (a *application) describe(ctx context.Context, p models.CatalogueProduct, c models.CatalogueVariant, off map[string]models.Variant) error {
	if c.Deleted {
		return a.removeVariant(ctx, c)
	}
	if id := externalID(c.ID, c.SKU); id != "" {
		if _, err := a.tx.RememberItem(store.SourceItem{SourceID: a.source.ID, ExternalID: id, StockID: c.StockID, ProductID: p.ID, SKU: c.SKU}); err != nil {
			return err
		}
	}
	if c.SKU == "" {
		return nil
	}
	for i, v := range a.bySKU[c.SKU] {
		if v.SKU != c.SKU {
			continue // a person tied it to this SKU: it is described as they wrote it
		}
		listed := models.Listed(v, p, c, a.source.Currency)
		if models.EditedBetween(v, listed) == 0 {
			continue
		}
		if err := a.tx.SaveListed(listed); err != nil {
			return a.undescribed(err, c.SKU)
		}
		a.bySKU[c.SKU][i] = listed
		a.result.Changed++
		a.noteListing(listed, models.ReportChanged)
	}
	if len(a.bySKU[c.SKU]) > 0 || !a.source.AddsProducts || p.Unlisted || c.Unlisted {
		return nil
	}
	return a.addListed(p, c, off)
}

// addListed lists a variant that the source's Page does not list, unless a person took it off.
func (a *application) addListed(p models.CatalogueProduct, c models.CatalogueVariant, off map[string]models.Variant) error {
	v, was := off[c.SKU]
	if was && v.Edited.Has(models.EditedListing) {
		return nil
	}
	if !was {
		v = models.Variant{PageID: a.source.PageID, SKU: c.SKU, MinStock: 1}
	}
	v.SourceID = a.source.ID
	v = models.Listed(v, p, c, a.source.Currency)
	if v.Title == "" {
		return nil // a variant alone, of a product that was not described: it can wait
	}
	var err error
	if was {
		v.DeletedAt = time.Time{}
		err = a.tx.SaveListed(v)
	} else {
		v, err = a.tx.AddListed(v, groupName(v))
	}
	if err != nil {
		return a.undescribed(err, c.SKU)
	}
	a.bySKU[c.SKU] = []models.Variant{v}
	a.result.Added++
	a.noteListing(v, models.ReportAdded)
	return nil
}

// groupName is the product that a variant belongs to: of one that is told apart from others by an option, the title.
func groupName(v models.Variant) string {
	if v.Option == "" {
		return ""
	}
	return v.Title
}

// undescribed passes over a variant that cannot be listed as it is described; its stock is applied all the same.
func (a *application) undescribed(err error, sku string) error {
	if models.KindOf(err) != models.KindInvalid {
		return err
	}
	a.s.log.Info("a source describes a product that cannot be listed", "source", a.source.Name, "sku", sku, "error", err)
	return nil
}

func (a *application) noteListing(v models.Variant, outcome models.ReportOutcome) {
	event := a.event(v.SKU, a.moment(time.Time{}), outcome)
	event.VariantID, event.Available, event.Unknown, event.Kept = v.ID, v.Available, v.QuantityUnknown, v.Waiting
	a.events = append(a.events, event)
}

// removeVariant removes one variant, by its id or its SKU.
func (a *application) removeVariant(ctx context.Context, c models.CatalogueVariant) error {
	known, err := a.tx.ItemOf(ctx, a.source.ID, c.StockID, externalID(c.ID, c.SKU), "")
	if err != nil {
		return err
	}
	if known != nil {
		return a.gone(ctx, *known)
	}
	if c.SKU == "" {
		return nil
	}
	return a.remove(ctx, c.SKU)
}

// removeProduct removes what a product of the source had, but for the variants it keeps.
func (a *application) removeProduct(ctx context.Context, productID string, keeps []string) error {
	if productID == "" {
		return nil
	}
	items, err := a.tx.ItemsOfProduct(ctx, a.source.ID, productID)
	if err != nil {
		return err
	}
	// Of a product that has no variants of its own, some systems use one id for both.
	one, err := a.tx.ItemOf(ctx, a.source.ID, "", productID, "")
	if err != nil {
		return err
	}
	if one != nil && keeps == nil && !slices.ContainsFunc(items, func(i store.SourceItem) bool { return i.ID == one.ID }) {
		items = append(items, *one)
	}
	for _, i := range items {
		if slices.Contains(keeps, i.ExternalID) {
			continue
		}
		if err := a.gone(ctx, i); err != nil {
			return err
		}
	}
	return nil
}

// removeUnseen removes what the source told of before, and not in this report, which holds everything it has.
func (a *application) removeUnseen(ctx context.Context) error {
	for _, item := range a.report.Items {
		if _, err := a.tx.RememberItem(store.SourceItem{SourceID: a.source.ID, ExternalID: a.itemID(item.SKU), SKU: item.SKU}); err != nil {
			return err
		}
	}
	items, err := a.tx.ItemsUnseen(a.source.ID)
	if err != nil {
		return err
	}
	for _, i := range items {
		if err := a.gone(ctx, i); err != nil {
			return err
		}
	}
	return nil
}

// itemID is the system's own id of a SKU, where this report told it.
func (a *application) itemID(sku string) string {
	for _, p := range a.report.Catalogue {
		for _, c := range p.Variants {
			if c.SKU == sku {
				return externalID(c.ID, sku)
			}
		}
	}
	return externalID("", sku)
}

// externalID names a variant within its source; a system that has no ids of its own names it by SKU.
func externalID(id, sku string) string {
	if id == "" && sku != "" {
		return "sku:" + sku
	}
	return id
}

func (a *application) gone(ctx context.Context, i store.SourceItem) error {
	if err := a.tx.ForgetItem(i); err != nil {
		return err
	}
	if i.SKU == "" || a.describedElsewhere(i) {
		return nil
	}
	if left, err := a.left(ctx, i.SKU); err != nil || left {
		return err
	}
	return a.remove(ctx, i.SKU)
}

// describedElsewhere reports whether this very report sells the item's SKU under another id, or in a catalogue without ids.
func (a *application) describedElsewhere(i store.SourceItem) bool {
	sold := slices.ContainsFunc(a.report.Catalogue, func(p models.CatalogueProduct) bool {
		return !p.Deleted && slices.ContainsFunc(p.Variants, func(c models.CatalogueVariant) bool { return !c.Deleted && c.SKU == i.SKU })
	})
	return sold || (a.report.Whole && slices.ContainsFunc(a.report.Items, func(item models.StockItem) bool { return item.SKU == i.SKU }))
}

// remove takes what the source does not sell any more out of stock, and off the list where the source put it there. Tokens
// wait on, and the event says how many.
func (a *application) remove(ctx context.Context, sku string) error {
	if err := a.lockOne(sku); err != nil {
		return err
	}
	at := a.moment(time.Time{})
	for i := range a.bySKU[sku] {
		v := &a.bySKU[sku][i]
		if v.SKU != sku || !v.DeletedAt.IsZero() || models.Stale(at, v.StockAt) {
			continue
		}
		if err := a.set(ctx, v, models.Stock{}, at); err != nil {
			return err
		}
		if v.SourceID == a.source.ID {
			if err := a.tx.DeleteVariant(*v); err != nil {
				return err
			}
			a.halted = append(a.halted, v.ID)
		}
		a.result.Removed++
		a.noteListing(*v, models.ReportRemoved)
	}
	a.bySKU[sku] = nil
	if a.removed == nil {
		a.removed = map[string]bool{}
	}
	a.removed[sku] = true
	return nil
}
