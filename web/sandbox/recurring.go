package sandbox

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Recurring notifications ("Marketing Messages"), which Meta closed to newcomers on 1 September 2025 and, but for some
// regions, switched off on 10 February 2026. A Page that has them here is Page.Recurring.
const (
	// recurringGap is the least time between two messages with one token, since 1 September 2025.
	recurringGap = 48 * time.Hour
	// recurringLife is how long a token lasts without being renewed.
	recurringLife = 365 * 24 * time.Hour
	// recurringAskGap is the least time between two requests of one title to one person.
	recurringAskGap = 7 * 24 * time.Hour
	// MaxRecurring bounds the recurring tokens of the platform.
	MaxRecurring = 100_000
)

// subscription is a recurring permission.
type subscription struct {
	thread   *thread
	value    string
	title    string
	payload  string
	zone     string
	created  time.Time
	expires  time.Time
	stopped  bool
	last     time.Time // message
	enabled  bool      // the developer support lifted the gap, once
	messages int
}

// RecurringToken is a recurring permission as tests may see it.
type RecurringToken struct {
	Value    string
	Page     string
	PSID     string
	Title    string
	Created  time.Time
	Expires  time.Time
	Stopped  bool
	Messages int
}

// RecurringTokens lists a Page's recurring permissions, oldest first.
func (p *Platform) RecurringTokens(pageID string) []RecurringToken {
	p.mu.Lock()
	defer p.mu.Unlock()
	var out []RecurringToken
	for _, s := range p.recurring {
		if s.thread.Page == pageID {
			out = append(out, RecurringToken{s.value, s.thread.Page, s.thread.PSID, s.title, s.created, s.expires, s.stopped, s.messages})
		}
	}
	return out
}

// AddRecurring gives a Page a recurring token that it has had for some time, without a card, a tap or a webhook: what an app
// finds that comes to a Page with a history.
func (p *Platform) AddRecurring(pageID, psid, title string, created time.Time) (value string, err error) {
	err = p.onThread(pageID, psid, func(t *thread) error {
		s, err := p.subscribePerson(t, title, "", "UTC", created)
		if err == nil {
			value = s.value
		}
		return err
	})
	return value, err
}

func (p *Platform) subscribePerson(t *thread, title, payload, zone string, created time.Time) (*subscription, error) {
	if len(p.recurring) >= MaxRecurring {
		return nil, fmt.Errorf("%w: %d recurring tokens", ErrFull, MaxRecurring)
	}
	s := &subscription{thread: t, value: p.digits(16) + p.id(18), title: title, payload: payload, zone: zone, created: created, expires: created.Add(recurringLife)}
	p.recurring = append(p.recurring, s)
	return s, nil
}

func (p *Platform) bySubscription(value string) *subscription {
	for _, s := range p.recurring {
		if s.value == value {
			return s
		}
	}
	return nil
}

// refusal is why nothing may be sent with the token now.
func (s *subscription) refusal(now time.Time) *graphError {
	switch {
	case s == nil:
		return invalid("notification_messages_token is invalid")
	case !now.Before(s.expires):
		return invalid("notification_messages_token has expired")
	case !s.thread.onPage.Recurring:
		return noPermission()
	case s.stopped:
		return &graphError{Code: 10, Subcode: 1893015, Message: "(#10) The person has stopped notifications for this topic."}
	case !s.enabled && !s.last.IsZero() && now.Sub(s.last) < recurringGap:
		return &graphError{Code: 4, Subcode: 2018354, Message: "(#4) A follow up message was sent to this person too recently."}
	}
	return nil
}

// maySubscribe is why a request for recurring notifications may not be sent now.
func (t *thread) maySubscribe(title string, now time.Time) *graphError {
	if !t.onPage.Recurring {
		return noPermission()
	}
	for _, m := range t.messages {
		if m.Template == templateRecurring && m.Title == title && now.Sub(m.At) < recurringAskGap {
			return &graphError{Code: 613, Subcode: 1893016, Message: "(#613) The opt-in request for this topic was sent to this person too recently."}
		}
	}
	return nil
}

