package inventory

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"math/big"
	"net/http"
	"slices"
	"strings"
	"time"

	"bentornato/models"
)

// FattureInCloud is Fatture in Cloud, by the webhooks of its API.
const FattureInCloud models.SourceKind = "fattureincloud"

// ficPublishedKey is the key with which Fatture in Cloud's notifications are checked, as it is published:
// developers.fattureincloud.it, "Notifications". It is the base64 of a PEM; the page shows it so.
const ficPublishedKey = "LS0tLS1CRUdJTiBQVUJMSUMgS0VZLS0tLS0KTUZrd0V3WUhLb1pJemowQ0FRWUlLb1pJemowREFRY0RRZ0FFL1JvSElqZ1k3aGZYZlk1cC9KeStLL0ZndU1aN" +
	"AozVHZaOXQ0ZU43K2t4UTBNSnpLdG93djRDY1lURnFyQm03aE1CNVpXS25xTHoyNEQ2bFFqU0wwWXN3PT0KLS0tLS1FTkQgUFVCTElDIEtFWS0tLS0tCg=="

// ficIssuer is who signs.
const ficIssuer = "https://api-v2.fattureincloud.it"

// ficChallenge is the header, or the query parameter, of the value that a new subscription's address must return.
const ficChallenge = "x-fic-verification-challenge"

// fattureInCloud reads Fatture in Cloud's webhooks: CloudEvents, in headers ("binary") or in the body ("structured"),
// with a token signed by ES256 that names the event and our address. The token does not cover the body, which says
// ids and nothing else: the products are asked for.
type fattureInCloud struct{}

// Verify checks the token. The check of a new address needs none: the answer tells nobody anything.
func (fattureInCloud) Verify(r Request) error {
	if ficGreeting(r) != "" {
		return nil
	}
	token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok {
		return errUnsigned()
	}
	for _, secret := range r.Secrets {
		if key := ficKey(secret); key != nil && ficToken(token, key, r) {
			return nil
		}
	}
	return errUnsigned()
}

// ficGreeting is the value of the check of a new address; "" where the call is none.
func ficGreeting(r Request) string {
	if r.Method != http.MethodGet {
		return ""
	}
	value := r.Header.Get(ficChallenge)
	if value == "" {
		value = r.Query.Get(ficChallenge)
	}
	if len(value) > maxKey {
		return ""
	}
	return value
}

// ficKey reads a public key: the base64 of a PEM, or of what stands in one. Nil where it is none for ES256.
func ficKey(secret string) *ecdsa.PublicKey {
	der, err := base64.StdEncoding.DecodeString(strings.TrimSpace(secret))
	if err != nil {
		return nil
	}
	if block, _ := pem.Decode(der); block != nil {
		der = block.Bytes
	}
	parsed, err := x509.ParsePKIXPublicKey(der)
	if err != nil {
		return nil
	}
	key, ok := parsed.(*ecdsa.PublicKey)
	if !ok || key.Curve != elliptic.P256() {
		return nil
	}
	return key
}

// ficToken checks a token's signature (RFC 7518, 3.4: ES256 is r and s of 32 bytes each) and that it was made now, for
// this address and for this very event.
func ficToken(token string, key *ecdsa.PublicKey, r Request) bool {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return false
	}
	var header struct {
		Algorithm string `json:"alg"`
	}
	var claims struct {
		ID       string          `json:"jti"`
		Issuer   string          `json:"iss"`
		Subject  string          `json:"sub"`
		Audience json.RawMessage `json:"aud"`
		Issued   float64         `json:"iat"`
		Expires  float64         `json:"exp"`
	}
	signature, err := base64.RawURLEncoding.DecodeString(parts[2])
	if err != nil || len(signature) != 64 || !ficPart(parts[0], &header) || !ficPart(parts[1], &claims) || header.Algorithm != "ES256" {
		return false
	}
	digest := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	if !ecdsa.Verify(key, digest[:], new(big.Int).SetBytes(signature[:32]), new(big.Int).SetBytes(signature[32:])) {
		return false
	}
	now, slack := float64(r.Now.Unix()), tolerance.Seconds()
	if claims.Issuer != ficIssuer || claims.Expires == 0 || claims.Expires < now-slack || claims.Issued > now+slack {
		return false
	}
	event, err := ficEvent(r)
	return err == nil && claims.ID != "" && claims.ID == event.id && claims.Subject == event.subject && ficFor(claims.Audience, r.URL)
}

func ficPart(encoded string, into any) bool {
	raw, err := base64.RawURLEncoding.DecodeString(encoded)
	return err == nil && json.Unmarshal(raw, into) == nil
}

// ficFor reports whether a token's audience, one address or a list of them, names the address that was called.
func ficFor(audience json.RawMessage, address string) bool {
	var list []string
	if json.Unmarshal(audience, &list) != nil {
		var one string
		if json.Unmarshal(audience, &one) != nil {
			return false
		}
		list = []string{one}
	}
	return slices.ContainsFunc(list, func(a string) bool { return strings.TrimRight(a, "/") == strings.TrimRight(address, "/") })
}

// ficNews is an event's description, wherever it stands.
type ficNews struct {
	id, kind, subject string
	at                time.Time
	body              object
}

func ficEvent(r Request) (ficNews, error) {
	var body object // that of a welcome may be empty
	if len(r.Body) > 0 || r.Header.Get("Ce-Id") == "" {
		var err error
		if body, err = parseObject(r.Body); err != nil {
			return ficNews{}, err
		}
	}
	if body.told("specversion") != "" {
		at, err := body.moment("time", time.RFC3339)
		return ficNews{id: body.told("id"), kind: body.told("type"), subject: body.told("subject"), at: at, body: body}, err
	}
	head := object{path: "ce-time", fields: map[string]any{}}
	if written := r.Header.Get("Ce-Time"); written != "" {
		head.fields["ce-time"] = written
		head.path = ""
	}
	at, err := head.moment("ce-time", time.RFC3339)
	return ficNews{id: r.Header.Get("Ce-Id"), kind: r.Header.Get("Ce-Type"), subject: r.Header.Get("Ce-Subject"), at: at, body: body}, err
}

func (fattureInCloud) Parse(r Request) (Result, error) {
	if value := ficGreeting(r); value != "" {
		answer, err := json.Marshal(struct {
			Verification string `json:"verification"`
		}{value})
		if err != nil {
			return Result{}, invalid(ficChallenge, "cannot be returned")
		}
		return Result{Empty: true, Answer: &Reply{Status: http.StatusOK, ContentType: "application/json", Body: answer}}, nil
	}
	event, err := ficEvent(r)
	if err != nil {
		return Result{}, err
	}
	if !strings.HasPrefix(event.kind, "it.fattureincloud.webhooks.products.") {
		return Result{Empty: true}, nil
	}
	data := event.body.child("data")
	ids, err := data.list("ids")
	if err != nil {
		return Result{}, err
	}
	report := models.StockReport{Key: reportKey(event.id), At: firstTime(r.Now, event.at)}
	for _, v := range ids {
		one := object{path: data.path, fields: map[string]any{"ids": v}}
		id, err := one.needID("ids")
		if err != nil {
			return Result{}, err
		}
		report.References = append(report.References, models.StockReference{ProductID: id})
	}
	if report.Key == "" {
		report.Key = briefKey(r.Now, string(r.Body))
	}
	return result(report), nil
}

func (fattureInCloud) Reply(models.StockResult) Reply { return accepted() }
