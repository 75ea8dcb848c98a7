package main

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/chromedp/chromedp"
)

// visit is a screen and the way to it.
type visit struct {
	name string
	to   func(*tab, trial)
	// refused says that the way there ends with a form that is refused.
	refused bool
	// readme is the name of the README's picture of it, in the look of that name and in English.
	readme, look string
}

func at(path string) func(*tab, trial) {
	return func(b *tab, d trial) { b.open(d.shop + path) }
}

// first opens the first thing in a list.
func first(path string) func(*tab, trial) {
	return func(b *tab, d trial) {
		b.open(d.shop + path)
		b.follow("main a.cover")
	}
}

// unfolded goes somewhere and opens all that is folded there.
func unfolded(to func(*tab, trial)) func(*tab, trial) {
	return func(b *tab, d trial) {
		to(b, d)
		eval[bool](b, "document.querySelectorAll('main details').forEach(e => { e.open = true }), true")
	}
}

// addShop plugs a shop in.
func addShop(b *tab, d trial) {
	b.open(d.shop + "/sources")
	eval[bool](b, "document.querySelector('#kind').value = 'shopify', true")
	b.fill("#name", "Vetrina")
	b.follow("form[action='/sources'] button")
}

func talkWith(p examplePerson) func(*tab, trial) {
	return func(b *tab, d trial) { b.talk(d, p) }
}

// visits are all screens of somebody who is signed in, and the states of them that only a shop with a past shows; the
// others are among the golden files (TestBrowserStates). What changes the shop comes last.
func visits(t *testing.T) []visit {
	t.Helper()
	return slices.Concat(daily(), catalogue(t), people(), office(), cockpit())
}

// daily are what is looked at every day.
func daily() []visit {
	return []visit{
		{name: "home", to: at("/"), readme: "home", look: "1440-light"},
		{name: "inbox", to: at("/inbox")},
		{name: "inbox-unread", to: at("/inbox?show=unread")},
		{name: "conversation", to: talkWith(giulia)},
		{name: "conversation-by-hand", to: unfolded(talkWith(nora))},
		{name: "conversation-stopped", to: talkWith(tommaso)},
		{name: "ask", to: at("/ask")},
		{name: "ask-refused", to: at("/ask?show=refused")},
		{name: "tokens", to: at("/tokens")},
		{name: "tokens-ending", to: at("/tokens?ending=90")},
		{name: "tokens-unassigned", to: at("/tokens?unassigned=yes")},
		{name: "tokens-products", to: at("/tokens/products")},
		{name: "restocks", to: at("/restocks")},
		{name: "demand", to: at("/demand")},
	}
}

// catalogue are the products and what is done with them.
func catalogue(t *testing.T) []visit {
	t.Helper()
	folder := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	upload := func(path string) func(*tab, trial) {
		return func(b *tab, d trial) {
			b.open(d.shop + "/products/import")
			b.do(chromedp.SetUploadFiles(chromedp.CSS("#file"), []string{path}))
			b.follow("form[action='/products/import'] button")
		}
	}
	const heads = "sku,title,price,currency,available\n"
	wrong := file("prodotti.csv", heads+"NUOVO-1,Portacandele,12.50,EUR,4\n,Senza SKU,3.00,EUR,1\nNUOVO-2,Prezzo sbagliato,dodici,EUR,1\nNUOVO-3,Giacenza sbagliata,3.00,EUR,molti\n")
	return []visit{
		{name: "products", to: at("/products")},
		{name: "product", to: func(b *tab, d trial) { b.product(d, "tazza-blu") }, readme: "product", look: "1440-light"},
		{name: "product-edit", to: unfolded(func(b *tab, d trial) { b.product(d, "tazzine") })},
		{name: "product-forecast", to: func(b *tab, d trial) {
			b.product(d, "tazza-blu")
			b.fill("#stock-available", "3")
			b.follow("#what-if")
		}},
		{name: "product-new", to: at("/products/new")},
		{name: "import", to: at("/products/import")},
		{name: "import-wrong", to: upload(wrong)},
		{name: "rules", to: at("/products/rules?all=yes&availability=sold_out")},
		{name: "rules-preview", to: func(b *tab, d trial) {
			b.open(d.shop + "/products/rules?all=yes&availability=sold_out")
			b.fill("#min_stock", "2")
			b.follow("#rules-preview")
		}},
		{name: "products-view", to: func(b *tab, d trial) {
			b.open(d.shop + "/products?availability=waiting&sort=waiting")
			b.click(".tools summary")
			b.fill("#view_name", "Da riordinare")
			b.follow("form[action='/products/views'] button")
		}},
		{name: "shop", to: at("/shop/" + examplePageID)},
	}
}

