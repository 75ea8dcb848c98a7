package web_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"bentornato/models"
	"bentornato/web/inventory"
)

const (
	genericKey = "0123456789abcdef0123456789abcdef"
	shopifyKey = "a shopify key"
	wooKey     = "aWooKey"
)

func (s *site) source(kind models.SourceKind, secret string) models.Source {
	s.t.Helper()
	source, err := s.work.AddSource(context.Background(), models.Source{Kind: kind, Name: string(kind)}, secret)
	s.must(err)
	return source
}

func (s *site) genericSource() models.Source {
	return s.source(inventory.Generic, "whsec_"+base64.StdEncoding.EncodeToString([]byte(genericKey)))
}

// stockAt is a generic report: SKUs and quantities, as of a time.
func stockAt(at time.Time, pairs ...any) string {
	var items []string
	for i := 0; i+1 < len(pairs); i += 2 {
		items = append(items, fmt.Sprintf(`{"sku":%q,"available":%d}`, pairs[i], pairs[i+1]))
	}
	return fmt.Sprintf(`{"type":"stock.updated","timestamp":%q,"data":[%s]}`, at.Format(time.RFC3339Nano), strings.Join(items, ","))
}

func hmac256(key, text string) string {
	h := hmac.New(sha256.New, []byte(key))
	h.Write([]byte(text))
	return base64.StdEncoding.EncodeToString(h.Sum(nil))
}

// standard signs as the Standard Webhooks specification says.
func standard(key, id string, at time.Time, body string) func(*http.Request) {
	stamp := strconv.FormatInt(at.Unix(), 10)
	return func(r *http.Request) {
		r.Header.Set("webhook-id", id)
		r.Header.Set("webhook-timestamp", stamp)
		r.Header.Set("webhook-signature", "v1,"+hmac256(key, id+"."+stamp+"."+body))
	}
}

func TestGenericInventoryWebhook(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		v := s.product(pageID, "MUG-BLUE", 0)
		s.token(v, "2001")
		source := s.genericSource()
		s.clock.Advance(time.Minute)
		now := s.clock.Now().UTC()
		stockOfTwo := stockAt(now, "MUG-BLUE", 12, "NOBODYS", 1)
		stockFallen := stockAt(now.Add(-time.Hour), "MUG-BLUE", 1)
		path := "/webhooks/inventory/" + source.ID
		send := func(id, body string) string {
			a := s.request("POST", path, body, standard(genericKey, id, s.clock.Now(), body)).is(t, 202)
			if got := a.Header.Get("Content-Type"); got != "application/json" {
				t.Errorf("content type %q", got)
			}
			return a.body
		}
		if got, want := send("r1", stockOfTwo), `{"accepted":1,"stale":0,"duplicate":0,"unknown":["NOBODYS"]}`; got != want {
			t.Errorf("answer %s, want %s", got, want)
		}
		if v, _ = s.store.Variant(context.Background(), v.ID); v.Available != 12 {
			t.Errorf("the stock is %d, want 12", v.Available)
		}
		open, err := s.store.OpenRestock(context.Background(), v.ID)
		if err != nil || open == nil {
			t.Fatalf("no restock was started: %v", err)
		}
		s.unchanged(func() {
			if got, want := send("r1", stockOfTwo), `{"accepted":0,"stale":0,"duplicate":2,"unknown":[]}`; got != want {
				t.Errorf("answer to the same again %s, want %s", got, want)
			}
		})
		if got, want := send("r2", stockFallen), `{"accepted":0,"stale":1,"duplicate":0,"unknown":[]}`; got != want {
			t.Errorf("answer to an old report %s, want %s", got, want)
		}
		if v, _ = s.store.Variant(context.Background(), v.ID); v.Available != 12 {
			t.Errorf("an old report was applied: %d", v.Available)
		}
	})
}

