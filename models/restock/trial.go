package restock

import (
	"context"

	"bentornato/models"
	"bentornato/models/store"
)

// PreviewMessages returns what a person would be sent about a variant in a language, word for word. The link of the
// notification, which is each person's own, is the variant's address here.
func (s *Service) PreviewMessages(page models.Page, v models.Variant, language string) models.MessagePreview {
	title := models.RequestTitle(page.Settings.For(v), language, v)
	return models.MessagePreview{
		Language:     language,
		Request:      models.Content{Request: &models.RequestCard{Title: title, Payload: askPrefix}},
		Notification: notification(language, v, v.URL),
		Err:          s.CheckMessage(v),
	}
}

// SetTester remembers which contact a user is on a Page, so that messages can be tried out on them.
func (s *Service) SetTester(ctx context.Context, userID, contactID int64) error {
	return s.store.Update(ctx, func(tx *store.Tx) error {
		c, err := tx.Contact(ctx, contactID)
		if err != nil {
			return err
		}
		if !c.ErasedAt.IsZero() {
			return models.Errorf(models.KindConflict, "This person was erased; choose another.")
		}
		return tx.SaveTester(userID, c)
	})
}

// SendTest sends the user, as the contact they said they are, the opt-in request of a variant (models.SendRequest) or its
// notification as a plain reply, which spends no token (models.SendReply). The policy is asked as for anybody else.
func (s *Service) SendTest(ctx context.Context, userID, variantID int64, kind models.SendKind) error {
	err := s.store.Update(ctx, func(tx *store.Tx) error {
		v, err := tx.Variant(ctx, variantID)
		if err != nil {
			return err
		}
		page, err := tx.Page(ctx, v.PageID)
		if err != nil {
			return err
		}
		me, err := tx.Tester(ctx, userID, page.ID)
		if err != nil {
			return err
		}
		if me, err = tx.TakeContact(page.ID, me.PSID); err != nil {
			return err
		}
		policy := models.MaySend(models.PolicyQuestion{Kind: kind, Page: page, Contact: me, Now: tx.Now()})
		if !policy.Allowed {
			return models.Errorf(models.KindConflict, "Messenger allows no message to you now (%s). Write to the Page from your phone, then try again.", policy.Reason)
		}
		if kind == models.SendRequest {
			done, err := ask(ctx, tx, page, me, v)
			switch {
			case err == nil && done == askNot:
				err = models.Errorf(models.KindConflict, "You were asked about this product already: answer that message first.")
			case err == nil && done == askHeld:
				err = models.Errorf(models.KindConflict, "You allowed recurring messages about this product already: there is nothing to ask.")
			}
			return err
		}
		content := notification(models.Language(me.Locale, page.Locale), v, v.URL)
		if err := content.Validate(); err != nil {
			return err
		}
		_, err = tx.QueueMessage(models.Message{PageID: page.ID, ContactID: me.ID, Kind: models.SendReply, Rank: models.RankReply, TypedBy: userID,
			Content: &content, Text: plain(content), SendBefore: policy.Until})
		return err
	})
	if err == nil {
		s.waker.Wake()
	}
	return err
}
