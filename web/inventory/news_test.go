package inventory_test

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"
	"time"

	"bentornato/models"
	"bentornato/web/inventory"

	"github.com/google/go-cmp/cmp"
)

// The systems here name what they sell by ids of their own, which must come out as they were written.

// refer is a report of references alone.
func refer(key string, at time.Time, references ...models.StockReference) inventory.Result {
	return inventory.Result{Report: models.StockReport{Key: key, At: at, References: references}}
}

func stock(n int) *models.Stock { return &models.Stock{Available: n} }

func TestSquareParse(t *testing.T) {
	a := adapter(t, inventory.Square)
	const event = "df5f3813-a913-45a1-94e9-fdc3f7d5e3b6"
	created := time.Date(2019, 10, 29, 18, 38, 45, 455006797, time.UTC)
	calculated := time.Date(2019, 10, 29, 18, 38, 45, 102960000, time.UTC)
	counts := func(list string) string {
		return `{"type":"inventory.count.updated","event_id":"` + event + `","created_at":"2019-10-29T18:38:45.455006797Z","data":{"object":{"inventory_counts":[` + list + `]}}}`
	}
	shirt := models.StockReference{VariantID: "FGQ5JJWT2PYTHF35CKZ2DSKP", LocationID: "YYQR03DGCTXA4", Stock: stock(10), At: calculated}
	for _, tt := range []struct {
		name, body string
		want       inventory.Result
	}{
		{"the sample", string(recorded(t, "square/inventory.count.updated.json")), refer(event, created, shirt)},
		{"a decimal, below zero, a number", counts(`{"catalog_object_id":"A","quantity":"2.5"},{"catalog_object_id":"B","quantity":"-1"},{"catalog_object_id":"C","quantity":4}`), refer(event, created,
			models.StockReference{VariantID: "A", Stock: stock(2)}, models.StockReference{VariantID: "B", Stock: stock(-1)}, models.StockReference{VariantID: "C", Stock: stock(4)})},
		{"no quantity", counts(`{"catalog_object_id":"A","state":"IN_STOCK","quantity":null}`), refer(event, created, models.StockReference{VariantID: "A"})},
		{"sold, on its way, no variation", counts(`{"catalog_object_id":"A","state":"SOLD","quantity":"1"},{"catalog_object_id":"A","state":"IN_TRANSIT_TO","quantity":"1"},{"catalog_object_id":"A","catalog_object_type":"ITEM","quantity":"1"}`), inventory.Result{Empty: true}},
		{"a count from the future", counts(`{"catalog_object_id":"A","quantity":"1","calculated_at":"2030-01-01T00:00:00Z"}`), refer(event, created, models.StockReference{VariantID: "A", Stock: stock(1), At: now})},
		{"the test button", string(recorded(t, "square/signature_test_body.json")), inventory.Result{Empty: true}},
		{"another event", `{"type":"catalog.version.updated","event_id":"1","data":{"object":{}}}`, inventory.Result{Empty: true}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := signed(t, inventory.Square, "", []byte(tt.body))
			if err := a.Verify(r); err != nil {
				t.Fatal(err)
			}
			wantResult(t, a, r, tt.want)
		})
	}
	for body, field := range map[string]string{
		`[]`: "body",
		`{"type":"inventory.count.updated","data":{"object":{}}}`: "data.object.inventory_counts",
		counts(`7`):                "data.object.inventory_counts[0]",
		counts(`{"quantity":"1"}`): "data.object.inventory_counts[0].catalog_object_id",
		counts(`{"catalog_object_id":"A","quantity":"many"}`):                "data.object.inventory_counts[0].quantity",
		counts(`{"catalog_object_id":"A","quantity":"1","calculated_at":1}`): "data.object.inventory_counts[0].calculated_at",
	} {
		wantRefused(t, a, signed(t, inventory.Square, "", []byte(body)), field, "")
	}
}

