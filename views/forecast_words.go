package views

import (
	"context"
	"time"

	"bentornato/models"
)

// forecastLead is the forecast in one sentence: all at once, or so many at first.
func forecastLead(ctx context.Context, f models.Forecast) string {
	switch {
	case f.Blocked != "":
		return TN(ctx, "forecast.tells_later", f.Tokens)
	case f.Now < f.Tokens:
		return TN(ctx, "forecast.tells_first", f.Now, "All", Number(ctx, f.Tokens))
	default:
		return TN(ctx, "forecast.tells", f.Now)
	}
}

// forecastWaves says how many waves there are, how large, and how far apart.
func forecastWaves(ctx context.Context, f models.Forecast) string {
	each := T(ctx, "forecast.each_wave", "People", Number(ctx, f.PerWave), "Span", Span(ctx, f.WaveInterval))
	if f.MoreWaves {
		return T(ctx, "forecast.more_waves", "Waves", Number(ctx, f.Waves)) + " " + each
	}
	return TN(ctx, "forecast.waves", f.Waves) + " " + each
}

// forecastSpan is how long something takes; what takes less than a second takes a moment.
func forecastSpan(ctx context.Context, d time.Duration) string {
	if d < time.Second {
		return T(ctx, "forecast.moment")
	}
	return Span(ctx, d)
}

// atLeast writes a count that may have been cut off: "1,000+".
func atLeast(ctx context.Context, c models.Count) string {
	if c.AtLeast {
		return Number(ctx, c.N) + "+"
	}
	return Number(ctx, c.N)
}

// stockWouldBe heads the forecast of a stock that somebody asks about.
func stockWouldBe(ctx context.Context, s models.Stock) string {
	if s.Unknown {
		return T(ctx, "forecast.if_some")
	}
	return TN(ctx, "forecast.if_back", s.Available)
}
