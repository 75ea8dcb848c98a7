package store

import (
	"context"

	"bentornato/models"
)

// QueueMessage writes a message to be sent, with the fact that causes it. Content is held against the platform's
// limits first.
func (t *Tx) QueueMessage(m models.Message) (models.Message, error) {
	if m.Content == nil {
		return m, models.FieldErrorf("message", "The message is empty.")
	}
	if err := m.Content.Validate(); err != nil {
		return m, err
	}
	m.State, m.At, m.StateAt = models.MessageQueued, t.now, t.now
	return m, t.db.Create(&m).Error
}

// RecordMessage keeps an incoming message or an echo for the conversation; one that is there already, in the same
// direction and with the same MID, changes nothing.
func (t *Tx) RecordMessage(m models.Message) error {
	var known int64
	err := t.db.Raw("SELECT COUNT(*) FROM messages WHERE page_id = ? AND mid = ? AND mid <> '' AND incoming = ?", m.PageID, m.MID, m.Incoming).Scan(&known).Error
	if err != nil || known > 0 {
		return err
	}
	return t.db.Create(&m).Error
}

// Conversation lists the messages with a contact, the latest first.
func (r Reader) Conversation(ctx context.Context, contactID int64, limit int) ([]models.Message, error) {
	list, _, err := r.Messages(ctx, contactID, limit, "")
	return list, err
}

// CommentAnswered reports whether a comment has had, or is about to have, its one private reply (rule 2.3).
func (t *Tx) CommentAnswered(pageID, commentID string) (bool, error) {
	var n int64
	err := t.db.Raw("SELECT COUNT(*) FROM messages WHERE page_id = ? AND comment_id = ? AND comment_id <> ''", pageID, commentID).Scan(&n).Error
	return n > 0, err
}

// SettleMessage writes what became of a message that this process holds, and of the opt-in request it carries.
func (t *Tx) SettleMessage(m models.Message) error {
	res := t.db.Exec(`UPDATE messages SET state = ?, reason = ?, next_at = ?, state_at = ?, mid = CASE WHEN ? <> '' THEN ? ELSE mid END
		WHERE id = ? AND state = ? AND attempts = ?`,
		m.State, m.Reason, millis(m.NextAt), millis(t.now), m.MID, m.MID, m.ID, models.MessageClaimed, m.Attempts)
	if res.Error != nil || res.RowsAffected == 0 || m.RequestID == 0 {
		return res.Error
	}
	return t.settleRequest(m.RequestID, m.State)
}

func (t *Tx) settleRequest(requestID int64, state models.MessageState) error {
	switch state {
	case models.MessageSent, models.MessageUnknown:
		return t.MoveRequest(requestID, models.RequestSent)
	case models.MessageDropped, models.MessageFailed:
		return t.MoveRequest(requestID, models.RequestDropped)
	default:
		return nil
	}
}

// EchoMessage settles a message of ours by its echo, and returns false if there is none such.
func (t *Tx) EchoMessage(pageID string, id int64, mid string) (bool, error) {
	var m models.Message
	res := t.db.Raw("SELECT id, request_id, state, mid FROM messages WHERE id = ? AND page_id = ? AND NOT incoming", id, pageID).Scan(&m)
	if res.Error != nil || res.RowsAffected == 0 {
		return false, res.Error
	}
	if m.State == models.MessageSent && m.MID != "" {
		return true, nil
	}
	err := t.db.Exec("UPDATE messages SET state = ?, reason = 'echo', mid = ?, state_at = ? WHERE id = ?",
		models.MessageSent, mid, millis(t.now), id).Error
	if err != nil || m.RequestID == 0 {
		return true, err
	}
	return true, t.settleRequest(m.RequestID, models.MessageSent)
}

// ExpireMessageLeases turns messages whose sender died into unknown ones: they may have arrived.
func (t *Tx) ExpireMessageLeases() (int64, error) {
	var list []models.Message
	err := t.db.Raw(`UPDATE messages SET state = ?, reason = 'no_answer', state_at = ? WHERE state = 'claimed' AND lease_until <= ?
		RETURNING id, request_id`, models.MessageUnknown, millis(t.now), millis(t.now)).Scan(&list).Error
	for _, m := range list {
		if err == nil && m.RequestID != 0 {
			err = t.settleRequest(m.RequestID, models.MessageUnknown)
		}
	}
	return int64(len(list)), err
}

// SettledMessage is a message as its call left it, and what the platform said.
type SettledMessage struct {
	models.Message
	Answer models.Answer
}

// SettleMessages writes what became of messages, and what the answers say about their Pages.
func (s *Store) SettleMessages(ctx context.Context, list []SettledMessage) error {
	return s.Update(ctx, func(t *Tx) error {
		byPage := map[string][]models.Answer{}
		for _, m := range list {
			if err := t.SettleMessage(m.Message); err != nil {
				return err
			}
			if err := t.NoteGrants(m.PageID, m.Kind, m.Answer); err != nil {
				return err
			}
			if models.AboutPage(m.Kind, m.Answer) {
				byPage[m.PageID] = append(byPage[m.PageID], m.Answer)
			}
		}
		for page, answers := range byPage {
			if err := t.HeedAnswers(page, answers); err != nil {
				return err
			}
		}
		return nil
	})
}
