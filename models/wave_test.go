package models_test

import (
	"math"
	"testing"
	"time"

	"bentornato/models"
)

func TestWaveBudget(t *testing.T) {
	for _, tt := range []struct {
		name    string
		stock   models.Stock
		perUnit int
		taken   int
		wave    int
		next    int
	}{
		{"no limit set", models.Stock{Available: 12}, 0, 5, 0, 0},
		{"one token a unit", models.Stock{Available: 12}, 1, 0, 12, 12},
		{"three a unit", models.Stock{Available: 12}, 3, 0, 36, 36},
		{"a second wave comes on top", models.Stock{Available: 4}, 3, 36, 12, 48},
		{"one left", models.Stock{Available: 1}, 1, 7, 1, 8},
		{"quantity unknown: nothing to reckon from", models.Stock{Unknown: true}, 3, 5, 0, 0},
		{"quantity unknown beside a number", models.Stock{Available: 2, Unknown: true}, 3, 5, 0, 0},
		{"a nonsensical limit", models.Stock{Available: 12}, -1, 5, 0, 0},
		{"more than a number holds", models.Stock{Available: math.MaxInt}, math.MaxInt32, 0, math.MaxInt32, math.MaxInt32},
		{"just as many as a number holds", models.Stock{Available: math.MaxInt32}, 1, 0, math.MaxInt32, math.MaxInt32},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := models.WaveBudget(tt.stock, tt.perUnit); got != tt.wave {
				t.Errorf("wave of %d, want %d", got, tt.wave)
			}
			if got := models.NextBudget(tt.taken, tt.stock, tt.perUnit); got != tt.next {
				t.Errorf("budget of %d, want %d", got, tt.next)
			}
		})
	}
}

func TestRestockPlaces(t *testing.T) {
	r := models.Restock{Budget: 10, Claimed: 1, Sent: 2, Unknown: 3, Failed: 4}
	if r.Taken() != 10 || r.Left() != 0 || !r.Limited() {
		t.Errorf("taken %d, left %d, limited %v; want 10, 0, true", r.Taken(), r.Left(), r.Limited())
	}
	r.Claimed-- // a released token gives its place back
	if r.Left() != 1 {
		t.Errorf("left %d after a release, want 1", r.Left())
	}
	if (models.Restock{}).Limited() {
		t.Error("a restock without a budget is limited")
	}
}

