package web_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"bentornato/models"
	"bentornato/models/store/storetest"
	"bentornato/views"
	"bentornato/web/inventory"
)

// sourceOn adds a source and returns it with its secret.
func (s *site) sourceOn(kind models.SourceKind, page string) (models.Source, string) {
	s.t.Helper()
	secret, err := inventory.NewSecret(kind)
	s.must(err)
	source, err := s.work.AddSource(context.Background(), models.Source{Kind: kind, Name: "Cassa", PageID: page}, secret)
	s.must(err)
	return source, secret
}

// deliver sends a stock report of one SKU as the generic source's system would.
func (s *site) deliver(source models.Source, secret, sku string, n int) answer {
	s.t.Helper()
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
	s.must(err)
	body := stockAt(s.clock.Now(), sku, n)
	return s.request("POST", "/webhooks/inventory/"+source.ID, body, standard(string(key), fmt.Sprintf("msg_%s_%d", sku, n), s.clock.Now(), body))
}

func TestSourceSecret(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		ctx := context.Background()
		s.product(pageID, "MUG-BLUE", 0)
		source, first := s.sourceOn(inventory.Generic, pageID)
		path := "/sources/" + source.ID
		b := s.as(models.RoleOwner)
		a := b.visit("POST", path+"/secret", "")
		b.leads(t, a, path)
		d := b.shows(t, path)
		second := d.Find("#source-secret").AttrOr("value", "")
		if !strings.HasPrefix(second, "whsec_") || second == first {
			t.Fatalf("the new secret is shown as %q", second)
		}
		if b.shows(t, path).Find("#source-secret").Length() != 0 {
			t.Error("it is shown a second time")
		}
		for _, secret := range []string{first, second} {
			s.deliver(source, secret, "MUG-BLUE", 2).is(t, 202)
		}
		b.send(t, path+"/secret/end")
		s.deliver(source, first, "MUG-BLUE", 2).is(t, 401)
		s.deliver(source, second, "MUG-BLUE", 2).is(t, 202)
		b.leads(t, b.visit("POST", path+"/secret", values("secret", "no secret")), path)
		if b.shows(t, path).Find(".notice-wrong").Length() == 0 {
			t.Error("nothing says that the secret is none")
		}
		if secrets, err := s.store.SourceSecrets(must(s.store.Source(ctx, source.ID))); err != nil || len(secrets) != 1 {
			t.Errorf("%d secrets are good: %v", len(secrets), err)
		}
		for _, role := range []models.Role{models.RoleViewer, models.RoleStaff} {
			other := s.as(role)
			for _, path := range []string{path, path + "/secret", path + "/secret/end", path + "/delete", path + "/poll", path + "/poll/delete"} {
				other.visit("POST", path, values("confirm", "yes")).is(t, 403)
			}
		}
	})
}

