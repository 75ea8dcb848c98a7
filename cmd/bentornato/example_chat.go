package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"bentornato/models"
	"bentornato/web/sandbox"
)

// exampleMessage is one line of a chat of the example's past.
type exampleMessage struct {
	PSID, MID  string
	FromPerson bool
	At         time.Time
	// Content is what it said; of a person's there is only the text.
	Content models.Content
	// Kind and Metadata are of the Page's.
	Kind     models.SendKind
	Metadata string
	// Token is the one that a tap on this request gave, or that paid for this notification.
	Token string
}

// pastMessenger is the platform of the past: it takes everything, but what answers says otherwise of, and remembers
// what was said.
type pastMessenger struct {
	now      func() time.Time
	payloads map[string]string        // of the newest request, by PSID
	answers  map[string]models.Answer // the next answer to a token
	holders  map[string]string        // PSID by token
	messages []exampleMessage
}

// hears takes note of what a person writes, and of what a tap gives.
func (m *pastMessenger) hears(e models.Event) {
	switch e.Kind {
	case models.EventMessage:
		m.messages = append(m.messages, exampleMessage{PSID: e.PSID, MID: e.MID, FromPerson: true, At: e.At, Content: models.Content{Text: e.Text}})
	case models.EventOptIn:
		m.holders[e.Token] = e.PSID
		for i := range m.messages {
			if r := m.messages[i].Content.Request; r != nil && r.Payload == e.Payload {
				m.messages[i].Token = e.Token
			}
		}
	}
}

// Send answers a call.
func (m *pastMessenger) Send(_ context.Context, _, _ string, o models.Outgoing) models.Answer {
	if o.Content.Request != nil {
		m.payloads[o.Recipient.PSID] = o.Content.Request.Payload
	}
	said := exampleMessage{PSID: o.Recipient.PSID, At: m.now(), Content: o.Content, Kind: o.Kind, Metadata: o.Metadata}
	if token := o.Recipient.Token; token != "" {
		if answer, told := m.answers[token]; told {
			delete(m.answers, token)
			return answer
		}
		said.PSID, said.Token = m.holders[token], token
	}
	said.MID = fmt.Sprintf("m_example_out_%d", len(m.messages))
	m.messages = append(m.messages, said)
	return models.Answer{Outcome: models.OutcomeSent, MessageID: said.MID}
}

// pastProfiles knows the example's people.
type pastProfiles struct{}

// Profile returns a person's name and locale.
func (pastProfiles) Profile(_ context.Context, _, psid string) (name, locale string, err error) {
	for _, p := range examplePeople() {
		if p.PSID == psid {
			return p.Name(), p.Locale, nil
		}
	}
	return "", "", io.ErrUnexpectedEOF
}

// avatarColours is how many the sandbox has.
const avatarColours = 8

// tellSandbox lets the past have happened on the sandbox's phones too, which show the shop's time.
func tellSandbox(p *sandbox.Platform, past examplePast, now time.Time) error {
	zone, err := time.LoadLocation(exampleTimeZone)
	if err != nil {
		return fmt.Errorf("the example's time zone: %w", err)
	}
	_, offset := now.In(zone).Zone()
	for i, n := range past.People {
		if err := p.AddPerson(sandbox.Person{PSID: n.PSID, Page: examplePageID, FirstName: n.FirstName, LastName: n.LastName,
			Locale: n.Locale, Timezone: float64(offset) / 3600, Colour: i % avatarColours, LastAction: n.LastAction}); err != nil {
			return err
		}
	}
	for _, t := range past.Tokens {
		if err := p.AddToken(examplePageID, t.PSID, t.Value, t.Payload, t.Granted); err != nil {
			return err
		}
	}
	for _, m := range past.Messages {
		line := sandbox.Message{MID: m.MID, Page: examplePageID, PSID: m.PSID, FromPerson: m.FromPerson, At: m.At,
			Content: sandboxContent(m.Content), Token: m.Token, Read: !m.FromPerson}
		line.Metadata = m.Metadata
		switch {
		case m.FromPerson:
		case m.Kind == models.SendNotification:
			line.Via = sandbox.ViaToken
		default:
			line.Via = sandbox.ViaWindow
			line.Tapped = m.Token != ""
		}
		if err := p.AddMessage(line); err != nil {
			return err
		}
	}
	return nil
}

// sandboxContent is a message as the sandbox writes it down: in the platform's form.
func sandboxContent(c models.Content) sandbox.Content {
	content := sandbox.Content{Text: c.Text, Buttons: sandboxButtons(c.Buttons)}
	if len(c.Buttons) > 0 {
		content.Template = "button"
	}
	for _, q := range c.QuickReplies {
		content.QuickReplies = append(content.QuickReplies, sandbox.QuickReply{ContentType: "text", Title: q.Title, Payload: q.Payload})
	}
	for _, card := range c.Cards {
		e := sandbox.Element{Title: card.Title, Subtitle: card.Subtitle, ImageURL: card.ImageURL, Buttons: sandboxButtons(card.Buttons)}
		if card.URL != "" {
			e.DefaultAction = &sandbox.Button{Type: "web_url", URL: card.URL}
		}
		content.Template, content.Elements = "generic", append(content.Elements, e)
	}
	if r := c.Request; r != nil {
		content.Template, content.Title, content.Payload = "one_time_notif_req", r.Title, r.Payload
	}
	return content
}

func sandboxButtons(buttons []models.Button) []sandbox.Button {
	var list []sandbox.Button
	for _, b := range buttons {
		kind := "postback"
		if b.URL != "" {
			kind = "web_url"
		}
		list = append(list, sandbox.Button{Type: kind, Title: b.Title, URL: b.URL, Payload: b.Payload})
	}
	return list
}
