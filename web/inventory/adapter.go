// Package inventory reads what shop systems send about their stock: one adapter a system, which verifies that a
// call is genuine and parses it into a stock report. It decides nothing and stores nothing; a body is either
// read whole or refused whole, so that a refused call changes nothing.
package inventory

import (
	"crypto/rand"
	"encoding/base64"
	"net/http"
	"net/url"
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

// The kinds of inventory systems.
const (
	Generic     models.SourceKind = "generic"     // anything that can sign as the Standard Webhooks specification says
	Shopify     models.SourceKind = "shopify"     // webhooks of the store admin: no app, no API token
	WooCommerce models.SourceKind = "woocommerce" // webhooks of the WooCommerce settings
)

// Request is one call as it arrived.
type Request struct {
	Method string
	Header http.Header
	Query  url.Values
	// Body is raw: signatures cover its bytes.
	Body []byte
	// Secrets are those that may have signed it: the current one first, then the one before a rotation. An empty
	// one is passed over, and without any nothing verifies.
	Secrets []string
	Now     time.Time
}

// Result is what a call says. Where Empty is set it says nothing about stock (a ping, another topic, a product
// without a SKU): it is accepted, and there is nothing to apply.
type Result struct {
	Report models.StockReport
	Empty  bool
}

// Reply is the answer that the system expects.
type Reply struct {
	Status      int
	ContentType string
	Body        []byte
}

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

var adapters = map[models.SourceKind]Adapter{
	Generic:     generic{},
	Shopify:     shopify{},
	WooCommerce: wooCommerce{},
}

// For returns the adapter of a kind, and false where there is none.
func For(kind models.SourceKind) (Adapter, bool) {
	a, ok := adapters[kind]
	return a, ok
}

// Kinds lists the kinds there are, in the order in which people are offered them.
func Kinds() []models.SourceKind {
	return []models.SourceKind{Generic, Shopify, WooCommerce}
}

// NewSecret makes a secret for a new source of a kind. WooCommerce may store other characters than letters and
// digits as entities, so there are none. Shopify makes its signing key itself: there a new secret only keeps the
// source shut until that key is pasted.
func NewSecret(kind models.SourceKind) (string, error) {
	switch kind {
	case Generic:
		key := make([]byte, 32)
		rand.Read(key) // never fails: see crypto/rand
		return secretPrefix + base64.StdEncoding.EncodeToString(key), nil
	case Shopify, WooCommerce:
		return rand.Text() + rand.Text(), nil
	default:
		return "", unknownKind(kind)
	}
}

// ValidateSecret checks a secret that a person brings for a source of a kind.
func ValidateSecret(kind models.SourceKind, secret string) error {
	switch kind {
	case Generic:
		return validateSigningSecret(secret)
	case Shopify, WooCommerce:
		if secret == "" {
			return models.FieldErrorf("secret", "The secret is empty.")
		}
		return nil
	default:
		return unknownKind(kind)
	}
}

func unknownKind(kind models.SourceKind) error {
	return models.FieldErrorf("kind", "There is no inventory system %q; there are %s, %s and %s.", kind, Generic, Shopify, WooCommerce)
}
