package web_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"bentornato/models"
	"bentornato/models/store"
	"bentornato/web/inventory"
)

func TestSources(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		ctx := context.Background()
		s.product(pageID, "MUG-BLUE", 0)
		b := s.as(models.RoleOwner)
		for _, test := range []struct{ field, kind, name, page, secret string }{
			{"kind", "abacus", "Shop", "", ""},
			{"kind", "", "Shop", "", ""},
			{"name", "generic", "  ", "", ""},
			{"name", "generic", strings.Repeat("x", 81), "", ""},
			{"secret", "generic", "Shop", "", "not a secret"},
			{"", "generic", "Shop", "999", ""},
		} {
			d := b.fails(t, 422, "/sources", "kind", test.kind, "name", test.name, "page_id", test.page, "secret", test.secret)
			if test.field != "" {
				wrongField(t, d, test.field)
			} else if d.Find(".notice-wrong").Length() != 1 {
				t.Error("nothing says what is wrong")
			}
			kept(t, d, "name", strings.TrimSpace(test.name), "secret", "")
			if list, err := s.store.Sources(ctx); err != nil || len(list) != 0 {
				t.Fatalf("a source was added: %v %v", list, err)
			}
		}
		d := b.send(t, "/sources", "kind", "generic", "name", "Gestionale", "page_id", pageID)
		if d.Find("#source-secret").Length() != 1 {
			t.Error("the secret is not shown")
		}
		a := b.visit("POST", "/sources", values("kind", "generic", "name", "Cassa"))
		b.leads(t, a, "/sources")
		d = b.shows(t, "/sources")
		address, secret := d.Find("#source-url").AttrOr("value", ""), d.Find("#source-secret").AttrOr("value", "")
		if !strings.HasPrefix(address, baseURL+"/webhooks/inventory/") || !strings.HasPrefix(secret, "whsec_") {
			t.Fatalf("the new source is shown as %q with %q", address, secret)
		}
		if a := b.visit("GET", "/sources", "").is(t, 200); strings.Contains(a.body, secret) {
			t.Error("the secret is shown a second time")
		}
		holds(t, d.Find("main table"), "Gestionale", "Cassa")
		for _, table := range []string{"sources", "sessions"} {
			var data []byte
			column := map[string]string{"sources": "sealed_secret", "sessions": "data"}[table]
			rows, err := s.db.Query("SELECT " + column + " FROM " + table)
			s.must(err)
			for rows.Next() {
				s.must(rows.Scan(&data))
				if strings.Contains(string(data), secret) {
					t.Errorf("%s holds the secret as it is", table)
				}
			}
			s.must(rows.Err())
			rows.Close()
		}

		// What was shown works.
		id := strings.TrimPrefix(address, baseURL+"/webhooks/inventory/")
		source, err := s.store.Source(ctx, id)
		s.must(err)
		secrets, err := s.store.SourceSecrets(source)
		s.must(err)
		if len(secrets) != 1 || secrets[0] != secret || source.Kind != inventory.Generic || source.PageID != "" {
			t.Errorf("the source is %+v", source)
		}
		// One that a person brings is kept.
		b.send(t, "/sources", "kind", "woocommerce", "name", "Negozio", "secret", "aWooSecret")
		for i := range 51 {
			_, err := s.work.Report(ctx, source, models.StockReport{Key: fmt.Sprint(i), At: s.clock.Now(),
				Items: []models.StockItem{{SKU: "MUG-BLUE", Stock: models.Stock{Available: i}}}})
			s.must(err)
		}
		d = b.shows(t, "/sources/"+id)
		next := d.Find("a[rel=next]").AttrOr("href", "")
		if d.Find("main tbody tr").Length() != 50 || d.Find("#source-url").AttrOr("value", "") != address {
			t.Errorf("the source's screen has %d items", d.Find("main tbody tr").Length())
		}
		if n := b.shows(t, next).Find("main tbody tr").Length(); n != 1 {
			t.Errorf("its second page has %d items, want 1", n)
		}
	})
}

