package store_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"bentornato/models"
	"bentornato/models/store"
	"bentornato/models/store/storetest"
)

// talker is a contact whose last action was so long ago.
func (w *world) talker(psid, name string, ago time.Duration) models.Contact {
	w.t.Helper()
	var c models.Contact
	w.update(func(tx *store.Tx) error {
		var err error
		if c, err = tx.TakeContact(pageID, psid); err != nil {
			return err
		}
		c.LastActionAt = tx.Now().Add(-ago)
		return errors.Join(tx.SaveWindow(c), tx.SaveProfile(c.ID, name, ""))
	})
	return c
}

func (w *world) message(m models.Message) {
	w.t.Helper()
	m.PageID, m.State = pageID, models.MessageSent
	w.update(func(tx *store.Tx) error { return tx.RecordMessage(m) })
}

// conversations lists by PSID.
func (w *world) conversations(q models.ConversationQuery) []string {
	w.t.Helper()
	if q.Limit == 0 {
		q.Limit = 10
	}
	list, _, err := w.store.Conversations(w.ctx, q, w.clock.Now())
	w.must(err)
	return names(list, func(r models.ConversationRow) string { return r.PSID })
}

func TestConversations(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		w := newWorld(t, s, clock)
		ada, ben := w.talker("1", "Ada Verdi", time.Hour), w.talker("2", "Ben Neri", 3*24*time.Hour)
		eva := w.talker("3", "Eva Verdi", 23*time.Hour)
		w.update(func(tx *store.Tx) error { // who never acted is in no conversation
			_, err := tx.TakeContact(pageID, "4")
			return err
		})
		now := clock.Now()
		w.message(models.Message{ContactID: ada.ID, Incoming: true, Text: "Buongiorno", At: now.Add(-2 * time.Hour), MID: "a"})
		w.message(models.Message{ContactID: ada.ID, Kind: models.SendReply, Text: "Tazza Alba", At: now.Add(-time.Hour), MID: "b"}) // the program's
		w.message(models.Message{ContactID: eva.ID, Kind: models.SendReply, Reason: models.MessageEcho, Text: "Eccoci", At: now, MID: "c"})
		w.update(func(tx *store.Tx) error {
			return errors.Join(tx.NoteWords(ada.ID, true), tx.NoteWords(ben.ID, false), tx.NoteWords(ben.ID, true))
		})
		for _, c := range []struct {
			q    models.ConversationQuery
			want []string
		}{
			{models.ConversationQuery{}, []string{"1", "3", "2"}},
			{models.ConversationQuery{Show: models.ConversationsUnread}, []string{"1", "2"}},
			{models.ConversationQuery{Show: models.ConversationsUnanswered}, []string{"2"}},
			{models.ConversationQuery{Show: models.ConversationsOpen}, []string{"1", "3"}},
			{models.ConversationQuery{Text: "verdi"}, []string{"1", "3"}},
			{models.ConversationQuery{Text: "verdi eva"}, []string{"3"}},
			{models.ConversationQuery{Text: "verdi", Show: models.ConversationsUnread}, []string{"1"}},
			{models.ConversationQuery{Text: "3"}, []string{"3"}},
			{models.ConversationQuery{Text: "!"}, nil},
		} {
			if got := w.conversations(c.q); !slices.Equal(got, c.want) {
				t.Errorf("%+v: %v, want %v", c.q, got, c.want)
			}
		}
		list, _, err := s.Conversations(w.ctx, models.ConversationQuery{Limit: 10}, now)
		w.must(err)
		if list[0].Last == nil || list[0].Last.Text != "Buongiorno" || list[1].Last == nil || list[1].Last.Text != "Eccoci" || list[2].Last != nil {
			t.Errorf("the latest words are %+v, %+v and %+v", list[0].Last, list[1].Last, list[2].Last)
		}
		if n, err := s.UnreadConversations(w.ctx); err != nil || n != 2 {
			t.Errorf("%d are unread, error %v; want 2", n, err)
		}
		w.update(func(tx *store.Tx) error { return errors.Join(tx.SetUnread(ada.ID, false), tx.SetAnswered(ben.ID)) })
		if n, err := s.UnreadConversations(w.ctx); err != nil || n != 0 || len(w.conversations(models.ConversationQuery{Show: models.ConversationsUnanswered})) != 0 {
			t.Errorf("%d are unread, error %v; want none, and none to answer", n, err)
		}
		w.update(func(tx *store.Tx) error { return tx.SetUnread(ada.ID, true) })
		if got := w.conversations(models.ConversationQuery{Show: models.ConversationsUnread}); !slices.Equal(got, []string{"1"}) {
			t.Errorf("unread again: %v", got)
		}
		if err := s.Update(w.ctx, func(tx *store.Tx) error { return tx.SetUnread(4711, true) }); models.KindOf(err) != models.KindNotFound {
			t.Errorf("a conversation that is none: %v", err)
		}
		if _, _, err := s.Conversations(w.ctx, models.ConversationQuery{Show: "blue", Limit: 1}, now); models.KindOf(err) != models.KindInvalid {
			t.Errorf("a filter that is none: %v", err)
		}
	})
}

