package store

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"io"

	"bentornato/models"
)

// SecretSize is the length of the secret that seals tokens and secrets at rest, in bytes.
const SecretSize = 32

// sealer encrypts and fingerprints with keys derived from the installation's secret, one a purpose. A sealed value
// is the key's id (4 bytes), a nonce (12) and AES-256-GCM's output; the row's identity is authenticated with it, so
// that a value moved to another row does not open.
type sealer struct {
	id    [4]byte
	aead  cipher.AEAD
	finds []byte // key of the fingerprints
	links []byte // key of the click links
}

// newSealer derives the keys. Without a secret there is no sealer, and everything that needs one fails: a command
// that seals nothing can do without, and none can seal with a key that nobody has.
func newSealer(secret []byte) (*sealer, error) {
	if len(secret) == 0 {
		return nil, nil //nolint:nilnil // nil is a sealer that refuses
	}
	if len(secret) != SecretSize {
		return nil, models.FieldErrorf("secret key", "The secret key is %d bytes in base64; \"bentornato key generate-secret\" prints one.", SecretSize)
	}
	derive := func(purpose string) []byte {
		key, err := hkdf.Key(sha256.New, secret, nil, "bentornato/"+purpose, 32)
		if err != nil {
			panic(err) // only for lengths that SHA-256 cannot give
		}
		return key
	}
	block, err := aes.NewCipher(derive("seal"))
	if err != nil {
		return nil, err
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return nil, err
	}
	s := &sealer{aead: aead, finds: derive("find"), links: derive("link")}
	copy(s.id[:], derive("id"))
	return s, nil
}

func errNoSecret() error {
	return models.Errorf(models.KindInvalid, "BENTORNATO_SECRET_KEY is not set, and this needs it to seal or open a secret; \"bentornato key generate-secret\" prints one.")
}

// seal encrypts plain for the row named by identity.
func (s *sealer) seal(identity string, plain []byte) ([]byte, error) {
	if s == nil {
		return nil, errNoSecret()
	}
	out := make([]byte, len(s.id)+s.aead.NonceSize(), len(s.id)+s.aead.NonceSize()+len(plain)+s.aead.Overhead())
	copy(out, s.id[:])
	nonce := out[len(s.id):]
	if _, err := io.ReadFull(rand.Reader, nonce); err != nil {
		panic(err) // crypto/rand does not fail on a system that works
	}
	return s.aead.Seal(out, nonce, plain, []byte(identity)), nil
}

// open decrypts what seal made for the same identity.
func (s *sealer) open(identity string, sealed []byte) ([]byte, error) {
	if s == nil {
		return nil, errNoSecret()
	}
	n := len(s.id) + s.aead.NonceSize()
	if len(sealed) < n || [4]byte(sealed[:4]) != s.id {
		return nil, models.Errorf(models.KindInternal, "A sealed value was made with another BENTORNATO_SECRET_KEY.")
	}
	plain, err := s.aead.Open(nil, sealed[len(s.id):n], sealed[n:], []byte(identity))
	if err != nil {
		return nil, models.Errorf(models.KindInternal, "A sealed value does not open; it was changed or moved: %w", err)
	}
	return plain, nil
}

// fingerprint finds a secret without holding it.
func (s *sealer) fingerprint(purpose, secret string) ([]byte, error) {
	if s == nil {
		return nil, errNoSecret()
	}
	return mac(s.finds, purpose+"\x00"+secret)[:16], nil
}

// linkSize is the length of a click link's check, in bytes.
const linkSize = 6

// linkMAC authenticates a click link. Without a secret it is a blank of the same length, which authentic never takes.
func (s *sealer) linkMAC(text string) []byte {
	if s == nil {
		return make([]byte, linkSize)
	}
	return mac(s.links, text)[:linkSize]
}

// authentic reports whether sum is the linkMAC of text.
func (s *sealer) authentic(text string, sum []byte) bool {
	return s != nil && hmac.Equal(sum, s.linkMAC(text))
}

func mac(key []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	io.WriteString(h, text)
	return h.Sum(nil)
}

func optInIdentity(hash []byte) string { return "optin/" + hex.EncodeToString(hash) }

func tokenIdentity(hash []byte) string { return "token/" + hex.EncodeToString(hash) }

// CheckSecret reports whether the secret is the one that this database is sealed with. A database that seals nothing
// yet takes any. Sealing with a second secret would leave a database that no secret opens whole.
func (r Reader) CheckSecret(ctx context.Context) error {
	if r.seal == nil {
		return errNoSecret()
	}
	var sealed [][]byte
	err := r.with(ctx).Raw(`SELECT sealed FROM (SELECT sealed_token AS sealed FROM pages WHERE sealed_token IS NOT NULL LIMIT 1) AS a
		UNION ALL SELECT sealed FROM (SELECT sealed_secret AS sealed FROM sources WHERE sealed_secret IS NOT NULL LIMIT 1) AS b
		UNION ALL SELECT sealed FROM (SELECT sealed FROM tokens WHERE sealed IS NOT NULL ORDER BY id LIMIT 1) AS c
		UNION ALL SELECT sealed FROM (SELECT sealed FROM recurring_optins WHERE sealed IS NOT NULL ORDER BY id LIMIT 1) AS d`).Scan(&sealed).Error
	if err != nil {
		return translate(err)
	}
	for _, s := range sealed {
		if len(s) > 0 && (len(s) < len(r.seal.id) || [4]byte(s[:4]) != r.seal.id) {
			return models.Errorf(models.KindConflict, "This database is sealed with another BENTORNATO_SECRET_KEY; set that one, or start with a new database.")
		}
	}
	return nil
}
