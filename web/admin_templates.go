package web

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"bentornato/models"
	"bentornato/views"
)

// templateReader reads utility templates.
type templateReader interface {
	Templates(ctx context.Context, pageID string, limit int, cursor string) ([]models.UtilityTemplate, string, error)
	Template(ctx context.Context, id int64) (models.UtilityTemplate, error)
	TemplateNamed(ctx context.Context, pageID, name, language string) (models.UtilityTemplate, error)
	ApprovedTemplates(ctx context.Context, pageID string) ([]models.UtilityTemplate, error)
	healthReader
}

// templateWriter writes utility templates, and hands them in.
type templateWriter interface {
	SaveTemplate(ctx context.Context, t models.UtilityTemplate) (models.UtilityTemplate, error)
	SubmitTemplate(ctx context.Context, id int64) (models.UtilityTemplate, error)
	DeleteTemplate(ctx context.Context, id int64) error
	RefreshTemplates(ctx context.Context, pageID string) error
	ForgetRefusals(ctx context.Context, pageID string) error
}

// templateScreens are a Page's utility templates.
type templateScreens struct {
	office
	read templateReader
	work templateWriter
}

// showList answers GET /pages/{id}/templates.
func (h templateScreens) showList(c echo.Context) error {
	ctx := c.Request().Context()
	frame, on, err := h.frameOn(c, c.Param("id"))
	if err != nil {
		return err
	}
	frame.CurrentURL = "/pages/" + on.ID + "/templates"
	p := views.TemplatesProps{Page: frame, OnPage: on, Pager: views.Pager{Cursor: c.QueryParam("cursor")}}
	if p.Rows, p.Pager.Next, err = h.read.Templates(ctx, on.ID, screenRows, p.Pager.Cursor); err != nil {
		return err
	}
	if p.Health, err = h.read.PageHealth(ctx, on.ID); err != nil {
		return err
	}
	return render(c, http.StatusOK, views.Templates(p))
}

// refresh answers POST /pages/{id}/templates/refresh.
func (h templateScreens) refresh(c echo.Context) error {
	on, err := h.pages.Page(c.Request().Context(), c.Param("id"))
	if err != nil {
		return err
	}
	list := "/pages/" + on.ID + "/templates"
	if err := h.work.RefreshTemplates(c.Request().Context(), on.ID); err != nil {
		return h.platformRefused(c, err, list)
	}
	return h.done(c, views.NoticeTemplatesRead, list)
}

// platformRefused ends a form whose call to the platform came to nothing: the next screen says why.
func (h templateScreens) platformRefused(c echo.Context, err error, target string) error {
	switch models.KindOf(err) {
	case models.KindInternal, models.KindNotFound:
		return err
	}
	h.flash(c, views.Flash{Err: err})
	return c.Redirect(http.StatusSeeOther, target)
}

// forgetRefusals answers POST /pages/{id}/refusals.
func (h templateScreens) forgetRefusals(c echo.Context) error {
	on, err := h.pages.Page(c.Request().Context(), c.Param("id"))
	if err != nil {
		return err
	}
	if err := h.work.ForgetRefusals(c.Request().Context(), on.ID); err != nil {
		return err
	}
	return h.done(c, views.NoticeRefusalsGone, "/pages/"+on.ID)
}

// showNew answers GET /pages/{id}/templates/new.
func (h templateScreens) showNew(c echo.Context) error {
	on, err := h.pages.Page(c.Request().Context(), c.Param("id"))
	if err != nil {
		return err
	}
	return h.render(c, http.StatusOK, models.UtilityTemplate{PageID: on.ID}, views.TemplateForm{Language: models.Language(on.Locale, ""), Purpose: models.PurposePostPurchase}, nil)
}

// show answers GET /pages/{id}/templates/{template}.
func (h templateScreens) show(c echo.Context) error {
	t, err := h.template(c)
	if err != nil {
		return err
	}
	return h.render(c, http.StatusOK, t, views.TemplateFormOf(t), nil)
}

// template is the one that the path names; on another Page there is none.
func (h templateScreens) template(c echo.Context) (models.UtilityTemplate, error) {
	id, err := strconv.ParseInt(c.Param("template"), 10, 64)
	if err != nil {
		return models.UtilityTemplate{}, models.Errorf(models.KindNotFound, "There is no such template.")
	}
	t, err := h.read.Template(c.Request().Context(), id)
	if err == nil && t.PageID != c.Param("id") {
		err = models.Errorf(models.KindNotFound, "There is no such template.")
	}
	return t, err
}

