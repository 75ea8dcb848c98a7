package restock

import (
	"context"
	"errors"

	"bentornato/models"
	"bentornato/models/store"
)

// AddSource adds an inventory source under a new unguessable id and returns it with that id.
func (s *Service) AddSource(ctx context.Context, source models.Source, secret string) (models.Source, error) {
	var added models.Source
	err := s.store.Update(ctx, func(tx *store.Tx) error {
		if source.PageID != "" {
			if _, err := tx.Page(ctx, source.PageID); err != nil {
				return err
			}
		}
		var err error
		added, err = tx.AddSource(source, secret)
		return err
	})
	return added, err
}

// RotateSecret gives a source a new secret; the one before it is good until the next rotation.
func (s *Service) RotateSecret(ctx context.Context, id, secret string) error {
	return s.store.Update(ctx, func(tx *store.Tx) error {
		source, err := tx.Source(ctx, id)
		if err != nil {
			return err
		}
		return tx.RotateSecret(source, secret)
	})
}

// DeleteSource removes a source; its URL stops working at once.
func (s *Service) DeleteSource(ctx context.Context, id string) error {
	return s.store.Update(ctx, func(tx *store.Tx) error { return tx.DeleteSource(id) })
}

// EndOldSecret makes a source's current secret the only good one: what was rotated is over.
func (s *Service) EndOldSecret(ctx context.Context, id string) error {
	return s.store.Update(ctx, func(tx *store.Tx) error {
		source, err := tx.Source(ctx, id)
		if err != nil {
			return err
		}
		return tx.EndOldSecret(source)
	})
}

// ChangeSource sets what a person may set of a source: its name, whether it adds products, and its prices' currency.
func (s *Service) ChangeSource(ctx context.Context, source models.Source) error {
	return s.store.Update(ctx, func(tx *store.Tx) error { return tx.ChangeSource(source) })
}

// SaveAlias ties a SKU that a source reports to a variant, and gives that the stock that was last reported for it, as a
// report that is applied late: newer ones of the variant win.
func (s *Service) SaveAlias(ctx context.Context, source models.Source, sku string, variantID int64) error {
	var halted []int64
	err := s.store.Update(ctx, func(tx *store.Tx) error {
		halted = nil
		v, err := tx.LockVariant(variantID)
		if err != nil {
			return err
		}
		switch {
		case sku == "":
			return models.FieldErrorf("sku", "The SKU is missing.")
		case !v.DeletedAt.IsZero():
			return models.FieldErrorf("variant", "This product is not listed any more; choose another.")
		case source.PageID != "" && source.PageID != v.PageID:
			return models.FieldErrorf("variant", "The source is tied to another Page than this product; choose one of its own.")
		}
		last, err := tx.LastUnknown(source.ID, sku)
		if err != nil {
			return err
		}
		if err := tx.SaveAlias(source.ID, sku, variantID); err != nil || last == nil {
			return err
		}
		report := models.StockReport{Key: last.ReportKey, At: last.At, Items: []models.StockItem{{SKU: sku, Stock: models.Stock{Available: last.Available, Unknown: last.Unknown}}}}
		_, halted, err = s.deliver(ctx, tx, source, report, models.Delivery{SourceID: source.ID, Origin: models.ByReplay, Outcome: models.DeliveryApplied, ReportKey: last.ReportKey, ReplayOf: last.DeliveryID})
		return err
	})
	if err == nil {
		s.signal(halted)
	}
	return err
}

// DeleteAlias lets a SKU of a source be unknown again.
func (s *Service) DeleteAlias(ctx context.Context, sourceID, sku string) error {
	return s.store.Update(ctx, func(tx *store.Tx) error { return tx.DeleteAlias(sourceID, sku) })
}

// Replay applies the report of a delivery that is kept once more, as a decision of today: what was unknown then may be
// listed now, and what is older than the last applied report of its SKU is stale. Applied twice it changes no more than
// once.
func (s *Service) Replay(ctx context.Context, source models.Source, d models.Delivery, report models.StockReport) (int64, error) {
	id, _, _, err := s.replay(ctx, source, d, report, false)
	return id, err
}

// PreviewReplay returns what Replay would do, and does nothing.
func (s *Service) PreviewReplay(ctx context.Context, source models.Source, d models.Delivery, report models.StockReport) (models.StockResult, []models.SourceEvent, error) {
	_, result, events, err := s.replay(ctx, source, d, report, true)
	return result, events, err
}

// errPreview undoes a transaction that was only to be looked at.
var errPreview = errors.New("a preview is undone")

func (s *Service) replay(ctx context.Context, source models.Source, d models.Delivery, report models.StockReport, preview bool) (int64, models.StockResult, []models.SourceEvent, error) {
	var (
		id     int64
		result models.StockResult
		halted []int64
		events []models.SourceEvent
	)
	if report.At.IsZero() {
		report.At = d.ReceivedAt
	}
	err := s.store.Update(ctx, func(tx *store.Tx) error {
		again, err := tx.SaveDelivery(models.Delivery{SourceID: source.ID, Origin: models.ByReplay, Outcome: models.DeliveryNothing, Topic: d.Topic,
			ReportKey: report.Key, ReplayOf: d.ID, Size: d.Size})
		if err != nil {
			return err
		}
		a := &application{s: s, tx: tx, source: source, report: report, origin: models.ByReplay, delivery: again.ID}
		if err := a.run(ctx); err != nil {
			return err
		}
		id, result, halted, events = again.ID, a.result, a.halted, a.events
		if preview {
			return errPreview
		}
		if told(report) > 0 {
			again.Outcome = models.DeliveryApplied
		}
		return tx.CountDelivery(again.Count(result, told(report)))
	})
	if preview && errors.Is(err, errPreview) {
		return 0, result, events, nil
	}
	if err != nil {
		return 0, models.StockResult{}, nil, err
	}
	s.signal(halted)
	return id, result, events, nil
}
