package views

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/number"

	"bentornato/models"
)

// nbsp keeps an amount and its currency on one line.
const nbsp = "\u00a0"

// currencySign is what is written instead of the three letters, where nobody here would read another currency in it.
func currencySign(currency string) (sign string, known bool) {
	switch currency {
	case "EUR":
		return "€", true
	case "GBP":
		return "£", true
	case "USD":
		return "$", true
	}
	return currency, false
}

// Number writes a whole number as the language groups it: "1,234" or "1.234".
func Number(ctx context.Context, n int) string {
	return speakerOf(ctx).printer.Sprint(number.Decimal(n))
}

// Rate writes a pace with at most one decimal: "38.5" or "38,5".
func Rate(ctx context.Context, perSecond float64) string {
	return speakerOf(ctx).printer.Sprint(number.Decimal(perSecond, number.MaxFractionDigits(1)))
}

// Pace writes a pace with exactly one decimal, so that it keeps its width while it changes: "38.5" or "38,0".
func Pace(ctx context.Context, perSecond float64) string {
	return speakerOf(ctx).printer.Sprint(number.Decimal(perSecond, number.Scale(1)))
}

// Money writes an amount, in the currency's smallest unit, as the language does: "€1,234.50" or "1.234,50 €". It is
// empty where there is no price.
func Money(ctx context.Context, minor int64, currency string) string {
	if currency == "" {
		return ""
	}
	whole, cents, hasCents := strings.Cut(models.FormatPrice(minor, currency), ".")
	n, err := strconv.ParseInt(whole, 10, 64)
	if err != nil {
		return models.FormatPrice(minor, currency) + nbsp + currency
	}
	s := speakerOf(ctx)
	amount := s.printer.Sprint(number.Decimal(n))
	if hasCents {
		amount += T(ctx, "format.decimal_sign") + cents
	}
	sign, known := currencySign(currency)
	switch {
	case s.code == "en" && known:
		return sign + amount
	case s.code == "en":
		return sign + nbsp + amount
	default:
		return amount + nbsp + sign
	}
}

// Date writes a day: "22 Nov 2026" or "22 nov 2026". A nil loc is UTC; the zero time is empty.
func Date(ctx context.Context, loc *time.Location, t time.Time) string {
	if t.IsZero() {
		return ""
	}
	t = in(t, loc)
	months := strings.Fields(T(ctx, "format.months"))
	return strconv.Itoa(t.Day()) + " " + months[t.Month()-1] + " " + strconv.Itoa(t.Year())
}

// DateTime writes a moment to the minute: "22 Nov 2026, 16:05". A nil loc is UTC; the zero time is empty.
func DateTime(ctx context.Context, loc *time.Location, t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return Date(ctx, loc, t) + ", " + in(t, loc).Format("15:04")
}

// exact writes a moment for a tooltip, to the second and with its zone.
func exact(ctx context.Context, loc *time.Location, t time.Time) string {
	return Date(ctx, loc, t) + ", " + in(t, loc).Format("15:04:05 MST")
}

func in(t time.Time, loc *time.Location) time.Time {
	if loc == nil {
		loc = time.UTC
	}
	return t.In(loc)
}

// machineTime is a moment for programs: RFC 3339 in UTC.
func machineTime(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// RelTime writes a moment as seen from now: "just now", "5 min ago", "in 2 h", "3 days ago"; from 30 days on, the
// date. Whole units, cut and not rounded: an hour and 50 minutes is "1 h". The zero time is empty.
func RelTime(ctx context.Context, now, t time.Time) string {
	if t.IsZero() {
		return ""
	}
	d, when := now.Sub(t), "ago"
	if d < 0 {
		d, when = -d, "ahead"
	}
	switch {
	case d < time.Minute:
		return T(ctx, "time."+when+".moment")
	case d >= 30*24*time.Hour:
		return Date(ctx, t.Location(), t)
	}
	return T(ctx, "time."+when+".wrap", "Span", Span(ctx, d))
}

// Clock writes a length of time as a clock that runs down does, the same in every language: "23:04:09". What is over is
// "0:00:00".
func Clock(d time.Duration) string {
	s := max(0, int(d/time.Second))
	return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
}

// clockLeft writes a length of time as Clock does, with the days before it where there are any: "6 days 23:04:09".
func clockLeft(ctx context.Context, d time.Duration) string {
	if d < day {
		return Clock(d)
	}
	return TN(ctx, "time.days", int(d/day)) + " " + Clock(d%day)
}

// day is 24 hours; windows and clocks know no others.
const day = 24 * time.Hour

// Span writes a length of time in its largest whole unit: "40 s", "5 min", "2 h", "3 days".
func Span(ctx context.Context, d time.Duration) string {
	switch {
	case d < time.Minute:
		return TN(ctx, "time.seconds", int(d/time.Second))
	case d < time.Hour:
		return TN(ctx, "time.minutes", int(d/time.Minute))
	case d < 24*time.Hour:
		return TN(ctx, "time.hours", int(d/time.Hour))
	default:
		return TN(ctx, "time.days", int(d/(24*time.Hour)))
	}
}
