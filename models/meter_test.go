package models

import (
	"testing"
	"time"
)

func TestRateMeter(t *testing.T) {
	hold := time.Date(2026, time.November, 22, 10, 0, 0, 0, time.UTC)
	for _, tt := range []struct {
		name    string
		meter   RateMeter
		setting int
		now     int
		slowed  bool
	}{
		{"at full speed", RateMeter{Percent: 100}, 40, 40, false},
		{"slowed", RateMeter{Percent: 25}, 40, 10, true},
		{"slowed to less than one a second", RateMeter{Percent: 10}, 3, 1, true},
		{"resting", RateMeter{Percent: 50, HoldUntil: hold}, 40, 0, true},
		{"resting before it goes on at full speed", RateMeter{Percent: 100, HoldUntil: hold}, 40, 0, true},
	} {
		if now, slow := tt.meter.Now(tt.setting), tt.meter.Slowed(); now != tt.now || slow != tt.slowed {
			t.Errorf("%s: %d a second, slowed %v; want %d, %v", tt.name, now, slow, tt.now, tt.slowed)
		}
	}
}
