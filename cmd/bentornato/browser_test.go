package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"image/png"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
)

// browserPatience ends a test in which something never happens. Nothing that works comes near it.
const browserPatience = 15 * time.Minute

// chromium finds the browser. Without one the test is skipped, except in CI, where nothing may be.
func chromium(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"chromium-headless-shell", "chromium"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	const missing = "no Chromium on the PATH; get it with: apt install chromium-headless-shell"
	if os.Getenv("CI") != "" {
		t.Fatal(missing)
	}
	t.Skip(missing)
	return ""
}

// newBrowser starts a browser, which ends with the test.
func newBrowser(t *testing.T) context.Context {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(chromium(t)), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-component-update", true), chromedp.Flag("lang", "en-US"))
	ctx, cancel := context.WithTimeout(context.Background(), browserPatience)
	t.Cleanup(cancel)
	ctx, stop := chromedp.NewExecAllocator(ctx, options...)
	t.Cleanup(stop)
	ctx, closeAll := chromedp.NewContext(ctx)
	t.Cleanup(closeAll)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("the browser does not start: %v", err)
	}
	return ctx
}

// trial is a demo that runs in this process, as "bentornato demo --port 0" prints it.
type trial struct {
	shop, sandbox   string
	email, password string
}

// newTrial starts a demo, which ends with the test, as if Ctrl-C were pressed; an error in its log fails the test.
func newTrial(t *testing.T) trial {
	t.Helper()
	printed, stdout := io.Pipe()
	ctx, stop := context.WithCancel(context.Background())
	log := newJournal(t)
	ended := make(chan int, 1)
	go func() {
		ended <- run(ctx, []string{"demo", "--port", "0"}, noEnv, strings.NewReader(""), stdout, log)
		_ = stdout.Close() // never fails
	}()
	t.Cleanup(func() {
		stop()
		if code := <-ended; code != exitDone {
			t.Errorf("demo ended with exit code %d", code)
		}
		log.check(t)
	})
	var all strings.Builder
	lines := bufio.NewScanner(printed)
	for lines.Scan() && !strings.HasPrefix(lines.Text(), "Try it") {
		all.WriteString(lines.Text() + "\n")
	}
	go func() { _, _ = io.Copy(io.Discard, printed) }() // what else it prints is for people
	found := regexp.MustCompile(`(?s)The shop\s+(\S+)\s+sign in as (\S+) with password (\S+).*Messenger\s+(\S+)`).FindStringSubmatch(all.String())
	if found == nil {
		log.check(t)
		t.Fatalf("demo does not say where it runs, and how to sign in:\n%s", all.String())
	}
	return trial{shop: found[1], email: found[2], password: found[3], sandbox: found[4]}
}

// phone is the address of a customer's phone.
func (d trial) phone(p examplePerson) string {
	return d.sandbox + "/chat/" + examplePageID + "/" + p.PSID
}

// tab is one tab of a browser. What goes wrong in its console fails the test when check is called, and at its end.
type tab struct {
	t       *testing.T
	ctx     context.Context
	mu      sync.Mutex
	trouble []string
}

// newTab opens a tab of a desktop's size, in the light.
func newTab(t *testing.T, browser context.Context, options ...chromedp.ContextOption) *tab {
	t.Helper()
	b := &tab{t: t}
	ctx, closeTab := chromedp.NewContext(browser, append(options, chromedp.WithListener(b.hears))...)
	b.ctx = ctx
	t.Cleanup(func() { b.check(); closeTab() })
	b.do(chromedp.EmulateViewport(desktop.width, desktop.height))
	return b
}

// hears takes note of errors: those of scripts, of the network, and what the content security policy forbids.
func (b *tab) hears(event any) {
	switch e := event.(type) {
	case *log.EventEntryAdded:
		if e.Entry.Level == log.EntryLevelError {
			b.note(e.Entry.Text + " " + e.Entry.URL)
		}
	case *runtime.EventExceptionThrown:
		b.note(e.ExceptionDetails.Text)
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError || e.Type == runtime.ConsoleAPICalledTypeAssert {
			text := "console." + string(e.Type) + ":"
			for _, a := range e.Args {
				text += " " + string(a.Value) + a.Description
			}
			b.note(text)
		}
	}
}

func (b *tab) note(trouble string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.trouble = append(b.trouble, trouble)
}

// check reports what the console has shown since the last time.
func (b *tab) check() {
	b.t.Helper()
	for _, trouble := range b.forget() {
		b.t.Errorf("the console says: %s", trouble)
	}
}

// forget takes away what the console has shown.
func (b *tab) forget() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	trouble := b.trouble
	b.trouble = nil
	return trouble
}

