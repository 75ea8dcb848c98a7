package web

import (
	"context"
	"crypto/rand"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/labstack/echo/v4"

	"bentornato/models"
	"bentornato/views"
	"bentornato/web/messenger"
)

// connectedPath is where Facebook sends people back to. It must be among the app's valid OAuth redirect URIs.
const connectedPath = "/pages/connected"

// sessConnect is the state of a sign-in with Facebook: it comes back with the person, and proves that they left from here.
const sessConnect = "connect"

// facebook signs people in to choose Pages; it is a messenger.Client.
type facebook interface {
	LoginURL(l messenger.LoginRequest) string
	ExchangeCode(ctx context.Context, redirectURI, code string) (messenger.UserToken, error)
	LongLived(ctx context.Context, t messenger.UserToken) (messenger.UserToken, error)
	Me(ctx context.Context, accessToken string) (messenger.Account, error)
	ManagedPages(ctx context.Context, t messenger.UserToken) ([]messenger.ManagedPage, error)
}

// connectReader reads what connecting needs.
type connectReader interface {
	PageHealth(ctx context.Context, pageID string) (models.PageHealth, error)
	PageLogin(ctx context.Context, nonce string, userID int64, now time.Time) (string, error)
}

// pageConnector connects Pages.
type pageConnector interface {
	ConnectPage(ctx context.Context, p models.Page, accessToken, by string) error
	SetUpPage(ctx context.Context, pageID string) error
	DisconnectPage(ctx context.Context, pageID string) error
	CheckPage(ctx context.Context, pageID string) (models.PageHealth, error)
	StartPageLogin(ctx context.Context, nonce string, userID int64, token string) error
	EndPageLogin(ctx context.Context, nonce string) error
}

// connectScreens connect Pages, and look at how they are connected.
type connectScreens struct {
	office
	read     connectReader
	work     pageConnector
	facebook facebook
	configID string
	ready    bool // the Meta app is configured
	sessions *scs.SessionManager
	back     string // the whole address of connectedPath
	now      func() time.Time
}

// show answers GET /pages/connect. Its link to Facebook carries a state that is kept in the session.
func (h connectScreens) show(c echo.Context) error {
	return h.render(c, http.StatusOK, views.ConnectForm{}, false)
}

func (h connectScreens) render(c echo.Context, status int, form views.ConnectForm, denied bool) error {
	frame, pages, err := h.frame(c)
	if err != nil {
		return err
	}
	frame.CurrentURL = "/pages/connect"
	p := views.ConnectProps{Page: frame, Form: withDefaults(c, form, pages), Denied: denied}
	if h.facebook != nil && h.ready {
		ctx := c.Request().Context()
		state := rand.Text()
		h.sessions.Put(ctx, sessConnect, state)
		p.LoginURL = h.facebook.LoginURL(messenger.LoginRequest{RedirectURI: h.back, State: state, ConfigID: h.configID,
			Scopes: append(messenger.Permissions(), messenger.OptionalPermissions()...)})
	}
	return render(c, status, views.Connect(p))
}

// withDefaults proposes what the other Pages have, or what the person speaks.
func withDefaults(c echo.Context, f views.ConnectForm, pages []models.Page) views.ConnectForm {
	if f.Locale == "" {
		f.Locale = views.Language(c.Request().Context())
	}
	if f.TimeZone == "" {
		f.TimeZone = "Europe/Rome"
		if len(pages) > 0 {
			f.TimeZone = pages[0].TimeZone
		}
	}
	return f
}

// byHand answers POST /pages/connect: a Page with a token that was typed in.
func (h connectScreens) byHand(c echo.Context) error {
	ctx := c.Request().Context()
	form := views.ConnectForm{ID: typed(c, "id"), Name: typed(c, "name"), Locale: typed(c, "locale"), TimeZone: typed(c, "timezone")}
	token := typed(c, "token")
	var err error = models.FieldErrorf("token", "Paste the Page's access token.")
	if token != "" {
		var page models.Page
		if page, err = h.pageOf(ctx, form.ID, form.Name, form); err == nil {
			page.Name = form.Name
			if err = models.ValidatePage(page); err == nil {
				err = h.owned(ctx, page.ID, token)
			}
		}
		if err == nil {
			return h.connected(c, []views.ConnectResult{{OnPage: page, Err: h.work.ConnectPage(ctx, page, token, "")}})
		}
	}
	if models.KindOf(err) == models.KindInternal {
		return err
	}
	form.Err = err
	return h.render(c, http.StatusUnprocessableEntity, form, false)
}

