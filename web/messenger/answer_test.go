package messenger

import (
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"bentornato/models"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// What a call may have been, for the codes that mean something else then.
var (
	aReply        = sent{now: noon}
	aRequest      = sent{request: true, now: noon}
	aNotification = sent{token: true, now: noon}
	aRecurring    = sent{token: true, recurring: true, now: noon}
)

func TestClassifyRecorded(t *testing.T) {
	want := map[string]models.Answer{
		"10-2018278-outside-window":           {Outcome: models.OutcomeOutside, Code: 10, Subcode: 2018278},
		"100-2018001-no-matching-user":        {Outcome: models.OutcomeRejected, Code: 100, Subcode: 2018001},
		"100-2018047-upload-failure":          {Outcome: models.OutcomeRejected, Code: 100, Subcode: 2018047},
		"100-2018292-invalid-comment-id":      {Outcome: models.OutcomeRejected, Code: 100, Subcode: 2018292},
		"100-invalid-tag":                     {Outcome: models.OutcomeDead, Code: 100},
		"190-458-deauthorized":                {Outcome: models.OutcomePageTrouble, Code: 190, Subcode: 458, Pause: models.PauseTokenInvalid},
		"190-460-session-invalid":             {Outcome: models.OutcomePageTrouble, Code: 190, Subcode: 460, Pause: models.PauseTokenInvalid},
		"190-463-expired":                     {Outcome: models.OutcomePageTrouble, Code: 190, Subcode: 463, Pause: models.PauseTokenInvalid},
		"190-generic":                         {Outcome: models.OutcomePageTrouble, Code: 190, Subcode: 1234567, Pause: models.PauseTokenInvalid},
		"200-1545041-not-available-localised": {Outcome: models.OutcomeUnreachable, Code: 200, Subcode: 1545041},
		"200-permissions":                     {Outcome: models.OutcomePageTrouble, Code: 200, Pause: models.PausePermission},
		"4-app-limit":                         {Outcome: models.OutcomeRateLimited, Code: 4},
		"551-1545041-not-available":           {Outcome: models.OutcomeUnreachable, Code: 551, Subcode: 1545041},
		"80001-page-buc-limit":                {Outcome: models.OutcomeRateLimited, Code: 80001},
		"generic-with-user-msg":               {Outcome: models.OutcomePageTrouble, Code: 190, Subcode: 460, Pause: models.PauseTokenInvalid},
		"minus1-2018012-internal":             {Outcome: models.OutcomeTransient, Code: -1, Subcode: 2018012},
	}
	files, err := filepath.Glob("testdata/errors/*.json")
	if err != nil || len(files) != len(want) {
		t.Fatalf("%d files for %d answers, %v", len(files), len(want), err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".json")
		body, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		// The status says nothing: 200 with an error in the body is an error.
		for _, status := range []int{400, 200, 403, 500} {
			got := classify(answer{status: status, header: http.Header{}, body: body}, aReply)
			if got.Detail == "" {
				t.Errorf("%s: the platform's text is lost", name)
			}
			got.Detail = ""
			if diff := cmp.Diff(want[name], got); diff != "" {
				t.Errorf("%s with status %d: %s", name, status, diff)
			}
		}
	}
}

func TestClassifyCodes(t *testing.T) {
	page := func(p models.PauseReason) models.Answer {
		return models.Answer{Outcome: models.OutcomePageTrouble, Pause: p}
	}
	plain := func(o models.Outcome) models.Answer { return models.Answer{Outcome: o} }
	for _, c := range []struct {
		code, subcode int
		call          sent
		want          models.Answer
	}{
		{-1, 0, aReply, plain(models.OutcomeTransient)},
		{1, 0, aNotification, plain(models.OutcomeTransient)},
		{1, 99, aReply, plain(models.OutcomeTransient)},
		{1, 1357046, aNotification, models.Answer{Outcome: models.OutcomeUnknown, Garbled: true}},
		{2, 0, aNotification, plain(models.OutcomeTransient)},
		{3, 0, aReply, page(models.PausePermission)},
		{1200, 0, aReply, plain(models.OutcomeTransient)},
		{4, 2018022, aReply, plain(models.OutcomeRateLimited)},
		{4, 2018354, aReply, plain(models.OutcomeRejected)},
		{9, 2018352, aReply, plain(models.OutcomeRejected)},
		{9, 0, aReply, plain(models.OutcomeRejected)},
		{17, 0, aReply, plain(models.OutcomeRateLimited)},
		{32, 0, aReply, plain(models.OutcomeRateLimited)},
		{341, 0, aReply, plain(models.OutcomeRateLimited)},
		{613, 0, aNotification, plain(models.OutcomeRateLimited)},
		{613, 1893016, aRequest, plain(models.OutcomeRejected)},
		{613, 2018338, aReply, page(models.PauseBlocked)},
		{80002, 0, aReply, plain(models.OutcomeRateLimited)},
		{80006, 0, aNotification, plain(models.OutcomeRateLimited)},
		{80015, 0, aReply, plain(models.OutcomeRejected)},
		{10, 0, aReply, page(models.PausePermission)},
		{10, 0, aNotification, page(models.PausePermission)},
		{10, 0, aRequest, page(models.PauseFeatureMissing)},
		{10, 2018278, aNotification, plain(models.OutcomeOutside)},
		{10, 2534022, aReply, plain(models.OutcomeOutside)},
		{10, 2018108, aNotification, plain(models.OutcomeUnreachable)},
		{10, 2018065, aReply, plain(models.OutcomeRejected)},
		{10, 2018065, aNotification, page(models.PausePermission)},
		{10, 1893015, aRecurring, plain(models.OutcomeDead)},
		{4, 2018354, aRecurring, plain(models.OutcomeTooSoon)},
		{10, 1893015, aReply, plain(models.OutcomeRejected)},
		{10, 1893063, aNotification, page(models.PauseRestricted)},
		{10, 1404170, aRequest, page(models.PauseRestricted)},
		{10, 7, aRequest, page(models.PausePermission)},
		{100, 0, aNotification, plain(models.OutcomeDead)},
		{100, 0, aReply, plain(models.OutcomeDead)},
		{100, 33, aNotification, page(models.PausePermission)},
		{100, 2018001, aNotification, plain(models.OutcomeUnreachable)},
		{100, 2018008, aNotification, plain(models.OutcomeTransient)},
		{100, 2018047, aNotification, plain(models.OutcomeRejected)},
		{100, 2018109, aNotification, plain(models.OutcomeRejected)},
		{100, 2018300, aReply, plain(models.OutcomeThreadOwned)},
		{100, 2018321, aNotification, plain(models.OutcomeThreadOwned)},
		{100, 2534037, aReply, plain(models.OutcomeThreadOwned)},
		{100, 7, aReply, plain(models.OutcomeRejected)},
		{100, 7, aNotification, plain(models.OutcomeDead)},
		{102, 0, aReply, page(models.PauseTokenInvalid)},
		{190, 0, aNotification, page(models.PauseTokenInvalid)},
		{190, 492, aReply, page(models.PauseTokenInvalid)},
		{200, 2018028, aReply, page(models.PausePermission)},
		{299, 0, aReply, page(models.PausePermission)},
		{300, 0, aReply, plain(models.OutcomeRejected)},
		{368, 0, aNotification, page(models.PauseBlocked)},
		{551, 0, aNotification, plain(models.OutcomeUnreachable)},
		{551, 7, aReply, plain(models.OutcomeUnreachable)},
		{2022, 0, aNotification, page(models.PauseCommerce)},
		{10303, 0, aReply, plain(models.OutcomeRejected)},
		{9000001, 0, aReply, plain(models.OutcomeRejected)},
		{0, 0, aReply, plain(models.OutcomeRejected)},
	} {
		body := `{"error":{"message":"x","type":"OAuthException","code":` + strconv.Itoa(c.code) + `,"error_subcode":` + strconv.Itoa(c.subcode) + `}}`
		got := classify(answer{status: 400, header: http.Header{}, body: []byte(body)}, c.call)
		c.want.Code, c.want.Subcode, c.want.Detail = c.code, c.subcode, "x"
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%d/%d: %s", c.code, c.subcode, diff)
		}
	}
}

