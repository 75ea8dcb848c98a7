package web_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"bentornato/models"
)

// TestTeamPages: who sees which Page is chosen where there are several, and holds for the very next request.
func TestTeamPages(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		ctx := context.Background()
		b := s.as(models.RoleOwner)
		s.product(pageID, "MUG-BLUE", 3)
		if d := b.shows(t, "/team"); d.Find("[name=page]").Length() != 0 || strings.Contains(d.Find("main").Text(), "All Pages") {
			t.Error("where there is one Page, there is nothing to choose")
		}
		s.addPage(otherPage, nil)
		s.product(otherPage, "PLATE", 3)

		d := b.send(t, "/team/users", "email", "bruno@shop.example", "role", "staff", "password", password, "page", otherPage)
		holds(t, rowOf(d, "users", "bruno"), "Shop 2")
		holds(t, rowOf(d, "users", "owner"), "All Pages")
		if rowOf(d, "users", "owner").Find("[name=page]").Length() != 0 {
			t.Error("an owner's Pages can be chosen")
		}
		bruno, err := s.store.UserByEmail(ctx, "bruno@shop.example")
		s.must(err)
		his := s.browser()
		his.leads(t, his.visit("POST", "/login", values("email", bruno.Email, "password", password)), "/")
		sees := func(want string) {
			t.Helper()
			if got := strings.Join(strings.Fields(his.shows(t, "/products").Find("main tbody .code").Text()), ""); got != want {
				t.Errorf("he sees %q, want %q", got, want)
			}
		}
		sees("PLATE")

		// Another password is no other access; boxes are.
		b.send(t, "/team/users", "email", bruno.Email, "role", "staff", "password", password)
		if u, err := s.store.UserByEmail(ctx, bruno.Email); err != nil || u.Access != otherPage {
			t.Errorf("with a new password he sees %q: %v", u.Access, err)
		}
		boxes := fmt.Sprintf("/team/users/%d/pages", bruno.ID)
		b.send(t, boxes, "page", pageID)
		his.leads(t, his.visit("POST", "/login", values("email", bruno.Email, "password", password)), "/")
		sees("MUG-BLUE")
		d = his.shows(t, "/team")
		holds(t, rowOf(d, "users", "bruno"), "Shop 1")
		if strings.Contains(d.Find("main").Text(), "Shop 2") || d.Find("[name=page]").Length() != 0 {
			t.Error("whoever does not see a Page reads its name, or may choose")
		}
		b.send(t, boxes)
		sees("MUG-BLUEPLATE")

		// What cannot be.
		d = b.fails(t, 422, "/team/users", "email", "carla@shop.example", "role", "owner", "password", password, "page", pageID)
		holds(t, d.Find(".notice-wrong"), "An owner sees every Page")
		if d.Find("[aria-labelledby=add-user] [name=page][checked]").AttrOr("value", "") != pageID {
			t.Error("the box that was ticked is not ticked any more")
		}
		b.fails(t, 422, "/team/users", "email", "carla@shop.example", "role", "staff", "password", password, "page", "404")
		me, err := s.store.UserByEmail(ctx, "owner@shop.example")
		s.must(err)
		b.unchanged(func() { b.visit("POST", fmt.Sprintf("/team/users/%d/pages", me.ID), values("page", pageID)).is(t, 303) })
		b.shows(t, "/team")

		// Keys.
		d = b.visit("POST", "/team/keys", values("name", "Cassa", "role", "viewer", "page", otherPage)).page(t, 201)
		key := d.Find("#api-key").AttrOr("value", "")
		s.request("GET", "/api/v1/products", "", bearer(key)).is(t, 200).contains(t, `"sku":"PLATE"`)
		s.request("GET", "/api/v1/products/MUG-BLUE", "", bearer(key)).problem(t, 404)
		keys, err := s.store.Keys(ctx)
		s.must(err)
		b.send(t, fmt.Sprintf("/team/keys/%d/pages", keys[0].ID), "page", pageID)
		s.request("GET", "/api/v1/products/MUG-BLUE", "", bearer(key)).is(t, 200)
		s.request("GET", "/api/v1/products/PLATE", "", bearer(key)).problem(t, 404)
		s.request("PUT", "/api/v1/products/NEW", fmt.Sprintf(`{"page_id":%q,"title":"Piatto"}`, otherPage), bearer(s.addKeyTo(pageID))).problem(t, 404)
		// The only Page that a key sees need not be named.
		s.request("PUT", "/api/v1/products/NEW", `{"title":"Piatto"}`, bearer(s.addKeyTo(pageID))).is(t, 201).contains(t, pageID)

		list, _, err := s.store.AuditEntries(ctx, models.AuditQuery{Limit: 50})
		s.must(err)
		var changes []string
		for _, e := range list {
			for _, c := range e.Changes {
				if c.Field == "access" {
					changes = append(changes, e.ThingName+" "+c.Old+">"+c.New)
				}
			}
		}
		want := "Cassa " + otherPage + ">" + pageID + "|Cassa >" + otherPage + "|bruno@shop.example " + pageID + ">|bruno@shop.example " + otherPage + ">" + pageID +
			"|bruno@shop.example >" + otherPage
		if got := strings.Join(changes, "|"); got != want {
			t.Errorf("the log says\n%s, want\n%s", got, want)
		}
		holds(t, b.shows(t, "/settings/audit").Find("main"), "Pages", "All Pages")
	})
}

