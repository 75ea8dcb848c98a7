package sandbox

import (
	"context"
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"go.uber.org/goleak"
)

func TestWebhooksAreSignedOverTheBytesSent(t *testing.T) {
	b, q := newHookBench(t, Options{AutoSubscribe: true})
	b.start()
	_, err := b.SendText(testPage, testPerson, "Così bella 👍 https://shop.example/a <b>")
	must(t, err)
	b.settle()
	got := q.all()[0]
	for _, r := range string(got.body) {
		if r > 0x7e || r < 0x20 {
			t.Fatalf("%q is not printable ASCII", r)
		}
	}
	if want := `"text":"Cos\u00ec bella \ud83d\udc4d https:\/\/shop.example\/a <b>"`; !strings.Contains(string(got.body), want) {
		t.Errorf("%s\nlacks %s", got.body, want)
	}
	mac := hmac.New(sha256.New, []byte("sesame"))
	mac.Write(got.body)
	if want := "sha256=" + hex.EncodeToString(mac.Sum(nil)); got.header.Get("X-Hub-Signature-256") != want {
		t.Errorf("signature %q, want %q", got.header.Get("X-Hub-Signature-256"), want)
	}
	mac = hmac.New(sha1.New, []byte("sesame"))
	mac.Write(got.body)
	if want := "sha1=" + hex.EncodeToString(mac.Sum(nil)); got.header.Get("X-Hub-Signature") != want {
		t.Errorf("legacy signature %q, want %q", got.header.Get("X-Hub-Signature"), want)
	}
	h := q.hooks(t)[0]
	e := h.Entry[0]
	i := e.Messaging[0]
	if h.Object != "page" || e.ID != testPage || e.Time < 1e12 || i.Sender.ID != testPerson || i.Recipient.ID != testPage || i.Timestamp != b.clock.Now().UnixMilli() {
		t.Errorf("%s", got.body)
	}
}

func TestSignatureVectors(t *testing.T) {
	// The first is nyaruka/courier's, the other was computed apart from this code; both came with the research.
	for _, v := range []struct{ body, want string }{
		{"hello world", "f39034b29165ec6a5104d9aef27266484ab26c8caa7bca8bcb2dd02e8be61b17"},
		{`{"object":"page","entry":[{"id":"1","time":1,"messaging":[{"sender":{"id":"2"},"recipient":{"id":"1"},"timestamp":1,"message":{"mid":"m_x","text":"\u00e4\u00f6\u00e5 \ud83d\udc4d https:\/\/x.test"}}]}]}`, "f5944434cd59690b6ec24e2fdc2de0ee77336b6ea052688ea1cf57db4b072dea"},
	} {
		if got := sign(sha256.New, "sesame", []byte(v.body)); got != v.want {
			t.Errorf("%s: %s", v.body, got)
		}
	}
	got, err := escapedJSON("äöå 👍 https://x.test")
	must(t, err)
	if want := `"\u00e4\u00f6\u00e5 \ud83d\udc4d https:\/\/x.test"`; string(got) != want {
		t.Errorf("escaped %s, want %s", got, want)
	}
}

func TestEvents(t *testing.T) {
	b, q := newHookBench(t, Options{AutoSubscribe: true})
	b.start()
	must(t, b.onPage(testPage, func(g *page) { g.profile["get_started"] = json.RawMessage(`{"payload":"START"}`) }))

	must(t, b.OpenLink(testPage, testPerson, "mug-blue")) // new thread
	must(t, b.OpenLink(testPage, testPerson, "mug-red"))  // existing
	if a := b.send(request("Tell you?")); a.status != http.StatusOK {
		t.Fatal(a.body)
	}
	value, err := b.TapNotifyMe(testPage, testPerson, "")
	must(t, err)
	again, err := b.TapNotifyMe(testPage, testPerson, b.Conversation(testPage, testPerson)[1].MID)
	if err != nil || again != value {
		t.Errorf("second tap: %q, %v", again, err)
	}
	sent := b.send(withToken(value))
	must(t, b.React(testPage, testPerson, sent.MessageID, "❤️"))
	must(t, b.SendFromInbox(testPage, testPerson, "typed by a person"))
	comment, err := b.Comment(testPage, testPerson, "", "quando torna?")
	must(t, err)
	b.settle()

	if got, want := q.kinds(t), "postback referral echo delivery read optin echo delivery read reaction echo delivery"; got != want {
		t.Fatalf("events\n%s, want\n%s", got, want)
	}
	i := q.items(t)
	if r := i[0].Postback; r.Payload != "START" || r.MID == "" || r.Referral == nil || r.Referral.Ref != "mug-blue" || r.Referral.Source != "SHORTLINK" {
		t.Errorf("postback %+v", r)
	}
	if r := i[1].Referral; r.Ref != "mug-red" || r.Type != "OPEN_THREAD" {
		t.Errorf("referral %+v", r)
	}
	if o := i[5].Optin; o.Type != "one_time_notif_req" || o.Payload != "opaque" || o.Token != value {
		t.Errorf("optin %+v", o)
	}
	if m := i[6].Message; m.MID != sent.MessageID || m.Metadata != "attempt-1" || m.AppID != 263000000000001 || i[6].Sender.ID != testPage || i[6].Recipient.ID != testPerson {
		t.Errorf("echo %+v", i[6])
	}
	if d := i[7].Delivery; !slices.Equal(d.MIDs, []string{sent.MessageID}) || i[7].Timestamp != 0 {
		t.Errorf("delivery %+v", i[7])
	}
	if r := i[9].Reaction; r.Reaction != "love" || r.Action != "react" || r.MID != sent.MessageID {
		t.Errorf("reaction %+v", r)
	}
	if m := i[10].Message; m.AppID != 263902037430900 {
		t.Errorf("the inbox's echo: %+v", m)
	}
	hooks := q.hooks(t)
	e := hooks[len(hooks)-1].Entry[0]
	if v := e.Changes[0].Value; e.Changes[0].Field != "feed" || v.CommentID != comment || v.From.ID != testPerson || v.Verb != "add" || v.Created > 1e12 || e.Time > 1e12 {
		t.Errorf("comment %+v", e)
	}
}

