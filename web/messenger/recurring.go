package messenger

import (
	"context"
	"time"

	"bentornato/models"
)

// Limits of reading a Page's recurring tokens. Documents give both 100 and 1000 as the most for one call.
const (
	recurringPerCall = 100
	// MaxRecurring is how many of a Page's recurring tokens are read.
	MaxRecurring = 100_000
)

// RecurringToken is a permission that a Page has already, as the platform lists it.
type RecurringToken struct {
	Token  string // a secret
	PSID   string
	OptIn  models.RecurringOptIn
	At     time.Time // when it was given
	NextAt time.Time // when it may be used next, where the platform says
}

// RecurringTokens reads a Page's recurring notification tokens one after the other, at most MaxRecurring, and hands each
// to take. The platform knows them, unlike one-time tokens: a Page that changes its software need not lose them.
func (c *Client) RecurringTokens(ctx context.Context, page, accessToken string, take func(RecurringToken)) error {
	type wire struct {
		Token     string  `json:"notification_messages_token"`
		Recipient id      `json:"recipient_id"`
		Created   integer `json:"creation_timestamp"`
		Expires   integer `json:"token_expiry_timestamp"`
		Status    text    `json:"user_token_status"`
		Title     text    `json:"topic_title"`
		TimeZone  text    `json:"notification_messages_timezone"`
		Next      integer `json:"next_eligible_time"`
	}
	return each(ctx, c, request{path: []string{page, "notification_message_tokens"}, accessToken: accessToken}, recurringPerCall, MaxRecurring, func(w wire) {
		if w.Token == "" || w.Recipient == "" {
			return
		}
		take(RecurringToken{Token: w.Token, PSID: string(w.Recipient), At: w.Created.time(), NextAt: w.Next.time(),
			OptIn: models.RecurringOptIn{Title: string(w.Title), TimeZone: string(w.TimeZone), ExpiresAt: w.Expires.time(), Refreshed: w.Status == "REFRESHED"}})
	})
}
