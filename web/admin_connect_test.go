package web_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"bentornato/models"
	"bentornato/models/store/storetest"
	"bentornato/web"
	"bentornato/web/messenger"
	"bentornato/web/sandbox"
)

// desk lets the workflows set Pages up at the sandbox.
type desk struct{ *messenger.Client }

func (d desk) Resubscribe(ctx context.Context, page, accessToken string) error {
	return d.Subscribe(ctx, page, accessToken, messenger.SubscribedFields())
}

const (
	goodPage = "103000000000001" // shared with every task
	lackPage = "103000000000002" // shared without them
	appID    = "2630000000000001"
)

// eachConnected runs a test on sites that reach a pretend Facebook with two Pages, each site its own.
func eachConnected(t *testing.T, test func(t *testing.T, s *site, facebook *sandbox.Platform, b *browser)) {
	t.Helper()
	storetest.EachURL(t, func(t *testing.T, address string) {
		var platform *sandbox.Platform
		var client *messenger.Client
		s := newSite(t, address, func(c *web.Config) {
			platform = sandbox.New(sandbox.Options{AppID: appID, AppSecret: appSecret, RequireProof: true, Now: c.Now, RedirectURIs: []string{baseURL + "/pages/connected"}})
			for _, g := range []sandbox.Page{{ID: goodPage, Name: "Bottega Nuova", Token: "EAAgood"}, {ID: lackPage, Name: "Mercatino", Token: "EAAlack", Tasks: []string{"ANALYZE"}}} {
				if err := platform.AddPage(g); err != nil {
					t.Fatal(err)
				}
			}
			server := httptest.NewServer(platform.Handler())
			t.Cleanup(server.Close)
			client = messenger.New(messenger.Config{GraphURL: server.URL + "/v25.0", AppID: appID, AppSecret: appSecret, Now: c.Now})
			t.Cleanup(client.Close)
			c.AppID, c.Facebook = appID, client
		})
		s.desk.PageDesk = desk{client}
		test(t, s, platform, s.as(models.RoleOwner))
	})
}

// agree does what a person does in Facebook's dialog, and returns the address it leads back to.
func agree(t *testing.T, dialog string, form url.Values) string {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, dialog, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	to, err := resp.Location()
	if err != nil {
		t.Fatal(resp.Status, err)
	}
	return strings.TrimPrefix(to.String(), baseURL)
}

func TestConnectWithFacebook(t *testing.T) {
	eachConnected(t, func(t *testing.T, s *site, facebook *sandbox.Platform, b *browser) {
		ctx := context.Background()
		dialog := func() string {
			t.Helper()
			to := b.shows(t, "/pages/connect").Find("#by-facebook").Parent().Find("a.btn-primary").AttrOr("href", "")
			if !strings.Contains(to, "/dialog/oauth?client_id="+appID) {
				t.Fatalf("the way to Facebook is %q", to)
			}
			return to
		}
		// Who does not agree changes nothing; neither does a state that is not ours, or one used twice.
		denied := agree(t, dialog(), url.Values{"do": {"cancel"}})
		if d := b.shows(t, denied); d.Find(".notice-wrong").Length() != 1 {
			t.Error("nothing says that nobody agreed")
		}
		back := agree(t, dialog(), url.Values{"do": {"continue"}, "page": {goodPage, lackPage}})
		s.addUser("stranger@shop.example", models.RoleOwner)
		stranger := s.browser()
		stranger.leads(t, stranger.visit("POST", "/login", values("email", "stranger@shop.example", "password", password)), "/")
		stranger.leads(t, stranger.visit("GET", back, ""), "/pages/connect")
		choice := b.visit("GET", back, "").Header.Get("Location")
		if !strings.HasPrefix(choice, "/pages/choose?login=") {
			t.Fatalf("a person who agreed is led to %q", choice)
		}
		b.leads(t, b.visit("GET", back, ""), "/pages/connect")
		stranger.leads(t, stranger.visit("GET", choice, ""), "/pages/connect") // somebody else's sign-in

		d := b.shows(t, choice)
		if d.Find("input[name=page]:not([disabled])").Length() != 1 || !strings.Contains(d.Find("form.card").Text(), "MESSAGING, MODERATE") {
			t.Errorf("the choice is %s", d.Find("form.card").Text())
		}
		login := d.Find("input[name=login]").AttrOr("value", "")
		b.fails(t, 422, "/pages/choose", "login", login, "locale", "it", "timezone", "Europe/Rome", "page", lackPage)
		b.fails(t, 422, "/pages/choose", "login", login, "locale", "it", "timezone", "Europe/Nowhere", "page", goodPage)
		if _, err := s.store.Page(ctx, goodPage); models.KindOf(err) != models.KindNotFound {
			t.Errorf("saved before it was chosen rightly: %v", err)
		}
		a := b.visit("POST", "/pages/choose", values("login", login, "locale", "it", "timezone", "Europe/Rome", "page", goodPage)).is(t, 200)
		if !strings.Contains(a.body, "Bottega Nuova") || strings.Contains(a.body, "EAAgood") {
			t.Errorf("%s", a.body)
		}
		page, err := s.store.Page(ctx, goodPage)
		s.must(err)
		token, err := s.store.PageToken(page)
		s.must(err)
		if token != "EAAgood" || page.Name != "Bottega Nuova" || page.Rate != models.DefaultRate || len(facebook.Subscribed(goodPage)) == 0 || len(facebook.Subscribed(lackPage)) != 0 {
			t.Errorf("%+v, subscribed to %v", page, facebook.Subscribed(goodPage))
		}
		h, err := s.store.PageHealth(ctx, goodPage)
		s.must(err)
		if h.Problem != "" || len(h.MissingFields) != 0 || len(h.MissingPermissions) != 0 || !h.Granted(models.FeatureOTN) || h.ConnectedAt.IsZero() {
			t.Errorf("%+v", h)
		}
		b.leads(t, b.visit("GET", choice, ""), "/pages/connect") // the sign-in is used up

		// What is known of it shows, and each of it works.
		holds(t, b.shows(t, "/pages/"+goodPage).Find("#connection").Parent(), "All is well.")
		s.must(facebook.Unsubscribe(goodPage))
		b.leads(t, b.visit("POST", "/pages/"+goodPage+"/check", ""), "/pages/"+goodPage)
		if len(facebook.Subscribed(goodPage)) == 0 {
			t.Error("webhooks that were taken off are not put back")
		}
		s.must(facebook.SetTokenInvalid(goodPage, 460))
		b.leads(t, b.visit("POST", "/pages/"+goodPage+"/setup", ""), "/pages/"+goodPage)
		if d := b.shows(t, "/pages/"+goodPage); d.Find(".notice-wrong").Length() != 1 {
			t.Error("a set-up that was refused passed for one")
		}
		s.must(facebook.SetTokenInvalid(goodPage, 0))
		s.unchanged(func() { b.leads(t, b.visit("POST", "/pages/"+goodPage+"/disconnect", ""), "/pages/"+goodPage) })
		b.leads(t, b.visit("POST", "/pages/"+goodPage+"/disconnect", values("confirm", "yes")), "/pages/"+goodPage)
		if page, err = s.store.Page(ctx, goodPage); err != nil || page.State != models.PagePaused || len(facebook.Subscribed(goodPage)) != 0 {
			t.Errorf("%+v, %v, subscribed to %v", page, err, facebook.Subscribed(goodPage))
		}
	})
}

