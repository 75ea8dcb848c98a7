package web

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"bentornato/models"
	"bentornato/views"
)

// statuses turns a kind into a status: the only place that does.
var statuses = map[models.Kind]int{
	models.KindInvalid:      http.StatusBadRequest,
	models.KindNotFound:     http.StatusNotFound,
	models.KindConflict:     http.StatusConflict,
	models.KindUnauthorized: http.StatusUnauthorized,
	models.KindForbidden:    http.StatusForbidden,
	models.KindTooLarge:     http.StatusRequestEntityTooLarge,
	models.KindUnavailable:  http.StatusServiceUnavailable,
	models.KindInternal:     http.StatusInternalServerError,
}

// retryAfter is when to try again after "not now", in seconds.
const retryAfter = "5"

// problem is an RFC 9457 problem detail. Its title is the status in words and its detail the sentence for a person.
type problem struct {
	Type   string `json:"type"`
	Title  string `json:"title"`
	Status int    `json:"status"`
	Detail string `json:"detail,omitempty"`
	// Field names the input at fault, where there is one.
	Field string `json:"field,omitempty"`
	// Instance names this very failure; the log has the same id.
	Instance string `json:"instance,omitempty"`
}

// asError turns whatever a handler returned into a status and one of our errors.
func asError(err error) (int, *models.Error) {
	var (
		ours   *models.Error
		echos  *echo.HTTPError
		toobig *http.MaxBytesError
	)
	switch {
	case errors.As(err, &toobig):
		return http.StatusRequestEntityTooLarge, tooLarge(toobig.Limit)
	case errors.As(err, &ours):
		if status, ok := statuses[ours.Kind]; ok {
			return status, ours
		}
	case errors.As(err, &echos):
		return echos.Code, echoSentence(echos)
	case errors.Is(err, context.DeadlineExceeded):
		return http.StatusServiceUnavailable, &models.Error{Kind: models.KindUnavailable, Message: "It took too long. Please try again.", Err: err}
	}
	return http.StatusInternalServerError, &models.Error{Kind: models.KindInternal, Message: models.MessageOf(err), Err: err}
}

func tooLarge(limit int64) *models.Error {
	return models.Errorf(models.KindTooLarge, "The body is over %d bytes, which is the most this address takes.", limit)
}

// echoSentence says what the router found wrong.
func echoSentence(e *echo.HTTPError) *models.Error {
	switch e.Code {
	case http.StatusNotFound:
		return models.Errorf(models.KindNotFound, "There is nothing at this address.")
	case http.StatusMethodNotAllowed:
		return models.Errorf(models.KindInvalid, "This address does not take that method.")
	default:
		return &models.Error{Kind: models.KindInvalid, Message: "The request cannot be understood.", Err: e}
	}
}

// fail answers a request that came to nothing: a problem detail for programs, a page for people.
func (s *Server) fail(err error, c echo.Context) {
	status, ours := asError(err)
	id := requestID(c)
	if errors.Is(err, context.Canceled) && c.Request().Context().Err() != nil {
		s.Log.Debug("a request was given up by whoever asked", "request", id, "route", c.Path())
		return // nobody reads an answer, and nothing of ours went wrong
	}
	if status >= http.StatusInternalServerError {
		s.Log.Error("a request failed", "request", id, "method", c.Request().Method, "route", c.Path(), "status", status, "error", err)
	}
	if c.Response().Committed {
		return
	}
	h := c.Response().Header()
	h.Set(echo.HeaderCacheControl, "no-store")
	switch status {
	case http.StatusServiceUnavailable:
		h.Set(echo.HeaderRetryAfter, retryAfter)
	case http.StatusUnauthorized:
		if forScripts(c.Request()) {
			h.Set(echo.HeaderWWWAuthenticate, `Bearer realm="bentornato"`)
		}
	}
	if c.Request().Method == http.MethodHead {
		_ = c.NoContent(status) // the caller is gone if it fails
		return
	}
	if !forPeople(c.Request()) {
		s.logAnswer(c, writeProblem(c, status, ours))
		return
	}
	if c.Get(ctxSession) == nil && s.loadSession(c) != nil {
		c.Set(ctxUser, models.User{}) // the database may be what failed
	}
	s.speak(c)
	page := views.ErrorProps{Page: s.page(c), Status: status, Err: ours}
	if status >= http.StatusInternalServerError {
		page.ID = id
	}
	s.logAnswer(c, render(c, status, views.ErrorPage(page)))
}

func (s *Server) logAnswer(c echo.Context, err error) {
	if err != nil {
		s.Log.Debug("an answer could not be written", "request", requestID(c), "error", err)
	}
}

func writeProblem(c echo.Context, status int, e *models.Error) error {
	body, err := json.Marshal(problem{Type: "about:blank", Title: http.StatusText(status), Status: status,
		Detail: models.MessageOf(e), Field: e.Field, Instance: "urn:bentornato:request:" + requestID(c)})
	if err != nil {
		return err
	}
	return c.Blob(status, "application/problem+json", append(body, '\n'))
}

func forScripts(r *http.Request) bool {
	return strings.HasPrefix(r.URL.Path, "/api/") || r.URL.Path == "/metrics"
}

// forPeople reports whether what goes wrong at an address is read by a person.
func forPeople(r *http.Request) bool {
	p := r.URL.Path
	switch {
	case forScripts(r), strings.HasPrefix(p, "/webhooks/"), p == "/deauthorize", p == "/healthz", p == "/readyz":
		return false
	case p == "/data-deletion":
		return r.Method != http.MethodPost
	}
	return true
}
