package restock_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"bentornato/models"
)

// interests lists what a person asked about, as source and SKU.
func (w *world) interests(psid string) string {
	w.t.Helper()
	c, err := w.store.ContactByPSID(w.ctx, pageID, psid)
	if models.KindOf(err) == models.KindNotFound {
		return ""
	}
	w.must(err)
	list, err := w.store.Interests(w.ctx, c.ID, 100)
	w.must(err)
	var out []string
	for _, i := range list {
		v, err := w.store.Variant(w.ctx, i.VariantID)
		w.must(err)
		out = append(out, string(i.Source)+" "+v.SKU)
	}
	return strings.Join(out, ", ")
}

// TestInterest records interest from every door there is (rule 3.1) and answers it (rule 3.2).
func TestInterest(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		cup := w.product("TAZZA-BLU", "Tazza Alba blu", 0)
		w.product("PIATTO", "Piatto Luna", 3)
		w.product("GIACCA", "Giacca di lana", 0)
		for _, c := range []struct {
			name string
			e    models.Event
			want string
			sent models.SendKind
		}{
			{"m.me link", models.Event{Kind: models.EventReferral, Ref: cup.Ref}, "ref TAZZA-BLU", models.SendRequest},
			{"m.me link with a SKU", models.Event{Kind: models.EventReferral, Ref: "TAZZA-BLU"}, "ref TAZZA-BLU", models.SendRequest},
			{"a click on an ad, which opens no window", models.Event{Kind: models.EventReferral, Ref: cup.Ref, AdID: "77", Source: "ADS"}, "ad TAZZA-BLU", ""},
			{"words that came with an ad", models.Event{Kind: models.EventMessage, Text: "ciao", Ref: cup.Ref, AdID: "77", Source: "ADS"}, "ad TAZZA-BLU", models.SendRequest},
			{"Get Started with a ref", models.Event{Kind: models.EventPostback, Payload: "GET_STARTED", Ref: cup.Ref}, "ref TAZZA-BLU", models.SendRequest},
			{"message by a link", models.Event{Kind: models.EventMessage, Text: "ciao", Ref: cup.Ref}, "ref TAZZA-BLU", models.SendRequest},
			{"our button", models.Event{Kind: models.EventPostback, Payload: "bn:i:" + cup.Ref}, "postback TAZZA-BLU", models.SendRequest},
			{"a menu of the merchant's own", models.Event{Kind: models.EventPostback, Payload: "TAZZA-BLU"}, "postback TAZZA-BLU", models.SendRequest},
			{"a quick reply", models.Event{Kind: models.EventMessage, Text: "Questo", Payload: "bn:i:" + cup.Ref}, "postback TAZZA-BLU", models.SendRequest},
			{"words in Italian", models.Event{Kind: models.EventMessage, Text: "Buongiorno, avete ancora le tazze Alba blu?"}, "text TAZZA-BLU", models.SendRequest},
			{"words in English", models.Event{Kind: models.EventMessage, Text: "hi! is the Alba blu back in stock"}, "text TAZZA-BLU", models.SendRequest},
			{"a SKU in words", models.Event{Kind: models.EventMessage, Text: "vorrei tazza-blu, grazie"}, "text TAZZA-BLU", models.SendRequest},
			{"words for what is there", models.Event{Kind: models.EventMessage, Text: "piatto luna?"}, "text PIATTO", models.SendReply},
			{"nothing of ours", models.Event{Kind: models.EventMessage, Text: "A che ora aprite domani?"}, "", ""},
			{"a picture", models.Event{Kind: models.EventMessage, Attachments: 1}, "", ""},
			{"an unknown ref", models.Event{Kind: models.EventReferral, Ref: "winter-sale"}, "", ""},
			{"an unknown button", models.Event{Kind: models.EventPostback, Payload: "MENU_1"}, "", ""},
			{"a thread of another app", models.Event{Kind: models.EventMessage, Text: "tazza alba blu", Standby: true}, "text TAZZA-BLU", ""},
		} {
			c.e.PSID = "p-" + c.name
			w.receive(c.e)
			if got := w.interests(c.e.PSID); got != c.want {
				t.Errorf("%s: interest %q, want %q", c.name, got, c.want)
			}
			out := w.deliver()
			if c.sent == "" && len(out) > 0 || c.sent != "" && (len(out) != 1 || out[0].Kind != c.sent || out[0].Recipient.PSID != c.e.PSID) {
				t.Errorf("%s: sent %+v, want %q", c.name, out, c.sent)
			}
		}
		w.sound()
	})
}

// TestAmbiguous lets the person choose among at most ten, and takes no interest before they did.
func TestAmbiguous(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		var last models.Variant
		for i := range 13 {
			last = w.listing(models.Variant{SKU: fmt.Sprintf("MUG-%d", i), Title: "Tazza Sole", Option: fmt.Sprintf("colore %d", i)}, i%2)
		}
		w.says("p1", "avete la tazza sole?")
		out := w.deliver()
		if len(out) != 1 || len(out[0].Content.Cards) != models.MaxCards {
			t.Fatalf("sent %+v, want one carousel of ten", out)
		}
		if got := w.interests("p1"); got != "" {
			t.Errorf("interest %q before the person chose", got)
		}
		choice := out[0].Content.Cards[0].Buttons[0].Payload
		w.receive(models.Event{Kind: models.EventPostback, PSID: "p1", Payload: choice})
		if got := w.interests("p1"); got != "postback MUG-0" {
			t.Errorf("interest %q after the person chose", got)
		}
		if strings.Contains(choice, last.SKU) || strings.Contains(choice, "MUG") {
			t.Errorf("the button's payload %q shows a SKU", choice)
		}
		w.sound()
	})
}

