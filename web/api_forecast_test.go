package web_test

import (
	"context"
	"fmt"
	"testing"

	"bentornato/models"
)

// lefts names who is left out in an answer: reason=tokens.
func lefts(list any) string {
	out := ""
	for _, l := range list.([]any) {
		m := l.(map[string]any)
		out += fmt.Sprintf("%v=%v ", m["reason"], m["tokens"])
	}
	return out
}

func TestAPIForecast(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.addPage(pageID, func(p *models.Page) { p.Settings.AskAbove = 7 })
		v := s.product(pageID, "MUG", 0)
		for i := range 20 {
			s.token(v, fmt.Sprint(2000+i))
		}
		s.call("PUT", "/products/MUG", `{"title":"Tazza","tokens_per_unit":2}`).is(t, 200)
		s.unchanged(func() {
			got := s.call("GET", "/products/MUG/forecast?available=4", "").is(t, 200).json(t)
			for name, want := range map[string]any{"sku": "MUG", "page_id": pageID, "available": 4.0, "waiting": 20.0, "starts": true, "blocked": nil, "problem": nil,
				"needs_ok": true, "tokens": 20.0, "tokens_now": 8.0, "tokens_per_wave": 8.0, "waves": 3.0, "waves_at_least": false, "rate": 40.0, "duration_seconds": 3600.1} {
				if got[name] != want {
					t.Errorf("%s is %v, want %v", name, got[name], want)
				}
			}
			if got["starts_at"] == nil || got["first_wave_ends_at"] == nil || got["ends_at"] == nil {
				t.Errorf("no times: %v", got)
			}
			if out := lefts(got["left_out"]); out != "wave=12 " {
				t.Errorf("left out are %s", out)
			}
			got = s.call("GET", "/products/MUG/forecast?in_stock=true", "").is(t, 200).json(t)
			if got["available"] != nil || got["tokens_now"] != 20.0 || got["tokens_per_wave"] != nil || got["waves"] != 1.0 {
				t.Errorf("a stock that nobody counted reads %v", got)
			}
			got = s.call("GET", "/products/MUG/forecast?available=0", "").is(t, 200).json(t)
			if got["starts"] != false || got["blocked"] != "sold_out" || got["starts_at"] != nil || got["duration_seconds"] != nil || lefts(got["left_out"]) != "sold_out=20 " {
				t.Errorf("nothing in stock reads %v", got)
			}
			// Requests that the document forbids, past its own checks.
			for _, q := range []string{"", "?available=-1", "?available=many", "?in_stock=perhaps", "?available=99999999999"} {
				s.request("GET", "/api/v1/products/MUG/forecast"+q, "", bearer(s.key)).problem(t, 400)
			}
			s.call("GET", "/products/NONE/forecast?available=1", "").problem(t, 404)
		})

		// The same of the restock itself, until it spends something.
		s.call("POST", "/products/MUG/stock", `{"available":4}`).is(t, 200)
		r := items(t, s.call("GET", "/restocks?sku=MUG", ""))[0]
		if r["state"] != "needs_ok" || r["forecast"] != nil {
			t.Errorf("in a list it reads %v", r)
		}
		path := fmt.Sprintf("/restocks/%v", r["id"])
		f, _ := s.call("GET", path, "").is(t, 200).json(t)["forecast"].(map[string]any)
		if f["needs_ok"] != true || f["tokens_now"] != 8.0 || f["waves"] != 3.0 {
			t.Errorf("before the OK it would %v", f)
		}
		f, _ = s.call("POST", path+"/approve", "").is(t, 200).json(t)["forecast"].(map[string]any)
		if f["needs_ok"] != false || f["tokens_now"] != 8.0 {
			t.Errorf("after the OK it would %v", f)
		}
		s.must(s.work.PausePage(context.Background(), pageID))
		f, _ = s.call("GET", path, "").is(t, 200).json(t)["forecast"].(map[string]any)
		if f["blocked"] != "page_paused" || f["tokens"] != 20.0 || f["tokens_now"] != 0.0 || lefts(f["left_out"]) != "page_paused=20 " {
			t.Errorf("while the Page is paused it would %v", f)
		}
		s.must(s.work.ResumePage(context.Background(), pageID))
		if n := s.notify(models.Answer{Outcome: models.OutcomeSent, MessageID: "m"}); n != 8 {
			t.Fatalf("%d were told, want 8 as forecast", n)
		}
		if got := s.call("GET", path, "").is(t, 200).json(t); got["forecast"] != nil {
			t.Errorf("once it began it still says what it would do: %v", got["forecast"])
		}
	})
}
