package messenger

import (
	"encoding/json"
	"net/url"
	"regexp"
	"strings"
)

// maxDetail is how much of the platform's text is kept, in Unicode characters.
const maxDetail = 300

var tokenInText = regexp.MustCompile(`(?i)((?:access_token|appsecret_proof|one_time_notif_token)["']?\s*[=:]\s*["']?)[^\s"'&,}]+|\bEAA[0-9A-Za-z]{16,}`)

// redact takes secrets out of a text, and cuts it to maxDetail. Known ones are found as they are and as URLs and
// JSON write them; access tokens also by their looks, since the platform may quote another one than ours.
func redact(s string, secrets ...string) string {
	const gone = "[redacted]"
	for _, secret := range secrets {
		if secret == "" {
			continue
		}
		for _, form := range []string{secret, url.QueryEscape(secret), url.PathEscape(secret), inJSON(secret)} {
			s = strings.ReplaceAll(s, form, gone)
		}
	}
	s = tokenInText.ReplaceAllString(s, "${1}"+gone)
	if runes := []rune(s); len(runes) > maxDetail {
		s = string(runes[:maxDetail])
	}
	return s
}

func inJSON(s string) string {
	b, err := json.Marshal(s)
	if err != nil {
		return s
	}
	return strings.Trim(string(b), `"`)
}
