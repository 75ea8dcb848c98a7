package restock

import (
	"context"
	"slices"

	"bentornato/models"
	"bentornato/models/store"
)

// rulesBatch is how many variants one transaction changes.
const rulesBatch = 200

// PreviewRules says what a change of rules would do to the selected variants, were it made now. It writes nothing.
func (s *Service) PreviewRules(ctx context.Context, sel models.VariantSelection, change models.RulesChange) (models.RulesPreview, error) {
	var p models.RulesPreview
	if change.Empty() {
		return p, models.FieldErrorf("rules", "Fill in what is to change; what stays empty is left as it is.")
	}
	list, err := s.chosen(ctx, sel)
	if err != nil {
		return p, err
	}
	p.Chosen = len(list)
	for _, before := range list {
		after, err := change.Apply(before)
		if err != nil {
			return p, err
		}
		c := models.ChangeOf(before, after)
		if len(c.Fields()) == 0 {
			continue
		}
		p.Changing++
		p.Tells += c.Tells
		if len(p.Changes) < models.MaxPreviewChanges {
			p.Changes = append(p.Changes, c)
		}
	}
	return p, nil
}

// ChangeRules changes the rules of the selected variants and returns how many differ now. Where a lower minimum brings a
// variant back its restock starts. A failure leaves whole batches of rulesBatch changed, and the rest as they were.
func (s *Service) ChangeRules(ctx context.Context, sel models.VariantSelection, change models.RulesChange) (int, error) {
	if change.Empty() {
		return 0, models.FieldErrorf("rules", "Fill in what is to change; what stays empty is left as it is.")
	}
	list, err := s.chosen(ctx, sel)
	if err != nil {
		return 0, err
	}
	// Rows are held in the order of their numbers, so that two transactions never wait for each other.
	slices.SortFunc(list, func(a, b models.Variant) int { return int(a.ID - b.ID) })
	changed := 0
	for batch := range slices.Chunk(list, rulesBatch) {
		here := 0
		err := s.store.Update(ctx, func(tx *store.Tx) error {
			here = 0
			for _, v := range batch {
				differs, err := s.changeRules(ctx, tx, v.ID, change)
				if err != nil {
					return err
				}
				if differs {
					here++
				}
			}
			return nil
		})
		if err != nil {
			return changed, err
		}
		changed += here
		s.waker.Wake()
	}
	return changed, nil
}

func (s *Service) changeRules(ctx context.Context, tx *store.Tx, id int64, change models.RulesChange) (bool, error) {
	before, err := tx.LockVariant(id)
	if err != nil || !before.DeletedAt.IsZero() {
		return false, err // taken off the list since it was chosen
	}
	after, err := change.Apply(before)
	if err != nil || len(models.ChangeOf(before, after).Fields()) == 0 {
		return false, err
	}
	if err := tx.SaveRules(before, after); err != nil {
		return false, err
	}
	return true, s.reconsider(ctx, tx, before, after)
}

// CountSelection counts the variants of a selection that are still listed.
func (s *Service) CountSelection(ctx context.Context, sel models.VariantSelection) (int, error) {
	list, err := s.selected(ctx, sel)
	return len(list), err
}

// chosen is selected, where something must be.
func (s *Service) chosen(ctx context.Context, sel models.VariantSelection) ([]models.Variant, error) {
	list, err := s.selected(ctx, sel)
	if err == nil && len(list) == 0 {
		err = models.FieldErrorf("ids", "Tick the products to change first.")
	}
	return list, err
}

// selected finds the variants of a selection that are still listed.
func (s *Service) selected(ctx context.Context, sel models.VariantSelection) ([]models.Variant, error) {
	var list []models.Variant
	if sel.All {
		q := sel.Query
		q.Limit, q.Cursor = 500, ""
		for {
			some, next, err := s.store.ListVariants(ctx, q)
			if err != nil {
				return nil, err
			}
			if list = append(list, some...); len(list) > models.MaxSelection {
				return nil, tooMany()
			}
			if q.Cursor = next; next == "" {
				break
			}
		}
	} else {
		if len(sel.IDs) > models.MaxSelection {
			return nil, tooMany()
		}
		byID, err := s.store.Variants(ctx, sel.IDs)
		if err != nil {
			return nil, err
		}
		for _, id := range slices.Compact(slices.Sorted(slices.Values(sel.IDs))) {
			if v, ok := byID[id]; ok && v.DeletedAt.IsZero() {
				list = append(list, v)
			}
		}
	}
	return list, nil
}

func tooMany() error {
	return models.FieldErrorf("ids", "That is more than %d products at once; narrow the filter.", models.MaxSelection)
}
