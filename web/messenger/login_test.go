package messenger

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"bentornato/models"
)

func (s *script) app() *Client {
	return New(Config{GraphURL: "http://graph.test/v25.0", AppID: "app1", AppSecret: "app-secret", Transport: s,
		Now: func() time.Time { return noon }})
}

// asks reads the query of the n-th call.
func (s *script) query(t *testing.T, n int) (path string, query url.Values) {
	t.Helper()
	_, address, _ := strings.Cut(s.asked[n], " ")
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return u.Path, u.Query()
}

func TestLoginURL(t *testing.T) {
	scopes := LoginRequest{RedirectURI: "https://shop.test/pages/connected", State: "s1", Scopes: Permissions()}
	business := LoginRequest{RedirectURI: "https://shop.test/pages/connected", State: "s1", ConfigID: "77", Scopes: Permissions()}
	for _, c := range []struct {
		graph, login string
		request      LoginRequest
		want         string
	}{
		{"https://graph.facebook.com/v25.0", "", scopes, "https://www.facebook.com/v25.0/dialog/oauth?client_id=app1&redirect_uri=https%3A%2F%2Fshop.test%2Fpages%2Fconnected&response_type=code" +
			"&scope=pages_show_list%2Cpages_manage_metadata%2Cpages_messaging%2Cpages_read_engagement&state=s1"},
		{"https://graph.facebook.com/v25.0", "", business, "https://www.facebook.com/v25.0/dialog/oauth?client_id=app1&config_id=77&redirect_uri=https%3A%2F%2Fshop.test%2Fpages%2Fconnected&response_type=code&state=s1"},
		{"http://127.0.0.1:9/v25.0", "", LoginRequest{State: "x", ConfigID: "1"}, "http://127.0.0.1:9/v25.0/dialog/oauth?client_id=app1&config_id=1&redirect_uri=&response_type=code&state=x"},
		{"http://127.0.0.1:9/v25.0", "https://login.test/o", LoginRequest{State: "x", ConfigID: "1"}, "https://login.test/o?client_id=app1&config_id=1&redirect_uri=&response_type=code&state=x"},
	} {
		if got := New(Config{GraphURL: c.graph, LoginURL: c.login, AppID: "app1"}).LoginURL(c.request); got != c.want {
			t.Errorf("%s\nwant %s", got, c.want)
		}
	}
}

func TestUserTokens(t *testing.T) {
	s := &script{answers: []string{`200 {"access_token":"short","token_type":"bearer","expires_in":5000}`, `200 {"access_token":"long","token_type":"bearer","expires_in":5183944}`}}
	c := s.app()
	short, err := c.ExchangeCode(t.Context(), "https://shop.test/back", "the-code")
	if err != nil {
		t.Fatal(err)
	}
	long, err := c.LongLived(t.Context(), short)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]UserToken{{"short", noon.Add(5000 * time.Second)}, {"long", noon.Add(5183944 * time.Second)}}, []UserToken{short, long}); diff != "" {
		t.Error(diff)
	}
	path, query := s.query(t, 0)
	if diff := cmp.Diff(url.Values{"client_id": {"app1"}, "client_secret": {"app-secret"}, "redirect_uri": {"https://shop.test/back"}, "code": {"the-code"}}, query); diff != "" || path != "/v25.0/oauth/access_token" {
		t.Error(path, diff)
	}
	_, query = s.query(t, 1)
	if diff := cmp.Diff(url.Values{"client_id": {"app1"}, "client_secret": {"app-secret"}, "grant_type": {"fb_exchange_token"}, "fb_exchange_token": {"short"}}, query); diff != "" {
		t.Error(diff)
	}
}

// A code works once: where no answer came, asking again would be refused and hide why.
func TestCodesAreExchangedOnce(t *testing.T) {
	for _, answer := range []string{"", `500 {"error":{"code":2,"message":"the-code and app-secret"}}`, `200 {}`, `502 <html>`} {
		s := &script{answers: []string{answer}}
		_, err := s.app().ExchangeCode(t.Context(), "https://shop.test/back", "the-code")
		if models.KindOf(err) != models.KindUnavailable || len(s.asked) != 1 {
			t.Errorf("%q: %v after %d calls", answer, err, len(s.asked))
		}
		if text := err.Error(); strings.Contains(text, "the-code") || strings.Contains(text, "app-secret") {
			t.Errorf("%q: the error holds a secret: %s", answer, text)
		}
	}
	if _, err := New(Config{GraphURL: "http://graph.test/v25.0"}).ExchangeCode(t.Context(), "", "c"); models.KindOf(err) != models.KindInvalid {
		t.Errorf("without an app: %v", err)
	}
}

