package web

import (
	"context"
	"net"
	"net/http"
	"net/netip"
	"sync/atomic"
	"time"

	"github.com/labstack/echo/v4"

	"bentornato/models"
)

// databaseChecker says whether the database can be worked with.
type databaseChecker interface {
	Ping(ctx context.Context) error
	CheckSchema(ctx context.Context) error
}

// probePatience is how long a probe waits for the database.
const probePatience = 3 * time.Second

// schemaCheck remembers that the schema was found right: it changes with the program, and is not asked for by every
// probe.
type schemaCheck struct{ right atomic.Bool }

// healthy answers GET /healthz: the process runs and answers.
func (s *Server) healthy(c echo.Context) error {
	return c.String(http.StatusOK, "ok\n")
}

// ready answers GET /readyz: the process can do its work, or why it cannot.
func (s *Server) ready(c echo.Context) error {
	select {
	case <-s.draining:
		return models.Errorf(models.KindUnavailable, "The process is stopping.")
	default:
	}
	ctx, cancel := context.WithTimeout(c.Request().Context(), probePatience)
	defer cancel()
	if err := s.Reader.Ping(ctx); err != nil {
		return unready(err)
	}
	if !s.schema.right.Load() {
		if err := s.Reader.CheckSchema(ctx); err != nil {
			return unready(err)
		}
		s.schema.right.Store(true)
	}
	return c.String(http.StatusOK, "ready\n")
}

// unready makes any failure of the database a reason to wait.
func unready(err error) error {
	if kind := models.KindOf(err); kind == models.KindInternal {
		return models.Errorf(models.KindUnavailable, "The database does not answer: %w", err)
	}
	return &models.Error{Kind: models.KindUnavailable, Message: models.MessageOf(err), Err: err}
}

// exposeMetrics answers GET /metrics: to a scraper on this very machine, and to whoever has an API key. A request that a
// proxy on this machine handed on comes from somewhere else.
func (s *Server) exposeMetrics(c echo.Context) error {
	if !fromHere(c.Request()) {
		if err := s.checkKey(c, models.RoleViewer); err != nil {
			return err
		}
		if !models.AccessOf(c.Request().Context()).All() {
			return models.Errorf(models.KindForbidden, "This key is for some Pages only, and the metrics are of all of them.")
		}
	}
	s.metrics.handler.ServeHTTP(c.Response(), c.Request())
	return nil
}

func fromHere(r *http.Request) bool {
	for _, name := range []string{echo.HeaderXForwardedFor, "Forwarded", echo.HeaderXRealIP, "Via"} {
		if r.Header.Get(name) != "" {
			return false
		}
	}
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return false
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.Unmap().IsLoopback()
}