func (h templateScreens) render(c echo.Context, status int, t models.UtilityTemplate, form views.TemplateForm, trouble error) error {
	frame, on, err := h.frameOn(c, t.PageID)
	if err != nil {
		return err
	}
	p := views.TemplateProps{Page: frame, OnPage: on, Template: t, Form: form, Err: trouble}
	p.CurrentURL = "/pages/" + on.ID + "/templates/new"
	if t.ID != 0 {
		p.CurrentURL = templatePath(t)
	}
	return render(c, status, views.Template(p))
}

func templatePath(t models.UtilityTemplate) string {
	return numberPath("/pages/"+t.PageID+"/templates/", t.ID)
}

// typedTemplate is a template as it was typed.
func typedTemplate(c echo.Context) views.TemplateForm {
	return views.TemplateForm{
		Name: typed(c, "template_name"), Language: typed(c, "template_language"), Purpose: models.TemplatePurpose(typed(c, "template_purpose")),
		Body: strings.ReplaceAll(c.FormValue("template_body"), "\r\n", "\n"), Examples: strings.ReplaceAll(c.FormValue("examples"), "\r\n", "\n"),
		ButtonTitle: typed(c, "button_title"), ButtonURL: typed(c, "button_url"),
	}
}

// add answers POST /pages/{id}/templates/new.
func (h templateScreens) add(c echo.Context) error {
	on, err := h.pages.Page(c.Request().Context(), c.Param("id"))
	if err != nil {
		return err
	}
	return h.save(c, models.UtilityTemplate{PageID: on.ID})
}

// change answers POST /pages/{id}/templates/{template}.
func (h templateScreens) change(c echo.Context) error {
	t, err := h.template(c)
	if err != nil {
		return err
	}
	return h.save(c, t)
}

// save keeps what was typed as a draft or, with do=preview, only shows it.
func (h templateScreens) save(c echo.Context, t models.UtilityTemplate) error {
	form := typedTemplate(c)
	if c.FormValue("do") == "preview" {
		if c.Request().Header.Get("HX-Request") != "" {
			return render(c, http.StatusOK, views.TemplatePreview(form))
		}
		return h.render(c, http.StatusOK, t, form, nil)
	}
	written := form.Template()
	written.ID, written.PageID = t.ID, t.PageID
	saved, err := h.work.SaveTemplate(c.Request().Context(), written)
	if status, ok := mendable(err); ok {
		form.Err = err
		return h.render(c, status, t, form, nil)
	}
	if err != nil {
		return err
	}
	return h.done(c, views.NoticeTemplateSaved, templatePath(saved))
}

// submit answers POST /pages/{id}/templates/{template}/submit. Somebody must answer for it that the text is no promotion.
func (h templateScreens) submit(c echo.Context) error {
	t, err := h.template(c)
	if err != nil {
		return err
	}
	if !ticked(c, "not_promotion") {
		return h.render(c, http.StatusUnprocessableEntity, t, views.TemplateFormOf(t), promotionUnsaid())
	}
	if _, err := h.work.SubmitTemplate(c.Request().Context(), t.ID); err != nil {
		return h.platformRefused(c, err, templatePath(t))
	}
	return h.done(c, views.NoticeTemplateHandedIn, templatePath(t))
}

func promotionUnsaid() error {
	return models.FieldErrorf("not_promotion", "Tick the box: only what advertises nothing may be sent this way.")
}

// remove answers POST /pages/{id}/templates/{template}/delete, which must be confirmed.
func (h templateScreens) remove(c echo.Context) error {
	t, err := h.template(c)
	if err != nil {
		return err
	}
	if !ticked(c, "confirm") {
		return h.render(c, http.StatusUnprocessableEntity, t, views.TemplateFormOf(t), unconfirmed())
	}
	if err := h.work.DeleteTemplate(c.Request().Context(), t.ID); err != nil {
		return h.platformRefused(c, err, templatePath(t))
	}
	return h.done(c, views.NoticeTemplateDeleted, "/pages/"+t.PageID+"/templates")
}
