package models

import (
	"regexp"
	"strings"
)

// What reads like promotion, by language. Meta's own measure is not documented, so these are only the words that leave no doubt: what
// passes here may be refused all the same (TAG_SHOULD_BE_MARKETING), what fails here would be. Words that mean something else in
// the other language stand with their own: an Italian "sale" goes up.
var promotional = map[string]*regexp.Regexp{
	"": promotionWords(`-\d+ ?%`, `promo`, `promos`, `coupons?`, `black friday`, `cyber monday`),
	"en": promotionWords(`sale`, `discounts?`, `\d+ ?% off`, `offers?`, `deals?`, `promotions?`, `buy now`, `shop now`, `back in stock`, `new arrivals?`,
		`don.t miss`, `limited time`, `last chance`, `best price`),
	"it": promotionWords(`sconti`, `sconto`, `offert[ae]`, `saldi`, `promozion[ei]`, `compra ora`, `acquista ora`, `di nuovo disponibil[ei]`,
		`tornat[oaie] disponibil[ei]`, `nuov[io] arriv[io]`, `non perder[et][a-z]*`, `ultimi pezzi`, `ultima occasione`, `prezzo speciale`),
}

func promotionWords(words ...string) *regexp.Regexp {
	// RE2's \b knows ASCII letters only: to it an accented one would end a word.
	return regexp.MustCompile(`(?i)(?:^|[^\pL\pN])(` + strings.Join(words, "|") + `)(?:$|[^\pL\pN])`)
}

// Promotion returns what in a text reads like promotion, as it stands there, and "" where nothing does. language is as Messenger
// writes it.
func Promotion(language, text string) string {
	code, _, _ := strings.Cut(language, "_")
	for _, in := range []string{"", code} {
		if words := promotional[in]; words != nil {
			if found := words.FindStringSubmatch(text); found != nil {
				return found[1]
			}
		}
	}
	return ""
}

// checkPromotion refuses what reads like promotion: utility messages are about something that the person did, and a Page that
// advertises by them loses them.
func checkPromotion(language, text string) error {
	if words := Promotion(language, text); words != "" {
		return FieldErrorf("promotion", "%q reads like promotion, and Meta refuses that in a utility message (TAG_SHOULD_BE_MARKETING). Say only what happened with the person's order, appointment or account.", words)
	}
	return nil
}
