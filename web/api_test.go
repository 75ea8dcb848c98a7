package web_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers/gorillamux"

	"bentornato/models"
	"bentornato/models/store/storetest"
	"bentornato/web"
)

// readDocument reads the API's description once for all tests, none of which changes it.
var readDocument = sync.OnceValues(func() (*openapi3.T, error) { return openapi3.NewLoader().LoadFromData(web.OpenAPI()) })

func apiDocument(t *testing.T) *openapi3.T {
	t.Helper()
	doc, err := readDocument()
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func TestOpenAPIDocument(t *testing.T) {
	doc := apiDocument(t)
	if err := doc.Validate(context.Background()); err != nil {
		t.Fatal(err)
	}
	s := newSite(t, storetest.SQLiteURL(t))
	var described []string
	for path, item := range doc.Paths.Map() {
		for method := range item.Operations() {
			described = append(described, method+" "+path)
		}
	}
	routes := s.server.APIRoutes()
	slices.Sort(described)
	slices.Sort(routes)
	if !slices.Equal(described, routes) {
		t.Errorf("the document describes\n%s\nand the server answers\n%s", strings.Join(described, "\n"), strings.Join(routes, "\n"))
	}
	a := s.request("GET", "/api/v1/openapi.yaml", "").is(t, 200)
	if a.body != string(web.OpenAPI()) {
		t.Error("the document is served otherwise than it is")
	}
}

// call makes a request to the API with the site's key and holds the answer to the document.
func (s *site) call(method, path, body string, options ...func(*http.Request)) answer {
	s.t.Helper()
	a := s.request(method, "/api/v1"+path, body, append([]func(*http.Request){bearer(s.key)}, options...)...)
	doc := apiDocument(s.t)
	router, err := gorillamux.NewRouter(doc)
	s.must(err)
	r := httptest.NewRequest(method, "/api/v1"+path, strings.NewReader(body))
	route, params, err := router.FindRoute(r)
	if err != nil {
		s.t.Fatalf("%s %s is not in the document: %v", method, path, err)
	}
	err = openapi3filter.ValidateResponse(context.Background(), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: &openapi3filter.RequestValidationInput{Request: r, PathParams: params, Route: route},
		Status:                 a.StatusCode, Header: a.Header, Body: io.NopCloser(strings.NewReader(a.body)),
		Options: &openapi3filter.Options{IncludeResponseStatus: true, MultiError: true},
	})
	if err != nil {
		s.t.Errorf("%s %s answers %d otherwise than described: %v\n%s", method, path, a.StatusCode, err, a.body)
	}
	return a
}

func items(t *testing.T, a answer) []map[string]any {
	t.Helper()
	var l struct {
		Items []map[string]any `json:"items"`
	}
	if err := json.Unmarshal([]byte(a.is(t, 200).body), &l); err != nil {
		t.Fatal(err)
	}
	return l.Items
}

func TestAPIKeys(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.product(pageID, "MUG", 1)
		viewer, owner := s.addKey(models.RoleViewer), s.addKey(models.RoleOwner)
		keys, err := s.store.Keys(context.Background())
		s.must(err)
		for _, k := range keys {
			if k.Role == models.RoleOwner {
				s.must(s.work.RevokeKey(context.Background(), k.ID))
			}
		}
		stock := `{"available":5}`
		for _, test := range []struct {
			name   string
			option func(*http.Request)
			status int
		}{
			{"no key", func(r *http.Request) { r.Header.Del("Authorization") }, 401},
			{"unknown key", bearer("bnt_guess"), 401},
			{"empty key", header("Authorization", "Bearer "), 401},
			{"another scheme", header("Authorization", "Basic "+s.key), 401},
			{"revoked key", bearer(owner), 401},
			{"viewer", bearer(viewer), 403},
		} {
			t.Run(test.name, func(t *testing.T) {
				s.unchanged(func() {
					a := s.call("POST", "/products/MUG/stock", stock, test.option)
					a.problem(t, test.status)
					if (a.Header.Get("WWW-Authenticate") != "") != (test.status == 401) {
						t.Errorf("WWW-Authenticate is %q with %d", a.Header.Get("WWW-Authenticate"), a.StatusCode)
					}
				})
			})
		}
		s.call("GET", "/products/MUG", "", bearer(viewer)).is(t, 200)
		s.call("POST", "/products/MUG/stock", stock).is(t, 200)
		keys, err = s.store.Keys(context.Background())
		s.must(err)
		for _, k := range keys {
			if k.SeenAt.IsZero() && k.RevokedAt.IsZero() {
				t.Errorf("the use of key %s was not remembered", k.Name)
			}
		}
		s.request("GET", "/api/v1/nothing", "", bearer(s.key)).problem(t, 404)
		s.request("PATCH", "/api/v1/products/MUG", "", bearer(s.key)).problem(t, 405)
		if strings.Contains(s.logs.String(), s.key) || strings.Contains(s.logs.String(), "/products/MUG") {
			t.Error("the log holds a key or a path")
		}
	})
}

