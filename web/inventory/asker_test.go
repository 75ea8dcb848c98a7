package inventory_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"bentornato/models"
	"bentornato/web/inventory"

	"github.com/google/go-cmp/cmp"
)

var askedAt = time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)

// standIn is a shop's system: what answers, and what it was asked.
type standIn struct {
	*httptest.Server
	calls []string
}

func newStandIn(t *testing.T, handle http.HandlerFunc) *standIn {
	s := &standIn{}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.calls = append(s.calls, r.Method+" "+r.URL.Path)
		handle(w, r)
	}))
	t.Cleanup(s.Close)
	return s
}

func ask(t *testing.T, q models.PollAsk) (models.PollAnswer, error) {
	t.Helper()
	a := inventory.NewAsker(func() time.Time { return askedAt })
	t.Cleanup(a.Close)
	return a.Ask(context.Background(), q)
}

// round asks page after page until a round is over, and returns what it brought.
func round(t *testing.T, q models.PollAsk) models.PollAnswer {
	t.Helper()
	var all models.PollAnswer
	for range 30 {
		got, err := ask(t, q)
		if err != nil {
			t.Fatalf("at %q: %v", q.Position, err)
		}
		all.Items, all.Catalogue = append(all.Items, got.Items...), append(all.Catalogue, got.Catalogue...)
		if got.Next == "" {
			return all
		}
		if got.Next == q.Position {
			t.Fatalf("the round stands still at %q", q.Position)
		}
		q.Position = got.Next
	}
	t.Fatal("the round does not end")
	return all
}

// stocks are the items by SKU, as "5", "?" for in stock in an unknown quantity, or the places' numbers.
func stocks(items []models.PolledItem) map[string]string {
	by := map[string]string{}
	for _, i := range items {
		switch {
		case i.Stock != nil && i.Stock.Unknown:
			by[i.SKU] = "?"
		case i.Stock != nil:
			by[i.SKU] = strconv.Itoa(i.Stock.Available)
		case len(i.Levels) > 0:
			var parts []string
			for _, l := range i.Levels {
				parts = append(parts, fmt.Sprintf("%s:%d", l.LocationID, l.Available))
			}
			by[i.SKU] = strings.Join(parts, " ")
		default:
			by[i.SKU] = "-"
		}
	}
	return by
}

func same(t *testing.T, what string, got, want any) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s: %v\nwant %v", what, got, want)
	}
}

func basic(r *http.Request, user, password string) bool {
	u, p, _ := r.BasicAuth()
	return u == user && p == password
}