// TestSourceAddress shows an owner the address with the key in it, of a system that cannot sign, and nobody else.
func TestSourceAddress(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		source, secret := s.sourceOn(inventory.Odoo, pageID)
		path := "/sources/" + source.ID
		for role, keyed := range map[models.Role]bool{models.RoleOwner: true, models.RoleStaff: false, models.RoleViewer: false} {
			d := s.as(role).shows(t, path)
			if got := strings.HasSuffix(d.Find("#source-url").AttrOr("value", ""), source.ID+"?key="+secret); got != keyed {
				t.Errorf("to a %s the address is %q", role, d.Find("#source-url").AttrOr("value", ""))
			}
			if whole, err := d.Html(); err != nil || strings.Contains(whole, secret) != keyed {
				t.Errorf("a %s sees the key: %t, %v", role, !keyed, err)
			}
		}
	})
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func TestSourceSettings(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		ctx := context.Background()
		source, _ := s.sourceOn(inventory.WooCommerce, pageID)
		path := "/sources/" + source.ID
		b := s.as(models.RoleOwner)
		for _, test := range []struct{ field, name, currency string }{{"name", " ", "EUR"}, {"name", strings.Repeat("x", 81), ""}, {"currency", "Negozio", "EURO"}} {
			d := b.fails(t, 422, path, "name", test.name, "currency", test.currency)
			wrongField(t, d, test.field)
			kept(t, d, "name", strings.TrimSpace(test.name), "currency", test.currency)
		}
		b.send(t, path, "name", "Negozio", "currency", "gbp")
		if got := must(s.store.Source(ctx, source.ID)); got.Name != "Negozio" || got.Currency != "GBP" || got.AddsProducts {
			t.Errorf("the source is %+v", got)
		}
		good := map[string]string{"address": "https://shop.example", "account": "ck_1", "access": "cs_1", "minutes": "15", "locations": ""}
		for _, test := range []struct{ field, value string }{{"address", "http://shop.example"}, {"address", ""}, {"account", ""}, {"access", ""}, {"minutes", "x"}, {"minutes", "1441"}} {
			var pairs []string
			for name, value := range good {
				if name == test.field {
					value = test.value
				}
				pairs = append(pairs, name, value)
			}
			wrongField(t, b.fails(t, 422, path+"/poll", pairs...), test.field)
			if p := must(s.store.Poll(ctx, source.ID)); p.SourceID != "" {
				t.Fatalf("a wrong %s is saved", test.field)
			}
		}
		d := b.send(t, path+"/poll", "address", "https://shop.example", "account", "ck_1", "access", "cs_1", "minutes", "15")
		if html, _ := d.Html(); strings.Contains(html, "cs_1") {
			t.Error("the access token is shown")
		}
		p := must(s.store.Poll(ctx, source.ID))
		if token, err := s.store.PollAccess(p); err != nil || token != "cs_1" || p.Minutes != 15 {
			t.Errorf("the poll is %+v with %q, %v", p, token, err)
		}
		// The token stays where it is not typed anew, and goes to no other address.
		b.send(t, path+"/poll", "address", "https://shop.example", "account", "ck_2", "minutes", "0")
		wrongField(t, b.fails(t, 422, path+"/poll", "address", "https://evil.example", "account", "ck_2"), "access")
		if p = must(s.store.Poll(ctx, source.ID)); p.Account != "ck_2" || p.Address != "https://shop.example" {
			t.Errorf("the poll is %+v", p)
		}
		b.send(t, path+"/poll/now")
		if p = must(s.store.Poll(ctx, source.ID)); p.NextAt.IsZero() {
			t.Error("nothing is asked")
		}
		b.send(t, path+"/poll/delete")
		if p = must(s.store.Poll(ctx, source.ID)); p.SourceID != "" {
			t.Error("the token is still there")
		}
		b.leads(t, b.visit("POST", path+"/delete", ""), path)
		if b.shows(t, path).Find(".notice-wrong").Length() == 0 {
			t.Error("nothing says that the box is to be ticked")
		}
		if _, err := s.store.Source(ctx, source.ID); err != nil {
			t.Errorf("deleted without a word: %v", err)
		}
		b.leads(t, b.visit("POST", path+"/delete", values("confirm", "yes")), "/sources")
		b.visit("GET", path, "").is(t, 404)
	})
}

func TestSourceCalls(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		ctx := context.Background()
		v := s.product(pageID, "MUG-BLUE", 0)
		source, secret := s.sourceOn(inventory.Generic, pageID)
		path := "/sources/" + source.ID
		s.deliver(source, "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=", "MUG-BLUE", 9).is(t, 401)
		s.deliver(source, secret, "MUG-BLUE", 3).is(t, 202)
		s.clock.Advance(time.Second)
		s.deliver(source, secret, "SUP-0099", 4).is(t, 202)
		b := s.as(models.RoleStaff)
		holds(t, b.shows(t, path).Find("[aria-labelledby=events]"), "The signature is missing or wrong.", "unknown: 1", "applied: 1")
		list, _, err := s.store.Deliveries(ctx, source.ID, 9, "")
		s.must(err)
		if len(list) != 3 || list[2].Outcome != models.DeliveryRefused || list[2].Replayable() || !list[1].Replayable() {
			t.Fatalf("kept %+v", list)
		}
		b.visit("GET", path+"/events/999", "").is(t, 404)
		b.visit("GET", path+"/events/x", "").is(t, 404)
		other, _ := s.sourceOn(inventory.Generic, "")
		b.visit("GET", fmt.Sprintf("/sources/%s/events/%d", other.ID, list[1].ID), "").is(t, 404)
		b.visit("POST", fmt.Sprintf("%s/events/%d/replay", path, list[2].ID), "").is(t, 404)

		// The SKU is tied to a product, which then has what was reported of it; a later report reaches it.
		d := b.shows(t, path)
		if d.Find("#our-skus option[value=MUG-BLUE]").Length() != 1 {
			t.Error("the product is no choice")
		}
		if d = b.fails(t, 422, path+"/aliases", "sku", "SUP-0099", "variant", "NOTHING"); d.Find("#our-0").AttrOr("value", "") != "NOTHING" {
			t.Error("what was typed is gone")
		}
		b.send(t, path+"/aliases", "sku", "SUP-0099", "variant", "MUG-BLUE")
		if got := must(s.store.Variant(ctx, v.ID)); got.Available != 4 {
			t.Errorf("the product has %d, want what was reported", got.Available)
		}
		s.clock.Advance(time.Second)
		s.deliver(source, secret, "SUP-0099", 6).is(t, 202)
		if got := must(s.store.Variant(ctx, v.ID)); got.Available != 6 {
			t.Errorf("the product has %d, want 6", got.Available)
		}
		// The first call is older than what is known: looking says so and changes nothing, and doing it neither.
		s.unchanged(func() {
			holds(t, b.shows(t, fmt.Sprintf("%s/events/%d", path, list[1].ID)).Find("[aria-labelledby=would]"), "Older")
		})
		d = b.send(t, fmt.Sprintf("%s/events/%d/replay", path, list[1].ID))
		holds(t, d.Find("main"), "Applied again", "Older")
		if got := must(s.store.Variant(ctx, v.ID)); got.Available != 6 {
			t.Errorf("a replay of an old call leaves %d", got.Available)
		}
		b.send(t, path+"/aliases/delete", "sku", "SUP-0099")
		s.deliver(source, secret, "SUP-0099", 1).is(t, 202).contains(t, `"unknown":["SUP-0099"]`)
		viewer := s.as(models.RoleViewer)
		for _, path := range []string{path + "/aliases", path + "/aliases/delete", path + "/test", path + "/poll/now", fmt.Sprintf("%s/events/%d/replay", path, list[1].ID)} {
			viewer.visit("POST", path, "").is(t, 403)
		}
		viewer.shows(t, fmt.Sprintf("%s/events/%d", path, list[1].ID))
	})
}

