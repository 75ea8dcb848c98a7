package store_test

import (
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"bentornato/models"
	"bentornato/models/store/storetest"
)

// BenchmarkReport is a stock report that starts a restock, where a thousand wait and where a hundred thousand do: rule
// 5.3 wants the same of both.
func BenchmarkReport(b *testing.B) {
	for _, waiting := range []int{1_000, 100_000} {
		b.Run(fmt.Sprint(waiting), func(b *testing.B) {
			s := storetest.Open(b, storetest.SQLiteURL(b), time.Now)
			w := newWorld(b, s, nil)
			for range waiting / 1000 {
				w.grant(1000, w.v)
			}
			service := reporter(s, time.Now)
			for n := 0; b.Loop(); n++ {
				_, err := service.ReportByHand(w.ctx, w.v.ID, models.Stock{Available: (n + 1) % 2})
				w.must(err)
			}
		})
	}
}

// BenchmarkClaimSettle claims 500 tokens and writes their results, as an engine does that is held up by nothing.
func BenchmarkClaimSettle(b *testing.B) {
	const batch = 500
	clock := storetest.NewClock()
	s := storetest.Open(b, storetest.SQLiteURL(b), clock.Now)
	w := newWorld(b, s, clock)
	w.restock(w.v, models.Restock{})
	for b.Loop() {
		b.StopTimer()
		w.grant(batch, w.v)
		clock.Advance(time.Minute)
		b.StartTimer()
		c := w.claim(batch)
		if len(c.Tokens) != batch {
			b.Fatalf("claimed %d", len(c.Tokens))
		}
		w.answered(c.Tokens, sent)
	}
	b.ReportMetric(float64(batch*b.N)/b.Elapsed().Seconds(), "tokens/s")
}

// BenchmarkIngest stores webhooks of one event each, from 64 callers at once: each is answered once its event is on disk.
func BenchmarkIngest(b *testing.B) {
	s := storetest.Open(b, storetest.SQLiteURL(b), time.Now)
	w := newWorld(b, s, nil)
	i, stop := ingesting(b, s, func() {})
	var n atomic.Int64
	b.SetParallelism(32) // times the processors
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if err := i.Ingest(w.ctx, []models.Event{said(fmt.Sprint(n.Add(1)), "Ciao, avete la tazza blu?")}); err != nil {
				b.Error(err)
			}
		}
	})
	b.StopTimer()
	stop()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "events/s")
}
