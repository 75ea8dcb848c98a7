package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"bentornato/models"
	"bentornato/models/store"
	"bentornato/web/inventory"
)

// Measures of the restock part.
const (
	benchFew        = 1000 // waiting, beside --tokens
	benchSmall      = 10_000
	benchRounds3    = 3
	benchRoundTime  = 8 * time.Second
	benchRateTime   = 10 // seconds' worth of tokens
	maxBenchAnswers = 9
	// benchIdle is how long a Page rests before its first notification is timed: what was taken of its rate ahead, and given
	// back, is over then.
	benchIdle = 400 * time.Millisecond
	// benchPatience is how long a restock may take to begin or, once its item has sold out, to come to rest.
	benchPatience = time.Minute
)

// The Pages of the restock part, by the beginning of their ids.
const (
	benchMany    = "102" // --pages of them, at 300/s
	benchRate300 = "103"
	benchRate40  = "104"
	benchLone    = "105" // whose items few and many wait for
)

// restockBench is the restock part under way.
type restockBench struct {
	*benchRun
	store    *store.Store
	database string
	platform *platformClient
	server   *benchChild
	source   models.Source
	hook     *standardwebhooks.Webhook
	reports  int
	result   *benchRestock
}

// restock measures what comes after a stock report, with the program as it is served: a process for the product, one for
// the stand-in, and this one.
func (b *benchRun) restock(ctx context.Context) error {
	return b.withDatabase(ctx, func(ctx context.Context, address string, s *store.Store) (err error) {
		r := &restockBench{benchRun: b, store: s, database: address, result: &benchRestock{}}
		b.say("restock: making up %d tokens on %d Pages, and as many on one", b.tokens, b.pages)
		if err := r.seed(ctx); err != nil {
			return err
		}
		platform, err := b.spawnPlatform(ctx)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, platform.stop()) }()
		r.platform = &platformClient{address: platform.address}
		if err := r.measure(ctx); err != nil {
			return err
		}
		b.report.Restock = r.result
		return nil
	})
}

// measure runs the product twice: with few tokens to send, for its memory, and with all.
func (r *restockBench) measure(ctx context.Context) error {
	var few, many float64
	var known bool
	err := r.serving(ctx, func(ctx context.Context) (err error) {
		r.say("restock: %d tokens, for the memory they take", r.small())
		err = r.burst(ctx, "SMALL", nil)
		few, known = r.server.peakMemory()
		return err
	})
	if err != nil {
		return err
	}
	err = r.serving(ctx, func(ctx context.Context) (err error) {
		if err := r.speed(ctx); err != nil {
			return err
		}
		if err := r.answers(ctx); err != nil {
			return err
		}
		if err := r.rates(ctx); err != nil {
			return err
		}
		many, _ = r.server.peakMemory()
		return r.check(ctx)
	})
	if known && err == nil {
		r.result.Memory = &benchMemory{FewTokens: r.small(), Few: few, ManyTokens: r.tokens, Many: many, More: many - few}
	}
	return err
}

// serving calls do while the product runs.
func (r *restockBench) serving(ctx context.Context, do func(context.Context) error) (err error) {
	if r.server, err = r.spawnServer(ctx, r.database, r.platform.address); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.server.stop()) }()
	return do(ctx)
}

func (r *restockBench) small() int { return min(r.tokens, benchSmall) }

// seed lists the same few items on every Page, sold out, with people who wait. One source reports the stock of all.
func (r *restockBench) seed(ctx context.Context) error {
	secret, err := inventory.NewSecret(inventory.Generic)
	if err != nil {
		return err
	}
	if r.hook, err = standardwebhooks.NewWebhook(secret); err != nil {
		return err
	}
	if err := r.store.Update(ctx, func(tx *store.Tx) error {
		r.source, err = tx.AddSource(models.Source{Kind: inventory.Generic, Name: "Bench"}, secret)
		return err
	}); err != nil {
		return err
	}
	type wait struct {
		sku string
		n   int
	}
	share := func(n, i int) int { return (n + r.pages - i - 1) / r.pages } // of the i-th Page, so that they add up
	return r.store.Seeding(ctx, func(ctx context.Context) error {
		for _, group := range []struct {
			prefix      string
			pages, rate int
			waits       func(i int) []wait
		}{
			{benchMany, r.pages, models.MaxRate, func(i int) []wait {
				list := []wait{{"SMALL", share(r.small(), i)}}
				for round := range benchRounds3 {
					list = append(list, wait{fmt.Sprint("ROUND-", round), share(r.tokens/benchRounds3, i)})
				}
				return list
			}},
			{benchRate300, 1, 300, func(int) []wait { return []wait{{"RATE", min(r.tokens, 300*benchRateTime)}} }},
			{benchRate40, 1, 40, func(int) []wait { return []wait{{"RATE", min(r.tokens, 40*benchRateTime)}} }},
			{benchLone, 1, models.MaxRate, func(int) []wait { return []wait{{"FEW", min(r.tokens, benchFew)}, {"MANY", r.tokens}} }},
		} {
			pages, err := addBenchPages(ctx, r.store, group.prefix, group.pages, group.rate)
			if err != nil {
				return err
			}
			for i, page := range pages {
				for _, w := range group.waits(i) {
					if err := r.wait(ctx, page, w.sku, w.n); err != nil {
						return err
					}
				}
			}
		}
		return nil
	})
}

