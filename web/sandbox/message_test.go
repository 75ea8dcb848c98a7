package sandbox

import (
	"errors"
	"slices"
	"testing"
	"time"
)

// A past that is added stands in order of time, and nothing is told, opened or counted by it.
func TestAddMessage(t *testing.T) {
	b := newBench(t, Options{AutoSubscribe: true, WebhookURL: "http://127.0.0.1:1"})
	now := b.clock.Now()
	must(t, b.AddToken(testPage, testPerson, "tok", "card-1", now.Add(-47*time.Hour)))
	for _, m := range []Message{
		{MID: "m3", At: now.Add(-time.Hour), Content: Content{Text: "Back in stock"}, Via: ViaToken, Token: "tok"},
		{MID: "m1", At: now.Add(-48 * time.Hour), FromPerson: true, Content: Content{Text: "La tazza?"}},
		{MID: "m2", At: now.Add(-48 * time.Hour), Content: Content{Template: templateRequest, Title: "Tazza", Payload: "card-1"}, Tapped: true, Token: "tok"},
	} {
		m.Page, m.PSID = testPage, testPerson
		must(t, b.AddMessage(m))
	}
	must(t, b.AddMessage(Message{Page: testPage, PSID: testPerson, At: now.Add(-30 * time.Minute), FromPerson: true, Content: Content{Text: "Grazie"}}))

	var order []string
	for _, m := range b.Conversation(testPage, testPerson) {
		order = append(order, m.MID)
	}
	if len(order) != 4 || !slices.Equal(order[:3], []string{"m1", "m2", "m3"}) || order[3] == "" {
		t.Errorf("the chat is %v", order)
	}
	if n := b.Waiting() + len(b.Deliveries()); n != 0 {
		t.Errorf("%d webhooks tell of the past", n)
	}
	if end := b.WindowEnds(testPage, testPerson); !end.IsZero() {
		t.Errorf("the past opened a window, until %s", end)
	}
	if unread := b.threads[threadKey{testPage, testPerson}].unread; unread != 0 {
		t.Errorf("%d messages of the past are unread", unread)
	}
	if k := b.Tokens(testPage)[0]; !k.Used.Equal(now.Add(-time.Hour)) {
		t.Errorf("the token that paid was used at %s", k.Used)
	}
	if got := b.send(withToken("tok")); got.Error.Code != 100 {
		t.Errorf("the token is good again: %s", got.body)
	}
	if list := b.Notifications(testPage); len(list) != 1 || list[0].MID != "m3" {
		t.Errorf("notifications %+v", list)
	}
	if value, err := b.TapNotifyMe(testPage, testPerson, "m2"); err != nil || value != "tok" {
		t.Errorf("a second tap on the card gave %q, %v", value, err)
	}
}

func TestAddMessageRefused(t *testing.T) {
	b := newBench(t, Options{})
	now := b.clock.Now()
	must(t, b.AddMessage(Message{MID: "m1", Page: testPage, PSID: testPerson, At: now, Content: Content{Text: "one"}}))
	for name, tt := range map[string]struct {
		message Message
		want    error
	}{
		"nobody":         {Message{Page: testPage, PSID: "1", At: now}, ErrUnknown},
		"no time":        {Message{Page: testPage, PSID: testPerson}, ErrInvalid},
		"the same again": {Message{MID: "m1", Page: testPage, PSID: testPerson, At: now}, ErrInvalid},
		"no such token":  {Message{Page: testPage, PSID: testPerson, At: now, Token: "none"}, ErrUnknown},
		"paid by none":   {Message{Page: testPage, PSID: testPerson, At: now, Via: ViaToken}, ErrInvalid},
	} {
		if err := b.AddMessage(tt.message); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", name, err, tt.want)
		}
	}
	if n := len(b.Conversation(testPage, testPerson)); n != 1 {
		t.Errorf("%d messages in the chat, want the 1 that was taken", n)
	}
}
