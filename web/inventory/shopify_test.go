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
		{"a new product", "products/create", product(`"updated_at":"2026-03-16T15:35:06+07:00",`, shirt), report(updated, item("SHIRT", 3))},
		{"archived", "products/update", product(`"status":"archived",`, shirt), report(triggered, item("SHIRT", 0))},
		{"no time in the body", "products/update", product(``, shirt), report(triggered, item("SHIRT", 3))},
		{"a time from the future", "products/update", product(`"updated_at":"2027-03-16T15:35:06+07:00",`, shirt), report(now, item("SHIRT", 3))},
		{"no variants", "products/update", product(``, ``), empty},
		{"a SKU that cannot be listed here", "products/update", product(``, `{"sku":"`+strings.Repeat("x", models.MaxSKU+1)+`","inventory_quantity":3}`), empty},
		{"two variants of one SKU", "products/update", product(``, shirt+`,`+shirt), report(triggered, item("SHIRT", 6))},
		{"of one SKU, one sold out", "products/update", product(``, `{"sku":"SHIRT","inventory_quantity":-2},`+shirt), report(triggered, item("SHIRT", 3))},
		{"of one SKU, one uncounted", "products/update", product(``, shirt+`,{"sku":"SHIRT","inventory_quantity":null}`), report(triggered, uncounted("SHIRT"))},

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
			wantResult(t, a, r, tt.want)
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
		{"no quantity", variants(`{"sku":"B","inventory_policy":"deny"}`), "variants[1].inventory_quantity", "is missing"},
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
