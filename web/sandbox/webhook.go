package sandbox

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha1" // the legacy signature header
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"net/http"
	"net/url"
	"sync"
	"time"
)

const (
	// deliveryDeadline is how long Meta waits for the answer.
	deliveryDeadline = 5 * time.Second
	// alertAfter and dropAfter are how long failures last before the developer is told, and the subscription dropped.
	alertAfter = 15 * time.Minute
	dropAfter  = time.Hour
)

func newDeliveryClient() *http.Client {
	return &http.Client{
		Timeout:       deliveryDeadline,
		Transport:     &http.Transport{MaxIdleConnsPerHost: 32, IdleConnTimeout: time.Minute},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// Run delivers webhooks until the context ends, and returns when nothing of it runs any more. What was not delivered
// by then is lost. It may be called once.
func (p *Platform) Run(ctx context.Context) error {
	p.mu.Lock()
	if p.running {
		p.mu.Unlock()
		return errors.New("sandbox: Run was called twice")
	}
	p.running = true
	p.mu.Unlock()

	n := p.options.Workers
	if n <= 0 {
		n = 8
	}
	var group sync.WaitGroup
	for range n {
		group.Go(func() { p.deliver(ctx) })
	}
	group.Go(func() { p.watchLater(ctx) })
	<-ctx.Done()
	close(p.closing)
	p.mu.Lock()
	p.post.stopped = true
	p.post.wake.Broadcast()
	p.mu.Unlock()
	group.Wait()
	if p.ownHTTP {
		p.client.CloseIdleConnections()
	}
	return nil
}

// watchLater wakes lanes when their time comes.
func (p *Platform) watchLater(ctx context.Context) {
	for {
		p.mu.Lock()
		wait, some := p.post.due(time.Now())
		p.mu.Unlock()
		if !some {
			wait = time.Hour
		}
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-p.post.kick:
		case <-ctx.Done():
			timer.Stop()
			return
		}
		timer.Stop()
	}
}

// deliver is one worker.
func (p *Platform) deliver(ctx context.Context) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for {
		for len(p.post.ready) == 0 && !p.post.stopped {
			p.post.wake.Wait()
		}
		if p.post.stopped {
			return
		}
		c := p.post.take(p.mode)
		body, err := c.body(p.now())
		twice, callback := p.mode.Duplicate, p.options.WebhookURL
		p.mu.Unlock()
		status := 0
		if err == nil {
			status, err = p.postWebhook(ctx, callback, body)
			if err == nil && twice {
				// The copy's fate is not counted: the first one was received.
				_, _ = p.postWebhook(ctx, callback, body)
			}
		}
		p.mu.Lock()
		if ctx.Err() != nil {
			return
		}
		p.settle(c, status, err)
	}
}

// settle notes what became of a parcel. The lock is held.
func (p *Platform) settle(c parcel, status int, err error) {
	now, g := p.now(), c.page
	for _, items := range c.items {
		for _, d := range items {
			d.Attempts++
			d.Status, d.Error = status, ""
			if err != nil {
				d.Error = err.Error()
			} else {
				d.State = DeliveryDelivered
			}
		}
	}
	defer p.touch()
	if err == nil {
		g.failingSince, g.alerted = time.Time{}, false
		for i, l := range c.lanes {
			n := min(len(c.items[i]), len(l.queue)) // less when the queue was dropped meanwhile
			l.queue, l.failures, l.busy = l.queue[n:], 0, false
			p.post.waiting -= n
			p.post.offer(l)
		}
		return
	}
	if g.failingSince.IsZero() {
		g.failingSince = now
	}
	switch failing := now.Sub(g.failingSince); {
	case failing >= dropAfter:
		p.dropSubscription(g)
	case failing >= alertAfter && !g.alerted:
		g.alerted = true
		p.log.Warn("webhooks have failed for 15 minutes", "page", g.ID, "error", err)
	}
	for _, l := range c.lanes {
		l.failures++
		if len(l.queue) == 0 {
			l.busy = false
			continue
		}
		p.post.after(l, p.retryDelay(l.failures), true)
	}
}