// addKeyTo makes a key of role staff for one Page.
func (s *site) addKeyTo(page string) string {
	s.t.Helper()
	key, err := s.work.AddKey(context.Background(), "kept", models.RoleStaff, models.AccessTo(page))
	s.must(err)
	return key
}

// rowOf is somebody's row of a list of the team.
func rowOf(d *goquery.Document, list, who string) *goquery.Selection {
	return d.Find("[aria-labelledby=" + list + "] tbody tr").FilterFunction(func(_ int, row *goquery.Selection) bool { return strings.Contains(row.Text(), who) })
}

// TestListsByPage: where an installation has several Pages, each list can be narrowed to one.
func TestListsByPage(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		b := s.as(models.RoleStaff)
		for _, list := range []string{"/restocks", "/tokens", "/contacts", "/inbox", "/ask"} {
			if b.shows(t, list).Find("select[name=page_id]").Length() != 0 {
				t.Errorf("%s lets choose among one Page", list)
			}
		}
		s.world()
		s.foreign()
		other := func(d *goquery.Document) bool {
			html, err := d.Find("main").Html()
			s.must(err)
			d.Find("select[name=page_id] option").Each(func(_ int, o *goquery.Selection) { html = strings.ReplaceAll(html, o.Text(), "") })
			return strings.Contains(strings.ToLower(html), foreignWord)
		}
		for _, list := range []string{"/restocks", "/tokens", "/tokens?state=waiting", "/contacts", "/contacts?show=open", "/inbox", "/inbox?show=unread", "/ask"} {
			if !other(b.shows(t, list)) {
				t.Errorf("%s does not show both Pages", list)
			}
			with := list + "?page_id="
			if strings.Contains(list, "?") {
				with = list + "&page_id="
			}
			d := b.shows(t, with+pageID)
			if other(d) {
				t.Errorf("%s shows another Page", with+pageID)
			}
			if got := d.Find("select[name=page_id] option[selected]").AttrOr("value", ""); got != pageID {
				t.Errorf("%s: the Page that is chosen is %q", with+pageID, got)
			}
			if d := b.shows(t, with+otherPage); !other(d) {
				t.Errorf("%s does not show its Page", with+otherPage)
			}
			// The other filters, and the next page, keep the Page.
			d.Find("nav.choices a, a[rel=next]").Each(func(_ int, a *goquery.Selection) {
				if !strings.Contains(a.AttrOr("href", ""), "page_id="+pageID) {
					t.Errorf("%s forgets the Page on the way to %s", with+pageID, a.AttrOr("href", ""))
				}
			})
		}
		for _, file := range []string{"/tokens.csv", "/products.csv"} {
			if a := b.visit("GET", file+"?page_id="+pageID, "").is(t, 200); a.shown("") != "" {
				t.Errorf("%s holds another Page's: %s", file, a.shown(""))
			}
		}

		// All of one Page are asked, and nobody of another.
		before := s.rowsOf(otherPage)
		b.leads(t, b.visit("POST", "/ask/all", values("page_id", pageID)), "/ask?page_id="+pageID)
		if after := s.rowsOf(otherPage); after != before {
			t.Errorf("asking on one Page changed another: %s", difference(before, after))
		}
		b.leads(t, b.visit("POST", "/ask/all", values("page_id", otherPage)), "/ask?page_id="+otherPage)
		if s.rowsOf(otherPage) == before {
			t.Error("nobody was asked")
		}
	})
}