func (b *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, steps...); err != nil {
		b.t.Fatalf("%v; the page is %s", err, b.describe())
	}
}

// open goes to an address, which must be there.
func (b *tab) open(url string) {
	b.t.Helper()
	b.loads(url, chromedp.Navigate(url))
}

// follow clicks on what leads to another page, which must be there.
func (b *tab) follow(selector string) {
	b.t.Helper()
	b.loads(selector, click(selector))
}

func (b *tab) loads(what string, step chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	answer, err := chromedp.RunResponse(b.ctx, step)
	if err != nil {
		b.t.Fatalf("%s: %v; the page is %s", what, err, b.describe())
	}
	if answer.Status != 200 {
		b.t.Errorf("%s: answered with %d; the page is %s", what, answer.Status, b.describe())
	}
}

func (b *tab) click(selector string) {
	b.t.Helper()
	b.do(click(selector))
}

// click presses the mouse on what a CSS selector or, where it has //, an XPath finds.
func click(selector string) chromedp.Action[chromedp.Void] {
	if strings.Contains(selector, "//") {
		return anew(chromedp.Click(chromedp.Search(selector), chromedp.NodeVisible))
	}
	return anew(chromedp.Click(chromedp.CSS(selector), chromedp.NodeVisible))
}

// anew does a step that looks for an element and then does something with it. What a live part puts anew between the two is
// looked for again: a person would take the new one.
func anew(step chromedp.Action[chromedp.Void]) chromedp.Action[chromedp.Void] {
	return func(ctx context.Context, tab *chromedp.Target) (chromedp.Void, error) {
		for {
			done, err := step(ctx, tab)
			if err == nil || ctx.Err() != nil || !goneNode.MatchString(err.Error()) {
				return done, err
			}
		}
	}
}

// goneNode is how the browser says that an element is not there any more.
var goneNode = regexp.MustCompile("(?i)node with given id|detached from document")

// fill replaces what a field holds by typing.
func (b *tab) fill(selector, text string) {
	b.t.Helper()
	b.do(anew(chromedp.Clear(chromedp.CSS(selector))), anew(chromedp.SendKeys(chromedp.CSS(selector), text)))
}

// types adds to what a field holds by typing.
func (b *tab) types(selector, text string) {
	b.t.Helper()
	b.do(anew(chromedp.SendKeys(chromedp.CSS(selector), text)))
}

func (b *tab) press(keys string) {
	b.t.Helper()
	b.do(chromedp.KeyEvent(keys))
}

// eval evaluates JavaScript, to which the page's content security policy does not apply.
func eval[T any](b *tab, script string) T {
	b.t.Helper()
	v, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](script, chromedp.EvalAwaitPromise))
	if err != nil {
		b.t.Fatalf("%.200s: %v; the page is %s", script, err, b.describe())
	}
	return v
}

// until waits for a JavaScript expression to come true by asking again and again; a page that is being left answers
// nothing for a moment.
func (b *tab) until(what, script string) {
	b.t.Helper()
	pause := time.NewTicker(10 * time.Millisecond)
	defer pause.Stop()
	for {
		met, err := chromedp.Run(b.ctx, chromedp.Evaluate[bool]("Boolean("+script+")"))
		if err == nil && met {
			return
		}
		select {
		case <-pause.C:
		case <-b.ctx.Done():
			b.t.Fatalf("never came true: %s (%v)", what, err)
		}
	}
}

// text is what can be read in what a CSS selector finds first, without space around it; nothing where it finds nothing.
func (b *tab) text(selector string) string {
	b.t.Helper()
	return eval[string](b, "document.querySelector("+strconv.Quote(selector)+")?.innerText.trim() ?? ''")
}

// number is the number with which a text begins.
func (b *tab) number(selector string) int {
	b.t.Helper()
	digits, _, _ := strings.Cut(b.text(selector), " ")
	n, err := strconv.Atoi(digits)
	if err != nil {
		b.t.Fatalf("%s begins with no number: %q; the page is %s", selector, b.text(selector), b.describe())
	}
	return n
}

// wants holds what can be read somewhere against what should be there.
func (b *tab) wants(selector, want string) {
	b.t.Helper()
	if got := b.text(selector); !strings.Contains(got, want) {
		b.t.Errorf("%s says %q, want %q; the page is %s", selector, got, want, b.describe())
	}
}

// describe is for messages: where the tab is and how its page begins.
func (b *tab) describe() string {
	got, err := chromedp.Run(b.ctx, chromedp.Evaluate[string]("location.pathname + ': ' + (document.querySelector('main') ?? document.body).innerText.slice(0, 300)"))
	if err != nil {
		return fmt.Sprintf("unknown (%v)", err)
	}
	return strconv.Quote(got)
}

