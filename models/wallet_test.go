package models_test

import (
	"testing"
	"time"

	"bentornato/models"
)

// TestMonthsOfTokens: every token that waits ends in one of the months, whatever the calendar.
func TestMonthsOfTokens(t *testing.T) {
	rome, err := time.LoadLocation("Europe/Rome")
	if err != nil {
		t.Fatal(err)
	}
	for _, now := range []time.Time{noon, time.Date(2026, 12, 31, 23, 30, 0, 0, time.UTC), time.Date(2027, 2, 28, 12, 0, 0, 0, time.UTC), time.Date(2028, 1, 31, 0, 0, 0, 0, rome)} {
		begins := models.MonthsOfTokens(now, rome)
		if len(begins) != 14 {
			t.Fatalf("%d months, want 13 and an end", len(begins))
		}
		if begins[0].After(now) || !begins[1].After(now) {
			t.Errorf("%s is not in the first month, %s to %s", now, begins[0], begins[1])
		}
		if last := models.TokenExpiry(now); !last.Before(begins[13]) || last.Before(begins[12].AddDate(0, -1, 0)) {
			t.Errorf("a token of %s ends %s, after the last month's end %s", now, last, begins[13])
		}
		for i, b := range begins {
			if b.Day() != 1 || b.Hour() != 0 || b.Location() != rome {
				t.Errorf("month %d begins %s", i, b)
			}
		}
	}
	if got := models.MonthsOfTokens(time.Date(2026, 11, 30, 23, 30, 0, 0, time.UTC), rome)[0]; got.Month() != time.December {
		t.Errorf("in Rome it is December already, not %s", got.Month())
	}
	if got := models.MonthsOfTokens(noon, nil)[0]; !got.Equal(time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("without a place the month begins %s", got)
	}
}
