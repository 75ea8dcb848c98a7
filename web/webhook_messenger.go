package web

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"log/slog"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"bentornato/models"
	"bentornato/web/messenger"
)

const (
	// maxMessengerBody is the longest webhook body that is taken, in bytes.
	maxMessengerBody = 4 << 20
	// ingestPatience is how long an answer waits for the disk; Meta itself waits about 20 s.
	ingestPatience = 15 * time.Second
)

// ingester puts webhook events on disk.
type ingester interface {
	// Ingest returns once every event is on disk; models.KindUnavailable where that cannot be now.
	Ingest(ctx context.Context, events []models.Event) error
	// Queued is how many requests wait for it.
	Queued() int
}

// messengerWebhook is where Meta calls.
type messengerWebhook struct {
	ingester    ingester
	appSecret   string
	verifyToken string
	work        webhookVerifier
	log         *slog.Logger
}

// webhookVerifier remembers that Meta found us.
type webhookVerifier interface {
	WebhookVerified(ctx context.Context) error
}

// verify answers Meta's question whether this address is ours, by echoing its challenge.
func (h messengerWebhook) verify(c echo.Context) error {
	challenge := c.QueryParam("hub.challenge")
	if c.QueryParam("hub.mode") != "subscribe" || challenge == "" || !sameSecret(h.verifyToken, c.QueryParam("hub.verify_token")) {
		return models.Errorf(models.KindForbidden, "This is no verification with the right token; check BENTORNATO_VERIFY_TOKEN.")
	}
	if err := h.work.WebhookVerified(c.Request().Context()); err != nil {
		h.log.Warn("that the webhook is verified could not be written down", "request", requestID(c), "error", err)
	}
	return c.String(http.StatusOK, challenge)
}

// sameSecret compares in a time that does not depend on where two texts differ. An empty secret is nobody's.
func sameSecret(secret, shown string) bool {
	a, b := sha256.Sum256([]byte(secret)), sha256.Sum256([]byte(shown))
	return secret != "" && subtle.ConstantTimeCompare(a[:], b[:]) == 1
}

// receive answers 200 only once every event of a body is on disk: until then Meta sends it again.
func (h messengerWebhook) receive(c echo.Context) error {
	body, err := readBody(c.Request(), maxMessengerBody)
	if err != nil {
		return err
	}
	if err := messenger.Verify(h.appSecret, body, c.Request().Header.Get(messenger.SignatureHeader)); err != nil {
		return err
	}
	events, err := messenger.Parse(body)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(c.Request().Context(), ingestPatience)
	defer cancel()
	if err := h.ingester.Ingest(ctx, events); err != nil {
		return err
	}
	return c.String(http.StatusOK, "EVENT_RECEIVED")
}
