package web

import (
	"context"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"bentornato/models"
)

// restockReader finds restocks.
type restockReader interface {
	Restock(ctx context.Context, id int64) (models.Restock, error)
	Restocks(ctx context.Context, q models.RestockQuery) ([]models.RestockRow, string, error)
	Variant(ctx context.Context, id int64) (models.Variant, error)
	Revenue(ctx context.Context, restockIDs []int64) (map[int64][]models.Money, error)
}

// restockWriter is the merchant's word on restocks (rules 5.6 and 5.8).
type restockWriter interface {
	PauseRestock(ctx context.Context, id int64) (models.Restock, error)
	ResumeRestock(ctx context.Context, id int64) (models.Restock, error)
	CancelRestock(ctx context.Context, id int64) (models.Restock, error)
	ApproveRestock(ctx context.Context, id int64) (models.Restock, error)
}

// restockAPI is the API's /restocks.
type restockAPI struct {
	read     restockReader
	products skuReader
	pages    pageReader
	work     restockWriter
	would    forecaster
	now      func() time.Time
}

// restockJSON is a restock as the API writes it.
type restockJSON struct {
	ID       int64               `json:"id"`
	SKU      string              `json:"sku"`
	PageID   string              `json:"page_id"`
	State    models.RestockState `json:"state"`
	Reason   *string             `json:"reason"`
	Quantity *int                `json:"quantity"` // null where it is not known
	Wave     int                 `json:"wave"`
	// NextWaveAt is null without tokens_per_unit.
	NextWaveAt *time.Time        `json:"next_wave_at"`
	StartAt    *time.Time        `json:"start_at"`
	Counts     restockJSONCounts `json:"counts"`
	// Rate is the Page's setting, in messages per second.
	Rate         int        `json:"rate"`
	EstimatedEnd *time.Time `json:"estimated_end"`
	Clicks       int        `json:"clicks"`
	// Orders are those that a shop system reported with the link of one of its notifications.
	Orders    int         `json:"orders"`
	Revenue   []moneyJSON `json:"revenue"`
	CreatedAt *time.Time  `json:"created_at"`
	StateAt   *time.Time  `json:"state_at"`
	// Forecast is what it would do: of one restock that has spent nothing yet; not in lists.
	Forecast *forecastJSON `json:"forecast,omitempty"`
}

// moneyJSON is an amount as the API writes it: a decimal number as text, so that nobody rounds it.
type moneyJSON struct {
	Amount   string `json:"amount"`
	Currency string `json:"currency"`
}

// restockJSONCounts are a restock's tokens by state. Waiting is 0 once the restock is over: what waits then waits for
// another one.
type restockJSONCounts struct {
	Waiting int `json:"waiting"`
	Claimed int `json:"claimed"`
	Sent    int `json:"sent"`
	Unknown int `json:"unknown"`
	Failed  int `json:"failed"`
}

func (h restockAPI) json(row models.RestockRow, page models.Page, revenue []models.Money) restockJSON {
	r := row.Restock
	out := restockJSON{ID: r.ID, SKU: row.Variant.SKU, PageID: r.PageID, State: r.State, Reason: optional(string(r.Reason)), Wave: r.Wave,
		NextWaveAt: moment(r.NextWaveAt), StartAt: moment(r.StartAt), Rate: page.Rate, Clicks: r.Clicks, Orders: r.Orders,
		Revenue: make([]moneyJSON, len(revenue)), CreatedAt: moment(r.CreatedAt), StateAt: moment(r.StateAt),
		Counts: restockJSONCounts{Claimed: r.Claimed, Sent: r.Sent, Unknown: r.Unknown, Failed: r.Failed}}
	for i, m := range revenue {
		out.Revenue[i] = moneyJSON{Amount: models.FormatPrice(m.Minor, m.Currency), Currency: m.Currency}
	}
	if !r.QuantityUnknown {
		out.Quantity = &r.Quantity
	}
	if r.State.Open() {
		out.Counts.Waiting = row.Variant.Waiting
		out.EstimatedEnd = moment(models.EstimatedEnd(r, row.Variant.Waiting, page, h.now()))
	}
	return out
}

// list answers GET /restocks.
func (h restockAPI) list(c echo.Context) error {
	ctx := c.Request().Context()
	q := models.RestockQuery{PageID: c.QueryParam("page_id"), Cursor: c.QueryParam("cursor")}
	var err error
	if q.Limit, err = limitOf(c); err != nil {
		return err
	}
	if q.State, err = choiceOf(c, "state", models.RestockStates); err != nil {
		return err
	}
	if q.VariantIDs, err = variantsOf(c, h.products); err != nil {
		return err
	}
	rows, next, err := h.read.Restocks(ctx, q)
	if err != nil {
		return err
	}
	pages, err := h.pages.Pages(ctx)
	if err != nil {
		return err
	}
	byID := make(map[string]models.Page, len(pages))
	for _, p := range pages {
		byID[p.ID] = p
	}
	ids := make([]int64, len(rows))
	for i, r := range rows {
		ids[i] = r.ID
	}
	revenue, err := h.read.Revenue(ctx, ids)
	if err != nil {
		return err
	}
	items := make([]restockJSON, len(rows))
	for i, r := range rows {
		items[i] = h.json(r, byID[r.PageID], revenue[r.ID])
	}
	return answerList(c, items, next)
}

// show answers GET /restocks/{id}.
func (h restockAPI) show(c echo.Context) error {
	id, err := idOf(c)
	if err != nil {
		return err
	}
	r, err := h.read.Restock(c.Request().Context(), id)
	if err != nil {
		return err
	}
	return h.answer(c, r)
}

func (h restockAPI) answer(c echo.Context, r models.Restock) error {
	ctx := c.Request().Context()
	v, err := h.read.Variant(ctx, r.VariantID)
	if err != nil {
		return err
	}
	page, err := h.pages.Page(ctx, r.PageID)
	if err != nil {
		return err
	}
	revenue, err := h.read.Revenue(ctx, []int64{r.ID})
	if err != nil {
		return err
	}
	out := h.json(models.RestockRow{Restock: r, Variant: v}, page, revenue[r.ID])
	if notStarted(r) {
		f, err := h.would.forecast(ctx, v, page, &r, v.Stock(), h.now())
		if err != nil {
			return err
		}
		would := forecastOf(f)
		out.Forecast = &would
	}
	return c.JSON(http.StatusOK, out)
}

// act answers POST /restocks/{id}/pause and its like: with the restock as it is then.
func (h restockAPI) act(do func(ctx context.Context, id int64) (models.Restock, error)) echo.HandlerFunc {
	return func(c echo.Context) error {
		id, err := idOf(c)
		if err != nil {
			return err
		}
		r, err := do(c.Request().Context(), id)
		if err != nil {
			return err
		}
		return h.answer(c, r)
	}
}
