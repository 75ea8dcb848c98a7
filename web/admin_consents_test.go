package web_test

import (
	"encoding/csv"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"bentornato/models"
)

// TestConsentsExport downloads everything that people allowed, with the tokens only by an owner's own choice, and notes it.
func TestConsentsExport(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		v := s.product(pageID, "MUG-BLUE", 0)
		s.token(v, "24000000000001")
		path := "/pages/" + pageID + "/consents"
		b := s.as(models.RoleOwner)
		d := b.shows(t, path)
		holds(t, d.Find("main"), "It was not read yet.")
		if d.Find("input[name=tokens]").Is("[checked]") {
			t.Error("the tokens go along unless somebody says no")
		}

		a := b.visit("POST", path+"/export", values("format", "csv")).is(t, 200)
		rows, err := csv.NewReader(strings.NewReader(a.body)).ReadAll()
		if err != nil || len(rows) < 2 || !slices.Equal(rows[0], models.ConsentColumns()) {
			t.Fatalf("the file is %q, %v", a.body, err)
		}
		token := slices.Index(rows[0], "token")
		if rows[1][0] != "one_time" || rows[1][3] != "24000000000001" || rows[1][token] != "" || a.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("the first line is %q", rows[1])
		}
		a = b.visit("POST", path+"/export", values("format", "jsonl", "tokens", "yes")).is(t, 200)
		var first models.Consent
		if err := json.Unmarshal([]byte(strings.SplitN(a.body, "\n", 2)[0]), &first); err != nil || first.Token == "" || first.Kind != models.ConsentOneTime {
			t.Errorf("the first line is %+v, %v", first.ID, err)
		}
		if strings.Contains(s.logs.String(), first.Token) {
			t.Error("a token stands in the log")
		}
		b.visit("POST", path+"/export", values("format", "xml")).is(t, http.StatusBadRequest)
		holds(t, b.shows(t, "/settings/audit").Find("main"), "Consents exported, with their tokens", "Consents exported")
		s.as(models.RoleStaff).visit("POST", path+"/export", values("format", "csv")).is(t, http.StatusForbidden)

		// The API hands out the same file.
		const api = "/api/v1/consents/export"
		owner := s.addKey(models.RoleOwner)
		a = s.request("POST", api, `{"page_id":"`+pageID+`","format":"csv"}`, bearer(owner)).is(t, 200)
		again, err := csv.NewReader(strings.NewReader(a.body)).ReadAll()
		if err != nil || len(again) != len(rows) || !slices.Equal(again[1], rows[1]) || a.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("the API's file is %q, %v", a.body, err)
		}
		a = s.request("POST", api, `{"page_id":"`+pageID+`"}`, bearer(owner)).is(t, 200)
		if strings.Contains(a.body, first.Token) || !strings.HasPrefix(a.body, `{"kind":"one_time"`) {
			t.Errorf("unasked, the API answers %q", a.body)
		}
		if a = s.request("POST", api, `{"page_id":"`+pageID+`","with_tokens":true}`, bearer(owner)).is(t, 200); !strings.Contains(a.body, first.Token) {
			t.Error("the tokens are missing")
		}
		for body, status := range map[string]int{
			`{}`: 400, `{"page_id":"999"}`: 404, `{"page_id":"` + pageID + `","format":"xml"}`: 400, `{"page_id":"` + pageID + `","with_tokens":"yes"}`: 400,
			`{"page_id":"` + pageID + `","all":true}`: 400,
		} {
			s.request("POST", api, body, bearer(owner)).problem(t, status)
		}
		s.request("POST", api, `{"page_id":"`+pageID+`"}`, bearer(s.addKey(models.RoleStaff))).problem(t, http.StatusForbidden)
	})
}

// TestConsentsImport asks for the Page's own list to be read, in the background.
func TestConsentsImport(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		path := "/pages/" + pageID + "/consents"
		b := s.as(models.RoleOwner)
		d := b.send(t, path+"/import")
		holds(t, d.Find("main"), "The list is being read.")
		if d.Find("form[action$='/import']").Length() != 0 {
			t.Error("what runs is offered again")
		}
		if _, err := s.work.ImportOptIns(t.Context()); err != nil {
			t.Fatal(err)
		}
		holds(t, b.shows(t, path).Find("main"), "The list was read to its end.", "0 found, 0 of them new.")
	})
}

// TestOptInSetting chooses what people are asked with; what is not a product is refused, and nothing else of the form is lost.
func TestOptInSetting(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		path := "/pages/" + pageID
		b := s.as(models.RoleOwner)
		form := []string{"name", "Bottega", "rate", "40", "locale", "it", "timezone", "Europe/Rome"}
		d := b.fails(t, 422, path, append(form, "opt_in_product", "pigeon")...)
		wrongField(t, d, "opt_in_product")
		d = b.send(t, path, append(form, "opt_in_product", "both")...)
		if got := d.Find("select[name=opt_in_product] option[selected]").AttrOr("value", ""); got != "both" {
			t.Errorf("the form shows %q", got)
		}
		on, err := s.store.Page(t.Context(), pageID)
		if err != nil || on.Settings.OptInProduct != models.OptInBoth {
			t.Errorf("the Page asks with %q, %v", on.Settings.OptInProduct, err)
		}
		b.send(t, path, append(form, "opt_in_product", "one_time_notif_req")...)
		if on, err = s.store.Page(t.Context(), pageID); err != nil || on.Settings.OptInProduct != "" {
			t.Errorf("the default is written as %q, %v", on.Settings.OptInProduct, err)
		}
	})
}
