package web_test

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // to look at the tables beside the store

	"bentornato/models"
	"bentornato/models/restock"
	"bentornato/models/store"
	"bentornato/models/store/storetest"
	"bentornato/web"
	"bentornato/web/messenger"
)

const (
	pageID      = "101000000000001"
	otherPage   = "101000000000002"
	appSecret   = "an app secret"
	verifyToken = "a verify token"
	baseURL     = "https://shop.example"
)

// site is the whole product but for the dispatcher, on a database of its own.
type site struct {
	t       *testing.T
	store   *store.Store
	work    *restock.Service
	server  *web.Server
	handler http.Handler
	clock   *storetest.Clock
	address string
	db      *sql.DB
	wakes   *waker
	logs    *bytes.Buffer
	key     string // of role staff
	desk    *lateDesk
}

// lateDesk is the platform's side of Pages, for tests that give it one.
type lateDesk struct {
	restock.PageDesk
	restock.TemplateDesk
}

// emptyList is a platform on which no Page has recurring permissions.
type emptyList struct{}

func (emptyList) ListOptIns(context.Context, string, string, string) ([]models.ListedOptIn, string, error) {
	return nil, "", nil
}

// waker counts what the workflows tell the dispatcher.
type waker struct{ woken atomic.Int64 }

func (w *waker) Wake()      { w.woken.Add(1) }
func (w *waker) Halt(int64) {}

// silent sends nothing: what is sent is no matter of this package.
type silent struct{}

func (silent) Send(context.Context, string, string, models.Outgoing) models.Answer {
	return models.Answer{Outcome: models.OutcomeNotSent}
}

// each runs a test on every database. change may alter the configuration.
func each(t *testing.T, test func(t *testing.T, s *site), change ...func(*web.Config)) {
	t.Helper()
	storetest.EachURL(t, func(t *testing.T, address string) { test(t, newSite(t, address, change...)) })
}

func newSite(t *testing.T, address string, change ...func(*web.Config)) *site {
	t.Helper()
	s := &site{t: t, address: address, clock: storetest.NewClock(), wakes: &waker{}, logs: &bytes.Buffer{}, desk: &lateDesk{}}
	s.store = storetest.Open(t, address, s.clock.Now)
	driver, dsn := "pgx", address
	if path, ok := strings.CutPrefix(address, "sqlite:"); ok {
		driver, dsn = "sqlite3", "file:"+path+"?mode=ro&_busy_timeout=5000"
	}
	var err error
	if s.db, err = sql.Open(driver, dsn); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.db.Close() })

	log := slog.New(slog.NewJSONHandler(s.logs, &slog.HandlerOptions{Level: slog.LevelDebug}))
	s.work = restock.New(s.store, silent{}, s.wakes, s.clock.Now, log, restock.Config{BaseURL: baseURL, UnknownGrace: 2 * time.Minute, Desk: s.desk, OptIns: emptyList{}, Templates: s.desk})
	ingester := store.NewIngester(s.store, s.wakes.Wake)
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- ingester.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	cfg := web.Config{Reader: s.store, Work: s.work, Ingester: ingester, Sessions: store.NewSessions(s.store), BaseURL: baseURL,
		AppSecret: appSecret, VerifyToken: verifyToken, Now: s.clock.Now, Log: log, Version: "test"}
	for _, f := range change {
		f(&cfg)
	}
	if s.server, err = web.New(cfg); err != nil {
		t.Fatal(err)
	}
	s.handler = s.server.Handler()
	s.addPage(pageID, nil)
	s.key = s.addKey(models.RoleStaff)
	return s
}

func (s *site) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s *site) addPage(id string, set func(*models.Page)) models.Page {
	s.t.Helper()
	p := models.Page{ID: id, Name: "Shop " + id[len(id)-1:], Rate: 40, Locale: "it", TimeZone: "Europe/Rome"}
	if set != nil {
		set(&p)
	}
	s.must(s.work.SavePage(context.Background(), p, "page token "+id))
	return p
}

func (s *site) addKey(role models.Role) string {
	s.t.Helper()
	key, err := s.work.AddKey(context.Background(), string(role), role, "")
	s.must(err)
	return key
}

// product lists a variant with a stock.
func (s *site) product(page, sku string, available int) models.Variant {
	s.t.Helper()
	saved, err := s.work.SaveProduct(context.Background(), models.Listing{Stock: &models.Stock{Available: available},
		Variant: models.Variant{PageID: page, SKU: sku, Title: "Tazza " + sku, URL: "https://shop.example/p/" + sku, MinStock: 1, PriceMinor: 1250, Currency: "EUR"}})
	s.must(err)
	return saved.Variant
}

