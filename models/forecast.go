package models

import "time"

// MaxForecastWaves is how many waves a forecast looks ahead. Beyond it nobody can tell: the stock will have changed.
const MaxForecastWaves = 1000

// ForecastCounts is what the store counts for a forecast beside the variant's own number of waiting tokens. It looks
// no further than a limit: AtLeast says that a count went up to it and there may be more.
type ForecastCounts struct {
	Ending  Count // in their last hour, or over: not used any more (rule 4.2)
	BackOff Count // a call failed and is made again later (rule 6.2)
	Spacing Count // their people were told of something else just now (rule 5.9)
}

// Count is a number of tokens, or at least that many.
type Count struct {
	N       int
	AtLeast bool
}

// ForecastQuestion is what Forecast needs to know.
type ForecastQuestion struct {
	Page    Page
	Variant Variant
	// Restock is the variant's open one, nil if none is.
	Restock *Restock
	// Stock is the quantity that would be reported; the variant's own where the question is about a restock that waits.
	Stock  Stock
	Counts ForecastCounts
	// BadMessage is true where the notification breaks a limit of the platform: a restock would begin paused (rule 6.4).
	BadMessage bool
	Now        time.Time
}

// LeftOut is a number of waiting tokens that would not be spent at once, and why; Until is when that ends, where that is
// known.
type LeftOut struct {
	Reason WaitingReason
	Count
	Until time.Time
}

// Forecast is what a restock would do, said before it starts.
type Forecast struct {
	Stock   Stock
	Waiting int
	// Starts is whether tokens would be spent at all; Blocked, where not, or not yet, is why.
	Starts  bool
	Blocked WaitingReason
	// Problem is why the restock is, or would begin, paused; empty where it is not.
	Problem RestockReason
	// NeedsOK is true where the merchant must say yes first (rule 5.6). The times count from a yes of now.
	NeedsOK bool
	// Tokens is how many it would spend in all, if the stock stays as it is; Now is the first wave's part of them.
	Tokens int
	Now    int
	// PerWave is how many tokens a wave may spend, 0 without a limit; Waves how many waves it takes. MoreWaves says that
	// they are more than MaxForecastWaves, and then nobody can tell the end.
	PerWave   int
	Waves     int
	MoreWaves bool
	// WaveInterval is the pause between two waves.
	WaveInterval time.Duration
	// Rate is the Page's setting, in messages per second, at which the times are reckoned.
	Rate int
	// StartsAt is after the hold-down and the quiet hours. FirstEndsAt and EndsAt are when the first and the last wave are
	// sent. Times are zero where nobody can tell.
	StartsAt    time.Time
	FirstEndsAt time.Time
	EndsAt      time.Time
	// LeftOut are those who would not be told at once, Delayed those who would be told a little later in their wave.
	LeftOut []LeftOut
	Delayed []LeftOut
}

// Predict says what a restock would do: how many tokens it would spend, in how many waves, how long at the Page's rate,
// and who is left out and why (rules 5.2 to 5.9). It supposes what cannot be known: that the stock stays as it is and
// that every message is taken. Of other restocks that share the Page's rate it knows nothing.
func Predict(q ForecastQuestion) Forecast {
	q.Page.Settings = q.Page.Settings.For(q.Variant)
	f := Forecast{Stock: q.Stock, Waiting: q.Variant.Waiting, Rate: max(1, q.Page.Rate), WaveInterval: q.Page.Settings.WaveInterval()}
	if f.Blocked = nothingStarts(q); f.Blocked != "" {
		f.LeftOut = leftOut(f.LeftOut, f.Blocked, Count{N: f.Waiting}, time.Time{})
		return f
	}
	f.Tokens = max(0, f.Waiting-q.Counts.Ending.N)
	f.Starts = f.Tokens > 0
	first := f.Tokens
	if budget, limited := firstBudget(q); limited {
		first, f.PerWave = min(first, budget), WaveBudget(q.Stock, q.Variant.TokensPerUnit)
	}
	f.NeedsOK = needsOK(q)
	f.LeftOut = leftOut(f.LeftOut, WaitEnding, q.Counts.Ending, time.Time{})
	next := f.reckon(q, first)
	f.Blocked, f.Problem = notYet(q)
	if f.Blocked != "" {
		f.StartsAt, f.FirstEndsAt, f.EndsAt = time.Time{}, time.Time{}, time.Time{}
		f.LeftOut = leftOut(f.LeftOut, f.Blocked, Count{N: f.Tokens}, time.Time{})
		return f
	}
	f.Now = first
	f.LeftOut = leftOut(f.LeftOut, WaitWave, Count{N: f.Tokens - first}, next)
	f.Delayed = leftOut(f.Delayed, WaitBackOff, q.Counts.BackOff, time.Time{})
	f.Delayed = leftOut(f.Delayed, WaitSpacing, q.Counts.Spacing, f.StartsAt.Add(q.Page.Settings.Spacing()))
	return f
}

