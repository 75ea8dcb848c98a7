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
	EachURL(t, func(t *testing.T, address string) {
		clock := NewClock()
		test(t, Open(t, address, clock.Now), clock)
	})
}

// EachURL is Each for tests that open the database themselves, or several times.
func EachURL(t *testing.T, test func(t *testing.T, address string)) {
	t.Helper()
	each(t, map[string]func(testing.TB) string{"sqlite": SQLiteURL, "postgres": PostgresURL}, test)
}

// EachEmptyURL is EachURL for tests that bring the tables themselves.
func EachEmptyURL(t *testing.T, test func(t *testing.T, address string)) {
	t.Helper()
	each(t, map[string]func(testing.TB) string{"sqlite": emptySQLiteURL, "postgres": EmptyPostgresURL}, test)
}

// each runs the databases side by side: with PostgreSQL a test mostly waits, with SQLite it computes.
func each(t *testing.T, databases map[string]func(testing.TB) string, test func(t *testing.T, address string)) {
	t.Helper()
	for name, open := range databases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, open(t))
		})
	}
}

// Open opens a database for the length of a test.
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
	return s
}

// SQLiteURL names a new SQLite database in the test's own folder, with its tables.
func SQLiteURL(t testing.TB) string {
	t.Helper()
	address := emptySQLiteURL(t)
	migrated, err := sqliteTemplate()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(strings.TrimPrefix(address, "sqlite:"), migrated, 0o600); err != nil {
		t.Fatal(err)
	}
	return address
}

func emptySQLiteURL(t testing.TB) string {
	return "sqlite:" + filepath.Join(t.TempDir(), "bentornato.db")
}

// PostgresURL makes a new PostgreSQL database with its tables, dropped when the test ends with whatever is still
// connected to it.
func PostgresURL(t testing.TB) string {
	t.Helper()
	server := postgresServer(t)
	template, err := postgresTemplate(server)
	if err != nil {
		t.Fatal(err)
	}
	return newPostgres(t, server, template)
}

// EmptyPostgresURL is PostgresURL without the tables.
func EmptyPostgresURL(t testing.TB) string {
	t.Helper()
	return newPostgres(t, postgresServer(t), "template1")
}

// postgresServer is the server for tests; without one the test is skipped.
func postgresServer(t testing.TB) string {
	t.Helper()
	server := os.Getenv(Postgres)
	if server == "" {
		if os.Getenv("CI") != "" {
			t.Fatalf("%s is not set, and in CI nothing may be skipped", Postgres)
		}
		t.Skipf("no PostgreSQL: set %s=postgres://user:password@host/postgres to run this test on it too", Postgres)
	}
	return server
}

// newPostgres makes a database. A commit in it does not wait for the disk, which no test pulls the plug of.
func newPostgres(t testing.TB, server, template string) string {
	t.Helper()
	address, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	name := "bentornato_test_" + strings.ToLower(rand.Text()[:12])
	if err := execute(server, "CREATE DATABASE "+name+" TEMPLATE "+template); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := execute(server, "DROP DATABASE "+name+" WITH (FORCE)"); err != nil {
			t.Error(err)
		}
	})
	address.Path = "/" + name
	query := address.Query()
	query.Set("application_name", name)
	query.Set("synchronous_commit", "off")
	address.RawQuery = query.Encode()
	return address.String()
}

// execute runs one statement on a connection of its own.
func execute(address, statement string, args ...any) error {
	db, err := sql.Open("pgx", address)
	if err != nil {
		return err
	}
	_, err = db.ExecContext(context.Background(), statement, args...)
	return errors.Join(err, db.Close())
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
	if err := execute(where.String(), "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1", name); err != nil {
		t.Fatal(err)
	}
}
