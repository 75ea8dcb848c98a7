package main

import (
	"testing"
	"time"

	"bentornato/models"
	"bentornato/models/store"
	"bentornato/web/sandbox"
)

// The phones open on the past that the shop remembers: the same words at the same times, cards tapped, tokens spent.
func TestTellSandbox(t *testing.T) {
	seeded(t, func(t *testing.T, s *store.Store, now time.Time, past examplePast) {
		p := sandbox.New(sandbox.Options{Now: func() time.Time { return now }})
		if err := p.AddPage(sandbox.Page{ID: examplePageID, Name: examplePageName, Token: "page-token"}); err != nil {
			t.Fatal(err)
		}
		if err := tellSandbox(p, past, now); err != nil {
			t.Fatal(err)
		}
		cards, tapped := 0, 0
		for _, n := range past.People {
			chat := p.Conversation(examplePageID, n.PSID)
			contact, err := s.ContactByPSID(t.Context(), examplePageID, n.PSID)
			if err != nil {
				t.Fatal(err)
			}
			remembered, err := s.Conversation(t.Context(), contact.ID, 500)
			if err != nil {
				t.Fatal(err)
			}
			at := map[string]time.Time{}
			for _, m := range remembered {
				at[m.MID] = m.At
			}
			notified := 0
			for _, m := range chat {
				switch {
				case m.Via == sandbox.ViaToken:
					notified++ // the shop keeps it as an attempt
					continue
				case m.Template == "one_time_notif_req":
					cards++
					if m.Tapped {
						tapped++
					}
				case m.Text == "" && len(m.Elements) == 0:
					t.Errorf("%s's chat has an empty message %+v", n.Name(), m)
				}
				if !at[m.MID].Equal(m.At) {
					t.Errorf("%s: %q at %s, and the shop remembers %s", n.Name(), m.Text+m.Title, m.At, at[m.MID])
				}
			}
			if len(chat)-notified != len(remembered) || len(chat) == 0 || !chat[0].FromPerson {
				t.Errorf("%s's chat has %d messages without notifications, and the shop remembers %d", n.Name(), len(chat)-notified, len(remembered))
			}
		}
		stats, err := s.Stats(t.Context(), examplePageID)
		if err != nil {
			t.Fatal(err)
		}
		used := 0
		for _, k := range p.Tokens(examplePageID) {
			if !k.Used.IsZero() {
				used++
			}
		}
		// One token came of a request that nobody here made.
		if cards != stats.Requests || tapped != len(past.Tokens)-1 || used != stats.Tokens[models.TokenSent] {
			t.Errorf("%d cards, %d tapped, %d tokens used; the shop made %d requests, has %d tokens and sent %d", cards, tapped, used,
				stats.Requests, len(past.Tokens), stats.Tokens[models.TokenSent])
		}
	})
}
