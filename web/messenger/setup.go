package messenger

import (
	"context"
	"slices"
	"strings"
	"time"

	"bentornato/models"
)

// SetUp sets a Page up in Messenger, one step after the other, and tells of each that is done: its webhooks come to our app, and
// its profile is what the set-up says. What is set already is set again, so it may be repeated; the first step that fails ends it.
func (c *Client) SetUp(ctx context.Context, page, accessToken string, s models.PageSetup, done func(step string)) error {
	if err := c.owns(ctx, page, accessToken); err != nil {
		return err
	}
	if err := c.Subscribe(ctx, page, accessToken, SubscribedFields()); err != nil {
		return err
	}
	done("webhooks")
	// Get Started comes first, and by itself: the menu needs it, and the platform does not say in which order it reads a call.
	if err := c.SetProfile(ctx, accessToken, MessengerProfile{GetStarted: &GetStarted{Payload: s.GetStarted}}); err != nil {
		return err
	}
	done("get_started")
	profile := MessengerProfile{Greeting: wireGreetings(s.Greetings), IceBreakers: wireQuestions(s.Questions), PersistentMenu: wireMenus(s.Menu)}
	if err := c.SetProfile(ctx, accessToken, profile); err != nil {
		return err
	}
	done("greeting")
	return c.dropUnused(ctx, accessToken, s)
}

// dropUnused takes away what was set before and is not in the set-up. A profile that cannot be read is left as it is: nothing
// needed is missing from it.
func (c *Client) dropUnused(ctx context.Context, accessToken string, s models.PageSetup) error {
	now, err := c.GetProfile(ctx, accessToken)
	if err != nil {
		return nil //nolint:nilerr // see above
	}
	var unused []string
	if len(s.Questions) == 0 && len(now.IceBreakers) > 0 {
		unused = append(unused, "ice_breakers")
	}
	if len(s.Menu) == 0 && len(now.PersistentMenu) > 0 {
		unused = append(unused, "persistent_menu")
	}
	if len(unused) == 0 {
		return nil
	}
	return c.DeleteProfile(ctx, accessToken, unused...)
}

// owns makes sure that the token is the Page's: the profile belongs to whomever the token does, whatever Page is meant, and
// another's must not be changed.
func (c *Client) owns(ctx context.Context, page, accessToken string) error {
	account, err := c.Me(ctx, accessToken)
	if err != nil {
		return err
	}
	if account.ID != page {
		return models.FieldErrorf("token", "The access token of Page %s belongs to %s (%s); make one for this Page and add the Page again with it.", page, account.Name, account.ID)
	}
	return nil
}

// TearDown takes back what SetUp did. The Page's conversations stay where they are, on Facebook.
func (c *Client) TearDown(ctx context.Context, page, accessToken string) error {
	if err := c.owns(ctx, page, accessToken); err != nil {
		return err
	}
	// The menu needs Get Started, and so goes in the same call.
	if err := c.DeleteProfile(ctx, accessToken); err != nil {
		return err
	}
	return c.Unsubscribe(ctx, page, accessToken)
}

func wireGreetings(list []models.LocalGreeting) []Greeting {
	var out []Greeting
	for _, g := range list {
		out = append(out, Greeting{Locale: g.Locale, Text: models.Shorten(g.Text, models.MaxGreeting)})
	}
	return out
}

func wireQuestions(list []models.LocalButtons) []IceBreaker {
	var out []IceBreaker
	for _, l := range list {
		b := IceBreaker{Locale: l.Locale}
		for _, q := range l.Buttons {
			b.CallToActions = append(b.CallToActions, Question{Question: q.Title, Payload: q.Payload})
		}
		out = append(out, b)
	}
	return out
}

func wireMenus(list []models.LocalButtons) []Menu {
	var out []Menu
	for _, l := range list {
		m := Menu{Locale: l.Locale}
		for _, b := range l.Buttons {
			one := MenuItem{Type: "postback", Title: b.Title, Payload: b.Payload}
			if b.URL != "" {
				one = MenuItem{Type: "web_url", Title: b.Title, URL: b.URL}
			}
			m.CallToActions = append(m.CallToActions, one)
		}
		out = append(out, m)
	}
	return out
}

// Examine looks at a Page's connection: whose its token is and until when, which permissions and webhooks are missing, and what
// Meta says of its features. What could not be learnt is in Problem, or left empty where it is not needed. It changes nothing.
func (c *Client) Examine(ctx context.Context, page, accessToken string, now time.Time) models.PageHealth {
	h := models.PageHealth{PageID: page, CheckedAt: now, Features: map[string]string{}}
	if err := c.owns(ctx, page, accessToken); err != nil {
		h.Problem = models.MessageOf(err)
		return h // every other call would say the same
	}
	apps, err := c.SubscribedApps(ctx, page, accessToken)
	if err != nil {
		h.Problem = models.MessageOf(err)
		return h
	}
	h.MissingFields = c.MissingFields(apps)
	if c.appID != "" && c.appSecret != "" {
		// A stand-in or a restricted app may not have it, and nothing depends on it.
		if info, err := c.InspectToken(ctx, accessToken); err == nil && info.Valid {
			h.TokenExpiresAt, h.DataAccessUntil, h.Scopes = info.ExpiresAt, info.DataAccessUntil, info.Scopes
			for _, p := range Permissions() {
				if len(info.Scopes) > 0 && !slices.Contains(info.Scopes, p) {
					h.MissingPermissions = append(h.MissingPermissions, p)
				}
			}
		}
	}
	if features, err := c.FeatureReview(ctx, page, accessToken); err == nil {
		for _, f := range features {
			h.Features[featureName(f.Feature)] = f.Status
		}
	}
	return h
}

// featureName brings a feature's name into one form: Meta documents none of them, and writes such names in several ways.
func featureName(s string) string {
	bare := strings.NewReplacer("_", "", "-", "", " ", "").Replace(strings.ToLower(s))
	switch {
	case strings.Contains(bare, "onetimenotif"):
		return models.FeatureOTN
	case strings.Contains(bare, "humanagent"):
		return models.FeatureHumanAgent
	}
	return s
}
