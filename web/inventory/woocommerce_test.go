package inventory_test

import (
	"testing"
	"time"

	"bentornato/models"
	"bentornato/web/inventory"

	"github.com/google/go-cmp/cmp"
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
		{"a quantity that is an empty text", "product.updated", product(`"manage_stock":true,"stock_quantity":"","stock_status":"instock"`), report(now, uncounted("MUG"))},
		{"sold out, with an empty text", "product.updated", product(`"manage_stock":true,"stock_quantity":"","stock_status":"outofstock"`), report(now, item("MUG", 0))},
		{"a quantity as text", "product.updated", product(`"manage_stock":true,"stock_quantity":"7","stock_status":"instock"`), report(now, item("MUG", 7))},
		{"a decimal quantity", "product.updated", product(`"manage_stock":true,"stock_quantity":2.75,"stock_status":"instock"`), report(now, item("MUG", 2))},
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

		{"versions 1 and 2 of the API, in stock", "product.updated", product(`"type":"simple","manage_stock":false,"stock_quantity":null,"in_stock":true,"date_modified":"2026-03-16T15:35:06"`), report(now, uncounted("MUG"))},
		{"versions 1 and 2 of the API, sold out", "product.updated", product(`"manage_stock":true,"stock_quantity":3,"in_stock":false`), report(now, item("MUG", 0))},
		{"versions 1 and 2 of the API, counted", "product.updated", product(`"manage_stock":true,"stock_quantity":3,"in_stock":true`), report(now, item("MUG", 3))},
		{"the status goes before the flag", "product.updated", product(`"manage_stock":false,"stock_status":"outofstock","in_stock":true`), report(now, item("MUG", 0))},
		{"a quantity alone", "product.updated", product(`"stock_quantity":50`), report(now, item("MUG", 50))},
		{"an empty time", "product.updated", product(`"stock_status":"instock","date_modified_gmt":""`), report(now, uncounted("MUG"))},

		{"no word of the stock", "product.updated", `{"id":1,"sku":"MUG"}`, empty},

		{"an action names no product", "action.woocommerce_variation_set_stock_status", file("action.woocommerce_variation_set_stock_status.json"), empty},
		{"an order", "order.created", `{"id":1}`, empty},
		{"no topic", "", product(`"stock_status":"instock"`), empty},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := fromWooCommerce(tt.topic, []byte(tt.body))
			if err := a.Verify(r); err != nil {
				t.Fatal(err)
			}
			tt.want.Report.Key = anyKey
			wantStock(t, a, r, tt.want)
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

func TestWooCommerceReferences(t *testing.T) {
	a := adapter(t, inventory.WooCommerce)
	for _, tt := range []struct {
		name, topic, body string
		want              models.StockReference
	}{
		{"no SKU", "product.updated", string(recorded(t, "woocommerce/rest_product_simple.doc.json")), models.StockReference{ProductID: "794", VariantID: "794", Stock: &models.Stock{Unknown: true}}},
		{"no word of the stock", "product.updated", `{"id":271878346596884015,"sku":"MUG"}`, models.StockReference{ProductID: "271878346596884015", VariantID: "271878346596884015"}},
		{"a variation without SKU", "product.updated", `{"id":7,"parent_id":3,"type":"variation","stock_status":"outofstock"}`, models.StockReference{ProductID: "3", VariantID: "7", Stock: &models.Stock{}}},
		{"an action", "action.woocommerce_variation_set_stock_status", string(recorded(t, "woocommerce/action.woocommerce_variation_set_stock_status.json")), models.StockReference{VariantID: "732"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := a.Parse(fromWooCommerce(tt.topic, []byte(tt.body)))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]models.StockReference{tt.want}, got.Report.References); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestWooCommerceCatalogue(t *testing.T) {
	a := adapter(t, inventory.WooCommerce)
	const picture = "https://example.com/wp-content/uploads/2017/03/T_2_front-4.jpg"
	for _, tt := range []struct {
		name, topic, body string
		want              models.CatalogueProduct
	}{
		{"simple", "product.updated", string(recorded(t, "woocommerce/product.updated.simple.json")), models.CatalogueProduct{
			ID: "794", Title: "Premium Quality", URL: "https://example.com/product/premium-quality-19/", ImageURL: picture,
			Variants: []models.CatalogueVariant{{ID: "794", SKU: "QUALITY-BLU", Price: "21.99"}},
		}},
		{"a variation tells of its parent", "product.updated", string(recorded(t, "woocommerce/product.updated.variation.json")), models.CatalogueProduct{
			ID: "22", Title: "Ship Your Idea",
			Variants: []models.CatalogueVariant{{
				ID: "732", SKU: "SHIP-NERO", Option: "Nero", Price: "21.99", ImageURL: picture,
				URL: "https://example.com/product/ship-your-idea/?attribute_pa_color=black",
			}},
		}},
		{"the parent", "product.updated", string(recorded(t, "woocommerce/product.updated.variable_parent.json")), models.CatalogueProduct{
			ID: "22", Title: "Ship Your Idea", URL: "https://example.com/product/premium-quality-19/", ImageURL: picture, VariantIDs: []string{"732", "733"},
		}},
		{
			"names as WordPress writes them", "product.created", `{"id":1,"name":"Caff&egrave; &amp; t&egrave;","status":"draft","sku":"T","price":"","stock_status":"instock"}`,
			models.CatalogueProduct{ID: "1", Title: "Caffè & tè", Unlisted: true, Variants: []models.CatalogueVariant{{ID: "1", SKU: "T"}}},
		},
		{
			"a long option stands not in the name", "product.updated",
			`{"id":2,"parent_id":1,"type":"variation","status":"private","name":"T-Shirt - Premium","attributes":[{"option":"Blu notte"},{"option":"L"},{"option":"Uomo"}],"stock_status":"instock"}`,
			models.CatalogueProduct{ID: "1", Title: "T-Shirt - Premium", Variants: []models.CatalogueVariant{{ID: "2", Option: "Blu notte / L / Uomo", Unlisted: true}}},
		},
		{"deleted: a product or a variation", "product.deleted", `{"id":794}`, models.CatalogueProduct{
			ID: "794", Deleted: true, Variants: []models.CatalogueVariant{{ID: "794", Deleted: true}},
		}},
	} {
		t.Run(tt.name, func(t *testing.T) { wantCatalogue(t, a, fromWooCommerce(tt.topic, []byte(tt.body)), tt.want) })
	}
}

func TestWooCommerceOrders(t *testing.T) {
	a := adapter(t, inventory.WooCommerce)
	body := func(status string) string {
		return `{"id":727,"status":"` + status + `","currency":"EUR","total":"29.35","date_created_gmt":"2026-03-16T14:30:00","date_modified_gmt":"2026-03-16T14:35:06",
		"customer_note":"","meta_data":[{"id":1,"key":"_wc_order_attribution_session_entry","value":"https://shop.example/mug?bentornato=abcdefgh2345"},{"key":"x","value":{"a":1}}],
		"line_items":[{"product_id":93,"variation_id":0,"sku":"MUG","quantity":2},{"product_id":22,"variation_id":23,"sku":null,"quantity":1}]}`
	}
	order := models.OrderReport{
		ID: "727", At: time.Date(2026, 3, 16, 14, 30, 0, 0, time.UTC), Total: models.Money{Minor: 2935, Currency: "EUR"},
		Traces: []string{"https://shop.example/mug?bentornato=abcdefgh2345"},
		Lines:  []models.OrderLine{{ProductID: "93", SKU: "MUG", Quantity: 2}, {ProductID: "22", VariantID: "23", Quantity: 1}},
	}
	void := order
	void.Void = true
	for status, want := range map[string]models.OrderReport{"pending": order, "processing": order, "completed": order, "cancelled": void, "refunded": void, "failed": void} {
		wantOrder(t, a, fromWooCommerce("order.updated", []byte(body(status))), want)
	}
	wantResult(t, a, fromWooCommerce("order.created", []byte(body("checkout-draft"))), inventory.Result{Empty: true})
	wantOrder(t, a, fromWooCommerce("order.deleted", []byte(`{"id":727}`)), models.OrderReport{ID: "727", Void: true})
	wantRefused(t, a, fromWooCommerce("order.created", []byte(`{"total":"1"}`)), "id", "is missing")
}
