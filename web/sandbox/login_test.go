package sandbox

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const back = "https://shop.test/pages/connected?x=1"

// newApp is a platform with two Pages, and an app with a secret.
func newApp(t *testing.T, o Options) *bench {
	t.Helper()
	o.AppID, o.AppSecret = "263000000000001", "sesame"
	b := newBench(t, o)
	must(t, b.AddPage(Page{ID: "102000000000000", Name: "Mercatino", Token: "EAAtesttoken0002", Tasks: []string{"ANALYZE"}}))
	return b
}

// ask makes a call with everything in the query.
func (b *bench) ask(method, path string, q url.Values) answer {
	b.t.Helper()
	return b.do(httptest.NewRequest(method, "/v25.0/"+path+"?"+q.Encode(), nil))
}

// member is a text of the answer.
func (a answer) member(t *testing.T, name string) string {
	t.Helper()
	var v map[string]any
	must(t, json.Unmarshal([]byte(a.body), &v))
	s, ok := v[name].(string)
	if !ok {
		t.Fatalf("no %s in %s", name, a.body)
	}
	return s
}

// column is a member of everything in the answer's list.
func (a answer) column(t *testing.T, name string) []any {
	t.Helper()
	var v struct{ Data []map[string]any }
	must(t, json.Unmarshal([]byte(a.body), &v))
	var out []any
	for _, one := range v.Data {
		out = append(out, one[name])
	}
	return out
}

func TestDialog(t *testing.T) {
	b := newApp(t, Options{RedirectURIs: []string{back}})
	dialog := func(change func(url.Values)) string {
		q := url.Values{"client_id": {"263000000000001"}, "redirect_uri": {back}, "state": {"s1"}, "response_type": {"code"}, "scope": {"pages_show_list,pages_messaging"}}
		if change != nil {
			change(q)
		}
		return "/v25.0/dialog/oauth?" + q.Encode()
	}
	for _, spoil := range []func(url.Values){
		func(q url.Values) { q.Set("client_id", "1") },
		func(q url.Values) { q.Set("redirect_uri", "https://elsewhere.test/") },
		func(q url.Values) { q.Set("response_type", "token") },
		func(q url.Values) { q.Del("scope") },
	} {
		if resp, doc := b.get(dialog(spoil)); resp.StatusCode != http.StatusBadRequest || doc.Find(".says").Length() != 1 {
			t.Errorf("%d: %s", resp.StatusCode, doc.Text())
		}
	}
	resp, doc := b.get(dialog(nil))
	if n := doc.Find("input[name=page]").Length(); n != 2 || !strings.Contains(resp.Header.Get("Content-Security-Policy"), "form-action 'self' https://shop.test;") {
		t.Errorf("%d Pages to choose, policy %s", n, resp.Header.Get("Content-Security-Policy"))
	}
	resp = b.submit(dialog(nil), url.Values{"do": {"cancel"}})
	to, err := resp.Location()
	must(t, err)
	if q := to.Query(); q.Get("error") != "access_denied" || q.Get("error_reason") != "user_denied" || q.Get("state") != "s1" || q.Get("x") != "1" || q.Has("code") {
		t.Errorf("cancelled: %s", to)
	}
	resp = b.submit(dialog(nil), url.Values{"do": {"continue"}, "page": {testPage}})
	to, err = resp.Location()
	must(t, err)
	if q := to.Query(); q.Get("code") == "" || q.Get("state") != "s1" || to.Host != "shop.test" {
		t.Errorf("continued: %s", to)
	}
}

