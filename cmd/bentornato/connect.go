package main

import (
	"context"
	"flag"
	"fmt"
	"io"

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
				token, err := s.PageToken(page)
				if err != nil {
					return err
				}
				c := v.config
				client := messenger.New(messenger.Config{GraphURL: c.GraphURL, AppID: c.AppID, AppSecret: c.AppSecret})
				defer client.Close()
				if undo {
					return disconnectPage(ctx, s, client, page, token, v.stdout)
				}
				if err := connectPage(ctx, client, page, token, func(done string) { fmt.Fprintln(v.stdout, steps[done]) }); err != nil {
					return err
				}
				return s.Update(ctx, func(tx *store.Tx) error { return tx.SetConnected(page.ID, "") })
			})
		},
	}
}

// steps is what is printed when a step is done.
var steps = map[string]string{
	"webhooks":    fmt.Sprintf("webhooks: subscribed to %d fields", len(messenger.SubscribedFields())),
	"get_started": "Get Started: set",
	"greeting":    "greeting and menu: set in English and Italian",
}

// connectPage sets a Page up in Messenger, and tells of each step that is done.
func connectPage(ctx context.Context, client *messenger.Client, page models.Page, accessToken string, done func(step string)) error {
	if accessToken == "" {
		return models.Errorf(models.KindInvalid, "Page %s has no access token; give it one with \"bentornato page add --id %s --token-stdin\".", page.Name, page.ID)
	}
	return client.SetUp(ctx, page.ID, accessToken, restock.Setup(page), done)
}

// disconnectPage takes a Page's set-up back. The Page is paused, since nothing would be heard of it.
func disconnectPage(ctx context.Context, s *store.Store, client *messenger.Client, page models.Page, accessToken string, stdout io.Writer) error {
	if err := client.TearDown(ctx, page.ID, accessToken); err != nil {
		return err
	}
	fmt.Fprintln(stdout, "webhooks, Get Started, greeting and menu: taken back; the Page is paused")
	return s.Update(ctx, func(tx *store.Tx) error {
		if err := tx.SetDisconnected(page.ID); err != nil {
			return err
		}
		_, err := tx.PausePage(page.ID, models.PauseByMerchant, "disconnected")
		return err
	})
}