// TapGetUpdates is a tap on a card that asks for recurring notifications, or on the newest if mid is empty. It returns the token,
// and opens no window, which Meta says plainly of this one.
func (p *Platform) TapGetUpdates(pageID, psid, mid string) (value string, err error) {
	err = p.act(pageID, psid, func(t *thread, now time.Time) error {
		m := t.message(mid, func(m *Message) bool { return m.Template == templateRecurring && (mid != "" || !m.Tapped) })
		if m == nil {
			return ErrUnknown
		}
		if m.Tapped {
			value = m.Token
			return nil
		}
		s, err := p.subscribePerson(t, m.Title, m.Payload, "UTC", now)
		if err != nil {
			return err
		}
		m.Tapped, m.Token, value = true, s.value, s.value
		p.emitRecurring(s, now, "")
		return nil
	})
	return value, err
}

// StopUpdates is the person stopping a topic in Messenger's own menu, and resuming it.
func (p *Platform) StopUpdates(pageID, psid, value string, stop bool) error {
	return p.act(pageID, psid, func(t *thread, now time.Time) error {
		s := p.bySubscription(value)
		if s == nil || s.thread != t {
			return ErrUnknown
		}
		if s.stopped == stop {
			return nil
		}
		s.stopped = stop
		status := "RESUME NOTIFICATIONS"
		if stop {
			status = "STOP NOTIFICATIONS"
		}
		p.emitRecurring(s, now, status)
		return nil
	})
}

func (p *Platform) emitRecurring(s *subscription, now time.Time, status string) {
	e := s.thread.fromPerson(now)
	e.Optin = &optin{Type: templateRecurring, Payload: s.payload, Title: s.title, Recurring: s.value, Timezone: s.zone, Status: status,
		Expiry: s.expires.UnixMilli(), TokenStatus: "NOT_REFRESHED"}
	p.emit(s.thread, "messaging_optins", e)
}

// recurringTokens answers GET /{page}/notification_message_tokens.
func (p *Platform) recurringTokens(c *graphCall, g *page) (any, *graphError) {
	if err := requireMethod(c, http.MethodGet); err != nil {
		return nil, err
	}
	all := []map[string]any{}
	for _, s := range p.recurring {
		if s.thread.onPage != g || s.stopped || !p.now().Before(s.expires) {
			continue
		}
		one := map[string]any{"notification_messages_token": s.value, "recipient_id": s.thread.PSID, "notification_messages_reoptin": "ENABLED",
			"creation_timestamp": s.created.Unix(), "token_expiry_timestamp": s.expires.Unix(), "user_token_status": "NOT_REFRESHED",
			"topic_title": s.title, "notification_messages_timezone": s.zone, "next_eligible_time": s.created.Unix()}
		if !s.last.IsZero() {
			one["next_eligible_time"] = s.last.Add(recurringGap).Unix()
		}
		all = append(all, one)
	}
	return paged(c, all, 25), nil
}

// recurringSupport lifts the gap for one message: what Meta gives developers to try things with.
func (p *Platform) recurringSupport(c *graphCall, g *page) (any, *graphError) {
	if err := requireMethod(c, http.MethodPost); err != nil {
		return nil, err
	}
	to, err := readRecipient(c.raw("recipient"))
	if err != nil {
		return nil, err
	}
	s := p.bySubscription(to.Value)
	if s == nil || s.thread.onPage != g || c.text("developer_action") != "ENABLE_FOLLOWUP_MESSAGE" {
		return nil, invalid("notification_messages_token is invalid")
	}
	s.enabled = true
	return map[string]bool{"success": true}, nil
}

// readRecurring holds the card that asks for recurring notifications to its fields. The title may be left out.
func readRecurring(c Content, t wireTemplate) (Content, *graphError) {
	c.Title, c.Image = strings.TrimSpace(t.Title), t.ImageURL
	if c.Title == "" {
		c.Title = "Updates and promotions"
	}
	switch {
	case len([]rune(c.Title)) > maxRequestTitle:
		return c, tooLong("message[attachment][payload][title]", maxRequestTitle)
	case t.Payload == nil || *t.Payload == "":
		return c, invalid("Param message[attachment][payload][payload] is required.")
	case len([]rune(*t.Payload)) > maxPayload:
		return c, tooLong("message[attachment][payload][payload]", maxPayload)
	case t.ImageURL != "" && !webURL(t.ImageURL):
		return c, unfetchable()
	case t.CTA != "" && !slices.Contains([]string{"ALLOW", "GET", "GET_UPDATES", "OPT_IN", "SIGN_UP"}, t.CTA):
		return c, invalid("Param notification_messages_cta_text is not one of its values: %s", strconv.Quote(t.CTA))
	}
	c.Payload = *t.Payload
	return c, nil
}
