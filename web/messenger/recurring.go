package messenger

import (
	"context"
	"net/url"
	"strconv"

	"bentornato/models"
)

// recurringPerCall is how many recurring tokens one call asks for. Documents give both 100 and 1000 as the most.
const recurringPerCall = 100

// ListOptIns reads one page of a Page's recurring notification tokens, from a position that a page before gave; empty for the
// first. It returns the next position, empty at the end. The platform knows these tokens, unlike one-time ones: a Page that
// changes its software need not lose them.
func (c *Client) ListOptIns(ctx context.Context, page, accessToken, position string) ([]models.ListedOptIn, string, error) {
	var body struct {
		Data []struct {
			Token     string  `json:"notification_messages_token"`
			Recipient id      `json:"recipient_id"`
			Created   integer `json:"creation_timestamp"`
			Expires   integer `json:"token_expiry_timestamp"`
			Status    text    `json:"user_token_status"`
			Title     text    `json:"topic_title"`
			TimeZone  text    `json:"notification_messages_timezone"`
			Frequency text    `json:"notification_messages_frequency"`
			Next      integer `json:"next_eligible_time"`
		} `json:"data"`
		Paging struct {
			Cursors struct {
				After string `json:"after"`
			} `json:"cursors"`
			Next string `json:"next"`
		} `json:"paging"`
	}
	query := url.Values{"limit": {strconv.Itoa(recurringPerCall)}}
	if position != "" {
		query.Set("after", position)
	}
	if err := c.get(ctx, request{path: []string{page, "notification_message_tokens"}, query: query, accessToken: accessToken}, &body); err != nil {
		return nil, "", err
	}
	var list []models.ListedOptIn
	for _, w := range body.Data {
		if w.Token == "" || w.Recipient == "" {
			continue
		}
		list = append(list, models.ListedOptIn{Token: w.Token, PSID: string(w.Recipient), At: w.Created.time(), NextAt: w.Next.time(),
			OptIn: models.RecurringOptIn{Title: string(w.Title), TimeZone: string(w.TimeZone), Frequency: string(w.Frequency), ExpiresAt: w.Expires.time(), Refreshed: w.Status == "REFRESHED"}})
	}
	next := body.Paging.Cursors.After
	if len(body.Data) == 0 || body.Paging.Next == "" || next == position {
		next = ""
	}
	return list, next, nil
}
