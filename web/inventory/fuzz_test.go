package inventory_test

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
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
	report := got.Report
	if said := len(report.Items) + len(report.References) + len(report.Catalogue) + len(report.Orders); got.Empty != (said == 0) {
		t.Fatalf("empty: %v with %d things said", got.Empty, said)
	}
	if got.Empty {
		return
	}
	if report.Key == "" || len(report.Key) > 128 || !utf8.ValidString(report.Key) || report.At.IsZero() || report.At.After(r.Now) {
		t.Fatalf("key %q at %v", report.Key, report.At)
	}
	if len(report.Items) > inventory.MaxItems || len(report.References) > inventory.MaxItems || len(report.Catalogue) > inventory.MaxItems {
		t.Fatalf("%d items, %d references, %d products", len(report.Items), len(report.References), len(report.Catalogue))
	}
	for _, i := range report.Items {
		listed := models.Variant{SKU: i.SKU, Title: "T", MinStock: 1}
		if err := models.ValidateVariant(listed); err != nil || i.At.After(r.Now) {
			t.Fatalf("item %+v: %v", i, err)
		}
		checkStock(t, r.Body, &i.Stock)
	}
	for _, f := range report.References {
		if f.ProductID+f.VariantID+f.StockID == "" || f.At.After(r.Now) {
			t.Fatalf("a reference to nothing: %+v", f)
		}
		checkStock(t, r.Body, f.Stock)
		for _, id := range []string{f.ProductID, f.VariantID, f.StockID, f.LocationID} {
			checkID(t, r.Body, id)
		}
	}
	for _, p := range report.Catalogue {
		checkProduct(t, r.Body, p)
	}
	for _, o := range report.Orders {
		if err := models.CheckOrder(o); err != nil {
			t.Fatalf("order %+v: %v", o, err)
		}
		checkID(t, r.Body, o.ID)
	}
	again, err := a.Parse(r)
	if err != nil || !cmp.Equal(got, again) {
		t.Fatalf("read again it says something else: %v", err)
	}
}

// checkStock refuses a quantity that no body can have meant: more than nothing where no digit stands in it.
func checkStock(t *testing.T, body []byte, s *models.Stock) {
	if s == nil {
		return
	}
	if s.Unknown && s.Available != 0 {
		t.Fatalf("%+v: unknown and known", *s)
	}
	if s.Available > 0 && !bytes.ContainsAny(body, "123456789") {
		t.Fatalf("%+v out of no digit", *s)
	}
	if err := models.CheckStock(s.Available); err != nil && s.Available != 1<<31-1 && s.Available != -1<<31 {
		t.Fatalf("%+v: %v", *s, err)
	}
}

// checkID wants an id as it was written: where it is a number, its digits stand in the body.
func checkID(t *testing.T, body []byte, id string) {
	if len(id) > 4*models.MaxOrderID {
		t.Fatalf("an id of %d bytes", len(id))
	}
	if id != "" && strings.Trim(id, "0123456789") == "" && !bytes.Contains(body, []byte(id)) && !bytes.ContainsAny(body, `\&%`) {
		t.Fatalf("id %s was never said", id)
	}
}

func checkProduct(t *testing.T, body []byte, p models.CatalogueProduct) {
	if p.ID == "" && len(p.Variants) == 0 {
		t.Fatalf("a product without a name: %+v", p)
	}
	checkID(t, body, p.ID)
	for _, v := range p.Variants {
		checkID(t, body, v.ID)
		as := models.Variant{SKU: v.SKU, Title: p.Title, Option: v.Option, URL: v.URL, ImageURL: v.ImageURL, MinStock: 1}
		if as.SKU == "" {
			as.SKU = "x"
		}
		if as.Title == "" {
			as.Title = "x"
		}
		if v.URL == "" {
			as.URL = p.URL
		}
		if err := models.ValidateVariant(as); err != nil {
			t.Fatalf("variant %+v of %+v: %v", v, p, err)
		}
		if _, err := models.ParseDecimal(v.Price, v.Currency); v.Price != "" && err != nil {
			t.Fatalf("variant %+v: %v", v, err)
		}
	}
}

// caller signs as signed does, but for Fatture in Cloud with one token for all calls: a new one each time takes a time,
// and other ways, that the fuzzer takes for something interesting.
func caller(f *testing.F) func(t *testing.T, kind models.SourceKind, topic string, body []byte) inventory.Request {
	s := newFICSigner(f)
	return func(t *testing.T, kind models.SourceKind, topic string, body []byte) inventory.Request {
		if kind == inventory.FattureInCloud {
			return s.call(topic, body)
		}
		return signed(t, kind, topic, body)
	}
}

// fuzzParse feeds the parsers of a family of systems: which one, and what it is told beside the body (a topic, or a
// form's content type), are fuzzed as well.
func fuzzParse(f *testing.F, topics []string, kinds ...models.SourceKind) {
	for i := range kinds {
		seed(f, func(body []byte) {
			for _, topic := range topics {
				f.Add(i, topic, body)
			}
		})
	}
	call := caller(f)
	f.Fuzz(func(t *testing.T, which int, topic string, body []byte) {
		kind := kinds[(which%len(kinds)+len(kinds))%len(kinds)]
		checkParse(t, adapter(t, kind), call(t, kind, topic, body))
	})
}

// Systems that tell SKUs, catalogues and orders.
func FuzzParseShops(f *testing.F) {
	fuzzParse(f, []string{"products/update", "inventory_levels/update", "variants/in_stock", "orders/create", "product.updated", "product.deleted", "order.updated"},
		inventory.Shopify, inventory.WooCommerce, inventory.Odoo)
}

