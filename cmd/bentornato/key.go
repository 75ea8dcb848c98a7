package main

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"flag"
	"fmt"
	"strings"

	"bentornato/models"
	"bentornato/models/store"
)

// keyAdd makes an API key.
func keyAdd() command {
	var (
		name, role string
		pages      pageList
	)
	return command{
		name: "key add", about: "makes an API key and prints it, once and alone",
		help: `The key is what stands on standard output; only its hash is kept, so it cannot be shown again. A script sends it as
"Authorization: Bearer KEY".

With --page, once for each Page, the key finds and changes nothing of any other Page.`,
		settings: storeSettings, migrates: true, acts: true,
		flags: func(f *flag.FlagSet) {
			f.StringVar(&name, "name", "", "`NAME` of the key, for people; required")
			f.StringVar(&role, "role", "", "`ROLE` of the key: owner, staff or viewer; required")
			f.Var(&pages, "page", "`PAGE_ID` of a Page that the key is for; may be repeated; without it, all")
		},
		run: func(ctx context.Context, v *invocation) error {
			if err := v.require("name", "role"); err != nil {
				return err
			}
			parsed, err := models.ParseRole(role)
			if err != nil {
				return wrongUsage("--role: %s", models.MessageOf(err))
			}
			if strings.TrimSpace(name) == "" {
				return wrongUsage("--name: give the key a name")
			}
			key := ""
			err = v.withStore(ctx, func(s *store.Store) error {
				return s.Update(ctx, func(tx *store.Tx) error {
					var err error
					key, err = tx.AddKey(strings.TrimSpace(name), parsed, models.AccessTo(pages...))
					return err
				})
			})
			if err != nil {
				return err
			}
			_, err = fmt.Fprintln(v.stdout, key)
			return err
		},
	}
}

// keyGenerateSecret makes a secret key for BENTORNATO_SECRET_KEY.
func keyGenerateSecret() command {
	return command{
		name: "key generate-secret", about: "prints a new value for BENTORNATO_SECRET_KEY, alone",
		help: `Keep it where the database's backups are not: what it seals (access tokens, permissions, secrets) opens with no other.`,
		run: func(_ context.Context, v *invocation) error {
			secret := make([]byte, store.SecretSize)
			rand.Read(secret) // never fails: see crypto/rand
			_, err := fmt.Fprintln(v.stdout, base64.StdEncoding.EncodeToString(secret))
			return err
		},
	}
}
