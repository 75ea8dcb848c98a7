package store

import (
	"encoding/base32"
	"encoding/base64"
	"encoding/binary"
	"slices"
	"strconv"
	"strings"

	"gorm.io/gorm"

	"bentornato/models"
)

// A cursor is the sort value and the id of the last row given out, opaque to whoever passes it back: the next page
// starts behind it, at the same cost however far down it is.
func writeCursor(value, id int64) string {
	return base64.RawURLEncoding.EncodeToString([]byte(formatID(value) + "." + formatID(id)))
}

func readCursor(s string) (value, id int64, err error) {
	text, id, err := readTextCursor(s)
	if err != nil {
		return 0, 0, err
	}
	if value, err = strconv.ParseInt(text, 10, 64); err != nil {
		return 0, 0, badCursor()
	}
	return value, id, nil
}

func writeTextCursor(text string, id int64) string {
	return base64.RawURLEncoding.EncodeToString([]byte(text + "." + formatID(id)))
}

func readTextCursor(s string) (string, int64, error) {
	raw, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil {
		return "", 0, badCursor()
	}
	i := strings.LastIndexByte(string(raw), '.')
	if i < 0 {
		return "", 0, badCursor()
	}
	id, err := strconv.ParseInt(string(raw[i+1:]), 10, 64)
	if err != nil {
		return "", 0, badCursor()
	}
	return string(raw[:i]), id, nil
}

// pageByID reads one page of a list whose newest row, the one with the highest number, stands first, and the cursor of
// the next page.
func pageByID[T any](db *gorm.DB, cursor string, limit int, id func(T) int64) ([]T, string, error) {
	if cursor != "" {
		_, last, err := readCursor(cursor)
		if err != nil {
			return nil, "", err
		}
		db = db.Where("id < ?", last)
	}
	var list []T
	if err := db.Order("id DESC").Limit(limit + 1).Find(&list).Error; err != nil {
		return nil, "", translate(err)
	}
	if len(list) <= limit {
		return list, "", nil
	}
	list = list[:limit]
	return list, writeCursor(0, id(list[limit-1])), nil
}

func badCursor() error {
	return models.FieldErrorf("cursor", "The cursor is not one that this list gave out; start again without it.")
}

func formatID(n int64) string { return strconv.FormatInt(n, 10) }

// A click code is the number and its check, in lower-case base 32: short enough to type from a screen.
var clickEncoding = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

func encodeClick(id int64, sum []byte) string {
	return clickEncoding.EncodeToString(binary.AppendUvarint(slices.Clone(sum), uint64(id)))
}

func decodeClick(code string) (id int64, sum []byte, ok bool) {
	raw, err := clickEncoding.DecodeString(code)
	if err != nil || len(raw) < 7 || len(raw) > 16 {
		return 0, nil, false
	}
	n, used := binary.Uvarint(raw[6:])
	return int64(n), raw[:6], used == len(raw)-6
}
