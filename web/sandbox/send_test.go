package sandbox

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// write opens the window.
func write(b *bench) {
	b.t.Helper()
	_, err := b.SendText(testPage, testPerson, "hello")
	must(b.t, err)
}

func TestSendRules(t *testing.T) {
	card := func(payload string) string {
		return `{"recipient":{"id":"` + testPerson + `"},"message":{"attachment":{"type":"template","payload":` + payload + `}}}`
	}
	to := func(recipient string) string { return `{"recipient":` + recipient + `,"message":{"text":"hi"}}` }
	tagged := func(tag string) string {
		return `{"recipient":{"id":"` + testPerson + `"},"messaging_type":"MESSAGE_TAG","tag":"` + tag + `","message":{"text":"hi"}}`
	}
	elements := func(n int) string {
		return `{"template_type":"generic","elements":[` + strings.TrimSuffix(strings.Repeat(`{"title":"a","subtitle":"b"},`, n), ",") + `]}`
	}
	tests := []struct {
		name          string
		before        func(b *bench)
		body          string
		code, subcode int // 0: accepted
	}{
		{"inside the window", write, text("hi"), 0, 0},
		{"never wrote", nil, text("hi"), 10, 2018278},
		{"at the window's last moment", func(b *bench) { write(b); b.clock.Move(24*time.Hour - 1) }, text("hi"), 0, 0},
		{"at the window's end", func(b *bench) { write(b); b.clock.Move(24 * time.Hour) }, text("hi"), 10, 2018278},
		{"human agent after a week less a moment", func(b *bench) { write(b); b.clock.Move(7*24*time.Hour - 1) }, tagged("HUMAN_AGENT"), 0, 0},
		{"human agent after a week", func(b *bench) { write(b); b.clock.Move(7 * 24 * time.Hour) }, tagged("HUMAN_AGENT"), 10, 2018278},
		{"retired tag, even inside the window", write, tagged("ACCOUNT_UPDATE"), 100, 0},
		{"retired tag before it was", func(b *bench) { b.clock.now = tagsRetired().Add(-1) }, tagged("POST_PURCHASE_UPDATE"), 0, 0},
		{"retired tag on the day", func(b *bench) { b.clock.now = tagsRetired() }, tagged("POST_PURCHASE_UPDATE"), 100, 0},
		{"unknown tag", write, tagged("SHIPPING"), 100, 0},
		{"news tag without news", nil, tagged("NON_PROMOTIONAL_SUBSCRIPTION"), 10, 2018065},
		{"tag forgotten", write, `{"recipient":{"id":"` + testPerson + `"},"messaging_type":"MESSAGE_TAG","message":{"text":"hi"}}`, 100, 0},
		{"unknown messaging_type", write, `{"recipient":{"id":"` + testPerson + `"},"messaging_type":"NEWS","message":{"text":"hi"}}`, 100, 0},

		{"no recipient", write, `{"message":{"text":"hi"}}`, 100, 0},
		{"two recipients", write, to(`{"id":"` + testPerson + `","one_time_notif_token":"x"}`), 100, 0},
		{"unknown recipient", write, to(`{"email":"a@example.org"}`), 100, 0},
		{"unknown person", nil, to(`{"id":"1"}`), 100, 2018001},
		{"unknown comment", nil, to(`{"comment_id":"1_2"}`), 100, 2018292},
		{"unknown token", nil, withToken("x"), 100, 0},
		{"not JSON", write, `{"recipient"`, 100, 0},

		{"restricted before the shape", func(b *bench) { must(b.t, b.SetRestricted(testPage, true)) }, `{}`, 10, 1893063},
		{"token before the restriction", func(b *bench) {
			must(b.t, b.SetRestricted(testPage, true))
			must(b.t, b.SetTokenInvalid(testPage, 460))
		}, text("hi"), 190, 460},
		{"usage spent", func(b *bench) { must(b.t, b.SetUsage(testPage, Usage{Calls: 100})) }, text("hi"), 80006, 0},
		{"blocked before the content", func(b *bench) { write(b); must(b.t, b.Block(testPage, testPerson)) }, text(""), 551, 1545041},
		{"unavailable", func(b *bench) { write(b); must(b.t, b.SetUnavailable(testPage, testPerson, true)) }, text("hi"), 200, 1545041},
		{"unblocked", func(b *bench) {
			write(b)
			must(b.t, b.Block(testPage, testPerson))
			must(b.t, b.Unblock(testPage, testPerson))
		}, text("hi"), 0, 0},
		{"another app's thread", func(b *bench) { write(b); must(b.t, b.SetThreadOwner(testPage, testPerson, "7")) }, text("hi"), 100, 2018300},
		{"content before the window", nil, text(strings.Repeat("x", 2001)), 100, 0},

		{"2000 characters", write, text(strings.Repeat("ä", 2000)), 0, 0},
		{"2001 characters", write, text(strings.Repeat("ä", 2001)), 100, 0},
		{"no text", write, text(" "), 100, 0},
		{"text and attachment", write, `{"recipient":{"id":"` + testPerson + `"},"message":{"text":"hi","attachment":{"type":"image","payload":{"url":"https://shop.example/a.png"}}}}`, 100, 0},
		{"metadata", write, `{"recipient":{"id":"` + testPerson + `"},"message":{"text":"hi","metadata":"` + strings.Repeat("x", 1001) + `"}}`, 100, 0},
		{"ten elements", write, card(elements(10)), 0, 0},
		{"eleven elements", write, card(elements(11)), 100, 0},
		{"no elements", write, card(elements(0)), 100, 0},
		{"title alone", write, card(`{"template_type":"generic","elements":[{"title":"a"}]}`), 100, 0},
		{"title of 81", write, card(`{"template_type":"generic","elements":[{"title":"` + strings.Repeat("x", 81) + `","subtitle":"b"}]}`), 100, 0},
		{"image that is none", write, card(`{"template_type":"generic","elements":[{"title":"a","image_url":"/a.png"}]}`), 100, 2018008},
		{"four buttons", write, card(`{"template_type":"button","text":"a","buttons":[` + strings.TrimSuffix(strings.Repeat(`{"type":"postback","title":"t","payload":"p"},`, 4), ",") + `]}`), 100, 0},
		{"button of 21", write, card(`{"template_type":"button","text":"a","buttons":[{"type":"postback","title":"` + strings.Repeat("x", 21) + `","payload":"p"}]}`), 100, 0},
		{"button without payload", write, card(`{"template_type":"button","text":"a","buttons":[{"type":"postback","title":"t"}]}`), 100, 0},
		{"button to nowhere", write, card(`{"template_type":"button","text":"a","buttons":[{"type":"web_url","title":"t","url":"javascript:alert(1)"}]}`), 100, 0},
		{"fourteen quick replies", write, `{"recipient":{"id":"` + testPerson + `"},"message":{"text":"hi","quick_replies":[` + strings.TrimSuffix(strings.Repeat(`{"content_type":"text","title":"t","payload":"p"},`, 14), ",") + `]}}`, 100, 0},

		{"request", write, request(strings.Repeat("è", 65)), 0, 0},
		{"request of 66", write, request(strings.Repeat("è", 66)), 100, 0},
		{"request outside of the window", nil, request("Tell you?"), 10, 2018278},
		{"request with a picture", write, card(`{"template_type":"one_time_notif_req","title":"a","payload":"p","image_url":"https://a.example/b.png"}`), 100, 0},
		{"request without payload", write, card(`{"template_type":"one_time_notif_req","title":"a"}`), 100, 0},
		{"request with an object for payload", write, card(`{"template_type":"one_time_notif_req","title":"a","payload":{"ref":1}}`), 100, 0},
		{"request without the feature", func(b *bench) { write(b); must(b.t, b.SetOTN(testPage, false)) }, request("Tell you?"), 10, 0},
		{"request in a human agent's time", func(b *bench) { write(b); b.clock.Move(25 * time.Hour) },
			strings.Replace(request("Tell you?"), `"message"`, `"messaging_type":"MESSAGE_TAG","tag":"HUMAN_AGENT","message"`, 1), 10, 2018278},
		{"typing", nil, `{"recipient":{"id":"` + testPerson + `"},"sender_action":"typing_on"}`, 0, 0},
		{"dancing", nil, `{"recipient":{"id":"` + testPerson + `"},"sender_action":"dancing"}`, 100, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			b := newBench(t, Options{})
			if test.before != nil {
				test.before(b)
			}
			said := len(b.Conversation(testPage, testPerson))
			got := b.send(test.body)
			if got.Error.Code != test.code || got.Error.Subcode != test.subcode {
				t.Fatalf("got %d/%d, want %d/%d: %s", got.Error.Code, got.Error.Subcode, test.code, test.subcode, got.body)
			}
			if test.code != 0 {
				if got.status != http.StatusBadRequest || got.Error.Trace == "" || got.Error.Type == "" {
					t.Errorf("status %d: %s", got.status, got.body)
				}
				if now := len(b.Conversation(testPage, testPerson)); now != said {
					t.Errorf("a refused send left %d messages", now-said)
				}
			} else if got.RecipientID != testPerson {
				t.Errorf("recipient_id %q", got.RecipientID)
			}
		})
	}
}

