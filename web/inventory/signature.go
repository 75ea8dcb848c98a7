package inventory

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"unicode/utf8"

	"bentornato/models"
)

// errUnsigned is the answer to every call that does not verify. Why it does not is nobody's business.
func errUnsigned() error {
	return models.Errorf(models.KindUnauthorized, "The signature is missing or wrong.")
}

// verifyBodyHMAC checks a base64 HMAC-SHA256 over the raw body, made with any one of the secrets.
func verifyBodyHMAC(signature string, r Request) error {
	for _, secret := range r.Secrets {
		if secret == "" {
			continue // anyone can sign with an empty key
		}
		mac := hmac.New(sha256.New, []byte(secret))
		mac.Write(r.Body)
		want := base64.StdEncoding.EncodeToString(mac.Sum(nil))
		if hmac.Equal([]byte(signature), []byte(want)) {
			return nil
		}
	}
	return errUnsigned()
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
