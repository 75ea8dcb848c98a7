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

const (
	// demandWeeks is how many weeks the charts show.
	demandWeeks = 13
	// demandYear is how long ago what notifications led to still says something.
	demandYear = 365
	// maxEnding is where it stops counting tokens that end soon.
	maxEnding = 1000
)

// demandReader finds who waits for what, and what earlier notifications led to.
type demandReader interface {
	Demands(ctx context.Context, variants []models.Variant, now time.Time) (map[int64]models.Demand, error)
	Converted(ctx context.Context, since time.Time) (models.Conversion, error)
	Ending(ctx context.Context, before time.Time, limit int) (int, error)
	Days(ctx context.Context, since time.Time) ([]models.Day, error)
}

// demandScreen is what people wait for.
type demandScreen struct {
	office
	list  variantLister
	read  demandReader
	stats statsReader
}

// awaited selects what somebody waits for, the most awaited first.
func awaited(pageID, cursor string, limit int) models.VariantQuery {
	return models.VariantQuery{PageID: pageID, Availability: models.AvailableWaiting, Sort: models.SortWaiting, Cursor: cursor, Limit: limit}
}

// show answers GET /demand.
func (h demandScreen) show(c echo.Context) error {
	ctx := c.Request().Context()
	frame, pages, err := h.frame(c)
	if err != nil {
		return err
	}
	ctx = models.WithAccess(ctx, models.AccessOf(ctx).Only(c.QueryParam("page_id"))) // figures that know no Page follow the list's
	p := views.DemandProps{Page: frame, Pages: pages, PageID: c.QueryParam("page_id"), Pager: views.Pager{Cursor: c.QueryParam("cursor")}, EndingLimit: maxEnding}
	today := models.DayIn(frame.Now, frame.Loc)
	if p.Shop, err = h.read.Converted(ctx, today.AddDate(0, 0, -demandYear)); err != nil {
		return err
	}
	if p.Rows, p.Pager.Next, err = h.rows(ctx, awaited(p.PageID, p.Pager.Cursor, screenRows), p.Shop, frame.Now); err != nil {
		return err
	}
	totals, err := h.stats.Stats(ctx, "")
	if err != nil {
		return err
	}
	p.Waiting = totals.Tokens[models.TokenWaiting]
	if p.Ending, err = h.read.Ending(ctx, frame.Now.Add(models.EndingSoon), maxEnding); err != nil {
		return err
	}
	days, err := h.read.Days(ctx, today.AddDate(0, 0, 1-7*demandWeeks))
	if err != nil {
		return err
	}
	p.Weeks = views.WeeksOf(days, today, demandWeeks)
	return render(c, http.StatusOK, views.Demand(p))
}

// rows is one page of what somebody waits for.
func (h demandScreen) rows(ctx context.Context, q models.VariantQuery, shop models.Conversion, now time.Time) ([]views.DemandRow, string, error) {
	list, next, err := h.list.ListVariants(ctx, q)
	if err != nil {
		return nil, "", err
	}
	demands, err := h.read.Demands(ctx, list, now)
	if err != nil {
		return nil, "", err
	}
	rows := make([]views.DemandRow, len(list))
	for i, v := range list {
		d := demands[v.ID]
		rows[i] = views.DemandRow{Variant: v, Demand: d, Advice: models.AdviseOrder(v, d.Earlier, shop)}
	}
	return rows, next, nil
}

// export answers GET /demand.csv: everything that somebody waits for. Times are UTC's, as machines write them.
func (h demandScreen) export(c echo.Context) error {
	ctx := c.Request().Context()
	frame, _, err := h.frame(c)
	if err != nil {
		return err
	}
	ctx = models.WithAccess(ctx, models.AccessOf(ctx).Only(c.QueryParam("page_id")))
	shop, err := h.read.Converted(ctx, models.DayIn(frame.Now, frame.Loc).AddDate(0, 0, -demandYear))
	if err != nil {
		return err
	}
	q := awaited(c.QueryParam("page_id"), "", exportPage)
	rows, next, err := h.rows(ctx, q, shop, frame.Now)
	if err != nil {
		return err
	}
	out, err := newSheet(c, "demand.csv")
	if err != nil {
		return err
	}
	if err := out.row("sku", "title", "option", "available", "waiting", "oldest", "median", "ending_soon", "told", "clicked", "ordered", "order_about", "order_low", "order_high", "reckoned_from"); err != nil {
		return err
	}
	for {
		for _, r := range rows {
			if err := out.row(demandCells(r)...); err != nil {
				return err
			}
		}
		if next == "" {
			return out.end()
		}
		q.Cursor = next
		if rows, next, err = h.rows(ctx, q, shop, frame.Now); err != nil {
			return err
		}
	}
}

// demandCells are a row of the export. What nobody can tell is empty.
func demandCells(r views.DemandRow) []string {
	available, units := "", ""
	if !r.Variant.QuantityUnknown {
		available = strconv.Itoa(r.Variant.Available)
	}
	if r.Advice.Basis != models.AdviceNone {
		units = strconv.Itoa(r.Advice.Units)
	}
	at := func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return t.UTC().Format(time.RFC3339)
	}
	e := r.Earlier
	return []string{r.Variant.SKU, r.Variant.Title, r.Variant.Option, available, strconv.Itoa(r.Variant.Waiting), at(r.Oldest), at(r.Median), strconv.Itoa(r.Ending),
		strconv.Itoa(e.Sent), strconv.Itoa(e.Clicks), strconv.Itoa(e.Orders), units, strconv.Itoa(r.Advice.Low), strconv.Itoa(r.Advice.High), string(r.Advice.Basis)}
}
