package restock

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"bentornato/models"
	"bentornato/models/store"
)

// Asker asks a shop's system one question. An error is a *models.PollError where the system, or the way to it, failed.
type Asker interface {
	Ask(ctx context.Context, q models.PollAsk) (models.PollAnswer, error)
}

// Limits of asking.
const (
	// pollLease is how long a process may take over one question; afterwards another one asks it again.
	pollLease = 2 * time.Minute
	// lookupsAtOnce is how many things one question names.
	lookupsAtOnce = 20
)

// BetweenPages is the least pause between two questions to one system, where it asks for none itself. A shop of 100,000
// variants, at a hundred a page, is read in some ten minutes.
const BetweenPages = 500 * time.Millisecond

// PollSource asks the system that is due longest one question, applies what its webhooks missed, and reports whether one
// was due. However many call it, a source is asked by one at a time.
func (s *Service) PollSource(ctx context.Context, asker Asker) (bool, error) {
	due, err := s.store.ClaimPolls(ctx, 1, pollLease)
	if err != nil || len(due) == 0 {
		return false, err
	}
	return true, s.poll(ctx, asker, due[0])
}

// poll asks one question of a source that this process has claimed, and gives the claim back.
func (s *Service) poll(ctx context.Context, asker Asker, p models.Poll) error {
	source, err := s.store.Source(ctx, p.SourceID)
	if err != nil {
		return err
	}
	q := models.PollAsk{Poll: p, Kind: source.Kind}
	if q.Lookups, err = s.store.Lookups(ctx, p.SourceID, lookupsAtOnce); err != nil {
		return err
	}
	if len(q.Lookups) == 0 && p.StartedAt.IsZero() {
		return s.settlePoll(ctx, p, func(*store.Tx, *models.Poll) ([]int64, error) { return nil, nil })
	}
	asked := s.now().UTC()
	if q.Access, err = s.store.PollAccess(p); err != nil {
		return s.pollFailed(ctx, p, &models.PollError{Err: err, Trouble: models.PollSealed, Message: "The access token does not open: it was sealed with another BENTORNATO_SECRET_KEY. Type it again."})
	}
	answer, err := asker.Ask(ctx, q)
	if err != nil {
		if ctx.Err() != nil {
			return nil //nolint:nilerr // the process stops; the lease ends by itself, and nothing was done
		}
		var trouble *models.PollError
		if !errors.As(err, &trouble) {
			trouble = &models.PollError{Message: models.MessageOf(err), Err: err}
		}
		return s.pollFailed(ctx, p, trouble)
	}
	if answer.Next != "" && answer.Next == p.Position && len(q.Lookups) == 0 {
		return s.pollFailed(ctx, p, &models.PollError{Message: "The shop's system gives the same page again and again.", Trouble: models.PollStrange, Forget: true})
	}
	return s.settlePoll(ctx, p, func(tx *store.Tx, p *models.Poll) ([]int64, error) {
		return s.applyAnswer(ctx, tx, source, p, q, answer, asked)
	})
}

// settlePoll writes what a question brought, unless the claim was lost meanwhile.
func (s *Service) settlePoll(ctx context.Context, p models.Poll, apply func(*store.Tx, *models.Poll) ([]int64, error)) error {
	var halted []int64
	err := s.store.Update(ctx, func(tx *store.Tx) error {
		held, err := tx.HoldsPoll(p)
		if err != nil || !held {
			return err
		}
		settled := p
		settled.NextAt = nextQuestion(settled, tx.Now())
		if halted, err = apply(tx, &settled); err != nil {
			return err
		}
		return tx.SettlePoll(settled)
	})
	if err == nil {
		s.signal(halted)
	}
	return err
}

// nextQuestion is when a source is asked again: at once in the middle of a round, else when the next one is due.
func nextQuestion(p models.Poll, now time.Time) time.Time {
	switch {
	case !p.StartedAt.IsZero():
		return now.Add(BetweenPages)
	case p.Off():
		return time.Time{}
	default:
		return p.DueAt
	}
}

