package web

import (
	"context"
	"errors"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"bentornato/models"
	"bentornato/views"
	"bentornato/web/inventory"
)

// Limits of a source's screen.
const (
	shownUnknown = 20
	shownAliases = 200
	shownChoices = 200
	shownEvents  = 500
)

// source is the one that an address names.
func (h sourceScreens) source(c echo.Context) (models.Source, error) {
	return h.read.Source(c.Request().Context(), c.Param("id"))
}

// show answers GET /sources/{id}.
func (h sourceScreens) show(c echo.Context) error {
	s, err := h.source(c)
	if err != nil {
		return err
	}
	p := views.SourceProps{Source: s}
	created, err := h.created(c)
	if err != nil {
		return err
	}
	if created != nil && created.Source.ID == s.ID {
		p.Secret = created.Secret
		if created.URL != h.address(s) {
			p.SecretURL = created.URL
		}
	}
	return h.renderOne(c, http.StatusOK, p)
}

// renderOne fills in what the screen of one source shows beside the forms.
func (h sourceScreens) renderOne(c echo.Context, status int, p views.SourceProps) error {
	ctx := c.Request().Context()
	s := p.Source
	frame, pages, err := h.frame(c)
	if err != nil {
		return err
	}
	p.Page, p.Pager.Cursor = frame, c.QueryParam("cursor")
	p.CurrentURL = "/sources/" + s.ID
	if p.URL, err = h.addressFor(c, s); err != nil {
		return err
	}
	for i := range pages {
		if pages[i].ID == s.PageID {
			p.OnPage, p.Loc = &pages[i], pages[i].Location()
		}
	}
	if p.Calls, p.Pager.Next, err = h.list.Deliveries(ctx, s.ID, screenRows, p.Pager.Cursor); err != nil {
		return err
	}
	if p.Poll, err = h.list.Poll(ctx, s.ID); err != nil {
		return err
	}
	p.Confirmed, p.Testable = inventory.Confirmed(s.Kind), inventory.Testable(s.Kind)
	p.Troubles = models.SourceTroubles(s, p.Poll, h.now())
	form, askable := inventory.Askable(s.Kind)
	p.Askable, p.NeedsKey, p.Places = askable, form.Account, form.Locations
	if p.AskForm.Err == nil {
		p.AskForm = views.PollFormOf(p.Poll, form.Address)
	}
	if p.Places {
		if p.Known, err = h.list.Locations(ctx, s.ID); err != nil {
			return err
		}
	}
	if err := h.mapper(ctx, &p); err != nil {
		return err
	}
	return render(c, status, views.Source(p))
}

// mapper fills in what nobody lists, and what to choose from.
func (h sourceScreens) mapper(ctx context.Context, p *views.SourceProps) error {
	var err error
	if p.Unknown, err = h.list.UnknownSKUs(ctx, p.Source, shownUnknown); err != nil {
		return err
	}
	aliases, err := h.list.Aliases(ctx, p.Source.ID, shownAliases)
	if err != nil {
		return err
	}
	ids := make([]int64, len(aliases))
	for i, a := range aliases {
		ids[i] = a.VariantID
	}
	variants, err := h.list.Variants(ctx, ids)
	if err != nil {
		return err
	}
	for _, a := range aliases {
		p.Aliases = append(p.Aliases, views.AliasRow{SKU: a.SKU, Variant: variants[a.VariantID]})
	}
	if len(p.Unknown) == 0 {
		return nil
	}
	p.Choices, _, err = h.list.ListVariants(ctx, models.VariantQuery{PageID: p.Source.PageID, Limit: shownChoices})
	return err
}

// change answers POST /sources/{id}.
func (h sourceScreens) change(c echo.Context) error {
	s, err := h.source(c)
	if err != nil {
		return err
	}
	form := views.SourceSettings{Name: typed(c, "name"), AddsProducts: ticked(c, "adds_products"), Currency: typed(c, "currency")}
	changed := s
	changed.Name, changed.AddsProducts, changed.Currency = form.Name, form.AddsProducts, form.Currency
	if err = checkName(form.Name); err == nil {
		err = h.work.ChangeSource(c.Request().Context(), changed)
	}
	if status, ok := mendable(err); ok {
		form.Err = err
		return h.renderOne(c, status, views.SourceProps{Source: s, Form: form})
	}
	if err != nil {
		return err
	}
	return h.done(c, views.NoticeSaved, "/sources/"+s.ID)
}

