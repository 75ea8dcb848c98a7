package messenger

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"bentornato/models"
)

func at(ms int64) time.Time { return time.UnixMilli(ms).UTC() }

func readWebhook(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", "webhooks", name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// anAd is what Meta's samples of advertisements show.
func anAd(title string) *models.AdContext {
	return &models.AdContext{Title: title, PhotoURL: "<URL>", VideoURL: "<URL>", PostID: "<POST_ID>", ProductID: "<PRODUCT_ID>"}
}

// TestParse reads every recorded body; a file without a line here fails it.
func TestParse(t *testing.T) {
	cases := []struct {
		file string
		want []models.Event
	}{
		{"account_linking", []models.Event{
			{Kind: models.EventOther, PageID: "101", PSID: "202", At: at(1700000000123)},
		}},
		{"delivery-without-mids", []models.Event{
			{Kind: models.EventDelivery, PageID: "101", PSID: "202", At: at(1700000000100), Watermark: at(1700000000100)},
		}},
		{"delivery", []models.Event{
			{Kind: models.EventDelivery, PageID: "<PAGE_ID>", PSID: "<PSID>", At: at(1458668856253),
				MIDs: []string{"mid.1458668856218:ed81099e15d3f4f233"}, Watermark: at(1458668856253)},
		}},
		{"echo-and-message-same-mid", []models.Event{
			{Kind: models.EventMessage, PageID: "101", PSID: "202", At: at(1700000000123), MID: "m_3", Text: "a"},
			{Kind: models.EventEcho, PageID: "101", PSID: "202", At: at(1700000000123), MID: "m_3", Text: "a", AppID: "263902037430900"},
		}},
		{"entry-malformed", []models.Event{
			{Kind: models.EventOther},
			{Kind: models.EventMessage, PageID: "101", PSID: "202", At: at(1700000000123), MID: "m_ok", Text: "ok"},
		}},
		{"entry-messaging-and-changes", []models.Event{
			{Kind: models.EventRead, PageID: "101", PSID: "202", At: at(1700000000123), Watermark: at(1700000000100)},
			{Kind: models.EventHandover, PageID: "101", PSID: "202", At: at(1700000000124), Action: "request_thread_control", Standby: true},
			{Kind: models.EventOther, PageID: "101", At: at(1700000000999)},
			{Kind: models.EventOther, PageID: "101", At: at(1700000000000)},
		}},
		{"entry-unknown-part", []models.Event{
			{Kind: models.EventOther, PageID: "101", At: at(1700000000999)},
		}},
		{"entry-with-nothing", nil},
		{"feed-comment-add.real-2023", []models.Event{
			{Kind: models.EventComment, PageID: "101000000000000", PSID: "<COMMENTER_PSID_OR_PAGE_ID>", At: at(1701413571000), Text: "手动点赞",
				CommentID: "102000000000000_103000000000000", PostID: "101000000000000_102000000000000", FromName: "<NAME>"},
		}},
		{"feed-comment-by-page", []models.Event{
			{Kind: models.EventOther, PageID: "101", At: at(1701413571000)},
			{Kind: models.EventOther, PageID: "101", At: at(1701413571000)},
			{Kind: models.EventOther, PageID: "101", At: at(1701413572000)},
		}},
		{"feed-comment-hide.real-2023", []models.Event{
			{Kind: models.EventOther, PageID: "101000000000000", At: at(1701684706000)},
		}},
		{"feed-status-add.real", []models.Event{
			{Kind: models.EventPost, PageID: "101000000000000", At: at(1682963530000), PostID: "101000000000000_102000000000000", Text: "post 8"},
		}},
		{"feed-sender_id", []models.Event{
			{Kind: models.EventOther, PageID: "101", At: at(1449135001000)},
			{Kind: models.EventComment, PageID: "101", PSID: "202", At: at(1449135002000), Text: "TAZZA-BLU?", CommentID: "900_2", PostID: "101_900", FromName: "Anna"},
			{Kind: models.EventPost, PageID: "101", At: at(1449135003000), PostID: "101_901", Text: "Tornano le tazze https://photos.test/77"},
			{Kind: models.EventPost, PageID: "101", At: at(1449135003000), PostID: "101_901", Text: "Tornano le tazze blu"},
		}},
		{"impossible-timestamp", []models.Event{
			{Kind: models.EventMessage, PageID: "101", PSID: "202", At: at(1700000000000), MID: "m_t", Text: "nul  here"},
		}},
		{"item-malformed-beside-good", []models.Event{
			{Kind: models.EventOther, PageID: "101", At: at(1700000000999)},
			{Kind: models.EventOther, PageID: "101", At: at(1700000000999)},
			{Kind: models.EventOther, PageID: "101", At: at(1700000000999)},
			{Kind: models.EventOther, PageID: "101", At: at(1700000000999)},
			{Kind: models.EventMessage, PageID: "101", PSID: "202", At: at(1700000000123), MID: "m_ok", Text: "ok"},
		}},
		{"item-unknown", []models.Event{
			{Kind: models.EventOther, PageID: "101", PSID: "202", At: at(1700000000123)},
		}},
		{"message-attachment-kinds", []models.Event{
			{Kind: models.EventMessage, PageID: "101", PSID: "202", At: at(1700000000123), MID: "m_many", Attachments: 8,
				Attached: []models.AttachmentKind{models.AttachmentImage, models.AttachmentVideo, models.AttachmentAudio, models.AttachmentFile,
					models.AttachmentLocation, models.AttachmentShare, models.AttachmentOther, models.AttachmentOther}},
		}},
		{"message-attachments-numeric-ids", []models.Event{
			{Kind: models.EventMessage, PageID: "101", PSID: "1020000000000000123", At: at(1700000000123), MID: "m_like", Attachments: 2,
				Attached: []models.AttachmentKind{models.AttachmentSticker, models.AttachmentSticker}},
		}},
		{"message-echo", []models.Event{
			{Kind: models.EventEcho, PageID: "<PAGE_ID>", PSID: "<PSID>", At: at(1457764197627), MID: "mid.1457764197618:41d102a3e1ae206a38",
				Text: "hello, world!", Metadata: "<DEVELOPER_DEFINED_METADATA_STRING>", AppID: "1010000000000000"},
		}},
		{"message-escaped-unicode", []models.Event{
			{Kind: models.EventMessage, PageID: "101", PSID: "202", At: at(1700000000123), MID: "m_x", Text: "äöå 👍 https://x.test"},
		}},
		{"message-from-guest", []models.Event{
			{Kind: models.EventMessage, PageID: "101", UserRef: "guest-7", At: at(1700000000123), MID: "m_guest", Text: "hi"},
		}},
		{"message-no-timestamp", []models.Event{
			{Kind: models.EventMessage, PageID: "101", PSID: "202", At: at(1700000000999), MID: "m_nt", Text: "hi"},
		}},
		{"message-quick_reply", []models.Event{
			{Kind: models.EventMessage, PageID: "<PAGE_ID>", PSID: "1010000000000000", At: at(1502905976377),
				MID: "m_AG5Hz2Uq7tuwNEhXfYYKj8mJEM_QPpz5jdCK48PnKAjSdjfipqxqMvK8ma6AC8fplwlqLP_5cgXIbu7I3rBN0P", Text: "Green", Payload: "DEVELOPER_DEFINED_PAYLOAD_FOR_PICKING_GREEN"},
		}},
		{"message-text.real-2018", []models.Event{
			{Kind: models.EventMessage, PageID: "101000000000000", PSID: "1020000000000000", At: at(1514924366807),
				MID: "mid.$cAAD5QiNHkz1m6cyj11guxokwkhi2", Text: "65863634"},
		}},
		{"message-text.real-2023", []models.Event{
			{Kind: models.EventMessage, PageID: "101000000000000", PSID: "1020000000000000", At: at(1701427704837),
				MID: "m_EYIjld_07gZyN02MY6vztOXzGkvslWQkbqadVHtQ-MRw2PakktSufK_6Pz_0PTnbOC72fWaxZLT-IC7sPF7etg", Text: "测试私信"},
		}},
		{"message-twice", []models.Event{
			{Kind: models.EventMessage, PageID: "101", PSID: "202", At: at(1700000000123), MID: "m_2", Text: "one"},
		}},
		{"message-unsent", []models.Event{
			{Kind: models.EventOther, PageID: "101", PSID: "202", At: at(1700000000123)},
		}},
		{"message-with-ads-referral", []models.Event{
			{Kind: models.EventMessage, PageID: "<PAGE_ID>", PSID: "<PSID>", At: at(1458692752478), MID: "mid.1457764197618:41d102a3e1ae206a38",
				Text: "hello, world!", Ref: "<REF>", AdID: "<AD_ID>", Source: "ADS", Ad: anAd("<AD_TITLE>")},
		}},
		{"message_template_status_update", []models.Event{
			{Kind: models.EventTemplateReview, PageID: "101", At: at(1751247548000), Review: &models.TemplateReview{ID: "1689556908129832", Name: "order_shipped",
				Language: "it", Status: models.TemplateRejected, Reason: "TAG_SHOULD_BE_MARKETING"}},
			{Kind: models.EventTemplateReview, PageID: "101", At: at(1751247548000), Review: &models.TemplateReview{ID: "1689556908129833", Name: "order_shipped",
				Language: "en", Status: models.TemplateApproved, Reason: "NONE"}},
		}},
		{"message_edit-quoted-number", []models.Event{
			{Kind: models.EventEdit, PageID: "101", PSID: "202", At: at(1700000000123), MID: "m_e", Text: "b"},
		}},
		{"message_edit", []models.Event{
			{Kind: models.EventEdit, PageID: "<PAGE_ID>", PSID: "<PSID>", At: at(1458668856463), MID: "<MESSAGE_ID>", Text: "<TEXT>"},
		}},
		{"messaging-not-an-array", []models.Event{
			{Kind: models.EventMessage, PageID: "101", PSID: "202", At: at(1700000000123), MID: "m_ok", Text: "ok"},
		}},
		{"notification_messages.optin.docs", []models.Event{
			{Kind: models.EventNotificationOptIn, PageID: "PAGE-ID", PSID: "PSID", At: at(1458692752999), Payload: "ADDITIONAL-INFORMATION",
				Token: "NOTIFICATION-MESSAGES-TOKEN", Recurring: &models.RecurringOptIn{Title: "TITLE", TimeZone: "TIMEZONE-ID", Frequency: "FREQUENCY"}},
		}},
		{"notification_messages.optin.mme-rn", []models.Event{
			{Kind: models.EventNotificationOptIn, PageID: "PAGE-ID", PSID: "PSID", At: at(1458692752999), Ref: "REF-PARAMETER-INFORMATION",
				Source: "SHORTLINK", Token: "NOTIFICATION-MESSAGES-TOKEN",
				Recurring: &models.RecurringOptIn{Title: "TITLE-FOR-NOTIFICATION-MESSAGE", Topic: "RECURRING-NOTIFICATION-TOPIC", TimeZone: "TIMEZONE-ID", Frequency: "MESSAGE-FREQUENCY"}},
		}},
		{"optin-in-messaging-optins", []models.Event{
			{Kind: models.EventOptIn, PageID: "101", PSID: "202", At: at(1700000000123), Payload: "p1", Token: "tok-secret"},
		}},
		{"optin-object-payload", []models.Event{
			{Kind: models.EventOptIn, PageID: "101", PSID: "202", At: at(1700000000123), Payload: "{\"ref\":\"r\"}", Token: "tok-secret"},
		}},
		{"optin-recurring-stop", []models.Event{
			{Kind: models.EventNotificationOptIn, PageID: "101", PSID: "202", At: at(1700000000123), Payload: "p", Token: "rn-secret", Recurring: &models.RecurringOptIn{Status: models.RecurringStopped}},
			{Kind: models.EventNotificationOptIn, PageID: "101", PSID: "202", At: at(1700000000123), Payload: "p", Token: "rn-secret", Recurring: &models.RecurringOptIn{Status: models.RecurringResumed}},
		}},
		{"optin-send-to-messenger-plugin", []models.Event{
			{Kind: models.EventPluginOptIn, PageID: "3", PSID: "3", UserRef: "UNIQUE_REF_PARAM", At: at(1457764197627), Ref: "PASS_THROUGH_PARAM"},
		}},
		{"optin-unknown-type", []models.Event{
			{Kind: models.EventOther, PageID: "101", PSID: "202", At: at(1700000000123), Payload: "p"},
		}},
		{"optin-recurring-granted", []models.Event{
			{Kind: models.EventNotificationOptIn, PageID: "101", PSID: "202", At: at(1700000000123), Payload: "p", Token: "rn-secret",
				Recurring: &models.RecurringOptIn{Title: "Mugs", ExpiresAt: at(2145916800000), TimeZone: "Europe/Rome", Refreshed: true}},
		}},
		{"otn-optin.envelope.composed", []models.Event{
			{Kind: models.EventOptIn, PageID: "<PAGE_ID>", PSID: "<PSID>", At: at(1458692752478), Payload: "<USER_DEFINED_PAYLOAD>",
				Token: "<ONE_TIME_TOKEN>"},
		}},
		{"otn-optin.event", []models.Event{
			{Kind: models.EventOptIn, PageID: "<PAGE_ID>", PSID: "<PSID>", At: at(1458692752478), Payload: "<USER_DEFINED_PAYLOAD>",
				Token: "<ONE_TIME_TOKEN>"},
		}},
		{"otn-optin.event.vlab", []models.Event{
			{Kind: models.EventOptIn, PageID: "page_456", PSID: "user_123", At: at(1234567890000), Payload: "{ \"ref\": \"notify_ref\" }", Token: "FOOBAR"},
		}},
		{"pass_thread_control", []models.Event{
			{Kind: models.EventHandover, PageID: "<PAGE_ID>", PSID: "<PSID>", At: at(1458692752478), Action: "pass_thread_control", NewOwner: "123456789"},
		}},
		{"policy_enforcement", []models.Event{
			{Kind: models.EventPolicyEnforcement, PageID: "PAGE_ID", At: at(1458692752478),
				Text: "The bot violated our Platform Policies (https://developers.facebook.com/devpolicy/#messengerplatform). Common violations include sending out excessive spammy messages or being non-functional.", Action: "block"},
		}},
		{"policy-enforcement-hyphen", []models.Event{
			{Kind: models.EventPolicyEnforcement, PageID: "101", At: at(1458692752478), Text: "The bot violated our Platform Policies.", Action: "block"},
			{Kind: models.EventPolicyEnforcement, PageID: "101", At: at(1458692752500), Action: "unblock"},
		}},
		{"postback-get-started-with-mme-ref", []models.Event{
			{Kind: models.EventPostback, PageID: "PAGE-ID", PSID: "PSID", At: at(1458692752478), Payload: "POSTBACK-PAYLOAD-YOU-CONFIGURED",
				Ref: "REF-PARAMETER-INFORMATION", Source: "SHORTLINK"},
		}},
		{"postback-v11-with-mid", []models.Event{
			{Kind: models.EventPostback, PageID: "<PAGE_ID>", PSID: "<PSID>", At: at(1527459824000), MID: "m_MESSAGE-ID", Text: "TITLE-FOR-THE-CTA",
				Payload: "USER-DEFINED-PAYLOAD", Ref: "USER-DEFINED-REFERRAL-PARAM", Source: "SHORTLINK"},
		}},
		{"reaction-unreact", []models.Event{
			{Kind: models.EventUnreaction, PageID: "101", PSID: "202", At: at(1700000000123), MID: "m_r", Reaction: "love"},
		}},
		{"reaction", []models.Event{
			{Kind: models.EventReaction, PageID: "<PAGE_ID>", PSID: "<PSID>", At: at(1458668856463), MID: "<MID_OF_REACTED_TO_MESSAGE>", Reaction: "love"},
		}},
		{"read", []models.Event{
			{Kind: models.EventRead, PageID: "<PAGE_ID>", PSID: "<PSID>", At: at(1458668856463), Watermark: at(1458668856253)},
		}},
		{"referral-ads", []models.Event{
			{Kind: models.EventReferral, PageID: "<PAGE_ID>", PSID: "<PSID>", At: at(1458692752478), Ref: "<REF>", AdID: "<AD_ID>", Source: "ADS", Ad: anAd("<TITLE>")},
		}},
		{"referral-lead-complete.seconds-timestamp", []models.Event{
			{Kind: models.EventLead, PageID: "101000000000000", PSID: "1020000000000000", At: at(1665424533000), AdID: "6302572858686", Source: "ADS",
				Ad: &models.AdContext{Title: "Find Wholesalers Ad", PhotoURL: "https://scontent.xx.fbcdn.net/...", PostID: "103000000000000"}},
		}},
		{"referral-mme-existing-thread", []models.Event{
			{Kind: models.EventReferral, PageID: "PAGE-ID", PSID: "PSID", At: at(1458692752478), Ref: "REF-PARAMETER-INFORMATION", Source: "SHORTLINK"},
		}},
		{"several-entries", []models.Event{
			{Kind: models.EventMessage, PageID: "101", PSID: "202", At: at(1700000000123), MID: "m_101_a", Text: "a"},
			{Kind: models.EventPostback, PageID: "101", PSID: "203", At: at(1700000000124), Text: "Buy", Payload: "BUY"},
			{Kind: models.EventMessage, PageID: "102", PSID: "202", At: at(1700000000123), MID: "m_102_a", Text: "a"},
			{Kind: models.EventPostback, PageID: "102", PSID: "203", At: at(1700000000124), Text: "Buy", Payload: "BUY"},
		}},
		{"standby-echo", []models.Event{
			{Kind: models.EventEcho, PageID: "<PAGE_ID>", PSID: "<PSID>", At: at(1570053170673), Standby: true,
				MID: "qT7ywaKpO9kkQR7Gv-nM8LIfLZDamVrALniheUYEDdHJXjDXEAyaS1xxONzb2Iv-DFzmTihfWJV012P5pK0AhQ", Attachments: 1, AppID: "123",
				Attached: []models.AttachmentKind{models.AttachmentShare}},
		}},
		{"standby-message-and-postback", []models.Event{
			{Kind: models.EventMessage, PageID: "101", PSID: "202", At: at(1700000000123), Standby: true, MID: "m_s", Text: "hi"},
			{Kind: models.EventPostback, PageID: "101", PSID: "202", At: at(1700000000123), Standby: true, MID: "m_p", Text: "Buy"},
		}},
		{"take_thread_control", []models.Event{
			{Kind: models.EventHandover, PageID: "101", PSID: "202", At: at(1700000000123), Action: "take_thread_control", OldOwner: "1"},
		}},
	}
	tested := map[string]bool{}
	for _, c := range cases {
		tested[c.file] = true
		t.Run(c.file, func(t *testing.T) {
			got, err := Parse(readWebhook(t, c.file))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, got, cmpopts.IgnoreFields(models.Event{}, "Raw", "Key"), cmpopts.EquateEmpty()); diff != "" {
				t.Error(diff)
			}
			for _, e := range got {
				checkEvent(t, e)
			}
		})
	}
	files, err := filepath.Glob("testdata/webhooks/*.json")
	if err != nil || len(files) == 0 {
		t.Fatal("no recorded bodies", err)
	}
	for _, f := range files {
		if name := strings.TrimSuffix(filepath.Base(f), ".json"); !tested[name] {
			t.Errorf("%s is recorded and not tested", name)
		}
	}
}

