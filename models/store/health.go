package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"time"

	"gorm.io/gorm/clause"

	"bentornato/models"
)

// PageHealth returns what the last look at a Page's connection found; the zero value, but for the Page, where it was never
// looked at.
func (r Reader) PageHealth(ctx context.Context, pageID string) (models.PageHealth, error) {
	var list []models.PageHealth
	err := r.with(ctx).Where("page_id = ?", pageID).Limit(1).Find(&list).Error
	h := models.PageHealth{PageID: pageID}
	if len(list) > 0 {
		h = list[0]
	}
	return h, translate(err)
}

// heardEvery is how exactly it is kept when a Page was last heard of: writing it with each event would cost more than it tells.
const heardEvery = time.Minute

// HeardOf notes that Messenger told something of Pages.
func (t *Tx) HeardOf(pageIDs []string) error {
	slices.Sort(pageIDs) // everybody in one order
	for _, id := range slices.Compact(pageIDs) {
		if err := t.db.Exec(`INSERT INTO page_health (page_id, last_event_at) VALUES (?, ?)
			ON CONFLICT (page_id) DO UPDATE SET last_event_at = excluded.last_event_at WHERE page_health.last_event_at <= ?`,
			id, millis(t.now), millis(t.now.Add(-heardEvery))).Error; err != nil {
			return err
		}
	}
	return nil
}

// TakeDueHealth takes a Page whose connection should be looked at now, so that no other process looks at it at the same time.
func (t *Tx) TakeDueHealth(ctx context.Context) (models.PageHealth, error) {
	var pages []string
	err := t.db.Raw(`SELECT p.id FROM pages p LEFT JOIN page_health h ON h.page_id = p.id
		WHERE COALESCE(h.checked_at, 0) <= ? ORDER BY COALESCE(h.checked_at, 0), p.id`, millis(t.now.Add(-models.HealthRetry))).Scan(&pages).Error
	if err != nil {
		return models.PageHealth{}, err
	}
	for _, id := range pages {
		h, err := t.PageHealth(ctx, id)
		if err != nil {
			return h, err
		}
		if !h.Due(t.now) {
			continue
		}
		res := t.db.Exec(`INSERT INTO page_health (page_id, checked_at) VALUES (?, ?)
			ON CONFLICT (page_id) DO UPDATE SET checked_at = excluded.checked_at WHERE page_health.checked_at = ?`, id, millis(t.now), millis(h.CheckedAt))
		if res.Error != nil {
			return h, res.Error
		}
		if res.RowsAffected > 0 {
			return h, nil
		}
	}
	return models.PageHealth{}, models.Errorf(models.KindNotFound, "No Page is due to be looked at.")
}

// SaveHealth keeps what a look found. A look that came to nothing keeps what the one before it found.
func (t *Tx) SaveHealth(h models.PageHealth) error {
	columns := []string{"checked_at", "problem"}
	if h.Problem == "" {
		columns = append(columns, "token_expires_at", "data_access_until", "missing_permissions", "missing_fields", "scopes", "features")
	}
	if !h.ResubscribedAt.IsZero() {
		columns = append(columns, "resubscribed_at")
	}
	return t.db.Clauses(clause.OnConflict{Columns: []clause.Column{{Name: "page_id"}}, DoUpdates: clause.AssignmentColumns(columns)}).Create(&h).Error
}

// NoteGrants keeps what answers say about features and permissions of a kind of message: a refusal for want of one, or that one went
// through, which ends the refusal before it.
func (t *Tx) NoteGrants(pageID string, kind models.SendKind, a models.Answer) error {
	var prefix string
	switch kind {
	case models.SendHumanAgent:
		prefix = "human_refused_"
	case models.SendUtility:
		prefix = "utility_refused_"
	default:
		return nil
	}
	switch {
	case models.Lacks(kind, a) != "":
		return t.db.Exec(`INSERT INTO page_health (page_id, `+prefix+`at, `+prefix+`code, `+prefix+`subcode) VALUES (?, ?, ?, ?)
			ON CONFLICT (page_id) DO UPDATE SET `+prefix+`at = excluded.`+prefix+`at, `+prefix+`code = excluded.`+prefix+`code, `+prefix+`subcode = excluded.`+prefix+`subcode`,
			pageID, millis(t.now), a.Code, a.Subcode).Error
	case a.Outcome == models.OutcomeSent:
		return t.db.Exec("UPDATE page_health SET "+prefix+"at = 0, "+prefix+"code = 0, "+prefix+"subcode = 0 WHERE page_id = ? AND "+prefix+"at > 0", pageID).Error
	}
	return nil
}

