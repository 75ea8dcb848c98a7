package restock_test

import (
	"fmt"
	"testing"
	"time"

	"bentornato/models"
	"bentornato/models/store"
)

func (w *world) tie(kind models.TieKind, ref string, v models.Variant) {
	w.t.Helper()
	w.must(w.store.Update(w.ctx, func(tx *store.Tx) error {
		return tx.SaveTie(models.Tie{PageID: pageID, Kind: kind, Ref: ref, VariantID: v.ID})
	}))
}

// TestAd answers an ad's click with what the person says after it: the click opens no window (rule 2.2).
func TestAd(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		cup, plate := w.product("TAZZA", "Tazza Alba", 0), w.product("PIATTO", "Piatto Luna", 3)
		w.tie(models.TieAd, "77", cup)
		w.tie(models.TiePost, "9001", plate)
		click := func(psid string, e models.Event) {
			t.Helper()
			e.Kind, e.PSID = models.EventReferral, psid
			w.receive(e)
			if !w.contact(psid).LastActionAt.IsZero() {
				t.Errorf("%s: a click on an ad opened a window", psid)
			}
			if out := w.deliver(); len(out) != 0 {
				t.Errorf("%s: a click on an ad was answered: %+v", psid, out)
			}
		}
		shown := &models.AdContext{Title: "Saldi", PostID: pageID + "_9001"}
		click("p1", models.Event{AdID: "77", Source: "ADS", Ad: shown})
		click("p2", models.Event{AdID: "78", Ad: shown}) // in Europe the source is missing
		click("p3", models.Event{AdID: "78", Source: "ADS", Ref: cup.Ref})
		click("p4", models.Event{AdID: "79", Source: "ADS"})
		for psid, want := range map[string]string{"p1": "ad TAZZA", "p2": "ad PIATTO", "p3": "ad TAZZA", "p4": ""} {
			if got := w.interests(psid); got != want {
				t.Errorf("%s: interest %q, want %q", psid, got, want)
			}
		}
		list, err := w.store.Interests(w.ctx, w.contact("p1").ID, 1)
		if err != nil || list[0].AdID != "77" || list[0].Ad == nil || *list[0].Ad != *shown {
			t.Errorf("of the ad is kept %+v, %v", list, err)
		}
		w.clock.Advance(time.Minute)
		w.says("p1", "Buongiorno")
		w.says("p2", "Salve!")
		w.says("p4", "Salve!")
		out := w.deliver()
		if n := kinds(out); len(out) != 2 || n[models.SendRequest] != 1 || n[models.SendReply] != 1 {
			t.Errorf("after the first words: sent %+v", out)
		}
		w.says("p2", "Mi sentite?")
		if out := w.deliver(); len(out) != 0 {
			t.Errorf("the second words were answered again: %+v", out)
		}
		w.clock.Advance(25 * time.Hour)
		w.says("p3", "Ci siete?")
		if out := w.deliver(); len(out) != 0 {
			t.Errorf("words a day later were taken to be about the ad: %+v", out)
		}
		w.sound()
	})
}

