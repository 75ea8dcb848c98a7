package inventory

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/xml"
	"fmt"
	"mime/multipart"
	"net/http"
	"strconv"
	"strings"
	"time"

	"bentornato/models"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

// TestSKU is the SKU that a test event speaks of. No shop has it, so that a test changes nothing.
const TestSKU = "BENTORNATO-TEST"

// Testable reports whether a test event can be made for a kind: it cannot where the system signs with a key that only
// the system has.
func Testable(kind models.SourceKind) bool { return systems[kind].secret != publicKey }

// TestCall is a call such as a source's system makes, about TestSKU or an id that no shop has, signed with its secret.
// address is the whole webhook address.
func TestCall(ctx context.Context, kind models.SourceKind, address, secret string, now time.Time) (*http.Request, error) {
	if !Testable(kind) || systems[kind].Adapter == nil {
		return nil, models.Errorf(models.KindInvalid, "Only the system itself can sign for this kind of source; have it send a test.")
	}
	body, header := testBody(kind, now)
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	r.Header = header
	if r.Header.Get("Content-Type") == "" {
		r.Header.Set("Content-Type", "application/json")
	}
	return r, signTest(kind, r, address, secret, body, now)
}

// testBody is what the system would send.
func testBody(kind models.SourceKind, now time.Time) ([]byte, http.Header) {
	at, h := now.UTC().Format(time.RFC3339), http.Header{}
	id := strconv.FormatInt(now.UnixNano(), 10)
	switch kind {
	case Shopify:
		h.Set("X-Shopify-Topic", "products/update")
		h.Set("X-Shopify-Webhook-Id", "test-"+id)
		return fmt.Appendf(nil, `{"id":0,"title":"Test","status":"active","updated_at":%q,"variants":[{"sku":%q,"inventory_policy":"deny","inventory_quantity":1}]}`, at, TestSKU), h
	case WooCommerce:
		h.Set(wooTopic, "product.updated")
		h.Set(wooSource, "https://bentornato.example/")
		return fmt.Appendf(nil, `{"id":0,"name":"Test","sku":%q,"status":"publish","type":"simple","manage_stock":true,"stock_quantity":1,"stock_status":"instock","date_modified_gmt":%q}`, TestSKU, now.UTC().Format(wooTime)), h
	case Square:
		return fmt.Appendf(nil, `{"type":"inventory.count.updated","event_id":"test-%s","created_at":%q,"data":{"object":{"inventory_counts":[{"catalog_object_id":%q,"catalog_object_type":"ITEM_VARIATION","state":"SOLD","quantity":"1"}]}}}`, id, at, TestSKU), h
	case Ecwid:
		return fmt.Appendf(nil, `{"eventId":"test-%s","eventCreated":%d,"storeId":0,"entityId":0,"eventType":"application.installed"}`, id, now.Unix()), h
	case BigCommerce:
		return fmt.Appendf(nil, `{"scope":"store/information/updated","store_id":"0","data":{"type":"store","id":0},"hash":"test-%s","created_at":%d}`, id, now.Unix()), h
	case Odoo:
		return fmt.Appendf(nil, `{"_model":"product.product","_id":0,"_action":"Test","default_code":%q,"qty_available":1,"write_date":%q}`, TestSKU, now.UTC().Format(odooTime)), h
	case Danea:
		return daneaTest(h)
	default:
		return fmt.Appendf(nil, `{"type":"stock.updated","timestamp":%q,"data":[{"sku":%q,"available":1}]}`, at, TestSKU), h
	}
}

// daneaTest is an incremental catalogue of one article, as a form.
func daneaTest(h http.Header) ([]byte, http.Header) {
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	file, err := form.CreateFormFile("file", "articoli.xml")
	if err == nil {
		fmt.Fprintf(file, xml.Header+`<EasyfattProducts AppVersion="2" Mode="incremental"><UpdatedProducts><Product><Code>%s</Code><Description>Test</Description><AvailableQty>1</AvailableQty></Product></UpdatedProducts></EasyfattProducts>`, TestSKU)
	}
	_ = form.Close() // a buffer takes everything
	h.Set("Content-Type", form.FormDataContentType())
	return body.Bytes(), h
}

// signTest signs as the system would.
func signTest(kind models.SourceKind, r *http.Request, address, secret string, body []byte, now time.Time) error {
	mac := func(signed []byte) string {
		h := hmac.New(sha256.New, []byte(secret))
		h.Write(signed)
		return base64.StdEncoding.EncodeToString(h.Sum(nil))
	}
	switch kind {
	case Shopify:
		r.Header.Set("X-Shopify-Hmac-Sha256", mac(body))
	case WooCommerce:
		r.Header.Set(wooSignature, mac(body))
	case Square:
		r.Header.Set("X-Square-Hmacsha256-Signature", mac(append([]byte(address), body...)))
	case Ecwid:
		o, err := parseObject(body)
		if err != nil {
			return err
		}
		r.Header.Set("X-Ecwid-Webhook-Signature", mac([]byte(o.told("eventCreated")+"."+o.told("eventId"))))
	case Odoo:
		q := r.URL.Query()
		q.Set(keyParam, secret)
		r.URL.RawQuery = q.Encode()
	case Danea:
		r.SetBasicAuth("bentornato", secret)
	default:
		key := []byte(secret)
		if kind != BigCommerce {
			var err error
			if key, err = base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, secretPrefix)); err != nil {
				return err
			}
		}
		hook, err := standardwebhooks.NewWebhookRaw(key)
		if err != nil {
			return err
		}
		id := "test_" + strings.ToLower(rand.Text())
		signature, err := hook.Sign(id, now, body)
		if err != nil {
			return err
		}
		r.Header.Set(standardwebhooks.HeaderWebhookID, id)
		r.Header.Set(standardwebhooks.HeaderWebhookTimestamp, strconv.FormatInt(now.Unix(), 10))
		r.Header.Set(standardwebhooks.HeaderWebhookSignature, signature)
	}
	return nil
}