func TestPageSettings(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		ctx := context.Background()
		s.addPage(pageID, func(p *models.Page) { p.Settings.RegisteredNews = true })
		v := s.product(pageID, "MUG-BLUE", 0)
		s.token(v, "2001")
		b := s.as(models.RoleOwner)
		holds(t, b.shows(t, "/pages").Find("main tbody tr"), "Shop 1", "1", "40")
		holds(t, b.shows(t, "/pages/"+pageID).Find("[aria-labelledby=meter]"), "At full speed", "40 messages a second")
		s.must(s.store.Update(ctx, func(tx *store.Tx) error {
			return tx.HeedAnswers(pageID, []models.Answer{{Outcome: models.OutcomeSent, Usage: 92}})
		}))
		holds(t, b.shows(t, "/pages/"+pageID).Find("[aria-labelledby=meter]"), "Slowed to 25%", "in 3 min", "10 messages a second")
		good := map[string]string{"name": "Bottega Alba", "rate": "55", "locale": "en", "timezone": "Europe/Lisbon", "quiet_from": "22:00", "quiet_to": "08:00",
			"hold_down_seconds": "30", "ask_above": "100", "wave_minutes": "15", "spacing_seconds": "-1", "request_title_en": "{product} back?", "request_title_it": "",
			"newest_first": "yes", "public_list": "yes", "count_orders": "yes", "registered_news": "yes"}
		for _, test := range []struct{ field, value string }{
			{"name", ""}, {"rate", "0"}, {"rate", "301"}, {"rate", ""}, {"rate", "fast"}, {"locale", "de"}, {"timezone", "Mars/Base"}, {"quiet_from", "25:00"}, {"quiet_to", "8"},
			{"hold_down_seconds", "-1"}, {"hold_down_seconds", "x"}, {"ask_above", "-1"}, {"wave_minutes", "10081"}, {"spacing_seconds", "86401"},
			{"request_title_it", strings.Repeat("x", 201)},
		} {
			var pairs, show []string
			for name, value := range good {
				if name == test.field {
					value = test.value
				}
				pairs = append(pairs, name, value)
				if name != "locale" && name != "newest_first" && name != "public_list" && name != "count_orders" && name != "registered_news" {
					show = append(show, name, value)
				}
			}
			d := b.fails(t, 422, "/pages/"+pageID, pairs...)
			wrongField(t, d, test.field)
			kept(t, d, show...)
			if _, on := d.Find("[name=newest_first]").Attr("checked"); !on {
				t.Error("a box that was ticked is not")
			}
		}
		var pairs []string
		for name, value := range good {
			pairs = append(pairs, name, value)
		}
		d := b.send(t, "/pages/"+pageID, pairs...)
		kept(t, d, "name", "Bottega Alba", "rate", "55", "timezone", "Europe/Lisbon", "locale", "en", "request_title_en", "{product} back?")
		if got := d.Find("#public-url").AttrOr("value", ""); got != baseURL+"/shop/"+pageID {
			t.Errorf("the public list is said to be at %q", got)
		}
		holds(t, d.Find("#count-en"), "Tazza MUG-BLUE back?")
		p, err := s.store.Page(ctx, pageID)
		s.must(err)
		want := models.PageSettings{RegisteredNews: true, NewestFirst: true, PublicList: true, CountOrders: true, QuietFrom: "22:00", QuietTo: "08:00", HoldDownSeconds: 30, AskAbove: 100,
			WaveMinutes: 15, SpacingSeconds: -1, RequestTitle: map[string]string{"en": "{product} back?"}}
		if fmt.Sprint(p.Settings) != fmt.Sprint(want) || p.Rate != 55 || p.State != models.PageActive {
			t.Errorf("the Page is %+v", p)
		}
		if token, err := s.store.PageToken(p); err != nil || token != "page token "+pageID {
			t.Errorf("the access token did not stay: %v", err)
		}
		// Staff may stop a Page, and look at its settings.
		staff := s.as(models.RoleStaff)
		d = staff.send(t, "/pages/"+pageID+"/pause")
		if d.Find("form[action$='/resume']").Length() != 1 || d.Find("form[action$='/pause']").Length() != 0 {
			t.Error("the Page is not shown as paused")
		}
		if _, off := d.Find("fieldset").Attr("disabled"); !off {
			t.Error("staff are shown settings as if they could change them")
		}
		if p, _ := s.store.Page(ctx, pageID); p.State != models.PagePaused || p.PauseReason != models.PauseByMerchant {
			t.Errorf("the Page is %s (%s)", p.State, p.PauseReason)
		}
		staff.send(t, "/pages/"+pageID+"/resume")
		if p, _ := s.store.Page(ctx, pageID); p.State != models.PageActive {
			t.Errorf("the Page is %s", p.State)
		}
	})
}

