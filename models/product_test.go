package models_test

import (
	"errors"
	"math"
	"strings"
	"testing"

	"bentornato/models"

	"pgregory.net/rapid"
)

// wantField fails unless err is a *models.Error about exactly that field; an empty field wants no error.
func wantField(t *testing.T, err error, field string) {
	t.Helper()
	if field == "" {
		if err != nil {
			t.Errorf("refused: %v", err)
		}
		return
	}
	var e *models.Error
	if !errors.As(err, &e) {
		t.Errorf("got %v, want an error about %q", err, field)
		return
	}
	if e.Kind != models.KindInvalid || e.Field != field || e.Message == "" {
		t.Errorf("got %s error about %q (%s), want one about %q", e.Kind, e.Field, e.Message, field)
	}
}

func TestParsePrice(t *testing.T) {
	for _, tt := range []struct {
		in       string
		currency string
		want     int64
	}{
		{"12", "EUR", 1200},
		{"12.5", "EUR", 1250},
		{"12.50", "EUR", 1250},
		{"12,50", "EUR", 1250},
		{"1.234,50", "EUR", 123450},
		{"1,234.50", "EUR", 123450},
		{"1.234.567", "EUR", 123456700},
		{"1.234.567,8", "EUR", 123456780},
		{"1 234,50", "EUR", 123450},
		{"1\u00a0234,50", "EUR", 123450},
		{"1'234.50", "CHF", 123450},
		{" 12,50 € ", "EUR", 1250},
		{"€12.50", "EUR", 1250},
		{"$1,234.50", "USD", 123450},
		{"0", "EUR", 0},
		{"0.500", "EUR", 50},
		{".5", "EUR", 50},
		{"12.", "EUR", 1200},
		{"12.5000", "EUR", 1250}, // as databases export it
		{"12.500000", "EUR", 1250},
		{"0012.50", "EUR", 1250},
		{"999999999999.99", "EUR", 99999999999999},
		{"1200", "JPY", 1200},
		{"1,200", "JPY", 1200},
		{"1.000.000", "JPY", 1000000},
		{"1200.00", "JPY", 1200},
		{"1.200", "KWD", 1200},
		{"1.2", "KWD", 1200},
		{"12.345", "TND", 12345},
	} {
		got, err := models.ParsePrice(tt.in, tt.currency)
		if err != nil || got != tt.want {
			t.Errorf("ParsePrice(%q, %s) = %d, %v; want %d", tt.in, tt.currency, got, err, tt.want)
		}
	}
	for _, tt := range []struct{ in, currency string }{
		{"", "EUR"}, {"  ", "EUR"}, {"€", "EUR"}, {".", "EUR"}, {",", "EUR"}, {".,", "EUR"}, {"..", "EUR"},
		{"free", "EUR"}, {"12 a pezzo", "EUR"}, {"-12", "EUR"}, {"1e3", "EUR"}, {"0x10", "EUR"}, {"١٢", "EUR"},
		{"1.200", "EUR"}, {"1,200", "EUR"}, // twelve hundred, or one and a fifth?
		{"12.345", "EUR"}, {"12.3456", "KWD"}, {"1.5", "JPY"},
		{"1.23.45", "EUR"}, {"1,2,3", "EUR"}, {"1234.567,00", "EUR"}, {"1.2345.678", "EUR"}, {"1.234,567.89,1", "EUR"}, {".234.567", "EUR"},
		{"1000000000000.00", "EUR"},
	} {
		got, err := models.ParsePrice(tt.in, tt.currency)
		if got != 0 {
			t.Errorf("ParsePrice(%q, %s) is refused and gives %d all the same", tt.in, tt.currency, got)
		}
		wantField(t, err, "price")
	}
}

func TestPriceRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		minor := rapid.Int64Range(0, 1e11).Draw(t, "minor")
		currency := rapid.SampledFrom([]string{"EUR", "USD", "HUF", "JPY", "KWD"}).Draw(t, "currency")
		written := models.FormatPrice(minor, currency)
		got, err := models.ParsePrice(written, currency)
		if err != nil || got != minor {
			t.Fatalf("%d %s is written %q and read as %d, %v", minor, currency, written, got, err)
		}
	})
}

func TestFormatPrice(t *testing.T) {
	for _, tt := range []struct {
		minor    int64
		currency string
		want     string
	}{
		{0, "EUR", "0.00"}, {5, "EUR", "0.05"}, {50, "EUR", "0.50"}, {100, "EUR", "1.00"}, {123456, "EUR", "1234.56"},
		{1200, "JPY", "1200"}, {7, "KWD", "0.007"}, {1200, "KWD", "1.200"}, {1250, "", ""},
	} {
		if got := models.FormatPrice(tt.minor, tt.currency); got != tt.want {
			t.Errorf("FormatPrice(%d, %q) = %q, want %q", tt.minor, tt.currency, got, tt.want)
		}
	}
}

