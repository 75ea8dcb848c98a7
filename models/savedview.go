package models

import (
	"strings"
	"time"
	"unicode/utf8"
)

// SavedView is a filter of the list of products that a user gave a name.
type SavedView struct {
	ID     int64 `gorm:"primaryKey"`
	UserID int64
	Name   string
	// Query is the filter as the list's address has it: q, availability, sort and page_id.
	Query     string
	CreatedAt time.Time `gorm:"serializer:ms;autoCreateTime:false"`
}

// Limits of saved views: of each user, and in characters.
const (
	MaxSavedViews = 20
	MaxViewName   = 40
	MaxViewQuery  = 500
)

// ValidateSavedView checks what a person may keep.
func ValidateSavedView(v SavedView) error {
	switch {
	case strings.TrimSpace(v.Name) == "":
		return FieldErrorf("view_name", "Give the view a name.")
	case utf8.RuneCountInString(v.Name) > MaxViewName:
		return FieldErrorf("view_name", "The name is longer than %d characters.", MaxViewName)
	case v.Query == "":
		return FieldErrorf("view_name", "Search or filter first, then keep it under a name.")
	case len(v.Query) > MaxViewQuery:
		return FieldErrorf("view_name", "The filter is too long to keep.")
	}
	return nil
}

// UploadLife is how long a file is kept between its preview and the yes to it.
const UploadLife = time.Hour

// Upload is a file of products whose sender has not said yes to it yet. A user has at most one.
type Upload struct {
	UserID int64 `gorm:"primaryKey;autoIncrement:false"`
	// Code names it in forms: opaque, nobody can guess it.
	Code    string
	PageID  string
	Name    string
	Content []byte
	At      time.Time `gorm:"serializer:ms"`
}
