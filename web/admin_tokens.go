package web

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"bentornato/models"
	"bentornato/views"
)

// How much the wallet shows above its list.
const (
	walletProducts   = 8
	walletUnassigned = 100
	walletAwaited    = 20
)

// walletReader counts what waits, by product and by when it ends.
type walletReader interface {
	TokenMonths(ctx context.Context, now time.Time, loc *time.Location) (models.TokenMonths, error)
	EndingSoon(ctx context.Context, now time.Time) (models.Ending, error)
	Wallet(ctx context.Context, limit int, cursor string, now time.Time) ([]models.WalletRow, string, error)
	Unassigned(ctx context.Context, limit int) (int, error)
}

// tokenKeeper takes tokens back for the merchant, and ties those of no product to one.
type tokenKeeper interface {
	WithdrawToken(ctx context.Context, id int64) error
	AssignToken(ctx context.Context, id, variantID int64) error
}

// tokenScreen is the token wallet, without the secrets.
type tokenScreen struct {
	office
	read     tokenReader
	wallet   walletReader
	products skuReader
	stats    statsReader
	work     tokenKeeper
}

// show answers GET /tokens.
func (h tokenScreen) show(c echo.Context) error {
	p, err := h.props(c)
	if err != nil {
		return err
	}
	return render(c, http.StatusOK, views.Tokens(p))
}

// props gathers the wallet as the query asks for it.
func (h tokenScreen) props(c echo.Context) (views.TokensProps, error) {
	ctx := onPage(c.Request().Context(), c.QueryParam("page_id"))
	frame, pages, err := h.frame(c)
	p := views.TokensProps{Page: frame, Pages: pages, PageID: c.QueryParam("page_id"), SKU: c.QueryParam("sku"), Unassigned: c.QueryParam("unassigned") == "yes", Pager: views.Pager{Cursor: c.QueryParam("cursor")}}
	if err != nil {
		return p, err
	}
	if p.State, err = choiceOf(c, "state", models.TokenStates); err != nil {
		return p, err
	}
	if p.EndingDays, err = endingOf(c); err != nil {
		return p, err
	}
	if p.Unassigned && p.State == "" {
		p.State = models.TokenWaiting // what is over needs no product any more
	}
	q, err := h.query(c, p)
	if err != nil {
		return p, err
	}
	totals, err := h.stats.Stats(ctx, "")
	if err != nil {
		return p, err
	}
	p.Counts = totals.Tokens
	if p.Rows, p.Pager.Next, err = h.read.Tokens(ctx, q, frame.Now); err != nil {
		return p, err
	}
	if p.Unassigned {
		rows, _, err := h.wallet.Wallet(ctx, walletAwaited, "", frame.Now)
		for _, row := range rows {
			p.Awaited = append(p.Awaited, row.Variant)
		}
		return p, err
	}
	if p.State == "" && p.SKU == "" && p.EndingDays == 0 && p.Pager.Cursor == "" {
		p.Wallet, err = h.overview(ctx, frame)
	}
	return p, err
}

// query is the list that the filters ask for.
func (h tokenScreen) query(c echo.Context, p views.TokensProps) (models.TokenQuery, error) {
	variants, err := variantsOf(c, h.products)
	q := models.TokenQuery{VariantIDs: variants, State: p.State, Unassigned: p.Unassigned, Limit: screenRows, Cursor: p.Pager.Cursor}
	if p.EndingDays > 0 {
		q.State, q.Unassigned = models.TokenWaiting, false
		q.ExpiresBefore = p.Now.Add(time.Duration(p.EndingDays) * 24 * time.Hour)
	}
	return q, err
}

// endingOf reads ?ending=: one of the spans that the wallet counts, in days; 0 for none.
func endingOf(c echo.Context) (int, error) {
	text := c.QueryParam("ending")
	if text == "" {
		return 0, nil
	}
	days, err := strconv.Atoi(text)
	if all := models.EndingDays(); err != nil || !slices.Contains(all[:], days) {
		return 0, models.FieldErrorf("ending", "%q is no span; it is 30, 60 or 90 days.", models.Shorten(text, 40))
	}
	return days, nil
}

// overview is what stands above the list.
func (h tokenScreen) overview(ctx context.Context, frame views.Page) (*views.Wallet, error) {
	var (
		w    views.Wallet
		next string
		err  error
	)
	if w.Products, next, err = h.wallet.Wallet(ctx, walletProducts, "", frame.Now); err != nil {
		return nil, err
	}
	w.More = next != ""
	if w.Months, err = h.wallet.TokenMonths(ctx, frame.Now, frame.Loc); err != nil {
		return nil, err
	}
	if w.Ending, err = h.wallet.EndingSoon(ctx, frame.Now); err != nil {
		return nil, err
	}
	w.Unassigned, err = h.wallet.Unassigned(ctx, walletUnassigned)
	return &w, err
}