func TestBigCommerceParse(t *testing.T) {
	a := adapter(t, inventory.BigCommerce)
	at := func(s int64) time.Time { return time.Unix(s, 0).UTC() }
	file := func(name string) string { return string(recorded(t, "bigcommerce/"+name+".json")) }
	sku := func(inventory string) string {
		return `{"scope":"store/sku/inventory/updated","data":{"type":"sku","id":461,"inventory":` + inventory + `},"created_at":1561480673}`
	}
	const key = "msg_bc"
	for _, tt := range []struct {
		name, body string
		want       inventory.Result
	}{
		{"a variant", file("store_sku_inventory_updated"), refer(key, at(1561480673), models.StockReference{ProductID: "206", VariantID: "509", Stock: stock(5)})},
		{"a variant, by an order", file("store_sku_inventory_order_updated"), refer(key, at(1561480673), models.StockReference{ProductID: "206", VariantID: "509", Stock: stock(5)})},
		{"a product", file("store_product_inventory_updated"), refer(key, at(1561478843), models.StockReference{ProductID: "167", Stock: stock(100000000)})},
		{"a product, by an order", file("store_product_inventory_order_updated"), refer(key, at(1561478843), models.StockReference{ProductID: "167", Stock: stock(100000000)})},
		{"at a location, no number", file("inventory_product_stock_changed"), refer(key, at(1682624640), models.StockReference{ProductID: "113", VariantID: "127", LocationID: "2"})},
		{"a channel by its number", `{"scope":"store/channel/1/inventory/product/stock_changed","data":{"product_id":"9007199254740993"}}`, refer(key, now.Truncate(time.Second), models.StockReference{ProductID: "9007199254740993"})},
		{"a difference is no stock", sku(`{"product_id":206,"variant_id":509,"method":"relative","value":-3}`), refer(key, at(1561480673), models.StockReference{ProductID: "206", VariantID: "509"})},
		{"no method", sku(`{"variant_id":509,"value":"-1"}`), refer(key, at(1561480673), models.StockReference{VariantID: "509", Stock: stock(-1)})},
		{"no value", sku(`{"product_id":206,"variant_id":509,"method":"absolute","value":null}`), refer(key, at(1561480673), models.StockReference{ProductID: "206", VariantID: "509"})},
		{"a product by its own id", `{"scope":"store/product/inventory/updated","data":{"type":"product","id":7,"inventory":{"method":"absolute","value":0}},"created_at":1561480673}`, refer(key, at(1561480673), models.StockReference{ProductID: "7", Stock: stock(0)})},
		{"changed", file("store_product_updated"), refer(key, at(1561479233), models.StockReference{ProductID: "205"})},
		{"a changed variant", file("store_sku_updated"), refer(key, at(1561480465), models.StockReference{ProductID: "206", VariantID: "509"})},
		{"deleted", `{"scope":"store/product/deleted","data":{"type":"product","id":205},"created_at":1561479233}`, inventory.Result{Report: models.StockReport{
			Key: key, At: at(1561479233), Catalogue: []models.CatalogueProduct{{ID: "205", Deleted: true}},
		}}},
		{"a deleted variant", `{"scope":"store/sku/deleted","data":{"type":"sku","id":461,"sku":{"product_id":206,"variant_id":509}},"created_at":1561479233}`, inventory.Result{Report: models.StockReport{
			Key: key, At: at(1561479233), Catalogue: []models.CatalogueProduct{{ID: "206", Variants: []models.CatalogueVariant{{ID: "509", Deleted: true}}}},
		}}},
		{"an order", `{"scope":"store/order/created","data":{"type":"order","id":250},"created_at":1561479335}`, inventory.Result{Empty: true}},
		{"no scope", `{}`, inventory.Result{Empty: true}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := signed(t, inventory.BigCommerce, "", []byte(tt.body))
			if err := a.Verify(r); err != nil {
				t.Fatal(err)
			}
			wantResult(t, a, r, tt.want)
		})
	}
	for body, field := range map[string]string{
		sku(`{}`):                                                 "data.inventory.product_id",
		sku(`{"variant_id":509,"value":"some"}`):                  "data.inventory.value",
		`{"scope":"store/product/updated","data":{}}`:             "data.id",
		`{"scope":"store/sku/deleted","data":{"sku":{}}}`:         "data.sku.product_id",
		`{"scope":7}`:                                             "scope",
		`{"scope":"store/product/updated","created_at":"friday"}`: "created_at",
	} {
		wantRefused(t, a, signed(t, inventory.BigCommerce, "", []byte(body)), field, "")
	}
}

