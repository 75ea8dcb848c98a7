package messenger

import (
	"context"
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"bentornato/models"
)

// Facebook Login connects Pages from a browser: a person signs in at LoginURL and comes back with a code; ExchangeCode
// and LongLived turn it into a user token, and ManagedPages reads the Pages' own tokens with it. Page tokens got by a
// long-lived user token do not end by time; they end when the person changes the password, leaves the Page's team or
// removes the app (Graph API, "Get Long-Lived Tokens"; Facebook Login for Business, updated 5 May 2026).

// Permissions are what an app must be granted for everything to work.
func Permissions() []string {
	return []string{"pages_show_list", "pages_manage_metadata", "pages_messaging", "pages_read_engagement"}
}

// OptionalPermissions are asked for where the merchant wants what they open: utility messages and languages.
func OptionalPermissions() []string {
	return []string{models.PermissionUtility, "pages_user_locale"}
}

// Tasks are what the person who connects a Page must be allowed to do on it (Messenger Platform overview, 23 March 2026).
func Tasks() []string { return []string{"MESSAGING", "MODERATE"} }

// Limits of reading a person's Pages.
const (
	accountsPerCall = 100
	// MaxAccounts is how many Pages of one person are read.
	MaxAccounts = 1000
)

// LoginRequest says how to sign a person in.
type LoginRequest struct {
	// RedirectURI is where the person comes back to; it must be among the app's valid OAuth redirect URIs.
	RedirectURI string
	// State comes back as it was given, and proves that we asked.
	State string
	// ConfigID names a configuration of Facebook Login for Business, which holds the permissions. Where it is empty, Scopes
	// are asked for.
	ConfigID string
	Scopes   []string
}

// LoginURL is where to send a person's browser.
func (c *Client) LoginURL(l LoginRequest) string {
	q := url.Values{"client_id": {c.appID}, "redirect_uri": {l.RedirectURI}, "state": {l.State}, "response_type": {"code"}}
	if l.ConfigID != "" {
		q.Set("config_id", l.ConfigID)
	} else {
		q.Set("scope", strings.Join(l.Scopes, ","))
	}
	return c.dialog() + "?" + q.Encode()
}

// dialog is the address of the sign-in page. Facebook's stands on another host than its Graph API; a stand-in's does not.
func (c *Client) dialog() string {
	if c.loginURL != "" {
		return c.loginURL
	}
	if u, err := url.Parse(c.graph); err == nil && u.Host == "graph.facebook.com" {
		u.Host = "www.facebook.com"
		return u.String() + "/dialog/oauth"
	}
	return c.graph + "/dialog/oauth"
}

// UserToken is a person's access token. ExpiresAt is zero where the platform does not say.
type UserToken struct {
	AccessToken string
	ExpiresAt   time.Time
}

// ExchangeCode turns the code that a person came back with into a token. A code works once, so the call is made once.
func (c *Client) ExchangeCode(ctx context.Context, redirectURI, code string) (UserToken, error) {
	return c.userToken(ctx, code, url.Values{"redirect_uri": {redirectURI}, "code": {code}})
}

// LongLived turns a person's token of an hour or two into one of some 60 days.
func (c *Client) LongLived(ctx context.Context, t UserToken) (UserToken, error) {
	return c.userToken(ctx, t.AccessToken, url.Values{"grant_type": {"fb_exchange_token"}, "fb_exchange_token": {t.AccessToken}})
}

