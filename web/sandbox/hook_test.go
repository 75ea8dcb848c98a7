package sandbox

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
)

// hook is a webhook as the product reads it.
type hook struct {
	Object string
	Entry  []struct {
		ID        string
		Time      int64
		Messaging []item
		Standby   []item
		Changes   []struct {
			Field string
			Value struct {
				From      struct{ ID, Name string }
				Item      string
				Verb      string
				Message   string
				PostID    string `json:"post_id"`
				CommentID string `json:"comment_id"`
				Created   int64  `json:"created_time"`
			}
		}
	}
}

type item struct {
	Sender, Recipient struct{ ID string }
	Timestamp         int64
	Message           *struct {
		MID, Text, Metadata string
		Echo                bool                     `json:"is_echo"`
		AppID               int64                    `json:"app_id"`
		QuickReply          struct{ Payload string } `json:"quick_reply"`
		Referral            *struct{ Ref, Source, Type string }
		Attachments         []struct{ Type string }
	}
	Postback *struct {
		MID, Title, Payload string
		Referral            *struct{ Ref, Source, Type string }
	}
	Referral *struct{ Ref, Source, Type string }
	Optin    *struct {
		Type, Payload string
		Token         string `json:"one_time_notif_token"`
	}
	Delivery *struct {
		MIDs      []string
		Watermark int64
	}
	Read     *struct{ Watermark int64 }
	Reaction *struct{ Reaction, Emoji, Action, MID string }
}

// kind names what an item holds.
func (i item) kind() string {
	switch {
	case i.Message != nil && i.Message.Echo:
		return "echo"
	case i.Message != nil:
		return "message"
	case i.Postback != nil:
		return "postback"
	case i.Referral != nil:
		return "referral"
	case i.Optin != nil:
		return "optin"
	case i.Delivery != nil:
		return "delivery"
	case i.Read != nil:
		return "read"
	case i.Reaction != nil:
		return "reaction"
	}
	return "unknown"
}

func (q *product) hooks(t *testing.T) []hook {
	t.Helper()
	var out []hook
	for _, p := range q.all() {
		var h hook
		if err := json.Unmarshal(p.body, &h); err != nil {
			t.Fatalf("%s: %v", p.body, err)
		}
		out = append(out, h)
	}
	return out
}

// items are all messaging items in the order they came.
func (q *product) items(t *testing.T) []item {
	t.Helper()
	var out []item
	for _, h := range q.hooks(t) {
		for _, e := range h.Entry {
			out = append(out, e.Messaging...)
		}
	}
	return out
}

func (q *product) kinds(t *testing.T) string {
	t.Helper()
	var out []string
	for _, i := range q.items(t) {
		out = append(out, i.kind())
	}
	return strings.Join(out, " ")
}

// newHookBench is a platform whose webhooks come to the product it returns.
func newHookBench(t *testing.T, o Options) (*bench, *product) {
	t.Helper()
	q := &product{}
	o.Client, o.WebhookURL, o.AppSecret = &http.Client{Transport: q}, "http://product.test/webhooks/messenger", "sesame"
	return newBench(t, o), q
}
