package messenger

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"strings"
	"time"

	"bentornato/models"
)

// SignatureHeader carries a webhook's signature. Meta also sends an older one with SHA-1, which is not read.
const SignatureHeader = "X-Hub-Signature-256"

const signaturePrefix = "sha256="

// Verify holds a webhook's raw body against the value of its SignatureHeader: "sha256=" and the 64 hexadecimal
// digits of an HMAC-SHA256 under the app secret. Anything else is an error of models.KindUnauthorized, and so is
// every signature while no app secret is set: under an empty key anyone could sign.
func Verify(appSecret string, body []byte, header string) error {
	if appSecret == "" {
		return models.Errorf(models.KindUnauthorized, "No app secret is set, so no webhook can be trusted; set BENTORNATO_APP_SECRET.")
	}
	digits, ok := strings.CutPrefix(header, signaturePrefix)
	if !ok || len(digits) != hex.EncodedLen(sha256.Size) {
		return models.Errorf(models.KindUnauthorized, "The webhook carries no %s of the form sha256=<64 hexadecimal digits>.", SignatureHeader)
	}
	got, err := hex.DecodeString(digits)
	if err != nil || !hmac.Equal(got, mac(appSecret, body)) {
		return models.Errorf(models.KindUnauthorized, "The webhook's signature does not match; check that BENTORNATO_APP_SECRET is this app's.")
	}
	return nil
}

// Sign returns the SignatureHeader's value for a body.
func Sign(appSecret string, body []byte) string {
	return signaturePrefix + hex.EncodeToString(mac(appSecret, body))
}

// Proof is the appsecret_proof of a call: the HMAC-SHA256 of the access token under the app secret, in
// hexadecimal digits. Meta demands it where the app requires proof of the secret, and takes it everywhere.
func Proof(appSecret, accessToken string) string {
	return hex.EncodeToString(mac(appSecret, []byte(accessToken)))
}

func mac(secret string, message []byte) []byte {
	h := hmac.New(sha256.New, []byte(secret))
	h.Write(message)
	return h.Sum(nil)
}

// SignedRequest is what Meta posts to the data-deletion and deauthorize callbacks.
type SignedRequest struct {
	// UserID is app-scoped: it names someone who logged into the app, and is no PSID.
	UserID   string
	IssuedAt time.Time
}

// ParseSignedRequest checks and reads a signed_request: a signature and a payload, each base64url, with a dot
// between them. The signature is the HMAC-SHA256 of the payload as encoded. A value of another form is an error
// of models.KindInvalid, a wrong signature one of models.KindUnauthorized.
//
// An old request is taken: what it asks for does no harm a second time, and Meta states no lifetime.
func ParseSignedRequest(appSecret, value string) (SignedRequest, error) {
	if appSecret == "" {
		return SignedRequest{}, models.Errorf(models.KindUnauthorized, "No app secret is set, so no signed request can be trusted; set BENTORNATO_APP_SECRET.")
	}
	signature, payload, ok := strings.Cut(value, ".")
	if !ok {
		return SignedRequest{}, models.FieldErrorf("signed_request", "signed_request is a signature and a payload with a dot between them.")
	}
	got, err := decodeBase64URL(signature)
	if err != nil {
		return SignedRequest{}, models.FieldErrorf("signed_request", "The signature of signed_request is not base64url.")
	}
	if !hmac.Equal(got, mac(appSecret, []byte(payload))) {
		return SignedRequest{}, models.Errorf(models.KindUnauthorized, "The signature of signed_request does not match; check that BENTORNATO_APP_SECRET is this app's.")
	}
	plain, err := decodeBase64URL(payload)
	if err != nil {
		return SignedRequest{}, models.FieldErrorf("signed_request", "The payload of signed_request is not base64url.")
	}
	var p struct {
		Algorithm string  `json:"algorithm"`
		UserID    id      `json:"user_id"`
		IssuedAt  integer `json:"issued_at"`
	}
	if err := json.Unmarshal(plain, &p); err != nil {
		return SignedRequest{}, models.FieldErrorf("signed_request", "The payload of signed_request is not the JSON it should be.")
	}
	if !strings.EqualFold(p.Algorithm, "HMAC-SHA256") {
		return SignedRequest{}, models.FieldErrorf("signed_request", "signed_request names another algorithm than HMAC-SHA256.")
	}
	if p.UserID == "" {
		return SignedRequest{}, models.FieldErrorf("signed_request", "signed_request names no user_id.")
	}
	return SignedRequest{UserID: string(p.UserID), IssuedAt: p.IssuedAt.time()}, nil
}

// decodeBase64URL takes padding too: Meta writes none, but nothing is lost by accepting it.
func decodeBase64URL(s string) ([]byte, error) {
	return base64.RawURLEncoding.DecodeString(strings.TrimRight(s, "="))
}
