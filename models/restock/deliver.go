package restock

import (
	"context"
	"time"

	"bentornato/models"
	"bentornato/models/store"
)

// CheckMessage holds the notification of a restock against the platform's limits, in every language, before any token
// is claimed for it (rule 6.4).
func (s *Service) CheckMessage(v models.Variant) error {
	link := ""
	if v.URL != "" {
		link = s.cfg.BaseURL + "/r/" + s.store.ClickCode(1<<62)
	}
	for language := range phrases {
		for _, content := range []models.Content{notification(language, v, link), recurringNotification(language, v, link)} {
			if err := content.Validate(); err != nil {
				return err
			}
		}
	}
	return nil
}

// DeliverNotification makes the call of a claimed token's attempt, if the policy allows it at this moment, and says
// what came of it.
func (s *Service) DeliverNotification(ctx context.Context, page models.Page, accessToken string, c store.ClaimedToken) models.Settlement {
	kind, to, say, settle := models.SendNotification, models.Recipient{Token: c.Secret}, notification, models.SettleAttempt
	if c.Recurring() {
		kind, to, say, settle = models.SendRecurring, models.Recipient{Recurring: c.Secret}, recurringNotification, models.SettleRecurring
	}
	policy := models.MaySend(models.PolicyQuestion{Kind: kind, Page: page, Contact: c.Contact, Token: &c.Token, OptIn: c.OptIn, Now: s.now()})
	answer := models.Answer{Outcome: models.OutcomeNotSent, Detail: string(policy.Reason)}
	if policy.Allowed {
		link := ""
		if c.Variant.URL != "" {
			link = s.cfg.BaseURL + "/r/" + s.store.ClickCode(c.ID)
		}
		answer = s.sender.Send(ctx, page.ID, accessToken, models.Outgoing{
			Recipient: to,
			Kind:      kind,
			Content:   say(models.Language(c.Contact.Locale, page.Locale), c.Variant, link),
			Metadata:  attemptMetadata(c.ID, c.Attempts),
		})
	}
	return settle(c.Token, answer, s.now(), s.cfg.UnknownGrace)
}

// DeliverMessage makes the call of a claimed message, if the policy allows it at this moment, and returns the message
// as it is then, and what the platform said.
func (s *Service) DeliverMessage(ctx context.Context, page models.Page, accessToken string, c store.ClaimedMessage) (models.Message, models.Answer) {
	m := c.Message
	question, err := s.question(ctx, page, c)
	if err != nil {
		m.State, m.NextAt = models.MessageQueued, s.now().Add(readRetry)
		return m, models.Answer{}
	}
	policy := models.MaySend(question)
	switch {
	case policy.Reason == models.ReasonPagePaused:
		m.State, m.NextAt = models.MessageQueued, s.now()
		return m, models.Answer{}
	case policy.Reason == models.ReasonThreadOwned && (m.SendBefore.IsZero() || s.now().Add(threadRetry).Before(m.SendBefore)):
		m.State, m.Reason, m.NextAt = models.MessageQueued, string(policy.Reason), s.now().Add(threadRetry)
		return m, models.Answer{}
	}
	if !policy.Allowed || m.Content == nil {
		m.State, m.Reason = models.MessageDropped, string(policy.Reason)
		return m, models.Answer{}
	}
	to := c.Contact.Address()
	if m.Kind == models.SendPrivateReply {
		to = models.Recipient{CommentID: m.CommentID}
		if full, err := s.privateRepliesFull(ctx, m); err != nil || full {
			m.State, m.NextAt = models.MessageQueued, s.now().Add(privateRetry)
			return m, models.Answer{}
		}
	}
	answer := s.sender.Send(ctx, page.ID, accessToken, models.Outgoing{Recipient: to, Kind: m.Kind, Content: *m.Content, Metadata: messageMetadata(m.ID)})
	m = models.SettleMessage(m, answer, s.now())
	if answer.Outcome == models.OutcomeProductOff {
		m = s.askOtherwise(ctx, page, m)
	}
	return m, answer
}

// askOtherwise asks with a one-time notification where the platform refused the Page to ask with recurring ones, and the Page uses
// both: who asked is asked.
func (s *Service) askOtherwise(ctx context.Context, page models.Page, m models.Message) models.Message {
	if m.Content.Request == nil || !page.Settings.OptInProduct.Uses(models.OptInOneTime) {
		return m
	}
	again := m
	card := models.RequestCard{Title: m.Content.Request.Title, Payload: m.Content.Request.Payload}
	again.Content = &models.Content{Request: &card}
	if err := s.store.Update(ctx, func(tx *store.Tx) error { return tx.RecastRequest(again, models.OptInWasRefused) }); err != nil {
		s.log.Error("an opt-in request could not be asked otherwise", "message", m.ID, "error", err)
		return m
	}
	again.State, again.NextAt = models.MessageQueued, s.now()
	return again
}

// How long a message waits that another app's thread, the hour's limit of private replies, or a busy database holds back.
const (
	threadRetry  = time.Minute
	privateRetry = time.Minute
	readRetry    = 5 * time.Second // where the database could not say whether it may be sent
)

// privateRepliesFull reports whether the Page has sent all private replies that an hour allows. The one that asks is counted
// already: it is claimed.
func (s *Service) privateRepliesFull(ctx context.Context, m models.Message) (bool, error) {
	n, err := s.store.PrivateReplies(ctx, m.PageID, s.now().Add(-time.Hour), m.ID)
	return n > models.PrivateRepliesPerHour, err
}
