package web

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"bentornato/models"
)

// statsAPI is the API's /stats.
type statsAPI struct {
	read  statsReader
	pages pageReader
}

type pageJSON struct {
	ID     string           `json:"id"`
	Name   string           `json:"name"`
	State  models.PageState `json:"state"`
	Reason *string          `json:"reason"`
}

// show answers GET /stats.
func (h statsAPI) show(c echo.Context) error {
	ctx := c.Request().Context()
	s, err := h.read.Stats(ctx, "")
	if err != nil {
		return err
	}
	pages, err := h.pages.Pages(ctx)
	if err != nil {
		return err
	}
	rows := make([]pageJSON, len(pages))
	for i, p := range pages {
		rows[i] = pageJSON{ID: p.ID, Name: p.Name, State: p.State, Reason: optional(string(p.PauseReason))}
	}
	return c.JSON(http.StatusOK, struct {
		Contacts  int                       `json:"contacts"`
		Interests int                       `json:"interests"`
		Requests  int                       `json:"requests"`
		Tokens    map[models.TokenState]int `json:"tokens"`
		Running   int                       `json:"restocks_running"`
		Pages     []pageJSON                `json:"pages"`
	}{s.Contacts, s.Interests, s.Requests, s.Tokens, s.Running, rows})
}
