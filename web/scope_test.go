package web_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"bentornato/models"
	"bentornato/models/store"
	"bentornato/web/inventory"
)

// What stands in every name, SKU, title and text of the other Page, and in every PSID, and nowhere else. One SKU is without: what is
// asked for by name may be said back.
const (
	foreignWord = "zaffir"
	foreignPSID = "99090000"
	askedSKU    = "NAMED-1"
)

// foreign is a Page of the same installation, with something of everything, that somebody may not see.
type foreign struct {
	variant, plate models.Variant
	contact        models.Contact
	token          models.Token
	restock        models.Restock
	template       models.UtilityTemplate
	source, shared models.Source
	event          int64
}

func (s *site) foreign() foreign {
	s.t.Helper()
	ctx := context.Background()
	s.addPage(otherPage, func(p *models.Page) { p.Name = "Negozio Zaffiro" })
	f := foreign{variant: s.product(otherPage, askedSKU, 0), plate: s.product(otherPage, "ZAFFIRO-2", 0)}
	saved, err := s.work.SaveProduct(ctx, models.Listing{Product: "Serie Zaffiro", Stock: &models.Stock{},
		Variant: models.Variant{PageID: otherPage, SKU: "ZAFFIRO-3", Title: "Vaso Zaffiro", Option: "zaffiro", MinStock: 1}})
	s.must(err)
	f.token = s.token(f.variant, foreignPSID+"1")
	s.token(f.plate, foreignPSID+"2")
	s.token(saved.Variant, foreignPSID+"3")
	s.token(models.Variant{PageID: otherPage}, foreignPSID+"4") // nobody knows what it is for
	asker := s.token(f.plate, foreignPSID+"5")
	s.must(s.store.Update(ctx, func(tx *store.Tx) error {
		for id, name := range map[int64]string{f.token.ContactID: "Zaffira Bruni", asker.ContactID: "Zaffiro Neri"} {
			if err := tx.SaveProfile(id, name, "it_IT"); err != nil {
				return err
			}
			if err := tx.SaveHeard([]store.Heard{{ContactID: id, Text: "lo zaffiro", At: tx.Now()}}); err != nil {
				return err
			}
			if err := tx.NoteWords(id, false); err != nil {
				return err
			}
			if err := tx.SaveInterest(models.Interest{PageID: otherPage, ContactID: id, VariantID: f.variant.ID, Source: models.InterestText, At: tx.Now()}); err != nil {
				return err
			}
			if err := tx.RecordMessage(models.Message{PageID: otherPage, ContactID: id, Incoming: true, State: models.MessageSent,
				Text: "Avete lo zaffiro?", MID: fmt.Sprint("m_z", id), At: tx.Now(), StateAt: tx.Now()}); err != nil {
				return err
			}
		}
		if _, err := tx.SaveRequest(models.Request{PageID: otherPage, ContactID: asker.ContactID, VariantID: saved.Variant.ID, Payload: "pz", Title: "Ti avviso dello zaffiro?"}); err != nil {
			return err
		}
		return tx.SaveTie(models.Tie{PageID: otherPage, Kind: models.TiePost, Ref: otherPage + "_7", VariantID: f.variant.ID})
	}))
	f.contact, err = s.store.Contact(ctx, f.token.ContactID)
	s.must(err)
	secret, err := inventory.NewSecret(inventory.Generic)
	s.must(err)
	f.source, err = s.work.AddSource(ctx, models.Source{Kind: inventory.Generic, Name: "Cassa Zaffiro", PageID: otherPage}, secret)
	s.must(err)
	f.shared, err = s.work.AddSource(ctx, models.Source{Kind: inventory.Generic, Name: "Magazzino Zaffiro"}, secret)
	s.must(err)
	for _, source := range []models.Source{f.source, f.shared} {
		_, err = s.work.Report(ctx, source, models.StockReport{Key: "z" + source.ID, At: s.clock.Now(),
			Items: []models.StockItem{{SKU: "ZAFFIRO-2", Stock: models.Stock{Available: 5}}, {SKU: "ZAFFIRO-NOBODYS"}}})
		s.must(err)
	}
	open, err := s.store.OpenRestock(ctx, f.plate.ID)
	s.must(err)
	f.restock, f.event = *open, 1
	f.template, err = s.work.SaveTemplate(ctx, models.UtilityTemplate{PageID: otherPage, Name: "zaffiro_spedito", Language: "it",
		Purpose: models.PurposePostPurchase, Body: "Lo zaffiro {{1}} è partito.", Examples: []string{"1042"}})
	s.must(err)
	return f
}

