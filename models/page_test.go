package models_test

import (
	"testing"
	"time"

	"bentornato/models"
)

func TestValidatePage(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(p *models.Page)
		field  string
	}{
		{"as it should be", func(*models.Page) {}, ""},
		{"no id", func(p *models.Page) { p.ID = "" }, "id"},
		{"an id that is no number", func(p *models.Page) { p.ID = "la-bottega" }, "id"},
		{"an id that is too big for a float", func(p *models.Page) { p.ID = "101000000000000000000001" }, ""},
		{"no name", func(p *models.Page) { p.Name = " " }, "name"},
		{"no rate", func(p *models.Page) { p.Rate = 0 }, "rate"},
		{"the slowest rate", func(p *models.Page) { p.Rate = 1 }, ""},
		{"the fastest rate", func(p *models.Page) { p.Rate = 300 }, ""},
		{"a faster rate", func(p *models.Page) { p.Rate = 301 }, "rate"},
		{"a language we do not speak", func(p *models.Page) { p.Locale = "de" }, "locale"},
		{"no language", func(p *models.Page) { p.Locale = "" }, "locale"},
		{"no time zone is UTC", func(p *models.Page) { p.TimeZone = "" }, ""},
		{"a zone that does not exist", func(p *models.Page) { p.TimeZone = "Europe/Atlantis" }, "timezone"},
		{"quiet hours", func(p *models.Page) { p.Settings.QuietFrom, p.Settings.QuietTo = "22:00", "08:00" }, ""},
		{"no hour", func(p *models.Page) { p.Settings.QuietFrom = "24:00" }, "quiet_from"},
		{"no minute", func(p *models.Page) { p.Settings.QuietTo = "08:60" }, "quiet_to"},
		{"the longest hold-down", func(p *models.Page) { p.Settings.HoldDownSeconds = 86400 }, ""},
		{"a longer hold-down", func(p *models.Page) { p.Settings.HoldDownSeconds = 86401 }, "hold_down_seconds"},
		{"a hold-down below 0", func(p *models.Page) { p.Settings.HoldDownSeconds = -1 }, "hold_down_seconds"},
		{"ask above below 0", func(p *models.Page) { p.Settings.AskAbove = -1 }, "ask_above"},
		{"the longest wave", func(p *models.Page) { p.Settings.WaveMinutes = 10080 }, ""},
		{"a longer wave", func(p *models.Page) { p.Settings.WaveMinutes = 10081 }, "wave_minutes"},
		{"no spacing", func(p *models.Page) { p.Settings.SpacingSeconds = -1 }, ""},
		{"the longest spacing", func(p *models.Page) { p.Settings.SpacingSeconds = 86400 }, ""},
		{"a longer spacing", func(p *models.Page) { p.Settings.SpacingSeconds = 86401 }, "spacing_seconds"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := models.Page{ID: "101000000000000", Name: "La Bottega", Rate: models.DefaultRate, Locale: "it", TimeZone: "Europe/Rome"}
			tt.change(&p)
			wantField(t, models.ValidatePage(p), tt.field)
		})
	}
}

func TestPageLocation(t *testing.T) {
	if got := (models.Page{TimeZone: "Europe/Rome"}).Location().String(); got != "Europe/Rome" {
		t.Errorf("location %q", got)
	}
	for _, zone := range []string{"", "Europe/Atlantis"} {
		if got := (models.Page{TimeZone: zone}).Location(); got != time.UTC {
			t.Errorf("zone %q is %v, want UTC", zone, got)
		}
	}
}

func TestLanguage(t *testing.T) {
	for _, tt := range []struct {
		locales []string
		want    string
	}{
		{[]string{"it_IT"}, "it"}, {[]string{"IT"}, "it"}, {[]string{"en-GB"}, "en"}, {[]string{"fr_FR", "it-CH", "en"}, "it"},
		{[]string{"fr_FR"}, "en"}, {[]string{""}, "en"}, {nil, "en"}, {[]string{"italian"}, "en"},
	} {
		if got := models.Language(tt.locales...); got != tt.want {
			t.Errorf("Language(%q) = %q, want %q", tt.locales, got, tt.want)
		}
	}
}
