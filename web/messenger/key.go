package messenger

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/url"
	"strconv"
	"strings"

	"bentornato/models"
)

// maxKey is the longest key, in bytes.
const maxKey = 200

// key joins kind, Page and parts so that no two lists of parts give the same key. A list too long for a key is
// replaced by its digest.
func key(event models.Event, parts ...string) string {
	list := make([]string, 0, len(parts)+2)
	list = append(list, string(event.Kind), url.QueryEscape(event.PageID))
	for _, p := range parts {
		list = append(list, url.QueryEscape(p))
	}
	k := strings.Join(list, ":")
	if len(k) > maxKey {
		return string(event.Kind) + ":#" + digest(list...)
	}
	return k
}

// contentKey is the key of an event that nothing but its content tells from others.
func contentKey(event models.Event, raw json.RawMessage) string {
	return key(event, digest(string(canonical(raw))))
}

// canonical writes JSON in one form, whatever the white space, escapes and order of members it came in. An
// entry's "time" is left out at the top, since it is when the webhook was sent.
func canonical(raw json.RawMessage) []byte {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var v any
	if d.Decode(&v) != nil {
		return raw
	}
	if object, ok := v.(map[string]any); ok {
		delete(object, "time")
	}
	b, err := json.Marshal(v)
	if err != nil {
		return raw
	}
	return b
}

// digest is the SHA-256 of parts that cannot run into each other, in hexadecimal digits.
func digest(parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		h.Write([]byte(strconv.Itoa(len(p)) + ":" + p))
	}
	return hex.EncodeToString(h.Sum(nil))
}

// person is whom the event is about, for keys; the two sorts of id cannot be mistaken for each other.
func person(event *models.Event) string {
	if event.PSID == "" && event.UserRef != "" {
		return "ref=" + event.UserRef
	}
	return event.PSID
}
