package store

import (
	"context"
	"crypto/rand"
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/jackc/pgx/v5"

	"bentornato/models"
)

// ThrowAway makes an empty database for a measurement and returns its address, and what takes it away again with all that
// is in it. address is "sqlite", for a folder of its own among the system's temporary ones; sqlite:FOLDER, for one in a
// folder on the disk that is meant; or postgres://..., for a schema of its own in that database. Nothing else there is
// touched, and drop must be called even after a failure in between, with a context that has not ended.
func ThrowAway(ctx context.Context, address string) (made string, drop func(context.Context) error, err error) {
	switch {
	case address == "sqlite", strings.HasPrefix(address, "sqlite:"):
		folder := strings.TrimPrefix(strings.TrimPrefix(address, "sqlite"), ":")
		dir, err := os.MkdirTemp(folder, "bentornato-bench-")
		if err != nil {
			return "", nil, models.Errorf(models.KindUnavailable, "No folder for the database could be made: %w", err)
		}
		return "sqlite:" + filepath.Join(dir, "bentornato.db"), func(context.Context) error { return os.RemoveAll(dir) }, nil
	case strings.HasPrefix(address, "postgres://"), strings.HasPrefix(address, "postgresql://"):
		return throwAwaySchema(ctx, address)
	default:
		return "", nil, models.FieldErrorf("database", "The database is sqlite, sqlite:FOLDER or postgres://user:password@host/name.")
	}
}

func throwAwaySchema(ctx context.Context, address string) (string, func(context.Context) error, error) {
	u, err := url.Parse(address)
	if err != nil {
		// The parser's own text may hold the password.
		return "", nil, models.FieldErrorf("database", "The PostgreSQL address cannot be read; write it like postgres://user:password@host/name.")
	}
	name := "bentornato_bench_" + strings.ToLower(rand.Text()[:12])
	do := func(ctx context.Context, sql string) error {
		conn, err := pgx.Connect(ctx, address)
		if err != nil {
			return models.Errorf(models.KindUnavailable, "PostgreSQL at %s does not answer: %w", u.Host, err)
		}
		_, err = conn.Exec(ctx, sql)
		return errors.Join(err, conn.Close(ctx))
	}
	if err := do(ctx, "CREATE SCHEMA "+name); err != nil {
		return "", nil, models.Errorf(models.KindUnavailable, "No schema could be made in the database: %w", err)
	}
	query := u.Query()
	query.Set("search_path", name)
	u.RawQuery = query.Encode()
	return u.String(), func(ctx context.Context) error { return do(ctx, "DROP SCHEMA "+name+" CASCADE") }, nil
}