func TestAPIProduct(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.unchanged(func() { s.call("GET", "/products/MUG", "").problem(t, 404) })
		body := `{"page_id":"` + pageID + `","title":"Tazza Alba","product":"Tazza","option":"blu","price":"12,50","currency":"eur",
			"url":"https://shop.example/p/mug","image_url":"https://shop.example/i/mug.jpg","available":0,"min_stock":2,"tokens_per_unit":3}`
		p := s.call("PUT", "/products/MUG", body).is(t, 201).json(t)
		for name, want := range map[string]any{"sku": "MUG", "title": "Tazza Alba", "product": "Tazza", "option": "blu", "price": "12.50", "currency": "EUR",
			"url": "https://shop.example/p/mug", "image_url": "https://shop.example/i/mug.jpg", "available": 0.0, "in_stock": false, "min_stock": 2.0,
			"tokens_per_unit": 3.0, "waiting": 0.0, "page_id": pageID, "m_me_url": "https://m.me/" + pageID + "?ref=" + p["ref"].(string)} {
			if p[name] != want {
				t.Errorf("%s is %v, want %v", name, p[name], want)
			}
		}
		// Again, in the form of the answer; then with nothing but a title: defaults, and the stock stays.
		again, err := json.Marshal(s.call("POST", "/products/MUG/stock", `{"available":7}`).is(t, 200).json(t))
		s.must(err)
		if got := s.call("PUT", "/products/MUG", string(again)).is(t, 200).json(t); got["available"] != 7.0 || got["ref"] != p["ref"] {
			t.Errorf("what was answered and sent back became %v", got)
		}
		got := s.call("PUT", "/products/MUG", `{"title":"Tazza"}`).is(t, 200).json(t)
		for name, want := range map[string]any{"title": "Tazza", "option": "", "price": nil, "currency": "", "url": "", "available": 7.0, "min_stock": 1.0,
			"tokens_per_unit": nil, "ref": p["ref"]} {
			if got[name] != want {
				t.Errorf("after a bare PUT %s is %v, want %v", name, got[name], want)
			}
		}
		if got := s.call("POST", "/products/MUG/stock", `{"in_stock":true}`).is(t, 200).json(t); got["available"] != nil || got["in_stock"] != true {
			t.Errorf("in stock, quantity unknown, reads %v", got)
		}
		if got := s.call("POST", "/products/MUG/stock", `{"in_stock":false}`).is(t, 200).json(t); got["available"] != 0.0 || got["in_stock"] != false {
			t.Errorf("not in stock reads %v", got)
		}
		a := s.call("DELETE", "/products/MUG", "").is(t, 204)
		if a.body != "" {
			t.Errorf("204 with a body: %s", a.body)
		}
		s.unchanged(func() {
			s.call("DELETE", "/products/MUG", "").problem(t, 404)
			s.call("POST", "/products/MUG/stock", `{"available":1}`).problem(t, 404)
		})
		if back := s.call("PUT", "/products/MUG", `{"title":"Tazza"}`).is(t, 201).json(t); back["ref"] != p["ref"] {
			t.Error("a product that is listed again has another ref: links in the world would die")
		}
	})
}

