package models_test

import (
	"testing"

	"bentornato/models"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestWords(t *testing.T) {
	for _, tt := range []struct {
		in   string
		want []string
	}{
		{"", nil},
		{"!? 🏺 …", nil},
		{"Ciao, quando torna la tazza blu?", []string{"tazz", "blu"}},
		{"Avete ancora le TAZZE?", []string{"tazz"}},
		{"Hi! When will the mugs be back in stock?", []string{"mug"}},
		{"MUG-BLUE", []string{"mug", "blu"}},
		{"tazza Tazze TAZZA", []string{"tazz"}},
		{"caffè perché", []string{"caff"}},
		{"l'apribottiglie dell'olio", []string{"apribottigli", "dell", "oli"}},
		{"taglia 42", []string{"42"}},
	} {
		if diff := cmp.Diff(tt.want, models.Words(tt.in)); diff != "" {
			t.Errorf("Words(%q) (-want +got):\n%s", tt.in, diff)
		}
	}
}

// Both sides of a comparison pass through the same function: these must meet in it.
func TestWordsFoldPlurals(t *testing.T) {
	for _, pair := range [][2]string{
		{"tazza", "tazze"}, {"tazza", "Tazze"}, {"mug", "mugs"}, {"vaso", "vasi"}, {"vino", "vini"}, {"nero", "nera"},
		{"neri", "nere"}, {"borsa", "borse"}, {"giacca", "giacche"}, {"amico", "amici"}, {"felpa", "felpe"},
		{"bicchiere", "bicchieri"}, {"candela", "candele"}, {"glass", "glasses"}, {"box", "boxes"}, {"dress", "dresses"},
		{"candle", "candles"}, {"shoe", "shoes"}, {"watch", "watches"}, {"dish", "dishes"}, {"blue", "blu"}, {"plate", "plates"},
		{"caffè", "caffe"}, {"Città", "citta"},
	} {
		if diff := cmp.Diff(models.Words(pair[0]), models.Words(pair[1])); diff != "" {
			t.Errorf("%s and %s do not meet (-first +second):\n%s", pair[0], pair[1], diff)
		}
	}
	for _, pair := range [][2]string{{"tazza", "tappo"}, {"mug", "mud"}, {"glass", "glade"}, {"piatto", "pianta"}, {"42", "43"}} {
		if cmp.Equal(models.Words(pair[0]), models.Words(pair[1])) {
			t.Errorf("%s and %s are one", pair[0], pair[1])
		}
	}
}

func TestWordsEachOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.String().Draw(t, "text")
		seen := map[string]bool{}
		for _, w := range models.Words(text) {
			if w == "" || seen[w] {
				t.Fatalf("Words(%q) holds %q empty or twice", text, w)
			}
			seen[w] = true
		}
	})
}

func TestMatch(t *testing.T) {
	c := func(id int64, shared, words int) models.Candidate {
		return models.Candidate{VariantID: id, Shared: shared, Words: words}
	}
	sku := func(id int64) models.Candidate {
		return models.Candidate{VariantID: id, Shared: 1, Words: 5, SKU: true}
	}
	var many []models.Candidate
	var firstTen []int64
	for id := range int64(15) {
		many = append(many, c(id+1, 2, 4))
		if id < models.MaxMatches {
			firstTen = append(firstTen, id+1)
		}
	}
	for _, tt := range []struct {
		name       string
		textWords  int
		candidates []models.Candidate
		want       []int64
	}{
		{"nothing shares a word", 3, nil, []int64{}},
		{"none of its words", 3, []models.Candidate{c(1, 0, 2)}, []int64{}},
		{"a variant without words", 3, []models.Candidate{c(1, 0, 0)}, []int64{}},
		{"one word of many", 4, []models.Candidate{c(1, 1, 3)}, []int64{}},
		{"half of what was said", 2, []models.Candidate{c(1, 1, 3)}, []int64{}},
		{"all that was said", 1, []models.Candidate{c(1, 1, 3)}, []int64{1}},
		{"the whole title in a long text", 9, []models.Candidate{c(1, 1, 1)}, []int64{1}},
		{"two words in a long text", 9, []models.Candidate{c(1, 2, 5)}, []int64{1}},
		{"the most words win", 3, []models.Candidate{c(1, 2, 5), c(2, 3, 5), c(3, 2, 5)}, []int64{2}},
		{"as many words: a carousel, in order", 2, []models.Candidate{c(3, 2, 5), c(1, 2, 5), c(2, 1, 5)}, []int64{3, 1}},
		{"a SKU beats words", 4, []models.Candidate{c(1, 4, 4), sku(2), c(3, 4, 4)}, []int64{2}},
		{"a SKU in a long text", 20, []models.Candidate{sku(2)}, []int64{2}},
		{"two SKUs", 4, []models.Candidate{sku(2), sku(1)}, []int64{2, 1}},
		{"more than a carousel holds", 2, many, firstTen},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, models.Match(tt.textWords, tt.candidates)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestIsStop(t *testing.T) {
	for _, s := range []string{"stop", "STOP", "Stop.", " basta ", "Basta!!", "cancella", "Cancella 🙏", "«stop»", "unsubscribe", "cancellami"} {
		if !models.IsStop(s) {
			t.Errorf("%q does not stop", s)
		}
	}
	for _, s := range []string{"", "!", "stoppino", "basta poco", "non basta", "stop stop", "don't stop", "cancella l'ordine", "bastava", "tazza"} {
		if models.IsStop(s) {
			t.Errorf("%q stops", s)
		}
	}
}
