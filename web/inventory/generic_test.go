package inventory_test

import (
	"encoding/base64"
	"fmt"
	"math"
	"strconv"
	"strings"
	"testing"
	"time"

	"bentornato/models"
	"bentornato/web/inventory"
)

const genericSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

func unix(t time.Time) string { return strconv.FormatInt(t.Unix(), 10) }

func atUnix(t *testing.T, s string) time.Time {
	t.Helper()
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return time.Unix(n, 0)
}

// signedGeneric is a call that was sent at the given time.
func signedGeneric(t testing.TB, id string, sent time.Time, body []byte) inventory.Request {
	t.Helper()
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(genericSecret, "whsec_"))
	if err != nil {
		t.Fatal(err)
	}
	return inventory.Request{
		Method: "POST", Body: body, Secrets: []string{genericSecret}, Now: now,
		Header: headers(
			"webhook-id", id, "webhook-timestamp", unix(sent),
			"webhook-signature", "v1,"+bodyHMAC(string(key), []byte(id+"."+unix(sent)+"."+string(body))),
		),
	}
}

func TestGenericTolerance(t *testing.T) {
	a := adapter(t, inventory.Generic)
	body := recorded(t, "generic/stock.updated.json")
	for _, tt := range []struct {
		off time.Duration
		ok  bool
	}{
		{0, true},
		{-5 * time.Minute, true}, {-5*time.Minute - time.Second, false},
		{5 * time.Minute, true}, {5*time.Minute + time.Second, false},
		{-24 * time.Hour, false}, {365 * 24 * time.Hour, false},
	} {
		err := a.Verify(signedGeneric(t, "msg_1", now.Add(tt.off), body))
		if tt.ok && err != nil {
			t.Errorf("sent %v from now: %v", tt.off, err)
		}
		if !tt.ok {
			wantUnsigned(t, err)
		}
	}
}

func TestGenericSignatureList(t *testing.T) {
	a := adapter(t, inventory.Generic)
	r := signedGeneric(t, "msg_1", now, recorded(t, "generic/stock.updated.json"))
	good := r.Header.Get("webhook-signature")
	for signature, ok := range map[string]bool{
		good:                               true,
		"v1,AAAA " + good:                  true,
		good + " v1,AAAA":                  true,
		"v1a,AAAA " + good + " v2,AAAA":    true,
		strings.TrimPrefix(good, "v1,"):    false,
		"v2," + good[3:]:                   false,
		"v1a," + good[3:]:                  false,
		good[:len(good)-4]:                 false,
		strings.ReplaceAll(good, ",", " "): false,
		"v1":                               false,
		" ":                                false,
	} {
		r.Header.Set("webhook-signature", signature)
		if err := a.Verify(r); (err == nil) != ok {
			t.Errorf("signature %q: %v, want ok %v", signature, err, ok)
		}
	}
	r.Header.Set("webhook-signature", good)
	r.Header.Set("webhook-id", "msg_2")
	wantUnsigned(t, a.Verify(r))
	r.Header.Set("webhook-id", "msg_1")
	r.Header.Set("webhook-timestamp", unix(now.Add(time.Second)))
	wantUnsigned(t, a.Verify(r))
	r.Header.Set("webhook-timestamp", "soon")
	wantUnsigned(t, a.Verify(r))
}

