package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"bentornato/models"
	"bentornato/models/store"
	"bentornato/web"
	"bentornato/web/messenger"
)

// Measures of the ingest part.
const (
	benchConnections = 64
	benchDoorRounds  = 3
	maxDoorEvents    = 50_000 // of one round
	benchAppSecret   = "bench-app-secret"
)

// forgetful is an ingester without a database: what is left of the door when nothing is kept.
type forgetful struct{}

// Ingest forgets.
func (forgetful) Ingest(context.Context, []models.Event) error { return nil }

// Queued is always none.
func (forgetful) Queued() int { return 0 }

// ingest measures webhook events a second: the server, its signature check and its group commit, and in turns with it the
// same server without a database. What is stored is not applied meanwhile, as it would be with the door open.
func (b *benchRun) ingest(ctx context.Context) error {
	return b.withDatabase(ctx, func(ctx context.Context, _ string, s *store.Store) error {
		b.say("ingest: webhook events from %d connections", benchConnections)
		pages, err := addBenchPages(ctx, s, "101", 1, models.DefaultRate)
		if err != nil {
			return err
		}
		whole, err := b.install(ctx, s)
		if err != nil {
			return err
		}
		cfg := whole.server.Config
		cfg.Ingester = forgetful{}
		bare, err := web.New(cfg)
		if err != nil {
			return err
		}
		empty, err := listen(ctx, "127.0.0.1:0")
		if err != nil {
			return err
		}
		door, ghost := benchServer{whole.http, whole.listener}, benchServer{bare.HTTPServer(""), empty}
		serving, stop := context.WithCancel(ctx)
		defer stop()
		group, serving := errgroup.WithContext(serving)
		group.Go(func() error { return whole.ingester.Run(serving) })
		group.Go(func() error { return door.run(serving) })
		group.Go(func() error { return ghost.run(serving) })
		measured := make(chan error, 1)
		go func() { measured <- b.knock(serving, s, pages[0], door.Addr().String(), ghost.Addr().String()) }()
		err = <-measured
		stop()
		return errors.Join(err, group.Wait())
	})
}

// knock takes turns at both doors, and holds what was answered against what is stored.
func (b *benchRun) knock(ctx context.Context, s *store.Store, page, durable, raw string) error {
	events := min(b.tokens, maxDoorEvents)
	result := &benchIngest{Connections: min(benchConnections, events), Events: benchDoorRounds * events}
	doors := []*knocker{{address: durable, page: page}, {address: raw, page: page}}
	for range benchDoorRounds {
		for _, k := range doors {
			if err := k.round(ctx, result.Connections, events); err != nil {
				return err
			}
		}
	}
	result.Durable, result.Raw = doors[0].result(), doors[1].result()
	result.Ratio = ratio(result.Durable.PerSecond, result.Raw.PerSecond)
	var err error
	if result.Stored, err = s.StoredEvents(ctx); err != nil {
		return err
	}
	if result.Stored != result.Events {
		return models.Errorf(models.KindInternal, "%d events were answered with 200 and %d are stored.", result.Events, result.Stored)
	}
	b.report.Ingest = result
	return nil
}

// install wires the product around a store, without running it.
func (b *benchRun) install(ctx context.Context, s *store.Store) (*installation, error) {
	listener, err := listen(ctx, "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	config := Config{AppID: "1", AppSecret: benchAppSecret, VerifyToken: "bench", GraphURL: "http://127.0.0.1:9", UnknownGrace: time.Minute, CallTimeout: time.Second,
		SecretKey: benchSecret()}
	return install(config, s, listener, time.Now, slog.New(slog.DiscardHandler), nil)
}

// benchServer serves on its listener until the context ends.
type benchServer struct {
	http *http.Server
	net.Listener
}

func (s benchServer) run(ctx context.Context) error {
	stop := context.AfterFunc(ctx, func() { _ = s.http.Close() })
	defer stop()
	if err := s.http.Serve(s.Listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// knocker posts webhooks at one door. It speaks HTTP by hand, so that what is measured is the server more than the client.
type knocker struct {
	address string
	page    string
	sent    atomic.Int64

	mu    sync.Mutex
	times []time.Duration
	speed []float64
}

// round sends so many events, one a webhook, over so many connections.
func (k *knocker) round(ctx context.Context, connections, events int) error {
	begun := time.Now()
	group, ctx := errgroup.WithContext(ctx)
	var next atomic.Int64
	for range connections {
		group.Go(func() error {
			conn, err := new(net.Dialer).DialContext(ctx, "tcp", k.address)
			if err != nil {
				return err
			}
			defer func() { _ = conn.Close() }()
			stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
			defer stop()
			answers := bufio.NewReader(conn)
			var times []time.Duration
			for next.Add(1) <= int64(events) {
				request := k.request()
				sent := time.Now()
				if _, err := conn.Write(request); err != nil {
					return err
				}
				if err := readBenchAnswer(answers); err != nil {
					return err
				}
				times = append(times, time.Since(sent))
			}
			k.mu.Lock()
			defer k.mu.Unlock()
			k.times = append(k.times, times...)
			return nil
		})
	}
	err := group.Wait()
	k.speed = append(k.speed, float64(events)/time.Since(begun).Seconds())
	return err
}

// request is a signed webhook with one message that nobody sent before.
func (k *knocker) request() []byte {
	n := k.sent.Add(1)
	now := time.Now().UnixMilli()
	body := fmt.Appendf(nil, `{"object":"page","entry":[{"id":"%s","time":%d,"messaging":[{"sender":{"id":"24%013d"},"recipient":{"id":"%s"},"timestamp":%d,`+
		`"message":{"mid":"m_bench_%d","text":"Ciao, avete la tazza blu?"}}]}]}`, k.page, now, n%100_000, k.page, now, n)
	return append(fmt.Appendf(nil, "POST /webhooks/messenger HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n%s: %s\r\n\r\n",
		k.address, len(body), messenger.SignatureHeader, messenger.Sign(benchAppSecret, body)), body...)
}

// readBenchAnswer reads one answer to its end; any other than 200 is an error.
func readBenchAnswer(r *bufio.Reader) error {
	status, err := r.ReadSlice('\n')
	if err != nil {
		return err
	}
	ok := bytes.HasPrefix(status, []byte("HTTP/1.1 200 "))
	sentence := string(bytes.TrimSpace(status))
	length := 0
	for {
		line, err := r.ReadSlice('\n')
		if err != nil {
			return err
		}
		line = bytes.TrimSpace(line)
		if len(line) == 0 {
			break
		}
		if name, value, _ := bytes.Cut(line, []byte(":")); bytes.EqualFold(name, []byte("Content-Length")) {
			if length, err = strconv.Atoi(string(bytes.TrimSpace(value))); err != nil {
				return err
			}
		}
	}
	if _, err := r.Discard(length); err != nil {
		return err
	}
	if !ok {
		return models.Errorf(models.KindInternal, "A webhook was answered with %s.", sentence)
	}
	return nil
}

func (k *knocker) result() benchDoor {
	slices.Sort(k.times)
	return benchDoor{PerSecond: median(k.speed), P50: milliseconds(quantile(k.times, 0.5)), P99: milliseconds(quantile(k.times, 0.99))}
}
