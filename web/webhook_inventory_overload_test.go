package web_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"bentornato/models"
	"bentornato/models/store"
	"bentornato/web/inventory"
)

// TestInventoryWebhookOverload sends away at once, with 503 and when to come back, what is more than can wait for a database
// that does not answer, and loses nothing of the rest.
func TestInventoryWebhookOverload(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		const room, calls = 256, 300
		v := s.product(pageID, "MUG-BLUE", 0)
		source := s.genericSource()
		held, release := make(chan struct{}), make(chan struct{})
		var blocked sync.WaitGroup
		blocked.Go(func() {
			s.must(s.store.Update(context.Background(), func(tx *store.Tx) error {
				if err := tx.SourceHeard(source.ID); err != nil {
					return err
				}
				close(held)
				<-release
				return nil
			}))
		})
		<-held
		answers := make(chan answer, calls)
		for i := range calls {
			body := stockAt(s.clock.Now(), "MUG-BLUE", 5+i%2)
			go func() {
				answers <- s.request("POST", "/webhooks/inventory/"+source.ID, body, standard(genericKey, fmt.Sprintf("r%d", i), s.clock.Now(), body))
			}()
		}
		for range calls - room {
			a := <-answers
			if a.problem(t, 503); a.Header.Get("Retry-After") == "" {
				t.Error("the answer does not say when to try again")
			}
		}
		close(release)
		blocked.Wait()
		for range room {
			(<-answers).is(t, 202)
		}
		var err error
		if v, err = s.store.Variant(context.Background(), v.ID); err != nil || v.Available < 5 {
			t.Errorf("the stock is %d: %v", v.Available, err)
		}
		if now, err := s.store.Source(context.Background(), source.ID); err != nil || now.Refused != 0 {
			t.Errorf("what came too much at once counts as %d refused: %v", now.Refused, err)
		}
	})
}

// TestInventoryWebhookGivenUp applies what a caller sent that did not wait for the answer: Odoo hangs up after a second, and
// never calls again.
func TestInventoryWebhookGivenUp(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		v := s.product(pageID, "MUG-BLUE", 0)
		source := s.source(inventory.Odoo, "odookey")
		gone, hangUp := context.WithCancel(context.Background())
		body := hungUp{strings.NewReader(`{"_model":"product.product","_id":1,"default_code":"MUG-BLUE","qty_available":7}`), hangUp}
		r := func(r *http.Request) { *r = *r.WithContext(gone); r.Body = body; r.ContentLength = -1 }
		s.request("POST", "/webhooks/inventory/"+source.ID+"?key=odookey", "", r).is(t, 200)
		if v, err := s.store.Variant(context.Background(), v.ID); err != nil || v.Available != 7 {
			t.Errorf("the stock is %d: %v", v.Available, err)
		}
	})
}

// hungUp is a body whose sender is gone once it was sent.
type hungUp struct {
	*strings.Reader
	hangUp func()
}

func (h hungUp) Close() error { return nil }

func (h hungUp) Read(p []byte) (int, error) {
	n, err := h.Reader.Read(p)
	if err != nil {
		h.hangUp()
	}
	return n, err
}

// TestInventoryWebhookTooLong refuses a body over 5 MiB of every system, whether it says its length or not, and says so in
// that system's own way.
func TestInventoryWebhookTooLong(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		big := strings.Repeat(" ", inventory.MaxBody+1)
		for _, kind := range inventory.Kinds() {
			secret, err := inventory.NewSecret(kind)
			s.must(err)
			path := "/webhooks/inventory/" + s.source(kind, secret).ID
			s.unchanged(func() {
				for _, length := range []int64{int64(len(big)), -1} {
					a := s.request("POST", path, big, func(r *http.Request) { r.ContentLength = length }).is(t, 413)
					if kind == inventory.Danea && !strings.Contains(a.body, "5 MB") {
						t.Errorf("Easyfatt is answered %q", a.body)
					}
				}
			})
		}
	})
}

// TestInventoryWebhookTwoSecrets takes what either of two secrets signed while a source's secret changes, of every system
// whose secret is one, and after the end of the old one only the new.
func TestInventoryWebhookTwoSecrets(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		for _, kind := range inventory.Kinds() {
			if !inventory.Testable(kind) {
				continue
			}
			old, next := s.secretOf(kind), s.secretOf(kind)
			source := s.source(kind, old)
			s.must(s.work.RotateSecret(context.Background(), source.ID, next))
			send := func(secret string) int {
				call, err := inventory.TestCall(context.Background(), kind, baseURL+"/webhooks/inventory/"+source.ID, secret, s.clock.Now())
				s.must(err)
				return s.requestOf(call).StatusCode
			}
			if a, b := send(old), send(next); a/100 != 2 || b/100 != 2 {
				t.Errorf("%s: the old secret is answered %d, the new one %d", kind, a, b)
			}
			s.must(s.work.EndOldSecret(context.Background(), source.ID))
			if a, b := send(old), send(next); a != 401 || b/100 != 2 {
				t.Errorf("%s: once the old secret is over it is answered %d, the new one %d", kind, a, b)
			}
		}
	})
}

func (s *site) secretOf(kind models.SourceKind) string {
	s.t.Helper()
	secret, err := inventory.NewSecret(kind)
	s.must(err)
	return secret
}

// requestOf makes a call that was made for a client.
func (s *site) requestOf(call *http.Request) answer {
	s.t.Helper()
	return s.request(call.Method, call.URL.RequestURI(), "", func(r *http.Request) { r.Header, r.Body, r.ContentLength = call.Header, call.Body, call.ContentLength })
}
