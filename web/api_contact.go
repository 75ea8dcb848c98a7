package web

import (
	"context"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"bentornato/models"
)

// contactReader finds contacts, and everything known of one.
type contactReader interface {
	ContactByPSID(ctx context.Context, pageID, psid string) (models.Contact, error)
	Dossier(ctx context.Context, c models.Contact, now time.Time) (models.Dossier, error)
}

// contactEraser forgets a person, and returns the code of the public status page.
type contactEraser interface {
	EraseContact(ctx context.Context, pageID, psid string) (string, error)
}

// contactAPI is the API's /contacts.
type contactAPI struct {
	read    contactReader
	pages   pageReader
	work    contactEraser
	baseURL string
	now     func() time.Time
}

// dossierJSON is everything known of a contact (rule 7.4).
type dossierJSON struct {
	Contact   contactJSON        `json:"contact"`
	Interests []interestJSON     `json:"interests"`
	Requests  []requestJSON      `json:"requests"`
	Tokens    []dossierTokenJSON `json:"tokens"`
	Messages  []messageJSON      `json:"messages"`
	Orders    []dossierOrderJSON `json:"orders"`
	OptIns    []optInJSON        `json:"recurring_opt_ins"`
}

// optInJSON is a recurring opt-in, without its token.
type optInJSON struct {
	ID int64 `json:"id"`
	// SKU is null for a topic that names no product: it is for whatever the person asks about.
	SKU       *string            `json:"sku"`
	Title     *string            `json:"title"`
	Source    models.OptInSource `json:"source"`
	Status    models.OptInStatus `json:"status"`
	Reason    *string            `json:"reason"`
	GrantedAt *time.Time         `json:"granted_at"`
	ExpiresAt *time.Time         `json:"expires_at"`
	StatusAt  *time.Time         `json:"status_at"`
	Uses      int                `json:"uses"`
	UsedAt    *time.Time         `json:"used_at"`
	NextUseAt *time.Time         `json:"next_use_at"`
}

type contactJSON struct {
	PSID            string     `json:"psid"`
	PageID          string     `json:"page_id"`
	Name            *string    `json:"name"`
	Locale          *string    `json:"locale"`
	LastActionAt    *time.Time `json:"last_action_at"`
	WindowUntil     *time.Time `json:"window_until"`
	HumanAgentUntil *time.Time `json:"human_agent_until"`
	StoppedAt       *time.Time `json:"stopped_at"`
	CreatedAt       *time.Time `json:"created_at"`
}

type interestJSON struct {
	SKU    *string               `json:"sku"`
	Source models.InterestSource `json:"source"`
	At     *time.Time            `json:"at"`
}

type requestJSON struct {
	ID  int64   `json:"id"`
	SKU *string `json:"sku"`
	// Words are exactly what the person saw.
	Words     string              `json:"words"`
	State     models.RequestState `json:"state"`
	CreatedAt *time.Time          `json:"created_at"`
	StateAt   *time.Time          `json:"state_at"`
	// Product is what the person was asked with, and Why it was that one; null for requests of before there was a choice.
	Product *string `json:"product"`
	Why     *string `json:"why"`
}

type dossierTokenJSON struct {
	tokenJSON
	RequestID   *int64        `json:"request_id"`
	AttemptList []attemptJSON `json:"attempt_list"`
	Clicks      []time.Time   `json:"clicks"`
}

type dossierOrderJSON struct {
	SKU *string `json:"sku"`
	// TokenID is the token whose notification led to the order.
	TokenID int64 `json:"token_id"`
	// Amount is in Currency, such as "24.50"; null where the shop system named none.
	Amount   *string    `json:"amount"`
	Currency *string    `json:"currency"`
	At       *time.Time `json:"at"`
	// VoidAt is when it was reported as cancelled, refunded or never paid.
	VoidAt *time.Time `json:"void_at"`
}

type messageJSON struct {
	ID       int64   `json:"id"`
	Incoming bool    `json:"incoming"`
	Kind     *string `json:"kind"`
	State    string  `json:"state"`
	Reason   *string `json:"reason"`
	Text     string  `json:"text"`
	// Attachments are what came with it; the things themselves stay with Messenger.
	Attachments []models.AttachmentKind `json:"attachments"`
	// TypedByPerson is true for words that someone of the team typed.
	TypedByPerson bool       `json:"typed_by_person"`
	At            *time.Time `json:"at"`
}

