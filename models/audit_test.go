package models_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"bentornato/models"
)

func TestChanges(t *testing.T) {
	no, thirty := false, 30
	before := models.Page{ID: "1", Name: "Bottega", Rate: 40, SealedToken: []byte("old"), PausedAt: time.Unix(1, 0),
		Settings: models.PageSettings{QuietFrom: "22:00", AskAbove: 5, RequestTitle: map[string]string{"it": "Torna {product}?"}}}
	after := models.Page{ID: "2", Name: "Bottega Alba", Rate: 40, SealedToken: []byte("new"), PausedAt: time.Unix(2, 0), State: models.PagePaused,
		Settings: models.PageSettings{AskAbove: 7, NewestFirst: true, RequestTitle: map[string]string{"en": "Back?"}}}
	want := []models.AuditChange{
		{Field: "name", Old: "Bottega", New: "Bottega Alba"},
		{Field: "newest_first", New: "yes"},
		{Field: "request_title_it", Old: "Torna {product}?"},
		{Field: "quiet_from", Old: "22:00"},
		{Field: "ask_above", Old: "5", New: "7"},
		{Field: "request_title_en", New: "Back?"},
	}
	got := models.Changes(before, after, "State")
	for _, w := range want {
		found := false
		for _, g := range got {
			found = found || g == w
		}
		if !found {
			t.Errorf("%+v is missing", w)
		}
	}
	if len(got) != len(want) {
		t.Errorf("got %d changes, want %d: %+v", len(got), len(want), got)
	}
	if got := models.Changes(before, before); got != nil {
		t.Errorf("nothing differs, and %+v is found", got)
	}
	was := models.Variant{ImageURL: "https://a.example/" + strings.Repeat("x", 300), SKU: "A"}
	is := models.Variant{SKU: "B", Rules: models.VariantRules{HoldDownSeconds: &thirty, NewestFirst: &no}}
	fields := map[string]models.AuditChange{}
	for _, c := range models.Changes(was, is) {
		fields[c.Field] = c
	}
	if d := cmp.Diff(models.AuditChange{Field: "hold_down_seconds", New: "30"}, fields["hold_down_seconds"]); d != "" {
		t.Error(d)
	}
	if fields["newest_first"].New != "no" || fields["sku"].New != "B" || len([]rune(fields["image_url"].Old)) > 200 || len(fields) != 4 {
		t.Errorf("got %+v", fields)
	}
}

func TestActor(t *testing.T) {
	if got := models.ActorOf(context.Background()); got != (models.Actor{}) {
		t.Errorf("nobody is %+v", got)
	}
	anna := models.Actor{Kind: models.ActorUser, ID: 3, Name: "anna@shop.example"}
	if got := models.ActorOf(models.WithActor(context.Background(), anna)); got != anna {
		t.Errorf("got %+v", got)
	}
}