// TestProductCard answers interest in what is there, with the offer only where the merchant switched it on.
func TestProductCard(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		v := w.listing(models.Variant{SKU: "PIATTO", Title: "Piatto Luna", ImageURL: "https://shop.test/p.jpg"}, 3)
		card := func() models.Card {
			t.Helper()
			w.receive(models.Event{Kind: models.EventReferral, PSID: "p1", Ref: v.Ref})
			out := w.deliver()
			if len(out) != 1 || len(out[0].Content.Cards) != 1 {
				t.Fatalf("sent %+v, want one card", out)
			}
			return out[0].Content.Cards[0]
		}
		c := card()
		if c.Title != "Piatto Luna" || c.ImageURL != "https://shop.test/p.jpg" || c.URL != v.URL || !strings.Contains(c.Subtitle, "24,50") || len(c.Buttons) != 1 || c.Buttons[0].URL != v.URL {
			t.Errorf("the card is %+v", c)
		}
		w.page(models.PageSettings{OfferWhenAvailable: true})
		c = card()
		if len(c.Buttons) != 2 || c.Buttons[1].Payload == "" {
			t.Fatalf("the card with an offer has the buttons %+v", c.Buttons)
		}
		// The offer is interest: once it sells out, that person is asked.
		w.stock(v, 0)
		w.ask()
		if out := requests(w.deliver()); len(out) != 1 {
			t.Errorf("%d requests after it sold out, want 1", len(out))
		}
		w.sound()
	})
}

// TestComment answers a comment that names a product with its one private reply, within seven days, and opens no window.
func TestComment(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.product("TAZZA-BLU", "Tazza Alba blu", 0)
		comment := func(psid, id, text string, age time.Duration) []models.Outgoing {
			t.Helper()
			w.receive(models.Event{Kind: models.EventComment, PSID: psid, CommentID: id, PostID: "post1", Text: text, At: w.clock.Now().Add(-age)})
			return w.deliver()
		}
		out := comment("p1", "c1", "Bella la tazza alba blu!", time.Hour)
		if len(out) != 1 || out[0].Kind != models.SendPrivateReply || out[0].Recipient.CommentID != "c1" || out[0].Recipient.PSID != "" || len(out[0].Content.Buttons) != 1 {
			t.Fatalf("sent %+v, want one private reply to the comment", out)
		}
		if got := w.interests("p1"); got != "comment TAZZA-BLU" {
			t.Errorf("interest %q", got)
		}
		if !w.contact("p1").LastActionAt.IsZero() {
			t.Error("a comment opened a window")
		}
		if again := comment("p1", "c1", "Bella la tazza alba blu, davvero!", time.Minute); len(again) != 0 {
			t.Errorf("the same comment was answered again: %+v", again)
		}
		for name, got := range map[string][]models.Outgoing{
			"eight days old":     comment("p2", "c2", "tazza alba blu", 8*24*time.Hour),
			"names no product":   comment("p3", "c3", "che bello", time.Hour),
			"another app's post": comment("p4", "c4", "", time.Hour),
		} {
			if len(got) != 0 {
				t.Errorf("a comment that is %s: sent %+v", name, got)
			}
		}
		// The answer to the private reply opens the window, and asks.
		w.receive(models.Event{Kind: models.EventPostback, PSID: "p1", Payload: out[0].Content.Buttons[0].Payload})
		if out := requests(w.deliver()); len(out) != 1 {
			t.Errorf("%d requests after the first step, want 1", len(out))
		}
		w.sound()
	})
}

// TestSellout asks everyone who is interested and inside the window, the one that closes soonest first (rule 3.3).
func TestSellout(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		v := w.product("TAZZA", "Tazza Alba", 5)
		other := w.product("PIATTO", "Piatto Luna", 5)
		now := w.clock.Now()
		shows := func(psid string, ago time.Duration, v models.Variant) {
			w.receive(models.Event{Kind: models.EventReferral, PSID: psid, Ref: v.Ref, At: now.Add(-ago)})
		}
		shows("soon", 23*time.Hour, v)
		shows("late", time.Hour, v)
		shows("middle", 12*time.Hour, v)
		shows("outside", 25*time.Hour, v)
		shows("margin", 24*time.Hour-time.Minute, v)
		shows("elsewhere", time.Hour, other)
		shows("stopped", 2*time.Hour, v)
		w.says("stopped", "STOP")
		w.deliver()
		w.stock(v, 0)
		w.ask()
		var got []string
		out := requests(w.deliver())
		for _, o := range out {
			got = append(got, o.Recipient.PSID)
		}
		if fmt.Sprint(got) != "[soon middle late]" {
			t.Errorf("asked %v, want soon, middle and late", got)
		}
		if more, err := w.service.AskSoldOut(w.ctx); more || err != nil {
			t.Errorf("there is more to ask: %v, %v", more, err)
		}
		// Nobody is asked again who was asked, or who holds a token.
		w.taps("late", out[2], "token-late")
		w.stock(v, 1)
		w.deliver()
		w.stock(v, 0)
		w.ask()
		again := requests(w.deliver())
		if len(again) != 1 || again[0].Recipient.PSID != "late" { // notified meanwhile, and still interested
			t.Errorf("asked again %+v, want only the one whose token is spent", again)
		}
		// It came back before anyone was asked.
		w.receive(models.Event{Kind: models.EventReferral, PSID: "new", Ref: other.Ref})
		w.deliver()
		w.stock(other, 0)
		w.stock(other, 2)
		w.ask()
		if out := requests(w.deliver()); len(out) != 0 {
			t.Errorf("asked %+v although it came back", out)
		}
		w.sound()
	})
}
