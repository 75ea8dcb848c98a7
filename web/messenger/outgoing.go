package messenger

import (
	"encoding/json"
	"unicode/utf8"

	"bentornato/models"
)

// The wire's form of a message (Send API reference, v25.0).
type (
	wireSend struct {
		Recipient     wireRecipient `json:"recipient"`
		MessagingType string        `json:"messaging_type,omitempty"`
		Tag           string        `json:"tag,omitempty"`
		Message       wireMessage   `json:"message"`
	}
	wireRecipient struct {
		ID        string `json:"id,omitempty"`
		UserRef   string `json:"user_ref,omitempty"`
		CommentID string `json:"comment_id,omitempty"`
		Token     string `json:"one_time_notif_token,omitempty"`
		Recurring string `json:"notification_messages_token,omitempty"`
	}
	wireMessage struct {
		Text         string           `json:"text,omitempty"`
		Attachment   *wireAttachment  `json:"attachment,omitempty"`
		QuickReplies []wireQuickReply `json:"quick_replies,omitempty"`
		Template     *wireFilled      `json:"template,omitempty"`
		Metadata     string           `json:"metadata,omitempty"`
	}
	wireAttachment struct {
		Type    string       `json:"type"`
		Payload wireTemplate `json:"payload"`
	}
	wireTemplate struct {
		TemplateType string        `json:"template_type"`
		Text         string        `json:"text,omitempty"`
		Buttons      []wireButton  `json:"buttons,omitempty"`
		Elements     []wireElement `json:"elements,omitempty"`
		Title        string        `json:"title,omitempty"`
		Payload      string        `json:"payload,omitempty"`
		ImageURL     string        `json:"image_url,omitempty"`
		TimeZone     string        `json:"notification_messages_timezone,omitempty"`
	}
	// wireFilled is a utility template, which stands beside text and attachment and not in one.
	wireFilled struct {
		Name       string           `json:"name"`
		Language   wireLanguage     `json:"language"`
		Components []wireComponents `json:"components,omitempty"`
	}
	wireLanguage struct {
		Code string `json:"code"`
	}
	wireComponents struct {
		Type       string          `json:"type"`
		Parameters []wireParameter `json:"parameters"`
	}
	wireParameter struct {
		Type    string `json:"type"`
		Text    string `json:"text,omitempty"`
		Payload string `json:"payload,omitempty"`
	}
	wireElement struct {
		Title         string       `json:"title"`
		Subtitle      string       `json:"subtitle,omitempty"`
		ImageURL      string       `json:"image_url,omitempty"`
		DefaultAction *wireAction  `json:"default_action,omitempty"`
		Buttons       []wireButton `json:"buttons,omitempty"`
	}
	// wireAction is a button without a title: a default_action may not have one.
	wireAction struct {
		Type string `json:"type"`
		URL  string `json:"url"`
	}
	wireButton struct {
		Type    string `json:"type"`
		Title   string `json:"title"`
		URL     string `json:"url,omitempty"`
		Payload string `json:"payload,omitempty"`
	}
	wireQuickReply struct {
		ContentType string `json:"content_type"`
		Title       string `json:"title"`
		Payload     string `json:"payload"`
	}
)

// messagingType is what a kind puts into messaging_type and tag; see the package documentation. It reports
// false for a kind that it does not know.
func messagingType(kind models.SendKind) (messagingType, tag string, known bool) {
	switch kind {
	case models.SendReply:
		return "RESPONSE", "", true
	case models.SendRequest:
		return "UPDATE", "", true
	case models.SendPrivateReply, models.SendNotification, models.SendRecurring:
		return "", "", true
	case models.SendHumanAgent:
		return "MESSAGE_TAG", "HUMAN_AGENT", true
	case models.SendConfirmedEvent:
		return "MESSAGE_TAG", "CONFIRMED_EVENT_UPDATE", true
	case models.SendPostPurchase:
		return "MESSAGE_TAG", "POST_PURCHASE_UPDATE", true
	case models.SendAccountUpdate:
		return "MESSAGE_TAG", "ACCOUNT_UPDATE", true
	case models.SendUtility:
		return "UTILITY", "", true
	case models.SendBroadcast:
		return "MESSAGE_TAG", "NON_PROMOTIONAL_SUBSCRIPTION", true
	default:
		return "", "", false
	}
}

