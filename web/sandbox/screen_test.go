package sandbox

import (
	"bufio"
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"go.uber.org/goleak"
)

const testChat = "/chat/" + testPage + "/" + testPerson

// get reads a screen.
func (b *bench) get(path string) (*http.Response, *goquery.Document) {
	b.t.Helper()
	w := httptest.NewRecorder()
	b.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
	d, err := goquery.NewDocumentFromReader(w.Body)
	must(b.t, err)
	return w.Result(), d
}

// submit sends a form as the browser does.
func (b *bench) submit(path string, form url.Values) *http.Response {
	b.t.Helper()
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	w := httptest.NewRecorder()
	b.Handler().ServeHTTP(w, r)
	return w.Result()
}

func TestPhone(t *testing.T) {
	b := newBench(t, Options{Links: []Link{{Title: "Blue mug", Ref: "mug-blue"}}})
	must(t, b.AddPerson(Person{PSID: "2", Page: testPage, FirstName: "Tom", Locale: "en_GB"}))
	if got := b.submit(testChat+"/text", url.Values{"text": {"<b>ciao</b>"}}); got.StatusCode != http.StatusSeeOther || got.Header.Get("Location") != testChat {
		t.Fatal(got.Status)
	}
	for _, body := range []string{
		`{"recipient":{"id":"` + testPerson + `"},"message":{"attachment":{"type":"template","payload":{"template_type":"generic","elements":[
			{"title":"Blue mug","subtitle":"By hand\n€ 24,00","image_url":"https://shop.example/mug.jpg","buttons":[{"type":"web_url","title":"Buy","url":"https://shop.example/mug"},{"type":"postback","title":"Tell me","payload":"p1"}]},
			{"title":"Red mug","subtitle":"By hand"}]}}}}`,
		request("Ti scriviamo?"),
	} {
		if got := b.send(body); got.status != http.StatusOK {
			t.Fatal(got.body)
		}
	}
	_, d := b.get(testChat)
	for selector, want := range map[string]string{
		".mine .bubble": "<b>ciao</b>",
		".cards.many .card:first-child .card-price": "€ 24,00",
		".card a.card-button[target=_blank]":        "Buy",
		".card button.card-button":                  "Tell me",
		".request .card-title":                      "Ti scriviamo?",
		".request button.notify":                    "Avvisami",
		".poster span":                              "Blue mug",
		".row.chosen .name":                         "Giulia Rossi",
		".row.chosen .window":                       "window closes in 24 h",
		".phone[lang=it] .page-name b":              "Bottega",
	} {
		if got := strings.TrimSpace(d.Find(selector).First().Text()); got != want {
			t.Errorf("%s: %q, want %q", selector, got, want)
		}
	}
	mid, _ := d.Find(".request input[name=mid]").Attr("value")
	b.submit(testChat+"/notify", url.Values{"mid": {mid}})
	if len(b.Tokens(testPage)) != 1 {
		t.Error("the tap granted no token")
	}
	_, d = b.get(testChat)
	if d.Find("button.notify").Length() != 0 || !strings.Contains(d.Find(".request .notified").Text(), "Ti avviseremo") {
		t.Error("the tapped card does not say so")
	}

	// On somebody else's phone the next message is a banner, for as long as it is new.
	if got := b.send(text("guarda")); got.status != http.StatusOK {
		t.Fatal(got.body)
	}
	if _, d = b.get("/chat/" + testPage + "/2"); !strings.Contains(d.Find(".banner").Text(), "guarda") || d.Find("#people .row.unread").Length() != 1 {
		t.Error("no banner, or no dot")
	}
	b.submit(testChat+"/read", nil)
	if _, d = b.get("/chat/" + testPage + "/2"); d.Find(".banner").Length() != 0 || d.Find(".row.unread").Length() != 0 {
		t.Error("a message that was read is still news")
	}
}

