package web_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"bentornato/models"
	"bentornato/models/store"
)

// as signs somebody of a role in.
func (s *site) as(role models.Role, options ...func(*http.Request)) *browser {
	s.t.Helper()
	address := string(role) + "@shop.example"
	s.addUser(address, role)
	b := s.browser(options...)
	b.leads(s.t, b.visit("POST", "/login", values("email", address, "password", password)), "/")
	return b
}

// page reads an answer as a page.
func (a answer) page(t *testing.T, status int) *goquery.Document {
	t.Helper()
	a.is(t, status)
	d, err := goquery.NewDocumentFromReader(strings.NewReader(a.body))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// shows visits a screen.
func (b *browser) shows(t *testing.T, target string) *goquery.Document {
	t.Helper()
	return b.visit("GET", target, "").page(t, 200)
}

// send sends a form that is carried out, and returns the screen that it leads to.
func (b *browser) send(t *testing.T, target string, pairs ...string) *goquery.Document {
	t.Helper()
	a := b.visit("POST", target, values(pairs...)).is(t, http.StatusSeeOther)
	d := b.shows(t, a.Header.Get("Location"))
	if d.Find(".notice-done[role=status]").Length() != 1 || d.Find(".notice-wrong").Length() != 0 {
		t.Errorf("after %s no word says that it was done: %s", target, text(d.Find(".notice")))
	}
	if again := b.shows(t, a.Header.Get("Location")); again.Find(".notice-done").Length() != 0 {
		t.Errorf("after %s the word is said twice", target)
	}
	return d
}

// fails sends a form that comes back, and changes nothing.
func (b *browser) fails(t *testing.T, status int, target string, pairs ...string) *goquery.Document {
	t.Helper()
	var d *goquery.Document
	b.unchanged(func() { d = b.visit("POST", target, values(pairs...)).page(t, status) })
	return d
}

// conflicts sends a form without fields that cannot be carried out: the next screen says so, and nothing changes.
func (b *browser) conflicts(t *testing.T, target string) {
	t.Helper()
	b.unchanged(func() {
		a := b.visit("POST", target, "").is(t, http.StatusSeeOther)
		if d := b.shows(t, a.Header.Get("Location")); d.Find(".notice-wrong[role=alert]").Length() != 1 {
			t.Errorf("after %s no word says that it failed", target)
		}
	})
}

func text(s *goquery.Selection) string { return strings.Join(strings.Fields(s.Text()), " ") }

// holds checks that something on a page has the words.
func holds(t *testing.T, s *goquery.Selection, words ...string) {
	t.Helper()
	for _, w := range words {
		if !strings.Contains(text(s), w) {
			t.Errorf("%q does not hold %q", text(s), w)
		}
	}
}

// kept checks that the fields of a form that came back hold what was typed.
func kept(t *testing.T, d *goquery.Document, pairs ...string) {
	t.Helper()
	for i := 0; i+1 < len(pairs); i += 2 {
		field := d.Find("form[method=post] [name=" + pairs[i] + "]").First()
		got := field.AttrOr("value", "")
		if field.Is("select") {
			got = field.Find("option[selected]").AttrOr("value", "")
		}
		if got != pairs[i+1] {
			t.Errorf("the field %s holds %q, want %q", pairs[i], got, pairs[i+1])
		}
	}
}

// wrongField checks that one field, and only it, is marked as wrong, with a reason.
func wrongField(t *testing.T, d *goquery.Document, name string) {
	t.Helper()
	marked := d.Find("[aria-invalid=true]")
	if marked.Length() != 1 || marked.AttrOr("name", "") != name {
		t.Errorf("%d fields are marked as wrong (%s), want %s alone", marked.Length(), marked.AttrOr("name", ""), name)
	}
	if text(d.Find(".field-error")) == "" {
		t.Errorf("no reason stands at the field %s", name)
	}
}

// notify claims what the shop's Page may send and settles every token with one answer. It returns how many there were.
func (s *site) notify(answer models.Answer) int {
	s.t.Helper()
	ctx := context.Background()
	c, err := s.store.Claim(ctx, store.ClaimQuery{PageID: pageID, Horizon: time.Second, Lease: time.Minute, Max: 10})
	s.must(err)
	settled := make([]models.Settlement, len(c.Tokens))
	for i, k := range c.Tokens {
		settled[i] = models.SettleAttempt(k.Token, answer, s.clock.Now(), 2*time.Minute)
	}
	s.must(s.store.Settle(ctx, settled))
	return len(settled)
}

// world is a shop in which something of everything happened.
type world struct {
	*site
	mug, plate   models.Variant
	waits, other models.Token
	restock      models.Restock // of the plate, running
	source       models.Source
	call         models.Delivery // of the source, about a SKU that nobody lists
	contactID    int64
	template     models.UtilityTemplate
}

func (s *site) world() *world {
	s.t.Helper()
	ctx := context.Background()
	w := &world{site: s}
	w.mug = s.product(pageID, "MUG-BLUE", 0)
	for _, option := range []string{"bianco", "nero"} {
		saved, err := s.work.SaveProduct(ctx, models.Listing{Product: "Piatto", Stock: &models.Stock{},
			Variant: models.Variant{PageID: pageID, SKU: "PLATE-" + option, Title: "Piatto", Option: option, MinStock: 1}})
		s.must(err)
		w.plate = saved.Variant
	}
	w.waits = s.token(w.mug, "2001")
	w.other = s.token(w.plate, "2002")
	s.token(w.plate, "2003")
	s.token(models.Variant{PageID: pageID}, "2004") // nobody knows what it is for
	w.contactID = w.waits.ContactID
	s.must(s.store.Update(ctx, func(tx *store.Tx) error {
		if err := tx.SaveProfile(w.contactID, "Giulia Rossi", "it_IT"); err != nil {
			return err
		}
		if err := tx.SaveInterest(models.Interest{PageID: pageID, ContactID: w.contactID, VariantID: w.mug.ID, Source: models.InterestText, At: tx.Now()}); err != nil {
			return err
		}
		return tx.RecordMessage(models.Message{PageID: pageID, ContactID: w.contactID, Incoming: true, State: models.MessageSent,
			Text: "Avete la tazza blu?", MID: "m_1", At: tx.Now(), StateAt: tx.Now()})
	}))
	w.source = s.genericSource()
	_, err := s.work.Report(ctx, w.source, models.StockReport{Key: "r1", At: s.clock.Now(),
		Items: []models.StockItem{{SKU: w.plate.SKU, Stock: models.Stock{Available: 5}}, {SKU: "NOBODYS"}}})
	s.must(err)
	s.deliver(w.source, "whsec_"+base64.StdEncoding.EncodeToString([]byte(genericKey)), "NOBODYS", 1).is(s.t, 202)
	calls, _, err := s.store.Deliveries(ctx, w.source.ID, 1, "")
	s.must(err)
	w.call = calls[0]
	w.template = s.approved()
	open, err := s.store.OpenRestock(ctx, w.plate.ID)
	s.must(err)
	w.restock = *open
	return w
}

// path fills in what a route leaves open.
func (w *world) path(route string) string {
	id := int64(1)
	switch {
	case strings.HasPrefix(route, "/products/"):
		id = w.mug.ID
	case strings.HasPrefix(route, "/restocks/"):
		id = w.restock.ID
	case strings.HasPrefix(route, "/tokens/"):
		id = w.waits.ID
	case strings.HasPrefix(route, "/contacts/"), strings.HasPrefix(route, "/inbox/:id"):
		id = w.contactID
	case strings.HasPrefix(route, "/sources/"):
		return strings.NewReplacer(":id", w.source.ID, ":event", strconv.FormatInt(w.call.ID, 10)).Replace(route)
	case strings.HasPrefix(route, "/pages/"):
		return strings.NewReplacer(":id", pageID, ":template", strconv.FormatInt(w.template.ID, 10)).Replace(route)
	}
	return strings.Replace(route, ":id", strconv.FormatInt(id, 10), 1)
}

// TestScreensNeedSignIn walks the whole table: nobody gets past the door, and everybody comes back to where they were
// going.
func TestScreensNeedSignIn(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.addUser(email, models.RoleOwner)
		w := s.world()
		screens := s.server.Screens()
		if len(screens) < 30 {
			t.Fatalf("only %d addresses ask for a sign-in", len(screens))
		}
		for _, screen := range screens {
			target := w.path(screen.Path)
			want := "/login"
			if screen.Method == "GET" && target != "/" {
				target += "?q=a+b"
				want += "?next=" + url.QueryEscape(target)
			}
			s.unchanged(func() {
				b := s.browser()
				b.leads(t, b.visit(screen.Method, target, ""), want)
			})
		}
	})
}

