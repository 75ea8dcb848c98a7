package restock_test

import (
	"strings"
	"testing"
	"time"

	"bentornato/models"
)

// TestUnansweredWords tells what the program answers itself from what is for people: typed words are for the team to read,
// those that the program has nothing to say to are for the team to answer, and taps are neither.
func TestUnansweredWords(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		cup := w.product("TAZZA", "Tazza Alba", 0)
		w.holder("waits", cup)
		for i, c := range []struct {
			what               string
			psid               string
			event              models.Event
			unread, unanswered bool
		}{
			{"words that name nothing", "p1", models.Event{Kind: models.EventMessage, Text: "Fate spedizioni?"}, true, true},
			{"words that are answered with the question", "p2", models.Event{Kind: models.EventMessage, Text: "Avete la tazza alba?"}, true, false},
			{"words of whoever was asked already", "waits", models.Event{Kind: models.EventMessage, Text: "La tazza alba è tornata?"}, true, true},
			{"a photo", "p3", models.Event{Kind: models.EventMessage, Attached: []models.AttachmentKind{models.AttachmentImage}}, true, true},
			{"stop", "p4", models.Event{Kind: models.EventMessage, Text: "stop"}, true, false},
			{"a quick reply", "p5", models.Event{Kind: models.EventMessage, Text: "Altro", Payload: "MENU"}, false, false},
			{"a button", "p6", models.Event{Kind: models.EventPostback, Text: "Inizia", Payload: "GET_STARTED"}, false, false},
			{"a link", "p7", models.Event{Kind: models.EventReferral, Ref: cup.Ref}, false, false},
			{"words where another app has the thread", "p8", models.Event{Kind: models.EventMessage, Text: "tazza alba", Standby: true}, true, true},
		} {
			c.event.PSID, c.event.MID = c.psid, "mid.case."+c.psid
			w.clock.Advance(time.Second)
			w.receive(c.event)
			if got := w.contact(c.psid); got.Unread != c.unread || got.Unanswered != c.unanswered {
				t.Errorf("%d, %s: unread %v, unanswered %v", i, c.what, got.Unread, got.Unanswered)
			}
		}
		for psid, want := range map[string]models.Message{
			"p3": {Attachments: []models.AttachmentKind{models.AttachmentImage}},
			"p5": {Text: "Altro", Reason: models.MessageTap}, "p6": {Text: "Inizia", Reason: models.MessageTap},
		} {
			list, err := w.store.Conversation(w.ctx, w.contact(psid).ID, 1)
			w.must(err)
			if len(list) != 1 || !list[0].Incoming || list[0].Text != want.Text || list[0].Reason != want.Reason || len(list[0].Attachments) != len(want.Attachments) {
				t.Errorf("%s: the conversation holds %+v, want %+v", psid, list, want)
			}
		}
		w.sound()
	})
}

// TestAnsweredElsewhere takes a message from the Page's own inbox for an answer, and one that comes at once, or is our own,
// for none.
func TestAnsweredElsewhere(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.says("p1", "Fate spedizioni?")
		w.clock.Advance(2 * time.Second)
		w.receive(models.Event{Kind: models.EventEcho, PSID: "p1", MID: "m_away", Text: "Siamo chiusi.", AppID: "263902037430900"})
		if c := w.contact("p1"); !c.Unread || !c.Unanswered {
			t.Errorf("an away message counts as an answer: %+v", c)
		}
		w.clock.Advance(time.Minute)
		w.receive(models.Event{Kind: models.EventEcho, PSID: "p1", MID: "m_typed", Text: "Sì, ovunque!", AppID: "263902037430900"})
		if c := w.contact("p1"); c.Unread || c.Unanswered {
			t.Errorf("an answer from the Page's inbox counts for nothing: %+v", c)
		}
		list, err := w.store.Conversation(w.ctx, w.contact("p1").ID, 5)
		w.must(err)
		if len(list) != 3 || !list[0].FromElsewhere() || list[0].Text != "Sì, ovunque!" || list[2].FromElsewhere() {
			t.Errorf("the conversation is %+v", list)
		}
		if found, _, err := w.store.Conversations(w.ctx, models.ConversationQuery{Text: "ovunque", Limit: 5}, w.clock.Now()); err != nil || len(found) != 1 {
			t.Errorf("found %d by what the echo says, error %v", len(found), err)
		}
		w.sound()
	})
}

// TestReplyAnswers clears the marks; words that cannot be sent are refused, and change nothing.
func TestReplyAnswers(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.says("p1", "Fate spedizioni?")
		c := w.contact("p1")
		for text, field := range map[string]string{" \r\n ": "text", strings.Repeat("è", models.MaxText+1): "text", "Ciao {name}": "reply_place", "{product} è qui": "reply_place"} {
			err, ok := w.service.Reply(w.ctx, c.ID, 1, text).(*models.Error) //nolint:errorlint // the very error is told of
			if !ok || err.Kind != models.KindInvalid || err.Field != field {
				t.Errorf("%.20q: %v", text, err)
			}
		}
		if out := w.deliver(); len(out) != 0 || !w.contact("p1").Unanswered {
			t.Errorf("sent %+v", out)
		}
		w.must(w.service.Reply(w.ctx, c.ID, 1, "Sì,\r\novunque!"))
		if out := w.deliver(); len(out) != 1 || out[0].Content.Text != "Sì,\novunque!" {
			t.Errorf("sent %+v", out)
		}
		if c := w.contact("p1"); c.Unread || c.Unanswered {
			t.Errorf("after the answer: %+v", c)
		}
		w.must(w.service.MarkUnread(w.ctx, c.ID))
		if c := w.contact("p1"); !c.Unread || c.Unanswered {
			t.Errorf("marked as unread: %+v", c)
		}
		w.must(w.service.MarkRead(w.ctx, c.ID))
		w.says("p1", "Grazie!")
		w.must(w.service.MarkAnswered(w.ctx, c.ID))
		if c := w.contact("p1"); c.Unread || c.Unanswered {
			t.Errorf("marked as needing nothing: %+v", c)
		}
		for _, err := range []error{w.service.MarkRead(w.ctx, 4711), w.service.MarkUnread(w.ctx, 4711), w.service.MarkAnswered(w.ctx, 4711)} {
			if models.KindOf(err) != models.KindNotFound {
				t.Errorf("a conversation that is none: %v", err)
			}
		}
		w.sound()
	})
}

func TestWithdrawTokens(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		cup, dish := w.product("TAZZA", "Tazza", 0), w.product("PIATTO", "Piatto", 0)
		w.holder("p1", cup)
		w.clock.Advance(time.Minute)
		w.holder("p1", dish)
		w.holder("p2", cup)
		if n, err := w.service.WithdrawTokens(w.ctx, w.contact("p1").ID); err != nil || n != 2 {
			t.Errorf("%d withdrawn, error %v; want 2", n, err)
		}
		if w.tokens(models.TokenWithdrawn) != 2 || w.tokens(models.TokenWaiting) != 1 {
			t.Errorf("states %v", w.stats().Tokens)
		}
		if n, err := w.service.WithdrawTokens(w.ctx, w.contact("p1").ID); err != nil || n != 0 {
			t.Errorf("%d withdrawn again, error %v", n, err)
		}
		w.sound()
	})
}
