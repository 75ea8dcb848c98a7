package dispatch_test

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"bentornato/models"
	"bentornato/models/dispatch"
	"bentornato/models/restock"
	"bentornato/models/store"
	"bentornato/models/store/storetest"
)

// instant is a platform that takes everything at once.
type instant struct{ sent atomic.Int64 }

func (p *instant) Send(context.Context, string, string, models.Outgoing) models.Answer {
	p.sent.Add(1)
	return models.Answer{Outcome: models.OutcomeSent, MessageID: "m_1"}
}

// BenchmarkRestock sends a restock on many Pages at 300 a second each, against a platform that costs nothing: what is
// left is the engine and the disk. It reports tokens a second.
func BenchmarkRestock(b *testing.B) {
	for _, pages := range []int{1, 20, 100} {
		b.Run(fmt.Sprintf("pages=%d", pages), func(b *testing.B) {
			for b.Loop() {
				benchRestock(b, pages, 30_000/max(1, 100/pages))
			}
		})
	}
}

func benchRestock(b *testing.B, pages, tokens int) {
	b.StopTimer()
	s := storetest.Open(b, storetest.SQLiteURL(b), time.Now)
	log := slog.New(slog.NewTextHandler(b.Output(), nil))
	platform, wake, post := &instant{}, &waker{}, &courier{}
	service := restock.New(s, platform, wake, time.Now, log, restock.Config{BaseURL: "http://shop.test", UnknownGrace: time.Minute})
	post.service = service
	engine := dispatch.New(s, post, time.Now, log, dispatch.Config{})
	wake.engine = engine
	ctx := context.Background()
	var variants []models.Variant
	for p := range pages {
		page := fmt.Sprintf("10%013d", p)
		if err := s.Update(ctx, func(tx *store.Tx) error {
			return tx.SavePage(models.Page{ID: page, Name: "Bottega", Rate: 300, Locale: "it"}, "token")
		}); err != nil {
			b.Fatal(err)
		}
		saved, err := service.SaveProduct(ctx, models.Listing{Variant: models.Variant{PageID: page, SKU: "A", Title: "Tazza", URL: "https://shop.test/a", MinStock: 1}})
		if err != nil {
			b.Fatal(err)
		}
		variants = append(variants, saved.Variant)
		if err := s.Update(ctx, func(tx *store.Tx) error {
			for i := range tokens / pages {
				c, err := tx.TakeContact(page, fmt.Sprintf("24%013d", i))
				if err != nil {
					return err
				}
				if _, _, err := tx.GrantToken(models.Token{PageID: page, ContactID: c.ID, VariantID: saved.Variant.ID, GrantedAt: tx.Now()}, fmt.Sprintf("%s-%d", page, i)); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			b.Fatal(err)
		}
	}
	run, stop := context.WithCancel(ctx)
	var running sync.WaitGroup
	running.Go(func() { _ = engine.Run(run) })
	b.StartTimer()
	started := time.Now()
	for _, v := range variants {
		if _, err := service.ReportByHand(ctx, v.ID, models.Stock{Available: 1}); err != nil {
			b.Fatal(err)
		}
	}
	want := int64(tokens / pages * pages)
	for platform.sent.Load() < want {
		time.Sleep(time.Millisecond)
	}
	b.ReportMetric(float64(want)/time.Since(started).Seconds(), "tokens/s")
	stop()
	running.Wait()
}
