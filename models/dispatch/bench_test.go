package dispatch_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"bentornato/models"
	"bentornato/models/dispatch"
	"bentornato/models/restock"
	"bentornato/models/store"
	"bentornato/models/store/storetest"
	"bentornato/web/messenger"
)

// standIn is a Graph API that takes every message at once, over HTTP.
type standIn struct {
	*httptest.Server
	taken atomic.Int64
}

func newStandIn(b *testing.B) *standIn {
	s := &standIn{}
	answer := []byte(`{"recipient_id":"2400000000000","message_id":"m_1"}`)
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header()["Content-Type"] = []string{"application/json"}
		_, _ = w.Write(answer)
		s.taken.Add(1)
	}))
	b.Cleanup(s.Close)
	return s
}

// bare posts a notification's bytes again and again from 64 goroutines that do nothing else, and returns posts a second:
// the limit of this machine.
func (s *standIn) bare(b *testing.B, n int) float64 {
	client := http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}}
	defer client.CloseIdleConnections()
	body := bytes.Repeat([]byte("x"), 600)
	started, left := time.Now(), atomic.Int64{}
	left.Store(int64(n))
	var all sync.WaitGroup
	for range 64 {
		all.Go(func() {
			for left.Add(-1) >= 0 {
				answer, err := client.Post(s.URL+"/v25.0/1/messages", "application/json", bytes.NewReader(body))
				if err != nil {
					b.Error(err)
					return
				}
				_, _ = io.Copy(io.Discard, answer.Body)
				_ = answer.Body.Close()
			}
		})
	}
	all.Wait()
	return float64(n) / time.Since(started).Seconds()
}

// BenchmarkRestock sends a restock on each of many Pages at 300 a second, a POST a message, each claim, attempt and
// result on disk, and holds it against a client that only posts.
func BenchmarkRestock(b *testing.B) {
	databases := map[string]func(testing.TB) string{"sqlite": storetest.SQLiteURL}
	if os.Getenv(storetest.Postgres) != "" {
		databases["postgres"] = storetest.PostgresURL
	}
	for database, address := range databases {
		for _, pages := range []int{1, 100} {
			b.Run(fmt.Sprintf("%s/pages=%d", database, pages), func(b *testing.B) {
				for b.Loop() {
					benchRestock(b, address(b), pages, 40_000/max(1, 20/pages))
				}
			})
		}
	}
}

func benchRestock(b *testing.B, address string, pages, tokens int) {
	b.StopTimer()
	s := storetest.Open(b, address, time.Now)
	platform := newStandIn(b)
	variants := seedRestocks(b, s, pages, tokens/pages)
	log := slog.New(slog.NewTextHandler(b.Output(), nil))
	graph := messenger.New(messenger.Config{GraphURL: platform.URL + "/v25.0", AppSecret: "secret"})
	wake, post := &waker{}, &courier{}
	service := restock.New(s, graph, wake, time.Now, log, restock.Config{BaseURL: "http://shop.test", UnknownGrace: time.Minute})
	post.service = service
	engine := dispatch.New(s, post, time.Now, log, dispatch.Config{})
	wake.engine = engine
	before := processorTime(b)
	limit := platform.bare(b, 40_000)
	bareCost := processorTime(b) - before
	platform.taken.Store(0)
	run, stop := context.WithCancel(b.Context())
	var running sync.WaitGroup
	running.Go(func() { _ = engine.Run(run) })
	b.StartTimer()
	started := time.Now()
	before = processorTime(b)
	for _, v := range variants {
		if _, err := service.ReportByHand(b.Context(), v.ID, models.Stock{Available: 1}); err != nil {
			b.Fatal(err)
		}
	}
	want := int64(tokens / pages * pages)
	for platform.taken.Load() < want {
		time.Sleep(time.Millisecond)
	}
	speed := float64(want) / time.Since(started).Seconds()
	b.ReportMetric(speed, "tokens/s")
	b.ReportMetric(limit, "bare/s")
	b.ReportMetric(speed/limit, "ratio")
	b.ReportMetric(bareCost.Seconds()/40_000*1e6, "bare-µs")
	b.ReportMetric((processorTime(b)-before).Seconds()/float64(want)*1e6, "token-µs")
	b.StopTimer()
	stop()
	running.Wait()
	if stats, err := s.Stats(context.Background(), ""); err != nil || stats.Tokens[models.TokenSent] != int(want) {
		b.Errorf("sent %d of %d, %v", stats.Tokens[models.TokenSent], want, err)
	}
	graph.Close()
	b.StartTimer()
}

// processorTime is what this process has used of its processors: on a machine that others use too it says more than the
// clock.
func processorTime(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// seedRestocks gives each of many Pages a sold-out variant that so many wait for.
func seedRestocks(b *testing.B, s *store.Store, pages, each int) []models.Variant {
	ctx := b.Context()
	variants := make([]models.Variant, pages)
	err := s.Seeding(ctx, func(ctx context.Context) error {
		for p := range variants {
			page := fmt.Sprintf("10%013d", p)
			if err := s.Update(ctx, func(tx *store.Tx) error {
				if err := tx.SavePage(models.Page{ID: page, Name: "Bottega", Rate: 300, Locale: "it"}, "token"); err != nil {
					return err
				}
				list := []models.Variant{{PageID: page, SKU: "A", Title: "Tazza", URL: "https://shop.test/a", ImageURL: "https://shop.test/a.jpg", PriceMinor: 1800, Currency: "EUR"}}
				if err := tx.SeedVariants(list); err != nil {
					return err
				}
				variants[p] = list[0]
				contacts, tokens := make([]models.Contact, each), make([]models.Token, each)
				for i := range contacts {
					contacts[i] = models.Contact{PageID: page, PSID: fmt.Sprintf("24%013d", i)}
				}
				if err := tx.SeedContacts(contacts); err != nil {
					return err
				}
				for i := range tokens {
					tokens[i] = models.Token{PageID: page, ContactID: contacts[i].ID, VariantID: variants[p].ID, GrantedAt: tx.Now().Add(-time.Hour)}
				}
				return tx.SeedTokens(tokens, func(i int) string { return fmt.Sprintf("%s-%d", page, i) })
			}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	return variants
}