func TestAskWooCommerce(t *testing.T) {
	product := func(id int, sku, kind, more string) string {
		return fmt.Sprintf(`{"id":%d,"name":"Tazza","sku":%q,"type":%q,"status":"publish","permalink":"https://shop.test/p","price":"12.50","manage_stock":true,"stock_quantity":%d,"stock_status":"instock"%s}`, id, sku, kind, id, more)
	}
	shop := newStandIn(t, func(w http.ResponseWriter, r *http.Request) {
		if !basic(r, "ck_1", "cs_1") {
			w.WriteHeader(401)
			return
		}
		w.Header().Set("X-WP-TotalPages", "2")
		switch page := r.URL.Query().Get("page"); {
		case r.URL.Path == "/wp-json/wc/v3/products" && r.URL.Query().Get("per_page") == "1":
			io.WriteString(w, "[]")
		case r.URL.Path == "/wp-json/wc/v3/products" && page == "1":
			io.WriteString(w, "["+product(1, "UNA", "simple", "")+`,{"id":2,"name":"Maglia","type":"variable","status":"publish","variations":[21,22],"manage_stock":false,"stock_status":"instock"}]`)
		case r.URL.Path == "/wp-json/wc/v3/products" && page == "2":
			io.WriteString(w, "["+product(3, "TRE", "simple", "")+"]")
		case r.URL.Path == "/wp-json/wc/v3/products/2/variations" && page == "1":
			io.WriteString(w, `[{"id":21,"sku":"M-BLU","name":"Blu","status":"publish","price":"20","manage_stock":"parent","stock_quantity":null,"stock_status":"outofstock","attributes":[{"name":"Colore","option":"Blu"}]}]`)
		case r.URL.Path == "/wp-json/wc/v3/products/2/variations" && page == "2":
			io.WriteString(w, `[{"id":22,"sku":"M-ROSSA","name":"Rossa","status":"publish","price":"20","manage_stock":false,"stock_quantity":null,"stock_status":"instock"}]`)
		case r.URL.Path == "/wp-json/wc/v3/products/3":
			io.WriteString(w, product(3, "TRE", "simple", ""))
		default:
			w.WriteHeader(404)
		}
	})
	q := models.PollAsk{Kind: inventory.WooCommerce, Poll: models.Poll{Address: shop.URL, Account: "ck_1"}, Access: "cs_1"}
	got := round(t, q)
	same(t, "a round", stocks(got.Items), map[string]string{"UNA": "1", "TRE": "3", "M-BLU": "0", "M-ROSSA": "?"})
	same(t, "the calls", len(shop.calls), 4)
	for _, i := range got.Items {
		if i.SKU == "M-BLU" && (i.ProductID != "2" || i.VariantID != "21") {
			t.Errorf("a variation is %+v", i)
		}
	}
	q.Lookups = []models.Lookup{{VariantID: "3"}, {ProductID: "404"}}
	found, err := ask(t, q)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "lookups", stocks(found.Items), map[string]string{"TRE": "3"})
	if last := found.Catalogue[len(found.Catalogue)-1]; last.ID != "404" || !last.Deleted {
		t.Errorf("what is gone is %+v", last)
	}
	q.Lookups, q.Position = nil, "{nonsense"
	var trouble *models.PollError
	if _, err := ask(t, q); !errors.As(err, &trouble) || !trouble.Forget {
		t.Errorf("a position that is none: %v", err)
	}
}

