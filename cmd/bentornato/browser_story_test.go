package main

import (
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
)

// poster is the XPath of a product's m.me link in the sandbox.
func poster(name string) string {
	return "//button[contains(@class, 'poster')][contains(., '" + name + "')]"
}

// gauge is the JavaScript that reads a number out of a restock's gauges by its label.
func gauge(label string) string {
	return "Number([...document.querySelectorAll('dl.gauges dt')].find(e => e.innerText === '" + label + "')?.nextElementSibling.firstChild.textContent ?? NaN)"
}

// buyLinks is the JavaScript that counts the notifications of a chat: no other message links to the shop by way of us.
const buyLinks = "document.querySelectorAll(\"#messages a.card-button[href*='/r/']\").length"

// TestBrowserStory is what the product is for, from both sides at once: a customer's phone and the shop.
func TestBrowserStory(t *testing.T) {
	t.Parallel()
	browser, d := newBrowser(t), newTrial(t)
	shop, phone := newTab(t, browser), newTab(t, browser)
	shop.signIn(d)
	shop.set(d, "rate", 2)
	shop.product(d, "tazza-blu")
	before := shop.number("#waiting")

	// The customer asks for what is sold out, and taps.
	phone.open(d.phone(nora))
	eval[bool](phone, "window.sameDocument = true")
	notified := eval[int](phone, buyLinks)
	phone.click(poster("Tazza Alba (blu)"))
	phone.until("the opt-in request arrives", "document.querySelector('#messages .request:not(.done) .notify')")
	phone.wants("#messages .request:not(.done) .card-title", "Tazza Alba blu")
	phone.picture("sandbox-request", false)
	phone.click("#messages .request .notify")
	phone.until("the card shows the tap", "document.querySelector('#messages li:last-child .request.done .notified, #messages li:nth-last-child(2) .request.done .notified')")
	if phone.text("#messages .request .notify") != "" {
		t.Error("the button can still be tapped")
	}

	// One more waits, and the shop restocks.
	shop.product(d, "tazza-blu")
	for shop.number("#waiting") == before { // the webhook may still be under way
		shop.product(d, "tazza-blu")
	}
	if got := shop.number("#waiting"); got != before+1 {
		t.Errorf("%d people wait, want %d", got, before+1)
	}
	shop.reportStock(20)
	shop.wants(".notice", "people are being told")
	shop.follow("a[href^='/restocks/'].linklike")
	eval[bool](shop, "window.sameDocument = true")
	shop.until("it moves", toldNow+" >= 2 && "+waitingNow+" > 0")
	first := eval[int](shop, toldNow)
	shop.until("it moves on", toldNow+" > "+strconv.Itoa(first)+" && document.querySelectorAll('#calls tbody tr').length > "+strconv.Itoa(first))
	shop.picture("restock", false)
	shop.until("it ends", "document.querySelector('.live h2').innerText.trim() === 'Done'")
	if told, waiting := eval[int](shop, toldNow), eval[int](shop, waitingNow); told != before+1 || waiting != 0 {
		t.Errorf("%d people are told and %d wait, want %d and none", told, waiting, before+1)
	}
	shop.until("every call is listed", "document.querySelectorAll('#calls tbody tr').length === "+strconv.Itoa(before+1))
	if !eval[bool](shop, "window.sameDocument === true") {
		t.Error("the restock's screen was loaded again")
	}

	// The notification has come to the phone by itself, once.
	phone.until("the notification arrives", buyLinks+" > "+strconv.Itoa(notified))
	if !eval[bool](phone, "window.sameDocument === true") {
		t.Error("the phone's page was loaded again")
	}
	phone.do(chromedp.MouseEvent(input.DispatchMouseEventTypeMouseMoved, 1, 1))
	eval[bool](phone, "scrollTo(0, 0), true")
	phone.picture("sandbox", false)
	site := phone.opened(browser, func() { phone.click("(//*[@id='messages']//a[contains(@href, '/r/')])[last()]") })
	site.until("the shop's site opens", "document.querySelector('h1')?.innerText === 'Tazza Alba (blu)'")
	shop.open(eval[string](shop, "location.href"))
	if clicks := eval[int](shop, gauge("Clicks")); clicks != 1 {
		t.Errorf("%d clicks are counted, want 1", clicks)
	}

	// What is there is offered with a way to ask; once it sells out, who asked is asked while the window is open.
	phone.click(poster("Candela al fico"))
	phone.until("the product card arrives", "[...document.querySelectorAll('#messages .card-title')].some(e => e.innerText.includes('Candela'))")
	requests := eval[int](phone, "document.querySelectorAll('#messages .request').length")
	shop.product(d, "candela")
	shop.reportStock(0)
	phone.until("the opt-in request arrives", "document.querySelectorAll('#messages .request:not(.done)').length === 1")
	if n := eval[int](phone, buyLinks); n != notified+1 {
		t.Errorf("%d notifications came, want 1", n-notified)
	}
	if now := eval[int](phone, "document.querySelectorAll('#messages .request').length"); now != requests+1 {
		t.Errorf("%d requests stand in the chat, want %d", now, requests+1)
	}
}

