package messenger

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"bentornato/models"
)

// script is a platform that gives its answers in order, the last one for ever, and keeps what it was asked. An
// answer is "status body"; an empty one is a lost connection.
type script struct {
	answers []string
	asked   []string
}

func (s *script) RoundTrip(r *http.Request) (*http.Response, error) {
	line := r.Method + " " + r.URL.RequestURI()
	if r.Body != nil {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		line += " " + string(body)
	}
	s.asked = append(s.asked, line)
	next := s.answers[0]
	if len(s.answers) > 1 {
		s.answers = s.answers[1:]
	}
	if next == "" {
		return nil, errors.New("connection reset")
	}
	status, body, _ := strings.Cut(next, " ")
	code := map[string]int{"200": 200, "400": 400, "404": 404, "500": 500, "502": 502}[status]
	return &http.Response{StatusCode: code, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
}

func (s *script) client() *Client {
	return New(Config{GraphURL: "http://graph.test/v25.0", AppID: "app1", Transport: s})
}

func TestCalls(t *testing.T) {
	type call func(context.Context, *Client) (any, error)
	for _, c := range []struct {
		name   string
		call   call
		answer string
		asked  string
		want   any
	}{
		{
			"profile", func(ctx context.Context, c *Client) (any, error) { return c.Profile(ctx, pageToken, "202") },
			`200 {"first_name":"Peter","last_name":"Chang","profile_pic":"https://p.test","locale":"en_US","timezone":5.5,"gender":"male"}`,
			"GET /v25.0/202?fields=first_name%2Clast_name%2Cprofile_pic%2Clocale%2Ctimezone",
			Profile{FirstName: "Peter", LastName: "Chang", PictureURL: "https://p.test", Locale: "en_US", Timezone: 5.5},
		},
		{
			"me", func(ctx context.Context, c *Client) (any, error) { return c.Me(ctx, pageToken) },
			`200 {"id":"101","name":"Bottega"}`, "GET /v25.0/me?fields=id%2Cname", Account{ID: "101", Name: "Bottega"},
		},
		{
			"me, with a number for an id", func(ctx context.Context, c *Client) (any, error) { return c.Me(ctx, pageToken) },
			`200 {"id":10100000000000001,"name":null}`, "GET /v25.0/me?fields=id%2Cname", Account{ID: "10100000000000001"},
		},
		{
			"features", func(ctx context.Context, c *Client) (any, error) { return c.FeatureReview(ctx, "101", pageToken) },
			`200 {"data":[{"feature":"subscription_messaging","status":"pending"}]}`, "GET /v25.0/101/messaging_feature_review",
			[]Feature{{Feature: "subscription_messaging", Status: "pending"}},
		},
		{
			"apps", func(ctx context.Context, c *Client) (any, error) { return c.SubscribedApps(ctx, "101", pageToken) },
			`200 {"data":[{"category":"Business","link":"https://x.test","name":"My App","id":"app1","subscribed_fields":["messages"]}]}`,
			"GET /v25.0/101/subscribed_apps", []App{{ID: "app1", Name: "My App", Fields: []string{"messages"}}},
		},
		{
			"apps, with a number for an id", func(ctx context.Context, c *Client) (any, error) { return c.SubscribedApps(ctx, "101", pageToken) },
			`200 {"data":[{"id":20200000000000002,"subscribed_fields":null}]}`, "GET /v25.0/101/subscribed_apps", []App{{ID: "20200000000000002"}},
		},
		{
			"subscribe", func(ctx context.Context, c *Client) (any, error) {
				return nil, c.Subscribe(ctx, "101", pageToken, []string{"messages", "feed"})
			},
			`200 {"success":true}`, "POST /v25.0/101/subscribed_apps?subscribed_fields=messages%2Cfeed", nil,
		},
		{
			"subscribe, quoted", func(ctx context.Context, c *Client) (any, error) {
				return nil, c.Subscribe(ctx, "101", pageToken, []string{"messages"})
			},
			`200 {"success":"true"}`, "POST /v25.0/101/subscribed_apps?subscribed_fields=messages", nil,
		},
		{
			"unsubscribe", func(ctx context.Context, c *Client) (any, error) { return nil, c.Unsubscribe(ctx, "101", pageToken) },
			`200 {"success":true}`, "DELETE /v25.0/101/subscribed_apps", nil,
		},
		{
			"set profile", func(ctx context.Context, c *Client) (any, error) {
				return nil, c.SetProfile(ctx, pageToken, MessengerProfile{
					GetStarted: &GetStarted{Payload: "GET_STARTED"}, Greeting: []Greeting{{Locale: "default", Text: "Ciao"}},
					IceBreakers:    []IceBreaker{{Locale: "default", CallToActions: []Question{{Question: "What is back?", Payload: "back"}}}},
					PersistentMenu: []Menu{{Locale: "default", CallToActions: []MenuItem{{Type: "postback", Title: "Products", Payload: "p"}}}},
				})
			},
			`200 {"result":"success"}`,
			`POST /v25.0/me/messenger_profile {"get_started":{"payload":"GET_STARTED"},"greeting":[{"locale":"default","text":"Ciao"}],` +
				`"ice_breakers":[{"locale":"default","call_to_actions":[{"question":"What is back?","payload":"back"}]}],` +
				`"persistent_menu":[{"locale":"default","composer_input_disabled":false,"call_to_actions":[{"type":"postback","title":"Products","payload":"p"}]}]}`, nil,
		},
		{
			"get profile", func(ctx context.Context, c *Client) (any, error) { return c.GetProfile(ctx, pageToken) },
			`200 {"data":[{"get_started":{"payload":"GET_STARTED"}}]}`,
			"GET /v25.0/me/messenger_profile?fields=get_started%2Cgreeting%2Cice_breakers%2Cpersistent_menu",
			MessengerProfile{GetStarted: &GetStarted{Payload: "GET_STARTED"}},
		},
		{
			"delete profile", func(ctx context.Context, c *Client) (any, error) {
				return nil, c.DeleteProfile(ctx, pageToken, "ice_breakers")
			},
			`200 {"result":"success"}`, `DELETE /v25.0/me/messenger_profile {"fields":["ice_breakers"]}`, nil,
		},
	} {
		s := &script{answers: []string{c.answer}}
		got, err := c.call(t.Context(), s.client())
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		if diff := cmp.Diff([]string{c.asked}, s.asked); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
	}
}

// TestReadsAreTriedAgain also holds what is not: refusals, and everything that changes something.
func TestReadsAreTriedAgain(t *testing.T) {
	const good = `200 {"id":"101","name":"Bottega","success":true}`
	for _, c := range []struct {
		name    string
		answers []string
		reads   int
		want    models.Kind
	}{
		{"a lost connection", []string{"", good}, 2, ""},
		{"a gateway", []string{"502 <html>", "502 <html>", good}, 3, ""},
		{"a passing error", []string{`500 {"error":{"code":2}}`, good}, 2, ""},
		{"no end", []string{""}, readTries, models.KindUnavailable},
		{"a passing error without end", []string{`400 {"error":{"code":-1}}`}, readTries, models.KindUnavailable},
		{"a rate", []string{`400 {"error":{"code":4}}`, good}, 1, models.KindUnavailable},
		{"a bad token", []string{`400 {"error":{"code":190,"error_subcode":463}}`, good}, 1, models.KindUnauthorized},
		{"no permission", []string{`400 {"error":{"code":200}}`, good}, 1, models.KindForbidden},
		{"a restricted Page", []string{`400 {"error":{"code":10,"error_subcode":1893063}}`, good}, 1, models.KindForbidden},
		{"a bad parameter", []string{`400 {"error":{"code":100}}`, good}, 1, models.KindInvalid},
		{"another server", []string{`404 <html>`, good}, 1, models.KindUnavailable},
		{"no JSON", []string{`200 hello`, good}, 1, models.KindUnavailable},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &script{answers: c.answers}
				_, err := s.client().Me(t.Context(), pageToken)
				if models.KindOf(err) != c.want || len(s.asked) != c.reads {
					t.Errorf("%d reads, %v; want %d and kind %q", len(s.asked), err, c.reads, c.want)
				}
				if err != nil && (strings.Contains(err.Error(), "graph.test") || strings.Contains(err.Error(), pageToken)) {
					t.Errorf("says too much: %v", err)
				}
				s = &script{answers: c.answers}
				if err := s.client().Subscribe(t.Context(), "101", pageToken, []string{"messages"}); err == nil || len(s.asked) != 1 {
					t.Errorf("%d changes, %v", len(s.asked), err)
				}
			})
		})
	}
}

func TestReadEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), readPause/10)
		defer cancel()
		begun := time.Now()
		s := &script{answers: []string{""}}
		_, err := s.client().Me(ctx, pageToken)
		if models.KindOf(err) != models.KindUnavailable || time.Since(begun) > readPause/10 {
			t.Errorf("%v after %s", err, time.Since(begun))
		}
	})
}

func TestErrorNamesItsCode(t *testing.T) {
	s := &script{answers: []string{`400 {"error":{"code":190,"error_subcode":460,"message":"Malformed token ` + pageToken + `"}}`}}
	_, err := s.client().Me(t.Context(), pageToken)
	if said := models.MessageOf(err); !strings.Contains(said, "190/460") || strings.Contains(said, "Malformed") {
		t.Errorf("%q", said)
	}
	if strings.Contains(err.Error(), pageToken) || !strings.Contains(err.Error(), "Malformed token [redacted]") {
		t.Errorf("the log gets %q", err)
	}
}

func TestHiddenProfileIsEmpty(t *testing.T) {
	for _, answer := range []string{
		`200 {}`,
		`200 {"id":"202"}`,
		`400 {"error":{"code":100,"error_subcode":2018218}}`,
		`400 {"error":{"code":2018218}}`,
		`400 {"error":{"code":100,"error_subcode":2018247}}`,
		`400 {"error":{"code":100,"error_subcode":33}}`,
		`400 {"error":{"code":10}}`,
		`400 {"error":{"code":200}}`,
	} {
		s := &script{answers: []string{answer}}
		if p, err := s.client().Profile(t.Context(), pageToken, "202"); err != nil || p != (Profile{}) {
			t.Errorf("%s: %+v, %v", answer, p, err)
		}
	}
	s := &script{answers: []string{`400 {"error":{"code":190}}`}}
	if _, err := s.client().Profile(t.Context(), pageToken, "202"); models.KindOf(err) != models.KindUnauthorized {
		t.Errorf("a bad token: %v", err)
	}
}

