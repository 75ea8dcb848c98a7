package main

import (
	"strconv"
	"testing"

	"github.com/chromedp/chromedp"
)

// TestBrowserSettings changes what an owner changes: how long things are kept, which is asked twice, and their own
// password. The log tells of both, and the old password opens nothing.
func TestBrowserSettings(t *testing.T) {
	t.Parallel()
	browser, d := newBrowser(t), newTrial(t)
	b := newTab(t, browser)
	b.show(handheld, false)
	b.signIn(d)
	b.open(d.shop + "/settings")
	b.follow("a[href='/settings/retention']")
	b.fill("#keep_messages", "30")
	b.refuses("form[action='/settings/retention'] .btn-primary")
	b.forget() // the console takes a refused form for trouble
	if got := eval[string](b, "document.querySelector('#keep_messages').value"); got != "30" {
		t.Errorf("what was typed is now %q", got)
	}
	b.click("form[action='/settings/retention'] .checkbox")
	b.follow("form[action='/settings/retention'] .btn-primary")
	b.wants(".notice", "Saved")

	const password = "una password nuova"
	b.open(d.shop + "/settings/account")
	b.fill("#current", d.password)
	b.fill("#password", password)
	b.fill("#password_again", password)
	b.follow("form[action='/settings/account/password'] .btn-primary")
	b.wants(".notice", "password")

	b.open(d.shop + "/settings/audit")
	b.wants("main", "New password")
	b.wants("main", "30")
	if text := b.text("main"); text == "" || eval[bool](b, "document.body.innerText.includes("+strconv.Quote(password)+")") {
		t.Error("the log shows a password")
	}
	b.holdsWidth("audit")

	b.click(".menu summary")
	b.follow(".menu-panel form[action='/logout'] button")
	b.fill("#email", d.email)
	b.fill("#password", d.password)
	if answer, err := chromedp.RunResponse(b.ctx, click("form[action='/login'] button")); err != nil || answer.Status != 401 && answer.Status != 422 {
		t.Errorf("the old password is answered with %+v, %v", answer, err)
	}
	b.forget()
	b.fill("#password", password)
	b.follow("form[action='/login'] button")
	b.wants("h1", "Welcome back")
}

// refuses presses what sends a form that cannot be carried out.
func (b *tab) refuses(selector string) {
	b.t.Helper()
	answer, err := chromedp.RunResponse(b.ctx, click(selector))
	if err != nil {
		b.t.Fatalf("%s: %v; the page is %s", selector, err, b.describe())
	}
	if answer.Status != 422 {
		b.t.Errorf("%s: answered with %d, want 422; the page is %s", selector, answer.Status, b.describe())
	}
}
