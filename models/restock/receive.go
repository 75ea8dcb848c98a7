package restock

import (
	"context"
	"time"

	"bentornato/models"
	"bentornato/models/store"
)

// Report applies a source's report (rules 5.1 and 5.2) in one transaction whose length does not depend on how many tokens
// wait (rule 5.3).
func (s *Service) Report(ctx context.Context, source models.Source, report models.StockReport) (models.StockResult, error) {
	return s.Receive(ctx, source, report, models.Delivery{Origin: models.ByWebhook}, nil)
}

// Receive is Report for a call that is kept on the source's page: with how it came, and with the call itself where it may
// be applied again. d says the origin, the topic and the size.
func (s *Service) Receive(ctx context.Context, source models.Source, report models.StockReport, d models.Delivery, call *models.Call) (models.StockResult, error) {
	var (
		result models.StockResult
		halted []int64
	)
	err := s.store.Update(ctx, func(tx *store.Tx) error {
		result, halted = models.StockResult{}, nil
		if d.Origin == models.ByTest {
			// It shows that the door opens, and is no sign of life; nor does it sell anything.
			report = models.StockReport{Key: report.Key, At: report.At, Items: report.Items}
		} else if err := tx.SourceHeard(source.ID); err != nil {
			return err
		}
		fresh, err := tx.NewReport(source.ID, report.Key)
		if err != nil {
			return err
		}
		kept := d
		kept.SourceID, kept.ReportKey, kept.Outcome = source.ID, report.Key, models.DeliveryNothing
		if !fresh && told(report) > 0 {
			result.Duplicate = len(report.Items)
			kept.Outcome, kept.Items = models.DeliveryRepeated, told(report)
			_, err := tx.SaveDelivery(kept)
			return err
		}
		if kept.Sealed, err = tx.SealCall(source.ID, call); err != nil {
			return err
		}
		result, halted, err = s.deliver(ctx, tx, source, report, kept)
		return err
	})
	if err != nil {
		return models.StockResult{}, err
	}
	s.signal(halted)
	return result, nil
}

// deliver keeps a delivery and applies what it says.
func (s *Service) deliver(ctx context.Context, tx *store.Tx, source models.Source, report models.StockReport, d models.Delivery) (models.StockResult, []int64, error) {
	d, err := tx.SaveDelivery(d)
	if err != nil {
		return models.StockResult{}, nil, err
	}
	a := &application{s: s, tx: tx, source: source, report: report, origin: d.Origin, delivery: d.ID}
	if err := a.run(ctx); err != nil {
		return models.StockResult{}, nil, err
	}
	if told(report) > 0 {
		d.Outcome = models.DeliveryApplied
	}
	return a.result, a.halted, tx.CountDelivery(d.Count(a.result, told(report)))
}

// told counts what a report speaks of.
func told(r models.StockReport) int {
	n := len(r.Items) + len(r.References) + len(r.Orders)
	if n == 0 {
		n = len(r.Catalogue)
	}
	return n
}

// application is a report while it is applied, inside its transaction.
type application struct {
	s        *Service
	tx       *store.Tx
	source   models.Source
	report   models.StockReport
	origin   models.DeliveryOrigin
	delivery int64
	// onlyChanges passes over items whose stock is on record already: a poll tells of everything there is.
	onlyChanges bool
	// fresh says of each item of a poll whether the system told of it for the first time.
	fresh []bool

	bySKU map[string][]models.Variant
	// told is what the report says of the system's own items, by its ids.
	told []itemNews
	// removed are the SKUs that the report's catalogue took away: the stock that it gives them beside says nothing more.
	removed map[string]bool
	result  models.StockResult
	halted  []int64
	events  []models.SourceEvent
}

