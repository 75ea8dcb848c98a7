package web

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"

	"bentornato/models"
)

// The cost of a password: 64 MiB of memory, one pass, four lanes (RFC 9106, section 4, second choice, with the pass
// count that OWASP gives for this memory).
const (
	passwordMemory  = 64 << 10 // KiB
	passwordPasses  = 1
	passwordLanes   = 4
	passwordSalt    = 16
	passwordKey     = 32
	maxPassword     = 1000    // characters; more is an attack on our time
	maxPassMemory   = 1 << 20 // KiB that a stored hash may ask for
	passwordsAtOnce = 2
)

// HashPassword makes the PHC string of a password, "$argon2id$v=19$m=65536,t=1,p=4$salt$hash". One that is too short
// is models.KindInvalid.
func HashPassword(password string) (string, error) {
	switch n := utf8.RuneCountInString(password); {
	case n < models.MinPassword:
		return "", models.FieldErrorf("password", "The password needs at least %d characters.", models.MinPassword)
	case n > maxPassword:
		return "", models.FieldErrorf("password", "The password has more than %d characters.", maxPassword)
	}
	salt := make([]byte, passwordSalt)
	rand.Read(salt) // never fails: see crypto/rand
	return passwordHash(salt, argon2.IDKey([]byte(password), salt, passwordPasses, passwordMemory, passwordLanes, passwordKey)), nil
}

// passwordHash is the PHC string of a salt and a key at today's cost.
func passwordHash(salt, key []byte) string {
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, passwordMemory, passwordPasses, passwordLanes,
		base64.RawStdEncoding.EncodeToString(salt), base64.RawStdEncoding.EncodeToString(key))
}

// VerifyPassword reports whether a password is the one that the PHC string was made of. A string that cannot be read
// is nobody's password.
func VerifyPassword(encoded, password string) bool {
	parts := strings.Split(encoded, "$")
	if len(parts) != 6 || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return false
	}
	var (
		memory, passes uint32
		lanes          uint8
	)
	if n, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &memory, &passes, &lanes); n != 3 || err != nil {
		return false
	}
	salt, err1 := base64.RawStdEncoding.DecodeString(parts[4])
	want, err2 := base64.RawStdEncoding.DecodeString(parts[5])
	if err1 != nil || err2 != nil || len(want) < 16 || memory > maxPassMemory || passes < 1 || passes > 16 || lanes < 1 || len(password) > 4*maxPassword {
		return false
	}
	got := argon2.IDKey([]byte(password), salt, passes, memory, lanes, uint32(len(want)))
	return subtle.ConstantTimeCompare(got, want) == 1
}

// passwords hashes and checks passwords, a few at once: each takes 64 MiB.
type passwords struct {
	slots chan struct{}
	// nobody looks like a hash and is that of no password: an unknown address takes as long as a known one.
	nobody string
}

func newPasswords() *passwords {
	salt, key := make([]byte, passwordSalt), make([]byte, passwordKey)
	rand.Read(salt)
	rand.Read(key)
	return &passwords{slots: make(chan struct{}, passwordsAtOnce), nobody: passwordHash(salt, key)}
}

func (p *passwords) hold(ctx context.Context) error {
	select {
	case p.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return models.Errorf(models.KindUnavailable, "Too many people sign in at once; please try again.")
	}
}

// hash is HashPassword, in its turn.
func (p *passwords) hash(ctx context.Context, password string) (string, error) {
	if err := p.hold(ctx); err != nil {
		return "", err
	}
	defer func() { <-p.slots }()
	return HashPassword(password)
}

// verify is VerifyPassword, in its turn. An empty hash stands for a login that does not exist.
func (p *passwords) verify(ctx context.Context, encoded, password string) (bool, error) {
	if err := p.hold(ctx); err != nil {
		return false, err
	}
	defer func() { <-p.slots }()
	if encoded == "" {
		VerifyPassword(p.nobody, password)
		return false, nil
	}
	return VerifyPassword(encoded, password), nil
}
