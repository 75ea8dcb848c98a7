package sandbox

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
)

func template(name, body, more string) string {
	return `{"name":"` + name + `","language":"it","category":"UTILITY","components":[{"type":"BODY","text":` + quote(body) + `,"example":{"body_text":[["1042"]]}}` + more + `]}`
}

func filled(name, components string) string {
	return `{"recipient":{"id":"` + testPerson + `"},"messaging_type":"UTILITY","message":{"template":{"name":"` + name + `","language":{"code":"it"},"components":[` + components + `]}}}`
}

// A template is reviewed, told of, listed, and sent outside the window; promotion is not.
func TestUtilityTemplates(t *testing.T) {
	b, product := newHookBench(t, Options{AutoSubscribe: true})
	b.start()
	path := "/" + testPage + "/message_templates"
	if a := b.call(http.MethodPost, path, template("spedito", "Il tuo ordine {{1}} è partito oggi.", `,{"type":"BUTTONS","buttons":[{"type":"POSTBACK","text":"Aiuto","payload":"h"}]}`)); a.status != 200 || !strings.Contains(a.body, "PENDING") {
		t.Fatal(a.body)
	}
	b.call(http.MethodPost, path, template("saldi", "Sconto del 20% su {{1}}, solo per te, oggi.", ""))
	b.settle()
	said := ""
	for _, p := range product.all() {
		said += string(p.body)
	}
	if !strings.Contains(said, `"event":"APPROVED"`) || !strings.Contains(said, `"reason":"TAG_SHOULD_BE_MARKETING"`) {
		t.Errorf("the review was not told: %s", said)
	}
	body := `{"type":"body","parameters":[{"type":"text","text":"1042"}]}`
	button := `,{"type":"buttons","parameters":[{"type":"POSTBACK","payload":"help-1042"}]}`
	for _, c := range []struct {
		name    string
		send    string
		code    int
		subcode int
	}{
		{"whole", filled("spedito", body+button), 0, 0},
		{"without its button's payload", filled("spedito", body), 100, 1893029},
		{"not filled in", filled("spedito", ""), 100, 0},
		{"rejected", filled("saldi", body), 100, 0},
		{"unknown", filled("altro", body), 100, 0},
		{"a text that says it is one", strings.Replace(text("hi"), "RESPONSE", "UTILITY", 1), 100, 0},
		{"a template that does not say it is one", strings.Replace(filled("spedito", body+button), "UTILITY", "RESPONSE", 1), 100, 0},
	} {
		if a := b.send(c.send); a.Error.Code != c.code || a.Error.Subcode != c.subcode {
			t.Errorf("%s: %s", c.name, a.body)
		}
	}
	chat := b.Conversation(testPage, testPerson)
	if len(chat) != 1 || chat[0].Text != "Il tuo ordine 1042 è partito oggi." || chat[0].Via != ViaUtility || chat[0].Buttons[0].Payload != "help-1042" {
		t.Errorf("%+v", chat)
	}
	if a := b.call(http.MethodGet, path+"?fields=name,status,rejected_reason&limit=1", ""); !strings.Contains(a.body, "spedito") || !strings.Contains(a.body, `"next"`) {
		t.Error(a.body)
	}
	if a := b.call(http.MethodDelete, path+"?name=saldi", ""); a.status != 200 || len(b.Templates(testPage)) != 1 {
		t.Error(a.body)
	}
	for name, body := range map[string]string{
		"twice":           template("spedito", "Il tuo ordine {{1}} è partito oggi.", ""),
		"a bad name":      template("Spedito!", "x", ""),
		"no body":         template("vuoto", "", ""),
		"a quick reply":   template("rapido", "Ordine {{1}} partito oggi", `,{"type":"BUTTONS","buttons":[{"type":"QUICK_REPLY","text":"Sì"}]}`),
		"not for utility": strings.Replace(template("altro", "x", ""), "UTILITY", "MARKETING", 1),
	} {
		if a := b.call(http.MethodPost, path, body); a.Error.Code != 100 {
			t.Errorf("%s: %s", name, a.body)
		}
	}
	must(t, b.onPage(testPage, func(g *page) { g.NoUtility = true }))
	if a := b.call(http.MethodGet, path, ""); a.Error.Code != 10 {
		t.Errorf("without the permission: %s", a.body)
	}
}