// TestScreensAndRoles walks the whole table for every role: what it may not do is refused in plain words and changes
// nothing, and what it may look at is shown.
func TestScreensAndRoles(t *testing.T) {
	// The owner's alone: what cannot be taken back, what others sign in or connect with, and who did what.
	owners := []string{"POST /contacts/:id/erase", "POST /sources", "POST /sources/:id", "POST /sources/:id/secret", "POST /sources/:id/secret/end",
		"POST /sources/:id/delete", "POST /sources/:id/poll", "POST /sources/:id/poll/delete", "GET /pages/connect", "POST /pages/connect",
		"GET /pages/connected", "GET /pages/choose", "POST /pages/choose", "POST /pages/:id", "POST /pages/:id/setup", "POST /pages/:id/disconnect",
		"GET /pages/:id/consents", "POST /pages/:id/consents/import", "POST /pages/:id/consents/export",
		"GET /settings/audit", "GET /settings/audit.csv", "POST /settings/retention", "POST /team/users", "POST /team/users/:id/delete", "POST /team/users/:id/pages",
		"POST /team/keys", "POST /team/keys/:id/revoke", "POST /team/keys/:id/pages"}
	each(t, func(t *testing.T, s *site) {
		w := s.world()
		for _, screen := range s.server.Screens() {
			route := screen.Method + " " + screen.Path
			want := models.RoleViewer
			switch {
			case slices.Contains(owners, route):
				want = models.RoleOwner
			case strings.HasPrefix(screen.Path, "/products/views"), strings.HasPrefix(screen.Path, "/settings/account"): // each user's own
			case screen.Method == "POST", screen.Path == "/products/new", screen.Path == "/products/import", screen.Path == "/products/rules",
				screen.Path == "/inbox/:id/utility", screen.Path == "/pages/:id/templates/new":
				want = models.RoleStaff
			}
			if screen.Role != want {
				t.Errorf("%s asks for a %s, want %s", route, screen.Role, want)
			}
		}
		for _, role := range []models.Role{models.RoleViewer, models.RoleStaff} {
			b := s.as(role)
			for _, screen := range s.server.Screens() {
				target := w.path(screen.Path)
				if !role.Allows(screen.Role) {
					s.unchanged(func() {
						d := b.visit(screen.Method, target, "").page(t, http.StatusForbidden)
						holds(t, d.Find("main"), "Your login is a "+string(role)+"'s")
					})
				} else if screen.Method == "GET" && !strings.HasSuffix(screen.Path, "/events") {
					b.visit("GET", target, "").is(t, 200)
				}
			}
			// Nobody is shown a form that would be refused.
			for _, target := range []string{"/", "/products", w.path("/products/:id"), w.path("/restocks/:id"), "/tokens", w.path("/contacts/:id"), w.path("/inbox/:id"), "/inbox/replies", "/ask", "/demand", "/sources", w.path("/sources/:id"), w.path("/pages/:id"), w.path("/pages/:id/posts"), "/settings", "/settings/account", "/settings/retention", "/team"} {
				b.shows(t, target).Find("form[method=post]").Each(func(_ int, form *goquery.Selection) {
					if form.Find("button[type=submit]").Length() == 0 { // settings, to read
						return
					}
					action := form.AttrOr("action", "")
					for _, screen := range s.server.Screens() {
						if screen.Method == "POST" && w.path(screen.Path) == action && !role.Allows(screen.Role) {
							t.Errorf("a %s is shown the form %s on %s", role, action, target)
						}
					}
				})
			}
		}
	})
}

