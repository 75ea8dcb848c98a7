package store

import (
	"context"
	"time"

	"bentornato/models"
)

// Asked reports whether the contact must not be asked about the variant now: a request is outstanding or a token
// is live (rule 3.5).
func (t *Tx) Asked(contactID, variantID int64) (bool, error) {
	var n int64
	err := t.db.Raw(`SELECT
		(SELECT COUNT(*) FROM tokens WHERE contact_id = ? AND variant_id = ? AND state IN ('waiting', 'claimed', 'unknown')) +
		(SELECT COUNT(*) FROM optin_requests WHERE contact_id = ? AND variant_id = ? AND state IN ('queued', 'sent') AND created_at > ?)`,
		contactID, variantID, contactID, variantID, millis(t.now.Add(-models.RequestLife))).Scan(&n).Error
	return n > 0, err
}

// SaveRequest writes an opt-in request. The contact's unanswered one for the same variant, if it has grown old, has
// lapsed; a younger one is a conflict.
func (t *Tx) SaveRequest(q models.Request) (models.Request, error) {
	err := t.db.Exec(`UPDATE optin_requests SET state = ?, state_at = ? WHERE contact_id = ? AND variant_id = ?
		AND state IN ('queued', 'sent') AND created_at <= ?`,
		models.RequestLapsed, millis(t.now), q.ContactID, q.VariantID, millis(t.now.Add(-models.RequestLife))).Error
	if err != nil {
		return q, err
	}
	q.State, q.CreatedAt, q.StateAt = models.RequestQueued, t.now, t.now
	if err := t.db.Create(&q).Error; err != nil {
		return q, err
	}
	return q, t.count(q.PageID, countRequests, 1)
}

// RequestByPayload finds a request by the opaque id that an opt-in brought back.
func (t *Tx) RequestByPayload(pageID, payload string) (models.Request, error) {
	var q models.Request
	err := t.db.First(&q, "payload = ? AND page_id = ?", payload, pageID).Error
	return q, found(err, "No opt-in request has this payload.")
}

// MoveRequest moves a request on, unless it was answered in the meantime: an opt-in may overtake the result of the
// very call that sent its request.
func (t *Tx) MoveRequest(id int64, to models.RequestState) error {
	return t.db.Exec("UPDATE optin_requests SET state = ?, state_at = ? WHERE id = ? AND state <> ?",
		to, millis(t.now), id, models.RequestAnswered).Error
}

// Requests lists a contact's requests, the latest first.
func (r Reader) Requests(ctx context.Context, contactID int64, limit int) ([]models.Request, error) {
	var list []models.Request
	err := r.with(ctx).Where("contact_id = ?", contactID).Order("id DESC").Limit(limit).Find(&list).Error
	return list, translate(err)
}

// LapseRequests closes requests that nobody answered in time, and returns how many.
func (t *Tx) LapseRequests(before time.Time) (int64, error) {
	// The states are those of the index of what is outstanding; few requests are, of all that there ever were.
	res := t.db.Exec(`UPDATE optin_requests SET state = ?, state_at = ? WHERE state IN ('queued', 'sent') AND state = ? AND created_at <= ?`,
		models.RequestLapsed, millis(t.now), models.RequestSent, millis(before))
	return res.RowsAffected, res.Error
}
