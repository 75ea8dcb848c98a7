package store

import (
	"context"
	"time"

	"bentornato/models"
)

// SaveThread writes which app has the conversation.
func (t *Tx) SaveThread(c models.Contact) error {
	return t.db.Exec("UPDATE contacts SET thread_owner = ? WHERE id = ?", c.ThreadOwner, c.ID).Error
}

// SaveDisclosed writes that the person was told that the answers are automatic.
func (t *Tx) SaveDisclosed(contactID int64) error {
	return t.db.Exec("UPDATE contacts SET disclosed_at = ? WHERE id = ?", millis(t.now), contactID).Error
}

// AdInterest returns the contact's latest interest by an ad since a moment, and false where there is none.
func (t *Tx) AdInterest(contactID int64, since time.Time) (models.Interest, bool, error) {
	var list []models.Interest
	err := t.db.Raw("SELECT * FROM interests WHERE contact_id = ? AND source = ? AND at >= ? ORDER BY id DESC LIMIT 1",
		contactID, models.InterestAd, millis(since)).Scan(&list).Error
	if err != nil || len(list) == 0 {
		return models.Interest{}, false, err
	}
	return list[0], true, nil
}

// GuestOf returns the user_ref of the guest whom one of our messages went to, "" where it went to somebody else.
func (t *Tx) GuestOf(pageID string, messageID int64) (string, error) {
	var psids []string
	err := t.db.Raw("SELECT c.psid FROM messages m JOIN contacts c ON c.id = m.contact_id WHERE m.id = ? AND m.page_id = ? AND NOT m.incoming",
		messageID, pageID).Scan(&psids).Error
	if err != nil || len(psids) == 0 {
		return "", err
	}
	return models.Contact{PSID: psids[0]}.Guest(), nil
}

// MergeGuest makes a guest of the checkbox plugin the contact whose page-scoped id the platform told. Where that contact is
// known already, what the guest asked for and was asked becomes theirs.
func (t *Tx) MergeGuest(pageID, userRef, psid string) error {
	var guests []models.Contact
	if err := t.db.Raw("SELECT * FROM contacts WHERE page_id = ? AND psid = ?"+t.lock("FOR UPDATE"), pageID, models.GuestPSID(userRef)).Scan(&guests).Error; err != nil || len(guests) == 0 {
		return err
	}
	guest := guests[0]
	var known []models.Contact
	if err := t.db.Raw("SELECT * FROM contacts WHERE page_id = ? AND psid = ?"+t.lock("FOR UPDATE"), pageID, psid).Scan(&known).Error; err != nil {
		return err
	}
	if len(known) == 0 {
		// profile_at: the name of a guest could not be asked for; now it can.
		return t.db.Exec("UPDATE contacts SET psid = ?, profile_at = 0 WHERE id = ?", psid, guest.ID).Error
	}
	into := known[0]
	// One outstanding request for a contact and a variant: the known contact's stays.
	if err := t.db.Exec(`UPDATE optin_requests SET state = ?, state_at = ? WHERE contact_id = ? AND state IN ('queued', 'sent') AND EXISTS (
		SELECT 1 FROM optin_requests q WHERE q.contact_id = ? AND q.variant_id = optin_requests.variant_id AND q.state IN ('queued', 'sent'))`,
		models.RequestLapsed, millis(t.now), guest.ID, into.ID).Error; err != nil {
		return err
	}
	// One live use of a recurring opt-in for a person and a product: the known contact's stays.
	if _, err := t.endWaiting(models.TokenWithdrawn, models.TokenReplaced, `contact_id = ? AND optin_id > 0 AND EXISTS (SELECT 1 FROM tokens k
		WHERE k.contact_id = ? AND k.variant_id = tokens.variant_id AND k.state IN ('waiting', 'claimed', 'unknown'))`, guest.ID, into.ID); err != nil {
		return err
	}
	for _, table := range []string{"optin_requests", "interests", "messages", "tokens", "recurring_optins", "orders"} {
		if err := t.db.Exec("UPDATE "+table+" SET contact_id = ? WHERE contact_id = ?", into.ID, guest.ID).Error; err != nil {
			return err
		}
	}
	if err := t.db.Exec(`INSERT INTO contact_words (contact_id, word, at) SELECT CAST(? AS BIGINT), word, at FROM contact_words WHERE contact_id = ?
		ON CONFLICT (contact_id, word) DO NOTHING`, into.ID, guest.ID).Error; err != nil {
		return err
	}
	last := guest.LastActionAt
	if into.LastActionAt.After(last) {
		last = into.LastActionAt
	}
	stopped := guest.StoppedAt
	if into.StoppedAt.After(stopped) {
		stopped = into.StoppedAt
	}
	if err := t.db.Exec("UPDATE contacts SET last_action_at = ?, stopped_at = ?, unread = ?, unanswered = ? WHERE id = ?",
		millis(last), millis(stopped), into.Unread || guest.Unread, into.Unanswered || guest.Unanswered, into.ID).Error; err != nil {
		return err
	}
	if err := t.db.Exec("DELETE FROM contacts WHERE id = ?", guest.ID).Error; err != nil {
		return err
	}
	return t.count(pageID, countContacts, -1)
}

// PrivateReplies counts a Page's private replies since a moment: those sent or without an answer, and of those under way the
// ones up to a number, so that of several at once the first may go.
func (r Reader) PrivateReplies(ctx context.Context, pageID string, since time.Time, upTo int64) (int, error) {
	var n int64
	err := r.with(ctx).Raw(`SELECT COUNT(*) FROM messages WHERE page_id = ? AND kind = 'private_reply' AND state_at > ?
		AND (state IN ('sent', 'unknown') OR state = 'claimed' AND id <= ?)`, pageID, millis(since), upTo).Scan(&n).Error
	return int(n), translate(err)
}