func TestParseCurrency(t *testing.T) {
	for in, want := range map[string]string{"": "EUR", "  ": "EUR", "eur": "EUR", " Usd ": "USD"} {
		if got, err := models.ParseCurrency(in); err != nil || got != want {
			t.Errorf("ParseCurrency(%q) = %q, %v; want %q", in, got, err, want)
		}
	}
	for _, in := range []string{"EU", "EURO", "€", "12E", "ÈUR"} {
		_, err := models.ParseCurrency(in)
		wantField(t, err, "currency")
	}
}

func TestValidateVariant(t *testing.T) {
	address := func(length int) string {
		const head = "https://example.it/"
		return head + strings.Repeat("a", length-len(head))
	}
	for _, tt := range []struct {
		name   string
		change func(v *models.Variant)
		field  string
	}{
		{"as it should be", func(*models.Variant) {}, ""},
		{"no SKU", func(v *models.Variant) { v.SKU = " \t" }, "sku"},
		{"the longest SKU", func(v *models.Variant) { v.SKU = strings.Repeat("é", models.MaxSKU) }, ""},
		{"a longer SKU", func(v *models.Variant) { v.SKU = strings.Repeat("é", models.MaxSKU+1) }, "sku"},
		{"a control character in the SKU", func(v *models.Variant) { v.SKU = "MUG\n1" }, "sku"},
		{"no title", func(v *models.Variant) { v.Title = "  " }, "title"},
		{"the longest title", func(v *models.Variant) { v.Title = strings.Repeat("🏺", models.MaxTitle) }, ""},
		{"a longer title", func(v *models.Variant) { v.Title = strings.Repeat("🏺", models.MaxTitle+1) }, "title"},
		{"the longest option", func(v *models.Variant) { v.Option = strings.Repeat("è", models.MaxOption) }, ""},
		{"a longer option", func(v *models.Variant) { v.Option = strings.Repeat("è", models.MaxOption+1) }, "option"},
		{"minimum 0", func(v *models.Variant) { v.MinStock = 0 }, "min_stock"},
		{"the greatest minimum", func(v *models.Variant) { v.MinStock = math.MaxInt32 }, ""},
		{"a greater minimum", func(v *models.Variant) { v.MinStock = math.MaxInt32 + 1 }, "min_stock"},
		{"tokens per unit", func(v *models.Variant) { v.TokensPerUnit = 3 }, ""},
		{"tokens per unit below 0", func(v *models.Variant) { v.TokensPerUnit = -1 }, "tokens_per_unit"},
		{"too many tokens per unit", func(v *models.Variant) { v.TokensPerUnit = math.MaxInt32 + 1 }, "tokens_per_unit"},
		{"a price below 0", func(v *models.Variant) { v.PriceMinor = -1 }, "price"},
		{"oversold", func(v *models.Variant) { v.Available = -4 }, ""},
		{"http is an address", func(v *models.Variant) { v.URL = "http://example.it" }, ""},
		{"a script is none", func(v *models.Variant) { v.URL = "javascript:alert(1)" }, "url"},
		{"a path is none", func(v *models.Variant) { v.URL = "/tazza" }, "url"},
		{"a host without a scheme is none", func(v *models.Variant) { v.URL = "example.it/tazza" }, "url"},
		{"a scheme without a host is none", func(v *models.Variant) { v.URL = "https:///tazza" }, "url"},
		{"a broken one is none", func(v *models.Variant) { v.URL = "https://exa mple.it/%zz" }, "url"},
		{"the longest address", func(v *models.Variant) { v.URL = address(models.MaxURL) }, ""},
		{"a longer address", func(v *models.Variant) { v.URL = address(models.MaxURL + 1) }, "url"},
		{"data is no picture's address", func(v *models.Variant) { v.ImageURL = "data:image/png;base64,AAAA" }, "image_url"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			v := models.Variant{SKU: "MUG-BLUE", Title: "Tazza Alba", MinStock: 1}
			tt.change(&v)
			wantField(t, models.ValidateVariant(v), tt.field)
		})
	}
}

func TestVariant(t *testing.T) {
	v := models.Variant{Title: "Tazza Alba", Available: 3, MinStock: 5}
	if v.InStock() || v.SoldOut() {
		t.Errorf("3 with a minimum of 5: in stock %v, sold out %v; it is neither", v.InStock(), v.SoldOut())
	}
	v.QuantityUnknown = true
	if !v.InStock() || v.SoldOut() {
		t.Errorf("quantity unknown: in stock %v, sold out %v", v.InStock(), v.SoldOut())
	}
	if v.Name() != "Tazza Alba" {
		t.Errorf("name %q", v.Name())
	}
	if v.Option = "blu"; v.Name() != "Tazza Alba (blu)" {
		t.Errorf("name %q", v.Name())
	}
}
