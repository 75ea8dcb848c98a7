package models_test

import (
	"testing"
	"time"

	"bentornato/models"
)

func TestProbeDelay(t *testing.T) {
	for _, c := range []struct {
		why   models.PauseReason
		tries int
		want  time.Duration
	}{
		{models.PauseByMerchant, 0, 0}, {models.PauseByMerchant, 9, 0},
		{models.PauseTokenInvalid, 0, time.Minute}, {models.PauseTokenInvalid, 3, 8 * time.Minute}, {models.PauseTokenInvalid, 100, 6 * time.Hour},
		{models.PausePermission, 1, 2 * time.Minute},
		{models.PauseBlocked, 0, 10 * time.Minute}, {models.PauseRestricted, 1, 20 * time.Minute}, {models.PauseRestricted, 60, 6 * time.Hour},
	} {
		if got := models.ProbeDelay(c.why, c.tries); got != c.want {
			t.Errorf("%s after %d in vain: %s, want %s", c.why, c.tries, got, c.want)
		}
	}
}
