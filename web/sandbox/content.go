package sandbox

import (
	"encoding/json"
	"net/url"
	"strings"
	"unicode/utf8"
)

// Limits of the Send API, in Unicode characters (Send API reference, v25.0).
const (
	maxText            = 2000
	maxMetadata        = 1000
	maxPayload         = 1000
	maxButtonText      = 640
	maxButtons         = 3
	maxButtonTitle     = 20
	maxElements        = 10
	maxElementTitle    = 80
	maxQuickReplies    = 13
	maxQuickReply      = 20
	maxRequestTitle    = 65
	templateGeneric    = "generic"
	templateButton     = "button"
	templateRequest    = "one_time_notif_req"
	templateRecurring  = "notification_messages"
	templateUtility    = "utility"
	templateMedia      = "media"
	templateReceipt    = "receipt"
	attachmentTemplate = "template"
	attachmentImage    = "image"
)

// Button is a button of a card: web_url, postback, phone_number, account_link or account_unlink.
type Button struct {
	Type    string `json:"type"`
	Title   string `json:"title,omitempty"`
	URL     string `json:"url,omitempty"`
	Payload string `json:"payload,omitempty"`
}

// Element is a card of a generic template.
type Element struct {
	Title         string   `json:"title"`
	Subtitle      string   `json:"subtitle,omitempty"`
	ImageURL      string   `json:"image_url,omitempty"`
	DefaultAction *Button  `json:"default_action,omitempty"`
	Buttons       []Button `json:"buttons,omitempty"`
}

// QuickReply is a chip under the last message.
type QuickReply struct {
	ContentType string `json:"content_type"`
	Title       string `json:"title,omitempty"`
	Payload     string `json:"payload,omitempty"`
	ImageURL    string `json:"image_url,omitempty"`
}

// Content is what a message shows.
type Content struct {
	Text         string
	Image        string     // address of a picture
	File         Attachment // another file; its Kind is empty where there is none
	Template     string     // generic, button, media, receipt, one_time_notif_req, notification_messages, utility, or empty
	Title        string     // of the opt-in card or the receipt
	Payload      string     // of the opt-in card
	Elements     []Element
	Buttons      []Button // of the button template, whose text is in Text
	QuickReplies []QuickReply
	Metadata     string
	Reusable     bool // the attachment may be sent again by its number
}

// wireMessage is the message parameter of a send.
type wireMessage struct {
	Text         *string         `json:"text"`
	Attachment   *wireAttachment `json:"attachment"`
	Template     *filledTemplate `json:"template"`
	QuickReplies []QuickReply    `json:"quick_replies"`
	Metadata     string          `json:"metadata"`
}

type wireAttachment struct {
	Type    string          `json:"type"`
	Payload json.RawMessage `json:"payload"`
}

type wireTemplate struct {
	TemplateType string    `json:"template_type"`
	Text         string    `json:"text"`
	Title        string    `json:"title"`
	Payload      *string   `json:"payload"`
	Elements     []Element `json:"elements"`
	Buttons      []Button  `json:"buttons"`
	ImageURL     string    `json:"image_url"`
	CTA          string    `json:"notification_messages_cta_text"`
}

// readContent parses a message of a Page's and holds it to the limits. An upload is the name of the file that came with the call.
func (g *page) readContent(raw json.RawMessage, upload string) (Content, *graphError) {
	var m wireMessage
	if err := json.Unmarshal(raw, &m); err != nil {
		return Content{}, invalid("Param message must be a valid message object.")
	}
	c := Content{QuickReplies: m.QuickReplies, Metadata: m.Metadata}
	if m.Template != nil && m.Text == nil && m.Attachment == nil {
		filled, err := g.utility(*m.Template)
		filled.Metadata = m.Metadata
		return filled, err
	}
	switch {
	case (m.Text != nil) == (m.Attachment != nil):
		return c, invalid("Message cannot be empty, must provide valid attachment or text")
	case utf8.RuneCountInString(m.Metadata) > maxMetadata:
		return c, tooLong("message[metadata]", maxMetadata)
	}
	if e := checkQuickReplies(m.QuickReplies); e != nil {
		return c, e
	}
	if m.Text != nil {
		c.Text = *m.Text
		switch {
		case strings.TrimSpace(c.Text) == "":
			return c, invalid("Message cannot be empty, must provide valid attachment or text")
		case utf8.RuneCountInString(c.Text) > maxText:
			return c, tooLong("message[text]", maxText)
		}
		return c, nil
	}
	if m.Attachment.Type != attachmentTemplate {
		return g.readAttached(c, *m.Attachment, upload)
	}
	var t wireTemplate
	if err := json.Unmarshal(m.Attachment.Payload, &t); err != nil {
		return c, invalid("Param message[attachment][payload] must be a valid payload object.")
	}
	c.Template = t.TemplateType
	switch t.TemplateType {
	case templateGeneric:
		c.Elements = t.Elements
		return c, checkElements(t.Elements)
	case templateButton:
		c.Text, c.Buttons = t.Text, t.Buttons
		switch {
		case strings.TrimSpace(t.Text) == "":
			return c, invalid("Param message[attachment][payload][text] is required.")
		case utf8.RuneCountInString(t.Text) > maxButtonText:
			return c, tooLong("message[attachment][payload][text]", maxButtonText)
		case len(t.Buttons) == 0:
			return c, invalid("Param message[attachment][payload][buttons] must have at least 1 element.")
		}
		return c, checkButtons(t.Buttons)
	case templateRecurring:
		return readRecurring(c, t)
	case templateRequest:
		return readRequest(c, m.Attachment.Payload, t)
	case templateMedia:
		return g.readMedia(c, m.Attachment.Payload)
	case templateReceipt:
		return readReceipt(c, m.Attachment.Payload)
	default:
		return c, invalid("Param message[attachment][payload][template_type] is not one this sandbox shows: %q", t.TemplateType)
	}
}

