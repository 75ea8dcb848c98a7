package web_test

import (
	"context"
	"errors"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"bentornato/models"
	"bentornato/models/store"
)

// says lets a person write, as a webhook event does.
func (s *site) says(psid, words string) models.Contact {
	s.t.Helper()
	return s.happens(models.Event{Kind: models.EventMessage, PSID: psid, Text: words})
}

// happens applies an event of a person.
func (s *site) happens(e models.Event) models.Contact {
	s.t.Helper()
	ctx := context.Background()
	s.clock.Advance(time.Second)
	e.PageID, e.At = pageID, s.clock.Now()
	e.Key = fmt.Sprint("event ", e.At.UnixNano())
	e.MID = "mid." + e.Key
	s.must(s.store.Update(ctx, func(tx *store.Tx) error { return tx.SaveInbound([]models.Event{e}) }))
	_, err := s.work.Apply(ctx)
	s.must(err)
	c, err := s.store.ContactByPSID(ctx, pageID, e.PSID)
	s.must(err)
	return c
}

// named gives a contact a name and a language.
func (s *site) named(c models.Contact, name, locale string) {
	s.t.Helper()
	s.must(s.store.Update(context.Background(), func(tx *store.Tx) error { return tx.SaveProfile(c.ID, name, locale) }))
}

func talk(c models.Contact, more string) string { return fmt.Sprintf("/inbox/%d%s", c.ID, more) }

// answers sends what was typed, and returns the conversation that it leads back to.
func (b *browser) answers(t *testing.T, c models.Contact, words string) *goquery.Document {
	t.Helper()
	a := b.visit("POST", talk(c, "/reply"), values("text", words)).is(t, 303)
	if to := a.Header.Get("Location"); to != talk(c, "#box") {
		t.Errorf("an answer leads to %q", to)
	}
	return b.shows(t, talk(c, ""))
}

func TestInboxList(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		mug := s.product(pageID, "MUG", 0)
		ada := s.says("1", "Fate spedizioni in Svizzera?")
		s.named(ada, "Ada Verdi", "it_IT")
		ben := s.happens(models.Event{Kind: models.EventPostback, PSID: "2", Text: "Inizia", Payload: "GET_STARTED"})
		s.named(ben, "Ben Neri", "en_GB")
		s.happens(models.Event{Kind: models.EventReferral, PSID: "3", Ref: mug.Ref})
		b := s.as(models.RoleStaff)
		d := b.shows(t, "/inbox")
		rows := d.Find("#talks .talk")
		if rows.Length() != 3 || d.Find(".talk.is-unread").Length() != 1 {
			t.Fatalf("%d conversations, %d of them unread; want 3 and 1", rows.Length(), d.Find(".talk.is-unread").Length())
		}
		holds(t, rows.Eq(2), "Ada Verdi", "Fate spedizioni in Svizzera?", "Needs an answer", "23:59:5")
		holds(t, rows.Eq(1), "Ben Neri", "Tapped: Inizia")
		holds(t, d.Find(".sidebar .inbox-badge"), "1", "1 unread conversation")
		for target, want := range map[string]string{"/inbox?show=unread": "Ada", "/inbox?show=unanswered": "Ada", "/inbox?q=svizz": "Ada", "/inbox?q=neri": "Ben", "/inbox?q=2": "Ben"} {
			rows := b.shows(t, target).Find(".talk")
			if rows.Length() != 1 || !strings.Contains(rows.Text(), want) {
				t.Errorf("%s shows %q, want %s alone", target, text(rows), want)
			}
		}
		if n := b.shows(t, "/inbox?q=spedizioni+neri").Find(".talk").Length(); n != 0 {
			t.Errorf("words of two people find %d conversations", n)
		}
		s.clock.Advance(25 * time.Hour)
		b = s.as(models.RoleStaff)
		if n := b.shows(t, "/inbox?show=open").Find(".talk").Length(); n != 0 {
			t.Errorf("%d windows are open after a day", n)
		}
	})
}