func TestLookingChangesNothing(t *testing.T) {
	b := newBench(t, Options{})
	write(b)
	b.send(text("hi"))
	for _, path := range []string{"/", testChat, "/console", testChat + "/block", testChat + "/text?text=a"} {
		b.get(path)
	}
	got := b.Conversation(testPage, testPerson)
	if len(got) != 2 || got[1].Read {
		t.Errorf("%+v", got)
	}
	if r, _ := b.get(testChat + "/block"); r.StatusCode == http.StatusOK {
		t.Error("an action by GET")
	}
}

func TestScreensAreClosedToOthers(t *testing.T) {
	b := newBench(t, Options{})
	r := httptest.NewRequest(http.MethodPost, testChat+"/text", strings.NewReader("text=spam"))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	w := httptest.NewRecorder()
	b.Handler().ServeHTTP(w, r)
	if w.Code != http.StatusForbidden || len(b.Conversation(testPage, testPerson)) != 0 {
		t.Errorf("another site's form: %d", w.Code)
	}
	for _, path := range []string{"/", testChat, "/console", "/nothing"} {
		got, d := b.get(path)
		policy := got.Header.Get("Content-Security-Policy")
		if !strings.Contains(policy, "default-src 'self'") || strings.Contains(policy, "unsafe") {
			t.Errorf("%s: policy %q", path, policy)
		}
		if n := d.Find("[style], style, script:not([src]), [onclick]").Length(); n != 0 {
			t.Errorf("%s: %d inline styles or scripts, which the policy forbids", path, n)
		}
	}
}

func TestProblemsAreExplained(t *testing.T) {
	b := newBench(t, Options{})
	must(t, b.Block(testPage, testPerson))
	for _, test := range []struct {
		path   string
		form   url.Values
		status int
	}{
		{testChat + "/text", url.Values{"text": {"a"}}, http.StatusConflict},
		{"/chat/1/2/text", url.Values{"text": {"a"}}, http.StatusNotFound},
		{testChat + "/comment", url.Values{"text": {""}}, http.StatusUnprocessableEntity},
		{"/clock", url.Values{"by": {"1h"}}, http.StatusUnprocessableEntity},
		{"/console/fault", url.Values{"times": {"0"}, "fault": {"190"}}, http.StatusUnprocessableEntity},
		{"/console/page", url.Values{"page": {"1"}, "switch": {"token"}}, http.StatusNotFound},
	} {
		if got := b.submit(test.path, test.form); got.StatusCode != test.status {
			t.Errorf("%s: %s", test.path, got.Status)
		}
	}
}

func TestClockButtons(t *testing.T) {
	var moved time.Duration
	b := newBench(t, Options{MoveClock: func(d time.Duration) { moved += d }})
	_, d := b.get("/")
	d.Find(".moves button").Each(func(_ int, button *goquery.Selection) {
		by, _ := button.Attr("value")
		b.submit("/clock", url.Values{"by": {by}})
	})
	if want := (1 + 25 + 8760) * time.Hour; moved != want {
		t.Errorf("moved by %v, want %v", moved, want)
	}
	for _, by := range []string{"-1h", "9000h", "soon"} {
		b.submit("/clock", url.Values{"by": {by}})
	}
	if want := (1 + 25 + 8760) * time.Hour; moved != want {
		t.Errorf("a nonsense move moved the clock to %v", moved)
	}
}