func (a *application) run(ctx context.Context) error {
	resolved, err := a.resolve(ctx)
	if err != nil {
		return err
	}
	items := append(resolved, a.report.Items...)
	if err := a.lock(items); err != nil {
		return err
	}
	if err := a.catalogue(ctx); err != nil {
		return err
	}
	a.describedStock(a.report.Items)
	if err := a.share(items); err != nil {
		return err
	}
	for _, item := range items {
		if a.removed[item.SKU] {
			continue
		}
		if err := a.item(ctx, item); err != nil {
			return err
		}
	}
	if a.result.Orders, err = recordOrders(ctx, a.tx, a.source, a.report.Orders); err != nil {
		return err
	}
	return a.tx.SaveSourceEvents(a.events)
}

// lock holds every variant that the report speaks of, and finds those that a person tied to a SKU nobody lists.
func (a *application) lock(items []models.StockItem) error {
	var skus []string
	for _, item := range items {
		skus = append(skus, item.SKU)
	}
	for _, p := range a.report.Catalogue {
		for _, v := range p.Variants {
			if v.SKU != "" {
				skus = append(skus, v.SKU)
			}
		}
	}
	var err error
	if a.bySKU, err = a.tx.LockVariantsBySKU(a.source.PageID, skus); err != nil {
		return err
	}
	var unknown []string
	for _, sku := range skus {
		if len(a.bySKU[sku]) == 0 {
			unknown = append(unknown, sku)
		}
	}
	if len(unknown) == 0 {
		return nil
	}
	aliased, err := a.tx.LockAliased(a.source, unknown)
	for sku, v := range aliased {
		a.bySKU[sku] = []models.Variant{v}
	}
	return err
}

// moment is when something was so: its own time, else the report's, else now. Nothing is so in the future.
func (a *application) moment(at time.Time) time.Time {
	if at.IsZero() {
		at = a.report.At
	}
	if at.IsZero() || at.After(a.tx.Now()) {
		at = a.tx.Now()
	}
	return at
}

func (a *application) event(sku string, at time.Time, outcome models.ReportOutcome) models.SourceEvent {
	return models.SourceEvent{SourceID: a.source.ID, ReportKey: a.report.Key, SKU: sku, At: at, ReceivedAt: a.tx.Now(), Outcome: outcome,
		Origin: a.origin, DeliveryID: a.delivery}
}

// item applies one SKU's stock to every variant that has it.
func (a *application) item(ctx context.Context, item models.StockItem) error {
	at := a.moment(item.At)
	event := a.event(item.SKU, at, models.ReportUnknown)
	event.Available, event.Unknown = item.Stock.Available, item.Stock.Unknown
	variants := a.bySKU[item.SKU]
	if len(variants) == 0 {
		a.result.Unknown = append(a.result.Unknown, item.SKU)
		a.events = append(a.events, event)
		return nil
	}
	applied, stale := false, false
	for i := range variants {
		// The first word on what a source added is kept, even where it changes nothing: what follows can then be a return.
		if first := variants[i].SourceID != "" && variants[i].StockAt.IsZero(); a.onlyChanges && variants[i].Stock() == item.Stock && !first {
			continue
		}
		event.VariantID, event.Outcome = variants[i].ID, models.ReportStale
		stale = true
		if !models.Stale(at, variants[i].StockAt) {
			if err := a.set(ctx, &variants[i], item.Stock, at); err != nil {
				return err
			}
			event.Outcome, applied = models.ReportApplied, true
		}
		a.events = append(a.events, event)
	}
	switch {
	case applied:
		a.result.Accepted++
	case stale:
		a.result.Stale++
	}
	return nil
}

func (a *application) set(ctx context.Context, v *models.Variant, stock models.Stock, at time.Time) error {
	stop, err := a.s.setStock(ctx, a.tx, v, stock, at)
	if err == nil && stop {
		a.halted = append(a.halted, v.ID)
	}
	return err
}