// userToken asks the token address, with the app's secret. The documented form is a GET with all of it in the query, so
// the address is kept out of errors like every other.
func (c *Client) userToken(ctx context.Context, secret string, query url.Values) (UserToken, error) {
	if c.appID == "" || c.appSecret == "" {
		return UserToken{}, models.Errorf(models.KindInvalid, "Signing in with Facebook needs the Meta app: set BENTORNATO_APP_ID and BENTORNATO_APP_SECRET.")
	}
	query.Set("client_id", c.appID)
	query.Set("client_secret", c.appSecret)
	var got struct {
		AccessToken string  `json:"access_token"`
		ExpiresIn   integer `json:"expires_in"`
	}
	_, err := c.exchange(ctx, request{method: "GET", path: []string{"oauth", "access_token"}, query: query, secrets: []string{secret, c.appSecret}}, &got)
	if err != nil {
		return UserToken{}, err
	}
	if got.AccessToken == "" {
		return UserToken{}, models.Errorf(models.KindUnavailable, "Facebook answered without an access token; connect again.")
	}
	t := UserToken{AccessToken: got.AccessToken}
	if got.ExpiresIn > 0 {
		t.ExpiresAt = c.now().Add(time.Duration(got.ExpiresIn) * time.Second)
	}
	return t, nil
}

// ManagedPage is a Page that a person has a task on, with the Page's own access token.
type ManagedPage struct {
	ID          string
	Name        string
	Category    string
	AccessToken string
	Tasks       []string
}

// wireManagedPage is a ManagedPage as the Graph API has it.
type wireManagedPage struct {
	ID          id       `json:"id"`
	Name        string   `json:"name"`
	Category    string   `json:"category"`
	AccessToken string   `json:"access_token"`
	Tasks       []string `json:"tasks"`
}

// MissingTasks returns which of Tasks the person lacks on the Page.
func (p ManagedPage) MissingTasks() []string {
	var missing []string
	for _, t := range Tasks() {
		if !slices.Contains(p.Tasks, t) {
			missing = append(missing, t)
		}
	}
	return missing
}

// ManagedPages lists the Pages that a person chose to share, at most MaxAccounts.
func (c *Client) ManagedPages(ctx context.Context, t UserToken) ([]ManagedPage, error) {
	var pages []ManagedPage
	err := each(ctx, c, request{path: []string{"me", "accounts"}, accessToken: t.AccessToken,
		query: url.Values{"fields": {"id,name,category,access_token,tasks"}}}, accountsPerCall, MaxAccounts, func(w wireManagedPage) {
		pages = append(pages, ManagedPage{ID: string(w.ID), Name: w.Name, Category: w.Category, AccessToken: w.AccessToken, Tasks: w.Tasks})
	})
	return pages, err
}

// Granted lists the permissions that a person gave the app.
func (c *Client) Granted(ctx context.Context, t UserToken) ([]string, error) {
	var list struct {
		Data []struct {
			Permission string `json:"permission"`
			Status     string `json:"status"`
		} `json:"data"`
	}
	if err := c.get(ctx, request{path: []string{"me", "permissions"}, accessToken: t.AccessToken}, &list); err != nil {
		return nil, err
	}
	var granted []string
	for _, p := range list.Data {
		if p.Status == "granted" {
			granted = append(granted, p.Permission)
		}
	}
	return granted, nil
}

// TokenInfo is what the platform knows about an access token. Times are zero where the token has no such end.
type TokenInfo struct {
	Valid  bool
	AppID  string
	Scopes []string
	// ExpiresAt is when it ends; DataAccessUntil when it stops reading people's data, though it still sends.
	ExpiresAt       time.Time
	DataAccessUntil time.Time
}

// InspectToken asks about an access token, in the app's own name (GET /debug_token).
func (c *Client) InspectToken(ctx context.Context, accessToken string) (TokenInfo, error) {
	app, err := c.appToken()
	if err != nil {
		return TokenInfo{}, err
	}
	var got struct {
		Data struct {
			Valid           flag     `json:"is_valid"`
			AppID           id       `json:"app_id"`
			Scopes          []string `json:"scopes"`
			ExpiresAt       integer  `json:"expires_at"`
			DataAccessUntil integer  `json:"data_access_expires_at"`
		} `json:"data"`
	}
	err = c.get(ctx, request{path: []string{"debug_token"}, accessToken: app, query: url.Values{"input_token": {accessToken}}, secrets: []string{accessToken}}, &got)
	d := got.Data
	return TokenInfo{Valid: bool(d.Valid), AppID: string(d.AppID), Scopes: d.Scopes, ExpiresAt: d.ExpiresAt.time(), DataAccessUntil: d.DataAccessUntil.time()}, err
}

