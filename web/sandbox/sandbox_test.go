package sandbox

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

const (
	testPage   = "101000000000000"
	testToken  = "EAAtesttoken0001"
	testPerson = "1020000000000001"
)

// clock is a clock that tests move.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: time.Date(2026, time.November, 22, 10, 0, 0, 0, time.UTC)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Move(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// bench is a platform with one Page and one person, whose window is shut.
type bench struct {
	*Platform
	clock *clock
	t     *testing.T
}

func newBench(t *testing.T, o Options) *bench {
	t.Helper()
	c := newClock()
	if o.Now == nil {
		o.Now = c.Now
	}
	if o.AppID == "" {
		o.AppID = "263000000000001"
	}
	o.Seed = 1
	p := New(o)
	must(t, p.AddPage(Page{ID: testPage, Name: "Bottega", Token: testToken}))
	must(t, p.AddPerson(Person{PSID: testPerson, Page: testPage, FirstName: "Giulia", LastName: "Rossi", Locale: "it_IT", Timezone: 1}))
	return &bench{p, c, t}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// answer is what the Graph API said.
type answer struct {
	status      int
	header      http.Header
	body        string
	RecipientID string `json:"recipient_id"`
	MessageID   string `json:"message_id"`
	Error       struct {
		Message   string
		Type      string
		Code      int
		Subcode   int    `json:"error_subcode"`
		Transient bool   `json:"is_transient"`
		Trace     string `json:"fbtrace_id"`
	}
}

// call makes one call, with the Page's token.
func (b *bench) call(method, path, body string) answer {
	b.t.Helper()
	r := httptest.NewRequest(method, "/v25.0"+path, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+testToken)
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	return b.do(r)
}

func (b *bench) do(r *http.Request) answer {
	b.t.Helper()
	w := httptest.NewRecorder()
	b.Handler().ServeHTTP(w, r)
	a := answer{status: w.Code, header: w.Header(), body: w.Body.String()}
	if err := json.Unmarshal(w.Body.Bytes(), &a); err != nil && strings.HasPrefix(a.body, "{") && json.Valid(w.Body.Bytes()) {
		b.t.Fatalf("%s: %v", a.body, err)
	}
	return a
}

func (b *bench) send(body string) answer {
	b.t.Helper()
	return b.call(http.MethodPost, "/me/messages", body)
}

// text is a plain message to the person.
func text(words string) string {
	return `{"recipient":{"id":"` + testPerson + `"},"messaging_type":"RESPONSE","message":{"text":` + quote(words) + `}}`
}

// request is an opt-in card.
func request(title string) string {
	return `{"recipient":{"id":"` + testPerson + `"},"message":{"attachment":{"type":"template","payload":{"template_type":"one_time_notif_req","title":` + quote(title) + `,"payload":"opaque"}}}}`
}

// withToken is a notification.
func withToken(value string) string {
	return `{"recipient":{"one_time_notif_token":` + quote(value) + `},"message":{"text":"It is back","metadata":"attempt-1"}}`
}

func quote(s string) string {
	b, err := json.Marshal(s)
	if err != nil {
		panic(err)
	}
	return string(b)
}

// token gets a token the way a shopper grants it.
func (b *bench) token() string {
	b.t.Helper()
	if _, err := b.SendText(testPage, testPerson, "is the mug back?"); err != nil {
		b.t.Fatal(err)
	}
	if a := b.send(request("Tell you when it is back?")); a.status != http.StatusOK {
		b.t.Fatal(a.body)
	}
	value, err := b.TapNotifyMe(testPage, testPerson, "")
	must(b.t, err)
	return value
}

// post is one webhook as the product received it.
type post struct {
	header http.Header
	body   []byte
}

// product is a webhook receiver that answers as it is told.
type product struct {
	mu     sync.Mutex
	posts  []post
	answer func(n int) int // status of the n-th POST, from 1
}

func (q *product) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.posts = append(q.posts, post{r.Header, body})
	status := http.StatusOK
	if q.answer != nil {
		status = q.answer(len(q.posts))
	}
	return &http.Response{StatusCode: status, Body: http.NoBody, Header: http.Header{}, Request: r}, nil
}

func (q *product) all() []post {
	q.mu.Lock()
	defer q.mu.Unlock()
	return append([]post(nil), q.posts...)
}

// start runs the platform until the test ends, or stop is called.
func (b *bench) start() (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- b.Run(ctx) }()
	var once sync.Once
	stop = func() {
		once.Do(func() {
			cancel()
			if err := <-done; err != nil {
				b.t.Error(err)
			}
		})
	}
	b.t.Cleanup(stop)
	return stop
}

// settle waits until every webhook is delivered.
func (b *bench) settle() {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := b.Wait(ctx, func() bool { return b.Waiting() == 0 }); err != nil {
		b.t.Fatalf("%d webhooks wait: %v", b.Waiting(), err)
	}
}
