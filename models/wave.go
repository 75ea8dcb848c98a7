package models

import (
	"math"
	"time"
)

// Defaults of rules 5.5 and 5.9.
const (
	DefaultWaveInterval = 30 * time.Minute
	DefaultSpacing      = time.Minute
)

// WaveBudget is how many tokens one wave may claim for a stock: quantity x tokensPerUnit. 0 means no limit: no
// tokensPerUnit is set, or the quantity is unknown, so that nothing can be reckoned from it (rule 5.5). It is asked
// only of stock that is at or above the minimum: below it nothing is claimed, whatever the budget.
func WaveBudget(s Stock, tokensPerUnit int) int {
	if tokensPerUnit <= 0 || s.Unknown || s.Available <= 0 {
		return 0
	}
	if s.Available > math.MaxInt32/tokensPerUnit {
		return math.MaxInt32 // more than there can be tokens
	}
	return s.Available * tokensPerUnit
}

// NextBudget is the total budget of a restock once another wave is due: what has been taken, and a wave's worth
// for the stock of now.
func NextBudget(taken int, s Stock, tokensPerUnit int) int {
	wave := WaveBudget(s, tokensPerUnit)
	if wave == 0 {
		return 0
	}
	return taken + wave
}

// StateAfterHold is where a restock goes once its hold-down is over: to the merchant where it would spend more
// tokens than "ask above" allows and nobody said yes yet, else off (rule 5.6).
func StateAfterHold(s PageSettings, v Variant, r Restock) RestockState {
	would := v.Waiting
	if r.Limited() {
		would = min(would, r.Budget)
	}
	if s.AskAbove > 0 && would > s.AskAbove && !r.Approved {
		return RestockNeedsOK
	}
	return RestockRunning
}

// QuietUntil reports whether the Page's quiet hours hold at now, and until when (rule 5.7). Hours are those of
// the Page's wall clock, so they move with daylight saving: 08:00 is 08:00 on the morning after the change.
func QuietUntil(p Page, now time.Time) (time.Time, bool) {
	from, errFrom := time.Parse("15:04", p.Settings.QuietFrom)
	to, errTo := time.Parse("15:04", p.Settings.QuietTo)
	if errFrom != nil || errTo != nil || from.Equal(to) {
		return time.Time{}, false
	}
	local := now.In(p.Location())
	at := func(day int, clock time.Time) time.Time {
		return time.Date(local.Year(), local.Month(), local.Day()+day, clock.Hour(), clock.Minute(), 0, 0, local.Location())
	}
	// The quiet time that holds now began today or, where it runs over midnight, yesterday.
	for _, day := range []int{-1, 0} {
		start, end := at(day, from), at(day, to)
		if to.Before(from) {
			end = at(day+1, to)
		}
		if !now.Before(start) && now.Before(end) {
			return end.UTC(), true
		}
	}
	return time.Time{}, false
}
