package web

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"bentornato/models"
	"bentornato/views"
)

// contactLister finds contacts by number, and lists them.
type contactLister interface {
	Contact(ctx context.Context, id int64) (models.Contact, error)
	Contacts(ctx context.Context, q models.ContactQuery, now time.Time) ([]models.ContactRow, string, error)
}

// contactScreens are the list of contacts, and each one's dossier.
type contactScreens struct {
	office
	list       contactLister
	read       contactReader
	tokens     tokenReader
	work       contactEraser
	withdrawer contactWithdrawer
	health     healthReader
	now        func() time.Time
}

// healthReader reads what is known of a Page's connection to Messenger.
type healthReader interface {
	PageHealth(ctx context.Context, pageID string) (models.PageHealth, error)
}

// contactWithdrawer takes a contact's tokens back for the merchant.
type contactWithdrawer interface {
	WithdrawToken(ctx context.Context, id int64) error
	WithdrawTokens(ctx context.Context, contactID int64) (int, error)
}

var contactFilters = []models.ContactFilter{models.ContactsOpen, models.ContactsByHand, models.ContactsStopped}

// showList answers GET /contacts.
func (h contactScreens) showList(c echo.Context) error {
	filter, err := choiceOf(c, "show", contactFilters)
	if err != nil {
		return err
	}
	frame, pages, err := h.frame(c)
	if err != nil {
		return err
	}
	p := views.ContactsProps{Page: frame, Query: c.QueryParam("q"), Show: filter, Pages: pages, PageID: c.QueryParam("page_id"), Pager: views.Pager{Cursor: c.QueryParam("cursor")}}
	q := models.ContactQuery{PageID: p.PageID, Text: p.Query, Show: filter, Limit: screenRows, Cursor: p.Pager.Cursor}
	if p.Rows, p.Pager.Next, err = h.list.Contacts(c.Request().Context(), q, frame.Now); err != nil {
		return err
	}
	return render(c, http.StatusOK, views.Contacts(p))
}

func (h contactScreens) contact(c echo.Context) (models.Contact, error) {
	id, err := idOf(c)
	if err != nil {
		return models.Contact{}, err
	}
	return h.list.Contact(c.Request().Context(), id)
}

// show answers GET /contacts/{id}.
func (h contactScreens) show(c echo.Context) error {
	contact, err := h.contact(c)
	if err != nil {
		return err
	}
	return h.render(c, http.StatusOK, contact, nil)
}

func (h contactScreens) render(c echo.Context, status int, contact models.Contact, eraseErr error) error {
	frame, on, err := h.frameOn(c, contact.PageID)
	if err != nil {
		return err
	}
	frame.CurrentURL = numberPath("/contacts/", contact.ID)
	p := views.ContactProps{Page: frame, OnPage: on, EraseErr: eraseErr}
	health, err := h.health.PageHealth(c.Request().Context(), on.ID)
	if err != nil {
		return err
	}
	p.May = mayReceive(on, health, contact, frame.Now)
	if p.Dossier, err = h.read.Dossier(c.Request().Context(), contact, frame.Now); err != nil {
		return err
	}
	return render(c, status, views.Contact(p))
}

// mayReceive is the policy's answer for every kind of message that somebody may want to send to one person.
func mayReceive(on models.Page, health models.PageHealth, contact models.Contact, now time.Time) []views.PolicyRow {
	var rows []views.PolicyRow
	for _, kind := range []models.SendKind{models.SendReply, models.SendHumanAgent, models.SendRequest, models.SendUtility} {
		answer := models.MaySend(models.PolicyQuestion{Kind: kind, Page: on, Health: health, Contact: contact, Now: now, TypedByPerson: true,
			Template: &models.UtilityTemplate{Status: models.TemplateApproved}})
		rows = append(rows, views.PolicyRow{Kind: kind, Answer: answer})
	}
	return rows
}

// download answers GET /contacts/{id}/dossier.json: what the API answers, as a file.
func (h contactScreens) download(c echo.Context) error {
	contact, err := h.contact(c)
	if err != nil {
		return err
	}
	d, err := h.read.Dossier(c.Request().Context(), contact, h.now())
	if err != nil {
		return err
	}
	c.Response().Header().Set(echo.HeaderContentDisposition, fmt.Sprintf(`attachment; filename="dossier-%d.json"`, contact.ID))
	return c.JSONPretty(http.StatusOK, dossierOf(d), "  ")
}

// withdraw answers POST /contacts/{id}/withdraw: it takes back the token that is named, or all of the contact's.
func (h contactScreens) withdraw(c echo.Context) error {
	ctx := c.Request().Context()
	contact, err := h.contact(c)
	if err != nil {
		return err
	}
	target := numberPath("/contacts/", contact.ID)
	named := c.FormValue("token")
	if named == "" {
		n, err := h.withdrawer.WithdrawTokens(ctx, contact.ID)
		switch {
		case err != nil:
			return err
		case n == 0:
			return h.refused(c, models.Errorf(models.KindConflict, "Only a token that waits can be withdrawn."), target)
		}
		return h.done(c, views.NoticeTokensWithdrawn, target)
	}
	id, err := strconv.ParseInt(named, 10, 64)
	if err != nil {
		return models.Errorf(models.KindNotFound, "There is no such token.")
	}
	token, err := h.tokens.Token(ctx, id)
	if err != nil {
		return err
	}
	if token.ContactID != contact.ID {
		return models.Errorf(models.KindNotFound, "This contact has no such token.")
	}
	if err := h.withdrawer.WithdrawToken(ctx, id); err != nil {
		return h.refused(c, err, target)
	}
	return h.done(c, views.NoticeTokenWithdrawn, target)
}

// erase answers POST /contacts/{id}/erase.
func (h contactScreens) erase(c echo.Context) error {
	contact, err := h.contact(c)
	if err != nil {
		return err
	}
	if !ticked(c, "confirm") {
		return h.render(c, http.StatusUnprocessableEntity, contact, unconfirmed())
	}
	if _, err := h.work.EraseContact(c.Request().Context(), contact.PageID, contact.PSID); err != nil {
		return err
	}
	return h.done(c, views.NoticeContactErased, numberPath("/contacts/", contact.ID))
}
