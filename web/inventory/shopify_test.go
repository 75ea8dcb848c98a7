package inventory_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"bentornato/models"
	"bentornato/web/inventory"
)

const shopifyWebhookID = "b54557e4-0000-0000-0000-000000000001"

func fromShopify(topic string, body []byte) inventory.Request {
	const secret = "shpss_test_secret"
	return inventory.Request{
		Method: "POST", Body: body, Secrets: []string{secret}, Now: now,
		Header: headers(
			"X-Shopify-Topic", topic, "X-Shopify-Shop-Domain", "example-shop.myshopify.com", "X-Shopify-API-Version", "2026-10",
			"X-Shopify-Webhook-Id", shopifyWebhookID, "X-Shopify-Event-Id", "98880550-7158-44d4-b7cd-2c97c8a091b5",
			"X-Shopify-Triggered-At", "2026-03-16T08:35:06.123456789Z", "X-Shopify-Hmac-Sha256", bodyHMAC(secret, body),
		),
	}
}

func TestShopifyParse(t *testing.T) {
	a := adapter(t, inventory.Shopify)
	updated := time.Date(2026, 3, 16, 8, 35, 6, 0, time.UTC)
	triggered := time.Date(2026, 3, 16, 8, 35, 6, 123456789, time.UTC)
	product := func(fields, variants string) string {
		return `{"id":788032119674292922,` + fields + `"variants":[` + variants + `]}`
	}
	empty := inventory.Result{Empty: true}
	report := func(at time.Time, items ...models.StockItem) inventory.Result {
		return inventory.Result{Report: models.StockReport{Key: shopifyWebhookID, At: at, Items: items}}
	}
	const shirt = `{"sku":"SHIRT","inventory_policy":"deny","inventory_quantity":3}`

	for _, tt := range []struct {
		name  string
		topic string
		body  string
		want  inventory.Result
	}{
		{"the sample: no SKU on any variant", "products/update", string(recorded(t, "shopify/products_update.json")), empty},
		{
			"counted, sold out, oversold, without SKU, on sale beyond zero, untracked", "products/update", string(recorded(t, "shopify/products_update.skus.json")),
			report(updated, item("SHIRT-S", 3), item("SHIRT-M", 0), item("SHIRT-L", -2), uncounted("SHIRT-XL"), uncounted("GIFT-CARD")),
		},
		{
			"a draft is for nobody", "products/update", string(recorded(t, "shopify/products_update.draft.json")),
			report(updated, item("SHIRT-S", 0), item("SHIRT-M", 0), item("SHIRT-L", 0), item("SHIRT-XL", 0), item("GIFT-CARD", 0)),
		},
		{
			"as before API version 2024-07", "products/update", string(recorded(t, "shopify/products_update.before_2024-07.json")),
			report(updated, uncounted("OLD-1"), item("OLD-2", 4)),
		},
		{"a variant that is back", "variants/in_stock", `{"id":1,"product_id":2,"title":"S","updated_at":"2026-03-16T15:35:06+07:00",` + shirt[1:], report(updated, item("SHIRT", 3))},
		{"a variant that is sold out", "variants/out_of_stock", `{"id":1,"sku":"SHIRT","inventory_policy":"deny","inventory_quantity":0}`, report(triggered, item("SHIRT", 0))},
		{"a new product", "products/create", product(`"updated_at":"2026-03-16T15:35:06+07:00",`, shirt), report(updated, item("SHIRT", 3))},
		{"archived", "products/update", product(`"status":"archived",`, shirt), report(triggered, item("SHIRT", 0))},
		{"no time in the body", "products/update", product(``, shirt), report(triggered, item("SHIRT", 3))},
		{"a time from the future", "products/update", product(`"updated_at":"2027-03-16T15:35:06+07:00",`, shirt), report(now, item("SHIRT", 3))},
		{"no variants", "products/update", product(``, ``), empty},
		{"a SKU that cannot be listed here", "products/update", product(``, `{"sku":"`+strings.Repeat("x", models.MaxSKU+1)+`","inventory_quantity":3}`), empty},
		{"two variants of one SKU", "products/update", product(``, shirt+`,`+shirt), report(triggered, item("SHIRT", 6))},
		{"of one SKU, one sold out", "products/update", product(``, `{"sku":"SHIRT","inventory_quantity":-2},`+shirt), report(triggered, item("SHIRT", 3))},
		{"of one SKU, one uncounted", "products/update", product(``, shirt+`,{"sku":"SHIRT","inventory_quantity":null}`), report(triggered, uncounted("SHIRT"))},

		{"a quantity that is not told", "products/update", product(``, `{"id":9,"sku":"B","inventory_policy":"deny"},`+shirt), report(triggered, item("SHIRT", 3))},
		{"variants that are not told", "products/update", `{"id":788032119674292922,"updated_at":"2026-03-16T15:35:06+07:00"}`, empty},

		{"levels need the API", "inventory_levels/update", string(recorded(t, "shopify/inventory_levels_update.json")), empty},
		{"the test button's id beyond a float", "inventory_levels/update", string(recorded(t, "shopify/inventory_levels_update.test_button.json")), empty},
		{"items hold no quantity", "inventory_items/update", string(recorded(t, "shopify/inventory_items_update.json")), empty},
		{"a deleted product has no SKU", "products/delete", `{"id":788032119674292922}`, empty},
		{"an order", "orders/create", `{"id":1}`, empty},
		{"no topic", "", product(``, shirt), empty},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := fromShopify(tt.topic, []byte(tt.body))
			if err := a.Verify(r); err != nil {
				t.Fatal(err)
			}
			wantStock(t, a, r, tt.want)
		})
	}
}