// The strip names who is still to be asked, when it is about to be too late.
func TestInboxAskNow(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		mug := s.product(pageID, "MUG", 3)
		c := s.happens(models.Event{Kind: models.EventReferral, PSID: "1", Ref: mug.Ref})
		s.named(c, "Ada Verdi", "")
		_, err := s.work.ReportByHand(context.Background(), mug.ID, models.Stock{})
		s.must(err)
		for after, want := range map[time.Duration]int{17 * time.Hour: 0, 20 * time.Hour: 1} {
			s.clock.Advance(c.LastActionAt.Add(after).Sub(s.clock.Now()))
			strip := s.as(models.RoleStaff).shows(t, "/inbox").Find(".ask-strip")
			if strip.Length() != want {
				t.Errorf("after %s there are %d strips, want %d", after, strip.Length(), want)
			}
			if want == 1 {
				holds(t, strip, "Ada Verdi", "Tazza MUG", "3:5")
				if strip.Find("a[href='/ask']").Length() != 1 {
					t.Error("the strip leads nowhere")
				}
			}
		}
	})
}

func TestInboxPages(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		for i := range 53 {
			s.says(fmt.Sprint(9000+i), "Ciao")
		}
		b := s.as(models.RoleViewer)
		d := b.shows(t, "/inbox?show=unread")
		next := d.Find("a[rel=next]").AttrOr("href", "")
		if n := d.Find("#talks .talk").Length(); n != 50 || !strings.Contains(next, "show=unread") {
			t.Fatalf("the first page has %d conversations and leads to %q", n, next)
		}
		d = b.shows(t, next)
		if d.Find(".talk").Length() != 3 || d.Find("[sse-connect]").Length() != 0 {
			t.Errorf("the second page has %d conversations, want 3, and none that moves", d.Find(".talk").Length())
		}
	})
}

// Looking changes nothing; what a script sends once the conversation is seen marks it as read, for everybody.
func TestConversationIsRead(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		c := s.says("1", "Fate spedizioni?")
		s.says("2", "Anche qui?")
		b := s.as(models.RoleStaff)
		var form string
		s.unchanged(func() {
			d := b.shows(t, talk(c, ""))
			form = d.Find("form[data-seen]").AttrOr("hx-post", "")
			holds(t, d.Find("#thread"), "Fate spedizioni?")
		})
		if form != talk(c, "/read") {
			t.Fatalf("the screen marks by %q", form)
		}
		a := b.visit("POST", form, "", header("HX-Request", "true")).is(t, 200)
		a.contains(t, "Mark as unread", "hx-swap-oob", "1 unread conversation")
		if n := s.as(models.RoleViewer).shows(t, "/inbox?show=unread").Find(".talk").Length(); n != 1 {
			t.Errorf("%d conversations are unread for a colleague, want 1", n)
		}
		if d := b.shows(t, talk(c, "")); d.Find("form[data-seen]").Length() != 0 || !strings.Contains(d.Find("#conversation-actions").Text(), "No answer needed") {
			t.Error("what was read is marked again, or needs no answer any more")
		}
		holds(t, b.send(t, talk(c, "/unread")).Find(".notice"), "Marked as unread")
		if n := b.shows(t, "/inbox?show=unread").Find(".talk").Length(); n != 2 {
			t.Errorf("%d conversations are unread, want 2", n)
		}
		b.send(t, talk(c, "/read")) // without a script
		b.send(t, talk(c, "/answered"))
		if n := b.shows(t, "/inbox?show=unanswered").Find(".talk").Length(); n != 1 {
			t.Errorf("%d conversations need an answer, want 1", n)
		}
	})
}