func recurringRequest(title string) string {
	return `{"recipient":{"id":"` + testPerson + `"},"message":{"attachment":{"type":"template","payload":{"template_type":"notification_messages","title":"` + title + `","payload":"r1","notification_messages_timezone":"Europe/Rome"}}}}`
}

func withRecurring(value string) string {
	return `{"recipient":{"notification_messages_token":` + quote(value) + `},"message":{"text":"News"}}`
}

func TestRecurringNotifications(t *testing.T) {
	b, product := newHookBench(t, Options{AutoSubscribe: true})
	b.start()
	_, err := b.SendText(testPage, testPerson, "ciao")
	must(t, err)
	if a := b.send(recurringRequest("Tazze")); a.Error.Code != 10 {
		t.Errorf("a Page that never had them: %s", a.body)
	}
	must(t, b.onPage(testPage, func(g *page) { g.Recurring = true }))
	if a := b.send(recurringRequest("Tazze")); a.status != 200 {
		t.Fatal(a.body)
	}
	if a := b.send(recurringRequest("Tazze")); a.Error.Subcode != 1893016 {
		t.Errorf("asked again at once: %s", a.body)
	}
	before := b.WindowEnds(testPage, testPerson)
	b.clock.Move(time.Hour)
	value, err := b.TapGetUpdates(testPage, testPerson, "")
	must(t, err)
	if again, err := b.TapGetUpdates(testPage, testPerson, b.Conversation(testPage, testPerson)[1].MID); err != nil || again != value {
		t.Errorf("tapped twice: %q, %v", again, err)
	}
	if !b.WindowEnds(testPage, testPerson).Equal(before) {
		t.Error("the tap opened the window, which Meta says that it does not")
	}
	b.clock.Move(48 * time.Hour) // the window is shut
	want := func(what string, code, subcode int) {
		t.Helper()
		if a := b.send(withRecurring(value)); a.Error.Code != code || a.Error.Subcode != subcode {
			t.Errorf("%s: %s", what, a.body)
		}
	}
	want("first", 0, 0)
	b.clock.Move(recurringGap - time.Second)
	want("a second too early", 4, 2018354)
	if a := b.call(http.MethodPost, "/"+testPage+"/notification_messages_dev_support", `{"recipient":{"notification_messages_token":`+quote(value)+`},"developer_action":"ENABLE_FOLLOWUP_MESSAGE"}`); a.status != 200 {
		t.Error(a.body)
	}
	want("helped on by the developer support", 0, 0)
	b.clock.Move(recurringGap)
	must(t, b.StopUpdates(testPage, testPerson, value, true))
	want("stopped", 10, 1893015)
	if a := b.call(http.MethodGet, "/"+testPage+"/notification_message_tokens", ""); !strings.Contains(a.body, `"data":[]`) {
		t.Errorf("a stopped token is listed: %s", a.body)
	}
	must(t, b.StopUpdates(testPage, testPerson, value, false))
	want("resumed", 0, 0)
	if a := b.call(http.MethodGet, "/"+testPage+"/notification_message_tokens", ""); !strings.Contains(a.body, `"topic_title":"Tazze"`) || !strings.Contains(a.body, `"next_eligible_time"`) {
		t.Errorf("tokens: %s", a.body)
	}
	b.clock.Move(recurringLife)
	want("expired", 100, 0)
	value = "unknown"
	want("unknown", 100, 0)
	b.settle()
	said := ""
	for _, p := range product.all() {
		said += string(p.body)
	}
	for _, part := range []string{`"type":"notification_messages"`, `"notification_messages_status":"STOP NOTIFICATIONS"`, `"notification_messages_status":"RESUME NOTIFICATIONS"`} {
		if strings.Count(said, part) == 0 {
			t.Errorf("no webhook has %s", part)
		}
	}
}