func TestShopifyRefuses(t *testing.T) {
	a := adapter(t, inventory.Shopify)
	variants := func(v string) string { return `{"variants":[{"sku":"A","inventory_quantity":1},` + v + `]}` }
	for _, tt := range []struct{ name, body, field, sentence string }{
		{"nothing", ``, "body", "is empty"},
		{"no JSON", `<html>`, "body", "is no JSON"},
		{"no object", `[]`, "body", "is no JSON object"},
		{"another payload under this topic", `{"inventory_item_id":1,"available":3}`, "variants", "variants: is missing"},
		{"variants that are none", `{"variants":{}}`, "variants", "variants: {} is no array"},
		{"a variant that is none", variants(`7`), "variants[1]", "variants[1]: 7 is no JSON object"},
		{"a quantity in words", variants(`{"sku":"B","inventory_quantity":"many"}`), "variants[1].inventory_quantity", `"many" is no number`},
		{"a SKU that is none", variants(`{"sku":{},"inventory_quantity":1}`), "variants[1].sku", "{} is no text"},
		{"a policy that is none", variants(`{"sku":"B","inventory_policy":1,"inventory_quantity":1}`), "variants[1].inventory_policy", "1 is no text"},
		{"a status that is none", `{"status":1,"variants":[]}`, "status", "1 is no text"},
		{"a time that is none", `{"updated_at":"today","variants":[]}`, "updated_at", `"today" is no time`},
		{"too many variants", `{"variants":[` + strings.Repeat(`{},`, inventory.MaxItems) + `{}]}`, "variants", "holds 5001 items"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			wantRefused(t, a, fromShopify("products/update", []byte(tt.body)), tt.field, tt.sentence)
		})
	}
}

