package sandbox

import (
	"context"
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"
)

// hook is a webhook as the product reads it.
type hook struct {
	Object string
	Entry  []struct {
		ID        string
		Time      int64
		Messaging []item
		Standby   []item
		Changes   []struct {
			Field string
			Value struct {
				From      struct{ ID, Name string }
				Item      string
				Verb      string
				Message   string
				PostID    string `json:"post_id"`
				CommentID string `json:"comment_id"`
				Created   int64  `json:"created_time"`
			}
		}
	}
}

type item struct {
	Sender, Recipient struct{ ID string }
	Timestamp         int64
	Message           *struct {
		MID, Text, Metadata string
		Echo                bool                     `json:"is_echo"`
		AppID               int64                    `json:"app_id"`
		QuickReply          struct{ Payload string } `json:"quick_reply"`
		Referral            *struct{ Ref, Source, Type string }
		Attachments         []struct{ Type string }
	}
	Postback *struct {
		MID, Title, Payload string
		Referral            *struct{ Ref, Source, Type string }
	}
	Referral *struct{ Ref, Source, Type string }
	Optin    *struct {
		Type, Payload string
		Token         string `json:"one_time_notif_token"`
	}
	Delivery *struct {
		MIDs      []string
		Watermark int64
	}
	Read     *struct{ Watermark int64 }
	Reaction *struct{ Reaction, Emoji, Action, MID string }
}

// kind names what an item holds.
func (i item) kind() string {
	switch {
	case i.Message != nil && i.Message.Echo:
		return "echo"
	case i.Message != nil:
		return "message"
	case i.Postback != nil:
		return "postback"
	case i.Referral != nil:
		return "referral"
	case i.Optin != nil:
		return "optin"
	case i.Delivery != nil:
		return "delivery"
	case i.Read != nil:
		return "read"
	case i.Reaction != nil:
		return "reaction"
	}
	return "unknown"
}

func (q *product) hooks(t *testing.T) []hook {
	t.Helper()
	var out []hook
	for _, p := range q.all() {
		var h hook
		if err := json.Unmarshal(p.body, &h); err != nil {
			t.Fatalf("%s: %v", p.body, err)
		}
		out = append(out, h)
	}
	return out
}

// items are all messaging items in the order they came.
func (q *product) items(t *testing.T) []item {
	t.Helper()
	var out []item
	for _, h := range q.hooks(t) {
		for _, e := range h.Entry {
			out = append(out, e.Messaging...)
		}
	}
	return out
}

func (q *product) kinds(t *testing.T) string {
	t.Helper()
	var out []string
	for _, i := range q.items(t) {
		out = append(out, i.kind())
	}
	return strings.Join(out, " ")
}

// newHookBench is a platform whose webhooks come to the product it returns.
func newHookBench(t *testing.T, o Options) (*bench, *product) {
	t.Helper()
	q := &product{}
	o.Client, o.WebhookURL, o.AppSecret = &http.Client{Transport: q}, "http://product.test/webhooks/messenger", "sesame"
	return newBench(t, o), q
}

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

func TestWebhookIsTriedAgainInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, q := newHookBench(t, Options{AutoSubscribe: true, Now: time.Now})
		q.answer = func(n int) int {
			if n <= 5 {
				return http.StatusInternalServerError
			}
			return http.StatusOK
		}
		stop := b.start()
		began := time.Now()
		for _, s := range []string{"one", "two", "three"} {
			_, err := b.SendText(testPage, testPerson, s)
			must(t, err)
		}
		synctest.Wait()
		if n := len(q.all()); n != 3 {
			t.Errorf("%d tries at once, want 3", n)
		}
		b.settle()
		var said []string
		for _, i := range q.items(t) {
			said = append(said, i.Message.Text)
		}
		if got, want := strings.Join(said, " "), "one one one one one one two three"; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
		if took := time.Since(began); took != 7*time.Second { // 1 + 2 + 4
			t.Errorf("the retries took %v", took)
		}
		bodies := q.all()
		if string(bodies[0].body) == "" || bodies[0].header.Get("X-Hub-Signature-256") == "" {
			t.Error("a retry without body or signature")
		}
		if d := b.Deliveries()[0]; d.State != DeliveryDelivered || d.Attempts != 6 || d.Status != http.StatusOK {
			t.Errorf("%+v", d)
		}
		stop()
	})
}

// roundTrip is a product in a function.
type roundTrip func(r *http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestOnePersonsWebhooksDoNotOvertake(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := make(chan string, 10)
		release := make(chan struct{})
		slow := roundTrip(func(r *http.Request) (*http.Response, error) {
			body, err := io.ReadAll(r.Body)
			if err != nil {
				return nil, err
			}
			var h hook
			if err := json.Unmarshal(body, &h); err != nil {
				return nil, err
			}
			said := h.Entry[0].Messaging[0].Message.Text
			began <- said
			if said == "one" {
				<-release
			}
			return &http.Response{StatusCode: http.StatusOK, Body: http.NoBody, Request: r}, nil
		})
		b := newBench(t, Options{AutoSubscribe: true, WebhookURL: "http://product.test/", Client: &http.Client{Transport: slow}})
		must(t, b.AddPerson(Person{PSID: "2", Page: testPage}))
		stop := b.start()
		say := func(psid, words string) {
			_, err := b.SendText(testPage, psid, words)
			must(t, err)
			synctest.Wait()
		}
		say(testPerson, "one")
		say(testPerson, "two")
		say("2", "other")
		if len(began) != 2 || <-began != "one" || <-began != "other" {
			t.Errorf("while the first was under way: %d more", len(began))
		}
		close(release)
		b.settle()
		if got := <-began; got != "two" {
			t.Errorf("then %q", got)
		}
		stop()
	})
}

