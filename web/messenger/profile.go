package messenger

import (
	"context"
	"errors"
	"net/url"
)

// Profile is what a person lets the Page see. Every field may be empty.
type Profile struct {
	FirstName string `json:"first_name"`
	LastName  string `json:"last_name"`
	// PictureURL is good for a few days only.
	PictureURL string `json:"profile_pic"`
	// Locale is the platform's, such as it_IT.
	Locale string `json:"locale"`
	// Timezone is in hours from GMT, and may be fractional.
	Timezone float64 `json:"timezone"`
}

// Profile asks for a person's profile. One that may not be seen is an empty Profile and no error: the platform
// itself answers with an empty object then, or, for accounts by telephone (2018218) and without Business Asset User
// Profile Access, with a refusal (User Profile API page, 11 September 2026).
func (c *Client) Profile(ctx context.Context, accessToken, psid string) (Profile, error) {
	var p Profile
	err := c.get(ctx, request{
		path:        []string{psid},
		query:       url.Values{"fields": {"first_name,last_name,profile_pic,locale,timezone"}},
		accessToken: accessToken,
	}, &p)
	if hidden(err) {
		return Profile{}, nil
	}
	if err != nil {
		return Profile{}, err
	}
	return p, nil
}

// hidden reports whether a refusal says no more than that this profile is not for us.
func hidden(err error) bool {
	var e *graphError
	if !errors.As(err, &e) {
		return false
	}
	for _, n := range []int{e.code, e.subcode} {
		if n == 2018218 || n == 2018247 {
			return true
		}
	}
	switch {
	case e.code == 100 && (e.subcode == 33 || e.subcode == 2018001): // no such person, for this token
		return true
	case e.code == 3, e.code == 10, e.code >= 200 && e.code <= 299: // no permission for profiles
		return true
	}
	return false
}

// Account is what an access token stands for.
type Account struct {
	ID   string
	Name string
}

// Me asks whose access token it is: the Page's, with a Page access token.
func (c *Client) Me(ctx context.Context, accessToken string) (Account, error) {
	var a struct {
		ID   id   `json:"id"`
		Name text `json:"name"`
	}
	err := c.get(ctx, request{path: []string{"me"}, query: url.Values{"fields": {"id,name"}}, accessToken: accessToken}, &a)
	return Account{ID: string(a.ID), Name: string(a.Name)}, err
}

// Feature is one of the messaging features that a Page may ask for, and where the asking stands.
type Feature struct {
	Feature string `json:"feature"`
	Status  string `json:"status"`
}

// FeatureReview lists a Page's messaging features. Meta does not document under which name One-Time Notification
// stands there, so its absence proves nothing.
func (c *Client) FeatureReview(ctx context.Context, page, accessToken string) ([]Feature, error) {
	var list struct {
		Data []Feature `json:"data"`
	}
	err := c.get(ctx, request{path: []string{page, "messaging_feature_review"}, accessToken: accessToken}, &list)
	return list.Data, err
}