// owned makes sure that a token is the Page's before anything is saved.
func (h connectScreens) owned(ctx context.Context, id, token string) error {
	if h.facebook == nil {
		return models.Errorf(models.KindUnavailable, "Facebook cannot be reached from here.")
	}
	account, err := h.facebook.Me(ctx, token)
	switch {
	case err != nil:
		return models.FieldErrorf("token", "%s", models.MessageOf(err))
	case account.ID != id:
		return models.FieldErrorf("token", "This token belongs to %s (%s), not to this Page.", account.Name, account.ID)
	}
	return nil
}

// pageOf is the Page as it is here, or a new one.
func (h connectScreens) pageOf(ctx context.Context, id, name string, f views.ConnectForm) (models.Page, error) {
	on, err := h.pages.Page(ctx, id)
	if models.KindOf(err) == models.KindNotFound {
		return models.Page{ID: id, Name: name, Rate: models.DefaultRate, Locale: f.Locale, TimeZone: f.TimeZone}, nil
	}
	return on, err
}

// comeBack answers GET /pages/connected: the person comes back from Facebook, with a code or without.
func (h connectScreens) comeBack(c echo.Context) error {
	ctx := c.Request().Context()
	want := h.sessions.PopString(ctx, sessConnect)
	state := c.QueryParam("state")
	switch {
	case want == "" || state != want || h.facebook == nil:
		return h.refused(c, models.Errorf(models.KindConflict, "This sign-in with Facebook was not begun here, or was used already. Connect again."), "/pages/connect")
	case c.QueryParam("code") == "":
		return h.render(c, http.StatusOK, views.ConnectForm{}, true)
	}
	short, err := h.facebook.ExchangeCode(ctx, h.back, c.QueryParam("code"))
	if err != nil {
		return h.failed(c, err)
	}
	long, err := h.facebook.LongLived(ctx, short)
	if err != nil {
		return h.failed(c, err)
	}
	nonce := rand.Text()
	if err := h.work.StartPageLogin(ctx, nonce, userOf(c).ID, long.AccessToken); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/pages/choose?login="+url.QueryEscape(nonce))
}

// failed says what Facebook had against it, where the person can begin again.
func (h connectScreens) failed(c echo.Context, err error) error {
	if models.KindOf(err) == models.KindInternal {
		return err
	}
	h.flash(c, views.Flash{Err: err})
	return c.Redirect(http.StatusSeeOther, "/pages/connect")
}

// showChoice answers GET /pages/choose.
func (h connectScreens) showChoice(c echo.Context) error {
	return h.choice(c, http.StatusOK, c.QueryParam("login"), nil, views.ConnectForm{})
}

// choice lists what Facebook shares. Without any chosen, all that can be are.
func (h connectScreens) choice(c echo.Context, status int, nonce string, chosen []string, form views.ConnectForm) error {
	frame, pages, err := h.frame(c)
	if err != nil {
		return err
	}
	shared, _, err := h.shared(c, nonce)
	if err != nil {
		return h.failed(c, err)
	}
	frame.CurrentURL = "/pages/choose?login=" + url.QueryEscape(nonce)
	p := views.ChoosePagesProps{Page: frame, Login: nonce, Form: withDefaults(c, form, pages)}
	for _, s := range shared {
		missing := s.MissingTasks()
		p.Candidates = append(p.Candidates, views.ConnectCandidate{ID: s.ID, Name: s.Name, Missing: missing,
			Known:  slices.ContainsFunc(pages, func(on models.Page) bool { return on.ID == s.ID }),
			Chosen: len(missing) == 0 && (len(chosen) == 0 || slices.Contains(chosen, s.ID))})
	}
	return render(c, status, views.ChoosePages(p))
}

