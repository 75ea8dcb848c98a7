package models

import (
	"errors"
	"strings"
	"testing"
	"time"
)

func TestFill(t *testing.T) {
	for _, c := range []struct{ text, name, product, want string }{
		{"Ciao {name}, {product} arriva lunedì.", "Anna Maria Verdi", "Tazza Alba blu", "Ciao Anna, Tazza Alba blu arriva lunedì."},
		{"Ciao {name}, grazie!", "", "", "Ciao, grazie!"},
		{"{name}, grazie!\n{name}: a presto", "  ", "", "grazie!\na presto"},
		{"{product} costa 12 €", "Anna", "", "{product} costa 12 €"},
		{"Niente da riempire\n\nqui", "Anna", "Tazza", "Niente da riempire\n\nqui"},
		// What is filled in is not read again.
		{"Ciao {name}", "{product}", "Tazza", "Ciao {product}"},
	} {
		if got := (SavedReply{Text: c.text}).Fill(c.name, c.product); got != c.want {
			t.Errorf("%q for %q and %q: %q, want %q", c.text, c.name, c.product, got, c.want)
		}
	}
}

func TestOpenPlace(t *testing.T) {
	for text, want := range map[string]string{"Ciao": "", "Ciao {name}": PlaceName, "{name}, {product}": PlaceProduct, "{other}": ""} {
		if got := OpenPlace(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestValidateSavedReply(t *testing.T) {
	good := SavedReply{Language: "it", Title: "Spedizione", Text: "Spediamo in 2 giorni."}
	for field, change := range map[string]func(*SavedReply){
		"":            func(*SavedReply) {},
		"reply_title": func(r *SavedReply) { r.Title = " " },
		"text":        func(r *SavedReply) { r.Text = strings.Repeat("à", MaxText+1) },
		"locale":      func(r *SavedReply) { r.Language = "fr" },
	} {
		r := good
		change(&r)
		err := ValidateSavedReply(r)
		if field == "" {
			if err != nil {
				t.Error(err)
			}
			continue
		}
		var e *Error
		if !errors.As(err, &e) || e.Field != field {
			t.Errorf("%s: %v", field, err)
		}
	}
	good.Title, good.Text = strings.Repeat("è", MaxSavedReplyTitle), strings.Repeat("à", MaxText)
	if err := ValidateSavedReply(good); err != nil {
		t.Errorf("characters are counted, not bytes: %v", err)
	}
}

func TestReplyAs(t *testing.T) {
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		name    string
		ago     time.Duration
		paused  bool
		kind    SendKind
		allowed bool
		reason  PolicyReason
	}{
		{"inside the window", 23*time.Hour + 57*time.Minute, false, SendReply, true, ""},
		{"in the window's margin a person's own words go as a person's", 24*time.Hour - time.Minute, false, SendHumanAgent, true, ""},
		{"after it", 25 * time.Hour, false, SendHumanAgent, true, ""},
		{"in the last margin", 7*24*time.Hour - time.Minute, false, SendHumanAgent, false, ReasonWindowEndNear},
		{"after all", 7 * 24 * time.Hour, false, SendHumanAgent, false, ReasonHumanClosed},
		{"a paused Page", time.Hour, true, SendHumanAgent, false, ReasonPagePaused},
	} {
		page := Page{State: PageActive}
		if c.paused {
			page.State = PagePaused
		}
		kind, answer := ReplyAs(page, PageHealth{}, Contact{LastActionAt: now.Add(-c.ago)}, now)
		if kind != c.kind || answer.Allowed != c.allowed || answer.Reason != c.reason {
			t.Errorf("%s: %s %+v", c.name, kind, answer)
		}
	}
	if _, answer := ReplyAs(Page{}, PageHealth{}, Contact{}, now); answer.Reason != ReasonNeverWrote {
		t.Errorf("who never wrote: %+v", answer)
	}
}