func TestAskPrestaShop(t *testing.T) {
	shop := newStandIn(t, func(w http.ResponseWriter, r *http.Request) {
		if !basic(r, "KEY", "") || r.URL.Query().Get("output_format") != "JSON" {
			w.WriteHeader(401)
			return
		}
		from := strings.HasPrefix(r.URL.Query().Get("limit"), "0,")
		switch resource := strings.TrimPrefix(r.URL.Path, "/api/"); {
		case resource == "products" && r.URL.Query().Get("filter[id]") == "[501]":
			io.WriteString(w, `{"products":[{"id":501,"reference":"","name":"Maglia","active":"1"}]}`)
		case resource == "products" && r.URL.Query().Get("filter[id]") == "[1|2|3|4]":
			io.WriteString(w, `{"products":[{"id":1,"active":"1","available_for_order":"1"},{"id":3,"active":"0"},{"id":4,"active":"1","available_for_order":"0"}]}`)
		case resource == "products" && from:
			var list []string
			for i := range 500 {
				list = append(list, fmt.Sprintf(`{"id":%d,"reference":"P%d","name":[{"id":"1","value":"Tazza %d"}],"price":"10.000000","active":"1"}`, i+1, i+1, i+1))
			}
			io.WriteString(w, `{"products":[`+strings.Join(list, ",")+`]}`)
		case resource == "products":
			io.WriteString(w, `{"products":[{"id":501,"reference":"","name":"Maglia","active":"1"}]}`)
		case resource == "combinations":
			io.WriteString(w, `{"combinations":[{"id":"7","id_product":"501","reference":"M-BLU"}]}`)
		case resource == "stock_availables" && r.URL.Query().Get("filter[id_product]") == "[501]":
			io.WriteString(w, `{"stock_availables":[{"id":"9","id_product":"501","id_product_attribute":"7","quantity":"4","out_of_stock":"2"}]}`)
		case resource == "stock_availables":
			io.WriteString(w, `{"stock_availables":[{"id":"1","id_product":"1","id_product_attribute":"0","quantity":"-2","out_of_stock":"0"},{"id":"2","id_product":"2","id_product_attribute":"0","quantity":0,"out_of_stock":1},{"id":"3","id_product":"3","id_product_attribute":"0","quantity":"8"},{"id":"4","id_product":"4","id_product_attribute":"0","quantity":"8"}]}`)
		}
	})
	q := models.PollAsk{Kind: inventory.PrestaShop, Poll: models.Poll{Address: shop.URL + "/"}, Access: "KEY"}
	got := round(t, q)
	if len(shop.calls) != 7 || len(got.Items) != 506 || len(got.Catalogue) != 501 || got.Catalogue[0].Title != "Tazza 1" {
		t.Errorf("a round of %d calls brought %d items and %d products", len(shop.calls), len(got.Items), len(got.Catalogue))
	}
	if c := got.Catalogue[500]; c.Title != "Maglia" || c.ID != "501" || c.Variants[0].SKU != "M-BLU" || c.Variants[0].Option != "M-BLU" {
		t.Errorf("a combination is %+v", c)
	}
	last := got.Items[len(got.Items)-4:]
	if last[2].Stock.Available != 0 || last[3].Stock.Available != 0 {
		t.Errorf("what is not for sale is there: %+v", last)
	}
	if last[0].VariantID != "p1" || last[0].Stock.Available != -2 || last[1].VariantID != "p2" || !last[1].Stock.Unknown {
		t.Errorf("the stock is %+v", last)
	}
	q.Lookups = []models.Lookup{{ProductID: "501"}}
	found, err := ask(t, q)
	if err != nil || found.Items[len(found.Items)-1].VariantID != "7" || found.Items[len(found.Items)-1].Stock.Available != 4 {
		t.Errorf("a lookup: %+v, %v", found.Items, err)
	}
}