func TestAnswersAreEscapedAsMetaDoes(t *testing.T) {
	b := newBench(t, Options{})
	if got := b.send(text("hi")); !strings.Contains(got.body, `here: https:\/\/developers.facebook.com\/docs`) {
		t.Error(got.body)
	}
	must(t, b.SetUnavailable(testPage, testPerson, true))
	if got := b.send(text("hi")); !strings.Contains(got.body, `(#551) \u7528\u6237`) {
		t.Error(got.body)
	}
}

func TestAccessToken(t *testing.T) {
	b := newBench(t, Options{AppSecret: "sesame"})
	must(t, b.AddPage(Page{ID: "2", Name: "Other", Token: "EAAtoken"}))
	const good = "6cabffe7622979b4f6d24b39ff52127c357823b566e6019cfe51c2b484b049df" // published with the samples
	tests := []struct {
		name, target, bearer string
		code                 int
	}{
		{"none", "/v25.0/me", "", 190},
		{"unknown", "/v25.0/me", "x", 190},
		{"bearer", "/v25.0/me", "EAAtoken", 0},
		{"query", "/v25.0/me?access_token=EAAtoken", "", 0},
		{"good proof", "/v25.0/me?appsecret_proof=" + good, "EAAtoken", 0},
		{"bad proof", "/v25.0/me?appsecret_proof=" + strings.Repeat("0", 64), "EAAtoken", 100},
		{"another version", "/v21.0/2", "EAAtoken", 0},
		{"another page's node", "/v25.0/" + testPage, "EAAtoken", 100},
		{"an alias", "/v25.0/nobody", "EAAtoken", 803},
		{"an unknown edge", "/v25.0/me/dances", "EAAtoken", 2500},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := httptest.NewRequest(http.MethodGet, test.target, nil)
			if test.bearer != "" {
				r.Header.Set("Authorization", "Bearer "+test.bearer)
			}
			if got := b.do(r); got.Error.Code != test.code {
				t.Errorf("got %d, want %d: %s", got.Error.Code, test.code, got.body)
			}
		})
	}
	b.options.RequireProof = true
	r := httptest.NewRequest(http.MethodGet, "/v25.0/me", nil)
	r.Header.Set("Authorization", "Bearer EAAtoken")
	if got := b.do(r); got.Error.Code != 100 {
		t.Errorf("a call without the required proof: %s", got.body)
	}
}

