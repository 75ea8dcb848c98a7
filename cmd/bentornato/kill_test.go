package main

import (
	"bytes"
	"context"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"slices"
	"syscall"
	"testing"
	"time"

	"bentornato/models"
	"bentornato/models/store/storetest"
	"bentornato/web/sandbox"
)

// child is the program as a process of its own, behind the town's front.
type child struct {
	*exec.Cmd
	town    *town
	log     *journal
	address string
	ended   chan error
}

// start starts the program that TestMain has put into PATH: this test's own binary, under the program's name.
func (w *town) start() *child {
	w.t.Helper()
	c := &child{Cmd: exec.CommandContext(w.t.Context(), "bentornato", "serve", "--addr", "127.0.0.1:0"), town: w, log: newJournal(w.t), ended: make(chan error, 1)}
	c.Env = os.Environ()
	for name, value := range w.env {
		c.Env = append(c.Env, name+"="+value)
	}
	c.Stderr = c.log
	w.must(c.Start())
	go func() { c.ended <- c.Wait() }()
	c.address = c.log.address(w.t)
	w.front.add(c.address)
	return c
}

// kill ends it at once, whatever it is doing.
func (c *child) kill() {
	c.town.t.Helper()
	c.town.must(c.Process.Kill())
	if err := <-c.ended; err == nil {
		c.town.t.Error("a killed process ended well")
	}
	c.town.front.remove(c.address)
}

// standStill stops it where it is, and lets it go on after a while.
func (c *child) standStill(d time.Duration) {
	c.town.t.Helper()
	c.town.must(c.Process.Signal(syscall.SIGSTOP))
	time.Sleep(d)
	c.town.must(c.Process.Signal(syscall.SIGCONT))
}

// stop tells it to stop, which must end it well.
func (c *child) stop() {
	c.town.t.Helper()
	c.town.must(c.Process.Signal(syscall.SIGTERM))
	if err := <-c.ended; err != nil {
		c.town.t.Errorf("serve ended with %v", err)
	}
	c.town.front.remove(c.address)
	c.log.check(c.town.t)
}

// slowly stands between the program and Messenger: calls take a while to arrive and answers to come back, so that some
// are on the way, in either direction, whenever the program is killed.
func slowly(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return // it never arrived whole
		}
		time.Sleep(rand.N(20 * time.Millisecond))
		answer := httptest.NewRecorder()
		// What has arrived is acted upon, even if who sent it is dead.
		arrived := r.WithContext(context.WithoutCancel(r.Context()))
		arrived.Body = io.NopCloser(bytes.NewReader(body))
		next.ServeHTTP(answer, arrived)
		time.Sleep(rand.N(20 * time.Millisecond))
		maps.Copy(w.Header(), answer.Header())
		w.WriteHeader(answer.Code)
		_, _ = answer.Body.WriteTo(w) // to the dead, too
	})
}

// TestKill9 kills the program again and again in mid-restock: every token ends sent, exactly once.
func TestKill9(t *testing.T) {
	const n, kills = 300, 6
	t.Parallel()
	storetest.EachURL(t, func(t *testing.T, database string) {
		seed := rand.Uint64()
		t.Logf("seed %d", seed)
		chance := rand.New(rand.NewPCG(seed, seed))
		var at []int // notifications that have arrived when it is killed
		for range kills {
			at = append(at, 1+chance.IntN(2*n/3)) // later, all that is left may be what dead processes hold
		}
		slices.Sort(at)
		w := newTown(t, database, 300, sandbox.Options{}, slowly)
		w.hasten()
		w.grant(n, "TAZZA-BLU")
		c := w.start()
		w.stock("TAZZA-BLU", 10*n)
		for _, k := range at {
			w.until("the moment to kill it", func() bool { return w.notified() >= k })
			c.kill()
			c = w.start()
		}
		w.until("every token is sent", func() bool { return w.tokens(models.TokenSent) == n })
		w.quiet()
		c.stop()
		w.everyoneOnce(n)
		var attempts int
		w.must(w.rows.QueryRowContext(t.Context(), "SELECT COUNT(*) FROM attempts").Scan(&attempts))
		if t.Logf("%d attempts for %d tokens", attempts, n); attempts == n {
			t.Error("no kill came while something was claimed, so nothing was tried here")
		}
	})
}

// TestRestart kills the program when all that is left is in its hands, with the time-outs as they are by default: whoever
// starts next on SQLite knows that the other is dead, and needs no lease to end. Only the wait for an echo is shortened.
func TestRestart(t *testing.T) {
	const n = 30
	t.Parallel()
	w := newTown(t, storetest.SQLiteURL(t), 300, sandbox.Options{}, slowly)
	w.env["BENTORNATO_UNKNOWN_GRACE"] = "2s"
	w.grant(n, "TAZZA-BLU")
	c := w.start()
	w.stock("TAZZA-BLU", 10*n)
	w.until("the first arrives", func() bool { return w.notified() >= 1 })
	c.kill()
	c = w.start()
	started := time.Now()
	w.until("every token is sent", func() bool { return w.tokens(models.TokenSent) == n })
	if took := time.Since(started); took > 10*time.Second {
		t.Errorf("it took %s after the restart, want at most 10 seconds", took)
	}
	w.quiet()
	c.stop()
	w.everyoneOnce(n)
}

// Two processes share one database and its work; when one is killed the other finishes what it had begun.
func TestTwoProcesses(t *testing.T) {
	const n = 300
	t.Parallel()
	w := newTown(t, storetest.PostgresURL(t), 300, sandbox.Options{}, slowly)
	w.hasten()
	w.grant(n, "TAZZA-BLU")
	doomed, other := w.start(), w.start()
	w.stock("TAZZA-BLU", 10*n)
	w.until("they are in the middle of it", func() bool { return w.notified() >= n/3 })
	doomed.kill()
	w.until("every token is sent", func() bool { return w.tokens(models.TokenSent) == n })
	w.quiet()
	other.stop()
	w.everyoneOnce(n)
}