// dossierOf writes a dossier as the API and the download of the admin do.
func dossierOf(d models.Dossier) dossierJSON {
	sku := func(id int64) *string { return optional(d.Variants[id].SKU) }
	c := d.Contact
	out := dossierJSON{
		Contact: contactJSON{PSID: c.PSID, PageID: c.PageID, Name: optional(c.Name), Locale: optional(c.Locale), LastActionAt: moment(c.LastActionAt),
			WindowUntil: moment(c.WindowUntil()), HumanAgentUntil: moment(c.HumanAgentUntil()), StoppedAt: moment(c.StoppedAt), CreatedAt: moment(c.CreatedAt)},
		Interests: make([]interestJSON, len(d.Interests)), Requests: make([]requestJSON, len(d.Requests)),
		Tokens: make([]dossierTokenJSON, len(d.Tokens)), Messages: make([]messageJSON, len(d.Messages)),
		Orders: make([]dossierOrderJSON, len(d.Orders)), OptIns: make([]optInJSON, len(d.OptIns)),
	}
	for i, o := range d.OptIns {
		out.OptIns[i] = optInJSON{ID: o.ID, SKU: sku(o.VariantID), Title: optional(o.Title), Source: o.Source, Status: o.Status, Reason: optional(string(o.Reason)),
			GrantedAt: moment(o.GrantedAt), ExpiresAt: moment(o.ExpiresAt), StatusAt: moment(o.StatusAt), Uses: o.Uses, UsedAt: moment(o.UsedAt), NextUseAt: moment(o.NextUseAt)}
	}
	for i, v := range d.Interests {
		out.Interests[i] = interestJSON{SKU: sku(v.VariantID), Source: v.Source, At: moment(v.At)}
	}
	for i, q := range d.Requests {
		out.Requests[i] = requestJSON{ID: q.ID, SKU: sku(q.VariantID), Words: q.Title, State: q.State, CreatedAt: moment(q.CreatedAt), StateAt: moment(q.StateAt),
			Product: optional(string(q.Product)), Why: optional(string(q.Why))}
	}
	for i, t := range d.Tokens {
		clicks := t.Clicks
		if clicks == nil {
			clicks = []time.Time{}
		}
		out.Tokens[i] = dossierTokenJSON{tokenJSON: tokenOf(t.TokenRow), RequestID: optional(t.RequestID), AttemptList: attemptsOf(t.Attempts), Clicks: clicks}
	}
	for i, m := range d.Messages {
		out.Messages[i] = messageJSON{ID: m.ID, Incoming: m.Incoming, Kind: optional(string(m.Kind)), State: string(m.State), Reason: optional(m.Reason),
			Text: m.Text, Attachments: append([]models.AttachmentKind{}, m.Attachments...), TypedByPerson: m.TypedBy != 0, At: moment(m.At)}
	}
	for i, o := range d.Orders {
		out.Orders[i] = dossierOrderJSON{SKU: sku(o.VariantID), TokenID: o.TokenID, Amount: optional(models.FormatPrice(o.AmountMinor, o.Currency)),
			Currency: optional(o.Currency), At: moment(o.At), VoidAt: moment(o.VoidAt)}
	}
	return out
}

// contact finds the contact that a path and ?page_id= name. Without a Page the person is looked for on all: an id
// belongs to one Page, as a rule.
func (h contactAPI) contact(c echo.Context) (models.Contact, error) {
	ctx := c.Request().Context()
	psid, err := pathParam(c, "psid")
	if err != nil {
		return models.Contact{}, err
	}
	if page := c.QueryParam("page_id"); page != "" {
		return h.read.ContactByPSID(ctx, page, psid)
	}
	pages, err := h.pages.Pages(ctx)
	if err != nil {
		return models.Contact{}, err
	}
	var found []models.Contact
	for _, p := range pages {
		contact, err := h.read.ContactByPSID(ctx, p.ID, psid)
		switch {
		case err == nil:
			found = append(found, contact)
		case models.KindOf(err) != models.KindNotFound:
			return models.Contact{}, err
		}
	}
	switch len(found) {
	case 0:
		return models.Contact{}, models.Errorf(models.KindNotFound, "No Page has a contact with that id.")
	case 1:
		return found[0], nil
	default:
		return models.Contact{}, models.Errorf(models.KindConflict, "Several Pages have a contact with that id; say which with page_id.")
	}
}

// dossier answers GET /contacts/{psid}/dossier.
func (h contactAPI) dossier(c echo.Context) error {
	contact, err := h.contact(c)
	if err != nil {
		return err
	}
	d, err := h.read.Dossier(c.Request().Context(), contact, h.now())
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, dossierOf(d))
}

// erase answers DELETE /contacts/{psid}. Its Location is the public status page.
func (h contactAPI) erase(c echo.Context) error {
	contact, err := h.contact(c)
	if err != nil {
		return err
	}
	code, err := h.work.EraseContact(c.Request().Context(), contact.PageID, contact.PSID)
	if err != nil {
		return err
	}
	c.Response().Header().Set(echo.HeaderLocation, h.baseURL+"/data-deletion/"+code)
	return c.NoContent(http.StatusNoContent)
}
