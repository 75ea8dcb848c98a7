package store

import (
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

func newSealer(secret []byte) (*sealer, error) {
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

// seal encrypts plain for the row named by identity.
func (s *sealer) seal(identity string, plain []byte) []byte {
	out := make([]byte, len(s.id)+s.aead.NonceSize(), len(s.id)+s.aead.NonceSize()+len(plain)+s.aead.Overhead())
	copy(out, s.id[:])
	nonce := out[len(s.id):]
	if _, err := io.ReadFull(rand.Reader, nonce); err != nil {
		panic(err) // crypto/rand does not fail on a system that works
	}
	return s.aead.Seal(out, nonce, plain, []byte(identity))
}

// open decrypts what seal made for the same identity.
func (s *sealer) open(identity string, sealed []byte) ([]byte, error) {
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
func (s *sealer) fingerprint(purpose, secret string) []byte {
	return mac(s.finds, purpose+"\x00"+secret)[:16]
}

// linkMAC authenticates a click link.
func (s *sealer) linkMAC(text string) []byte { return mac(s.links, text)[:6] }

func mac(key []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	io.WriteString(h, text)
	return h.Sum(nil)
}

func tokenIdentity(hash []byte) string { return "token/" + hex.EncodeToString(hash) }

// KeyMatches reports whether the secret is the one that sealed this database; true for an empty one.
func (r Reader) keyMatches(sealed []byte) bool {
	return len(sealed) < 4 || [4]byte(sealed[:4]) == r.seal.id
}
