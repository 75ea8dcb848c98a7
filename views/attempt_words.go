package views

import (
	"context"

	"bentornato/models"
)

// attemptOutcome is what came of a call, in words: what Messenger answered, and what becomes of the permission.
func attemptOutcome(ctx context.Context, row models.AttemptRow) string {
	switch row.Attempt.State {
	case models.AttemptSent:
		return T(ctx, "attempt_outcome.sent")
	case models.AttemptPending:
		return T(ctx, "attempt_outcome.pending")
	case models.AttemptUnknown:
		if row.TokenState == models.TokenSent {
			return T(ctx, "attempt_outcome.unknown_sent")
		}
		return T(ctx, "attempt_outcome.unknown")
	case models.AttemptUncall:
		if id := "policy_reason." + row.Attempt.Detail; T(ctx, id) != id {
			return T(ctx, "attempt_outcome.not_made") + " " + PolicyReasonText(ctx, models.PolicyReason(row.Attempt.Detail))
		}
		return T(ctx, "attempt_outcome.not_made")
	}
	text := T(ctx, "attempt_refusal."+refusalKind(row.Attempt.Code, row.Attempt.Subcode))
	switch row.TokenState {
	case models.TokenWaiting, models.TokenUnknown:
		return text + " " + T(ctx, "attempt_outcome.again")
	case models.TokenFailed:
		return text + " " + T(ctx, "attempt_outcome.given_up")
	case models.TokenSent:
		return text + " " + T(ctx, "attempt_outcome.told_anyway")
	}
	return text
}

// refusalKind sorts the platform's codes into the few kinds that a shop owner tells apart (Messenger Platform, error codes;
// the classification that decides about tokens is the client's, and finer).
func refusalKind(code, subcode int) string {
	switch {
	case code == 551, code == 200 && subcode == 1545041:
		return "unreachable"
	case code == 100:
		return "invalid"
	case code == 4, code == 9, code == 17, code == 32, code == 341, code == 613, code >= 80000 && code <= 80014:
		return "slower"
	case code == 3, code == 10, code == 102, code == 190, code == 368, code == 2022, code >= 200 && code <= 299:
		return "page"
	case code == -1, code == 0, code == 1, code == 2, code == 1200:
		return "passing"
	}
	return "otherwise"
}