// pollFailed writes down why a question failed, and waits longer with every failure.
func (s *Service) pollFailed(ctx context.Context, p models.Poll, trouble *models.PollError) error {
	s.log.Warn("a shop's system could not be asked", "source", p.SourceID, "error", trouble)
	return s.settlePoll(ctx, p, func(tx *store.Tx, p *models.Poll) ([]int64, error) {
		p.Failures++
		p.Failure, p.Trouble, p.FailedAt = trouble.Message, trouble.Trouble, tx.Now()
		if trouble.Forget {
			p.Position, p.Checked, p.Found = "", 0, 0
		}
		p.NextAt = tx.Now().Add(models.PollRetry(p.Failures, trouble.Wait))
		return nil, nil
	})
}

// applyAnswer applies one page: what differs from what is on record, as of when the question was asked, so that a webhook
// that came after it wins. It returns the variants of which no token may be claimed any more.
func (s *Service) applyAnswer(ctx context.Context, tx *store.Tx, source models.Source, p *models.Poll, q models.PollAsk, answer models.PollAnswer, asked time.Time) ([]int64, error) {
	p.Failures, p.Failure, p.Trouble, p.FailedAt = 0, "", "", time.Time{}
	report := models.StockReport{Key: fmt.Sprintf("poll/%d", asked.UnixMilli()), At: asked, Catalogue: answer.Catalogue}
	a := &application{s: s, tx: tx, source: source, report: report, origin: models.ByPoll, onlyChanges: true}
	for _, item := range answer.Items {
		known, err := s.rememberPolled(tx, source, item, asked)
		if err != nil {
			return nil, err
		}
		id := externalID(item.VariantID, item.SKU)
		if item.SKU == "" {
			// Of some systems the stock and the SKUs are asked for apart.
			of, err := tx.ItemOf(ctx, source.ID, item.StockID, item.VariantID, item.ProductID)
			if err != nil {
				return nil, err
			}
			if of == nil {
				continue
			}
			item.SKU, id = of.SKU, of.ExternalID
		}
		if item.Stock == nil && len(item.Levels) == 0 {
			continue
		}
		stock := item.Stock
		if stock == nil {
			total := models.TotalStock(item.Levels, p.Locations)
			stock = &total
		}
		a.told = append(a.told, itemNews{id: id, sku: item.SKU, stock: *stock, at: asked})
		// Some shops give several variants one SKU; what a shopper asks for is then any of them.
		if at := slices.IndexFunc(a.report.Items, func(i models.StockItem) bool { return i.SKU == item.SKU }); at >= 0 {
			a.report.Items[at].Stock = models.SharedStock(a.report.Items[at].Stock, *stock)
			continue
		}
		a.fresh = append(a.fresh, !known)
		a.report.Items = append(a.report.Items, models.StockItem{SKU: item.SKU, Stock: *stock, At: asked})
	}
	if err := a.runPolled(ctx); err != nil {
		return nil, err
	}
	if len(q.Lookups) > 0 {
		if err := tx.EndLookups(q.Lookups); err != nil {
			return nil, err
		}
		more, err := tx.Lookups(ctx, p.SourceID, 1)
		if err != nil {
			return nil, err
		}
		if len(more) > 0 {
			p.NextAt = tx.Now().Add(BetweenPages)
		}
	} else {
		p.Checked += len(answer.Items)
		p.Found += a.result.Accepted
		p.Position = answer.Next
		if answer.Next == "" {
			if err := tx.UntellItems(source.ID, p.StartedAt); err != nil {
				return nil, err
			}
			endRound(p, tx.Now())
		}
		p.NextAt = nextQuestion(*p, tx.Now())
	}
	p.NextAt = later(p.NextAt, answer.Wait, tx.Now())
	return a.halted, a.keepPolled()
}

