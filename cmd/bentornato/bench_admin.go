package main

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"time"

	"bentornato/models"
	"bentornato/models/store"
	"bentornato/web"
)

// Measures of the admin part.
const (
	// benchBase is the scale that others are compared with.
	benchBase = 10_000
	// A page is asked for so often at each scale, or as often as the time allows; a small installation, which is measured to
	// see that it can be, less often.
	maxBenchVisits = 101
	benchVisitsPer = 20 // tokens a visit
	minBenchVisits = 7
	benchPageTime  = 3 * time.Second
)

// benchDesk is an installation of some size, and somebody who is signed in.
type benchDesk struct {
	scale   benchScale
	handler http.Handler
	cookie  string
	paths   map[string]string // by the page's name
	times   []time.Duration
}

// admin measures the server's time for the admin's pages, in shops of growing size that stand side by side: one request
// each in turn.
func (b *benchRun) admin(ctx context.Context) error {
	var scales []int
	for _, n := range []int{1000, benchBase, 100_000, 1_000_000, maxBenchTokens} {
		if n < b.tokens {
			scales = append(scales, n)
		}
	}
	return b.openDesks(ctx, append(scales, b.tokens), nil)
}

// openDesks makes the shops, each in a database of its own, and visits them when all are there.
func (b *benchRun) openDesks(ctx context.Context, scales []int, desks []*benchDesk) error {
	if len(scales) == 0 {
		return b.visit(ctx, desks)
	}
	return b.withDatabase(ctx, func(ctx context.Context, _ string, s *store.Store) error {
		b.say("admin: making up a shop with %d tokens", scales[0])
		desk, err := b.openDesk(ctx, s, scales[0])
		if err != nil {
			return err
		}
		return b.openDesks(ctx, scales[1:], append(desks, desk))
	})
}

func (b *benchRun) openDesk(ctx context.Context, s *store.Store, tokens int) (*benchDesk, error) {
	pages, err := addBenchPages(ctx, s, "101", 1, models.MaxRate)
	if err != nil {
		return nil, err
	}
	shop := &benchShop{store: s, now: time.Now().UTC(), page: pages[0], tokens: tokens}
	if err := shop.seed(ctx); err != nil {
		return nil, err
	}
	i, err := b.install(ctx, s)
	if err != nil {
		return nil, err
	}
	_ = i.listener.Close() // nothing comes over the network
	d := &benchDesk{handler: i.server.Handler(), scale: benchScale{Tokens: tokens, Products: len(shop.variants), Contacts: len(shop.contacts)}}
	d.paths = shop.paths()
	return d, d.signIn(ctx, s)
}