// readRequest holds the opt-in card to its few fields: only title and payload can be set.
func readRequest(c Content, raw json.RawMessage, t wireTemplate) (Content, *graphError) {
	var given map[string]json.RawMessage
	if err := json.Unmarshal(raw, &given); err != nil {
		return c, invalid("Param message[attachment][payload] must be a valid payload object.")
	}
	for name := range given {
		if name != "template_type" && name != "title" && name != "payload" {
			return c, invalid("Invalid keys %q were found in param \"message[attachment][payload]\".", name)
		}
	}
	c.Title = strings.TrimSpace(t.Title)
	switch {
	case c.Title == "":
		return c, invalid("Param message[attachment][payload][title] is required.")
	case utf8.RuneCountInString(c.Title) > maxRequestTitle:
		return c, tooLong("message[attachment][payload][title]", maxRequestTitle)
	case t.Payload == nil || *t.Payload == "":
		return c, invalid("Param message[attachment][payload][payload] is required.")
	case utf8.RuneCountInString(*t.Payload) > maxPayload:
		return c, tooLong("message[attachment][payload][payload]", maxPayload)
	}
	c.Payload = *t.Payload
	return c, nil
}

func checkElements(elements []Element) *graphError {
	if len(elements) == 0 || len(elements) > maxElements {
		return invalid("Param message[attachment][payload][elements] must have between 1 and %d elements.", maxElements)
	}
	for _, e := range elements {
		switch {
		case strings.TrimSpace(e.Title) == "":
			return invalid("Param title of an element is required.")
		case utf8.RuneCountInString(e.Title) > maxElementTitle:
			return tooLong("elements[title]", maxElementTitle)
		case utf8.RuneCountInString(e.Subtitle) > maxElementTitle:
			return tooLong("elements[subtitle]", maxElementTitle)
		case e.Subtitle == "" && e.ImageURL == "" && e.DefaultAction == nil && len(e.Buttons) == 0:
			return invalid("Elements must have at least one property besides title.")
		case e.ImageURL != "" && !webURL(e.ImageURL):
			return unfetchable()
		case e.DefaultAction != nil && (e.DefaultAction.Type != "web_url" || !webURL(e.DefaultAction.URL)):
			return invalid("Param default_action must be a web_url.")
		}
		if err := checkButtons(e.Buttons); err != nil {
			return err
		}
	}
	return nil
}

func checkButtons(buttons []Button) *graphError {
	if len(buttons) > maxButtons {
		return invalid("Param buttons must have at most %d elements.", maxButtons)
	}
	for _, b := range buttons {
		login := b.Type == "account_link" || b.Type == "account_unlink" // which have a fixed title
		switch {
		case strings.TrimSpace(b.Title) == "" && !login:
			return invalid("Param title of a button is required.")
		case utf8.RuneCountInString(b.Title) > maxButtonTitle:
			return tooLong("buttons[title]", maxButtonTitle)
		}
		switch b.Type {
		case "web_url", "account_link":
			if !webURL(b.URL) {
				return invalid("Param url of a button is not a valid URI: %q", b.URL)
			}
		case "postback":
			if b.Payload == "" {
				return invalid("Param payload of a button is required.")
			}
			if utf8.RuneCountInString(b.Payload) > maxPayload {
				return tooLong("buttons[payload]", maxPayload)
			}
		case "phone_number":
			if !strings.HasPrefix(b.Payload, "+") {
				return invalid("Param payload of a button must be a phone number that begins with +.")
			}
		case "account_unlink":
		default:
			return invalid("Param type of a button is not one this sandbox shows: %q", b.Type)
		}
	}
	return nil
}

func checkQuickReplies(replies []QuickReply) *graphError {
	if len(replies) > maxQuickReplies {
		return invalid("Param message[quick_replies] must have at most %d elements.", maxQuickReplies)
	}
	for i, q := range replies {
		switch {
		case q.ContentType == "user_email", q.ContentType == "user_phone_number":
			// Messenger fills in what it knows of the person; without any it shows no such reply.
			replies[i].Title = map[string]string{"user_email": "someone@example.com", "user_phone_number": "+390550000000"}[q.ContentType]
			replies[i].Payload = replies[i].Title
		case q.ContentType != "text":
			return invalid("Param content_type of a quick reply must be one of {text, user_email, user_phone_number} - got %q.", q.ContentType)
		case strings.TrimSpace(q.Title) == "":
			return invalid("Param title of a quick reply is required.")
		case utf8.RuneCountInString(q.Title) > maxQuickReply:
			return tooLong("quick_replies[title]", maxQuickReply)
		case q.Payload == "":
			return invalid("Param payload of a quick reply is required.")
		case utf8.RuneCountInString(q.Payload) > maxPayload:
			return tooLong("quick_replies[payload]", maxPayload)
		}
	}
	return nil
}

func tooLong(param string, limit int) *graphError {
	return invalid("Length of param %s must be less than or equal to %d", param, limit)
}

func unfetchable() *graphError {
	return &graphError{Code: 100, Subcode: 2018008, Message: "(#100) Failed to fetch the file from the url"}
}

// webURL tells whether Meta could open it: absolute, http or https, with a host.
func webURL(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != ""
}
