package storetest

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"bentornato/models/store"
	"bentornato/models/store/migrations"
)

// Every test has a database of its own, and applying all migrations to each took longer than most tests. They are
// applied once, and each test starts from a copy.

// sqliteTemplate is the file of a database with its tables.
var sqliteTemplate = sync.OnceValues(func() (file []byte, err error) {
	dir, err := os.MkdirTemp("", "bentornato-test-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	path := filepath.Join(dir, "bentornato.db")
	if err := migrate("sqlite:" + path); err != nil {
		return nil, err
	}
	return os.ReadFile(path)
})

// postgresTemplate is the name of a database with its tables, which stays on the server: packages whose tests run at the
// same time, and the next run, share it. Its name is drawn from the migrations, so that it is never an old one.
func postgresTemplate(server string) (string, error) {
	templates.Lock()
	defer templates.Unlock()
	name, err := templateName()
	if err != nil {
		return "", err
	}
	there, err := hasDatabase(server, name)
	if there || err != nil {
		return name, err
	}
	address, err := url.Parse(server)
	if err != nil {
		return "", err
	}
	// Another process may be at it too: whoever is first gives its own the name.
	draft := name + "_" + strings.ToLower(rand.Text()[:12])
	if err := execute(server, "CREATE DATABASE "+draft); err != nil {
		return "", err
	}
	address.Path = "/" + draft
	err = migrate(address.String())
	if err == nil {
		err = execute(server, "ALTER DATABASE "+draft+" RENAME TO "+name)
	}
	if err == nil {
		return name, nil
	}
	dropped := execute(server, "DROP DATABASE "+draft)
	if there, _ := hasDatabase(server, name); there {
		return name, dropped
	}
	return "", errors.Join(err, dropped)
}

// templates lets one test at a time make a template.
var templates sync.Mutex

func templateName() (string, error) {
	sum := sha256.New()
	err := fs.WalkDir(migrations.FS, "postgres", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		step, err := fs.ReadFile(migrations.FS, path)
		fmt.Fprintf(sum, "%s %d %s", path, len(step), step)
		return err
	})
	return fmt.Sprintf("bentornato_template_%x", sum.Sum(nil)[:8]), err
}

func hasDatabase(server, name string) (there bool, err error) {
	db, err := sql.Open("pgx", server)
	if err != nil {
		return false, err
	}
	err = db.QueryRowContext(context.Background(), "SELECT EXISTS (SELECT 1 FROM pg_database WHERE datname = $1)", name).Scan(&there)
	return there, errors.Join(err, db.Close())
}

func migrate(address string) error {
	s, err := store.Open(context.Background(), store.Options{URL: address, Secret: Secret})
	if err != nil {
		return err
	}
	_, err = s.Migrate(context.Background())
	return errors.Join(err, s.Close())
}
