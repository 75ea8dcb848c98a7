// Package store keeps Bentornato's facts in SQLite or PostgreSQL through gorm, which nothing else imports. One
// code serves both databases, and every test runs on both.
//
// Writes happen in Update, which gives a Tx; reads are methods of Reader, which Store and Tx both are. Times are
// unix milliseconds, 0 for never (see timestamp.go). The hot path (webhooks in, claims, results) is hand-written
// SQL through gorm; everything else is gorm as it is meant.
package store

import (
	"context"
	"database/sql"
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"gorm.io/driver/postgres"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"

	_ "github.com/mattn/go-sqlite3" // the version is asked for in go.mod; gorm's driver registers it

	"bentornato/models"
)

// dialect is the database's name, as gorm has it.
type dialect string

const (
	dialectSQLite   dialect = "sqlite"
	dialectPostgres dialect = "postgres"
)

// Options say which database, and with which secret it is sealed.
type Options struct {
	// URL is sqlite:PATH or postgres://...
	URL string
	// Secret is 32 bytes that seal tokens and secrets at rest. Another one than before opens nothing (see CheckSecret).
	// Without one whatever needs sealing or opening fails, and the rest works.
	Secret []byte
	// Now is the clock; where nil it is PostgreSQL's own, or, with SQLite, time.Now.
	Now func() time.Time
}

// Store is a database, open. It holds no state of its own.
type Store struct {
	Reader
	write *gorm.DB
	pool  *pgxpool.Pool
	now   func() time.Time
	clock *clock // the database's, where now is
	path  string
}

// Reader reads. It is a Store's own, on connections of their own, or a Tx's, inside the transaction.
type Reader struct {
	db      *gorm.DB
	dialect dialect
	seal    *sealer
}

// Tx is a transaction. Inside it use nothing but the Tx: the Store's own connection may be the very one that the
// transaction holds, and asking for it again would wait for ever.
type Tx struct {
	Reader
	now   time.Time
	actor models.Actor // on whose behalf (see Record)
	late  *late
}

// Now is the time of the transaction, one for all that is written in it.
func (t *Tx) Now() time.Time { return t.now }

// Open connects. It changes nothing: Migrate brings the tables.
func Open(ctx context.Context, o Options) (*Store, error) {
	seal, err := newSealer(o.Secret)
	if err != nil {
		return nil, err
	}
	s := &Store{}
	if o.Now == nil {
		o.Now = time.Now
		if !strings.HasPrefix(o.URL, "sqlite:") {
			s.clock = &clock{}
			o.Now = s.clock.now
		}
	}
	s.now = func() time.Time { return o.Now().UTC().Truncate(time.Millisecond) }
	registerTimestamps()
	switch {
	case strings.HasPrefix(o.URL, "sqlite:"):
		err = s.useSQLite(strings.TrimPrefix(o.URL, "sqlite:"))
	case strings.HasPrefix(o.URL, "postgres://"), strings.HasPrefix(o.URL, "postgresql://"):
		err = s.usePostgres(ctx, o.URL)
	default:
		return nil, models.FieldErrorf("database", "The database address starts with sqlite: or postgres://.")
	}
	if err != nil {
		return nil, err
	}
	s.seal = seal
	if err := s.askClock(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func config() *gorm.Config {
	// gorm's own logger prints bound values, which hold people's words; errors reach our log through their callers.
	return &gorm.Config{TranslateError: true, Logger: logger.Discard, DisableForeignKeyConstraintWhenMigrating: true}
}

// The page caches of SQLite's connections, in KiB with a minus in front. The one that writes is what a restock fills, and is
// kept small, so that a process that sends takes no more with many tokens than with few; the others hold what screens
// read again and again, which costs ten times as much from the file.
const (
	writeCache = "-24576"
	readCache  = "-65536"
)

// useSQLite opens one connection that writes and a few that read. Synchronous FULL, since a 200 to a webhook
// promises that its events are on disk.
func (s *Store) useSQLite(path string) error {
	if path == "" {
		return models.FieldErrorf("database", "The database address is sqlite:PATH, and the path is missing.")
	}
	if dir := filepath.Dir(path); dir != "." {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return models.Errorf(models.KindUnavailable, "The folder of the database, %s, cannot be made: %w", dir, err)
		}
	}
	dsn := "file:" + (&url.URL{Path: path}).EscapedPath() +
		"?_journal_mode=WAL&_synchronous=FULL&_busy_timeout=5000&_foreign_keys=on&_txlock=immediate&_mutex=no&_stmt_cache_size=128&_cache_size="
	write, err := gorm.Open(openSQLite(dsn+writeCache), config())
	if err != nil {
		return models.Errorf(models.KindUnavailable, "The database %s cannot be opened: %w", path, err)
	}
	read, err := gorm.Open(openSQLite(dsn+readCache+"&mode=ro"), config())
	if err != nil {
		return errors.Join(models.Errorf(models.KindUnavailable, "The database %s cannot be opened: %w", path, err), closeDB(write))
	}
	for db, n := range map[*gorm.DB]int{write: 1, read: 4} {
		pool, err := db.DB()
		if err != nil {
			return err
		}
		pool.SetMaxOpenConns(n)
		pool.SetMaxIdleConns(n)
	}
	s.write, s.db, s.dialect, s.path = write, read, dialectSQLite, path
	return nil
}

func (s *Store) usePostgres(ctx context.Context, address string) error {
	cfg, err := pgxpool.ParseConfig(address)
	if err != nil {
		// pgx's own text may hold the password.
		return models.FieldErrorf("database", "The PostgreSQL address cannot be read; write it like postgres://user:password@host/name.")
	}
	if cfg.MaxConns < 16 {
		cfg.MaxConns = 16
	}
	// It believes claims to cost far more than they do, and would compile each anew, which takes longer than the claim.
	cfg.AfterConnect = func(ctx context.Context, conn *pgx.Conn) error {
		_, err := conn.Exec(ctx, "SET jit = off")
		return err
	}
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return models.Errorf(models.KindUnavailable, "PostgreSQL cannot be reached: %w", err)
	}
	if err := pool.Ping(ctx); err != nil {
		pool.Close()
		return models.Errorf(models.KindUnavailable, "PostgreSQL at %s does not answer: %w", cfg.ConnConfig.Host, err)
	}
	db, err := gorm.Open(postgres.New(postgres.Config{Conn: stdlib.OpenDBFromPool(pool)}), config())
	if err != nil {
		pool.Close()
		return models.Errorf(models.KindUnavailable, "PostgreSQL cannot be used: %w", err)
	}
	s.write, s.db, s.pool, s.dialect = db, db, pool, dialectPostgres
	return nil
}

