package web

import (
	"context"
	"log/slog"
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
	Report(ctx context.Context, source models.Source, report models.StockReport) (models.StockResult, error)
	RefuseSource(ctx context.Context, id, why string) error
}

// inventoryWebhook is where shop systems call.
type inventoryWebhook struct {
	sources  sourceReader
	work     sourceWriter
	adapters func(models.SourceKind) (inventory.Adapter, bool)
	now      func() time.Time
	log      *slog.Logger
}

// receive answers once the report is applied, which starts restocks and sends nothing itself (rule 5.3).
func (h inventoryWebhook) receive(c echo.Context) error {
	ctx := c.Request().Context()
	source, err := h.sources.Source(ctx, c.Param("source"))
	if err != nil {
		return err
	}
	adapter, ok := h.adapters(source.Kind)
	if !ok {
		return models.Errorf(models.KindInternal, "No adapter reads sources of kind %q.", source.Kind)
	}
	secrets, err := h.sources.SourceSecrets(source)
	if err != nil {
		return err
	}
	body, err := readBody(c.Request(), inventory.MaxBody)
	if err != nil {
		return h.refuse(ctx, source, err)
	}
	call := inventory.Request{Method: c.Request().Method, Header: c.Request().Header, Query: c.QueryParams(), Body: body, Secrets: secrets, Now: h.now()}
	if err := adapter.Verify(call); err != nil {
		return h.refuse(ctx, source, err)
	}
	said, err := adapter.Parse(call)
	if err != nil {
		return h.refuse(ctx, source, err)
	}
	// A call that says nothing about stock, such as a ping, is still a sign of life.
	result, err := h.work.Report(ctx, source, said.Report)
	if err != nil {
		return err
	}
	reply := adapter.Reply(result)
	if len(reply.Body) == 0 {
		return c.NoContent(reply.Status)
	}
	return c.Blob(reply.Status, reply.ContentType, reply.Body)
}

// refuse writes down that a call was refused, for the source's page, and hands the reason on. That it could not be
// written down changes nothing for the caller.
func (h inventoryWebhook) refuse(ctx context.Context, source models.Source, why error) error {
	if err := h.work.RefuseSource(ctx, source.ID, models.MessageOf(why)); err != nil {
		h.log.Error("a refused call could not be written down", "source", source.Name, "error", err)
	}
	return why
}
