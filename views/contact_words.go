package views

import (
	"context"

	"bentornato/models"
)

// entryTitle says what happened in a few words.
func entryTitle(ctx context.Context, e DossierEntry) string {
	switch {
	case e.Interest != nil:
		return T(ctx, "dossier.interest")
	case e.Request != nil:
		return T(ctx, "dossier.request")
	case e.Token != nil && e.Token.State == models.TokenWaiting && e.Token.Attempts == 0:
		return T(ctx, "dossier.token_granted")
	case e.Token != nil:
		return T(ctx, "dossier.token", "State", TokenStateWord(ctx, e.Token.State))
	case e.Attempt != nil:
		return T(ctx, "dossier.attempt", "State", AttemptStateWord(ctx, e.Attempt.State))
	case e.Click != nil:
		return T(ctx, "dossier.click")
	case e.Message != nil && e.Message.Incoming:
		return T(ctx, "dossier.message_in")
	case e.Message != nil && e.Message.TypedBy != 0:
		return T(ctx, "dossier.message_by_hand")
	default:
		return T(ctx, "dossier.message_out")
	}
}

// entryText says how, why or with what outcome; empty where the title says all.
func entryText(ctx context.Context, e DossierEntry) string {
	switch {
	case e.Interest != nil:
		return InterestSourceText(ctx, e.Interest.Source)
	case e.Request != nil:
		return RequestStateWord(ctx, e.Request.State)
	case e.Token != nil:
		return TokenReasonText(ctx, e.Token.Reason)
	case e.Attempt != nil:
		if answer := attemptAnswer(*e.Attempt); answer != "" {
			return answer + " " + e.Attempt.Detail
		}
		return e.Attempt.Detail
	case e.Click != nil:
		return e.Click.URL
	case e.Message != nil && !e.Message.Incoming && e.Message.State != models.MessageSent:
		return MessageStateWord(ctx, e.Message.State)
	}
	return ""
}

// entryWords are the exact words that were written, either way.
func entryWords(e DossierEntry) string {
	switch {
	case e.Request != nil:
		return e.Request.Title
	case e.Message != nil:
		return e.Message.Text
	}
	return ""
}
