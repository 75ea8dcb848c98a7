package messenger

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"bentornato/models"
)

// Defaults and limits of a Client.
const (
	// DefaultTimeout is how long one call may take, from the dial to the last byte of the answer.
	DefaultTimeout = 10 * time.Second
	// dialTimeout and idleTimeout: a connection is given up well before servers and the devices between close
	// idle ones, since a send that meets such a close has no answer and must be counted as unknown.
	dialTimeout = 5 * time.Second
	idleTimeout = 30 * time.Second
	// maxIdlePerHost lets a restock's bursts reuse their connections: the platform's ceiling is 300 sends a second.
	maxIdlePerHost = 512
	// maxAnswer is the longest answer that is read, in bytes. Real ones have a few hundred.
	maxAnswer = 1 << 20
)

// Config says how to reach the platform.
type Config struct {
	// GraphURL is the Graph API's address, its version included: https://graph.facebook.com/v25.0.
	GraphURL string
	// AppSecret, where set, adds an appsecret_proof to every call.
	AppSecret string
	// AppID is our app's, to find it among those that a Page is subscribed to, and to sign people in with.
	AppID string
	// LoginURL is where people sign in and choose Pages. Where it is empty it is found from GraphURL: Facebook's own for
	// graph.facebook.com, /dialog/oauth under any other.
	LoginURL string
	// Timeout is for one call; 0 means DefaultTimeout.
	Timeout time.Duration
	// Transport replaces the client's own connections.
	Transport http.RoundTripper
	// Now is the clock for Retry-After dates; nil means time.Now.
	Now func() time.Time
}

// Client calls the Graph API. It is safe for use by many goroutines, and one is enough for a process.
type Client struct {
	graph     string
	appSecret string
	timeout   time.Duration
	appID     string
	loginURL  string
	transport http.RoundTripper
	now       func() time.Time
}

// New makes a Client. It makes no call: an address that cannot be reached shows in the first one.
func New(c Config) *Client {
	client := &Client{
		graph:     strings.TrimRight(c.GraphURL, "/"),
		appSecret: c.AppSecret,
		appID:     c.AppID,
		loginURL:  c.LoginURL,
		timeout:   c.Timeout,
		transport: c.Transport,
		now:       c.Now,
	}
	if client.timeout <= 0 {
		client.timeout = DefaultTimeout
	}
	if client.now == nil {
		client.now = time.Now
	}
	if client.transport == nil {
		client.transport = newTransport()
	}
	return client
}

func newTransport() *http.Transport {
	dialer := &net.Dialer{Timeout: dialTimeout, KeepAlive: idleTimeout}
	return &http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		DialContext:         dialer.DialContext,
		ForceAttemptHTTP2:   true,
		TLSHandshakeTimeout: dialTimeout,
		MaxIdleConns:        maxIdlePerHost,
		MaxIdleConnsPerHost: maxIdlePerHost,
		IdleConnTimeout:     idleTimeout,
	}
}

// Close gives up the idle connections. Calls under way finish.
func (c *Client) Close() { (&http.Client{Transport: c.transport}).CloseIdleConnections() }

// Send makes one call that sends one message from a Page, and says what came of it. It is made at most once,
// whatever happens to the connection: whether a message without an answer is tried again is the caller's to
// decide.
//
// A message that is malformed is not sent: it is models.OutcomeRejected, or models.OutcomeNotSent where it would
// have spent a token, which is not to be lost for our mistake. A call that ended before its body was begun (no
// address, no connection, no handshake, no time) is models.OutcomeNotSent; one that ended later without a whole
// answer is models.OutcomeUnknown. The other outcomes are read from the answer.
func (c *Client) Send(ctx context.Context, page, accessToken string, msg models.Outgoing) models.Answer {
	body, err := encode(msg)
	if err != nil {
		if msg.Recipient.Token != "" || msg.Recipient.Recurring != "" {
			return models.Answer{Outcome: models.OutcomeNotSent, Detail: err.Error()}
		}
		return models.Answer{Outcome: models.OutcomeRejected, Detail: err.Error()}
	}
	secrets := []string{accessToken, msg.Recipient.Token, msg.Recipient.Recurring}
	r, err := c.call(ctx, request{
		method: http.MethodPost, path: []string{page, "messages"}, accessToken: accessToken, body: body,
	})
	if err != nil {
		a := models.Answer{Outcome: models.OutcomeUnknown, Detail: redact(err.Error(), secrets...)}
		if errors.Is(err, errNotSent) {
			a.Outcome = models.OutcomeNotSent
		}
		return a
	}
	return classify(r, sent{
		token:     msg.Recipient.Token != "" || msg.Recipient.Recurring != "",
		recurring: msg.Recipient.Recurring != "",
		request:   msg.Content.Request != nil,
		asks:      msg.Content.Request != nil && msg.Content.Request.Recurring,
		secrets:   secrets,
		now:       c.now(),
	})
}

