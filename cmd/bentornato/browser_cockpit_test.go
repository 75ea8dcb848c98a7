package main

import (
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strconv"
	"strings"
	"testing"
)

// A restock's screen from before to after: what it would do, what it does while somebody is about to press a button, pausing, going
// on, and cancelling with a question first.
func TestBrowserCockpit(t *testing.T) {
	t.Parallel()
	browser, d := newBrowser(t), newTrial(t)
	shop := newTab(t, browser)
	shop.signIn(d)
	shop.set(d, "rate", 1)
	shop.product(d, "tazza-blu")
	everyone := shop.number("#waiting")
	shop.fill("#stock-available", "4")
	shop.follow("#what-if")
	shop.wants("#forecast", "If 4 pieces came back")
	shop.wants("#forecast", strconv.Itoa(everyone)+" people would be told.")
	if got := eval[string](shop, "document.querySelector('#stock-available').value"); got != "4" {
		t.Errorf("the question is gone from its field: %q", got)
	}
	shop.reportStock(4)
	shop.follow("a[href^='/restocks/'].linklike")
	eval[bool](shop, "window.sameDocument = true")
	shop.until("it moves", toldNow+" >= 1")

	// What is about to be pressed stays open, and nothing below moves, while the numbers do.
	shop.click("//summary[contains(., 'Cancel the restock')]")
	shop.wants("#restock-cancel-does", "Ends it for good")
	calls := "document.querySelector('#calls').getBoundingClientRect().top + scrollY"
	place, told := eval[float64](shop, calls), eval[int](shop, toldNow)
	shop.until("it moves on", toldNow+" > "+strconv.Itoa(told+1))
	if !eval[bool](shop, "document.querySelector('details:has(#restock-cancel)').open") {
		t.Error("the question closed while somebody read it")
	}
	if now := eval[float64](shop, calls); now != place {
		t.Errorf("the calls stood at %v and stand at %v", place, now)
	}
	if !eval[bool](shop, "window.sameDocument === true") {
		t.Error("the screen was loaded again")
	}

	shop.follow("#restock-pause")
	shop.wants(".notice", "Paused")
	shop.until("what was under way is done", "document.querySelector('.legend li:nth-child(2) b').innerText.trim() === '0'")
	paused := eval[int](shop, toldNow)
	shop.wants("#moving", "Press Resume to go on")
	if paused >= everyone {
		t.Fatalf("all %d were told before it was paused", everyone)
	}
	shop.follow("#restock-resume")
	shop.until("it goes on", toldNow+" > "+strconv.Itoa(paused))
	shop.click("//summary[contains(., 'Cancel the restock')]")
	shop.follow("#restock-cancel")
	shop.wants("#restock-state", "Cancelled")
	shop.wants("[aria-labelledby=brought]", "Told")
	if over := eval[int](shop, toldNow); over > everyone || over <= paused {
		t.Errorf("%d are told in the end, of %d", over, everyone)
	}
}

// Where streams do not get through the screen asks again by itself.
func TestBrowserPolls(t *testing.T) {
	t.Parallel()
	browser, d := newBrowser(t), newTrial(t)
	shop := newTab(t, browser)
	shop.signIn(d)
	shop.set(d, "rate", 1)
	address, err := url.Parse(d.shop)
	if err != nil {
		t.Fatal(err)
	}
	proxy := &httputil.ReverseProxy{Rewrite: func(p *httputil.ProxyRequest) { p.SetURL(address); p.Out.Host = p.In.Host }}
	deaf := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/events") {
			http.Error(w, "no streams here", http.StatusServiceUnavailable)
			return
		}
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(deaf.Close)
	shop.product(d, "tazza-blu")
	shop.reportStock(50)
	shop.follow("a[href^='/restocks/'].linklike")
	shop.open(deaf.URL + eval[string](shop, "location.pathname"))
	eval[bool](shop, "window.sameDocument = true")
	told := eval[int](shop, toldNow)
	shop.until("it moves without a stream", toldNow+" > "+strconv.Itoa(told)+" && document.querySelectorAll('#calls tbody tr').length > "+strconv.Itoa(told))
	if !eval[bool](shop, "window.sameDocument === true") {
		t.Error("the screen was loaded again")
	}
	for _, trouble := range shop.forget() {
		if !strings.Contains(trouble, "/events") && !strings.Contains(trouble, "[object Event]") {
			t.Errorf("the console says: %s", trouble)
		}
	}
}

// One person is asked with a tap, and then all; the clocks run down meanwhile.
func TestBrowserAsks(t *testing.T) {
	t.Parallel()
	browser, d := newBrowser(t), newTrial(t)
	shop, phone := newTab(t, browser), newTab(t, browser)
	phone.open(d.phone(sofia))
	requests := "document.querySelectorAll('#messages .request:not(.done)').length"
	before := eval[int](phone, requests)
	shop.signIn(d)
	shop.open(d.shop + "/ask")
	first := shop.text("[data-left]")
	shop.until("the clock runs", "document.querySelector('[data-left]').innerText.trim() !== '"+first+"'")
	rows := "document.querySelectorAll('main tbody tr').length"
	people := eval[int](shop, rows)
	shop.wants("main tbody tr", sofia.Name())
	shop.follow("main tbody tr form button")
	shop.wants(".notice", "1 person is being asked.")
	if got := eval[int](shop, rows); got != people-1 {
		t.Errorf("%d are left to ask, want %d", got, people-1)
	}
	phone.until("the opt-in request arrives", requests+" > "+strconv.Itoa(before))
	shop.follow("#ask-all")
	shop.wants(".notice", strconv.Itoa(people-1)+" people are being asked.")
	shop.wants("main .empty", "Nobody to ask now")
	shop.follow("a[href='/ask?show=refused']")
	shop.wants("main tbody", "They were asked, and may still answer.")
}

// A token of no product is given one; a SKU that nobody lists is refused, and stays in its field.
func TestBrowserAssigns(t *testing.T) {
	t.Parallel()
	browser, d := newBrowser(t), newTrial(t)
	shop := newTab(t, browser)
	shop.signIn(d)
	shop.open(d.shop + "/tokens")
	shop.follow("[aria-labelledby=unassigned] a")
	shop.fill("form.assign input[name=sku]", "TAZA")
	shop.click("form.assign button")
	shop.until("it is refused", "document.querySelector('.field-error')")
	shop.forget() // the browser reports every 422
	if got := eval[string](shop, "document.querySelector('form.assign input[name=sku]').value"); got != "TAZA" {
		t.Errorf("what was typed is gone: %q", got)
	}
	shop.fill("form.assign input[name=sku]", exampleItem{slug: "tazza-blu"}.sku())
	shop.follow("form.assign button")
	shop.wants(".notice", "The token belongs to the product now")
	if n := eval[int](shop, "document.querySelectorAll('[aria-labelledby=unassigned]').length"); n != 0 {
		t.Error("something is unassigned still")
	}
}
