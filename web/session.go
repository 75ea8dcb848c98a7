package web

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/labstack/echo/v4"
	"golang.org/x/text/language"

	"bentornato/models"
	"bentornato/static"
	"bentornato/views"
)

// How long a sign-in lasts: unused, and in all. That it is used is written down now and then only, since each time
// costs a commit.
const (
	sessionIdle  = 12 * time.Hour
	sessionLife  = 7 * 24 * time.Hour
	sessionTouch = 5 * time.Minute
	// flashLife is how long the session of somebody who is not signed in lasts: it only holds a word for the next
	// page.
	flashLife = 10 * time.Minute
)

// What a session holds.
const (
	sessUser    = "user"
	sessMark    = "mark" // of the password at signing in: another password ends the session
	sessSeen    = "seen"
	sessNotice  = "notice"
	sessCounted = "counted"
	sessCount   = "count"
	sessError   = "error"
	sessField   = "field"
)

const (
	sessionCookie  = "bentornato"
	languageCookie = "language"
)

// userReader finds logins.
type userReader interface {
	User(ctx context.Context, id int64) (models.User, error)
	UserByEmail(ctx context.Context, email string) (models.User, error)
}

// userWriter remembers what logins do.
type userWriter interface {
	SeenUser(ctx context.Context, id int64) error
	SetLanguage(ctx context.Context, userID int64, language string) error
}

func newSessions(store scs.CtxStore, secure bool) *scs.SessionManager {
	m := scs.New()
	m.Store = store
	m.Lifetime = sessionLife
	m.Cookie.Name = sessionCookie
	if secure {
		m.Cookie.Name = "__Host-" + sessionCookie
	}
	return m
}

// loadSession reads the session that the request's cookie names and has it written, where it changed, with the
// answer's first byte.
func (s *Server) loadSession(c echo.Context) error {
	token := ""
	if cookie, err := c.Cookie(s.sessions.Cookie.Name); err == nil {
		token = cookie.Value
	}
	ctx, err := s.sessions.Load(c.Request().Context(), token)
	if err != nil {
		return err
	}
	c.SetRequest(c.Request().WithContext(ctx))
	c.Response().Header().Add(echo.HeaderVary, "Cookie")
	c.Set(ctxSession, true)
	c.Response().Before(func() { s.saveSession(c, ctx) })
	return s.knowUser(c)
}

func (s *Server) saveSession(c echo.Context, ctx context.Context) {
	switch s.sessions.Status(ctx) {
	case scs.Modified:
		token, expiry, err := s.sessions.Commit(ctx)
		if err != nil {
			s.Log.Error("a session could not be written", "request", requestID(c), "error", err)
			return
		}
		c.SetCookie(s.newSessionCookie(token, int(expiry.Sub(s.Now()).Seconds())))
	case scs.Destroyed:
		c.SetCookie(s.newSessionCookie("", -1))
	case scs.Unmodified:
	}
}

func (s *Server) newSessionCookie(value string, maxAge int) *http.Cookie {
	return &http.Cookie{Name: s.sessions.Cookie.Name, Value: value, Path: "/", MaxAge: maxAge, HttpOnly: true, Secure: s.secure, SameSite: http.SameSiteLaxMode}
}

// knowUser finds out who is signed in. A session that is over, of a login that is gone or whose password was changed,
// is nobody's.
func (s *Server) knowUser(c echo.Context) error {
	ctx := c.Request().Context()
	id := s.sessions.GetInt64(ctx, sessUser)
	if id == 0 {
		return nil
	}
	u, err := s.Reader.User(ctx, id)
	if err != nil && models.KindOf(err) != models.KindNotFound {
		return err
	}
	now := s.Now()
	seen := time.UnixMilli(s.sessions.GetInt64(ctx, sessSeen))
	if err != nil || s.sessions.GetString(ctx, sessMark) != passwordMark(u) || now.Sub(seen) > sessionIdle || now.After(s.sessions.Deadline(ctx)) {
		return s.sessions.Destroy(ctx)
	}
	if now.Sub(seen) > sessionTouch {
		s.sessions.Put(ctx, sessSeen, now.UnixMilli())
		if err := s.Work.SeenUser(ctx, u.ID); err != nil {
			s.Log.Warn("the use of a login could not be written down", "request", requestID(c), "user", u.ID, "error", err)
		}
	}
	c.Set(ctxUser, u)
	actFor(c, models.Actor{Kind: models.ActorUser, ID: u.ID, Name: u.Email})
	seesPages(c, u.Sees())
	return nil
}

// actFor says on whose behalf the request is carried out.
func actFor(c echo.Context, who models.Actor) {
	c.SetRequest(c.Request().WithContext(models.WithActor(c.Request().Context(), who)))
}

// passwordMark changes with whatever ends a login's sessions: another password, or signing out everywhere.
func passwordMark(u models.User) string {
	secret := u.PasswordHash
	if u.Epoch > 0 {
		secret += "/" + strconv.FormatInt(u.Epoch, 10)
	}
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:8])
}

