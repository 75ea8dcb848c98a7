package messenger

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"bentornato/models"
)

func TestEncode(t *testing.T) {
	text := models.Content{Text: "Ciao"}
	for _, c := range []struct {
		name string
		msg  models.Outgoing
		want string
	}{
		{
			"reply", models.Outgoing{Recipient: models.Recipient{PSID: "202"}, Kind: models.SendReply, Content: text, Metadata: "12"},
			`{"recipient":{"id":"202"},"messaging_type":"RESPONSE","message":{"text":"Ciao","metadata":"12"}}`,
		},
		{
			"reply to a guest", models.Outgoing{Recipient: models.Recipient{UserRef: "g"}, Kind: models.SendReply, Content: text},
			`{"recipient":{"user_ref":"g"},"messaging_type":"RESPONSE","message":{"text":"Ciao"}}`,
		},
		{
			"human agent", models.Outgoing{Recipient: models.Recipient{PSID: "202"}, Kind: models.SendHumanAgent, Content: text},
			`{"recipient":{"id":"202"},"messaging_type":"MESSAGE_TAG","tag":"HUMAN_AGENT","message":{"text":"Ciao"}}`,
		},
		{
			"retired tag", models.Outgoing{Recipient: models.Recipient{PSID: "202"}, Kind: models.SendPostPurchase, Content: text},
			`{"recipient":{"id":"202"},"messaging_type":"MESSAGE_TAG","tag":"POST_PURCHASE_UPDATE","message":{"text":"Ciao"}}`,
		},
		{
			"private reply", models.Outgoing{Recipient: models.Recipient{CommentID: "1_2"}, Kind: models.SendPrivateReply, Content: text},
			`{"recipient":{"comment_id":"1_2"},"message":{"text":"Ciao"}}`,
		},
		{
			"notification", models.Outgoing{
				Recipient: models.Recipient{Token: "tok"}, Kind: models.SendNotification, Metadata: "7.1",
				Content: models.Content{Cards: []models.Card{{
					Title: "Mug", Subtitle: "€ 12", ImageURL: "https://s.test/m.png", URL: "https://s.test/r/1",
					Buttons: []models.Button{{Title: "Buy now", URL: "https://s.test/r/1"}, {Title: "Tell me again", Payload: "again:1"}},
				}}},
			},
			`{"recipient":{"one_time_notif_token":"tok"},"message":{"metadata":"7.1","attachment":{"type":"template","payload":{"template_type":"generic","elements":[
				{"title":"Mug","subtitle":"€ 12","image_url":"https://s.test/m.png","default_action":{"type":"web_url","url":"https://s.test/r/1"},
				"buttons":[{"type":"web_url","title":"Buy now","url":"https://s.test/r/1"},{"type":"postback","title":"Tell me again","payload":"again:1"}]}]}}}}`,
		},
		{
			"request", models.Outgoing{
				Recipient: models.Recipient{PSID: "202"}, Kind: models.SendRequest,
				Content: models.Content{Request: &models.RequestCard{Title: "Tell you?", Payload: "abc"}},
			},
			`{"recipient":{"id":"202"},"messaging_type":"UPDATE","message":{"attachment":{"type":"template","payload":{"template_type":"one_time_notif_req","title":"Tell you?","payload":"abc"}}}}`,
		},
		{
			"buttons", models.Outgoing{
				Recipient: models.Recipient{PSID: "202"}, Kind: models.SendReply,
				Content: models.Content{Text: "Which?", Buttons: []models.Button{{Title: "Blue", Payload: "b"}}},
			},
			`{"recipient":{"id":"202"},"messaging_type":"RESPONSE","message":{"attachment":{"type":"template","payload":{"template_type":"button","text":"Which?","buttons":[{"type":"postback","title":"Blue","payload":"b"}]}}}}`,
		},
		{
			"request for recurring notifications", models.Outgoing{
				Recipient: models.Recipient{PSID: "202"}, Kind: models.SendRequest,
				Content: models.Content{Request: &models.RequestCard{Title: "Mugs", Payload: "abc", Recurring: true, ImageURL: "https://s.test/m.png", TimeZone: "Europe/Rome"}},
			},
			`{"recipient":{"id":"202"},"messaging_type":"UPDATE","message":{"attachment":{"type":"template","payload":{"template_type":"notification_messages",
				"title":"Mugs","payload":"abc","image_url":"https://s.test/m.png","notification_messages_timezone":"Europe/Rome"}}}}`,
		},
		{
			"recurring notification", models.Outgoing{Recipient: models.Recipient{Recurring: "rn"}, Kind: models.SendRecurring, Content: text},
			`{"recipient":{"notification_messages_token":"rn"},"message":{"text":"Ciao"}}`,
		},
		{
			"utility", models.Outgoing{
				Recipient: models.Recipient{PSID: "202"}, Kind: models.SendUtility,
				Content: models.Content{Template: &models.Filled{Name: "order_shipped", Language: "en", Body: []string{"confirmed"}, Payloads: []string{"12345"}}},
			},
			`{"recipient":{"id":"202"},"messaging_type":"UTILITY","message":{"template":{"name":"order_shipped","language":{"code":"en"},
				"components":[{"type":"body","parameters":[{"type":"text","text":"confirmed"}]},{"type":"buttons","parameters":[{"type":"POSTBACK","payload":"12345"}]}]}}}`,
		},
		{
			"quick replies", models.Outgoing{
				Recipient: models.Recipient{PSID: "202"}, Kind: models.SendReply,
				Content: models.Content{Text: "Which?", QuickReplies: []models.QuickReply{{Title: "Blue", Payload: "b"}}},
			},
			`{"recipient":{"id":"202"},"messaging_type":"RESPONSE","message":{"text":"Which?","quick_replies":[{"content_type":"text","title":"Blue","payload":"b"}]}}`,
		},
	} {
		body, err := encode(c.msg)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if diff := cmp.Diff(decoded(t, c.want), decoded(t, string(body))); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
	}
}