// TestGuest answers a guest of the checkbox plugin by user_ref, and knows the person once the platform tells who it is.
func TestGuest(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		cup := w.product("TAZZA", "Tazza Alba", 0)
		opt := func(ref string) models.Outgoing {
			t.Helper()
			w.receive(models.Event{Kind: models.EventPluginOptIn, UserRef: ref, Ref: cup.Ref})
			out := requests(w.deliver())
			if len(out) != 1 || out[0].Recipient != (models.Recipient{UserRef: ref}) {
				t.Fatalf("%s was sent %+v, want one request to the user_ref", ref, out)
			}
			return out[0]
		}
		only := func(psid, ref string, contacts int) models.Contact {
			t.Helper()
			if _, err := w.store.ContactByPSID(w.ctx, pageID, models.GuestPSID(ref)); models.KindOf(err) != models.KindNotFound {
				t.Errorf("the guest %s is still there: %v", ref, err)
			}
			if n := w.stats().Contacts; n != contacts {
				t.Errorf("%d contacts, want %d", n, contacts)
			}
			c := w.contact(psid)
			if c.LastActionAt.IsZero() || w.interests(psid) != "ref TAZZA" {
				t.Errorf("%s: %+v, interest %q", psid, c, w.interests(psid))
			}
			return c
		}
		// The echo of what was sent to the guest names the person.
		first := opt("guest-1")
		w.receive(models.Event{Kind: models.EventEcho, PSID: "2001", MID: "m_e", Metadata: first.Metadata})
		only("2001", "guest-1", 1)
		w.taps("2001", first, "token-1")
		if w.tokens(models.TokenWaiting) != 1 {
			t.Error("the tap of who was a guest brought no token")
		}
		// So does a delivery that has both names, and what comes of it is one contact where the person was known.
		w.receive(models.Event{Kind: models.EventReaction, PSID: "2002", MID: "m_r"})
		second := opt("guest-2")
		w.receive(models.Event{Kind: models.EventDelivery, PSID: "2002", UserRef: "guest-2", MIDs: []string{"m_1"}})
		only("2002", "guest-2", 2)
		w.taps("2002", second, "token-2")
		// And the person's first words.
		third := opt("guest-3")
		w.receive(models.Event{Kind: models.EventMessage, PSID: "2003", UserRef: "guest-3", MID: "m_3", Text: "eccomi"})
		only("2003", "guest-3", 3)
		w.taps("2003", third, "token-3")
		if n := w.tokens(models.TokenWaiting); n != 3 {
			t.Errorf("%d tokens wait, want 3", n)
		}
		// A delivery to somebody else says nothing.
		w.receive(models.Event{Kind: models.EventDelivery, PSID: "2004", MIDs: []string{"m_9"}})
		if n := w.stats().Contacts; n != 3 {
			t.Errorf("%d contacts after a delivery, want 3", n)
		}
		w.sound()
	})
}

// TestTiedPosts takes a comment under a post to be about what the post is tied to, by the merchant or by its own text.
func TestTiedPosts(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		cup, plate := w.product("TAZZA", "Tazza Alba", 0), w.product("PIATTO", "Piatto Luna", 0)
		comment := func(id, post, text string) []models.Outgoing {
			t.Helper()
			w.receive(models.Event{Kind: models.EventComment, PSID: "p-" + id, CommentID: id, PostID: pageID + "_" + post, Text: text})
			return w.deliver()
		}
		about := func(what string, out []models.Outgoing, buttons, cards int) {
			t.Helper()
			if len(out) != 1 || out[0].Kind != models.SendPrivateReply || len(out[0].Content.Buttons) != buttons || len(out[0].Content.Cards) != cards {
				t.Errorf("%s: sent %+v", what, out)
			}
		}
		if out := comment("c0", "9001", "che bella!"); len(out) != 0 {
			t.Errorf("a post that is tied to nothing: sent %+v", out)
		}
		w.tie(models.TiePost, "9001", cup)
		about("tied by the merchant", comment("c1", "9001", "che bella!"), 1, 0)
		if got := w.interests("p-c1"); got != "comment TAZZA" {
			t.Errorf("interest %q", got)
		}
		about("the comment's own words come first", comment("c2", "9001", "e il piatto luna?"), 1, 0)
		if got := w.interests("p-c2"); got != "comment PIATTO" {
			t.Errorf("interest %q", got)
		}
		w.tie(models.TiePost, "9001", plate)
		about("tied to two", comment("c3", "9001", "li voglio"), 0, 2)

		post := func(text string) {
			t.Helper()
			w.receive(models.Event{Kind: models.EventPost, PostID: pageID + "_9002", Text: text})
		}
		post("È tornata la TAZZA! Guardatela qui")
		about("a SKU in the post", comment("c4", "9002", "finalmente"), 1, 0)
		post("Il piatto che aspettavate: https://shop.test/PIATTO?utm_source=fb.")
		comment("c5", "9002", "finalmente")
		if got := w.interests("p-c5"); got != "comment PIATTO" {
			t.Errorf("after the post was edited: interest %q", got)
		}
		post("Buon Natale")
		if out := comment("c6", "9002", "auguri"); len(out) != 0 {
			t.Errorf("a post that names nothing any more: sent %+v", out)
		}
		w.sound()
	})
}

