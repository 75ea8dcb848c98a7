package main

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"bentornato": main})
}

// scriptKey is the secret key of every script.
const scriptKey = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="

// TestScripts runs the commands as a shell would: testdata/script/*.txtar. Each script starts in an empty folder with a
// secret key and a Graph API that knows one Page, and without any other setting.
func TestScripts(t *testing.T) {
	graph := httptest.NewServer(http.HandlerFunc(answerGraph))
	t.Cleanup(graph.Close)
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(e *testscript.Env) error {
			for _, s := range settings() {
				e.Setenv(s.variable, "")
			}
			e.Setenv("BENTORNATO_SECRET_KEY", scriptKey)
			e.Setenv("BENTORNATO_GRAPH_URL", graph.URL+"/v25.0")
			return nil
		},
		UpdateScripts: os.Getenv("UPDATE") != "",
	})
}

// answerGraph is what the Graph API says about Page 101000000000000, whose token is good-token, and to everybody else.
func answerGraph(w http.ResponseWriter, r *http.Request) {
	const page = "101000000000000"
	w.Header().Set("Content-Type", "application/json")
	var answer string
	switch token := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "); {
	case r.URL.Path == "/v25.0/debug_token" && token == "1|app-secret" && r.FormValue("input_token") == "good-token":
		answer = `{"data":{"app_id":"1","is_valid":true,"expires_at":0,"scopes":["pages_show_list","pages_manage_metadata","pages_messaging","pages_read_engagement"]}}`
	case r.URL.Path == "/v25.0/debug_token" && token == "1|app-secret":
		soon := time.Now().Add(72 * time.Hour).Unix()
		answer = fmt.Sprintf(`{"data":{"app_id":"1","is_valid":true,"expires_at":%d,"scopes":["pages_show_list","pages_read_engagement"]}}`, soon)
	case token != "good-token" && token != "half-token":
		w.WriteHeader(http.StatusUnauthorized)
		answer = `{"error":{"message":"Error validating access token","type":"OAuthException","code":190,"fbtrace_id":"A"}}`
	case r.URL.Path == "/v25.0/me":
		answer = `{"id":"` + page + `","name":"Bottega"}`
	case r.Method == http.MethodPost && token == "half-token":
		w.WriteHeader(http.StatusForbidden)
		answer = `{"error":{"message":"Requires pages_manage_metadata permission","type":"OAuthException","code":200,"fbtrace_id":"A"}}`
	case r.Method == http.MethodPost && r.URL.Path == "/v25.0/"+page+"/subscribed_apps":
		answer = `{"success":true}`
	case r.Method == http.MethodDelete && token == "good-token" && (r.URL.Path == "/v25.0/"+page+"/subscribed_apps" || r.URL.Path == "/v25.0/me/messenger_profile"):
		answer = `{"success":true}`
	case r.Method == http.MethodPost && r.URL.Path == "/v25.0/me/messenger_profile":
		answer = `{"result":"success"}`
	case r.URL.Path == "/v25.0/"+page+"/subscribed_apps" && token == "good-token":
		answer = `{"data":[{"id":"1","name":"bentornato","subscribed_fields":["messages","messaging_postbacks","messaging_optins",
			"messaging_referrals","message_deliveries","message_reads","message_echoes","message_reactions","message_edits",
			"messaging_policy_enforcement","feed"]}]}`
	case r.URL.Path == "/v25.0/"+page+"/subscribed_apps":
		answer = `{"data":[{"id":"1","name":"bentornato","subscribed_fields":["messages"]}]}`
	case r.URL.Path == "/v25.0/"+page+"/messaging_feature_review" && token == "good-token":
		answer = `{"data":[{"feature":"one_time_notification","status":"approved"}]}`
	case r.URL.Path == "/v25.0/"+page+"/messaging_feature_review":
		answer = `{"data":[{"feature":"one_time_notification","status":"rejected"}]}`
	default:
		w.WriteHeader(http.StatusNotFound)
		answer = `{"error":{"message":"Unknown path","type":"OAuthException","code":2500,"fbtrace_id":"A"}}`
	}
	_, _ = w.Write([]byte(answer))
}

// Every command and every flag of it stands in the help, and no output of the help is an error.
func TestHelpShowsEveryFlag(t *testing.T) {
	for _, c := range commands() {
		var out, errs strings.Builder
		if code := run(context.Background(), append(strings.Fields(c.name), "--help"), noEnv, strings.NewReader(""), &out, &errs); code != exitDone || errs.Len() > 0 {
			t.Errorf("%s --help: exit code %d, stderr %q", c.name, code, errs.String())
		}
		for _, s := range c.takes() {
			for _, part := range []string{"--" + s.flag + " ", s.variable, defaultText(s.preset)} {
				if !strings.Contains(out.String(), part) {
					t.Errorf("%s --help does not show %q", c.name, part)
				}
			}
		}
		if len(c.takes()) != len(c.settings) {
			t.Errorf("%s takes settings %v, some of which do not exist", c.name, c.settings)
		}
	}
}

func noEnv(string) string { return "" }
