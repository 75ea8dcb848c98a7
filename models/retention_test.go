package models_test

import (
	"testing"
	"time"

	"bentornato/models"
)

func TestRetention(t *testing.T) {
	if err := models.ValidateRetention(models.DefaultRetention()); err != nil {
		t.Errorf("the default: %v", err)
	}
	now := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	for _, kind := range models.KeptKinds {
		for days, good := range map[int]bool{0: true, kind.Rule().Least: true, kind.Rule().Least - 1: false, -1: false, models.MaxKept: true, models.MaxKept + 1: false} {
			r := models.DefaultRetention()
			r[kind] = days
			if err := models.ValidateRetention(r); (err == nil) != good {
				t.Errorf("%s for %d days: %v", kind, days, err)
			}
		}
		if got := (models.Retention{kind: 0}).Before(kind, now); !got.IsZero() {
			t.Errorf("%s that is kept for good ends at %v", kind, got)
		}
		if got := (models.Retention{kind: 30}).Before(kind, now); !got.Equal(now.AddDate(0, 0, -30)) {
			t.Errorf("%s is kept from %v on", kind, got)
		}
	}
	// A person may tap until the year of their token is over.
	if least := models.KeptContacts.Rule().Least; least <= 366 {
		t.Errorf("people may be forgotten after %d days, within the year of a token", least)
	}
}