func TestAPIProductRefuses(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.product(pageID, "MUG", 3)
		for _, test := range []struct{ name, method, path, body, field string }{
			{"no title", "PUT", "/products/NEW", `{}`, "title"},
			{"empty title", "PUT", "/products/NEW", `{"title":" "}`, "title"},
			{"another SKU", "PUT", "/products/NEW", `{"sku":"OLD","title":"T"}`, "sku"},
			{"unknown fields", "PUT", "/products/NEW", `{"title":"T","avaliable":3,"colour":"blu"}`, "avaliable"},
			{"price", "PUT", "/products/NEW", `{"title":"T","price":"cheap"}`, "price"},
			{"doubtful price", "PUT", "/products/NEW", `{"title":"T","price":"1.200"}`, "price"},
			{"negative price", "PUT", "/products/NEW", `{"title":"T","price":-1}`, "price"},
			{"price too exact", "PUT", "/products/NEW", `{"title":"T","price":1.234}`, "price"},
			{"decimals in yen", "PUT", "/products/NEW", `{"title":"T","price":1.234,"currency":"JPY"}`, "price"},
			{"currency", "PUT", "/products/NEW", `{"title":"T","price":"1","currency":"euros"}`, "currency"},
			{"url", "PUT", "/products/NEW", `{"title":"T","url":"javascript:alert(1)"}`, "url"},
			{"image_url", "PUT", "/products/NEW", `{"title":"T","image_url":"x"}`, "image_url"},
			{"min_stock 0", "PUT", "/products/NEW", `{"title":"T","min_stock":0}`, "min_stock"},
			{"half a min_stock", "PUT", "/products/NEW", `{"title":"T","min_stock":1.5}`, "min_stock"},
			{"tokens_per_unit", "PUT", "/products/NEW", `{"title":"T","tokens_per_unit":-1}`, "tokens_per_unit"},
			{"available as text", "PUT", "/products/NEW", `{"title":"T","available":"3"}`, "available"},
			{"too many", "PUT", "/products/NEW", `{"title":"T","available":2000000000}`, "available"},
			{"title as number", "PUT", "/products/NEW", `{"title":5}`, "title"},
			{"no JSON", "PUT", "/products/NEW", `title=T`, ""},
			{"no object", "PUT", "/products/NEW", `[]`, ""},
			{"null", "PUT", "/products/NEW", `null`, ""},
			{"two objects", "PUT", "/products/NEW", `{"title":"T"}{}`, ""},
			{"no stock", "POST", "/products/MUG/stock", `{}`, "available"},
			{"null stock", "POST", "/products/MUG/stock", `{"available":null}`, "available"},
			{"stock and something", "POST", "/products/MUG/stock", `{"available":1,"sku":"MUG"}`, "sku"},
			{"half a mug", "POST", "/products/MUG/stock", `{"available":1.5}`, "available"},
			{"two words", "POST", "/products/MUG/stock", `{"available":1,"in_stock":false}`, "in_stock"},
			{"far too many", "POST", "/products/MUG/stock", `{"available":99999999999}`, "available"},
			{"limit 0", "GET", "/products?limit=0", "", "limit"},
			{"limit 501", "GET", "/products?limit=501", "", "limit"},
			{"limit in words", "GET", "/products?limit=ten", "", "limit"},
			{"cursor", "GET", "/products?cursor=guess", "", "cursor"},
			{"availability", "GET", "/products?availability=maybe", "", "availability"},
			{"sort", "GET", "/products?sort=colour", "", "sort"},
			{"token state", "GET", "/tokens?state=lost", "", "state"},
			{"token time", "GET", "/tokens?expires_before=soon", "", "expires_before"},
			{"restock state", "GET", "/restocks?state=lost", "", "state"},
			{"restock cursor", "GET", "/restocks?cursor=guess", "", "cursor"},
		} {
			t.Run(test.name, func(t *testing.T) {
				s.unchanged(func() {
					p := s.call(test.method, test.path, test.body).problem(t, 400)
					if got, _ := p["field"].(string); got != test.field {
						t.Errorf("the field at fault is %q, want %q: %v", got, test.field, p["detail"])
					}
				})
			})
		}
		s.unchanged(func() {
			p := s.call("PUT", "/products/NEW", `{"title":"T","avaliable":3,"colour":"blu"}`).problem(t, 400)
			if d := p["detail"].(string); !strings.Contains(d, `"avaliable"`) || !strings.Contains(d, `"colour"`) {
				t.Errorf("not every unknown field is named: %s", d)
			}
			s.call("PUT", "/products/NEW", `{"title":"T","page_id":"404"}`).problem(t, 404)
			s.call("PUT", "/products/NEW", `{"title":"`+strings.Repeat("x", 300<<10)+`"}`).problem(t, 413)
		})
	})
}

func TestAPIPrices(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		for _, test := range []struct {
			body string
			want any
		}{
			{`"price":12.5`, "12.50"}, {`"price":12`, "12.00"}, {`"price":12.500`, "12.50"}, {`"price":"12.50"`, "12.50"}, {`"price":"1.234,50"`, "1234.50"},
			{`"price":1200,"currency":"JPY"`, "1200"}, {`"price":1200.0,"currency":"JPY"`, "1200"}, {`"price":1.2,"currency":"KWD"`, "1.200"},
			{`"price":0`, "0.00"}, {`"price":""`, nil}, {`"price":null`, nil},
		} {
			if got := s.call("PUT", "/products/MUG", `{"title":"T",`+test.body+`}`).json(t)["price"]; got != test.want {
				t.Errorf("%s reads %v, want %v", test.body, got, test.want)
			}
		}
	})
}

