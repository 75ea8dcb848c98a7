package web

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/labstack/echo/v4"

	"bentornato/models"
	"bentornato/views"
	"bentornato/web/inventory"
)

// sessSource is where a session keeps which source was just added: its secret is shown once, on the next screen. The
// secret itself is no part of the session.
const sessSource = "source"

// sourceLister finds inventory sources, and what they said.
type sourceLister interface {
	Sources(ctx context.Context) ([]models.Source, error)
	Deliveries(ctx context.Context, sourceID string, limit int, cursor string) ([]models.Delivery, string, error)
	Delivery(ctx context.Context, sourceID string, id int64) (models.Delivery, error)
	DeliveryEvents(ctx context.Context, deliveryID int64, limit int) ([]models.SourceEvent, error)
	OpenCall(d models.Delivery) (models.Call, error)
	Poll(ctx context.Context, sourceID string) (models.Poll, error)
	Locations(ctx context.Context, sourceID string) ([]string, error)
	UnknownSKUs(ctx context.Context, source models.Source, limit int) ([]models.UnknownSKU, error)
	Aliases(ctx context.Context, sourceID string, limit int) ([]models.SourceAlias, error)
	Variants(ctx context.Context, ids []int64) (map[int64]models.Variant, error)
	VariantBySKU(ctx context.Context, pageID, sku string) (models.Variant, error)
	ListVariants(ctx context.Context, q models.VariantQuery) ([]models.Variant, string, error)
}

// sourceEditor adds and changes inventory sources, and applies again what they said.
type sourceEditor interface {
	AddSource(ctx context.Context, source models.Source, secret string) (models.Source, error)
	ChangeSource(ctx context.Context, source models.Source) error
	RotateSecret(ctx context.Context, id, secret string) error
	EndOldSecret(ctx context.Context, id string) error
	DeleteSource(ctx context.Context, id string) error
	SavePoll(ctx context.Context, p models.Poll, access string) error
	PollNow(ctx context.Context, sourceID string) error
	DeletePoll(ctx context.Context, sourceID string) error
	SaveAlias(ctx context.Context, source models.Source, sku string, variantID int64) error
	DeleteAlias(ctx context.Context, sourceID, sku string) error
	Replay(ctx context.Context, source models.Source, d models.Delivery, report models.StockReport) (int64, error)
	PreviewReplay(ctx context.Context, source models.Source, d models.Delivery, report models.StockReport) (models.StockResult, []models.SourceEvent, error)
}

// sourceScreens are the list of inventory sources with the form for another, and each one's screen.
type sourceScreens struct {
	office
	list     sourceLister
	read     sourceReader
	work     sourceEditor
	kinds    []models.SourceKind
	sessions *scs.SessionManager
	baseURL  string
	// door answers a call as if it came from outside, for the test event.
	door http.Handler
	now  func() time.Time
}

func (h sourceScreens) address(s models.Source) string {
	return h.baseURL + "/webhooks/inventory/" + s.ID
}

// addressFor is what the system is given, as who is signed in may see it: a key in the address is the owners' alone.
func (h sourceScreens) addressFor(c echo.Context, s models.Source) (string, error) {
	if !userOf(c).Role.Allows(models.RoleOwner) {
		return h.address(s), nil
	}
	secrets, err := h.read.SourceSecrets(s)
	if err != nil {
		return "", err
	}
	return h.baseURL + inventory.Address(s, secrets[0]), nil
}

// showList answers GET /sources.
func (h sourceScreens) showList(c echo.Context) error {
	created, err := h.created(c)
	if err != nil {
		return err
	}
	return h.render(c, http.StatusOK, views.SourcesProps{Created: created})
}

// created is the source that the form just sent added; nil where there is none.
func (h sourceScreens) created(c echo.Context) (*views.CreatedSource, error) {
	ctx := c.Request().Context()
	id := h.sessions.PopString(ctx, sessSource)
	if id == "" || !userOf(c).Role.Allows(models.RoleOwner) {
		return nil, nil //nolint:nilnil // mostly there is none
	}
	s, err := h.read.Source(ctx, id)
	if models.KindOf(err) == models.KindNotFound {
		return nil, nil //nolint:nilnil // somebody removed it meanwhile
	}
	if err != nil {
		return nil, err
	}
	secrets, err := h.read.SourceSecrets(s)
	if err != nil {
		return nil, err
	}
	return &views.CreatedSource{Source: s, URL: h.baseURL + inventory.Address(s, secrets[0]), Secret: secrets[0]}, nil
}

func (h sourceScreens) render(c echo.Context, status int, p views.SourcesProps) error {
	var err error
	if p.Page, p.Pages, err = h.frame(c); err != nil {
		return err
	}
	p.CurrentURL, p.Kinds = "/sources", h.kinds
	if p.Sources, err = h.list.Sources(c.Request().Context()); err != nil {
		return err
	}
	return render(c, status, views.Sources(p))
}

// add answers POST /sources.
func (h sourceScreens) add(c echo.Context) error {
	ctx := c.Request().Context()
	form := views.SourceForm{Kind: models.SourceKind(typed(c, "kind")), Name: typed(c, "name"), PageID: typed(c, "page_id")}
	secret, err := h.check(ctx, form, typed(c, "secret"))
	var added models.Source
	if err == nil {
		added, err = h.work.AddSource(ctx, models.Source{Kind: form.Kind, Name: form.Name, PageID: form.PageID}, secret)
	}
	if status, ok := mendable(err); ok {
		form.Err = err
		return h.render(c, status, views.SourcesProps{Form: form})
	}
	if err != nil {
		return err
	}
	h.sessions.Put(ctx, sessSource, added.ID)
	return h.done(c, views.NoticeSourceAdded, "/sources")
}

// check checks the form and returns the secret: the one that was typed or else a new one.
func (h sourceScreens) check(ctx context.Context, f views.SourceForm, secret string) (string, error) {
	if !slices.Contains(h.kinds, f.Kind) {
		return "", models.FieldErrorf("kind", "Choose the system that reports.")
	}
	if err := checkName(f.Name); err != nil {
		return "", err
	}
	if f.PageID != "" {
		if err := knownPage(ctx, h.pages, f.PageID); err != nil {
			return "", err
		}
	}
	if secret == "" {
		return inventory.NewSecret(f.Kind)
	}
	return secret, inventory.ValidateSecret(f.Kind, secret)
}
