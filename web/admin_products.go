package web

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/boombuler/barcode/qr"
	"github.com/labstack/echo/v4"

	"bentornato/models"
	"bentornato/views"
)

// How much a product's screen shows of each.
const (
	productSiblings = 100
	productWaiting  = 50
	productRestocks = 10
	productReports  = 20
)

// variantReader finds a variant and its product.
type variantReader interface {
	Variant(ctx context.Context, id int64) (models.Variant, error)
	Product(ctx context.Context, id int64) (models.Product, error)
	Siblings(ctx context.Context, v models.Variant, limit int) ([]models.Variant, error)
}

// awaitedReader finds who waits for a variant, and its restocks.
type awaitedReader interface {
	openRestocks
	FirstWaiting(ctx context.Context, variantID int64, newestFirst bool, limit int, now time.Time) ([]models.TokenRow, error)
	OpenRestock(ctx context.Context, variantID int64) (*models.Restock, error)
}

// stockReader finds what was said about a variant's stock, and by whom.
type stockReader interface {
	StockHistory(ctx context.Context, variantID int64, limit int) ([]models.SourceEvent, error)
	Sources(ctx context.Context) ([]models.Source, error)
}

// productEditor changes what is sold.
type productEditor interface {
	AddProduct(ctx context.Context, l models.Listing) (models.Variant, error)
	ChangeProduct(ctx context.Context, variantID int64, l models.Listing) (models.Variant, error)
	DeleteProduct(ctx context.Context, variantID int64) error
}

// stockReporter reports stock by hand.
type stockReporter interface {
	ReportByHand(ctx context.Context, variantID int64, stock models.Stock) (models.Variant, error)
}

// productScreens are each product's screen, and the form for another.
type productScreens struct {
	office
	read    variantReader
	waits   awaitedReader
	stock   stockReader
	work    productEditor
	reports stockReporter
	link    func(models.Variant) string
	would   forecaster
	// messages, testers and demand are what people read, on whom it is tried out, and who waits.
	messages messageWriter
	testers  testerReader
	demand   variantDemand
}

// variant finds the variant that a path names. One that was taken off the list has no screen.
func (h productScreens) variant(c echo.Context) (models.Variant, error) {
	id, err := idOf(c)
	if err != nil {
		return models.Variant{}, err
	}
	v, err := h.read.Variant(c.Request().Context(), id)
	if err == nil && !v.DeletedAt.IsZero() {
		err = models.Errorf(models.KindNotFound,
			"%s was taken off the list. What waits for it waits on, and comes back with it when the SKU %s is listed again.", v.Name(), v.SKU)
	}
	return v, err
}

// props gathers a variant's screen.
func (h productScreens) props(c echo.Context, v models.Variant) (views.ProductProps, error) {
	ctx := c.Request().Context()
	frame, on, err := h.frameOn(c, v.PageID)
	p := views.ProductProps{Page: frame, Variant: v, OnPage: on}
	if err != nil {
		return p, err
	}
	product, err := h.read.Product(ctx, v.ProductID)
	if err != nil {
		return p, err
	}
	p.Form = views.ProductFormOf(v, product)
	if p.Siblings, err = h.read.Siblings(ctx, v, productSiblings); err != nil {
		return p, err
	}
	if p.Open, err = h.waits.OpenRestock(ctx, v.ID); err != nil {
		return p, err
	}
	newestFirst := on.Settings.For(v).NewestFirst
	if p.Open != nil {
		newestFirst = p.Open.NewestFirst
	}
	if p.Waiting, err = h.waits.FirstWaiting(ctx, v.ID, newestFirst, productWaiting, frame.Now); err != nil {
		return p, err
	}
	rows, _, err := h.waits.Restocks(ctx, models.RestockQuery{VariantIDs: []int64{v.ID}, Limit: productRestocks})
	if err != nil {
		return p, err
	}
	for _, r := range rows {
		p.Restocks = append(p.Restocks, r.Restock)
	}
	if p.Reports, err = h.history(ctx, v.ID); err != nil {
		return p, err
	}
	if err := h.addDemand(ctx, &p); err != nil {
		return p, err
	}
	if err := h.addMessages(c, &p); err != nil {
		return p, err
	}
	p.MessengerURL = h.link(v)
	p.QR, err = qrMatrix(p.MessengerURL)
	return p, err
}

// history is what was said about a variant's stock. A source that was deleted has no name any more.
func (h productScreens) history(ctx context.Context, variantID int64) ([]views.ReportRow, error) {
	events, err := h.stock.StockHistory(ctx, variantID, productReports)
	if err != nil {
		return nil, err
	}
	sources, err := h.stock.Sources(ctx)
	if err != nil {
		return nil, err
	}
	names := make(map[string]string, len(sources))
	for _, s := range sources {
		names[s.ID] = s.Name
	}
	rows := make([]views.ReportRow, len(events))
	for i, e := range events {
		rows[i] = views.ReportRow{Event: e, SourceName: names[e.SourceID]}
	}
	return rows, nil
}

