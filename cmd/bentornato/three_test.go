package main

import (
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"bentornato/models"
	"bentornato/models/store/storetest"
	"bentornato/web/sandbox"
)

// turnstile counts who passes, in front of Messenger: when each call of the Send API came.
type turnstile struct {
	mu   sync.Mutex
	came []time.Time
}

func (s *turnstile) wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/messages") {
			s.mu.Lock()
			s.came = append(s.came, time.Now())
			s.mu.Unlock()
		}
		slowly(next).ServeHTTP(w, r)
	})
}

// close lets nobody pass for a while: whoever comes meanwhile passes at its end.
func (s *turnstile) close(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	time.Sleep(d)
}

// most is the largest number of calls in any window of one second.
func (s *turnstile) most() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	at := make([]int64, len(s.came))
	for i, t := range s.came {
		at[i] = t.UnixMicro()
	}
	slices.Sort(at)
	return mostInWindow(at, int64(time.Second/time.Microsecond))
}

// TestThreeProcesses has three processes share one PostgreSQL behind a balancer, as the README shows. In the middle of a restock one
// is killed, and then Messenger and the others stand still in turn, for moments and, of the others, each once for longer
// than it may hold the Page: everybody is told once, what one had in hand is finished by the others, and at no time
// do they exceed the one Page's rate.
func TestThreeProcesses(t *testing.T) {
	const n, rate = 1800, 300
	t.Parallel()
	calls := &turnstile{}
	w := newTown(t, storetest.PostgresURL(t), rate, sandbox.Options{}, calls.wrap)
	w.hasten()
	w.grant(n, "TAZZA-BLU")
	doomed := w.start()
	others := []*child{w.start(), w.start()}
	w.stock("TAZZA-BLU", 10*n)
	w.until("they are in the middle of it", func() bool { return w.notified() >= n/10 })
	doomed.kill()
	for i := range 8 {
		w.until("they go on", func() bool { return w.notified() >= (i+2)*n/10 })
		calls.close(100 * time.Millisecond)
		others[i%2].standStill([]time.Duration{100 * time.Millisecond, 3 * time.Second}[i/6])
	}
	w.until("every token is sent", func() bool { return w.tokens(models.TokenSent) == n })
	w.quiet()
	for _, c := range others {
		c.stop()
	}
	w.everyoneOnce(n)
	if most := calls.most(); most > rate {
		t.Errorf("%d calls came in one second, where the Page may send %d", most, rate)
	} else {
		t.Logf("at most %d calls in any second", most)
	}
}