func TestClassifyBodies(t *testing.T) {
	for _, c := range []struct {
		name   string
		status int
		body   string
		want   models.Outcome
	}{
		{"sent", 200, `{"recipient_id":"202","message_id":"m_1"}`, models.OutcomeSent},
		{"sent, no recipient", 200, `{"message_id":"m_1"}`, models.OutcomeSent},
		{"sent, numeric recipient", 200, `{"recipient_id":202,"message_id":"m_1"}`, models.OutcomeSent},
		{"sent, nested as the page on recurring notifications prints it", 200, `{"recipient":{"id":"202","message_id":"m_1"}}`, models.OutcomeSent},
		{"sent, with more than is documented", 200, `{"recipient_id":"202","message_id":"m_1","attachment_id":77,"recipient":null,"error":null}`, models.OutcomeSent},
		{"nested without a message id", 200, `{"recipient":{"id":"202"}}`, models.OutcomeUnknown},
		{"code and subcode null", 400, `{"error":{"message":null,"code":null,"error_subcode":null}}`, models.OutcomeTransient},
		{"no message id", 200, `{"recipient_id":"202"}`, models.OutcomeUnknown},
		{"empty message id", 200, `{"message_id":""}`, models.OutcomeUnknown},
		{"nothing", 200, ``, models.OutcomeUnknown},
		{"no content", 204, ``, models.OutcomeUnknown},
		{"not JSON", 200, `<html>ok</html>`, models.OutcomeUnknown},
		{"cut off", 200, `{"recipient_id":"202","message_id":"m_`, models.OutcomeUnknown},
		{"two values", 200, `{"message_id":"m_1"} {"error":1}`, models.OutcomeUnknown},
		{"array", 200, `[]`, models.OutcomeUnknown},
		{"null", 200, `null`, models.OutcomeUnknown},
		{"error without code", 200, `{"error":{"message":"x"}}`, models.OutcomeUnknown},
		{"error beside an id", 200, `{"message_id":"m_1","error":{"code":2}}`, models.OutcomeTransient},
		{"error without code beside an id", 200, `{"message_id":"m_1","error":{}}`, models.OutcomeUnknown},
		{"error as text", 400, `{"error":"bad"}`, models.OutcomeTransient},
		{"quoted code", 400, `{"error":{"code":"551"}}`, models.OutcomeUnreachable},
		{"proxy refuses", 403, `<html>Forbidden</html>`, models.OutcomeTransient},
		{"proxy's own JSON", 403, `{"message":"Forbidden"}`, models.OutcomeTransient},
		{"redirect", 302, ``, models.OutcomeTransient},
		{"too many, no JSON", 429, `slow down`, models.OutcomeRateLimited},
		{"too many, unknown code", 429, `{"error":{"code":424242}}`, models.OutcomeRateLimited},
		{"too many, known code", 429, `{"error":{"code":190}}`, models.OutcomePageTrouble},
		{"gateway", 502, `<html>Bad Gateway</html>`, models.OutcomeUnknown},
		{"gateway's JSON", 504, `{"message":"timeout"}`, models.OutcomeUnknown},
		{"server error, known code", 500, `{"error":{"code":1}}`, models.OutcomeTransient},
		{"server error, unknown code", 500, `{"error":{"code":424242}}`, models.OutcomeTransient},
		{"transient, unknown code", 400, `{"error":{"code":424242,"is_transient":true}}`, models.OutcomeTransient},
		{"transient, dead token", 400, `{"error":{"code":100,"is_transient":true}}`, models.OutcomeDead},
		{"unknown code", 400, `{"error":{"code":424242,"is_transient":false}}`, models.OutcomeRejected},
	} {
		got := classify(answer{status: c.status, header: http.Header{}, body: []byte(c.body)}, aReply)
		if got.Outcome != c.want {
			t.Errorf("%s: %s, want %s", c.name, got.Outcome, c.want)
		}
		if got.Garbled != (c.want == models.OutcomeUnknown) {
			t.Errorf("%s: garbled is %t", c.name, got.Garbled)
		}
		if (got.MessageID != "") != (c.want == models.OutcomeSent) {
			t.Errorf("%s: message id %q", c.name, got.MessageID)
		}
	}
}

