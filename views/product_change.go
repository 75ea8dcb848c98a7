package views

import (
	"context"
	"strconv"

	"bentornato/models"
)

// fieldChange is one field of a variant before and after, as people read it.
type fieldChange struct {
	label, before, after string
}

// importChanges are what a line of a file changes; of a new variant, what the line says of it.
func importChanges(ctx context.Context, l models.ImportLine) []fieldChange {
	fields := l.Fields()
	list := make([]fieldChange, 0, len(fields))
	for _, field := range fields {
		if l.Added && (field == "title" || field == "min_stock") {
			continue // the title stands beside it, and the minimum is no column
		}
		c := fieldChange{label: T(ctx, "change_field."+field), before: fieldValue(ctx, l.Before, field), after: fieldValue(ctx, l.After, field)}
		if field == "product" {
			c.before, c.after = orNothing(ctx, l.ProductBefore), orNothing(ctx, l.ProductAfter)
		}
		list = append(list, c)
	}
	return list
}

// variantChanges are what a change of rules changes.
func variantChanges(ctx context.Context, change models.VariantChange) []fieldChange {
	fields := change.Fields()
	list := make([]fieldChange, len(fields))
	for i, field := range fields {
		list[i] = fieldChange{label: T(ctx, "change_field."+field), before: fieldValue(ctx, change.Before, field), after: fieldValue(ctx, change.After, field)}
	}
	return list
}

// fieldValue is what a field holds, as people read it.
func fieldValue(ctx context.Context, v models.Variant, field string) string {
	switch field {
	case "title":
		return orNothing(ctx, v.Title)
	case "option":
		return orNothing(ctx, v.Option)
	case "price":
		return orNothing(ctx, Money(ctx, v.PriceMinor, v.Currency))
	case "url":
		return orNothing(ctx, v.URL)
	case "image_url":
		return orNothing(ctx, v.ImageURL)
	case "available":
		if v.QuantityUnknown {
			return T(ctx, "product.pieces_unknown")
		}
		return Number(ctx, v.Available)
	case "min_stock":
		return Number(ctx, v.MinStock)
	case "tokens_per_unit":
		if v.TokensPerUnit == 0 {
			return T(ctx, "product_change.no_limit")
		}
		return Number(ctx, v.TokensPerUnit)
	case "hold_down_seconds":
		return ruleValue(ctx, v.Rules.HoldDownSeconds)
	case "ask_above":
		return ruleValue(ctx, v.Rules.AskAbove)
	case "wave_minutes":
		return ruleValue(ctx, v.Rules.WaveMinutes)
	case "newest_first":
		return T(ctx, "order_rule."+orElse(orderRule(v.Rules.NewestFirst), "page"))
	}
	return ""
}

func orNothing(ctx context.Context, s string) string {
	if s == "" {
		return T(ctx, "product_change.nothing")
	}
	return s
}

func ruleValue(ctx context.Context, n *int) string {
	if n == nil {
		return T(ctx, "product_change.as_page")
	}
	return Number(ctx, *n)
}

// orderRule is a variant's own order as a form has it: empty for the Page's, "first" or "newest".
func orderRule(newestFirst *bool) string {
	switch {
	case newestFirst == nil:
		return ""
	case *newestFirst:
		return "newest"
	default:
		return "first"
	}
}

// ownRule is a rule of a variant's own as a form has it; empty for the Page's.
func ownRule(n *int) string {
	if n == nil {
		return ""
	}
	return strconv.Itoa(*n)
}
