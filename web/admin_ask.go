package web

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"bentornato/models"
	"bentornato/views"
)

// askReader finds the people to ask.
type askReader interface {
	AskRows(ctx context.Context, q models.AskQuery, now time.Time) ([]models.AskRow, string, error)
}

// asker asks people, by hand, whether to tell them when something is back.
type asker interface {
	AskContact(ctx context.Context, contactID, variantID int64) error
	AskEverybody(ctx context.Context) (asked int, more bool, err error)
}

// askScreen is the list of people to ask before their windows close.
type askScreen struct {
	office
	read askReader
	work asker
}

// show answers GET /ask.
func (h askScreen) show(c echo.Context) error {
	show, err := choiceOf(c, "show", []string{"refused"})
	if err != nil {
		return err
	}
	frame, pages, err := h.frame(c)
	if err != nil {
		return err
	}
	p := views.AskProps{Page: frame, Refused: show != "", Pages: pages, PageID: c.QueryParam("page_id"), Pager: views.Pager{Cursor: c.QueryParam("cursor")}}
	q := models.AskQuery{PageID: p.PageID, Refused: p.Refused, Limit: screenRows, Cursor: p.Pager.Cursor}
	if p.Rows, p.Pager.Next, err = h.read.AskRows(c.Request().Context(), q, frame.Now); err != nil {
		return err
	}
	return render(c, http.StatusOK, views.Ask(p))
}

// ask answers POST /ask: one person.
func (h askScreen) ask(c echo.Context) error {
	contact, errContact := strconv.ParseInt(c.FormValue("contact_id"), 10, 64)
	variant, errVariant := strconv.ParseInt(c.FormValue("variant_id"), 10, 64)
	if errContact != nil || errVariant != nil {
		return models.Errorf(models.KindNotFound, "There is no such person or product.")
	}
	if err := h.work.AskContact(c.Request().Context(), contact, variant); err != nil {
		return h.refused(c, err, "/ask")
	}
	h.flash(c, views.Flash{Counted: views.CountedAsked, Count: 1})
	return c.Redirect(http.StatusSeeOther, "/ask")
}

// askAll answers POST /ask/all: everybody who may be asked, of the Page that the list was filtered by or of all, and says how many
// were.
func (h askScreen) askAll(c echo.Context) error {
	n, more, err := h.work.AskEverybody(onPage(c.Request().Context(), c.FormValue("page_id")))
	if err != nil {
		return err
	}
	f := views.Flash{Counted: views.CountedAsked, Count: n}
	switch {
	case n == 0:
		f = views.Flash{Notice: views.NoticeAskedNobody}
	case more:
		f.Counted = views.CountedAskedSome
	}
	h.flash(c, f)
	return c.Redirect(http.StatusSeeOther, views.AskPath(c.FormValue("page_id")))
}
