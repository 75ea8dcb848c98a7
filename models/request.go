package models

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// RequestState is where an opt-in request stands.
type RequestState string

// The states of an opt-in request.
const (
	RequestQueued   RequestState = "queued"   // written, not yet sent
	RequestSent     RequestState = "sent"     // the platform took it, or may have: no answer came
	RequestAnswered RequestState = "answered" // the person tapped Notify Me
	RequestDropped  RequestState = "dropped"  // it could not be sent, and was not: the window closed, or a refusal
	RequestLapsed   RequestState = "lapsed"   // nobody answered within RequestLife
)

// RequestLife is how long an unanswered request keeps the same contact from being asked again for the same
// variant (rule 3.5).
const RequestLife = 7 * 24 * time.Hour

// Request is the opt-in request: the one_time_notif_req card for one contact and one variant.
type Request struct {
	ID        int64 `gorm:"primaryKey"`
	PageID    string
	ContactID int64
	VariantID int64
	// Payload is the opaque id that the opt-in brings back (rule 3.6).
	Payload string
	// Title holds the exact words the person saw.
	Title string
	State RequestState
	// Product is what the person was asked with, and Why it was that; both are empty for requests of before there was a choice.
	Product   OptInProduct
	Why       OptInReason
	CreatedAt time.Time `gorm:"serializer:ms;autoCreateTime:false"`
	StateAt   time.Time `gorm:"serializer:ms"`
}

// TableName keeps the table's name to the field's own word.
func (Request) TableName() string { return "optin_requests" }

// Outstanding reports whether the request still keeps its contact from being asked again at t.
func (r Request) Outstanding(at time.Time) bool {
	return (r.State == RequestQueued || r.State == RequestSent) && at.Before(r.CreatedAt.Add(RequestLife))
}

// MaxRequestTitle is the platform's limit for the card's title, in Unicode characters (One-time Notification page).
const MaxRequestTitle = 65

// defaultRequestTitle by language.
var defaultRequestTitle = map[string]string{
	"en": "Tell you when {product} {variant} is back?",
	"it": "Ti avviso quando torna {product} {variant}?",
}

// defaultRecurringTitle says that the answer holds for more than one time, by language.
var defaultRecurringTitle = map[string]string{
	"en": "Tell you each time {product} {variant} is back?",
	"it": "Ti avviso ogni volta che torna {product} {variant}?",
}

// minTitleRoom is the least a shortened product name is worth, in characters: below it the option gives way.
const minTitleRoom = 12

// RequestTitle fills the merchant's template, or the default one, with a variant's name and makes it fit the
// platform's limit: the product's name is shortened first, then the option left out, and the question around them
// cut last (rule 3.4). A template that comes out empty for this variant gives way to the default.
func RequestTitle(s PageSettings, language string, v Variant) string {
	return requestTitle(defaultRequestTitle, s, language, v)
}

// RecurringTitle is RequestTitle for the card that asks for recurring notifications.
func RecurringTitle(s PageSettings, language string, v Variant) string {
	return requestTitle(defaultRecurringTitle, s, language, v)
}

func requestTitle(defaults map[string]string, s PageSettings, language string, v Variant) string {
	standard := defaults[language]
	if standard == "" {
		standard = defaults["en"]
	}
	if t := fillRequestTitle(s.RequestTitle[language], tidy(v.Title), tidy(v.Option)); t != "" {
		return t
	}
	return fillRequestTitle(standard, tidy(v.Title), tidy(v.Option))
}

func fillRequestTitle(template, title, option string) string {
	fill := func(title, option string) string {
		return tidy(strings.NewReplacer("{product}", title, "{variant}", option).Replace(template))
	}
	fits := func(s string) bool { return utf8.RuneCountInString(s) <= MaxRequestTitle }
	for _, option := range []string{option, ""} {
		if t := fill(title, option); t != "" && fits(t) {
			return t
		}
		// One character is kept back for the space that stands beside a name and not beside an empty one.
		room := MaxRequestTitle - utf8.RuneCountInString(fill("", option)) - 1
		if t := fill(Shorten(title, room), option); room >= minTitleRoom && t != "" && fits(t) {
			return t
		}
	}
	return Shorten(fill(title, option), MaxRequestTitle)
}

// tidy folds white space, and takes away the empty brackets and the space before a question mark that an empty
// {variant} leaves.
func tidy(s string) string {
	s = strings.NewReplacer("()", "", "[]", "").Replace(s)
	s = strings.Join(strings.Fields(s), " ")
	for _, mark := range []string{"?", "!", ".", ","} {
		s = strings.ReplaceAll(s, " "+mark, mark)
	}
	return s
}

// Shorten cuts s to at most limit Unicode characters, at a word where there is one, and ends a cut with "…".
func Shorten(s string, limit int) string {
	s = strings.TrimSpace(s)
	if utf8.RuneCountInString(s) <= limit {
		return s
	}
	if limit < 1 {
		return ""
	}
	runes := []rune(s)
	cut := runes[:limit-1]
	if !unicode.IsSpace(runes[limit-1]) {
		for i := len(cut) - 1; i > len(cut)/2; i-- {
			if unicode.IsSpace(cut[i]) {
				cut = cut[:i]
				break
			}
		}
	}
	return strings.TrimRightFunc(string(cut), func(r rune) bool { return unicode.IsSpace(r) || unicode.IsPunct(r) }) + "…"
}