func TestTeamUsers(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		ctx := context.Background()
		b := s.as(models.RoleOwner)
		for _, test := range []struct{ field, email, role, password string }{
			{"email", "nobody", "staff", password}, {"role", "a@shop.example", "king", password}, {"role", "a@shop.example", "", password},
			{"password", "a@shop.example", "staff", "short"}, {"password", "a@shop.example", "staff", ""},
		} {
			d := b.fails(t, 422, "/team/users", "email", test.email, "role", test.role, "password", test.password)
			wrongField(t, d, test.field)
			kept(t, d, "email", test.email, "password", "")
			if strings.Contains(d.Text(), "argon2") {
				t.Error("a hash is shown")
			}
		}
		d := b.send(t, "/team/users", "email", " Bruno@Shop.example ", "role", "staff", "password", "another good one")
		holds(t, d.Find("[aria-labelledby=users]"), "bruno@shop.example")
		bruno := s.browser()
		bruno.leads(t, bruno.visit("POST", "/login", values("email", "bruno@shop.example", "password", "another good one")), "/")
		bruno.visit("GET", "/products/new", "").is(t, 200)

		// Saved again, he is changed; the change holds for the very next request.
		b.send(t, "/team/users", "email", "bruno@shop.example", "role", "viewer", "password", "another good one")
		if bruno.visit("GET", "/products/new", "").StatusCode == 200 {
			t.Error("the role that was taken away still holds")
		}

		// Nobody locks themselves out.
		me, err := s.store.UserByEmail(ctx, "owner@shop.example")
		s.must(err)
		if d := b.fails(t, 409, "/team/users", "email", me.Email, "role", "viewer", "password", password); d.Find(".notice-wrong").Length() != 1 {
			t.Error("nothing says why the own role stays")
		}
		b.conflicts(t, fmt.Sprintf("/team/users/%d/delete", me.ID))
		b.send(t, "/team/users", "email", me.Email, "role", "owner", "password", "a new password")
		b.visit("GET", "/team", "").is(t, 200)
		other := s.browser()
		other.visit("POST", "/login", values("email", me.Email, "password", password)).is(t, 401)

		u, err := s.store.UserByEmail(ctx, "bruno@shop.example")
		s.must(err)
		d = b.send(t, fmt.Sprintf("/team/users/%d/delete", u.ID))
		if strings.Contains(d.Find("[aria-labelledby=users]").Text(), "bruno") {
			t.Error("the login is still listed")
		}
		bruno.leads(t, bruno.visit("GET", "/", ""), "/login")
	})
}

func TestTeamKeys(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		b := s.as(models.RoleOwner)
		for _, test := range []struct{ field, name, role string }{{"name", "", "staff"}, {"name", strings.Repeat("x", 81), "staff"}, {"role", "Script", "king"}} {
			d := b.fails(t, 422, "/team/keys", "name", test.name, "role", test.role)
			wrongField(t, d, test.field)
			kept(t, d, "name", test.name)
		}
		if keys, err := s.store.Keys(context.Background()); err != nil || len(keys) != 1 {
			t.Fatalf("%d keys, want the one of the site: %v", len(keys), err)
		}
		a := b.visit("POST", "/team/keys", values("name", "Gestionale", "role", "viewer"))
		d := a.page(t, 201)
		key := d.Find("#api-key").AttrOr("value", "")
		if key == "" || a.Header.Get("Cache-Control") != "no-store" {
			t.Fatalf("the key is %q, and may be kept: %q", key, a.Header.Get("Cache-Control"))
		}
		s.request("GET", "/api/v1/stats", "", bearer(key)).is(t, 200)
		var revoke string
		list := b.visit("GET", "/team", "").is(t, 200)
		if strings.Contains(list.body, key) {
			t.Error("the key is shown a second time")
		}
		list.page(t, 200).Find("[aria-labelledby=keys] tbody tr").Each(func(_ int, row *goquery.Selection) {
			if strings.Contains(row.Text(), "Gestionale") {
				revoke = row.Find("form").AttrOr("action", "")
			}
		})
		d = b.send(t, revoke)
		holds(t, d.Find("[aria-labelledby=keys]"), "Revoked")
		s.request("GET", "/api/v1/stats", "", bearer(key)).is(t, 401)
	})
}
