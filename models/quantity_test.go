package models_test

import (
	"testing"

	"bentornato/models"
)

func TestParseQuantity(t *testing.T) {
	for _, c := range []struct {
		text     string
		decimals rune
		want     int
		wrong    bool
	}{
		{text: "7", want: 7}, {text: " 12 ", want: 12}, {text: "+3", want: 3}, {text: "-2", want: -2}, {text: "−2", want: -2}, {text: "007", want: 7},
		{text: "3,0", want: 3}, {text: "3.00", want: 3}, {text: "2,5", want: 2}, {text: "-1,5", want: -2}, {text: ",5", want: 0}, {text: "4.", want: 4},
		{text: "1 234", want: 1234}, {text: "1\u00a0234", want: 1234}, {text: "1'234", want: 1234},
		{text: "1.234", decimals: ',', want: 1234}, {text: "1,234", decimals: '.', want: 1234},
		{text: "1,234", decimals: ',', want: 1}, {text: "5.000", decimals: '.', want: 5}, {text: "5,000", decimals: ',', want: 5},
		{text: "0,000", decimals: '.', want: 0}, {text: "0.500", decimals: ',', want: 0},
		{text: "1.234.567", want: 1234567}, {text: "1.234,50", want: 1234}, {text: "1,234.50", want: 1234}, {text: "1234,500", decimals: '.', want: 1234},
		{text: "1.234", wrong: true}, {text: "1,234", wrong: true}, {text: "1.23.4", wrong: true}, {text: "12,34,567", wrong: true},
		{text: "", wrong: true}, {text: "pochi", wrong: true}, {text: "-", wrong: true}, {text: "--2", wrong: true}, {text: "1e3", wrong: true}, {text: "7 pz", wrong: true},
		{text: ".", wrong: true}, {text: "99999999999999999999", wrong: true},
	} {
		n, err := models.ParseQuantity(c.text, c.decimals)
		if (err != nil) != c.wrong || (err != nil && models.KindOf(err) != models.KindInvalid) || n != c.want {
			t.Errorf("%q with decimals %q: %d, %v; want %d", c.text, c.decimals, n, err, c.want)
		}
	}
}

func TestSplitPrice(t *testing.T) {
	for text, want := range map[string][2]string{
		"12,50": {"12,50", ""}, "12,50 €": {"12,50", "EUR"}, "€12.50": {"12.50", "EUR"}, "£ 9": {"9", "GBP"}, "$9.99": {"9.99", "USD"}, "12.50 EUR": {"12.50", "EUR"},
		"CHF 12.50": {"12.50", "CHF"}, "12.50chf": {"12.50", "CHF"}, "": {"", ""}, "molto": {"molto", ""}, "EUR": {"EUR", ""}, "1.234,50": {"1.234,50", ""},
	} {
		if amount, currency := models.SplitPrice(text); amount != want[0] || currency != want[1] {
			t.Errorf("%q: %q and %q, want %q", text, amount, currency, want)
		}
	}
}
