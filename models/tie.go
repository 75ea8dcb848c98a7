package models

import (
	"net/url"
	"regexp"
	"strings"
	"time"
)

// MaxTies is how many posts and ads of one Page may be tied to products.
const MaxTies = 5000

// TieKind is what is tied to a product.
type TieKind string

// The kinds.
const (
	TiePost TieKind = "post" // a post of the Page: comments on it are about the product
	TieAd   TieKind = "ad"   // a click-to-Messenger ad: whoever comes by it asks about the product
)

// Tie says that a post or an ad is about a variant. A post may be about several.
type Tie struct {
	PageID    string  `gorm:"primaryKey"`
	Kind      TieKind `gorm:"primaryKey"`
	Ref       string  `gorm:"primaryKey"` // the post's number without the Page's, or the ad's
	VariantID int64   `gorm:"primaryKey;autoIncrement:false"`
	// Found is true where the post's own text named the product, by SKU or link; false where the merchant tied it.
	Found     bool
	CreatedAt time.Time `gorm:"serializer:ms;autoCreateTime:false"`
}

// TableName says what the rows are.
func (Tie) TableName() string { return "ties" }

// TieRow is a tie in a list, with what it is tied to.
type TieRow struct {
	Tie
	Variant Variant // its number, Page and names only
}

var (
	number   = regexp.MustCompile(`^\d{3,40}$`)
	postPart = regexp.MustCompile(`/(?:posts|videos|reel|photos|permalink)/(?:[^/]*/)*?(\d{3,40})(?:[/?]|$)`)
)

// PostNumber is a post's number as ties are found by: webhooks write PAGE_POST.
func PostNumber(id string) string {
	if _, post, ok := strings.Cut(id, "_"); ok {
		return post
	}
	return id
}

// ParseTie reads what a person pasted for a post or an ad: its number, PAGE_POST, or an address of facebook.com that holds the
// number. Addresses with a name made of letters (pfbid...) hold none, and are refused with what to do instead.
func ParseTie(kind TieKind, text string) (string, error) {
	text = strings.TrimSpace(text)
	if kind == TieAd {
		if !number.MatchString(text) {
			return "", FieldErrorf("tie_ad", "An ad's number has digits only; Ads Manager shows it in the column Ad ID.")
		}
		return text, nil
	}
	if n := PostNumber(text); number.MatchString(n) {
		return n, nil
	}
	if u, err := url.Parse(text); err == nil && (u.Scheme == "https" || u.Scheme == "http") {
		for _, name := range []string{"story_fbid", "fbid", "v"} {
			if n := u.Query().Get(name); number.MatchString(n) {
				return n, nil
			}
		}
		if m := postPart.FindStringSubmatch(u.Path); m != nil {
			return m[1], nil
		}
	}
	return "", FieldErrorf("tie_post", "No post number is in it. Facebook hides it in some addresses (pfbid...): paste the post's ID from Meta Business Suite, such as 101000000000000_122000000000000.")
}
