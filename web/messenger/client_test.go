package messenger

import (
	"bufio"
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"bentornato/models"
)

const pageToken = "EAApagetoken"

func reply(text string) models.Outgoing {
	return models.Outgoing{Recipient: models.Recipient{PSID: "202"}, Kind: models.SendReply, Content: models.Content{Text: text}}
}

func notification(token string) models.Outgoing {
	return models.Outgoing{Recipient: models.Recipient{Token: token}, Kind: models.SendNotification, Content: models.Content{Text: "It is back"}}
}

// newClient makes a client with connections of its own, which end with the test.
func newClient(t *testing.T, c Config) *Client {
	t.Helper()
	if c.Now == nil {
		c.Now = func() time.Time { return noon }
	}
	client := New(c)
	t.Cleanup(client.Close)
	return client
}

func TestSend(t *testing.T) {
	type seen struct {
		Method, Path, Query, Authorization, ContentType, IdempotencyKey, Body string
	}
	var got seen
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got = seen{r.Method, r.URL.Path, r.URL.RawQuery, r.Header.Get("Authorization"), r.Header.Get("Content-Type"), r.Header.Get("Idempotency-Key"), string(body)}
		w.Header().Set(appUsageHeader, `{"call_count":12}`)
		_, _ = io.WriteString(w, `{"recipient_id":"202","message_id":"m_1"}`)
	}))
	defer server.Close()

	client := newClient(t, Config{GraphURL: server.URL + "/v25.0/", AppSecret: "sesame"})
	a := client.Send(t.Context(), "101", "EAAtoken", reply("Ciao"))
	if diff := cmp.Diff(models.Answer{Outcome: models.OutcomeSent, MessageID: "m_1", RecipientID: "202", Usage: 12}, a); diff != "" {
		t.Error(diff)
	}
	want := seen{
		Method: "POST", Path: "/v25.0/101/messages", Query: "appsecret_proof=6cabffe7622979b4f6d24b39ff52127c357823b566e6019cfe51c2b484b049df",
		Authorization: "Bearer EAAtoken", ContentType: "application/json",
		Body: `{"recipient":{"id":"202"},"messaging_type":"RESPONSE","message":{"text":"Ciao"}}`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}

	client = newClient(t, Config{GraphURL: server.URL + "/v25.0"})
	client.Send(t.Context(), "101/../me", pageToken, reply("Ciao"))
	if got.Query != "" || got.Path != "/v25.0/101/../me/messages" {
		t.Errorf("without an app secret: path %q, query %q", got.Path, got.Query)
	}
}

func TestSendDoesNotSendWhatIsMalformed(t *testing.T) {
	client := newClient(t, Config{GraphURL: "http://graph.invalid", Transport: roundTrip(func(*http.Request) (*http.Response, error) {
		t.Error("a call was made")
		return nil, errors.New("no")
	})})
	if a := client.Send(t.Context(), "101", pageToken, reply("")); a.Outcome != models.OutcomeRejected || a.Detail == "" {
		t.Errorf("an empty reply: %+v", a)
	}
	empty := notification("tok")
	empty.Content = models.Content{}
	if a := client.Send(t.Context(), "101", pageToken, empty); a.Outcome != models.OutcomeNotSent || a.Detail == "" {
		t.Errorf("an empty notification: %+v", a)
	}
}

