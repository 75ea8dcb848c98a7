package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"bentornato/models"
)

// speed sends from many Pages at once, in turns with a bare client that posts as many of the same messages over as
// many connections.
func (r *restockBench) speed(ctx context.Context) error {
	speed := &r.result.Speed
	*speed = benchSpeed{Pages: r.pages, Rate: models.MaxRate, Ceiling: r.pages * models.MaxRate}
	var ours, bare []float64
	for round := range benchRounds3 {
		r.say("restock: turn %d of %d on %d Pages", round+1, benchRounds3, r.pages)
		err := r.burst(ctx, fmt.Sprint("ROUND-", round), func(count benchCount) error {
			n, first, last := count.calls(benchMany)
			turn := benchRounds{Sent: n, Connections: max(1, count.AtOnce), PerSecond: perSecond(n, last.Sub(first))}
			var err error
			turn.BarePerSecond, err = r.bare(ctx, count, n, turn.Connections)
			r.result.Rounds = append(r.result.Rounds, turn)
			ours, bare = append(ours, turn.PerSecond), append(bare, turn.BarePerSecond)
			return err
		})
		if err != nil {
			return err
		}
	}
	speed.PerSecond, speed.BarePerSecond = median(ours), median(bare)
	speed.Ratio = ratio(speed.PerSecond, speed.BarePerSecond)
	return nil
}

// perSecond is n over a time; 0 where there was none.
func perSecond(n int, d time.Duration) float64 {
	if d <= 0 {
		return 0
	}
	return float64(n) / d.Seconds()
}

// bare posts the latest notification n times over so many connections and returns how many a second were answered.
func (r *restockBench) bare(ctx context.Context, count benchCount, n, connections int) (float64, error) {
	transport := &http.Transport{MaxIdleConns: connections, MaxIdleConnsPerHost: connections}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport}
	address := "http://" + r.platform.address + count.SamplePath
	var next atomic.Int64
	begun := time.Now()
	group, ctx := errgroup.WithContext(ctx)
	for range connections {
		group.Go(func() error {
			for next.Add(1) <= int64(n) {
				request, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(count.SampleBody))
				if err != nil {
					return err
				}
				request.Header.Set("Authorization", "Bearer EAABENCH")
				request.Header.Set("Content-Type", "application/json")
				request.Header.Set(benchBareHeader, "1")
				resp, err := client.Do(request)
				if err != nil {
					return err
				}
				_, err = io.Copy(io.Discard, resp.Body)
				_ = resp.Body.Close()
				if err != nil || resp.StatusCode != http.StatusOK {
					return errors.Join(err, models.Errorf(models.KindInternal, "The stand-in answered the bare client with %d.", resp.StatusCode))
				}
			}
			return nil
		})
	}
	err := group.Wait()
	return perSecond(n, time.Since(begun)), err
}

// answers measures the stock report's answer and the first notification, in turns of an item that few wait for and of one
// that many do, on a Page that is idle.
func (r *restockBench) answers(ctx context.Context) error {
	r.say("restock: the first notification, with few and with many waiting")
	type sample struct{ answer, first, after []float64 }
	var few, many sample
	var waiting [2]int
	for i, sku := range []string{"FEW", "MANY"} {
		var err error
		if waiting[i], err = r.waiting(ctx, sku); err != nil {
			return err
		}
	}
	for range min(maxBenchAnswers, max(1, waiting[0]/100)) {
		for _, turn := range []struct {
			sku  string
			into *sample
		}{{"FEW", &few}, {"MANY", &many}} {
			if err := pause(ctx, benchIdle); err != nil {
				return err
			}
			if err := r.platform.begin(ctx); err != nil {
				return err
			}
			begun, answered, err := r.stock(ctx, turn.sku, 1)
			if err != nil {
				return err
			}
			var first time.Time
			if err := r.until(ctx, func() (bool, error) {
				count, err := r.platform.count(ctx)
				var n int
				n, first, _ = count.calls(benchLone)
				return n > 0, err
			}); err != nil {
				return err
			}
			turn.into.answer = append(turn.into.answer, milliseconds(answered.Sub(begun)))
			turn.into.first = append(turn.into.first, milliseconds(first.Sub(begun)))
			turn.into.after = append(turn.into.after, milliseconds(first.Sub(answered)))
			if err := r.end(ctx, turn.sku); err != nil {
				return err
			}
		}
	}
	of := func(waiting int, s sample) benchAnswer {
		return benchAnswer{Waiting: waiting, Answer: median(s.answer), First: median(s.first), AfterAnswer: median(s.after)}
	}
	a := benchAnswers{Few: of(waiting[0], few), Many: of(waiting[1], many)}
	a.AnswerRatio, a.FirstRatio = ratio(a.Many.Answer, a.Few.Answer), ratio(a.Many.First, a.Few.First)
	r.result.Answer = a
	return nil
}

// pause waits, unless ctx ends first.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// rates has two Pages send side by side, each at its own rate, and looks at what came in which second.
func (r *restockBench) rates(ctx context.Context) error {
	r.say("restock: a Page at 300/s and one at 40/s")
	return r.burst(ctx, "RATE", func(count benchCount) error {
		for _, page := range []struct {
			prefix string
			rate   int
		}{{benchRate300, 300}, {benchRate40, 40}} {
			n, first, last := count.calls(page.prefix)
			most := 0
			for id, p := range count.Pages {
				if strings.HasPrefix(id, page.prefix) {
					most = max(most, p.MaxInSecond)
				}
			}
			// n calls have n-1 intervals between them.
			r.result.Rates = append(r.result.Rates, benchRate{Rate: page.rate, Sent: n, MaxInSecond: most, Percent: 100 * ratio(perSecond(n-1, last.Sub(first)), float64(page.rate))})
		}
		return nil
	})
}

// check holds the database against the stand-in: every token that is sent was taken once.
func (r *restockBench) check(ctx context.Context) error {
	stats, err := r.store.Stats(ctx, "")
	if err != nil {
		return err
	}
	count, err := r.platform.count(ctx)
	if err != nil {
		return err
	}
	r.result.Sent, r.result.Accepted, r.result.Repeated = stats.Tokens[models.TokenSent], count.Accepted, count.Repeated
	if r.result.Sent != r.result.Accepted || r.result.Repeated > 0 {
		return models.Errorf(models.KindInternal, "%d tokens are sent; the stand-in took %d notifications, %d of them twice.", r.result.Sent, r.result.Accepted, r.result.Repeated)
	}
	return nil
}