// appToken is the app's own access token.
func (c *Client) appToken() (string, error) {
	if c.appID == "" || c.appSecret == "" {
		return "", models.Errorf(models.KindInvalid, "This needs the Meta app: set BENTORNATO_APP_ID and BENTORNATO_APP_SECRET.")
	}
	return c.appID + "|" + c.appSecret, nil
}

// SubscribeApp tells the platform where the app takes webhooks about Pages, and of which fields: what is else typed into
// the app's dashboard. It makes the platform verify the address at once.
func (c *Client) SubscribeApp(ctx context.Context, callbackURL, verifyToken string, fields []string) error {
	app, err := c.appToken()
	if err != nil {
		return err
	}
	return c.confirmed(ctx, request{method: "POST", path: []string{c.appID, "subscriptions"}, accessToken: app, secrets: []string{verifyToken}, query: url.Values{
		"object": {"page"}, "callback_url": {callbackURL}, "verify_token": {verifyToken}, "fields": {strings.Join(fields, ",")}, "include_values": {"true"}}})
}

// AppSubscription is where the app takes webhooks about Pages.
type AppSubscription struct {
	CallbackURL string
	Active      bool
	Fields      []string
}

// fieldName is a subscribed field: {"name": "messages", "version": "v25.0"}, or, as a Page's own subscriptions have it, its name alone.
type fieldName string

func (f *fieldName) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '"' {
		return json.Unmarshal(b, (*string)(f))
	}
	var o struct {
		Name string `json:"name"`
	}
	err := json.Unmarshal(b, &o)
	*f = fieldName(o.Name)
	return err
}

// AppSubscriptions reads what SubscribeApp or the dashboard set, and reports false where nothing is.
func (c *Client) AppSubscriptions(ctx context.Context) (AppSubscription, bool, error) {
	app, err := c.appToken()
	if err != nil {
		return AppSubscription{}, false, err
	}
	var list struct {
		Data []struct {
			Object      string      `json:"object"`
			CallbackURL string      `json:"callback_url"`
			Active      flag        `json:"active"`
			Fields      []fieldName `json:"fields"`
		} `json:"data"`
	}
	if err := c.get(ctx, request{path: []string{c.appID, "subscriptions"}, accessToken: app}, &list); err != nil {
		return AppSubscription{}, false, err
	}
	for _, d := range list.Data {
		if d.Object != "page" {
			continue
		}
		s := AppSubscription{CallbackURL: d.CallbackURL, Active: bool(d.Active)}
		for _, f := range d.Fields {
			s.Fields = append(s.Fields, string(f))
		}
		return s, true, nil
	}
	return AppSubscription{}, false, nil
}

// each reads an edge of the graph page by page, following the cursor after and nothing else that the answer says, until it
// ends or limit is reached.
func each[T any](ctx context.Context, c *Client, r request, perCall, limit int, take func(T)) error {
	query := url.Values{}
	for name, values := range r.query {
		query[name] = values
	}
	r.query = query
	query.Set("limit", strconv.Itoa(perCall))
	for read := 0; read < limit; {
		var page struct {
			Data   []T `json:"data"`
			Paging struct {
				Cursors struct {
					After string `json:"after"`
				} `json:"cursors"`
				Next string `json:"next"`
			} `json:"paging"`
		}
		if err := c.get(ctx, r, &page); err != nil {
			return err
		}
		for _, one := range page.Data {
			if read++; read > limit {
				return nil
			}
			take(one)
		}
		after := page.Paging.Cursors.After
		if len(page.Data) == 0 || page.Paging.Next == "" || after == "" || after == query.Get("after") {
			return nil
		}
		query.Set("after", after)
	}
	return nil
}