// wire is a proxy that can be cut: what is under way ends, and nothing gets through until it is mended.
type wire struct {
	*httptest.Server
	cut atomic.Bool
}

func newWire(t *testing.T, to string) *wire {
	t.Helper()
	address, err := url.Parse(to)
	if err != nil {
		t.Fatal(err)
	}
	w := &wire{}
	proxy := &httputil.ReverseProxy{Rewrite: func(p *httputil.ProxyRequest) { p.SetURL(address); p.Out.Host = p.In.Host }}
	w.Server = httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if w.cut.Load() {
			panic(http.ErrAbortHandler)
		}
		proxy.ServeHTTP(rw, r)
	}))
	w.Config.ErrorLog = log.New(io.Discard, "", 0) // that a wire was cut is no news
	t.Cleanup(w.Close)
	return w
}

// A restock's screen goes on after the connection was cut, and shows what happened meanwhile.
func TestBrowserReconnects(t *testing.T) {
	t.Parallel()
	browser, d := newBrowser(t), newTrial(t)
	shop, witness := newTab(t, browser), newTab(t, browser)
	shop.signIn(d)
	shop.set(d, "rate", 1)
	shop.set(d, "ask_above", 1) // nothing moves before everybody looks
	shop.product(d, "tazza-blu")
	everyone := shop.number("#waiting")
	shop.reportStock(50)
	shop.follow("a[href^='/restocks/'].linklike")
	witness.open(eval[string](shop, "location.href"))
	line := newWire(t, d.shop)
	shop.open(line.URL + eval[string](shop, "location.pathname"))
	witness.follow("form[action$='/approve'] .btn-primary")
	shop.until("it moves", toldNow+" >= 1")
	line.cut.Store(true)
	line.CloseClientConnections()
	cut := eval[int](shop, toldNow)
	witness.until("others see it go on", toldNow+" > "+strconv.Itoa(cut))
	if got := eval[int](shop, toldNow); got != cut {
		t.Fatalf("the connection was not cut: %d, then %d", cut, got)
	}
	line.cut.Store(false)
	shop.until("the screen catches up", toldNow+" > "+strconv.Itoa(cut))
	shop.until("it ends", "document.querySelector('.live h2').innerText.trim() === 'Done'")
	if told := eval[int](shop, toldNow); told != everyone {
		t.Errorf("%d people are told, want %d", told, everyone)
	}
	for _, trouble := range shop.forget() {
		if !strings.Contains(trouble, "net::ERR_") && !strings.Contains(trouble, "[object Event]") && !strings.Contains(trouble, "htmx:sendError") && !strings.Contains(trouble, "htmx:afterRequest") { // htmx says the same again
			t.Errorf("the console says: %s", trouble)
		}
	}
}

// A contact is erased for good after a box is ticked, and not before.
func TestBrowserErasesContact(t *testing.T) {
	t.Parallel()
	browser, d := newBrowser(t), newTrial(t)
	shop := newTab(t, browser)
	shop.signIn(d)
	shop.product(d, "tazza-blu")
	waiting := shop.number("#waiting")
	shop.open(d.shop + "/contacts?q=Ferrante")
	shop.follow("#contacts a.cover")
	shop.wants("h1", giulia.Name())
	dossier := eval[string](shop, "location.href")
	shop.click("//summary[contains(., 'Erase this contact')]")
	shop.click("form[action$='/erase'] .btn-alert")
	if got := eval[string](shop, "location.href"); got != dossier {
		t.Fatalf("erased without the box being ticked: %s", got)
	}
	shop.click("form[action$='/erase'] .checkbox")
	shop.follow("form[action$='/erase'] .btn-alert")
	shop.wants(".notice", "The contact is erased")
	shop.open(dossier)
	shop.wants("h1", "Erased contact")
	for _, personal := range []string{giulia.FirstName, giulia.LastName, giulia.PSID, "serve la tazza blu"} {
		if text := shop.text("main"); strings.Contains(text, personal) {
			t.Errorf("%q is left: %s", personal, text)
		}
	}
	shop.open(d.shop + "/contacts?q=Ferrante")
	shop.wants("#contacts", "Nothing found")
	shop.product(d, "tazza-blu")
	if got := shop.number("#waiting"); got != waiting-1 {
		t.Errorf("%d people wait, want %d", got, waiting-1)
	}
}
