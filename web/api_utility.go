package web

import (
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"bentornato/models"
)

// utilityAPI is the API's utility templates, and their sending.
type utilityAPI struct {
	contacts contactAPI
	read     templateReader
	work     utilitySender
}

type templateJSON struct {
	ID       int64   `json:"id"`
	PageID   string  `json:"page_id"`
	Name     string  `json:"name"`
	Language string  `json:"language"`
	Purpose  *string `json:"purpose"`
	// Status is Meta's word in lower case, or draft, or gone.
	Status      string     `json:"status"`
	Reason      *string    `json:"reason"`
	Body        string     `json:"body"`
	Values      int        `json:"values"`
	SubmittedAt *time.Time `json:"submitted_at"`
	ReviewedAt  *time.Time `json:"reviewed_at"`
}

// list answers GET /templates?page_id=.
func (h utilityAPI) list(c echo.Context) error {
	limit, err := limitOf(c)
	if err != nil {
		return err
	}
	page := c.QueryParam("page_id")
	if page == "" {
		return models.FieldErrorf("page_id", "Say which Page's templates with page_id.")
	}
	if _, err := h.contacts.pages.Page(c.Request().Context(), page); err != nil {
		return err
	}
	rows, next, err := h.read.Templates(c.Request().Context(), page, limit, c.QueryParam("cursor"))
	if err != nil {
		return err
	}
	items := make([]templateJSON, len(rows))
	for i, t := range rows {
		items[i] = templateJSON{ID: t.ID, PageID: t.PageID, Name: t.Name, Language: t.Language, Purpose: optional(string(t.Purpose)),
			Status: strings.ToLower(string(t.Status)), Reason: optional(t.Reason), Body: t.Body, Values: t.Placeholders(),
			SubmittedAt: moment(t.SubmittedAt), ReviewedAt: moment(t.ReviewedAt)}
	}
	return answerList(c, items, next)
}

type queuedJSON struct {
	ID    int64               `json:"id"`
	State models.MessageState `json:"state"`
	// Text is what the person will read.
	Text string `json:"text"`
}

// send answers POST /contacts/{psid}/utility: the message is on disk and will be sent.
func (h utilityAPI) send(c echo.Context) error {
	ctx := c.Request().Context()
	contact, err := h.contacts.contact(c)
	if err != nil {
		return err
	}
	o, err := readObject(c, "template", "language", "values")
	if err != nil {
		return err
	}
	name, err := o.text("template")
	if err != nil {
		return err
	}
	language, err := o.text("language")
	if err != nil {
		return err
	}
	if name == "" || language == "" {
		return models.FieldErrorf("template", "Name the template, and the language that it is written in.")
	}
	var values []string
	if o.has("values") && json.Unmarshal(o["values"], &values) != nil {
		return models.FieldErrorf("values", "values is an array of texts, one for each place of the template.")
	}
	t, err := h.read.TemplateNamed(ctx, contact.PageID, name, language)
	if err != nil {
		return err
	}
	m, err := h.work.SendUtility(ctx, contact.ID, 0, t.ID, values)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusAccepted, queuedJSON{ID: m.ID, State: m.State, Text: m.Text})
}