func TestShopifyReferences(t *testing.T) {
	a := adapter(t, inventory.Shopify)
	at := time.Date(2026, 3, 16, 8, 35, 6, 0, time.UTC)
	level := func(stock *models.Stock) models.StockReference {
		return models.StockReference{StockID: "48513488879793", LocationID: "75596366001", Stock: stock}
	}
	for _, tt := range []struct {
		name, topic, body string
		at                time.Time
		want              models.StockReference
	}{
		{"a level", "inventory_levels/update", string(recorded(t, "shopify/inventory_levels_update.json")), at, level(&models.Stock{Available: 10})},
		{"the race: ten were there in between", "inventory_levels/update", string(recorded(t, "shopify/inventory_levels_update.race2.json")), at.Add(4 * time.Second), level(&models.Stock{})},
		{"oversold", "inventory_levels/update", `{"inventory_item_id":"48513488879793","location_id":75596366001,"available":-2}`, at.Add(123456789), level(&models.Stock{Available: -2})},
		{"connected", "inventory_levels/connect", `{"inventory_item_id":48513488879793,"location_id":75596366001,"available":0,"updated_at":"2026-03-16T15:35:06+07:00","more":[1]}`, at, level(&models.Stock{})},
		{"disconnected", "inventory_levels/disconnect", `{"inventory_item_id":48513488879793,"location_id":75596366001}`, at.Add(123456789), level(nil)},
		{
			"the test button: an id above 2^53, and nobody counts", "inventory_levels/update", string(recorded(t, "shopify/inventory_levels_update.test_button.json")),
			time.Date(2020, 9, 3, 12, 44, 10, 0, time.UTC), models.StockReference{StockID: "271878346596884015", LocationID: "24826418", Stock: &models.Stock{Unknown: true}},
		},
		{"an item", "inventory_items/update", string(recorded(t, "shopify/inventory_items_update.json")), time.Date(2019, 8, 8, 20, 17, 43, 0, time.UTC), models.StockReference{StockID: "271878346596884015"}},
		{
			"a variant that is back, without a SKU", "variants/in_stock", `{"id":808950810,"product_id":632910392,"inventory_item_id":341629,"sku":"","inventory_policy":"deny","inventory_quantity":5}`, at.Add(123456789),
			models.StockReference{ProductID: "632910392", VariantID: "808950810", StockID: "341629", Stock: &models.Stock{Available: 5}},
		},
		{"a variant that is back, without a number", "variants/in_stock", `{"id":808950810,"sku":"SHIRT","updated_at":"2026-03-16T15:35:06+07:00"}`, at, models.StockReference{VariantID: "808950810"}},
		{"a product without its variants", "products/update", `{"id":788032119674292922,"updated_at":"2026-03-16T15:35:06+07:00"}`, at, models.StockReference{ProductID: "788032119674292922"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			wantResult(t, a, fromShopify(tt.topic, []byte(tt.body)), inventory.Result{Report: models.StockReport{
				Key: shopifyWebhookID, At: tt.at, References: []models.StockReference{tt.want},
			}})
		})
	}
	for body, field := range map[string]string{`{"available":3}`: "inventory_item_id", `{"inventory_item_id":{},"available":3}`: "inventory_item_id", `{"inventory_item_id":3,"available":"lots"}`: "available"} {
		wantRefused(t, a, fromShopify("inventory_levels/update", []byte(body)), field, field+":")
	}
}

func TestShopifyCatalogue(t *testing.T) {
	a := adapter(t, inventory.Shopify)
	for _, tt := range []struct {
		name, topic, body string
		want              models.CatalogueProduct
	}{
		{"the sample", "products/update", string(recorded(t, "shopify/products_update.json")), models.CatalogueProduct{
			ID: "788032119674292922", Title: "Example T-Shirt", URL: "https://example-shop.myshopify.com/products/example-t-shirt",
			Variants: []models.CatalogueVariant{
				{ID: "642667041472713922", Option: "Small", Price: "19.99", URL: "https://example-shop.myshopify.com/products/example-t-shirt?variant=642667041472713922"},
				{ID: "757650484644203962", Option: "Medium", Price: "19.99", URL: "https://example-shop.myshopify.com/products/example-t-shirt?variant=757650484644203962"},
			},
			VariantIDs: []string{"757650484644203962", "642667041472713922"},
		}},
		{
			"one variant with pictures", "products/create",
			`{"id":1,"title":" Tazza\nAlba ","handle":"tazza è","status":"draft","image":{"src":"//cdn.example/a.jpg"},"images":[{"id":7,"src":"https://cdn.example/b.jpg"}],
			  "variants":[{"id":2,"inventory_item_id":3,"sku":"MUG","title":"Default Title","option1":"Default Title","price":12.5,"inventory_quantity":1,"image_id":7}]}`,
			models.CatalogueProduct{
				ID: "1", Title: "Tazza Alba", URL: "https://example-shop.myshopify.com/products/tazza%20%C3%A8", ImageURL: "https://cdn.example/a.jpg", Unlisted: true,
				Variants: []models.CatalogueVariant{{ID: "2", StockID: "3", SKU: "MUG", Price: "12.5", ImageURL: "https://cdn.example/b.jpg"}},
			},
		},
		{
			"what cannot be used", "products/update",
			`{"id":1,"title":["x"],"handle":3,"image":{"src":"javascript:alert(1)"},"variants":[{"id":2,"sku":"MUG","title":{},"price":"-3","inventory_quantity":1}]}`,
			models.CatalogueProduct{ID: "1", URL: "https://example-shop.myshopify.com/products/3", Variants: []models.CatalogueVariant{{ID: "2", SKU: "MUG"}}},
		},
		{"deleted", "products/delete", `{"id":788032119674292922}`, models.CatalogueProduct{ID: "788032119674292922", Deleted: true}},
	} {
		t.Run(tt.name, func(t *testing.T) { wantCatalogue(t, a, fromShopify(tt.topic, []byte(tt.body)), tt.want) })
	}

	// The shop's own name in the header is not signed.
	for _, domain := range []string{"", "evil.example", "evil.example/.myshopify.com", ".myshopify.com", "a.b.myshopify.com"} {
		r := fromShopify("products/update", recorded(t, "shopify/products_update.json"))
		r.Header.Set("X-Shopify-Shop-Domain", domain)
		got, err := a.Parse(r)
		if err != nil || got.Report.Catalogue[0].URL != "" {
			t.Errorf("shop %q gives the address %q, %v", domain, got.Report.Catalogue[0].URL, err)
		}
	}
}

