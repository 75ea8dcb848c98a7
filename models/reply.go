package models

import (
	"regexp"
	"strings"
	"time"
	"unicode/utf8"
)

// Limits of saved replies.
const (
	MaxSavedReplies    = 200 // in all languages
	MaxSavedReplyTitle = 60  // characters
)

// What a saved reply may leave open.
const (
	PlaceName    = "{name}"    // the person's first name
	PlaceProduct = "{product}" // what the person asked about last
)

// SavedReply is a text that is written once and used often. It belongs to the whole team; nothing is sent from it
// before somebody has read it in the box and pressed Send.
type SavedReply struct {
	ID        int64 `gorm:"primaryKey"`
	Language  string
	Title     string // unique in its language
	Text      string
	CreatedAt time.Time `gorm:"serializer:ms;autoCreateTime:false"`
	UpdatedAt time.Time `gorm:"serializer:ms;autoUpdateTime:false"`
}

// ValidateSavedReply checks what somebody wrote.
func ValidateSavedReply(r SavedReply) error {
	switch n := utf8.RuneCountInString(r.Title); {
	case strings.TrimSpace(r.Title) == "":
		return FieldErrorf("reply_title", "Give the reply a title to find it by.")
	case n > MaxSavedReplyTitle:
		return FieldErrorf("reply_title", "The title has %d characters; it takes %d.", n, MaxSavedReplyTitle)
	}
	if _, ok := languages[r.Language]; !ok {
		return FieldErrorf("locale", "The language is en or it.")
	}
	return CheckReply(r.Text)
}

// CheckReply checks the length of words that are to be sent: 1 to MaxText characters, space around them not counted.
func CheckReply(text string) error {
	switch n := utf8.RuneCountInString(strings.TrimSpace(text)); {
	case n == 0:
		return FieldErrorf("text", "Write something first.")
	case n > MaxText:
		return FieldErrorf("text", "The text has %d characters; Messenger takes %d.", n, MaxText)
	}
	return nil
}

var (
	spaceAndName = regexp.MustCompile(`[ \t]*` + regexp.QuoteMeta(PlaceName))
	strayStart   = regexp.MustCompile(`(?m)^[,;:!][ \t]*`)
)

// Fill puts a person's first name and a product's name into a reply's text. Without a name its place closes; without a
// product the place stays, for whoever sends it to fill in: a sentence has no sense without it.
func (r SavedReply) Fill(name, product string) string {
	text := r.Text
	first, _, _ := strings.Cut(strings.TrimSpace(name), " ")
	if first == "" && strings.Contains(text, PlaceName) {
		text = strayStart.ReplaceAllString(spaceAndName.ReplaceAllString(text, ""), "")
	}
	if product == "" {
		product = PlaceProduct
	}
	return strings.TrimSpace(strings.NewReplacer(PlaceName, first, PlaceProduct, product).Replace(text))
}

// OpenPlace returns the first place of a saved reply that nobody has filled in, "" if there is none.
func OpenPlace(text string) string {
	for _, place := range []string{PlaceProduct, PlaceName} {
		if strings.Contains(text, place) {
			return place
		}
	}
	return ""
}
