package web

import (
	"encoding/csv"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"bentornato/models"
	"bentornato/views"
)

// exportPage is how many rows of an export are read at a time: no query stays open while a slow reader takes them.
const exportPage = 500

// sheet is a CSV file on its way, as a spreadsheet of the reader's language opens it: with semicolons and decimal commas
// in Italian. No cell of it can run as a formula.
type sheet struct {
	csv     *csv.Writer
	out     http.ResponseWriter
	italian bool
}

func newSheet(c echo.Context, name string) (*sheet, error) {
	h := c.Response().Header()
	h.Set(echo.HeaderContentType, "text/csv; charset=utf-8")
	h.Set(echo.HeaderContentDisposition, mime.FormatMediaType("attachment", map[string]string{"filename": name}))
	h.Set(echo.HeaderCacheControl, "no-store")
	c.Response().WriteHeader(http.StatusOK)
	if _, err := c.Response().Write([]byte("\xef\xbb\xbf")); err != nil { // without the mark Excel takes UTF-8 for something else
		return nil, err
	}
	s := &sheet{csv: csv.NewWriter(c.Response()), out: c.Response(), italian: views.Language(c.Request().Context()) == "it"}
	if s.italian {
		s.csv.Comma = ';'
	}
	return s, nil
}

// decimal writes an amount as the file's language does.
func (s *sheet) decimal(amount string) string {
	if s.italian {
		return strings.Replace(amount, ".", ",", 1)
	}
	return amount
}

func (s *sheet) row(cells ...string) error {
	for i, cell := range cells {
		cells[i] = models.Defuse(cell)
	}
	return s.csv.Write(cells)
}

// flush sends what is written, and gives what follows its own time: the server's deadline is for short answers.
func (s *sheet) flush() error {
	_ = http.NewResponseController(s.out).SetWriteDeadline(time.Now().Add(writeTimeout)) // a recorder has none
	s.csv.Flush()
	return s.csv.Error()
}

// stamp is a moment in a file: RFC 3339 in UTC, empty for never.
func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// unlessZero is a number in a file, empty where it says nothing.
func unlessZero(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

func (s *sheet) end() error {
	s.csv.Flush()
	return s.csv.Error()
}
