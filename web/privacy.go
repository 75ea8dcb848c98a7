package web

import (
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"bentornato/models"
	"bentornato/views"
	"bentornato/web/messenger"
)

// maxSignedRequest is the longest body that holds a signed_request, in bytes.
const maxSignedRequest = 64 << 10

// erasureReader finds the public status of a deletion.
type erasureReader interface {
	Erasure(ctx context.Context, code string) (models.Erasure, error)
}

// deletionRequester erases whom the platform asks to erase, and returns the code of the status page.
type deletionRequester interface {
	RequestDeletion(ctx context.Context, userID string) (string, error)
}

// loginEnder is told that somebody took back what they had allowed the app.
type loginEnder interface {
	// Deauthorize pauses the Pages whose access token came from the person's Facebook login, and returns how many.
	Deauthorize(ctx context.Context, userID string) (int, error)
}

// privacyPages answers for people's data: to Meta's callbacks, and to whoever holds a code.
type privacyPages struct {
	erasures  erasureReader
	work      deletionRequester
	logins    loginEnder
	appSecret string
	baseURL   string
	now       func() time.Time
	log       *slog.Logger
}

// requestDeletion answers Meta's data-deletion callback.
func (h privacyPages) requestDeletion(c echo.Context) error {
	request, err := h.signedRequest(c)
	if err != nil {
		return err
	}
	code, err := h.work.RequestDeletion(c.Request().Context(), request.UserID)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, struct {
		URL  string `json:"url"`
		Code string `json:"confirmation_code"`
	}{h.baseURL + "/data-deletion/" + code, code})
}

// deauthorize answers Meta's word that somebody took back what they had allowed the app. Page tokens die of it, so the Pages that are
// known to live by that login pause at once; those whose token was typed in pause at the first call that is refused.
func (h privacyPages) deauthorize(c echo.Context) error {
	request, err := h.signedRequest(c)
	if err != nil {
		return err
	}
	n, err := h.logins.Deauthorize(c.Request().Context(), request.UserID)
	if err != nil {
		return err
	}
	h.log.Warn("a Facebook login took back what it had allowed the app; Pages whose access token came from it pause", "pages", n)
	return c.NoContent(http.StatusOK)
}

func (h privacyPages) signedRequest(c echo.Context) (messenger.SignedRequest, error) {
	body, err := readBody(c.Request(), maxSignedRequest)
	if err != nil {
		return messenger.SignedRequest{}, err
	}
	form, err := url.ParseQuery(string(body))
	if err != nil || !form.Has("signed_request") {
		return messenger.SignedRequest{}, models.FieldErrorf("signed_request", "The form has no signed_request.")
	}
	return messenger.ParseSignedRequest(h.appSecret, form.Get("signed_request"))
}

// explain answers GET /data-deletion: how to be forgotten, and where a code leads.
func (h privacyPages) explain(c echo.Context) error {
	if code := strings.TrimSpace(c.QueryParam("code")); code != "" {
		return c.Redirect(http.StatusSeeOther, "/data-deletion/"+url.PathEscape(code))
	}
	return render(c, http.StatusOK, views.DataDeletion())
}

// status tells a person what became of a deletion.
func (h privacyPages) status(c echo.Context) error {
	e, err := h.erasures.Erasure(c.Request().Context(), strings.ToLower(c.Param("code")))
	if err != nil {
		return err
	}
	c.Response().Header().Set(echo.HeaderCacheControl, "no-store")
	c.Response().Header().Set("X-Robots-Tag", "noindex")
	return render(c, http.StatusOK, views.DeletionStatus(views.DeletionProps{Erasure: e, Now: h.now()}))
}
