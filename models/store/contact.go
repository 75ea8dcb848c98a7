package store

import (
	"context"
	"time"

	"bentornato/models"
)

// Contact returns a contact by its number.
func (r Reader) Contact(ctx context.Context, id int64) (models.Contact, error) {
	var c models.Contact
	err := r.within(ctx, r.with(ctx)).First(&c, "id = ?", id).Error
	return c, found(err, "There is no such contact.")
}

// ContactByPSID finds a contact as a Page sees it.
func (r Reader) ContactByPSID(ctx context.Context, pageID, psid string) (models.Contact, error) {
	var c models.Contact
	err := r.within(ctx, r.with(ctx)).First(&c, "page_id = ? AND psid = ? AND erased_at = 0", pageID, psid).Error
	return c, found(err, "This Page has no contact with that id.")
}

// Contacts lists contacts, whoever acted last first.
func (r Reader) Contacts(ctx context.Context, q models.ContactQuery, now time.Time) ([]models.ContactRow, string, error) {
	// As a condition the state would tempt SQLite to read every token that waits, once for each row.
	db := r.with(ctx).Table("contacts").Select(`contacts.*,
		(SELECT COUNT(CASE WHEN tokens.state = 'waiting' THEN 1 END) FROM tokens WHERE tokens.contact_id = contacts.id) AS waiting`).Where("erased_at = 0")
	db = r.within(ctx, db)
	if q.PageID != "" {
		db = db.Where("page_id = ?", q.PageID)
	}
	opened, byHand := millis(now.Add(-models.StandardWindow)), millis(now.Add(-models.HumanAgentWindow))
	switch q.Show {
	case "":
	case models.ContactsOpen:
		db = db.Where("last_action_at > ?", opened)
	case models.ContactsByHand:
		db = db.Where("last_action_at > ? AND last_action_at <= ?", byHand, opened)
	case models.ContactsStopped:
		db = db.Where("stopped_at > 0 AND last_action_at <= stopped_at")
	default:
		return nil, "", models.FieldErrorf("show", "The filter is open, by_hand or stopped.")
	}
	search, err := r.seek(ctx, q.Text, true)
	if err != nil {
		return nil, "", err
	}
	var rows []models.ContactRow
	next, err := pageContacts(r.with(ctx), db, search, q.Cursor, q.Limit, &rows, func(row models.ContactRow) models.Contact { return row.Contact })
	return rows, next, err
}

// TakeContact returns the contact with the PSID, adding it where it is new, and holds its row: events of one
// contact are applied one after the other.
func (t *Tx) TakeContact(pageID, psid string) (models.Contact, error) {
	res := t.db.Exec("INSERT INTO contacts (page_id, psid, created_at) VALUES (?, ?, ?) ON CONFLICT (page_id, psid) DO NOTHING",
		pageID, psid, millis(t.now))
	if res.Error != nil {
		return models.Contact{}, res.Error
	}
	if res.RowsAffected > 0 {
		if err := t.count(pageID, countContacts, 1); err != nil {
			return models.Contact{}, err
		}
	}
	var c models.Contact
	err := t.db.Raw("SELECT * FROM contacts WHERE page_id = ? AND psid = ?"+t.lock("FOR UPDATE"), pageID, psid).First(&c).Error
	return c, err
}

// SaveWindow writes the contact's last qualifying action.
func (t *Tx) SaveWindow(c models.Contact) error {
	return t.db.Exec("UPDATE contacts SET last_action_at = ? WHERE id = ?", millis(c.LastActionAt), c.ID).Error
}

// SaveStop writes that the contact asked to be left alone.
func (t *Tx) SaveStop(c models.Contact) error {
	return t.db.Exec("UPDATE contacts SET stopped_at = ? WHERE id = ?", millis(c.StoppedAt), c.ID).Error
}

