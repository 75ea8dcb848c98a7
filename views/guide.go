package views

import (
	"context"
	"strconv"
	"strings"

	"bentornato/models"
)

// guides are how many steps it takes to set each system up; their sentences are the messages guide.<key>_<n>.
func guides() map[models.SourceKind]int {
	return map[models.SourceKind]int{
		"generic": 3, "shopify": 5, "woocommerce": 5, "prestashop": 4, "danea-easyfatt": 4, "fattureincloud": 4,
		"ecwid": 4, "square": 5, "bigcommerce": 4, "odoo": 5, "medusa": 3,
	}
}

func guideSteps(k models.SourceKind) int { return guides()[k] }

// guideKey names a kind in the messages.
func guideKey(k models.SourceKind) string {
	key, _, _ := strings.Cut(string(k), "-")
	return key
}

// SourceTroubleText says what is wrong with a source and what to do about it.
func SourceTroubleText(ctx context.Context, t models.SourceTrouble, k models.SourceKind) string {
	return T(ctx, "source_trouble."+string(t), "System", SourceKindName(ctx, k))
}

// DeliveryOutcomeWord is what became of a call.
func DeliveryOutcomeWord(ctx context.Context, o models.DeliveryOutcome) string {
	return T(ctx, "delivery_outcome."+string(o))
}

// callName is how a call came, in a word or two.
func callName(ctx context.Context, d models.Delivery) string {
	return T(ctx, "delivery_origin."+string(d.Origin))
}

// callSummary counts what a call did; empty where it did nothing that counts.
func callSummary(ctx context.Context, d models.Delivery) string {
	if d.Outcome == models.DeliveryRefused {
		return d.Why
	}
	var parts []string
	for _, c := range []struct {
		what string
		n    int
	}{
		{"accepted", d.Accepted}, {"stale", d.Stale}, {"unknown", d.Unknown}, {"waiting", d.Waiting},
		{"added", d.Added}, {"changed", d.Changed}, {"removed", d.Removed}, {"orders", d.Orders},
	} {
		if c.n > 0 {
			parts = append(parts, T(ctx, "call."+c.what, "N", Number(ctx, c.n)))
		}
	}
	if len(parts) == 0 {
		return T(ctx, "delivery_what."+string(d.Outcome))
	}
	return strings.Join(parts, " · ")
}

// unknownPieces is how many a source says there are of what nobody lists.
func unknownPieces(ctx context.Context, u models.UnknownSKU) string {
	return pieces(ctx, models.SourceEvent{Available: u.Available, Unknown: u.Unknown})
}

// accessHint says that a token on record stays, where there is one.
func accessHint(ctx context.Context, p SourceProps) string {
	if p.Poll.SourceID == "" {
		return ""
	}
	return T(ctx, "poll.access_kept")
}

// placesHint names the places that the system told of.
func placesHint(ctx context.Context, p SourceProps) string {
	if len(p.Known) == 0 {
		return T(ctx, "poll.locations_hint")
	}
	return T(ctx, "poll.locations_known", "Places", strings.Join(p.Known, ", "))
}

// PollFormOf fills the form with what is on record, or with a kind's usual address.
func PollFormOf(p models.Poll, address string) PollForm {
	if p.SourceID == "" {
		return PollForm{Address: address, Minutes: strconv.Itoa(models.DefaultPollMinutes)}
	}
	return PollForm{Address: p.Address, Account: p.Account, Minutes: strconv.Itoa(p.Minutes), Locations: strings.Join(p.Locations, ", ")}
}
