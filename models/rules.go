package models

import (
	"maps"
	"unicode/utf8"
)

// VariantRules are what one variant does otherwise than its Page (rules 5.4 to 5.6). A nil field is the Page's setting.
type VariantRules struct {
	// HoldDownSeconds delays a restock's start; 0 starts at once.
	HoldDownSeconds *int `json:"hold_down_seconds,omitempty"`
	// AskAbove makes a restock that would spend more tokens wait for the merchant's OK; 0 never asks.
	AskAbove *int `json:"ask_above,omitempty"`
	// WaveMinutes is the pause between two waves, 1 or more.
	WaveMinutes *int `json:"wave_minutes,omitempty"`
	// NewestFirst notifies the latest token first.
	NewestFirst *bool `json:"newest_first,omitempty"`
}

// For returns the settings as they hold for one variant: the Page's, and its own where it has any.
func (s PageSettings) For(v Variant) PageSettings {
	r := v.Rules
	if r.HoldDownSeconds != nil {
		s.HoldDownSeconds = *r.HoldDownSeconds
	}
	if r.AskAbove != nil {
		s.AskAbove = *r.AskAbove
	}
	if r.WaveMinutes != nil {
		s.WaveMinutes = *r.WaveMinutes
	}
	if r.NewestFirst != nil {
		s.NewestFirst = *r.NewestFirst
	}
	if len(v.RequestTitle) > 0 {
		s.RequestTitle = maps.Clone(s.RequestTitle)
		if s.RequestTitle == nil {
			s.RequestTitle = map[string]string{}
		}
		maps.Copy(s.RequestTitle, v.RequestTitle)
	}
	return s
}

// MaxRequestTemplate is the longest template of the opt-in question, in characters. What is asked is shortened to
// MaxRequestTitle; the template may be longer for its placeholders.
const MaxRequestTemplate = 200

// validateRules checks what a person may set on a variant beside what is sold.
func validateRules(v Variant) error {
	value := func(n *int, unset int) int {
		if n == nil {
			return unset
		}
		return *n
	}
	r := v.Rules
	err := PageSettings{HoldDownSeconds: value(r.HoldDownSeconds, 0), AskAbove: value(r.AskAbove, 0), WaveMinutes: value(r.WaveMinutes, 1)}.validate()
	if err != nil {
		return err
	}
	if value(r.WaveMinutes, 1) < 1 {
		return FieldErrorf("wave_minutes", "The pause between waves is 1 minute or more.")
	}
	for language, title := range v.RequestTitle {
		if utf8.RuneCountInString(title) > MaxRequestTemplate {
			return FieldErrorf("request_title_"+language, "The question is longer than %d characters.", MaxRequestTemplate)
		}
	}
	return nil
}

// RulesChange is what a person changes on many variants at once. A nil field leaves what is there.
type RulesChange struct {
	MinStock      *int
	TokensPerUnit *int // 0 takes the limit away
	VariantRules
	// Reset gives up the rules that differ from the Page's, before the others are set.
	Reset bool
}

// Empty reports whether the change changes nothing, whatever it is applied to.
func (c RulesChange) Empty() bool {
	return c.MinStock == nil && c.TokensPerUnit == nil && c.VariantRules == VariantRules{} && !c.Reset
}

// Apply returns the variant with the change, checked.
func (c RulesChange) Apply(v Variant) (Variant, error) {
	if c.Reset {
		v.Rules = VariantRules{}
	}
	if c.MinStock != nil {
		v.MinStock = *c.MinStock
	}
	if c.TokensPerUnit != nil {
		v.TokensPerUnit = *c.TokensPerUnit
	}
	if c.HoldDownSeconds != nil {
		v.Rules.HoldDownSeconds = c.HoldDownSeconds
	}
	if c.AskAbove != nil {
		v.Rules.AskAbove = c.AskAbove
	}
	if c.WaveMinutes != nil {
		v.Rules.WaveMinutes = c.WaveMinutes
	}
	if c.NewestFirst != nil {
		v.Rules.NewestFirst = c.NewestFirst
	}
	return v, ValidateVariant(v)
}

// VariantChange is a variant before and after a change that is still to be said yes to.
type VariantChange struct {
	Before, After Variant
	// Tells is how many people would be told at once, since the change brings the variant back.
	Tells int
}

// Fields names what the change changes, by the columns of a file and the fields of a form.
func (c VariantChange) Fields() []string {
	a, b := c.Before, c.After
	var fields []string
	note := func(field string, differs bool) {
		if differs {
			fields = append(fields, field)
		}
	}
	note("title", a.Title != b.Title)
	note("option", a.Option != b.Option)
	note("price", a.PriceMinor != b.PriceMinor || a.Currency != b.Currency)
	note("url", a.URL != b.URL)
	note("image_url", a.ImageURL != b.ImageURL)
	note("available", a.Stock() != b.Stock())
	note("min_stock", a.MinStock != b.MinStock)
	note("tokens_per_unit", a.TokensPerUnit != b.TokensPerUnit)
	note("hold_down_seconds", differ(a.Rules.HoldDownSeconds, b.Rules.HoldDownSeconds))
	note("ask_above", differ(a.Rules.AskAbove, b.Rules.AskAbove))
	note("wave_minutes", differ(a.Rules.WaveMinutes, b.Rules.WaveMinutes))
	note("newest_first", differ(a.Rules.NewestFirst, b.Rules.NewestFirst))
	return fields
}

func differ[T comparable](a, b *T) bool {
	if a == nil || b == nil {
		return a != b
	}
	return *a != *b
}

// tells is how many people a change of stock or minimum would have told, where no restock is open: whoever waits, since
// the variant comes back (rule 5.2), as far as a first wave goes.
func tells(before, after Variant) int {
	if before.InStock() || !after.InStock() {
		return 0
	}
	if wave := WaveBudget(after.Stock(), after.TokensPerUnit); wave > 0 {
		return min(wave, after.Waiting)
	}
	return after.Waiting
}

// ChangeOf is the change from one state of a variant to another.
func ChangeOf(before, after Variant) VariantChange {
	return VariantChange{Before: before, After: after, Tells: tells(before, after)}
}