// Close ends every connection. Whatever used the store must have stopped before.
func (s *Store) Close() error {
	// Whoever writes closes last: SQLite's last connection puts its journal into the file, which then is the whole database.
	var err error
	if s.db != s.write {
		err = closeDB(s.db)
	}
	err = errors.Join(err, closeDB(s.write))
	if s.pool != nil {
		s.pool.Close()
	}
	return err
}

func closeDB(db *gorm.DB) error {
	pool, err := db.DB()
	if err != nil {
		return err
	}
	return pool.Close()
}

// Ping reports whether the database answers and can be written to.
func (s *Store) Ping(ctx context.Context) error {
	pool, err := s.write.DB()
	if err != nil {
		return err
	}
	if err := pool.PingContext(ctx); err != nil {
		return models.Errorf(models.KindUnavailable, "The database does not answer: %w", err)
	}
	return nil
}

// updateTries bounds how often a transaction is begun again after a deadlock, which PostgreSQL ends by refusing one
// side. Nothing of a refused transaction has happened.
const updateTries = 8

// Update runs fn in a transaction: everything in it happens, or nothing.
func (s *Store) Update(ctx context.Context, fn func(*Tx) error) error {
	var err error
	for try := 0; try < updateTries; try++ {
		err = s.write.WithContext(ctx).Transaction(func(db *gorm.DB) error {
			t := &Tx{Reader: Reader{db: db, dialect: s.dialect, seal: s.seal}, now: s.now(), actor: models.ActorOf(ctx), late: newLate()}
			if err := fn(t); err != nil {
				return err
			}
			return t.writeLate()
		})
		if !isDeadlock(err) {
			break
		}
	}
	return translate(err)
}

// Savepoint runs fn inside the transaction so that its failure undoes only what fn did.
func (t *Tx) Savepoint(fn func(*Tx) error) error {
	gathered := newLate()
	err := t.db.Transaction(func(db *gorm.DB) error {
		return fn(&Tx{Reader: Reader{db: db, dialect: t.dialect, seal: t.seal}, now: t.now, actor: t.actor, late: gathered})
	})
	if err == nil {
		t.late.merge(gathered)
	}
	return err
}

// lock is the words that hold a row against other transactions until this one ends; SQLite has one writer anyway.
func (r Reader) lock(words string) string {
	if r.dialect == dialectPostgres {
		return " " + words
	}
	return ""
}

// by names the index to use where SQLite, which keeps no statistics, would choose another: the one on all tokens in a
// state, most often.
func (r Reader) by(index string) string {
	if r.dialect == dialectSQLite {
		return " INDEXED BY " + index
	}
	return ""
}

func (r Reader) with(ctx context.Context) *gorm.DB { return r.db.WithContext(ctx) }

// Backup writes a consistent copy of a SQLite database to a new file while it is in use.
func (s *Store) Backup(ctx context.Context, file string) error {
	if s.dialect != dialectSQLite {
		return models.Errorf(models.KindInvalid, "The backup command copies SQLite. For PostgreSQL use pg_dump.")
	}
	if _, err := os.Stat(file); err == nil {
		return models.Errorf(models.KindConflict, "%s exists already; name a new file.", file)
	}
	if err := s.with(ctx).Exec("VACUUM INTO ?", file).Error; err != nil {
		return models.Errorf(models.KindUnavailable, "The copy could not be written to %s: %w", file, err)
	}
	return nil
}

// sqlDB returns the writing pool for the migrations.
func (s *Store) sqlDB() (*sql.DB, error) { return s.write.DB() }
