package store

import (
	"context"
	"errors"

	"gorm.io/gorm"

	"bentornato/models"
)

// Exec runs a statement on the connection that writes, past every rule: for states that no caller can bring about.
func (s *Store) Exec(ctx context.Context, sql string, args ...any) error {
	return s.write.WithContext(ctx).Exec(sql, args...).Error
}

// errCrash ends a transaction that is to leave nothing.
var errCrash = errors.New("the process died")

// ClaimAndCrash claims, and dies before the commit.
func (s *Store) ClaimAndCrash(ctx context.Context, q ClaimQuery) error {
	return s.crash(ctx, func(t *Tx) error { _, err := t.claimAll(ctx, q, s.now); return err })
}

// SettleAndCrash settles, and dies before the commit.
func (s *Store) SettleAndCrash(ctx context.Context, list []models.Settlement) error {
	return s.crash(ctx, func(t *Tx) error { return t.settle(list) })
}

func (s *Store) crash(ctx context.Context, do func(*Tx) error) error {
	err := s.Update(ctx, func(t *Tx) error {
		if err := do(t); err != nil {
			return err
		}
		if err := t.writeLate(); err != nil {
			return err
		}
		return errCrash
	})
	if errors.Is(err, errCrash) {
		return nil
	}
	return err
}

// Query reads with a statement of the test's own.
func (s *Store) Query(ctx context.Context, into any, sql string, args ...any) error {
	return s.write.WithContext(ctx).Raw(sql, args...).Scan(into).Error
}

// Postgres reports which database it is.
func (s *Store) Postgres() bool { return s.dialect == dialectPostgres }

// FillDisk keeps a SQLite database from growing by another page; room takes that back.
func (s *Store) FillDisk(ctx context.Context) (room func() error, err error) {
	var pages int64
	if err := s.Query(ctx, &pages, "PRAGMA page_count"); err != nil {
		return nil, err
	}
	limit := func(n int64) error {
		var now int64
		return s.Query(ctx, &now, "PRAGMA max_page_count = "+formatID(n))
	}
	return func() error { return limit(1 << 30) }, limit(pages)
}

// Watch calls do with every statement that gorm runs from now on, on either pool.
func (s *Store) Watch(do func(sql string, args []any)) error {
	after := func(db *gorm.DB) { do(db.Statement.SQL.String(), db.Statement.Vars) }
	for _, db := range []*gorm.DB{s.write, s.db} {
		c := db.Callback()
		for _, err := range []error{
			c.Raw().After("gorm:raw").Register("test:watch", after), c.Query().After("gorm:query").Register("test:watch", after),
			c.Row().After("gorm:row").Register("test:watch", after), c.Create().After("gorm:create").Register("test:watch", after),
			c.Update().After("gorm:update").Register("test:watch", after), c.Delete().After("gorm:delete").Register("test:watch", after),
		} {
			if err != nil {
				return err
			}
		}
		if s.db == s.write {
			break
		}
	}
	return nil
}

// DownTo undoes migrations until the schema has the version.
func (s *Store) DownTo(ctx context.Context, version int64) error {
	p, err := s.provider()
	if err != nil {
		return err
	}
	_, err = p.DownTo(ctx, version)
	return err
}

// QueueLimit is how many requests the ingester lets wait.
const QueueLimit = ingestQueue

// SealFor and OpenFor seal and open as the store does for a row.
func SealFor(secret []byte, identity string, plain []byte) ([]byte, error) {
	s, err := newSealer(secret)
	if err != nil {
		return nil, err
	}
	return s.seal(identity, plain)
}

// OpenFor opens what SealFor sealed.
func OpenFor(secret []byte, identity string, sealed []byte) ([]byte, error) {
	s, err := newSealer(secret)
	if err != nil {
		return nil, err
	}
	return s.open(identity, sealed)
}
