package web

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"bentornato/models"
	"bentornato/web/inventory"
)

// sourceReader finds inventory sources.
type sourceReader interface {
	Source(ctx context.Context, id string) (models.Source, error)
	SourceSecrets(s models.Source) ([]string, error)
}

// sourceWriter applies what a source says, and remembers what was refused.
type sourceWriter interface {
	Receive(ctx context.Context, source models.Source, report models.StockReport, d models.Delivery, call *models.Call) (models.StockResult, error)
	RefuseSource(ctx context.Context, id, why string, d models.Delivery, call *models.Call) error
}

const (
	// stockCalls is how many calls of shop systems are worked on, or wait for the database, at once in one process. One
	// more is sent away with 503, after which every sender tries again, or is asked.
	stockCalls = 256
	// stockTime is the time for one of them: a catalogue of 5000 articles takes a slow database a good part of a minute.
	stockTime = 90 * time.Second
)

// inventoryWebhook is where shop systems call.
type inventoryWebhook struct {
	sources  sourceReader
	work     sourceWriter
	adapters func(models.SourceKind) (inventory.Adapter, bool)
	baseURL  string
	now      func() time.Time
	log      *slog.Logger
	// places has room for as many calls as are worked on at once.
	places chan struct{}
}

// receive answers once the report is applied, which starts restocks and sends nothing itself (rule 5.3).
func (h inventoryWebhook) receive(c echo.Context) error {
	select {
	case h.places <- struct{}{}:
		defer func() { <-h.places }()
	default:
		return models.Errorf(models.KindUnavailable, "Too many stock reports at once; send it again in a moment.")
	}
	source, err := h.source(c)
	if err != nil {
		return err
	}
	adapter, ok := h.adapters(source.Kind)
	if !ok {
		return models.Errorf(models.KindInternal, "No adapter reads sources of kind %q.", source.Kind)
	}
	if c.Request().Method == http.MethodGet && !inventory.Greets(source.Kind) {
		c.Response().Header().Set(echo.HeaderAllow, http.MethodPost)
		return echo.ErrMethodNotAllowed
	}
	reply, err := h.answer(c, source, adapter)
	if err != nil {
		refuser, ok := adapter.(inventory.Refuser)
		if !ok {
			return err
		}
		status, err := asError(err)
		h.log.Warn("a call was refused", "source", source.Name, "status", status, "error", err)
		reply = refuser.Refuse(err, status)
		if status == http.StatusServiceUnavailable {
			c.Response().Header().Set(echo.HeaderRetryAfter, retryAfter)
		}
	}
	for name, values := range reply.Header {
		c.Response().Header()[name] = values
	}
	if len(reply.Body) == 0 {
		return c.NoContent(reply.Status)
	}
	return c.Blob(reply.Status, reply.ContentType, reply.Body)
}

// source is the one that a call is for. Where all connections of the database are taken, looking for it has an end, too.
func (h inventoryWebhook) source(c echo.Context) (models.Source, error) {
	ctx, cancel := context.WithTimeout(c.Request().Context(), stockTime)
	defer cancel()
	source, err := h.sources.Source(ctx, c.Param("source"))
	if err != nil {
		return source, inTime(ctx, err)
	}
	return source, nil
}

// inTime makes of an error what a sender is to try again after, where the time was over.
func inTime(ctx context.Context, err error) error {
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return models.Errorf(models.KindUnavailable, "The database took too long; send it again in a moment: %w", err)
	}
	return err
}

// answer reads one call of a source, applies what it says and returns what its system waits for. What was read is applied even
// where the caller has gone: Odoo waits a second and never calls again.
func (h inventoryWebhook) answer(c echo.Context, source models.Source, adapter inventory.Adapter) (inventory.Reply, error) {
	secrets, err := h.sources.SourceSecrets(source)
	if err != nil {
		return inventory.Reply{}, err
	}
	body, err := readBody(c.Request(), inventory.MaxBody)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(c.Request().Context()), stockTime)
	defer cancel()
	if err != nil {
		return inventory.Reply{}, h.refuse(ctx, source, err, models.Delivery{}, nil)
	}
	call := inventory.Request{Method: c.Request().Method, URL: h.calledAs(c), Header: c.Request().Header, Query: c.QueryParams(),
		Body: body, Secrets: secrets, Now: h.now()}
	delivery := models.Delivery{Origin: originOf(ctx), Topic: inventory.Topic(call), Size: len(body)}
	if err := adapter.Verify(call); err != nil {
		return inventory.Reply{}, h.refuse(ctx, source, err, delivery, nil)
	}
	kept := inventory.Keep(call)
	said, err := adapter.Parse(call)
	if err != nil {
		return inventory.Reply{}, h.refuse(ctx, source, err, delivery, kept)
	}
	if said.Answer != nil {
		return *said.Answer, nil
	}
	// A call that says nothing about stock, such as a ping, is still a sign of life.
	result, err := h.work.Receive(ctx, source, said.Report, delivery, kept)
	if err != nil {
		return inventory.Reply{}, inTime(ctx, err)
	}
	return adapter.Reply(result), nil
}

// calledAs is the address that was called, as the shop knows it: behind a proxy the request's own host and scheme are
// not those that a shop was given.
func (h inventoryWebhook) calledAs(c echo.Context) string {
	return h.baseURL + c.Request().URL.RequestURI()
}

// refuse writes down that a call was refused, for the source's page, and hands the reason on. That it could not be
// written down changes nothing for the caller.
func (h inventoryWebhook) refuse(ctx context.Context, source models.Source, why error, d models.Delivery, call *models.Call) error {
	if err := h.work.RefuseSource(ctx, source.ID, models.MessageOf(why), d, call); err != nil {
		h.log.Error("a refused call could not be written down", "source", source.Name, "error", err)
	}
	return why
}

// testing marks the context of the test event that a source's page sends through this very door.
type testing struct{}

func originOf(ctx context.Context) models.DeliveryOrigin {
	if ctx.Value(testing{}) != nil {
		return models.ByTest
	}
	return models.ByWebhook
}
