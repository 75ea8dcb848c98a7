package restock_test

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"bentornato/models"
	"bentornato/models/restock"
	"bentornato/models/store"
	"bentornato/models/store/storetest"
)

const pageID = "101000000000000"

// platform takes every message and remembers it; answer, where set, says what the caller hears.
type platform struct {
	mu     sync.Mutex
	out    []models.Outgoing
	answer func(models.Outgoing) models.Answer
}

func (p *platform) Send(_ context.Context, _, _ string, o models.Outgoing) models.Answer {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.out = append(p.out, o)
	if p.answer != nil {
		return p.answer(o)
	}
	return models.Answer{Outcome: models.OutcomeSent, MessageID: fmt.Sprintf("m_%d", len(p.out)), RecipientID: o.Recipient.PSID}
}

// waker remembers what it was told.
type waker struct {
	mu     sync.Mutex
	wakes  int
	halted []int64
}

func (w *waker) Wake()        { w.mu.Lock(); w.wakes++; w.mu.Unlock() }
func (w *waker) Halt(v int64) { w.mu.Lock(); w.halted = append(w.halted, v); w.mu.Unlock() }

// world is a shop on a fresh database, and a platform. Nothing in it runs by itself: a test applies, asks and delivers
// when it wants to.
type world struct {
	t        testing.TB
	ctx      context.Context
	store    *store.Store
	address  string
	clock    *storetest.Clock
	platform *platform
	waker    *waker
	service  *restock.Service
	logs     *bytes.Buffer
	events   int
	held     int
}

// each runs a test on every database.
func each(t *testing.T, test func(t *testing.T, w *world)) {
	t.Helper()
	storetest.EachURL(t, func(t *testing.T, address string) { test(t, newWorld(t, address)) })
}

func newWorld(t testing.TB, address string) *world {
	t.Helper()
	w := &world{t: t, ctx: context.Background(), address: address, clock: storetest.NewClock(), platform: &platform{}, waker: &waker{}, logs: &bytes.Buffer{}}
	w.store = storetest.Open(t, address, w.clock.Now)
	w.service = w.serviceAt("https://bentornato.test")
	w.page(models.PageSettings{})
	return w
}

func (w *world) serviceAt(base string) *restock.Service {
	log := slog.New(slog.NewTextHandler(w.logs, &slog.HandlerOptions{Level: slog.LevelDebug}))
	return restock.New(w.store, w.platform, w.waker, w.clock.Now, log, restock.Config{BaseURL: base, UnknownGrace: 2 * time.Minute})
}

// serviceTemplates is the service with a platform that has templates.
func (w *world) serviceTemplates(d restock.TemplateDesk) *restock.Service {
	log := slog.New(slog.NewTextHandler(w.logs, nil))
	return restock.New(w.store, w.platform, w.waker, w.clock.Now, log, restock.Config{BaseURL: "https://bentornato.test", UnknownGrace: 2 * time.Minute, Templates: d})
}

