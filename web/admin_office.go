package web

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"bentornato/models"
	"bentornato/views"
)

// auditReader lists who changed what.
type auditReader interface {
	AuditEntries(ctx context.Context, q models.AuditQuery) ([]models.AuditEntry, string, error)
	AuditActors(ctx context.Context) ([]models.Actor, error)
}

// aboutReader knows what the installation runs on.
type aboutReader interface {
	About(ctx context.Context) (models.About, error)
}

// accountKeeper changes what protects somebody's own login.
type accountKeeper interface {
	// ChangePassword gives a login another password, which arrives hashed; every session ends.
	ChangePassword(ctx context.Context, userID int64, hash string) (models.User, error)
	// SignOutEverywhere ends every session of a login.
	SignOutEverywhere(ctx context.Context, userID int64) (models.User, error)
}

// settingsScreens are everything that is set and is no Page's, source's or product's.
type settingsScreens struct {
	office
	audit     auditReader
	kept      retentionReader
	about     aboutReader
	stats     statsReader
	users     userReader
	retain    retentionSetter
	account   accountKeeper
	passwords *passwords
	tries     *loginTries
	// signIn begins a new session for whoever ended all of theirs.
	signIn  func(c echo.Context, u models.User) error
	version string
	now     func() time.Time
}

// show answers GET /settings.
func (h settingsScreens) show(c echo.Context) error {
	frame, _, err := h.frame(c)
	if err != nil {
		return err
	}
	return render(c, http.StatusOK, views.Settings(views.SettingsProps{Page: frame}))
}

// showAbout answers GET /settings/about.
func (h settingsScreens) showAbout(c echo.Context) error {
	frame, _, err := h.frame(c)
	if err != nil {
		return err
	}
	p := views.AboutProps{Page: frame, Version: h.version}
	if p.About, err = h.about.About(c.Request().Context()); err != nil {
		return err
	}
	if p.Stats, err = h.stats.Stats(c.Request().Context(), ""); err != nil {
		return err
	}
	return render(c, http.StatusOK, views.About(p))
}

// showAccount answers GET /settings/account.
func (h settingsScreens) showAccount(c echo.Context) error {
	return h.renderAccount(c, http.StatusOK, nil)
}

func (h settingsScreens) renderAccount(c echo.Context, status int, wrong error) error {
	frame, _, err := h.frame(c)
	if err != nil {
		return err
	}
	frame.CurrentURL = "/settings/account"
	return render(c, status, views.Account(views.AccountProps{Page: frame, Err: wrong}))
}

// changePassword answers POST /settings/account/password. Whoever sits down at a screen that was left open does not know the
// password, and cannot lock its owner out.
func (h settingsScreens) changePassword(c echo.Context) error {
	ctx, me := c.Request().Context(), userOf(c)
	hash, err := h.newPassword(c, me)
	if err == nil {
		me, err = h.account.ChangePassword(ctx, me.ID, hash)
	}
	if status, ok := mendable(err); ok {
		return h.renderAccount(c, status, err)
	}
	if err != nil {
		return err
	}
	return h.stay(c, me, views.NoticePasswordChanged)
}

func (h settingsScreens) newPassword(c echo.Context, me models.User) (string, error) {
	ctx, password := c.Request().Context(), c.FormValue("password")
	if h.tries.take(c.RealIP(), me.Email) > 0 {
		return "", models.FieldErrorf("current", "Too many tries. Wait a quarter of an hour and try again.")
	}
	right, err := h.passwords.verify(ctx, me.PasswordHash, c.FormValue("current"))
	if err != nil {
		return "", err
	}
	if !right {
		return "", models.FieldErrorf("current", "This is not the password you have now.")
	}
	h.tries.clear(me.Email)
	if password != c.FormValue("password_again") {
		return "", models.FieldErrorf("password_again", "The two passwords are not the same.")
	}
	return h.passwords.hash(ctx, password)
}

// signOutElsewhere answers POST /settings/account/sign-out.
func (h settingsScreens) signOutElsewhere(c echo.Context) error {
	me, err := h.account.SignOutEverywhere(c.Request().Context(), userOf(c).ID)
	if err != nil {
		return err
	}
	return h.stay(c, me, views.NoticeSignedOutElse)
}

// stay begins the one session that is left.
func (h settingsScreens) stay(c echo.Context, me models.User, notice views.Notice) error {
	if err := h.signIn(c, me); err != nil {
		return err
	}
	return h.done(c, notice, "/settings/account")
}

// auditQuery is what the address asks for.
func auditQuery(c echo.Context, limit int) models.AuditQuery {
	q := models.AuditQuery{Actor: views.ParseActor(c.QueryParam("actor")), Limit: limit}
	if thing := models.AuditThing(c.QueryParam("thing")); slices.Contains(models.AuditThings, thing) {
		q.Thing = thing
	}
	return q
}

// showAudit answers GET /settings/audit.
func (h settingsScreens) showAudit(c echo.Context) error {
	ctx := c.Request().Context()
	frame, pages, err := h.frame(c)
	if err != nil {
		return err
	}
	q := auditQuery(c, screenRows)
	q.Cursor = c.QueryParam("cursor")
	p := views.AuditProps{Page: frame, Pages: pages, Actor: q.Actor, Thing: q.Thing, Pager: views.Pager{Cursor: q.Cursor}}
	if p.Actors, err = h.audit.AuditActors(ctx); err != nil {
		return err
	}
	if p.Rows, p.Pager.Next, err = h.audit.AuditEntries(ctx, q); err != nil {
		return err
	}
	return render(c, http.StatusOK, views.Audit(p))
}

// exportAudit answers GET /settings/audit.csv: what the screen's filters find, the latest first. Times are UTC's, and words
// those of the tables, as machines write them.
func (h settingsScreens) exportAudit(c echo.Context) error {
	ctx := c.Request().Context()
	q := auditQuery(c, exportPage)
	rows, next, err := h.audit.AuditEntries(ctx, q)
	if err != nil {
		return err
	}
	out, err := newSheet(c, "changes.csv")
	if err != nil {
		return err
	}
	if err := out.row("at", "actor_kind", "actor", "act", "thing", "thing_id", "thing_name", "page_id", "changes"); err != nil {
		return err
	}
	for {
		for _, e := range rows {
			if err := out.row(stamp(e.At), string(e.ActorKind), e.ActorName, string(e.Act), string(e.Thing), e.ThingID, e.ThingName, e.PageID, changesCell(e.Changes)); err != nil {
				return err
			}
		}
		if next == "" {
			return out.end()
		}
		if err := out.flush(); err != nil {
			return err
		}
		q.Cursor = next
		if rows, next, err = h.audit.AuditEntries(ctx, q); err != nil {
			return err
		}
	}
}

// changesCell is what changed in one cell, a line each.
func changesCell(changes []models.AuditChange) string {
	lines := make([]string, len(changes))
	for i, c := range changes {
		lines[i] = c.Field + ": " + strconv.Quote(c.Old) + " -> " + strconv.Quote(c.New)
	}
	return strings.Join(lines, "\n")
}
