package web_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"bentornato/models"
)

// code offers a set-up code, as serve does when it starts.
func (s *site) code() string {
	s.t.Helper()
	code, err := s.work.OfferSetup(context.Background())
	s.must(err)
	return code
}

// firstOwner is the form that makes the first owner, with changes.
func firstOwner(code string, pairs ...string) string {
	form := map[string]string{"code": code, "email": "giulia@shop.example", "password": password, "password_again": password, "language": "it"}
	for i := 0; i+1 < len(pairs); i += 2 {
		form[pairs[i]] = pairs[i+1]
	}
	var list []string
	for name, value := range form {
		list = append(list, name, value)
	}
	return values(list...)
}

func TestFirstRun(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		ctx := context.Background()
		b := s.browser()
		for _, target := range []string{"/", "/products", "/pages/1", "/team", "/login", "/login?next=/tokens"} {
			b.leads(t, b.visit("GET", target, ""), "/setup")
		}
		first, second := s.code(), s.code() // of two processes
		d := b.shows(t, "/setup")
		if d.Find("form[action='/setup'] [name=code]").Length() != 1 || strings.Contains(d.Text(), first) {
			t.Fatal("the set-up page does not ask for the code, or shows it")
		}
		var stored int
		s.must(s.db.QueryRow("SELECT COUNT(*) FROM setup_codes WHERE CAST(hash AS TEXT) LIKE '%" + strings.ReplaceAll(first, "-", "") + "%'").Scan(&stored))
		if stored != 0 {
			t.Error("the code is in the database as it is")
		}
		for _, test := range []struct {
			field string
			pairs []string
		}{
			{"code", []string{"code", ""}}, {"code", []string{"code", "ABCD-EFGH-JKLM-NPQR"}}, {"email", []string{"email", "nobody"}},
			{"password", []string{"password", "short", "password_again", "short"}}, {"password_again", []string{"password_again", "another one here"}},
		} {
			d := b.visit("POST", "/setup", firstOwner(first, test.pairs...)).page(t, http.StatusUnprocessableEntity)
			wrongField(t, d, test.field)
			if test.field != "email" {
				kept(t, d, "email", "giulia@shop.example", "language", "it", "password", "", "password_again", "")
			}
			if users, err := s.store.Users(ctx); err != nil || len(users) != 0 {
				t.Fatalf("somebody was added: %v %v", users, err)
			}
		}
		// Case and hyphens do not count, and either process's code is good.
		b.leads(t, b.visit("POST", "/setup", firstOwner(strings.ToLower(strings.ReplaceAll(second, "-", " ")))), "/setup")
		owner, err := s.store.UserByEmail(ctx, "giulia@shop.example")
		s.must(err)
		if owner.Role != models.RoleOwner || owner.Language != "it" {
			t.Errorf("the first owner is %+v", owner)
		}
		if !b.signedIn() {
			t.Error("the first owner is not signed in")
		}
		d = b.shows(t, "/setup")
		holds(t, d.Find("html[lang=it] main"), "Primi passi", "Fatti: 1 su 6")
		entries, _, err := s.store.AuditEntries(ctx, models.AuditQuery{Limit: 5})
		s.must(err)
		if len(entries) != 1 || entries[0].Act != models.AuditSetUp || entries[0].ActorName != "giulia@shop.example" {
			t.Errorf("the log says %+v", entries)
		}
		// The door is shut behind them, for codes that were not used too.
		other := s.browser()
		other.leads(t, other.visit("GET", "/setup", ""), "/login?next=%2Fsetup")
		other.leads(t, other.visit("POST", "/setup", firstOwner(first, "email", "thief@shop.example")), "/login")
		if _, err := s.work.AddFirstOwner(ctx, models.User{Email: "thief@shop.example", PasswordHash: "x"}, first); models.KindOf(err) != models.KindConflict {
			t.Errorf("a second first owner: %v", err)
		}
		if code := s.code(); code != "" {
			t.Errorf("a code is offered although somebody can sign in: %q", code)
		}
	})
}

func TestSetupTriesAreCounted(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		code := s.code()
		b := s.browser()
		for range 10 {
			b.visit("POST", "/setup", firstOwner("WRON-GWRO-NGWR-ONGW")).is(t, http.StatusUnprocessableEntity)
		}
		a := b.visit("POST", "/setup", firstOwner(code)).is(t, http.StatusTooManyRequests)
		if a.Header.Get("Retry-After") == "" {
			t.Error("nothing says when to try again")
		}
		s.clock.Advance(16 * time.Minute)
		b.leads(t, b.visit("POST", "/setup", firstOwner(code)), "/setup")
	})
}

// TestOneFirstOwner lets many who know codes be first at once.
func TestOneFirstOwner(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		codes := []string{s.code(), s.code(), s.code()}
		var (
			group sync.WaitGroup
			mu    sync.Mutex
			first int
		)
		for i := range 9 {
			group.Go(func() {
				_, err := s.work.AddFirstOwner(context.Background(), models.User{Email: string(rune('a'+i)) + "@shop.example", PasswordHash: "x"}, codes[i%3])
				mu.Lock()
				defer mu.Unlock()
				switch {
				case err == nil:
					first++
				case models.KindOf(err) != models.KindConflict:
					t.Errorf("%d: %v", i, err)
				}
			})
		}
		group.Wait()
		if users, err := s.store.Users(context.Background()); err != nil || len(users) != 1 || first != 1 {
			t.Errorf("%d were first, and %d are there: %v", first, len(users), err)
		}
	})
}

func TestFirstSteps(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		b := s.as(models.RoleStaff)
		done := func(want int) {
			t.Helper()
			if n := b.shows(t, "/setup").Find(".steps .is-done").Length(); n != want {
				t.Errorf("%d steps are done, want %d", n, want)
			}
			if n := b.shows(t, "/").Find(".steps .is-done").Length(); n != want && want < 6 {
				t.Errorf("%d steps are done on the first screen, want %d", n, want)
			}
		}
		done(1) // with its Page
		s.request("GET", "/webhooks/messenger?hub.mode=subscribe&hub.challenge=7&hub.verify_token="+url.QueryEscape(verifyToken), "").is(t, 200)
		done(2)
		v := s.product(pageID, "MUG-BLUE", 0)
		done(4) // with its stock by hand
		viewer := s.as(models.RoleViewer)
		viewer.visit("POST", "/setup/aside", "").is(t, http.StatusForbidden)
		b.send(t, "/setup/aside")
		if b.shows(t, "/").Find(".steps").Length() != 0 {
			t.Error("what was put aside is still on the first screen")
		}
		if n := b.shows(t, "/setup").Find(".steps .is-done").Length(); n != 4 {
			t.Errorf("%d steps are done, want 4", n)
		}
		b.send(t, "/setup/back")
		done(4)
		s.token(v, "2001")
		if n := b.shows(t, "/setup").Find(".steps .is-done").Length(); n < 5 {
			t.Errorf("with a token %d steps are done", n)
		}
	})
}
