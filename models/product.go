package models

import (
	"math"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Product is what is listed: one or more variants. A simple product has one variant and no name of its own.
type Product struct {
	ID     int64 `gorm:"primaryKey"`
	PageID string
	// Name groups variants: the "product" of the API and of a CSV line. Empty for a simple product.
	Name      string
	CreatedAt time.Time `gorm:"serializer:ms;autoCreateTime:false"`
}

// Variant is what is sold: a SKU with an available quantity. A SKU is unique per Page.
type Variant struct {
	ID        int64 `gorm:"primaryKey"`
	PageID    string
	ProductID int64
	SKU       string `gorm:"column:sku"`
	Title     string
	Option    string
	// PriceMinor is in the currency's smallest unit; there is a price only where Currency is set.
	PriceMinor int64
	Currency   string
	URL        string `gorm:"column:url"`
	ImageURL   string `gorm:"column:image_url"`
	// Ref is what an m.me link carries: opaque, letters, digits, '-' and '_' only.
	Ref string
	// Available is the absolute available quantity of the latest report. QuantityUnknown: in stock, nobody said
	// how many.
	Available       int
	QuantityUnknown bool
	// MinStock is the least quantity that starts a restock; at least 1.
	MinStock int
	// TokensPerUnit limits how many tokens a unit of stock may spend at once; 0 is no limit.
	TokensPerUnit int
	// Rules are what the variant does otherwise than its Page, RequestTitle its own opt-in question by language, with
	// {product} and {variant} (rule 3.4). Both are empty for most; PageSettings.For puts them in their place.
	Rules        VariantRules      `gorm:"serializer:json"`
	RequestTitle map[string]string `gorm:"serializer:json"`
	// StockAt is the time of the latest applied stock report; older ones are stale (rule 5.1).
	StockAt time.Time `gorm:"serializer:ms"`
	// SoldOutAt is when it last went from available to sold out.
	SoldOutAt time.Time `gorm:"serializer:ms"`
	// Episode counts how often it came back.
	Episode int
	// Waiting counts tokens in state waiting; kept in the transaction of every move.
	Waiting int
	// DeletedAt is set once the merchant took the variant off the list. Its tokens wait on, and come back with it
	// when the SKU is listed again: they cannot be bought back.
	DeletedAt time.Time `gorm:"serializer:ms"`
	// Edited are the fields that sources leave alone, and SourceID is the source that added the variant, if one did.
	Edited    Edited
	SourceID  string
	CreatedAt time.Time `gorm:"serializer:ms;autoCreateTime:false"`
	UpdatedAt time.Time `gorm:"serializer:ms;autoUpdateTime:false"`
}

// Stock returns the variant's stock as last reported.
func (v Variant) Stock() Stock { return Stock{Available: v.Available, Unknown: v.QuantityUnknown} }

// InStock reports whether the stock is at or above the variant's minimum: what a notification may promise.
func (v Variant) InStock() bool { return v.Stock().AtLeast(v.MinStock) }

// SoldOut reports whether nothing at all is available.
func (v Variant) SoldOut() bool { return v.Stock().None() }

// Name is the title with the option, as shown to people: "Tazza Alba (blu)".
func (v Variant) Name() string {
	if v.Option == "" {
		return v.Title
	}
	return v.Title + " (" + v.Option + ")"
}

// Limits of a listing, in characters. The title's is Messenger's for a card (80) doubled, since cards shorten it.
const (
	MaxSKU    = 120
	MaxTitle  = 160
	MaxOption = 80
	MaxURL    = 2000
)

// ValidateVariant checks what a person or a script may set on a variant.
func ValidateVariant(v Variant) error {
	switch {
	case strings.TrimSpace(v.SKU) == "":
		return FieldErrorf("sku", "The SKU is missing.")
	case utf8.RuneCountInString(v.SKU) > MaxSKU:
		return FieldErrorf("sku", "The SKU is longer than %d characters.", MaxSKU)
	case strings.ContainsFunc(v.SKU, func(r rune) bool { return r < ' ' }):
		return FieldErrorf("sku", "The SKU holds a control character.")
	case strings.TrimSpace(v.Title) == "":
		return FieldErrorf("title", "The title is missing.")
	case utf8.RuneCountInString(v.Title) > MaxTitle:
		return FieldErrorf("title", "The title is longer than %d characters.", MaxTitle)
	case utf8.RuneCountInString(v.Option) > MaxOption:
		return FieldErrorf("option", "The option is longer than %d characters.", MaxOption)
	case v.MinStock < 1 || v.MinStock > math.MaxInt32:
		return FieldErrorf("min_stock", "The minimum stock is at least 1.")
	case v.TokensPerUnit < 0 || v.TokensPerUnit > math.MaxInt32:
		return FieldErrorf("tokens_per_unit", "Tokens per unit is 1 or more, or empty for no limit.")
	case v.PriceMinor < 0:
		return FieldErrorf("price", "The price is negative.")
	}
	if err := validateRules(v); err != nil {
		return err
	}
	if err := validateURL("url", v.URL); err != nil {
		return err
	}
	return validateURL("image_url", v.ImageURL)
}

func validateURL(field, s string) error {
	if s == "" {
		return nil
	}
	if len(s) > MaxURL {
		return FieldErrorf(field, "The address is longer than %d characters.", MaxURL)
	}
	u, err := url.Parse(s)
	if err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.Host == "" {
		return FieldErrorf(field, "%q is no web address; it starts with https://.", s)
	}
	return nil
}

// exponents are the currencies whose smallest unit is not a hundredth (ISO 4217), of those shops here meet.
var exponents = map[string]int{"JPY": 0, "KRW": 0, "HUF": 2, "ISK": 0, "CLP": 0, "VND": 0, "KWD": 3, "TND": 3, "BHD": 3}

// CurrencyExponent is how many decimals a currency's amounts have.
func CurrencyExponent(currency string) int {
	if e, ok := exponents[currency]; ok {
		return e
	}
	return 2
}

// ParseCurrency checks a three-letter currency code, "EUR" for an empty one.
func ParseCurrency(s string) (string, error) {
	s = strings.ToUpper(strings.TrimSpace(s))
	if s == "" {
		return "EUR", nil
	}
	if len(s) != 3 || strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
		return "", FieldErrorf("currency", "%q is no currency; write three letters such as EUR.", s)
	}
	return s, nil
}

