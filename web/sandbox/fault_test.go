package sandbox

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func TestFaults(t *testing.T) {
	for _, test := range []struct {
		kind     FaultKind
		accepted bool
		status   int // 0: the connection was cut
		has      string
	}{
		{TimeoutAfterAccept, true, 0, ""},
		{TimeoutBeforeAccept, false, 0, ""},
		{HangUpAfterAccept, true, 0, ""},
		{HangUpBeforeAccept, false, 0, ""},
		{ErrorBody, false, 400, `"code":368`},
		{OKWithErrorBody, false, 200, `"code":368`},
		{HTML502, false, 502, "<html>"},
		{HTML502AfterAccept, true, 502, "<html>"},
		{TruncatedAfterAccept, true, 200, `{"message_id":`},
		{NoRecipientID, true, 200, `{"message_id":"m_`},
		{LocalisedText, false, 400, `"code":200,"error_subcode":1545041`},
		{Transient, false, 500, `"is_transient":true,"code":2`},
	} {
		t.Run(string(test.kind), func(t *testing.T) {
			b := newBench(t, Options{HangFor: time.Millisecond})
			server := httptest.NewServer(b.Handler())
			defer server.Close()
			value := b.token()
			_, err := b.SetFault(Fault{Method: "POST", Path: "/messages", Recipient: "one_time_notif_token", PSID: testPerson,
				Kind: test.kind, Error: FaultError{Code: 368}, Times: 1})
			must(t, err)
			if got := b.send(text("another recipient")); got.status != http.StatusOK {
				t.Fatalf("the fault met another call: %s", got.body)
			}
			status, body := postTo(t, server, withToken(value))
			if status != test.status || !strings.Contains(body, test.has) {
				t.Errorf("answered %d %s", status, body)
			}
			if sent := len(b.Notifications(testPage)); (sent == 1) != test.accepted {
				t.Errorf("%d notifications", sent)
			}
			calls := b.Calls()
			last := calls[len(calls)-1]
			if last.Accepted != test.accepted || (last.Code != 0) != strings.Contains(test.has, "\"code\"") || last.Fault != string(test.kind) || last.Status != test.status || last.PSID != testPerson {
				t.Errorf("logged %+v", last)
			}
			// The fault is used up, and what was accepted is spent.
			status, body = postTo(t, server, withToken(value))
			if (status == http.StatusOK) == test.accepted {
				t.Errorf("afterwards %d %s", status, body)
			}
		})
	}
}

// postTo sends over a real connection; a cut one is status 0.
func postTo(t *testing.T, server *httptest.Server, body string) (int, string) {
	t.Helper()
	r, err := http.NewRequest(http.MethodPost, server.URL+"/v25.0/me/messages", strings.NewReader(body))
	must(t, err)
	r.Header.Set("Authorization", "Bearer "+testToken)
	r.Close = true
	got, err := server.Client().Do(r)
	if err != nil {
		if !errors.Is(err, io.EOF) {
			t.Errorf("not cut but %v", err)
		}
		return 0, ""
	}
	defer got.Body.Close()
	text, err := io.ReadAll(got.Body)
	must(t, err)
	return got.StatusCode, string(text)
}

func TestFaultsThatCannotBe(t *testing.T) {
	b := newBench(t, Options{})
	for _, f := range []Fault{{Kind: "rain"}, {Kind: ErrorBody}, {Kind: HTML502, Times: -1}, {Kind: HTML502, Probability: 2}} {
		if _, err := b.SetFault(f); !errors.Is(err, ErrInvalid) {
			t.Errorf("%+v: %v", f, err)
		}
	}
	id, err := b.SetFault(Fault{Kind: HTML502})
	must(t, err)
	b.RemoveFault(id)
	if got := b.call(http.MethodGet, "/me", ""); got.status != http.StatusOK {
		t.Errorf("a removed fault: %s", got.body)
	}
}

func TestUsageHeaders(t *testing.T) {
	b := newBench(t, Options{})
	if got := b.call(http.MethodGet, "/me", ""); got.header.Get("X-App-Usage") != "" {
		t.Error("a usage header without usage")
	}
	must(t, b.SetUsage(testPage, Usage{Calls: 95, CPU: 3, Total: 25, Regain: 19}))
	got := b.call(http.MethodGet, "/me", "")
	if want := `{"call_count":95,"total_cputime":3,"total_time":25}`; got.header.Get("X-App-Usage") != want {
		t.Error(got.header)
	}
	if want := `{"` + testPage + `":[{"type":"messenger","call_count":95,"total_cputime":3,"total_time":25,"estimated_time_to_regain_access":19}]}`; got.header.Get("X-Business-Use-Case-Usage") != want {
		t.Error(got.header)
	}
}

func TestProfiles(t *testing.T) {
	b := newBench(t, Options{})
	must(t, b.AddPerson(Person{PSID: "2", Page: testPage, FirstName: "Hidden", NoProfile: true}))
	must(t, b.AddPerson(Person{PSID: "3", Page: testPage, FirstName: "Phone", PhoneAccount: true}))
	for _, test := range []struct{ path, want string }{
		{"/" + testPerson + "?fields=first_name,locale,timezone", `{"first_name":"Giulia","id":"` + testPerson + `","locale":"it_IT","timezone":1}`},
		{"/2?fields=first_name", `{}`},
		{"/3", `"error_subcode":2018218`},
		{"/4", `"error_subcode":33`},
		{"/me", `{"id":"` + testPage + `","name":"Bottega"}`},
		{"/me/messaging_feature_review", `"status":"APPROVED"`},
	} {
		if got := b.call(http.MethodGet, test.path, ""); !strings.Contains(got.body, test.want) {
			t.Errorf("%s: %s", test.path, got.body)
		}
	}
}

func TestMessengerProfile(t *testing.T) {
	b := newBench(t, Options{})
	menu := `{"persistent_menu":[{"locale":"default","call_to_actions":[]}]}`
	for _, test := range []struct{ method, path, body, want string }{
		{"POST", "/me/messenger_profile", menu, "You must set a Get Started button"},
		{"POST", "/me/messenger_profile", `{"get_started":{"payload":"START"}}`, `{"result":"success"}`},
		{"POST", "/me/messenger_profile", menu, `{"result":"success"}`},
		{"GET", "/me/messenger_profile?fields=get_started,greeting", "", `{"data":[{"get_started":{"payload":"START"}}]}`},
		{"DELETE", "/me/messenger_profile", `{"fields":["get_started"]}`, "remove the persistent menu"},
		{"DELETE", "/me/messenger_profile", `{"fields":["get_started","persistent_menu"]}`, `{"result":"success"}`},
		{"GET", "/me/messenger_profile?fields=get_started", "", `{"data":[]}`},
		{"POST", "/me/messenger_profile", `{"surprise":1}`, `"code":100`},
	} {
		if got := b.call(test.method, test.path, test.body); !strings.Contains(got.body, test.want) {
			t.Errorf("%s %s %s: %s", test.method, test.path, test.body, got.body)
		}
	}
}