// TestSendNotMade lists the ways in which a call ends before the platform could know of it.
func TestSendNotMade(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	nobody := listener.Addr().String()
	_ = listener.Close()
	untrusted := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the call arrived") }))
	untrusted.Config.ErrorLog = discardLog()
	untrusted.StartTLS()
	defer untrusted.Close()
	over, cancel := context.WithCancel(t.Context())
	cancel()

	for _, c := range []struct {
		name  string
		ctx   context.Context
		graph string
	}{
		{"refused", t.Context(), "http://" + nobody},
		{"untrusted certificate", t.Context(), untrusted.URL},
		{"cancelled before", over, untrusted.URL},
		{"no address", t.Context(), ""},
		{"no URL", t.Context(), "http://[::1"},
		{"no scheme that we speak", t.Context(), "gopher://127.0.0.1"},
	} {
		client := newClient(t, Config{GraphURL: c.graph, AppSecret: "sesame"})
		a := client.Send(c.ctx, "101", pageToken, notification("tok-secret"))
		if a.Outcome != models.OutcomeNotSent || a.Detail == "" {
			t.Errorf("%s: %+v", c.name, a)
		}
		for _, secret := range []string{pageToken, "tok-secret", "appsecret_proof", Proof("sesame", pageToken)} {
			if strings.Contains(a.Detail, secret) {
				t.Errorf("%s: %q holds %q", c.name, a.Detail, secret)
			}
		}
	}
}

// TestSendWithoutAnswer lists the ways in which a call ends after the platform may have acted on it. Each is made
// once, whatever the connection did.
func TestSendWithoutAnswer(t *testing.T) {
	for name, answer := range map[string]func(net.Conn){
		"closed after the request": func(net.Conn) {},
		"reset after the request":  func(c net.Conn) { _ = c.(*net.TCPConn).SetLinger(0) },
		"cut within the headers":   func(c net.Conn) { _, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-") },
		"cut within the body": func(c net.Conn) {
			_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{\"message_id\":\"m_1\"}")
		},
		"something that is no HTTP": func(c net.Conn) { _, _ = io.WriteString(c, "hello\r\n\r\n") },
		"an endless body": func(c net.Conn) {
			_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\n\r\n")
			_, _ = io.WriteString(c, strings.Repeat(" ", 2*maxAnswer))
		},
	} {
		t.Run(name, func(t *testing.T) {
			var requests atomic.Int32
			graph := serveConns(t, func(c net.Conn) {
				if readRequest(c) {
					requests.Add(1)
					answer(c)
				}
			})
			client := newClient(t, Config{GraphURL: graph, AppSecret: "sesame"})
			a := client.Send(t.Context(), "101", pageToken, notification("tok-secret"))
			if a.Outcome != models.OutcomeUnknown || a.Detail == "" || requests.Load() != 1 {
				t.Errorf("%d requests: %+v", requests.Load(), a)
			}
			if strings.Contains(a.Detail, "appsecret_proof") || strings.Contains(a.Detail, "tok-secret") {
				t.Errorf("%q holds a secret", a.Detail)
			}
		})
	}
}

func TestSendTimesOut(t *testing.T) {
	arrived := make(chan struct{}, 2)
	release := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		arrived <- struct{}{}
		<-release
	}))
	defer server.Close()
	defer close(release)

	client := newClient(t, Config{GraphURL: server.URL, Timeout: 50 * time.Millisecond})
	if a := client.Send(t.Context(), "101", pageToken, reply("Ciao")); a.Outcome != models.OutcomeUnknown {
		t.Errorf("after the time-out: %+v", a)
	}
	<-arrived

	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-arrived
		cancel()
	}()
	client = newClient(t, Config{GraphURL: server.URL})
	if a := client.Send(ctx, "101", pageToken, reply("Ciao")); a.Outcome != models.OutcomeUnknown {
		t.Errorf("cancelled after it arrived: %+v", a)
	}
}

