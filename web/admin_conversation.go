package web

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"bentornato/models"
	"bentornato/views"
)

// conversationReader reads one conversation and what belongs to it.
type conversationReader interface {
	conversationLister
	Contact(ctx context.Context, id int64) (models.Contact, error)
	Messages(ctx context.Context, contactID int64, limit int, cursor string) ([]models.Message, string, error)
	Affairs(ctx context.Context, contactID int64, limit int, now time.Time) (models.Affairs, error)
	healthReader
	Users(ctx context.Context) ([]models.User, error)
}

// conversationWriter answers conversations, and marks them.
type conversationWriter interface {
	Reply(ctx context.Context, contactID, userID int64, text string) error
	MarkRead(ctx context.Context, contactID int64) error
	MarkUnread(ctx context.Context, contactID int64) error
	MarkAnswered(ctx context.Context, contactID int64) error
}

// How much a conversation's screen shows.
const (
	threadRows  = 50 // messages
	affairRows  = 50 // interests, requests, tokens and orders, of each
	besideRows  = 20 // other conversations, on a wide screen
	replyTarget = "#box"
)

// conversationScreen is one conversation.
type conversationScreen struct {
	office
	read   conversationReader
	unread unreadCounter
	saved  savedReplyReader
	work   conversationWriter
	stop   <-chan struct{}
	now    func() time.Time
}

// show answers GET /inbox/{contact}.
func (h conversationScreen) show(c echo.Context) error {
	contact, err := h.contact(c)
	if err != nil {
		return err
	}
	return h.render(c, http.StatusOK, contact, views.ReplyForm{})
}

func (h conversationScreen) contact(c echo.Context) (models.Contact, error) {
	id, err := idOf(c)
	if err != nil {
		return models.Contact{}, err
	}
	return h.read.Contact(c.Request().Context(), id)
}

func (h conversationScreen) render(c echo.Context, status int, contact models.Contact, form views.ReplyForm) error {
	ctx := c.Request().Context()
	frame, on, err := h.frameOn(c, contact.PageID)
	if err != nil {
		return err
	}
	frame.CurrentURL = numberPath("/inbox/", contact.ID)
	p, err := h.measure(ctx, frame, on, contact, c.QueryParam("cursor"))
	if err != nil {
		return err
	}
	p.Form = form
	if p.Beside, _, err = h.read.Conversations(ctx, models.ConversationQuery{Limit: besideRows}, frame.Now); err != nil {
		return err
	}
	return render(c, status, views.Conversation(p))
}

// measure reads what a conversation is now.
func (h conversationScreen) measure(ctx context.Context, frame views.Page, on models.Page, contact models.Contact, cursor string) (views.ConversationProps, error) {
	p := views.ConversationProps{Page: frame, Contact: contact, OnPage: on, Pager: views.Pager{Cursor: cursor}, Authors: map[int64]string{}}
	var err error
	if p.Health, err = h.read.PageHealth(ctx, on.ID); err != nil {
		return p, err
	}
	p.As, p.May = models.ReplyAs(on, p.Health, contact, frame.Now)
	if p.Messages, p.Pager.Next, err = h.read.Messages(ctx, contact.ID, threadRows, cursor); err != nil {
		return p, err
	}
	if p.Affairs, err = h.read.Affairs(ctx, contact.ID, affairRows, frame.Now); err != nil {
		return p, err
	}
	if slices.ContainsFunc(p.Messages, func(m models.Message) bool { return m.TypedBy != 0 }) {
		users, err := h.read.Users(ctx)
		if err != nil {
			return p, err
		}
		for _, u := range users {
			p.Authors[u.ID] = u.Email
		}
	}
	if p.Saved, err = h.saved.SavedReplies(ctx); err != nil {
		return p, err
	}
	language := models.Language(contact.Locale, on.Locale)
	slices.SortStableFunc(p.Saved, func(a, b models.SavedReply) int {
		return cmp.Compare(foreign(a.Language, language), foreign(b.Language, language))
	})
	return p, nil
}

// foreign sorts what is in another language behind what is in this one.
func foreign(language, own string) int {
	if language == own {
		return 0
	}
	return 1
}

