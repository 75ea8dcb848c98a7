package web

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"bentornato/models"
	"bentornato/views"
)

// conversationLister lists conversations.
type conversationLister interface {
	Conversations(ctx context.Context, q models.ConversationQuery, now time.Time) ([]models.ConversationRow, string, error)
}

// unreadCounter counts conversations that nobody of the team has looked at.
type unreadCounter interface {
	UnreadConversations(ctx context.Context) (int, error)
}

// closingRows is how many people the strip above the inbox names.
const closingRows = 3

// inboxScreen is the list of conversations.
type inboxScreen struct {
	office
	list conversationLister
	asks askReader
	stop <-chan struct{}
	now  func() time.Time
}

var conversationFilters = []models.ConversationFilter{models.ConversationsUnread, models.ConversationsUnanswered, models.ConversationsOpen}

// show answers GET /inbox.
func (h inboxScreen) show(c echo.Context) error {
	ctx := c.Request().Context()
	filter, err := choiceOf(c, "show", conversationFilters)
	if err != nil {
		return err
	}
	frame, pages, err := h.frame(c)
	if err != nil {
		return err
	}
	p := views.InboxProps{Page: frame, Query: c.QueryParam("q"), Show: filter, Pages: pages, PageID: c.QueryParam("page_id"), Pager: views.Pager{Cursor: c.QueryParam("cursor")}}
	q := models.ConversationQuery{PageID: p.PageID, Show: filter, Text: p.Query, Limit: screenRows, Cursor: p.Pager.Cursor}
	if p.Rows, p.Pager.Next, err = h.list.Conversations(ctx, q, frame.Now); err != nil {
		return err
	}
	if p.Closing, err = h.closing(ctx, frame.Now); err != nil {
		return err
	}
	return render(c, http.StatusOK, views.Inbox(p))
}

// closing is who is still to be asked, and not for much longer.
func (h inboxScreen) closing(ctx context.Context, now time.Time) ([]models.AskRow, error) {
	rows, _, err := h.asks.AskRows(ctx, models.AskQuery{Limit: closingRows}, now)
	if err != nil {
		return nil, err
	}
	rows = slices.DeleteFunc(rows, func(r models.AskRow) bool { return r.Answer.Until.Sub(now) > models.AskSoon })
	return rows[:min(len(rows), closingRows)], nil
}

// follow answers GET /inbox/events: server-sent events with the beginning of the list, whenever it changed.
func (h inboxScreen) follow(c echo.Context) error {
	filter, err := choiceOf(c, "show", conversationFilters)
	if err != nil {
		return err
	}
	pages, err := h.pages.Pages(c.Request().Context())
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	return stream(c, h.stop, func() ([]part, bool, error) {
		p := views.InboxProps{Page: views.Page{User: userOf(c), Now: h.now(), Loc: zoneOf(pages)}, Show: filter, Pages: pages, PageID: c.QueryParam("page_id")}
		var err error
		if p.Rows, _, err = h.list.Conversations(ctx, models.ConversationQuery{PageID: p.PageID, Show: filter, Limit: screenRows}, p.Now); err != nil {
			return nil, false, err
		}
		parts, err := partsOf(ctx, []string{"conversations"}, []templ.Component{views.InboxRows(p)})
		if err != nil {
			return nil, false, err
		}
		// Clocks run in the list, which is no news within a minute.
		p.Now = p.Now.Truncate(time.Minute)
		still, err := partsOf(ctx, []string{""}, []templ.Component{views.InboxRows(p)})
		if err != nil {
			return nil, false, err
		}
		parts[0].mark = still[0].html
		return parts, false, nil
	})
}
