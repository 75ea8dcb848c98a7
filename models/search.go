package models

import (
	"slices"
	"strings"
	"unicode"
)

// Limits of a search: what is longer is cut, and what is more is left out.
const (
	maxTerm  = 40 // characters
	maxTerms = 8  // of one search
)

// SearchTerms splits what somebody looks for into the terms that all must be found: in lower case, without accents, and
// without the punctuation around them. Each finds what begins with it. Unlike Words it keeps every word as it is written:
// whoever types into a search box means those letters.
func SearchTerms(text string) []string {
	var terms []string
	for field := range strings.FieldsSeq(foldSearch(text)) {
		if term := cutTerm(field); term != "" && !slices.Contains(terms, term) && len(terms) < maxTerms {
			terms = append(terms, term)
		}
	}
	return terms
}

// VariantTerms are the terms that a variant is found by: those of its title, its option and its SKU, and of each that holds
// other signs, such as TAZZA-BLU or t-shirt, the pieces too.
func VariantTerms(v Variant) []string {
	var terms []string
	add := func(text string) {
		if term := cutTerm(text); term != "" && !slices.Contains(terms, term) {
			terms = append(terms, term)
		}
	}
	for field := range strings.FieldsSeq(foldSearch(v.Title + " " + v.Option + " " + v.SKU)) {
		add(field)
		for _, piece := range strings.FieldsFunc(field, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
			add(piece)
		}
	}
	return terms
}

// foldSearch is a text in lower case and without accents, also those that stand as signs of their own.
func foldSearch(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, foldAccents(strings.ToLower(text)))
}

func cutTerm(s string) string {
	s = strings.Trim(s, `.,;:!?()[]"'«»“”‘’`)
	if r := []rune(s); len(r) > maxTerm {
		return string(r[:maxTerm])
	}
	return s
}