func TestRate(t *testing.T) {
	b := newBench(t, Options{})
	write(b)
	for range 300 {
		if got := b.send(text("hi")); got.status != http.StatusOK {
			t.Fatal(got.body)
		}
	}
	if got := b.send(text("hi")); got.Error.Code != 613 {
		t.Errorf("the 301st in a second: %s", got.body)
	}
	b.clock.Move(time.Second)
	if got := b.send(text("hi")); got.status != http.StatusOK {
		t.Errorf("in the next second: %s", got.body)
	}
	if n := b.Counts(testPage).PeakPerSecond; n != 301 {
		t.Errorf("peak %d", n)
	}
}

func TestTokenIsSpentOnce(t *testing.T) {
	b := newBench(t, Options{})
	value := b.token()
	b.clock.Move(200 * 24 * time.Hour)
	must(t, b.Block(testPage, testPerson))
	if got := b.send(withToken(value)); got.Error.Code != 551 {
		t.Fatalf("blocked: %s", got.body)
	}
	must(t, b.Unblock(testPage, testPerson))
	tooLong := strings.Replace(withToken(value), "It is back", strings.Repeat("x", 2001), 1)
	if got := b.send(tooLong); got.Error.Code != 100 {
		t.Fatalf("too long: %s", got.body)
	}
	if got := b.send(withToken(value)); got.status != http.StatusOK || got.RecipientID != testPerson {
		t.Fatalf("failures before it spent the token: %s", got.body)
	}
	if got := b.send(withToken(value)); got.Error.Code != 100 || !strings.Contains(got.Error.Message, "already been used") {
		t.Fatalf("second: %s", got.body)
	}
	if ends := b.WindowEnds(testPage, testPerson); ends.After(b.clock.Now()) {
		t.Errorf("a notification opened the window until %v", ends)
	}
	sent := b.Notifications(testPage)
	if len(sent) != 1 || sent[0].Metadata != "attempt-1" || sent[0].Via != ViaToken {
		t.Errorf("notifications %+v", sent)
	}
}