// endRound writes down what a whole round brought, and when the next one is due.
func endRound(p *models.Poll, now time.Time) {
	p.DoneAt, p.DoneChecked, p.DoneFound = now, p.Checked, p.Found
	p.StartedAt, p.Checked, p.Found, p.DueAt = time.Time{}, 0, 0, time.Time{}
	if !p.Off() {
		p.DueAt = now.Add(p.Pause())
	}
}

// later is a time, but not before the system wants to be asked again.
func later(t time.Time, wait time.Duration, now time.Time) time.Time {
	if wait <= 0 || t.IsZero() || t.After(now.Add(wait)) {
		return t
	}
	return now.Add(wait)
}

// rememberPolled keeps the system's ids of an item and the places that have it, and reports whether it was known.
func (s *Service) rememberPolled(tx *store.Tx, source models.Source, item models.PolledItem, asked time.Time) (bool, error) {
	id := externalID(item.VariantID, item.SKU)
	if id == "" || (item.SKU == "" && item.Stock != nil) {
		return true, nil
	}
	fresh, err := tx.RememberItem(store.SourceItem{SourceID: source.ID, ExternalID: id, StockID: item.StockID, ProductID: item.ProductID, SKU: item.SKU})
	if err != nil || item.Stock != nil || len(item.Levels) == 0 {
		return !fresh, err
	}
	item.VariantID = id
	return !fresh, tx.SaveLevels(source.ID, item, asked.UnixMilli())
}

// PollNow has a source's system asked at once.
func (s *Service) PollNow(ctx context.Context, sourceID string) error {
	err := s.store.Update(ctx, func(tx *store.Tx) error {
		p, err := tx.Poll(ctx, sourceID)
		if err != nil {
			return err
		}
		if p.SourceID == "" {
			return models.Errorf(models.KindConflict, "This source's system cannot be asked yet: give it an address and an access token.")
		}
		return tx.PollNow(sourceID)
	})
	s.waker.Wake()
	return err
}

// SavePoll sets how a source's system is asked; an empty access keeps the token that is there.
func (s *Service) SavePoll(ctx context.Context, p models.Poll, access string) error {
	err := s.store.Update(ctx, func(tx *store.Tx) error {
		if _, err := tx.Source(ctx, p.SourceID); err != nil {
			return err
		}
		return tx.SavePoll(ctx, p, access)
	})
	s.waker.Wake()
	return err
}

// DeletePoll ends asking a source's system, and forgets the access token.
func (s *Service) DeletePoll(ctx context.Context, sourceID string) error {
	return s.store.Update(ctx, func(tx *store.Tx) error { return tx.DeletePoll(sourceID) })
}

// runPolled is run for what a system was asked for: SKUs that nobody lists are mentioned the first time only, and
// not with every round.
func (a *application) runPolled(ctx context.Context) error {
	if err := a.lock(a.report.Items); err != nil {
		return err
	}
	if err := a.catalogue(ctx); err != nil {
		return err
	}
	if err := a.share(a.report.Items); err != nil {
		return err
	}
	for i, item := range a.report.Items {
		if len(a.bySKU[item.SKU]) == 0 && !a.fresh[i] {
			continue
		}
		if err := a.item(ctx, item); err != nil {
			return err
		}
	}
	return nil
}

// keepPolled keeps what a page of a poll did, where it did anything.
func (a *application) keepPolled() error {
	if len(a.events) == 0 {
		return nil
	}
	d, err := a.tx.SaveDelivery(models.Delivery{SourceID: a.source.ID, Origin: models.ByPoll, Outcome: models.DeliveryApplied,
		ReportKey: a.report.Key}.Count(a.result, len(a.events)))
	if err != nil {
		return err
	}
	for i := range a.events {
		a.events[i].DeliveryID = d.ID
	}
	return a.tx.SaveSourceEvents(a.events)
}
