package web

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"bentornato/models"
)

// forecastReader counts what a forecast needs.
type forecastReader interface {
	ForecastCounts(ctx context.Context, v models.Variant, page models.Page, newestFirst bool, now time.Time) (models.ForecastCounts, error)
	OpenRestock(ctx context.Context, variantID int64) (*models.Restock, error)
}

// messageChecker holds a variant's notification against the platform's limits.
type messageChecker interface {
	CheckMessage(v models.Variant) error
}

// forecaster says what a restock would do before it starts.
type forecaster struct {
	read  forecastReader
	check messageChecker
}

// forecast says what a stock would do; open is the variant's open restock, nil if none is.
func (f forecaster) forecast(ctx context.Context, v models.Variant, on models.Page, open *models.Restock, stock models.Stock, now time.Time) (models.Forecast, error) {
	newestFirst := on.Settings.For(v).NewestFirst
	if open != nil {
		newestFirst = open.NewestFirst
	}
	counts, err := f.read.ForecastCounts(ctx, v, on, newestFirst, now)
	if err != nil {
		return models.Forecast{}, err
	}
	return models.Predict(models.ForecastQuestion{Page: on, Variant: v, Restock: open, Stock: stock, Counts: counts,
		BadMessage: f.check.CheckMessage(v) != nil, Now: now}), nil
}

// notStarted reports whether nothing has been claimed for a restock yet, and still may be.
func notStarted(r models.Restock) bool { return r.State.Open() && r.ClaimedAt.IsZero() }

// forecastJSON is a forecast as the API writes it.
type forecastJSON struct {
	Available *int `json:"available"` // null where the quantity is not known
	Waiting   int  `json:"waiting"`
	Starts    bool `json:"starts"`
	// Blocked and Problem are null unless somebody must mend something first.
	Blocked *string `json:"blocked"`
	Problem *string `json:"problem"`
	NeedsOK bool    `json:"needs_ok"`
	Tokens  int     `json:"tokens"`
	Now     int     `json:"tokens_now"`
	PerWave *int    `json:"tokens_per_wave"`
	Waves   int     `json:"waves"`
	// MoreWaves says that waves is a least.
	MoreWaves   bool          `json:"waves_at_least"`
	Rate        int           `json:"rate"`
	StartsAt    *time.Time    `json:"starts_at"`
	FirstEndsAt *time.Time    `json:"first_wave_ends_at"`
	EndsAt      *time.Time    `json:"ends_at"`
	Seconds     *float64      `json:"duration_seconds"` // from starts_at to ends_at
	LeftOut     []leftOutJSON `json:"left_out"`
	Delayed     []leftOutJSON `json:"delayed"`
}

// leftOutJSON are tokens that would not be spent at once.
type leftOutJSON struct {
	Reason  string     `json:"reason"`
	Tokens  int        `json:"tokens"`
	AtLeast bool       `json:"at_least"`
	Until   *time.Time `json:"until"`
}

func forecastOf(f models.Forecast) forecastJSON {
	out := forecastJSON{Waiting: f.Waiting, Starts: f.Starts, Blocked: optional(string(f.Blocked)), Problem: optional(string(f.Problem)), NeedsOK: f.NeedsOK,
		Tokens: f.Tokens, Now: f.Now, PerWave: optional(f.PerWave), Waves: f.Waves, MoreWaves: f.MoreWaves, Rate: f.Rate, StartsAt: moment(f.StartsAt),
		FirstEndsAt: moment(f.FirstEndsAt), EndsAt: moment(f.EndsAt), LeftOut: leftOutOf(f.LeftOut), Delayed: leftOutOf(f.Delayed)}
	if !f.Stock.Unknown {
		out.Available = &f.Stock.Available
	}
	if !f.EndsAt.IsZero() {
		seconds := f.EndsAt.Sub(f.StartsAt).Seconds()
		out.Seconds = &seconds
	}
	return out
}

func leftOutOf(list []models.LeftOut) []leftOutJSON {
	out := make([]leftOutJSON, len(list))
	for i, l := range list {
		out[i] = leftOutJSON{Reason: string(l.Reason), Tokens: l.N, AtLeast: l.AtLeast, Until: moment(l.Until)}
	}
	return out
}

// askedStock reads ?available=, or ?in_stock=true where nobody knows how many. Without either it is nil.
func askedStock(c echo.Context) (*models.Stock, error) {
	text := c.QueryParam("available")
	if text == "" {
		switch c.QueryParam("in_stock") {
		case "":
			return nil, nil //nolint:nilnil // saying nothing is an answer
		case "true", "yes":
			return &models.Stock{Unknown: true}, nil
		default:
			return nil, models.FieldErrorf("in_stock", "Write in_stock=true, or available=n.")
		}
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 {
		return nil, models.FieldErrorf("available", "Write how many there are: 0 or more.")
	}
	if err := models.CheckStock(n); err != nil {
		return nil, err
	}
	return &models.Stock{Available: n}, nil
}

// forecast answers GET /products/{sku}/forecast: what would happen if so many came back.
func (h productAPI) forecast(c echo.Context) error {
	v, err := h.variant(c)
	if err != nil {
		return err
	}
	stock, err := askedStock(c)
	if err != nil {
		return err
	}
	if stock == nil {
		return models.FieldErrorf("available", "Say how many would come back: ?available=n, or ?in_stock=true where nobody knows.")
	}
	ctx := c.Request().Context()
	on, err := h.pages.Page(ctx, v.PageID)
	if err != nil {
		return err
	}
	open, err := h.would.read.OpenRestock(ctx, v.ID)
	if err != nil {
		return err
	}
	f, err := h.would.forecast(ctx, v, on, open, *stock, h.now())
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, struct {
		SKU    string `json:"sku"`
		PageID string `json:"page_id"`
		forecastJSON
	}{v.SKU, v.PageID, forecastOf(f)})
}
