package messenger

import (
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"bentornato/models"
)

func TestCreateTemplate(t *testing.T) {
	s := &script{answers: []string{`200 {"id":1689556908129832,"status":"PENDING","category":"UTILITY"}`}}
	template := models.UtilityTemplate{Name: "order_shipped", Language: "it", Body: "Il tuo ordine {{1}} è partito.", Examples: []string{"1042"},
		Buttons: []models.Button{{Title: "Segui", URL: "https://s.test/t"}, {Title: "Aiuto", Payload: "help"}}}
	got, err := s.client().CreateTemplate(t.Context(), "101", pageToken, template)
	if err != nil || got.PlatformID != "1689556908129832" || got.Status != models.TemplatePending {
		t.Fatalf("%+v, %v", got, err)
	}
	line, body, _ := strings.Cut(s.asked[0], " {")
	want := `{"name":"order_shipped","language":"it","category":"UTILITY","components":[{"type":"BODY","text":"Il tuo ordine {{1}} è partito.","example":{"body_text":[["1042"]]}},
		{"type":"BUTTONS","buttons":[{"type":"URL","text":"Segui","url":"https://s.test/t"},{"type":"POSTBACK","text":"Aiuto","payload":"help"}]}]}`
	if diff := cmp.Diff(decoded(t, want), decoded(t, "{"+body)); diff != "" || line != "POST /v25.0/101/message_templates" {
		t.Error(line, diff)
	}
	template.Examples = nil
	if _, err := s.client().CreateTemplate(t.Context(), "101", pageToken, template); models.KindOf(err) != models.KindInvalid || len(s.asked) != 1 {
		t.Errorf("without examples: %v after %d calls", err, len(s.asked))
	}
}

func TestTemplates(t *testing.T) {
	s := &script{answers: []string{`200 {"data":[
		{"id":"1","name":"a","language":"en","category":"UTILITY","status":"approved","components":[{"type":"BODY","text":"Hi {{1}}","example":{"body_text":[["Ann"]]}},{"type":"BUTTONS","buttons":[{"type":"POSTBACK","text":"Help","payload":"h"}]},{"type":"HEADER","text":"?"}]},
		{"id":"2","name":"b","language":"en","category":"UTILITY","status":"REJECTED","rejected_reason":"TAG_SHOULD_BE_MARKETING","components":[]},
		{"id":"3","name":"c","language":"en","category":"MARKETING","status":"APPROVED"}]}`}}
	got, err := s.client().Templates(t.Context(), "101", pageToken)
	want := []models.UtilityTemplate{
		{PlatformID: "1", Name: "a", Language: "en", Status: models.TemplateApproved, Body: "Hi {{1}}", Examples: []string{"Ann"}, Buttons: []models.Button{{Title: "Help", Payload: "h"}}},
		{PlatformID: "2", Name: "b", Language: "en", Status: models.TemplateRejected, Reason: "TAG_SHOULD_BE_MARKETING"},
	}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Error(diff, err)
	}
}

func TestDeleteTemplate(t *testing.T) {
	s := &script{answers: []string{`200 {"success":true}`, `200 {"success":true}`}}
	if err := s.client().DeleteTemplate(t.Context(), "101", pageToken, "order_shipped", ""); err != nil || s.asked[0] != "DELETE /v25.0/101/message_templates?name=order_shipped" {
		t.Error(err, s.asked)
	}
	if err := s.client().DeleteTemplate(t.Context(), "101", pageToken, "order_shipped", "7"); err != nil || s.asked[1] != "DELETE /v25.0/101/message_templates?hsm_id=7&name=order_shipped&template_id=7" {
		t.Error(err, s.asked)
	}
}

func TestListOptIns(t *testing.T) {
	body, err := os.ReadFile(filepath.Join("testdata", "notification_message_tokens.json"))
	if err != nil {
		t.Fatal(err)
	}
	s := &script{answers: []string{"200 " + string(body), `200 {"data":[{"recipient_id":"1"},{"notification_messages_token":"t"}]}`}}
	got, next, err := s.client().ListOptIns(t.Context(), "101", pageToken, "")
	want := []models.ListedOptIn{{Token: "<SUBSCRIPTION_TOKEN_ID_1>", PSID: "<PSID_1>", At: time.Unix(1700000000, 0).UTC(), NextAt: time.Unix(1700086400, 0).UTC(),
		OptIn: models.RecurringOptIn{Title: "<NOTIFICATION_TITLE>", TimeZone: "UTC", ExpiresAt: time.Unix(1731536000, 0).UTC()}}}
	if len(got) == 1 {
		want[0].OptIn.Frequency = got[0].OptIn.Frequency // a placeholder of the document's
	}
	if diff := cmp.Diff(want, got); diff != "" || err != nil || next == "" {
		t.Error(diff, err, next)
	}
	// Neither half of a permission is one, and the list ends where nothing follows.
	got, last, err := s.client().ListOptIns(t.Context(), "101", pageToken, next)
	if len(got) != 0 || last != "" || err != nil || !strings.Contains(s.asked[1], "after="+url.QueryEscape(next)) {
		t.Error(got, last, err, s.asked)
	}
}
