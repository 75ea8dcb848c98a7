package web

import (
	"encoding/json"

	"github.com/labstack/echo/v4"

	"bentornato/models"
)

// consentAPI is the API's portable export of what people allowed.
type consentAPI struct {
	pages pageReader
	work  consentWorker
}

// export answers POST /consents/export with a file. It is a POST since it is written down who took consents out.
func (h consentAPI) export(c echo.Context) error {
	o, err := readObject(c, "page_id", "format", "with_tokens")
	if err != nil {
		return err
	}
	pageID, err := o.id("page_id")
	if err != nil {
		return err
	}
	if pageID == "" {
		return models.FieldErrorf("page_id", "Say which Page's consents with page_id.")
	}
	format, err := o.text("format")
	if err != nil {
		return err
	}
	if format == "" {
		format = "jsonl"
	}
	var tokens bool
	if o.has("with_tokens") && json.Unmarshal(o["with_tokens"], &tokens) != nil {
		return models.FieldErrorf("with_tokens", "with_tokens is true or false.")
	}
	if _, err := h.pages.Page(c.Request().Context(), pageID); err != nil {
		return err
	}
	return writeConsents(c, h.work, pageID, format, tokens)
}
