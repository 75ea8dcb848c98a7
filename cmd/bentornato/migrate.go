package main

import (
	"context"
	"fmt"
	"text/tabwriter"
	"time"

	"bentornato/models"
	"bentornato/models/store"
)

// migrate brings the schema up to date, or says what would be done.
func migrate() command {
	return command{
		name: "migrate", args: "[status]", maxArgs: 1,
		about: "applies the database's migrations; \"migrate status\" lists them",
		help: `Applies what is not applied yet; a database that does not exist is made. A schema that is newer than this
program is refused. "migrate status" changes nothing.`,
		settings: storeSettings,
		run: func(ctx context.Context, v *invocation) error {
			status := len(v.args) == 1
			if status && v.args[0] != "status" {
				return wrongUsage("%q is nothing that migrate knows; write \"migrate\" or \"migrate status\"", v.args[0])
			}
			if status {
				if err := v.config.requireDatabase(); err != nil {
					return err
				}
			}
			// The schema is the command's own business.
			s, err := v.config.openStore(ctx)
			if err != nil {
				return err
			}
			if status {
				err = v.listMigrations(ctx, s)
			} else {
				err = v.applyMigrations(ctx, s)
			}
			return closing(s, err)
		},
	}
}

func (v *invocation) applyMigrations(ctx context.Context, s *store.Store) error {
	applied, err := s.Migrate(ctx)
	if err != nil {
		return err
	}
	for _, m := range applied {
		fmt.Fprintf(v.stdout, "applied %s\n", m.Name)
	}
	if len(applied) == 0 {
		fmt.Fprintln(v.stdout, "nothing to apply; the schema is up to date")
	}
	return nil
}

func (v *invocation) listMigrations(ctx context.Context, s *store.Store) error {
	list, err := s.Migrations(ctx)
	if err != nil {
		return err
	}
	columns := tabwriter.NewWriter(v.stdout, 0, 0, 2, ' ', 0)
	for _, m := range list {
		fmt.Fprintf(columns, "%s\t%s\n", m.Name, appliedText(m))
	}
	return columns.Flush()
}

func appliedText(m store.Migration) string {
	if m.AppliedAt.IsZero() {
		return "pending"
	}
	return "applied " + m.AppliedAt.UTC().Format(time.RFC3339)
}

// closing closes the store after err, and reports what went wrong first.
func closing(s *store.Store, err error) error {
	if closeErr := s.Close(); err == nil && closeErr != nil {
		return models.Errorf(models.KindUnavailable, "The database could not be closed: %w", closeErr)
	}
	return err
}
