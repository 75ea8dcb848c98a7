// Package inventory reads what shop systems send about their stock: one adapter a system, which verifies that a
// call is genuine and parses it into a stock report. It decides nothing and stores nothing; a body is either
// read whole or refused whole, so that a refused call changes nothing.
package inventory

import (
	"cmp"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"bentornato/models"
)

// Limits of one call. A Shopify product with all the variants it may have stays below both.
const (
	// MaxBody is the size of a body, in bytes, that a caller must read at most; a longer one is refused unread.
	MaxBody = 5 << 20
	// MaxItems is how many SKUs one report may hold.
	MaxItems = 5000
)

// Request is one call as it arrived.
type Request struct {
	Method string
	// URL is the address that was called as the shop knows it: made of the installation's public address, since what
	// stands in the request itself may be a proxy's. Square signs it.
	URL    string
	Header http.Header
	Query  url.Values
	// Body is raw: signatures cover its bytes.
	Body []byte
	// Secrets are those that may have signed it: the current one first, then the one before a rotation. An empty
	// one is passed over, and without any nothing verifies.
	Secrets []string
	Now     time.Time
}

// Result is what a call says. Where Empty is set it says nothing to apply (a ping, another topic, a product without
// anything that names it): it is accepted, and that is all.
type Result struct {
	Report models.StockReport
	Empty  bool
	// Answer is given instead of Adapter.Reply where the call is no news but asks for something: the check of an
	// address before anything is sent to it. The result is then empty.
	Answer *Reply
}

// Reply is the answer that the system expects.
type Reply struct {
	Status      int
	ContentType string
	Body        []byte
	// Header is for what else a system waits for; mostly nil.
	Header http.Header
}

// accepted is what every system takes for "received": 200 without a body, also for what was repeated or is not known.
func accepted() Reply { return Reply{Status: http.StatusOK} }

// Adapter speaks for one system. An adapter holds no state.
type Adapter interface {
	// Verify reports whether the call is genuine. Its error is of models.KindUnauthorized and gives no detail.
	Verify(Request) error
	// Parse reads a call that was verified. Its error is of models.KindInvalid and says what is wrong, and where;
	// the result is then the zero one. Times from the future count as Request.Now, or one wrong clock would make
	// every later report stale.
	Parse(Request) (Result, error)
	// Reply is the answer to a call that was applied, or that had nothing to apply.
	Reply(models.StockResult) Reply
}

// Refuser is an adapter whose system does not understand our usual answer to a call that was refused.
type Refuser interface {
	// Refuse is the answer to a call that failed with err; its status is that of the error's kind.
	Refuse(err error, status int) Reply
}

// system is an adapter, and what there is to know about it beside its bytes.
type system struct {
	Adapter
	secret secretForm
	// confirmed says that public material covers everything that the adapter counts on; of the others a part is read
	// from second hand, and people are told that it is not yet confirmed with a live shop.
	confirmed bool
	// greets says that the system checks an address by GET before it sends anything.
	greets bool
}

var systems = map[models.SourceKind]system{
	BigCommerce:    {Adapter: bigCommerce{}, secret: theirSecret},
	Danea:          {Adapter: danea{}, secret: plainSecret},
	Ecwid:          {Adapter: ecwid{}, secret: theirSecret},
	FattureInCloud: {Adapter: fattureInCloud{}, secret: publicKey, confirmed: true, greets: true},
	Generic:        {Adapter: generic{}, secret: signingSecret, confirmed: true},
	Medusa:         {Adapter: medusa{}, secret: signingSecret},
	Odoo:           {Adapter: odoo{}, secret: addressSecret},
	PrestaShop:     {Adapter: prestaShop{}, secret: signingSecret},
	Shopify:        {Adapter: shopify{}, secret: theirSecret, confirmed: true},
	Square:         {Adapter: square{}, secret: theirSecret, confirmed: true},
	WooCommerce:    {Adapter: wooCommerce{}, secret: plainSecret, confirmed: true},
}

// For returns the adapter of a kind, and false where there is none.
func For(kind models.SourceKind) (Adapter, bool) {
	s, ok := systems[kind]
	return s.Adapter, ok
}

// Kinds lists the kinds there are, in the order in which people are offered them: our own first, and then by name.
func Kinds() []models.SourceKind {
	return slices.SortedFunc(maps.Keys(systems), func(a, b models.SourceKind) int {
		switch {
		case a == Generic:
			return -1
		case b == Generic:
			return 1
		}
		return cmp.Compare(a, b)
	})
}

// ParseKind reads a kind as people write it: upper or lower case, with or without hyphens and spaces, or by the first
// half of a long name. What names no kind is returned as it is.
func ParseKind(s string) models.SourceKind {
	bare := func(s string) string {
		return strings.NewReplacer("-", "", "_", "", " ", "").Replace(strings.ToLower(s))
	}
	for _, kind := range Kinds() {
		first, _, long := strings.Cut(string(kind), "-")
		if written := bare(s); written != "" && (written == bare(string(kind)) || (long && written == first)) {
			return kind
		}
	}
	return models.SourceKind(s)
}

// Confirmed reports whether everything that a kind's adapter counts on stands in public material. Where it is false,
// people are told that the kind is not yet confirmed with a live shop.
func Confirmed(kind models.SourceKind) bool { return systems[kind].confirmed }

// Greets reports whether a system of this kind checks an address by GET before it sends anything to it.
func Greets(kind models.SourceKind) bool { return systems[kind].greets }

// Address is where a source's system calls, from the installation's public address on. Systems that cannot sign are
// given their secret as a part of it.
func Address(source models.Source, secret string) string {
	address := "/webhooks/inventory/" + source.ID
	if systems[source.Kind].secret == addressSecret {
		address += "?" + keyParam + "=" + url.QueryEscape(secret)
	}
	return address
}