// A combination may have the reference of its product: the product's own quantity, the sum of its combinations, is then not
// told a second time. Of combinations with references of their own it stays.
func TestAskPrestaShopSharedReference(t *testing.T) {
	shop := newStandIn(t, func(w http.ResponseWriter, r *http.Request) {
		switch strings.TrimPrefix(r.URL.Path, "/api/") {
		case "products":
			io.WriteString(w, `{"products":[{"id":1,"reference":"MAGLIA","name":"Maglia","active":"1"},{"id":2,"reference":"SET","name":"Set","active":"1"}]}`)
		case "combinations":
			io.WriteString(w, `{"combinations":[{"id":7,"id_product":1,"reference":"MAGLIA"},{"id":8,"id_product":1,"reference":"MAGLIA"},{"id":9,"id_product":2,"reference":"SET-A"}]}`)
		default:
			io.WriteString(w, `{"stock_availables":[{"id":1,"id_product":1,"id_product_attribute":0,"quantity":5},{"id":2,"id_product":1,"id_product_attribute":7,"quantity":2},
				{"id":3,"id_product":1,"id_product_attribute":8,"quantity":3},{"id":4,"id_product":2,"id_product_attribute":"0","quantity":4},{"id":5,"id_product":2,"id_product_attribute":"9","quantity":4}]}`)
		}
	})
	q := models.PollAsk{Kind: inventory.PrestaShop, Poll: models.Poll{Address: shop.URL}, Access: "KEY"}
	whole := round(t, q)
	q.Lookups = []models.Lookup{{ProductID: "1"}, {ProductID: "2"}}
	named, err := ask(t, q)
	if err != nil {
		t.Fatal(err)
	}
	for name, answer := range map[string]models.PollAnswer{"a round": whole, "a lookup": named} {
		told := map[string]int{}
		for _, i := range answer.Items {
			if i.Stock != nil {
				told[i.VariantID] = i.Stock.Available
			}
		}
		if diff := cmp.Diff(map[string]int{"p1": 0, "7": 2, "8": 3, "p2": 4, "9": 4}, told); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestAskSquare(t *testing.T) {
	variation := func(id, sku, tracked string) string {
		return fmt.Sprintf(`{"type":"ITEM_VARIATION","id":%q,"item_variation_data":{"item_id":"I1","name":"%s","sku":%q,"price_money":{"amount":1250,"currency":"EUR"}%s}}`, id, sku, sku, tracked)
	}
	shop := newStandIn(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer SQ" || r.Header.Get("Square-Version") == "" {
			w.WriteHeader(401)
			return
		}
		var body struct {
			IDs       []string `json:"catalog_object_ids"`
			Objects   []string `json:"object_ids"`
			Locations []string `json:"location_ids"`
			Cursor    string   `json:"cursor"`
		}
		_ = json.NewDecoder(r.Body).Decode(&body) // a GET has none
		switch {
		case r.URL.Path == "/v2/catalog/list" && r.URL.Query().Get("cursor") == "":
			io.WriteString(w, `{"objects":[{"type":"ITEM","id":"I1","item_data":{"name":"Tazza","variations":[`+variation("V1", "UNA", `,"track_inventory":true`)+","+variation("V2", "DUE", `,"track_inventory":true`)+`]}}],"cursor":"c2"}`)
		case r.URL.Path == "/v2/catalog/list":
			io.WriteString(w, `{"objects":[{"type":"ITEM","id":"I2","item_data":{"name":"Vaso","variations":[`+variation("V3", "TRE", "")+`]}}]}`)
		case r.URL.Path == "/v2/catalog/batch-retrieve":
			same(t, "asked about", body.Objects, []string{"V2"})
			io.WriteString(w, `{"objects":[`+variation("V2", "DUE", `,"track_inventory":true`)+`]}`)
		case strings.HasSuffix(r.URL.Path, "counts/batch-retrieve") && body.Cursor == "" && len(body.IDs) > 0 && body.IDs[0] == "V1":
			same(t, "locations", body.Locations, []string{"L1", "L2"})
			io.WriteString(w, `{"counts":[{"catalog_object_id":"V1","state":"IN_STOCK","location_id":"L1","quantity":"2.5"},{"catalog_object_id":"V1","state":"WASTE","location_id":"L1","quantity":"9"}],"cursor":"more"}`)
		case strings.HasSuffix(r.URL.Path, "counts/batch-retrieve") && body.Cursor == "more":
			io.WriteString(w, `{"counts":[{"catalog_object_id":"V1","state":"IN_STOCK","location_id":"L2","quantity":"4"}]}`)
		default:
			io.WriteString(w, `{}`)
		}
	})
	q := models.PollAsk{Kind: inventory.Square, Poll: models.Poll{Address: shop.URL, Locations: []string{"L1", "L2"}}, Access: "SQ"}
	got := round(t, q)
	same(t, "a round", stocks(got.Items), map[string]string{"UNA": "L1:2 L2:4", "DUE": "0", "TRE": "?"})
	if c := got.Catalogue[0]; c.Title != "Tazza" || c.Variants[0].Price != "12.50" || c.Variants[0].Currency != "EUR" || got.Catalogue[1].Variants[0].Option != "" {
		t.Errorf("the catalogue is %+v", got.Catalogue)
	}
	q.Lookups = []models.Lookup{{VariantID: "V2"}}
	found, err := ask(t, q)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "a lookup", stocks(found.Items), map[string]string{"DUE": "0"})
}

