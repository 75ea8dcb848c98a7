package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"bentornato/models"
	"bentornato/models/restock"
	"bentornato/models/store/storetest"
	"bentornato/web/inventory"
)

// BenchmarkPollRound asks a WooCommerce with 100,000 products for everything it has, a hundred a page over HTTP: the round that
// adds them all, and one that finds nothing new. The pauses between pages (restock.BetweenPages) are left out: add 500 s.
//
//	go test ./cmd/bentornato -run ^$ -bench PollRound -benchtime 1x -timeout 0
func BenchmarkPollRound(b *testing.B) {
	b.Run("sqlite", func(b *testing.B) { benchmarkPollRound(b, storetest.SQLiteURL(b)) })
	b.Run("postgres", func(b *testing.B) { benchmarkPollRound(b, storetest.PostgresURL(b)) })
}

func benchmarkPollRound(b *testing.B, address string) {
	const variants, page = 100_000, 100
	shop := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n, err := strconv.Atoi(r.URL.Query().Get("page"))
		if err != nil {
			b.Errorf("asked for %s", r.URL)
		}
		var list []string
		for id := (n-1)*page + 1; id <= n*page; id++ {
			list = append(list, fmt.Sprintf(`{"id":%[1]d,"name":"Tazza %[1]d","type":"simple","status":"publish","sku":"SKU-%[1]d","price":"12.50","permalink":"https://shop.test/p/%[1]d",
				"description":%[3]q,"manage_stock":true,"stock_quantity":%[2]d,"stock_status":"instock","images":[{"src":"https://shop.test/i/%[1]d.jpg"}],"meta_data":[]}`, id, id%50+1, strings.Repeat("Bella. ", 150)))
		}
		w.Header().Set("X-WP-TotalPages", strconv.Itoa(variants/page))
		fmt.Fprintf(w, "[%s]", strings.Join(list, ","))
	}))
	defer shop.Close()
	ctx, clock := context.Background(), storetest.NewClock()
	s := storetest.Open(b, address, clock.Now)
	must := func(err error) {
		b.Helper()
		if err != nil {
			b.Fatal(err)
		}
	}
	service := restock.New(s, nil, noWaker{}, clock.Now, slog.New(slog.NewTextHandler(io.Discard, nil)), restock.Config{})
	must(service.SavePage(ctx, models.Page{ID: "101", Name: "Bottega", Rate: 40, Locale: "it", TimeZone: "Europe/Rome"}, "token"))
	source, err := service.AddSource(ctx, models.Source{Kind: inventory.WooCommerce, Name: "Negozio", PageID: "101", AddsProducts: true}, "secret")
	must(err)
	must(service.SavePoll(ctx, models.Poll{SourceID: source.ID, Address: shop.URL, Account: "ck", Minutes: 10}, "cs"))
	asker := inventory.NewAsker(clock.Now)
	defer asker.Close()
	round := func() models.Poll {
		b.Helper()
		must(service.PollNow(ctx, source.ID))
		for begun := clock.Now(); ; clock.Advance(restock.BetweenPages) {
			asked, err := service.PollSource(ctx, asker)
			must(err)
			p, err := s.Poll(ctx, source.ID)
			must(err)
			if p.DoneAt.After(begun) || !asked || p.Failures > 0 {
				return p
			}
		}
	}
	figures := map[string]float64{}
	measured := func(what string, found int) {
		b.Helper()
		var after runtime.MemStats
		runtime.GC()
		began := time.Now()
		if p := round(); p.DoneChecked != variants || p.DoneFound != found || p.Failures > 0 {
			b.Fatalf("%s: %+v", what, p)
		}
		figures[what+"-s"] = time.Since(began).Seconds()
		runtime.ReadMemStats(&after)
		figures[what+"-heap-MiB"] = float64(after.HeapSys) / (1 << 20)
		clock.Advance(time.Hour)
	}
	measured("adding", variants)
	for b.Loop() {
		measured("same", 0)
	}
	for unit, figure := range figures { // the loop forgets what was reported before it
		b.ReportMetric(figure, unit)
	}
}