// TestEveryScreen shows every screen to the owner in both languages, in a shop where nothing happened yet and in one
// where much did.
func TestEveryScreen(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		for _, lang := range []string{"en", "it"} {
			b := s.as(models.RoleOwner, header("Accept-Language", lang))
			for _, target := range []string{"/", "/products", "/products/new", "/products/import", "/restocks", "/restocks?state=running", "/tokens",
				"/contacts", "/contacts?q=nobody", "/contacts?show=open", "/inbox", "/inbox?q=nobody", "/inbox?show=unanswered", "/inbox/replies", "/sources", "/pages", "/pages/" + pageID, "/team", "/setup", "/settings", "/settings/account", "/settings/audit", "/settings/retention", "/settings/about", "/products?q=nothing"} {
				checkScreen(t, b, target, lang)
			}
			for _, target := range []string{"/products", "/restocks", "/tokens", "/contacts", "/inbox", "/inbox/replies"} {
				if b.shows(t, target).Find("main .empty h2").Length() != 1 {
					t.Errorf("%s does not say that it is empty", target)
				}
			}
			if b.shows(t, "/").Find(".steps li").Length() != len(models.FirstStepNames) {
				t.Error("the first steps are missing")
			}
		}
		w := s.world()
		for _, lang := range []string{"en", "it"} {
			b := s.as(models.RoleOwner, header("Accept-Language", lang))
			for _, screen := range s.server.Screens() {
				if screen.Method == "GET" && !strings.HasSuffix(screen.Path, "/events") && !strings.HasSuffix(screen.Path, ".json") && !strings.HasSuffix(screen.Path, ".csv") && !onTheWay[screen.Path] {
					checkScreen(t, b, w.path(screen.Path), lang)
				}
			}
			for _, target := range []string{"/products", "/restocks", "/tokens", "/contacts", w.path("/sources/:id")} {
				d := b.shows(t, target)
				if d.Find("main table tbody tr").Length() == 0 || d.Find("main .empty").Length() != 0 {
					t.Errorf("%s is empty", target)
				}
			}
		}
	})
}

