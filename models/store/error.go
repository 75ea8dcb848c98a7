package store

import (
	"database/sql/driver"
	"errors"
	"io"
	"net"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/mattn/go-sqlite3"
	"gorm.io/gorm"

	"bentornato/models"
)

// translate turns a driver's error into one with a kind. It is the only place where drivers' errors are read.
func translate(err error) error {
	var known *models.Error
	switch {
	case err == nil, errors.As(err, &known):
		return err
	case errors.Is(err, gorm.ErrRecordNotFound):
		return &models.Error{Kind: models.KindNotFound, Message: "There is no such thing.", Err: err}
	case errors.Is(err, gorm.ErrDuplicatedKey):
		return &models.Error{Kind: models.KindConflict, Message: "It exists already.", Err: err}
	case isFull(err):
		return &models.Error{Kind: models.KindUnavailable, Message: "The disk of the database is full. Make room; nothing was changed.", Err: err}
	case isBusy(err), isDeadlock(err):
		return &models.Error{Kind: models.KindUnavailable, Message: "The database is busy. Nothing was changed; please try again.", Err: err}
	case isLost(err):
		return &models.Error{Kind: models.KindUnavailable, Message: "The connection to the database was lost; please try again.", Err: err}
	default:
		return &models.Error{Kind: models.KindInternal, Message: "The database refused.", Err: err}
	}
}

func isDeadlock(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && (pg.Code == "40P01" || pg.Code == "40001")
}

func isFull(err error) bool {
	var lite sqlite3.Error
	if errors.As(err, &lite) {
		return lite.Code == sqlite3.ErrFull || lite.Code == sqlite3.ErrIoErr
	}
	var pg *pgconn.PgError
	return errors.As(err, &pg) && pg.Code == "53100"
}

func isBusy(err error) bool {
	var lite sqlite3.Error
	if errors.As(err, &lite) {
		return lite.Code == sqlite3.ErrBusy || lite.Code == sqlite3.ErrLocked
	}
	var connect *pgconn.ConnectError
	return errors.As(err, &connect)
}

// isLost reports whether the database, or the way to it, went away in mid-work. Whether a commit that was under way
// happened nobody knows; what writes must be able to write again.
func isLost(err error) bool {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return strings.HasPrefix(pg.Code, "08") || strings.HasPrefix(pg.Code, "57P") // connection trouble, the server stops
	}
	var network net.Error
	return errors.Is(err, driver.ErrBadConn) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) || errors.As(err, &network)
}

// found turns gorm's "not found" into our own, with a sentence that names the thing.
func found(err error, sentence string) error {
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return &models.Error{Kind: models.KindNotFound, Message: sentence}
	}
	return translate(err)
}

// Retryable reports whether a transaction failed only for what others did at the same time, or for want of room, and
// may succeed if it is begun again. What it did is undone, and nothing may go on in it: a full disk ends SQLite's
// transactions on the spot.
func Retryable(err error) bool { return isDeadlock(err) || isFull(err) || isBusy(err) || isLost(err) }
