package store

import (
	"context"
	"time"

	"gorm.io/gorm/clause"

	"bentornato/models"
)

// SaveOptIn writes a recurring opt-in that an event told of, or what a later event says of it, and returns it as it is then. An
// event older than what is known changes nothing, and false is returned. The contact must be held, and its tokens are changed
// before its opt-ins, as settlements do.
func (t *Tx) SaveOptIn(o models.OptIn, secret string) (models.OptIn, bool, error) {
	var err error
	if o.Hash, err = t.seal.fingerprint("optin/"+o.PageID, secret); err != nil {
		return o, false, err
	}
	if o.Sealed, err = t.seal.seal(optInIdentity(o.Hash), []byte(secret)); err != nil {
		return o, false, err
	}
	var known []models.OptIn
	if err := t.db.Raw("SELECT * FROM recurring_optins WHERE page_id = ? AND hash = ?", o.PageID, o.Hash).Scan(&known).Error; err != nil {
		return o, false, err
	}
	if len(known) == 0 {
		res := t.db.Clauses(clause.OnConflict{Columns: []clause.Column{{Name: "page_id"}, {Name: "hash"}}, DoNothing: true}).Create(&o)
		return o, res.RowsAffected > 0, res.Error
	}
	was := known[0]
	if was.Status == models.OptInErased || was.StatusAt.After(o.StatusAt) || was.ContactID != o.ContactID {
		return was, false, nil
	}
	if o.Source == models.OptInByImport {
		return was, false, t.db.Exec("UPDATE recurring_optins SET next_use_at = ? WHERE id = ? AND next_use_at < ?", millis(o.NextUseAt), was.ID, millis(o.NextUseAt)).Error
	}
	o.ID, o.HeldBy, o.UsedAt, o.NextUseAt, o.Uses, o.GrantedAt, o.Source = was.ID, was.HeldBy, was.UsedAt, was.NextUseAt, was.Uses, was.GrantedAt, was.Source
	if o.VariantID == 0 {
		o.VariantID, o.RequestID = was.VariantID, was.RequestID
	}
	for _, keep := range []struct{ now, was *string }{{&o.Title, &was.Title}, {&o.Topic, &was.Topic}, {&o.TimeZone, &was.TimeZone}, {&o.Frequency, &was.Frequency}} {
		if *keep.now == "" {
			*keep.now = *keep.was
		}
	}
	if o.Status == models.OptInStopped {
		o.ExpiresAt = was.ExpiresAt // a stop says nothing of it
	}
	// A new end is the end of what waits by it too.
	if err := t.db.Exec("UPDATE tokens SET expires_at = ? WHERE optin_id > 0 AND optin_id = ? AND state IN ('waiting', 'unknown')", millis(o.ExpiresAt), o.ID).Error; err != nil {
		return o, false, err
	}
	return o, true, t.db.Model(&o).Select("variant_id", "request_id", "title", "topic", "frequency", "time_zone", "status", "reason", "expires_at", "status_at").Updates(&o).Error
}

// ReplaceOptIns ends the person's other opt-ins about the same: the latest is the one that counts. What waits by them waits by
// this one.
func (t *Tx) ReplaceOptIns(o models.OptIn) error {
	var old []int64
	err := t.db.Raw(`SELECT id FROM recurring_optins WHERE contact_id = ? AND id <> ? AND status IN ('active', 'stopped') AND variant_id = ?
		AND (variant_id > 0 OR title = ?) ORDER BY id`, o.ContactID, o.ID, o.VariantID, o.Title).Scan(&old).Error
	if err != nil || len(old) == 0 {
		return err
	}
	if err := t.db.Exec("UPDATE tokens SET optin_id = ?, expires_at = ?, next_at = CASE WHEN reason = 'cap' THEN ? ELSE next_at END WHERE optin_id > 0 AND optin_id IN ? AND state = 'waiting'",
		o.ID, millis(o.ExpiresAt), millis(t.now), old).Error; err != nil {
		return err
	}
	if err := t.db.Exec("UPDATE tokens SET next_optin_id = ? WHERE contact_id = ? AND next_optin_id IN ?", o.ID, o.ContactID, old).Error; err != nil {
		return err
	}
	return t.db.Exec("UPDATE recurring_optins SET status = ?, reason = ?, status_at = ? WHERE id IN ?", models.OptInExpired, models.TokenReplaced, millis(t.now), old).Error
}