func TestSignIn(t *testing.T) {
	b := newApp(t, Options{})
	exchange := func(code string) url.Values {
		return url.Values{"client_id": {"263000000000001"}, "client_secret": {"sesame"}, "redirect_uri": {back}, "code": {code}}
	}
	code := b.Consent(back, nil, []string{"pages_show_list", "pages_messaging"})
	wrong := exchange(code)
	wrong.Set("client_secret", "guess")
	if a := b.ask(http.MethodGet, "oauth/access_token", wrong); a.Error.Code != 1 {
		t.Errorf("a wrong secret: %s", a.body)
	}
	wrong = exchange(code)
	wrong.Set("redirect_uri", "https://shop.test/other")
	if a := b.ask(http.MethodGet, "oauth/access_token", wrong); a.Error.Subcode != 36008 {
		t.Errorf("another address: %s", a.body)
	}
	short := b.ask(http.MethodGet, "oauth/access_token", exchange(code))
	if a := b.ask(http.MethodPost, "oauth/access_token", exchange(code)); a.Error.Subcode != 36009 {
		t.Errorf("a code used twice: %s", a.body)
	}
	late := b.Consent(back, nil, nil)
	b.clock.Move(codeLife)
	if a := b.ask(http.MethodGet, "oauth/access_token", exchange(late)); a.Error.Subcode != 36007 {
		t.Errorf("an old code: %s", a.body)
	}
	long := b.ask(http.MethodGet, "oauth/access_token", url.Values{"client_id": {"263000000000001"}, "client_secret": {"sesame"},
		"grant_type": {"fb_exchange_token"}, "fb_exchange_token": {short.member(t, "access_token")}})
	token := long.member(t, "access_token")
	first := b.ask(http.MethodGet, "me/accounts", url.Values{"access_token": {token}, "limit": {"1"}})
	if diff := cmp.Diff([]any{testPage}, first.column(t, "id")); diff != "" || !strings.Contains(first.body, testToken) {
		t.Error(diff, first.body)
	}
	second := b.ask(http.MethodGet, "me/accounts", url.Values{"access_token": {token}, "limit": {"1"}, "after": {"1"}})
	if diff := cmp.Diff([]any{[]any{"ANALYZE"}}, second.column(t, "tasks")); diff != "" || strings.Contains(second.body, "next") {
		t.Error(diff, second.body)
	}
	b.clock.Move(shortLife)
	if a := b.ask(http.MethodGet, "me", url.Values{"access_token": {short.member(t, "access_token")}}); a.Error.Subcode != 463 {
		t.Errorf("a short-lived token after two hours: %s", a.body)
	}
	if a := b.ask(http.MethodGet, "me/permissions", url.Values{"access_token": {token}}); len(a.column(t, "permission")) != 2 {
		t.Errorf("permissions: %s", a.body)
	}
	debug := b.ask(http.MethodGet, "debug_token", url.Values{"access_token": {"263000000000001|sesame"}, "input_token": {testToken}})
	if !strings.Contains(debug.body, `"is_valid":true`) || !strings.Contains(debug.body, "pages_utility_messaging") {
		t.Errorf("debug_token: %s", debug.body)
	}
	if a := b.ask(http.MethodGet, "debug_token", url.Values{"access_token": {testToken}, "input_token": {testToken}}); a.Error.Code != 100 {
		t.Errorf("debug_token without the app's token: %s", a.body)
	}
	b.ask(http.MethodDelete, "me/permissions", url.Values{"access_token": {token}})
	if a := b.ask(http.MethodGet, "me/accounts", url.Values{"access_token": {token}}); a.Error.Code != 190 {
		t.Errorf("after leaving: %s", a.body)
	}
}

// Saving the callback makes the platform ask for the challenge, while calls go on.
func TestAppSubscriptions(t *testing.T) {
	b := newApp(t, Options{})
	shop := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("hub.verify_token") != "verify" {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		_, _ = io.WriteString(w, r.URL.Query().Get("hub.challenge"))
	}))
	defer shop.Close()
	q := url.Values{"access_token": {"263000000000001|sesame"}, "object": {"page"}, "callback_url": {shop.URL}, "verify_token": {"wrong"}, "fields": {"messages,messaging_optins"}}
	if a := b.ask(http.MethodPost, "263000000000001/subscriptions", q); a.Error.Code != 2200 {
		t.Errorf("a wrong verify token: %s", a.body)
	}
	q.Set("verify_token", "verify")
	if a := b.ask(http.MethodPost, "263000000000001/subscriptions", q); a.status != http.StatusOK {
		t.Errorf("%s", a.body)
	}
	a := b.ask(http.MethodGet, "263000000000001/subscriptions", url.Values{"access_token": {"263000000000001|sesame"}})
	if !strings.Contains(a.body, `"messaging_optins"`) || strings.Contains(a.body, `"feed"`) {
		t.Errorf("%s", a.body)
	}
	must(t, b.Subscribe(testPage, "messages", "feed"))
	if _, err := b.Comment(testPage, testPerson, "", "ciao"); err != nil || b.Waiting() != 0 {
		t.Errorf("a field that the app does not take: %d wait, %v", b.Waiting(), err)
	}
}
