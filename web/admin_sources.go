package web

import (
	"context"
	"net/http"
	"slices"

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
	SourceEvents(ctx context.Context, sourceID string, limit int, cursor string) ([]models.SourceEvent, string, error)
}

// sourceEditor adds inventory sources.
type sourceEditor interface {
	AddSource(ctx context.Context, source models.Source, secret string) (models.Source, error)
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
}

func (h sourceScreens) address(s models.Source) string {
	return h.baseURL + "/webhooks/inventory/" + s.ID
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

// show answers GET /sources/{id}.
func (h sourceScreens) show(c echo.Context) error {
	ctx := c.Request().Context()
	s, err := h.read.Source(ctx, c.Param("id"))
	if err != nil {
		return err
	}
	frame, pages, err := h.frame(c)
	if err != nil {
		return err
	}
	p := views.SourceProps{Page: frame, Source: s, URL: h.address(s), Pager: views.Pager{Cursor: c.QueryParam("cursor")}}
	for i := range pages {
		if pages[i].ID == s.PageID {
			p.OnPage, p.Loc = &pages[i], pages[i].Location()
		}
	}
	if p.Events, p.Pager.Next, err = h.list.SourceEvents(ctx, s.ID, screenRows, p.Pager.Cursor); err != nil {
		return err
	}
	return render(c, http.StatusOK, views.Source(p))
}