func TestThreadControl(t *testing.T) {
	b, product := newHookBench(t, Options{AutoSubscribe: true})
	b.start()
	write(b)
	control := func(verb, more string) answer {
		return b.call(http.MethodPost, "/"+testPage+"/"+verb, `{"recipient":{"id":"`+testPerson+`"}`+more+`}`)
	}
	if a := control("pass_thread_control", `,"target_app_id":"`+OtherApp+`"`); a.status != 200 {
		t.Fatal(a.body)
	}
	if a := b.send(text("hi")); a.Error.Subcode != 2018300 {
		t.Errorf("after passing it on: %s", a.body)
	}
	if a := b.call(http.MethodGet, "/"+testPage+"/thread_owner?recipient="+testPerson, ""); !strings.Contains(a.body, OtherApp) {
		t.Error(a.body)
	}
	if a := control("release_thread_control", ""); a.Error.Subcode != 2018300 {
		t.Errorf("released without owning it: %s", a.body)
	}
	if a := control("take_thread_control", ""); a.status != 200 {
		t.Error(a.body)
	}
	if a := b.send(text("hi")); a.status != 200 {
		t.Errorf("after taking it: %s", a.body)
	}
	must(t, b.SetThreadOwner(testPage, testPerson, OtherApp))
	must(t, b.RequestThread(testPage, testPerson, true))
	must(t, b.RequestThread(testPage, testPerson, false))
	b.settle()
	said := ""
	for _, p := range product.all() {
		said += string(p.body)
	}
	for _, part := range []string{"take_thread_control", "pass_thread_control", `"request_thread_control":{"requested_owner_app_id":` + OtherApp + `}`} {
		if !strings.Contains(said, part) {
			t.Errorf("no webhook has %s: %s", part, said)
		}
	}
}

// A guest of the checkbox plugin can be written to by the name that the site gave them.
func TestPlugins(t *testing.T) {
	b, product := newHookBench(t, Options{AutoSubscribe: true})
	b.start()
	guest := `{"recipient":{"user_ref":"cart-7"},"message":{"text":"hi"}}`
	if a := b.send(guest); a.Error.Subcode != 2018001 {
		t.Errorf("before the box is ticked: %s", a.body)
	}
	must(t, b.UsePlugin(testPage, testPerson, "mug-blue", "cart-7"))
	if a := b.send(guest); a.status != 200 || a.RecipientID != "" || a.MessageID == "" {
		t.Errorf("%s", a.body)
	}
	if err := b.UsePlugin(testPage, testPerson, "mug-blue", "cart-7"); err == nil {
		t.Error("a user_ref worked twice")
	}
	must(t, b.UsePlugin(testPage, testPerson, "mug-blue", ""))
	b.settle()
	said := ""
	for _, p := range product.all() {
		said += string(p.body)
	}
	for _, part := range []string{`"sender":{"user_ref":"cart-7"}`, `"optin":{"ref":"mug-blue","user_ref":"cart-7"}`, `"optin":{"ref":"mug-blue"}`} {
		if !strings.Contains(said, part) {
			t.Errorf("no webhook has %s: %s", part, said)
		}
	}
}

