// Package storetest gives each test a fresh database, on every database there is: one test body runs on all.
package storetest

import (
	"context"
	"database/sql"
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"crypto/rand"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx", to make and drop databases

	"bentornato/models/store"
)

// Postgres is the environment variable that names a PostgreSQL server for tests: an address whose user may create
// databases.
const Postgres = "BENTORNATO_TEST_POSTGRES"

// Secret seals every test's database.
var Secret = []byte("0123456789abcdef0123456789abcdef")

// Clock runs like any other from a time with nothing special about it, and tests move it on.
type Clock struct {
	mu      sync.Mutex
	started time.Time
	moved   time.Duration
}

// Epoch is when every test's clock starts.
var Epoch = time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)

// NewClock starts a clock.
func NewClock() *Clock { return &Clock{started: time.Now()} }

// Now is the clock's time.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return Epoch.Add(time.Since(c.started) + c.moved)
}

// Advance moves the clock on, or back.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.moved += d
}

// Each runs a test on a fresh database of every kind. Without a PostgreSQL server that part says so and is
// skipped, unless CI is set, where nothing may be skipped.
func Each(t *testing.T, test func(t *testing.T, s *store.Store, clock *Clock)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) {
		clock := NewClock()
		test(t, Open(t, SQLiteURL(t), clock.Now), clock)
	})
	t.Run("postgres", func(t *testing.T) {
		clock := NewClock()
		test(t, Open(t, PostgresURL(t), clock.Now), clock)
	})
}

// EachURL is Each for tests that open the database themselves, or several times.
func EachURL(t *testing.T, test func(t *testing.T, address string)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { test(t, SQLiteURL(t)) })
	t.Run("postgres", func(t *testing.T) { test(t, PostgresURL(t)) })
}

// Open opens and migrates a database for the length of a test.
func Open(t testing.TB, address string, now func() time.Time) *store.Store {
	t.Helper()
	s, err := store.Open(context.Background(), store.Options{URL: address, Secret: Secret, Now: now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	if _, err := s.Migrate(context.Background()); err != nil {
		t.Fatal(err)
	}
	return s
}

// SQLiteURL names a new SQLite database in the test's own folder.
func SQLiteURL(t testing.TB) string {
	return "sqlite:" + filepath.Join(t.TempDir(), "bentornato.db")
}

// PostgresURL makes a new schema, dropped when the test ends, in a database that the tests of one package share: making
// and dropping a database costs the disk more than most tests. What a test that ended left connected is cut off first.
// A commit does not wait for the disk, which no test pulls the plug of.
func PostgresURL(t testing.TB) string {
	t.Helper()
	server := os.Getenv(Postgres)
	if server == "" {
		if os.Getenv("CI") != "" {
			t.Fatalf("%s is not set, and in CI nothing may be skipped", Postgres)
		}
		t.Skipf("no PostgreSQL: set %s=postgres://user:password@host/postgres to run this test on it too", Postgres)
	}
	ctx := context.Background()
	address, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	address.Path = "/" + packageDatabase(t, server)
	db, err := sql.Open("pgx", address.String())
	if err != nil {
		t.Fatal(err)
	}
	name := "test_" + strings.ToLower(rand.Text()[:12])
	if _, err := db.ExecContext(ctx, "CREATE SCHEMA "+name); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_, cut := db.ExecContext(ctx, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1", name)
		_, drop := db.ExecContext(ctx, "DROP SCHEMA "+name+" CASCADE")
		if err := errors.Join(cut, drop, db.Close()); err != nil {
			t.Error(err)
		}
	})
	query := address.Query()
	query.Set("search_path", name)
	query.Set("application_name", name)
	query.Set("synchronous_commit", "off")
	address.RawQuery = query.Encode()
	return address.String()
}

// CutConnections ends every connection that a test has to a PostgreSQL database, as a restart of the server would.
func CutConnections(t testing.TB, address string) {
	t.Helper()
	where, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	query := where.Query()
	name := query.Get("application_name")
	query.Set("application_name", name+"_cutter")
	where.RawQuery = query.Encode()
	db, err := sql.Open("pgx", where.String())
	if err != nil {
		t.Fatal(err)
	}
	_, err = db.ExecContext(context.Background(), "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1", name)
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
}

// packageDatabase makes the database of the package whose tests these are, unless it is there.
func packageDatabase(t testing.TB, server string) string {
	t.Helper()
	name := "bentornato_test_" + strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' {
			return r
		}
		return -1
	}, strings.TrimSuffix(filepath.Base(os.Args[0]), ".test"))
	admin, err := sql.Open("pgx", server)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := admin.Close(); err != nil {
			t.Error(err)
		}
	}()
	there := func() (n int, err error) {
		err = admin.QueryRowContext(context.Background(), "SELECT COUNT(*) FROM pg_database WHERE datname = $1", name).Scan(&n)
		return n, err
	}
	n, err := there()
	if err != nil {
		t.Fatal(err)
	}
	if n == 1 {
		return name
	}
	if _, err := admin.ExecContext(context.Background(), "CREATE DATABASE "+name); err != nil {
		if n, _ := there(); n == 0 { // nobody else made it at the same moment
			t.Fatal(err)
		}
	}
	return name
}
