package models_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"bentornato/models"
)

func TestRulesOfAVariantStandBeforeThePages(t *testing.T) {
	page := models.PageSettings{HoldDownSeconds: 60, AskAbove: 500, WaveMinutes: 45, NewestFirst: true,
		RequestTitle: map[string]string{"en": "Page {product}?", "it": "Pagina {product}?"}}
	if got := page.For(models.Variant{}); got.HoldDownSeconds != 60 || got.AskAbove != 500 || got.WaveMinutes != 45 || !got.NewestFirst || got.RequestTitle["it"] != "Pagina {product}?" {
		t.Errorf("a variant without rules has %+v", got)
	}
	v := models.Variant{Title: "Tazza", Rules: models.VariantRules{HoldDownSeconds: new(0), AskAbove: new(0), WaveMinutes: new(5), NewestFirst: new(false)},
		RequestTitle: map[string]string{"it": "Torna {product}?"}}
	got := page.For(v)
	if got.HoldDown() != 0 || got.AskAbove != 0 || got.WaveInterval() != 5*time.Minute || got.NewestFirst {
		t.Errorf("its own rules make %+v", got)
	}
	if it, en := models.RequestTitle(got, "it", v), models.RequestTitle(got, "en", v); it != "Torna Tazza?" || en != "Page Tazza?" {
		t.Errorf("it asks %q and %q", it, en)
	}
	if page.RequestTitle["it"] != "Pagina {product}?" {
		t.Error("the Page's own question was changed")
	}
}

func TestRulesChange(t *testing.T) {
	mug := models.Variant{SKU: "TAZZA", Title: "Tazza", MinStock: 2, Available: 2, TokensPerUnit: 3, Waiting: 40, Rules: models.VariantRules{AskAbove: new(9)}}
	for name, test := range map[string]struct {
		change models.RulesChange
		fields []string
		tells  int
		wrong  string
	}{
		"nothing":        {},
		"the same":       {change: models.RulesChange{MinStock: new(2)}},
		"several":        {change: models.RulesChange{MinStock: new(4), TokensPerUnit: new(0), VariantRules: models.VariantRules{NewestFirst: new(true), WaveMinutes: new(10)}}, fields: []string{"min_stock", "tokens_per_unit", "wave_minutes", "newest_first"}},
		"back to":        {change: models.RulesChange{Reset: true}, fields: []string{"ask_above"}},
		"back and set":   {change: models.RulesChange{Reset: true, VariantRules: models.VariantRules{AskAbove: new(9), HoldDownSeconds: new(30)}}, fields: []string{"hold_down_seconds"}},
		"no minimum":     {change: models.RulesChange{MinStock: new(0)}, wrong: "min_stock"},
		"no limit below": {change: models.RulesChange{TokensPerUnit: new(-1)}, wrong: "tokens_per_unit"},
		"too long":       {change: models.RulesChange{VariantRules: models.VariantRules{HoldDownSeconds: new(86401)}}, wrong: "hold_down_seconds"},
		"no pause":       {change: models.RulesChange{VariantRules: models.VariantRules{WaveMinutes: new(0)}}, wrong: "wave_minutes"},
		"below nobody":   {change: models.RulesChange{VariantRules: models.VariantRules{AskAbove: new(-1)}}, wrong: "ask_above"},
	} {
		after, err := test.change.Apply(mug)
		if test.wrong != "" {
			if fieldOf(err) != test.wrong {
				t.Errorf("%s: %v, want an error about %s", name, err, test.wrong)
			}
			continue
		}
		change := models.ChangeOf(mug, after)
		if err != nil || !slices.Equal(change.Fields(), test.fields) || change.Tells != test.tells {
			t.Errorf("%s changes %v and tells %d, error %v; want %v, %d", name, change.Fields(), change.Tells, err, test.fields, test.tells)
		}
	}
	// A minimum that comes down to what is there brings the variant back: as many are told as a first wave has room for.
	low := mug
	low.MinStock = 5
	after, err := models.RulesChange{MinStock: new(2)}.Apply(low)
	if got := models.ChangeOf(low, after); err != nil || got.Tells != 6 {
		t.Errorf("a lower minimum tells %d, error %v; want 2 pieces x 3", got.Tells, err)
	}
	if (models.RulesChange{}).Empty() != true || (models.RulesChange{Reset: true}).Empty() {
		t.Error("what changes nothing is not told from what does")
	}
}

func TestDayIn(t *testing.T) {
	rome, err := time.LoadLocation("Europe/Rome")
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		at   string
		loc  *time.Location
		want string
	}{
		{"2026-11-22T22:59:59Z", rome, "2026-11-22"}, {"2026-11-22T23:00:00Z", rome, "2026-11-23"}, {"2026-07-01T22:00:00Z", rome, "2026-07-02"},
		{"2026-11-22T23:00:00Z", nil, "2026-11-22"},
	} {
		at, err := time.Parse(time.RFC3339, test.at)
		if err != nil {
			t.Fatal(err)
		}
		if got := models.DayIn(at, test.loc).Format(time.RFC3339); got != test.want+"T00:00:00Z" {
			t.Errorf("%s in %s is of %s, want %s", test.at, test.loc, got, test.want)
		}
	}
}

func fieldOf(err error) string {
	var e *models.Error
	if errors.As(err, &e) {
		return e.Field
	}
	return ""
}