// The box is what the policy says: a plain reply, HUMAN_AGENT, and nothing, with the reason and what could still be sent.
func TestReplyBox(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		ctx := context.Background()
		mug := s.product(pageID, "MUG", 0)
		s.token(mug, "1")
		c := s.says("1", "Fate spedizioni?")
		queued := func() models.Message {
			list, err := s.store.Conversation(ctx, c.ID, 1)
			s.must(err)
			return list[0]
		}
		b := s.as(models.RoleStaff)
		holds(t, b.shows(t, talk(c, "")).Find("#box"), "You can write anything until", "Send")
		d := b.answers(t, c, " Sì,\r\nin tutta Europa! ")
		holds(t, d.Find("#thread"), "Sì, in tutta Europa!", "To be sent", "staff")
		if m := queued(); m.Kind != models.SendReply || m.TypedBy == 0 || m.Text != "Sì,\nin tutta Europa!" {
			t.Errorf("queued is %+v", m)
		}
		if n := b.shows(t, "/inbox?show=unanswered").Find(".talk").Length(); n != 0 {
			t.Error("what was answered still needs an answer")
		}

		s.clock.Advance(25 * time.Hour)
		b = s.as(models.RoleStaff)
		holds(t, b.shows(t, talk(c, "")).Find("#box"), "HUMAN_AGENT", "Send as a person", "offers and advertising")
		b.answers(t, c, "Spedito stamattina.")
		if m := queued(); m.Kind != models.SendHumanAgent || m.TypedBy == 0 {
			t.Errorf("queued is %+v", m)
		}

		s.clock.Advance(6 * 24 * time.Hour)
		b = s.as(models.RoleStaff)
		d = b.shows(t, talk(c, ""))
		box := d.Find("#box")
		holds(t, box, "Nothing can be written by hand now.", "7 days", "Tazza MUG", "CONFIRMED_EVENT_UPDATE", "POST_PURCHASE_UPDATE", "ACCOUNT_UPDATE", "27 Apr 2026", "utility messages")
		if box.Find("form").Length() != 0 {
			t.Error("there is a form still")
		}
		// Whoever had the form open loses no word.
		d = b.fails(t, 409, talk(c, "/reply"), "text", "Ancora una cosa.")
		holds(t, d.Find("#box"), "Nothing can be written by hand now.")
		if got := d.Find("textarea[name=text]").Text(); got != "Ancora una cosa." {
			t.Errorf("what was typed is now %q", got)
		}

		s.says("1", "Ci siete?")
		holds(t, b.shows(t, talk(c, "")).Find("#box"), "You can write anything until")
		s.must(s.work.PausePage(ctx, pageID))
		holds(t, b.shows(t, talk(c, "")).Find("#box"), "The Page is paused", "Press Resume")
	})
}

func TestReplyKeepsWhatWasTyped(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		c := s.says("1", "Fate spedizioni?")
		b := s.as(models.RoleStaff)
		long := strings.Repeat("è", models.MaxText+1)
		for typed, want := range map[string]string{long: "2001 characters", "Ciao {name}!": "Fill in {name}", "   ": "Write something"} {
			d := b.fails(t, 422, talk(c, "/reply"), "text", typed)
			holds(t, d.Find("#box .field-error"), want)
			if got := d.Find("textarea[name=text]").Text(); got != typed {
				t.Errorf("%.20q was typed, and %.20q is there", typed, got)
			}
		}
		if d := b.shows(t, talk(c, "")); d.Find("textarea[name=text]").AttrOr("aria-invalid", "") != "" {
			t.Error("an empty box is wrong from the beginning")
		}
		b.answers(t, c, strings.Repeat("è", models.MaxText))
	})
}