// TestSendOnConnectionsThatDie answers one call a connection and then closes it, or reads another and closes
// without an answer. On a connection that was used before, net/http would make an idempotent call again.
func TestSendOnConnectionsThatDie(t *testing.T) {
	bodies := map[string]int{}
	seen := make(chan string, 100)
	graph := serveConns(t, func(c net.Conn) {
		r := bufio.NewReader(c)
		for n := 0; ; n++ {
			req, err := http.ReadRequest(r)
			if err != nil {
				return
			}
			body, err := io.ReadAll(req.Body)
			if err != nil {
				return
			}
			seen <- string(body)
			if n == 1 {
				return
			}
			_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n{\"message_id\":\"m_1\"}")
		}
	})
	client := newClient(t, Config{GraphURL: graph})
	const calls = 20
	outcomes := map[models.Outcome]int{}
	for i := range calls {
		outcomes[client.Send(t.Context(), "101", pageToken, reply(strings.Repeat("x", i+1))).Outcome]++
	}
	// Closing the channel would race with a server that is still at its send.
	for n := len(seen); n > 0; n-- {
		body := <-seen
		bodies[body]++
		if bodies[body] > 1 {
			t.Errorf("%s was sent %d times", body, bodies[body])
		}
	}
	if len(bodies) != calls || outcomes[models.OutcomeSent] != calls/2 || outcomes[models.OutcomeUnknown] != calls/2 {
		t.Errorf("%d messages arrived; outcomes %v", len(bodies), outcomes)
	}
}

// TestSendOnIdleConnectionsThatWereClosed closes the connection after every answer without having said so.
func TestSendOnIdleConnectionsThatWereClosed(t *testing.T) {
	var arrived atomic.Int32
	graph := serveConns(t, func(c net.Conn) {
		if readRequest(c) {
			arrived.Add(1)
			_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n{\"message_id\":\"m_1\"}")
		}
	})
	client := newClient(t, Config{GraphURL: graph})
	var sentCount, unknown, notSent int32
	for range 50 {
		switch a := client.Send(t.Context(), "101", pageToken, reply("Ciao")); a.Outcome {
		case models.OutcomeSent:
			sentCount++
		case models.OutcomeUnknown:
			unknown++
		case models.OutcomeNotSent:
			notSent++
		default:
			t.Errorf("%+v", a)
		}
	}
	// Whether the close is seen before the next call is written is chance. That none is sent twice is not.
	if n := arrived.Load(); n < sentCount || n > sentCount+unknown {
		t.Errorf("%d arrived; %d sent, %d unknown, %d not sent", n, sentCount, unknown, notSent)
	}
}

func TestSendFollowsNoRedirect(t *testing.T) {
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the redirect was followed") }))
	defer elsewhere.Close()
	server := httptest.NewServer(http.RedirectHandler(elsewhere.URL, http.StatusTemporaryRedirect))
	defer server.Close()
	client := newClient(t, Config{GraphURL: server.URL, Transport: newTransport()})
	if a := client.Send(t.Context(), "101", pageToken, reply("Ciao")); a.Outcome != models.OutcomeTransient {
		t.Errorf("%+v", a)
	}
}

// TestBodyIsReadOnce holds the promise on which "not sent" rests, against a transport that is late.
func TestBodyIsReadOnce(t *testing.T) {
	var late io.Reader
	client := newClient(t, Config{GraphURL: "http://graph.invalid", Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
		if r.GetBody != nil {
			t.Error("the body can be had twice")
		}
		late = r.Body
		return nil, errors.New("no connection")
	})})
	if a := client.Send(t.Context(), "101", pageToken, reply("Ciao")); a.Outcome != models.OutcomeNotSent {
		t.Errorf("%+v", a)
	}
	if b, err := io.ReadAll(late); len(b) != 0 || err == nil {
		t.Errorf("read %q after the call was given up, %v", b, err)
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// serveConns runs a server that handles raw connections, and closes each when its handler returns.
func serveConns(t *testing.T, handle func(net.Conn)) (graph string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			c, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer func() { _ = c.Close() }()
				handle(c)
			}()
		}
	}()
	return "http://" + listener.Addr().String()
}

// readRequest reads one whole request and reports whether it came.
func readRequest(c net.Conn) bool {
	r, err := http.ReadRequest(bufio.NewReader(c))
	if err != nil {
		return false
	}
	_, err = io.Copy(io.Discard, r.Body)
	return err == nil
}

func discardLog() *log.Logger { return log.New(io.Discard, "", 0) }
