package sandbox

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// The tests here run in a bubble of pretend time, where sleeping takes none.

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