// signIn opens the shop and signs in, with English pages.
func (b *tab) signIn(d trial) {
	b.t.Helper()
	b.enter(d)
	b.wants("h1", "Welcome back")
}

// enter opens the shop and signs in, with pages in English unless another language is remembered of who does.
func (b *tab) enter(d trial) {
	b.t.Helper()
	b.open(d.shop + "/login")
	if eval[string](b, "document.documentElement.lang") != "en" {
		b.follow("button[name=language][value=en]")
	}
	b.fill("#email", d.email)
	b.fill("#password", d.password)
	b.follow("form[action='/login'] button")
}

// product opens a variant's screen by its SKU.
func (b *tab) product(d trial, slug string) {
	b.t.Helper()
	b.open(d.shop + "/products?q=" + exampleItem{slug: slug}.sku())
	b.follow("#products a.cover")
}

// reportStock reports the stock of the product that is shown.
func (b *tab) reportStock(pieces int) {
	b.t.Helper()
	b.fill("#stock-available", strconv.Itoa(pieces))
	b.follow("form[action$='/stock'] .btn-primary")
}

// set changes one number of the settings of the example's Page, such as its rate, so that a restock can be watched.
func (b *tab) set(d trial, setting string, to int) {
	b.t.Helper()
	b.open(d.shop + "/pages/" + examplePageID)
	b.fill("#"+setting, strconv.Itoa(to))
	b.follow("form[action='/pages/" + examplePageID + "'] .btn-primary")
	b.wants(".notice", "Saved")
}

// The numbers of a restock's screen, as JavaScript: how many people are told, and how many still wait.
const (
	toldNow    = "Number(document.querySelector('.legend li:first-child b').innerText)"
	waitingNow = "Number(document.querySelector('.legend li:last-child b').innerText)"
)

// device is a screen's size in CSS pixels.
type device struct {
	width, height int64
	phone         bool
}

var (
	desktop  = device{width: 1440, height: 900}
	handheld = device{width: 390, height: 844, phone: true}
)

// show changes the screen and the light.
func (b *tab) show(d device, dark bool) {
	b.t.Helper()
	var options []chromedp.EmulateViewportOption
	if d.phone {
		options = append(options, chromedp.EmulateMobile, chromedp.EmulateTouch)
	}
	scheme := "light"
	if dark {
		scheme = "dark"
	}
	b.call(func() error {
		_, err := chromedp.Call(b.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}})
		return err
	})
	b.do(chromedp.EmulateViewport(d.width, d.height, options...))
	eval[bool](b, settled)
}

// settled is the JavaScript that waits for the page to be drawn anew, without waiting for colours to fade. What moves for
// ever is stopped.
const settled = `new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => {
	document.getAnimations().forEach(a => a.effect.getComputedTiming().endTime === Infinity ? a.cancel() : a.finish());
	requestAnimationFrame(() => done(true));
})))`

func (b *tab) call(command func() error) {
	b.t.Helper()
	if err := command(); err != nil {
		b.t.Fatal(err)
	}
}

// opened waits for the tab that a step opens.
func (b *tab) opened(browser context.Context, step func()) *tab {
	b.t.Helper()
	ids := chromedp.WaitNewTarget(b.ctx, func(i *target.Info) bool { return i.Type == "page" })
	step()
	select {
	case id := <-ids:
		return newTab(b.t, browser, chromedp.WithTargetID(id))
	case <-b.ctx.Done():
		b.t.Fatal("no tab was opened")
		return nil
	}
}

// picture saves what the screen shows, or the whole page, into the folder that BENTORNATO_SCREENSHOTS names. What the screen
// shows goes into the README, and is made as small as can be.
func (b *tab) picture(name string, whole bool) {
	b.t.Helper()
	dir := os.Getenv("BENTORNATO_SCREENSHOTS")
	if dir == "" {
		return
	}
	shot, err := chromedp.Call(b.ctx, page.CaptureScreenshot, page.CaptureScreenshotParams{CaptureBeyondViewport: &whole})
	if err != nil {
		b.t.Fatal(err)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		b.t.Fatal(err)
	}
	data := shot.Data
	if !whole {
		data = smaller(b.t, data)
	}
	if err := os.WriteFile(filepath.Join(dir, name+".png"), data, 0o644); err != nil {
		b.t.Fatal(err)
	}
}

// smaller packs a picture as tightly as can be.
func smaller(t *testing.T, data []byte) []byte {
	t.Helper()
	picture, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	var small bytes.Buffer
	encoder := png.Encoder{CompressionLevel: png.BestCompression}
	if err := encoder.Encode(&small, picture); err != nil {
		t.Fatal(err)
	}
	return small.Bytes()
}
