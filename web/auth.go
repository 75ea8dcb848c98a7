package web

import (
	"context"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/labstack/echo/v4"

	"bentornato/models"
	"bentornato/views"
)

// keyReader finds API keys.
type keyReader interface {
	// KeyFor finds the API key that a caller shows; an unknown or revoked one is models.KindUnauthorized.
	KeyFor(ctx context.Context, key string) (models.Key, error)
}

// keyWriter remembers that keys are used.
type keyWriter interface {
	SeenKey(ctx context.Context, id int64) error
}

// keyTouch is how often the use of a key is written down.
const keyTouch = 10 * time.Minute

// checkKey lets a caller through whose API key may do what asks for the role.
func (s *Server) checkKey(c echo.Context, role models.Role) error {
	scheme, secret, ok := strings.Cut(c.Request().Header.Get(echo.HeaderAuthorization), " ")
	secret = strings.TrimSpace(secret)
	if !ok || !strings.EqualFold(scheme, "Bearer") || secret == "" {
		return models.Errorf(models.KindUnauthorized, "Send an API key as \"Authorization: Bearer KEY\". Make one with \"bentornato key add\".")
	}
	ctx := c.Request().Context()
	k, err := s.Reader.KeyFor(ctx, secret)
	if err != nil {
		return err
	}
	c.Set(ctxKey, k)
	actFor(c, models.Actor{Kind: models.ActorKey, ID: k.ID, Name: k.Name})
	seesPages(c, k.Sees())
	if !k.Role.Allows(role) {
		return models.Errorf(models.KindForbidden, "This key is a %s's; this needs a %s's.", k.Role, role)
	}
	if s.Now().Sub(k.SeenAt) > keyTouch {
		if err := s.Work.SeenKey(ctx, k.ID); err != nil {
			s.Log.Warn("the use of a key could not be written down", "request", requestID(c), "key", k.ID, "error", err)
		}
	}
	return nil
}

// toDoor sends somebody who is not signed in to sign in, and back to where they were going afterwards; to the set-up where
// nobody can.
func (s *Server) toDoor(c echo.Context) error {
	empty, err := s.unpeopled(c.Request().Context())
	if err != nil {
		return err
	}
	target := "/login"
	switch {
	case empty:
		target = "/setup"
	case c.Request().Method == http.MethodGet:
		if next := c.Request().URL.RequestURI(); next != "/" {
			target += "?next=" + url.QueryEscape(next)
		}
	}
	if c.Request().Header.Get("HX-Request") != "" {
		// A part of a page cannot hold the sign-in form.
		if !empty {
			target = "/login"
		}
		c.Response().Header().Set("HX-Redirect", target)
		return c.NoContent(http.StatusUnauthorized)
	}
	return c.Redirect(http.StatusSeeOther, target)
}

// showLogin answers GET /login.
func (s *Server) showLogin(c echo.Context) error {
	next := localPath(c.QueryParam("next"))
	if userOf(c).ID != 0 {
		return c.Redirect(http.StatusSeeOther, next)
	}
	if empty, err := s.unpeopled(c.Request().Context()); err != nil || empty {
		if err != nil {
			return err
		}
		return c.Redirect(http.StatusSeeOther, "/setup")
	}
	return s.renderLogin(c, http.StatusOK, views.LoginProps{Next: next})
}

func (s *Server) renderLogin(c echo.Context, status int, p views.LoginProps) error {
	p.Page = s.page(c)
	p.Page.CurrentURL = "/login?next=" + url.QueryEscape(p.Next)
	if s.Demo != nil {
		p.DemoEmail, p.DemoPassword = s.Demo.Email, s.Demo.Password
	}
	c.Response().Header().Set(echo.HeaderCacheControl, "no-store")
	return render(c, status, views.Login(p))
}

