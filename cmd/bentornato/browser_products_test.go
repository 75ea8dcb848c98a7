package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"
)

// TestBrowserProducts imports a file with mistakes, changes the rules of many and keeps a view: on a desktop, on a phone, and
// without a script.
func TestBrowserProducts(t *testing.T) {
	t.Parallel()
	for _, way := range []struct {
		name   string
		device device
		plain  bool
	}{{name: "desktop", device: desktop}, {name: "phone", device: handheld}, {name: "plain", device: desktop, plain: true}} {
		t.Run(way.name, func(t *testing.T) {
			t.Parallel()
			browser, d := newBrowser(t), newTrial(t)
			b := newTab(t, browser)
			if way.plain {
				b.withoutScript()
			}
			b.signIn(d)
			if !way.plain {
				b.show(way.device, false)
			}
			importProducts(t, b, d)
			changeManyRules(b, d)
			keepView(b, d)
			readMessages(b, d, way.plain)
			b.open(d.shop + "/demand")
			b.wants("h1", "Demand")
			b.holdsWidth("demand")
		})
	}
}

// holdsWidth checks that the page does not scroll sideways.
func (b *tab) holdsWidth(what string) {
	b.t.Helper()
	b.finds(what, "scrolls sideways", tooWide)
}

func importProducts(t *testing.T, b *tab, d trial) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "listino.csv")
	text := "sku;title;price;available\n" + exampleItem{slug: "tazza-blu"}.sku() + ";Tazza Alba grande;18,50;\nNUOVO-1;Portacandele;12,50;4\n;Senza SKU;3,00;1\nNUOVO-2;Prezzo sbagliato;dodici;1\n"
	if err := os.WriteFile(file, []byte("\ufeff"+text), 0o600); err != nil {
		t.Fatal(err)
	}
	b.open(d.shop + "/products/import")
	b.do(chromedp.SetUploadFiles(chromedp.CSS("#file"), []string{file}))
	b.follow("form[action='/products/import'] button")
	b.wants("[aria-labelledby=preview]", "listino.csv")
	b.wants("[aria-labelledby=preview]", "2 wrong lines")
	b.wants("[aria-labelledby=changes]", "Tazza Alba grande")
	b.wants("[aria-labelledby=wrong]", "NUOVO-2")
	b.holdsWidth("import")
	b.open(d.shop + "/products?q=NUOVO-1")
	b.wants("#products", "Nothing found")
	b.do(chromedp.NavigateBack())
	b.until("the preview is back", "document.querySelector('#import-confirm')")
	b.follow("#import-confirm")
	b.wants("[aria-labelledby=result]", "1 added")
	b.open(d.shop + "/products?q=NUOVO-1")
	b.wants("#products", "Portacandele")
}

func changeManyRules(b *tab, d trial) {
	b.t.Helper()
	b.open(d.shop + "/products?availability=sold_out")
	b.click("#products tbody tr:nth-child(1) .pick")
	b.click("#products tbody tr:nth-child(2) .pick")
	b.holdsWidth("products")
	b.follow("form[action='/products/rules'] button:not([name])")
	b.wants("main", "2 products")
	b.fill("#min_stock", "3")
	b.follow("#rules-preview")
	b.wants("[aria-labelledby=preview]", "2 products will change")
	b.holdsWidth("rules")
	b.follow("#rules-confirm")
	b.wants(".notice", "rules are changed")
	b.follow("#products tbody tr:nth-child(1) a.cover")
	if got := eval[string](b, "document.querySelector('#min_stock').value"); got != "3" {
		b.t.Errorf("the minimum is %q, want 3", got)
	}
}

func keepView(b *tab, d trial) {
	b.t.Helper()
	b.open(d.shop + "/products?availability=waiting&sort=waiting")
	b.click(".tools summary")
	b.fill("#view_name", "Da riordinare")
	b.follow("form[action='/products/views'] button")
	b.wants(".notice", "view is saved")
	b.open(d.shop + "/products")
	b.follow("//nav//a[contains(., 'Da riordinare')]")
	if got := eval[string](b, "location.search"); got != "?availability=waiting&sort=waiting" {
		b.t.Errorf("the view leads to %q", got)
	}
	b.follow("form[action^='/products/views/'] button")
	b.wants(".notice", "view is deleted")
}

// readMessages types a title and reads how it becomes a message: at once where scripts run, by a button where not.
func readMessages(b *tab, d trial, plain bool) {
	b.t.Helper()
	b.product(d, "tazza-blu")
	b.click("#edit")
	b.fill("#title", "Tazza Nuova")
	if plain {
		b.follow("button[formaction$='/preview']")
	} else {
		b.until("the messages follow what is typed", "document.querySelector('#messages').innerText.includes('Tazza Nuova')")
	}
	b.wants("#messages", "Tazza Nuova")
	b.wants("#messages", "/65")
	b.holdsWidth("product")
}
