package store

import (
	"context"
	"math"
	"time"

	"gorm.io/gorm"

	"bentornato/models"
)

// Conversations lists the contacts who ever wrote or tapped, with the latest words of people on either side. What the
// program sends by itself moves no conversation up.
func (r Reader) Conversations(ctx context.Context, q models.ConversationQuery, now time.Time) ([]models.ConversationRow, string, error) {
	db := r.within(ctx, r.with(ctx).Table("contacts").Where("erased_at = 0 AND last_action_at > 0"))
	if q.PageID != "" {
		db = db.Where("page_id = ?", q.PageID)
	}
	switch q.Show {
	case "":
	case models.ConversationsUnread:
		db = db.Where("unread")
	case models.ConversationsUnanswered:
		db = db.Where("unanswered")
	case models.ConversationsOpen:
		db = db.Where("last_action_at > ?", millis(now.Add(-models.StandardWindow)))
	default:
		return nil, "", models.FieldErrorf("show", "The filter is unread, open or unanswered.")
	}
	search, err := r.seek(ctx, q.Text, false)
	if err != nil {
		return nil, "", err
	}
	var contacts []models.Contact
	next, err := pageContacts(r.with(ctx), db, search, q.Cursor, q.Limit, &contacts, func(c models.Contact) models.Contact { return c })
	if err != nil || len(contacts) == 0 {
		return nil, "", err
	}
	last, err := r.lastWords(ctx, contacts)
	if err != nil {
		return nil, "", err
	}
	rows := make([]models.ConversationRow, len(contacts))
	for i, c := range contacts {
		rows[i].Contact = c
		if m, ok := last[c.ID]; ok {
			rows[i].Last = &m
		}
	}
	return rows, next, nil
}

// pageContacts reads one page of a list of contacts, whoever acted last first, and returns the next page's cursor. What a
// search found is sorted: in the order of the index, everybody who was not found would be passed over one by one. What so
// many have said that the last to act fill a page is read in that order first.
func pageContacts[T any](everybody, db *gorm.DB, search contactSearch, cursor string, limit int, into *[]T, contact func(T) models.Contact) (string, error) {
	at, id := int64(math.MaxInt64), int64(math.MaxInt64)
	if cursor != "" {
		var err error
		if at, id, err = readCursor(cursor); err != nil {
			return "", err
		}
	}
	read := func(db *gorm.DB, key string) error {
		if cursor != "" {
			db = db.Where("("+key+", id) < (?, ?)", at, id)
		}
		return translate(db.Order(key + " DESC, id DESC").Limit(limit + 1).Scan(into).Error)
	}
	db = db.Session(&gorm.Session{})
	switch {
	case search.text == "":
		if err := read(db, "last_action_at"); err != nil {
			return "", err
		}
	case search.common:
		var since int64
		if err := everybody.Raw(`SELECT COALESCE(MIN(last_action_at), 0) AS at FROM (SELECT last_action_at FROM contacts WHERE (last_action_at, id) < (?, ?)
			ORDER BY last_action_at DESC, id DESC LIMIT ?) AS few`, at, id, maxRecent).Scan(&since).Error; err != nil {
			return "", translate(err)
		}
		if err := read(search.recent(db.Where("last_action_at > ?", since)), "last_action_at"); err != nil {
			return "", err
		}
	}
	if search.text != "" && len(*into) <= limit {
		*into = nil
		if err := read(search.all(db), "last_action_at + 0"); err != nil {
			return "", err
		}
	}
	if len(*into) <= limit {
		return "", nil
	}
	*into = (*into)[:limit]
	last := contact((*into)[limit-1])
	return writeCursor(millis(last.LastActionAt), last.ID), nil
}

// lastWords finds each contact's latest message that a person wrote or tapped, on either side.
func (r Reader) lastWords(ctx context.Context, contacts []models.Contact) (map[int64]models.Message, error) {
	ids := make([]int64, len(contacts))
	for i, c := range contacts {
		ids[i] = c.ID
	}
	var list []models.Message
	err := r.with(ctx).Raw(`SELECT m.* FROM contacts c JOIN messages m ON m.id =
		(SELECT w.id FROM messages w WHERE w.contact_id = c.id AND (w.incoming OR w.typed_by > 0 OR (w.reason = ? AND w.attempts = 0 AND w.kind = ?)) ORDER BY w.at DESC, w.id DESC LIMIT 1)
		WHERE c.id IN ?`, models.MessageEcho, models.SendReply, ids).Scan(&list).Error
	last := make(map[int64]models.Message, len(list))
	for _, m := range list {
		last[m.ContactID] = m
	}
	return last, translate(err)
}

// UnreadConversations counts the conversations that nobody of the team has looked at, up to models.MaxUnread.
func (r Reader) UnreadConversations(ctx context.Context) (int, error) {
	var n int
	reach, args := andApart(ctx)
	err := r.with(ctx).Raw("SELECT COUNT(*) FROM (SELECT 1 FROM contacts WHERE unread"+reach+" LIMIT ?) AS few", append(args, models.MaxUnread)...).Scan(&n).Error
	return n, translate(err)
}

// Messages lists the messages with a contact, the latest first, and the cursor of those before them.
func (r Reader) Messages(ctx context.Context, contactID int64, limit int, cursor string) ([]models.Message, string, error) {
	db := r.with(ctx).Where("contact_id = ?", contactID)
	if cursor != "" {
		at, id, err := readCursor(cursor)
		if err != nil {
			return nil, "", err
		}
		db = db.Where("(at, id) < (?, ?)", at, id)
	}
	var list []models.Message
	if err := db.Order("at DESC, id DESC").Limit(limit + 1).Find(&list).Error; err != nil {
		return nil, "", translate(err)
	}
	if len(list) <= limit {
		return list, "", nil
	}
	list = list[:limit]
	last := list[limit-1]
	return list, writeCursor(millis(last.At), last.ID), nil
}

// NoteWords marks a conversation as unread, and as unanswered where the program has answered nothing itself.
func (t *Tx) NoteWords(contactID int64, answered bool) error {
	return t.db.Exec("UPDATE contacts SET unread = ?, unanswered = (unanswered OR ?) WHERE id = ? AND erased_at = 0", true, !answered, contactID).Error
}

// SetUnread marks a conversation as read or unread.
func (t *Tx) SetUnread(contactID int64, unread bool) error {
	res := t.db.Exec("UPDATE contacts SET unread = ? WHERE id = ? AND erased_at = 0 AND last_action_at > 0", unread, contactID)
	if res.Error == nil && res.RowsAffected == 0 {
		return models.Errorf(models.KindNotFound, "There is no such conversation.")
	}
	return res.Error
}

// SetAnswered marks a conversation as read, and as one that waits for nobody.
func (t *Tx) SetAnswered(contactID int64) error {
	return t.db.Exec("UPDATE contacts SET unread = ?, unanswered = ? WHERE id = ? AND (unread OR unanswered)", false, false, contactID).Error
}
