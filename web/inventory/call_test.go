package inventory_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"net/url"
	"testing"
	"time"

	"bentornato/models"
	"bentornato/web/inventory"
)

// plainKey is the secret of the test sources whose systems take any text.
const plainKey = "a plain test secret"

// publicURL is the address under which the test sources were given to their systems.
const publicURL = "https://bentornato.example/webhooks/inventory/src"

// signed is a genuine call of a system. What a system says beside the body, the topic and the event's id, is made of
// topic.
func signed(t testing.TB, kind models.SourceKind, topic string, body []byte) inventory.Request {
	t.Helper()
	r := inventory.Request{Method: "POST", URL: publicURL, Query: url.Values{}, Body: body, Secrets: []string{plainKey}, Now: now}
	switch kind {
	case inventory.Generic, inventory.Medusa, inventory.PrestaShop:
		return signedGeneric(t, "msg_1", now, body)
	case inventory.Shopify:
		return fromShopify(topic, body)
	case inventory.WooCommerce:
		return fromWooCommerce(topic, body)
	case inventory.Square:
		r.Header = headers("X-Square-Hmacsha256-Signature", bodyHMAC(plainKey, []byte(publicURL+string(body))))
	case inventory.BigCommerce:
		r.Header = headers("webhook-id", "msg_bc", "webhook-timestamp", unix(now),
			"webhook-signature", "v1,"+bodyHMAC(plainKey, []byte("msg_bc."+unix(now)+"."+string(body))))
	case inventory.Ecwid:
		var event struct {
			ID      json.RawMessage `json:"eventId"`
			Created json.RawMessage `json:"eventCreated"`
		}
		_ = json.Unmarshal(body, &event) // what is no event cannot be signed, and is refused
		var id string
		if json.Unmarshal(event.ID, &id) != nil {
			id = string(event.ID)
		}
		r.Header = headers("X-Ecwid-Webhook-Signature", bodyHMAC(plainKey, []byte(string(event.Created)+"."+id)))
	case inventory.Danea:
		r.Header = headers("Content-Type", topic, "Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte("negozio:"+plainKey)))
	case inventory.Odoo:
		r.Query.Set("key", plainKey)
		r.Header = headers("Content-Type", "application/json")
	case inventory.FattureInCloud:
		return newFICSigner(t).call(topic, body)
	default:
		t.Fatalf("nobody here signs for %q", kind)
	}
	return r
}

// ficSigner signs in the place of Fatture in Cloud, whose key is its own.
type ficSigner struct {
	key    *ecdsa.PrivateKey
	secret string
	good   string // a token for an event of ficID
}

func newFICSigner(t testing.TB) ficSigner {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	s := ficSigner{key: key, secret: base64.StdEncoding.EncodeToString(der)}
	s.good = s.token(t, ficClaims())
	return s
}

// token is a JSON Web Token of ES256 with these claims.
func (s ficSigner) token(t testing.TB, claims map[string]any) string {
	t.Helper()
	payload, err := json.Marshal(claims)
	if err != nil {
		t.Fatal(err)
	}
	text := base64.RawURLEncoding.EncodeToString([]byte(`{"typ":"JWT","alg":"ES256"}`)) + "." + base64.RawURLEncoding.EncodeToString(payload)
	sum := sha256.Sum256([]byte(text))
	rr, ss, err := ecdsa.Sign(rand.Reader, s.key, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	signature := make([]byte, 64)
	rr.FillBytes(signature[:32])
	ss.FillBytes(signature[32:])
	return text + "." + base64.RawURLEncoding.EncodeToString(signature)
}

const (
	ficID      = "198:f059b211-24f4-44ab-9859-b1613a9a0712"
	ficSubject = "company:108061"
)

func ficClaims() map[string]any {
	return map[string]any{
		"jti": ficID, "iss": "https://api-v2.fattureincloud.it", "sub": ficSubject, "aud": []string{publicURL},
		"iat": now.Unix(), "exp": now.Add(3 * time.Hour).Unix(), "aid": 2748,
	}
}

// call is a notification in the binary mode, of the event that topic names.
func (s ficSigner) call(topic string, body []byte) inventory.Request {
	return inventory.Request{
		Method: "POST", URL: publicURL, Query: url.Values{}, Body: body, Secrets: []string{s.secret}, Now: now,
		Header: headers(
			"User-Agent", "FattureInCloud/API-WEBHOOK", "Authorization", "Bearer "+s.good,
			"ce-type", "it.fattureincloud.webhooks."+topic, "ce-time", "2023-04-04T12:54:21+02:00", "ce-subject", ficSubject,
			"ce-specversion", "1.0", "ce-source", "https://api-v2.fattureincloud.it", "ce-id", ficID,
		),
	}
}