func TestAskBigCommerce(t *testing.T) {
	shop := newStandIn(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("X-Auth-Token") != "BC" || r.URL.Path != "/stores/abc/v3/catalog/products" {
			w.WriteHeader(404)
			return
		}
		w.Header().Set("X-Rate-Limit-Requests-Left", "0")
		w.Header().Set("X-Rate-Limit-Time-Reset-Ms", "2500")
		if r.URL.Query().Get("id:in") == "9" {
			io.WriteString(w, `{"data":[{"id":9,"name":"Nove","inventory_tracking":"none","is_visible":true,"variants":[{"id":90,"sku":"NOVE","inventory_level":0}]}]}`)
			return
		}
		page := r.URL.Query().Get("page")
		io.WriteString(w, map[string]string{
			"1": `{"data":[{"id":1,"name":"Tazza","price":24.5,"is_visible":true,"inventory_tracking":"variant","variants":[{"id":11,"sku":"UNA","inventory_level":3,"option_values":[{"label":"Blu"},{"label":"M"}]},{"id":12,"sku":"DUE","inventory_level":5,"purchasing_disabled":true}]}],"meta":{"pagination":{"total_pages":2}}}`,
			"2": `{"data":[{"id":2,"name":"Vaso","sku":"TRE","is_visible":true,"inventory_tracking":"product","inventory_level":7,"variants":[{"id":21,"sku":"TRE","inventory_level":0}]},{"id":3,"name":"X","is_visible":false,"inventory_tracking":"none","variants":[{"id":31,"sku":"QUATTRO"}]}],"meta":{"pagination":{"total_pages":2}}}`,
		}[page])
	})
	q := models.PollAsk{Kind: inventory.BigCommerce, Poll: models.Poll{Address: shop.URL, Account: "abc"}, Access: "BC"}
	got := round(t, q)
	same(t, "a round", stocks(got.Items), map[string]string{"UNA": "3", "DUE": "0", "TRE": "7", "QUATTRO": "0"})
	if v := got.Catalogue[0].Variants[0]; v.Option != "Blu / M" || v.Price != "24.5" {
		t.Errorf("a variant is %+v", v)
	}
	q.Lookups = []models.Lookup{{ProductID: "9", VariantID: "90"}}
	found, err := ask(t, q)
	if err != nil || found.Wait != 2500*time.Millisecond || found.Next != "" {
		t.Errorf("a lookup: %+v, %v", found, err)
	}
	same(t, "a lookup", stocks(found.Items), map[string]string{"NOVE": "?"})
}

func TestAskEcwid(t *testing.T) {
	product := func(n int) string {
		return fmt.Sprintf(`{"id":%d,"sku":"E%d","name":"Tazza","price":9.9,"quantity":%d,"unlimited":false,"enabled":true,"url":"https://shop.test/%d"}`, n, n, n, n)
	}
	shop := newStandIn(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer EC" {
			w.WriteHeader(403)
			return
		}
		switch {
		case r.URL.Path == "/1003/products/7":
			io.WriteString(w, `{"id":7,"name":"Maglia","enabled":true,"price":20,"combinations":[{"id":1,"sku":"M-BLU","quantity":2,"unlimited":false,"options":[{"name":"Colore","value":"Blu"}]},{"id":2,"sku":"M-ROSSA","unlimited":true,"inStock":true}]}`)
		case r.URL.Path == "/1003/products" && r.URL.Query().Get("offset") == "0":
			var list []string
			for i := range 100 {
				list = append(list, product(i+1))
			}
			io.WriteString(w, `{"total":101,"items":[`+strings.Join(list, ",")+`]}`)
		case r.URL.Path == "/1003/products":
			io.WriteString(w, `{"total":101,"items":[`+product(101)+`]}`)
		default:
			w.WriteHeader(404)
		}
	})
	q := models.PollAsk{Kind: inventory.Ecwid, Poll: models.Poll{Address: shop.URL, Account: "1003"}, Access: "EC"}
	if got := round(t, q); len(got.Items) != 101 || got.Items[100].SKU != "E101" || got.Items[100].Stock.Available != 101 {
		t.Errorf("a round brought %d items", len(got.Items))
	}
	q.Lookups = []models.Lookup{{ProductID: "7"}, {ProductID: "8"}}
	found, err := ask(t, q)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "lookups", stocks(found.Items), map[string]string{"M-BLU": "2", "M-ROSSA": "?"})
	if last := found.Catalogue[len(found.Catalogue)-1]; last.ID != "8" || !last.Deleted {
		t.Errorf("what is gone is %+v", last)
	}
	if v := found.Catalogue[0].Variants; v[0].Option != "Blu" || v[0].ID == v[1].ID {
		t.Errorf("the combinations are %+v", v)
	}
}

