package main

import (
	"encoding/xml"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"bentornato/models"
	"bentornato/models/store"
	"bentornato/models/store/storetest"
)

// settableClock is a clock that seedExample can set.
type settableClock struct{ now time.Time }

func (c *settableClock) Now() time.Time  { return c.now }
func (c *settableClock) Set(t time.Time) { c.now = t }

// seeded is a database with the example shop, on every kind of database.
func seeded(t *testing.T, test func(t *testing.T, s *store.Store, now time.Time, past examplePast)) {
	t.Helper()
	storetest.EachURL(t, func(t *testing.T, address string) {
		now := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
		c := &settableClock{now}
		s := storetest.Open(t, address, c.Now)
		past, err := seedExample(t.Context(), s, c, exampleOptions{AccessToken: "page-token", BaseURL: "http://127.0.0.1:8080", ShopURL: "http://127.0.0.1:8081/shop"})
		if err != nil {
			t.Fatal(err)
		}
		if !c.now.Equal(now) {
			t.Errorf("the clock stands at %s, want it back at %s", c.now, now)
		}
		test(t, s, now, past)
	})
}

func TestSeedExample(t *testing.T) {
	seeded(t, func(t *testing.T, s *store.Store, now time.Time, past examplePast) {
		ctx := t.Context()
		stats, err := s.Stats(ctx, examplePageID)
		if err != nil {
			t.Fatal(err)
		}
		want := models.Stats{Contacts: 12, Interests: 45, Requests: 41, Running: 1, Tokens: map[models.TokenState]int{
			models.TokenWaiting: 22, models.TokenClaimed: 0, models.TokenUnknown: 0, models.TokenSent: 14, models.TokenFailed: 1,
			models.TokenExpired: 1, models.TokenWithdrawn: 2}}
		if diff := cmp.Diff(want, stats); diff != "" {
			t.Errorf("totals (-want +got):\n%s", diff)
		}

		tokens, _, err := s.Tokens(ctx, models.TokenQuery{Limit: 500}, now)
		if err != nil {
			t.Fatal(err)
		}
		why, unspent := map[models.WaitingReason]int{}, 0
		for _, k := range tokens {
			if k.State == models.TokenWaiting {
				why[k.Why]++
			}
			if k.State != models.TokenSent {
				unspent++
			}
		}
		if diff := cmp.Diff(map[models.WaitingReason]int{models.WaitSoldOut: 18, models.WaitPaused: 3, models.WaitUnassigned: 1}, why); diff != "" {
			t.Errorf("why they wait (-want +got):\n%s", diff)
		}
		if len(past.Tokens) != len(tokens) {
			t.Errorf("the platform is told of %d tokens, and there are %d", len(past.Tokens), len(tokens))
		}
		unspent -= len(past.Tokens)
		for _, m := range past.Messages {
			if m.Kind == models.SendNotification {
				unspent++
			}
		}
		if unspent != 0 {
			t.Errorf("%d more tokens are unspent here than the platform is told", unspent)
		}
		ending, _, err := s.Tokens(ctx, models.TokenQuery{State: models.TokenWaiting, ExpiresBefore: now.Add(30 * day), Limit: 10}, now)
		if err != nil || len(ending) != 2 {
			t.Errorf("%d tokens end within 30 days (error %v), want 2", len(ending), err)
		}
	})
}

func TestSeedExampleRestocks(t *testing.T) {
	seeded(t, func(t *testing.T, s *store.Store, _ time.Time, _ examplePast) {
		rows, _, err := s.Restocks(t.Context(), models.RestockQuery{Limit: 500})
		if err != nil {
			t.Fatal(err)
		}
		type outcome struct {
			State                models.RestockState
			Reason               models.RestockReason
			Sent, Failed, Clicks int
		}
		got := map[string]outcome{}
		for _, r := range rows {
			if r.Taken() > 0 || r.State != models.RestockDone {
				got[r.Variant.SKU] = outcome{r.State, r.Reason, r.Sent, r.Failed, r.Clicks}
			}
		}
		want := map[string]outcome{
			"MOKA":             {models.RestockDone, "", 7, 1, 4},
			"TAZZINE":          {models.RestockStopped, models.RestockSoldOutAgain, 4, 0, 2},
			"COLLANA":          {models.RestockPaused, models.RestockByMerchant, 0, 0, 0},
			"TAZZA-TERRACOTTA": {models.RestockDone, "", 3, 0, 2},
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("restocks that mattered (-want +got):\n%s", diff)
		}
	})
}

// Windows are open, nearly over, and closed; the one who wrote "basta" is left alone; nothing waits to be sent.
func TestSeedExamplePeople(t *testing.T) {
	seeded(t, func(t *testing.T, s *store.Store, now time.Time, past examplePast) {
		ctx := t.Context()
		open, human, soon := 0, 0, 0
		for _, p := range past.People {
			c, err := s.ContactByPSID(ctx, examplePageID, p.PSID)
			if err != nil {
				t.Fatal(err)
			}
			if c.Name != p.Name() || c.Locale != p.Locale || !c.LastActionAt.Equal(p.LastAction) {
				t.Errorf("%s is written down as %+v", p.Name(), c)
			}
			switch left := c.WindowUntil().Sub(now); {
			case left > 2*time.Hour:
				open++
			case left > 0:
				soon++
			case c.HumanAgentUntil().After(now):
				human++
			}
			if stopped := !c.StoppedAt.IsZero(); stopped != (p.examplePerson == tommaso) {
				t.Errorf("%s stopped: %v", p.Name(), stopped)
			}
		}
		if open != 5 || soon != 2 || human < 2 {
			t.Errorf("%d windows open, %d nearly over, %d for a person only; want 5, 2 and at least 2", open, soon, human)
		}
		c, err := s.ContactByPSID(ctx, examplePageID, chiara.PSID)
		if err != nil {
			t.Fatal(err)
		}
		requests, err := s.Requests(ctx, c.ID, 10)
		if err != nil || len(requests) == 0 || requests[0].State != models.RequestSent {
			t.Errorf("Chiara's requests %+v, error %v; want the newest sent and not answered", requests, err)
		}
		asks, next, err := s.AskRows(ctx, models.AskQuery{Limit: 50}, now)
		if err != nil || len(asks) < 2 || next != "" || asks[0].Contact.PSID != sofia.PSID {
			t.Errorf("%d people are to be asked by hand, error %v; want some, Sofia first", len(asks), err)
		}
		work, err := s.PagesWithWork(ctx, now)
		if err != nil || len(work) != 0 {
			t.Errorf("Pages %v still have something to send, error %v", work, err)
		}
		failed, err := s.FailedEvents(ctx, time.Time{})
		if err != nil || failed != 0 {
			t.Errorf("%d events could not be applied, error %v", failed, err)
		}
	})
}