// serviceWith is the service with a platform that sets Pages up.
func (w *world) serviceWith(d restock.PageDesk) *restock.Service {
	log := slog.New(slog.NewTextHandler(w.logs, nil))
	return restock.New(w.store, w.platform, w.waker, w.clock.Now, log, restock.Config{BaseURL: "https://bentornato.test", UnknownGrace: 2 * time.Minute, Desk: d})
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// page saves the Page with settings.
func (w *world) page(s models.PageSettings) {
	w.t.Helper()
	w.must(w.service.SavePage(w.ctx, models.Page{ID: pageID, Name: "Bottega", Rate: 300, Locale: "it", TimeZone: "Europe/Rome", Settings: s}, "page-token"))
}

// product lists a variant with a quantity.
func (w *world) product(sku, title string, available int) models.Variant {
	w.t.Helper()
	return w.listing(models.Variant{SKU: sku, Title: title}, available)
}

func (w *world) listing(v models.Variant, available int) models.Variant {
	w.t.Helper()
	v.PageID, v.URL, v.PriceMinor, v.Currency = pageID, "https://shop.test/"+v.SKU, 2450, "EUR"
	saved, err := w.service.SaveProduct(w.ctx, models.Listing{Variant: v, Stock: &models.Stock{Available: available}})
	w.must(err)
	return saved.Variant
}

func (w *world) stock(v models.Variant, available int) {
	w.t.Helper()
	_, err := w.service.ReportByHand(w.ctx, v.ID, models.Stock{Available: available})
	w.must(err)
}

// receive stores an event and applies all there is. The event happens now, unless it says when.
func (w *world) receive(e models.Event) {
	w.t.Helper()
	w.events++
	if e.PageID == "" {
		e.PageID = pageID
	}
	if e.Key == "" {
		e.Key = fmt.Sprintf("event/%d", w.events)
	}
	if e.At.IsZero() {
		e.At = w.clock.Now()
	}
	w.must(w.store.Update(w.ctx, func(tx *store.Tx) error { return tx.SaveInbound([]models.Event{e}) }))
	w.apply()
}

func (w *world) apply() {
	w.t.Helper()
	for more := true; more; {
		var err error
		more, err = w.service.Apply(w.ctx)
		w.must(err)
	}
}

// says is a message with words.
func (w *world) says(psid, text string) {
	w.t.Helper()
	w.receive(models.Event{Kind: models.EventMessage, PSID: psid, MID: fmt.Sprintf("mid.%d", w.events), Text: text})
}

// taps answers a request.
func (w *world) taps(psid string, request models.Outgoing, token string) {
	w.t.Helper()
	w.receive(models.Event{Kind: models.EventOptIn, PSID: psid, Payload: request.Content.Request.Payload, Token: token})
}

// ask asks the people whose item sold out.
func (w *world) ask() {
	w.t.Helper()
	for more := true; more; {
		var err error
		more, err = w.service.AskSoldOut(w.ctx)
		w.must(err)
	}
}

// deliver claims and sends what may be sent now, and returns it.
func (w *world) deliver() []models.Outgoing {
	w.t.Helper()
	begin := len(w.platform.out)
	for {
		c, err := w.store.Claim(w.ctx, store.ClaimQuery{PageID: pageID, Horizon: time.Hour, Lease: 30 * time.Second, Max: 100})
		w.must(err)
		if len(c.Messages)+len(c.Tokens) == 0 {
			return w.platform.out[begin:]
		}
		var messages []store.SettledMessage
		for _, m := range c.Messages {
			sent, answer := w.service.DeliverMessage(w.ctx, c.Page, "page-token", m)
			messages = append(messages, store.SettledMessage{Message: sent, Answer: answer})
		}
		w.must(w.store.SettleMessages(w.ctx, messages))
		var tokens []models.Settlement
		for _, k := range c.Tokens {
			tokens = append(tokens, w.service.DeliverNotification(w.ctx, c.Page, "page-token", k))
		}
		w.must(w.store.Settle(w.ctx, tokens))
	}
}

// kinds counts what was sent by kind.
func kinds(out []models.Outgoing) map[models.SendKind]int {
	n := map[models.SendKind]int{}
	for _, o := range out {
		n[o.Kind]++
	}
	return n
}

// requests are the opt-in requests among what was sent.
func requests(out []models.Outgoing) []models.Outgoing {
	var list []models.Outgoing
	for _, o := range out {
		if o.Kind == models.SendRequest {
			list = append(list, o)
		}
	}
	return list
}

// holder asks about a sold-out variant, is asked, and taps: a person with a waiting token.
func (w *world) holder(psid string, v models.Variant) {
	w.t.Helper()
	w.receive(models.Event{Kind: models.EventReferral, PSID: psid, Ref: v.Ref})
	out := requests(w.deliver())
	if len(out) != 1 {
		w.t.Fatalf("%s was asked %d times about %s, want once", psid, len(out), v.SKU)
	}
	w.held++
	w.taps(psid, out[0], fmt.Sprintf("token-of-%s-%s.%d", psid, v.SKU, w.held))
}

func (w *world) contact(psid string) models.Contact {
	w.t.Helper()
	c, err := w.store.ContactByPSID(w.ctx, pageID, psid)
	w.must(err)
	return c
}

func (w *world) stats() models.Stats {
	w.t.Helper()
	s, err := w.store.Stats(w.ctx, "")
	w.must(err)
	return s
}

func (w *world) tokens(state models.TokenState) int {
	w.t.Helper()
	return w.stats().Tokens[state]
}

// restocks lists every restock, the newest first.
func (w *world) restocks() []models.RestockRow {
	w.t.Helper()
	list, _, err := w.store.Restocks(w.ctx, models.RestockQuery{Limit: 100})
	w.must(err)
	return list
}

// only is the one restock there is.
func (w *world) only() models.Restock {
	w.t.Helper()
	list := w.restocks()
	if len(list) != 1 {
		w.t.Fatalf("there are %d restocks, want 1", len(list))
	}
	return list[0].Restock
}

func (w *world) sweep() {
	w.t.Helper()
	w.must(w.store.Sweep(w.ctx, 2*time.Minute))
}

// sound counts every counter again, and finds no event that could not be applied.
func (w *world) sound() {
	w.t.Helper()
	if wrong, err := w.store.Audit(w.ctx); err != nil || len(wrong) > 0 {
		w.t.Errorf("counters do not agree with their rows: %v, %v", wrong, err)
	}
	if n, err := w.store.FailedEvents(w.ctx, storetest.Epoch.Add(-time.Hour)); err != nil || n != 0 {
		w.t.Errorf("%d events could not be applied, error %v", n, err)
	}
	if strings.Contains(w.logs.String(), "level=ERROR") {
		w.t.Errorf("errors in the log: %s", w.logs)
	}
}

// open is a connection of the test's own, past the store.
func (w *world) open() *sql.DB {
	w.t.Helper()
	driver, source := "pgx", w.address
	if file, ok := strings.CutPrefix(w.address, "sqlite:"); ok {
		driver, source = "sqlite3", "file:"+file
	}
	db, err := sql.Open(driver, source)
	w.must(err)
	return db
}

// breakTitle leaves a variant with a title and a picture that no person could have saved.
func (w *world) breakTitle(v models.Variant) {
	w.t.Helper()
	db := w.open()
	defer func() { w.must(db.Close()) }()
	_, err := db.ExecContext(w.ctx, "UPDATE variants SET available = 1, title = '', image_url = 'no address' WHERE sku = '"+v.SKU+"'")
	w.must(err)
}

// dump is every value of every table, as text.
func (w *world) dump() string {
	w.t.Helper()
	tables := "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"
	if strings.HasPrefix(w.address, "sqlite:") {
		tables = "SELECT name FROM sqlite_master WHERE type = 'table'"
	}
	db := w.open()
	defer func() { w.must(db.Close()) }()
	var b strings.Builder
	var names []string
	w.rows(db, tables, func(values []any) { names = append(names, text(values[0])) })
	for _, name := range names {
		w.rows(db, "SELECT * FROM "+name, func(values []any) {
			fmt.Fprintf(&b, "%s:", name)
			for _, v := range values {
				b.WriteString(" " + text(v))
			}
			b.WriteString("\n")
		})
	}
	if len(names) < 20 {
		w.t.Fatalf("the dump holds %d tables", len(names))
	}
	return b.String()
}

func (w *world) rows(db *sql.DB, query string, each func([]any)) {
	w.t.Helper()
	rows, err := db.QueryContext(w.ctx, query)
	w.must(err)
	defer func() { w.must(rows.Close()) }()
	columns, err := rows.Columns()
	w.must(err)
	for rows.Next() {
		values := make([]any, len(columns))
		into := make([]any, len(columns))
		for i := range values {
			into[i] = &values[i]
		}
		w.must(rows.Scan(into...))
		each(values)
	}
	w.must(rows.Err())
}

func text(v any) string {
	if b, ok := v.([]byte); ok {
		return string(b)
	}
	return fmt.Sprint(v)
}
