package web

import (
	"bytes"
	"context"
	"net/http"
	"slices"
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
	// closingSoon is how near the end of a window needs somebody now.
	closingSoon = 3 * time.Hour
	// maxUnassigned is where it stops counting tokens of no known product.
	maxUnassigned = 1000
)

// homeReader finds what needs somebody, and how it goes.
type homeReader interface {
	Sources(ctx context.Context) ([]models.Source, error)
	PollsOf(ctx context.Context) (map[string]models.Poll, error)
	Unassigned(ctx context.Context, limit int) (int, error)
	FirstSteps(ctx context.Context) (models.FirstSteps, error)
	Days(ctx context.Context, since time.Time) ([]models.Day, error)
}

// endingReader counts tokens that end soon.
type endingReader interface {
	Ending(ctx context.Context, before time.Time, limit int) (int, error)
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
	asks     askReader
	ends     endingReader
	// stop ends the streams: the process is about to.
	stop <-chan struct{}
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
	if p.Running, err = h.running(ctx); err != nil {
		return err
	}
	if p.Closing, p.ClosingMore, err = h.closing(ctx, frame.Now); err != nil {
		return err
	}
	p.EndingLimit = maxEnding
	if p.Ending, err = h.ends.Ending(ctx, frame.Now.Add(models.EndingSoon), maxEnding); err != nil {
		return err
	}
	if p.Sources, err = h.read.Sources(ctx); err != nil {
		return err
	}
	if p.Polls, err = h.read.PollsOf(ctx); err != nil {
		return err
	}
	if p.Unassigned, err = h.read.Unassigned(ctx, maxUnassigned); err != nil {
		return err
	}
	if p.Steps, err = h.read.FirstSteps(ctx); err != nil {
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

// running are the restocks that are held, running or paused, the latest first.
func (h homeScreen) running(ctx context.Context) ([]models.RestockRow, error) {
	open, _, err := h.restocks.Restocks(ctx, models.RestockQuery{OpenOnly: true, Limit: 2 * homeRestocks})
	if err != nil {
		return nil, err
	}
	open = slices.DeleteFunc(open, func(r models.RestockRow) bool { return r.State == models.RestockNeedsOK })
	return open[:min(len(open), homeRestocks)], nil
}

// closing are the people who may be asked and whose window closes soon, and whether there are others.
func (h homeScreen) closing(ctx context.Context, now time.Time) ([]models.AskRow, bool, error) {
	rows, next, err := h.asks.AskRows(ctx, models.AskQuery{Limit: homeRestocks}, now)
	if err != nil {
		return nil, false, err
	}
	for i, r := range rows { // the soonest stand first
		if r.Answer.Until.Sub(now) > closingSoon {
			return rows[:i], false, nil
		}
	}
	return rows, next != "" && len(rows) > 0, nil
}

// follow answers GET /events: server-sent events with what is running, until nothing is.
func (h homeScreen) follow(c echo.Context) error {
	ctx := c.Request().Context()
	return stream(c, h.stop, func() ([]part, bool, error) {
		rows, err := h.running(ctx)
		if err != nil {
			return nil, false, err
		}
		var b bytes.Buffer
		if len(rows) > 0 {
			err = views.RunningRestocks(rows).Render(ctx, &b)
		}
		return []part{{event: "running", html: b.Bytes()}}, len(rows) == 0, err
	})
}

// counters are those of the first screen. Days and months are those of the shop's calendar.
func (h homeScreen) counters(ctx context.Context, now time.Time) (views.HomeStats, error) {
	totals, err := h.stats.Stats(ctx, "")
	if err != nil {
		return views.HomeStats{}, err
	}
	s := views.HomeStats{Contacts: totals.Contacts, Waiting: totals.Tokens[models.TokenWaiting]}
	today := models.DayIn(now, now.Location())
	month := today.AddDate(0, 0, 1-today.Day())
	before := month.AddDate(0, -1, 0)
	// Last month is counted up to the same day of it, or to its end where it is the shorter one.
	until := before.AddDate(0, 0, today.Day())
	if until.After(month) {
		until = month
	}
	first := today.AddDate(0, 0, 1-homeDays)
	since := first
	if before.Before(since) {
		since = before
	}
	days, err := h.read.Days(ctx, since)
	if err != nil {
		return s, err
	}
	byDay := make([]int, homeDays)
	for _, d := range days {
		switch {
		case !d.Begin.Before(month):
			s.Month = s.Month.Plus(d)
		case !d.Begin.Before(before) && d.Begin.Before(until):
			s.Before = s.Before.Plus(d)
		}
		if i := int(d.Begin.Sub(first) / (24 * time.Hour)); !d.Begin.Before(first) && i < homeDays {
			byDay[i] = d.Sent
		}
	}
	if totals.Tokens[models.TokenSent] > 0 {
		s.SentByDay = byDay
	}
	return s, nil
}
