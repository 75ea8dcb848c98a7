package models_test

import (
	"testing"
	"time"

	"bentornato/models"
)

// forecast is a question about a variant that is sold out and for which so many wait, at 40 a second.
func forecast(waiting, available int, change func(*models.ForecastQuestion)) models.ForecastQuestion {
	q := models.ForecastQuestion{
		Page:    models.Page{Rate: 40, TimeZone: "Europe/Rome", State: models.PageActive},
		Variant: models.Variant{MinStock: 1, Waiting: waiting},
		Stock:   models.Stock{Available: available},
		Now:     noon,
	}
	if change != nil {
		change(&q)
	}
	return q
}

func TestPredict(t *testing.T) {
	perUnit := func(n int) func(*models.ForecastQuestion) {
		return func(q *models.ForecastQuestion) { q.Variant.TokensPerUnit = n }
	}
	for _, tt := range []struct {
		name           string
		q              models.ForecastQuestion
		tokens, now    int
		waves          int
		starts, needOK bool
		first, end     time.Duration // from noon; 0 where nobody can tell
		begins         time.Duration
	}{
		{name: "everybody at once", q: forecast(400, 3, nil), tokens: 400, now: 400, waves: 1, starts: true, first: 10 * time.Second, end: 10 * time.Second},
		{name: "nobody waits", q: forecast(0, 3, nil)},
		{name: "in stock, nobody knows how many", q: forecast(80, 0, func(q *models.ForecastQuestion) {
			q.Stock, q.Variant.TokensPerUnit = models.Stock{Unknown: true}, 2
		}), tokens: 80, now: 80, waves: 1, starts: true, first: 2 * time.Second, end: 2 * time.Second},

		{name: "one wave is enough", q: forecast(30, 10, perUnit(3)), tokens: 30, now: 30, waves: 1, starts: true, first: 750 * time.Millisecond, end: 750 * time.Millisecond},
		{name: "a second wave for one", q: forecast(31, 10, perUnit(3)), tokens: 31, now: 30, waves: 2, starts: true,
			first: 750 * time.Millisecond, end: 30*time.Minute + 25*time.Millisecond},
		{name: "four waves of three", q: forecast(10, 3, perUnit(1)), tokens: 10, now: 3, waves: 4, starts: true,
			first: 75 * time.Millisecond, end: 90*time.Minute + 25*time.Millisecond},
		{name: "an interval of its own", q: forecast(10, 5, func(q *models.ForecastQuestion) {
			q.Variant.TokensPerUnit, q.Page.Settings.WaveMinutes = 1, 5
		}), tokens: 10, now: 5, waves: 2, starts: true, first: 125 * time.Millisecond, end: 5*time.Minute + 125*time.Millisecond},
		// A wave of 100 at one a second reaches 60 of them in a minute, and gives way to the next.
		{name: "the rate is slower than the waves", q: forecast(150, 100, func(q *models.ForecastQuestion) {
			q.Variant.TokensPerUnit, q.Page.Settings.WaveMinutes, q.Page.Rate = 1, 1, 1
		}), tokens: 150, now: 100, waves: 3, starts: true, first: 100 * time.Second, end: 150 * time.Second},
		{name: "more waves than anybody can tell", q: forecast(1001, 1, perUnit(1)), tokens: 1001, now: 1, waves: 1000, starts: true, first: 25 * time.Millisecond},

		{name: "below the minimum", q: forecast(9, 2, func(q *models.ForecastQuestion) { q.Variant.MinStock = 3 })},
		{name: "at the minimum", q: forecast(8, 3, func(q *models.ForecastQuestion) { q.Variant.MinStock = 3 }), tokens: 8, now: 8, waves: 1, starts: true,
			first: 200 * time.Millisecond, end: 200 * time.Millisecond},
		{name: "none", q: forecast(9, 0, nil)},
		{name: "it was there before", q: forecast(9, 5, func(q *models.ForecastQuestion) { q.Variant.Available = 2 })},
		{name: "not listed any more", q: forecast(9, 5, func(q *models.ForecastQuestion) { q.Variant.DeletedAt = noon })},

		{name: "some end within the hour", q: forecast(10, 5, func(q *models.ForecastQuestion) { q.Counts.Ending.N = 2 }), tokens: 8, now: 8, waves: 1, starts: true,
			first: 200 * time.Millisecond, end: 200 * time.Millisecond},
		{name: "all end within the hour", q: forecast(2, 5, func(q *models.ForecastQuestion) { q.Counts.Ending.N = 2 })},

		{name: "held", q: forecast(40, 5, func(q *models.ForecastQuestion) { q.Page.Settings.HoldDownSeconds = 600 }), tokens: 40, now: 40, waves: 1, starts: true,
			begins: 10 * time.Minute, first: 10*time.Minute + time.Second, end: 10*time.Minute + time.Second},
		{name: "in the quiet hours", q: forecast(40, 5, func(q *models.ForecastQuestion) {
			q.Page.Settings.QuietFrom, q.Page.Settings.QuietTo = "12:30", "15:00"
		}), tokens: 40, now: 40, waves: 1, starts: true, begins: time.Hour * 2, first: 2*time.Hour + time.Second, end: 2*time.Hour + time.Second},
		{name: "quiet hours come between", q: forecast(4000, 5, func(q *models.ForecastQuestion) {
			q.Page.Rate, q.Page.Settings.QuietFrom, q.Page.Settings.QuietTo = 1, "14:00", "16:00"
		}), tokens: 4000, now: 4000, waves: 1, starts: true, first: 3*time.Hour + 400*time.Second, end: 3*time.Hour + 400*time.Second},
		{name: "waves wait for the quiet hours' end", q: forecast(10, 5, func(q *models.ForecastQuestion) {
			q.Variant.TokensPerUnit, q.Page.Settings.QuietFrom, q.Page.Settings.QuietTo = 1, "13:10", "16:00"
		}), tokens: 10, now: 5, waves: 2, starts: true, first: 125 * time.Millisecond, end: 3*time.Hour + 125*time.Millisecond},

		{name: "asks above", q: forecast(101, 5, func(q *models.ForecastQuestion) { q.Page.Settings.AskAbove = 100 }), tokens: 101, now: 101, waves: 1, starts: true, needOK: true,
			first: 2525 * time.Millisecond, end: 2525 * time.Millisecond},
		{name: "asks above, and the first wave is small", q: forecast(101, 5, func(q *models.ForecastQuestion) {
			q.Page.Settings.AskAbove, q.Variant.TokensPerUnit = 100, 20
		}), tokens: 101, now: 100, waves: 2, starts: true, first: 2500 * time.Millisecond, end: 30*time.Minute + 25*time.Millisecond},

		{name: "the Page is paused", q: forecast(40, 5, func(q *models.ForecastQuestion) { q.Page.State = models.PagePaused }), tokens: 40, waves: 1, starts: true},
		{name: "the message breaks a limit", q: forecast(40, 5, func(q *models.ForecastQuestion) { q.BadMessage = true }), tokens: 40, waves: 1, starts: true},

		{name: "a restock that is held", q: forecast(40, 5, func(q *models.ForecastQuestion) {
			q.Variant.Available, q.Variant.TokensPerUnit = 5, 2
			q.Restock = &models.Restock{State: models.RestockHeld, Budget: 400, StartAt: noon.Add(time.Minute), NextWaveAt: noon.Add(31 * time.Minute)}
		}), tokens: 40, now: 10, waves: 4, starts: true, begins: time.Minute, first: time.Minute + 250*time.Millisecond, end: 91*time.Minute + 250*time.Millisecond},
		{name: "a restock that asks", q: forecast(40, 5, func(q *models.ForecastQuestion) {
			q.Variant.Available, q.Page.Settings.AskAbove = 5, 10
			q.Restock = &models.Restock{State: models.RestockNeedsOK}
		}), tokens: 40, now: 40, waves: 1, starts: true, needOK: true, first: time.Second, end: time.Second},
		{name: "a restock that somebody paused", q: forecast(40, 5, func(q *models.ForecastQuestion) {
			q.Variant.Available = 5
			q.Restock = &models.Restock{State: models.RestockPaused, Reason: models.RestockByMerchant}
		}), tokens: 40, waves: 1, starts: true},
		{name: "a running restock grows by what is raised", q: forecast(40, 8, func(q *models.ForecastQuestion) {
			q.Variant.Available, q.Variant.TokensPerUnit = 5, 2
			q.Restock = &models.Restock{State: models.RestockRunning, Budget: 10, Sent: 7, NextWaveAt: noon.Add(10 * time.Minute)}
		}), tokens: 40, now: 9, waves: 3, starts: true, first: 225 * time.Millisecond, end: 40*time.Minute + 375*time.Millisecond},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := models.Predict(tt.q)
			if f.Tokens != tt.tokens || f.Now != tt.now || f.Waves != tt.waves || f.Starts != tt.starts || f.NeedsOK != tt.needOK {
				t.Errorf("%d tokens, %d now, %d waves, starts %v, needs OK %v; want %d, %d, %d, %v, %v",
					f.Tokens, f.Now, f.Waves, f.Starts, f.NeedsOK, tt.tokens, tt.now, tt.waves, tt.starts, tt.needOK)
			}
			if f.MoreWaves != (tt.waves == models.MaxForecastWaves) {
				t.Errorf("more waves: %v", f.MoreWaves)
			}
			moment := func(name string, got time.Time, want time.Duration) {
				t.Helper()
				if want == 0 && !got.IsZero() && !got.Equal(noon) {
					t.Errorf("%s %s, want nobody to tell", name, got)
				}
				if want != 0 && !got.Equal(noon.Add(want)) {
					t.Errorf("%s %s, want %s", name, got, noon.Add(want))
				}
			}
			moment("starts", f.StartsAt, tt.begins)
			moment("the first wave ends", f.FirstEndsAt, tt.first)
			moment("ends", f.EndsAt, tt.end)
			// Everybody who waits is told at once or accounted for.
			out := 0
			for _, l := range f.LeftOut {
				out += l.N
			}
			if f.Now+out != f.Waiting {
				t.Errorf("%d are told and %d left out of %d", f.Now, out, f.Waiting)
			}
		})
	}
}

