package web

import (
	"context"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"bentornato/models"
	"bentornato/views"
)

// maxAged is where counting what would be removed stops.
const maxAged = 10_000

// retentionReader knows how long things are kept, and what is older.
type retentionReader interface {
	Retention(ctx context.Context) (models.Retention, error)
	LastSweep(ctx context.Context) (models.Sweep, error)
	// Aged counts up to limit rows of a kind from before a time.
	Aged(ctx context.Context, kind models.Kept, before time.Time, limit int) (int, error)
}

// retentionSetter says how long things are kept.
type retentionSetter interface {
	SetRetention(ctx context.Context, r models.Retention) error
}

// showRetention answers GET /settings/retention.
func (h settingsScreens) showRetention(c echo.Context) error {
	kept, err := h.kept.Retention(c.Request().Context())
	if err != nil {
		return err
	}
	return h.renderRetention(c, http.StatusOK, views.RetentionProps{Form: views.RetentionFormOf(kept)})
}

func (h settingsScreens) renderRetention(c echo.Context, status int, p views.RetentionProps) error {
	var err error
	if p.Page, _, err = h.frame(c); err != nil {
		return err
	}
	p.CurrentURL = "/settings/retention"
	if p.Last, err = h.kept.LastSweep(c.Request().Context()); err != nil {
		return err
	}
	return render(c, status, views.Retention(p))
}

// setRetention answers POST /settings/retention. A shorter time that would remove something asks for a yes first.
func (h settingsScreens) setRetention(c echo.Context) error {
	ctx := c.Request().Context()
	p := views.RetentionProps{Form: views.RetentionForm{Days: map[models.Kept]string{}}, GoesLimit: maxAged}
	wanted := models.Retention{}
	var err error
	for _, k := range models.KeptKinds {
		p.Form.Days[k] = typed(c, "keep_"+string(k))
		if n, wrong := wholeNumber("keep_"+string(k), p.Form.Days[k], k.Rule().Default); wrong == nil {
			wanted[k] = n
		} else if err == nil {
			err = wrong
		}
	}
	if err == nil {
		err = models.ValidateRetention(wanted)
	}
	if err == nil && !ticked(c, "confirm") {
		if p.Goes, err = h.goes(ctx, wanted, h.now()); err == nil && len(p.Goes) > 0 {
			err = models.FieldErrorf("confirm", "Tick the box to confirm.")
		}
	}
	if err == nil {
		err = h.retain.SetRetention(ctx, wanted)
	}
	if status, ok := mendable(err); ok {
		p.Form.Err = err
		return h.renderRetention(c, status, p)
	}
	if err != nil {
		return err
	}
	return h.done(c, views.NoticeRetentionSaved, "/settings/retention")
}

// goes counts what shorter times would remove.
func (h settingsScreens) goes(ctx context.Context, wanted models.Retention, now time.Time) (map[models.Kept]int, error) {
	before, err := h.kept.Retention(ctx)
	if err != nil {
		return nil, err
	}
	goes := map[models.Kept]int{}
	for _, k := range models.KeptKinds {
		if wanted[k] == 0 || (before[k] != 0 && wanted[k] >= before[k]) {
			continue
		}
		n, err := h.kept.Aged(ctx, k, wanted.Before(k, now), maxAged)
		if err != nil {
			return nil, err
		}
		if n > 0 {
			goes[k] = n
		}
	}
	return goes, nil
}
