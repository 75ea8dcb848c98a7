package main

import (
	"bufio"
	"context"
	"crypto/rand"
	"encoding/base64"
	"io"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"bentornato/models/store"
)

// TestBrowserFirstRun begins with nothing at all, on a phone: serve prints a code, the code makes the owner, and the list
// of first steps ticks one off.
func TestBrowserFirstRun(t *testing.T) {
	t.Parallel()
	browser := newBrowser(t)
	secret := make([]byte, store.SecretSize)
	rand.Read(secret) // never fails: see crypto/rand
	env := map[string]string{
		"BENTORNATO_DATABASE_URL": "sqlite:" + filepath.Join(t.TempDir(), "new.db"), "BENTORNATO_SECRET_KEY": base64.StdEncoding.EncodeToString(secret),
		"BENTORNATO_ADDR": "127.0.0.1:0", "BENTORNATO_VERIFY_TOKEN": "words of ours",
	}
	printed, stdout := io.Pipe()
	ctx, stop := context.WithCancel(context.Background())
	log := newJournal(t)
	ended := make(chan int, 1)
	go func() {
		ended <- run(ctx, []string{"serve"}, func(name string) string { return env[name] }, strings.NewReader(""), stdout, log)
		_ = stdout.Close() // never fails
	}()
	t.Cleanup(func() {
		stop()
		if code := <-ended; code != exitDone {
			t.Errorf("serve ended with exit code %d", code)
		}
		log.check(t)
	})
	var found []string
	for lines, all := bufio.NewScanner(printed), ""; found == nil && lines.Scan(); {
		all += lines.Text() + "\n"
		found = regexp.MustCompile(`(?s)Open (http://\S+)/setup .*\n\s+((?:[A-Z2-7]{4}-){3}[A-Z2-7]{4})\n`).FindStringSubmatch(all)
	}
	go func() { _, _ = io.Copy(io.Discard, printed) }()
	if found == nil {
		log.check(t)
		t.Fatal("serve does not print the code")
	}
	address, code := found[1], found[2]

	b := newTab(t, browser)
	b.show(handheld, false)
	b.open(address + "/products")
	if got := eval[string](b, "location.pathname"); got != "/setup" {
		t.Fatalf("a new installation shows %s", got)
	}
	b.state("setup", stateLooks(), 0)
	b.show(handheld, false)
	fill := func(code string) {
		b.fill("#code", code)
		b.fill("#email", "giulia@bottega.example")
		b.fill("#password", "una password lunga")
		b.fill("#password_again", "una password lunga")
		b.do(chromedp.SetValue(chromedp.CSS("#language"), "it"))
	}
	fill("ABCD-EFGH-JKLM-NPQR")
	if answer, err := chromedp.RunResponse(b.ctx, click("form[action='/setup'] .btn-primary")); err != nil || answer.Status != 422 {
		t.Fatalf("a wrong code is answered with %+v, %v", answer, err)
	}
	b.forget() // the console takes a refused form for trouble
	if got := eval[string](b, "document.querySelector('#email').value"); got != "giulia@bottega.example" {
		t.Errorf("what was typed is gone: %q", got)
	}
	b.picture("setup-wrong-code", true)
	fill(strings.ToLower(code))
	b.follow("form[action='/setup'] .btn-primary")
	if got := eval[string](b, "document.documentElement.lang + location.pathname"); got != "it/setup" {
		t.Errorf("the new owner is at %s", got)
	}
	if got := eval[int](b, "document.querySelectorAll('.steps li').length"); got != 6 {
		t.Errorf("the list has %d steps", got)
	}
	b.state("first-steps", stateLooks(), 1)
	b.show(handheld, false)
	// Meta verifies the webhook, and the list knows without being told.
	b.open(address + "/webhooks/messenger?hub.mode=subscribe&hub.challenge=42&hub.verify_token=words+of+ours")
	b.open(address + "/")
	if got := b.text(".steps .is-done b"); got != "Fatti raggiungere da Messenger" {
		t.Errorf("%q is ticked off", got)
	}
	b.follow("form[action='/setup/aside'] button")
	b.open(address + "/")
	if got := eval[int](b, "document.querySelectorAll('.steps').length"); got != 0 {
		t.Error("the list is still on the first screen")
	}
}
