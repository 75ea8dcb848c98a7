package main

import (
	"net/http"
	"strings"
	"syscall"
	"testing"
	"unsafe"

	"bentornato/models"
	"bentornato/models/store/storetest"
	"bentornato/web/sandbox"
)

// fileLimit bounds how long a file of the program's may grow, in bytes; a write beyond it fails, as on a full disk.
func (c *child) fileLimit(bytes uint64) {
	c.town.t.Helper()
	limit := syscall.Rlimit{Cur: bytes, Max: ^uint64(0)}
	_, _, err := syscall.RawSyscall6(syscall.SYS_PRLIMIT64, uintptr(c.Process.Pid), syscall.RLIMIT_FSIZE, uintptr(unsafe.Pointer(&limit)), 0, 0, 0)
	if err != 0 {
		c.town.t.Fatal(err)
	}
}

// TestFullDisk lets the program write nothing in mid-restock: webhooks are refused with 503, so that who sent them sends them
// again, nothing is claimed and so nothing sent, pages can still be read; and once there is room again everybody who waits is
// told, once.
func TestFullDisk(t *testing.T) {
	const n = 200
	t.Parallel()
	w := newTown(t, storetest.SQLiteURL(t), 50, sandbox.Options{}, nil)
	w.hasten()
	w.grant(n, "TAZZA-BLU")
	c := w.start()
	w.stock("TAZZA-BLU", 10*n)
	w.until("the restock is under way", func() bool { return w.notified() >= n/10 })
	c.fileLimit(0)
	if status, answer := w.report("TAZZA-ROSSA", 5); status != http.StatusServiceUnavailable {
		t.Errorf("a stock report is answered with %d: %s", status, answer)
	}
	w.until("what was claimed before is sent", func() bool { return w.tokens(models.TokenClaimed) == w.notified()-w.tokens(models.TokenSent) })
	sent := w.notified()
	// An event of Messenger's is not taken either; it comes again and again.
	w.says(w.person(n, "Ada"), "Ciao, avete la tazza rossa?")
	w.until("the refused event is logged", func() bool { return c.log.said("disk") })
	if w.messenger.Waiting() == 0 {
		t.Error("Messenger takes the event for delivered")
	}
	if status := w.api(http.MethodGet, "/stats", nil); status != http.StatusOK {
		t.Errorf("the totals are answered with %d", status)
	}
	if now := w.notified(); now != sent || now >= n {
		t.Errorf("%d were notified, and %d while nothing can be written", sent, now)
	}
	var events int
	w.must(w.rows.QueryRowContext(t.Context(), "SELECT COUNT(*) FROM inbound_events WHERE psid = '240000000000200'").Scan(&events))
	if events != 0 {
		t.Errorf("%d events are stored", events)
	}
	c.fileLimit(^uint64(0))
	w.until("every token is sent", func() bool { return w.tokens(models.TokenSent) == n })
	w.stock("TAZZA-ROSSA", 5)
	w.quiet()
	c.log.forgive("disk")
	c.stop()
	w.everyoneOnce(n)
}

// said reports whether an error with a word in it was logged.
func (j *journal) said(word string) bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, line := range j.trouble {
		if strings.Contains(line, word) {
			return true
		}
	}
	return false
}

// forgive forgets the errors with a word in them: they were expected.
func (j *journal) forgive(word string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	kept := j.trouble[:0]
	for _, line := range j.trouble {
		if !strings.Contains(line, word) {
			kept = append(kept, line)
		}
	}
	j.trouble = kept
}