// Systems that tell ids, and programs that people write.
func FuzzParseNews(f *testing.F) {
	fuzzParse(f, []string{"products.stock_update"},
		inventory.Generic, inventory.Square, inventory.BigCommerce, inventory.Ecwid, inventory.Medusa, inventory.PrestaShop, inventory.FattureInCloud)
}

// Easyfatt's XML, bare and in a form.
func FuzzParseDanea(f *testing.F) {
	for _, file := range []string{"danea/products.full.xml", "danea/products.incremental.variants.xml"} {
		kind, body := daneaForm(f, "file", recorded(f, file))
		f.Add(0, kind, body)
	}
	fuzzParse(f, []string{"text/xml"}, inventory.Danea)
}

// FuzzVerify tries to pass a body off as another one, and to invent a signature for it.
func FuzzVerify(f *testing.F) {
	seed(f, func(body []byte) { f.Add(body, append(bytes.Clone(body), ' '), "v1,AAAA") })
	signatures := []string{
		"webhook-signature", "X-Shopify-Hmac-Sha256", "X-Wc-Webhook-Signature", "X-Square-Hmacsha256-Signature", "X-Ecwid-Webhook-Signature", "Authorization",
	}
	call := caller(f)
	f.Fuzz(func(t *testing.T, body, other []byte, signature string) {
		for _, kind := range inventory.Kinds() {
			a, r := adapter(t, kind), call(t, kind, "products/update", body)
			genuine := a.Verify(r) == nil
			switch kind {
			case inventory.Ecwid, inventory.Square, inventory.FattureInCloud:
				// Of an empty body, or one that is no event, there is no signature.
			default:
				if !genuine {
					t.Fatalf("%s: a signed body is refused", kind)
				}
			}
			swapped := r
			swapped.Body = other
			switch kind {
			case inventory.Ecwid, inventory.FattureInCloud, inventory.Danea, inventory.Odoo: // these do not sign the body
			default:
				if !bytes.Equal(body, other) && a.Verify(swapped) == nil {
					t.Fatalf("%s: another body passes", kind)
				}
			}
			for _, name := range signatures {
				good := r.Header.Get(name)
				if good == "" || strings.Contains(signature, good) || strings.Contains(signature, strings.TrimPrefix(good, "Basic ")) {
					continue
				}
				forged := r
				forged.Header = r.Header.Clone()
				forged.Header.Set(name, signature)
				if a.Verify(forged) == nil {
					t.Fatalf("%s: signature %q passes", kind, signature)
				}
			}
			if kind == inventory.Odoo && signature != plainKey {
				r.Query.Set("key", signature)
				if a.Verify(r) == nil {
					t.Fatalf("%s: key %q passes", kind, signature)
				}
			}
		}
	})
}

// answered is a transport without a network: every question gets the same bytes.
type answered struct{ body []byte }

func (a answered) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(bytes.NewReader(a.body)), Request: r}, nil
}

// FuzzAnswer feeds what is read of systems that are asked: whatever they answer, it is understood whole or is trouble that
// people can be told of.
func FuzzAnswer(f *testing.F) {
	var kinds []models.SourceKind
	for _, kind := range inventory.Kinds() {
		if _, ok := inventory.Askable(kind); ok {
			kinds = append(kinds, kind)
		}
	}
	for i := range kinds {
		seed(f, func(body []byte) { f.Add(i, "", body) })
		f.Add(i, "products:1", []byte(`[{"id":7,"type":"variable","sku":"A","stock_quantity":"3","manage_stock":true}]`))
		f.Add(i, "stock:0", []byte(`{"products":[{"id":1,"reference":"A"}],"combinations":[{"id":7,"id_product":1,"reference":"A"}],"stock_availables":[{"id_product":1,"id_product_attribute":0,"quantity":5}]}`))
		f.Add(i, "", []byte(`{"data":{"productVariants":{"pageInfo":{"hasNextPage":true,"endCursor":"x"},"nodes":[{"id":"gid://shopify/ProductVariant/1","sku":"A","inventoryQuantity":2}]}}}`))
		f.Add(i, "", []byte(`{"objects":[{"type":"ITEM","id":"I","item_data":{"variations":[{"id":"V","item_variation_data":{"sku":"A"}}]}}],"counts":[{"catalog_object_id":"V","quantity":"2","state":"IN_STOCK"}]}`))
		f.Add(i, "", []byte(`{"items":[{"id":1,"sku":"A","quantity":2,"combinations":[{"id":2,"sku":"B","unlimited":true}]}],"total":5}`))
	}
	f.Fuzz(func(t *testing.T, which int, position string, body []byte) {
		kind := kinds[(which%len(kinds)+len(kinds))%len(kinds)]
		asker := inventory.NewAskerVia(func() time.Time { return askedAt }, answered{body})
		got, err := asker.Ask(t.Context(), models.PollAsk{Kind: kind, Poll: models.Poll{Address: "https://shop.test", Account: "a", Position: position}, Access: "x"})
		if err != nil {
			var trouble *models.PollError
			if !errors.As(err, &trouble) || trouble.Message == "" || !utf8.ValidString(trouble.Message) {
				t.Fatalf("%s: %v", kind, err)
			}
			return
		}
		for _, i := range got.Items {
			if i.SKU != "" && models.ValidateVariant(models.Variant{SKU: i.SKU, Title: "T", MinStock: 1}) != nil {
				t.Fatalf("%s: SKU %q", kind, i.SKU)
			}
			checkStock(t, body, i.Stock)
		}
		for _, p := range got.Catalogue {
			for _, v := range p.Variants {
				if _, err := models.ParseDecimal(v.Price, v.Currency); v.Price != "" && err != nil {
					t.Fatalf("%s: price %q: %v", kind, v.Price, err)
				}
			}
		}
	})
}
