package main

import (
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// withoutScript forbids the tab's pages to run scripts.
func (b *tab) withoutScript() {
	b.t.Helper()
	b.call(func() error {
		_, err := chromedp.Call(b.ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
		return err
	})
}

// tabTo presses the Tab key until the element with an id has the focus, which must be seen at every stop on the way.
func (b *tab) tabTo(id string) {
	b.t.Helper()
	const stops = 60 // more than any screen has before its content
	for range stops {
		if eval[string](b, "document.activeElement.id") == id {
			return
		}
		b.press(kb.Tab)
		if unseen := eval[string](b, unseenFocus); unseen != "" {
			b.t.Errorf("the focus cannot be seen on %s; the page is %s", unseen, b.describe())
		}
	}
	b.t.Fatalf("%d stops do not lead to %s; the page is %s", stops, id, b.describe())
}

// unseenFocus is the JavaScript that describes what has the focus where nothing shows it.
const unseenFocus = `(() => {
	const e = document.activeElement, s = getComputedStyle(e), r = e.getBoundingClientRect();
	if (e === document.body) return '';
	const ring = s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 1;
	const there = r.width > 0 && r.height > 0 && r.bottom > 0 && r.right > 0;
	return e.matches(':focus-visible') && ring && there ? '' : e.outerHTML.slice(0, 200);
})()`

// Without a script everything works by sending forms and following links.
func TestBrowserWithoutScript(t *testing.T) {
	t.Parallel()
	browser, d := newBrowser(t), newTrial(t)
	shop := newTab(t, browser)
	shop.withoutScript()
	shop.signIn(d)
	shop.set(d, "rate", 1)
	shop.follow(".sidebar a[href='/products']")
	all := eval[int](shop, "document.querySelectorAll('#products tbody tr').length")
	shop.click("input[name=availability][value=sold_out]")
	shop.follow("form[action='/products'] .btn")
	some := eval[int](shop, "document.querySelectorAll('#products tbody tr').length")
	if some == 0 || some >= all {
		t.Errorf("%d products of %d are sold out", some, all)
	}
	shop.product(d, "tazza-blu")
	shop.reportStock(20)
	shop.wants(".notice", "people are being told")
	shop.follow("a[href^='/restocks/'].linklike")
	shop.wants("h2", "Running")
	shop.follow("#restock-pause")
	shop.wants(".notice", "Paused")
	shop.wants("h2", "Paused")
	shop.follow("#restock-resume")
	shop.wants(".notice", "Running again")
	shop.wants("h2", "Running")
	shop.follow(".sidebar button[name=language][value=it]")
	shop.wants("h2", "In corso")
	if lang := eval[string](shop, "document.documentElement.lang"); lang != "it" {
		t.Errorf("the page's language is %q, want it", lang)
	}
}

// Everything can be done with the keyboard alone, and one always sees where one is.
func TestBrowserKeyboard(t *testing.T) {
	t.Parallel()
	browser, d := newBrowser(t), newTrial(t)
	shop := newTab(t, browser)
	shop.open(d.shop + "/login")
	shop.tabTo("email")
	shop.press(d.email)
	shop.tabTo("password")
	shop.press(d.password + kb.Enter)
	shop.until("signed in", "location.pathname === '/' && document.readyState === 'complete'")

	// The first stop skips the navigation.
	shop.press(kb.Tab)
	if skip := eval[bool](shop, "document.activeElement.matches('.skip') && document.activeElement.getBoundingClientRect().top >= 0"); !skip {
		t.Error("the first stop is not a visible way past the navigation")
	}
	shop.press(kb.Enter)
	shop.until("the content has the focus", "document.activeElement.id === 'content'")

	shop.product(d, "candela")
	shop.tabTo("stock-available")
	shop.press("5" + kb.Enter)
	shop.until("the stock is recorded", "document.querySelector('.notice')")
	shop.wants(".notice", "Stock is recorded")
	shop.wants("h1 ~ .state", "5")
}