func TestAnHourOfFailuresDropsTheSubscription(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, q := newHookBench(t, Options{AutoSubscribe: true, Now: time.Now})
		q.answer = func(int) int { return http.StatusServiceUnavailable }
		stop := b.start()
		write(b)
		time.Sleep(time.Hour - time.Minute) // in the bubble, where it takes no time
		if len(b.Subscribed(testPage)) == 0 {
			t.Error("dropped before the hour")
		}
		time.Sleep(3 * time.Minute)
		if got := b.Subscribed(testPage); len(got) != 0 {
			t.Errorf("still subscribed to %v", got)
		}
		if b.Waiting() != 0 || b.Deliveries()[0].State != DeliveryDropped {
			t.Errorf("%d wait, %+v", b.Waiting(), b.Deliveries())
		}
		before := len(q.all())
		write(b)
		time.Sleep(time.Minute)
		if len(q.all()) != before {
			t.Error("a webhook after the subscription was dropped")
		}
		q.mu.Lock()
		q.answer = nil
		q.mu.Unlock()
		must(t, b.Subscribe(testPage, "messages"))
		write(b)
		b.settle()
		if len(q.all()) != before+1 {
			t.Errorf("after subscribing again: %d POSTs, want %d", len(q.all()), before+1)
		}
		stop()
	})
}

func TestASuccessEndsTheHour(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, q := newHookBench(t, Options{AutoSubscribe: true, Now: time.Now})
		began := time.Now()
		q.answer = func(int) int {
			if m := int(time.Since(began).Minutes()); m == 40 || m >= 85 {
				return http.StatusOK
			}
			return http.StatusInternalServerError
		}
		stop := b.start()
		for range 90 {
			write(b)
			time.Sleep(time.Minute)
		}
		if len(b.Subscribed(testPage)) == 0 {
			t.Error("dropped although it answered in between")
		}
		b.settle()
		stop()
	})
}

func TestModes(t *testing.T) {
	say := func(b *bench, texts ...string) {
		for _, s := range texts {
			_, err := b.SendText(testPage, testPerson, s)
			must(t, err)
		}
	}
	for _, test := range []struct {
		name string
		mode WebhookMode
		do   func(b *bench)
		want func(q *product) error
	}{
		{"duplicate", WebhookMode{Duplicate: true}, func(b *bench) { say(b, "one") }, func(q *product) error {
			if all := q.all(); len(all) != 2 || string(all[0].body) != string(all[1].body) {
				return fmt.Errorf("%d POSTs", len(all))
			}
			return nil
		}},
		{"reorder", WebhookMode{Reorder: true}, func(b *bench) { say(b, "one", "two", "three") }, func(q *product) error {
			var said []string
			for _, i := range q.items(t) {
				said = append(said, i.Message.Text)
			}
			if !slices.Equal(said, []string{"two", "one", "three"}) {
				return fmt.Errorf("%v", said)
			}
			return nil
		}},
		{"batch", WebhookMode{Batch: 3, ItemsPerEntry: 2}, func(b *bench) {
			for i := range 3 {
				psid := fmt.Sprint("77", i)
				must(t, b.AddPerson(Person{PSID: psid, Page: testPage}))
				for range 2 {
					_, err := b.SendText(testPage, psid, "hi")
					must(t, err)
				}
			}
		}, func(q *product) error {
			if h := q.hooks(t); len(h) != 1 || len(h[0].Entry) != 3 || len(h[0].Entry[0].Messaging) != 2 {
				return fmt.Errorf("%+v", h)
			}
			return nil
		}},
		{"seconds on referrals", WebhookMode{SecondsOnReferrals: true}, func(b *bench) {
			say(b, "hi")
			must(t, b.OpenLink(testPage, testPerson, "mug"))
		}, func(q *product) error {
			if i := q.items(t); i[0].Timestamp < 1e12 || i[1].Timestamp > 1e12 {
				return fmt.Errorf("%+v", i)
			}
			return nil
		}},
		{"optin before echo", WebhookMode{OptinBeforeEcho: true}, func(b *bench) { b.token() }, func(q *product) error {
			if got := q.kinds(t); got != "message delivery read optin echo" {
				return fmt.Errorf("%s", got)
			}
			return nil
		}},
		{"unknown events", WebhookMode{UnknownEvents: 1}, func(b *bench) { say(b, "hi") }, func(q *product) error {
			if got := q.kinds(t); got != "message unknown" {
				return fmt.Errorf("%s", got)
			}
			return nil
		}},
		{"echoes lost", WebhookMode{DropFields: []string{"message_echoes"}}, func(b *bench) { b.token() }, func(q *product) error {
			if got := q.kinds(t); strings.Contains(got, "echo") {
				return fmt.Errorf("%s", got)
			}
			return nil
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b, q := newHookBench(t, Options{AutoSubscribe: true})
				b.SetWebhookMode(test.mode)
				test.do(b) // before anything runs, so that what waits is batched
				stop := b.start()
				b.settle()
				if err := test.want(q); err != nil {
					t.Error(err)
				}
				stop()
			})
		})
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
