package main

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"

	"bentornato/models"
	"bentornato/models/store"
	"bentornato/web/inventory"
)

// sourceAdd adds an inventory source and prints where it sends its reports.
func sourceAdd() command {
	var (
		kind, name, pageID       string
		locations                string
		fromStdin, accessOnStdin bool
		poll                     models.Poll
	)
	return command{
		name: "source add", about: "adds an inventory source and prints its URL and secret",
		help: `Prints one JSON line, {"url":"/webhooks/inventory/<id>","secret":"..."}; the URL follows the public address.
A secret is made, unless --secret-stdin reads one from standard input, up to the end of its first line. Shopify, Square,
BigCommerce and Ecwid make the key themselves: paste that one. Odoo cannot sign, so its secret is a part of the URL. For
danea-easyfatt it is the password, with any login; for fattureincloud it is the public key that Fatture in Cloud
publishes, and stays as it is. A source without --page reports for every Page that lists the SKU.

With --access-stdin the system is also asked for what its webhooks missed: ` + askableList() + `. The access token is read from
standard input, from the line after the secret's where both are. It goes with --poll-address, the shop's own address
(BigCommerce's, Ecwid's, Fatture in Cloud's and Square's are known), and with --poll-account: WooCommerce's consumer key,
BigCommerce's store hash, Ecwid's store id, Fatture in Cloud's company id.`,
		settings: sealedSettings, migrates: true, acts: true,
		flags: func(f *flag.FlagSet) {
			f.StringVar(&kind, "kind", "", "`KIND` of system: "+kindList()+"; required")
			f.StringVar(&name, "name", "", "`NAME` of the source, for people; required")
			f.StringVar(&pageID, "page", "", "`ID` of the only Page it reports for")
			f.BoolVar(&fromStdin, "secret-stdin", false, "read the secret from standard input instead of making one")
			f.BoolVar(&accessOnStdin, "access-stdin", false, "ask the system too, with the access token that standard input holds")
			f.StringVar(&poll.Address, "poll-address", "", "`URL` where the system answers")
			f.StringVar(&poll.Account, "poll-account", "", "`NAME` of the shop within the system")
			f.IntVar(&poll.Minutes, "poll-minutes", models.DefaultPollMinutes, "ask every `N` minutes; 0: only about what a webhook named")
			f.StringVar(&locations, "poll-locations", "", "`IDS` of the places whose stock counts, divided by commas; none: all")
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
			poll.Locations = models.SplitLocations(locations)
			if err := checkAsking(source.Kind, &poll, accessOnStdin); err != nil {
				return err
			}
			stdin := bufio.NewReader(io.LimitReader(v.stdin, 2*(maxSecret+1)))
			secret, err := sourceSecret(stdin, source.Kind, fromStdin)
			if err != nil {
				return err
			}
			access := ""
			if accessOnStdin {
				if access, err = nextLine(stdin); err != nil {
					return err
				}
			}
			return v.withStore(ctx, func(s *store.Store) error {
				return v.addSource(ctx, s, source, secret, poll, strings.TrimSpace(access))
			})
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

// askableList names the kinds of which the systems can be asked.
func askableList() string {
	var words []string
	for _, k := range inventory.Kinds() {
		if _, ok := inventory.Askable(k); ok {
			words = append(words, string(k))
		}
	}
	return strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
}

// checkAsking checks the flags that say how a system is asked, and fills in an address that is the same for every shop.
func checkAsking(kind models.SourceKind, p *models.Poll, asked bool) error {
	form, askable := inventory.Askable(kind)
	switch {
	case !asked && (p.Address != "" || p.Account != "" || len(p.Locations) > 0):
		return wrongUsage("--access-stdin is missing: without an access token the system cannot be asked")
	case !asked:
		return nil
	case !askable:
		return wrongUsage("--access-stdin: a system of kind %s cannot be asked; %s can", kind, askableList())
	case form.Account && p.Account == "":
		return wrongUsage("--poll-account is missing")
	}
	p.Address = cmp.Or(p.Address, form.Address)
	if p.Address == "" {
		return wrongUsage("--poll-address is missing")
	}
	return models.ValidatePoll(*p)
}

func sourceSecret(stdin *bufio.Reader, kind models.SourceKind, fromStdin bool) (string, error) {
	if !fromStdin {
		return inventory.NewSecret(kind)
	}
	secret, err := nextLine(stdin)
	if err != nil {
		return "", err
	}
	secret = strings.TrimSpace(secret)
	return secret, inventory.ValidateSecret(kind, secret)
}

func (v *invocation) addSource(ctx context.Context, s *store.Store, source models.Source, secret string, poll models.Poll, access string) error {
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
		if source, err = tx.AddSource(source, secret); err != nil || access == "" {
			return err
		}
		poll.SourceID = source.ID
		return tx.SavePoll(ctx, poll, access)
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
