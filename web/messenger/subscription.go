package messenger

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"bentornato/models"
)

// SubscribedFields are the webhook fields that a Page must be subscribed to for everything to work. Opt-ins
// come by messaging_optins; the One-time Notification page's message_optins does not exist.
func SubscribedFields() []string {
	return []string{
		"messages", "messaging_postbacks", "messaging_optins", "messaging_referrals", "message_deliveries",
		"message_reads", "message_echoes", "message_reactions", "message_edits", "messaging_policy_enforcement", "feed",
	}
}

// App is an app that a Page's webhooks go to.
type App struct {
	ID     string
	Name   string
	Fields []string
}

// SubscribedApps lists the apps that a Page's webhooks go to. Meta takes an app off the list when its webhooks
// failed for an hour, so this is worth asking for again and again.
func (c *Client) SubscribedApps(ctx context.Context, page, accessToken string) ([]App, error) {
	var list struct {
		Data []struct {
			ID     id       `json:"id"`
			Name   text     `json:"name"`
			Fields []string `json:"subscribed_fields"`
		} `json:"data"`
	}
	err := c.get(ctx, request{path: []string{page, "subscribed_apps"}, accessToken: accessToken}, &list)
	var apps []App
	for _, a := range list.Data {
		apps = append(apps, App{ID: string(a.ID), Name: string(a.Name), Fields: a.Fields})
	}
	return apps, err
}

// MissingFields returns which of SubscribedFields our app is not subscribed to. Without an app id every app on
// the list counts as ours.
func (c *Client) MissingFields(apps []App) []string {
	var missing []string
	for _, field := range SubscribedFields() {
		if !slices.ContainsFunc(apps, func(a App) bool {
			return (c.appID == "" || a.ID == c.appID) && slices.Contains(a.Fields, field)
		}) {
			missing = append(missing, field)
		}
	}
	return missing
}

// Subscribe sends a Page's webhooks of these fields to our app, in place of the fields subscribed to before.
func (c *Client) Subscribe(ctx context.Context, page, accessToken string, fields []string) error {
	if len(fields) == 0 {
		return models.FieldErrorf("fields", "Name at least one field to subscribe to.")
	}
	return c.confirmed(ctx, request{
		method:      http.MethodPost,
		path:        []string{page, "subscribed_apps"},
		query:       url.Values{"subscribed_fields": {strings.Join(fields, ",")}},
		accessToken: accessToken,
	})
}

// Unsubscribe stops a Page's webhooks to our app.
func (c *Client) Unsubscribe(ctx context.Context, page, accessToken string) error {
	return c.confirmed(ctx, request{method: http.MethodDelete, path: []string{page, "subscribed_apps"}, accessToken: accessToken})
}

// confirmed makes a change whose answer is {"success":true} or {"result":"success"}. Some documents quote the
// truth value.
func (c *Client) confirmed(ctx context.Context, r request) error {
	var done struct {
		Success flag   `json:"success"`
		Result  string `json:"result"`
	}
	if err := c.change(ctx, r, &done); err != nil {
		return err
	}
	if !bool(done.Success) && done.Result != "success" {
		return models.Errorf(models.KindUnavailable, "Facebook took the call but did not confirm the change; try again in a few minutes.")
	}
	return nil
}

// encodeJSON writes a body of our own types, none of which can fail to encode.
func encodeJSON(v any) ([]byte, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return nil, models.Errorf(models.KindInternal, "encode a call: %w", err)
	}
	return b, nil
}
