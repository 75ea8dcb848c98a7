package models

import (
	"strings"
	"unicode"
)

// Edited says which fields of a variant a person, a script of theirs or a file set: sources leave those alone.
type Edited int

// The fields.
const (
	EditedTitle Edited = 1 << iota
	EditedOption
	EditedPrice
	EditedURL
	EditedImage
	// EditedListing: a person took it off the list, and no source puts it back.
	EditedListing
)

// Has reports whether a field is among them.
func (e Edited) Has(field Edited) bool { return e&field != 0 }

// EditedBetween are the fields that differ between two versions of a variant.
func EditedBetween(before, after Variant) Edited {
	var e Edited
	for field, differ := range map[Edited]bool{
		EditedTitle:  before.Title != after.Title,
		EditedOption: before.Option != after.Option,
		EditedPrice:  before.PriceMinor != after.PriceMinor || before.Currency != after.Currency,
		EditedURL:    before.URL != after.URL,
		EditedImage:  before.ImageURL != after.ImageURL,
	} {
		if differ {
			e |= field
		}
	}
	return e
}

// Listed is a variant as a shop system describes it: what it says replaces what is on record, but for what a person
// edited. Texts that are too long for us are shortened and addresses that are none are left out, since nobody could mend
// them here. A price without a currency is in the one on record, or else in the given one.
func Listed(v Variant, p CatalogueProduct, c CatalogueVariant, currency string) Variant {
	set := func(field Edited, target *string, value string) {
		if value != "" && !v.Edited.Has(field) {
			*target = value
		}
	}
	set(EditedTitle, &v.Title, Shorten(oneLine(p.Title), MaxTitle))
	set(EditedOption, &v.Option, Shorten(oneLine(c.Option), MaxOption))
	set(EditedURL, &v.URL, webAddress(c.URL, p.URL))
	set(EditedImage, &v.ImageURL, webAddress(c.ImageURL, p.ImageURL))
	if c.Price == "" || v.Edited.Has(EditedPrice) {
		return v
	}
	for _, known := range []string{c.Currency, v.Currency, currency, "EUR"} {
		if known == "" {
			continue
		}
		if m, err := ParseDecimal(c.Price, known); err == nil && m.Minor >= 0 {
			v.PriceMinor, v.Currency = m.Minor, m.Currency
		}
		break
	}
	return v
}

// webAddress is the first of the addresses that a card may link to; empty where none is.
func webAddress(addresses ...string) string {
	for _, a := range addresses {
		if a != "" && validateURL("url", a) == nil {
			return a
		}
	}
	return ""
}

// oneLine is a text without line breaks and control characters, and with single spaces.
func oneLine(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, s)
	return strings.Join(strings.Fields(s), " ")
}
