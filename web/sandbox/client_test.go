package sandbox

import (
	"bytes"
	"encoding/json"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// upload makes a call of several parts, with a file.
func (b *bench) upload(path, message string) answer {
	b.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	must(b.t, form.WriteField("recipient", `{"id":"`+testPerson+`"}`))
	must(b.t, form.WriteField("message", message))
	file, err := form.CreateFormFile("filedata", "tazza.png")
	must(b.t, err)
	_, err = file.Write(bytes.Repeat([]byte{7}, 2<<20)) // more than a body without a file may have
	must(b.t, err)
	must(b.t, form.Close())
	r := httptest.NewRequest(http.MethodPost, "/v25.0"+path, &body)
	r.Header.Set("Authorization", "Bearer "+testToken)
	r.Header.Set("Content-Type", form.FormDataContentType())
	return b.do(r)
}

func attachmentID(t *testing.T, a answer) string {
	t.Helper()
	var got struct {
		ID string `json:"attachment_id"`
	}
	must(t, json.Unmarshal([]byte(a.body), &got))
	return got.ID
}

// Files are sent by address, by the number of an upload, and with the call; none is kept.
func TestAttachments(t *testing.T) {
	b := newBench(t, Options{})
	write(b)
	send := func(message string) answer {
		return b.send(`{"recipient":{"id":"` + testPerson + `"},"message":` + message + `}`)
	}
	for _, kind := range attachmentKinds() {
		a := send(`{"attachment":{"type":"` + kind + `","payload":{"url":"https://shop.example/a","is_reusable":true}}}`)
		id := attachmentID(t, a)
		if a.status != 200 || a.MessageID == "" || id == "" {
			t.Fatalf("%s: %s", kind, a.body)
		}
		for _, given := range []string{`"` + id + `"`, id} {
			if a := send(`{"attachment":{"type":"` + kind + `","payload":{"attachment_id":` + given + `}}}`); a.status != 200 {
				t.Errorf("%s by its number: %s", kind, a.body)
			}
		}
		if kind != "video" {
			if a := send(`{"attachment":{"type":"video","payload":{"attachment_id":"` + id + `"}}}`); a.Error.Subcode != 2018047 {
				t.Errorf("%s sent as a video: %s", kind, a.body)
			}
		}
	}
	if a := b.upload("/me/messages", `{"attachment":{"type":"image","payload":{}}}`); a.status != 200 || a.MessageID == "" {
		t.Errorf("a picture with the call: %s", a.body)
	}
	up := b.upload("/me/message_attachments", `{"attachment":{"type":"file","payload":{"is_reusable":true}}}`)
	if a := send(`{"attachment":{"type":"file","payload":{"attachment_id":"` + attachmentID(t, up) + `"}}}`); a.status != 200 {
		t.Errorf("an upload by its number: %s", a.body)
	}
	for _, wrong := range []struct {
		message string
		subcode int
	}{
		{`{"attachment":{"type":"image","payload":{"attachment_id":"1"}}}`, 0},
		{`{"attachment":{"type":"image","payload":{"url":"ftp://x"}}}`, 2018008},
		{`{"attachment":{"type":"image","payload":{}}}`, 2018008},
		{`{"attachment":{"type":"hologram","payload":{"url":"https://shop.example/a"}}}`, 0},
	} {
		before := len(b.Conversation(testPage, testPerson))
		if a := send(wrong.message); a.Error.Code != 100 || a.Error.Subcode != wrong.subcode || len(b.Conversation(testPage, testPerson)) != before {
			t.Errorf("%s: %s", wrong.message, a.body)
		}
	}
	if _, d := b.get(testChat); !strings.Contains(d.Find("#messages").Text(), "file · tazza.png") || d.Find("#messages img.picture[src='https://shop.example/a']").Length() != 3 {
		t.Error("the phone does not show what was sent")
	}
}

// What Meta documents beside what this product uses, in the forms in which other clients send it.
func TestOtherClients(t *testing.T) {
	b := newBench(t, Options{AppSecret: "sesame"})
	write(b)
	for _, message := range []string{
		`{"text":"Pick","quick_replies":[{"content_type":"text","title":"Red","payload":"R"},{"content_type":"user_email"},{"content_type":"user_phone_number"}]}`,
		`{"attachment":{"type":"template","payload":{"template_type":"button","text":"What?","buttons":[{"type":"phone_number","title":"Call","payload":"+39055"},{"type":"account_link","url":"https://shop.example/in"},{"type":"account_unlink"}]}}}`,
		`{"attachment":{"type":"template","payload":{"template_type":"media","elements":[{"media_type":"image","url":"https://shop.example/a.png","buttons":[{"type":"postback","title":"More","payload":"m"}]}]}}}`,
		`{"attachment":{"type":"template","payload":{"template_type":"receipt","recipient_name":"Anna","order_number":"1042","currency":"EUR","payment_method":"Visa","elements":[],"summary":{"total_cost":18.50}}}}`,
	} {
		if a := b.send(`{"recipient":{"id":"` + testPerson + `"},"message":` + message + `}`); a.status != 200 {
			t.Errorf("%s: %s", message, a.body)
		}
	}
	must(t, b.TapButton(testPage, testPerson, "", "m"))
	_, d := b.get(testChat)
	for _, want := range []string{"Log in", "Log out", "Anna · 1042", "18.50 EUR"} {
		if !strings.Contains(d.Find("#messages").Text(), want) {
			t.Errorf("the phone does not show %q", want)
		}
	}
	made := b.call("POST", "/me/personas", `{"name":"Lia","profile_picture_url":"https://shop.example/lia.png"}`)
	var lia struct{ ID string }
	must(t, json.Unmarshal([]byte(made.body), &lia))
	for _, one := range []struct{ method, path, body, want string }{
		{"GET", "/me/personas", "", `"name":"Lia"`},
		{"GET", "/" + lia.ID, "", `"id":"` + lia.ID + `"`},
		{"POST", "/me/messages", `{"recipient":{"id":"` + testPerson + `"},"message":{"text":"a"},"persona_id":"` + lia.ID + `"}`, `"message_id"`},
		{"POST", "/me/messages", `{"recipient":{"id":"` + testPerson + `"},"message":{"text":"a"},"persona_id":77}`, `"code":100`},
		{"DELETE", "/" + lia.ID, "", `{"success":true}`},
		{"GET", "/" + lia.ID, "", `"error_subcode":33`},
		{"POST", "/me/personas", `{"name":" ","profile_picture_url":"https://shop.example/lia.png"}`, `"code":100`},
		{"POST", "/me/messenger_profile", `{"get_started":{"payload":"GO"},"ice_breakers":[{"question":"What is back?","payload":"back"}]}`, `{"result":"success"}`},
		{"GET", "/me/messenger_profile?fields=ice_breakers", "", `"call_to_actions":[{"question":"What is back?","payload":"back"}]`},
		{"POST", "/me/custom_user_settings", `{"psid":"` + testPerson + `","persistent_menu":[{"locale":"default","call_to_actions":[{"type":"postback","title":"Mine","payload":"mine"}]}]}`, `{"result":"success"}`},
		{"GET", "/me/custom_user_settings?psid=" + testPerson, "", `"user_level_persistent_menu":[`},
		{"GET", "/me/custom_user_settings?psid=1", "", `"error_subcode":2018001`},
	} {
		if a := b.call(one.method, one.path, one.body); !strings.Contains(a.body, one.want) {
			t.Errorf("%s %s %s: %s", one.method, one.path, one.body, a.body)
		}
	}
	must(t, b.TapMenu(testPage, testPerson, "mine"))
	b.call("DELETE", "/me/custom_user_settings?psid="+testPerson+"&params=%5B%22persistent_menu%22%5D", "")
	if err := b.TapMenu(testPage, testPerson, "mine"); err == nil {
		t.Error("the person's own menu is still there")
	}
	q := url.Values{"access_token": {b.options.AppID + "|sesame"}, "input_token": {testToken}, "appsecret_proof": {"of the Page's token"}}
	r := httptest.NewRequest(http.MethodGet, "/v25.0/debug_token?"+q.Encode(), nil)
	if a := b.do(r); !strings.Contains(a.body, `"is_valid":true`) {
		t.Errorf("a token asked after in the app's name: %s", a.body)
	}
}
