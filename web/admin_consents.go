package web

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"bentornato/models"
	"bentornato/views"
)

// importRefresh is how often a screen looks again while a Page's list is being read.
const importRefresh = 3 * time.Second

// consentReader counts what people allowed.
type consentReader interface {
	CountOptIns(ctx context.Context, pageID string) (map[models.OptInStatus]int, error)
	OptInImport(ctx context.Context, pageID string) (models.OptInImport, error)
}

// consentWorker takes consents in and out.
type consentWorker interface {
	// BeginOptInImport lets the permissions be read that the Page has already.
	BeginOptInImport(ctx context.Context, pageID string) error
	// ExportConsents hands out everything that people allowed, with the tokens themselves only where secrets is set.
	ExportConsents(ctx context.Context, pageID string, secrets bool, take func([]models.Consent) error) error
}

// consentScreen is what people allowed a Page, and how it comes in and goes out.
type consentScreen struct {
	office
	read  consentReader
	stats statsReader
	work  consentWorker
}

// show answers GET /pages/{id}/consents.
func (h consentScreen) show(c echo.Context) error {
	frame, on, err := h.frameOn(c, c.Param("id"))
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	p := views.ConsentsProps{Page: frame, OnPage: on}
	if p.OptIns, err = h.read.CountOptIns(ctx, on.ID); err != nil {
		return err
	}
	if p.Import, err = h.read.OptInImport(ctx, on.ID); err != nil {
		return err
	}
	if p.Stats, err = h.stats.Stats(ctx, on.ID); err != nil {
		return err
	}
	if p.Import.State == models.ImportRunning {
		p.Refresh = importRefresh
	}
	return render(c, http.StatusOK, views.Consents(p))
}

// take answers POST /pages/{id}/consents/import.
func (h consentScreen) take(c echo.Context) error {
	id := c.Param("id")
	target := "/pages/" + id + "/consents"
	err := h.work.BeginOptInImport(c.Request().Context(), id)
	if err != nil {
		return h.refused(c, err, target)
	}
	return h.done(c, views.NoticeOptInsRead, target)
}

// export answers POST /pages/{id}/consents/export with a file: format is csv or jsonl, and tokens=yes takes the tokens along. It is a POST
// since it is written down, and since no link of another site may start it.
func (h consentScreen) export(c echo.Context) error {
	_, on, err := h.frameOn(c, c.Param("id"))
	if err != nil {
		return err
	}
	return writeConsents(c, h.work, on.ID, c.FormValue("format"), ticked(c, "tokens"))
}

// writeConsents answers with a Page's consents as a file, however many there are.
func writeConsents(c echo.Context, work consentWorker, pageID, format string, tokens bool) error {
	kind := map[string]string{"csv": "text/csv; charset=utf-8", "jsonl": "application/jsonl; charset=utf-8"}[format]
	if kind == "" {
		return models.FieldErrorf("format", "The format is csv or jsonl.")
	}
	w := c.Response()
	begun := false
	begin := func() {
		if begun {
			return
		}
		begun = true
		w.Header().Set(echo.HeaderContentType, kind)
		w.Header().Set(echo.HeaderContentDisposition, fmt.Sprintf(`attachment; filename="consents-%s.%s"`, pageID, format))
		w.Header().Set(echo.HeaderCacheControl, "no-store")
		w.WriteHeader(http.StatusOK)
	}
	table, lines := csv.NewWriter(w), json.NewEncoder(w)
	head := func() error {
		if begin(); format == "csv" {
			return table.Write(models.ConsentColumns())
		}
		return nil
	}
	err := work.ExportConsents(c.Request().Context(), pageID, tokens, func(list []models.Consent) error {
		if !begun {
			if err := head(); err != nil {
				return err
			}
		}
		for _, one := range list {
			write := func() error { return lines.Encode(one) }
			if format == "csv" {
				write = func() error { return table.Write(one.Cells()) }
			}
			if err := write(); err != nil {
				return err
			}
		}
		// What follows has its own time: the server's deadline is for short answers.
		_ = http.NewResponseController(w.Writer).SetWriteDeadline(time.Now().Add(writeTimeout)) // a recorder has none
		table.Flush()
		return table.Error()
	})
	if err != nil {
		return err
	}
	if !begun {
		if err := head(); err != nil {
			return err
		}
	}
	table.Flush()
	return table.Error()
}
