package dispatch

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"bentornato/models"
	"bentornato/models/store"
)

// Measures of the settler: a result waits so long for others, and so many share a transaction.
const (
	settleLinger = 10 * time.Millisecond
	settleBatch  = 500
	settleQueue  = 4096
)

// settler writes what came of calls, many in one transaction. Results are never dropped: a database that does not
// answer is asked again until it does, or until the leases of what it misses have run out and other processes
// have learned from that.
type settler struct {
	store   Store
	log     *slog.Logger
	results chan result
	once    sync.Once
}

type result struct {
	token   *models.Settlement
	message *store.SettledMessage
}

func newSettler(s Store, log *slog.Logger) *settler {
	return &settler{store: s, log: log, results: make(chan result, settleQueue)}
}

func (s *settler) token(t models.Settlement)      { s.results <- result{token: &t} }
func (s *settler) message(m store.SettledMessage) { s.results <- result{message: &m} }
func (s *settler) close()                         { s.once.Do(func() { close(s.results) }) }

// run writes until the settler is closed and every result is written.
func (s *settler) run() {
	for first := range s.results {
		batch := []result{first}
		timer := time.NewTimer(settleLinger)
	gather:
		for len(batch) < settleBatch {
			select {
			case r, ok := <-s.results:
				if !ok {
					break gather
				}
				batch = append(batch, r)
			case <-timer.C:
				break gather
			}
		}
		timer.Stop()
		s.write(batch)
	}
}

// settleTries bounds how long a result is held for a database that fails: with the pauses between, beyond a lease.
const settleTries = 30

func (s *settler) write(batch []result) {
	var tokens []models.Settlement
	var messages []store.SettledMessage
	for _, r := range batch {
		if r.token != nil {
			tokens = append(tokens, *r.token)
		} else {
			messages = append(messages, *r.message)
		}
	}
	// Results are written even while stopping; nothing may cancel them.
	ctx := context.Background()
	if len(tokens) > 0 {
		s.insist("results of notifications", func() error { return s.store.Settle(ctx, tokens) })
	}
	if len(messages) > 0 {
		s.insist("results of messages", func() error { return s.store.SettleMessages(ctx, messages) })
	}
}

func (s *settler) insist(what string, write func() error) {
	for try := 1; ; try++ {
		err := write()
		if err == nil {
			return
		}
		s.log.Error("what came of calls could not be written", "what", what, "try", try, "error", err)
		if try == settleTries {
			return
		}
		time.Sleep(min(time.Duration(try)*100*time.Millisecond, 2*time.Second))
	}
}
