package messenger

import (
	"bytes"
	"encoding/json"
	"time"

	"bentornato/models"
)

// Parse reads the body of a webhook. The body must have been verified.
//
// A body that is no JSON, or JSON that is no envelope, is an error of models.KindInvalid; an envelope about
// something other than Pages one of models.KindNotFound. Inside a valid envelope nothing is refused: an item that
// cannot be read, or of a kind not known here, becomes a models.EventOther with its bytes in Raw.
//
// An item delivered to an app that does not own the thread (entry[].standby) keeps its kind and has Standby set.
// At is the item's own time; where it has none, the entry's; where that is missing too, zero. The same event
// twice in one body is returned once.
func Parse(body []byte) ([]models.Event, error) {
	var envelope struct {
		Object *text           `json:"object"`
		Entry  json.RawMessage `json:"entry"`
	}
	if err := json.Unmarshal(body, &envelope); err != nil {
		return nil, models.Errorf(models.KindInvalid, "The webhook's body is not the JSON of an envelope.")
	}
	if envelope.Object == nil {
		return nil, models.FieldErrorf("object", "The webhook's body names no object.")
	}
	if *envelope.Object != "page" {
		return nil, models.Errorf(models.KindNotFound, "This address takes webhooks about Pages only.")
	}
	var entries []json.RawMessage
	if !present(envelope.Entry) || json.Unmarshal(envelope.Entry, &entries) != nil {
		return nil, models.FieldErrorf("entry", "The webhook's entry is not an array.")
	}
	var events []models.Event
	for _, raw := range entries {
		events = append(events, parseEntry(raw)...)
	}
	return firstOfEachKey(events), nil
}

// firstOfEachKey drops repetitions: one body has been seen to hold one message twice.
func firstOfEachKey(events []models.Event) []models.Event {
	seen := make(map[string]bool, len(events))
	kept := events[:0]
	for _, e := range events {
		if !seen[e.Key] {
			seen[e.Key] = true
			kept = append(kept, e)
		}
	}
	return kept
}

// entry is one Page's part of an envelope. Time is in milliseconds where it holds messaging and in seconds where
// it holds changes.
type entry struct {
	ID        id              `json:"id"`
	Time      integer         `json:"time"`
	Messaging json.RawMessage `json:"messaging"`
	Standby   json.RawMessage `json:"standby"`
	Changes   json.RawMessage `json:"changes"`
	// MessagingOptIns is where some documents place opt-ins. Meta was never seen to; reading it costs nothing.
	MessagingOptIns json.RawMessage `json:"messaging_optins"`
}

func parseEntry(raw json.RawMessage) []models.Event {
	var e entry
	if json.Unmarshal(raw, &e) != nil || !isObject(raw) {
		return []models.Event{other(entry{}, raw)}
	}
	var events []models.Event
	known := false
	for _, part := range []struct {
		raw     json.RawMessage
		standby bool
		parse   func(entry, json.RawMessage) models.Event
	}{
		{e.Messaging, false, parseItem},
		{e.MessagingOptIns, false, parseItem},
		{e.Standby, true, parseItem},
		{e.Changes, false, parseChange},
	} {
		if !present(part.raw) {
			continue
		}
		known = true
		var items list
		if items.UnmarshalJSON(part.raw) != nil {
			items = list{part.raw}
		}
		for _, item := range items {
			event := part.parse(e, item)
			event.Standby = part.standby
			events = append(events, event)
		}
	}
	if !known && holdsMore(raw) {
		events = append(events, other(e, raw))
	}
	return events
}

// holdsMore reports whether an entry without any part that we know holds anything else worth keeping.
func holdsMore(raw json.RawMessage) bool {
	var members map[string]json.RawMessage
	if json.Unmarshal(raw, &members) != nil {
		return true
	}
	for name, value := range members {
		switch name {
		case "id", "uid", "time":
		default:
			if present(value) {
				return true
			}
		}
	}
	return false
}

func isObject(raw json.RawMessage) bool {
	return bytes.HasPrefix(bytes.TrimLeft(raw, " \t\r\n"), []byte("{"))
}

// other keeps what could not be read as anything better.
func other(e entry, raw json.RawMessage) models.Event {
	event := models.Event{Kind: models.EventOther, PageID: string(e.ID), At: e.Time.time(), Raw: raw}
	event.Key = contentKey(event, raw)
	return event
}

// firstTime returns the first time that is known.
func firstTime(times ...time.Time) time.Time {
	for _, t := range times {
		if !t.IsZero() {
			return t
		}
	}
	return time.Time{}
}

// firstOf returns the first value that is not empty.
func firstOf[T ~string](values ...T) string {
	for _, v := range values {
		if v != "" {
			return string(v)
		}
	}
	return ""
}
