package views

import (
	"context"
	"time"

	"golang.org/x/text/number"

	"bentornato/models"
)

// DemandProps is what people wait for: GET /demand with page_id and cursor; GET /demand.csv is all of it as a file.
type DemandProps struct {
	Page
	PageID string
	Pages  []models.Page
	// Rows are the variants that somebody waits for, the most awaited first.
	Rows  []DemandRow
	Pager Pager
	// Waiting counts all tokens that wait, Ending those of them that end within models.EndingSoon, up to EndingLimit.
	Waiting, Ending, EndingLimit int
	// Weeks are the last weeks of the shop, the first first, each of seven days from Begin on; the last one ends today.
	Weeks []models.Day
	// Shop is what all notifications of the last year led to.
	Shop models.Conversion
}

// DemandRow is one variant that somebody waits for.
type DemandRow struct {
	Variant models.Variant
	models.Demand
	Advice models.OrderAdvice
}

// Percent writes a share as the language does, in whole percent: "12%".
func Percent(ctx context.Context, share float64) string {
	return speakerOf(ctx).printer.Sprint(number.Percent(share, number.MaxFractionDigits(0)))
}

// adviceText says how a piece of advice was reckoned.
func adviceText(ctx context.Context, a models.OrderAdvice) string {
	if a.Basis == models.AdviceNone {
		return T(ctx, "advice_basis.none", "N", Number(ctx, models.MinOwnHistory))
	}
	bought := a.From.Orders
	if a.Basis == models.AdviceClicks {
		bought = a.From.Clicks
	}
	return T(ctx, "advice_basis."+string(a.Basis), "Share", Percent(ctx, a.Share), "Bought", Number(ctx, bought), "Sent", Number(ctx, a.From.Sent))
}

// WeeksOf gathers days into weeks of seven days, the last of which ends with the date today (as models.DayIn has it).
func WeeksOf(days []models.Day, today time.Time, weeks int) []models.Day {
	first := today.AddDate(0, 0, 1-7*weeks)
	list := make([]models.Day, weeks)
	for i := range list {
		list[i].Begin = first.AddDate(0, 0, 7*i)
	}
	for _, d := range days {
		i := int(d.Begin.Sub(first) / (7 * 24 * time.Hour))
		if d.Begin.Before(first) || i >= weeks {
			continue
		}
		list[i] = list[i].Plus(d)
	}
	return list
}

// quietWeeks reports whether nothing was asked in any of the weeks.
func quietWeeks(weeks []models.Day) bool {
	for _, w := range weeks {
		if w.Asked > 0 || w.Granted > 0 {
			return false
		}
	}
	return true
}

func grantedOf(weeks []models.Day) []int {
	counts := make([]int, len(weeks))
	for i, w := range weeks {
		counts[i] = w.Granted
	}
	return counts
}

// endingText says how many permissions of a variant end soon.
func endingText(ctx context.Context, n int) string {
	if n >= models.MaxEnding {
		return T(ctx, "demand.ending_many", "N", Number(ctx, models.MaxEnding))
	}
	return TN(ctx, "demand.ending_soon", n)
}
