package web_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"bentornato/models"
)

func TestPosts(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		ctx := context.Background()
		v := s.product(pageID, "MUG-BLUE", 0)
		path := "/pages/" + pageID + "/posts"
		b := s.as(models.RoleStaff)
		if d := b.shows(t, path); d.Find(".empty").Length() != 1 {
			t.Error("an empty list does not say what to do")
		}
		for _, test := range []struct{ kind, ref, sku, field string }{
			{"post", "https://www.facebook.com/x/posts/pfbid02", "MUG-BLUE", "tie_ref"},
			{"ad", "abc", "MUG-BLUE", "tie_ref"},
			{"post", "122000000000000", "NONE", "tie_sku"},
			{"post", "122000000000000", "", "tie_sku"},
			{"story", "122000000000000", "MUG-BLUE", "tie_kind"},
		} {
			d := b.fails(t, 422, path, "tie_kind", test.kind, "tie_ref", test.ref, "tie_sku", test.sku)
			wrongField(t, d, test.field)
			kept(t, d, "tie_ref", test.ref, "tie_sku", test.sku)
		}
		if rows, _, err := s.store.Ties(ctx, pageID, 10, ""); err != nil || len(rows) != 0 {
			t.Fatalf("a refused form tied %v, %v", rows, err)
		}
		b.send(t, path, "tie_kind", "post", "tie_ref", pageID+"_122000000000000", "tie_sku", "MUG-BLUE")
		d := b.send(t, path, "tie_kind", "ad", "tie_ref", "23843000000000000", "tie_sku", "MUG-BLUE")
		holds(t, d.Find("main table"), "122000000000000", "23843000000000000", "MUG-BLUE")
		d = b.send(t, path+"/remove", "tie_kind", "ad", "tie_ref", "23843000000000000", "variant_id", d.Find("input[name=variant_id]").AttrOr("value", ""))
		if n := d.Find("main tbody tr").Length(); n != 1 {
			t.Errorf("%d ties are left, want 1", n)
		}
		if tied, err := s.store.Tied(ctx, pageID, models.TiePost, "122000000000000"); err != nil || len(tied) != 1 || tied[0].ID != v.ID {
			t.Errorf("the post is tied to %v, %v", tied, err)
		}
		if d := s.as(models.RoleViewer).shows(t, path); d.Find("main form").Length() != 0 {
			t.Error("a viewer is offered a form")
		}
	})
}

func TestAssumptionsScreen(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		d := s.as(models.RoleViewer).shows(t, "/pages/assumptions")
		if got, want := d.Find("main section").Length(), len(models.Assumptions()); got != want {
			t.Errorf("%d assumptions are shown, want %d", got, want)
		}
		for _, a := range models.Assumptions() {
			if a.Setting != "" && s.as(models.RoleOwner).shows(t, "/pages/"+pageID).Find("[name="+a.Setting+"]").Length() != 1 {
				t.Errorf("%s is changed by %s, which the settings do not have", a.ID, a.Setting)
			}
		}
	})
}

// TestWindowsFromBytes takes webhooks as they were recorded, from the signature to the window (rules 2.2 and 2.3).
func TestWindowsFromBytes(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		ctx := context.Background()
		names := strings.NewReplacer(`"<PAGE_ID>"`, `"`+pageID+`"`, `"PAGE-ID"`, `"`+pageID+`"`, `"id":"101"`, `"id":"`+pageID+`"`, `"id":"3"`, `"id":"`+pageID+`"`,
			`"101000000000000"`, `"`+pageID+`"`)
		for _, test := range []struct {
			file, psid string
			opens      bool
		}{
			{"message-with-ads-referral", "<PSID>", true},
			{"message-quick_reply", "1010000000000000", true},
			{"referral-mme-existing-thread", "PSID", true},
			{"reaction", "<PSID>", true},
			{"message-from-guest", models.GuestPSID("guest-7"), true},
			{"optin-send-to-messenger-plugin", models.GuestPSID("UNIQUE_REF_PARAM"), true},
			{"referral-ads", "<PSID>", false},
			{"referral-lead-complete.seconds-timestamp", "1020000000000000", false},
			{"reaction-unreact", "202", false},
			{"read", "<PSID>", false},
			{"delivery", "<PSID>", false},
			{"message-echo", "<PSID>", false},
			{"standby-echo", "<PSID>", false},
			{"message_edit", "<PSID>", false},
			{"message-unsent", "202", false},
			{"optin-recurring-granted", "202", false},
			{"pass_thread_control", "<PSID>", false},
			{"take_thread_control", "202", false},
			{"feed-comment-add.real-2023", "<COMMENTER_PSID_OR_PAGE_ID>", false},
			{"feed-comment-by-page", pageID, false},
		} {
			raw, err := os.ReadFile(filepath.Join("messenger", "testdata", "webhooks", test.file+".json"))
			s.must(err)
			s.must(s.exec("UPDATE contacts SET last_action_at = 0"))
			// The documents give several samples the same message id, which is the same message delivered again.
			body := strings.ReplaceAll(names.Replace(string(raw)), "41d102a3e1ae206a38", test.file)
			s.request("POST", "/webhooks/messenger", body, signed(body)).is(t, 200)
			_, err = s.work.Apply(ctx)
			s.must(err)
			c, err := s.store.ContactByPSID(ctx, pageID, test.psid)
			if test.opens && err != nil {
				t.Errorf("%s: %v", test.file, err)
			}
			if got := err == nil && !c.LastActionAt.IsZero(); got != test.opens {
				t.Errorf("%s opens the window: %v, want %v", test.file, got, test.opens)
			}
		}
	})
}