// A saved reply is put behind what was typed, with the person's name and product, and nothing is sent.
func TestSavedReplies(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		ctx := context.Background()
		mug := s.product(pageID, "MUG", 0)
		c := s.happens(models.Event{Kind: models.EventReferral, PSID: "1", Ref: mug.Ref})
		s.named(c, "Ada Verdi", "it_IT")
		b := s.as(models.RoleStaff)
		add := func(pairs ...string) { b.send(t, "/inbox/replies", pairs...) }
		add("locale", "en", "reply_title", "Back?", "text", "Hi {name}, {product} is coming.")
		add("locale", "it", "reply_title", "Torna?", "text", "Ciao {name}, {product} torna lunedì.")
		d := b.fails(t, 422, "/inbox/replies", "locale", "it", "reply_title", "Torna?", "text", "Un'altra")
		kept(t, d, "reply_title", "Torna?")
		holds(t, d.Find("textarea[name=text]"), "Un'altra")
		wrongField(t, d, "reply_title")
		list, err := s.store.SavedReplies(ctx)
		s.must(err)

		buttons := b.shows(t, talk(c, "")).Find("button[name=insert]")
		if buttons.Length() != 2 || !strings.Contains(buttons.First().Text(), "Torna?") {
			t.Errorf("the replies are %q, want the person's language first", text(buttons))
		}
		before, err := s.store.Conversation(ctx, c.ID, 10)
		s.must(err)
		a := b.visit("POST", talk(c, "/reply"), values("text", "Buongiorno!", "insert", fmt.Sprint(list[1].ID)))
		if got := a.page(t, 200).Find("textarea[name=text]").Text(); got != "Buongiorno!\n\nCiao Ada, Tazza MUG torna lunedì." {
			t.Errorf("the box holds %q", got)
		}
		if after, err := s.store.Conversation(ctx, c.ID, 10); err != nil || len(after) != len(before) {
			t.Errorf("something was sent: %d messages, were %d; %v", len(after), len(before), err)
		}
		b.visit("POST", talk(c, "/reply"), values("insert", "999")).page(t, 404)

		edit := fmt.Sprintf("/inbox/replies/%d", list[1].ID)
		kept(t, b.shows(t, fmt.Sprintf("/inbox/replies?edit=%d", list[1].ID)), "reply_title", "Torna?")
		d = b.fails(t, 422, edit, "locale", "it", "reply_title", "Torna?", "text", " ")
		wrongField(t, d, "text")
		if d.Find("form[action='"+edit+"']").Length() != 1 {
			t.Error("the form would add another")
		}
		holds(t, b.send(t, edit, "locale", "it", "reply_title", "Torna?", "text", "Sì!").Find("main"), "Sì!")
		b.send(t, edit+"/delete")
		if list, err := s.store.SavedReplies(ctx); err != nil || len(list) != 1 {
			t.Errorf("%d are left, error %v; want 1", len(list), err)
		}
	})
}

// What came that is no text is named and never loaded; what the Page's own inbox sent is told apart.
func TestConversationShowsWhatCame(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		c := s.happens(models.Event{Kind: models.EventMessage, PSID: "1", Attached: []models.AttachmentKind{models.AttachmentImage, models.AttachmentLocation}})
		s.happens(models.Event{Kind: models.EventMessage, PSID: "1", Text: "https://altrove.example/x", Attached: []models.AttachmentKind{models.AttachmentShare}})
		s.clock.Advance(time.Minute)
		s.happens(models.Event{Kind: models.EventEcho, PSID: "1", Text: "Bella!", AppID: "263902037430900"})
		d := s.as(models.RoleViewer).shows(t, talk(c, ""))
		thread := d.Find("#thread")
		holds(t, thread, "a photo", "a place on the map", "https://altrove.example/x", "Bella!", "From the Page's own inbox")
		if thread.Find("a, img, iframe").Length() != 0 || strings.Contains(thread.Text(), "a link or a post") {
			t.Errorf("the thread leads or loads from elsewhere: %s", text(thread))
		}
		if d.Find("#box form, #conversation-actions form").Length() != 0 {
			t.Error("a viewer may answer or mark")
		}
	})
}

func TestConversationEarlier(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		var c models.Contact
		for i := range 53 {
			c = s.says("1", fmt.Sprintf("Messaggio %d.", i))
		}
		b := s.as(models.RoleViewer)
		d := b.shows(t, talk(c, ""))
		earlier := d.Find(".thread-more a").AttrOr("href", "")
		if n := d.Find(".bubble").Length(); n != 50 || earlier == "" {
			t.Fatalf("%d messages stand first, and lead to %q", n, earlier)
		}
		d = b.shows(t, earlier)
		if n := d.Find(".bubble").Length(); n != 3 || d.Find("[sse-connect]").Length() != 0 || d.Find("#box").Length() != 0 {
			t.Errorf("%d messages stand before, want 3, with nothing that moves", n)
		}
		holds(t, d.Find("#thread"), "Messaggio 0.", "Messaggio 2.")
	})
}

