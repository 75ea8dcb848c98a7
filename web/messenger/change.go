package messenger

import (
	"encoding/json"
	"strconv"

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

		TemplateID       id   `json:"message_template_id"`
		TemplateName     text `json:"message_template_name"`
		TemplateLanguage text `json:"message_template_language"`
		Event            text `json:"event"`
		Reason           text `json:"reason"`
	} `json:"value"`
}

// parseChange reads a comment that someone other than the Page added, and what became of a utility template. Edits, removals, hiding, the Page's own
// comments and everything that is no comment are only kept: nothing may be answered about them.
func parseChange(e entry, raw json.RawMessage) models.Event {
	var c change
	if json.Unmarshal(raw, &c) != nil || !isObject(raw) {
		return other(e, raw)
	}
	v := c.Value
	// Meta's guide and its table of webhooks write the field differently.
	if (c.Field == "message_template_status_update" || c.Field == "messenger_template_status_update") && v.TemplateName != "" && v.Event != "" {
		event := models.Event{Kind: models.EventTemplateReview, PageID: string(e.ID), At: e.Time.time(), Review: &models.TemplateReview{ID: string(v.TemplateID),
			Name: string(v.TemplateName), Language: string(v.TemplateLanguage), Status: models.TemplateStatus(v.Event), Reason: string(v.Reason)}}
		event.Key = key(event, strconv.FormatInt(int64(e.Time), 10), digest(string(v.TemplateName), string(v.TemplateLanguage)), string(v.Event))
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