func TestAdRidesOnTheFirstMessage(t *testing.T) {
	b, q := newHookBench(t, Options{AutoSubscribe: true})
	b.start()
	must(t, b.ClickAd(testPage, testPerson, "mug", "6302572858686"))
	for range 2 {
		_, err := b.SendText(testPage, testPerson, "hi")
		must(t, err)
	}
	b.settle()
	i := q.items(t)
	if len(i) != 2 || i[0].Message.Referral == nil || i[0].Message.Referral.Source != "ADS" || i[1].Message.Referral != nil {
		t.Errorf("%+v", i)
	}
}

func TestOnlySubscribedFieldsAreSent(t *testing.T) {
	b, q := newHookBench(t, Options{})
	b.start()
	_, err := b.SendText(testPage, testPerson, "nobody listens")
	must(t, err)
	if got := b.call(http.MethodPost, "/"+testPage+"/subscribed_apps?subscribed_fields=messages,messaging_optins", ""); got.body != `{"success":true}` {
		t.Fatal(got.body)
	}
	b.token()
	b.settle()
	if got := q.kinds(t); got != "message optin" {
		t.Errorf("events %q", got)
	}
	if got := b.call(http.MethodPost, "/me/subscribed_apps?subscribed_fields=message_optins", ""); got.Error.Code != 100 {
		t.Errorf("a field that does not exist: %s", got.body)
	}
	if got := b.call(http.MethodGet, "/me/subscribed_apps", ""); !strings.Contains(got.body, `"subscribed_fields":["messages","messaging_optins"]`) {
		t.Error(got.body)
	}
	if got := b.call(http.MethodDelete, "/me/subscribed_apps", ""); got.status != http.StatusOK || len(b.Subscribed(testPage)) != 0 {
		t.Error(got.body)
	}
}

func TestStandby(t *testing.T) {
	b, q := newHookBench(t, Options{AutoSubscribe: true})
	b.start()
	must(t, b.SetThreadOwner(testPage, testPerson, "7"))
	write(b)
	b.settle()
	if h := q.hooks(t); len(h) != 1 || len(h[0].Entry[0].Standby) != 1 || len(h[0].Entry[0].Messaging) != 0 {
		t.Errorf("%+v", h)
	}
}

func TestVerifyWebhook(t *testing.T) {
	for _, test := range []struct {
		name   string
		answer http.HandlerFunc
		ok     bool
	}{
		{"echoes the challenge", func(w http.ResponseWriter, r *http.Request) {
			if r.FormValue("hub.mode") == "subscribe" && r.FormValue("hub.verify_token") == "open sesame" {
				io.WriteString(w, r.FormValue("hub.challenge"))
			}
		}, true},
		{"says something else", func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "ok") }, false},
		{"refuses", func(w http.ResponseWriter, r *http.Request) { http.Error(w, "no", http.StatusForbidden) }, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			server := httptest.NewServer(test.answer)
			defer server.Close()
			p := New(Options{WebhookURL: server.URL, VerifyToken: "open sesame"})
			if err := p.VerifyWebhook(t.Context()); (err == nil) != test.ok {
				t.Error(err)
			}
		})
	}
}

func TestRunLeavesNothingBehind(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	stuck := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		select {
		case <-stuck:
		case <-r.Context().Done():
		}
	}))
	defer server.Close()
	defer close(stuck)
	b := newBench(t, Options{WebhookURL: server.URL, AutoSubscribe: true})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- b.Run(ctx) }()
	write(b)
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if err := b.Run(t.Context()); err == nil {
		t.Error("a second Run was not refused")
	}
}