// ForgetRefusals ends what refused calls, and the last look, said of features and permissions, so that the next message finds out.
func (t *Tx) ForgetRefusals(pageID string) error {
	return t.db.Exec(`UPDATE page_health SET features = NULL, scopes = NULL, human_refused_at = 0, human_refused_code = 0, human_refused_subcode = 0,
		utility_refused_at = 0, utility_refused_code = 0, utility_refused_subcode = 0 WHERE page_id = ?`, pageID).Error
}

// SetConnected notes that a Page is set up from here, and by whose Facebook login (empty for none).
func (t *Tx) SetConnected(pageID, by string) error {
	return t.db.Exec(`INSERT INTO page_health (page_id, connected_at, connected_by) VALUES (?, ?, ?)
		ON CONFLICT (page_id) DO UPDATE SET connected_at = excluded.connected_at, connected_by = excluded.connected_by, resubscribed_at = 0`,
		pageID, millis(t.now), by).Error
}

// SetDisconnected notes that a Page's set-up was taken back.
func (t *Tx) SetDisconnected(pageID string) error {
	return t.db.Exec("UPDATE page_health SET connected_at = 0, connected_by = '', resubscribed_at = 0 WHERE page_id = ?", pageID).Error
}

// PagesConnectedBy lists the Pages whose access token came from a person's Facebook login.
func (r Reader) PagesConnectedBy(ctx context.Context, userID string) ([]string, error) {
	var ids []string
	err := r.with(ctx).Raw("SELECT page_id FROM page_health WHERE connected_by = ? AND connected_by <> '' ORDER BY page_id", userID).Scan(&ids).Error
	return ids, translate(err)
}

// pageLoginLife is how long a person has for choosing Pages after signing in with Facebook.
const pageLoginLife = 15 * time.Minute

func loginID(nonce string) string {
	sum := sha256.Sum256([]byte(nonce))
	return hex.EncodeToString(sum[:])
}

// SavePageLogin keeps a person's Facebook token, sealed, until they have chosen Pages. nonce finds it again, for the same user.
func (t *Tx) SavePageLogin(nonce string, userID int64, token string) error {
	if err := t.db.Exec("DELETE FROM page_logins WHERE expires_at <= ?", millis(t.now)).Error; err != nil {
		return err
	}
	id := loginID(nonce)
	sealed, err := t.seal.seal("page_login/"+id, []byte(token))
	if err != nil {
		return err
	}
	return t.db.Exec("INSERT INTO page_logins (id, user_id, sealed, expires_at) VALUES (?, ?, ?, ?)", id, userID, sealed, millis(t.now.Add(pageLoginLife))).Error
}

// PageLogin opens what SavePageLogin kept.
func (r Reader) PageLogin(ctx context.Context, nonce string, userID int64, now time.Time) (string, error) {
	var sealed [][]byte
	id := loginID(nonce)
	err := r.with(ctx).Raw("SELECT sealed FROM page_logins WHERE id = ? AND user_id = ? AND expires_at > ?", id, userID, millis(now)).Scan(&sealed).Error
	if err != nil {
		return "", translate(err)
	}
	if len(sealed) == 0 {
		return "", models.Errorf(models.KindNotFound, "That sign-in with Facebook is over; connect again.")
	}
	plain, err := r.seal.open("page_login/"+id, sealed[0])
	return string(plain), err
}

// EndPageLogin forgets it.
func (t *Tx) EndPageLogin(nonce string) error {
	return t.db.Exec("DELETE FROM page_logins WHERE id = ?", loginID(nonce)).Error
}
