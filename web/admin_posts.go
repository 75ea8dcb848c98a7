package web

import (
	"context"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"bentornato/models"
	"bentornato/views"
)

// tieReader lists what a Page's posts and ads are tied to.
type tieReader interface {
	Ties(ctx context.Context, pageID string, limit int, cursor string) ([]models.TieRow, string, error)
}

// tier ties posts and ads to products.
type tier interface {
	Tie(ctx context.Context, pageID string, kind models.TieKind, text, sku string) error
	Untie(ctx context.Context, tie models.Tie) error
}

// postScreens are the posts and ads of a Page that are tied to products, and what we assume about Messenger.
type postScreens struct {
	office
	list tieReader
	work tier
}

// show answers GET /pages/{id}/posts.
func (h postScreens) show(c echo.Context) error {
	frame, on, err := h.frameOn(c, c.Param("id"))
	if err != nil {
		return err
	}
	return h.render(c, http.StatusOK, views.PostsProps{Page: frame, OnPage: on, Form: views.TieForm{Kind: models.TiePost}})
}

func (h postScreens) render(c echo.Context, status int, p views.PostsProps) error {
	p.CurrentURL = "/pages/" + p.OnPage.ID + "/posts"
	p.Pager.Cursor = c.QueryParam("cursor")
	var err error
	p.Rows, p.Pager.Next, err = h.list.Ties(c.Request().Context(), p.OnPage.ID, screenRows, p.Pager.Cursor)
	if err != nil {
		return err
	}
	return render(c, status, views.Posts(p))
}

// tie answers POST /pages/{id}/posts.
func (h postScreens) tie(c echo.Context) error {
	frame, on, err := h.frameOn(c, c.Param("id"))
	if err != nil {
		return err
	}
	form := views.TieForm{Kind: models.TieKind(typed(c, "tie_kind")), Ref: typed(c, "tie_ref"), SKU: typed(c, "tie_sku")}
	err = h.work.Tie(c.Request().Context(), on.ID, form.Kind, form.Ref, form.SKU)
	if status, ok := mendable(err); ok {
		form.Err = err
		return h.render(c, status, views.PostsProps{Page: frame, OnPage: on, Form: form})
	}
	if err != nil {
		return err
	}
	return h.done(c, views.NoticeTied, "/pages/"+on.ID+"/posts")
}

// untie answers POST /pages/{id}/posts/remove.
func (h postScreens) untie(c echo.Context) error {
	ctx := c.Request().Context()
	on, err := h.pages.Page(ctx, c.Param("id"))
	if err != nil {
		return err
	}
	variant, err := strconv.ParseInt(typed(c, "variant_id"), 10, 64)
	if err != nil {
		return models.FieldErrorf("variant_id", "variant_id is a number.")
	}
	err = h.work.Untie(ctx, models.Tie{PageID: on.ID, Kind: models.TieKind(typed(c, "tie_kind")), Ref: typed(c, "tie_ref"), VariantID: variant})
	if err != nil {
		return err
	}
	return h.done(c, views.NoticeUntied, "/pages/"+on.ID+"/posts")
}

// assume answers GET /pages/assumptions.
func (h postScreens) assume(c echo.Context) error {
	frame, pages, err := h.frame(c)
	if err != nil {
		return err
	}
	return render(c, http.StatusOK, views.Assumptions(views.AssumptionsProps{Page: frame, Pages: pages, Rows: models.Assumptions()}))
}