// people are the contacts and what is on record of them.
func people() []visit {
	return []visit{
		{name: "contacts", to: at("/contacts")},
		{name: "contacts-stopped", to: at("/contacts?show=stopped")},
		{name: "contact", to: first("/contacts?q=Ferrante"), readme: "contact-phone-dark", look: "390-dark"},
		{name: "contact-emily", to: unfolded(first("/contacts?q=Hartwell"))},
		{name: "deletion", to: at("/data-deletion")},
		{name: "saved-replies", to: at("/inbox/replies")},
		{name: "saved-replies-one", to: unfolded(func(b *tab, d trial) {
			b.open(d.shop + "/inbox/replies")
			b.fill("#reply_title", "Spedizioni")
			b.types("#text", "Ciao {name}! Spediamo in tutta Europa in 2-4 giorni.")
			b.follow("form[action='/inbox/replies'] .btn-primary")
		})},
		{name: "conversation-saved-replies", to: unfolded(talkWith(beatrice))},
	}
}

// office is where things are set up.
func office() []visit {
	return []visit{
		{name: "sources", to: at("/sources")},
		{name: "source", to: first("/sources")},
		{name: "source-added", to: addShop},
		{name: "source-guide", to: unfolded(func(b *tab, d trial) {
			addShop(b, d)
			b.follow("[aria-labelledby=created] a.btn")
		})},
		{name: "pages", to: at("/pages")},
		{name: "page", to: at("/pages/" + examplePageID)},
		{name: "consents", to: at("/pages/" + examplePageID + "/consents")},
		{name: "posts", to: at("/pages/" + examplePageID + "/posts")},
		{name: "templates", to: at("/pages/" + examplePageID + "/templates")},
		{name: "template-new", to: at("/pages/" + examplePageID + "/templates/new")},
		{name: "connect", to: at("/pages/connect")},
		{name: "assumptions", to: at("/pages/assumptions")},
		{name: "team", to: unfolded(at("/team"))},
		{name: "settings", to: at("/settings")},
		{name: "account", to: at("/settings/account")},
		{name: "account-wrong", refused: true, to: func(b *tab, d trial) {
			b.open(d.shop + "/settings/account")
			b.fill("#current", "not this one")
			b.fill("#password", "una password nuova")
			b.fill("#password_again", "una password nuova")
			b.refuses("form[action='/settings/account/password'] .btn-primary")
		}},
		{name: "audit", to: unfolded(at("/settings/audit"))},
		{name: "retention", to: at("/settings/retention")},
		{name: "retention-asked", refused: true, to: func(b *tab, d trial) {
			b.open(d.shop + "/settings/retention")
			b.fill("#keep_messages", "30")
			b.refuses("form[action='/settings/retention'] .btn-primary")
		}},
		{name: "about", to: at("/settings/about")},
		{name: "setup", to: at("/setup")},
	}
}

// cockpit is a restock before, while and after it runs.
func cockpit() []visit {
	return []visit{
		{name: "restock-paused", to: func(b *tab, d trial) {
			b.product(d, "collana")
			b.follow("a[href^='/restocks/'].linklike")
		}},
		{name: "restock-done", to: func(b *tab, d trial) {
			b.product(d, "moka")
			b.follow("[aria-labelledby=history] a.cover")
		}},
		{name: "restock-before", to: func(b *tab, d trial) {
			b.open(d.shop + "/pages/" + examplePageID)
			b.fill("#rate", "1")
			b.fill("#ask_above", "1")
			b.follow("form[action='/pages/" + examplePageID + "'] .btn-primary")
			b.product(d, "tazza-blu")
			b.reportStock(20)
			b.follow("a[href^='/restocks/'].linklike")
		}},
		{name: "home-before", to: at("/")},
		{name: "restock-running", to: func(b *tab, d trial) {
			b.product(d, "tazza-blu")
			b.follow("a[href^='/restocks/'].linklike")
			b.follow("#restock-approve")
		}},
		{name: "restock-cancel", to: func(b *tab, d trial) {
			b.product(d, "collana")
			b.follow("a[href^='/restocks/'].linklike")
			eval[bool](b, "document.querySelectorAll('main details').forEach(e => { e.open = true }), true")
		}},
	}
}
