package messenger

import (
	"encoding/json"

	"bentornato/models"
)

// change is one element of entry[].changes: what happened on the Page itself.
type change struct {
	Field text `json:"field"`
	Value struct {
		Item        text    `json:"item"`
		Verb        text    `json:"verb"`
		CommentID   id      `json:"comment_id"`
		PostID      id      `json:"post_id"`
		Message     text    `json:"message"`
		CreatedTime integer `json:"created_time"`
		From        struct {
			ID   id   `json:"id"`
			Name text `json:"name"`
		} `json:"from"`
	} `json:"value"`
}

// parseChange reads a comment that someone other than the Page added. Edits, removals, hiding, the Page's own
// comments and everything that is no comment are only kept: nothing may be answered about them.
func parseChange(e entry, raw json.RawMessage) models.Event {
	var c change
	if json.Unmarshal(raw, &c) != nil || !isObject(raw) {
		return other(e, raw)
	}
	v := c.Value
	if c.Field != "feed" || v.Item != "comment" || v.Verb != "add" || v.CommentID == "" || e.ID != "" && v.From.ID == e.ID {
		kept := other(e, raw)
		kept.At = firstTime(v.CreatedTime.time(), kept.At)
		return kept
	}
	event := models.Event{
		Kind:      models.EventComment,
		PageID:    string(e.ID),
		PSID:      string(v.From.ID),
		FromName:  string(v.From.Name),
		At:        firstTime(v.CreatedTime.time(), e.Time.time()),
		Text:      string(v.Message),
		CommentID: string(v.CommentID),
		PostID:    string(v.PostID),
	}
	event.Key = key(event, string(v.Verb), event.CommentID)
	return event
}
