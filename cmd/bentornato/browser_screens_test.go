package main

import (
	_ "embed"
	"fmt"
	"strings"
	"testing"
)

// axe finds what keeps people with disabilities out (axe-core 4.14.1, MPL-2.0, unchanged).
//
//go:embed testdata/axe.min.js
var axe string

// violations is the JavaScript that names what axe finds wrong.
const violations = `axe.run(document, {preload: false, resultTypes: ['violations'],
	runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']})
	.then(r => r.violations.map(v => v.id + ': ' + v.help + ': ' + v.nodes.slice(0, 5).map(n => n.html.slice(0, 160) + ' [' + n.any.concat(n.all, n.none).map(c => c.message).join('; ') + ']').join('\n\t')))`

// tooSmall is the JavaScript that names what is too small for a finger: what is pressed is at least 44 CSS pixels high,
// and a link of its own, which has space around it, at least 24 (WCAG 2.5.8, which makes an exception of links in a
// line of text). A link that covers its row is as large as the row, a box as large as its label.
const tooSmall = `[...document.querySelectorAll('a, button, summary, select, input:not([type=hidden])')].filter(e => {
	const r = (e.closest('label') ?? (e.matches('.cover') ? e.closest('tr, li') : null) ?? e).getBoundingClientRect();
	if (!e.checkVisibility({visibilityProperty: true}) || r.width <= 1 || r.bottom < 0) return false;
	if (e.matches('a') && getComputedStyle(e).display === 'inline') return false;
	return r.height < (e.matches('a:not([class])') || e.matches('.linklike') ? 24 : 43.5) || r.width < 24;
}).map(e => Math.round(e.getBoundingClientRect().width) + 'x' + Math.round(e.getBoundingClientRect().height) + ' ' + e.outerHTML.slice(0, 120))`

// tooWide is the JavaScript that names what makes the page scroll sideways.
const tooWide = `(() => {
	const page = document.documentElement, wide = page.clientWidth;
	if (page.scrollWidth <= wide && document.body.scrollWidth <= wide) return [];
	return ['the page is ' + page.scrollWidth + ' wide'].concat([...document.body.querySelectorAll('*')]
		.filter(e => e.getBoundingClientRect().right > wide + 0.5).slice(-3).map(e => e.outerHTML.slice(0, 160)));
})()`

// look is a way to look at a screen.
type look struct {
	name   string
	device device
	dark   bool
	// language is the one in which a screen is looked at like this: each screen is seen in both languages, at both widths of
	// each, and once in each look.
	language string
	// axe takes its time, so each screen is shown to it twice.
	axe bool
}

func looks() []look {
	return []look{
		{name: "1440-light", device: desktop, language: "en", axe: true}, {name: "1440-dark", device: desktop, dark: true, language: "it", axe: true},
		{name: "390-light", device: handheld, language: "it"}, {name: "390-dark", device: handheld, dark: true, language: "en"},
	}
}

// TestBrowserScreens looks at every screen in both languages, on a desktop and on a phone, in the light and in the dark.
func TestBrowserScreens(t *testing.T) {
	t.Parallel()
	for _, language := range []string{"en", "it"} {
		t.Run(language, func(t *testing.T) {
			t.Parallel()
			walkScreens(t, language)
		})
	}
}

// walkScreens visits every screen in one language, in an installation of its own: some visits change it.
func walkScreens(t *testing.T, language string) {
	t.Helper()
	d, seen, shop := newTrial(t), map[string]bool{}, newTab(t, newBrowser(t))
	shop.enter(d)
	if eval[string](shop, "document.documentElement.lang") != language {
		shop.follow(".sidebar button[name=language][value=" + language + "]")
	}
	menu := eval[[]string](shop, "[...document.querySelectorAll('.sidebar nav a')].map(a => a.getAttribute('href'))")
	for _, v := range visits(t) {
		t.Run(v.name, func(t *testing.T) {
			b := &tab{t: t, ctx: shop.ctx}
			b.show(desktop, false)
			v.to(b, d)
			if got := eval[string](b, "document.documentElement.lang"); got != language && v.name != "shop" { // which speaks the Page's
				t.Errorf("the page's language is %q", got)
			}
			seen[eval[string](b, "location.pathname")] = true
			b.look(v, language, false)
		})
		if v.refused {
			shop.forget() // the console takes a refused form for trouble
		}
		shop.check()
	}
	for _, path := range menu {
		if !seen[path] {
			t.Errorf("%s is in the menu, and not looked at", path)
		}
	}
}

// look holds the screen that is shown to what every screen must keep, in the looks of a language, or in all of them.
func (b *tab) look(v visit, language string, all bool) {
	b.t.Helper()
	seen := false
	for _, l := range looks() {
		if !all && l.language != language {
			continue
		}
		b.show(l.device, l.dark)
		b.picture(fmt.Sprintf("%s-%s-%s", v.name, l.name, language), true)
		if v.readme != "" && v.look == l.name && language == "en" {
			b.picture(v.readme, false)
		}
		b.finds(l.name, "scrolls sideways", tooWide)
		if l.device.phone {
			b.finds(l.name, "is too small for a finger", tooSmall)
		}
		if l.axe {
			if !seen {
				seen = eval[bool](b, axe+"; true")
			}
			b.finds(l.name, "keeps people out", violations)
		}
	}
}

func (b *tab) finds(look, wrong, script string) {
	b.t.Helper()
	if found := eval[[]string](b, script); len(found) > 0 {
		b.t.Errorf("%s: %s: %s", look, wrong, strings.Join(found, "\n"))
	}
}

// What people see before they sign in, and the customers' phones.
func TestBrowserOutside(t *testing.T) {
	t.Parallel()
	browser, d := newBrowser(t), newTrial(t)
	b := newTab(t, browser)
	for _, v := range []visit{
		{name: "login", to: at("/login")},
		{name: "sandbox-phones", to: func(b *tab, d trial) { b.open(d.sandbox) }},
		{name: "sandbox-chat", to: func(b *tab, d trial) { b.open(d.phone(giulia)) }},
		{name: "sandbox-console", to: func(b *tab, d trial) { b.open(d.sandbox + "/console") }},
	} {
		t.Run(v.name, func(t *testing.T) {
			b := &tab{t: t, ctx: b.ctx}
			b.show(desktop, false)
			v.to(b, d)
			b.look(v, "en", true)
		})
		b.check()
	}
}