// ParsePrice reads an amount as people write it, "12.50", "12,50", "1.234,50" or "1,234.50", into the currency's
// smallest unit. The last separator is the decimal one where it stands once. "1.200" is refused: one person means
// twelve hundred by it and another one and a fifth, and a price is not guessed; where a currency has no decimals
// (JPY) it is twelve hundred, and where it has three (KWD) one and a fifth.
func ParsePrice(s, currency string) (int64, error) {
	bad := FieldErrorf("price", "%q is no price; write it like 12.50.", s)
	t := strings.NewReplacer(" ", "", "\u00a0", "", "\u202f", "", "€", "", "$", "", "£", "", "'", "").Replace(strings.TrimSpace(s))
	if strings.Trim(t, "0123456789.,") != "" || strings.Trim(t, ".,") == "" {
		return 0, bad
	}
	exponent := CurrencyExponent(currency)
	whole, frac := t, ""
	if i := strings.LastIndexAny(t, ".,"); i >= 0 && strings.Count(t, t[i:i+1]) == 1 {
		alone := !strings.ContainsAny(t[:i], ".,")
		thousands := alone && len(t)-i-1 == 3 && strings.Trim(t[:i], "0") != ""
		switch {
		case thousands && exponent == 0: // the separator stays in whole
		case thousands && exponent < 3:
			return 0, bad
		default:
			whole, frac = t[:i], t[i+1:]
		}
	}
	whole, ok := ungroup(whole)
	frac = strings.TrimRight(frac, "0")
	if !ok || len(frac) > exponent || len(whole) > 12 {
		return 0, bad
	}
	minor, err := strconv.ParseInt("0"+whole+frac+strings.Repeat("0", exponent-len(frac)), 10, 64)
	if err != nil {
		return 0, bad
	}
	return minor, nil
}

// ungroup takes the separators out of "1.234.567"; it refuses groups that are not thousands, and two kinds of
// separator in one number.
func ungroup(s string) (string, bool) {
	i := strings.IndexAny(s, ".,")
	if i < 0 {
		return s, true
	}
	groups := strings.Split(s, s[i:i+1])
	for n, g := range groups {
		if strings.ContainsAny(g, ".,") || len(g) > 3 || len(g) == 0 || (n > 0 && len(g) != 3) {
			return "", false
		}
	}
	return strings.Join(groups, ""), true
}

// FormatPrice writes an amount with a decimal point and no currency, "12.50", as the API does; the screens
// write it as the language does. It is empty where there is no price.
func FormatPrice(minor int64, currency string) string {
	if currency == "" {
		return ""
	}
	exponent := CurrencyExponent(currency)
	s := strconv.FormatInt(minor, 10)
	if exponent == 0 {
		return s
	}
	if len(s) <= exponent {
		s = strings.Repeat("0", exponent-len(s)+1) + s
	}
	return s[:len(s)-exponent] + "." + s[len(s)-exponent:]
}
