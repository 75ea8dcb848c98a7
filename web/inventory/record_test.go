package inventory_test

import (
	"testing"
	"time"

	"bentornato/models"
	"bentornato/web/inventory"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// The systems here hand on records of their own, as a rule or a program that somebody wrote was told to.

func TestOdooVerify(t *testing.T) {
	a := adapter(t, inventory.Odoo)
	body := recorded(t, "odoo/server_action_webhook.json")
	r := signed(t, inventory.Odoo, "", body)
	if err := a.Verify(r); err != nil {
		t.Fatal(err)
	}
	r.Secrets = []string{"the next one", plainKey}
	if err := a.Verify(r); err != nil {
		t.Errorf("the secret before a rotation: %v", err)
	}
	for _, key := range []string{"", "guess", plainKey + " ", plainKey[1:]} {
		r.Query.Set("key", key)
		wantUnsigned(t, a.Verify(r))
	}
	r.Secrets = []string{""}
	r.Query.Set("key", "")
	wantUnsigned(t, a.Verify(r))
}

func TestOdooParse(t *testing.T) {
	a := adapter(t, inventory.Odoo)
	written := time.Date(2026, 3, 16, 14, 35, 6, 0, time.UTC)
	quant := func(fields string) string { return `{"_model":"stock.quant","_id":37,` + fields + `}` }
	product := func(fields string) string {
		return `{"_model":"product.product","_id":21,"default_code":"MUG","write_date":"2020-01-01 00:00:00",` + fields + `}`
	}
	one := func(r models.StockReference) models.StockReport {
		return models.StockReport{References: []models.StockReference{r}}
	}
	mug := func(s models.Stock) models.StockReport {
		return models.StockReport{Items: []models.StockItem{{SKU: "MUG", Stock: s}}}
	}
	for _, tt := range []struct {
		name, body string
		at         time.Time
		want       models.StockReport
	}{
		{"the sample", string(recorded(t, "odoo/server_action_webhook.json")), written, one(models.StockReference{VariantID: "21", LocationID: "8", Alone: true, Stock: stock(5)})},
		{"what is promised is not free", quant(`"product_id":21,"quantity":5.0,"reserved_quantity":3.0`), now, one(models.StockReference{VariantID: "21", Stock: stock(2)})},
		{"the quantity alone", quant(`"product_id":[21,"[MUG] Mug"],"location_id":[8,"WH/Stock"],"quantity":-1`), now, one(models.StockReference{VariantID: "21", LocationID: "8", Alone: true, Stock: stock(-1)})},
		{"no quantity", quant(`"product_id":21,"location_id":false`), now, one(models.StockReference{VariantID: "21"})},
		{"a product: its date is not that of its stock", product(`"free_qty":4.0,"qty_available":6.0`), now, mug(models.Stock{Available: 4})},
		{"a product, on hand", product(`"qty_available":6.0,"virtual_available":9`), now, mug(models.Stock{Available: 6})},
		{"a forecast is no stock", product(`"virtual_available":9`), now, models.StockReport{}},
		{"archived", product(`"qty_available":6,"active":false`), now, mug(models.Stock{})},
		{"not for sale", product(`"qty_available":6,"sale_ok":false`), now, mug(models.Stock{})},
		{"a service", product(`"type":"service"`), now, mug(models.Stock{Unknown: true})},
		{"not counted", product(`"type":"consu","is_storable":false,"qty_available":0`), now, mug(models.Stock{Unknown: true})},
		{"no SKU", `{"_model":"product.product","_id":21,"default_code":false,"qty_available":3}`, now, one(models.StockReference{ProductID: "21", VariantID: "21", Stock: stock(3)})},
		{"a template of one variant", `{"_model":"product.template","_id":9,"product_variant_id":21,"product_variant_count":1,"default_code":"MUG","qty_available":3}`, now, mug(models.Stock{Available: 3})},
		{"a template of several: their sum is nobody's", `{"_model":"product.template","_id":9,"product_variant_count":2,"qty_available":3}`, now, models.StockReport{}},
		{"another model", `{"_model":"sale.order","_id":3}`, now, models.StockReport{}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := a.Parse(signed(t, inventory.Odoo, "", []byte(tt.body)))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got.Report, cmpopts.IgnoreFields(models.StockReport{}, "Key", "At", "Catalogue")); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if !got.Empty && (!got.Report.At.Equal(tt.at) || got.Report.Key == "") {
				t.Errorf("key %q at %v, want %v", got.Report.Key, got.Report.At, tt.at)
			}
		})
	}
	for body, field := range map[string]string{
		`{"product_id":21,"quantity":3}`:                "_model",
		quant(`"quantity":3`):                           "product_id",
		quant(`"product_id":21,"quantity":"many"`):      "quantity",
		quant(`"product_id":21,"write_date":"monday"`):  "write_date",
		product(`"qty_available":"a few"`):              "qty_available",
		`{"_model":["stock.quant"],"product_id":false}`: "_model",
	} {
		wantRefused(t, a, signed(t, inventory.Odoo, "", []byte(body)), field, "")
	}
	wantCatalogue(t, a, signed(t, inventory.Odoo, "", []byte(product(`"display_name":"[MUG] Tazza Alba","lst_price":12.5,"product_tmpl_id":9,"qty_available":1,"website_url":"/shop/mug-9"`))),
		models.CatalogueProduct{ID: "9", Title: "Tazza Alba", Variants: []models.CatalogueVariant{{ID: "21", SKU: "MUG", Price: "12.5"}}})
}

