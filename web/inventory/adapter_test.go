package inventory_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"bentornato/models"
	"bentornato/web/inventory"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// now is when the calls of these tests arrive, unless they say otherwise.
var now = time.Date(2026, 11, 22, 10, 0, 30, 0, time.UTC)

func recorded(t testing.TB, name string) []byte {
	t.Helper()
	body, err := os.ReadFile(filepath.Join("testdata", filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	return body
}

func adapter(t testing.TB, kind models.SourceKind) inventory.Adapter {
	t.Helper()
	a, ok := inventory.For(kind)
	if !ok {
		t.Fatalf("no adapter for %q", kind)
	}
	return a
}

func headers(pairs ...string) http.Header {
	h := http.Header{}
	for i := 0; i < len(pairs); i += 2 {
		h.Set(pairs[i], pairs[i+1])
	}
	return h
}

// bodyHMAC is written out here once more, so that the adapters are not held against themselves.
func bodyHMAC(secret string, body []byte) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(body)
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// wantUnsigned fails unless err is the refusal of an unsigned call, which says nothing about the reason.
func wantUnsigned(t *testing.T, err error) {
	t.Helper()
	if models.KindOf(err) != models.KindUnauthorized {
		t.Fatalf("got %v, want a refusal", err)
	}
	if got, want := err.Error(), "The signature is missing or wrong."; got != want {
		t.Errorf("refused with %q, want %q and no detail", got, want)
	}
}

// wantRefused parses and fails unless the body is refused, about a field and with a sentence, and the result is
// the zero one.
func wantRefused(t *testing.T, a inventory.Adapter, r inventory.Request, field, sentence string) {
	t.Helper()
	got, err := a.Parse(r)
	var e *models.Error
	if !errors.As(err, &e) || e.Kind != models.KindInvalid {
		t.Fatalf("got %+v and %v, want a refusal", got, err)
	}
	if e.Field != field || !strings.Contains(e.Message, sentence) {
		t.Errorf("refused about %q with %q, want about %q with %q", e.Field, e.Message, field, sentence)
	}
	if diff := cmp.Diff(inventory.Result{}, got); diff != "" {
		t.Errorf("refused, and yet there is a result (-want +got):\n%s", diff)
	}
}

func wantResult(t *testing.T, a inventory.Adapter, r inventory.Request, want inventory.Result) {
	t.Helper()
	got, err := a.Parse(r)
	if err != nil {
		t.Fatalf("refused: %v", err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// anyKey stands for a report's id that is made of the call's bytes.
const anyKey = "any"

// wantStock parses and compares what is said of stock by SKU, and nothing else.
func wantStock(t *testing.T, a inventory.Adapter, r inventory.Request, want inventory.Result) {
	t.Helper()
	got, err := a.Parse(r)
	if err != nil {
		t.Fatalf("refused: %v", err)
	}
	if len(want.Report.Items) == 0 {
		want.Report.Key, want.Report.At = got.Report.Key, got.Report.At
	}
	if want.Report.Key == anyKey && got.Report.Key != "" {
		want.Report.Key = got.Report.Key
	}
	if diff := cmp.Diff(want.Report, got.Report, cmpopts.IgnoreFields(models.StockReport{}, "References", "Catalogue", "Orders")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// wantCatalogue parses and compares what is said of the one product in the call.
func wantCatalogue(t *testing.T, a inventory.Adapter, r inventory.Request, want ...models.CatalogueProduct) {
	t.Helper()
	got, err := a.Parse(r)
	if err != nil {
		t.Fatalf("refused: %v", err)
	}
	if diff := cmp.Diff(want, got.Report.Catalogue); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// wantOrder parses and compares what is said of the one order in the call.
func wantOrder(t *testing.T, a inventory.Adapter, r inventory.Request, want models.OrderReport) {
	t.Helper()
	got, err := a.Parse(r)
	if err != nil {
		t.Fatalf("refused: %v", err)
	}
	if diff := cmp.Diff([]models.OrderReport{want}, got.Report.Orders); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if err := models.CheckOrder(got.Report.Orders[0]); err != nil || got.Report.Key == "" || got.Empty {
		t.Errorf("the order cannot be kept: %v, %+v", err, got)
	}
}

func item(sku string, available int) models.StockItem {
	return models.StockItem{SKU: sku, Stock: models.Stock{Available: available}}
}

func uncounted(sku string) models.StockItem {
	return models.StockItem{SKU: sku, Stock: models.Stock{Unknown: true}}
}

// The vectors are signatures that other implementations made; see the README of the samples for each.
func TestVectors(t *testing.T) {
	var vectors []struct {
		Kind    models.SourceKind
		File    string
		Secret  string
		URL     string
		Headers map[string]string
		Valid   bool
	}
	if err := json.Unmarshal(recorded(t, "vectors.json"), &vectors); err != nil {
		t.Fatal(err)
	}
	seen := map[models.SourceKind]int{}
	for _, v := range vectors {
		seen[v.Kind]++
		r := inventory.Request{Method: "POST", URL: v.URL, Header: http.Header{}, Body: recorded(t, v.File), Secrets: []string{v.Secret}, Now: now}
		for name, value := range v.Headers {
			r.Header.Set(name, value)
			if name == "webhook-timestamp" {
				r.Now = atUnix(t, value)
			}
		}
		a := adapter(t, v.Kind)
		if err := a.Verify(r); (err == nil) != v.Valid {
			t.Errorf("%s %s: %v, want valid %v", v.Kind, v.File, err, v.Valid)
		}
		if !v.Valid {
			continue
		}

		other := r
		other.Secrets = []string{"whsec_" + base64.StdEncoding.EncodeToString([]byte("another secret than the true one"))}
		wantUnsigned(t, a.Verify(other))
		other.Secrets = append(other.Secrets, "", v.Secret) // the one before a rotation
		if err := a.Verify(other); err != nil {
			t.Errorf("%s %s under the older secret: %v", v.Kind, v.File, err)
		}
		other.Secrets = nil
		wantUnsigned(t, a.Verify(other))
		other.Secrets = []string{""}
		wantUnsigned(t, a.Verify(other))
		changed := r
		if v.Kind == inventory.Ecwid { // signs two values of the body, and nothing else
			changed.Body = []byte(strings.Replace(string(r.Body), `"eventCreated": 1469429912`, `"eventCreated": 1469429913`, 1))
		} else {
			changed.Body = append([]byte{' '}, r.Body...)
		}
		wantUnsigned(t, a.Verify(changed))
		changed.Body = nil
		wantUnsigned(t, a.Verify(changed))
		if v.URL != "" {
			elsewhere := r
			elsewhere.URL += "/"
			wantUnsigned(t, a.Verify(elsewhere))
		}
		for name := range v.Headers {
			missing := r
			missing.Header = r.Header.Clone()
			missing.Header.Del(name)
			wantUnsigned(t, a.Verify(missing))
			missing.Header.Set(name, "v1,")
			wantUnsigned(t, a.Verify(missing))
		}
	}
	for _, kind := range []models.SourceKind{inventory.Generic, inventory.Shopify, inventory.WooCommerce, inventory.Square, inventory.BigCommerce, inventory.Ecwid} {
		if seen[kind] == 0 {
			t.Errorf("no vector for %s", kind)
		}
	}
}

// Anyone can sign with an empty key, so an empty secret must not become one.
func TestEmptySecretVerifiesNothing(t *testing.T) {
	body := []byte(`{"type":"stock.updated","data":[],"eventId":"1","eventCreated":2}`)
	for _, kind := range inventory.Kinds() {
		for _, secret := range []string{"", "whsec_"} {
			r := inventory.Request{Method: "POST", Body: body, Secrets: []string{secret}, Now: now, Query: url.Values{"key": {secret}}, Header: headers(
				"Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte("shop:")),
				"X-Square-Hmacsha256-Signature", bodyHMAC("", body),
				"X-Shopify-Hmac-Sha256", bodyHMAC("", body),
				"X-WC-Webhook-Signature", bodyHMAC("", body),
				"webhook-id", "msg_1", "webhook-timestamp", unix(now),
				"webhook-signature", "v1,"+bodyHMAC("", []byte("msg_1."+unix(now)+"."+string(body))),
			)}
			if kind != inventory.Generic && secret != "" {
				continue // any other text is a secret like another
			}
			if kind == inventory.Ecwid {
				r.Header.Set("X-Ecwid-Webhook-Signature", bodyHMAC("", []byte("2.1")))
			}
			wantUnsigned(t, adapter(t, kind).Verify(r))
		}
	}
}

func TestKinds(t *testing.T) {
	want := []models.SourceKind{
		"generic", "bigcommerce", "danea-easyfatt", "ecwid", "fattureincloud", "medusa", "odoo", "prestashop", "shopify", "square", "woocommerce",
	}
	if diff := cmp.Diff(want, inventory.Kinds()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for _, kind := range inventory.Kinds() {
		adapter(t, kind)
		secret, err := inventory.NewSecret(kind)
		if err != nil {
			t.Fatalf("%s: %v", kind, err)
		}
		if err := inventory.ValidateSecret(kind, secret); err != nil {
			t.Errorf("%s refuses its own secret: %v", kind, err)
		}
		if again, _ := inventory.NewSecret(kind); again == secret && kind != inventory.FattureInCloud { // a published key
			t.Errorf("%s gives the same secret twice", kind)
		}
	}
	for _, kind := range []models.SourceKind{"", "magento", "Generic", models.SourceByHand, models.SourceByFile} {
		if _, ok := inventory.For(kind); ok {
			t.Errorf("%q has an adapter", kind)
		}
		if secret, err := inventory.NewSecret(kind); models.KindOf(err) != models.KindInvalid || secret != "" {
			t.Errorf("a secret for %q: %v", kind, err)
		}
		if err := inventory.ValidateSecret(kind, "secret"); models.KindOf(err) != models.KindInvalid {
			t.Errorf("a secret for %q: %v", kind, err)
		}
	}
}

func TestNewSecret(t *testing.T) {
	secret, err := inventory.NewSecret(inventory.Generic)
	if err != nil {
		t.Fatal(err)
	}
	encoded, ok := strings.CutPrefix(secret, "whsec_")
	if key, err := base64.StdEncoding.DecodeString(encoded); !ok || err != nil || len(key) != 32 {
		t.Errorf("the generic secret is no whsec_ and 32 bytes: %d bytes, %v", len(key), err)
	}
	if secret, err = inventory.NewSecret(inventory.WooCommerce); err != nil {
		t.Fatal(err)
	}
	if len(secret) < 40 || strings.Trim(secret, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789") != "" {
		t.Errorf("WooCommerce's secret holds more than letters and digits, or is short (%d)", len(secret))
	}
}

func TestValidateSecret(t *testing.T) {
	key := func(n int) string { return base64.StdEncoding.EncodeToString(make([]byte, n)) }
	for _, tt := range []struct {
		kind   models.SourceKind
		secret string
		ok     bool
	}{
		{inventory.Generic, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", true},
		{inventory.Generic, "whsec_" + key(24), true},
		{inventory.Generic, "whsec_" + key(23), false},
		{inventory.Generic, key(32), false},
		{inventory.Generic, "whsec_ not base64", false},
		{inventory.Generic, "", false},
		{inventory.Shopify, "shpss_test_secret", true},
		{inventory.Shopify, "", false},
		{inventory.WooCommerce, "wc_test_secret", true},
		{inventory.WooCommerce, "", false},
		{inventory.Odoo, "", false},
		{inventory.Medusa, "my own word", false},
		{inventory.FattureInCloud, "my own word", false},
		{inventory.FattureInCloud, key(65), false},
		{inventory.FattureInCloud, base64.StdEncoding.EncodeToString(recorded(t, "fattureincloud/webhook_public_key.pem")), true},
	} {
		err := inventory.ValidateSecret(tt.kind, tt.secret)
		if (err == nil) != tt.ok {
			t.Errorf("%s secret of %d characters: %v, want ok %v", tt.kind, len(tt.secret), err, tt.ok)
		}
		if err != nil && tt.secret != "" && strings.Contains(err.Error(), strings.TrimPrefix(tt.secret, "whsec_")) {
			t.Errorf("the refusal shows the secret: %v", err)
		}
	}
}

func TestReply(t *testing.T) {
	for _, tt := range []struct {
		kind   models.SourceKind
		result models.StockResult
		want   inventory.Reply
	}{
		{inventory.Generic, models.StockResult{}, inventory.Reply{Status: 202, ContentType: "application/json", Body: []byte(`{"accepted":0,"stale":0,"duplicate":0,"unknown":[]}`)}},
		{
			inventory.Generic, models.StockResult{Accepted: 3, Stale: 2, Duplicate: 1, Unknown: []string{"MUG", `A"B`}},
			inventory.Reply{Status: 202, ContentType: "application/json", Body: []byte(`{"accepted":3,"stale":2,"duplicate":1,"unknown":["MUG","A\"B"]}`)},
		},
		{inventory.Shopify, models.StockResult{Accepted: 3, Unknown: []string{"MUG"}}, inventory.Reply{Status: 200}},
		{inventory.WooCommerce, models.StockResult{Duplicate: 1}, inventory.Reply{Status: 200}},
	} {
		if diff := cmp.Diff(tt.want, adapter(t, tt.kind).Reply(tt.result)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.kind, diff)
		}
	}
}

func TestAddress(t *testing.T) {
	for _, kind := range inventory.Kinds() {
		got, want := inventory.Address(models.Source{ID: "abc", Kind: kind}, "a+b/c="), "/webhooks/inventory/abc"
		if kind == inventory.Odoo {
			want += "?key=a%2Bb%2Fc%3D"
		}
		if got != want {
			t.Errorf("%s calls %s, want %s", kind, got, want)
		}
		if greets := kind == inventory.FattureInCloud; inventory.Greets(kind) != greets {
			t.Errorf("%s checks an address by GET: %v", kind, !greets)
		}
	}
}

func TestParseKind(t *testing.T) {
	for written, want := range map[string]models.SourceKind{
		"shopify": inventory.Shopify, "Shopify": inventory.Shopify, "WooCommerce": inventory.WooCommerce, "woo-commerce": inventory.WooCommerce,
		"danea-easyfatt": inventory.Danea, "Danea Easyfatt": inventory.Danea, "danea": inventory.Danea, "fatture-in-cloud": inventory.FattureInCloud,
		"": "", "-": "-", "magento": "magento", "woo": "woo",
	} {
		if got := inventory.ParseKind(written); got != want {
			t.Errorf("%q is read as %q, want %q", written, got, want)
		}
	}
}