// encode writes the body of a send, or says why the message cannot be sent. It is as strict as the platform,
// whose refusal of a malformed message reads like that of a dead token.
func encode(o models.Outgoing) ([]byte, error) {
	kindType, tag, known := messagingType(o.Kind)
	if !known {
		return nil, models.FieldErrorf("kind", "No message of kind %q can be sent.", o.Kind)
	}
	r := o.Recipient
	set := 0
	for _, v := range []string{r.PSID, r.UserRef, r.CommentID, r.Token, r.Recurring} {
		if v != "" {
			set++
		}
	}
	if set != 1 {
		return nil, models.FieldErrorf("recipient", "A message has exactly one recipient.")
	}
	if (r.Token != "") != (o.Kind == models.SendNotification) {
		return nil, models.FieldErrorf("recipient", "A notification, and nothing else, goes to a token.")
	}
	if (r.Recurring != "") != (o.Kind == models.SendRecurring) {
		return nil, models.FieldErrorf("recipient", "A recurring notification, and nothing else, goes to a recurring token.")
	}
	if (o.Content.Template != nil) != (o.Kind == models.SendUtility) {
		return nil, models.FieldErrorf("message", "A utility message, and nothing else, is a template.")
	}
	if (r.CommentID != "") != (o.Kind == models.SendPrivateReply) {
		return nil, models.FieldErrorf("recipient", "A private reply, and nothing else, goes to a comment.")
	}
	if n := utf8.RuneCountInString(o.Metadata); n > models.MaxMetadata {
		return nil, models.FieldErrorf("metadata", "The metadata has %d characters; Messenger takes %d.", n, models.MaxMetadata)
	}
	if err := o.Content.Validate(); err != nil {
		return nil, err
	}
	m := wireContent(o.Content)
	m.Metadata = o.Metadata
	return json.Marshal(wireSend{
		Recipient:     wireRecipient{ID: r.PSID, UserRef: r.UserRef, CommentID: r.CommentID, Token: r.Token, Recurring: r.Recurring},
		MessagingType: kindType,
		Tag:           tag,
		Message:       m,
	})
}

func wireContent(c models.Content) wireMessage {
	var m wireMessage
	for _, q := range c.QuickReplies {
		m.QuickReplies = append(m.QuickReplies, wireQuickReply{ContentType: "text", Title: q.Title, Payload: q.Payload})
	}
	switch {
	case c.Template != nil:
		m.Template = wireTemplateOf(*c.Template)
	case c.Request != nil && c.Request.Recurring:
		m.Attachment = template(wireTemplate{TemplateType: "notification_messages", Title: c.Request.Title, Payload: c.Request.Payload,
			ImageURL: c.Request.ImageURL, TimeZone: c.Request.TimeZone})
	case c.Request != nil:
		m.Attachment = template(wireTemplate{TemplateType: "one_time_notif_req", Title: c.Request.Title, Payload: c.Request.Payload})
	case len(c.Cards) > 0:
		t := wireTemplate{TemplateType: "generic"}
		for _, card := range c.Cards {
			t.Elements = append(t.Elements, wireCard(card))
		}
		m.Attachment = template(t)
	case len(c.Buttons) > 0:
		m.Attachment = template(wireTemplate{TemplateType: "button", Text: c.Text, Buttons: wireButtons(c.Buttons)})
	default:
		m.Text = c.Text
	}
	return m
}

func wireTemplateOf(f models.Filled) *wireFilled {
	w := &wireFilled{Name: f.Name, Language: wireLanguage{Code: f.Language}}
	body, buttons := wireComponents{Type: "body"}, wireComponents{Type: "buttons"}
	for _, v := range f.Body {
		body.Parameters = append(body.Parameters, wireParameter{Type: "text", Text: v})
	}
	for _, p := range f.Payloads {
		buttons.Parameters = append(buttons.Parameters, wireParameter{Type: "POSTBACK", Payload: p})
	}
	for _, c := range []wireComponents{body, buttons} {
		if len(c.Parameters) > 0 {
			w.Components = append(w.Components, c)
		}
	}
	return w
}

func template(t wireTemplate) *wireAttachment { return &wireAttachment{Type: "template", Payload: t} }

func wireCard(c models.Card) wireElement {
	e := wireElement{Title: c.Title, Subtitle: c.Subtitle, ImageURL: c.ImageURL, Buttons: wireButtons(c.Buttons)}
	if c.URL != "" {
		e.DefaultAction = &wireAction{Type: "web_url", URL: c.URL}
	}
	return e
}

func wireButtons(buttons []models.Button) []wireButton {
	var list []wireButton
	for _, b := range buttons {
		w := wireButton{Type: "postback", Title: b.Title, Payload: b.Payload}
		if b.URL != "" {
			w = wireButton{Type: "web_url", Title: b.Title, URL: b.URL}
		}
		list = append(list, w)
	}
	return list
}