func TestUsageHeaders(t *testing.T) {
	for _, c := range []struct {
		name   string
		header map[string]string
		usage  int
		after  time.Duration
	}{
		{"none", nil, 0, 0},
		{"app", map[string]string{appUsageHeader: `{"call_count":28,"total_cputime":25,"total_time":208}`}, 208, 0},
		{"business", map[string]string{businessUsageHeader: `{"101":[{"type":"messenger","call_count":100,"total_cputime":25,"total_time":25,"estimated_time_to_regain_access":19}],"102":[{"type":"pages","call_count":3,"estimated_time_to_regain_access":0}]}`}, 100, 19 * time.Minute},
		{"both", map[string]string{appUsageHeader: `{"call_count":50.2}`, businessUsageHeader: `{"101":[{"call_count":3}]}`}, 51, 0},
		{"seconds", map[string]string{"Retry-After": "90"}, 0, 90 * time.Second},
		{"date", map[string]string{"Retry-After": noon.Add(2 * time.Minute).Format(http.TimeFormat)}, 0, 2 * time.Minute},
		{"date gone by", map[string]string{"Retry-After": noon.Add(-time.Minute).Format(http.TimeFormat)}, 0, 0},
		{"longest", map[string]string{"Retry-After": "90", businessUsageHeader: `{"1":[{"estimated_time_to_regain_access":1}]}`}, 0, 90 * time.Second},
		{"absurd", map[string]string{businessUsageHeader: `{"1":[{"call_count":1e300,"estimated_time_to_regain_access":1e300}]}`}, 1<<31 - 1, maxRetryAfter},
		{"negative", map[string]string{"Retry-After": "-5", businessUsageHeader: `{"1":[{"call_count":-3,"estimated_time_to_regain_access":-1}]}`}, 0, 0},
		{"nonsense", map[string]string{"Retry-After": "soon", appUsageHeader: `x`, businessUsageHeader: `[1]`}, 0, 0},
	} {
		h := http.Header{}
		for name, value := range c.header {
			h.Set(name, value)
		}
		got := classify(answer{status: 400, header: h, body: []byte(`{"error":{"code":613}}`)}, aReply)
		if got.Usage != c.usage || got.RetryAfter != c.after {
			t.Errorf("%s: usage %d, retry after %s; want %d, %s", c.name, got.Usage, got.RetryAfter, c.usage, c.after)
		}
	}
}

func TestDetailIsShortAndHoldsNoSecret(t *testing.T) {
	const access, oneTime = "page/token+1", `one "time" token`
	text := `Malformed access token page/token+1 (page%2Ftoken%2B1), one \"time\" token, https://x.test/?access_token=another&appsecret_proof=abc EAAB1234567890abcdefXYZ end`
	s := sent{secrets: []string{access, oneTime, ""}, now: noon}
	got := classify(answer{status: 400, header: http.Header{}, body: []byte(`{"error":{"code":190,"message":"` + text + `"}}`)}, s).Detail
	for _, secret := range []string{access, "page%2Ftoken", oneTime, "another", "abc ", "EAAB"} {
		if strings.Contains(got, secret) {
			t.Errorf("%q holds %q", got, secret)
		}
	}
	if !strings.HasPrefix(got, "Malformed access token [redacted]") || !strings.HasSuffix(got, " end") {
		t.Errorf("more is gone than the secrets: %q", got)
	}
	long := redact(strings.Repeat("è", 299)+"secret", "secret")
	if n := len([]rune(long)); n != maxDetail || strings.Contains(long, "s") {
		t.Errorf("%d characters, ending %q", n, long[len(long)-10:])
	}
}