func TestEcwidParse(t *testing.T) {
	a := adapter(t, inventory.Ecwid)
	at := time.Unix(1469429912, 0).UTC()
	const event = "08a78904-0aa0-4c1a-953a-2e33c56236f0"
	for _, tt := range []struct {
		name, body string
		want       inventory.Result
	}{
		{"the sample", string(recorded(t, "ecwid/product.updated.json")), refer(event, at, models.StockReference{ProductID: "66722483"})},
		{"deleted: the body is not signed, so the shop is asked", `{"eventId":"e","eventCreated":1469429912,"entityId":"7","eventType":"product.deleted","data":{"sku":"MUG","quantity":9}}`, refer("e", at, models.StockReference{ProductID: "7"})},
		{"an order", `{"eventId":"e","eventCreated":1469429912,"entityId":103,"eventType":"order.created"}`, inventory.Result{Empty: true}},
		{"no kind", `{"eventId":"e","eventCreated":1469429912,"entityId":103}`, inventory.Result{Empty: true}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := signed(t, inventory.Ecwid, "", []byte(tt.body))
			if err := a.Verify(r); err != nil {
				t.Fatal(err)
			}
			wantResult(t, a, r, tt.want)
		})
	}
	r := signed(t, inventory.Ecwid, "", []byte(`{"eventId":"e","eventCreated":1469429912,"entityId":103}`))
	for _, name := range []string{"eventtype", "eventType"} {
		r.Query = url.Values{name: {"product.updated"}}
		wantResult(t, a, r, refer("e", at, models.StockReference{ProductID: "103"}))
	}
	number := signed(t, inventory.Ecwid, "", []byte(`{"eventId":12345,"eventCreated":"1469429912","storeId":"1003","entityId":"7","eventType":"product.created"}`))
	number.Header.Set("X-Ecwid-Webhook-Signature", bodyHMAC(plainKey, []byte("1469429912.12345")))
	if err := a.Verify(number); err != nil {
		t.Errorf("an event's id that is a number: %v", err)
	}
	wantResult(t, a, number, refer("12345", at, models.StockReference{ProductID: "7"}))
	for body, field := range map[string]string{
		`{"eventId":"e","eventCreated":1,"eventType":"product.updated"}`:                  "entityId",
		`{"eventId":"e","eventCreated":"x","eventType":"product.updated","entityId":"1"}`: "eventCreated",
		`{"eventId":"e","eventCreated":1,"eventType":7}`:                                  "eventType",
	} {
		wantRefused(t, a, signed(t, inventory.Ecwid, "", []byte(body)), field, "")
	}
}

func TestFattureInCloudChallenge(t *testing.T) {
	a := adapter(t, inventory.FattureInCloud)
	const challenge = "292ff90a85ae68be5be1b2808a56cd183c3e8f72373b6cdda8e9dfd8e08f0f05"
	inHeader := inventory.Request{Method: "GET", Header: headers("x-fic-verification-challenge", challenge), Now: now}
	inQuery := inventory.Request{Method: "GET", Header: headers(), Query: map[string][]string{"x-fic-verification-challenge": {challenge}}, Now: now}
	for _, r := range []inventory.Request{inHeader, inQuery} {
		if err := a.Verify(r); err != nil {
			t.Fatal(err)
		}
		got, err := a.Parse(r)
		if err != nil || got.Answer == nil || !got.Empty {
			t.Fatalf("%+v, %v", got, err)
		}
		var want, answer map[string]string
		if err := json.Unmarshal(recorded(t, "fattureincloud/verification.response.json"), &want); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(got.Answer.Body, &answer); err != nil || got.Answer.Status != 200 {
			t.Fatalf("answered %d %q", got.Answer.Status, got.Answer.Body)
		}
		if diff := cmp.Diff(want, answer); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		posted := r
		posted.Method = "POST"
		wantUnsigned(t, a.Verify(posted))
	}
	wantUnsigned(t, a.Verify(inventory.Request{Method: "GET", Header: headers(), Now: now}))
	wantUnsigned(t, a.Verify(inventory.Request{Method: "GET", Header: headers("x-fic-verification-challenge", strings.Repeat("x", 1000)), Now: now}))
}