// follow answers GET /inbox/{contact}/events: server-sent events with what was said, the time left in both windows, what
// may be answered, and the marks, each whenever it changed.
func (h conversationScreen) follow(c echo.Context) error {
	contact, err := h.contact(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	return stream(c, h.stop, func() ([]part, bool, error) {
		contact, err := h.read.Contact(ctx, contact.ID)
		if err != nil {
			return nil, false, err
		}
		on, err := h.pages.Page(ctx, contact.PageID)
		if err != nil {
			return nil, false, err
		}
		p, err := h.measure(ctx, views.Page{User: userOf(c), Now: h.now(), Loc: on.Location()}, on, contact, "")
		if err != nil {
			return nil, false, err
		}
		parts, err := partsOf(ctx, []string{"windows", "thread", "box", "actions"},
			[]templ.Component{views.ConversationWindows(p), views.ConversationThread(p), views.ConversationBox(p), views.ConversationActions(p)})
		if err != nil {
			return nil, false, err
		}
		// A clock runs in the windows; what it shows is sent again when somebody else moved it.
		parts[0].mark = []byte(contact.LastActionAt.Format(time.RFC3339) + p.Now.Truncate(time.Minute).Format(time.RFC3339))
		return parts, false, nil
	})
}

// reply answers POST /inbox/{contact}/reply: it sends what was typed or, where a saved reply was pressed, puts that into
// the box behind what was typed.
func (h conversationScreen) reply(c echo.Context) error {
	ctx := c.Request().Context()
	contact, err := h.contact(c)
	if err != nil {
		return err
	}
	form := views.ReplyForm{Text: strings.ReplaceAll(c.FormValue("text"), "\r\n", "\n")}
	if insert := c.FormValue("insert"); insert != "" {
		if form.Text, err = h.insert(ctx, contact, form.Text, insert); err != nil {
			return err
		}
		return h.render(c, http.StatusOK, contact, form)
	}
	form.Err = h.work.Reply(ctx, contact.ID, userOf(c).ID, form.Text)
	if form.Err == nil {
		return c.Redirect(http.StatusSeeOther, numberPath("/inbox/", contact.ID)+replyTarget)
	}
	status, ok := mendable(form.Err)
	if !ok {
		return form.Err
	}
	if status == statuses[models.KindConflict] {
		form.Err = nil // the box says why, in the reader's language
	}
	return h.render(c, status, contact, form)
}

// insert puts a saved reply behind what was typed.
func (h conversationScreen) insert(ctx context.Context, contact models.Contact, typed, number string) (string, error) {
	id, err := strconv.ParseInt(number, 10, 64)
	if err != nil {
		return "", models.Errorf(models.KindNotFound, "There is no such saved reply.")
	}
	reply, err := h.saved.SavedReply(ctx, id)
	if err != nil {
		return "", err
	}
	a, err := h.read.Affairs(ctx, contact.ID, 1, h.now())
	if err != nil {
		return "", err
	}
	product := ""
	if len(a.Interests) > 0 {
		product = a.Variants[a.Interests[0].VariantID].Name()
	}
	text := reply.Fill(contact.Name, product)
	if typed = strings.TrimSpace(typed); typed != "" {
		text = typed + "\n\n" + text
	}
	return text, nil
}

// markRead answers POST /inbox/{contact}/read; a script, which sends it by itself, gets the marks as they are then.
func (h conversationScreen) markRead(c echo.Context) error {
	ctx := c.Request().Context()
	contact, err := h.contact(c)
	if err != nil {
		return err
	}
	if err := h.work.MarkRead(ctx, contact.ID); err != nil {
		return err
	}
	if c.Request().Header.Get("HX-Request") == "" {
		return h.done(c, views.NoticeSaved, numberPath("/inbox/", contact.ID))
	}
	p := views.ConversationProps{Page: views.Page{User: userOf(c)}, Contact: contact}
	p.Contact.Unread = false
	if p.Unread, err = h.unread.UnreadConversations(ctx); err != nil {
		return err
	}
	return render(c, http.StatusOK, views.ConversationRead(p))
}

// markUnread answers POST /inbox/{contact}/unread. It leads back to the list: on its own screen it would be read again.
func (h conversationScreen) markUnread(c echo.Context) error {
	contact, err := h.contact(c)
	if err != nil {
		return err
	}
	if err := h.work.MarkUnread(c.Request().Context(), contact.ID); err != nil {
		return err
	}
	return h.done(c, views.NoticeMarkedUnread, "/inbox")
}

// markAnswered answers POST /inbox/{contact}/answered.
func (h conversationScreen) markAnswered(c echo.Context) error {
	contact, err := h.contact(c)
	if err != nil {
		return err
	}
	if err := h.work.MarkAnswered(c.Request().Context(), contact.ID); err != nil {
		return err
	}
	return h.done(c, views.NoticeSaved, numberPath("/inbox/", contact.ID))
}