func TestEncodeRefuses(t *testing.T) {
	text := models.Content{Text: "Ciao"}
	for name, msg := range map[string]models.Outgoing{
		"no recipient":             {Kind: models.SendReply, Content: text},
		"two recipients":           {Recipient: models.Recipient{PSID: "1", Token: "t"}, Kind: models.SendNotification, Content: text},
		"notification to a PSID":   {Recipient: models.Recipient{PSID: "1"}, Kind: models.SendNotification, Content: text},
		"reply to a token":         {Recipient: models.Recipient{Token: "t"}, Kind: models.SendReply, Content: text},
		"private reply to PSID":    {Recipient: models.Recipient{PSID: "1"}, Kind: models.SendPrivateReply, Content: text},
		"reply to a comment":       {Recipient: models.Recipient{CommentID: "1_2"}, Kind: models.SendReply, Content: text},
		"utility without template": {Recipient: models.Recipient{PSID: "1"}, Kind: models.SendUtility, Content: text},
		"template as a reply":      {Recipient: models.Recipient{PSID: "1"}, Kind: models.SendReply, Content: models.Content{Template: &models.Filled{Name: "a", Language: "en"}}},
		"template without a name":  {Recipient: models.Recipient{PSID: "1"}, Kind: models.SendUtility, Content: models.Content{Template: &models.Filled{Language: "en"}}},
		"recurring to a PSID":      {Recipient: models.Recipient{PSID: "1"}, Kind: models.SendRecurring, Content: text},
		"reply to recurring":       {Recipient: models.Recipient{Recurring: "t"}, Kind: models.SendReply, Content: text},
		"no kind":                  {Recipient: models.Recipient{PSID: "1"}, Content: text},
		"no content":               {Recipient: models.Recipient{PSID: "1"}, Kind: models.SendReply},
		"text too long":            {Recipient: models.Recipient{PSID: "1"}, Kind: models.SendReply, Content: models.Content{Text: strings.Repeat("x", models.MaxText+1)}},
		"metadata too long":        {Recipient: models.Recipient{PSID: "1"}, Kind: models.SendReply, Content: text, Metadata: strings.Repeat("x", models.MaxMetadata+1)},
	} {
		if body, err := encode(msg); models.KindOf(err) != models.KindInvalid {
			t.Errorf("%s: %s, %v", name, body, err)
		}
	}
}

func TestRecipientKeepsItsTokenToItself(t *testing.T) {
	msg := models.Outgoing{Recipient: models.Recipient{Token: "tok-secret", Recurring: "tok-secret"}, Kind: models.SendNotification}
	var log strings.Builder
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "recipient", msg.Recipient, "message", msg)
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "recipient", msg.Recipient, "message", msg)
	if said := log.String() + fmt.Sprintf("%v %+v %s", msg, msg, msg.Recipient); strings.Contains(said, "tok-secret") {
		t.Error(said)
	}
}

func decoded(t *testing.T, s string) any {
	t.Helper()
	var v any
	if err := json.Unmarshal([]byte(s), &v); err != nil {
		t.Fatalf("%s: %v", s, err)
	}
	return v
}