// A conversation that is open shows what is said meanwhile, and what may be answered.
func TestConversationStream(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		c := s.says("1", "Fate spedizioni?")
		srv := httptest.NewServer(s.handler)
		defer srv.Close()
		b := s.as(models.RoleStaff)
		next, hangUp := b.followAt(t, srv, talk(c, "/events"))
		defer hangUp()
		first := map[string]string{}
		for range 4 {
			e, ok := next()
			if !ok {
				t.Fatal("the stream ends at its beginning")
			}
			first[e.name] = e.page.Text()
		}
		if !strings.Contains(first["thread"], "Fate spedizioni?") || !strings.Contains(first["windows"], "24 ore") || !strings.Contains(first["box"], "fino al") || first["actions"] == "" {
			t.Fatalf("the stream begins with %v", first)
		}
		s.says("1", "Ci siete?")
		until := func(name, word string) {
			t.Helper()
			for {
				e, ok := next()
				if !ok {
					t.Fatalf("no %s with %q came", name, word)
				}
				if e.name == name && strings.Contains(e.page.Text(), word) {
					return
				}
			}
		}
		until("thread", "Ci siete?")
		s.clock.Advance(25 * time.Hour)
		until("box", "HUMAN_AGENT")
	})
}

func TestInboxStream(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.says("1", "Fate spedizioni?")
		srv := httptest.NewServer(s.handler)
		defer srv.Close()
		next, hangUp := s.as(models.RoleViewer).followAt(t, srv, "/inbox/events?show=unanswered")
		defer hangUp()
		for _, word := range []string{"Fate spedizioni?", "Anche qui?"} {
			e, ok := next()
			if !ok || e.name != "conversations" || !strings.Contains(e.page.Text(), word) {
				t.Fatalf("came %q, want %q", e.name, word)
			}
			s.says("2", "Anche qui?")
		}
	})
}

func TestWithdrawOfContact(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		ctx := context.Background()
		mug, plate, bowl := s.product(pageID, "MUG", 0), s.product(pageID, "PLATE", 0), s.product(pageID, "BOWL", 0)
		first := s.token(mug, "1")
		others := s.token(mug, "2")
		s.must(s.store.Update(ctx, func(tx *store.Tx) error {
			var err error
			for i, v := range []models.Variant{plate, bowl} {
				_, _, e := tx.GrantToken(models.Token{PageID: pageID, ContactID: first.ContactID, VariantID: v.ID, GrantedAt: tx.Now()}, fmt.Sprint("another secret ", i))
				err = errors.Join(err, e)
			}
			return err
		}))
		b := s.as(models.RoleStaff)
		screen := fmt.Sprintf("/contacts/%d", first.ContactID)
		waiting := func(want int) {
			t.Helper()
			if n := b.shows(t, screen).Find("[aria-labelledby=permissions] li").Length(); n != want {
				t.Errorf("they wait for %d things, want %d", n, want)
			}
		}
		waiting(3)
		holds(t, b.shows(t, screen).Find("[aria-labelledby=may]"), "A reply", "POST_PURCHASE_UPDATE", "27 Apr 2026")
		s.unchanged(func() {
			b.visit("POST", screen+"/withdraw", values("token", fmt.Sprint(others.ID))).page(t, 404)
			b.visit("POST", screen+"/withdraw", values("token", "x")).page(t, 404)
		})
		b.send(t, fmt.Sprintf("%s/withdraw?token=%d", screen, first.ID))
		waiting(2)
		holds(t, b.send(t, screen+"/withdraw").Find(".notice"), "All their tokens are withdrawn")
		waiting(0)
		b.conflicts(t, screen+"/withdraw")
		if k, err := s.store.Token(ctx, others.ID); err != nil || k.State != models.TokenWaiting {
			t.Errorf("somebody else's token is %s: %v", k.State, err)
		}
	})
}

func TestContactFilters(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.named(s.says("1", "stop"), "Ada Verdi", "")
		s.clock.Advance(4 * 24 * time.Hour)
		s.named(s.says("2", "Ciao"), "Ben Verdi", "")
		s.clock.Advance(2 * 24 * time.Hour)
		s.named(s.says("3", "Ciao"), "Eva Neri", "")
		b := s.as(models.RoleViewer)
		for target, want := range map[string]string{"show=open": "Eva", "show=by_hand": "Ben Ada", "show=stopped": "Ada", "show=by_hand&q=ben": "Ben", "show=open&q=verdi": "", "q=verd": "Ben Ada"} {
			var got []string
			for _, row := range b.shows(t, "/contacts?"+target).Find("main tbody .cover").EachIter() {
				got = append(got, strings.Fields(row.Text())[0])
			}
			if strings.Join(got, " ") != want {
				t.Errorf("%s shows %v, want %q", target, got, want)
			}
		}
	})
}
