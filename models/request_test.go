package models_test

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"bentornato/models"

	"pgregory.net/rapid"
)

func TestRequestOutstanding(t *testing.T) {
	week := 7 * 24 * time.Hour
	for _, tt := range []struct {
		state models.RequestState
		at    time.Time
		want  bool
	}{
		{models.RequestQueued, noon, true},
		{models.RequestSent, noon, true},
		{models.RequestSent, noon.Add(week - 1), true},
		{models.RequestSent, noon.Add(week), false},
		{models.RequestQueued, noon.Add(week), false},
		{models.RequestAnswered, noon, false},
		{models.RequestDropped, noon, false},
		{models.RequestLapsed, noon, false},
	} {
		if got := (models.Request{State: tt.state, CreatedAt: noon}).Outstanding(tt.at); got != tt.want {
			t.Errorf("%s after %v: outstanding %v, want %v", tt.state, tt.at.Sub(noon), got, tt.want)
		}
	}
}

func TestRequestTitle(t *testing.T) {
	italian := func(template string) models.PageSettings {
		return models.PageSettings{RequestTitle: map[string]string{"it": template}}
	}
	for _, tt := range []struct {
		name     string
		settings models.PageSettings
		language string
		title    string
		option   string
		want     string
	}{
		{"Italian by default", models.PageSettings{}, "it", "Tazza Alba", "blu", "Ti avviso quando torna Tazza Alba blu?"},
		{"English by default", models.PageSettings{}, "en", "Alba mug", "blue", "Tell you when Alba mug blue is back?"},
		{"a language without words", models.PageSettings{}, "de", "Alba", "", "Tell you when Alba is back?"},
		{"no option leaves no gap", models.PageSettings{}, "it", "Tazza Alba", "", "Ti avviso quando torna Tazza Alba?"},
		{"white space is folded", models.PageSettings{}, "it", "  Tazza \n Alba ", "\t", "Ti avviso quando torna Tazza Alba?"},
		{"the merchant's words", italian("Vuoi sapere quando arriva {product} ({variant})?"), "it", "Tazza Alba", "blu", "Vuoi sapere quando arriva Tazza Alba (blu)?"},
		{"empty brackets go", italian("Vuoi sapere quando arriva {product} ({variant})?"), "it", "Tazza Alba", "", "Vuoi sapere quando arriva Tazza Alba?"},
		{"only for their language", italian("Lo vuoi?"), "en", "Mug", "", "Tell you when Mug is back?"},
		{"a template of white space is none", italian("  \n "), "it", "Tazza", "", "Ti avviso quando torna Tazza?"},
		{"a template without a product", italian("Ti avviso quando torna?"), "it", "Tazza", "blu", "Ti avviso quando torna?"},
		{"a template that comes out empty", italian("{variant}"), "it", "Tazza", "", "Ti avviso quando torna Tazza?"},
		{"a template of the variant alone, too long", italian("{variant}"), "it", "Tazza", strings.Repeat("blu ", 20), strings.TrimSpace(strings.Repeat("blu ", 16)) + "…"},
		{"a name that looks like a placeholder", models.PageSettings{}, "it", "{variant}", "blu", "Ti avviso quando torna {variant} blu?"},
		{"exactly 65 characters stay", models.PageSettings{}, "it", strings.Repeat("à", 41), "", "Ti avviso quando torna " + strings.Repeat("à", 41) + "?"},
		{"one more is shortened", models.PageSettings{}, "it", strings.Repeat("à", 42), "", "Ti avviso quando torna " + strings.Repeat("à", 40) + "…?"},
		{
			"the product is shortened at a word, the variant stays", models.PageSettings{}, "it",
			"Tazza in ceramica dipinta a mano della linea Alba", "blu", "Ti avviso quando torna Tazza in ceramica dipinta a mano… blu?",
		},
		{
			"a long variant gives way", models.PageSettings{}, "it",
			"Tazza Alba", "blu notte con decorazioni floreali dorate", "Ti avviso quando torna Tazza Alba?",
		},
		{
			"a long template is cut last", italian("Questa domanda è già da sola molto più lunga del limite della piattaforma, {product}?"), "it",
			"Tazza", "", "Questa domanda è già da sola molto più lunga del limite della…",
		},
		{"emoji count as characters", italian("{product}"), "it", strings.Repeat("🏺", 65), "", strings.Repeat("🏺", 65)},
		{"66 emoji are too many", italian("{product}"), "it", strings.Repeat("🏺", 66), "", strings.Repeat("🏺", 63) + "…"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := models.RequestTitle(tt.settings, tt.language, models.Variant{Title: tt.title, Option: tt.option})
			if got != tt.want {
				t.Errorf("got  %q\nwant %q", got, tt.want)
			}
			if n := utf8.RuneCountInString(got); n > models.MaxRequestTitle {
				t.Errorf("%d characters", n)
			}
		})
	}
}