func TestConsole(t *testing.T) {
	b := newBench(t, Options{})
	write(b)
	for _, f := range cannedFaults() {
		b.ClearFaults()
		if got := b.submit("/console/fault", url.Values{"times": {"2"}, "fault": {f.Name}, "recipient": {"id"}}); got.StatusCode != http.StatusSeeOther {
			t.Errorf("%s: %s", f.Name, got.Status)
		}
		if _, d := b.get("/console"); !strings.Contains(d.Find(".set li").Text(), f.Label) {
			t.Errorf("%s is not shown: %q", f.Name, d.Find(".set").Text())
		}
	}
	b.submit("/console/faults/clear", nil)
	for name, code := range map[string]int{"token": 190, "restricted": 10, "limited": 80006} {
		b.submit("/console/page", url.Values{"page": {testPage}, "switch": {name}, "to": {"on"}})
		if got := b.send(text("hi")); got.Error.Code != code {
			t.Errorf("%s on: %s", name, got.body)
		}
		b.submit("/console/page", url.Values{"page": {testPage}, "switch": {name}, "to": {"off"}})
		if got := b.send(text("hi")); got.status != http.StatusOK {
			t.Errorf("%s off: %s", name, got.body)
		}
	}
	for name, body := range map[string]string{
		"human": `{"recipient":{"id":"` + testPerson + `"},"messaging_type":"MESSAGE_TAG","tag":"HUMAN_AGENT","message":{"text":"hi"}}`,
		"otn":   request("Tell you?"),
	} {
		b.submit("/console/page", url.Values{"page": {testPage}, "switch": {name}, "to": {"on"}})
		got, reviewed := b.send(body), b.call(http.MethodGet, "/me/messaging_feature_review", "").body
		if got.Error.Code != 10 || got.Error.Subcode != 0 || strings.Count(reviewed, "NOT_REQUESTED") != 1 {
			t.Errorf("%s off: %s; %s", name, got.body, reviewed)
		}
		if got := b.send(text("hi")); got.status != http.StatusOK {
			t.Errorf("%s off: a plain reply is refused too: %s", name, got.body)
		}
		b.submit("/console/page", url.Values{"page": {testPage}, "switch": {name}, "to": {"off"}})
		if got := b.send(body); got.status != http.StatusOK {
			t.Errorf("%s on again: %s", name, got.body)
		}
	}
	b.submit("/console/page", url.Values{"page": {testPage}, "switch": {"profiles"}, "to": {"on"}})
	if got := b.call(http.MethodGet, "/"+testPerson+"?fields=first_name", "").body; got != "{}" {
		t.Errorf("a profile that is not accessible: %s", got)
	}
	b.submit("/console/page", url.Values{"page": {testPage}, "switch": {"news"}, "to": {"on"}})
	if got := b.send(`{"recipient":{"id":"` + testPerson + `"},"messaging_type":"MESSAGE_TAG","tag":"NON_PROMOTIONAL_SUBSCRIPTION","message":{"text":"hi"}}`); got.status != http.StatusOK {
		t.Errorf("a news Page's broadcast: %s", got.body)
	}
	b.ClearLogs()
	b.send(text("hi"))
	if _, d := b.get("/console"); d.Find("#calls tbody tr").Length() != 1 {
		t.Errorf("%d calls shown", d.Find("#calls tbody tr").Length())
	}
	b.submit("/console/clear", nil)
	if len(b.Calls()) != 0 {
		t.Error("the log was not cleared")
	}
	b.submit("/console/webhooks", url.Values{"duplicate": {"on"}, "echoes": {"on"}})
	if m := b.mode; !m.Duplicate || m.Reorder || len(m.DropFields) != 1 {
		t.Errorf("%+v", m)
	}
}

func TestStream(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	b := newBench(t, Options{})
	server := httptest.NewServer(b.Handler())
	defer server.Close()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- b.Run(ctx) }()
	answer, err := server.Client().Get(server.URL + "/events")
	must(t, err)
	defer answer.Body.Close()
	lines := bufio.NewScanner(answer.Body)
	lines.Scan() // retry: it watches from here on
	write(b)
	for lines.Scan() && lines.Text() != "event: change" {
	}
	if lines.Text() != "event: change" {
		t.Errorf("the stream ended with %q, %v", lines.Text(), lines.Err())
	}
	cancel()
	must(t, <-done)
	for lines.Scan() { // the stream ends with the platform
	}
	server.Client().CloseIdleConnections()
}

func TestAvatar(t *testing.T) {
	b := newBench(t, Options{})
	got := b.call(http.MethodGet, "/"+testPerson+"?fields=profile_pic", "")
	at := strings.Index(got.body, `\/avatar`)
	if at < 0 {
		t.Fatal(got.body)
	}
	path := strings.ReplaceAll(strings.SplitN(got.body[at:], `"`, 2)[0], `\/`, "/")
	w := httptest.NewRecorder()
	b.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
	if w.Header().Get("Content-Type") != "image/svg+xml" || !strings.Contains(w.Body.String(), ">GR<") {
		t.Errorf("%s: %d %s", path, w.Code, w.Body)
	}
}
