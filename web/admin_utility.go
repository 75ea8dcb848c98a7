package web

import (
	"context"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"bentornato/models"
	"bentornato/views"
)

// contactFinder finds a contact by its number.
type contactFinder interface {
	Contact(ctx context.Context, id int64) (models.Contact, error)
}

// utilitySender sends utility messages.
type utilitySender interface {
	SendUtility(ctx context.Context, contactID, userID, templateID int64, values []string) (models.Message, error)
}

// utilityScreen chooses, fills in and sends a utility message to one contact.
type utilityScreen struct {
	office
	contacts contactFinder
	read     templateReader
	work     utilitySender
}

// show answers GET /inbox/{contact}/utility.
func (h utilityScreen) show(c echo.Context) error {
	p, err := h.measure(c, c.QueryParam("template"))
	if err != nil {
		return err
	}
	return render(c, http.StatusOK, views.SendUtility(p))
}

// measure reads who is written to, what may be sent, and the template with a number, if one is named.
func (h utilityScreen) measure(c echo.Context, number string) (views.SendUtilityProps, error) {
	ctx := c.Request().Context()
	var p views.SendUtilityProps
	id, err := idOf(c)
	if err != nil {
		return p, err
	}
	if p.Contact, err = h.contacts.Contact(ctx, id); err != nil {
		return p, err
	}
	if p.Page, p.OnPage, err = h.frameOn(c, p.Contact.PageID); err != nil {
		return p, err
	}
	p.CurrentURL = numberPath("/inbox/", id) + "/utility"
	if p.Templates, err = h.read.ApprovedTemplates(ctx, p.OnPage.ID); err != nil {
		return p, err
	}
	health, err := h.read.PageHealth(ctx, p.OnPage.ID)
	if err != nil {
		return p, err
	}
	// Without one chosen the answer is that of any approved template: what stands in the way is not the template.
	question := models.PolicyQuestion{Kind: models.SendUtility, Page: p.OnPage, Health: health, Contact: p.Contact, Now: p.Now,
		Template: &models.UtilityTemplate{Status: models.TemplateApproved}}
	if number != "" {
		chosen, err := strconv.ParseInt(number, 10, 64)
		if err != nil {
			return p, models.Errorf(models.KindNotFound, "There is no such template.")
		}
		if p.Chosen, err = h.read.Template(ctx, chosen); err != nil {
			return p, err
		}
		if p.Chosen.PageID != p.OnPage.ID {
			return p, models.Errorf(models.KindNotFound, "There is no such template.")
		}
		question.Template = &p.Chosen
		p.CurrentURL += "?template=" + strconv.FormatInt(chosen, 10)
	}
	p.May = models.MaySend(question)
	return p, nil
}

// send answers POST /inbox/{contact}/utility; with do=preview it only shows what was typed in its place.
func (h utilityScreen) send(c echo.Context) error {
	p, err := h.measure(c, typed(c, "template"))
	if err != nil {
		return err
	}
	if p.Chosen.ID == 0 {
		return c.Redirect(http.StatusSeeOther, p.CurrentURL) // none was chosen: the screen lists them
	}
	for i := range p.Chosen.Placeholders() {
		p.Values = append(p.Values, typed(c, "value_"+strconv.Itoa(i+1)))
	}
	switch {
	case c.FormValue("do") == "preview" && c.Request().Header.Get("HX-Request") != "":
		return render(c, http.StatusOK, views.UtilityPreview(p))
	case c.FormValue("do") == "preview":
		return render(c, http.StatusOK, views.SendUtility(p))
	case !ticked(c, "not_promotion"):
		p.Err = promotionUnsaid()
		return render(c, http.StatusUnprocessableEntity, views.SendUtility(p))
	}
	_, err = h.work.SendUtility(c.Request().Context(), p.Contact.ID, userOf(c).ID, p.Chosen.ID, p.Values)
	if status, ok := mendable(err); ok {
		if status != statuses[models.KindConflict] {
			p.Err = err // else the screen says why, in the reader's language
		}
		return render(c, status, views.SendUtility(p))
	}
	if err != nil {
		return err
	}
	return h.done(c, views.NoticeUtilitySent, numberPath("/inbox/", p.Contact.ID))
}
