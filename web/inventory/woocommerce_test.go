package inventory_test

import (
	"testing"
	"time"

	"bentornato/models"
	"bentornato/web/inventory"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func fromWooCommerce(topic string, body []byte) inventory.Request {
	const secret = "wc_test_secret"
	return inventory.Request{
		Method: "POST", Body: body, Secrets: []string{secret}, Now: now,
		Header: headers(
			"User-Agent", "WooCommerce/11.2.0 Hookshot (WordPress/6.9)", "X-WC-Webhook-Source", "https://example.com/",
			"X-WC-Webhook-Topic", topic, "X-WC-Webhook-Signature", bodyHMAC(secret, body), "X-WC-Webhook-ID", "142",
			"X-WC-Webhook-Delivery-ID", "2f5bb4aeb1b0cb7d0f5e2b5d2f8f6a55",
		),
	}
}

func TestWooCommercePing(t *testing.T) {
	a := adapter(t, inventory.WooCommerce)
	ping := func(body string) inventory.Request {
		return inventory.Request{Body: []byte(body), Now: now, Secrets: []string{"wc_test_secret"}, Header: headers(
			"Content-Type", "application/x-www-form-urlencoded", "User-Agent", "WooCommerce/11.2.0 Hookshot (WordPress/6.9)",
		)}
	}
	r := ping(string(recorded(t, "woocommerce/ping.form")))
	if err := a.Verify(r); err != nil {
		t.Fatalf("the ping is refused: %v", err)
	}
	wantResult(t, a, r, inventory.Result{Empty: true})

	for _, body := range []string{"", "webhook_id=", "webhook_id=1&sku=MUG", "webhook_id=abc", " webhook_id=1", `{"webhook_id":1}`} {
		wantUnsigned(t, a.Verify(ping(body)))
	}
	topical := ping("webhook_id=142")
	topical.Header.Set("X-WC-Webhook-Topic", "product.updated")
	wantUnsigned(t, a.Verify(topical))
	signed := ping("webhook_id=142")
	signed.Header.Set("X-WC-Webhook-Signature", "AAAA")
	wantUnsigned(t, a.Verify(signed))
}

func TestWooCommerceParse(t *testing.T) {
	a := adapter(t, inventory.WooCommerce)
	modified := time.Date(2026, 3, 16, 14, 35, 6, 0, time.UTC)
	file := func(name string) string { return string(recorded(t, "woocommerce/"+name)) }
	product := func(fields string) string { return `{"id":1,"sku":"MUG",` + fields + `}` }
	empty := inventory.Result{Empty: true}
	report := func(at time.Time, i models.StockItem) inventory.Result {
		return inventory.Result{Report: models.StockReport{At: at, Items: []models.StockItem{i}}}
	}

	for _, tt := range []struct {
		name  string
		topic string
		body  string
		want  inventory.Result
	}{
		{"back in stock", "product.updated", file("product.updated.simple.json"), report(modified, item("QUALITY-BLU", 12))},
		{"sold out", "product.updated", file("product.updated.simple.out.json"), report(time.Date(2026, 3, 16, 9, 0, 0, 0, time.UTC), item("QUALITY-BLU", 0))},
		{"a variation", "product.updated", file("product.updated.variation.json"), report(modified, item("SHIP-NERO", 3))},
		{"the parent of variations has no stock of its own", "product.updated", file("product.updated.variable_parent.json"), empty},
		{"on back order is not there", "product.updated", file("product.updated.onbackorder.json"), report(modified, item("QUALITY-BLU", -3))},
		{"in stock, nobody counts", "product.updated", file("product.updated.uncounted.json"), report(modified, uncounted("QUALITY-BLU"))},
		{"a draft is for nobody", "product.updated", file("product.updated.draft.json"), report(modified, item("QUALITY-BLU", 0))},
		{"a product without a SKU", "product.updated", file("rest_product_simple.doc.json"), empty},
		{"created", "product.created", product(`"manage_stock":true,"stock_quantity":4,"stock_status":"instock"`), report(now, item("MUG", 4))},
		{"restored", "product.restored", product(`"manage_stock":true,"stock_quantity":4,"stock_status":"instock"`), report(now, item("MUG", 4))},
		{"deleted, the id alone", "product.deleted", file("product.deleted.json"), empty},
		{"deleted, with its SKU", "product.deleted", product(`"stock_status":"instock","date_modified_gmt":"2026-03-16T14:35:06"`), report(now, item("MUG", 0))},

		{"kept at the parent", "product.updated", product(`"manage_stock":"parent","stock_quantity":9,"stock_status":"instock"`), report(now, item("MUG", 9))},
		{"kept at the parent, not told", "product.updated", product(`"manage_stock":"parent","stock_quantity":null,"stock_status":"instock"`), report(now, uncounted("MUG"))},
		{"a variable product that counts by itself", "product.updated", product(`"type":"variable","variations":[2,3],"manage_stock":true,"stock_quantity":9,"stock_status":"instock"`), report(now, item("MUG", 9))},
		{"a variable product without variations yet", "product.updated", product(`"type":"variable","variations":[],"stock_status":"instock"`), empty},
		{"below the shop's own threshold", "product.updated", product(`"manage_stock":true,"stock_quantity":2,"stock_status":"outofstock"`), report(now, item("MUG", 0))},
		{"in stock and none: sold out", "product.updated", product(`"manage_stock":true,"stock_quantity":0,"stock_status":"instock"`), report(now, item("MUG", 0))},
		{"a number left over from counting", "product.updated", product(`"manage_stock":false,"stock_quantity":7,"stock_status":"instock"`), report(now, uncounted("MUG"))},
		{"not counted, sold out", "product.updated", product(`"manage_stock":false,"stock_quantity":null,"stock_status":"outofstock"`), report(now, item("MUG", 0))},
		{"a plugin's status", "product.updated", product(`"manage_stock":true,"stock_quantity":7,"stock_status":"preorder"`), report(now, item("MUG", 0))},
		{"a plugin's decimals", "product.updated", product(`"manage_stock":true,"stock_quantity":2.5,"stock_status":"instock"`), report(now, item("MUG", 2))},
		{"counted, no status", "product.updated", product(`"manage_stock":true,"stock_quantity":2`), report(now, item("MUG", 2))},
		{"private", "product.updated", product(`"status":"private","stock_status":"instock"`), report(now, item("MUG", 0))},
		{"a time with a zone after all", "product.updated", product(`"stock_status":"instock","date_modified_gmt":"2026-03-16T14:35:06Z"`), report(modified, uncounted("MUG"))},
		{"a time from the future", "product.updated", product(`"stock_status":"instock","date_modified_gmt":"2027-03-16T14:35:06"`), report(now, uncounted("MUG"))},
		{"no time", "product.updated", product(`"stock_status":"instock","date_modified_gmt":null`), report(now, uncounted("MUG"))},

		{"an action names no product", "action.woocommerce_variation_set_stock_status", file("action.woocommerce_variation_set_stock_status.json"), empty},
		{"an order", "order.created", `{"id":1}`, empty},
		{"no topic", "", product(`"stock_status":"instock"`), empty},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := fromWooCommerce(tt.topic, []byte(tt.body))
			if err := a.Verify(r); err != nil {
				t.Fatal(err)
			}
			got, err := a.Parse(r)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got, cmpopts.IgnoreFields(models.StockReport{}, "Key")); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if (got.Report.Key == "") != got.Empty {
				t.Errorf("key %q, empty %v", got.Report.Key, got.Empty)
			}
		})
	}
}