// Whose login it was takes back what it allowed: the Pages that live by it pause before a call is refused.
func TestDeauthorizePauses(t *testing.T) {
	eachConnected(t, func(t *testing.T, s *site, facebook *sandbox.Platform, b *browser) {
		to := b.shows(t, "/pages/connect").Find("a.btn-primary").AttrOr("href", "")
		choice := b.visit("GET", agree(t, to, url.Values{"do": {"continue"}, "page": {goodPage}}), "").Header.Get("Location")
		b.visit("POST", "/pages/choose", values("login", strings.TrimPrefix(choice, "/pages/choose?login="), "locale", "it", "timezone", "Europe/Rome", "page", goodPage)).is(t, 200)
		server := httptest.NewServer(s.handler)
		defer server.Close()
		state := func(id string) models.PauseReason {
			t.Helper()
			p, err := s.store.Page(context.Background(), id)
			s.must(err)
			return p.PauseReason
		}
		s.must(facebook.Deauthorize(t.Context(), server.URL+"/deauthorize", "999"))
		if got := state(goodPage); got != "" {
			t.Errorf("paused for somebody else: %s", got)
		}
		s.must(facebook.Deauthorize(t.Context(), server.URL+"/deauthorize", ""))
		if got := state(goodPage); got != models.PauseTokenInvalid {
			t.Errorf("paused for %q", got)
		}
		if got := state(pageID); got != "" {
			t.Errorf("a Page whose token was typed in is paused for %q", got)
		}
	})
}

func TestConnectByHand(t *testing.T) {
	eachConnected(t, func(t *testing.T, s *site, facebook *sandbox.Platform, b *browser) {
		form := func(id, token string) []string {
			return []string{"id", id, "name", "A mano", "token", token, "locale", "it", "timezone", "Europe/Rome"}
		}
		for _, c := range []struct{ field, id, token string }{
			{"token", goodPage, ""}, {"token", goodPage, "EAAwrong"}, {"token", goodPage, "EAAlack"}, {"id", "bottega", "EAAgood"},
		} {
			d := b.fails(t, 422, "/pages/connect", form(c.id, c.token)...)
			wrongField(t, d, c.field)
			kept(t, d, "id", c.id, "name", "A mano", "token", "")
		}
		if _, err := s.store.Page(context.Background(), goodPage); models.KindOf(err) != models.KindNotFound {
			t.Errorf("saved with a token that is not its own: %v", err)
		}
		b.visit("POST", "/pages/connect", values(form(goodPage, "EAAgood")...)).is(t, 200)
		if len(facebook.Subscribed(goodPage)) == 0 {
			t.Error("not set up")
		}
		s.must(facebook.SetRestricted(goodPage, true)) // no matter for setting up
		s.clock.Advance(time.Hour)
		b.visit("POST", "/pages/connect", values(form(goodPage, "EAAgood")...)).is(t, 200)
	})
}

// Without the Meta app there is no way to Facebook, and nobody but an owner connects.
func TestConnectNeedsAnApp(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		d := s.as(models.RoleOwner).shows(t, "/pages/connect")
		if d.Find("a[href*=oauth]").Length() != 0 || !strings.Contains(d.Text(), "BENTORNATO_APP_ID") {
			t.Error(d.Text())
		}
		s.as(models.RoleStaff).visit("GET", "/pages/connect", "").page(t, 403)
	})
}