// signIn signs an owner in, as a browser does.
func (d *benchDesk) signIn(ctx context.Context, s *store.Store) error {
	const email, password = "bench@bentornato.example", "bench-bench-bench"
	hash, err := web.HashPassword(password)
	if err != nil {
		return err
	}
	if err := s.Update(ctx, func(tx *store.Tx) error {
		return tx.SaveUser(models.User{Email: email, Role: models.RoleOwner, PasswordHash: hash})
	}); err != nil {
		return err
	}
	r := httptest.NewRequestWithContext(ctx, http.MethodPost, "/login", strings.NewReader(url.Values{"email": {email}, "password": {password}}.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	d.handler.ServeHTTP(w, r)
	cookie := w.Header().Get("Set-Cookie")
	if w.Code != http.StatusSeeOther || cookie == "" {
		return models.Errorf(models.KindInternal, "Signing in was answered with %d.", w.Code)
	}
	d.cookie, _, _ = strings.Cut(cookie, ";")
	return nil
}

// get asks for a page as a browser does and returns how long the server took. Any answer but the page is an error.
func (d *benchDesk) get(ctx context.Context, path string) (time.Duration, error) {
	r := httptest.NewRequestWithContext(ctx, http.MethodGet, path, nil)
	r.Header.Set("Cookie", d.cookie)
	r.Header.Set("Accept-Encoding", "gzip")
	w := httptest.NewRecorder()
	begun := time.Now()
	d.handler.ServeHTTP(w, r)
	took := time.Since(begun)
	if w.Code != http.StatusOK {
		return 0, models.Errorf(models.KindInternal, "%s was answered with %d.", path, w.Code)
	}
	return took, nil
}

// visit asks every desk for every page, in turns.
func (b *benchRun) visit(ctx context.Context, desks []*benchDesk) error {
	result := &benchAdmin{}
	for _, d := range desks {
		result.Scales = append(result.Scales, d.scale)
	}
	visits := min(maxBenchVisits, max(minBenchVisits, b.tokens/benchVisitsPer))
	base := max(0, slices.IndexFunc(desks, func(d *benchDesk) bool { return d.scale.Tokens == benchBase }))
	for _, name := range benchPages() {
		b.say("admin: %s", name)
		begun := time.Now()
		for n := 0; n < minBenchVisits || (n < visits && time.Since(begun) < benchPageTime); n++ {
			for _, d := range desks {
				took, err := d.get(ctx, d.paths[name])
				if err != nil {
					return err
				}
				if n > 0 { // the first visit fills what is kept in memory
					d.times = append(d.times, took)
				}
			}
		}
		largest := desks[len(desks)-1]
		page := benchPage{Name: name, Path: largest.paths[name]}
		for _, d := range desks {
			slices.Sort(d.times)
			page.Times = append(page.Times, benchTime{Tokens: d.scale.Tokens, P50: milliseconds(quantile(d.times, 0.5)), P99: milliseconds(quantile(d.times, 0.99))})
			d.times = nil
		}
		page.Ratio = ratio(page.Times[len(desks)-1].P50, page.Times[base].P50)
		result.Pages = append(result.Pages, page)
	}
	b.report.Admin = result
	return nil
}

// benchPages are the names of the pages that are visited, in the order of the table.
func benchPages() []string {
	return []string{"home", "products", "products by who waits", "products sold out", "products, a word", "products, two words", "products, a SKU", "product",
		"tokens", "tokens that wait", "tokens sent", "tokens unassigned", "tokens of a product", "tokens by product", "tokens that end soon", "of a product, that end soon", "a forecast", "ask now", "ask now, who may not", "inbox", "inbox, unread", "inbox, to answer", "inbox, open windows", "inbox, a word", "inbox, words nobody says", "a conversation", "contacts", "contacts in the window", "contacts by name", "contacts, a name nobody has", "contact", "restocks", "restock", "demand", "sources", "pages", "a Page", "the log"}
}

// paths are where the pages of a made-up shop stand.
func (b *benchShop) paths() map[string]string {
	hot, v := b.variants[0], b.variants[len(b.variants)/2]
	return map[string]string{
		"home":                        "/",
		"products":                    "/products",
		"products by who waits":       "/products?sort=waiting",
		"products sold out":           "/products?availability=sold_out",
		"products, a word":            "/products?q=" + url.QueryEscape(strings.ToLower(strings.Fields(v.Title)[0])),
		"products, two words":         "/products?q=" + url.QueryEscape(v.Title),
		"products, a SKU":             "/products?q=" + url.QueryEscape(v.SKU[:10]),
		"product":                     fmt.Sprintf("/products/%d", hot.ID),
		"tokens":                      "/tokens",
		"tokens that wait":            "/tokens?state=waiting",
		"tokens sent":                 "/tokens?state=sent",
		"tokens unassigned":           "/tokens?unassigned=yes",
		"tokens of a product":         "/tokens?sku=" + url.QueryEscape(hot.SKU),
		"tokens by product":           "/tokens/products",
		"tokens that end soon":        "/tokens?ending=90",
		"of a product, that end soon": "/tokens?ending=90&sku=" + url.QueryEscape(hot.SKU),
		"a forecast":                  fmt.Sprintf("/products/%d?available=10", hot.ID),
		"ask now":                     "/ask",
		"ask now, who may not":        "/ask?show=refused",
		"inbox":                       "/inbox",
		"inbox, unread":               "/inbox?show=unread",
		"inbox, to answer":            "/inbox?show=unanswered",
		"inbox, open windows":         "/inbox?show=open",
		"inbox, a word":               "/inbox?q=tazza",
		"inbox, words nobody says":    "/inbox?q=zzz",
		"a conversation":              fmt.Sprintf("/inbox/%d", b.contacts[0].ID),
		"contacts":                    "/contacts",
		"contacts in the window":      "/contacts?show=open",
		"contacts, a name nobody has": "/contacts?q=zzz",
		"contacts by name":            "/contacts?q=alba+teiera",
		"contact":                     fmt.Sprintf("/contacts/%d", b.contacts[0].ID),
		"demand":                      "/demand",
		"restocks":                    "/restocks",
		"restock":                     fmt.Sprintf("/restocks/%d", b.restocks[0].ID),
		"sources":                     "/sources",
		"pages":                       "/pages",
		"a Page":                      "/pages/" + b.page,
		"the log":                     "/settings/audit",
	}
}