// qrMatrix is the QR code of a link, true for a dark module, without a quiet zone. It bears a scratch: 15 % of it may be
// lost.
func qrMatrix(link string) ([][]bool, error) {
	code, err := qr.Encode(link, qr.M, qr.Auto)
	if err != nil {
		return nil, fmt.Errorf("make a QR code of %d characters: %w", len(link), err)
	}
	size := code.Bounds().Dx()
	matrix := make([][]bool, size)
	for y := range matrix {
		matrix[y] = make([]bool, size)
		for x := range matrix[y] {
			r, g, b, _ := code.At(x, y).RGBA()
			matrix[y][x] = r+g+b == 0
		}
	}
	return matrix, nil
}

// show answers GET /products/{id}; with ?available= it says what would happen if so many came back.
func (h productScreens) show(c echo.Context) error {
	v, err := h.variant(c)
	if err != nil {
		return err
	}
	stock, err := askedStock(c)
	if status, ok := mendable(err); ok {
		return h.render(c, status, v, func(p *views.ProductProps) {
			p.Stock = views.StockForm{Available: c.QueryParam("available"), Err: err}
		})
	}
	if err != nil {
		return err
	}
	p, err := h.props(c, v)
	if err != nil {
		return err
	}
	if stock != nil {
		f, err := h.would.forecast(c.Request().Context(), v, p.OnPage, p.Open, *stock, p.Now)
		if err != nil {
			return err
		}
		p.Forecast, p.Stock.Available = &f, c.QueryParam("available")
	}
	return render(c, http.StatusOK, views.Product(p))
}

// render answers with a variant's screen. change puts back what was typed into one of its forms, and the error.
func (h productScreens) render(c echo.Context, status int, v models.Variant, change func(*views.ProductProps)) error {
	p, err := h.props(c, v)
	if err != nil {
		return err
	}
	p.CurrentURL = numberPath("/products/", v.ID)
	change(&p)
	return render(c, status, views.Product(p))
}

// reportStock answers POST /products/{id}/stock.
func (h productScreens) reportStock(c echo.Context) error {
	ctx := c.Request().Context()
	v, err := h.variant(c)
	if err != nil {
		return err
	}
	before, err := h.waits.OpenRestock(ctx, v.ID)
	if err != nil {
		return err
	}
	stock, err := typedStock(c)
	if err == nil {
		_, err = h.reports.ReportByHand(ctx, v.ID, stock)
	}
	if status, ok := mendable(err); ok {
		return h.render(c, status, v, func(p *views.ProductProps) {
			p.Stock = views.StockForm{Available: c.FormValue("available"), Err: err}
		})
	}
	if err != nil {
		return err
	}
	after, err := h.waits.OpenRestock(ctx, v.ID)
	if err != nil {
		return err
	}
	notice := views.NoticeStockReported
	if after != nil && (before == nil || before.ID != after.ID) {
		notice = views.NoticeRestockStarted
	}
	return h.done(c, notice, numberPath("/products/", v.ID))
}

// typedStock reads a stock report by hand: a quantity, or that there is some.
func typedStock(c echo.Context) (models.Stock, error) {
	if ticked(c, "in_stock") {
		return models.Stock{Unknown: true}, nil
	}
	n, err := strconv.Atoi(typed(c, "available"))
	if err != nil || n < 0 {
		return models.Stock{}, models.FieldErrorf("available", "Write how many there are: 0 or more.")
	}
	return models.Stock{Available: n}, models.CheckStock(n)
}

// change answers POST /products/{id}.
func (h productScreens) change(c echo.Context) error {
	v, err := h.variant(c)
	if err != nil {
		return err
	}
	form := typedProduct(c)
	form.PageID = v.PageID
	listing, err := listingOf(form)
	if err == nil {
		_, err = h.work.ChangeProduct(c.Request().Context(), v.ID, listing)
	}
	if status, ok := mendable(err); ok {
		form.Err = err
		return h.render(c, status, v, func(p *views.ProductProps) { p.Form = form })
	}
	if err != nil {
		return err
	}
	return h.done(c, views.NoticeSaved, numberPath("/products/", v.ID))
}

// remove answers POST /products/{id}/delete.
func (h productScreens) remove(c echo.Context) error {
	v, err := h.variant(c)
	if err != nil {
		return err
	}
	if !ticked(c, "confirm") {
		return h.render(c, http.StatusUnprocessableEntity, v, func(p *views.ProductProps) { p.Flash = views.Flash{Err: unconfirmed()} })
	}
	if err := h.work.DeleteProduct(c.Request().Context(), v.ID); err != nil {
		return err
	}
	return h.done(c, views.NoticeProductDeleted, "/products")
}

// unconfirmed is the answer to what cannot be undone and was not confirmed.
func unconfirmed() error {
	return models.FieldErrorf("confirm", "Tick the box that says you mean it; nothing was changed.")
}