func TestShopifyOrders(t *testing.T) {
	a := adapter(t, inventory.Shopify)
	placed := time.Date(2026, 3, 16, 8, 30, 0, 0, time.UTC)
	const head = `{"id":820982911946154508,"created_at":"2026-03-16T09:30:00+01:00","updated_at":"2026-03-16T15:35:06+07:00",`
	order := models.OrderReport{
		ID: "820982911946154508", At: placed, Total: models.Money{Minor: 4990, Currency: "EUR"},
		Traces: []string{"/products/mug?bentornato=abcdefgh2345", "https://m.me/", "gift"},
		Lines:  []models.OrderLine{{ProductID: "632910392", VariantID: "808950810", SKU: "MUG", Quantity: 2}, {Quantity: 1}},
	}
	const rest = `"total_price":"49.90","currency":"EUR","landing_site":"/products/mug?bentornato=abcdefgh2345","referring_site":"https://m.me/",
		"note_attributes":[{"name":"wrap","value":"gift"}],"line_items":[{"product_id":632910392,"variant_id":808950810,"sku":"MUG","quantity":2},{"title":"a thing without ids"}]`
	void := order
	void.Void = true
	for _, tt := range []struct {
		name, topic, body string
		want              models.OrderReport
	}{
		{"placed", "orders/create", head + rest + `,"financial_status":"pending"}`, order},
		{"paid", "orders/paid", head + rest + `,"financial_status":"paid"}`, order},
		{"cancelled", "orders/cancelled", head + rest + `,"cancelled_at":"2026-03-17T00:00:00Z"}`, void},
		{"refunded", "orders/updated", head + rest + `,"financial_status":"refunded"}`, void},
		{"a test", "orders/create", head + rest + `,"test":true}`, void},
		{"no more than an id", "orders/create", `{"id":"820982911946154508"}`, models.OrderReport{ID: "820982911946154508"}},
		{"a total that is none", "orders/create", `{"id":1,"total_price":"-3","currency":"EUR","line_items":7}`, models.OrderReport{ID: "1"}},
	} {
		t.Run(tt.name, func(t *testing.T) { wantOrder(t, a, fromShopify(tt.topic, []byte(tt.body)), tt.want) })
	}
	wantRefused(t, a, fromShopify("orders/create", []byte(`{"total_price":"1.00"}`)), "id", "is missing")
}

func TestShopifyHeaderNames(t *testing.T) {
	a := adapter(t, inventory.Shopify)
	r := fromShopify("products/update", recorded(t, "shopify/products_update.skus.json"))
	with, err := a.Parse(r)
	if err != nil {
		t.Fatal(err)
	}
	for name, values := range r.Header.Clone() {
		if short, ok := strings.CutPrefix(name, "X-"); ok {
			r.Header.Del(name)
			r.Header.Set(short, values[0])
		}
	}
	if err := a.Verify(r); err != nil {
		t.Errorf("without the X-: %v", err)
	}
	wantResult(t, a, r, with)
}

// Without an id of its own a call is named by its bytes: the same again is the same, another body another call.
func TestShopifyKeyWithoutID(t *testing.T) {
	a := adapter(t, inventory.Shopify)
	keys := map[string]string{}
	for _, quantity := range []int{1, 2, 1} {
		body := fmt.Sprintf(`{"variants":[{"sku":"A","inventory_quantity":%d}]}`, quantity)
		r := fromShopify("products/update", []byte(body))
		r.Header.Del("X-Shopify-Webhook-Id")
		got, err := a.Parse(r)
		if err != nil || got.Report.Key == "" {
			t.Fatalf("key %q, %v", got.Report.Key, err)
		}
		if other, ok := keys[got.Report.Key]; ok && other != body {
			t.Errorf("%s and %s share a key", other, body)
		}
		keys[got.Report.Key] = body
	}
	if len(keys) != 2 {
		t.Errorf("%d keys for two bodies", len(keys))
	}
}
