package web

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"bentornato/models"
	"bentornato/views"
)

// productPeople is how many of those who wrote last are offered to choose oneself from.
const productPeople = 10

// messageWriter says what people are sent about a variant, and sends it to whoever is signed in.
type messageWriter interface {
	PreviewMessages(page models.Page, v models.Variant, language string) models.MessagePreview
	SetTester(ctx context.Context, userID, contactID int64) error
	SendTest(ctx context.Context, userID, variantID int64, kind models.SendKind) error
}

// testerReader finds which contact a user is, and who wrote last.
type testerReader interface {
	Tester(ctx context.Context, userID int64, pageID string) (models.Contact, error)
	Contacts(ctx context.Context, q models.ContactQuery, now time.Time) ([]models.ContactRow, string, error)
}

// variantDemand finds who waits for a variant, and how many asked from day to day.
type variantDemand interface {
	Demands(ctx context.Context, variants []models.Variant, now time.Time) (map[int64]models.Demand, error)
	VariantDays(ctx context.Context, variantID int64, since time.Time) ([]models.Day, error)
}

// addMessages adds to a variant's screen what people read, and on whom it can be tried out.
func (h productScreens) addMessages(c echo.Context, p *views.ProductProps) error {
	ctx := c.Request().Context()
	p.Messages = h.previews(p.OnPage, p.Variant)
	if !p.MayWork() {
		return nil
	}
	me, err := h.testers.Tester(ctx, p.User.ID, p.OnPage.ID)
	switch {
	case err == nil:
		p.Me = &me
		p.MayTest = models.MaySend(models.PolicyQuestion{Kind: models.SendReply, Page: p.OnPage, Contact: me, Now: p.Now})
	case models.KindOf(err) != models.KindNotFound:
		return err
	}
	p.ChooseMe = c.QueryParam("me") != ""
	if p.Me == nil || p.ChooseMe {
		p.People, _, err = h.testers.Contacts(ctx, models.ContactQuery{PageID: p.OnPage.ID, Limit: productPeople}, p.Now)
		return err
	}
	return nil
}

func (h productScreens) previews(on models.Page, v models.Variant) []models.MessagePreview {
	list := make([]models.MessagePreview, 0, 2)
	for _, language := range views.Languages() {
		list = append(list, h.messages.PreviewMessages(on, v, language))
	}
	return list
}

// addDemand adds to a variant's screen who waits, since when, and how many asked.
func (h productScreens) addDemand(ctx context.Context, p *views.ProductProps) error {
	demands, err := h.demand.Demands(ctx, []models.Variant{p.Variant}, p.Now)
	if err != nil {
		return err
	}
	p.Demand = demands[p.Variant.ID]
	today := models.DayIn(p.Now, p.Loc)
	days, err := h.demand.VariantDays(ctx, p.Variant.ID, today.AddDate(0, 0, 1-7*demandWeeks))
	p.Weeks = views.WeeksOf(days, today, demandWeeks)
	return err
}

// preview answers POST /products/{id}/preview: the messages as what was typed would have them. It writes nothing.
func (h productScreens) preview(c echo.Context) error {
	v, err := h.variant(c)
	if err != nil {
		return err
	}
	form := typedProduct(c)
	form.PageID = v.PageID
	listing, err := listingOf(form)
	if status, ok := mendable(err); ok {
		form.Err = err
		return h.render(c, status, v, func(p *views.ProductProps) { p.Form = form })
	}
	if err != nil {
		return err
	}
	typed := v
	l := listing.Variant
	typed.Title, typed.Option, typed.PriceMinor, typed.Currency, typed.URL, typed.ImageURL = l.Title, l.Option, l.PriceMinor, l.Currency, l.URL, l.ImageURL
	typed.Rules, typed.RequestTitle = l.Rules, l.RequestTitle
	if c.Request().Header.Get("HX-Request") != "" {
		on, err := h.pages.Page(c.Request().Context(), v.PageID)
		if err != nil {
			return err
		}
		return render(c, http.StatusOK, views.ProductMessages(views.ProductProps{Messages: h.previews(on, typed)}))
	}
	return h.render(c, http.StatusOK, v, func(p *views.ProductProps) {
		p.Form, p.Messages, p.Previewed = form, h.previews(p.OnPage, typed), true
	})
}

// setMe answers POST /products/{id}/me: whoever is signed in is this contact.
func (h productScreens) setMe(c echo.Context) error {
	v, err := h.variant(c)
	if err != nil {
		return err
	}
	target := numberPath("/products/", v.ID)
	id, err := strconv.ParseInt(c.FormValue("contact_id"), 10, 64)
	if err != nil {
		return h.refused(c, models.Errorf(models.KindInvalid, "Choose which of them you are."), target)
	}
	if err := h.messages.SetTester(c.Request().Context(), userOf(c).ID, id); err != nil {
		return h.refused(c, err, target)
	}
	return h.done(c, views.NoticeMeChosen, target)
}

// test answers POST /products/{id}/test: the message or the question goes to whoever is signed in.
func (h productScreens) test(c echo.Context) error {
	v, err := h.variant(c)
	if err != nil {
		return err
	}
	kind := models.SendReply
	if c.FormValue("kind") == string(models.SendRequest) {
		kind = models.SendRequest
	}
	target := numberPath("/products/", v.ID)
	if err := h.messages.SendTest(c.Request().Context(), userOf(c).ID, v.ID, kind); err != nil {
		return h.refused(c, err, target)
	}
	return h.done(c, views.NoticeTestSent, target)
}