func TestAskFattureInCloud(t *testing.T) {
	product := func(id int, code string, more string) string {
		return fmt.Sprintf(`{"id":%d,"code":%q,"name":"Tazza","gross_price":12.2,"description":null%s}`, id, code, more)
	}
	down := false
	shop := newStandIn(t, func(w http.ResponseWriter, r *http.Request) {
		switch page := r.URL.Query().Get("page"); {
		case r.Header.Get("Authorization") != "Bearer fic":
			w.WriteHeader(401)
		case down:
			w.WriteHeader(404)
		case r.URL.Query().Get("fieldset") != "detailed":
			t.Errorf("asked for %s", r.URL)
		case r.URL.Path == "/c/17/products/2":
			io.WriteString(w, `{"data":`+product(2, "DUE", `,"in_stock":true,"stock_current":-1`)+`}`)
		case r.URL.Path != "/c/17/products":
			w.WriteHeader(404)
		case page == "2":
			io.WriteString(w, `{"current_page":2,"last_page":2,"data":[`+product(3, "", `,"in_stock":true,"stock_current":1`)+`,`+product(4, "QUATTRO", `,"in_stock":true,"stock_current":null`)+`]}`)
		default:
			io.WriteString(w, `{"current_page":1,"last_page":2,"data":[`+product(1, "UNA", `,"in_stock":true,"stock_current":4.75`)+`,`+product(2, "DUE", `,"in_stock":false,"stock_current":0`)+`]}`)
		}
	})
	q := models.PollAsk{Kind: inventory.FattureInCloud, Poll: models.Poll{Address: shop.URL, Account: "17"}, Access: "fic"}
	got := round(t, q)
	same(t, "a round", stocks(got.Items), map[string]string{"UNA": "4", "DUE": "?", "": "1", "QUATTRO": "?"})
	if v := got.Catalogue[0].Variants[0]; v.ID != "1" || v.Price != "12.2" || v.Currency != "EUR" || got.Catalogue[0].Title != "Tazza" {
		t.Errorf("a product is %+v", got.Catalogue[0])
	}
	q.Lookups = []models.Lookup{{ProductID: "2"}, {ProductID: "9"}}
	found, err := ask(t, q)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "lookups", stocks(found.Items), map[string]string{"DUE": "-1"})
	if c := found.Catalogue; len(c) != 2 || c[1].ID != "9" || !c[1].Deleted {
		t.Errorf("what is gone is %+v", c)
	}
	// Where nothing is found at all, nothing is gone: the address is wrong.
	down = true
	if found, err := ask(t, q); err == nil || len(found.Catalogue) > 0 {
		t.Errorf("a system that knows nothing says %+v, %v", found, err)
	}
}

