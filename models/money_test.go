package models_test

import (
	"strings"
	"testing"

	"bentornato/models"
)

func TestParseDecimal(t *testing.T) {
	for _, tt := range []struct {
		s, currency string
		want        models.Money
	}{
		{"12.50", "EUR", models.Money{Minor: 1250, Currency: "EUR"}},
		{"30.330000", "eur", models.Money{Minor: 3033, Currency: "EUR"}},
		{"1.200", "EUR", models.Money{Minor: 120, Currency: "EUR"}},
		{"1200", "", models.Money{Minor: 120000, Currency: "EUR"}},
		{"19.995", "EUR", models.Money{Minor: 2000, Currency: "EUR"}},
		{"19.994", "EUR", models.Money{Minor: 1999, Currency: "EUR"}},
		{".5", "EUR", models.Money{Minor: 50, Currency: "EUR"}},
		{"1500.4", "JPY", models.Money{Minor: 1500, Currency: "JPY"}},
		{"1.2345", "KWD", models.Money{Minor: 1235, Currency: "KWD"}},
		{"-3.10", "EUR", models.Money{Minor: -310, Currency: "EUR"}},
		{"9007199254740.93", "EUR", models.Money{Minor: 900719925474093, Currency: "EUR"}},
	} {
		got, err := models.ParseDecimal(tt.s, tt.currency)
		if err != nil || got != tt.want {
			t.Errorf("%q %s is %+v (%v), want %+v", tt.s, tt.currency, got, err, tt.want)
		}
	}
	for _, s := range []string{"", ".", "-", "12,50", "1.2.3", "1e3", "0x10", "1_000", "NaN", "1/3", "--1", "12 50", strings.Repeat("9", 30), strings.Repeat("1", 41)} {
		if got, err := models.ParseDecimal(s, "EUR"); models.KindOf(err) != models.KindInvalid || got != (models.Money{}) {
			t.Errorf("%q is %+v (%v), want a refusal", s, got, err)
		}
	}
	if _, err := models.ParseDecimal("1", "euro"); models.KindOf(err) != models.KindInvalid {
		t.Errorf("a currency that is none: %v", err)
	}
}