// TestSourceTestEvent sends each system's signed example through the real door. It changes no product.
func TestSourceTestEvent(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		ctx := context.Background()
		s.product(pageID, "MUG-BLUE", 1)
		b := s.as(models.RoleStaff)
		for _, kind := range inventory.Kinds() {
			source, _ := s.sourceOn(kind, pageID)
			if !inventory.Testable(kind) {
				if b.shows(t, "/sources/"+source.ID).Find("form[action$='/test']").Length() != 0 {
					t.Errorf("%s offers a test event", kind)
				}
				continue
			}
			d := b.send(t, "/sources/"+source.ID+"/test")
			if d.Find(".notice-wrong").Length() != 0 {
				t.Errorf("%s: %s", kind, d.Find(".notice-wrong").Text())
			}
			list, _, err := s.store.Deliveries(ctx, source.ID, 9, "")
			s.must(err)
			if len(list) != 1 || list[0].Origin != models.ByTest || list[0].Outcome == models.DeliveryRefused {
				t.Errorf("%s: kept %+v", kind, list)
			}
			if unknown, err := s.store.UnknownSKUs(ctx, source, 9); err != nil || len(unknown) != 0 {
				t.Errorf("%s: the test's SKU is offered to be tied: %v", kind, err)
			}
		}
		all, _, err := s.store.ListVariants(ctx, models.VariantQuery{Limit: 9})
		s.must(err)
		if len(all) != 1 || all[0].Available != 1 {
			t.Errorf("the test events left %+v", all)
		}
	})
}

// TestCodeExamples runs the examples that the admin shows, where their tools are.
func TestCodeExamples(t *testing.T) {
	if testing.Short() {
		t.Skip("runs other programs")
	}
	s := newSite(t, storetest.SQLiteURL(t))
	s.product(pageID, "MUG-BLUE", 0)
	source, secret := s.sourceOn(inventory.Generic, pageID)
	// The examples read the real clock, and so does the door here.
	s.clock.Advance(time.Since(s.clock.Now()))
	server := httptest.NewServer(s.handler)
	defer server.Close()
	for _, e := range views.CodeExamples(server.URL + "/webhooks/inventory/" + source.ID) {
		tool, file := map[string]string{"curl": "bash", "PHP": "php", "Python": "python3", "Google Sheets (Apps Script)": "node"}[e.Name], filepath.Join(t.TempDir(), "example")
		path, err := exec.LookPath(tool)
		if err != nil {
			t.Logf("%s is not tried: there is no %s", e.Name, tool)
			continue
		}
		s.must(os.WriteFile(file, []byte(e.Code), 0o600))
		run := exec.Command(path, file)
		if tool == "node" {
			run = exec.Command(path, filepath.Join("testdata", "apps_script.js"), file)
		}
		run.Env = append(os.Environ(), "BENTORNATO_SECRET="+secret, "no_proxy=127.0.0.1")
		out, err := run.CombinedOutput()
		if tool == "node" && err == nil {
			out = fetched(t, out)
		}
		if err != nil || !strings.Contains(string(out), `"accepted":1`) {
			t.Errorf("%s: %v\n%s", e.Name, err, out)
		}
		if strings.Contains(e.Code, secret) {
			t.Errorf("%s holds the secret", e.Name)
		}
	}
}

// fetched makes the call that the spreadsheet example asked Google to make, and returns the answer.
func fetched(t *testing.T, call []byte) []byte {
	t.Helper()
	var asked struct {
		URL, Method, ContentType, Payload string
		Headers                           map[string]string
	}
	if err := json.Unmarshal(call, &asked); err != nil {
		t.Fatalf("%v in %s", err, call)
	}
	r, err := http.NewRequest(strings.ToUpper(asked.Method), asked.URL, strings.NewReader(asked.Payload))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", asked.ContentType)
	for name, value := range asked.Headers {
		r.Header.Set(name, value)
	}
	a, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Body.Close()
	body, err := io.ReadAll(a.Body)
	if err != nil {
		t.Fatal(err)
	}
	return body
}