// The same stock may come back: what has no time of its own is a repetition for a short while only.
func TestOdooKey(t *testing.T) {
	a := adapter(t, inventory.Odoo)
	key := func(body string, at time.Time) string {
		r := signed(t, inventory.Odoo, "", []byte(body))
		r.Now = at
		got, err := a.Parse(r)
		if err != nil {
			t.Fatal(err)
		}
		return got.Report.Key
	}
	at := now.Truncate(5 * time.Minute)
	const product, quant = `{"_model":"product.product","_id":1,"default_code":"MUG","qty_available":5}`, `{"_model":"stock.quant","product_id":1,"quantity":5,"write_date":"2026-03-16 14:35:06"}`
	if key(product, at) != key(product, at.Add(time.Minute)) || key(product, at) == key(product, at.Add(time.Hour)) {
		t.Error("a product's call is no repetition for a short while alone")
	}
	if key(quant, at) != key(quant, at.Add(time.Hour)) {
		t.Error("a quant's call of the same time is another one later")
	}
}

func TestMedusaParse(t *testing.T) {
	a := adapter(t, inventory.Medusa)
	event := func(name, data string) string {
		return `{"name":"` + name + `","data":` + data + `,"metadata":{"timestamp":1773671706000}}`
	}
	at := time.UnixMilli(1773671706000).UTC()
	one := func(r models.StockReference) inventory.Result { return refer("msg_1", at, r) }
	items := func(items ...models.StockItem) inventory.Result {
		return inventory.Result{Report: models.StockReport{Key: "msg_1", At: at, Items: items}}
	}
	gone := func(p models.CatalogueProduct) inventory.Result {
		return inventory.Result{Report: models.StockReport{Key: "msg_1", At: at, Catalogue: []models.CatalogueProduct{p}}}
	}
	for _, tt := range []struct {
		name, body string
		want       inventory.Result
	}{
		{"the sample", string(recorded(t, "medusa/subscriber_event.json")), one(models.StockReference{StockID: "iloc_01J9ZC0000000000000000000"})},
		{"what was asked for beside the id", event("inventory-level.updated", `{"id":"iloc_1","inventory_item_id":"iitem_1","location_id":"sloc_1","stocked_quantity":7,"reserved_quantity":2}`), one(models.StockReference{StockID: "iitem_1", LocationID: "sloc_1", Alone: true, Stock: stock(5)})},
		{"with its SKU", event("inventory.inventory-level.updated", `{"id":"iloc_1","sku":"MUG","stocked_quantity":7,"reserved_quantity":9}`), items(item("MUG", -2))},
		{"several, available", event("inventory-level.updated", `[{"id":"1","sku":"MUG","available":"3"},{"id":"2","sku":"CUP","available":0}]`), items(item("MUG", 3), item("CUP", 0))},
		{"nobody counts", event("product-variant.updated", `{"id":"variant_1","sku":"MUG","manage_inventory":false,"inventory_quantity":0}`), items(uncounted("MUG"))},
		{"a variant", event("product-variant.updated", `{"id":"variant_1","product_id":"prod_1"}`), one(models.StockReference{ProductID: "prod_1", VariantID: "variant_1"})},
		{"a product", event("product.updated", `{"id":"prod_1"}`), one(models.StockReference{ProductID: "prod_1"})},
		{"a deleted product", event("product.deleted", `{"id":"prod_1"}`), gone(models.CatalogueProduct{ID: "prod_1", Deleted: true})},
		{"a deleted variant", event("product.product-variant.deleted", `{"id":"variant_1"}`), gone(models.CatalogueProduct{Variants: []models.CatalogueVariant{{ID: "variant_1", Deleted: true}}})},
		{"an order", event("order.placed", `{"id":"order_1"}`), inventory.Result{Empty: true}},
		{"our own body", `{"type":"stock.updated","timestamp":1773671706,"data":[{"sku":"MUG","available":4}]}`, items(item("MUG", 4))},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := signed(t, inventory.Medusa, "", []byte(tt.body))
			if err := a.Verify(r); err != nil {
				t.Fatal(err)
			}
			wantResult(t, a, r, tt.want)
		})
	}
	for body, field := range map[string]string{
		`{"data":{"id":"1"}}`:                                                 "name",
		event("inventory-level.updated", `{}`):                                "data.id",
		event("product.deleted", `{}`):                                        "data.id",
		event("product-variant.deleted", `{}`):                                "data.id",
		event("inventory-level.updated", `{"id":[]}`):                         "data.id",
		event("inventory-level.updated", `{"id":"1","stocked_quantity":"x"}`): "data.stocked_quantity",
		`{"name":"product.updated","metadata":{"timestamp":"now"}}`:           "metadata.timestamp",
		`{"type":"order.placed","data":[]}`:                                   "type",
	} {
		wantRefused(t, a, signed(t, inventory.Medusa, "", []byte(body)), field, "")
	}
}