func TestAskShopify(t *testing.T) {
	variant := func(id int, sku, policy, tracked, levels string) string {
		return fmt.Sprintf(`{"id":"gid://shopify/ProductVariant/%d","sku":%q,"title":"Default Title","price":"24.50","inventoryPolicy":%q,"inventoryQuantity":%d,"product":{"id":"gid://shopify/Product/5","title":"Tazza","status":"ACTIVE","onlineStoreUrl":"https://shop.test/p"},"inventoryItem":{"id":"gid://shopify/InventoryItem/48513488879%03d","tracked":%s%s}}`, id, sku, policy, id, id, tracked, levels)
	}
	levels := `,"l0":{"quantities":[{"quantity":2}]},"l1":null`
	var cost string
	shop := newStandIn(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("X-Shopify-Access-Token") != "shpat" || !strings.HasSuffix(r.URL.Path, "/graphql.json") {
			w.WriteHeader(401)
			return
		}
		var body struct {
			Query     string
			Variables map[string]any
		}
		_ = json.NewDecoder(r.Body).Decode(&body) // a GET has none
		answer := func(inner string) { io.WriteString(w, `{"data":{"shop":{"currencyCode":"EUR"},`+inner+`}`+cost+`}`) }
		switch {
		case body.Variables["ids"] != nil:
			same(t, "ids", body.Variables["ids"], []any{"gid://shopify/InventoryItem/48513488879001"})
			answer(`"nodes":[{"variant":` + variant(1, "UNA", "DENY", "true", levels) + `},null]`)
		case body.Variables["query"] != nil:
			same(t, "query", body.Variables["query"], "product_id:5 OR product_id:6")
			answer(`"productVariants":{"nodes":[` + variant(2, "DUE", "DENY", "true", levels) + `]}`)
		case body.Variables["after"] == nil:
			answer(`"productVariants":{"pageInfo":{"hasNextPage":true,"endCursor":"c2"},"nodes":[` + variant(1, "UNA", "DENY", "true", levels) + "," + variant(2, "DUE", "CONTINUE", "true", levels) + `]}`)
		default:
			answer(`"productVariants":{"pageInfo":{"hasNextPage":false},"nodes":[` + variant(3, "TRE", "DENY", "false", levels) + `]}`)
		}
	})
	q := models.PollAsk{Kind: inventory.Shopify, Poll: models.Poll{Address: shop.URL}, Access: "shpat"}
	got := round(t, q)
	same(t, "a round", stocks(got.Items), map[string]string{"UNA": "1", "DUE": "?", "TRE": "?"})
	if i := got.Items[0]; i.StockID != "48513488879001" || i.VariantID != "1" || i.ProductID != "5" || got.Catalogue[0].Variants[0].Currency != "EUR" {
		t.Errorf("a variant is %+v", i)
	}
	q.Locations = []string{"75596366001", "75596366002"}
	same(t, "chosen locations", stocks(round(t, q).Items), map[string]string{"UNA": "75596366001:2 75596366002:0", "DUE": "?", "TRE": "?"})
	q.Lookups = []models.Lookup{{StockID: "48513488879001"}, {ProductID: "5"}, {ProductID: "6"}}
	cost = `,"extensions":{"cost":{"requestedQueryCost":500,"throttleStatus":{"maximumAvailable":1000,"currentlyAvailable":300,"restoreRate":100}}}`
	found, err := ask(t, q)
	if err != nil || found.Wait != 2*time.Second {
		t.Errorf("lookups wait %v, %v", found.Wait, err)
	}
	same(t, "lookups", stocks(found.Items), map[string]string{"UNA": "75596366001:2 75596366002:0", "DUE": "75596366001:2 75596366002:0"})
	q.Locations = []string{"first"}
	if _, err := ask(t, q); err == nil {
		t.Error("a location that is none is asked for")
	}
}

