package web

import (
	"context"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"bentornato/models"
	"bentornato/views"
)

const (
	// restockAttempts is how many calls a restock's screen lists, restockFirst how many of those who stand first in line.
	restockAttempts = 50
	restockFirst    = 8
	// paceWindow is over how long a restock's pace is measured.
	paceWindow = 10 * time.Second
)

// progressReader finds how a restock is getting on.
type progressReader interface {
	Ledger(ctx context.Context, restockID int64, limit int, cursor string) ([]models.AttemptRow, string, error)
	// FirstWaiting lists the tokens that will be spent first.
	FirstWaiting(ctx context.Context, variantID int64, newestFirst bool, limit int, now time.Time) ([]models.TokenRow, error)
	// RecentlySent counts the notifications of a restock whose call was made since a time.
	RecentlySent(ctx context.Context, restockID int64, since time.Time) (int, error)
}

// restockScreens are the list of restocks, each one's screen, and the stream that keeps it up to date.
type restockScreens struct {
	office
	read     restockReader
	progress progressReader
	would    forecaster
	// stop ends the streams: the process is about to.
	stop <-chan struct{}
	now  func() time.Time
}

// showList answers GET /restocks.
func (h restockScreens) showList(c echo.Context) error {
	state, err := choiceOf(c, "state", models.RestockStates)
	if err != nil {
		return err
	}
	frame, pages, err := h.frame(c)
	if err != nil {
		return err
	}
	p := views.RestocksProps{Page: frame, State: state, Pages: pages, PageID: c.QueryParam("page_id"), Pager: views.Pager{Cursor: c.QueryParam("cursor")}}
	p.Rows, p.Pager.Next, err = h.read.Restocks(c.Request().Context(), models.RestockQuery{PageID: p.PageID, State: state, Limit: screenRows, Cursor: p.Pager.Cursor})
	if err != nil {
		return err
	}
	return render(c, http.StatusOK, views.Restocks(p))
}

// show answers GET /restocks/{id}.
func (h restockScreens) show(c echo.Context) error {
	ctx := c.Request().Context()
	id, err := idOf(c)
	if err != nil {
		return err
	}
	progress, err := h.measure(ctx, id, userOf(c))
	if err != nil {
		return err
	}
	frame := h.page(c)
	frame.Loc = progress.Loc
	p := views.RestockProps{Page: frame, Progress: progress, Pager: views.Pager{Cursor: c.QueryParam("cursor")}}
	if p.Attempts, p.Pager.Next, err = h.progress.Ledger(ctx, id, restockAttempts, p.Pager.Cursor); err != nil {
		return err
	}
	if progress.Restock.Orders > 0 {
		revenue, err := h.read.Revenue(ctx, []int64{id})
		if err != nil {
			return err
		}
		p.Revenue = revenue[id]
	}
	return render(c, http.StatusOK, views.Restock(p))
}

// measure gathers how a restock is getting on at this moment.
func (h restockScreens) measure(ctx context.Context, id int64, u models.User) (views.Progress, error) {
	r, err := h.read.Restock(ctx, id)
	if err != nil {
		return views.Progress{}, err
	}
	v, err := h.read.Variant(ctx, r.VariantID)
	if err != nil {
		return views.Progress{}, err
	}
	on, err := h.pages.Page(ctx, r.PageID)
	if err != nil {
		return views.Progress{}, err
	}
	now := h.now()
	p := views.Progress{Restock: r, Variant: v, OnPage: on, Waiting: v.Waiting, MayWork: u.Role.Allows(models.RoleStaff), Now: now, Loc: on.Location()}
	if notStarted(r) {
		f, err := h.would.forecast(ctx, v, on, &r, v.Stock(), now)
		if err != nil {
			return p, err
		}
		p.Forecast = &f
		if p.First, err = h.progress.FirstWaiting(ctx, v.ID, r.NewestFirst, restockFirst, now); err != nil {
			return p, err
		}
	}
	if r.State != models.RestockRunning {
		return p, nil
	}
	recent, err := h.progress.RecentlySent(ctx, id, now.Add(-paceWindow))
	if err != nil {
		return p, err
	}
	p.Rate = float64(recent) / paceWindow.Seconds()
	p.QuietUntil, _ = models.QuietUntil(on, now)
	p.EndsAt = models.EstimatedEnd(r, v.Waiting, on, now)
	if left := v.Waiting + r.Claimed; p.Rate > 0 && !p.EndsAt.IsZero() && p.QuietUntil.IsZero() {
		p.EndsAt = now.Add(time.Duration(float64(left) / p.Rate * float64(time.Second)))
	}
	return p, nil
}

// act answers POST /restocks/{id}/pause and its like.
func (h restockScreens) act(do func(ctx context.Context, id int64) (models.Restock, error), notice views.Notice) echo.HandlerFunc {
	return func(c echo.Context) error {
		id, err := idOf(c)
		if err != nil {
			return err
		}
		target := numberPath("/restocks/", id)
		if _, err := do(c.Request().Context(), id); err != nil {
			return h.refused(c, err, target)
		}
		return h.done(c, notice, target)
	}
}
