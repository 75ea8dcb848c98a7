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

// What a new Page has where no flag says otherwise.
const (
	defaultLocale   = "en"
	defaultTimeZone = "UTC"
)

// pageAdd adds a Page, or changes the one with the same id.
func pageAdd() command {
	var (
		flags     models.Page
		fromStdin bool
	)
	return command{
		name: "page add", about: "adds a Page and its access token; adding an id again replaces its token and resumes it",
		help: `The access token is read from standard input, up to the end of its first line:

    printf '%s\n' "$TOKEN" | bentornato page add --id 101000000000000 --name "Bottega" --token-stdin

For a Page that is there already, what no flag names stays as it is: its name, rate, locale, time zone and settings, and
without --token-stdin its token. A new token resumes a paused Page.`,
		settings: sealedSettings, migrates: true, acts: true,
		flags: func(f *flag.FlagSet) {
			f.StringVar(&flags.ID, "id", "", "`ID` of the Page on Facebook, a number; required")
			f.StringVar(&flags.Name, "name", "", "`NAME` of the Page; a new one is required to have it")
			f.BoolVar(&fromStdin, "token-stdin", false, "read the Page access token from standard input; a new Page is required to have one")
			f.IntVar(&flags.Rate, "rate", models.DefaultRate, fmt.Sprintf("`N` messages a second, 1 to %d; above the default the Page's inbox freezes", models.MaxRate))
			f.StringVar(&flags.Locale, "locale", defaultLocale, "`LANGUAGE` for people whose own is not known: en or it")
			f.Func("opt-in", "`PRODUCT` to ask people with: one_time_notif_req, the default, notification_messages or both", func(text string) error {
				product := models.OptInProduct(text)
				if !slices.Contains(models.OptInProducts, product) {
					return errors.New("it is one_time_notif_req, notification_messages or both")
				}
				if flags.Settings.OptInProduct = product; product == models.OptInOneTime {
					flags.Settings.OptInProduct = "" // the default, and written as it
				}
				return nil
			})
			f.StringVar(&flags.TimeZone, "timezone", defaultTimeZone, "`ZONE` of the shop's time, such as Europe/Rome, for quiet hours")
		},
		run: func(ctx context.Context, v *invocation) error {
			if err := v.require("id"); err != nil {
				return err
			}
			// A name stands in for the one that a Page which is there already has.
			probe := flags
			if !v.given["name"] {
				probe.Name = flags.ID
			}
			if err := models.ValidatePage(probe); err != nil {
				return wrongUsage("%s", models.MessageOf(err))
			}
			token := ""
			if fromStdin {
				var err error
				if token, err = readLine(v.stdin); err != nil {
					return err
				}
				if err := v.config.RequireSecret(); err != nil {
					return err
				}
				token = strings.TrimSpace(token)
			}
			return v.withStore(ctx, func(s *store.Store) error {
				if token != "" {
					if err := s.CheckSecret(ctx); err != nil {
						return err
					}
				}
				return s.Update(ctx, func(tx *store.Tx) error { return v.savePage(ctx, tx, flags, token) })
			})
		},
	}
}

// savePage writes a Page as the flags that were given say, over what is there.
func (v *invocation) savePage(ctx context.Context, tx *store.Tx, flags models.Page, token string) error {
	page, err := tx.Page(ctx, flags.ID)
	isNew := models.KindOf(err) == models.KindNotFound
	switch {
	case isNew:
		if err := v.require("name", "token-stdin"); err != nil {
			return err
		}
		page = flags
	case err != nil:
		return err
	}
	if v.given["name"] {
		page.Name = strings.TrimSpace(flags.Name)
	}
	if v.given["rate"] {
		page.Rate = flags.Rate
	}
	if v.given["locale"] {
		page.Locale = flags.Locale
	}
	if v.given["opt-in"] {
		page.Settings.OptInProduct = flags.Settings.OptInProduct
	}
	if v.given["timezone"] {
		page.TimeZone = flags.TimeZone
	}
	return tx.SavePage(page, token)
}