func TestBatch(t *testing.T) {
	b := newBench(t, Options{})
	write(b)
	ciao := url.Values{"recipient": {`{"id":"` + testPerson + `"}`}, "message": {`{"text":"ciao"}`}}.Encode()
	_, err := b.SetFault(Fault{Kind: HangUpAfterAccept, Method: http.MethodPost, Times: 1})
	must(t, err)
	batch := fmt.Sprintf(`[{"method":"POST","relative_url":"me/messages","body":%s},{"method":"POST","relative_url":"v25.0/me/messages","body":%s},{"method":"GET","relative_url":"me?fields=name"},{"method":"GET","relative_url":"nobody"}]`, quote(ciao), quote(ciao))
	r := httptest.NewRequest(http.MethodPost, "/v25.0/", strings.NewReader(url.Values{"batch": {batch}, "access_token": {testToken}, "include_headers": {"false"}}.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	a := b.do(r)
	var got []*struct {
		Code int
		Body string
	}
	must(t, json.Unmarshal([]byte(a.body), &got))
	if len(got) != 4 || got[0] != nil || got[1].Code != 200 || !strings.Contains(got[2].Body, "Bottega") || got[3].Code != 400 {
		t.Errorf("%s", a.body)
	}
	if n := len(b.Conversation(testPage, testPerson)); n != 3 { // what was written, and two answers, one of which nobody heard of
		t.Errorf("%d messages", n)
	}
	r = httptest.NewRequest(http.MethodPost, "/v25.0/", strings.NewReader(url.Values{"batch": {"[" + strings.Repeat(`{"method":"GET","relative_url":"me"},`, MaxBatch) + `{"method":"GET","relative_url":"me"}]`}}.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if a := b.do(r); a.Error.Code != 100 {
		t.Errorf("too many: %s", a.body)
	}
}

func TestPrivacyCallbacks(t *testing.T) {
	var got []url.Values
	answer := `{"url":"https://shop.test/data-deletion/abc123","confirmation_code":"abc123"}`
	shop := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		must(t, r.ParseForm())
		got = append(got, r.PostForm)
		_, _ = io.WriteString(w, answer)
	}))
	defer shop.Close()
	b := newBench(t, Options{AppSecret: "sesame"})
	d, err := b.RequestDeletion(t.Context(), shop.URL, "218471")
	if err != nil || d.Code != "abc123" {
		t.Errorf("%+v, %v", d, err)
	}
	answer = `{ url: 'x', confirmation_code: 'y' }`
	if _, err := b.RequestDeletion(t.Context(), shop.URL, ""); err == nil {
		t.Error("what is no JSON was taken")
	}
	must(t, b.Deauthorize(t.Context(), shop.URL, ""))
	if len(got) != 3 || strings.Count(got[0].Get("signed_request"), ".") != 1 {
		t.Errorf("%v", got)
	}
}

// What a Page set up in its profile is what the phone shows, in the phone's language.
func TestProfileOnThePhone(t *testing.T) {
	b := newBench(t, Options{})
	profile := `{"get_started":{"payload":"GO"},"greeting":[{"locale":"default","text":"Hello"},{"locale":"it_IT","text":"Ciao {{user_first_name}}"}],
		"ice_breakers":[{"locale":"default","call_to_actions":[{"question":"What is back?","payload":"back"}]}],
		"persistent_menu":[{"locale":"default","composer_input_disabled":false,"call_to_actions":[{"type":"postback","title":"Stop","payload":"stop"}]}]}`
	if a := b.call(http.MethodPost, "/me/messenger_profile", profile); a.status != 200 {
		t.Fatal(a.body)
	}
	_, doc := b.get(testChat)
	if text := doc.Find("#intro").Text(); !strings.Contains(text, "Ciao Giulia") || !strings.Contains(text, "What is back?") {
		t.Error(text)
	}
	if err := b.TapIceBreaker(testPage, testPerson, "nothing"); err == nil {
		t.Error("a question that is not there was tapped")
	}
	must(t, b.TapIceBreaker(testPage, testPerson, "back"))
	if err := b.TapIceBreaker(testPage, testPerson, "back"); err == nil {
		t.Error("questions are for empty chats")
	}
	must(t, b.TapMenu(testPage, testPerson, "stop"))
}
