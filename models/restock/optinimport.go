package restock

import (
	"context"

	"bentornato/models"
	"bentornato/models/store"
)

// OptInLister reads a Page's own list of recurring permissions, one part at a time; next is empty at the end.
type OptInLister interface {
	ListOptIns(ctx context.Context, pageID, accessToken, position string) (list []models.ListedOptIn, next string, err error)
}

// BeginOptInImport lets the list of the permissions that a Page has already be read in the background: from where it stopped, or
// from the start.
func (s *Service) BeginOptInImport(ctx context.Context, pageID string) error {
	if s.cfg.OptIns == nil {
		return models.Errorf(models.KindUnavailable, "Messenger cannot be reached from here.")
	}
	err := s.store.Update(ctx, func(tx *store.Tx) error {
		p, err := tx.Page(ctx, pageID)
		if err != nil {
			return err
		}
		if len(p.SealedToken) == 0 {
			return models.Errorf(models.KindConflict, "The Page has no access token yet; connect it first.")
		}
		return tx.BeginImport(ctx, pageID)
	})
	if err == nil {
		s.waker.Wake()
	}
	return err
}

// ImportOptIns makes one step of every import that runs, and reports whether there may be more to do. Steps can be repeated, and
// be made by several processes: what is known changes nothing.
func (s *Service) ImportOptIns(ctx context.Context) (bool, error) {
	ids, err := s.store.RunningImports(ctx)
	if err != nil {
		return false, err
	}
	for _, id := range ids {
		if _, err := s.ImportStep(ctx, id); err != nil {
			s.log.Warn("the Page's list of permissions could not be read on", "page", id, "error", err)
		}
	}
	return len(ids) > 0, nil
}

// ImportStep reads the next part of one Page's list, and returns how far the import is then. What fails is written down, and can
// be gone on with.
func (s *Service) ImportStep(ctx context.Context, pageID string) (models.OptInImport, error) {
	i, err := s.store.OptInImport(ctx, pageID)
	if err != nil || i.State != models.ImportRunning {
		return i, err
	}
	page, err := s.store.Page(ctx, pageID)
	if err != nil {
		return i, err
	}
	accessToken, err := s.store.PageToken(page)
	if err != nil {
		return i, err
	}
	list, next, err := s.cfg.OptIns.ListOptIns(ctx, pageID, accessToken, i.Position)
	if err != nil {
		if ctx.Err() != nil {
			return i, err // being told to stop is no failure: it goes on with the next start
		}
		restart := i.Position != "" && models.KindOf(err) == models.KindInvalid
		if failed := s.store.Update(ctx, func(tx *store.Tx) error { return tx.FailImport(i, models.MessageOf(err), restart) }); failed != nil {
			return i, failed
		}
		return i, err
	}
	err = s.store.Update(ctx, func(tx *store.Tx) error {
		added, waiting := 0, 0
		for _, one := range list {
			isNew, waits, err := s.importOne(ctx, tx, page, one)
			if err != nil {
				return err
			}
			waiting += waits
			if isNew {
				added++
			}
		}
		_, err := tx.AdvanceImport(i, next, len(list), added, waiting)
		return err
	})
	if err != nil {
		return i, err
	}
	s.waker.Wake()
	return s.store.OptInImport(ctx, pageID)
}

// importOne keeps one permission of the list. It is for the product whose question it answers, or else for what the person asks
// about. It starts no restock: whoever gave it long ago is told of the next.
func (s *Service) importOne(ctx context.Context, tx *store.Tx, page models.Page, l models.ListedOptIn) (isNew bool, waiting int, err error) {
	if known, err := tx.KnownOptIn(page.ID, l.Token); known || err != nil {
		return false, 0, err
	}
	contact, err := tx.TakeContact(page.ID, l.PSID)
	if err != nil {
		return false, 0, err
	}
	at := l.At
	if at.IsZero() || at.After(tx.Now()) {
		at = tx.Now()
	}
	o := models.OptIn{PageID: page.ID, ContactID: contact.ID, Title: l.OptIn.Title, Frequency: l.OptIn.Frequency, TimeZone: l.OptIn.TimeZone,
		Source: models.OptInByImport, Status: models.OptInActive, GrantedAt: at, StatusAt: at, ExpiresAt: l.OptIn.ExpiresAt, NextUseAt: l.NextAt}
	if o.ExpiresAt.IsZero() {
		o.ExpiresAt = models.RecurringExpiry(at, o.Frequency)
	}
	request, asked, err := tx.RequestByTitle(contact.ID, l.OptIn.Title)
	if err != nil {
		return false, 0, err
	}
	if asked {
		o.VariantID, o.RequestID = request.VariantID, request.ID
	}
	switch {
	case !contact.StoppedAt.IsZero() && !at.After(contact.StoppedAt):
		o.Status, o.Reason = models.OptInStopped, models.TokenStop
	case !tx.Now().Before(o.ExpiresAt):
		o.Status, o.Reason = models.OptInExpired, models.TokenYearOver
	}
	o, isNew, err = tx.SaveOptIn(o, l.Token)
	if err != nil || !isNew || o.Status != models.OptInActive {
		return isNew, 0, err
	}
	a := act{Service: s, tx: tx, page: page, contact: contact, event: models.Event{At: at}}
	waiting, err = a.waitBy(ctx, o, false)
	return isNew, waiting, err
}
