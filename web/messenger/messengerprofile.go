package messenger

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"bentornato/models"
)

// MessengerProfile is what a Page shows in Messenger before anyone wrote: the platform's own word for it. A nil
// or empty property is left as it is. Ice breakers take the place of Get Started; a menu needs Get Started.
type MessengerProfile struct {
	GetStarted     *GetStarted  `json:"get_started,omitempty"`
	Greeting       []Greeting   `json:"greeting,omitempty"`
	IceBreakers    []IceBreaker `json:"ice_breakers,omitempty"`
	PersistentMenu []Menu       `json:"persistent_menu,omitempty"`
}

// GetStarted is the button of a new conversation. Without it an m.me link's ref is lost on people who never wrote.
type GetStarted struct {
	Payload string `json:"payload"`
}

// Greeting is the text above it, at most 160 characters. Locale is "default" or one such as it_IT.
type Greeting struct {
	Locale string `json:"locale"`
	Text   string `json:"text"`
}

// IceBreaker is a language's questions to begin with, at most 4.
type IceBreaker struct {
	Locale        string     `json:"locale"`
	CallToActions []Question `json:"call_to_actions"`
}

// Question is sent by a tap, and comes back as a postback.
type Question struct {
	Question string `json:"question"`
	Payload  string `json:"payload"`
}

// Menu is a language's menu, at most 20 items of at most 30 characters.
type Menu struct {
	Locale                string     `json:"locale"`
	ComposerInputDisabled bool       `json:"composer_input_disabled"`
	CallToActions         []MenuItem `json:"call_to_actions"`
}

// MenuItem has Type "postback" with a payload, or "web_url" with an address.
type MenuItem struct {
	Type    string `json:"type"`
	Title   string `json:"title"`
	URL     string `json:"url,omitempty"`
	Payload string `json:"payload,omitempty"`
}

// profileFields are the properties of a MessengerProfile.
func profileFields() []string {
	return []string{"get_started", "greeting", "ice_breakers", "persistent_menu"}
}

// profilePath is under /me, where the platform documents it: the access token says which Page it is.
func profilePath() []string { return []string{"me", "messenger_profile"} }

// SetProfile sets the properties that p has. The platform takes ten such calls in ten minutes, and may take a day
// to show a menu.
func (c *Client) SetProfile(ctx context.Context, accessToken string, p MessengerProfile) error {
	if p.GetStarted == nil && len(p.Greeting) == 0 && len(p.IceBreakers) == 0 && len(p.PersistentMenu) == 0 {
		return models.FieldErrorf("profile", "Set at least one property of the profile.")
	}
	body, err := encodeJSON(p)
	if err != nil {
		return err
	}
	return c.confirmed(ctx, request{method: http.MethodPost, path: profilePath(), accessToken: accessToken, body: body})
}

// GetProfile reads the profile. A Page that set none has an empty one.
func (c *Client) GetProfile(ctx context.Context, accessToken string) (MessengerProfile, error) {
	var list struct {
		Data []MessengerProfile `json:"data"`
	}
	err := c.get(ctx, request{
		path:        profilePath(),
		query:       url.Values{"fields": {strings.Join(profileFields(), ",")}},
		accessToken: accessToken,
	}, &list)
	if err != nil || len(list.Data) == 0 {
		return MessengerProfile{}, err
	}
	return list.Data[0], nil
}

// DeleteProfile removes the named properties (get_started, greeting, ice_breakers, persistent_menu), or with none
// named all four.
func (c *Client) DeleteProfile(ctx context.Context, accessToken string, fields ...string) error {
	if len(fields) == 0 {
		fields = profileFields()
	}
	body, err := encodeJSON(map[string][]string{"fields": fields})
	if err != nil {
		return err
	}
	return c.confirmed(ctx, request{method: http.MethodDelete, path: profilePath(), accessToken: accessToken, body: body})
}