func TestGenericParse(t *testing.T) {
	a := adapter(t, inventory.Generic)
	sent := now.Add(-10 * time.Second)
	at := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	timed := func(i models.StockItem, at time.Time) models.StockItem { i.At = at; return i }
	one := func(fields string) string {
		return `{"type":"stock.updated","timestamp":"2026-11-22T10:00:00Z","data":[{"sku":"MUG",` + fields + `}]}`
	}
	stamped := func(fields string) string {
		return `{"type":"stock.updated",` + fields + `"data":[{"sku":"MUG","available":1}]}`
	}

	for _, tt := range []struct {
		name  string
		body  string
		at    time.Time
		items []models.StockItem
	}{
		{"the documented body", string(recorded(t, "generic/stock.updated.json")), at, []models.StockItem{item("MUG-BLUE", 12), uncounted("MUG-RED")}},
		{"the body proposed for shops", string(recorded(t, "generic/inventory.restocked.json")), time.Date(2026, 3, 16, 14, 35, 6, 0, time.UTC), []models.StockItem{item("MAGLIA-BLU-M", 5)}},
		{"one object", `{"type":"stock.updated","timestamp":"2026-11-22T10:00:00Z","data":{"sku":"MUG","available":3}}`, at, []models.StockItem{item("MUG", 3)}},
		{"no items", `{"type":"stock.updated","timestamp":"2026-11-22T10:00:00Z","data":[]}`, at, []models.StockItem{}},
		{"a byte order mark", "\ufeff" + one(`"available":3`) + "\r\n", at, []models.StockItem{item("MUG", 3)}},
		{"fields nobody asked for", one(`"available":3,"colour":{"name":["blu"]},"price":1e3`), at, []models.StockItem{item("MUG", 3)}},
		{"the same SKU twice", `{"type":"stock.updated","timestamp":"2026-11-22T10:00:00Z","data":[{"sku":"A","available":3},{"sku":"A","available":0}]}`, at, []models.StockItem{item("A", 3), item("A", 0)}},

		{"sold out", one(`"available":0`), at, []models.StockItem{item("MUG", 0)}},
		{"oversold", one(`"available":-4`), at, []models.StockItem{item("MUG", -4)}},
		{"a decimal", one(`"available":2.9`), at, []models.StockItem{item("MUG", 2)}},
		{"less than one", one(`"available":0.99`), at, []models.StockItem{item("MUG", 0)}},
		{"a negative decimal", one(`"available":-0.5`), at, []models.StockItem{item("MUG", -1)}},
		{"a string", one(`"available":" 12 "`), at, []models.StockItem{item("MUG", 12)}},
		{"a decimal string", one(`"available":"12.50"`), at, []models.StockItem{item("MUG", 12)}},
		{"an exponent", one(`"available":1.2e1`), at, []models.StockItem{item("MUG", 12)}},
		{"unlimited, as some write it", one(`"available":99999999999999999999`), at, []models.StockItem{item("MUG", math.MaxInt32)}},
		{"unlimited debt", one(`"available":-1e300`), at, []models.StockItem{item("MUG", math.MinInt32)}},
		{"quantity is another name", one(`"quantity":7`), at, []models.StockItem{item("MUG", 7)}},
		{"available wins over quantity", one(`"available":3,"quantity":7`), at, []models.StockItem{item("MUG", 3)}},
		{"available null, quantity given", one(`"available":null,"quantity":7`), at, []models.StockItem{item("MUG", 7)}},

		{"in stock, nobody says how many", one(`"in_stock":true`), at, []models.StockItem{uncounted("MUG")}},
		{"in stock, null says how many", one(`"available":null,"in_stock":true`), at, []models.StockItem{uncounted("MUG")}},
		{"not in stock", one(`"in_stock":false`), at, []models.StockItem{item("MUG", 0)}},
		{"in stock and how many", one(`"available":3,"in_stock":true`), at, []models.StockItem{item("MUG", 3)}},
		{"in stock and none: sold out", one(`"available":0,"in_stock":true`), at, []models.StockItem{item("MUG", 0)}},
		{"not in stock and some: sold out", one(`"available":3,"in_stock":false`), at, []models.StockItem{item("MUG", 0)}},
		{"not in stock and oversold", one(`"available":-3,"in_stock":false`), at, []models.StockItem{item("MUG", -3)}},
		{"in_stock null", one(`"available":3,"in_stock":null`), at, []models.StockItem{item("MUG", 3)}},
		{"available as a Boolean", one(`"available":true`), at, []models.StockItem{uncounted("MUG")}},
		{"available false, and some", one(`"available":false,"quantity":5`), at, []models.StockItem{item("MUG", 0)}},
		{"available true, in_stock false", one(`"available":true,"in_stock":false`), at, []models.StockItem{item("MUG", 0)}},

		{"a SKU in white space", one(`"sku":"  MUG 1\t","available":1`), at, []models.StockItem{item("MUG 1", 1)}},
		{"a SKU that is a number", one(`"sku":271878346596884015,"available":1`), at, []models.StockItem{item("271878346596884015", 1)}},
		{"a SKU that is a number with zeros", one(`"sku":10.50,"available":1`), at, []models.StockItem{item("10.50", 1)}},
		{"the longest SKU", one(`"sku":"` + strings.Repeat("è", models.MaxSKU) + `","available":1`), at, []models.StockItem{item(strings.Repeat("è", models.MaxSKU), 1)}},

		{"no timestamp: the signed one", stamped(``), sent, []models.StockItem{item("MUG", 1)}},
		{"timestamp null: the signed one", stamped(`"timestamp":null,`), sent, []models.StockItem{item("MUG", 1)}},
		{"a timestamp with a zone", stamped(`"timestamp":"2026-11-22T11:00:00.25+01:00",`), at.Add(250 * time.Millisecond), []models.StockItem{item("MUG", 1)}},
		{"a timestamp in seconds", stamped(fmt.Sprintf(`"timestamp":%d,`, at.Unix())), at, []models.StockItem{item("MUG", 1)}},
		{"a timestamp in milliseconds", stamped(fmt.Sprintf(`"timestamp":%d,`, at.UnixMilli())), at, []models.StockItem{item("MUG", 1)}},
		{"a timestamp from the future", stamped(`"timestamp":"2027-01-01T00:00:00Z",`), now, []models.StockItem{item("MUG", 1)}},
		{"an item's own timestamp", one(`"available":1,"timestamp":"2026-11-22T09:59:00Z"`), at, []models.StockItem{timed(item("MUG", 1), at.Add(-time.Minute))}},
		{"an item from the future", one(`"available":1,"timestamp":"2026-11-22T10:01:00Z"`), at, []models.StockItem{timed(item("MUG", 1), now)}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := signedGeneric(t, "msg_1", sent, []byte(tt.body))
			if err := a.Verify(r); err != nil {
				t.Fatal(err)
			}
			wantResult(t, a, r, inventory.Result{
				Report: models.StockReport{Key: "msg_1", At: tt.at, Items: tt.items},
				Empty:  len(tt.items) == 0,
			})
		})
	}
}