// TestPredictWhoIsLeftOut names the reasons, each with its number and end.
func TestPredictWhoIsLeftOut(t *testing.T) {
	type left struct {
		why   models.WaitingReason
		n     int
		until time.Time
	}
	spaced := func(q *models.ForecastQuestion) {
		q.Counts = models.ForecastCounts{Ending: models.Count{N: 2}, BackOff: models.Count{N: 3}, Spacing: models.Count{N: 4, AtLeast: true}}
		q.Variant.TokensPerUnit = 2
	}
	for _, tt := range []struct {
		name          string
		q             models.ForecastQuestion
		out, delayed  []left
		blocked       models.WaitingReason
		problem       models.RestockReason
		perWave, rate int
	}{
		{name: "waves", q: forecast(50, 10, spaced), perWave: 20, rate: 40,
			out:     []left{{models.WaitEnding, 2, time.Time{}}, {models.WaitWave, 28, noon.Add(30 * time.Minute)}},
			delayed: []left{{models.WaitBackOff, 3, time.Time{}}, {models.WaitSpacing, 4, noon.Add(time.Minute)}}},
		{name: "sold out", q: forecast(50, 0, spaced), rate: 40, blocked: models.WaitSoldOut, out: []left{{models.WaitSoldOut, 50, time.Time{}}}},
		{name: "below the minimum", q: forecast(50, 1, func(q *models.ForecastQuestion) { q.Variant.MinStock = 2 }), rate: 40,
			blocked: models.WaitBelowMinimum, out: []left{{models.WaitBelowMinimum, 50, time.Time{}}}},
		{name: "in stock already", q: forecast(50, 7, func(q *models.ForecastQuestion) { q.Variant.Available = 3 }), rate: 40,
			blocked: models.WaitNoRestock, out: []left{{models.WaitNoRestock, 50, time.Time{}}}},
		{name: "the Page is paused", q: forecast(50, 1, func(q *models.ForecastQuestion) {
			q.Page.State, q.Counts.Ending.N = models.PagePaused, 2
		}), rate: 40, blocked: models.WaitPagePaused, out: []left{{models.WaitEnding, 2, time.Time{}}, {models.WaitPagePaused, 48, time.Time{}}}},
		{name: "a bad message", q: forecast(50, 1, func(q *models.ForecastQuestion) { q.BadMessage = true }), rate: 40,
			blocked: models.WaitPaused, problem: models.RestockBadMessage, out: []left{{models.WaitPaused, 50, time.Time{}}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := models.Predict(tt.q)
			same := func(what string, got []models.LeftOut, want []left) {
				t.Helper()
				if len(got) != len(want) {
					t.Fatalf("%s: %+v, want %+v", what, got, want)
				}
				for i, w := range want {
					if got[i].Reason != w.why || got[i].N != w.n || !got[i].Until.Equal(w.until) {
						t.Errorf("%s: %+v, want %+v", what, got[i], w)
					}
				}
			}
			same("left out", f.LeftOut, tt.out)
			same("delayed", f.Delayed, tt.delayed)
			if f.Blocked != tt.blocked || f.Problem != tt.problem || f.PerWave != tt.perWave || f.Rate != tt.rate {
				t.Errorf("blocked %q, problem %q, %d a wave, rate %d; want %q, %q, %d, %d", f.Blocked, f.Problem, f.PerWave, f.Rate, tt.blocked, tt.problem, tt.perWave, tt.rate)
			}
		})
	}
	if f := models.Predict(forecast(50, 10, spaced)); !f.Delayed[1].AtLeast || f.Delayed[0].AtLeast {
		t.Error("a count that was cut off does not say so, or one that was not does")
	}
}
