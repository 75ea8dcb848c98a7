package restock

import (
	"context"

	"bentornato/models"
	"bentornato/models/store"
)

// RecordOrders counts orders that a source reports for the restocks whose notifications led to them (rule 7.2), each once,
// and returns how many it counted. Orders that carry no link of ours are passed over, and those that became void are taken
// back. All are checked before any is written.
func (s *Service) RecordOrders(ctx context.Context, source models.Source, orders []models.OrderReport) (int, error) {
	var counted int
	err := s.store.Update(ctx, func(tx *store.Tx) error {
		var err error
		counted, err = recordOrders(ctx, tx, source, orders)
		return err
	})
	return counted, err
}

func recordOrders(ctx context.Context, tx *store.Tx, source models.Source, orders []models.OrderReport) (int, error) {
	counted := 0
	for _, o := range orders {
		if err := models.CheckOrder(o); err != nil {
			return 0, err
		}
	}
	for _, o := range orders {
		if o.Void {
			if taken, err := tx.VoidOrder(source.ID, o.ID); err != nil || taken {
				if err != nil {
					return 0, err
				}
				continue
			}
		}
		fresh, err := tx.SaveOrder(ctx, source, o, models.LinkCodes(o.Traces))
		if err != nil {
			return 0, err
		}
		if fresh {
			counted++
		}
	}
	return counted, nil
}