func TestFattureInCloudVerify(t *testing.T) {
	a := adapter(t, inventory.FattureInCloud)
	const body = `{"data":{"ids":[3062300]}}`
	r := newFICSigner(t).call("products.stock_update", []byte(body))
	s := newFICSigner(t)
	r.Secrets = []string{"", "not a key", s.secret}
	for name, change := range map[string]func(claims map[string]any){
		"":                                 func(map[string]any) {},
		"the audience alone, with a slash": func(c map[string]any) { c["aud"] = publicURL + "/" },
		"no date of issue":                 func(c map[string]any) { delete(c, "iat") },
		"another address":                  func(c map[string]any) { c["aud"] = []string{"https://other.example/hook"} },
		"no address":                       func(c map[string]any) { delete(c, "aud") },
		"another event":                    func(c map[string]any) { c["jti"] = "198:other" },
		"no event":                         func(c map[string]any) { delete(c, "jti") },
		"another company":                  func(c map[string]any) { c["sub"] = "company:1" },
		"another issuer":                   func(c map[string]any) { c["iss"] = "https://evil.example" },
		"expired":                          func(c map[string]any) { c["exp"] = now.Add(-6 * time.Minute).Unix() },
		"for ever":                         func(c map[string]any) { delete(c, "exp") },
		"of tomorrow":                      func(c map[string]any) { c["iat"] = now.Add(24 * time.Hour).Unix() },
	} {
		claims := ficClaims()
		change(claims)
		r.Header.Set("Authorization", "Bearer "+s.token(t, claims))
		err := a.Verify(r)
		if good := name == "" || strings.Contains(name, "slash") || strings.Contains(name, "no date"); good && err != nil {
			t.Errorf("%q: %v", name, err)
		} else if !good {
			wantUnsigned(t, err)
		}
	}

	good := s.token(t, ficClaims())
	parts := strings.Split(good, ".")
	for _, token := range []string{
		"", "a.b.c", parts[0] + "." + parts[1] + ".", parts[0] + "." + parts[1], newFICSigner(t).token(t, ficClaims()),
		"eyJhbGciOiJub25lIn0." + parts[1] + "." + parts[2], "eyJhbGciOiJub25lIn0." + parts[1] + ".",
	} {
		r.Header.Set("Authorization", "Bearer "+token)
		wantUnsigned(t, a.Verify(r))
	}
	r.Header.Set("Authorization", good)
	wantUnsigned(t, a.Verify(r))

	structured := r
	structured.Body = recorded(t, "fattureincloud/products.stock_update.structured.json")
	structured.Header = headers("Authorization", "Bearer "+good, "Content-Type", "application/cloudevents+json")
	if err := a.Verify(structured); err != nil {
		t.Errorf("structured: %v", err)
	}

	// The published key is read, and signs nothing of ours.
	published, err := inventory.NewSecret(inventory.FattureInCloud)
	if err != nil || inventory.ValidateSecret(inventory.FattureInCloud, published) != nil {
		t.Fatalf("the published key: %v", err)
	}
	r.Header.Set("Authorization", "Bearer "+good)
	r.Secrets = []string{published}
	wantUnsigned(t, a.Verify(r))
}

func TestFattureInCloudParse(t *testing.T) {
	a := adapter(t, inventory.FattureInCloud)
	at := time.Date(2023, 4, 4, 10, 54, 21, 0, time.UTC)
	want := refer(ficID, at, models.StockReference{ProductID: "3062300"})
	wantResult(t, a, newFICSigner(t).call("products.stock_update", []byte(`{"data":{"ids":[3062300]}}`)), want)
	structured := newFICSigner(t).call("", recorded(t, "fattureincloud/products.stock_update.structured.json"))
	wantResult(t, a, structured, want)
	wantResult(t, a, newFICSigner(t).call("products.delete", []byte(`{"data":{"ids":["1",9007199254740993]},"more":1}`)),
		refer(ficID, at, models.StockReference{ProductID: "1"}, models.StockReference{ProductID: "9007199254740993"}))
	wantResult(t, a, newFICSigner(t).call("subscriptions.welcome", []byte(`{"data":{}}`)), inventory.Result{Empty: true})
	s := newFICSigner(t)
	welcome := s.call("subscriptions.welcome", nil)
	if err := a.Verify(welcome); err != nil {
		t.Errorf("a welcome without a body: %v", err)
	}
	wantResult(t, a, welcome, inventory.Result{Empty: true})
	wantRefused(t, a, s.call("products.update", nil), "data.ids", "is missing")
	wantResult(t, a, newFICSigner(t).call("products.update", []byte(`{"data":{"ids":[]}}`)), inventory.Result{Empty: true})
	for body, field := range map[string]string{`{}`: "data.ids", `{"data":{"ids":[{}]}}`: "data.ids", `{"data":{"ids":[null]}}`: "data.ids", `[]`: "body"} {
		wantRefused(t, a, newFICSigner(t).call("products.update", []byte(body)), field, "")
	}
	late := newFICSigner(t).call("products.update", []byte(`{"data":{"ids":[1]}}`))
	late.Header.Set("ce-time", "yesterday")
	wantRefused(t, a, late, "ce-time", "is no time")
}
