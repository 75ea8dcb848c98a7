package store_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"bentornato/models"
	"bentornato/models/store"
	"bentornato/models/store/storetest"
)

// TestMigrate goes up, down to nothing and up again, and refuses what is behind or ahead.
func TestMigrate(t *testing.T) {
	storetest.EachEmptyURL(t, func(t *testing.T, address string) {
		ctx := context.Background()
		s := openWith(t, address, storetest.Secret)
		if err := s.CheckSchema(ctx); models.KindOf(err) != models.KindUnavailable || !strings.Contains(err.Error(), "bentornato migrate") {
			t.Errorf("an empty database: %v", err)
		}
		first, err := s.Migrate(ctx)
		if err != nil || len(first) < 2 {
			t.Fatalf("applied %d migrations, error %v", len(first), err)
		}
		if again, err := s.Migrate(ctx); err != nil || len(again) != 0 {
			t.Errorf("applied %d migrations again, error %v", len(again), err)
		}
		if err := s.DownTo(ctx, 0); err != nil {
			t.Fatal(err)
		}
		tables := "SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'goose%' AND name NOT LIKE 'sqlite%'"
		if s.Postgres() {
			tables = "SELECT COUNT(*) FROM pg_tables WHERE schemaname = current_schema() AND tablename NOT LIKE 'goose%'"
		}
		var left int
		if err := s.Query(ctx, &left, tables); err != nil || left != 0 {
			t.Errorf("%d tables are left after going down, error %v", left, err)
		}
		if again, err := s.Migrate(ctx); err != nil || len(again) != len(first) {
			t.Errorf("applied %d migrations after going down, error %v; want %d", len(again), err, len(first))
		}
		if err := s.CheckSchema(ctx); err != nil {
			t.Error(err)
		}
		list, err := s.Migrations(ctx)
		if err != nil || len(list) != len(first) {
			t.Fatalf("%d migrations are listed, error %v", len(list), err)
		}
		for _, m := range list {
			if m.AppliedAt.IsZero() {
				t.Errorf("%s is listed as not applied", m.Name)
			}
		}
		if err := s.Exec(ctx, "INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, true)"); err != nil {
			t.Fatal(err)
		}
		if err := s.CheckSchema(ctx); models.KindOf(err) != models.KindConflict {
			t.Errorf("a newer schema is checked: %v", err)
		}
		if _, err := s.Migrate(ctx); models.KindOf(err) != models.KindConflict {
			t.Errorf("a newer schema is migrated: %v", err)
		}
	})
}

// TestMigrateTogether lets processes that start at once migrate: each step is applied once, and none of them fails.
func TestMigrateTogether(t *testing.T) {
	address := storetest.EmptyPostgresURL(t)
	var (
		mu      sync.Mutex
		applied int
		all     sync.WaitGroup
	)
	for range 3 {
		s := openWith(t, address, storetest.Secret)
		all.Go(func() {
			list, err := s.Migrate(context.Background())
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			applied += len(list)
		})
	}
	all.Wait()
	if list, err := openWith(t, address, storetest.Secret).Migrations(context.Background()); err != nil || applied != len(list) {
		t.Errorf("%d steps were applied of %d, error %v", applied, len(list), err)
	}
}

func TestOpenRefuses(t *testing.T) {
	for _, address := range []string{"", "mysql://x", "sqlite:", "postgres://user:s3cret@host:port/db"} {
		_, err := store.Open(context.Background(), store.Options{URL: address, Secret: storetest.Secret})
		if models.KindOf(err) != models.KindInvalid || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%q: %v", address, err)
		}
	}
	if _, err := store.Open(context.Background(), store.Options{URL: storetest.SQLiteURL(t), Secret: []byte("short")}); models.KindOf(err) != models.KindInvalid {
		t.Errorf("a short secret: %v", err)
	}
}