// path fills in what a route leaves open with what is the other Page's.
func (f foreign) path(route string) string {
	id := int64(1)
	switch local := strings.TrimPrefix(route, "/api/v1"); {
	case strings.HasPrefix(local, "/products/"):
		id = f.variant.ID
	case strings.HasPrefix(local, "/restocks/"):
		id = f.restock.ID
	case strings.HasPrefix(local, "/tokens/"):
		id = f.token.ID
	case strings.HasPrefix(local, "/contacts/"), strings.HasPrefix(local, "/inbox/:id"):
		id = f.contact.ID
	case strings.HasPrefix(local, "/sources/"):
		route = strings.Replace(route, ":id", f.source.ID, 1)
	case strings.HasPrefix(local, "/pages/"):
		route = strings.Replace(route, ":id", otherPage, 1)
	}
	return strings.NewReplacer(":id", strconv.FormatInt(id, 10), ":event", strconv.FormatInt(f.event, 10), ":template", strconv.FormatInt(f.template.ID, 10),
		":sku", f.variant.SKU, ":psid", f.contact.PSID).Replace(route)
}

// form names the other Page's things under every name that a form of ours has.
func (f foreign) form() url.Values {
	number := func(id int64) []string { return []string{strconv.FormatInt(id, 10)} }
	return url.Values{"page_id": {otherPage}, "contact_id": number(f.contact.ID), "variant_id": number(f.variant.ID), "id": number(f.variant.ID),
		"sku": {askedSKU}, "variant": {askedSKU}, "title": {"Altro"}, "available": {"7"}, "confirm": {"yes"}, "token": number(f.token.ID),
		"min_stock": {"9"}, "text": {"Ciao"}, "locale": {"it"}, "reply_title": {"Saluto"}, "tie_kind": {"post"}, "tie_ref": {otherPage + "_7"},
		"tie_sku": {askedSKU}, "view_name": {"mine"}, "kind": {"reply"}}
}

// body is the same for the API.
func (f foreign) body() string {
	return fmt.Sprintf(`{"page_id":%q,"title":"Altro","available":7}`, otherPage)
}

// rowsOf is everything that is a Page's, in whatever table, as text.
func (s *site) rowsOf(page string) string {
	s.t.Helper()
	list := `SELECT m.name FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type = 'table' AND c.name = 'page_id' ORDER BY m.name`
	if !strings.HasPrefix(s.address, "sqlite:") {
		list = `SELECT table_name FROM information_schema.columns WHERE table_schema = current_schema() AND column_name = 'page_id' ORDER BY table_name`
	}
	var tables []string
	for _, row := range s.rows(list) {
		tables = append(tables, row+" WHERE page_id = '"+page+"'")
	}
	if len(tables) < 12 {
		s.t.Fatalf("only %d tables have things of Pages: %v", len(tables), tables)
	}
	tables = append(tables, "pages WHERE id = '"+page+"'", "sources WHERE page_id = ''")
	var b strings.Builder
	for _, table := range tables {
		rows := s.rows("SELECT * FROM " + table)
		slices.Sort(rows)
		fmt.Fprintf(&b, "%s\n%s\n", table, strings.Join(rows, "\n"))
	}
	return b.String()
}

// rows is what a query finds, a line each.
func (s *site) rows(query string) []string {
	s.t.Helper()
	found, err := s.db.Query(query)
	s.must(err)
	defer found.Close()
	columns, err := found.Columns()
	s.must(err)
	var list []string
	for found.Next() {
		row := make([]any, len(columns))
		for i := range row {
			row[i] = new(any)
		}
		s.must(found.Scan(row...))
		words := make([]string, len(row))
		for i, v := range row {
			words[i] = fmt.Sprint(*v.(*any))
		}
		list = append(list, strings.Join(words, " "))
	}
	s.must(found.Err())
	return list
}

// shown reports what of the other Page an answer holds, beside what was asked with.
func (a answer) shown(target string) string {
	body := strings.ToLower(a.body)
	for _, asked := range []string{target, url.PathEscape(target), url.QueryEscape(target)} {
		body = strings.ReplaceAll(body, strings.ToLower(asked), "")
	}
	for _, mark := range []string{foreignWord, foreignPSID} {
		if i := strings.Index(body, mark); i >= 0 {
			return body[max(0, i-120):min(len(body), i+60)]
		}
	}
	return ""
}

// listener takes an answer; the first event of a stream is all that it waits for.
type listener struct {
	*httptest.ResponseRecorder
	hangUp func()
}

func (l *listener) FlushError() error {
	l.Flush()
	if strings.Contains(l.Body.String(), "event: ") {
		l.hangUp()
	}
	return nil
}

