package sandbox

import (
	"bytes"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestSavedPlatformGoesOn(t *testing.T) {
	b := newBench(t, Options{AutoSubscribe: true})
	spent, kept := b.token(), b.token()
	if got := b.send(withToken(spent)); got.status != http.StatusOK {
		t.Fatal(got.body)
	}
	comment, err := b.Comment(testPage, testPerson, "", "when?")
	must(t, err)
	b.call(http.MethodPost, "/me/messenger_profile", `{"get_started":{"payload":"START"}}`)
	must(t, b.Subscribe(testPage, "messages", "messaging_optins"))
	var file bytes.Buffer
	must(t, b.Save(&file))

	again := &bench{New(Options{Now: b.clock.Now}), b.clock, t}
	must(t, again.Load(bytes.NewReader(file.Bytes())))
	for what, pair := range map[string][2]any{
		"chat":          {b.Conversation(testPage, testPerson), again.Conversation(testPage, testPerson)},
		"tokens":        {b.Tokens(testPage), again.Tokens(testPage)},
		"notifications": {b.Notifications(testPage), again.Notifications(testPage)},
		"counts":        {b.Counts(testPage), again.Counts(testPage)},
		"fields":        {b.Subscribed(testPage), again.Subscribed(testPage)},
		"window":        {b.WindowEnds(testPage, testPerson), again.WindowEnds(testPage, testPerson)},
	} {
		if diff := cmp.Diff(pair[0], pair[1], cmpopts.SortSlices(func(a, b Token) bool { return a.Value < b.Value })); diff != "" {
			t.Errorf("%s: %s", what, diff)
		}
	}
	if got := again.send(withToken(spent)); got.Error.Code != 100 {
		t.Errorf("a spent token is good again: %s", got.body)
	}
	again.clock.Move(48 * time.Hour)
	if got := again.send(withToken(kept)); got.status != http.StatusOK {
		t.Errorf("a live token is lost: %s", got.body)
	}
	if got := again.send(`{"recipient":{"comment_id":"` + comment + `"},"message":{"text":"now"}}`); got.status != http.StatusOK {
		t.Errorf("a comment is lost: %s", got.body)
	}
	if got := again.call(http.MethodGet, "/me/messenger_profile?fields=get_started", ""); !strings.Contains(got.body, "START") {
		t.Errorf("the profile is lost: %s", got.body)
	}
	if err := again.Load(bytes.NewReader(file.Bytes())); !errors.Is(err, ErrInvalid) {
		t.Errorf("loaded twice: %v", err)
	}
	if err := New(Options{}).Load(strings.NewReader(`{"version":2}`)); !errors.Is(err, ErrInvalid) {
		t.Errorf("another version: %v", err)
	}
}
