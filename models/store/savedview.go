package store

import (
	"context"

	"gorm.io/gorm/clause"

	"bentornato/models"
)

// SavedViews lists a user's named filters, by name.
func (r Reader) SavedViews(ctx context.Context, userID int64) ([]models.SavedView, error) {
	var list []models.SavedView
	err := r.with(ctx).Where("user_id = ?", userID).Order("name, id").Find(&list).Error
	return list, translate(err)
}

// SaveView keeps a user's filter under a name; the one that has the name is replaced. One more than MaxSavedViews is a
// conflict.
func (t *Tx) SaveView(v models.SavedView) error {
	var others int64
	if err := t.db.Model(&models.SavedView{}).Where("user_id = ? AND name <> ?", v.UserID, v.Name).Count(&others).Error; err != nil {
		return err
	}
	if others >= models.MaxSavedViews {
		return models.Errorf(models.KindConflict, "There are %d saved views; delete one first.", others)
	}
	v.CreatedAt = t.now
	return t.db.Clauses(clause.OnConflict{
		Columns: []clause.Column{{Name: "user_id"}, {Name: "name"}}, DoUpdates: clause.AssignmentColumns([]string{"query"}),
	}).Create(&v).Error
}

// DeleteView forgets one of a user's filters. One that is not there is forgotten already.
func (t *Tx) DeleteView(userID, id int64) error {
	return t.db.Exec("DELETE FROM saved_views WHERE id = ? AND user_id = ?", id, userID).Error
}