// TestDiskFull fills the disk under everything that writes: each says that it is full, leaves nothing half done, and
// works again once there is room.
func TestDiskFull(t *testing.T) {
	clock := storetest.NewClock()
	w := newWorld(t, storetest.Open(t, storetest.SQLiteURL(t), clock.Now), clock)
	w.grant(50, w.v)
	w.restock(w.v, models.Restock{})
	held := w.claim(5).Tokens
	before := w.states()
	room, err := w.store.FillDisk(w.ctx)
	w.must(err)
	ingester, _ := ingesting(t, w.store, func() {})
	big := strings.Repeat("parola ", 300)
	full := func(what string, err error) {
		t.Helper()
		if models.KindOf(err) != models.KindUnavailable || !strings.Contains(models.MessageOf(err), "full") {
			t.Errorf("%s: %v", what, err)
		}
	}
	full("ingest", func() error {
		for n := range 100 {
			if err := ingester.Ingest(w.ctx, []models.Event{said(strings.Repeat("k", 100)+time.Duration(n).String(), big)}); err != nil {
				return err
			}
		}
		return nil
	}())
	var events int
	w.must(w.store.Query(w.ctx, &events, "SELECT COUNT(*) FROM inbound_events"))
	full("several writes in one transaction", w.store.Update(w.ctx, func(tx *store.Tx) error {
		if err := tx.WithdrawToken(held[0].ID+10, models.TokenByMerchant); err != nil {
			return err
		}
		for range 1000 {
			if err := tx.RecordMessage(models.Message{PageID: pageID, ContactID: 1, Incoming: true, State: models.MessageSent, Text: big}); err != nil {
				return err
			}
		}
		return nil
	}))
	var after int
	w.must(w.store.Query(w.ctx, &after, "SELECT COUNT(*) FROM messages"))
	if after != 0 {
		t.Errorf("%d messages of a transaction that failed are there", after)
	}
	w.audit()
	w.must(room())
	if got := w.states(); got[models.TokenWaiting] != before[models.TokenWaiting] || got[models.TokenClaimed] != before[models.TokenClaimed] {
		t.Errorf("states %v, before the disk was full %v", got, before)
	}
	w.must(ingester.Ingest(w.ctx, []models.Event{said("room", big)}))
	w.answered(held, sent)
	w.audit()
}

// TestBackup copies a database in use; the copy opens and holds the same.
func TestBackup(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		w := newWorld(t, s, clock)
		w.grant(3, w.v)
		file := filepath.Join(t.TempDir(), "copy of it.db")
		err := s.Backup(w.ctx, file)
		if s.Postgres() {
			if models.KindOf(err) != models.KindInvalid || !strings.Contains(err.Error(), "pg_dump") {
				t.Errorf("a copy of PostgreSQL: %v", err)
			}
			return
		}
		w.must(err)
		copied := openWith(t, "sqlite:"+file, storetest.Secret)
		w.must(copied.CheckSchema(w.ctx))
		if stats, err := copied.Stats(w.ctx, ""); err != nil || stats.Tokens[models.TokenWaiting] != 3 {
			t.Errorf("the copy counts %+v, error %v", stats, err)
		}
		if err := s.Backup(w.ctx, file); models.KindOf(err) != models.KindConflict {
			t.Errorf("a copy over another: %v", err)
		}
		if err := s.Backup(w.ctx, filepath.Join(t.TempDir(), "no", "such", "folder.db")); models.KindOf(err) != models.KindUnavailable {
			t.Errorf("a copy to nowhere: %v", err)
		}
	})
}

// TestClosedFile looks at what a closed SQLite database leaves: one file that holds everything, so that a copy of it is a copy.
func TestClosedFile(t *testing.T) {
	address := storetest.SQLiteURL(t)
	s := openWith(t, address, storetest.Secret)
	page := models.Page{ID: "101", Name: "Shop", Rate: 40, Locale: "en"}
	if err := s.Update(t.Context(), func(tx *store.Tx) error { return tx.SavePage(page, "EAA") }); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Pages(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	file := strings.TrimPrefix(address, "sqlite:")
	if _, err := os.Stat(file + "-wal"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the journal is still beside the file: %v", err)
	}
}
