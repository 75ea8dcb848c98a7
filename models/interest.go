package models

import (
	"slices"
	"strings"
	"time"
	"unicode"
)

// InterestSource is how a contact asked about a variant (rule 3.1).
type InterestSource string

// The sources of interest.
const (
	InterestRef      InterestSource = "ref"      // an m.me link, Get Started
	InterestAd       InterestSource = "ad"       // a click-to-Messenger ad
	InterestPostback InterestSource = "postback" // a button of a product card
	InterestText     InterestSource = "text"     // words that name a product
	InterestComment  InterestSource = "comment"  // a comment on a post
)

// Interest says that a contact asked about a variant.
type Interest struct {
	ID        int64 `gorm:"primaryKey"`
	PageID    string
	ContactID int64
	VariantID int64
	Source    InterestSource
	// AdID and Ad are of the ad that led to it, and what that showed.
	AdID string
	Ad   *AdContext `gorm:"serializer:json"`
	At   time.Time  `gorm:"serializer:ms"`
}

// Words splits a text into the stems by which products are found: lower case, without accents, without the words
// that carry no product in Italian and English, plurals folded ("tazze" and "tazza", "mugs" and "mug" are one).
// The same function reads titles and messages; each stem stands once, in order.
func Words(text string) []string {
	var words []string
	seen := map[string]bool{}
	for _, w := range strings.FieldsFunc(foldAccents(strings.ToLower(text)), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r)
	}) {
		if stopWords[w] {
			continue
		}
		if s := stem(w); len(s) > 1 && !seen[s] {
			seen[s] = true
			words = append(words, s)
		}
	}
	return words
}

// stem folds the plural endings of Italian and English, roughly: both sides of a comparison pass through it.
func stem(w string) string {
	if len(w) >= 4 && strings.HasSuffix(w, "s") && !strings.HasSuffix(w, "ss") {
		w = strings.TrimSuffix(w, "s")
		if strings.HasSuffix(w, "sse") || strings.HasSuffix(w, "xe") || strings.HasSuffix(w, "che") || strings.HasSuffix(w, "she") {
			w = strings.TrimSuffix(w, "e")
		}
	}
	if len(w) >= 4 {
		switch w[len(w)-1] {
		case 'a', 'e', 'i', 'o':
			w = w[:len(w)-1]
		}
		w = strings.TrimSuffix(w, "h") // borsa-borse, but giacca-giacche
	}
	return w
}

// foldAccents maps the accented letters of Western European languages to plain ones.
func foldAccents(s string) string { return accents.Replace(s) }

var accents = strings.NewReplacer(
	"à", "a", "á", "a", "â", "a", "ã", "a", "ä", "a", "å", "a", "è", "e", "é", "e", "ê", "e", "ë", "e",
	"ì", "i", "í", "i", "î", "i", "ï", "i", "ò", "o", "ó", "o", "ô", "o", "õ", "o", "ö", "o",
	"ù", "u", "ú", "u", "û", "u", "ü", "u", "ç", "c", "ñ", "n", "ß", "ss",
)

// stopWords carry no product: articles, prepositions, greetings and the words of asking.
var stopWords = setOf(`
a ad al allo alla alle ai agli anche ancora avete avere avevate aveva c ce che chi ci ciao col come con cosa cui
da dal dalla dalle dagli dei degli del della delle dello di disponibile disponibili dove e ed era esiste gli grazie ha hai
hanno ho i il in io la le lei lo loro ma me mi mia mio molto ne nei nel nella no noi non o per perche piu poi posso
prego prezzo qual quale quali quando quanto quanta costa costano questa queste questi questo quella quello ritorna ritornano
rifornimento salve scusi scusa se sei si sono sta stata stato su sua suo sul sulla te ti torna tornano tornera tornata tra tu
tua tuo un una uno va vi voi vorrei volevo sapere buongiorno buonasera buona sera giorno taglia colore esaurito esaurita
esauriti esaurite arriva arrivano avvisami avvisatemi avviso
an and any anymore are available again back be been but can could colour color did do does for from get got had has have hello
hey hi how however if is it its just know like me my need not of on or our out please price cost restock restocked
s size sell selling sold stock still t tell thanks thank that the their them there these they this those to us was we
were what when where which will with would you your
`)

func setOf(words string) map[string]bool {
	set := map[string]bool{}
	for _, w := range strings.Fields(words) {
		set[w] = true
	}
	return set
}

// MaxMatches is how many cards a carousel of matches holds (rule 3.1; the platform's limit too).
const MaxMatches = MaxCards

// Candidate is a variant that shares words with a text.
type Candidate struct {
	VariantID int64
	// Shared counts the text's words found in the variant's title, option or SKU; Words all words of it.
	Shared, Words int
	// SKU is true where the text holds the variant's SKU as it is.
	SKU bool
}

// Match picks the variants that a text of so many words names: those whose SKU it holds, else those that share
// the most words with it, if that is enough to mean them: two words, the whole title, or more than half of what
// the text says. Nothing is a common answer, and leaves people to talk to people.
func Match(textWords int, candidates []Candidate) []int64 {
	var best []Candidate
	for _, c := range candidates {
		enough := c.Shared >= 2 || c.Shared == c.Words || 2*c.Shared > textWords
		if !c.SKU && (c.Shared < 1 || !enough) {
			continue
		}
		switch {
		case len(best) == 0 || better(c, best[0]):
			best = []Candidate{c}
		case !better(best[0], c):
			best = append(best, c)
		}
	}
	ids := make([]int64, 0, min(len(best), MaxMatches))
	for _, c := range best {
		if len(ids) == MaxMatches {
			break
		}
		ids = append(ids, c.VariantID)
	}
	return ids
}

func better(a, b Candidate) bool {
	if a.SKU != b.SKU {
		return a.SKU
	}
	return !a.SKU && a.Shared > b.Shared
}

// stopTexts are what a person writes to be left alone (rule 7.3).
var stopTexts = setOf("stop basta cancella unsubscribe disiscrivimi cancellami")

// eraseTexts are what a person writes to be forgotten, without punctuation.
var eraseTexts = []string{"delete my data", "delete all my data", "erase my data", "cancella i miei dati", "cancellate i miei dati", "elimina i miei dati", "eliminate i miei dati"}

// IsErase reports whether a text asks to be forgotten: one of a few sentences, and nothing else, but for courtesies around it.
func IsErase(text string) bool {
	words := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) })
	words = slices.DeleteFunc(words, func(w string) bool { return courtesies[w] })
	return slices.Contains(eraseTexts, strings.Join(words, " "))
}

// courtesies say nothing by themselves.
var courtesies = setOf("please ciao hello hi buongiorno salve per favore grazie thanks")

// IsStop reports whether a text asks to be left alone: one such word, alone but for punctuation.
func IsStop(text string) bool {
	w := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) })
	return len(w) == 1 && stopTexts[w[0]]
}