// errNotSent marks a call that certainly did not reach the platform.
var errNotSent = errors.New("the call was not made")

// request is one call; answer what came back to it.
type (
	request struct {
		method      string
		path        []string
		query       url.Values
		accessToken string
		body        []byte
		secrets     []string // others in the query, to keep out of errors
	}
	answer struct {
		status int
		header http.Header
		body   []byte
	}
)

// call makes one HTTP exchange and reads the whole answer. Its errors do not hold the URL, whose query has the
// appsecret_proof in it.
func (c *Client) call(ctx context.Context, r request) (answer, error) {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	req, body, err := c.newRequest(ctx, r)
	if err != nil {
		return answer{}, errors.Join(errNotSent, withoutURL(err))
	}
	// Without a client above it, which would follow redirects: they would take the access token, or a message, somewhere that
	// was not configured.
	resp, err := c.transport.RoundTrip(req)
	if err != nil {
		if body.seal() {
			return answer{}, errors.Join(errNotSent, err)
		}
		return answer{}, err
	}
	defer func() { _ = resp.Body.Close() }()
	data, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return answer{}, err
	}
	return answer{status: resp.StatusCode, header: resp.Header, body: data}, nil
}

func (c *Client) newRequest(ctx context.Context, r request) (*http.Request, *onceBody, error) {
	path := make([]string, len(r.path))
	for i, p := range r.path {
		path[i] = url.PathEscape(p)
	}
	query := url.Values{}
	for name, values := range r.query {
		query[name] = values
	}
	if c.appSecret != "" && r.accessToken != "" {
		query.Set("appsecret_proof", Proof(c.appSecret, r.accessToken))
	}
	address := c.graph + "/" + strings.Join(path, "/")
	if len(query) > 0 {
		address += "?" + query.Encode()
	}
	req, err := http.NewRequestWithContext(ctx, r.method, address, nil)
	if err != nil {
		return nil, nil, err
	}
	if r.accessToken != "" {
		req.Header.Set("Authorization", "Bearer "+r.accessToken)
	}
	req.Header.Set("Accept", "application/json")
	body := &onceBody{data: r.body}
	if r.body != nil {
		req.Header.Set("Content-Type", "application/json")
		// GetBody stays nil and there is no Idempotency-Key: net/http may then use another connection only while
		// it has not begun to read the body, so nothing is ever sent twice.
		req.Body, req.ContentLength = body, int64(len(r.body))
	}
	return req, body, nil
}

// onceBody is a request's body that is read once, and knows whether it was. The platform cannot act on a call
// whose body it does not have: so long as the body was not begun, nothing was sent. httptrace's hooks say less,
// as they run beside the answer and not before it.
type onceBody struct {
	state atomic.Int32 // fresh, begun or sealed
	data  []byte
	read  int
}

const (
	bodyFresh = iota
	bodyBegun
	bodySealed
)

func (b *onceBody) Read(p []byte) (int, error) {
	if !b.state.CompareAndSwap(bodyFresh, bodyBegun) && b.state.Load() == bodySealed {
		return 0, errNotSent
	}
	if b.read == len(b.data) {
		return 0, io.EOF
	}
	n := copy(p, b.data[b.read:])
	b.read += n
	return n, nil
}

func (b *onceBody) Close() error { return nil }

// seal reports whether the body was never begun, and keeps it so: a transport that is late to notice the end of
// the call cannot send it after all.
func (b *onceBody) seal() bool { return b.state.CompareAndSwap(bodyFresh, bodySealed) }

// withoutURL takes the address, with what stands in its query, off an error.
func withoutURL(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}