func TestTokenLastsAYear(t *testing.T) {
	for _, test := range []struct {
		name string
		move func(granted time.Time) time.Time
		says string
	}{
		{"a moment before", func(g time.Time) time.Time { return g.AddDate(1, 0, 0).Add(-1) }, ""},
		{"on the day", func(g time.Time) time.Time { return g.AddDate(1, 0, 0) }, "expired"},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := newBench(t, Options{})
			value := b.token()
			b.clock.now = test.move(b.Tokens(testPage)[0].Granted)
			if got := b.send(withToken(value)); (got.status == http.StatusOK) != (test.says == "") || !strings.Contains(got.Error.Message, test.says) {
				t.Error(got.body)
			}
		})
	}
}

func TestTokenOfAnotherPage(t *testing.T) {
	b := newBench(t, Options{})
	value := b.token()
	must(t, b.AddPage(Page{ID: "2", Token: "EAAother"}))
	r := httptest.NewRequest(http.MethodPost, "/v25.0/me/messages", strings.NewReader(withToken(value)))
	r.Header.Set("Authorization", "Bearer EAAother")
	if got := b.do(r); got.Error.Code != 100 || !strings.Contains(got.Error.Message, "invalid") {
		t.Error(got.body)
	}
	if got := b.send(withToken(value)); got.status != http.StatusOK {
		t.Errorf("the other page's try spent it: %s", got.body)
	}
}

func TestTokenUnderConcurrentSends(t *testing.T) {
	b := newBench(t, Options{})
	server := httptest.NewServer(b.Handler())
	defer server.Close()
	for round := range 20 {
		value := fmt.Sprintf("token-%d", round)
		must(t, b.AddToken(testPage, testPerson, value, "opaque", b.clock.Now()))
		var accepted atomic.Int32
		var group sync.WaitGroup
		for range 16 {
			group.Go(func() {
				r, err := http.NewRequest(http.MethodPost, server.URL+"/v25.0/me/messages", strings.NewReader(withToken(value)))
				if err != nil {
					t.Error(err)
					return
				}
				r.Header.Set("Authorization", "Bearer "+testToken)
				got, err := http.DefaultClient.Do(r)
				if err != nil {
					t.Error(err)
					return
				}
				got.Body.Close()
				if got.StatusCode == http.StatusOK {
					accepted.Add(1)
				}
			})
		}
		group.Wait()
		if accepted.Load() != 1 {
			t.Fatalf("round %d: %d sends were accepted", round, accepted.Load())
		}
		b.clock.Move(time.Second) // below the Page's rate
	}
	http.DefaultClient.CloseIdleConnections()
}