// showProducts answers GET /tokens/products: what waits by product, all of it.
func (h tokenScreen) showProducts(c echo.Context) error {
	frame, _, err := h.frame(c)
	if err != nil {
		return err
	}
	p := views.WalletProps{Page: frame, PageID: c.QueryParam("page_id"), Pager: views.Pager{Cursor: c.QueryParam("cursor")}}
	if p.Rows, p.Pager.Next, err = h.wallet.Wallet(onPage(c.Request().Context(), p.PageID), screenRows, p.Pager.Cursor, frame.Now); err != nil {
		return err
	}
	return render(c, http.StatusOK, views.WalletByProduct(p))
}

// export answers GET /tokens.csv: the list that the same filters show, without the secrets.
func (h tokenScreen) export(c echo.Context) error {
	ctx := onPage(c.Request().Context(), c.QueryParam("page_id"))
	p := views.TokensProps{Page: h.page(c), Unassigned: c.QueryParam("unassigned") == "yes"}
	var err error
	if p.State, err = choiceOf(c, "state", models.TokenStates); err != nil {
		return err
	}
	if p.EndingDays, err = endingOf(c); err != nil {
		return err
	}
	q, err := h.query(c, p)
	if err != nil {
		return err
	}
	q.Limit = exportPage
	out, err := newSheet(c, "tokens.csv")
	if err != nil {
		return err
	}
	if err := out.row("id", "sku", "product", "page_id", "psid", "name", "state", "reason", "granted_at", "expires_at", "why_waiting", "why_until", "attempts"); err != nil {
		return err
	}
	for {
		rows, next, err := h.read.Tokens(ctx, q, p.Now)
		if err != nil {
			return err
		}
		for _, r := range rows {
			if err := out.row(strconv.FormatInt(r.ID, 10), r.Variant.SKU, r.Variant.Name(), r.PageID, r.PSID, r.ContactName, string(r.State), string(r.Reason),
				stamp(r.GrantedAt), stamp(r.ExpiresAt), string(r.Why), stamp(r.WhyUntil), strconv.Itoa(r.Token.Attempts)); err != nil {
				return err
			}
		}
		if q.Cursor = next; q.Cursor == "" {
			return out.end()
		}
		if err := out.flush(); err != nil {
			return err
		}
	}
}

// withdraw answers POST /tokens/{id}/withdraw.
func (h tokenScreen) withdraw(c echo.Context) error {
	ctx := c.Request().Context()
	id, err := idOf(c)
	if err != nil {
		return err
	}
	if _, err := h.read.Token(ctx, id); err != nil {
		return err
	}
	back := listed(c)
	if err := h.work.WithdrawToken(ctx, id); err != nil {
		return h.refused(c, err, back)
	}
	return h.done(c, views.NoticeTokenWithdrawn, back)
}

// listed is the list as a form's address says that it was shown.
func listed(c echo.Context) string {
	shown := url.Values{}
	for _, name := range []string{"state", "sku", "ending", "unassigned", "cursor"} {
		if value := c.QueryParam(name); value != "" {
			shown.Set(name, value)
		}
	}
	if len(shown) == 0 {
		return "/tokens"
	}
	return "/tokens?" + shown.Encode()
}

// assign answers POST /tokens/{id}/assign: the merchant knows what a token is for.
func (h tokenScreen) assign(c echo.Context) error {
	ctx := c.Request().Context()
	id, err := idOf(c)
	if err != nil {
		return err
	}
	token, err := h.read.Token(ctx, id)
	if err != nil {
		return err
	}
	sku := typed(c, "sku")
	if err := h.assignTo(ctx, token, sku); err != nil {
		if models.KindOf(err) != models.KindInvalid {
			return h.refused(c, err, "/tokens?unassigned=yes")
		}
		c.Request().URL.RawQuery = "unassigned=yes" // the list that the form stands in
		p, propsErr := h.props(c)
		if propsErr != nil {
			return propsErr
		}
		p.Assign = views.AssignForm{TokenID: id, SKU: sku, Err: err}
		return render(c, http.StatusUnprocessableEntity, views.Tokens(p))
	}
	left, err := h.wallet.Unassigned(ctx, 1)
	if err != nil {
		return err
	}
	if left > 0 {
		return h.done(c, views.NoticeTokenAssigned, "/tokens?unassigned=yes")
	}
	return h.done(c, views.NoticeTokenAssigned, "/tokens")
}

func (h tokenScreen) assignTo(ctx context.Context, token models.Token, sku string) error {
	if sku == "" {
		return models.FieldErrorf("sku", "The SKU is missing.")
	}
	variants, err := h.products.VariantsBySKU(ctx, token.PageID, sku)
	if err != nil {
		return err
	}
	if len(variants) == 0 {
		return models.FieldErrorf("assign_sku", "No product of the token's Page has the SKU %q.", models.Shorten(sku, 40))
	}
	return h.work.AssignToken(ctx, token.ID, variants[0].ID)
}
