package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"slices"
	"strings"

	"bentornato/models"
	"bentornato/models/store"
	"bentornato/web/inventory"
)

// sourceAdd adds an inventory source and prints where it sends its reports.
func sourceAdd() command {
	var (
		kind, name, pageID string
		fromStdin          bool
	)
	return command{
		name: "source add", about: "adds an inventory source and prints its URL and secret",
		help: `Prints one JSON line, {"url":"/webhooks/inventory/<id>","secret":"..."}; the URL follows the public address.
A secret is made, unless --secret-stdin reads one from standard input, up to the end of its first line. Shopify, Square,
BigCommerce and Ecwid make the key themselves: paste that one. Odoo cannot sign, so its secret is a part of the URL. For
danea-easyfatt it is the password, with any login; for fattureincloud it is the public key that Fatture in Cloud
publishes, and stays as it is. A source without --page reports for every Page that lists the SKU.`,
		settings: sealedSettings, migrates: true, acts: true,
		flags: func(f *flag.FlagSet) {
			f.StringVar(&kind, "kind", "", "`KIND` of system: "+kindList()+"; required")
			f.StringVar(&name, "name", "", "`NAME` of the source, for people; required")
			f.StringVar(&pageID, "page", "", "`ID` of the only Page it reports for")
			f.BoolVar(&fromStdin, "secret-stdin", false, "read the secret from standard input instead of making one")
		},
		run: func(ctx context.Context, v *invocation) error {
			if err := v.require("kind", "name"); err != nil {
				return err
			}
			source := models.Source{Kind: inventory.ParseKind(kind), Name: strings.TrimSpace(name), PageID: pageID}
			if !slices.Contains(inventory.Kinds(), source.Kind) {
				return wrongUsage("--kind: there is no inventory system %q; it is %s", kind, kindList())
			}
			if source.Name == "" {
				return wrongUsage("--name: give the source a name")
			}
			if err := v.config.RequireSecret(); err != nil {
				return err
			}
			secret, err := sourceSecret(v, source.Kind, fromStdin)
			if err != nil {
				return err
			}
			return v.withStore(ctx, func(s *store.Store) error { return v.addSource(ctx, s, source, secret) })
		},
	}
}

func kindList() string {
	kinds := inventory.Kinds()
	words := make([]string, len(kinds))
	for i, k := range kinds {
		words[i] = string(k)
	}
	return strings.Join(words[:len(words)-1], ", ") + " or " + words[len(words)-1]
}

func sourceSecret(v *invocation, kind models.SourceKind, fromStdin bool) (string, error) {
	if !fromStdin {
		return inventory.NewSecret(kind)
	}
	secret, err := readLine(v.stdin)
	if err != nil {
		return "", err
	}
	secret = strings.TrimSpace(secret)
	return secret, inventory.ValidateSecret(kind, secret)
}

func (v *invocation) addSource(ctx context.Context, s *store.Store, source models.Source, secret string) error {
	if err := s.CheckSecret(ctx); err != nil {
		return err
	}
	err := s.Update(ctx, func(tx *store.Tx) error {
		if source.PageID != "" {
			if _, err := tx.Page(ctx, source.PageID); err != nil {
				return err
			}
		}
		var err error
		source, err = tx.AddSource(source, secret)
		return err
	})
	if err != nil {
		return err
	}
	line := json.NewEncoder(v.stdout)
	line.SetEscapeHTML(false)
	if err := line.Encode(struct {
		URL    string `json:"url"`
		Secret string `json:"secret"`
	}{inventory.Address(source, secret), secret}); err != nil {
		return fmt.Errorf("print the source: %w", err)
	}
	return nil
}