// checkEvent holds an event against what is promised of every one.
func checkEvent(t testing.TB, e models.Event) {
	t.Helper()
	if e.Kind == "" || e.Key == "" || len(e.Key) > maxKey {
		t.Errorf("kind %q, key %q", e.Kind, e.Key)
	}
	if len(e.Token) >= 10 && strings.Contains(e.Key, e.Token) { // a short one may stand in a digest by chance
		t.Errorf("the key %q holds the token", e.Key)
	}
	if strings.ContainsFunc(e.Key, func(r rune) bool { return r <= ' ' || r > '~' }) {
		t.Errorf("the key %q is not printable ASCII", e.Key)
	}
	switch e.Kind {
	case models.EventOther, models.EventHandover, models.EventLead, models.EventPolicyEnforcement:
		if len(e.Raw) == 0 {
			t.Errorf("an event of kind %s without its bytes", e.Kind)
		}
	default:
		if len(e.Raw) != 0 {
			t.Errorf("an event of kind %s keeps its bytes twice", e.Kind)
		}
	}
	if _, err := json.Marshal(e); err != nil {
		t.Errorf("cannot be stored: %v", err)
	}
}

func TestParseKeepsMalformedItemsAsTheyCame(t *testing.T) {
	events, err := Parse(readWebhook(t, "item-malformed-beside-good"))
	if err != nil {
		t.Fatal(err)
	}
	var raw []string
	for _, e := range events {
		raw = append(raw, string(e.Raw))
	}
	want := []string{
		`{"sender":"202","message":{"mid":"m_bad"}}`, `"nonsense"`, `null`,
		`{"sender":{"id":"202"},"recipient":{"id":"101"},"timestamp":1700000000123,"message":[1]}`, "",
	}
	if diff := cmp.Diff(want, raw); diff != "" {
		t.Error(diff)
	}
}

