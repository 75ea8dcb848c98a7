package models

import (
	"strings"
	"time"
)

// Role says what a login or an API key may do. Each role may do what those after it may.
type Role string

// The roles.
const (
	RoleOwner  Role = "owner"  // everything, users and keys too
	RoleStaff  Role = "staff"  // the daily work: products, stock, restocks, replies
	RoleViewer Role = "viewer" // look, change nothing
)

var roleRank = map[Role]int{RoleViewer: 1, RoleStaff: 2, RoleOwner: 3}

// Allows reports whether a login of role r may do what asks for the role needed. A role that does not exist allows
// nothing, and what asks for one is allowed to nobody.
func (r Role) Allows(needed Role) bool {
	return roleRank[r] > 0 && roleRank[needed] > 0 && roleRank[r] >= roleRank[needed]
}

// ParseRole reads a role as a person writes it.
func ParseRole(s string) (Role, error) {
	r := Role(strings.ToLower(strings.TrimSpace(s)))
	if roleRank[r] == 0 {
		return "", FieldErrorf("role", "The role is owner, staff or viewer.")
	}
	return r, nil
}

// MinPassword is the least length of a password, in characters.
const MinPassword = 10

// User is a login of the team.
type User struct {
	ID           int64 `gorm:"primaryKey"`
	Email        string
	Role         Role
	PasswordHash string
	Language     string
	CreatedAt    time.Time `gorm:"serializer:ms;autoCreateTime:false"`
	SeenAt       time.Time `gorm:"serializer:ms"`
	// Epoch counts how often the login was signed out everywhere: a session of an earlier one is over.
	Epoch int64
	// Access is what was chosen for it; Sees says what holds.
	Access Access
}

// Sees is on which Pages a login may look and work: what was chosen for it, and all for an owner.
func (u User) Sees() Access { return seenBy(u.Role, u.Access) }

// seenBy is what holds of an access that was chosen. An owner could lift it anyway.
func seenBy(r Role, chosen Access) Access {
	if r == RoleOwner {
		return ""
	}
	return chosen
}

// ParseEmail checks an address as far as a login needs it, and folds its case.
func ParseEmail(s string) (string, error) {
	s = strings.ToLower(strings.TrimSpace(s))
	user, host, ok := strings.Cut(s, "@")
	if !ok || user == "" || host == "" || len(s) > 254 || strings.ContainsAny(s, " \t\r\n<>\"") || strings.Contains(host, "@") {
		return "", FieldErrorf("email", "%q is no e-mail address.", s)
	}
	return s, nil
}

// Key is an API key. Only its hash is kept.
type Key struct {
	ID        int64 `gorm:"primaryKey"`
	Name      string
	Role      Role
	Hash      []byte
	CreatedAt time.Time `gorm:"serializer:ms;autoCreateTime:false"`
	SeenAt    time.Time `gorm:"serializer:ms"`
	RevokedAt time.Time `gorm:"serializer:ms"`
	// Access is what was chosen for it; Sees says what holds.
	Access Access
}

// Sees is on which Pages a key may look and work: what was chosen for it, and all for an owner's.
func (k Key) Sees() Access { return seenBy(k.Role, k.Access) }

// TableName says whose keys they are.
func (Key) TableName() string { return "api_keys" }