// rotate answers POST /sources/{id}/secret. A new secret of ours is shown on the next screen, once; what a person brings, they have.
func (h sourceScreens) rotate(c echo.Context) error {
	ctx := c.Request().Context()
	s, err := h.source(c)
	if err != nil {
		return err
	}
	secret := typed(c, "secret")
	brought := secret != ""
	if !brought {
		secret, err = inventory.NewSecret(s.Kind)
	} else {
		err = inventory.ValidateSecret(s.Kind, secret)
	}
	if err == nil {
		err = h.work.RotateSecret(ctx, s.ID, secret)
	}
	if err != nil {
		return h.refused(c, err, "/sources/"+s.ID)
	}
	if !brought {
		h.sessions.Put(ctx, sessSource, s.ID)
	}
	return h.done(c, views.NoticeSecretChanged, "/sources/"+s.ID)
}

// act answers a form without fields of one source: it does something and leads back to the source's screen.
func (h sourceScreens) act(do func(ctx context.Context, id string) error, notice views.Notice) echo.HandlerFunc {
	return func(c echo.Context) error {
		s, err := h.source(c)
		if err != nil {
			return err
		}
		if err := do(c.Request().Context(), s.ID); err != nil {
			return h.refused(c, err, "/sources/"+s.ID)
		}
		return h.done(c, notice, "/sources/"+s.ID)
	}
}

// remove answers POST /sources/{id}/delete.
func (h sourceScreens) remove(c echo.Context) error {
	s, err := h.source(c)
	if err != nil {
		return err
	}
	if !ticked(c, "confirm") {
		return h.refused(c, models.Errorf(models.KindInvalid, "Tick the box to say that the source is to go."), "/sources/"+s.ID)
	}
	if err := h.work.DeleteSource(c.Request().Context(), s.ID); err != nil {
		return err
	}
	return h.done(c, views.NoticeSourceDeleted, "/sources")
}

// savePoll answers POST /sources/{id}/poll.
func (h sourceScreens) savePoll(c echo.Context) error {
	s, err := h.source(c)
	if err != nil {
		return err
	}
	form := views.PollForm{Address: typed(c, "address"), Account: typed(c, "account"), Minutes: typed(c, "minutes"), Locations: typed(c, "locations")}
	poll := models.Poll{SourceID: s.ID, Address: form.Address, Account: form.Account, Locations: models.SplitLocations(form.Locations)}
	needs, askable := inventory.Askable(s.Kind)
	switch {
	case !askable:
		err = models.Errorf(models.KindInvalid, "Systems of this kind cannot be asked.")
	case needs.Account && form.Account == "":
		err = models.FieldErrorf("account", "This is missing; the guide says where it stands.")
	default:
		if poll.Minutes, err = wholeNumber("minutes", form.Minutes, models.DefaultPollMinutes); err == nil {
			err = h.work.SavePoll(c.Request().Context(), poll, typed(c, "access"))
		}
	}
	if status, ok := mendable(err); ok {
		form.Err = err
		return h.renderOne(c, status, views.SourceProps{Source: s, AskForm: form})
	}
	if err != nil {
		return err
	}
	return h.done(c, views.NoticeSaved, "/sources/"+s.ID)
}

// tie answers POST /sources/{id}/aliases: a SKU of the source is one of our products from now on.
func (h sourceScreens) tie(c echo.Context) error {
	ctx := c.Request().Context()
	s, err := h.source(c)
	if err != nil {
		return err
	}
	form := views.AliasForm{SKU: typed(c, "sku"), Variant: typed(c, "variant")}
	v, err := h.list.VariantBySKU(ctx, s.PageID, form.Variant)
	if models.KindOf(err) == models.KindNotFound {
		err = &models.Error{Kind: models.KindInvalid, Message: models.MessageOf(err)}
	}
	if err == nil {
		err = h.work.SaveAlias(ctx, s, form.SKU, v.ID)
	}
	if status, ok := mendable(err); ok {
		form.Err = err
		return h.renderOne(c, status, views.SourceProps{Source: s, AliasForm: form})
	}
	if err != nil {
		return err
	}
	return h.done(c, views.NoticeSKUTied, "/sources/"+s.ID)
}

// untie answers POST /sources/{id}/aliases/delete.
func (h sourceScreens) untie(c echo.Context) error {
	return h.act(func(ctx context.Context, id string) error { return h.work.DeleteAlias(ctx, id, typed(c, "sku")) }, views.NoticeSKUUntied)(c)
}