func TestStateAfterHold(t *testing.T) {
	for _, tt := range []struct {
		name     string
		above    int
		waiting  int
		budget   int
		approved bool
		want     models.RestockState
	}{
		{"off", 0, 9000, 0, false, models.RestockRunning},
		{"exactly as many", 100, 100, 0, false, models.RestockRunning},
		{"one more", 100, 101, 0, false, models.RestockNeedsOK},
		{"one more, and somebody said yes", 100, 101, 0, true, models.RestockRunning},
		{"many wait, the wave is small", 100, 9000, 36, false, models.RestockRunning},
		{"many wait, the wave is large", 100, 9000, 101, false, models.RestockNeedsOK},
		{"few wait, the wave is large", 100, 7, 9000, false, models.RestockRunning},
		{"nobody waits", 100, 0, 0, false, models.RestockRunning},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := models.StateAfterHold(
				models.PageSettings{AskAbove: tt.above}, models.Variant{Waiting: tt.waiting},
				models.Restock{State: models.RestockHeld, Budget: tt.budget, Approved: tt.approved},
			)
			if got != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}

func TestQuietUntil(t *testing.T) {
	at := func(s string) time.Time {
		parsed, err := time.Parse(time.RFC3339, s)
		if err != nil {
			t.Fatal(err)
		}
		return parsed
	}
	for _, tt := range []struct {
		name     string
		zone     string
		from, to string
		now      string
		until    string // empty: not quiet
	}{
		{"off", "Europe/Rome", "", "", "2026-11-22T03:00:00+01:00", ""},
		{"only a start", "Europe/Rome", "22:00", "", "2026-11-22T23:00:00+01:00", ""},
		{"only an end", "Europe/Rome", "", "08:00", "2026-11-22T03:00:00+01:00", ""},
		{"equal", "Europe/Rome", "08:00", "08:00", "2026-11-22T08:00:00+01:00", ""},
		{"no time at all", "Europe/Rome", "25:00", "08:00", "2026-11-22T03:00:00+01:00", ""},

		{"within a day, before", "Europe/Rome", "13:00", "15:30", "2026-11-22T12:59:59+01:00", ""},
		{"within a day, as it begins", "Europe/Rome", "13:00", "15:30", "2026-11-22T13:00:00+01:00", "2026-11-22T15:30:00+01:00"},
		{"within a day, at its last second", "Europe/Rome", "13:00", "15:30", "2026-11-22T15:29:59+01:00", "2026-11-22T15:30:00+01:00"},
		{"within a day, as it ends", "Europe/Rome", "13:00", "15:30", "2026-11-22T15:30:00+01:00", ""},

		{"over midnight, before", "Europe/Rome", "22:00", "08:00", "2026-11-22T21:59:59+01:00", ""},
		{"over midnight, in the evening", "Europe/Rome", "22:00", "08:00", "2026-11-22T22:00:00+01:00", "2026-11-23T08:00:00+01:00"},
		{"over midnight, at midnight", "Europe/Rome", "22:00", "08:00", "2026-11-23T00:00:00+01:00", "2026-11-23T08:00:00+01:00"},
		{"over midnight, in the morning", "Europe/Rome", "22:00", "08:00", "2026-11-23T07:59:59+01:00", "2026-11-23T08:00:00+01:00"},
		{"over midnight, as it ends", "Europe/Rome", "22:00", "08:00", "2026-11-23T08:00:00+01:00", ""},
		{"over midnight, at noon", "Europe/Rome", "22:00", "08:00", "2026-11-23T12:00:00+01:00", ""},
		{"over the end of the year", "Europe/Rome", "22:00", "08:00", "2026-12-31T23:30:00+01:00", "2027-01-01T08:00:00+01:00"},
		{"all but a minute", "Europe/Rome", "08:01", "08:00", "2026-11-23T08:00:30+01:00", ""},
		{"until midnight", "Europe/Rome", "22:00", "00:00", "2026-11-22T23:59:00+01:00", "2026-11-23T00:00:00+01:00"},
		{"from midnight", "Europe/Rome", "00:00", "07:00", "2026-11-22T00:00:00+01:00", "2026-11-22T07:00:00+01:00"},

		// On 29 March 2026 02:00 becomes 03:00, on 25 October 2026 03:00 becomes 02:00.
		{"the night that loses an hour", "Europe/Rome", "22:00", "08:00", "2026-03-28T23:00:00+01:00", "2026-03-29T08:00:00+02:00"},
		{"the morning after the lost hour", "Europe/Rome", "22:00", "08:00", "2026-03-29T07:59:00+02:00", "2026-03-29T08:00:00+02:00"},
		{"over, after the lost hour", "Europe/Rome", "22:00", "08:00", "2026-03-29T08:00:00+02:00", ""},
		{"the night that gains an hour", "Europe/Rome", "22:00", "08:00", "2026-10-24T23:00:00+02:00", "2026-10-25T08:00:00+01:00"},
		{"in the hour that comes twice", "Europe/Rome", "22:00", "08:00", "2026-10-25T02:30:00+01:00", "2026-10-25T08:00:00+01:00"},
		{"over, after the gained hour", "Europe/Rome", "22:00", "08:00", "2026-10-25T08:00:00+01:00", ""},

		{"the Page's own zone counts", "America/New_York", "22:00", "08:00", "2026-11-22T08:00:00+01:00", "2026-11-22T08:00:00-05:00"},
		{"no zone is UTC", "", "22:00", "08:00", "2026-11-22T08:30:00+01:00", "2026-11-22T08:00:00Z"},
		{"a zone unknown here is UTC", "Mars/Olympus", "22:00", "08:00", "2026-11-22T08:30:00+01:00", "2026-11-22T08:00:00Z"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			page := models.Page{TimeZone: tt.zone, Settings: models.PageSettings{QuietFrom: tt.from, QuietTo: tt.to}}
			until, quiet := models.QuietUntil(page, at(tt.now))
			if quiet != (tt.until != "") {
				t.Fatalf("quiet: %v until %v, want until %q", quiet, until, tt.until)
			}
			if quiet && !until.Equal(at(tt.until)) {
				t.Errorf("until %v, want %s", until, tt.until)
			}
		})
	}
}

func TestPageSettingsDefaults(t *testing.T) {
	var s models.PageSettings
	if s.WaveInterval() != 30*time.Minute || s.Spacing() != time.Minute || s.HoldDown() != 0 {
		t.Errorf("defaults: wave %v, spacing %v, hold-down %v", s.WaveInterval(), s.Spacing(), s.HoldDown())
	}
	s = models.PageSettings{WaveMinutes: 5, SpacingSeconds: 90, HoldDownSeconds: 120}
	if s.WaveInterval() != 5*time.Minute || s.Spacing() != 90*time.Second || s.HoldDown() != 2*time.Minute {
		t.Errorf("set: wave %v, spacing %v, hold-down %v", s.WaveInterval(), s.Spacing(), s.HoldDown())
	}
	if s.SpacingSeconds = -1; s.Spacing() != 0 {
		t.Errorf("spacing switched off: %v", s.Spacing())
	}
}
