package dispatch

import (
	"context"
	"log/slog"
	"time"

	"bentornato/models"
	"bentornato/models/store"
)

// Measures of the settler: a result waits so long for others, and so many share a transaction.
const (
	settleLinger = 25 * time.Millisecond
	settleBatch  = 1000
	settleQueue  = 4096
)

// settler writes what came of calls, many in one transaction. Results are never dropped: a database that does not
// answer is asked again until it does, or until the leases of what it misses have run out and other processes
// have learned from that.
type settler struct {
	store   Store
	log     *slog.Logger
	results chan result
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
func (s *settler) close()                         { close(s.results) }

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
	insist(s, tokens, func(list []models.Settlement) error { return s.store.Settle(ctx, list) })
	insist(s, messages, func(list []store.SettledMessage) error { return s.store.SettleMessages(ctx, list) })
}

// insist writes a list of results until it is written. A list that the database refuses, rather than cannot take now,
// is written one by one, so that a bad one never holds up its neighbours.
func insist[T any](s *settler, list []T, write func([]T) error) {
	for try := 1; len(list) > 0; try++ {
		err := write(list)
		if err == nil {
			return
		}
		s.log.Error("what came of calls could not be written", "results", len(list), "try", try, "error", err)
		if models.KindOf(err) != models.KindUnavailable {
			if len(list) == 1 {
				return // its lease will end, and it will be unknown
			}
			for i := range list {
				insist(s, list[i:i+1], write)
			}
			return
		}
		if try == settleTries {
			return
		}
		time.Sleep(min(time.Duration(try)*100*time.Millisecond, 2*time.Second))
	}
}
