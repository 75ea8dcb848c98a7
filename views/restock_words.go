package views

import (
	"context"
	"strconv"

	"bentornato/models"
)

// stockOfRestock is the quantity that came back.
func stockOfRestock(ctx context.Context, r models.Restock) string {
	if r.QuantityUnknown {
		return T(ctx, "restock.back_unknown")
	}
	return TN(ctx, "restock.back", r.Quantity)
}

func attemptIcon(s models.AttemptState) string {
	switch s {
	case models.AttemptSent:
		return "circle-check"
	case models.AttemptRefused:
		return "circle-x"
	case models.AttemptUnknown:
		return "circle-help"
	case models.AttemptUncall:
		return "undo-2"
	default:
		return "clock"
	}
}

func attemptClass(s models.AttemptState) string {
	switch s {
	case models.AttemptSent:
		return "state-good"
	case models.AttemptRefused:
		return "state-alert"
	default:
		return "state-rest"
	}
}

// attemptAnswer is the platform's code, with the subcode where it gave one.
func attemptAnswer(a models.Attempt) string {
	switch {
	case a.Code == 0:
		return ""
	case a.Subcode == 0:
		return strconv.Itoa(a.Code)
	default:
		return strconv.Itoa(a.Code) + "/" + strconv.Itoa(a.Subcode)
	}
}