// StopOptIns ends what waits by a contact's recurring opt-ins, or by one of them, and keeps it from being used until it is resumed.
func (t *Tx) StopOptIns(contactID, optInID int64, why models.TokenReason) error {
	only := ""
	args := []any{contactID}
	if optInID != 0 {
		only, args = " AND optin_id = ?", append(args, optInID)
	}
	if _, err := t.endWaiting(models.TokenWithdrawn, why, "contact_id = ? AND optin_id > 0"+only, args...); err != nil {
		return err
	}
	if optInID != 0 {
		only = " AND next_optin_id = ?"
	}
	if err := t.db.Exec("UPDATE tokens SET next_optin_id = 0 WHERE contact_id = ? AND next_optin_id > 0"+only, args...).Error; err != nil {
		return err
	}
	if optInID != 0 {
		only = " AND id = ?"
	}
	return t.db.Exec("UPDATE recurring_optins SET status = ?, reason = ?, status_at = CASE WHEN status_at < ? THEN ? ELSE status_at END WHERE status = 'active' AND contact_id = ?"+only,
		append([]any{models.OptInStopped, why, millis(t.now), millis(t.now)}, args...)...).Error
}

// CoveringOptIn returns the contact's recurring opt-in that may be used for a variant: one about it before one about anything.
func (t *Tx) CoveringOptIn(contactID, variantID int64) (models.OptIn, bool, error) {
	var list []models.OptIn
	err := t.db.Raw(`SELECT * FROM recurring_optins WHERE contact_id = ? AND status = 'active' AND expires_at > ? AND variant_id IN (0, ?)
		ORDER BY variant_id DESC, id DESC LIMIT 1`, contactID, millis(t.now.Add(models.TokenMargin)), variantID).Scan(&list).Error
	if err != nil || len(list) == 0 {
		return models.OptIn{}, false, err
	}
	return list[0], true, nil
}

// StoppedOptIn reports whether the contact stopped a recurring opt-in about a variant.
func (r Reader) StoppedOptIn(ctx context.Context, contactID, variantID int64) (bool, error) {
	var n int64
	err := r.with(ctx).Raw("SELECT COUNT(*) FROM recurring_optins WHERE contact_id = ? AND variant_id = ? AND status = 'stopped'", contactID, variantID).Scan(&n).Error
	return n > 0, translate(err)
}

// maxStanding bounds for how many products one opt-in waits at once.
const maxStanding = 100

// StandingInterests lists the sold-out variants that a contact asked about since it last wrote stop, the latest first, at most
// maxStanding.
func (t *Tx) StandingInterests(contactID int64) (ids []int64, err error) {
	err = t.db.Raw(`SELECT i.variant_id FROM interests i JOIN contacts c ON c.id = i.contact_id JOIN variants v ON v.id = i.variant_id
		WHERE i.contact_id = ? AND i.at > c.stopped_at AND v.available <= 0 AND NOT v.quantity_unknown AND v.deleted_at = 0
		GROUP BY i.variant_id ORDER BY MAX(i.at) DESC LIMIT ?`, contactID, maxStanding).Scan(&ids).Error
	return ids, err
}

