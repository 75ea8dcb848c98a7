package web_test

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"bentornato/models"
)

func TestAuditScreen(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		ctx := context.Background()
		v := s.product(pageID, "MUG-BLUE", 0) // by the program, as tests do: nobody's doing
		b := s.as(models.RoleOwner)
		holds(t, b.shows(t, "/settings/audit").Find("main .empty"), "Nothing changed yet")
		b.send(t, "/team/users", "email", "piero@shop.example", "role", "staff", "password", "una password lunga")
		b.send(t, fmt.Sprintf("/products/%d/stock", v.ID), "available", "12")
		s.request("POST", "/api/v1/products/MUG-BLUE/stock", `{"available":3}`, bearer(s.key)).is(t, 200)
		rows := func(target string) *goquery.Selection {
			t.Helper()
			return b.shows(t, target).Find("main tbody tr")
		}
		list := rows("/settings/audit")
		if list.Length() != 3 {
			t.Fatalf("%d changes are listed, want 3: %s", list.Length(), text(list))
		}
		holds(t, list.Eq(0), "Stock set", "Tazza MUG-BLUE", "12", "3", "key: staff")
		holds(t, list.Eq(1), "Stock set", "0", "12", "owner@shop.example")
		holds(t, list.Eq(2), "Added", "piero@shop.example", "Role", "Staff")
		if n := rows("/settings/audit?thing=user").Length(); n != 1 {
			t.Errorf("%d changes of logins, want 1", n)
		}
		owner, err := s.store.UserByEmail(ctx, "owner@shop.example")
		s.must(err)
		me := "actor=user-" + strconv.FormatInt(owner.ID, 10)
		if n := rows("/settings/audit?" + me).Length(); n != 2 {
			t.Errorf("%d changes of the owner's, want 2", n)
		}
		if n := rows("/settings/audit?" + me + "&thing=product").Length(); n != 1 {
			t.Errorf("%d products that the owner changed, want 1", n)
		}
		b.shows(t, "/settings/audit?thing=key&"+me)
		sheet := b.visit("GET", "/settings/audit.csv?"+me, "").is(t, 200)
		if !strings.HasPrefix(sheet.Header.Get("Content-Type"), "text/csv") || strings.Count(sheet.body, "owner@shop.example") != 2 || strings.Contains(sheet.body, "staff,stock") {
			t.Errorf("the file is %s", sheet.body)
		}
		// Only an owner looks.
		other := s.as(models.RoleStaff)
		for _, target := range []string{"/settings/audit", "/settings/audit.csv"} {
			other.visit("GET", target, "").is(t, 403)
		}
		d := other.shows(t, "/settings")
		if d.Find("main a[href='/settings/audit']").Length() != 0 || !strings.Contains(text(d.Find("main")), "Only an owner sees this.") {
			t.Error("staff is led to where only an owner may look")
		}
		for i := range 55 {
			b.visit("POST", fmt.Sprintf("/products/%d/stock", v.ID), values("available", strconv.Itoa(100+i))).is(t, 303)
		}
		d = b.shows(t, "/settings/audit")
		if n := d.Find("main tbody tr").Length(); n != 50 {
			t.Errorf("a page has %d changes, want 50", n)
		}
		if n := rows(d.Find("a[rel=next]").AttrOr("href", "")).Length(); n != 8 {
			t.Errorf("the second page has %d changes, want 8", n)
		}
	})
}

func TestRetentionScreen(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		ctx := context.Background()
		b := s.as(models.RoleOwner)
		holds(t, b.shows(t, "/settings/retention").Find("main"), "It has not run yet")
		form := func(pairs ...string) []string {
			days := map[string]string{}
			for _, k := range models.KeptKinds {
				days["keep_"+string(k)] = strconv.Itoa(k.Rule().Default)
			}
			for i := 0; i+1 < len(pairs); i += 2 {
				days[pairs[i]] = pairs[i+1]
			}
			var list []string
			for name, value := range days {
				list = append(list, name, value)
			}
			return list
		}
		for _, test := range []struct{ field, value string }{{"keep_events", "1"}, {"keep_messages", "-1"}, {"keep_audit", "3651"}, {"keep_contacts", "30"}, {"keep_clicks", "x"}} {
			d := b.fails(t, 422, "/settings/retention", form(test.field, test.value)...)
			wrongField(t, d, test.field)
			kept(t, d, test.field, test.value)
		}
		// A change is 100 days old; keeping the log for 90 would remove it, which asks for a yes.
		s.must(s.work.SetRetention(models.WithActor(ctx, models.Actor{Kind: models.ActorUser, ID: 1, Name: "anna"}), models.Retention{}))
		s.clock.Advance(100 * 24 * time.Hour)
		b = s.as(models.RoleOwner)
		d := b.fails(t, 422, "/settings/retention", form("keep_audit", "90")...)
		holds(t, d.Find("[role=alert]"), "Who changed what", "1 in all")
		kept(t, d, "keep_audit", "90")
		b.send(t, "/settings/retention", form("keep_audit", "90", "confirm", "yes")...)
		if r, err := s.store.Retention(ctx); err != nil || r[models.KeptAudit] != 90 {
			t.Errorf("kept is %v, %v", r, err)
		}
		_, err := s.work.Forget(ctx)
		s.must(err)
		holds(t, b.shows(t, "/settings/retention").Find("main .facts"), "Who changed what", "1 in all")
		other := s.as(models.RoleStaff)
		if _, off := other.shows(t, "/settings/retention").Find("form.stack > fieldset").Attr("disabled"); !off {
			t.Error("staff can type into the times")
		}
		other.visit("POST", "/settings/retention", values(form()...)).is(t, 403)
	})
}

func TestOwnAccount(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		here, phone := s.as(models.RoleViewer), s.browser()
		address := "viewer@shop.example"
		phone.visit("POST", "/login", values("email", address, "password", password)).is(t, 303)
		for _, test := range []struct{ field, current, new, again string }{
			{"current", "not the password", "another password", "another password"}, {"password", password, "short", "short"},
			{"password_again", password, "another password", "an other password"},
		} {
			d := here.fails(t, 422, "/settings/account/password", "current", test.current, "password", test.new, "password_again", test.again)
			wrongField(t, d, test.field)
			kept(t, d, "current", "", "password", "", "password_again", "")
		}
		if !phone.signedIn() {
			t.Fatal("a refused change ends a session")
		}
		here.send(t, "/settings/account/password", "current", password, "password", "another password", "password_again", "another password")
		if phone.signedIn() || !here.signedIn() {
			t.Error("another password must end every session but the one it was set in")
		}
		phone.visit("POST", "/login", values("email", address, "password", password)).is(t, 401)
		phone.visit("POST", "/login", values("email", address, "password", "another password")).is(t, 303)
		here.send(t, "/settings/account/sign-out")
		if phone.signedIn() || !here.signedIn() {
			t.Error("signing out everywhere must end every session but the one it was asked for in")
		}
		entries, _, err := s.store.AuditEntries(context.Background(), models.AuditQuery{Limit: 5})
		s.must(err)
		if len(entries) != 2 || entries[0].Act != models.AuditSignedOut || entries[1].Act != models.AuditPassword || entries[0].ActorName != address {
			t.Errorf("the log says %+v", entries)
		}
	})
}

func TestAboutScreen(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		d := s.as(models.RoleViewer).shows(t, "/settings/about")
		holds(t, d.Find("main .facts"), "test", "SQL", "B")
	})
}