// onTheWay are the addresses that only lead on from Facebook's answer; TestConnectWithFacebook goes that way.
var onTheWay = map[string]bool{"/pages/connected": true, "/pages/choose": true}

func checkScreen(t *testing.T, b *browser, target, lang string) {
	t.Helper()
	a := b.visit("GET", target, "")
	d := a.page(t, 200)
	if got := d.Find("html").AttrOr("lang", ""); got != lang {
		t.Errorf("%s is written in %q, want %q", target, got, lang)
	}
	if d.Find("main h1").Length() != 1 || d.Find(".notice").Length() != 0 {
		t.Errorf("%s has %d headings and the notice %q", target, d.Find("main h1").Length(), text(d.Find(".notice")))
	}
	if got := a.Header.Get("Cache-Control"); got != "no-store" {
		t.Errorf("%s may be kept: %q", target, got)
	}
	if strings.Contains(a.body, "the secret token of") {
		t.Errorf("%s shows a token", target)
	}
}

func TestScreensOfNothing(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		b := s.as(models.RoleOwner)
		for _, target := range []string{"/products/999", "/products/0", "/products/x", "/restocks/999", "/restocks/999/events", "/contacts/999",
			"/contacts/999/dossier.json", "/inbox/999", "/inbox/999/events", "/inbox/x", "/inbox/replies?edit=999", "/sources/guess", "/pages/999", "/nothing"} {
			d := b.visit("GET", target, "").page(t, 404)
			if text(d.Find("h1")) == "" || d.Find("nav a[href='/products']").Length() == 0 {
				t.Errorf("%s: no page in the frame of the admin", target)
			}
		}
		s.unchanged(func() {
			for _, target := range []string{"/products/999", "/products/999/stock", "/products/999/delete", "/restocks/999/pause", "/restocks/x/approve",
				"/tokens/999/withdraw", "/contacts/999/erase", "/contacts/999/withdraw", "/inbox/999/reply", "/inbox/999/read", "/inbox/999/unread", "/inbox/999/answered", "/inbox/replies/999", "/inbox/replies/999/delete", "/pages/999", "/pages/999/pause", "/team/users/999/delete"} {
				b.visit("POST", target, values("confirm", "yes", "available", "1")).page(t, 404)
			}
		})
		for _, target := range []string{"/products?cursor=x", "/products?sort=colour", "/restocks?state=lost", "/restocks?cursor=x", "/tokens?state=lost",
			"/tokens?cursor=x", "/contacts?cursor=x", "/contacts?show=lost", "/inbox?cursor=x", "/inbox?show=lost", "/inbox/events?show=lost"} {
			b.visit("GET", target, "").page(t, 400)
		}
	})
}