// wait lists an item on a Page and has so many people wait for it. Nobody waits for two items: they would be told of the
// second a minute after the first.
func (r *restockBench) wait(ctx context.Context, page, sku string, n int) error {
	item := []models.Variant{{PageID: page, SKU: sku, Title: "Tazza Alba " + sku, Option: "blu", PriceMinor: 1800, Currency: "EUR",
		URL: "https://shop.example/tazza", ImageURL: "https://shop.example/tazza.jpg"}}
	if err := r.store.Update(ctx, func(tx *store.Tx) error { return tx.SeedVariants(item) }); err != nil {
		return err
	}
	now := time.Now().UTC()
	for from := 0; from < n; from += benchChunk {
		size := min(benchChunk, n-from)
		contacts, tokens := make([]models.Contact, size), make([]models.Token, size)
		name := func(i int) string { return fmt.Sprintf("%s-%s-%d", page, sku, from+i) }
		for i := range contacts {
			contacts[i] = models.Contact{PageID: page, PSID: name(i), Locale: "it_IT", LastActionAt: now.Add(-48 * time.Hour), ProfileAt: now}
		}
		if err := r.store.Update(ctx, func(tx *store.Tx) error {
			if err := tx.SeedContacts(contacts); err != nil {
				return err
			}
			for i, c := range contacts {
				tokens[i] = models.Token{PageID: page, ContactID: c.ID, VariantID: item[0].ID, GrantedAt: now.Add(-24*time.Hour + time.Duration(from+i)*time.Millisecond)}
			}
			return tx.SeedTokens(tokens, name)
		}); err != nil {
			return err
		}
	}
	return nil
}

// stock reports an item's quantity on every Page that lists it, as a shop system does, and returns when the report was
// begun and when it was answered.
func (r *restockBench) stock(ctx context.Context, sku string, available int) (begun, answered time.Time, err error) {
	r.reports++
	at := time.Now().UTC()
	body := fmt.Appendf(nil, `{"type":"stock.updated","timestamp":%q,"data":[{"sku":%q,"available":%d}]}`, at.Format(time.RFC3339Nano), sku, available)
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+r.server.address+"/webhooks/inventory/"+r.source.ID, bytes.NewReader(body))
	if err != nil {
		return at, at, err
	}
	id := fmt.Sprint("msg_", r.reports)
	signature, err := r.hook.Sign(id, at, body)
	if err != nil {
		return at, at, err
	}
	request.Header.Set(standardwebhooks.HeaderWebhookID, id)
	request.Header.Set(standardwebhooks.HeaderWebhookTimestamp, fmt.Sprint(at.Unix()))
	request.Header.Set(standardwebhooks.HeaderWebhookSignature, signature)
	begun = time.Now()
	resp, err := http.DefaultClient.Do(request)
	if err != nil {
		return begun, begun, err
	}
	defer func() { _ = resp.Body.Close() }()
	answer, err := io.ReadAll(resp.Body)
	answered = time.Now()
	if err == nil && resp.StatusCode != http.StatusAccepted {
		err = models.Errorf(models.KindInternal, "A stock report was answered with %d: %s", resp.StatusCode, answer)
	}
	return begun, answered, err
}

// burst has an item back until everything that waited for it is sent, or a while has passed, and sold out again. after is
// called once it is over, with what the stand-in counted; nil for nothing.
func (r *restockBench) burst(ctx context.Context, sku string, after func(benchCount) error) error {
	if err := r.platform.begin(ctx); err != nil {
		return err
	}
	before, err := r.waiting(ctx, sku)
	if err != nil {
		return err
	}
	if _, _, err := r.stock(ctx, sku, 1); err != nil {
		return err
	}
	timeout := time.After(benchRoundTime)
	err = r.until(ctx, func() (bool, error) {
		select {
		case <-timeout:
			return true, nil
		default:
		}
		taken, err := r.platform.taken(ctx)
		return taken >= before, err
	})
	if err == nil {
		err = r.end(ctx, sku)
	}
	if err != nil {
		return err
	}
	count, err := r.platform.count(ctx)
	if err == nil && after != nil {
		err = after(count)
	}
	return err
}

// end has an item sold out, and waits until nothing is under way any more.
func (r *restockBench) end(ctx context.Context, sku string) error {
	if _, _, err := r.stock(ctx, sku, 0); err != nil {
		return err
	}
	return r.until(ctx, func() (bool, error) {
		stats, err := r.store.Stats(ctx, "")
		return stats.Tokens[models.TokenClaimed] == 0, err
	})
}

// waiting counts who waits for an item on all Pages.
func (r *restockBench) waiting(ctx context.Context, sku string) (int, error) {
	list, err := r.store.VariantsBySKU(ctx, "", sku)
	n := 0
	for _, v := range list {
		n += v.Waiting
	}
	return n, err
}

// until asks again and again until something has come about.
func (r *restockBench) until(ctx context.Context, met func() (bool, error)) error {
	patience, pause := time.After(benchPatience), time.NewTicker(20*time.Millisecond)
	defer pause.Stop()
	for {
		done, err := met()
		if err != nil || done {
			return err
		}
		select {
		case <-pause.C:
		case <-ctx.Done():
			return ctx.Err()
		case <-patience:
			return models.Errorf(models.KindInternal, "The restock did not come to its end in %s.", benchPatience)
		}
	}
}
