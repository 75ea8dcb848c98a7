package store

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"strings"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"bentornato/models"
)

// User returns a login.
func (r Reader) User(ctx context.Context, id int64) (models.User, error) {
	var u models.User
	err := r.with(ctx).First(&u, "id = ?", id).Error
	return u, found(err, "There is no such login.")
}

// UserByEmail finds a login.
func (r Reader) UserByEmail(ctx context.Context, email string) (models.User, error) {
	var u models.User
	err := r.with(ctx).First(&u, "email = ?", email).Error
	return u, found(err, "There is no login for "+email+".")
}

// Users lists every login.
func (r Reader) Users(ctx context.Context) ([]models.User, error) {
	var list []models.User
	err := r.with(ctx).Order("email").Find(&list).Error
	return list, translate(err)
}

// SaveUser adds a login, or changes role and password of the one with the same address. The password arrives
// hashed. The access of a new login is u's; an old one's is u's where that names Pages, and stays otherwise: whoever gets another
// password sees no more for it (see SetUserAccess).
func (t *Tx) SaveUser(u models.User) error {
	if err := t.checkAccess(u.Role, u.Access); err != nil {
		return err
	}
	u.CreatedAt = t.now
	if err := t.recordUser(u); err != nil {
		return err
	}
	columns := []string{"role", "password_hash"}
	if !u.Access.All() {
		columns = append(columns, "access")
	}
	return t.db.Clauses(clause.OnConflict{
		Columns: []clause.Column{{Name: "email"}}, DoUpdates: clause.AssignmentColumns(columns),
	}).Create(&u).Error
}

// DeleteUser removes a login. The last owner stays: nobody could let anybody in any more.
func (t *Tx) DeleteUser(id int64) error {
	var u models.User
	if t.records() {
		if err := t.db.Find(&u, "id = ?", id).Error; err != nil {
			return err
		}
	}
	res := t.db.Exec("DELETE FROM users WHERE id = ? AND (role <> ? OR (SELECT COUNT(*) FROM users WHERE role = ?) > 1)", id, models.RoleOwner, models.RoleOwner)
	if res.Error == nil && res.RowsAffected == 0 {
		return models.Errorf(models.KindConflict, "The last owner cannot be removed.")
	}
	if res.Error != nil {
		return res.Error
	}
	return t.Record(models.AuditEntry{Thing: models.AuditUser, ThingID: formatID(id), ThingName: u.Email, Act: models.AuditDeleted})
}

// SetLanguage remembers a login's language.
func (t *Tx) SetLanguage(id int64, language string) error {
	return t.db.Exec("UPDATE users SET language = ? WHERE id = ?", language, id).Error
}

// SetPassword gives a login another password, which arrives hashed.
func (t *Tx) SetPassword(id int64, hash string) error {
	return t.changeUser(id, models.AuditPassword, "UPDATE users SET password_hash = ? WHERE id = ?", hash, id)
}

// RaiseEpoch ends every session of a login.
func (t *Tx) RaiseEpoch(id int64) error {
	return t.changeUser(id, models.AuditSignedOut, "UPDATE users SET epoch = epoch + 1 WHERE id = ?", id)
}

func (t *Tx) changeUser(id int64, act models.AuditAct, sql string, args ...any) error {
	var u models.User
	if err := t.db.First(&u, "id = ?", id).Error; err != nil {
		return found(err, "There is no such login.")
	}
	if err := t.db.Exec(sql, args...).Error; err != nil {
		return err
	}
	return t.Record(models.AuditEntry{Thing: models.AuditUser, ThingID: formatID(id), ThingName: u.Email, Act: act})
}

// SeenUser writes when a login was last used.
func (t *Tx) SeenUser(id int64) error {
	return t.db.Exec("UPDATE users SET seen_at = ? WHERE id = ?", millis(t.now), id).Error
}

// keyPrefix makes an API key known as one wherever it turns up.
const keyPrefix = "bnt_"

