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
	// homeRestocks is how many restocks of each sort the first screen shows; the list has the others.
	homeRestocks = 20
	// homeDays is how many days its chart shows.
	homeDays = 14
	// maxUnassigned is where it stops counting tokens of no known product.
	maxUnassigned = 1000
)

// homeReader finds what needs somebody, and how it goes.
type homeReader interface {
	Sources(ctx context.Context) ([]models.Source, error)
	Unassigned(ctx context.Context, limit int) (int, error)
	Days(ctx context.Context, since time.Time) ([]models.Day, error)
}

// openRestocks finds the restocks that are going on.
type openRestocks interface {
	Restocks(ctx context.Context, q models.RestockQuery) ([]models.RestockRow, string, error)
}

// homeScreen is the first screen.
type homeScreen struct {
	office
	read     homeReader
	products variantLister
	stats    statsReader
	restocks openRestocks
}

// show answers GET /.
func (h homeScreen) show(c echo.Context) error {
	ctx := c.Request().Context()
	frame, pages, err := h.frame(c)
	if err != nil {
		return err
	}
	p := views.HomeProps{Page: frame, Pages: pages}
	if p.NeedsOK, _, err = h.restocks.Restocks(ctx, models.RestockQuery{State: models.RestockNeedsOK, Limit: homeRestocks}); err != nil {
		return err
	}
	open, _, err := h.restocks.Restocks(ctx, models.RestockQuery{OpenOnly: true, Limit: homeRestocks + len(p.NeedsOK)})
	if err != nil {
		return err
	}
	for _, r := range open {
		if r.State != models.RestockNeedsOK && len(p.Running) < homeRestocks {
			p.Running = append(p.Running, r)
		}
	}
	if p.Sources, err = h.read.Sources(ctx); err != nil {
		return err
	}
	if p.Unassigned, err = h.read.Unassigned(ctx, maxUnassigned); err != nil {
		return err
	}
	some, _, err := h.products.ListVariants(ctx, models.VariantQuery{Limit: 1})
	if err != nil {
		return err
	}
	p.Products = len(some)
	p.Stats, err = h.counters(ctx, frame.Now.In(frame.Loc))
	if err != nil {
		return err
	}
	return render(c, http.StatusOK, views.Home(p))
}

// counters are those of the first screen. Days and months are those of the shop's calendar.
func (h homeScreen) counters(ctx context.Context, now time.Time) (views.HomeStats, error) {
	totals, err := h.stats.Stats(ctx, "")
	if err != nil {
		return views.HomeStats{}, err
	}
	s := views.HomeStats{Contacts: totals.Contacts, Waiting: totals.Tokens[models.TokenWaiting]}
	month := time.Date(now.Year(), now.Month(), 1, 0, 0, 0, 0, time.UTC)
	today := models.DayIn(now, now.Location())
	first := today.AddDate(0, 0, 1-homeDays)
	since := first
	if month.Before(since) {
		since = month
	}
	days, err := h.read.Days(ctx, since)
	if err != nil {
		return s, err
	}
	byDay := make([]int, homeDays)
	for _, d := range days {
		if !d.Begin.Before(month) {
			s.SentMonth += d.Sent
			s.Clicks += d.Clicks
		}
		if i := int(d.Begin.Sub(first) / (24 * time.Hour)); i >= 0 && i < homeDays {
			byDay[i] = d.Sent
		}
	}
	if totals.Tokens[models.TokenSent] > 0 {
		s.SentByDay = byDay
	}
	return s, nil
}