// resolve turns news of things that the system names by ids of its own into news of SKUs. What was never tied to one, and
// what only the system can count, is asked about where that is possible, and else kept as an event that says so.
func (a *application) resolve(ctx context.Context) ([]models.StockItem, error) {
	if len(a.report.References) == 0 {
		return nil, nil
	}
	poll, err := a.tx.Poll(ctx, a.source.ID)
	if err != nil {
		return nil, err
	}
	var items []models.StockItem
	for _, ref := range a.report.References {
		known, err := a.tx.ItemOf(ctx, a.source.ID, ref.StockID, ref.VariantID, ref.ProductID)
		if err != nil {
			return nil, err
		}
		stock, err := a.stockOf(ctx, ref, known, poll)
		if err != nil {
			return nil, err
		}
		if known != nil && stock != nil {
			items = append(items, models.StockItem{SKU: known.SKU, Stock: *stock, At: ref.At})
			a.told = append(a.told, itemNews{id: known.ExternalID, sku: known.SKU, stock: *stock, at: a.moment(ref.At)})
			continue
		}
		asked, err := a.tx.AddLookup(models.Lookup{SourceID: a.source.ID, ProductID: ref.ProductID, VariantID: ref.VariantID, StockID: ref.StockID})
		if err != nil {
			return nil, err
		}
		if !asked && known == nil && stock != nil {
			// Nobody can be asked for its SKU. A person can tie it to a product by the id, as if that were one.
			items = append(items, models.StockItem{SKU: refName(ref), Stock: *stock, At: ref.At})
			continue
		}
		outcome := models.ReportNoID
		if asked {
			outcome = models.ReportAsked
			a.result.Waiting++
		} else {
			a.result.Unknown = append(a.result.Unknown, refName(ref))
		}
		event := a.event(refName(ref), a.moment(ref.At), outcome)
		if known != nil {
			event.SKU = known.SKU
		}
		if ref.Stock != nil {
			event.Available, event.Unknown = ref.Stock.Available, ref.Stock.Unknown
		} else {
			event.Unknown = true
		}
		a.events = append(a.events, event)
	}
	return items, nil
}

// stockOf is the whole stock that news of a thing amounts to: what it says or, where it counts one place, the sum of the
// chosen ones. It is nil where only the system can tell: where the other places were never told of, and it can be asked.
func (a *application) stockOf(ctx context.Context, ref models.StockReference, known *store.SourceItem, poll models.Poll) (*models.Stock, error) {
	if ref.Stock == nil || ref.LocationID == "" || ref.Stock.Unknown {
		return ref.Stock, nil
	}
	stockID := ref.StockID
	if stockID == "" {
		stockID = ref.VariantID
	}
	if err := a.tx.SaveLevel(a.source.ID, models.Level{StockID: stockID, LocationID: ref.LocationID, Available: ref.Stock.Available, At: a.moment(ref.At)}); err != nil {
		return nil, err
	}
	if !ref.Alone && (known == nil || known.CountedAt == 0) {
		return nil, nil //nolint:nilnil // nobody knows: see above
	}
	levels, err := a.tx.Levels(ctx, a.source.ID, stockID)
	if err != nil {
		return nil, err
	}
	total := models.TotalStock(levels, poll.Locations)
	return &total, nil
}

// refName is how a thing without a SKU is shown to people: by the id that the system uses for it.
func refName(ref models.StockReference) string {
	for _, id := range []string{ref.StockID, ref.VariantID, ref.ProductID} {
		if id != "" {
			return "#" + models.Shorten(id, models.MaxSKU-1)
		}
	}
	return "#"
}

// RefuseSource counts a call of a source that was refused, and why, so that a wrong secret is seen on the screens
// before the sender gives up. A call that was genuine is kept, and may be applied once it can be read.
func (s *Service) RefuseSource(ctx context.Context, id, why string, d models.Delivery, call *models.Call) error {
	return s.store.Update(ctx, func(tx *store.Tx) error {
		if d.Origin != models.ByTest {
			d.Origin = models.ByWebhook
			if err := tx.SourceRefused(id, why); err != nil {
				return err
			}
		}
		sealed, err := tx.SealCall(id, call)
		if err != nil {
			return err
		}
		d.SourceID, d.Outcome, d.Why, d.Sealed = id, models.DeliveryRefused, why, sealed
		_, err = tx.SaveDelivery(d)
		return err
	})
}