// WaitByOptIn lets a contact, whose row is held, wait for a variant by a recurring opt-in, and returns the row of tokens that does,
// false where none was added: the contact waits already, and the opt-in takes over after that, or the contact was told of the
// stock that is there.
func (t *Tx) WaitByOptIn(ctx context.Context, o models.OptIn, variantID int64, at time.Time) (models.Token, bool, error) {
	v, err := t.Variant(ctx, variantID)
	if err != nil {
		return models.Token{}, false, err
	}
	var before []models.Token
	err = t.db.Raw(`SELECT k.id, k.state, k.optin_id, k.restock_id FROM tokens k LEFT JOIN restocks s ON s.id = k.restock_id
		WHERE k.contact_id = ? AND k.variant_id = ? AND (k.state IN ('waiting', 'claimed', 'unknown') OR k.state = 'sent' AND s.episode = ? AND ?)
		ORDER BY CASE WHEN k.state = 'sent' THEN 0 ELSE 1 END, k.id`+t.lock("FOR UPDATE OF k"), o.ContactID, variantID, v.Episode, v.InStock()).Scan(&before).Error
	if err != nil {
		return models.Token{}, false, err
	}
	if len(before) > 0 {
		last := before[len(before)-1]
		if err := t.db.Exec("UPDATE tokens SET next_optin_id = ? WHERE id = ?", o.ID, last.ID).Error; err != nil || last.State != models.TokenSent {
			return last, false, err
		}
		return last, false, t.db.Exec("UPDATE restocks SET renews = TRUE WHERE id = ?", last.RestockID).Error
	}
	k := models.Token{PageID: o.PageID, ContactID: o.ContactID, VariantID: variantID, RequestID: o.RequestID, State: models.TokenWaiting,
		GrantedAt: at, ExpiresAt: o.ExpiresAt, StateAt: t.now, OptInID: o.ID, NextOptInID: o.ID}
	if o.NextUseAt.After(t.now) {
		k.NextAt, k.Reason = o.NextUseAt, models.TokenCap
	}
	if err := t.db.Create(&k).Error; err != nil {
		return k, false, err
	}
	if err := t.countWaiting(k.VariantID, 1); err != nil {
		return k, false, err
	}
	return k, true, t.count(k.PageID, countToken+string(models.TokenWaiting), 1)
}

// PreferOneTime makes way for a one-time token of a contact who waits for the same variant by a recurring opt-in: the one is
// spent first, and the other takes over after it. A restock that the contact is told of by the opt-in already is not one for
// the token, which is returned as it is then.
func (t *Tx) PreferOneTime(ctx context.Context, k models.Token) (models.Token, error) {
	if k.VariantID == 0 {
		return k, nil
	}
	v, err := t.Variant(ctx, k.VariantID)
	if err != nil {
		return k, err
	}
	var uses []models.Token
	err = t.db.Raw(`SELECT u.id, u.state, u.optin_id, u.restock_id FROM tokens u LEFT JOIN restocks s ON s.id = u.restock_id
		WHERE u.contact_id = ? AND u.variant_id = ? AND u.optin_id > 0 AND (u.state IN ('waiting', 'claimed', 'unknown') OR u.state = 'sent' AND s.episode = ? AND ?)
		ORDER BY u.id`+t.lock("FOR UPDATE OF u"), k.ContactID, k.VariantID, v.Episode, v.InStock()).Scan(&uses).Error
	if err != nil || len(uses) == 0 {
		return k, err
	}
	for _, u := range uses {
		if u.State != models.TokenWaiting {
			k.NotRestock = u.RestockID
			continue
		}
		k.NextOptInID = u.OptInID
		if _, err := t.endWaiting(models.TokenWithdrawn, models.TokenReplaced, "id = ?", u.ID); err != nil {
			return k, err
		}
	}
	return k, t.db.Exec("UPDATE tokens SET next_optin_id = ?, not_restock = ? WHERE id = ?", k.NextOptInID, k.NotRestock, k.ID).Error
}

// refuseRecurring notes that the platform refused a Page recurring notifications.
func (t *Tx) refuseRecurring(pageID, detail string) error {
	return t.db.Exec("UPDATE pages SET recurring_off_at = ?, recurring_detail = ? WHERE id = ?", millis(t.now), detail, pageID).Error
}

// RecastRequest makes of an opt-in request that the platform refused one for a one-time notification.
func (t *Tx) RecastRequest(m models.Message, why models.OptInReason) error {
	if err := t.db.Model(&m).Select("content").Updates(&m).Error; err != nil {
		return err
	}
	return t.db.Exec("UPDATE optin_requests SET product = ?, why = ? WHERE id = ?", models.OptInOneTime, why, m.RequestID).Error
}

// OptIns lists a contact's recurring opt-ins, the latest first, without their tokens.
func (r Reader) OptIns(ctx context.Context, contactID int64, limit int) ([]models.OptIn, error) {
	var list []models.OptIn
	err := r.with(ctx).Omit("hash", "sealed").Where("contact_id = ?", contactID).Order("id DESC").Limit(limit).Find(&list).Error
	return list, translate(err)
}