func TestSeedExampleShop(t *testing.T) {
	seeded(t, func(t *testing.T, s *store.Store, now time.Time, _ examplePast) {
		ctx := t.Context()
		count := map[string]int{}
		for _, availability := range []string{"", models.AvailableIn, models.AvailableSoldOut} {
			list, _, err := s.ListVariants(ctx, models.VariantQuery{PageID: examplePageID, Availability: availability, Limit: 500})
			if err != nil {
				t.Fatal(err)
			}
			count[availability] = len(list)
		}
		if want := map[string]int{"": 25, models.AvailableIn: 17, models.AvailableSoldOut: 8}; !cmp.Equal(want, count) {
			t.Errorf("variants by availability %v, want %v", count, want)
		}
		sources, err := s.Sources(ctx)
		if err != nil || len(sources) != 1 || now.Sub(sources[0].LastEventAt) > time.Hour || sources[0].Refused != 0 {
			t.Fatalf("sources %+v, error %v; want one that reported within the hour", sources, err)
		}
		mug, err := s.VariantBySKU(ctx, examplePageID, "TAZZA-BIANCA")
		if err != nil {
			t.Fatal(err)
		}
		var counts []int
		history, err := s.StockHistory(ctx, mug.ID, 500)
		for _, e := range history {
			if e.SourceID == sources[0].ID && e.Outcome == models.ReportApplied {
				counts = append(counts, e.Available)
			}
		}
		if want := []int{6, 7}; err != nil || !cmp.Equal(want, counts) || mug.Available != want[0] {
			t.Errorf("the till counted %v white mugs, the latest first, error %v; want %v", counts, err, want)
		}
	})
}

// A step that fails ends the past with its cause, and says when.
func TestSeedExampleSaysWhenItFailed(t *testing.T) {
	c := &settableClock{time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)}
	s := storetest.Open(t, storetest.SQLiteURL(t), c.Now)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	_, err := seedExample(t.Context(), s, c, exampleOptions{AccessToken: "page-token", BaseURL: "http://127.0.0.1:8080", ShopURL: "http://127.0.0.1:8081/shop"})
	if err == nil || !strings.Contains(err.Error(), "before now") {
		t.Errorf("a closed database: error %v", err)
	}
}

// Every item has a picture that is small and well-formed, and every picture an item.
func TestExamplePictures(t *testing.T) {
	items := map[string]bool{}
	for _, i := range exampleItems() {
		if items[i.slug+".svg"] {
			t.Errorf("two items are called %s", i.slug)
		}
		items[i.slug+".svg"] = true
	}
	pictures, err := fs.ReadDir(ExampleImages(), ".")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range pictures {
		if !items[p.Name()] {
			t.Errorf("%s shows nothing that the shop sells", p.Name())
		}
		delete(items, p.Name())
		data, err := fs.ReadFile(ExampleImages(), p.Name())
		if err != nil {
			t.Fatal(err)
		}
		if len(data) > 3000 || !strings.Contains(string(data), `width="800" height="420"`) {
			t.Errorf("%s has %d bytes, or is not 800 by 420", p.Name(), len(data))
		}
		d := xml.NewDecoder(strings.NewReader(string(data)))
		for {
			if _, err := d.Token(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatalf("%s: %v", p.Name(), err)
			}
		}
	}
	if len(items) > 0 {
		t.Errorf("no picture for %v", items)
	}
}

func TestExampleSite(t *testing.T) {
	for _, tt := range []struct {
		path, kind, holds string
		status            int
	}{
		{"/tazza-blu", "text/html; charset=utf-8", "Tazza Alba (blu)", http.StatusOK},
		{"/tagliere", "text/html; charset=utf-8", "Tagliere in legno d&#39;ulivo", http.StatusOK},
		{"/lampada", "text/html; charset=utf-8", "118,00 €", http.StatusOK},
		{"/images/moka.svg", "image/svg+xml", "<title>Moka</title>", http.StatusOK},
		{"/nothing", "text/plain; charset=utf-8", "404", http.StatusNotFound},
		{"/images/nothing.svg", "text/plain; charset=utf-8", "404", http.StatusNotFound},
	} {
		w := httptest.NewRecorder()
		exampleSite().ServeHTTP(w, httptest.NewRequest(http.MethodGet, tt.path, nil))
		if w.Code != tt.status || w.Header().Get("Content-Type") != tt.kind || !strings.Contains(w.Body.String(), tt.holds) {
			t.Errorf("%s: %d, %s, %.200q; want %d, %s with %q", tt.path, w.Code, w.Header().Get("Content-Type"), w.Body, tt.status, tt.kind, tt.holds)
		}
	}
}