func TestParseRefuses(t *testing.T) {
	for _, c := range []struct {
		body string
		want models.Kind
	}{
		{``, models.KindInvalid},
		{`hello`, models.KindInvalid},
		{`{"object":"page","entry":[]`, models.KindInvalid},
		{`{"object":"page","entry":[]} x`, models.KindInvalid},
		{`[]`, models.KindInvalid},
		{`"x"`, models.KindInvalid},
		{`null`, models.KindInvalid},
		{`7`, models.KindInvalid},
		{`{}`, models.KindInvalid},
		{`{"object":null,"entry":[]}`, models.KindInvalid},
		{`{"entry":[]}`, models.KindInvalid},
		{`{"object":"page"}`, models.KindInvalid},
		{`{"object":"page","entry":null}`, models.KindInvalid},
		{`{"object":"page","entry":{}}`, models.KindInvalid},
		{`{"object":"page","entry":"x"}`, models.KindInvalid},
		{`{"object":"instagram","entry":[]}`, models.KindNotFound},
		{`{"object":"user"}`, models.KindNotFound},
		{`{"object":"","entry":[]}`, models.KindNotFound},
		{`{"object":"Page","entry":[]}`, models.KindNotFound},
	} {
		events, err := Parse([]byte(c.body))
		if models.KindOf(err) != c.want || len(events) != 0 {
			t.Errorf("%s: %d events and %v, want kind %s", c.body, len(events), err, c.want)
		}
	}
	if events, err := Parse([]byte(`{"object":"page","entry":[]}`)); err != nil || len(events) != 0 {
		t.Errorf("an empty envelope: %d events and %v", len(events), err)
	}
}

func FuzzParse(f *testing.F) {
	files, err := filepath.Glob("testdata/webhooks/*.json")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range files {
		b, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Add([]byte(`{"object":"page","entry":[{"messaging":[{"timestamp":-1e300,"read":{"watermark":"x"}}]}]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		events, err := Parse(body)
		if err != nil {
			if kind := models.KindOf(err); kind != models.KindInvalid && kind != models.KindNotFound {
				t.Errorf("an error of kind %s: %v", kind, err)
			}
			return
		}
		seen := map[string]bool{}
		for _, e := range events {
			checkEvent(t, e)
			if seen[e.Key] {
				t.Errorf("two events have the key %s", e.Key)
			}
			seen[e.Key] = true
		}
	})
}
