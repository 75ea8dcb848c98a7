package views

import (
	"context"
	"strings"

	"bentornato/models"
)

// entryTitle says what happened in a few words.
func entryTitle(ctx context.Context, e dossierEntry) string {
	switch {
	case e.interest != nil:
		return T(ctx, "dossier.interest")
	case e.request != nil:
		return T(ctx, "dossier.request")
	case e.token != nil && e.granted && e.token.Recurring():
		return T(ctx, "opt_in.waits")
	case e.token != nil && e.granted:
		return T(ctx, "dossier.token_granted")
	case e.token != nil:
		return T(ctx, "dossier.token", "State", TokenStateWord(ctx, e.token.State))
	case e.attempt != nil:
		return T(ctx, "dossier.attempt", "State", AttemptStateWord(ctx, e.attempt.State))
	case e.click:
		return T(ctx, "dossier.click")
	case e.order != nil:
		return T(ctx, "dossier.order")
	case e.message != nil && e.message.Incoming && e.message.Reason == models.MessageTap:
		return T(ctx, "dossier.message_tap")
	case e.message != nil && e.message.Incoming:
		return T(ctx, "dossier.message_in")
	case e.message != nil && e.message.TypedBy != 0:
		return T(ctx, "dossier.message_by_hand")
	case e.message != nil && e.message.FromElsewhere():
		return T(ctx, "dossier.message_elsewhere")
	default:
		return T(ctx, "dossier.message_out")
	}
}

// entryText says how, why or with what outcome; empty where the title says all.
func entryText(ctx context.Context, e dossierEntry) string {
	switch {
	case e.interest != nil:
		return InterestSourceText(ctx, e.interest.Source)
	case e.request != nil && e.request.Product != "":
		return RequestStateWord(ctx, e.request.State) + ". " +
			T(ctx, "opt_in.was_asked", "Product", OptInProductWord(ctx, e.request.Product), "Why", OptInReasonText(ctx, e.request.Why))
	case e.request != nil:
		return RequestStateWord(ctx, e.request.State)
	case e.token != nil && !e.granted:
		return TokenReasonText(ctx, e.token.Reason)
	case e.attempt != nil:
		if answer := attemptAnswer(*e.attempt); answer != "" {
			return answer + " " + e.attempt.Detail
		}
		return e.attempt.Detail
	case e.order != nil && !e.order.VoidAt.IsZero():
		return strings.TrimSpace(Money(ctx, e.order.AmountMinor, e.order.Currency) + " " + T(ctx, "dossier.order_void"))
	case e.order != nil:
		return Money(ctx, e.order.AmountMinor, e.order.Currency)
	case e.message != nil && !e.message.Incoming && e.message.State != models.MessageSent:
		return strings.TrimSpace(MessageStateWord(ctx, e.message.State) + ". " + messageTrouble(ctx, *e.message))
	}
	return ""
}

// entryWords are the exact words that were written, either way.
func entryWords(ctx context.Context, e dossierEntry) string {
	switch {
	case e.request != nil:
		return e.request.Title
	case e.message != nil:
		return messageWords(ctx, *e.message)
	}
	return ""
}
