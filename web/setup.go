package web

import (
	"context"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"bentornato/models"
	"bentornato/views"
)

// setupReader knows how far an installation is.
type setupReader interface {
	// HasUsers reports whether anybody could sign in.
	HasUsers(ctx context.Context) (bool, error)
	FirstSteps(ctx context.Context) (models.FirstSteps, error)
}

// setupWork sets an installation up.
type setupWork interface {
	// AddFirstOwner makes the first login for whoever shows the code; a wrong code is models.KindInvalid, a login that is
	// there already models.KindConflict.
	AddFirstOwner(ctx context.Context, u models.User, code string) (models.User, error)
	SetStepsAside(ctx context.Context, aside bool) error
}

// unpeopled reports whether nobody can sign in yet. It asks the database only as long as that is so.
func (s *Server) unpeopled(ctx context.Context) (bool, error) {
	if s.peopled.Load() {
		return false, nil
	}
	has, err := s.Reader.HasUsers(ctx)
	if err == nil && has {
		s.peopled.Store(true)
	}
	return err == nil && !has, err
}

// showSetup answers GET /setup: the form for the first owner as long as there is no login, and the first steps after that.
func (s *Server) showSetup(c echo.Context) error {
	empty, err := s.unpeopled(c.Request().Context())
	if err != nil {
		return err
	}
	if empty {
		return s.renderSetup(c, http.StatusOK, views.SetupForm{Language: views.Language(c.Request().Context())})
	}
	if userOf(c).ID == 0 {
		return s.toDoor(c)
	}
	steps, err := s.Reader.FirstSteps(c.Request().Context())
	if err != nil {
		return err
	}
	c.Response().Header().Set(echo.HeaderCacheControl, "no-store")
	return render(c, http.StatusOK, views.FirstSteps(views.FirstStepsProps{Page: s.page(c), Steps: steps, WebhookURL: s.BaseURL + "/webhooks/messenger"}))
}

func (s *Server) renderSetup(c echo.Context, status int, form views.SetupForm) error {
	p := views.SetupProps{Page: s.page(c), Form: form}
	p.Page.CurrentURL = "/setup"
	c.Response().Header().Set(echo.HeaderCacheControl, "no-store")
	return render(c, status, views.Setup(p))
}

// setUp answers POST /setup: it makes the first owner and signs them in.
func (s *Server) setUp(c echo.Context) error {
	ctx := c.Request().Context()
	if empty, err := s.unpeopled(ctx); err != nil || !empty {
		if err != nil {
			return err
		}
		return s.toDoor(c)
	}
	form := views.SetupForm{Code: typed(c, "code"), Email: typed(c, "email"), Language: models.Language(typed(c, "language"))}
	if wait := s.tries.takeSetup(c.RealIP()); wait > 0 {
		c.Response().Header().Set(echo.HeaderRetryAfter, strconv.Itoa(int(wait.Seconds())+1))
		form.Err = models.Errorf(models.KindForbidden, "Too many tries. Wait a quarter of an hour and try again.")
		return s.renderSetup(c, http.StatusTooManyRequests, form)
	}
	owner, err := s.firstOwner(c, form)
	if err == nil {
		owner, err = s.Work.AddFirstOwner(ctx, owner, form.Code)
	}
	if models.KindOf(err) == models.KindConflict { // somebody was faster
		s.flash(c, views.Flash{Err: err})
		return c.Redirect(http.StatusSeeOther, "/login")
	}
	if status, ok := mendable(err); ok {
		form.Err = err
		return s.renderSetup(c, status, form)
	}
	if err != nil {
		return err
	}
	if err := s.signIn(c, owner); err != nil {
		return err
	}
	c.Set(ctxUser, owner)
	s.flash(c, views.Flash{Notice: views.NoticeSetUp})
	return c.Redirect(http.StatusSeeOther, "/setup")
}

// firstOwner checks what was typed, the code aside.
func (s *Server) firstOwner(c echo.Context, form views.SetupForm) (models.User, error) {
	if form.Code == "" {
		return models.User{}, models.FieldErrorf("code", "Type the code that the server printed; it looks like ABCD-EFGH-JKLM-NPQR.")
	}
	email, err := models.ParseEmail(form.Email)
	if err != nil {
		return models.User{}, err
	}
	password := c.FormValue("password")
	if password != c.FormValue("password_again") {
		return models.User{}, models.FieldErrorf("password_again", "The two passwords are not the same.")
	}
	hash, err := s.passwords.hash(c.Request().Context(), password)
	return models.User{Email: email, Role: models.RoleOwner, PasswordHash: hash, Language: form.Language}, err
}

// putStepsAside answers POST /setup/aside and /setup/back.
func (s *Server) putStepsAside(aside bool) echo.HandlerFunc {
	return func(c echo.Context) error {
		if err := s.Work.SetStepsAside(c.Request().Context(), aside); err != nil {
			return err
		}
		notice, target := views.NoticeStepsBack, "/"
		if aside {
			notice, target = views.NoticeStepsAside, "/setup"
		}
		s.flash(c, views.Flash{Notice: notice})
		return c.Redirect(http.StatusSeeOther, target)
	}
}
