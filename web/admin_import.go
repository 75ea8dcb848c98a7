package web

import (
	"context"
	"errors"
	"io"
	"net/http"

	"github.com/labstack/echo/v4"

	"bentornato/models"
	"bentornato/views"
)

// maxImportMemory is how much of an import is held in memory while it arrives, in bytes; the rest waits on disk.
const maxImportMemory = 4 << 20

// productImporter reads products from a file.
type productImporter interface {
	ImportProducts(ctx context.Context, pageID string, file io.Reader) (models.Imported, error)
}

// importScreen takes products from a CSV file.
type importScreen struct {
	office
	work productImporter
}

// show answers GET /products/import.
func (h importScreen) show(c echo.Context) error {
	return h.render(c, http.StatusOK, views.ImportProps{PageID: c.QueryParam("page_id")})
}

func (h importScreen) render(c echo.Context, status int, p views.ImportProps) error {
	var err error
	if p.Page, p.Pages, err = h.frame(c); err != nil {
		return err
	}
	p.CurrentURL = "/products/import"
	return render(c, status, views.ImportProducts(p))
}

// take answers POST /products/import with what became of the file. It answers at once and not by way of another address,
// since the same file sent again changes nothing.
func (h importScreen) take(c echo.Context) error {
	r := c.Request()
	defer func() {
		if r.MultipartForm != nil {
			_ = r.MultipartForm.RemoveAll() // the operating system's folder for such files is emptied anyway
		}
	}()
	if err := r.ParseMultipartForm(maxImportMemory); err != nil {
		return h.again(c, "", brokenUpload(err))
	}
	pageID := r.PostFormValue("page_id")
	if err := knownPage(r.Context(), h.pages, pageID); err != nil {
		return h.again(c, pageID, err)
	}
	file, head, err := r.FormFile("file")
	if err != nil || head.Size == 0 {
		return h.again(c, pageID, models.FieldErrorf("file", "Choose a CSV file."))
	}
	defer file.Close()
	done, err := h.work.ImportProducts(r.Context(), pageID, file)
	if err != nil {
		return h.again(c, pageID, err)
	}
	return h.render(c, http.StatusOK, views.ImportProps{PageID: pageID, Result: &done})
}

// again shows the form with what is wrong with the file.
func (h importScreen) again(c echo.Context, pageID string, err error) error {
	status, ok := mendable(err)
	switch {
	case ok:
	case models.KindOf(err) == models.KindTooLarge:
		status = http.StatusRequestEntityTooLarge
	default:
		return err
	}
	return h.render(c, status, views.ImportProps{PageID: pageID, Err: err})
}

// brokenUpload says why an upload could not be read.
func brokenUpload(err error) error {
	var toobig *http.MaxBytesError
	if errors.As(err, &toobig) {
		return tooLarge(models.MaxImportBytes)
	}
	return &models.Error{Kind: models.KindInvalid, Message: "The file did not arrive whole; send it again.", Err: err}
}

// knownPage checks a Page that a form names.
func knownPage(ctx context.Context, pages pageReader, id string) error {
	_, err := pages.Page(ctx, id)
	if models.KindOf(err) == models.KindNotFound {
		return models.Errorf(models.KindInvalid, "There is no Page %q any more; choose another.", models.Shorten(id, 40))
	}
	return err
}
