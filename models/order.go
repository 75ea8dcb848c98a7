package models

import (
	"net/url"
	"strings"
	"time"
	"unicode/utf8"
)

// OrderParam is the query parameter that carries a tracked link's code to the shop, where the Page counts orders
// (PageSettings.CountOrders). A shop system keeps the address that a visit began with, and reports it with the order.
const OrderParam = "bentornato"

// MaxOrderID bounds a shop system's own name of an order, in characters.
const MaxOrderID = 128

// Order is a purchase that somebody made after opening a notification's link (rule 7.2). Orders without such a link are
// not kept: they are none of our business.
type Order struct {
	ID       int64 `gorm:"primaryKey"`
	SourceID string
	// ExternalID is the shop system's own name of the order, unique in its source.
	ExternalID string
	PageID     string
	RestockID  int64
	VariantID  int64
	// TokenID and ContactID are whose notification led to it; 0 once that person was erased.
	TokenID     int64
	ContactID   int64
	AmountMinor int64
	Currency    string
	At          time.Time `gorm:"serializer:ms"`
	ReceivedAt  time.Time `gorm:"serializer:ms"`
	// VoidAt is set once it was reported as cancelled, refunded whole or never paid: it is kept, and not counted.
	VoidAt time.Time `gorm:"serializer:ms"`
}

// CheckOrder refuses an order that cannot be counted once, or whose amount no shop takes.
func CheckOrder(o OrderReport) error {
	switch {
	case strings.TrimSpace(o.ID) == "":
		return FieldErrorf("id", "The order has no id.")
	case utf8.RuneCountInString(o.ID) > MaxOrderID:
		return FieldErrorf("id", "The order's id is longer than %d characters.", MaxOrderID)
	case o.Total.Minor < 0 || o.Total.Minor > 1<<50:
		return FieldErrorf("total", "The order's total is not an amount that a buyer pays.")
	}
	return nil
}

// OrderLink is the address that a tracked link leads to on a Page that counts orders: the product's own, with the
// link's code as one more query parameter. What else the address says stays as it is.
func OrderLink(address, code string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	added := OrderParam + "=" + url.QueryEscape(code)
	if u.RawQuery != "" {
		added = u.RawQuery + "&" + added
	}
	u.RawQuery, u.ForceQuery = added, false
	return u.String()
}

// Limits of a search for link codes.
const (
	maxTraces = 200
	maxTrace  = 4096 // bytes
)

// LinkCodes returns what may be the code of one of our tracked links in an order's traces, in their order, each once.
// A trace is an address with OrderParam in its query, the address of the link itself (/r/{code}), or the code alone.
// Whether a code was really given out is for the store to say.
func LinkCodes(traces []string) []string {
	var codes []string
	seen := map[string]bool{}
	add := func(code string) {
		if isLinkCode(code) && !seen[code] {
			seen[code] = true
			codes = append(codes, code)
		}
	}
	for _, trace := range traces[:min(len(traces), maxTraces)] {
		trace = strings.TrimSpace(trace)
		if len(trace) > maxTrace {
			continue
		}
		add(trace)
		u, err := url.Parse(trace)
		if err != nil {
			continue
		}
		for _, code := range u.Query()[OrderParam] {
			add(code)
		}
		if before, code, ok := strings.Cut(u.Path, "/r/"); ok && before == "" {
			add(strings.TrimSuffix(code, "/"))
		}
		// Some systems note the parameter alone: "bentornato=…".
		if code, ok := strings.CutPrefix(trace, OrderParam+"="); ok {
			add(code)
		}
	}
	return codes
}

// isLinkCode reports whether a text has the form of a link's code: lower-case base 32.
func isLinkCode(s string) bool {
	return len(s) >= 8 && len(s) <= 32 && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz234567") == ""
}
