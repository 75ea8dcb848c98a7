package store

import (
	"context"

	"bentornato/models"
)

// SavedReplies lists all saved replies, by language and title. There are at most models.MaxSavedReplies.
func (r Reader) SavedReplies(ctx context.Context) ([]models.SavedReply, error) {
	var list []models.SavedReply
	err := r.with(ctx).Order("language, title").Limit(models.MaxSavedReplies).Find(&list).Error
	return list, translate(err)
}

// SavedReply returns a saved reply by its number.
func (r Reader) SavedReply(ctx context.Context, id int64) (models.SavedReply, error) {
	var reply models.SavedReply
	err := r.with(ctx).First(&reply, "id = ?", id).Error
	return reply, found(err, "There is no such saved reply.")
}

// SaveReply writes a saved reply, a new one where its number is 0. Its title must be the only one of its language.
func (t *Tx) SaveReply(reply models.SavedReply) (models.SavedReply, error) {
	var same, all int64
	if err := t.db.Raw("SELECT COUNT(*) FROM saved_replies WHERE language = ? AND title = ? AND id <> ?", reply.Language, reply.Title, reply.ID).Scan(&same).Error; err != nil {
		return reply, err
	}
	if same > 0 {
		return reply, models.FieldErrorf("reply_title", "There is a reply with this title already.")
	}
	reply.UpdatedAt = t.now
	if reply.ID != 0 {
		res := t.db.Exec("UPDATE saved_replies SET language = ?, title = ?, text = ?, updated_at = ? WHERE id = ?",
			reply.Language, reply.Title, reply.Text, millis(t.now), reply.ID)
		if res.Error == nil && res.RowsAffected == 0 {
			return reply, models.Errorf(models.KindNotFound, "There is no such saved reply.")
		}
		return reply, res.Error
	}
	if err := t.db.Raw("SELECT COUNT(*) FROM saved_replies").Scan(&all).Error; err != nil {
		return reply, err
	}
	if all >= models.MaxSavedReplies {
		return reply, models.Errorf(models.KindConflict, "There are %d saved replies already; delete one first.", models.MaxSavedReplies)
	}
	reply.CreatedAt = t.now
	return reply, t.db.Create(&reply).Error
}

// DeleteReply deletes a saved reply.
func (t *Tx) DeleteReply(id int64) error {
	res := t.db.Exec("DELETE FROM saved_replies WHERE id = ?", id)
	if res.Error == nil && res.RowsAffected == 0 {
		return models.Errorf(models.KindNotFound, "There is no such saved reply.")
	}
	return res.Error
}