// TestPrivateRepliesAnHour keeps to what Messenger allows in an hour, and loses nothing.
func TestPrivateRepliesAnHour(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.product("TAZZA", "Tazza Alba", 0)
		w.must(w.store.Update(w.ctx, func(tx *store.Tx) error {
			c, err := tx.TakeContact(pageID, "2001")
			for i := 0; err == nil && i < models.PrivateRepliesPerHour-1; i++ {
				err = tx.RecordMessage(models.Message{PageID: pageID, ContactID: c.ID, Kind: models.SendPrivateReply, State: models.MessageSent,
					CommentID: fmt.Sprint("before", i), At: tx.Now(), StateAt: tx.Now()})
			}
			return err
		}))
		for i := range 3 {
			w.receive(models.Event{Kind: models.EventComment, PSID: fmt.Sprint("p", i), CommentID: fmt.Sprint("c", i), Text: "tazza alba"})
		}
		if out := w.deliver(); len(out) != 1 {
			t.Errorf("%d more were sent in the hour, want 1", len(out))
		}
		w.clock.Advance(time.Hour + time.Second)
		if out := w.deliver(); len(out) != 2 {
			t.Errorf("%d were sent in the next hour, want 2", len(out))
		}
		w.sound()
	})
}

// TestThreadOwner answers nothing by itself while another app has the conversation, and lets what waits go when it is ours again.
func TestThreadOwner(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		cup := w.product("TAZZA", "Tazza Alba", 4)
		w.says("p1", "ciao")
		w.receive(models.Event{Kind: models.EventHandover, PSID: "p1", Action: "take_thread_control", NewOwner: "7"})
		if got := w.contact("p1").ThreadOwner; got != "7" {
			t.Fatalf("the owner is %q", got)
		}
		w.receive(models.Event{Kind: models.EventMessage, PSID: "p1", MID: "m_s", Text: "tazza alba", Standby: true})
		w.receive(models.Event{Kind: models.EventReferral, PSID: "p1", Ref: cup.Ref})
		w.stock(cup, 0)
		w.ask()
		if out := w.deliver(); len(out) != 0 {
			t.Errorf("sent while another app has the conversation: %+v", out)
		}
		// What somebody of the team types is sent, and tried again while the platform refuses it.
		w.platform.answer = func(models.Outgoing) models.Answer {
			return models.Answer{Outcome: models.OutcomeThreadOwned, Code: 100, Subcode: 2018300}
		}
		w.must(w.service.Reply(w.ctx, w.contact("p1").ID, 1, "Un attimo"))
		w.deliver()
		w.platform.answer = nil
		w.clock.Advance(5 * time.Minute)
		if out := w.deliver(); len(out) != 1 || out[0].Content.Text != "Un attimo" {
			t.Errorf("the typed reply: sent %+v", out)
		}
		w.receive(models.Event{Kind: models.EventHandover, PSID: "p1", Action: "pass_thread_control", NewOwner: "1"})
		if got := w.contact("p1").ThreadOwner; got != "" {
			t.Errorf("passed to us, the owner is %q", got)
		}
		w.says("p1", "tazza alba")
		if out := requests(w.deliver()); len(out) != 1 {
			t.Errorf("the thread is ours again: sent %+v", out)
		}
		w.sound()
	})
}

// TestDisclosure says once to a person that the answers are automatic, where the Page wants that, before everything else.
func TestDisclosure(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.product("TAZZA", "Tazza Alba", 0)
		w.says("p0", "tazza alba")
		if out := w.deliver(); len(out) != 1 {
			t.Errorf("without the setting: sent %+v", out)
		}
		w.page(models.PageSettings{DiscloseAutomation: true})
		w.says("p1", "tazza alba")
		out := w.deliver()
		if len(out) != 2 || out[0].Kind != models.SendReply || out[0].Content.Text == "" || out[1].Kind != models.SendRequest {
			t.Errorf("sent %+v, want the sentence and then the request", out)
		}
		w.says("p1", "basta")
		if out := w.deliver(); len(out) != 1 {
			t.Errorf("said twice: %+v", out)
		}
		w.sound()
	})
}
