package store

import (
	"context"
	"errors"
	"io/fs"
	"time"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"bentornato/models"
	"bentornato/models/store/migrations"
)

// Migration is one step of the schema and when it was applied, zero if it was not.
type Migration struct {
	Version   int64
	Name      string
	AppliedAt time.Time
}

func (s *Store) provider() (*goose.Provider, error) {
	dir, d := "sqlite", goose.DialectSQLite3
	var options []goose.ProviderOption
	if s.dialect == dialectPostgres {
		dir, d = "postgres", goose.DialectPostgres
		// Processes that start together must not migrate together; each second the others ask again, for five minutes.
		locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, 300))
		if err != nil {
			return nil, err
		}
		options = append(options, goose.WithSessionLocker(locker))
	}
	// What was written side by side is not always finished in the order of its numbers, and no step needs one with a higher number.
	options = append(options, goose.WithAllowOutofOrder(true))
	sub, err := fs.Sub(migrations.FS, dir)
	if err != nil {
		return nil, err
	}
	db, err := s.sqlDB()
	if err != nil {
		return nil, err
	}
	return goose.NewProvider(d, db, sub, options...)
}

// Migrate applies what is not applied yet and returns it. A schema newer than this program is refused, by Migrate
// as by CheckSchema: an older program would write nonsense into it.
func (s *Store) Migrate(ctx context.Context) ([]Migration, error) {
	p, err := s.provider()
	if err != nil {
		return nil, err
	}
	if err := s.refuseNewer(ctx, p); err != nil {
		return nil, err
	}
	results, err := p.Up(ctx)
	if err != nil {
		return nil, models.Errorf(models.KindUnavailable, "A migration failed and was undone; mend the cause and try again: %w", err)
	}
	if err := s.fillTerms(ctx); err != nil {
		return nil, err
	}
	applied := make([]Migration, 0, len(results))
	for _, r := range results {
		applied = append(applied, Migration{Version: r.Source.Version, Name: r.Source.Path, AppliedAt: s.now()})
	}
	return applied, nil
}

// CheckSchema reports whether the schema is the one this program was made for.
func (s *Store) CheckSchema(ctx context.Context) error {
	p, err := s.provider()
	if err != nil {
		return err
	}
	if err := s.refuseNewer(ctx, p); err != nil {
		return err
	}
	pending, err := p.HasPending(ctx)
	if err != nil {
		return models.Errorf(models.KindUnavailable, "The schema's version cannot be read: %w", err)
	}
	if pending {
		return models.Errorf(models.KindUnavailable, "The database waits for migrations; run \"bentornato migrate\".")
	}
	return nil
}

func (s *Store) refuseNewer(ctx context.Context, p *goose.Provider) error {
	current, target, err := p.GetVersions(ctx)
	if err != nil {
		return models.Errorf(models.KindUnavailable, "The schema's version cannot be read: %w", err)
	}
	if current > target {
		return models.Errorf(models.KindConflict, "The database's schema is version %d and this program knows up to %d. Use a newer bentornato.", current, target)
	}
	return nil
}

// Migrations lists every migration and when it was applied.
func (s *Store) Migrations(ctx context.Context) ([]Migration, error) {
	p, err := s.provider()
	if err != nil {
		return nil, err
	}
	status, err := p.Status(ctx)
	if err != nil && !errors.Is(err, goose.ErrNoMigrations) {
		return nil, models.Errorf(models.KindUnavailable, "The migrations cannot be listed: %w", err)
	}
	list := make([]Migration, 0, len(status))
	for _, m := range status {
		list = append(list, Migration{Version: m.Source.Version, Name: m.Source.Path, AppliedAt: m.AppliedAt})
	}
	return list, nil
}