func TestChangeMustBeConfirmed(t *testing.T) {
	for _, answer := range []string{`200 {"success":false}`, `200 {}`, `200 {"result":"failure"}`} {
		s := &script{answers: []string{answer}}
		if err := s.client().Subscribe(t.Context(), "101", pageToken, []string{"feed"}); models.KindOf(err) != models.KindUnavailable {
			t.Errorf("%s: %v", answer, err)
		}
	}
	s := &script{answers: []string{`200 {"success":true}`}}
	if err := s.client().Subscribe(t.Context(), "101", pageToken, nil); models.KindOf(err) != models.KindInvalid {
		t.Errorf("no fields: %v", err)
	}
	if err := s.client().SetProfile(t.Context(), pageToken, MessengerProfile{}); models.KindOf(err) != models.KindInvalid {
		t.Errorf("an empty profile: %v", err)
	}
	if len(s.asked) != 0 {
		t.Errorf("asked %q", s.asked)
	}
}

func TestMissingFields(t *testing.T) {
	client := New(Config{AppID: "app1"})
	all := SubscribedFields()
	for _, c := range []struct {
		name string
		apps []App
		want []string
	}{
		{"all", []App{{ID: "app1", Fields: all}}, nil},
		{"none", nil, all},
		{"another app's", []App{{ID: "app2", Fields: all}}, all},
		{"all but the first", []App{{ID: "app1", Fields: all[1:]}}, all[:1]},
	} {
		if diff := cmp.Diff(c.want, client.MissingFields(c.apps)); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
	}
	if missing := New(Config{}).MissingFields([]App{{ID: "any", Fields: all}}); missing != nil {
		t.Errorf("without an app id: %q", missing)
	}
}