// Whatever merchants and listings hold, the title is one that the platform takes.
func TestRequestTitleAlwaysFits(t *testing.T) {
	words := rapid.StringMatching(`([a-zà-ù🏺!?(),.]{1,30} {0,2}){0,8}`)
	rapid.Check(t, func(t *rapid.T) {
		template := rapid.SampledFrom([]string{
			"", "{product}", "{variant}", "{product} {variant}?", "{product}{product}", "({variant})", words.Draw(t, "words"),
			words.Draw(t, "before") + "{product}" + words.Draw(t, "between") + "{variant}",
		}).Draw(t, "template")
		v := models.Variant{Title: words.Draw(t, "title"), Option: words.Draw(t, "option")}
		if strings.TrimSpace(v.Title) == "" {
			t.Skip("a variant has a title")
		}
		language := rapid.SampledFrom([]string{"it", "en", "de", ""}).Draw(t, "language")
		got := models.RequestTitle(models.PageSettings{RequestTitle: map[string]string{language: template}}, language, v)
		if n := utf8.RuneCountInString(got); n == 0 || n > models.MaxRequestTitle || strings.TrimSpace(got) != got {
			t.Fatalf("%d characters: %q", n, got)
		}
		if err := (models.Content{Request: &models.RequestCard{Title: got, Payload: "p"}}).Validate(); err != nil {
			t.Fatalf("%q: %v", got, err)
		}
	})
}

func TestShorten(t *testing.T) {
	for _, tt := range []struct {
		in    string
		limit int
		want  string
	}{
		{"", 10, ""},
		{"Tazza", 5, "Tazza"},
		{"  Tazza  ", 5, "Tazza"},
		{"Tazza Alba", 9, "Tazza…"},
		{"Tazza Alba", 6, "Tazza…"}, // the cut falls exactly between words
		{"Tazza, Alba", 9, "Tazza…"},
		{"Precipitevolissimevolmente", 10, "Precipite…"}, // a word longer than the room is cut
		{"A precipitevolissimevolmente", 12, "A precipite…"},
		{"perché città", 11, "perché…"},
		{"🏺🏺🏺🏺", 3, "🏺🏺…"},
		{"Tazza", 1, "…"},
		{"Tazza", 0, ""},
		{"Tazza", -1, ""},
	} {
		if got := models.Shorten(tt.in, tt.limit); got != tt.want {
			t.Errorf("Shorten(%q, %d) = %q, want %q", tt.in, tt.limit, got, tt.want)
		}
	}
}

func TestShortenFits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, limit := rapid.String().Draw(t, "s"), rapid.IntRange(-2, 80).Draw(t, "limit")
		got := models.Shorten(s, limit)
		if n := utf8.RuneCountInString(got); n > max(limit, 0) {
			t.Fatalf("Shorten(%q, %d) = %q has %d characters", s, limit, got, n)
		}
		if limit > 0 && strings.TrimSpace(s) != "" && got == "" {
			t.Fatalf("Shorten(%q, %d) leaves nothing", s, limit)
		}
		if kept := strings.TrimSuffix(got, "…"); got != strings.TrimSpace(s) && !strings.HasPrefix(strings.TrimSpace(s), kept) {
			t.Fatalf("Shorten(%q, %d) = %q is no beginning of it", s, limit, got)
		}
	})
}
