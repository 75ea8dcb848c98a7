package views

import (
	"context"

	"bentornato/models"
)

// OptInProductWord names an opt-in product.
func OptInProductWord(ctx context.Context, p models.OptInProduct) string {
	if p == "" {
		p = models.OptInOneTime
	}
	return T(ctx, "opt_in_product."+string(p))
}

// OptInReasonText says why a person is asked with the product they are asked with; empty for no reason.
func OptInReasonText(ctx context.Context, r models.OptInReason) string {
	return reasonText(ctx, "opt_in_reason.", string(r))
}

// OptInStatusWord is a recurring opt-in's status in a word or two.
func OptInStatusWord(ctx context.Context, s models.OptInStatus) string {
	return T(ctx, "opt_in_status."+string(s))
}

// OptInSourceWord says how we learned of a recurring opt-in.
func OptInSourceWord(ctx context.Context, s models.OptInSource) string {
	return T(ctx, "opt_in_source."+string(s))
}

func optInIcon(s models.OptInStatus) string {
	switch s {
	case models.OptInActive:
		return "circle-check"
	case models.OptInStopped:
		return "pause"
	default:
		return "ban"
	}
}