// test answers POST /sources/{id}/test: a signed example goes through the very door that the system calls.
func (h sourceScreens) test(c echo.Context) error {
	ctx := c.Request().Context()
	s, err := h.source(c)
	if err != nil {
		return err
	}
	secrets, err := h.read.SourceSecrets(s)
	if err != nil {
		return err
	}
	call, err := inventory.TestCall(context.WithValue(ctx, testing{}, true), s.Kind, h.address(s), secrets[0], h.now())
	if err != nil {
		return h.refused(c, err, "/sources/"+s.ID)
	}
	// The public address may stand under a path of a proxy's, which the door itself does not see.
	call.URL.Path = "/webhooks/inventory/" + s.ID
	call.RequestURI, call.RemoteAddr = call.URL.RequestURI(), c.Request().RemoteAddr
	answer := &overheard{header: http.Header{}}
	h.door.ServeHTTP(answer, call)
	if answer.status >= http.StatusBadRequest {
		return h.refused(c, models.Errorf(models.KindConflict, "The door refused the test event (status %d). What it said stands under \"Last calls\".", answer.status), "/sources/"+s.ID)
	}
	return h.done(c, views.NoticeEventTested, "/sources/"+s.ID)
}

// overheard takes an answer of which only the status matters.
type overheard struct {
	header http.Header
	status int
}

// Header is the answer's.
func (o *overheard) Header() http.Header { return o.header }

// WriteHeader takes the status.
func (o *overheard) WriteHeader(status int) {
	if o.status == 0 {
		o.status = status
	}
}

// Write lets the body go.
func (o *overheard) Write(b []byte) (int, error) {
	o.WriteHeader(http.StatusOK)
	return len(b), nil
}

// call is the call of a source that an address names.
func (h sourceScreens) call(c echo.Context) (models.Source, models.Delivery, error) {
	s, err := h.source(c)
	if err != nil {
		return s, models.Delivery{}, err
	}
	id, err := strconv.ParseInt(c.Param("event"), 10, 64)
	if err != nil {
		return s, models.Delivery{}, models.Errorf(models.KindNotFound, "This call is not kept any more.")
	}
	d, err := h.list.Delivery(c.Request().Context(), s.ID, id)
	return s, d, err
}

// said reads a call that is kept once more. A report that is replayed is as old as the call.
func (h sourceScreens) said(s models.Source, d models.Delivery) (models.StockReport, error) {
	call, err := h.list.OpenCall(d)
	if err != nil {
		return models.StockReport{}, err
	}
	adapter, ok := inventory.For(s.Kind)
	if !ok {
		return models.StockReport{}, models.Errorf(models.KindInternal, "No adapter reads sources of kind %q.", s.Kind)
	}
	said, err := adapter.Parse(inventory.Read(call, d.ReceivedAt))
	return said.Report, err
}

// showCall answers GET /sources/{id}/events/{event}.
func (h sourceScreens) showCall(c echo.Context) error {
	ctx := c.Request().Context()
	s, d, err := h.call(c)
	if err != nil {
		return err
	}
	frame, _, err := h.frame(c)
	if err != nil {
		return err
	}
	p := views.CallProps{Page: frame, Source: s, Call: d}
	if p.Events, err = h.list.DeliveryEvents(ctx, d.ID, shownEvents); err != nil {
		return err
	}
	if d.Replayable() && userOf(c).Role.Allows(models.RoleStaff) {
		report, err := h.said(s, d)
		if err == nil {
			_, p.Preview, err = h.work.PreviewReplay(ctx, s, d, report)
		}
		var known *models.Error
		if err != nil && !errors.As(err, &known) {
			return err
		}
		p.PreviewErr = err
		p.Preview = p.Preview[:min(len(p.Preview), shownEvents)]
	}
	return render(c, http.StatusOK, views.SourceCall(p))
}

// replay answers POST /sources/{id}/events/{event}/replay and leads to what it did.
func (h sourceScreens) replay(c echo.Context) error {
	s, d, err := h.call(c)
	if err != nil {
		return err
	}
	back := "/sources/" + s.ID + "/events/"
	report, err := h.said(s, d)
	if err != nil {
		return h.refused(c, err, numberPath(back, d.ID))
	}
	id, err := h.work.Replay(c.Request().Context(), s, d, report)
	if err != nil {
		return err
	}
	return h.done(c, views.NoticeCallReplayed, numberPath(back, id))
}
