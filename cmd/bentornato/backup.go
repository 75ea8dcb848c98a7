package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"bentornato/models/store"
)

// backup copies a SQLite database while it is in use.
func backup() command {
	return command{
		name: "backup", args: "FILE", maxArgs: 1,
		about: "writes a consistent copy of the SQLite database to a new file, while it is in use",
		help: `The copy opens with the same BENTORNATO_SECRET_KEY as the original; keep the key elsewhere. FILE must not exist. For
PostgreSQL use pg_dump.`,
		settings: storeSettings,
		run: func(ctx context.Context, v *invocation) error {
			if len(v.args) == 0 {
				return wrongUsage("name the file to write")
			}
			if err := v.config.requireDatabase(); err != nil {
				return err
			}
			s, err := v.config.openStore(ctx)
			if err != nil {
				return err
			}
			return closing(s, v.backUp(ctx, s))
		},
	}
}

func (v *invocation) backUp(ctx context.Context, s *store.Store) error {
	if err := s.Backup(ctx, v.args[0]); err != nil {
		return err
	}
	_, err := fmt.Fprintln(v.stdout, "wrote", v.args[0])
	return err
}

// pathless is a file error without the name, which stands in the sentence around it.
func pathless(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}