func TestWooCommerceRefuses(t *testing.T) {
	a := adapter(t, inventory.WooCommerce)
	for _, tt := range []struct{ name, body, field, sentence string }{
		{"nothing", ``, "body", "is empty"},
		{"no JSON", `webhook_id=142`, "body", "is no JSON"},
		{"no object", `[]`, "body", "is no JSON object"},
		{"an error", string(recorded(t, "woocommerce/error.json")), "body", `WooCommerce's error "woocommerce_rest_cannot_view"`},
		{"a SKU that is none", `{"id":1,"sku":[]}`, "sku", "[] is no text"},
		{"no status of stock", `{"id":1,"sku":"MUG"}`, "stock_status", "is missing"},
		{"a status that is none", `{"id":1,"sku":"MUG","stock_status":true}`, "stock_status", "true is no text"},
		{"a publication that is none", `{"id":1,"sku":"MUG","status":1}`, "status", "1 is no text"},
		{"a quantity in words", `{"id":1,"sku":"MUG","manage_stock":true,"stock_quantity":"many"}`, "stock_quantity", `"many" is no number`},
		{"management in words", `{"id":1,"sku":"MUG","manage_stock":"sometimes","stock_quantity":1}`, "manage_stock", `"sometimes" is neither true nor false`},
		{"a time that is none", `{"id":1,"sku":"MUG","stock_status":"instock","date_modified_gmt":"16/03/2026"}`, "date_modified_gmt", `"16/03/2026" is no time`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			wantRefused(t, a, fromWooCommerce("product.updated", []byte(tt.body)), tt.field, tt.sentence)
		})
	}
}

// One CSV import restocks twenty products in a second, and all their deliveries share one delivery id.
func TestWooCommerceKey(t *testing.T) {
	a := adapter(t, inventory.WooCommerce)
	key := func(change func(r *inventory.Request)) string {
		r := fromWooCommerce("product.updated", recorded(t, "woocommerce/product.updated.simple.json"))
		change(&r)
		got, err := a.Parse(r)
		if err != nil {
			t.Fatal(err)
		}
		return got.Report.Key
	}
	same := key(func(*inventory.Request) {})
	if again := key(func(r *inventory.Request) { r.Header.Set("X-WC-Webhook-Delivery-ID", "another") }); again != same {
		t.Error("the same body delivered again has another key")
	}
	for name, change := range map[string]func(r *inventory.Request){
		"body":   func(r *inventory.Request) { r.Body = recorded(t, "woocommerce/product.updated.variation.json") },
		"topic":  func(r *inventory.Request) { r.Header.Set("X-WC-Webhook-Topic", "product.restored") },
		"source": func(r *inventory.Request) { r.Header.Set("X-WC-Webhook-Source", "https://example.org/") },
	} {
		if key(change) == same {
			t.Errorf("another %s has the same key", name)
		}
	}
}
