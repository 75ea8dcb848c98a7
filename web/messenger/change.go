package messenger

import (
	"encoding/json"
	"strconv"
	"strings"

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
		Link        text    `json:"link"`
		CreatedTime integer `json:"created_time"`
		From        struct {
			ID   id   `json:"id"`
			Name text `json:"name"`
		} `json:"from"`
		// SenderID and SenderName stand in place of from in the forms of some items and versions.
		SenderID   id   `json:"sender_id"`
		SenderName text `json:"sender_name"`

		TemplateID       id   `json:"message_template_id"`
		TemplateName     text `json:"message_template_name"`
		TemplateLanguage text `json:"message_template_language"`
		Event            text `json:"event"`
		Reason           text `json:"reason"`
	} `json:"value"`
}

// posted are the items that are a Page's own posts.
var posted = map[string]bool{"status": true, "post": true, "photo": true, "video": true, "share": true, "link": true}

// parseChange reads a comment that someone other than the Page added, what the Page itself posted, and what became of a utility
// template. Edits of comments, removals, hiding, the Page's own comments and everything that is no comment are only kept: nothing
// may be answered about them.
func parseChange(e entry, raw json.RawMessage) models.Event {
	var c change
	if json.Unmarshal(raw, &c) != nil || !isObject(raw) {
		return other(e, raw)
	}
	v := c.Value
	if v.From.ID == "" {
		v.From.ID, v.From.Name = v.SenderID, v.SenderName
	}
	// Meta's guide and its table of webhooks write the field differently.
	if (c.Field == "message_template_status_update" || c.Field == "messenger_template_status_update") && v.TemplateName != "" && v.Event != "" {
		event := models.Event{Kind: models.EventTemplateReview, PageID: string(e.ID), At: e.Time.time(), Review: &models.TemplateReview{ID: string(v.TemplateID),
			Name: string(v.TemplateName), Language: string(v.TemplateLanguage), Status: models.TemplateStatus(v.Event), Reason: string(v.Reason)}}
		event.Key = key(event, strconv.FormatInt(int64(e.Time), 10), digest(string(v.TemplateName), string(v.TemplateLanguage)), string(v.Event))
		return event
	}
	if c.Field == "feed" && e.ID != "" && v.From.ID == e.ID && v.PostID != "" && posted[string(v.Item)] && (v.Verb == "add" || v.Verb == "edited" || v.Verb == "edit") {
		event := models.Event{Kind: models.EventPost, PageID: string(e.ID), At: firstTime(e.Time.time(), v.CreatedTime.time()), PostID: string(v.PostID),
			Text: strings.TrimSpace(string(v.Message) + " " + string(v.Link))}
		event.Key = key(event, string(v.Verb), event.PostID, digest(event.Text))
		return event
	}
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