// SaveProfile writes what the platform told of the person; an empty name leaves the known one.
func (t *Tx) SaveProfile(id int64, name, locale string) error {
	res := t.db.Exec(`UPDATE contacts SET profile_at = ?, name = CASE WHEN ? = '' THEN name ELSE ? END,
		locale = CASE WHEN ? = '' THEN locale ELSE ? END WHERE id = ? AND erased_at = 0`,
		millis(t.now), name, name, locale, locale, id)
	if res.Error != nil || res.RowsAffected == 0 || name == "" {
		return res.Error
	}
	return t.saveName(id, name)
}

// ContactsWithoutProfile lists contacts whose profile was never asked for.
func (r Reader) ContactsWithoutProfile(ctx context.Context, limit int) ([]models.Contact, error) {
	var list []models.Contact
	err := r.with(ctx).Where("profile_at = 0 AND erased_at = 0 AND last_action_at > 0 AND psid NOT LIKE 'guest:%'").Order("id").Limit(limit).Find(&list).Error
	return list, translate(err)
}

// EraseContact forgets a person: words, interest and requests are deleted, tokens that still wait are withdrawn, and
// what remains of the ledger belongs to a number without a person. A token on its way at this moment settles as
// it would have.
func (t *Tx) EraseContact(c models.Contact) error {
	// The keys stay, without the words: an event delivered again must not bring the person back. They come first, since
	// they wait for whoever applies events at this moment, and so does the contact; what those wrote is erased as well.
	if err := t.db.Exec("UPDATE inbound_events SET sealed = NULL, psid = '', state = CASE WHEN state = 'pending' THEN 'ignored' ELSE state END WHERE page_id = ? AND psid = ?",
		c.PageID, c.PSID).Error; err != nil {
		return err
	}
	res := t.db.Exec("UPDATE contacts SET psid = ?, name = '', locale = '', last_action_at = 0, unread = FALSE, unanswered = FALSE, erase_at = 0, erase_code = '', erased_at = ? WHERE id = ? AND erased_at = 0",
		"erased:"+formatID(c.ID), millis(t.now), c.ID)
	if res.Error != nil || res.RowsAffected == 0 {
		return res.Error
	}
	if _, err := t.WithdrawTokens(c.ID, models.TokenErased); err != nil {
		return err
	}
	if err := t.failUnknown(models.TokenErased, "contact_id = ?", c.ID); err != nil {
		return err
	}
	for _, sql := range []string{
		"DELETE FROM messages WHERE contact_id = ? AND state <> 'claimed'",
		"UPDATE messages SET text = '', content = NULL, attachments = NULL WHERE contact_id = ?",
		"DELETE FROM contact_words WHERE contact_id = ?",
		"DELETE FROM interests WHERE contact_id = ?",
		"UPDATE orders SET contact_id = 0, token_id = 0 WHERE contact_id = ?",
		"UPDATE optin_requests SET title = '', state = CASE WHEN state IN ('queued', 'sent') THEN 'dropped' ELSE state END WHERE contact_id = ?",
		"UPDATE tokens SET hash = NULL, sealed = NULL WHERE contact_id = ? AND state <> 'claimed'",
		"UPDATE tokens SET next_optin_id = 0 WHERE contact_id = ? AND next_optin_id > 0",
		// The fingerprint stays: the Page's own list of tokens must not bring the person back.
		"UPDATE recurring_optins SET status = 'erased', reason = 'erased', title = '', topic = '', time_zone = '', sealed = NULL WHERE contact_id = ?",
	} {
		if err := t.db.Exec(sql, c.ID).Error; err != nil {
			return err
		}
	}
	if err := t.count(c.PageID, countContacts, -1); err != nil {
		return err
	}
	return t.Record(models.AuditEntry{Thing: models.AuditContact, ThingID: formatID(c.ID), PageID: c.PageID, Act: models.AuditErased})
}

// SaveErasure writes a deletion's public status.
func (t *Tx) SaveErasure(e models.Erasure) error { return t.db.Create(&e).Error }

// Erasure finds a deletion by its code.
func (r Reader) Erasure(ctx context.Context, code string) (models.Erasure, error) {
	var e models.Erasure
	err := r.with(ctx).First(&e, "code = ?", code).Error
	return e, found(err, "No deletion is known under this code.")
}