// userOf returns who is signed in; the zero User is nobody.
func userOf(c echo.Context) models.User {
	u, _ := c.Get(ctxUser).(models.User)
	return u
}

// signIn begins a session for a login, under a new name: one that somebody else may know is no good any more.
func (s *Server) signIn(c echo.Context, u models.User) error {
	ctx := c.Request().Context()
	if err := s.sessions.Clear(ctx); err != nil {
		return err
	}
	if err := s.sessions.RenewToken(ctx); err != nil {
		return err
	}
	s.sessions.Put(ctx, sessUser, u.ID)
	s.sessions.Put(ctx, sessMark, passwordMark(u))
	s.sessions.Put(ctx, sessSeen, s.Now().UnixMilli())
	s.sessions.SetDeadline(ctx, s.Now().Add(sessionLife))
	return s.Work.SeenUser(ctx, u.ID)
}

// flash keeps a word for the next page: what was done, or what went wrong.
func (s *Server) flash(c echo.Context, f views.Flash) {
	ctx := c.Request().Context()
	if userOf(c).ID == 0 {
		s.sessions.SetDeadline(ctx, s.Now().Add(flashLife))
	}
	if f.Notice != "" {
		s.sessions.Put(ctx, sessNotice, string(f.Notice))
	}
	if f.Counted != "" {
		s.sessions.Put(ctx, sessCounted, string(f.Counted))
		s.sessions.Put(ctx, sessCount, f.Count)
	}
	if f.Err != nil {
		var e *models.Error
		field := ""
		if errors.As(f.Err, &e) {
			field = e.Field
		}
		s.sessions.Put(ctx, sessError, models.MessageOf(f.Err))
		s.sessions.Put(ctx, sessField, field)
	}
}

// page is what every page of the admin has beside its own matter. It takes the word that was kept for it.
func (s *Server) page(c echo.Context) views.Page {
	p := views.Page{User: userOf(c), CurrentURL: c.Request().URL.RequestURI(), Now: s.Now()}
	if s.Demo != nil {
		p.SandboxURL = s.Demo.SandboxURL
	}
	if c.Request().Method != http.MethodGet {
		p.CurrentURL = "/"
	}
	ctx := c.Request().Context()
	if _, loaded := c.Get(ctxSession).(bool); !loaded {
		return p
	}
	if p.User.ID != 0 {
		n, err := s.Reader.UnreadConversations(ctx)
		if err != nil {
			s.Log.Warn("the unread conversations could not be counted", "request", requestID(c), "error", err)
		}
		p.Unread = n
	}
	if n := s.sessions.PopString(ctx, sessNotice); n != "" {
		p.Flash.Notice = views.Notice(n)
	}
	if n := s.sessions.PopString(ctx, sessCounted); n != "" {
		p.Flash.Counted, p.Flash.Count = views.Counted(n), s.sessions.PopInt(ctx, sessCount)
	}
	if text := s.sessions.PopString(ctx, sessError); text != "" {
		p.Flash.Err = &models.Error{Kind: models.KindInvalid, Field: s.sessions.PopString(ctx, sessField), Message: text}
	}
	return p
}

// speak sets the language that pages are written in: the login's, the one chosen before, or the browser's.
func (s *Server) speak(c echo.Context) {
	if c.Get(ctxSpoken) != nil {
		return
	}
	c.Set(ctxSpoken, true)
	wanted := []string{userOf(c).Language}
	if cookie, err := c.Cookie(languageCookie); err == nil {
		wanted = append(wanted, cookie.Value)
	}
	if tags, _, err := language.ParseAcceptLanguage(c.Request().Header.Get("Accept-Language")); err == nil {
		for _, t := range tags {
			wanted = append(wanted, t.String())
		}
	}
	s.speakIn(c, models.Language(wanted...))
}

func (s *Server) speakIn(c echo.Context, lang string) {
	ctx := views.WithAssets(views.WithLanguage(c.Request().Context(), lang), static.URL)
	c.SetRequest(c.Request().WithContext(ctx))
	c.Response().Header().Set("Content-Language", lang)
}

// switchLanguage answers POST /language.
func (s *Server) switchLanguage(c echo.Context) error {
	chosen := models.Language(c.FormValue("language"))
	c.SetCookie(&http.Cookie{Name: languageCookie, Value: chosen, Path: "/", MaxAge: 365 * 24 * 3600, HttpOnly: true, Secure: s.secure, SameSite: http.SameSiteLaxMode})
	if u := userOf(c); u.ID != 0 {
		if err := s.Work.SetLanguage(c.Request().Context(), u.ID, chosen); err != nil {
			return err
		}
	}
	return c.Redirect(http.StatusSeeOther, localPath(c.FormValue("next")))
}

// localPath is where a form says to go next, if that is on this site; the first page otherwise.
func localPath(next string) string {
	if !strings.HasPrefix(next, "/") || strings.HasPrefix(next, "//") || strings.ContainsAny(next, "\\\r\n\t") {
		return "/"
	}
	return next
}