// login answers POST /login. Whether the address or the password is wrong shows neither in the words nor in the time
// they take.
func (s *Server) login(c echo.Context) error {
	ctx := c.Request().Context()
	p := views.LoginProps{Email: strings.TrimSpace(c.FormValue("email")), Next: localPath(c.FormValue("next"))}
	email := strings.ToLower(p.Email[:min(len(p.Email), maxEmail)])
	if wait := s.tries.take(c.RealIP(), email); wait > 0 {
		c.Response().Header().Set(echo.HeaderRetryAfter, strconv.Itoa(int(wait.Seconds())+1))
		p.Err = models.Errorf(models.KindForbidden, "Too many tries. Wait a quarter of an hour and try again.")
		return s.renderLogin(c, http.StatusTooManyRequests, p)
	}
	u, err := s.Reader.UserByEmail(ctx, email)
	if err != nil && models.KindOf(err) != models.KindNotFound {
		return err
	}
	right, err := s.passwords.verify(ctx, u.PasswordHash, c.FormValue("password"))
	if err != nil {
		return err
	}
	if !right {
		p.Err = models.Errorf(models.KindUnauthorized, "The e-mail address or the password is wrong.")
		return s.renderLogin(c, http.StatusUnauthorized, p)
	}
	s.tries.clear(email)
	if err := s.signIn(c, u); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, p.Next)
}

// logout answers POST /logout.
func (s *Server) logout(c echo.Context) error {
	if userOf(c).ID == 0 {
		return c.Redirect(http.StatusSeeOther, "/login")
	}
	if err := s.sessions.Destroy(c.Request().Context()); err != nil {
		return err
	}
	c.Set(ctxUser, models.User{})
	s.flash(c, views.Flash{Notice: views.NoticeSignedOut})
	return c.Redirect(http.StatusSeeOther, "/login")
}

// maxEmail is the longest address that is looked up, in bytes (RFC 5321).
const maxEmail = 254

// Limits of signing in, for each address on the network and each login. They hold within one process.
const (
	triesWindow     = 15 * time.Minute
	triesPerIP      = 60
	triesPerAccount = 10
	triesOfSetup    = 10     // for each address on the network; there is no login yet that could be locked out
	maxTries        = 20_000 // addresses and logins that are counted at once
)

// loginTries counts how often signing in was tried.
type loginTries struct {
	mu  sync.Mutex
	now func() time.Time
	by  map[string]tries
}

type tries struct {
	n     int
	until time.Time
}

func newLoginTries(now func() time.Time) *loginTries {
	return &loginTries{now: now, by: map[string]tries{}}
}

// take counts one try and returns how long to wait where there were too many, 0 otherwise. It counts before the
// password is looked at, so that tries at the same time are tries too.
func (l *loginTries) take(ip, email string) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	return max(l.count("ip:"+network(ip), triesPerIP), l.count("account:"+email, triesPerAccount))
}

// takeSetup counts one try of the set-up code and returns how long to wait where there were too many, 0 otherwise.
func (l *loginTries) takeSetup(ip string) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.count("setup:"+network(ip), triesOfSetup)
}

func (l *loginTries) count(key string, limit int) time.Duration {
	now := l.now()
	t, known := l.by[key]
	if !known && len(l.by) >= maxTries {
		l.forget(now)
	}
	if !t.until.After(now) {
		t = tries{until: now.Add(triesWindow)}
	}
	t.n++
	l.by[key] = t
	if t.n > limit {
		return t.until.Sub(now)
	}
	return 0
}

// forget drops what is over, or everything where nothing is: it must not grow without end.
func (l *loginTries) forget(now time.Time) {
	for k, t := range l.by {
		if !t.until.After(now) {
			delete(l.by, k)
		}
	}
	if len(l.by) >= maxTries {
		clear(l.by)
	}
}

// clear forgets the tries of a login that got in.
func (l *loginTries) clear(email string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.by, "account:"+email)
}

// network is whom an address belongs to: one household has a whole /64 of IPv6.
func network(ip string) string {
	a, err := netip.ParseAddr(ip)
	if err != nil || a.Unmap().Is4() {
		return ip
	}
	p, err := a.Prefix(64)
	if err != nil {
		return ip
	}
	return p.String()
}
