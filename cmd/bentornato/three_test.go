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
	mu    sync.Mutex
	came  []time.Time
	stall time.Duration // the longest that this process itself stood still: what came meanwhile seems to come at once
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

// watch finds out how long this process ever stands still, until stop is called.
func (s *turnstile) watch() (stop func()) {
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		ticker := time.NewTicker(5 * time.Millisecond)
		defer ticker.Stop()
		for last := time.Now(); ; {
			select {
			case <-ticker.C:
			case <-done:
				return
			}
			now := time.Now()
			s.mu.Lock()
			s.stall = max(s.stall, now.Sub(last)-5*time.Millisecond)
			s.mu.Unlock()
			last = now
		}
	}()
	return func() { close(done); <-ended }
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

// TestThreeProcesses has three processes share one PostgreSQL behind a balancer, as the README shows, and kills one in the
// middle of a restock: everybody is told once, what the dead one had in hand is finished by the others, and all the while
// the three together keep the one Page's rate.
func TestThreeProcesses(t *testing.T) {
	const n, rate = 600, 100
	t.Parallel()
	calls := &turnstile{}
	w := newTown(t, storetest.PostgresURL(t), rate, sandbox.Options{}, calls.wrap)
	w.hasten()
	w.grant(n, "TAZZA-BLU")
	doomed := w.start()
	others := []*child{w.start(), w.start()}
	stop := calls.watch()
	w.stock("TAZZA-BLU", 10*n)
	w.until("they are in the middle of it", func() bool { return w.notified() >= n/3 })
	doomed.kill()
	w.until("every token is sent", func() bool { return w.tokens(models.TokenSent) == n })
	stop()
	w.quiet()
	for _, c := range others {
		c.stop()
	}
	w.everyoneOnce(n)
	// On a crowded machine what was sent in time is seen late, and with what came after it.
	allowed := int(rate * (1 + 2*calls.stall.Seconds()))
	if most := calls.most(); most > allowed {
		t.Errorf("%d calls came in one second, where the Page may send %d (and this process stood still for %s)", most, rate, calls.stall)
	} else {
		t.Logf("at most %d calls in any second, with the rate at %d, and the longest stall %s", most, rate, calls.stall)
	}
}
