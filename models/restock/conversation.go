package restock

import (
	"context"
	"strconv"
	"strings"

	"bentornato/models"
	"bentornato/models/store"
)

// Reply queues what someone of the team typed: a plain reply inside the standard window, as HUMAN_AGENT after it, and
// refused with the reason after that (section 8). Whoever answers has read.
func (s *Service) Reply(ctx context.Context, contactID, userID int64, text string) error {
	text = strings.TrimSpace(strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\x00", ""))
	if err := models.CheckReply(text); err != nil {
		return err
	}
	if place := models.OpenPlace(text); place != "" {
		return models.FieldErrorf("reply_place", "Fill in %s first, or take it out.", place)
	}
	err := s.store.Update(ctx, func(tx *store.Tx) error {
		c, page, err := conversation(ctx, tx, contactID)
		if err != nil {
			return err
		}
		health, err := tx.PageHealth(ctx, page.ID)
		if err != nil {
			return err
		}
		kind, policy := models.ReplyAs(page, health, c, tx.Now())
		if !policy.Allowed {
			return models.Errorf(models.KindConflict, "Messenger allows no reply to this person now (%s).", policy.Reason)
		}
		if _, err = tx.QueueMessage(models.Message{PageID: page.ID, ContactID: c.ID, Kind: kind, Rank: models.RankReply, TypedBy: userID,
			Content: &models.Content{Text: text}, Text: text, SendBefore: policy.Until}); err != nil {
			return err
		}
		if err := tx.SetAnswered(c.ID); err != nil {
			return err
		}
		if err := tx.Record(onContact(c, models.AuditReplied)); err != nil {
			return err
		}
		return tx.SaveHeard([]store.Heard{{ContactID: c.ID, Text: text, At: tx.Now()}})
	})
	s.waker.Wake()
	return err
}

// conversation returns a contact, and the Page that the conversation is with.
func conversation(ctx context.Context, tx *store.Tx, contactID int64) (models.Contact, models.Page, error) {
	c, err := tx.Contact(ctx, contactID)
	if err != nil {
		return c, models.Page{}, err
	}
	page, err := tx.Page(ctx, c.PageID)
	return c, page, err
}

// MarkRead says that somebody of the team has looked at a conversation.
func (s *Service) MarkRead(ctx context.Context, contactID int64) error {
	return s.store.Update(ctx, func(tx *store.Tx) error { return tx.SetUnread(contactID, false) })
}

// MarkUnread says that somebody of the team should look at a conversation again.
func (s *Service) MarkUnread(ctx context.Context, contactID int64) error {
	return s.store.Update(ctx, func(tx *store.Tx) error { return tx.SetUnread(contactID, true) })
}

// MarkAnswered says that a conversation needs no answer from anybody.
func (s *Service) MarkAnswered(ctx context.Context, contactID int64) error {
	return s.store.Update(ctx, func(tx *store.Tx) error {
		if _, err := tx.Contact(ctx, contactID); err != nil {
			return err
		}
		return tx.SetAnswered(contactID)
	})
}

// WithdrawTokens takes back every waiting token of a contact, for the merchant, and returns how many there were.
func (s *Service) WithdrawTokens(ctx context.Context, contactID int64) (int, error) {
	n := 0
	err := s.store.Update(ctx, func(tx *store.Tx) error {
		c, err := tx.Contact(ctx, contactID)
		if err != nil {
			return err
		}
		if n, err = tx.WithdrawTokens(contactID, models.TokenByMerchant); err != nil || n == 0 {
			return err
		}
		return tx.Record(onContact(c, models.AuditWithdrawn))
	})
	return n, err
}

// onContact is the entry of what was done about a contact, who stands there as a number.
func onContact(c models.Contact, act models.AuditAct) models.AuditEntry {
	return models.AuditEntry{Thing: models.AuditContact, ThingID: strconv.FormatInt(c.ID, 10), PageID: c.PageID, Act: act}
}

// SaveReply writes a saved reply, a new one where its number is 0.
func (s *Service) SaveReply(ctx context.Context, reply models.SavedReply) error {
	reply.Title = strings.TrimSpace(reply.Title)
	reply.Text = strings.TrimSpace(strings.ReplaceAll(reply.Text, "\r\n", "\n"))
	if err := models.ValidateSavedReply(reply); err != nil {
		return err
	}
	return s.store.Update(ctx, func(tx *store.Tx) error {
		saved, err := tx.SaveReply(reply)
		if err != nil {
			return err
		}
		return tx.Record(models.AuditEntry{Thing: models.AuditReply, ThingID: strconv.FormatInt(saved.ID, 10), ThingName: saved.Title, Act: savedAs(reply.ID)})
	})
}

// DeleteReply deletes a saved reply; what was sent from it stays.
func (s *Service) DeleteReply(ctx context.Context, id int64) error {
	return s.store.Update(ctx, func(tx *store.Tx) error {
		if err := tx.DeleteReply(id); err != nil {
			return err
		}
		return tx.Record(models.AuditEntry{Thing: models.AuditReply, ThingID: strconv.FormatInt(id, 10), Act: models.AuditDeleted})
	})
}

// savedAs is what saving a thing with a number did; 0 is a new one.
func savedAs(id int64) models.AuditAct {
	if id == 0 {
		return models.AuditAdded
	}
	return models.AuditChanged
}
