package web

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"

	"github.com/labstack/echo/v4"

	"bentornato/models"
	"bentornato/views"
)

// maxImportMemory is how much of an import is held in memory while it arrives, in bytes; the rest waits on disk.
const maxImportMemory = 4 << 20

// productImporter keeps a file of products, says what it would do, and does it.
type productImporter interface {
	KeepImport(ctx context.Context, userID int64, pageID, name string, file io.Reader) (models.Upload, error)
	PreviewImport(ctx context.Context, userID int64, code string) (models.Upload, models.ImportPreview, error)
	ConfirmImport(ctx context.Context, userID int64, code string) (models.Imported, error)
	DropImport(ctx context.Context, userID int64, code string) error
}

// importScreen takes products from a CSV file, in two steps: what it would do, and the yes to it.
type importScreen struct {
	office
	work productImporter
}

// show answers GET /products/import: the form or, with upload, what the kept file would do.
func (h importScreen) show(c echo.Context) error {
	p := views.ImportProps{PageID: c.QueryParam("page_id")}
	code := c.QueryParam("upload")
	if code == "" {
		return h.render(c, http.StatusOK, p)
	}
	u, preview, err := h.work.PreviewImport(c.Request().Context(), userOf(c).ID, code)
	if err != nil {
		return h.again(c, u.PageID, err)
	}
	p.PageID, p.Upload, p.Preview = u.PageID, &u, &preview
	return h.render(c, http.StatusOK, p)
}

func (h importScreen) render(c echo.Context, status int, p views.ImportProps) error {
	var err error
	if p.Page, p.Pages, err = h.frame(c); err != nil {
		return err
	}
	p.CurrentURL = "/products/import"
	if p.Upload != nil {
		p.CurrentURL = importPath(*p.Upload)
	}
	return render(c, status, views.ImportProducts(p))
}

// importPath is the address of what a kept file would do.
func importPath(u models.Upload) string { return "/products/import?upload=" + url.QueryEscape(u.Code) }

// take answers POST /products/import: the file is kept, and nothing is written to the products.
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
	u, err := h.work.KeepImport(r.Context(), userOf(c).ID, pageID, head.Filename, file)
	if err != nil {
		return h.again(c, pageID, err)
	}
	return c.Redirect(http.StatusSeeOther, importPath(u))
}

// confirm answers POST /products/import/confirm with what became of the file. It answers at once and not by way of another
// address: the file is gone, and the wrong lines are said once.
func (h importScreen) confirm(c echo.Context) error {
	done, err := h.work.ConfirmImport(c.Request().Context(), userOf(c).ID, c.FormValue("upload"))
	if err != nil {
		return h.again(c, "", err)
	}
	return h.render(c, http.StatusOK, views.ImportProps{Result: &done})
}

// discard answers POST /products/import/discard.
func (h importScreen) discard(c echo.Context) error {
	if err := h.work.DropImport(c.Request().Context(), userOf(c).ID, c.FormValue("upload")); err != nil {
		return err
	}
	return h.done(c, views.NoticeImportDiscarded, "/products/import")
}

// again shows the form with what is wrong with the file.
func (h importScreen) again(c echo.Context, pageID string, err error) error {
	status, ok := mendable(err)
	kind := models.KindOf(err)
	switch {
	case ok:
	case kind == models.KindTooLarge, kind == models.KindNotFound:
		status = statuses[kind]
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