func TestInventoryWebhookRefuses(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.product(pageID, "MUG-BLUE", 0)
		source := s.genericSource()
		path := "/webhooks/inventory/" + source.ID
		stockOfTwo, stockFallen := stockAt(s.clock.Now(), "MUG-BLUE", 12), stockAt(s.clock.Now(), "MUG-BLUE", 1)
		malformed := `{"type":"stock.updated","data":[{"sku":"MUG-BLUE","available":3},{"sku":"MUG-RED","available":"many"}]}`
		big := `{"type":"` + strings.Repeat("x", inventory.MaxBody) + `"}`
		refusals := 0
		for _, test := range []struct {
			name, path, body string
			sign             func(*http.Request)
			status           int
			counted          bool
		}{
			{"no such source", "/webhooks/inventory/guess", stockOfTwo, standard(genericKey, "r1", s.clock.Now(), stockOfTwo), 404, false},
			{"not signed", path, stockOfTwo, func(*http.Request) {}, 401, true},
			{"another key", path, stockOfTwo, standard("another key", "r1", s.clock.Now(), stockOfTwo), 401, true},
			{"another body", path, stockOfTwo, standard(genericKey, "r1", s.clock.Now(), stockFallen), 401, true},
			{"too old", path, stockOfTwo, standard(genericKey, "r1", s.clock.Now().Add(-6*time.Minute), stockOfTwo), 401, true},
			{"malformed", path, malformed, standard(genericKey, "r1", s.clock.Now(), malformed), 400, true},
			{"no JSON", path, "sku=1", standard(genericKey, "r1", s.clock.Now(), "sku=1"), 400, true},
			{"too long", path, big, standard(genericKey, "r1", s.clock.Now(), big), 413, true},
		} {
			t.Run(test.name, func(t *testing.T) {
				s.unchanged(func() {
					p := s.request("POST", test.path, test.body, test.sign).problem(t, test.status)
					if test.name == "malformed" && !strings.Contains(p["detail"].(string), "data[1].available") {
						t.Errorf("the reason does not say where: %v", p["detail"])
					}
				})
				if test.counted {
					refusals++
				}
				now, err := s.store.Source(context.Background(), source.ID)
				if err != nil || now.Refused != refusals || (refusals > 0 && now.LastRefusal == "") {
					t.Errorf("the source remembers %d refusals (%q), want %d: %v", now.Refused, now.LastRefusal, refusals, err)
				}
			})
		}
		s.unchanged(func() { s.request("GET", path, "").problem(t, 405) })
		body := `{"type":"stock.updated","data":[{"sku":"MUG-BLUE","available":3}]}`
		s.request("POST", path, body, standard(genericKey, "r9", s.clock.Now(), body)).is(t, 202)
		if now, _ := s.store.Source(context.Background(), source.ID); now.Refused != 0 || now.LastEventAt.IsZero() {
			t.Errorf("a good call does not clear the refusals: %+v", now)
		}
	})
}

func TestInventoryWebhookAfterRotation(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		source := s.genericSource()
		stockOfTwo := stockAt(s.clock.Now(), "MUG-BLUE", 12)
		const next = "fedcba9876543210fedcba9876543210"
		s.must(s.work.RotateSecret(context.Background(), source.ID, "whsec_"+base64.StdEncoding.EncodeToString([]byte(next))))
		for _, key := range []string{genericKey, next} {
			s.request("POST", "/webhooks/inventory/"+source.ID, stockOfTwo, standard(key, "r "+key, s.clock.Now(), stockOfTwo)).is(t, 202)
		}
	})
}

func TestShopInventoryWebhooks(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		v := s.product(pageID, "MUG-BLUE", 0)
		shopify, woo := s.source(inventory.Shopify, shopifyKey), s.source(inventory.WooCommerce, wooKey)
		s.clock.Advance(time.Minute)

		at := s.clock.Now().UTC()
		body := `{"id":1,"updated_at":"` + at.Add(-20*time.Second).Format(time.RFC3339) + `","variants":[{"id":2,"sku":"MUG-BLUE","inventory_quantity":7,"inventory_management":"shopify","inventory_policy":"deny"}]}`
		headers := func(r *http.Request) {
			r.Header.Set("X-Shopify-Topic", "products/update")
			r.Header.Set("X-Shopify-Event-Id", "e1")
			r.Header.Set("X-Shopify-Webhook-Id", "w1")
		}
		s.unchanged(func() {
			s.request("POST", "/webhooks/inventory/"+shopify.ID, body, headers, header("X-Shopify-Hmac-Sha256", hmac256("guess", body))).problem(t, 401)
		})
		s.request("POST", "/webhooks/inventory/"+shopify.ID, body, headers, header("X-Shopify-Hmac-Sha256", hmac256(shopifyKey, body))).is(t, 200)
		if v, _ = s.store.Variant(context.Background(), v.ID); v.Available != 7 {
			t.Errorf("Shopify's stock is %d, want 7", v.Available)
		}

		body = `{"id":1,"sku":"MUG-BLUE","type":"simple","manage_stock":true,"stock_quantity":4,"stock_status":"instock","date_modified_gmt":"` + at.Add(-10*time.Second).Format("2006-01-02T15:04:05") + `"}`
		s.request("POST", "/webhooks/inventory/"+woo.ID, body, header("X-WC-Webhook-Topic", "product.updated"), header("X-WC-Webhook-Delivery-ID", "d1"),
			header("X-WC-Webhook-Signature", hmac256(wooKey, body))).is(t, 200)
		if v, _ = s.store.Variant(context.Background(), v.ID); v.Available != 4 {
			t.Errorf("WooCommerce's stock is %d, want 4", v.Available)
		}
		ping := "webhook_id=1"
		s.request("POST", "/webhooks/inventory/"+woo.ID, ping, header("Content-Type", "application/x-www-form-urlencoded")).is(t, 200)
	})
}

