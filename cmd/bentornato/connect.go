package main

import (
	"context"
	"flag"
	"fmt"

	"bentornato/models"
	"bentornato/models/store"
	"bentornato/web/messenger"
)

// pageConnect sets a Page up in Messenger.
func pageConnect() command {
	var id string
	return command{
		name: "page connect", about: "sets a Page up in Messenger: webhooks, the Get Started button and a greeting",
		help: `The Page's webhooks are sent to the Meta app, for every field that Bentornato needs, in place of those subscribed to before.
Get Started is what makes m.me links work for people who never wrote to the Page; its greeting is replaced by one in English
and Italian. It may be called again at any time. "serve" does none of this by itself.`,
		settings: append([]string{"app-id", "app-secret", "graph-url"}, sealedSettings...), migrates: true,
		flags: func(f *flag.FlagSet) {
			f.StringVar(&id, "id", "", "`ID` of the Page on Facebook, a number; required")
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
				return connectPage(ctx, client, page, token, func(done string) { fmt.Fprintln(v.stdout, done) })
			})
		},
	}
}

// getStartedPayload comes back when somebody taps Get Started. It means nothing by itself: what they came for is in
// the ref beside it.
const getStartedPayload = "GET_STARTED"

// connectPage sets a Page up in Messenger, one step after the other, and tells of each that is done. What is set
// already is set again, so it may be repeated; the first step that fails ends it.
func connectPage(ctx context.Context, client *messenger.Client, page models.Page, accessToken string, done func(step string)) error {
	if accessToken == "" {
		return models.Errorf(models.KindInvalid, "Page %s has no access token; give it one with \"bentornato page add --id %s --token-stdin\".", page.Name, page.ID)
	}
	// The profile belongs to whomever the token does, whatever Page is meant: another's must not be changed.
	account, err := client.Me(ctx, accessToken)
	if err != nil {
		return err
	}
	if account.ID != page.ID {
		return models.Errorf(models.KindInvalid, "The access token of Page %s belongs to %s (%s); make one for this Page and add the Page again with it.", page.ID, account.Name, account.ID)
	}
	fields := messenger.SubscribedFields()
	if err := client.Subscribe(ctx, page.ID, accessToken, fields); err != nil {
		return err
	}
	done(fmt.Sprintf("webhooks: subscribed to %d fields", len(fields)))
	if err := client.SetProfile(ctx, accessToken, messenger.MessengerProfile{GetStarted: &messenger.GetStarted{Payload: getStartedPayload}}); err != nil {
		return err
	}
	done("Get Started: set")
	if err := client.SetProfile(ctx, accessToken, messenger.MessengerProfile{Greeting: greetings(page.Locale)}); err != nil {
		return err
	}
	done("greeting: set in English and Italian")
	return nil
}

// greetings are what an empty chat shows, in the phone's language or else in the Page's. The platform matches a locale
// whole, and English and Italian phones have these.
func greetings(locale string) []messenger.Greeting {
	texts := map[string]string{
		"en": "Hello {{user_first_name}}! Ask us about anything we sell. If it is sold out, we can tell you here when it is back.",
		"it": "Ciao {{user_first_name}}! Chiedici di quello che vendiamo. Se è esaurito, possiamo avvisarti qui quando torna.",
	}
	return []messenger.Greeting{
		{Locale: "default", Text: texts[models.Language(locale)]},
		{Locale: "en_US", Text: texts["en"]}, {Locale: "en_GB", Text: texts["en"]}, {Locale: "it_IT", Text: texts["it"]},
	}
}
