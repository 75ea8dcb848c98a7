package models_test

import (
	"testing"

	"bentornato/models"
)

func TestParseTie(t *testing.T) {
	for _, tt := range []struct {
		kind       models.TieKind
		text, want string
	}{
		{models.TiePost, "101000000000000_122000000000000", "122000000000000"},
		{models.TiePost, " 122000000000000 ", "122000000000000"},
		{models.TiePost, "https://www.facebook.com/bottega/posts/122000000000000", "122000000000000"},
		{models.TiePost, "https://www.facebook.com/bottega/posts/tazza-alba/122000000000000/?locale=it_IT", "122000000000000"},
		{models.TiePost, "https://www.facebook.com/permalink.php?story_fbid=122000000000000&id=101000000000000", "122000000000000"},
		{models.TiePost, "https://www.facebook.com/photo/?fbid=122000000000000&set=a.1", "122000000000000"},
		{models.TiePost, "https://m.facebook.com/bottega/videos/122000000000000/", "122000000000000"},
		{models.TiePost, "https://www.facebook.com/reel/122000000000000", "122000000000000"},
		{models.TiePost, "https://www.facebook.com/bottega/posts/pfbid02abc", ""},
		{models.TiePost, "la tazza", ""},
		{models.TiePost, "", ""},
		{models.TieAd, "23843000000000000", "23843000000000000"},
		{models.TieAd, "https://www.facebook.com/posts/122000000000000", ""},
	} {
		got, err := models.ParseTie(tt.kind, tt.text)
		if got != tt.want || (err == nil) != (tt.want != "") {
			t.Errorf("ParseTie(%s, %q) = %q, %v, want %q", tt.kind, tt.text, got, err, tt.want)
		}
	}
}

func TestThreadAfter(t *testing.T) {
	const us = "42"
	pass := func(to string) models.Event {
		return models.Event{Kind: models.EventHandover, Action: "pass_thread_control", NewOwner: to}
	}
	take := func(to string) models.Event {
		return models.Event{Kind: models.EventHandover, Action: "take_thread_control", NewOwner: to}
	}
	for _, tt := range []struct {
		name, owner string
		e           models.Event
		app, want   string
	}{
		{"passed to us", "7", pass(us), us, ""},
		{"passed on to another", "", pass("7"), us, "7"},
		{"passed, our number unknown", "7", pass("9"), "", ""},
		{"taken by another", "", take("7"), us, "7"},
		{"taken by the Page's inbox", "", take(""), us, models.ThreadInbox},
		{"taken by the Page's inbox, by its number", "", take("263902037430900"), us, models.ThreadInbox},
		{"taken by us", "7", take(us), us, ""},
		{"asked for", "", models.Event{Kind: models.EventHandover, Action: "request_thread_control"}, us, ""},
		{"words in standby", "", models.Event{Kind: models.EventMessage, Standby: true}, us, models.ThreadOther},
		{"words in standby, the owner known", "7", models.Event{Kind: models.EventMessage, Standby: true}, us, "7"},
		{"words that are ours to answer", "7", models.Event{Kind: models.EventMessage}, us, ""},
		{"a tap that is ours to answer", models.ThreadOther, models.Event{Kind: models.EventPostback}, us, ""},
		{"a reaction says nothing", "7", models.Event{Kind: models.EventReaction}, us, "7"},
	} {
		if got := models.ThreadAfter(tt.owner, tt.e, tt.app); got != tt.want {
			t.Errorf("%s: the owner is %q, want %q", tt.name, got, tt.want)
		}
	}
}
