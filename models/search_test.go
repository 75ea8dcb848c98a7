package models_test

import (
	"slices"
	"strings"
	"testing"

	"bentornato/models"
)

func TestSearchTerms(t *testing.T) {
	long := strings.Repeat("è", 60)
	for text, want := range map[string][]string{
		"":                        nil,
		"  ?! ":                   nil,
		"Tazza  Alba":             {"tazza", "alba"},
		"CAFFÈ":                   {"caffe"},
		"caffe\u0300":             {"caffe"}, // the accent as a sign of its own
		"la tazza":                {"la", "tazza"},
		"\"Tazza\", (blu)":        {"tazza", "blu"},
		"TAZZA-BL":                {"tazza-bl"},
		"tazza tazza":             {"tazza"},
		"100%":                    {"100%"},
		long:                      {strings.Repeat("e", 40)},
		"a b c d e f g h i j k l": {"a", "b", "c", "d", "e", "f", "g", "h"},
	} {
		if got := models.SearchTerms(text); !slices.Equal(got, want) {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestVariantTerms(t *testing.T) {
	got := models.VariantTerms(models.Variant{Title: "T-shirt Città", Option: "blu, L", SKU: "TS/CIT-BLU"})
	want := []string{"t-shirt", "t", "shirt", "citta", "blu", "l", "ts/cit-blu", "ts", "cit"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
