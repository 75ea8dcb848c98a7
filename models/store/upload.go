package store

import (
	"context"
	"time"

	"gorm.io/gorm/clause"

	"bentornato/models"
)

// SaveUpload keeps a user's file until they say yes to it; one kept before gives way. What others left for longer than
// models.UploadLife is thrown away.
func (t *Tx) SaveUpload(u models.Upload) error {
	if err := t.expireUploads(); err != nil {
		return err
	}
	u.At = t.now
	return t.db.Clauses(clause.OnConflict{Columns: []clause.Column{{Name: "user_id"}}, UpdateAll: true}).Create(&u).Error
}

func (t *Tx) expireUploads() error {
	return t.db.Exec("DELETE FROM uploads WHERE at <= ?", millis(t.now.Add(-models.UploadLife))).Error
}

// Upload returns the file that a user is kept under a code, as of now. One that is gone or too old is not found.
func (r Reader) Upload(ctx context.Context, userID int64, code string, now time.Time) (models.Upload, error) {
	var u models.Upload
	err := r.within(ctx, r.with(ctx)).First(&u, "user_id = ? AND code = ? AND at > ?", userID, code, millis(now.Add(-models.UploadLife))).Error
	return u, found(err, "This file is not kept any more; send it again.")
}

// DeleteUpload throws a user's file away.
func (t *Tx) DeleteUpload(userID int64, code string) error {
	return t.db.Exec("DELETE FROM uploads WHERE user_id = ? AND code = ?", userID, code).Error
}
