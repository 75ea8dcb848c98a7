package restock

import (
	"context"

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
		if err := notification(language, v, link).Validate(); err != nil {
			return err
		}
	}
	return nil
}

// DeliverNotification makes the call of a claimed token's attempt, if the policy allows it at this moment, and says
// what came of it.
func (s *Service) DeliverNotification(ctx context.Context, page models.Page, accessToken string, c store.ClaimedToken) models.Settlement {
	policy := models.MaySend(models.PolicyQuestion{Kind: models.SendNotification, Page: page, Contact: c.Contact, Token: &c.Token, Now: s.now()})
	answer := models.Answer{Outcome: models.OutcomeNotSent, Detail: string(policy.Reason)}
	if policy.Allowed {
		link := ""
		if c.Variant.URL != "" {
			link = s.cfg.BaseURL + "/r/" + s.store.ClickCode(c.ID)
		}
		answer = s.sender.Send(ctx, page.ID, accessToken, models.Outgoing{
			Recipient: models.Recipient{Token: c.Secret},
			Kind:      models.SendNotification,
			Content:   notification(models.Language(c.Contact.Locale, page.Locale), c.Variant, link),
			Metadata:  attemptMetadata(c.ID, c.Attempts),
		})
	}
	return models.SettleAttempt(c.Token, answer, s.now(), s.cfg.UnknownGrace)
}

// DeliverMessage makes the call of a claimed message, if the policy allows it at this moment, and returns the message
// as it is then, and what the platform said.
func (s *Service) DeliverMessage(ctx context.Context, page models.Page, accessToken string, c store.ClaimedMessage) (models.Message, models.Answer) {
	m := c.Message
	policy := models.MaySend(models.PolicyQuestion{Kind: m.Kind, Page: page, Contact: c.Contact, Now: s.now(),
		TypedByPerson: m.TypedBy != 0, CommentAt: m.CommentAt})
	if policy.Reason == models.ReasonPagePaused {
		m.State, m.NextAt = models.MessageQueued, s.now()
		return m, models.Answer{}
	}
	if !policy.Allowed || m.Content == nil {
		m.State, m.Reason = models.MessageDropped, string(policy.Reason)
		return m, models.Answer{}
	}
	to := models.Recipient{PSID: c.Contact.PSID}
	if m.Kind == models.SendPrivateReply {
		to = models.Recipient{CommentID: m.CommentID}
	}
	answer := s.sender.Send(ctx, page.ID, accessToken, models.Outgoing{Recipient: to, Kind: m.Kind, Content: *m.Content, Metadata: messageMetadata(m.ID)})
	return models.SettleMessage(m, answer, s.now()), answer
}
