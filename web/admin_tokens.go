package web

import (
	"context"
	"net/http"

	"github.com/labstack/echo/v4"

	"bentornato/models"
	"bentornato/views"
)

// tokenWithdrawer takes tokens back for the merchant.
type tokenWithdrawer interface {
	WithdrawToken(ctx context.Context, id int64) error
}

// tokenScreen is the list of tokens, without their secrets.
type tokenScreen struct {
	office
	read     tokenReader
	products skuReader
	stats    statsReader
	work     tokenWithdrawer
}

// show answers GET /tokens.
func (h tokenScreen) show(c echo.Context) error {
	ctx := c.Request().Context()
	state, err := choiceOf(c, "state", models.TokenStates)
	if err != nil {
		return err
	}
	variants, err := variantsOf(c, h.products)
	if err != nil {
		return err
	}
	frame, _, err := h.frame(c)
	if err != nil {
		return err
	}
	totals, err := h.stats.Stats(ctx, "")
	if err != nil {
		return err
	}
	p := views.TokensProps{Page: frame, State: state, SKU: c.QueryParam("sku"), Unassigned: c.QueryParam("unassigned") == "yes",
		Counts: totals.Tokens, Pager: views.Pager{Cursor: c.QueryParam("cursor")}}
	q := models.TokenQuery{VariantIDs: variants, State: state, Unassigned: p.Unassigned, Limit: screenRows, Cursor: p.Pager.Cursor}
	if p.Rows, p.Pager.Next, err = h.read.Tokens(ctx, q, frame.Now); err != nil {
		return err
	}
	return render(c, http.StatusOK, views.Tokens(p))
}

// withdraw answers POST /tokens/{id}/withdraw.
func (h tokenScreen) withdraw(c echo.Context) error {
	ctx := c.Request().Context()
	id, err := idOf(c)
	if err != nil {
		return err
	}
	if _, err := h.read.Token(ctx, id); err != nil {
		return err
	}
	if err := h.work.WithdrawToken(ctx, id); err != nil {
		return h.refused(c, err, "/tokens")
	}
	return h.done(c, views.NoticeTokenWithdrawn, "/tokens")
}
