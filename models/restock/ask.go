package restock

import (
	"cmp"
	"context"
	"slices"

	"bentornato/models"
	"bentornato/models/store"
)

// AskContact asks one person, by hand, whether to tell them when a variant is back. It is a conflict where the policy does
// not allow it; the error's field names the reason.
func (s *Service) AskContact(ctx context.Context, contactID, variantID int64) error {
	err := s.store.Update(ctx, func(tx *store.Tx) error {
		c, err := tx.Contact(ctx, contactID)
		if err != nil {
			return err
		}
		answer, err := askByHand(ctx, tx, c, variantID)
		if err != nil {
			return err
		}
		if !answer.Allowed {
			return askRefused(answer.Reason)
		}
		return nil
	})
	if err == nil {
		s.waker.Wake()
	}
	return err
}

// AskEverybody asks all who may be asked, the window that closes soonest first, at most models.MaxAsk of them. It returns how
// many were asked and whether there may be more.
func (s *Service) AskEverybody(ctx context.Context) (asked int, more bool, err error) {
	cursor := ""
	for asked < models.MaxAsk {
		n := 0
		err := s.store.Update(ctx, func(tx *store.Tx) error {
			n = 0
			rows, next, err := tx.AskRows(ctx, models.AskQuery{Limit: min(askBatch, models.MaxAsk-asked), Cursor: cursor}, tx.Now())
			if err != nil {
				return err
			}
			cursor = next
			// Rows are taken in the order of their numbers, so that two transactions never wait for each other.
			byClosing := slices.Clone(rows)
			slices.SortFunc(rows, func(a, b models.AskRow) int { return cmp.Compare(a.Contact.ID, b.Contact.ID) })
			for _, row := range rows {
				if _, err := tx.TakeContact(row.Contact.PageID, row.Contact.PSID); err != nil {
					return err
				}
			}
			for _, row := range byClosing {
				answer, err := askByHand(ctx, tx, row.Contact, row.Variant.ID)
				if err != nil {
					return err
				}
				if answer.Allowed {
					n++
				}
			}
			return nil
		})
		if err != nil {
			return asked, true, err
		}
		asked += n
		s.waker.Wake()
		if cursor == "" {
			return asked, false, nil
		}
	}
	return asked, true, nil
}

// askByHand queues the opt-in request if the policy allows it at this moment, with the contact's row held, and returns the
// policy's answer.
func askByHand(ctx context.Context, tx *store.Tx, c models.Contact, variantID int64) (models.PolicyAnswer, error) {
	if !c.ErasedAt.IsZero() {
		return models.PolicyAnswer{Reason: models.ReasonErased, Until: c.ErasedAt}, nil
	}
	held, err := tx.TakeContact(c.PageID, c.PSID)
	if err != nil {
		return models.PolicyAnswer{}, err
	}
	q, err := tx.AskQuestion(ctx, held, variantID)
	if err != nil {
		return models.PolicyAnswer{}, err
	}
	answer := models.MayAsk(q)
	if !answer.Allowed {
		return answer, nil
	}
	if _, err := ask(ctx, tx, q.Page, held, q.Variant); err != nil {
		return answer, err
	}
	return answer, tx.Record(onContact(held, models.AuditAsked))
}

// askRefused says why a person is not asked.
func askRefused(why models.PolicyReason) error {
	text := map[models.PolicyReason]string{
		models.ReasonAvailable:     "It is not sold out any more, so there is nothing to ask.",
		models.ReasonHasToken:      "This person tapped Notify Me already and will be told.",
		models.ReasonAsked:         "This person was asked and may still answer.",
		models.ReasonStopped:       "This person asked to be left alone.",
		models.ReasonErased:        "This person was erased.",
		models.ReasonNeverWrote:    "This person never wrote to the Page.",
		models.ReasonWindowClosed:  "The 24 hours after their last message are over.",
		models.ReasonWindowEndNear: "The window closes within two minutes: too late to ask.",
		models.ReasonNoProduct:     "Messenger refuses the Page recurring notifications, and it uses no others; choose another opt-in product on the Page's screen.",
		models.ReasonPagePaused:    "The Page is paused; resume it first.",
	}[why]
	if text == "" {
		text = "Messenger does not allow to ask this person now."
	}
	return &models.Error{Kind: models.KindConflict, Field: "ask_" + string(why), Message: text}
}
