package web

import (
	"context"
	"net/http"

	"github.com/labstack/echo/v4"

	"bentornato/models"
	"bentornato/views"
)

// teamReader lists who may sign in, and the API's keys.
type teamReader interface {
	Users(ctx context.Context) ([]models.User, error)
	Keys(ctx context.Context) ([]models.Key, error)
}

// teamWriter changes who may sign in.
type teamWriter interface {
	SaveUser(ctx context.Context, u models.User) error
	DeleteUser(ctx context.Context, id int64) error
	// SetUserAccess says on which Pages a login may look and work; an owner's cannot be set.
	SetUserAccess(ctx context.Context, id int64, access models.Access) error
}

// keyEditor makes and ends API keys.
type keyEditor interface {
	AddKey(ctx context.Context, name string, role models.Role, access models.Access) (string, error)
	RevokeKey(ctx context.Context, id int64) error
	// SetKeyAccess says on which Pages an API key may look and work; an owner's cannot be set.
	SetKeyAccess(ctx context.Context, id int64, access models.Access) error
}

// teamScreen is logins and API keys.
type teamScreen struct {
	office
	read  teamReader
	users userReader
	work  teamWriter
	keys  keyEditor
	hash  func(ctx context.Context, password string) (string, error)
	// signIn begins a new session for whoever changed their own password, which ended the one they are in.
	signIn func(c echo.Context, u models.User) error
}

// show answers GET /team.
func (h teamScreen) show(c echo.Context) error {
	return h.render(c, http.StatusOK, views.TeamProps{})
}

func (h teamScreen) render(c echo.Context, status int, p views.TeamProps) error {
	ctx := c.Request().Context()
	var err error
	if p.Page, p.Pages, err = h.frame(c); err != nil {
		return err
	}
	p.CurrentURL = "/team"
	if p.Users, err = h.read.Users(ctx); err != nil {
		return err
	}
	if p.Keys, err = h.read.Keys(ctx); err != nil {
		return err
	}
	return render(c, status, views.Team(p))
}

// saveUser answers POST /team/users: it adds a login, or changes role and password of the one with the address.
func (h teamScreen) saveUser(c echo.Context) error {
	ctx := c.Request().Context()
	form := views.UserForm{Email: typed(c, "email"), Role: models.Role(typed(c, "role")), Pages: tickedPages(c)}
	u, err := h.checkUser(c, form)
	if err == nil {
		err = h.work.SaveUser(ctx, u)
	}
	if status, ok := mendable(err); ok {
		form.Err = err
		return h.render(c, status, views.TeamProps{UserForm: form})
	}
	if err != nil {
		return err
	}
	if u.Email == userOf(c).Email {
		if u, err = h.users.User(ctx, userOf(c).ID); err != nil {
			return err
		}
		if err := h.signIn(c, u); err != nil {
			return err
		}
	}
	return h.done(c, views.NoticeUserSaved, "/team")
}

func (h teamScreen) checkUser(c echo.Context, f views.UserForm) (models.User, error) {
	email, err := models.ParseEmail(f.Email)
	if err != nil {
		return models.User{}, err
	}
	role, err := models.ParseRole(string(f.Role))
	if err != nil {
		return models.User{}, err
	}
	// Whoever gives up the role here could not take it back, and might be the last to have it.
	if me := userOf(c); email == me.Email && role != me.Role {
		return models.User{}, models.Errorf(models.KindConflict, "You cannot change your own role; another owner can.")
	}
	hash, err := h.hash(c.Request().Context(), c.FormValue("password"))
	return models.User{Email: email, Role: role, PasswordHash: hash, Access: models.AccessTo(f.Pages...)}, err
}

// deleteUser answers POST /team/users/{id}/delete.
func (h teamScreen) deleteUser(c echo.Context) error {
	ctx := c.Request().Context()
	id, err := idOf(c)
	if err != nil {
		return err
	}
	if _, err := h.users.User(ctx, id); err != nil {
		return err
	}
	if id == userOf(c).ID {
		return h.refused(c, models.Errorf(models.KindConflict, "You cannot remove your own login; another owner can."), "/team")
	}
	if err := h.work.DeleteUser(ctx, id); err != nil {
		return h.refused(c, err, "/team")
	}
	return h.done(c, views.NoticeUserDeleted, "/team")
}

// setAccess answers POST /team/users/{id}/pages and /team/keys/{id}/pages: whoever it is sees the Pages that are ticked, or all
// where none is.
func (h teamScreen) setAccess(set func(ctx context.Context, id int64, access models.Access) error) echo.HandlerFunc {
	return func(c echo.Context) error {
		id, err := idOf(c)
		if err != nil {
			return err
		}
		if err := set(c.Request().Context(), id, models.AccessTo(tickedPages(c)...)); err != nil {
			return h.refused(c, err, "/team")
		}
		return h.done(c, views.NoticeAccessSaved, "/team")
	}
}

// tickedPages are the ids of the Pages that are ticked in a form.
func tickedPages(c echo.Context) []string {
	form, err := c.FormParams()
	if err != nil {
		return nil // as FormValue has it: whatever else the form needs is missing too
	}
	return form["page"]
}

// addKey answers POST /team/keys with the screen that shows the key, and not by way of another address: only a hash of
// the key is kept, so nothing could show it later.
func (h teamScreen) addKey(c echo.Context) error {
	form := views.KeyForm{Name: typed(c, "name"), Role: models.Role(typed(c, "role")), Pages: tickedPages(c)}
	key, err := h.makeKey(c.Request().Context(), form)
	if status, ok := mendable(err); ok {
		form.Err = err
		return h.render(c, status, views.TeamProps{KeyForm: form})
	}
	if err != nil {
		return err
	}
	return h.render(c, http.StatusCreated, views.TeamProps{NewKey: key})
}

func (h teamScreen) makeKey(ctx context.Context, f views.KeyForm) (string, error) {
	if err := checkName(f.Name); err != nil {
		return "", err
	}
	role, err := models.ParseRole(string(f.Role))
	if err != nil {
		return "", err
	}
	return h.keys.AddKey(ctx, f.Name, role, models.AccessTo(f.Pages...))
}

// revokeKey answers POST /team/keys/{id}/revoke.
func (h teamScreen) revokeKey(c echo.Context) error {
	id, err := idOf(c)
	if err != nil {
		return err
	}
	if err := h.keys.RevokeKey(c.Request().Context(), id); err != nil {
		return h.refused(c, err, "/team")
	}
	return h.done(c, views.NoticeKeyRevoked, "/team")
}
