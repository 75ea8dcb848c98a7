package web

import (
	"context"
	"net/http"

	"github.com/labstack/echo/v4"
)

// linkReader finds where a tracked link leads.
type linkReader interface {
	LinkTarget(ctx context.Context, code string) (string, error)
}

// clickCounter counts that a tracked link was opened, and returns where it leads.
type clickCounter interface {
	Click(ctx context.Context, code string) (string, error)
}

// links are the tracked ones in notifications. They lead to addresses on record only: nothing of the request goes
// into the target.
type links struct {
	reader linkReader
	work   clickCounter
}

func (h links) follow(c echo.Context) error {
	target, err := h.work.Click(c.Request().Context(), c.Param("code"))
	if err != nil {
		return err
	}
	return lead(c, target)
}

// probe answers the machines that look at a link before a person opens it: they do not count.
func (h links) probe(c echo.Context) error {
	target, err := h.reader.LinkTarget(c.Request().Context(), c.Param("code"))
	if err != nil {
		return err
	}
	return lead(c, target)
}

func lead(c echo.Context, target string) error {
	c.Response().Header().Set(echo.HeaderCacheControl, "no-store")
	return c.Redirect(http.StatusFound, target)
}
