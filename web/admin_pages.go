package web

import (
	"context"
	"maps"
	"net/http"
	"time"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"bentornato/models"
	"bentornato/views"
)

// pageCounter counts what each Page lists.
type pageCounter interface {
	Listed(ctx context.Context) (map[string]int, error)
}

// meterReader reads where a Page's rate stands.
type meterReader interface {
	RateMeter(ctx context.Context, pageID string, now time.Time) (models.RateMeter, error)
}

// pageEditor changes Pages.
type pageEditor interface {
	// SavePage replaces what a person set on a Page; its access token stays where none is given.
	SavePage(ctx context.Context, p models.Page, accessToken string) error
	PausePage(ctx context.Context, id string) error
	ResumePage(ctx context.Context, id string) error
}

// pageScreens are the list of Pages, and each one's settings.
type pageScreens struct {
	office
	count    pageCounter
	health   connectReader
	meter    meterReader
	stats    statsReader
	products variantLister
	work     pageEditor
	baseURL  string
}

// showList answers GET /pages.
func (h pageScreens) showList(c echo.Context) error {
	ctx := c.Request().Context()
	frame, pages, err := h.frame(c)
	if err != nil {
		return err
	}
	listed, err := h.count.Listed(ctx)
	if err != nil {
		return err
	}
	p := views.PagesProps{Page: frame}
	for _, on := range pages {
		totals, err := h.stats.Stats(ctx, on.ID)
		if err != nil {
			return err
		}
		p.Rows = append(p.Rows, views.PageRow{OnPage: on, Products: listed[on.ID], Waiting: totals.Tokens[models.TokenWaiting]})
	}
	return render(c, http.StatusOK, views.Pages(p))
}

// show answers GET /pages/{id}.
func (h pageScreens) show(c echo.Context) error {
	frame, on, err := h.frameOn(c, c.Param("id"))
	if err != nil {
		return err
	}
	return h.render(c, http.StatusOK, frame, on, views.PageFormOf(on))
}

func (h pageScreens) render(c echo.Context, status int, frame views.Page, on models.Page, form views.PageForm) error {
	frame.CurrentURL = "/pages/" + on.ID
	p := views.PageSettingsProps{Page: frame, OnPage: on, Form: form, PublicURL: h.baseURL + "/shop/" + on.ID,
		Example: models.Variant{Title: "Tazza Alba", Option: "blu"}}
	var err error
	if p.Health, err = h.health.PageHealth(c.Request().Context(), on.ID); err != nil {
		return err
	}
	if p.Meter, err = h.meter.RateMeter(c.Request().Context(), on.ID, frame.Now); err != nil {
		return err
	}
	// One of the shop's own products says more, the one that most people wait for first.
	some, _, err := h.products.ListVariants(c.Request().Context(), models.VariantQuery{PageID: on.ID, Sort: models.SortWaiting, Limit: 1})
	if err != nil {
		return err
	}
	if len(some) > 0 {
		p.Example = some[0]
	}
	return render(c, status, views.PageSettings(p))
}

// change answers POST /pages/{id}.
func (h pageScreens) change(c echo.Context) error {
	frame, on, err := h.frameOn(c, c.Param("id"))
	if err != nil {
		return err
	}
	form := typedPage(c)
	changed, err := changedPage(on, form)
	if err == nil {
		err = h.work.SavePage(c.Request().Context(), changed, "")
	}
	if status, ok := mendable(err); ok {
		form.Err = err
		return h.render(c, status, frame, on, form)
	}
	if err != nil {
		return err
	}
	return h.done(c, views.NoticeSaved, "/pages/"+on.ID)
}

// typedPage is what somebody typed about a Page, as it was typed.
func typedPage(c echo.Context) views.PageForm {
	f := views.PageForm{
		Name: typed(c, "name"), Rate: typed(c, "rate"), Locale: typed(c, "locale"), TimeZone: typed(c, "timezone"),
		QuietFrom: typed(c, "quiet_from"), QuietTo: typed(c, "quiet_to"), HoldDownSeconds: typed(c, "hold_down_seconds"),
		AskAbove: typed(c, "ask_above"), WaveMinutes: typed(c, "wave_minutes"), SpacingSeconds: typed(c, "spacing_seconds"),
		RequestTitle: map[string]string{}, OptInProduct: typed(c, "opt_in_product"),
		OptInTapOpensWindow: ticked(c, "opt_in_tap_opens_window"), NewestFirst: ticked(c, "newest_first"),
		OfferWhenAvailable: ticked(c, "offer_when_available"), PublicList: ticked(c, "public_list"), CountOrders: ticked(c, "count_orders"),
		DiscloseAutomation: ticked(c, "disclose_automation"), RegisteredNews: ticked(c, "registered_news"),
	}
	for _, language := range []string{"en", "it"} {
		if title := typed(c, "request_title_"+language); title != "" {
			f.RequestTitle[language] = title
		}
	}
	return f
}

// changedPage is a Page with what the form says, checked. What the form has no field for stays.
func changedPage(on models.Page, f views.PageForm) (models.Page, error) {
	on.Name, on.Locale, on.TimeZone = f.Name, f.Locale, f.TimeZone
	s := &on.Settings
	s.QuietFrom, s.QuietTo = f.QuietFrom, f.QuietTo
	s.OptInTapOpensWindow, s.NewestFirst, s.OfferWhenAvailable, s.PublicList = f.OptInTapOpensWindow, f.NewestFirst, f.OfferWhenAvailable, f.PublicList
	s.OptInProduct = models.OptInProduct(f.OptInProduct)
	if s.OptInProduct == models.OptInOneTime {
		s.OptInProduct = "" // the default, and written as it
	}
	s.CountOrders, s.DiscloseAutomation, s.RegisteredNews = f.CountOrders, f.DiscloseAutomation, f.RegisteredNews
	s.RequestTitle = maps.Clone(f.RequestTitle)
	for language, title := range s.RequestTitle {
		if utf8.RuneCountInString(title) > models.MaxRequestTemplate {
			return on, models.FieldErrorf("request_title_"+language, "The question is longer than %d characters.", models.MaxRequestTemplate)
		}
	}
	for _, field := range []struct {
		name, text string
		target     *int
	}{
		{"rate", f.Rate, &on.Rate}, {"hold_down_seconds", f.HoldDownSeconds, &s.HoldDownSeconds}, {"ask_above", f.AskAbove, &s.AskAbove},
		{"wave_minutes", f.WaveMinutes, &s.WaveMinutes}, {"spacing_seconds", f.SpacingSeconds, &s.SpacingSeconds},
	} {
		n, err := wholeNumber(field.name, field.text, 0)
		if err != nil {
			return on, err
		}
		*field.target = n
	}
	return on, models.ValidatePage(on)
}

// act answers POST /pages/{id}/pause and /resume.
func (h pageScreens) act(do func(ctx context.Context, id string) error, notice views.Notice) echo.HandlerFunc {
	return func(c echo.Context) error {
		ctx := c.Request().Context()
		on, err := h.pages.Page(ctx, c.Param("id"))
		if err != nil {
			return err
		}
		if err := do(ctx, on.ID); err != nil {
			return err
		}
		return h.done(c, notice, "/pages/"+on.ID)
	}
}