// What was written is found for half a year, names for ever, and nobody by a name that is theirs no more.
func TestContactWords(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		w := newWorld(t, s, clock)
		ada, ben := w.talker("1", "Ada Verdi", time.Hour), w.talker("2", "Ben Neri", 2*time.Hour)
		heard := func(c models.Contact, text string) {
			w.update(func(tx *store.Tx) error {
				return tx.SaveHeard([]store.Heard{{ContactID: c.ID, Text: text, At: tx.Now()}})
			})
		}
		finds := func(text string, want ...string) {
			t.Helper()
			if got := w.conversations(models.ConversationQuery{Text: text}); !slices.Equal(got, want) {
				t.Errorf("%q finds %v, want %v", text, got, want)
			}
		}
		heard(ada, "Fate spedizioni in Svizzera? Saluti, Verdi")
		heard(ben, "La spedizione è arrivata, è verdissima!")
		finds("spediz", "1", "2")
		finds("spedizioni svizzera", "1")
		finds("SVIZZERA", "1")
		finds("ben verdi", "2")
		finds("vizzera")
		if list, _, err := s.Contacts(w.ctx, models.ContactQuery{Text: "spedizioni", Limit: 5}, clock.Now()); err != nil || len(list) != 0 {
			t.Errorf("contacts are found by what they wrote: %d, %v", len(list), err)
		}
		w.update(func(tx *store.Tx) error { return tx.SaveProfile(ada.ID, "Adele Bianchi", "") })
		finds("bianchi", "1")
		clock.Advance(100 * 24 * time.Hour)
		heard(ben, "spedizione?")
		clock.Advance(100 * 24 * time.Hour)
		w.must(s.Tidy(w.ctx))
		finds("svizzera")
		finds("spedizione", "2")
		finds("adele", "1")
	})
}

func TestSavedReplies(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		w := newWorld(t, s, clock)
		reply := models.SavedReply{Language: "it", Title: "Spedizione", Text: "In due giorni."}
		w.update(func(tx *store.Tx) error {
			var err error
			reply, err = tx.SaveReply(reply)
			return err
		})
		again := func(r models.SavedReply) error {
			return s.Update(w.ctx, func(tx *store.Tx) error { _, err := tx.SaveReply(r); return err })
		}
		if err := again(models.SavedReply{Language: "it", Title: "Spedizione", Text: "Anche questa."}); models.KindOf(err) != models.KindInvalid {
			t.Errorf("a second one with the same title: %v", err)
		}
		w.must(again(models.SavedReply{Language: "en", Title: "Spedizione", Text: "In two days."}))
		clock.Advance(time.Minute)
		reply.Text = "In tre giorni."
		w.must(again(reply))
		if err := again(models.SavedReply{ID: 4711, Language: "it", Title: "Altro", Text: "x"}); models.KindOf(err) != models.KindNotFound {
			t.Errorf("one that is none: %v", err)
		}
		list, err := s.SavedReplies(w.ctx)
		w.must(err)
		if len(list) != 2 || list[0].Language != "en" || list[1].Text != "In tre giorni." || !list[1].UpdatedAt.After(list[1].CreatedAt) {
			t.Errorf("saved are %+v", list)
		}
		w.update(func(tx *store.Tx) error { return tx.DeleteReply(reply.ID) })
		if _, err := s.SavedReply(w.ctx, reply.ID); models.KindOf(err) != models.KindNotFound {
			t.Errorf("a deleted one is still there: %v", err)
		}
		if err := s.Update(w.ctx, func(tx *store.Tx) error { return tx.DeleteReply(reply.ID) }); models.KindOf(err) != models.KindNotFound {
			t.Errorf("deleted twice: %v", err)
		}
	})
}

// TestCommonWord finds whoever acted last where more people have a word than a search ever gathers, and those who have a
// rarer one as well.
func TestCommonWord(t *testing.T) {
	const n = 5200
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		w := newWorld(t, s, clock)
		list := make([]models.Contact, n)
		for i := range list { // whoever acted last has the lowest number
			list[i] = models.Contact{PageID: pageID, PSID: fmt.Sprint("p", i), Name: "Alba Verdi", LastActionAt: clock.Now().Add(-time.Duration(i) * time.Minute)}
		}
		list[n-3].Name = "Alba Neri"
		w.must(s.Seeding(w.ctx, func(context.Context) error {
			return s.Update(w.ctx, func(tx *store.Tx) error { return tx.SeedContacts(list) })
		}))
		w.update(func(tx *store.Tx) error { return tx.NoteWords(list[n-5].ID, true) })
		for _, c := range []struct {
			q    models.ConversationQuery
			want []string
		}{
			{models.ConversationQuery{Text: "alba"}, []string{"p0", "p1", "p2"}},
			{models.ConversationQuery{Text: "ver al"}, []string{"p0", "p1", "p2"}},
			{models.ConversationQuery{Text: "alba neri"}, []string{fmt.Sprint("p", n-3)}},
			{models.ConversationQuery{Text: "alba", Show: models.ConversationsUnread}, []string{fmt.Sprint("p", n-5)}}, // behind those looked at first
		} {
			c.q.Limit = 3
			if got := w.conversations(c.q); !slices.Equal(got, c.want) {
				t.Errorf("%+v: %v, want %v", c.q, got, c.want)
			}
		}
		q := models.ContactQuery{Text: "alba", Limit: 3}
		for _, want := range [][]string{{"p0", "p1", "p2"}, {"p3", "p4", "p5"}} {
			rows, next, err := s.Contacts(w.ctx, q, clock.Now())
			w.must(err)
			if got := names(rows, func(r models.ContactRow) string { return r.PSID }); !slices.Equal(got, want) {
				t.Errorf("behind %q: %v, want %v", q.Cursor, got, want)
			}
			q.Cursor = next
		}
	})
}