func TestGenericRefuses(t *testing.T) {
	a := adapter(t, inventory.Generic)
	data := func(items string) string { return `{"type":"stock.updated","data":` + items + `}` }
	good := `{"sku":"A","available":1}`
	for _, tt := range []struct {
		name, body, field, sentence string
	}{
		{"nothing", ``, "body", "body: is empty"},
		{"white space", " \n", "body", "body: is empty"},
		{"no JSON", `sku=A&available=1`, "body", "body: is no JSON"},
		{"half of it", `{"type":"stock.updated","data":[{"sku":"A"`, "body", "body: is no JSON"},
		{"an array", `[` + good + `]`, "body", "is no JSON object"},
		{"null", `null`, "body", "body: null is no JSON object"},
		{"a second object", data(`[]`) + data(`[]`), "body", "body: goes on after its JSON object"},
		{"something behind it", data(`[]`) + `}`, "body", "body: goes on after its JSON object"},

		{"the library's test body", string(recorded(t, "generic/lib_test_body.json")), "type", "type: is missing"},
		{"no type", `{"data":[]}`, "type", `type: is missing; send "stock.updated"`},
		{"another type", `{"type":"order.created","data":[]}`, "type", `type: "order.created" is not known here; send "stock.updated"`},
		{"a type that is no text", `{"type":7,"data":[]}`, "type", "type: 7 is no text"},

		{"no data", `{"type":"stock.updated"}`, "data", "data: is missing"},
		{"data null", data(`null`), "data", "data: is missing"},
		{"data a text", data(`"A"`), "data", `data: "A" is no array`},
		{"an item that is none", data(`[` + good + `,"B"]`), "data[1]", `data[1]: "B" is no JSON object`},
		{"an item null", data(`[null]`), "data[0]", "data[0]: null is no JSON object"},
		{"too many items", data(`[` + strings.Repeat(good+",", inventory.MaxItems) + good + `]`), "data", "data: holds 5001 items; send at most 5000 at once"},

		{"no SKU", data(`[{"available":1}]`), "data[0].sku", "data[0].sku: is missing"},
		{"a SKU of white space", data(`[{"sku":" ","available":1}]`), "data[0].sku", "data[0].sku: is missing"},
		{"a SKU null", data(`{"sku":null,"available":1}`), "data.sku", "data.sku: is missing"},
		{"a SKU that is a list", data(`[{"sku":["A"],"available":1}]`), "data[0].sku", `data[0].sku: ["A"] is no text`},
		{"a longer SKU", data(`[{"sku":"` + strings.Repeat("è", models.MaxSKU+1) + `","available":1}]`), "data[0].sku", "is longer than 120 characters"},
		{"a SKU with a zero byte", data(`[{"sku":"A\u0000B","available":1}]`), "data[0].sku", "control character"},

		{"neither number nor word", data(`[` + good + `,{"sku":"B"}]`), "data[1]", `data[1]: needs "available"`},
		{"both null", data(`[{"sku":"A","available":null,"in_stock":null}]`), "data[0]", `data[0]: needs "available"`},
		{"no number", data(`[` + good + `,` + good + `,` + good + `,{"sku":"B","available":"abc"}]`), "data[3].available", `data[3].available: "abc" is no number`},
		{"an empty number", data(`[{"sku":"A","available":""}]`), "data[0].available", `data[0].available: "" is no number`},
		{"a decimal comma", data(`[{"sku":"A","available":"1,5"}]`), "data[0].available", "is no number"},
		{"infinity", data(`[{"sku":"A","available":"Inf"}]`), "data[0].available", "is no number"},
		{"not a number", data(`[{"sku":"A","available":"NaN"}]`), "data[0].available", "is no number"},
		{"hexadecimal", data(`[{"sku":"A","available":"0x10"}]`), "data[0].available", "is no number"},
		{"beyond all numbers", data(`[{"sku":"A","available":1e999}]`), "data[0].available", "is no number"},
		{"a list", data(`[{"sku":"A","available":[1]}]`), "data[0].available", "data[0].available: [1] is no number"},
		{"a bad number beside in_stock false", data(`[{"sku":"A","available":"abc","in_stock":false}]`), "data[0].available", "is no number"},
		{"in_stock a word", data(`[{"sku":"A","in_stock":"yes"}]`), "data[0].in_stock", `data[0].in_stock: "yes" is neither true nor false`},
		{"in_stock a number", data(`[{"sku":"A","available":1,"in_stock":1}]`), "data[0].in_stock", "data[0].in_stock: 1 is neither true nor false"},

		{"a timestamp without a zone", `{"type":"stock.updated","timestamp":"2026-11-22T10:00:00","data":[]}`, "timestamp", "is no time"},
		{"a timestamp that is empty", `{"type":"stock.updated","timestamp":"","data":[]}`, "timestamp", `timestamp: "" is no time`},
		{"a timestamp in words", `{"type":"stock.updated","timestamp":"yesterday","data":[]}`, "timestamp", `timestamp: "yesterday" is no time; write it like 2026-11-22T10:00:00Z`},
		{"a timestamp of zero", `{"type":"stock.updated","timestamp":0,"data":[]}`, "timestamp", "timestamp: 0 is no time"},
		{"a timestamp with decimals", `{"type":"stock.updated","timestamp":1.5,"data":[]}`, "timestamp", "timestamp: 1.5 is no time"},
		{"a timestamp that is an object", `{"type":"stock.updated","timestamp":{},"data":[]}`, "timestamp", "timestamp: {} is no text"},
		{"an item's timestamp", data(`[{"sku":"A","available":1,"timestamp":"now"}]`), "data[0].timestamp", `data[0].timestamp: "now" is no time`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := signedGeneric(t, "msg_1", now, []byte(tt.body))
			if err := a.Verify(r); err != nil {
				t.Fatal(err)
			}
			wantRefused(t, a, r, tt.field, tt.sentence)
		})
	}
}

// What names a report is kept in an index, so it is bounded, and two names stay two.
func TestGenericKeyIsBounded(t *testing.T) {
	a := adapter(t, inventory.Generic)
	seen := map[string]bool{}
	for _, id := range []string{"msg_1", strings.Repeat("x", 128), strings.Repeat("x", 129), strings.Repeat("x", 130), "\xff\xfe"} {
		got, err := a.Parse(signedGeneric(t, id, now, recorded(t, "generic/stock.updated.json")))
		if err != nil {
			t.Fatal(err)
		}
		key := got.Report.Key
		if len(key) > 128 || strings.ToValidUTF8(key, "") != key || seen[key] {
			t.Errorf("id of %d bytes has key %q", len(id), key)
		}
		seen[key] = true
	}
}
