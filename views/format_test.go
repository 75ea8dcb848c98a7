package views

import (
	"context"
	"testing"
	"time"
)

func TestMoney(t *testing.T) {
	for _, c := range []struct {
		lang, currency string
		minor          int64
		want           string
	}{
		{"en", "EUR", 1450, "€14.50"},
		{"it", "EUR", 1450, "14,50\u00a0€"},
		{"en", "EUR", 124900, "€1,249.00"},
		{"it", "EUR", 124900, "1.249,00\u00a0€"},
		{"en", "EUR", 5, "€0.05"},
		{"en", "USD", 100, "$1.00"},
		{"it", "GBP", 99, "0,99\u00a0£"},
		{"en", "CHF", 123456, "CHF\u00a01,234.56"},
		{"it", "CHF", 123456, "1.234,56\u00a0CHF"},
		{"en", "JPY", 1500, "JPY\u00a01,500"},
		{"it", "KWD", 1234, "1,234\u00a0KWD"},
		{"en", "", 0, ""},
	} {
		if got := Money(WithLanguage(context.Background(), c.lang), c.minor, c.currency); got != c.want {
			t.Errorf("%s %d %s: %q, want %q", c.lang, c.minor, c.currency, got, c.want)
		}
	}
}

func TestNumberAndRate(t *testing.T) {
	en, it := WithLanguage(context.Background(), "en"), WithLanguage(context.Background(), "it")
	for _, c := range []struct {
		name, got, want string
	}{
		{"thousands", Number(en, 1234567), "1,234,567"},
		{"migliaia", Number(it, 1234567), "1.234.567"},
		{"small", Number(it, 12), "12"},
		{"pace", Rate(en, 38.52), "38.5"},
		{"ritmo", Rate(it, 38.5), "38,5"},
		{"whole pace", Rate(en, 40), "40"},
		{"no pace", Rate(it, 0), "0"},
	} {
		if c.got != c.want {
			t.Errorf("%s: %q, want %q", c.name, c.got, c.want)
		}
	}
}

func TestRelTime(t *testing.T) {
	en, it := WithLanguage(context.Background(), "en"), WithLanguage(context.Background(), "it")
	for _, c := range []struct {
		t          time.Time
		want, vuol string
	}{
		{now, "just now", "adesso"},
		{now.Add(-59 * time.Second), "just now", "adesso"},
		{now.Add(-time.Minute), "1 min ago", "1 min fa"},
		{now.Add(-110 * time.Minute), "1 h ago", "1 h fa"},
		{now.Add(-24 * time.Hour), "1 day ago", "1 giorno fa"},
		{now.Add(-29 * 24 * time.Hour), "29 days ago", "29 giorni fa"},
		{now.Add(-30 * 24 * time.Hour), "23 Oct 2026", "23 ott 2026"},
		{now.Add(20 * time.Second), "in a moment", "tra un attimo"},
		{now.Add(2 * time.Hour), "in 2 h", "tra 2 h"},
		{now.Add(365 * 24 * time.Hour), "22 Nov 2027", "22 nov 2027"},
		{time.Time{}, "", ""},
	} {
		if got := RelTime(en, now, c.t); got != c.want {
			t.Errorf("en %s: %q, want %q", c.t, got, c.want)
		}
		if got := RelTime(it, now, c.t); got != c.vuol {
			t.Errorf("it %s: %q, want %q", c.t, got, c.vuol)
		}
	}
}

func TestDateTimeIsThatOfTheZone(t *testing.T) {
	en := WithLanguage(context.Background(), "en")
	summer := time.Date(2026, 7, 31, 22, 30, 0, 0, time.UTC)
	for _, c := range []struct {
		name, got, want string
	}{
		{"winter", DateTime(en, rome, now), "22 Nov 2026, 16:04"},
		{"summer, the next day and month", DateTime(en, rome, summer), "1 Aug 2026, 00:30"},
		{"no zone is UTC", DateTime(en, nil, summer), "31 Jul 2026, 22:30"},
		{"the tooltip names the zone", exact(en, rome, summer), "1 Aug 2026, 00:30:00 CEST"},
		{"programs read UTC", machineTime(summer.In(rome)), "2026-07-31T22:30:00Z"},
		{"never", DateTime(en, rome, time.Time{}), ""},
		{"no day", Date(en, rome, time.Time{}), ""},
	} {
		if c.got != c.want {
			t.Errorf("%s: %q, want %q", c.name, c.got, c.want)
		}
	}
}