// A program that somebody wrote for us signs, or shows the secret itself; a signature that is there must be right.
func TestSubscriberVerify(t *testing.T) {
	for _, kind := range []models.SourceKind{inventory.Medusa, inventory.PrestaShop} {
		a := adapter(t, kind)
		r := signed(t, kind, "", []byte(`{"name":"product.updated","data":{"id":"1"}}`))
		forged := r
		forged.Header = r.Header.Clone()
		forged.Header.Set("webhook-signature", "v1,AAAA")
		forged.Header.Set("Authorization", "Bearer "+genericSecret)
		wantUnsigned(t, a.Verify(forged))

		shown := inventory.Request{Method: "POST", Body: r.Body, Secrets: r.Secrets, Now: now, Header: headers("Authorization", "Bearer "+genericSecret)}
		if err := a.Verify(shown); err != nil {
			t.Errorf("%s: the secret as a bearer token: %v", kind, err)
		}
		shown.Header = headers()
		wantUnsigned(t, a.Verify(shown))
		shown.Query = map[string][]string{"key": {genericSecret}}
		if err := a.Verify(shown); err != nil {
			t.Errorf("%s: the secret in the address: %v", kind, err)
		}
		shown.Query = map[string][]string{"key": {"guess"}}
		wantUnsigned(t, a.Verify(shown))
	}
}

func TestPrestaShopParse(t *testing.T) {
	a := adapter(t, inventory.PrestaShop)
	at := now.Truncate(time.Second) // as it was signed
	for _, tt := range []struct {
		name, body string
		want       inventory.Result
	}{
		{"the hook", string(recorded(t, "prestashop/hook_actionUpdateQuantity.json")), refer("msg_1", at, models.StockReference{ProductID: "1", Stock: stock(10)})},
		{"a combination, as text", `{"id_product":"1","id_product_attribute":"5","quantity":"-3"}`, refer("msg_1", at, models.StockReference{ProductID: "1", VariantID: "5", Stock: stock(-3)})},
		{"with the reference", `{"id_product":1,"quantity":2,"reference":"MUG"}`, inventory.Result{Report: models.StockReport{Key: "msg_1", At: at, Items: []models.StockItem{item("MUG", 2)}}}},
		{"our own body", `{"type":"stock.updated","data":{"sku":"MUG","available":4}}`, inventory.Result{Report: models.StockReport{Key: "msg_1", At: at, Items: []models.StockItem{item("MUG", 4)}}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := signed(t, inventory.PrestaShop, "", []byte(tt.body))
			if err := a.Verify(r); err != nil {
				t.Fatal(err)
			}
			wantResult(t, a, r, tt.want)
		})
	}
	wantRefused(t, a, signed(t, inventory.PrestaShop, "", []byte(`{"hello":1}`)), "id_product", "PrestaShop sends no webhooks of its own")
	wantRefused(t, a, signed(t, inventory.PrestaShop, "", recorded(t, "prestashop/stock_available.xml")), "body", "is no JSON")
	wantRefused(t, a, signed(t, inventory.PrestaShop, "", []byte(`{"id_product":1}`)), "quantity", "is missing")
}
