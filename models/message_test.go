package models_test

import (
	"strings"
	"testing"

	"bentornato/models"
)

func TestContentValidate(t *testing.T) {
	chars := func(n int) string { return strings.Repeat("è", n) } // two bytes each: characters are counted, not bytes
	button := models.Button{Title: "Buy now", URL: "https://example.it/tazza"}
	tap := models.Button{Title: "Ask", Payload: "ASK"}
	card := models.Card{Title: "Tazza", Subtitle: "12,50 €"}
	request := func(title, payload string) models.Content {
		return models.Content{Request: &models.RequestCard{Title: title, Payload: payload}}
	}
	withButton := func(b models.Button) models.Content { return models.Content{Text: "Hi", Buttons: []models.Button{b}} }
	withCard := func(change func(c *models.Card)) models.Content {
		c := card
		change(&c)
		return models.Content{Cards: []models.Card{c}}
	}
	withReply := func(title, payload string) models.Content {
		return models.Content{Text: "Hi", QuickReplies: []models.QuickReply{{Title: title, Payload: payload}}}
	}
	times := func(n int, b models.Button) []models.Button {
		var bs []models.Button
		for range n {
			bs = append(bs, b)
		}
		return bs
	}

	for _, tt := range []struct {
		name    string
		content models.Content
		field   string
	}{
		{"nothing", models.Content{}, "message"},
		{"text and cards", models.Content{Text: "Hi", Cards: []models.Card{card}}, "message"},
		{"text and request", models.Content{Text: "Hi", Request: &models.RequestCard{Title: "t", Payload: "p"}}, "message"},
		{"cards and request", models.Content{Cards: []models.Card{card}, Request: &models.RequestCard{Title: "t", Payload: "p"}}, "message"},
		{"only quick replies", models.Content{QuickReplies: []models.QuickReply{{Title: "a", Payload: "b"}}}, "message"},

		{"text", models.Content{Text: "Hi"}, ""},
		{"the longest text", models.Content{Text: chars(models.MaxText)}, ""},
		{"a longer text", models.Content{Text: chars(models.MaxText + 1)}, "text"},
		{"the longest text with buttons", models.Content{Text: chars(models.MaxButtonText), Buttons: times(1, button)}, ""},
		{"a longer text with buttons", models.Content{Text: chars(models.MaxButtonText + 1), Buttons: times(1, button)}, "text"},

		{"the most buttons", models.Content{Text: "Hi", Buttons: times(models.MaxButtons, tap)}, ""},
		{"more buttons", models.Content{Text: "Hi", Buttons: times(models.MaxButtons+1, tap)}, "buttons"},
		{"buttons beside cards", models.Content{Cards: []models.Card{card}, Buttons: times(1, tap)}, "buttons"},
		{"buttons beside a request", models.Content{Request: &models.RequestCard{Title: "t", Payload: "p"}, Buttons: times(1, tap)}, "buttons"},
		{"a button that does nothing", withButton(models.Button{Title: "Buy"}), "buttons"},
		{"a button that does both", withButton(models.Button{Title: "Buy", URL: "https://example.it", Payload: "p"}), "buttons"},
		{"a button to no address", withButton(models.Button{Title: "Buy", URL: "javascript:alert(1)"}), "url"},
		{"the longest button title", withButton(models.Button{Title: chars(models.MaxButtonTitle), Payload: "p"}), ""},
		{"a longer button title", withButton(models.Button{Title: chars(models.MaxButtonTitle + 1), Payload: "p"}), "buttons"},
		{"no button title", withButton(models.Button{Payload: "p"}), "buttons"},
		{"the longest payload", withButton(models.Button{Title: "Buy", Payload: chars(models.MaxPayload)}), ""},
		{"a longer payload", withButton(models.Button{Title: "Buy", Payload: chars(models.MaxPayload + 1)}), "buttons"},

		{"a quick reply", withReply("Yes", "YES"), ""},
		{"a quick reply without a title", withReply("", "YES"), "buttons"},
		{"a quick reply with a long title", withReply(chars(models.MaxButtonTitle+1), "YES"), "buttons"},
		{"a quick reply with a long payload", withReply("Yes", chars(models.MaxPayload+1)), "buttons"},
		{"the most quick replies", models.Content{Text: "Hi", QuickReplies: quickReplies(models.MaxQuickReplies)}, ""},
		{"more quick replies", models.Content{Text: "Hi", QuickReplies: quickReplies(models.MaxQuickReplies + 1)}, "quick_replies"},

		{"a card", models.Content{Cards: []models.Card{card}}, ""},
		{"the most cards", models.Content{Cards: cards(models.MaxCards, card)}, ""},
		{"more cards", models.Content{Cards: cards(models.MaxCards+1, card)}, "cards"},
		{"a bad card behind good ones", models.Content{Cards: append(cards(2, card), models.Card{})}, "title"},
		{"a card without a title", withCard(func(c *models.Card) { c.Title = "" }), "title"},
		{"the longest card title", withCard(func(c *models.Card) { c.Title = chars(models.MaxCardTitle) }), ""},
		{"a longer card title", withCard(func(c *models.Card) { c.Title = chars(models.MaxCardTitle + 1) }), "title"},
		{"the longest subtitle", withCard(func(c *models.Card) { c.Subtitle = chars(models.MaxCardSubtitle) }), ""},
		{"a longer subtitle", withCard(func(c *models.Card) { c.Subtitle = chars(models.MaxCardSubtitle + 1) }), "subtitle"},
		{"nothing but a title", withCard(func(c *models.Card) { c.Subtitle = "" }), "card"},
		{"a title and a picture", withCard(func(c *models.Card) { c.Subtitle, c.ImageURL = "", "https://example.it/t.jpg" }), ""},
		{"a title and an address", withCard(func(c *models.Card) { c.Subtitle, c.URL = "", "https://example.it/t" }), ""},
		{"a title and a button", withCard(func(c *models.Card) { c.Subtitle, c.Buttons = "", times(1, button) }), ""},
		{"a picture at no address", withCard(func(c *models.Card) { c.ImageURL = "t.jpg" }), "image_url"},
		{"a card to no address", withCard(func(c *models.Card) { c.URL = "ftp://example.it" }), "url"},
		{"the most buttons on a card", withCard(func(c *models.Card) { c.Buttons = times(models.MaxButtons, tap) }), ""},
		{"more buttons on a card", withCard(func(c *models.Card) { c.Buttons = times(models.MaxButtons+1, tap) }), "buttons"},

		{"a request", request("Tell you?", "id"), ""},
		{"the longest request title", request(strings.Repeat("🏺", models.MaxRequestTitle), "id"), ""},
		{"a longer request title", request(strings.Repeat("🏺", models.MaxRequestTitle+1), "id"), "title"},
		{"a request without a title", request("", "id"), "title"},
		{"a request without a payload", request("Tell you?", ""), "payload"},
		{"the longest request payload", request("Tell you?", chars(models.MaxPayload)), ""},
		{"a longer request payload", request("Tell you?", chars(models.MaxPayload+1)), "payload"},
	} {
		t.Run(tt.name, func(t *testing.T) { wantField(t, tt.content.Validate(), tt.field) })
	}
}

func quickReplies(n int) []models.QuickReply {
	var replies []models.QuickReply
	for range n {
		replies = append(replies, models.QuickReply{Title: "Sì", Payload: "YES"})
	}
	return replies
}

func cards(n int, card models.Card) []models.Card {
	var all []models.Card
	for range n {
		all = append(all, card)
	}
	return all
}