func TestAPIProductOnSeveralPages(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.addPage(otherPage, nil)
		s.unchanged(func() {
			if p := s.call("PUT", "/products/MUG", `{"title":"T"}`).problem(t, 400); p["field"] != "page_id" {
				t.Errorf("the field at fault is %v", p["field"])
			}
		})
		s.call("PUT", "/products/MUG", `{"title":"One","page_id":"`+pageID+`"}`).is(t, 201)
		s.call("PUT", "/products/MUG", `{"title":"Two","page_id":`+otherPage+`}`).is(t, 201)
		s.unchanged(func() {
			s.call("GET", "/products/MUG", "").problem(t, 409)
			s.call("DELETE", "/products/MUG", "").problem(t, 409)
			s.call("POST", "/products/MUG/stock", `{"available":1}`).problem(t, 409)
		})
		if got := s.call("GET", "/products/MUG?page_id="+otherPage, "").json(t)["title"]; got != "Two" {
			t.Errorf("the other Page's title is %v", got)
		}
		s.call("POST", "/products/MUG/stock?page_id="+otherPage, `{"available":4}`).is(t, 200)
		if got := s.call("GET", "/products/MUG?page_id="+pageID, "").json(t)["available"]; got != 0.0 {
			t.Errorf("the other Page's stock came here: %v", got)
		}
		if got := items(t, s.call("GET", "/products?page_id="+otherPage, "")); len(got) != 1 || got[0]["page_id"] != otherPage {
			t.Errorf("the other Page lists %v", got)
		}
		s.call("DELETE", "/products/MUG?page_id="+otherPage, "").is(t, 204)
		s.call("GET", "/products/MUG", "").is(t, 200)
	})
}

func TestAPIOddSKUs(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		for _, sku := range []string{"A/B", "50%", "a b", "più", "A+B", "A%2FB", "x?y#z", "stock", "a:b;c=d"} {
			path := "/products/" + url.PathEscape(sku)
			// Through the handler alone: the document's router reads an escaped slash as a slash.
			a := s.request("PUT", "/api/v1"+path, `{"title":"T"}`, bearer(s.key)).is(t, 201)
			if got := a.json(t)["sku"]; got != sku {
				t.Errorf("%s became %v", sku, got)
			}
			s.request("GET", "/api/v1"+path, "", bearer(s.key)).is(t, 200)
			s.request("POST", "/api/v1"+path+"/stock", `{"available":2}`, bearer(s.key)).is(t, 200)
			s.request("DELETE", "/api/v1"+path, "", bearer(s.key)).is(t, 204)
		}
	})
}

func TestAPILists(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		if got := items(t, s.call("GET", "/products", "")); got == nil || len(got) != 0 {
			t.Errorf("an empty list is %v, not []", got)
		}
		for _, sku := range []string{"A", "B", "C", "D", "E"} {
			v := s.product(pageID, sku, 0)
			s.token(v, "person "+sku)
		}
		s.call("POST", "/products/C/stock", `{"available":1}`).is(t, 200)
		for _, test := range []struct{ path, name string }{{"/products?x=1", "sku"}, {"/tokens?x=1", "sku"}} {
			var seen []string
			cursor := ""
			for range 4 {
				a := s.call("GET", test.path+"&limit=2&cursor="+url.QueryEscape(cursor), "")
				for _, i := range items(t, a) {
					seen = append(seen, i[test.name].(string))
				}
				if cursor = a.json(t)["next_cursor"].(string); cursor == "" {
					break
				}
			}
			slices.Sort(seen)
			if got := strings.Join(seen, ""); got != "ABCDE" {
				t.Errorf("the pages of %s hold %s", test.path, got)
			}
		}
		for query, want := range map[string]int{"availability=sold_out": 4, "availability=in_stock": 1, "availability=waiting": 5, "q=tazza": 5, "q=b": 1, "q=nothing": 0} {
			if got := items(t, s.call("GET", "/products?"+query, "")); len(got) != want {
				t.Errorf("%s lists %d products, want %d", query, len(got), want)
			}
		}
		for query, want := range map[string]int{"sku=A": 1, "sku=Z": 0, "state=waiting": 5, "state=sent": 0, "sku=A&state=waiting": 1, "page_id=1": 0,
			"expires_before=2027-11-23T00:00:00Z": 5, "expires_before=2027-11-01": 0} {
			if got := items(t, s.call("GET", "/tokens?"+query, "")); len(got) != want {
				t.Errorf("%s lists %d tokens, want %d", query, len(got), want)
			}
		}
		for query, want := range map[string]int{"": 1, "sku=C": 1, "sku=A": 0, "state=running": 1, "state=done": 0} {
			if got := items(t, s.call("GET", "/restocks?"+query, "")); len(got) != want {
				t.Errorf("%s lists %d restocks, want %d", query, len(got), want)
			}
		}
	})
}