// TestAskTrouble says in plain words why there is no answer, for how long to wait, and never the token.
func TestAskTrouble(t *testing.T) {
	elsewhere := newStandIn(t, func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, `{}`) })
	for name, test := range map[string]struct {
		handle  http.HandlerFunc
		message string
		wait    time.Duration
	}{
		"token":   {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(401) }, "does not accept the access token", 0},
		"rights":  {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(403) }, "may not read", 0},
		"used up": {func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Retry-After", "600"); w.WriteHeader(403) }, "fewer questions", 10 * time.Minute},
		"cut": {func(w http.ResponseWriter, _ *http.Request) {
			io.WriteString(w, `{"data":{"productVariants":{"nodes":[{"id":"gid`)
		}, "no JSON", 0},
		"cut off": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "1000")
			io.WriteString(w, `{"data":{}`)
		}, "cannot be reached", 0},
		"hung up":  {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, "cannot be reached", 0},
		"address":  {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(404) }, "Nothing answers", 0},
		"too many": {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(429) }, "fewer questions", time.Minute},
		"retry":    {func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Retry-After", "2.5"); w.WriteHeader(429) }, "fewer questions", 2500 * time.Millisecond},
		"date": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", askedAt.Add(90*time.Second).Format(http.TimeFormat))
			w.WriteHeader(503)
		}, "problem of its own", 90 * time.Second},
		"html": {func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "<html>hello</html>") }, "no JSON", 0},
		"wrong": {func(w http.ResponseWriter, _ *http.Request) {
			io.WriteString(w, `{"data":{"productVariants":{"nodes":[{"sku":"A"}]}}}`)
		}, "does not understand", 0},
		"long": {func(w http.ResponseWriter, _ *http.Request) {
			for range 17 {
				w.Write(make([]byte, 1<<20))
			}
		}, "more than 16 MiB", 0},
		"away": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, elsewhere.URL, http.StatusTemporaryRedirect)
		}, "another address", 0},
		"throttled": {func(w http.ResponseWriter, _ *http.Request) {
			io.WriteString(w, `{"errors":[{"message":"Throttled","extensions":{"code":"THROTTLED"}}]}`)
		}, "fewer questions", time.Second},
		"denied": {func(w http.ResponseWriter, _ *http.Request) {
			io.WriteString(w, `{"errors":[{"message":"no","extensions":{"code":"ACCESS_DENIED"}}],"data":{}}`)
		}, "read_inventory", 0},
	} {
		t.Run(name, func(t *testing.T) {
			shop := newStandIn(t, test.handle)
			_, err := ask(t, models.PollAsk{Kind: inventory.Shopify, Poll: models.Poll{Address: shop.URL}, Access: "shpat_secret"})
			var trouble *models.PollError
			if !errors.As(err, &trouble) || !strings.Contains(trouble.Message, test.message) || trouble.Wait != test.wait {
				t.Fatalf("the trouble is %v, waiting %v; want %q, waiting %v", err, trouble.Wait, test.message, test.wait)
			}
			if trouble.Trouble == "" {
				t.Error("the trouble is of no kind that could be said in another language")
			}
			if strings.Contains(err.Error(), "shpat_secret") || strings.Contains(err.Error(), url.QueryEscape(shop.URL)) {
				t.Errorf("the error tells a secret: %v", err)
			}
		})
	}
	if len(elsewhere.calls) > 0 {
		t.Error("an answer led to another host")
	}
	for _, address := range []string{"http://shop.example", "ftp://x", "", "https://user:pass@shop.example", "https://shop.example?x=1"} {
		if _, err := ask(t, models.PollAsk{Kind: inventory.Shopify, Poll: models.Poll{Address: address}, Access: "x"}); err == nil {
			t.Errorf("%q is asked", address)
		}
	}
	gone, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := inventory.NewAsker(time.Now).Ask(gone, models.PollAsk{Kind: inventory.Shopify, Poll: models.Poll{Address: elsewhere.URL}, Access: "x"}); err == nil {
		t.Error("asked by somebody who has gone")
	}
}

// TestAskSlow gives up on a system that does not answer, and says so.
func TestAskSlow(t *testing.T) {
	shop := newStandIn(t, func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, `{"data":`)
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	})
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	a := inventory.NewAsker(time.Now)
	t.Cleanup(a.Close)
	_, err := a.Ask(ctx, models.PollAsk{Kind: inventory.Shopify, Poll: models.Poll{Address: shop.URL}, Access: "shpat_secret"})
	var trouble *models.PollError
	if !errors.As(err, &trouble) || !strings.Contains(trouble.Message, "too long") || trouble.Forget {
		t.Errorf("half an answer and no more of it: %v", err)
	}
}
