package views

import (
	"context"
	"strconv"
	"time"

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

// percent is a part of a whole in whole percents, cut and not rounded.
func percent(part, whole int) int {
	if whole == 0 {
		return 0
	}
	return part * 100 / whole
}

// waves is about how many waves the restock takes, as far as one can tell from the stock of now.
func (p Progress) waves() int {
	behind := p.Waiting - p.Restock.Left()
	if behind <= 0 {
		return p.Restock.Wave
	}
	each := models.WaveBudget(p.Variant.Stock(), p.Variant.TokensPerUnit)
	if each == 0 {
		return p.Restock.Wave + 1
	}
	return p.Restock.Wave + (behind+each-1)/each
}

// timeLeftHint says what the time left is reckoned from, or why there is none.
func timeLeftHint(ctx context.Context, p Progress) string {
	switch {
	case p.EndsAt.After(p.Now):
		return T(ctx, "restock.at_this_pace")
	case p.Restock.State == models.RestockRunning && p.Restock.Limited() && p.Waiting > p.Restock.Left():
		return T(ctx, "restock.waves_decide")
	default:
		return T(ctx, "restock.nobody_can_tell")
	}
}

// withoutScript is how often a browser without a script draws a screen anew that moves.
const withoutScript = 15 * time.Second

// reloading is the frame of a screen that moves: a browser without a script asks for it again by itself.
func (p RestockProps) reloading() Page {
	frame := p.Page
	if s := p.Progress.Restock.State; (s == models.RestockRunning || s == models.RestockHeld) && p.Pager.Cursor == "" {
		frame.Refresh = withoutScript
	}
	return frame
}

func (p RestockProps) cursor(c string) string {
	return withQuery("/restocks/"+strconv.FormatInt(p.Progress.Restock.ID, 10), "cursor", c) + "#calls"
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