// hear visits an address, a stream up to its first event.
func (b *browser) hear(target string) answer {
	b.t.Helper()
	ctx, hangUp := context.WithCancel(context.Background())
	defer hangUp()
	r := httptest.NewRequest("GET", target, nil).WithContext(ctx)
	form(r)
	for _, c := range b.cookies {
		r.AddCookie(c)
	}
	l := &listener{httptest.NewRecorder(), hangUp}
	b.handler.ServeHTTP(l, r)
	return answer{l.Result(), l.Body.String()}
}

// keep lets a login see nothing but some Pages.
func (s *site) keep(email string, pages ...string) {
	s.t.Helper()
	u, err := s.store.UserByEmail(context.Background(), email)
	s.must(err)
	s.must(s.work.SetUserAccess(context.Background(), u.ID, models.AccessTo(pages...)))
}

// filters are what lists are asked with.
var filters = []string{"", "?page_id=" + otherPage, "?q=zaff", "?sku=" + askedSKU, "?show=open", "?show=refused", "?state=running", "?state=waiting",
	"?availability=waiting", "?unassigned=yes", "?ending=90", "?sort=waiting", "?all=yes&page_id=" + otherPage}

// TestEveryRouteHasAScope: a route that says nothing of where its things belong is closed to whoever may not see all Pages.
func TestEveryRouteHasAScope(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		routes := s.server.Scoped()
		if len(routes) < 90 {
			t.Fatalf("only %d addresses ask who one is", len(routes))
		}
		for _, r := range routes {
			if !r.Stated {
				t.Errorf("%s %s does not say where its things belong", r.Method, r.Path)
			}
			if strings.Contains(r.Path, "/:id") && !r.Named && !slices.ContainsFunc([]string{"/team/", "/inbox/replies/", "/products/views/"},
				func(p string) bool { return strings.HasPrefix(r.Path, p) }) {
				t.Errorf("%s %s names something, and says not whose", r.Method, r.Path)
			}
		}
	})
}

// TestOtherPagesAreApart walks every address with a login and a key that are kept to one Page: nothing that they are shown, and
// nothing that they change, is of another one.
func TestOtherPagesAreApart(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		w, f := s.world(), s.foreign()
		var err error
		w.source, err = s.work.AddSource(context.Background(), models.Source{Kind: inventory.Generic, Name: "Cassa", PageID: pageID}, "whsec_"+base64.StdEncoding.EncodeToString([]byte(genericKey)))
		s.must(err)
		owner, staff := s.as(models.RoleOwner), s.as(models.RoleStaff)
		s.keep("staff@shop.example", pageID)
		key, err := s.work.AddKey(context.Background(), "kept", models.RoleStaff, models.AccessTo(pageID))
		s.must(err)
		all := s.key
		seen := 0
		for _, r := range s.server.Scoped() {
			if r.Method != "GET" {
				continue
			}
			ask, askAll := staff.hear, owner.hear
			if r.API {
				ask = func(target string) answer { return s.request("GET", target, "", bearer(key)) }
				askAll = func(target string) answer { return s.request("GET", target, "", bearer(all)) }
			}
			asked := filters
			if r.Named {
				asked = filters[:1] // it is closed before it is looked at what is asked
			}
			for _, filter := range asked {
				target := f.path(r.Path) + filter
				a := ask(target)
				if found := a.shown(target); found != "" {
					t.Errorf("GET %s shows what is another Page's: …%s…", target, found)
				}
				if r.Named && models.RoleStaff.Allows(r.Role) && a.StatusCode != http.StatusNotFound {
					t.Errorf("GET %s: status %d, want 404", target, a.StatusCode)
				}
				if filter == "" && askAll(target).shown(target) != "" {
					seen++
				}
			}
			if target := w.path(r.Path); !r.API && target != f.path(r.Path) && models.RoleStaff.Allows(r.Role) && !strings.Contains(r.Path, ":event") {
				if a := ask(target); a.StatusCode != 200 {
					t.Errorf("GET %s, of one's own Page: status %d", target, a.StatusCode)
				}
			}
		}
		if seen < 35 { // else nothing would be proven
			t.Errorf("only %d addresses show the other Page to whoever may see it", seen)
		}
		for _, source := range []models.Source{f.source, f.shared} {
			staff.visit("GET", "/sources/"+source.ID, "").is(t, http.StatusNotFound)
			owner.visit("GET", "/sources/"+source.ID, "").is(t, http.StatusOK)
		}

		before := s.rowsOf(otherPage)
		for _, r := range s.server.Scoped() {
			if r.Method == "GET" || r.Path == "/settings/account/sign-out" {
				continue
			}
			// The other Page's things in the path, and in a form about one's own.
			for _, target := range []string{f.path(r.Path), f.path(r.Path) + "?page_id=" + otherPage, w.path(r.Path)} {
				if strings.Contains(target, ":") {
					continue
				}
				var a answer
				if r.API {
					a = s.request(r.Method, target, f.body(), bearer(key))
				} else {
					a = staff.visit(r.Method, target, f.form().Encode())
				}
				if found := a.shown(target); found != "" {
					t.Errorf("%s %s shows what is another Page's: …%s…", r.Method, target, found)
				}
				if r.Named && target == f.path(r.Path) && models.RoleStaff.Allows(r.Role) && a.StatusCode != http.StatusNotFound {
					t.Errorf("%s %s: status %d, want 404", r.Method, target, a.StatusCode)
				}
				after := s.rowsOf(otherPage)
				if after != before {
					t.Errorf("%s %s (status %d) changed what is another Page's: %s", r.Method, target, a.StatusCode, difference(before, after))
				}
				before = after
			}
		}
	})
}

