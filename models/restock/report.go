package restock

import (
	"context"
	"crypto/rand"
	"time"

	"bentornato/models"
	"bentornato/models/store"
)

// signal tells the dispatcher what a committed report changed.
func (s *Service) signal(halted []int64) {
	for _, v := range halted {
		s.waker.Halt(v)
	}
	s.waker.Wake()
}

// setStock writes a variant's new stock and does what its crossing asks for. It reports whether claiming must stop.
func (s *Service) setStock(ctx context.Context, tx *store.Tx, v *models.Variant, stock models.Stock, at time.Time) (bool, error) {
	before := v.Stock()
	crossing := models.Cross(before, stock, v.MinStock)
	if v.SourceID != "" && v.StockAt.IsZero() && v.Waiting == 0 {
		crossing = models.CrossNone // a source added it: what is new has not come back
	}
	v.Available, v.QuantityUnknown, v.StockAt = stock.Available, stock.Unknown, at
	if crossing == models.CrossSoldOut {
		v.SoldOutAt = at
	}
	if err := tx.SaveStock(*v); err != nil {
		return false, err
	}
	open, err := tx.OpenRestock(ctx, v.ID)
	if err != nil {
		return false, err
	}
	switch {
	case !v.InStock():
		if open != nil {
			if _, err := tx.MoveRestock(open.ID, open.State, models.RestockStopped, models.RestockSoldOutAgain); err != nil {
				return false, err
			}
		}
		if crossing == models.CrossSoldOut {
			err = tx.SaveSellout(store.Sellout{PageID: v.PageID, VariantID: v.ID, At: at})
		}
		return true, err
	case crossing == models.CrossBack && open == nil:
		page, err := tx.Page(ctx, v.PageID)
		if err != nil {
			return false, err
		}
		v.Episode++
		if err := tx.BeginEpisode(*v); err != nil {
			return false, err
		}
		return false, s.start(tx, page, *v)
	case open != nil:
		return false, enlarge(tx, *open, *v, before, crossing)
	}
	return false, nil
}

// start writes the restock of a variant that is back. One whose notification the platform would refuse begins paused:
// the refusals would look like dead tokens (rule 6.4).
func (s *Service) start(tx *store.Tx, page models.Page, v models.Variant) error {
	settings := page.Settings.For(v)
	r := models.Restock{PageID: v.PageID, VariantID: v.ID, Quantity: v.Available, QuantityUnknown: v.QuantityUnknown,
		Budget: models.WaveBudget(v.Stock(), v.TokensPerUnit), Wave: 1, NewestFirst: settings.NewestFirst, StartAt: tx.Now(), Episode: v.Episode}
	if hold := settings.HoldDown(); hold > 0 {
		r.State, r.StartAt = models.RestockHeld, tx.Now().Add(hold)
	} else {
		r.State = models.StateAfterHold(settings, v, r)
	}
	if err := s.CheckMessage(v); err != nil {
		s.log.Warn("a restock begins paused: its message breaks a limit of the platform", "variant", v.ID, "error", err)
		r.State, r.Reason = models.RestockPaused, models.RestockBadMessage
	}
	if r.Limited() {
		r.NextWaveAt = r.StartAt.Add(settings.WaveInterval())
	}
	_, err := tx.StartRestock(r)
	return err
}

// enlarge lets a running restock grow with a stock that was raised (rule 5.2). A stock that fell, but is still enough,
// is taken into account by the next wave.
func enlarge(tx *store.Tx, r models.Restock, v models.Variant, before models.Stock, crossing models.Crossing) error {
	r.Quantity, r.QuantityUnknown = v.Available, v.QuantityUnknown
	if crossing == models.CrossRaised && r.Limited() {
		r.Budget += models.WaveBudget(models.Stock{Available: v.Available - before.Available}, v.TokensPerUnit)
	}
	return tx.SaveRestock(r)
}

// ReportByHand is a stock report by a person or a script for one variant, as of now.
func (s *Service) ReportByHand(ctx context.Context, variantID int64, stock models.Stock) (models.Variant, error) {
	var v models.Variant
	if err := models.CheckStock(stock.Available); err != nil {
		return v, err
	}
	var halted []int64
	err := s.store.Update(ctx, func(tx *store.Tx) error {
		var err error
		v, halted, err = s.setByHand(ctx, tx, variantID, stock, models.SourceByHand)
		return err
	})
	if err == nil {
		s.signal(halted)
	}
	return v, err
}

func (s *Service) setByHand(ctx context.Context, tx *store.Tx, variantID int64, stock models.Stock, source string) (models.Variant, []int64, error) {
	v, err := tx.LockVariant(variantID)
	if err != nil {
		return v, nil, err
	}
	if !v.DeletedAt.IsZero() {
		return v, nil, models.Errorf(models.KindNotFound, "No product has the SKU %q.", v.SKU)
	}
	before := v.Stock()
	// A person's word is newer than any report, even one whose clock ran ahead.
	at := tx.Now()
	if v.StockAt.After(at) {
		at = v.StockAt
	}
	stop, err := s.setStock(ctx, tx, &v, stock, at)
	if err != nil {
		return v, nil, err
	}
	if err := tx.RecordStock(v, before); err != nil {
		return v, nil, err
	}
	var halted []int64
	if stop {
		halted = []int64{v.ID}
	}
	return v, halted, recordByHand(tx, v, source)
}

// recordByHand keeps a report that no system sent in the variant's history.
func recordByHand(tx *store.Tx, v models.Variant, source string) error {
	return tx.SaveSourceEvents([]models.SourceEvent{{SourceID: source, ReportKey: rand.Text(), SKU: v.SKU, VariantID: v.ID,
		Available: v.Available, Unknown: v.QuantityUnknown, Outcome: models.ReportApplied, At: tx.Now(), ReceivedAt: tx.Now()}})
}
