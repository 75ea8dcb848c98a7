package web_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"bentornato/models"
	"bentornato/models/store"
)

func TestAPIToken(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		v := s.product(pageID, "MUG", 0)
		k := s.token(v, "2001")
		path := fmt.Sprintf("/tokens/%d", k.ID)
		got := s.call("GET", path, "").is(t, 200).json(t)
		for name, want := range map[string]any{"id": float64(k.ID), "sku": "MUG", "page_id": pageID, "psid": "2001", "state": "waiting", "reason": nil,
			"granted_at": k.GrantedAt.UTC().Format(time.RFC3339Nano), "expires_at": k.ExpiresAt.UTC().Format(time.RFC3339Nano),
			"why_waiting": "sold_out", "why_until": nil, "attempts": 0.0, "restock_id": nil} {
			if got[name] != want {
				t.Errorf("%s is %v, want %v", name, got[name], want)
			}
		}
		if list, ok := got["attempt_list"].([]any); !ok || len(list) != 0 {
			t.Errorf("the attempts are %v, want none", got["attempt_list"])
		}
		s.call("POST", "/products/MUG/stock", `{"available":1}`).is(t, 200)
		claimed, err := s.store.Claim(context.Background(), store.ClaimQuery{PageID: pageID, Horizon: time.Second, Lease: time.Minute, Max: 10})
		s.must(err)
		if len(claimed.Tokens) != 1 {
			t.Fatalf("%d tokens were claimed, want 1", len(claimed.Tokens))
		}
		a := s.call("GET", path, "").is(t, 200)
		got = a.json(t)
		if list, _ := got["attempt_list"].([]any); got["state"] != "claimed" || got["why_waiting"] != nil || got["attempts"] != 1.0 || len(list) != 1 {
			t.Errorf("a claimed token reads %s", a.body)
		}
		for _, body := range []string{a.body, s.call("GET", "/tokens", "").body, s.call("GET", "/contacts/2001/dossier", "").body} {
			if strings.Contains(body, "secret token") || strings.Contains(body, "sealed") || strings.Contains(body, "hash") {
				t.Errorf("the token itself is in the answer: %s", body)
			}
		}
		s.call("GET", "/tokens/999999", "").problem(t, 404)
		s.request("GET", "/api/v1/tokens/first", "", bearer(s.key)).problem(t, 404)
	})
}

func TestAPIRestock(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		v := s.product(pageID, "MUG", 0)
		for i := range 40 {
			s.token(v, fmt.Sprint(2000+i))
		}
		s.call("POST", "/products/MUG/stock", `{"available":9}`).is(t, 200)
		r := items(t, s.call("GET", "/restocks?sku=MUG", ""))[0]
		path := fmt.Sprintf("/restocks/%v", r["id"])
		counts := r["counts"].(map[string]any)
		if r["state"] != "running" || r["quantity"] != 9.0 || r["rate"] != 40.0 || counts["waiting"] != 40.0 || r["estimated_end"] == nil {
			t.Errorf("a running restock reads %v", r)
		}
		woken := s.wakes.woken.Load()
		for _, step := range []struct {
			act    string
			status int
			state  string
		}{
			{"resume", 200, "running"}, // it runs already
			{"approve", 409, "running"},
			{"pause", 200, "paused"},
			{"pause", 200, "paused"},
			{"resume", 200, "running"},
			{"cancel", 200, "cancelled"},
			{"cancel", 200, "cancelled"},
			{"resume", 409, "cancelled"},
			{"pause", 409, "cancelled"},
			{"approve", 409, "cancelled"},
		} {
			a := s.call("POST", path+"/"+step.act, "")
			if step.status == 200 {
				if got := a.is(t, 200).json(t); got["state"] != step.state {
					t.Errorf("after %s it is %v, want %s", step.act, got["state"], step.state)
				}
			} else {
				a.problem(t, step.status)
			}
			if got := s.call("GET", path, "").json(t); got["state"] != step.state {
				t.Errorf("after %s it is %v, want %s", step.act, got["state"], step.state)
			}
		}
		if s.wakes.woken.Load() == woken {
			t.Error("nobody told the dispatcher")
		}
		over := s.call("GET", path, "").json(t)
		if over["counts"].(map[string]any)["waiting"] != 0.0 || over["estimated_end"] != nil {
			t.Errorf("a restock that is over reads %v", over)
		}
		s.unchanged(func() {
			s.call("GET", "/restocks/99999", "").problem(t, 404)
			s.call("POST", "/restocks/99999/pause", "").problem(t, 404)
			s.call("POST", "/restocks/99999/approve", "").problem(t, 404)
		})
	})
}