func leftOut(list []LeftOut, why WaitingReason, n Count, until time.Time) []LeftOut {
	if n.N <= 0 {
		return list
	}
	return append(list, LeftOut{Reason: why, Count: n, Until: until})
}

// nothingStarts is why a stock starts no restock and feeds none; empty where it does.
func nothingStarts(q ForecastQuestion) WaitingReason {
	switch {
	case !q.Variant.DeletedAt.IsZero():
		return WaitDeleted
	case q.Stock.None():
		return WaitSoldOut
	case !q.Stock.AtLeast(q.Variant.MinStock):
		return WaitBelowMinimum
	case q.Restock == nil && Cross(q.Variant.Stock(), q.Stock, q.Variant.MinStock) != CrossBack:
		return WaitNoRestock // it was there before, and a report that does not cross starts nothing (rule 5.2)
	}
	return ""
}

// notYet is why a restock would send nothing until somebody mends it.
func notYet(q ForecastQuestion) (WaitingReason, RestockReason) {
	switch {
	case q.Page.State == PagePaused:
		return WaitPagePaused, ""
	case q.Restock != nil && q.Restock.State == RestockPaused:
		return WaitPaused, q.Restock.Reason
	case q.Restock == nil && q.BadMessage:
		return WaitPaused, RestockBadMessage
	}
	return "", ""
}

// firstBudget is how many tokens the wave that comes first may claim, and whether there is such a limit.
func firstBudget(q ForecastQuestion) (int, bool) {
	r := q.Restock
	if r == nil || r.State == RestockHeld { // a restock that is held reckons its first wave when it starts
		budget := WaveBudget(q.Stock, q.Variant.TokensPerUnit)
		return budget, budget > 0
	}
	left := r.Left()
	if more := q.Stock.Available - q.Variant.Available; more > 0 && !q.Stock.Unknown && !q.Variant.QuantityUnknown {
		left += WaveBudget(Stock{Available: more}, q.Variant.TokensPerUnit)
	}
	return left, r.Limited()
}

// needsOK is whether the restock waits, or would wait, for the merchant (rule 5.6).
func needsOK(q ForecastQuestion) bool {
	var r Restock
	if q.Restock != nil {
		if r = *q.Restock; r.State != RestockHeld {
			return r.State == RestockNeedsOK
		}
	}
	r.Budget, _ = firstBudget(q)
	return StateAfterHold(q.Page.Settings, q.Variant, r) == RestockNeedsOK
}

// reckon works out the waves and the times of a restock whose first wave spends so many tokens. It returns when the
// second wave begins, the zero time where there is none.
func (f *Forecast) reckon(q ForecastQuestion, first int) (second time.Time) {
	if f.Tokens == 0 {
		return second
	}
	start := q.Now
	switch {
	case q.Restock == nil:
		start = start.Add(q.Page.Settings.HoldDown())
	case q.Restock.StartAt.After(start):
		start = q.Restock.StartAt
	}
	at := afterQuiet(q.Page, start)
	f.StartsAt, f.FirstEndsAt = at, spend(q.Page, at, f.takes(first))
	left, wave := f.Tokens, first
	for f.Waves = 1; ; f.Waves++ {
		next := at.Add(f.WaveInterval)
		if f.Waves == 1 && q.Restock != nil && q.Restock.NextWaveAt.After(at) {
			next = q.Restock.NextWaveAt
		}
		// A wave that the rate kept from its tokens gives way to the next.
		reach := int(awake(q.Page, at, next).Seconds() * float64(f.Rate))
		if wave >= left && (reach >= left || f.PerWave == 0) { // without a limit there is no next one
			f.EndsAt = spend(q.Page, at, f.takes(left))
			return second
		}
		if f.Waves == MaxForecastWaves {
			f.MoreWaves = true
			return second
		}
		left -= min(wave, reach, left-1)
		at = afterQuiet(q.Page, next)
		if wave = f.PerWave; wave == 0 {
			wave = left
		}
		if f.Waves == 1 {
			second = at
		}
	}
}

// takes is how long so many messages take at the Page's rate.
func (f *Forecast) takes(tokens int) time.Duration {
	return time.Duration(float64(tokens) / float64(f.Rate) * float64(time.Second))
}