func TestHome(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		ctx := context.Background()
		w := s.world()
		b := s.as(models.RoleOwner)
		d := b.shows(t, "/")
		holds(t, d.Find("[aria-labelledby=running]"), "Piatto", "2 wait")
		holds(t, d.Find(".todo"), "product")
		if d.Find(".todo a[href='/tokens?unassigned=yes']").Length() != 1 {
			t.Error("the token of no product is not mentioned")
		}
		if n := s.notify(models.Answer{Outcome: models.OutcomeSent, MessageID: "m_sent"}); n != 2 {
			t.Fatalf("%d notifications were sent, want 2", n)
		}
		d = b.shows(t, "/")
		var counters []string
		d.Find(".counters dd").Each(func(_ int, dd *goquery.Selection) { counters = append(counters, strings.Fields(text(dd))[0]) })
		if want := []string{"2", "2", "0", "0"}; !slices.Equal(counters, want) {
			t.Errorf("the counters are %v, want waiting, sent, clicks, orders: %v", counters, want)
		}
		bars := d.Find("svg.bars rect")
		if bars.Length() != 14 || bars.Last().AttrOr("height", "") != "100" || bars.First().AttrOr("height", "") == "100" {
			t.Errorf("the chart has %d days, the last of height %s", bars.Length(), bars.Last().AttrOr("height", ""))
		}
		// A day later it was yesterday; a month later it is not in the chart, nor in the month.
		s.clock.Advance(24 * time.Hour)
		b = s.as(models.RoleOwner)
		if got := b.shows(t, "/").Find("svg.bars rect").Eq(12).AttrOr("height", ""); got != "100" {
			t.Errorf("yesterday's bar is %s high", got)
		}
		s.clock.Advance(30 * 24 * time.Hour)
		b = s.as(models.RoleOwner)
		if got := text(b.shows(t, "/").Find(".counters dd").Eq(1)); got != "0 2 by this day last month" {
			t.Errorf("%q were sent this month, want none, and 2 before", got)
		}
		s.must(s.work.PausePage(ctx, pageID))
		for range 3 {
			s.must(s.work.RefuseSource(ctx, w.source.ID, "The signature is wrong.", models.Delivery{}, nil))
		}
		d = b.shows(t, "/")
		if d.Find(".todo form[action='/pages/"+pageID+"/resume']").Length() != 1 {
			t.Error("the paused Page is not mentioned")
		}
		holds(t, d.Find(".todo"), "The signature is wrong.")
	})
}

func TestHomeAsksForTheOK(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.addPage(pageID, func(p *models.Page) { p.Settings.AskAbove = 1 })
		v := s.product(pageID, "MUG-BLUE", 0)
		for i := range 2 {
			s.token(v, fmt.Sprint(3000+i))
		}
		b := s.as(models.RoleStaff)
		b.send(t, fmt.Sprintf("/products/%d/stock", v.ID), "available", "5")
		d := b.shows(t, "/")
		action, ok := d.Find(".todo form").Attr("action")
		if !ok || !strings.HasSuffix(action, "/approve") {
			t.Fatalf("nobody is asked for the OK: %q", action)
		}
		if d.Find("[aria-labelledby=running]").Length() != 0 {
			t.Error("what waits for the OK stands among what is running")
		}
		b.send(t, action)
		d = b.shows(t, "/")
		if d.Find(".todo").Length() != 0 || d.Find("[aria-labelledby=running]").Length() != 1 {
			t.Error("the OK changed nothing on the first screen")
		}
		b.conflicts(t, action)
	})
}
