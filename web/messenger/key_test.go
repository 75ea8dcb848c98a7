package messenger

import (
	"fmt"
	"strings"
	"testing"

	"bentornato/models"
)

// one parses an envelope with one item and returns its event.
func one(t *testing.T, part, item, entryTime string) models.Event {
	t.Helper()
	events, err := Parse(fmt.Appendf(nil, `{"object":"page","entry":[{"id":"101","time":%s,"%s":[%s]}]}`, entryTime, part, item))
	if err != nil || len(events) != 1 {
		t.Fatalf("%d events, %v", len(events), err)
	}
	return events[0]
}

const sides = `"sender":{"id":"202"},"recipient":{"id":"101"}`

// TestKeysOfRedelivery sends each item again as the platform may: later, and written otherwise.
func TestKeysOfRedelivery(t *testing.T) {
	for _, item := range []string{
		`"timestamp":1700000000123,"message":{"mid":"m_1","text":"caff\u00e8"}`,
		`"timestamp":1700000000123,"message":{"text":"caff\u00e8"}`,
		`"timestamp":1700000000123,"postback":{"payload":"caff\u00e8"}`,
		`"timestamp":1700000000123,"optin":{"type":"one_time_notif_req","payload":"p","one_time_notif_token":"t"}`,
		`"timestamp":1700000000123,"referral":{"ref":"caff\u00e8","source":"SHORTLINK"}`,
		`"timestamp":1700000000123,"reaction":{"mid":"m_1","reaction":"love","action":"react"}`,
		`"delivery":{"mids":["m_1","m_2"],"watermark":1700000000100}`,
		`"timestamp":1700000000123,"brand_new":{"a":"caff\u00e8","b":2}`,
		`"policy_enforcement":{"action":"block"}`,
	} {
		first := one(t, "messaging", "{"+sides+","+item+"}", "1700000000200")
		again := one(t, "messaging", "{ "+strings.ReplaceAll(item, `\u00e8`, "è")+" , "+sides+" }", "1700000009999")
		if first.Key != again.Key {
			t.Errorf("%s: %s, and again %s", item, first.Key, again.Key)
		}
		if standby := one(t, "standby", "{"+sides+","+item+"}", "1700000000200"); standby.Key != first.Key || !standby.Standby {
			t.Errorf("%s: in standby %s", item, standby.Key)
		}
	}
	entry := `{"object":"page","entry":[{"id":"101","time":%d,"brand_new":[1]}]}`
	first, err := Parse(fmt.Appendf(nil, entry, 1))
	again, err2 := Parse(fmt.Appendf(nil, entry, 2))
	if err != nil || err2 != nil || first[0].Key != again[0].Key {
		t.Errorf("an unknown entry: %v and %v", first, again)
	}
}

// TestKeysTellEventsApart lists events of which no two are the same.
func TestKeysTellEventsApart(t *testing.T) {
	items := []string{
		`"timestamp":1,"message":{"mid":"m_1","text":"a"}`,
		`"timestamp":1,"message":{"mid":"m_1","text":"a","is_echo":true}`,
		`"timestamp":1,"message":{"mid":"m_2","text":"a"}`,
		`"timestamp":1,"message":{"text":"a"}`,
		`"timestamp":2,"message":{"text":"a"}`,
		`"timestamp":1,"message":{"mid":"m_1","is_deleted":true}`,
		`"timestamp":1,"message_edit":{"mid":"m_1","num_edit":1,"text":"b"}`,
		`"timestamp":1,"message_edit":{"mid":"m_1","num_edit":2,"text":"b"}`,
		`"timestamp":1,"message_edit":{"text":"b"}`,
		`"timestamp":2,"message_edit":{"text":"b"}`,
		`"timestamp":1,"postback":{"mid":"m_1","payload":"a"}`,
		`"timestamp":1,"postback":{"payload":"a"}`,
		`"timestamp":1,"postback":{"payload":"b"}`,
		`"timestamp":2,"postback":{"payload":"a"}`,
		`"timestamp":1,"optin":{"type":"one_time_notif_req","one_time_notif_token":"t1"}`,
		`"timestamp":1,"optin":{"type":"one_time_notif_req","one_time_notif_token":"t2"}`,
		`"timestamp":1,"optin":{"ref":"a"}`,
		`"timestamp":1,"optin":{"ref":"b"}`,
		`"timestamp":1,"optin":{"ref":"a:b"}`,
		`"timestamp":1,"referral":{"ref":"a","ad_id":"b:c"}`,
		`"timestamp":1,"referral":{"ref":"c:a","ad_id":"b"}`,
		`"timestamp":2,"referral":{"ref":"a"}`,
		`"timestamp":1,"reaction":{"mid":"m_1","action":"react"}`,
		`"timestamp":1,"reaction":{"mid":"m_1","action":"unreact"}`,
		`"timestamp":2,"reaction":{"mid":"m_1","action":"react"}`,
		`"delivery":{"watermark":1}`,
		`"delivery":{"watermark":1,"mids":["m_1"]}`,
		`"delivery":{"watermark":1,"mids":["m_1","m_2"]}`,
		`"read":{"watermark":1}`,
		`"read":{"watermark":2}`,
		`"brand_new":{"x":1}`,
		`"brand_new":{"x":2}`,
	}
	seen := map[string]string{}
	for _, page := range []string{"101", "102"} {
		for _, item := range items {
			events, err := Parse(fmt.Appendf(nil, `{"object":"page","entry":[{"id":"%s","messaging":[{"sender":{"id":"202"},"recipient":{"id":"%[1]s"},%s}]}]}`, page, item))
			if err != nil || len(events) != 1 {
				t.Fatalf("%s: %v, %v", item, events, err)
			}
			if other, ok := seen[events[0].Key]; ok {
				t.Errorf("%s of Page %s has the key of %s: %s", item, page, other, events[0].Key)
			}
			seen[events[0].Key] = item
		}
	}
}

func TestKeyOfLongIDs(t *testing.T) {
	long := strings.Repeat("m", 400)
	a := one(t, "messaging", `{`+sides+`,"message":{"mid":"`+long+`1"}}`, "1")
	b := one(t, "messaging", `{`+sides+`,"message":{"mid":"`+long+`2"}}`, "1")
	if len(a.Key) > maxKey || !strings.HasPrefix(a.Key, "message:") || a.Key == b.Key {
		t.Errorf("keys %q and %q", a.Key, b.Key)
	}
}
