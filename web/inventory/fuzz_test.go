package inventory_test

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"bentornato/models"
	"bentornato/web/inventory"

	"github.com/google/go-cmp/cmp"
)

// seed adds every recorded body.
func seed(f *testing.F, add func(body []byte)) {
	f.Helper()
	err := filepath.WalkDir("testdata", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasPrefix(path, filepath.Join("testdata", "fuzz")) {
			return err
		}
		body, err := os.ReadFile(path)
		add(body)
		return err
	})
	if err != nil {
		f.Fatal(err)
	}
}

// checkParse holds whatever came of a body against what callers count on.
func checkParse(t *testing.T, a inventory.Adapter, r inventory.Request) {
	got, err := a.Parse(r)
	if err != nil {
		if models.KindOf(err) != models.KindInvalid {
			t.Fatalf("refused as %s: %v", models.KindOf(err), err)
		}
		if msg := models.MessageOf(err); msg == "" || !utf8.ValidString(msg) || len(msg) > 1000 {
			t.Fatalf("a sentence of %d bytes: %q", len(msg), msg)
		}
		if diff := cmp.Diff(inventory.Result{}, got); diff != "" {
			t.Fatalf("refused, and yet there is a result:\n%s", diff)
		}
		return
	}
	if got.Empty != (len(got.Report.Items) == 0) {
		t.Fatalf("empty: %v with %d items", got.Empty, len(got.Report.Items))
	}
	if got.Empty {
		return
	}
	if got.Report.Key == "" || len(got.Report.Key) > 128 || got.Report.At.IsZero() || got.Report.At.After(r.Now) {
		t.Fatalf("key %q at %v", got.Report.Key, got.Report.At)
	}
	if len(got.Report.Items) > inventory.MaxItems {
		t.Fatalf("%d items", len(got.Report.Items))
	}
	for _, i := range got.Report.Items {
		listed := models.Variant{SKU: i.SKU, Title: "T", MinStock: 1}
		if err := models.ValidateVariant(listed); err != nil || i.At.After(r.Now) {
			t.Fatalf("item %+v: %v", i, err)
		}
		if i.Stock.Unknown && i.Stock.Available != 0 {
			t.Fatalf("item %+v: unknown and known", i)
		}
	}
	again, err := a.Parse(r)
	if err != nil || !cmp.Equal(got, again) {
		t.Fatalf("read again it says something else: %v", err)
	}
}

func FuzzGenericParse(f *testing.F) {
	a := adapter(f, inventory.Generic)
	seed(f, func(body []byte) { f.Add(body, "msg_1") })
	f.Fuzz(func(t *testing.T, body []byte, id string) {
		if id == "" {
			id = "msg_1" // without one it does not verify
		}
		checkParse(t, a, signedGeneric(t, id, now, body))
	})
}

func FuzzShopifyParse(f *testing.F) {
	a := adapter(f, inventory.Shopify)
	seed(f, func(body []byte) { f.Add(body, "products/update") })
	f.Fuzz(func(t *testing.T, body []byte, topic string) { checkParse(t, a, fromShopify(topic, body)) })
}

func FuzzWooCommerceParse(f *testing.F) {
	a := adapter(f, inventory.WooCommerce)
	seed(f, func(body []byte) {
		f.Add(body, "product.updated")
		f.Add(body, "product.deleted")
	})
	f.Fuzz(func(t *testing.T, body []byte, topic string) { checkParse(t, a, fromWooCommerce(topic, body)) })
}

// FuzzVerify tries to pass a body off as another one, and to invent a signature for it.
func FuzzVerify(f *testing.F) {
	seed(f, func(body []byte) { f.Add(body, append(bytes.Clone(body), ' '), "v1,AAAA") })
	f.Fuzz(func(t *testing.T, body, other []byte, signature string) {
		calls := map[models.SourceKind]inventory.Request{
			inventory.Generic:     signedGeneric(t, "msg_1", now, body),
			inventory.Shopify:     fromShopify("products/update", body),
			inventory.WooCommerce: fromWooCommerce("product.updated", body),
		}
		for kind, r := range calls {
			a := adapter(t, kind)
			if err := a.Verify(r); err != nil {
				t.Fatalf("%s: a signed body is refused: %v", kind, err)
			}
			swapped := r
			swapped.Body = other
			if !bytes.Equal(body, other) && a.Verify(swapped) == nil {
				t.Fatalf("%s: another body passes", kind)
			}
			for _, name := range []string{"webhook-signature", "X-Shopify-Hmac-Sha256", "X-WC-Webhook-Signature"} {
				good := r.Header.Get(name)
				if good == "" || strings.Contains(signature, good) {
					continue
				}
				forged := r
				forged.Header = r.Header.Clone()
				forged.Header.Set(name, signature)
				if a.Verify(forged) == nil {
					t.Fatalf("%s: signature %q passes", kind, signature)
				}
			}
		}
	})
}
