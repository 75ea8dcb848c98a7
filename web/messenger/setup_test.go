package messenger

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"bentornato/models"
)

const (
	mine  = `200 {"id":"101","name":"Bottega"}`
	right = `200 {"success":true}`
)

var aSetup = models.PageSetup{
	GetStarted: "GO",
	Greetings:  []models.LocalGreeting{{Locale: "default", Text: "Ciao"}},
	Menu:       []models.LocalButtons{{Locale: "default", Buttons: []models.Button{{Title: "Basta", Payload: "stop"}, {Title: "Negozio", URL: "https://s.test"}}}},
}

func TestSetUp(t *testing.T) {
	s := &script{answers: []string{mine, right, right, right, `200 {"data":[{"ice_breakers":[{"locale":"default","call_to_actions":[{"question":"?","payload":"q"}]}],"persistent_menu":[]}]}`, right}}
	var done []string
	if err := s.client().SetUp(t.Context(), "101", pageToken, aSetup, func(step string) { done = append(done, step) }); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"webhooks", "get_started", "greeting"}, done); diff != "" {
		t.Error(diff)
	}
	for i, want := range []string{
		"GET /v25.0/me?", "POST /v25.0/101/subscribed_apps?subscribed_fields=messages%2C", `POST /v25.0/me/messenger_profile {"get_started":{"payload":"GO"}}`,
		`POST /v25.0/me/messenger_profile {"greeting":[{"locale":"default","text":"Ciao"}],"persistent_menu":[{"locale":"default","composer_input_disabled":false,"call_to_actions":[` +
			`{"type":"postback","title":"Basta","payload":"stop"},{"type":"web_url","title":"Negozio","url":"https://s.test"}]}]}`,
		"GET /v25.0/me/messenger_profile?", `DELETE /v25.0/me/messenger_profile {"fields":["ice_breakers"]}`,
	} {
		if i >= len(s.asked) || !strings.HasPrefix(s.asked[i], want) {
			t.Errorf("call %d: %q, want %q", i, s.asked, want)
		}
	}
}

// The first step that fails ends it, and another Page's token changes nothing.
func TestSetUpStops(t *testing.T) {
	for name, c := range map[string]struct {
		answers []string
		calls   int
	}{
		"another Page's token": {[]string{`200 {"id":"102","name":"Altrove"}`}, 1},
		"webhooks refused":     {[]string{mine, `400 {"error":{"code":200,"message":"no"}}`}, 2},
		"profile refused":      {[]string{mine, right, `400 {"error":{"code":100,"message":"no"}}`}, 3},
	} {
		s := &script{answers: c.answers}
		if err := s.client().SetUp(t.Context(), "101", pageToken, aSetup, func(string) {}); err == nil || len(s.asked) != c.calls {
			t.Errorf("%s: %v after %d calls", name, err, len(s.asked))
		}
	}
	// A profile that cannot be read is no reason to fail: all that is needed is set.
	s := &script{answers: []string{mine, right, right, right, `400 {"error":{"code":100,"message":"no"}}`}}
	if err := s.client().SetUp(t.Context(), "101", pageToken, aSetup, func(string) {}); err != nil {
		t.Error(err)
	}
}

func TestTearDown(t *testing.T) {
	s := &script{answers: []string{mine, right}}
	if err := s.client().TearDown(t.Context(), "101", pageToken); err != nil {
		t.Fatal(err)
	}
	if len(s.asked) != 3 || !strings.Contains(s.asked[1], "persistent_menu") || !strings.HasPrefix(s.asked[2], "DELETE /v25.0/101/subscribed_apps") {
		t.Errorf("%q", s.asked)
	}
}

func TestExamine(t *testing.T) {
	all := `"` + strings.Join(SubscribedFields(), `","`) + `"`
	apps := func(fields string) string { return `200 {"data":[{"id":"app1","subscribed_fields":[` + fields + `]}]}` }
	token := `200 {"data":{"is_valid":true,"scopes":["pages_messaging","pages_show_list","pages_read_engagement"],"expires_at":1771000000}}`
	features := `200 {"data":[{"feature":"One-Time Notification","status":"PENDING"},{"feature":"HUMAN_AGENT","status":"approved"}]}`
	no := `400 {"error":{"code":190,"message":"no"}}`
	for name, c := range map[string]struct {
		answers []string
		check   func(models.PageHealth) bool
	}{
		"well but for a permission": {[]string{mine, apps(all), token, features}, func(h models.PageHealth) bool {
			return h.Problem == "" && len(h.MissingFields) == 0 && cmp.Equal(h.MissingPermissions, []string{"pages_manage_metadata"}) &&
				h.TokenExpiresAt.Unix() == 1771000000 && h.Refused(models.FeatureOTN) && h.Granted(models.FeatureHumanAgent)
		}},
		"taken off":              {[]string{mine, `200 {"data":[]}`, token, features}, func(h models.PageHealth) bool { return len(h.MissingFields) == len(SubscribedFields()) }},
		"another app's webhooks": {[]string{mine, strings.Replace(apps(all), "app1", "app2", 1), token, features}, func(h models.PageHealth) bool { return len(h.MissingFields) > 0 }},
		"a token that is dead":   {[]string{no}, func(h models.PageHealth) bool { return strings.Contains(h.Problem, "190") }},
		"neither token nor feature": {[]string{mine, apps(all), no}, func(h models.PageHealth) bool {
			return h.Problem == "" && len(h.Features) == 0 && len(h.MissingPermissions) == 0
		}},
	} {
		s := &script{answers: c.answers}
		if h := s.app().Examine(t.Context(), "101", pageToken, noon); !c.check(h) || !h.CheckedAt.Equal(noon) {
			t.Errorf("%s: %+v", name, h)
		}
	}
}