// dropSubscription is "Webhooks Disabled": the app no longer hears from the Page until it subscribes again.
func (p *Platform) dropSubscription(g *page) {
	p.log.Warn("webhooks failed for an hour: the page's subscription is dropped", "page", g.ID)
	g.subscribed, g.dropped = map[string]bool{}, true
	for _, t := range p.people {
		if t.onPage != g {
			continue
		}
		l := &t.lane
		if l.held != nil {
			l.queue = append(l.queue, l.held)
			l.held = nil
		}
		for _, d := range l.queue {
			d.State = DeliveryDropped
			p.post.waiting--
		}
		l.queue = nil
		t.held = nil
	}
}

func (p *Platform) retryDelay(failures int) time.Duration {
	if p.options.RetryDelay != nil {
		return p.options.RetryDelay(failures)
	}
	if failures < 3 {
		return 0
	}
	return min(time.Second<<min(failures-3, 6), time.Minute)
}

// postWebhook makes one POST. Only 200 is a success.
func (p *Platform) postWebhook(ctx context.Context, callback string, body []byte) (int, error) {
	ctx, cancel := context.WithTimeout(ctx, deliveryDeadline)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, callback, bytes.NewReader(body))
	if err != nil {
		return 0, err
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("User-Agent", "facebookexternalua")
	r.Header.Set("X-Hub-Signature-256", "sha256="+sign(sha256.New, p.options.AppSecret, body))
	r.Header.Set("X-Hub-Signature", "sha1="+sign(sha1.New, p.options.AppSecret, body))
	answer, err := p.client.Do(r)
	if err != nil {
		return 0, err
	}
	defer answer.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(answer.Body, 64<<10)) // so that the connection can be used again
	if answer.StatusCode != http.StatusOK {
		return answer.StatusCode, fmt.Errorf("answered %d instead of 200", answer.StatusCode)
	}
	return answer.StatusCode, nil
}

// sign is the HMAC of the exact bytes, in lower-case hex.
func sign(algorithm func() hash.Hash, secret string, body []byte) string {
	mac := hmac.New(algorithm, []byte(secret))
	mac.Write(body)
	return hex.EncodeToString(mac.Sum(nil))
}

// joinJSON writes an envelope round items that are escaped already: it must not escape their slashes again.
func joinJSON(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// VerifyWebhook asks the product for the challenge, as Meta does when a callback is saved.
func (p *Platform) VerifyWebhook(ctx context.Context) error {
	p.mu.Lock()
	callback, token := p.options.WebhookURL, p.options.VerifyToken
	p.mu.Unlock()
	return p.verify(ctx, callback, token)
}

// verify asks an address for the challenge. The lock is not held.
func (p *Platform) verify(ctx context.Context, callback, token string) error {
	p.mu.Lock()
	challenge := p.digits(10)
	p.mu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, deliveryDeadline)
	defer cancel()
	u, err := url.Parse(callback)
	if err != nil {
		return err
	}
	q := u.Query()
	q.Set("hub.mode", "subscribe")
	q.Set("hub.verify_token", token)
	q.Set("hub.challenge", challenge)
	u.RawQuery = q.Encode()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return errors.New("sandbox: the webhook's address is no address")
	}
	answer, err := p.client.Do(r)
	if err != nil {
		return errors.New("sandbox: the webhook does not answer") // the error would name the verify token
	}
	defer answer.Body.Close()
	got, err := io.ReadAll(io.LimitReader(answer.Body, 1<<10))
	if err != nil || answer.StatusCode != http.StatusOK || string(got) != challenge {
		return fmt.Errorf("sandbox: the webhook answered %d and not the challenge", answer.StatusCode)
	}
	return nil
}
