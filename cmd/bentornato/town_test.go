package main

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"bentornato/models"
	"bentornato/models/store"
	"bentornato/models/store/storetest"
	"bentornato/web/sandbox"
)

const (
	townPage  = "101000000000000"
	townToken = "EAATOWNTOKEN"
)

// townProducts are sold out, all but the vase.
const townProducts = `sku,title,price,currency,url,image_url,available
TAZZA-BLU,Tazza Alba blu,18.00,EUR,https://shop.example/tazza-blu,https://shop.example/tazza-blu.jpg,0
TAZZA-ROSSA,Tazza Alba rossa,18.00,EUR,https://shop.example/tazza-rossa,,0
VASO-LUNA,Vaso Luna,42.00,EUR,https://shop.example/vaso-luna,,3
`

// town is everything around the program: a pretend Messenger, a database, a proxy in front, whose address stays while
// programs come and go, and a look into the database beside them.
type town struct {
	t         *testing.T
	messenger *sandbox.Platform
	front     *front
	database  string
	env       map[string]string
	store     *store.Store
	rows      *sql.DB
	key       string // of the API
	till      struct{ URL, Secret string }
	reports   int
}

// newTown makes a town whose shop has been set up with the commands. wrap, where it is not nil, stands between the
// program and Messenger.
func newTown(t *testing.T, database string, rate int, o sandbox.Options, wrap func(http.Handler) http.Handler) *town {
	t.Helper()
	w := &town{t: t, database: database, front: &front{}}
	public := httptest.NewServer(w.front)
	t.Cleanup(public.Close)
	w.front.url = public.URL
	o.AppID, o.AppSecret, o.RequireProof, o.VerifyToken = "2630000000000001", "town-app-secret", true, "town-verify-token"
	o.WebhookURL = public.URL + "/webhooks/messenger"
	o.RetryDelay = func(int) time.Duration { return 20 * time.Millisecond }
	w.messenger = sandbox.New(o)
	handler := w.messenger.Handler()
	if wrap != nil {
		handler = wrap(handler)
	}
	graph := httptest.NewServer(handler)
	ctx, stop := context.WithCancel(context.Background())
	var pretending sync.WaitGroup
	pretending.Go(func() {
		if err := w.messenger.Run(ctx); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(func() { stop(); pretending.Wait(); graph.Close() })
	w.must(w.messenger.AddPage(sandbox.Page{ID: townPage, Name: "Bottega", Token: townToken, Recurring: true}))
	w.env = map[string]string{
		"BENTORNATO_DATABASE_URL": database, "BENTORNATO_SECRET_KEY": scriptKey, "BENTORNATO_BASE_URL": public.URL,
		"BENTORNATO_GRAPH_URL": graph.URL + "/v25.0", "BENTORNATO_APP_ID": o.AppID, "BENTORNATO_APP_SECRET": o.AppSecret,
		"BENTORNATO_VERIFY_TOKEN": o.VerifyToken,
	}
	w.command(townToken+"\n", "page", "add", "--id", townPage, "--name", "Bottega", "--token-stdin", "--locale", "it",
		"--timezone", "Europe/Rome", "--rate", fmt.Sprint(rate))
	w.command("", "page", "connect", "--id", townPage)
	w.must(json.Unmarshal([]byte(w.command("", "source", "add", "--kind", "generic", "--name", "Till", "--page", townPage)), &w.till))
	w.key = strings.TrimSpace(w.command("", "key", "add", "--name", "town", "--role", "owner"))
	file := filepath.Join(t.TempDir(), "products.csv")
	w.must(os.WriteFile(file, []byte(townProducts), 0o600))
	w.command("", "product", "import", file, "--page", townPage)
	w.store = storetest.Open(t, database, time.Now)
	w.rows = openRows(t, database)
	return w
}

// openRows looks at the tables themselves.
func openRows(t *testing.T, database string) *sql.DB {
	t.Helper()
	driver, address := "pgx", database
	if path, lite := strings.CutPrefix(database, "sqlite:"); lite {
		driver, address = "sqlite3", "file:"+path+"?mode=ro&_busy_timeout=5000"
	}
	db, err := sql.Open(driver, address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

// hasten shortens what a test of doubtful calls would else wait for: an answer, a dead process's lease, an echo. Not too
// much: on a crowded machine an answer that is there must still be heard, or two silences in a row end a token.
func (w *town) hasten() {
	w.env["BENTORNATO_CALL_TIMEOUT"], w.env["BENTORNATO_UNKNOWN_GRACE"] = "2s", "2s"
}

func (w *town) getenv(name string) string { return w.env[name] }

func (w *town) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// command runs one of the short commands and returns what it printed.
func (w *town) command(stdin string, args ...string) string {
	w.t.Helper()
	var out, errs strings.Builder
	if code := run(w.t.Context(), args, w.getenv, strings.NewReader(stdin), &out, &errs); code != exitDone {
		w.t.Fatalf("%s: exit code %d: %s", strings.Join(args, " "), code, errs.String())
	}
	return out.String()
}

// serve runs the program in this process, behind the front, until the test ends or the function it returns is called,
// which is as if Ctrl-C were pressed.
func (w *town) serve() (stop func()) {
	w.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	log := newJournal(w.t)
	ended := make(chan int, 1)
	go func() {
		ended <- run(ctx, []string{"serve", "--addr", "127.0.0.1:0"}, w.getenv, strings.NewReader(""), io.Discard, log)
	}()
	address := log.address(w.t)
	w.front.add(address)
	stop = sync.OnceFunc(func() {
		w.front.remove(address)
		cancel()
		if code := <-ended; code != exitDone {
			w.t.Errorf("serve ended with exit code %d", code)
		}
		log.check(w.t)
	})
	w.t.Cleanup(stop)
	return stop
}

// until waits for something to come true by asking again and again; the deadline only ends a test that has failed.
func (w *town) until(what string, met func() bool) {
	w.t.Helper()
	deadline, pause := time.After(3*time.Minute), time.NewTicker(5*time.Millisecond)
	defer pause.Stop()
	for !met() {
		select {
		case <-pause.C:
		case <-deadline:
			stats, err := w.store.Stats(w.t.Context(), "")
			w.t.Fatalf("never came true: %s (%+v, %v; Messenger %+v, %d webhooks wait)", what, stats, err, w.messenger.Counts(townPage), w.messenger.Waiting())
		}
	}
}

// quiet waits until every webhook is delivered and acted upon, and everything that can be sent now is.
func (w *town) quiet() {
	w.t.Helper()
	w.until("nothing is left to do", func() bool {
		if w.messenger.Waiting() > 0 {
			return false
		}
		var pending int
		w.must(w.rows.QueryRowContext(w.t.Context(), "SELECT COUNT(*) FROM inbound_events WHERE state = 'pending'").Scan(&pending))
		work, err := w.store.PagesWithWork(w.t.Context(), time.Now())
		w.must(err)
		return pending == 0 && len(work) == 0 && w.tokens(models.TokenClaimed) == 0
	})
}

func (w *town) tokens(state models.TokenState) int {
	w.t.Helper()
	s, err := w.store.Stats(w.t.Context(), "")
	w.must(err)
	return s.Tokens[state]
}

func (w *town) notified() int { return w.messenger.Counts(townPage).Notifications }

// person is somebody who never wrote to the Page.
func (w *town) person(i int, firstName string) string {
	w.t.Helper()
	psid := fmt.Sprintf("24%013d", i)
	w.must(w.messenger.AddPerson(sandbox.Person{PSID: psid, Page: townPage, FirstName: firstName, LastName: "Rossi", Locale: "it_IT", Timezone: 1}))
	return psid
}

func (w *town) says(psid, text string) {
	w.t.Helper()
	_, err := w.messenger.SendText(townPage, psid, text)
	w.must(err)
}

// asked counts the opt-in requests in a chat.
func (w *town) asked(psid string) int {
	n := 0
	for _, m := range w.messenger.Conversation(townPage, psid) {
		if m.Template == "one_time_notif_req" {
			n++
		}
	}
	return n
}

// grant gives n people a token for a SKU, as if they had tapped an hour ago.
func (w *town) grant(n int, sku string) {
	w.t.Helper()
	granted := time.Now().Add(-time.Hour)
	for i := range n {
		psid := w.person(i, "P")
		w.must(w.messenger.AddToken(townPage, psid, fmt.Sprintf("tok-%s-%d", sku, i), "seed", granted))
	}
	w.must(w.store.Update(w.t.Context(), func(tx *store.Tx) error {
		v, err := tx.VariantBySKU(w.t.Context(), townPage, sku)
		if err != nil {
			return err
		}
		for i := range n {
			c, err := tx.TakeContact(townPage, fmt.Sprintf("24%013d", i))
			if err != nil {
				return err
			}
			if _, _, err := tx.GrantToken(models.Token{PageID: townPage, ContactID: c.ID, VariantID: v.ID,
				GrantedAt: granted.Add(time.Duration(i) * time.Millisecond)}, fmt.Sprintf("tok-%s-%d", sku, i)); err != nil {
				return err
			}
		}
		return nil
	}))
}

// stock is a signed report of the till's, which must be taken.
func (w *town) stock(sku string, available int) {
	w.t.Helper()
	if status, answer := w.report(sku, available); status != http.StatusAccepted {
		w.t.Fatalf("the stock report was answered with %d: %s", status, answer)
	}
}

// report is a signed report of the till's, and what is answered to it.
func (w *town) report(sku string, available int) (int, []byte) {
	w.t.Helper()
	w.reports++
	id, at := fmt.Sprintf("msg_%d", w.reports), time.Now().UTC()
	body := fmt.Sprintf(`{"type":"stock.updated","timestamp":%q,"data":[{"sku":%q,"available":%d}]}`, at.Format(time.RFC3339Nano), sku, available)
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(w.till.Secret, "whsec_"))
	w.must(err)
	mac := hmac.New(sha256.New, key)
	fmt.Fprintf(mac, "%s.%d.%s", id, at.Unix(), body)
	return w.call(http.MethodPost, w.till.URL, body, map[string]string{"webhook-id": id, "webhook-timestamp": fmt.Sprint(at.Unix()),
		"webhook-signature": "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))})
}

// api calls the API with the town's key, and reads the answer into out where it is not nil.
func (w *town) api(method, path string, out any) int {
	w.t.Helper()
	status, body := w.call(method, "/api/v1"+path, "", map[string]string{"Authorization": "Bearer " + w.key})
	if out != nil {
		if err := json.Unmarshal(body, out); err != nil {
			w.t.Fatalf("%s %s: %d %s: %v", method, path, status, body, err)
		}
	}
	return status
}

func (w *town) call(method, path, body string, header map[string]string) (int, []byte) {
	w.t.Helper()
	r, err := http.NewRequestWithContext(w.t.Context(), method, w.front.url+path, strings.NewReader(body))
	w.must(err)
	for name, value := range header {
		r.Header.Set(name, value)
	}
	resp, err := http.DefaultTransport.RoundTrip(r) // redirects are not followed
	w.must(err)
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	w.must(err)
	if to := resp.Header.Get("Location"); to != "" {
		answer = []byte(to)
	}
	return resp.StatusCode, answer
}

// everyoneOnce holds the outcome against the rule: n people, each notified exactly once, by tokens that are all spent;
// and the shop knows it, down to its counters.
func (w *town) everyoneOnce(n int) {
	w.t.Helper()
	list := w.messenger.Notifications(townPage)
	times := map[string]int{}
	for _, m := range list {
		times[m.PSID]++
	}
	for psid, k := range times {
		if k != 1 {
			w.t.Errorf("%s was notified %d times", psid, k)
		}
	}
	if len(times) != n {
		w.t.Errorf("%d people were notified, want %d", len(times), n)
	}
	if sent := w.tokens(models.TokenSent); sent != n {
		w.t.Errorf("the shop says that %d tokens are sent, want %d", sent, n)
	}
	if wrong, err := w.store.Audit(w.t.Context()); err != nil || len(wrong) > 0 {
		w.t.Errorf("counters do not agree with their rows: %v, %v", wrong, err)
	}
}

// front is the proxy: it passes requests on to the programs that run, in turn.
type front struct {
	url       string
	mu        sync.Mutex
	addresses []string
	turn      int
}

func (f *front) add(address string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.addresses = append(f.addresses, address)
}

func (f *front) remove(address string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	kept := []string{}
	for _, a := range f.addresses {
		if a != address {
			kept = append(kept, a)
		}
	}
	f.addresses = kept
}

func (f *front) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	if len(f.addresses) == 0 {
		f.mu.Unlock()
		http.Error(w, "nothing runs", http.StatusBadGateway)
		return
	}
	f.turn++
	address := f.addresses[f.turn%len(f.addresses)]
	f.mu.Unlock()
	proxy := httputil.ReverseProxy{
		Rewrite: func(p *httputil.ProxyRequest) { p.SetURL(&url.URL{Scheme: "http", Host: address}) },
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, err error) {
			http.Error(w, err.Error(), http.StatusBadGateway)
		},
	}
	proxy.ServeHTTP(w, r)
}

// journal is the log of a program: it tells where the program listens, and remembers what went wrong.
type journal struct {
	t       *testing.T
	mu      sync.Mutex
	part    []byte // of a line
	where   chan string
	trouble []string
}

func newJournal(t *testing.T) *journal { return &journal{t: t, where: make(chan string, 1)} }

// Write takes log lines, which may come in parts.
func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.part = append(j.part, p...)
	for {
		line, rest, whole := bytes.Cut(j.part, []byte("\n"))
		if !whole {
			return len(p), nil
		}
		j.part = rest
		fmt.Fprintf(j.t.Output(), "%s\n", line)
		var entry struct {
			Level   slog.Level
			Msg     string
			Address string
		}
		switch err := json.Unmarshal(line, &entry); {
		case err != nil || entry.Level >= slog.LevelError:
			j.trouble = append(j.trouble, string(line))
		case entry.Msg == "serving":
			j.where <- entry.Address
		}
	}
}

// address waits for the program to listen.
func (j *journal) address(t *testing.T) string {
	t.Helper()
	select {
	case address := <-j.where:
		return address
	case <-time.After(time.Minute):
		j.check(t)
		t.Fatal("serve never said where it listens")
		return ""
	}
}

// check reports every error that was logged.
func (j *journal) check(t *testing.T) {
	t.Helper()
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, line := range j.trouble {
		t.Errorf("logged: %s", line)
	}
}
