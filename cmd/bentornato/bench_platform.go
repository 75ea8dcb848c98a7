package main

import (
	"bytes"
	"context"
	"encoding/json"
	"hash/fnv"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"bentornato/models"
)

// benchPlatform is a stand-in for Messenger that takes every message, after a while if it is told so, and counts. It is a
// limit to measure against and not a judge: the sandbox is that.
type benchPlatform struct {
	latency time.Duration

	mu       sync.Mutex
	tokens   map[uint64]bool   // all that it ever took, by hash
	senders  map[net.Conn]bool // open connections, true for those that notifications came over
	open     int               // of them that are true
	count    benchCount
	arrivals map[string][]int64 // of calls, by Page, in unix microseconds
}

// benchCount is what the stand-in saw since it was last asked to begin again, but for Accepted and Repeated, which are of
// all time. A bare client's posts count as Bare and no more.
type benchCount struct {
	Accepted int                       `json:"accepted"`
	Repeated int                       `json:"repeated"`
	Taken    int                       `json:"taken"`
	Bare     int                       `json:"bare"`
	AtOnce   int                       `json:"at_once"` // connections that notifications came over, at most
	Pages    map[string]benchPageCount `json:"pages"`
	// SamplePath and SampleBody are the latest notification, for a bare client to post again.
	SamplePath string `json:"sample_path"`
	SampleBody []byte `json:"sample_body"`
}

// benchPageCount is when the calls of a Page came. Times are unix microseconds.
type benchPageCount struct {
	Calls       int   `json:"calls"`
	First       int64 `json:"first"`
	Last        int64 `json:"last"`
	MaxInSecond int   `json:"max_in_second"`
}

// benchBareHeader marks the posts of the bare client.
const benchBareHeader = "X-Bench-Bare"

// runBenchPlatform serves until stdin ends, and says on stdout where.
func runBenchPlatform(ctx context.Context, stdin io.Reader, stdout io.Writer, latency time.Duration) error {
	listener, err := listen(ctx, "127.0.0.1:0")
	if err != nil {
		return err
	}
	p := &benchPlatform{latency: latency, tokens: map[uint64]bool{}, senders: map[net.Conn]bool{}, arrivals: map[string][]int64{}}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v25.0/{page}/messages", p.take)
	mux.HandleFunc("GET /bench/count", p.report)
	mux.HandleFunc("GET /bench/taken", p.taken)
	mux.HandleFunc("POST /bench/begin", p.begin)
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		server := &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second, ConnState: p.watch,
			ConnContext: func(ctx context.Context, c net.Conn) context.Context { return context.WithValue(ctx, benchConn{}, c) }}
		return benchServer{server, listener}.run(ctx)
	})
	go func() { // it may never return where stdin never ends
		_, _ = io.Copy(io.Discard, stdin)
		stop()
	}()
	if err := json.NewEncoder(stdout).Encode(map[string]string{"address": listener.Addr().String()}); err != nil {
		return err
	}
	return group.Wait()
}

// benchConn is the key of a request's connection.
type benchConn struct{}

