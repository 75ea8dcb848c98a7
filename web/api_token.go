package web

import (
	"context"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"bentornato/models"
)

// tokenReader finds tokens, without their secrets.
type tokenReader interface {
	Token(ctx context.Context, id int64) (models.Token, error)
	Tokens(ctx context.Context, q models.TokenQuery, now time.Time) ([]models.TokenRow, string, error)
	ExplainToken(ctx context.Context, k models.Token, now time.Time) (models.TokenRow, error)
	Attempts(ctx context.Context, tokenID int64) ([]models.Attempt, error)
}

// skuReader finds the variants that a SKU names on one Page or on all.
type skuReader interface {
	VariantsBySKU(ctx context.Context, pageID, sku string) ([]models.Variant, error)
	VariantIDsBySKU(ctx context.Context, pageID, sku string) ([]int64, error)
}

// tokenAPI is the API's /tokens.
type tokenAPI struct {
	read     tokenReader
	products skuReader
	now      func() time.Time
}

// tokenJSON is a token as the API writes it: never the token itself.
type tokenJSON struct {
	ID         int64             `json:"id"`
	SKU        *string           `json:"sku"` // null while nobody knows what it is for
	PageID     string            `json:"page_id"`
	PSID       string            `json:"psid"`
	State      models.TokenState `json:"state"`
	Reason     *string           `json:"reason"`
	GrantedAt  *time.Time        `json:"granted_at"`
	ExpiresAt  *time.Time        `json:"expires_at"`
	StateAt    *time.Time        `json:"state_at"`
	WhyWaiting *string           `json:"why_waiting"`
	WhyUntil   *time.Time        `json:"why_until"`
	Attempts   int               `json:"attempts"`
	RestockID  *int64            `json:"restock_id"`
	// Product is the opt-in product it came by: a token for one message, or one use of a recurring opt-in.
	Product models.OptInProduct `json:"product"`
}

// attemptJSON is an attempt as the API writes it.
type attemptJSON struct {
	Number    int                 `json:"number"`
	RestockID *int64              `json:"restock_id"`
	State     models.AttemptState `json:"state"`
	Code      *int                `json:"code"`
	Subcode   *int                `json:"subcode"`
	Detail    *string             `json:"detail"`
	MessageID *string             `json:"message_id"`
	At        *time.Time          `json:"at"`
	SettledAt *time.Time          `json:"settled_at"`
}

func tokenOf(r models.TokenRow) tokenJSON {
	return tokenJSON{ID: r.ID, SKU: optional(r.Variant.SKU), PageID: r.PageID, PSID: r.PSID, State: r.State, Reason: optional(string(r.Reason)),
		GrantedAt: moment(r.GrantedAt), ExpiresAt: moment(r.ExpiresAt), StateAt: moment(r.StateAt), WhyWaiting: optional(string(r.Why)),
		WhyUntil: moment(r.WhyUntil), Attempts: r.Token.Attempts, RestockID: optional(r.RestockID), Product: r.Product()}
}

func attemptsOf(list []models.Attempt) []attemptJSON {
	out := make([]attemptJSON, len(list))
	for i, a := range list {
		out[i] = attemptJSON{Number: a.Number, RestockID: optional(a.RestockID), State: a.State, Code: optional(a.Code), Subcode: optional(a.Subcode),
			Detail: optional(a.Detail), MessageID: optional(a.MessageID), At: moment(a.At), SettledAt: moment(a.SettledAt)}
	}
	return out
}

// list answers GET /tokens.
func (h tokenAPI) list(c echo.Context) error {
	ctx := c.Request().Context()
	q := models.TokenQuery{PageID: c.QueryParam("page_id"), Cursor: c.QueryParam("cursor")}
	var err error
	if q.Limit, err = limitOf(c); err != nil {
		return err
	}
	if q.State, err = choiceOf(c, "state", models.TokenStates); err != nil {
		return err
	}
	if q.ExpiresBefore, err = timeOf(c, "expires_before"); err != nil {
		return err
	}
	if q.VariantIDs, err = variantsOf(c, h.products); err != nil {
		return err
	}
	rows, next, err := h.read.Tokens(ctx, q, h.now())
	if err != nil {
		return err
	}
	items := make([]tokenJSON, len(rows))
	for i, r := range rows {
		items[i] = tokenOf(r)
	}
	return answerList(c, items, next)
}

// variantsOf reads ?sku= and ?page_id= into variants: nil for any, and none for a SKU that nobody ever listed. What was
// taken off the list is found as well: its tokens wait on.
func variantsOf(c echo.Context, products skuReader) ([]int64, error) {
	sku := c.QueryParam("sku")
	if sku == "" {
		return nil, nil
	}
	return products.VariantIDsBySKU(c.Request().Context(), c.QueryParam("page_id"), sku)
}

// show answers GET /tokens/{id}: a token with its attempts.
func (h tokenAPI) show(c echo.Context) error {
	ctx := c.Request().Context()
	id, err := idOf(c)
	if err != nil {
		return err
	}
	token, err := h.read.Token(ctx, id)
	if err != nil {
		return err
	}
	row, err := h.read.ExplainToken(ctx, token, h.now())
	if err != nil {
		return err
	}
	attempts, err := h.read.Attempts(ctx, id)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, struct {
		tokenJSON
		Attempts []attemptJSON `json:"attempt_list"`
	}{tokenOf(row), attemptsOf(attempts)})
}
