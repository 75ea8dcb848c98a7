package inventory

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"bentornato/models"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

// errUnsigned is the answer to every call that does not verify. Why it does not is nobody's business.
func errUnsigned() error {
	return models.Errorf(models.KindUnauthorized, models.Unsigned)
}

// verifyBodyHMAC checks a base64 HMAC-SHA256 over the raw body, made with any one of the secrets.
func verifyBodyHMAC(signature string, r Request) error { return verifyHMAC(signature, r, r.Body) }

// verifyHMAC checks a base64 HMAC-SHA256 over some bytes, made with any one of the secrets.
func verifyHMAC(signature string, r Request, signed []byte) error {
	for _, secret := range r.Secrets {
		if secret == "" {
			continue // anyone can sign with an empty key
		}
		mac := hmac.New(sha256.New, []byte(secret))
		mac.Write(signed)
		want := base64.StdEncoding.EncodeToString(mac.Sum(nil))
		if hmac.Equal([]byte(signature), []byte(want)) {
			return nil
		}
	}
	return errUnsigned()
}

// verifyStandard checks a call that is signed as the Standard Webhooks specification 1.0.0 says, with any one of the
// secrets. What a secret's key is differs; nil for none.
func verifyStandard(r Request, key func(secret string) []byte) error {
	sent, err := strconv.ParseInt(r.Header.Get(standardwebhooks.HeaderWebhookTimestamp), 10, 64)
	if err != nil {
		return errUnsigned()
	}
	at := time.Unix(sent, 0)
	if at.Before(r.Now.Add(-tolerance)) || at.After(r.Now.Add(tolerance)) {
		return errUnsigned()
	}
	for _, secret := range r.Secrets {
		k := key(secret)
		if len(k) == 0 {
			continue // anyone can sign with an empty key
		}
		hook, err := standardwebhooks.NewWebhookRaw(k)
		if err != nil {
			continue
		}
		// The library's own check of the time reads a clock that cannot be set.
		if hook.VerifyIgnoringTimestamp(r.Body, r.Header) == nil {
			return nil
		}
	}
	return errUnsigned()
}

// signingKey is the key in a secret of the Standard Webhooks specification; nil where it is none.
func signingKey(secret string) []byte {
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, secretPrefix))
	if err != nil {
		return nil
	}
	return key
}

// signedTime is the time of the attempt, as the signature covers it.
func signedTime(h http.Header) time.Time {
	sent, err := strconv.ParseInt(h.Get(standardwebhooks.HeaderWebhookTimestamp), 10, 64)
	if err != nil || sent <= 0 {
		return time.Time{}
	}
	return time.Unix(sent, 0).UTC()
}

// isSecret reports whether what was sent is one of the secrets, in a time that tells nothing of them.
func isSecret(sent string, r Request) bool {
	got := sha256.Sum256([]byte(sent))
	for _, secret := range r.Secrets {
		want := sha256.Sum256([]byte(secret))
		if secret != "" && subtle.ConstantTimeCompare(got[:], want[:]) == 1 {
			return true
		}
	}
	return false
}

// maxKey is the longest id of a report that is kept as it came, in bytes.
const maxKey = 128

// reportKey makes an id from outside fit to be kept: what is too long, or no text, is replaced by its hash.
func reportKey(id string) string {
	if len(id) <= maxKey && utf8.ValidString(id) {
		return id
	}
	return digest(id)
}

// digest names several texts together, as the id of a call that carries none of its own.
func digest(parts ...string) string {
	whole := sha256.New()
	for _, p := range parts {
		sum := sha256.Sum256([]byte(p))
		whole.Write(sum[:])
	}
	return "sha256:" + hex.EncodeToString(whole.Sum(nil))
}
