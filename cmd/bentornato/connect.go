package main

import (
	"context"
	"flag"
	"fmt"
	"log/slog"

	"bentornato/models"
	"bentornato/models/restock"
	"bentornato/models/store"
	"bentornato/web/messenger"
)

// pageConnect sets a Page up in Messenger.
func pageConnect() command {
	var id string
	var undo bool
	return command{
		name: "page connect", about: "sets a Page up in Messenger: webhooks, the Get Started button, a greeting and a menu",
		help: `The Page's webhooks are sent to the Meta app, for every field that Bentornato needs, in place of those subscribed to before.
Get Started is what makes m.me links work for people who never wrote to the Page; its greeting is replaced by one in English
and Italian, and its menu by one with a person and the ways out. It may be called again at any time, and --undo takes it back. "serve"
puts webhooks back that Meta took off a Page that was connected here; it does nothing else of this by itself.`,
		settings: append([]string{"app-id", "app-secret", "graph-url"}, sealedSettings...), migrates: true,
		flags: func(f *flag.FlagSet) {
			f.StringVar(&id, "id", "", "`ID` of the Page on Facebook, a number; required")
			f.BoolVar(&undo, "undo", false, "take all of it back, and pause the Page")
		},
		run: func(ctx context.Context, v *invocation) error {
			if err := v.require("id"); err != nil {
				return err
			}
			if err := v.config.RequireSecret(); err != nil {
				return err
			}
			return v.withStore(ctx, func(s *store.Store) error {
				page, err := s.Page(ctx, id)
				if err != nil {
					return err
				}
				if len(page.SealedToken) == 0 {
					return models.Errorf(models.KindInvalid, "Page %s has no access token; give it one with \"bentornato page add --id %s --token-stdin\".", page.Name, id)
				}
				c := v.config
				client := messenger.New(messenger.Config{GraphURL: c.GraphURL, AppID: c.AppID, AppSecret: c.AppSecret})
				defer client.Close()
				desk := tellingDesk{pageDesk{client}, func(step string) { fmt.Fprintln(v.stdout, steps[step]) }}
				work := restock.New(s, client, idle{}, s.Now, slog.New(slog.DiscardHandler), restock.Config{AppID: c.AppID, Desk: desk})
				if !undo {
					return work.SetUpPage(ctx, id)
				}
				if err := work.DisconnectPage(ctx, id); err != nil {
					return err
				}
				fmt.Fprintln(v.stdout, "webhooks, Get Started, greeting and menu: taken back; the Page is paused")
				return nil
			})
		},
	}
}

// tellingDesk is a pageDesk that tells of each step of setting a Page up when it is done.
type tellingDesk struct {
	pageDesk
	done func(step string)
}

// SetUp sets a Page up.
func (d tellingDesk) SetUp(ctx context.Context, page, accessToken string, s models.PageSetup, _ func(step string)) error {
	return d.pageDesk.SetUp(ctx, page, accessToken, s, d.done)
}

// steps is what is printed when a step is done.
var steps = map[string]string{
	"webhooks":    fmt.Sprintf("webhooks: subscribed to %d fields", len(messenger.SubscribedFields())),
	"get_started": "Get Started: set",
	"greeting":    "greeting and menu: set in English and Italian",
}