func TestTapsAndWindows(t *testing.T) {
	open := func(b *bench) bool { return b.send(text("hi")).status == http.StatusOK }
	for _, test := range []struct {
		name  string
		act   func(b *bench) error
		opens bool
	}{
		{"message", func(b *bench) error { _, err := b.SendText(testPage, testPerson, "a"); return err }, true},
		{"thumb", func(b *bench) error { _, err := b.SendThumb(testPage, testPerson); return err }, true},
		{"button", func(b *bench) error { return b.TapButton(testPage, testPerson, "", "again") }, true},
		{"quick reply", func(b *bench) error { return b.QuickReply(testPage, testPerson, "", "yes") }, true},
		{"link", func(b *bench) error { return b.OpenLink(testPage, testPerson, "mug-blue") }, true},
		{"reaction", func(b *bench) error { return b.React(testPage, testPerson, "", "❤️") }, true},
		{"reaction taken back", func(b *bench) error { return b.React(testPage, testPerson, "", "") }, false},
		{"ad", func(b *bench) error { return b.ClickAd(testPage, testPerson, "mug", "6") }, false},
		{"comment", func(b *bench) error { _, err := b.Comment(testPage, testPerson, "", "nice"); return err }, false},
		{"reading", func(b *bench) error { return b.ReadChat(testPage, testPerson) }, false},
		{"notify me", func(b *bench) error { _, err := b.TapNotifyMe(testPage, testPerson, ""); return err }, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := newBench(t, Options{})
			write(b)
			for _, body := range []string{
				request("Tell you?"),
				`{"recipient":{"id":"` + testPerson + `"},"message":{"attachment":{"type":"template","payload":{"template_type":"button","text":"a","buttons":[{"type":"postback","title":"Again","payload":"again"}]}},"quick_replies":[{"content_type":"text","title":"Yes","payload":"yes"}]}}`,
			} {
				if got := b.send(body); got.status != http.StatusOK {
					t.Fatal(got.body)
				}
			}
			b.clock.Move(30 * time.Hour)
			if open(b) {
				t.Fatal("the window did not close")
			}
			must(t, test.act(b))
			if got := open(b); got != test.opens {
				t.Errorf("window open: %v, want %v", got, test.opens)
			}
		})
	}
	b := newBench(t, Options{NotifyTapOpensNoWindow: true})
	write(b)
	if got := b.send(request("Tell you?")); got.status != http.StatusOK {
		t.Fatal(got.body)
	}
	b.clock.Move(30 * time.Hour)
	_, err := b.TapNotifyMe(testPage, testPerson, "")
	must(t, err)
	if open(b) {
		t.Error("the tap opened the window although it should not")
	}
}

func TestPrivateReply(t *testing.T) {
	b := newBench(t, Options{})
	reply := func(id string) answer {
		return b.send(`{"recipient":{"comment_id":"` + id + `"},"message":{"text":"Thank you"}}`)
	}
	id, err := b.Comment(testPage, testPerson, "", "when?")
	must(t, err)
	if got := reply(id); got.status != http.StatusOK || got.RecipientID != testPerson {
		t.Fatal(got.body)
	}
	if got := reply(id); got.Error.Code != 10900 {
		t.Errorf("second reply: %s", got.body)
	}
	if got := b.send(text("hi")); got.Error.Subcode != 2018278 {
		t.Errorf("a private reply opened the window: %s", got.body)
	}
	late, err := b.Comment(testPage, testPerson, "", "and now?")
	must(t, err)
	b.clock.Move(7 * 24 * time.Hour)
	if got := reply(late); got.Error.Code != 10902 {
		t.Errorf("after a week: %s", got.body)
	}
}

func TestSendAsForm(t *testing.T) {
	b := newBench(t, Options{})
	write(b)
	r := httptest.NewRequest(http.MethodPost, "/v25.0/"+testPage+"/messages", strings.NewReader(
		`access_token=`+testToken+`&recipient=%7B%22id%22%3A%22`+testPerson+`%22%7D&message=%7B%22text%22%3A%22ciao%22%7D&messaging_type=RESPONSE`))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if got := b.do(r); got.status != http.StatusOK {
		t.Fatal(got.body)
	}
	calls := b.Calls()
	if last := calls[len(calls)-1]; strings.Contains(last.Body, testToken) || last.Recipient != "id" {
		t.Errorf("%+v", last)
	}
}

func TestLogMasksTokens(t *testing.T) {
	b := newBench(t, Options{})
	value := b.token()
	b.send(withToken(value))
	for _, c := range b.Calls() {
		if strings.Contains(c.Body, value) {
			t.Errorf("the log shows a token: %s", c.Body)
		}
	}
}
