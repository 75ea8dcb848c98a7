package models

import "time"

// TokenMonths is how many of the tokens that wait end in each month of the shop's calendar: this month and the twelve after
// it, since a token lives for a year.
type TokenMonths struct {
	Months []TokenMonth
	// CountedAt is when they were counted; zero for just now.
	CountedAt time.Time
}

// TokenMonth is a month, by its first moment, and how many tokens end in it.
type TokenMonth struct {
	Begin time.Time
	N     int
}

// monthsOfLife is how many months of the calendar a token's year touches at most.
const monthsOfLife = 13

// MonthsOfTokens are the first moments of the months in which tokens that wait now may end, and of the one after them. A nil
// loc is UTC.
func MonthsOfTokens(now time.Time, loc *time.Location) []time.Time {
	if loc == nil {
		loc = time.UTC
	}
	local := now.In(loc)
	begins := make([]time.Time, monthsOfLife+1)
	for i := range begins {
		begins[i] = time.Date(local.Year(), local.Month()+time.Month(i), 1, 0, 0, 0, 0, loc)
	}
	return begins
}

// EndingDays are the spans, in days from now, within which tokens that end are counted and listed.
func EndingDays() [3]int { return [3]int{30, 60, 90} }

// Ending is how many tokens that wait end within each of EndingDays.
type Ending [3]Count

// WalletRow is a product that people wait for, with its tokens by when they end.
type WalletRow struct {
	Variant Variant
	Ending  Ending
	// EndsFirst is when the first of them ends; zero where none waits.
	EndsFirst time.Time
}