func TestAPIApproval(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.addPage(pageID, func(p *models.Page) { p.Settings.AskAbove = 1 })
		v := s.product(pageID, "MUG", 0)
		s.token(v, "2001")
		k := s.token(v, "2002")
		s.call("POST", "/products/MUG/stock", `{"in_stock":true}`).is(t, 200)
		r := items(t, s.call("GET", "/restocks?state=needs_ok", ""))[0]
		if r["quantity"] != nil {
			t.Errorf("an unknown quantity reads %v", r["quantity"])
		}
		if why := s.call("GET", fmt.Sprintf("/tokens/%d", k.ID), "").json(t)["why_waiting"]; why != "needs_ok" {
			t.Errorf("the token waits for %v, want needs_ok", why)
		}
		if got := s.call("POST", fmt.Sprintf("/restocks/%v/approve", r["id"]), "").is(t, 200).json(t); got["state"] != "running" {
			t.Errorf("after the OK it is %v", got["state"])
		}
	})
}

func TestAPIContact(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		ctx := context.Background()
		v := s.product(pageID, "MUG", 0)
		// The person asks by a link, is asked, and taps.
		ask := `{"object":"page","entry":[{"id":"` + pageID + `","time":1,"messaging":[{"sender":{"id":"2001"},"recipient":{"id":"` + pageID + `"},"timestamp":` +
			fmt.Sprint(s.clock.Now().UnixMilli()) + `,"referral":{"ref":"` + v.Ref + `","source":"SHORTLINK","type":"OPEN_THREAD"}}]}]}`
		s.request("POST", "/webhooks/messenger", ask, signed(ask)).is(t, 200)
		_, err := s.work.Apply(ctx)
		s.must(err)
		k := s.token(v, "2001")
		d := s.call("GET", "/contacts/2001/dossier?page_id="+pageID, "").is(t, 200).json(t)
		contact := d["contact"].(map[string]any)
		if contact["psid"] != "2001" || contact["window_until"] == nil || contact["stopped_at"] != nil {
			t.Errorf("the contact reads %v", contact)
		}
		interests, requests, tokens := d["interests"].([]any), d["requests"].([]any), d["tokens"].([]any)
		if len(interests) != 1 || len(requests) != 1 || len(tokens) != 1 {
			t.Fatalf("the dossier holds %d interests, %d requests and %d tokens, want 1 of each", len(interests), len(requests), len(tokens))
		}
		if got := interests[0].(map[string]any); got["sku"] != "MUG" || got["source"] != "ref" {
			t.Errorf("the interest reads %v", got)
		}
		if got := requests[0].(map[string]any); got["words"] != "Ti avviso quando torna Tazza MUG?" || got["sku"] != "MUG" || got["state"] != "queued" {
			t.Errorf("the request reads %v", got)
		}
		if got := tokens[0].(map[string]any); got["id"] != float64(k.ID) || got["sku"] != "MUG" {
			t.Errorf("the token reads %v", got)
		}

		s.addPage(otherPage, nil)
		s.token(s.product(otherPage, "MUG", 0), "2001")
		s.unchanged(func() {
			s.call("GET", "/contacts/2001/dossier", "").problem(t, 409)
			s.call("DELETE", "/contacts/2001", "").problem(t, 409)
			s.call("GET", "/contacts/9999/dossier", "").problem(t, 404)
			s.call("DELETE", "/contacts/9999?page_id="+pageID, "").problem(t, 404)
			s.call("GET", "/contacts/2001/dossier?page_id=404", "").problem(t, 404)
		})
		a := s.call("DELETE", "/contacts/2001?page_id="+pageID, "").is(t, 204)
		s.call("GET", "/contacts/2001/dossier?page_id="+pageID, "").problem(t, 404)
		s.call("GET", "/contacts/2001/dossier", "").is(t, 200) // the other Page's person
		status := strings.TrimPrefix(a.Header.Get("Location"), baseURL)
		s.request("GET", status, "").is(t, 200).contains(t, strings.TrimPrefix(status, "/data-deletion/"))
		if k, err = s.store.Token(ctx, k.ID); err != nil || k.State != models.TokenWithdrawn {
			t.Errorf("the token is %s, want withdrawn: %v", k.State, err)
		}
	})
}

func TestAPIStats(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		v := s.product(pageID, "MUG", 0)
		s.token(v, "2001")
		s.call("POST", "/products/MUG/stock", `{"available":1}`).is(t, 200)
		s.must(s.work.PausePage(context.Background(), pageID))
		got := s.call("GET", "/stats", "").is(t, 200).json(t)
		tokens := got["tokens"].(map[string]any)
		if got["contacts"] != 1.0 || got["restocks_running"] != 1.0 || tokens["waiting"] != 1.0 || tokens["sent"] != 0.0 || len(tokens) != len(models.TokenStates) {
			t.Errorf("the totals read %v", got)
		}
		pages := got["pages"].([]any)
		want := map[string]any{"id": pageID, "name": "Shop 1", "state": "paused", "reason": "merchant"}
		if len(pages) != 1 || fmt.Sprint(pages[0]) != fmt.Sprint(want) {
			t.Errorf("the Pages read %v, want %v", pages, want)
		}
		names := []string{}
		for name := range got {
			names = append(names, name)
		}
		slices.Sort(names)
		if strings.Join(names, " ") != "contacts interests pages requests restocks_running tokens" {
			t.Errorf("the totals are %v", names)
		}
	})
}