// AddKey makes an API key and returns it; only its hash is kept. It has 130 random bits, so a plain hash is enough.
func (t *Tx) AddKey(name string, role models.Role, access models.Access) (string, error) {
	if err := t.checkAccess(role, access); err != nil {
		return "", err
	}
	if strings.TrimSpace(name) == "" {
		return "", models.FieldErrorf("name", "Give the key a name.")
	}
	key := keyPrefix + rand.Text()
	k := models.Key{Name: name, Role: role, Access: access, Hash: keyHash(key), CreatedAt: t.now}
	if err := t.db.Create(&k).Error; err != nil {
		return "", err
	}
	return key, t.Record(models.AuditEntry{Thing: models.AuditKey, ThingID: formatID(k.ID), ThingName: name, Act: models.AuditAdded,
		Changes: append([]models.AuditChange{{Field: "role", New: string(role)}}, accessChange("", access)...)})
}

func keyHash(key string) []byte {
	sum := sha256.Sum256([]byte(key))
	return sum[:]
}

// Keys lists the API keys, revoked ones too.
func (r Reader) Keys(ctx context.Context) ([]models.Key, error) {
	var list []models.Key
	err := r.with(ctx).Order("id DESC").Find(&list).Error
	return list, translate(err)
}

// KeyFor finds the API key that a caller shows. An unknown or revoked one is KindUnauthorized.
func (r Reader) KeyFor(ctx context.Context, key string) (models.Key, error) {
	var k models.Key
	err := r.with(ctx).First(&k, "hash = ? AND revoked_at = 0", keyHash(key)).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return k, models.Errorf(models.KindUnauthorized, "The API key is not known. Make one with \"bentornato key add\".")
	}
	return k, translate(err)
}

// SeenKey writes when an API key was last used.
func (t *Tx) SeenKey(id int64) error {
	return t.db.Exec("UPDATE api_keys SET seen_at = ? WHERE id = ?", millis(t.now), id).Error
}

// RevokeKey ends an API key.
func (t *Tx) RevokeKey(id int64) error {
	res := t.db.Exec("UPDATE api_keys SET revoked_at = ? WHERE id = ? AND revoked_at = 0", millis(t.now), id)
	if res.Error != nil || res.RowsAffected == 0 || !t.records() {
		return res.Error
	}
	var k models.Key
	if err := t.db.First(&k, "id = ?", id).Error; err != nil {
		return err
	}
	return t.Record(models.AuditEntry{Thing: models.AuditKey, ThingID: formatID(id), ThingName: k.Name, Act: models.AuditRevoked})
}

// Sessions keeps sign-ins for scs as its CtxStore. Only the hash of a session's token is kept, so that whoever
// reads the database cannot sign in with it.
type Sessions struct{ store *Store }

// NewSessions makes the session store.
func NewSessions(s *Store) *Sessions { return &Sessions{s} }

// FindCtx returns a session that is not over.
func (s *Sessions) FindCtx(ctx context.Context, token string) ([]byte, bool, error) {
	var row struct{ Data []byte }
	res := s.store.with(ctx).Raw("SELECT data FROM sessions WHERE hash = ? AND expires_at > ?", keyHash(token), millis(s.store.now())).Scan(&row)
	return row.Data, res.Error == nil && res.RowsAffected > 0, translate(res.Error)
}

// CommitCtx writes a session.
func (s *Sessions) CommitCtx(ctx context.Context, token string, data []byte, expiry time.Time) error {
	return s.store.Update(ctx, func(t *Tx) error {
		// The time comes first: gorm takes bytes right behind a bracket for a list of values.
		return t.db.Exec(`INSERT INTO sessions (expires_at, hash, data) VALUES (?, ?, ?)
			ON CONFLICT (hash) DO UPDATE SET data = excluded.data, expires_at = excluded.expires_at`, millis(expiry), keyHash(token), data).Error
	})
}

// DeleteCtx ends a session.
func (s *Sessions) DeleteCtx(ctx context.Context, token string) error {
	return s.store.Update(ctx, func(t *Tx) error {
		return t.db.Exec("DELETE FROM sessions WHERE hash = ?", keyHash(token)).Error
	})
}

// Find, Commit and Delete are what scs asks of every store; it uses the ones with a context where they are there.
func (s *Sessions) Find(token string) ([]byte, bool, error) {
	return s.FindCtx(context.Background(), token)
}

// Commit writes a session.
func (s *Sessions) Commit(token string, data []byte, expiry time.Time) error {
	return s.CommitCtx(context.Background(), token, data, expiry)
}

// Delete ends a session.
func (s *Sessions) Delete(token string) error { return s.DeleteCtx(context.Background(), token) }