func TestManagedPages(t *testing.T) {
	s := &script{answers: []string{
		`200 {"data":[{"id":"1","name":"A","category":"Shop","access_token":"EAA1","tasks":["MESSAGING","MODERATE","MANAGE"]}],"paging":{"cursors":{"after":"c1"},"next":"https://elsewhere.test/steal"}}`,
		`200 {"data":[{"id":"2","name":"B","access_token":"EAA2","tasks":["ANALYZE"]}],"paging":{"cursors":{"after":"c2"}}}`,
	}}
	pages, err := s.app().ManagedPages(t.Context(), UserToken{AccessToken: "long"})
	if err != nil || len(pages) != 2 || len(s.asked) != 2 {
		t.Fatalf("%v, %v after %d calls", pages, err, len(s.asked))
	}
	if diff := cmp.Diff([][]string{nil, {"MESSAGING", "MODERATE"}}, [][]string{pages[0].MissingTasks(), pages[1].MissingTasks()}); diff != "" {
		t.Error(diff)
	}
	if path, query := s.query(t, 1); path != "/v25.0/me/accounts" || query.Get("after") != "c1" || query.Get("limit") != "100" {
		t.Errorf("the second call: %s %v", path, query)
	}
}

// A list that never ends is given up: its cursor repeats, or there is more than is read.
func TestListsEnd(t *testing.T) {
	s := &script{answers: []string{`200 {"data":[{"id":"1"}],"paging":{"cursors":{"after":"same"},"next":"x"}}`}}
	if pages, err := s.app().ManagedPages(t.Context(), UserToken{}); err != nil || len(pages) != 2 {
		t.Errorf("a cursor that repeats: %d Pages, %v", len(pages), err)
	}
	many := `200 {"data":[` + strings.Repeat(`{"id":"1"},`, 2*MaxAccounts) + `{"id":"1"}],"paging":{"cursors":{"after":"x"},"next":"x"}}`
	s = &script{answers: []string{many}}
	if pages, err := s.app().ManagedPages(t.Context(), UserToken{}); err != nil || len(pages) != MaxAccounts || len(s.asked) != 1 {
		t.Errorf("too many: %d Pages, %v after %d calls", len(pages), err, len(s.asked))
	}
}

func TestInspectToken(t *testing.T) {
	s := &script{answers: []string{`200 {"data":{"app_id":"app1","is_valid":true,"scopes":["pages_messaging"],"expires_at":0,"data_access_expires_at":1771000000}}`}}
	got, err := s.app().InspectToken(t.Context(), pageToken)
	want := TokenInfo{Valid: true, AppID: "app1", Scopes: []string{"pages_messaging"}, DataAccessUntil: time.Unix(1771000000, 0).UTC()}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Error(diff, err)
	}
	if path, query := s.query(t, 0); path != "/v25.0/debug_token" || query.Get("input_token") != pageToken || query.Get("appsecret_proof") == "" {
		t.Errorf("%s %v", path, query)
	}
}

func TestAppSubscription(t *testing.T) {
	s := &script{answers: []string{
		`200 {"success":true}`,
		`200 {"data":[{"object":"user"},{"object":"page","callback_url":"https://shop.test/webhooks/messenger","active":true,"fields":[{"name":"messages","version":"v25.0"},"feed"]}]}`,
		`200 {"data":[]}`,
	}}
	c := s.app()
	if err := c.SubscribeApp(t.Context(), "https://shop.test/webhooks/messenger", "verify", []string{"messages", "feed"}); err != nil {
		t.Fatal(err)
	}
	if path, query := s.query(t, 0); path != "/v25.0/app1/subscriptions" || query.Get("fields") != "messages,feed" || query.Get("object") != "page" ||
		query.Get("verify_token") != "verify" || query.Get("include_values") != "true" {
		t.Errorf("%s %v", path, query)
	}
	got, found, err := c.AppSubscriptions(t.Context())
	want := AppSubscription{CallbackURL: "https://shop.test/webhooks/messenger", Active: true, Fields: []string{"messages", "feed"}}
	if diff := cmp.Diff(want, got); diff != "" || !found || err != nil {
		t.Error(diff, found, err)
	}
	if _, found, err := c.AppSubscriptions(t.Context()); found || err != nil {
		t.Errorf("where there is none: %v, %v", found, err)
	}
}
