package restock

import (
	"context"

	"bentornato/models"
	"bentornato/models/store"
)

// SaveProduct adds a variant, or changes the one with the same SKU and Page, and reports its stock: all of it or
// nothing.
func (s *Service) SaveProduct(ctx context.Context, l models.Listing) (models.Saved, error) {
	var (
		saved  models.Saved
		halted []int64
	)
	err := s.store.Update(ctx, func(tx *store.Tx) error {
		var err error
		saved, halted, err = s.saveListing(ctx, tx, l, models.SourceByHand)
		return err
	})
	if err == nil {
		s.signal(halted)
	}
	return saved, err
}

// AddProduct is SaveProduct for a SKU that the Page does not list yet; one that it lists is a conflict.
func (s *Service) AddProduct(ctx context.Context, l models.Listing) (models.Variant, error) {
	var (
		saved  models.Saved
		halted []int64
	)
	err := s.store.Update(ctx, func(tx *store.Tx) error {
		listed, err := tx.VariantsBySKU(ctx, l.Variant.PageID, l.Variant.SKU)
		if err != nil {
			return err
		}
		if len(listed) > 0 {
			return store.SKUTaken(l.Variant.SKU)
		}
		saved, halted, err = s.saveListing(ctx, tx, l, models.SourceByHand)
		return err
	})
	if err == nil {
		s.signal(halted)
	}
	return saved.Variant, err
}

// ChangeProduct replaces what a person set on a variant, its SKU too; its Page and stock stay.
func (s *Service) ChangeProduct(ctx context.Context, variantID int64, l models.Listing) (models.Variant, error) {
	var v models.Variant
	err := s.store.Update(ctx, func(tx *store.Tx) error {
		before, err := tx.LockVariant(variantID)
		if err != nil {
			return err
		}
		if v, err = tx.ChangeVariant(ctx, variantID, l.Variant, l.Product); err != nil {
			return err
		}
		return s.reconsider(ctx, tx, before, v)
	})
	if err == nil {
		s.waker.Wake()
	}
	return v, err
}

// reconsider starts a restock where a change of the minimum, and no report, brought the stock to it: the people who
// wait would else wait for a report that crosses what has been crossed already.
func (s *Service) reconsider(ctx context.Context, tx *store.Tx, before, after models.Variant) error {
	if before.InStock() || !after.InStock() || after.Waiting == 0 {
		return nil
	}
	open, err := tx.OpenRestock(ctx, after.ID)
	if err != nil || open != nil {
		return err
	}
	page, err := tx.Page(ctx, after.PageID)
	if err != nil {
		return err
	}
	return s.start(tx, page, after)
}

func (s *Service) saveListing(ctx context.Context, tx *store.Tx, l models.Listing, source string) (models.Saved, []int64, error) {
	var saved models.Saved
	if _, err := tx.Page(ctx, l.Variant.PageID); err != nil {
		return saved, nil, err
	}
	var before models.Variant
	listed, err := tx.VariantsBySKU(ctx, l.Variant.PageID, l.Variant.SKU)
	if err != nil {
		return saved, nil, err
	}
	if len(listed) > 0 {
		before = listed[0]
	}
	if saved.Variant, saved.Added, err = tx.SaveVariant(ctx, l.Variant, l.Product); err != nil {
		return saved, nil, err
	}
	if l.Stock == nil {
		return saved, nil, s.reconsider(ctx, tx, before, saved.Variant)
	}
	if err := models.CheckStock(l.Stock.Available); err != nil {
		return saved, nil, err
	}
	if v := &saved.Variant; saved.Added && v.Waiting == 0 {
		// What is new has not come back: its first quantity is no restock, and nobody waits for it. Nor is it a report
		// that could make a source's own, from a clock a little behind ours, stale.
		v.Available, v.QuantityUnknown = l.Stock.Available, l.Stock.Unknown
		if err := tx.SaveStock(*v); err != nil {
			return saved, nil, err
		}
		return saved, nil, recordByHand(tx, *v, source)
	}
	var halted []int64
	if saved.Variant, halted, err = s.setByHand(ctx, tx, saved.Variant.ID, *l.Stock, source); err != nil {
		return saved, nil, err
	}
	return saved, halted, s.reconsider(ctx, tx, before, saved.Variant)
}

// DeleteProduct takes a variant off the list. Tokens that wait for it are kept, and wait on if the SKU is listed
// again.
func (s *Service) DeleteProduct(ctx context.Context, variantID int64) error {
	err := s.store.Update(ctx, func(tx *store.Tx) error {
		v, err := tx.LockVariant(variantID)
		if err != nil {
			return err
		}
		if !v.DeletedAt.IsZero() {
			return models.Errorf(models.KindNotFound, "No product has the SKU %q.", v.SKU)
		}
		v.Edited |= models.EditedListing
		return tx.DeleteVariant(v)
	})
	if err == nil {
		s.signal([]int64{variantID})
	}
	return err
}
