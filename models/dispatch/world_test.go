package dispatch_test

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"bentornato/models"
	"bentornato/models/dispatch"
	"bentornato/models/restock"
	"bentornato/models/store"
	"bentornato/models/store/storetest"
)

const pageID = "101000000000000"

// platform is a pretend Messenger behind the Sender interface: it spends each token once, as the real one does.
type platform struct {
	mu       sync.Mutex
	now      func() time.Time
	requests []models.Outgoing
	replies  []models.Outgoing
	accepted map[string]int // token to messages that reached its person
	calls    map[string]int // token to calls made with it
	times    []time.Time
	// answer decides each notification's fate before the platform looks at the token; nil: it is accepted.
	answer func(token string, call int) fate
	// hang holds a call up; nil: none.
	hang func(token string)
}

// fate is what happens to a call.
type fate struct {
	accept bool          // the message reaches its person, if the token is good
	answer models.Answer // what the caller hears; the zero Outcome: what the platform says
}

func newPlatform(now func() time.Time) *platform {
	return &platform{now: now, accepted: map[string]int{}, calls: map[string]int{}}
}

func (p *platform) Send(_ context.Context, _, _ string, o models.Outgoing) models.Answer {
	if p.hang != nil {
		p.hang(o.Recipient.Token)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	switch o.Kind {
	case models.SendRequest:
		p.requests = append(p.requests, o)
	case models.SendNotification:
		return p.notify(o)
	default:
		p.replies = append(p.replies, o)
	}
	return models.Answer{Outcome: models.OutcomeSent, MessageID: fmt.Sprintf("m_%d", len(p.requests)+len(p.replies))}
}

func (p *platform) notify(o models.Outgoing) models.Answer {
	token := o.Recipient.Token
	p.calls[token]++
	p.times = append(p.times, time.Now())
	f := fate{accept: true}
	if p.answer != nil {
		f = p.answer(token, p.calls[token])
	}
	said := models.Answer{Outcome: models.OutcomeSent, MessageID: "m_" + token}
	if f.accept {
		if p.accepted[token] > 0 {
			said = models.Answer{Outcome: models.OutcomeDead, Code: 100}
		} else {
			p.accepted[token]++
		}
	}
	if f.answer.Outcome != "" {
		return f.answer
	}
	return said
}

func (p *platform) counts() (requests, accepted, calls int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, n := range p.accepted {
		accepted += n
	}
	for _, n := range p.calls {
		calls += n
	}
	return len(p.requests), accepted, calls
}

// world is the whole engine on a fresh database.
type world struct {
	t        *testing.T
	store    *store.Store
	clock    *storetest.Clock
	platform *platform
	service  *restock.Service
	engine   *dispatch.Engine
	apply    *dispatch.Loop
	ask      *dispatch.Loop
	ingester *store.Ingester
	variant  models.Variant
	stop     func()
	events   int
}

// waker passes wakes on to an engine that is made after the service.
type waker struct {
	engine *dispatch.Engine
	loops  []*dispatch.Loop
}

func (w *waker) Wake() {
	w.engine.Wake()
	for _, l := range w.loops {
		l.Wake()
	}
}
func (w *waker) Halt(variantID int64) { w.engine.Halt(variantID) }

// courier lets the engine be made before the service that it calls.
type courier struct{ service *restock.Service }

func (c *courier) DeliverNotification(ctx context.Context, p models.Page, access string, k store.ClaimedToken) models.Settlement {
	return c.service.DeliverNotification(ctx, p, access, k)
}

func (c *courier) DeliverMessage(ctx context.Context, p models.Page, access string, m store.ClaimedMessage) (models.Message, models.Answer) {
	return c.service.DeliverMessage(ctx, p, access, m)
}

func newWorld(t *testing.T, s *store.Store, clock *storetest.Clock) *world {
	t.Helper()
	return newWorldWith(t, s, clock, dispatch.Config{})
}

// newWorldWith is newWorld with an engine of its own making.
func newWorldWith(t *testing.T, s *store.Store, clock *storetest.Clock, cfg dispatch.Config) *world {
	t.Helper()
	cfg.Grace, cfg.Poll = time.Minute, 20*time.Millisecond
	w := &world{t: t, store: s, clock: clock, platform: newPlatform(clock.Now)}
	log := slog.New(slog.NewTextHandler(t.Output(), nil))
	wake, post := &waker{}, &courier{}
	w.service = restock.New(s, w.platform, wake, clock.Now, log, restock.Config{BaseURL: "http://shop.test", UnknownGrace: time.Minute})
	post.service = w.service
	w.engine = dispatch.New(s, post, clock.Now, log, cfg)
	w.apply = dispatch.NewLoop("apply", 20*time.Millisecond, log, w.service.Apply)
	w.ask = dispatch.NewLoop("ask", 20*time.Millisecond, log, w.service.AskSoldOut)
	wake.engine, wake.loops = w.engine, []*dispatch.Loop{w.apply, w.ask}
	w.ingester = store.NewIngester(s, w.apply.Wake)
	w.must(s.Update(t.Context(), func(tx *store.Tx) error {
		return tx.SavePage(models.Page{ID: pageID, Name: "Bottega", Rate: 300, Locale: "it", TimeZone: "Europe/Rome"}, "page-token")
	}))
	w.variant = w.product("TAZZA-BLU", "Tazza Alba blu", 0)
	return w
}

func (w *world) product(sku, title string, available int) models.Variant {
	w.t.Helper()
	saved, err := w.service.SaveProduct(w.t.Context(), models.Listing{
		Variant: models.Variant{PageID: pageID, SKU: sku, Title: title, URL: "https://shop.test/" + sku, PriceMinor: 2450, Currency: "EUR", MinStock: 1},
		Stock:   &models.Stock{Available: available}})
	w.must(err)
	return saved.Variant
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// run starts everything until the test ends or stop is called.
func (w *world) run() {
	ctx, cancel := context.WithCancel(context.Background())
	var all sync.WaitGroup
	for _, run := range []func(context.Context) error{w.engine.Run, w.apply.Run, w.ask.Run, w.ingester.Run} {
		all.Go(func() {
			if err := run(ctx); err != nil {
				w.t.Error(err)
			}
		})
	}
	w.stop = sync.OnceFunc(func() { cancel(); all.Wait() })
	w.t.Cleanup(w.stop)
}

func (w *world) event(e models.Event) {
	w.t.Helper()
	w.events++
	e.PageID = pageID
	if e.Key == "" {
		e.Key = fmt.Sprintf("%s/%d", e.Kind, w.events)
	}
	if e.At.IsZero() {
		e.At = w.clock.Now()
	}
	w.must(w.ingester.Ingest(w.t.Context(), []models.Event{e}))
}

// grant gives n people a waiting token, straight in the store.
func (w *world) grant(n int, v models.Variant) {
	w.t.Helper()
	w.must(w.store.Update(w.t.Context(), func(tx *store.Tx) error {
		for i := range n {
			c, err := tx.TakeContact(pageID, fmt.Sprintf("24%013d", i))
			if err != nil {
				return err
			}
			_, _, err = tx.GrantToken(models.Token{PageID: pageID, ContactID: c.ID, VariantID: v.ID,
				GrantedAt: tx.Now().Add(-time.Hour + time.Duration(i)*time.Millisecond)}, fmt.Sprintf("tok-%s-%d", v.SKU, i))
			if err != nil {
				return err
			}
		}
		return nil
	}))
}

func (w *world) stock(v models.Variant, n int) {
	w.t.Helper()
	_, err := w.service.ReportByHand(w.t.Context(), v.ID, models.Stock{Available: n})
	w.must(err)
}

// until waits for a condition, by asking again and again; the limit only ends a test that has failed.
func (w *world) until(what string, met func() bool) {
	w.t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for !met() {
		if time.Now().After(deadline) {
			s, _ := w.store.Stats(w.t.Context(), "")
			requests, accepted, calls := w.platform.counts()
			w.t.Fatalf("never came true: %s (stats %+v; requests %d, accepted %d, calls %d)", what, s, requests, accepted, calls)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

func (w *world) tokens(state models.TokenState) int {
	w.t.Helper()
	s, err := w.store.Stats(w.t.Context(), "")
	w.must(err)
	return s.Tokens[state]
}

// audit counts every counter again from the rows it stands for.
func (w *world) audit() {
	w.t.Helper()
	if wrong, err := w.store.Audit(w.t.Context()); err != nil || len(wrong) > 0 {
		w.t.Errorf("counters do not agree with their rows: %v, %v", wrong, err)
	}
}
