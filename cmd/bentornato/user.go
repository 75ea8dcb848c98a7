package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"slices"
	"strings"

	"bentornato/models"
	"bentornato/models/store"
)

// userAdd adds a login. hash makes of a password what is kept of it.
func userAdd(hash func(password string) (string, error)) command {
	var (
		email, role string
		fromStdin   bool
		pages       pageList
	)
	return command{
		name: "user add", about: "adds a login; adding again changes its role and password",
		help: fmt.Sprintf(`The password is read from standard input, up to the end of its first line, and has at least %d characters:

    printf '%%s\n' "$PASSWORD" | bentornato user add --email anna@example.com --role owner --password-stdin

An owner may do everything; staff the daily work; a viewer looks and changes nothing.

With --page, once for each Page, staff or a viewer sees and changes nothing of any other Page. Adding a login again
without --page leaves its Pages as they are; --page %s gives it all of them.`, models.MinPassword, allPages),
		settings: storeSettings, migrates: true, acts: true,
		flags: func(f *flag.FlagSet) {
			f.StringVar(&email, "email", "", "`EMAIL` of the login; required")
			f.StringVar(&role, "role", "", "`ROLE` of the login: owner, staff or viewer; required")
			f.Var(&pages, "page", "`PAGE_ID` of a Page that the login is for, or "+allPages+"; may be repeated; without it, a new login is for all")
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
			lift := slices.Contains(pages, allPages)
			if lift && len(pages) > 1 {
				return wrongUsage("--page: %s stands alone", allPages)
			}
			if !lift {
				user.Access = models.AccessTo(pages...)
			}
			password, err := readLine(v.stdin)
			if err != nil {
				return err
			}
			if user.PasswordHash, err = hash(password); err != nil {
				return err
			}
			return v.withStore(ctx, func(s *store.Store) error {
				return s.Update(ctx, func(tx *store.Tx) error {
					if err := tx.SaveUser(user); err != nil || !lift || user.Role == models.RoleOwner {
						return err
					}
					saved, err := tx.UserByEmail(ctx, user.Email)
					if err != nil {
						return err
					}
					return tx.SetUserAccess(saved.ID, "")
				})
			})
		},
	}
}

// allPages stands for every Page, those that come later too. No Page has such an id: they are numbers.
const allPages = "all"

// pageList is a flag that may be repeated: the ids of Pages.
type pageList []string

// String is what the flag was given so far.
func (l *pageList) String() string { return strings.Join(*l, ",") }

// Set takes one Page more.
func (l *pageList) Set(id string) error {
	if id = strings.TrimSpace(id); id == "" {
		return errors.New("a Page's id is missing")
	}
	*l = append(*l, id)
	return nil
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
