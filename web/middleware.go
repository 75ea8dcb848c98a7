package web

import (
	"crypto/rand"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"runtime/debug"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"

	"bentornato/models"
)

// What is kept in a request's context.
const (
	ctxRequest = "request"
	ctxUser    = "user"
	ctxKey     = "key"
	ctxSession = "session"
	ctxSpoken  = "spoken"
	ctxStill   = "still" // whether whoever is signed in still is, as they were
)

// identify names the request. A name that came with it is not taken over: it could be anything.
func (s *Server) identify(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		id := strings.ToLower(rand.Text()[:16])
		c.Set(ctxRequest, id)
		c.Response().Header().Set(echo.HeaderXRequestID, id)
		return next(c)
	}
}

func requestID(c echo.Context) string {
	id, _ := c.Get(ctxRequest).(string)
	return id
}

// observe writes one line a request and counts it. The line holds the route and not the path: paths hold people's
// ids, sources' secret ids and tracked links, and query strings what people search for.
func (s *Server) observe(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		began := time.Now()
		if err := next(c); err != nil {
			c.Error(err)
		}
		took := time.Since(began)
		status := c.Response().Status
		s.metrics.observe(c.Request().Method, c.Path(), status, took)
		level := slog.LevelInfo
		if status < http.StatusBadRequest && routine(c.Path()) {
			level = slog.LevelDebug
		}
		line := []any{"request", requestID(c), "method", c.Request().Method, "route", c.Path(), "status", status,
			"bytes", c.Response().Size, "took", took, "ip", c.RealIP()}
		if u := userOf(c); u.ID != 0 {
			line = append(line, "user", u.ID)
		}
		if k, ok := c.Get(ctxKey).(models.Key); ok {
			line = append(line, "key", k.ID)
		}
		s.Log.Log(c.Request().Context(), level, "request", line...)
		return nil
	}
}

// routine reports whether a route is asked for so often that a line for each good answer would bury the others.
func routine(route string) bool {
	return route == "/healthz" || route == "/readyz" || route == "/metrics" || strings.HasPrefix(route, "/static/") || strings.HasPrefix(route, "/webhooks/")
}

// recoverPanic turns a panic into a failure like any other.
func (s *Server) recoverPanic(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) (err error) {
		defer func() {
			r := recover()
			if r == nil {
				return
			}
			if r == http.ErrAbortHandler { //nolint:errorlint // the very value is the signal
				panic(r)
			}
			s.Log.Error("a handler panicked", "request", requestID(c), "route", c.Path(), "panic", r, "stack", string(debug.Stack()))
			err = models.Errorf(models.KindInternal, "A handler panicked.")
		}()
		return next(c)
	}
}

// secureHeaders are on every answer. Pictures are the shop's own, from wherever it keeps them; the demo's are on
// plain http.
func (s *Server) secureHeaders() echo.MiddlewareFunc {
	images := "'self' https: data:"
	if s.Demo != nil {
		images = "'self' https: http: data:"
	}
	policy := "default-src 'self'; img-src " + images +
		"; object-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			h := c.Response().Header()
			h.Set(echo.HeaderContentSecurityPolicy, policy)
			h.Set(echo.HeaderXContentTypeOptions, "nosniff")
			h.Set(echo.HeaderReferrerPolicy, "same-origin")
			h.Set("Cross-Origin-Opener-Policy", "same-origin")
			if s.secure {
				h.Set(echo.HeaderStrictTransportSecurity, "max-age=31536000")
			}
			return next(c)
		}
	}
}

// compress makes pages, styles and scripts smaller. Live streams would be held back by it.
func (s *Server) compress() echo.MiddlewareFunc {
	return middleware.GzipWithConfig(middleware.GzipConfig{MinLength: 1024, Skipper: func(c echo.Context) bool {
		p := c.Request().URL.Path
		return strings.HasSuffix(p, "/events") || strings.HasPrefix(p, "/webhooks/") ||
			strings.Contains(c.Request().Header.Get(echo.HeaderAccept), "text/event-stream")
	}})
}

// clientIP finds who is asking. Without trusted proxies that is the peer, whatever its headers say.
func clientIP(proxies []netip.Prefix) echo.IPExtractor {
	if len(proxies) == 0 {
		return echo.ExtractIPDirect()
	}
	trust := []echo.TrustOption{echo.TrustLoopback(false), echo.TrustLinkLocal(false), echo.TrustPrivateNet(false)}
	for _, p := range proxies {
		p = p.Masked()
		trust = append(trust, echo.TrustIPRange(&net.IPNet{IP: p.Addr().AsSlice(), Mask: net.CIDRMask(p.Bits(), p.Addr().BitLen())}))
	}
	return echo.ExtractIPFromXFFHeader(trust...)
}

// maxForm is the longest form there is, but for imports, in bytes.
const maxForm = 256 << 10

// guard lets through to a route's handler whoever may ask for it.
func (s *Server) guard(r route) echo.HandlerFunc {
	limit := r.limit
	if limit == 0 {
		limit = maxForm
	}
	return func(c echo.Context) error {
		switch r.guard.by {
		case bySignature:
			return r.handler(c)
		case byKey:
			if err := s.checkKey(c, r.guard.role); err != nil {
				return err
			}
			if err := checkScope(c, r.scope, s.Reader); err != nil {
				return err
			}
			return r.handler(c)
		}
		if err := s.origins.Check(c.Request()); err != nil {
			return models.Errorf(models.KindForbidden, "This form was sent from another site.")
		}
		c.Request().Body = http.MaxBytesReader(c.Response(), c.Request().Body, limit)
		if err := s.loadSession(c); err != nil {
			return err
		}
		s.speak(c)
		if r.guard.by == bySession {
			u := userOf(c)
			if u.ID == 0 {
				return s.toDoor(c)
			}
			if !u.Role.Allows(r.guard.role) {
				return models.Errorf(models.KindForbidden, "Your login is a %s's; this is for a %s.", u.Role, r.guard.role)
			}
			if err := checkScope(c, r.scope, s.Reader); err != nil {
				return err
			}
			c.Set(ctxStill, s.stillIn(u))
			c.Response().Header().Set(echo.HeaderCacheControl, "no-store")
		}
		return r.handler(c)
	}
}
