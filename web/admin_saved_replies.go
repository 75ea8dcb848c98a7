package web

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"bentornato/models"
	"bentornato/views"
)

// savedReplyReader reads the replies that are written once and used often.
type savedReplyReader interface {
	SavedReplies(ctx context.Context) ([]models.SavedReply, error)
	SavedReply(ctx context.Context, id int64) (models.SavedReply, error)
}

// savedReplyWriter writes them.
type savedReplyWriter interface {
	SaveReply(ctx context.Context, reply models.SavedReply) error
	DeleteReply(ctx context.Context, id int64) error
}

// savedRepliesPath is where they are managed.
const savedRepliesPath = "/inbox/replies"

// savedReplyScreen is where they are managed.
type savedReplyScreen struct {
	office
	read savedReplyReader
	work savedReplyWriter
}

// show answers GET /inbox/replies.
func (h savedReplyScreen) show(c echo.Context) error {
	form := views.SavedReplyForm{}
	if edit := c.QueryParam("edit"); edit != "" {
		id, err := strconv.ParseInt(edit, 10, 64)
		if err != nil {
			return models.Errorf(models.KindNotFound, "There is no such saved reply.")
		}
		reply, err := h.read.SavedReply(c.Request().Context(), id)
		if err != nil {
			return err
		}
		form = views.SavedReplyForm{ID: reply.ID, Language: reply.Language, Title: reply.Title, Text: reply.Text}
	}
	return h.render(c, http.StatusOK, form)
}

func (h savedReplyScreen) render(c echo.Context, status int, form views.SavedReplyForm) error {
	frame, pages, err := h.frame(c)
	if err != nil {
		return err
	}
	frame.CurrentURL = savedRepliesPath
	if form.Language == "" && len(pages) > 0 {
		form.Language = models.Language(pages[0].Locale)
	}
	p := views.SavedRepliesProps{Page: frame, Form: form}
	if p.Replies, err = h.read.SavedReplies(c.Request().Context()); err != nil {
		return err
	}
	return render(c, status, views.SavedReplies(p))
}

// add answers POST /inbox/replies.
func (h savedReplyScreen) add(c echo.Context) error { return h.save(c, 0) }

// change answers POST /inbox/replies/{id}.
func (h savedReplyScreen) change(c echo.Context) error {
	id, err := idOf(c)
	if err != nil {
		return err
	}
	if _, err := h.read.SavedReply(c.Request().Context(), id); err != nil {
		return err
	}
	return h.save(c, id)
}

func (h savedReplyScreen) save(c echo.Context, id int64) error {
	form := views.SavedReplyForm{ID: id, Language: typed(c, "locale"), Title: typed(c, "reply_title"), Text: strings.ReplaceAll(c.FormValue("text"), "\r\n", "\n")}
	form.Err = h.work.SaveReply(c.Request().Context(), models.SavedReply{ID: id, Language: form.Language, Title: form.Title, Text: form.Text})
	if form.Err == nil {
		return h.done(c, views.NoticeReplySaved, savedRepliesPath)
	}
	status, ok := mendable(form.Err)
	if !ok {
		return form.Err
	}
	return h.render(c, status, form)
}

// remove answers POST /inbox/replies/{id}/delete.
func (h savedReplyScreen) remove(c echo.Context) error {
	id, err := idOf(c)
	if err != nil {
		return err
	}
	if err := h.work.DeleteReply(c.Request().Context(), id); err != nil {
		return err
	}
	return h.done(c, views.NoticeReplyDeleted, savedRepliesPath)
}
