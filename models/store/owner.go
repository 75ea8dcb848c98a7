package store

import (
	"context"
	"database/sql"
	"errors"
	"net/url"

	"bentornato/models"
)

// Own makes this process the one that sends from a SQLite database, until release is called or the process ends, however
// it ends. What its predecessors had claimed when they died can have no answer any more, so it need not wait for their
// leases: the next sweep finds it. Where another process owns the database nothing is touched, and leases do what they are
// for. On PostgreSQL, which many processes send from, it does nothing.
func (s *Store) Own(ctx context.Context) (release func() error, err error) {
	release = func() error { return nil }
	if s.dialect != dialectSQLite {
		return release, nil
	}
	owned, release, err := ownFile(ctx, s.path+"-owner")
	if err != nil || !owned {
		return release, err
	}
	err = s.Update(ctx, func(t *Tx) error {
		return errors.Join(
			t.db.Exec("UPDATE tokens SET lease_until = 0 WHERE state = 'claimed' AND NOT suspect").Error,
			t.db.Exec("UPDATE messages SET lease_until = 0 WHERE state = 'claimed'").Error)
	})
	return release, err
}

// ownFile locks a file of its own with SQLite's own means, which work wherever SQLite does: the operating system takes the
// lock back when the process dies. The file stays empty.
func ownFile(ctx context.Context, path string) (owned bool, release func() error, err error) {
	release = func() error { return nil }
	db, err := sql.Open("sqlite3", "file:"+(&url.URL{Path: path}).EscapedPath()+"?_busy_timeout=0")
	if err != nil {
		return false, release, translate(err)
	}
	db.SetMaxOpenConns(1)
	conn, err := db.Conn(ctx)
	if err == nil {
		_, err = conn.ExecContext(ctx, "BEGIN EXCLUSIVE")
	}
	if err != nil {
		if conn != nil {
			err = errors.Join(err, conn.Close())
		}
		err = errors.Join(err, db.Close())
		if isBusy(err) {
			return false, release, models.Errorf(models.KindConflict, "Another process sends from this database; what it has claimed is left to it.")
		}
		return false, release, translate(err)
	}
	return true, func() error { return errors.Join(conn.Close(), db.Close()) }, nil
}
