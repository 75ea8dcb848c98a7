package web_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"bentornato/models"
)

// TestProductMessages shows what a person reads, in both languages, counted as Messenger counts, and follows what is typed
// without writing it.
func TestProductMessages(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		w := s.world()
		b := s.as(models.RoleStaff)
		d := b.shows(t, screenOf(w.mug))
		holds(t, d.Find("#messages"), "Tell you when Tazza MUG-BLUE is back?", "37/65", "Ti avviso quando torna Tazza MUG-BLUE?", "Notify Me", "Avvisami", "14/80", "Compra ora", "12,50 €")
		long := strings.Repeat("Tazza con l'è ", 11)
		s.unchanged(func() {
			a := b.visit("POST", screenOf(w.mug)+"/preview", values("sku", "MUG-BLUE", "title", long, "request_title_it", "Torna {product}?"), header("HX-Request", "true")).is(t, 200)
			if strings.Contains(a.body, "<html") || !strings.HasPrefix(strings.TrimSpace(a.body), `<section class="card stack" id="messages"`) {
				t.Errorf("htmx is sent more than the messages: %.200s", a.body)
			}
			a.contains(t, "shortened", "Torna Tazza con", "/80")
			d = b.visit("POST", screenOf(w.mug)+"/preview", values("sku", "MUG-BLUE", "title", "Tazza notte")).page(t, 200)
			holds(t, d.Find("#messages"), "Tell you when Tazza notte is back?")
			kept(t, d, "title", "Tazza notte")
			if _, open := d.Find("#edit").Closest("details").Attr("open"); !open {
				t.Error("the form that was typed into is folded away")
			}
			wrongField(t, b.visit("POST", screenOf(w.mug)+"/preview", values("sku", "MUG-BLUE", "title", "")).page(t, 422), "title")
		})
		d = b.send(t, screenOf(w.mug), "sku", "MUG-BLUE", "title", "Tazza", "order", "newest", "ask_above", "0", "wave_minutes", "20", "request_title_en", "{product}: tell you?")
		holds(t, d.Find("#messages"), "Tazza: tell you?")
		v := s.variant("MUG-BLUE")
		if v.Rules.NewestFirst == nil || !*v.Rules.NewestFirst || *v.Rules.AskAbove != 0 || *v.Rules.WaveMinutes != 20 || v.Rules.HoldDownSeconds != nil {
			t.Errorf("its rules are %+v", v.Rules)
		}
		kept(t, d, "order", "newest", "ask_above", "0", "wave_minutes", "20", "hold_down_seconds", "", "request_title_en", "{product}: tell you?")
		for _, wrong := range [][2]string{{"wave_minutes", "0"}, {"hold_down_seconds", "x"}, {"request_title_it", strings.Repeat("x", 201)}} {
			wrongField(t, b.fails(t, 422, screenOf(w.mug), "sku", "MUG-BLUE", "title", "Tazza", wrong[0], wrong[1]), wrong[0])
		}
		link := "https://m.me/" + pageID + "?ref=" + v.Ref
		if got := d.Find("#snippet-it").Text(); got != `<a href="`+link+`" target="_blank" rel="noopener">Avvisami su Messenger quando torna</a>` {
			t.Errorf("the link for the shop's site is %q", got)
		}
		if b.shows(t, screenOf(w.plate)).Find("[aria-labelledby=weeks] rect").Length() != 13 {
			t.Error("who asked is not drawn")
		}
	})
}

// TestProductTest sends to oneself inside the window, and says why not after it.
func TestProductTest(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		w := s.world()
		b := s.as(models.RoleStaff)
		d := b.shows(t, screenOf(w.plate))
		if n := d.Find("form[action='" + screenOf(w.plate) + "/me'] option").Length(); n != 4 {
			t.Errorf("%d people are offered, want the 4 who wrote", n)
		}
		b.conflicts(t, screenOf(w.plate)+"/me")
		d = b.send(t, screenOf(w.plate)+"/me", "contact_id", fmt.Sprint(w.contactID))
		holds(t, d.Find("[aria-labelledby=try]"), "Tests go to Giulia Rossi", "Send me the message", "Send me the question")
		b.send(t, screenOf(w.plate)+"/test", "kind", "reply")
		b.send(t, screenOf(w.plate)+"/test", "kind", "request")
		b.conflicts(t, screenOf(w.plate)+"/test?kind=request")
		list, err := s.store.Conversation(context.Background(), w.contactID, 10)
		s.must(err)
		queued := map[models.SendKind]int{}
		for _, m := range list {
			if m.State == models.MessageQueued {
				queued[m.Kind]++
			}
		}
		if queued[models.SendReply] != 1 || queued[models.SendRequest] != 1 {
			t.Errorf("queued are %v", queued)
		}
		if b.shows(t, screenOf(w.plate)+"?me=choose").Find("form[action$='/me']").Length() != 1 {
			t.Error("nobody else can be chosen")
		}
		s.clock.Advance(25 * time.Hour)
		b = s.as(models.RoleStaff)
		d = b.shows(t, screenOf(w.plate))
		holds(t, d.Find("[aria-labelledby=try]"), "24 hours", "Write anything to the Page")
		if d.Find("form[action$='/test']").Length() != 0 {
			t.Error("what would be refused is offered")
		}
		b.visit("POST", screenOf(w.plate)+"/test", values("kind", "reply")).is(t, http.StatusSeeOther)
		if after, err := s.store.Conversation(context.Background(), w.contactID, 10); err != nil || len(after) != len(list) {
			t.Errorf("after the window %d messages are on record, want %d, error %v", len(after), len(list), err)
		}
	})
}
