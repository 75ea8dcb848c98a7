package main

import (
	"context"
	"flag"
	"fmt"

	"bentornato/models"
	"bentornato/models/store"
)

// userAdd adds a login. hash makes of a password what is kept of it.
func userAdd(hash func(password string) (string, error)) command {
	var (
		email, role string
		fromStdin   bool
	)
	return command{
		name: "user add", about: "adds a login; adding again changes its role and password",
		help: fmt.Sprintf(`The password is read from standard input, up to the end of its first line, and has at least %d characters:

    printf '%%s\n' "$PASSWORD" | bentornato user add --email anna@example.com --role owner --password-stdin

An owner may do everything; staff the daily work; a viewer looks and changes nothing.`, models.MinPassword),
		settings: storeSettings, migrates: true, acts: true,
		flags: func(f *flag.FlagSet) {
			f.StringVar(&email, "email", "", "`EMAIL` of the login; required")
			f.StringVar(&role, "role", "", "`ROLE` of the login: owner, staff or viewer; required")
			f.BoolVar(&fromStdin, "password-stdin", false, "read the password from standard input; required")
		},
		run: func(ctx context.Context, v *invocation) error {
			if err := v.require("email", "role", "password-stdin"); err != nil {
				return err
			}
			if !fromStdin {
				return wrongUsage("a password is only read from standard input: --password-stdin")
			}
			user, err := parseUser(email, role)
			if err != nil {
				return err
			}
			password, err := readLine(v.stdin)
			if err != nil {
				return err
			}
			if user.PasswordHash, err = hash(password); err != nil {
				return err
			}
			return v.withStore(ctx, func(s *store.Store) error {
				return s.Update(ctx, func(tx *store.Tx) error { return tx.SaveUser(user) })
			})
		},
	}
}

func parseUser(email, role string) (models.User, error) {
	address, err := models.ParseEmail(email)
	if err != nil {
		return models.User{}, wrongUsage("--email: %s", models.MessageOf(err))
	}
	parsed, err := models.ParseRole(role)
	if err != nil {
		return models.User{}, wrongUsage("--role: %s", models.MessageOf(err))
	}
	return models.User{Email: address, Role: parsed}, nil
}
