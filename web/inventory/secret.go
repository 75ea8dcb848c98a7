package inventory

import (
	"crypto/rand"
	"encoding/base64"
	"strings"

	"bentornato/models"
)

// secretForm is what the secret of a kind's sources looks like, and who makes it.
type secretForm int

const (
	// plainSecret is any text. Ours is letters and digits: WooCommerce may store other characters as entities.
	plainSecret secretForm = iota
	// signingSecret is the Standard Webhooks specification's: whsec_ and the base64 of random bytes.
	signingSecret
	// theirSecret is made by the shop system and pasted here; a new one of ours only keeps the source shut until then.
	theirSecret
	// addressSecret is a part of the address that the shop system is given, as keyParam: it cannot sign.
	addressSecret
	// publicKey is what the shop system's own signatures are checked with; it publishes the key, and it is no secret.
	publicKey
)

const (
	secretPrefix = "whsec_"
	// minSigningKey is the least length of a key, in bytes (Standard Webhooks 1.0.0, "Signature scheme").
	minSigningKey = 24
	// keyParam is the query parameter that carries the secret of a system that cannot sign.
	keyParam = "key"
)

// NewSecret makes a secret for a new source of a kind.
func NewSecret(kind models.SourceKind) (string, error) {
	s, ok := systems[kind]
	switch {
	case !ok:
		return "", unknownKind(kind)
	case s.secret == signingSecret:
		key := make([]byte, 32)
		rand.Read(key) // never fails: see crypto/rand
		return secretPrefix + base64.StdEncoding.EncodeToString(key), nil
	case s.secret == publicKey:
		return ficPublishedKey, nil
	default:
		return rand.Text() + rand.Text(), nil
	}
}

// ValidateSecret checks a secret that a person brings for a source of a kind.
func ValidateSecret(kind models.SourceKind, secret string) error {
	s, ok := systems[kind]
	switch {
	case !ok:
		return unknownKind(kind)
	case s.secret == signingSecret:
		return validateSigningSecret(secret)
	case secret == "":
		return models.FieldErrorf("secret", "The secret is empty.")
	case s.secret == publicKey:
		if ficKey(secret) == nil {
			return models.FieldErrorf("secret", "The key is the base64 of a public key for ES256 in PEM, as the system publishes it.")
		}
		return nil
	default:
		return nil
	}
}

func validateSigningSecret(secret string) error {
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, secretPrefix))
	if err != nil || !strings.HasPrefix(secret, secretPrefix) || len(key) < minSigningKey {
		return models.FieldErrorf("secret", "The secret is %s and the base64 of at least %d random bytes.", secretPrefix, minSigningKey)
	}
	return nil
}

func unknownKind(kind models.SourceKind) error {
	var names []string
	for _, k := range Kinds() {
		names = append(names, string(k))
	}
	last := len(names) - 1
	return models.FieldErrorf("kind", "There is no inventory system %q; there are %s and %s.", kind, strings.Join(names[:last], ", "), names[last])
}