// token grants a token for a variant to a person.
func (s *site) token(v models.Variant, psid string) models.Token {
	s.t.Helper()
	var k models.Token
	s.must(s.store.Update(context.Background(), func(tx *store.Tx) error {
		c, err := tx.TakeContact(v.PageID, psid)
		if err != nil {
			return err
		}
		c.LastActionAt = tx.Now()
		if err := tx.SaveWindow(c); err != nil {
			return err
		}
		k, _, err = tx.GrantToken(models.Token{PageID: v.PageID, ContactID: c.ID, VariantID: v.ID, GrantedAt: tx.Now()}, "the secret token of "+psid)
		return err
	}))
	return k
}

// tables hold the facts that a refused call must leave alone. Not among them: sources and keys, which remember
// refusals and use.
var tables = []string{"pages", "contacts", "products", "variants", "interests", "optin_requests", "tokens", "attempts", "restocks", "clicks", "orders",
	"messages", "inbound_events", "utility_templates", "sellouts", "stock_reports", "source_events", "users", "erasures"}

// facts is everything on record, as text.
func (s *site) facts() string {
	s.t.Helper()
	var b strings.Builder
	for _, table := range tables {
		rows, err := s.db.Query("SELECT * FROM " + table)
		s.must(err)
		columns, err := rows.Columns()
		s.must(err)
		for rows.Next() {
			row := make([]any, len(columns))
			for i := range row {
				row[i] = new(any)
			}
			s.must(rows.Scan(row...))
			fmt.Fprint(&b, table)
			for _, v := range row {
				fmt.Fprintf(&b, " %v", *v.(*any))
			}
			b.WriteByte('\n')
		}
		s.must(rows.Err())
		rows.Close()
	}
	return b.String()
}

// unchanged runs something that must change no fact.
func (s *site) unchanged(do func()) {
	s.t.Helper()
	before := s.facts()
	do()
	if after := s.facts(); after != before {
		s.t.Errorf("something was written:\nbefore:\n%s\nafter:\n%s", before, after)
	}
}

// answer is what came back, read.
type answer struct {
	*http.Response
	body string
}

// request makes a request; options change it before it goes.
func (s *site) request(method, target, body string, options ...func(*http.Request)) answer {
	s.t.Helper()
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	for _, o := range options {
		o(r)
	}
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	res := w.Result()
	b, err := io.ReadAll(res.Body)
	s.must(err)
	return answer{res, string(b)}
}

func header(name, value string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set(name, value) }
}

func bearer(key string) func(*http.Request) { return header("Authorization", "Bearer "+key) }

// form makes a request a form that a page of this site sent.
func form(r *http.Request) {
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
}

func signed(body string) func(*http.Request) {
	return header(messenger.SignatureHeader, messenger.Sign(appSecret, []byte(body)))
}

func (a answer) is(t *testing.T, status int) answer {
	t.Helper()
	if a.StatusCode != status {
		t.Fatalf("status %d, want %d; body: %s", a.StatusCode, status, a.body)
	}
	return a
}

func (a answer) contains(t *testing.T, words ...string) answer {
	t.Helper()
	for _, w := range words {
		if !strings.Contains(a.body, w) {
			t.Errorf("the answer does not hold %q: %s", w, a.body)
		}
	}
	return a
}

// problem reads a problem detail and checks its form.
func (a answer) problem(t *testing.T, status int) map[string]any {
	t.Helper()
	a.is(t, status)
	if got := a.Header.Get("Content-Type"); got != "application/problem+json" {
		t.Errorf("content type %q, want application/problem+json", got)
	}
	p := a.json(t)
	if p["status"] != float64(status) || p["title"] != http.StatusText(status) || p["type"] == "" || p["detail"] == "" {
		t.Errorf("no problem detail for %d: %s", status, a.body)
	}
	return p
}

func (a answer) json(t *testing.T) map[string]any {
	t.Helper()
	var v map[string]any
	if err := json.Unmarshal([]byte(a.body), &v); err != nil {
		t.Fatalf("no JSON object: %v: %s", err, a.body)
	}
	return v
}

func values(pairs ...string) string {
	v := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		v.Set(pairs[i], pairs[i+1])
	}
	return v.Encode()
}