// difference is the first line that is in only one of two texts.
func difference(a, b string) string {
	was := strings.Split(a, "\n")
	for line := range strings.SplitSeq(b, "\n") {
		if !slices.Contains(was, line) {
			return line
		}
	}
	return "something is gone"
}

// TestOtherPagesCannotBeImportedInto: neither a file for another Page, nor one that was kept before the Page was taken away.
func TestOtherPagesCannotBeImportedInto(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.foreign()
		b := s.as(models.RoleStaff)
		u, err := s.store.UserByEmail(context.Background(), "staff@shop.example")
		s.must(err)
		kept, err := s.work.KeepImport(context.Background(), u.ID, otherPage, "zaffiri.csv", strings.NewReader("sku,title\nZAFFIRO-9,Altro\n"))
		s.must(err)
		s.keep("staff@shop.example", pageID)
		before := s.rowsOf(otherPage)
		for _, a := range []answer{b.visit("GET", "/products/import?upload="+kept.Code, ""),
			b.visit("POST", "/products/import/confirm", values("upload", kept.Code))} {
			a.is(t, http.StatusNotFound)
			if found := a.shown(""); found != "" {
				t.Errorf("it shows what is another Page's: …%s…", found)
			}
		}
		if after := s.rowsOf(otherPage); after != before {
			t.Errorf("the import changed what is another Page's: %s", difference(before, after))
		}
	})
}

// hook is a listener that does something once, when the first event is there.
type hook struct {
	*httptest.ResponseRecorder
	do func()
}

func (h *hook) FlushError() error {
	h.Flush()
	if h.do != nil && strings.Contains(h.Body.String(), "event: ") {
		h.do()
		h.do = nil
	}
	return nil
}

// TestStreamsEndWithAccess: whoever watches hears nothing more from the moment on which they may not any more.
func TestStreamsEndWithAccess(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		w := s.world()
		s.addPage(otherPage, nil)
		ctx := context.Background()
		for name, change := range map[string]func(id int64) error{
			"another Page": func(id int64) error { return s.work.SetUserAccess(ctx, id, models.AccessTo(otherPage)) },
			"signed out":   func(id int64) error { _, err := s.work.SignOutEverywhere(ctx, id); return err },
			"removed":      func(id int64) error { return s.work.DeleteUser(ctx, id) },
		} {
			targets := []string{"/inbox/events"}
			if name == "another Page" {
				targets = append(targets, "/events", w.path("/restocks/:id/events"), w.path("/inbox/:id/events"))
			}
			for _, target := range targets {
				t.Run(name+" "+target, func(t *testing.T) {
					b := s.as(models.RoleStaff)
					u, err := s.store.UserByEmail(ctx, "staff@shop.example")
					s.must(err)
					s.must(s.work.SetUserAccess(ctx, u.ID, ""))
					r := httptest.NewRequest("GET", target, nil)
					for _, c := range b.cookies {
						r.AddCookie(c)
					}
					changed := false
					h := &hook{httptest.NewRecorder(), func() { changed = true; s.must(change(u.ID)) }}
					b.handler.ServeHTTP(h, r) // it returns, or the test never ends
					if !changed || h.Code != 200 {
						t.Errorf("the stream did not begin: %d", h.Code)
					}
					if strings.Contains(h.Body.String(), "event: done") {
						t.Error("the stream says that it is done: the browser would not ask again")
					}
				})
			}
		}
	})
}

// TestKeptKeyAndMetrics: totals are of all Pages.
func TestKeptKeyAndMetrics(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		key, err := s.work.AddKey(context.Background(), "kept", models.RoleStaff, models.AccessTo(pageID))
		s.must(err)
		away := func(r *http.Request) { r.RemoteAddr = "203.0.113.9:4000" }
		s.request("GET", "/metrics", "", away, bearer(key)).problem(t, http.StatusForbidden)
		s.request("GET", "/metrics", "", away, bearer(s.key)).is(t, http.StatusOK)
	})
}
