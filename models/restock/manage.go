package restock

import (
	"context"
	"crypto/rand"
	"strings"

	"bentornato/models"
	"bentornato/models/store"
)

// PauseRestock stops claiming until someone resumes it; what is claimed finishes (rule 5.8).
func (s *Service) PauseRestock(ctx context.Context, id int64) (models.Restock, error) {
	return s.move(ctx, id, models.RestockPaused)
}

// ResumeRestock goes on with a paused restock.
func (s *Service) ResumeRestock(ctx context.Context, id int64) (models.Restock, error) {
	return s.move(ctx, id, models.RestockRunning)
}

// CancelRestock ends a restock for good; tokens that were not claimed wait for the next.
func (s *Service) CancelRestock(ctx context.Context, id int64) (models.Restock, error) {
	return s.move(ctx, id, models.RestockCancelled)
}

// ApproveRestock is the merchant's OK to a restock that asked for it (rule 5.6).
func (s *Service) ApproveRestock(ctx context.Context, id int64) (models.Restock, error) {
	var r models.Restock
	err := s.store.Update(ctx, func(tx *store.Tx) error {
		var err error
		if r, err = tx.TakeRestock(id); err != nil {
			return err
		}
		if r.State != models.RestockNeedsOK {
			return models.Errorf(models.KindConflict, "This restock is %s and waits for nobody's OK.", r.State)
		}
		r.Approved = true
		if err := tx.SaveRestock(r); err != nil {
			return err
		}
		_, err = tx.MoveRestock(id, models.RestockNeedsOK, models.RestockRunning, models.RestockByMerchant)
		return err
	})
	return s.moved(ctx, id, err)
}

func (s *Service) move(ctx context.Context, id int64, to models.RestockState) (models.Restock, error) {
	err := s.store.Update(ctx, func(tx *store.Tx) error {
		r, err := tx.TakeRestock(id)
		if err != nil || r.State == to {
			return err
		}
		if to == models.RestockRunning && r.State != models.RestockPaused {
			return models.Errorf(models.KindConflict, "Only a paused restock can be resumed; this one is %s.", r.State)
		}
		target := to
		if to == models.RestockRunning && r.Reason == models.RestockBadMessage {
			v, err := tx.Variant(ctx, r.VariantID)
			if err != nil {
				return err
			}
			if err := s.CheckMessage(v); err != nil {
				return models.Errorf(models.KindConflict, "Its message still breaks a limit of Messenger: %s", models.MessageOf(err))
			}
		}
		switch {
		case to != models.RestockRunning:
		case r.StartAt.After(tx.Now()):
			target = models.RestockHeld // its hold-down is not over
		case r.Taken() == 0 && r.CursorID == 0:
			// It never began: it was paused before the question of rule 5.6 could be put.
			v, err := tx.Variant(ctx, r.VariantID)
			if err != nil {
				return err
			}
			page, err := tx.Page(ctx, r.PageID)
			if err != nil {
				return err
			}
			target = models.StateAfterHold(page.Settings.For(v), v, r)
		}
		_, err = tx.MoveRestock(id, r.State, target, models.RestockByMerchant)
		return err
	})
	return s.moved(ctx, id, err)
}

func (s *Service) moved(ctx context.Context, id int64, err error) (models.Restock, error) {
	if err != nil {
		return models.Restock{}, err
	}
	s.waker.Wake()
	return s.store.Restock(ctx, id)
}

// WithdrawToken takes back one waiting token, for the merchant.
func (s *Service) WithdrawToken(ctx context.Context, id int64) error {
	return s.store.Update(ctx, func(tx *store.Tx) error { return tx.WithdrawToken(id, models.TokenByMerchant) })
}

// AssignToken ties an unassigned token to a variant; where that is in stock, its notification follows.
func (s *Service) AssignToken(ctx context.Context, id, variantID int64) error {
	err := s.store.Update(ctx, func(tx *store.Tx) error {
		if err := tx.AssignToken(id, variantID); err != nil {
			return err
		}
		token, err := tx.Token(ctx, id)
		if err != nil {
			return err
		}
		if token, err = tx.PreferOneTime(ctx, token); err != nil {
			return err
		}
		page, err := tx.Page(ctx, token.PageID)
		if err != nil {
			return err
		}
		return s.joinRestock(ctx, tx, page, token)
	})
	s.waker.Wake()
	return err
}

// EraseContact forgets a person on request (rule 7.4) and returns the code of the public status page.
func (s *Service) EraseContact(ctx context.Context, pageID, psid string) (string, error) {
	code := strings.ToLower(rand.Text())
	err := s.store.Update(ctx, func(tx *store.Tx) error {
		c, err := tx.ContactByPSID(ctx, pageID, psid)
		if err != nil {
			return err
		}
		if err := tx.EraseContact(c); err != nil {
			return err
		}
		return tx.SaveErasure(models.Erasure{Code: code, At: tx.Now(), Contacts: 1, DoneAt: tx.Now()})
	})
	return code, err
}

// RequestDeletion answers the platform's data-deletion callback. The id it brings is an app-scoped one, of a person who
// signed in with Facebook; contacts only have page-scoped ids, which Messenger does not relate to it. What can be
// found under the id is erased, the rest of the answer is a public status page.
func (s *Service) RequestDeletion(ctx context.Context, userID string) (string, error) {
	code := strings.ToLower(rand.Text())
	err := s.store.Update(ctx, func(tx *store.Tx) error {
		pages, err := tx.Pages(ctx)
		if err != nil {
			return err
		}
		n := 0
		for _, p := range pages {
			c, err := tx.ContactByPSID(ctx, p.ID, userID)
			if models.KindOf(err) == models.KindNotFound {
				continue
			}
			if err != nil {
				return err
			}
			if err := tx.EraseContact(c); err != nil {
				return err
			}
			n++
		}
		return tx.SaveErasure(models.Erasure{Code: code, At: tx.Now(), Contacts: n, DoneAt: tx.Now()})
	})
	return code, err
}

// PausePage and ResumePage are the merchant's own switch.
func (s *Service) PausePage(ctx context.Context, id string) error {
	return s.store.Update(ctx, func(tx *store.Tx) error {
		_, err := tx.PausePage(id, models.PauseByMerchant, "")
		return err
	})
}

// ResumePage lets a Page send again, whatever paused it.
func (s *Service) ResumePage(ctx context.Context, id string) error {
	err := s.store.Update(ctx, func(tx *store.Tx) error { return tx.ResumePage(id) })
	s.waker.Wake()
	return err
}

// FetchProfiles asks the platform for the names and languages of contacts that have none yet, a few at a time, and
// reports whether there may be more. A profile that may not be read leaves the contact without a name.
func (s *Service) FetchProfiles(ctx context.Context, from Profiler) (bool, error) {
	const few = 20
	list, err := s.store.ContactsWithoutProfile(ctx, few)
	if err != nil {
		return false, err
	}
	for _, c := range list {
		page, err := s.store.Page(ctx, c.PageID)
		if err != nil {
			return false, err
		}
		token, err := s.store.PageToken(page)
		if err != nil {
			return false, err
		}
		name, locale, err := from.Profile(ctx, token, c.PSID)
		if err != nil {
			s.log.Warn("a profile could not be read", "contact", c.ID, "error", err)
		}
		if err := s.store.Update(ctx, func(tx *store.Tx) error { return tx.SaveProfile(c.ID, name, locale) }); err != nil {
			return false, err
		}
	}
	return len(list) == few, nil
}