// shared asks Facebook for the Pages of the sign-in, and whose it is.
func (h connectScreens) shared(c echo.Context, nonce string) ([]messenger.ManagedPage, string, error) {
	ctx := c.Request().Context()
	token, err := h.read.PageLogin(ctx, nonce, userOf(c).ID, h.now())
	if err != nil {
		return nil, "", err
	}
	if h.facebook == nil {
		return nil, "", models.Errorf(models.KindUnavailable, "Facebook cannot be reached from here.")
	}
	who, err := h.facebook.Me(ctx, token)
	if err != nil {
		return nil, "", err
	}
	pages, err := h.facebook.ManagedPages(ctx, messenger.UserToken{AccessToken: token})
	return pages, who.ID, err
}

// choose answers POST /pages/choose: each chosen Page is saved and set up, and one that fails keeps no other back.
func (h connectScreens) choose(c echo.Context) error {
	ctx := c.Request().Context()
	nonce := typed(c, "login")
	form := views.ConnectForm{Locale: typed(c, "locale"), TimeZone: typed(c, "timezone")}
	chosen := c.Request().PostForm["page"]
	shared, by, err := h.shared(c, nonce)
	if err != nil {
		return h.failed(c, err)
	}
	var list []models.Page
	tokens := map[string]string{}
	for _, s := range shared {
		if !slices.Contains(chosen, s.ID) || len(s.MissingTasks()) > 0 || s.AccessToken == "" {
			continue
		}
		page, err := h.pageOf(ctx, s.ID, s.Name, form)
		if err == nil {
			err = models.ValidatePage(page)
		}
		if status, ok := mendable(err); ok {
			form.Err = err
			return h.choice(c, status, nonce, chosen, form)
		}
		if err != nil {
			return err
		}
		list, tokens[page.ID] = append(list, page), s.AccessToken
	}
	if len(list) == 0 {
		form.Err = models.Errorf(models.KindInvalid, "Choose at least one Page.")
		return h.choice(c, http.StatusUnprocessableEntity, nonce, chosen, form)
	}
	var results []views.ConnectResult
	for _, page := range list {
		results = append(results, views.ConnectResult{OnPage: page, Err: h.work.ConnectPage(ctx, page, tokens[page.ID], by)})
	}
	if err := h.work.EndPageLogin(ctx, nonce); err != nil {
		return err
	}
	return h.connected(c, results)
}

func (h connectScreens) connected(c echo.Context, results []views.ConnectResult) error {
	frame, _, err := h.frame(c)
	if err != nil {
		return err
	}
	frame.CurrentURL = "/pages"
	return render(c, http.StatusOK, views.Connected(views.ConnectedProps{Page: frame, Results: results}))
}

// act answers a form of a Page's connection that has no fields.
func (h connectScreens) act(do func(ctx context.Context, id string) error, notice views.Notice) echo.HandlerFunc {
	return func(c echo.Context) error {
		on, err := h.pages.Page(c.Request().Context(), c.Param("id"))
		if err != nil {
			return err
		}
		if err := do(c.Request().Context(), on.ID); err != nil {
			if models.KindOf(err) == models.KindInternal {
				return err
			}
			h.flash(c, views.Flash{Err: err})
			return c.Redirect(http.StatusSeeOther, "/pages/"+on.ID)
		}
		return h.done(c, notice, "/pages/"+on.ID)
	}
}

// disconnect answers POST /pages/{id}/disconnect, which must be confirmed.
func (h connectScreens) disconnect(c echo.Context) error {
	if !ticked(c, "confirm") {
		return h.refused(c, unconfirmed(), "/pages/"+url.PathEscape(c.Param("id")))
	}
	return h.act(h.work.DisconnectPage, views.NoticePageDisconnected)(c)
}

// check answers POST /pages/{id}/check.
func (h connectScreens) check(c echo.Context) error {
	return h.act(func(ctx context.Context, id string) error {
		_, err := h.work.CheckPage(ctx, id)
		return err
	}, views.NoticePageChecked)(c)
}
