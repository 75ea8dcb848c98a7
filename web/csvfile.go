package web

import (
	"encoding/csv"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
)

// exportRows is how many rows an export reads at a time.
const exportRows = 500

// csvFile is an answer that is a file of comma-separated values in UTF-8, written while it is read: it is as long as the list.
// Its head is written with the first row, so that an error before that is an ordinary one.
type csvFile struct {
	c       echo.Context
	name    string
	heads   []string
	writer  *csv.Writer
	control *http.ResponseController
}

func newCSVFile(c echo.Context, name string, heads ...string) *csvFile {
	return &csvFile{c: c, name: name, heads: heads, control: http.NewResponseController(c.Response())}
}

// begin writes the head once.
func (f *csvFile) begin() {
	if f.writer != nil {
		return
	}
	h := f.c.Response().Header()
	h.Set(echo.HeaderContentType, "text/csv; charset=utf-8")
	h.Set(echo.HeaderContentDisposition, `attachment; filename="`+f.name+`"`)
	h.Set(echo.HeaderCacheControl, "no-store")
	f.c.Response().WriteHeader(http.StatusOK)
	f.writer = csv.NewWriter(f.c.Response())
	_ = f.writer.Write(f.heads) // an error of the writer stays, and flush returns it
}

// row writes one line. What a spreadsheet would take for a formula is marked as text with an apostrophe: names and details
// are other people's words.
func (f *csvFile) row(cells ...string) {
	f.begin()
	for i, cell := range cells {
		if cell == "" || !strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
			continue
		}
		if _, err := strconv.Atoi(cell); err != nil {
			cells[i] = "'" + cell
		}
	}
	_ = f.writer.Write(cells)
}

// flush sends what is written, and gives the next rows their own time: the server's deadline is for short answers.
func (f *csvFile) flush() error {
	f.begin()
	_ = f.control.SetWriteDeadline(time.Now().Add(writeTimeout))
	f.writer.Flush()
	return f.writer.Error()
}

// fail ends the file with an error. Once rows are sent it is too late to say so in the status: the connection is cut, so that
// nobody takes a part for the whole.
func (f *csvFile) fail(err error) error {
	if f.writer != nil {
		panic(http.ErrAbortHandler)
	}
	return err
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
