package models

import "strings"

// languages are those the product speaks; English is the fallback.
var languages = map[string]string{"en": "English", "it": "Italiano"}

// Language picks a language we speak from platform or browser locales such as "it_IT" or "en-GB", the first
// that fits winning; "en" where none does.
func Language(locales ...string) string {
	for _, l := range locales {
		base, _, _ := strings.Cut(strings.ToLower(strings.ReplaceAll(l, "_", "-")), "-")
		if _, ok := languages[base]; ok {
			return base
		}
	}
	return "en"
}