// What each system waits for, and how one of its calls is told from a forged one, over HTTP.
func TestShopSystemWebhooks(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		const secret = "a secret of the shop"
		v := s.product(pageID, "MUG-BLUE", 0)
		s.clock.Advance(time.Minute)
		quantity := 10
		for _, test := range []struct {
			kind      models.SourceKind
			body      func(quantity int) string
			sign      func(r *http.Request, body string)
			forge     func(r *http.Request)
			answer    string
			unsigned  string // what the refusal holds
			malformed string
		}{
			{
				kind: inventory.Danea,
				body: func(n int) string {
					return fmt.Sprintf(`<EasyfattProducts AppVersion="2" Mode="incremental"><UpdatedProducts><Product><Code>MUG-BLUE</Code><AvailableQty>%d</AvailableQty></Product></UpdatedProducts></EasyfattProducts>`, n)
				},
				sign:   func(r *http.Request, _ string) { r.SetBasicAuth("negozio", secret) },
				forge:  func(r *http.Request) { r.SetBasicAuth("negozio", "guess") },
				answer: "OK", unsigned: "Il nome utente o la password", malformed: "XML",
			},
			{
				kind: inventory.Odoo,
				body: func(n int) string {
					return fmt.Sprintf(`{"_model":"product.product","_id":1,"default_code":"MUG-BLUE","qty_available":%d}`, n)
				},
				sign:  func(r *http.Request, _ string) { r.URL.RawQuery = url.Values{"key": {secret}}.Encode() },
				forge: func(r *http.Request) { r.URL.RawQuery = "key=guess" },
			},
			{
				kind: inventory.BigCommerce,
				body: func(int) string {
					return `{"scope":"store/product/updated","data":{"id":7},"created_at":1561479233}`
				},
				sign:  func(r *http.Request, body string) { standard(secret, "bc", s.clock.Now(), body)(r) },
				forge: func(r *http.Request) { r.Header.Set("webhook-signature", "v1,AAAA") },
			},
			{
				kind: inventory.Square,
				body: func(int) string { return `{"type":"webhooks.test_notification","event_id":"1"}` },
				sign: func(r *http.Request, body string) {
					r.Header.Set("x-square-hmacsha256-signature", hmac256(secret, baseURL+r.URL.Path+body))
				},
				forge: func(r *http.Request) { r.Header.Set("x-square-hmacsha256-signature", "AAAA") },
			},
			{
				kind:  inventory.Ecwid,
				body:  func(int) string { return `{"eventId":"e","eventCreated":5,"eventType":"product.updated","entityId":9}` },
				sign:  func(r *http.Request, _ string) { r.Header.Set("X-Ecwid-Webhook-Signature", hmac256(secret, "5.e")) },
				forge: func(r *http.Request) { r.Header.Set("X-Ecwid-Webhook-Signature", hmac256(secret, "6.e")) },
			},
		} {
			t.Run(string(test.kind), func(t *testing.T) {
				path := "/webhooks/inventory/" + s.source(test.kind, secret).ID
				quantity++
				body := test.body(quantity)
				genuine := func(r *http.Request) { test.sign(r, body) }
				s.unchanged(func() {
					if got := s.request("POST", path, body, genuine, test.forge).is(t, 401); !strings.Contains(got.body, test.unsigned) {
						t.Errorf("refused with %q", got.body)
					} else if test.kind == inventory.Danea && got.Header.Get("WWW-Authenticate") == "" {
						t.Error("Easyfatt is not told how to log in")
					}
					wrong := "not what it sends"
					if test.kind != inventory.Ecwid { // which signs what stands in the body
						if got := s.request("POST", path, wrong, func(r *http.Request) { test.sign(r, wrong) }).is(t, 400); !strings.Contains(got.body, test.malformed) {
							t.Errorf("refused with %q", got.body)
						}
					}
					s.request("GET", path, "").problem(t, 405)
				})
				for range 2 { // and again
					if got := s.request("POST", path, body, genuine).is(t, 200); got.body != test.answer {
						t.Errorf("answered %q, want %q", got.body, test.answer)
					}
				}
				if test.kind != inventory.Danea && test.kind != inventory.Odoo {
					return // they name no SKU
				}
				if v, _ = s.store.Variant(context.Background(), v.ID); v.Available != quantity {
					t.Errorf("the stock is %d, want %d", v.Available, quantity)
				}
			})
		}
	})
}

func TestFattureInCloudChecksTheAddress(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		key, err := inventory.NewSecret(inventory.FattureInCloud)
		s.must(err)
		path := "/webhooks/inventory/" + s.source(inventory.FattureInCloud, key).ID
		const want = `{"verification":"292ff90a"}`
		s.unchanged(func() {
			if got := s.request("GET", path, "", header("x-fic-verification-challenge", "292ff90a")).is(t, 200); got.body != want {
				t.Errorf("answered %q", got.body)
			}
			if got := s.request("GET", path+"?x-fic-verification-challenge=292ff90a", "").is(t, 200); got.body != want {
				t.Errorf("answered %q", got.body)
			}
			s.request("GET", path, "").problem(t, 401)
			s.request("POST", path, `{"data":{"ids":[1]}}`, header("Authorization", "Bearer a.b.c")).problem(t, 401)
		})
	})
}