// watch forgets connections that are closed.
func (p *benchPlatform) watch(c net.Conn, state http.ConnState) {
	if state != http.StateClosed && state != http.StateHijacked {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.senders[c] {
		p.open--
	}
	delete(p.senders, c)
}

// take answers the Send API.
func (p *benchPlatform) take(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	if err != nil {
		return // whoever sent it has gone
	}
	token, ok := cutToken(body)
	if !ok {
		http.Error(w, `{"error":{"code":100,"message":"no token"}}`, http.StatusBadRequest)
		return
	}
	hash := fnv.New64a()
	_, _ = hash.Write(token) // a hash never fails
	p.mu.Lock()
	if r.Header.Get(benchBareHeader) != "" {
		p.count.Bare++
	} else {
		if conn, ok := r.Context().Value(benchConn{}).(net.Conn); ok && !p.senders[conn] {
			p.senders[conn] = true
			p.open++
			p.count.AtOnce = max(p.count.AtOnce, p.open)
		}
		page, key := r.PathValue("page"), hash.Sum64()
		p.arrivals[page] = append(p.arrivals[page], time.Now().UnixMicro())
		p.count.Accepted++
		p.count.Taken++
		if p.tokens[key] {
			p.count.Repeated++
		}
		p.tokens[key] = true
		p.count.SamplePath, p.count.SampleBody = r.URL.RequestURI(), body
	}
	n := p.count.Accepted + p.count.Bare
	p.mu.Unlock()
	if p.latency > 0 {
		time.Sleep(p.latency)
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = io.WriteString(w, `{"recipient_id":"1","message_id":"m_bench_`+strconv.Itoa(n)+`"}`)
}

// cutToken finds the token in a call's body, without reading the rest.
func cutToken(body []byte) ([]byte, bool) {
	_, rest, ok := bytes.Cut(body, []byte(`"one_time_notif_token":"`))
	token, _, ended := bytes.Cut(rest, []byte(`"`))
	return token, ok && ended
}

func (p *benchPlatform) begin(http.ResponseWriter, *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.count.Bare, p.count.Taken, p.count.AtOnce = 0, 0, p.open
	clear(p.arrivals)
}

// taken answers with Taken alone: it is asked for while calls come, and must not cost them anything.
func (p *benchPlatform) taken(w http.ResponseWriter, _ *http.Request) {
	p.mu.Lock()
	n := p.count.Taken
	p.mu.Unlock()
	_, _ = io.WriteString(w, strconv.Itoa(n)) // to one who may have gone
}

func (p *benchPlatform) report(w http.ResponseWriter, _ *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	count := p.count
	count.Pages = make(map[string]benchPageCount, len(p.arrivals))
	for page, at := range p.arrivals {
		count.Pages[page] = benchPageCount{Calls: len(at), First: at[0], Last: at[len(at)-1], MaxInSecond: mostInWindow(at, 1_000_000)}
	}
	_ = json.NewEncoder(w).Encode(count) // to one who may have gone
}

// mostInWindow is the most of the sorted times that lie within any window of a length, its end left out.
func mostInWindow(sorted []int64, length int64) int {
	most, first := 0, 0
	for i, at := range sorted {
		for sorted[first] <= at-length {
			first++
		}
		most = max(most, i-first+1)
	}
	return most
}

// platformClient asks the stand-in what it saw.
type platformClient struct {
	address string
	http    http.Client
}

// begin forgets what was counted before, but for what is of all time.
func (c *platformClient) begin(ctx context.Context) error {
	_, err := c.call(ctx, http.MethodPost, "/bench/begin")
	return err
}

// taken is how many notifications came since begin.
func (c *platformClient) taken(ctx context.Context) (int, error) {
	body, err := c.call(ctx, http.MethodGet, "/bench/taken")
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(string(body))
}

func (c *platformClient) count(ctx context.Context) (benchCount, error) {
	var count benchCount
	body, err := c.call(ctx, http.MethodGet, "/bench/count")
	if err == nil {
		err = json.Unmarshal(body, &count)
	}
	return count, err
}

func (c *platformClient) call(ctx context.Context, method, path string) ([]byte, error) {
	r, err := http.NewRequestWithContext(ctx, method, "http://"+c.address+path, nil)
	if err != nil {
		return nil, err
	}
	resp, err := c.http.Do(r)
	if err != nil {
		return nil, models.Errorf(models.KindUnavailable, "The stand-in for Messenger does not answer: %w", err)
	}
	defer func() { _ = resp.Body.Close() }()
	return io.ReadAll(resp.Body)
}

// calls is how many notifications a count has of all Pages, or of those whose id begins with a prefix, and over which time.
func (c benchCount) calls(prefix string) (n int, first, last time.Time) {
	var from, to int64
	for page, p := range c.Pages {
		if !strings.HasPrefix(page, prefix) {
			continue
		}
		n += p.Calls
		if from == 0 || p.First < from {
			from = p.First
		}
		to = max(to, p.Last)
	}
	return n, time.UnixMicro(from), time.UnixMicro(to)
}
