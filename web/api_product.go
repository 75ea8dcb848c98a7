package web

import (
	"context"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"bentornato/models"
)

// productReader finds what is sold.
type productReader interface {
	variantLister
	VariantBySKU(ctx context.Context, pageID, sku string) (models.Variant, error)
	ProductNames(ctx context.Context, variants []models.Variant) (map[int64]string, error)
}

// productWriter changes what is sold, and its stock.
type productWriter interface {
	SaveProduct(ctx context.Context, l models.Listing) (models.Saved, error)
	DeleteProduct(ctx context.Context, variantID int64) error
	ReportByHand(ctx context.Context, variantID int64, stock models.Stock) (models.Variant, error)
}

// productAPI is the API's /products.
type productAPI struct {
	pages pageReader
	read  productReader
	work  productWriter
	link  func(models.Variant) string
	would forecaster
	now   func() time.Time
}

// productJSON is a variant as the API writes it.
type productJSON struct {
	SKU      string  `json:"sku"`
	Title    string  `json:"title"`
	Product  string  `json:"product"`
	Option   string  `json:"option"`
	Price    *string `json:"price"`
	Currency string  `json:"currency"`
	URL      string  `json:"url"`
	ImageURL string  `json:"image_url"`
	// Available is null where the quantity is not known.
	Available     *int       `json:"available"`
	InStock       bool       `json:"in_stock"`
	MinStock      int        `json:"min_stock"`
	TokensPerUnit *int       `json:"tokens_per_unit"`
	Waiting       int        `json:"waiting"`
	PageID        string     `json:"page_id"`
	Ref           string     `json:"ref"`
	MessengerURL  string     `json:"m_me_url"`
	UpdatedAt     *time.Time `json:"updated_at"`
}

func (h productAPI) json(v models.Variant, product string) productJSON {
	p := productJSON{SKU: v.SKU, Title: v.Title, Product: product, Option: v.Option, Price: optional(models.FormatPrice(v.PriceMinor, v.Currency)),
		Currency: v.Currency, URL: v.URL, ImageURL: v.ImageURL, InStock: !v.SoldOut(), MinStock: v.MinStock,
		TokensPerUnit: optional(v.TokensPerUnit), Waiting: v.Waiting, PageID: v.PageID, Ref: v.Ref, MessengerURL: h.link(v), UpdatedAt: moment(v.UpdatedAt)}
	if !v.QuantityUnknown {
		p.Available = &v.Available
	}
	return p
}

func (h productAPI) answer(c echo.Context, status int, v models.Variant) error {
	names, err := h.read.ProductNames(c.Request().Context(), []models.Variant{v})
	if err != nil {
		return err
	}
	return c.JSON(status, h.json(v, names[v.ProductID]))
}

// list answers GET /products.
func (h productAPI) list(c echo.Context) error {
	ctx := c.Request().Context()
	limit, err := limitOf(c)
	if err != nil {
		return err
	}
	variants, next, err := h.read.ListVariants(ctx, models.VariantQuery{PageID: c.QueryParam("page_id"), Text: c.QueryParam("q"),
		Availability: c.QueryParam("availability"), Sort: c.QueryParam("sort"), Limit: limit, Cursor: c.QueryParam("cursor")})
	if err != nil {
		return err
	}
	names, err := h.read.ProductNames(ctx, variants)
	if err != nil {
		return err
	}
	items := make([]productJSON, len(variants))
	for i, v := range variants {
		items[i] = h.json(v, names[v.ProductID])
	}
	return answerList(c, items, next)
}

// variant finds the variant that a path and ?page_id= name.
func (h productAPI) variant(c echo.Context) (models.Variant, error) {
	sku, err := pathParam(c, "sku")
	if err != nil {
		return models.Variant{}, err
	}
	return h.read.VariantBySKU(c.Request().Context(), c.QueryParam("page_id"), sku)
}

// show answers GET /products/{sku}.
func (h productAPI) show(c echo.Context) error {
	v, err := h.variant(c)
	if err != nil {
		return err
	}
	return h.answer(c, http.StatusOK, v)
}

// save answers PUT /products/{sku}: the product is then as the body says, fields left out at their defaults; but stock
// that is left out stays, since only a report changes it. What a GET answers may be sent back: fields that only we
// set are passed over.
func (h productAPI) save(c echo.Context) error {
	o, err := readObject(c, "page_id", "sku", "title", "product", "option", "price", "currency", "url", "image_url", "available",
		"in_stock", "min_stock", "tokens_per_unit", "waiting", "ref", "m_me_url", "updated_at")
	if err != nil {
		return err
	}
	l, err := h.listing(c, o)
	if err != nil {
		return err
	}
	if err := models.ValidateVariant(l.Variant); err != nil {
		return err
	}
	saved, err := h.work.SaveProduct(c.Request().Context(), l)
	if err != nil {
		return err
	}
	status := http.StatusOK
	if saved.Added {
		status = http.StatusCreated
	}
	return h.answer(c, status, saved.Variant)
}

func (h productAPI) listing(c echo.Context, o object) (models.Listing, error) {
	var (
		l   models.Listing
		err error
		v   = &l.Variant
	)
	if v.SKU, err = pathParam(c, "sku"); err != nil {
		return l, err
	}
	switch sku, err := o.text("sku"); {
	case err != nil:
		return l, err
	case o.has("sku") && sku != v.SKU:
		return l, models.FieldErrorf("sku", "The body's SKU is %q and the address's %q; leave it out of the body.", models.Shorten(sku, 40), models.Shorten(v.SKU, 40))
	}
	if v.PageID, err = h.pageFor(c, o); err != nil {
		return l, err
	}
	for name, target := range map[string]*string{"title": &v.Title, "option": &v.Option, "url": &v.URL, "image_url": &v.ImageURL, "product": &l.Product} {
		if *target, err = o.text(name); err != nil {
			return l, err
		}
	}
	if v.PriceMinor, v.Currency, err = o.price(); err != nil {
		return l, err
	}
	if v.MinStock, err = o.number("min_stock", 1); err != nil {
		return l, err
	}
	if v.TokensPerUnit, err = o.number("tokens_per_unit", 0); err != nil {
		return l, err
	}
	l.Stock, err = o.stock()
	return l, err
}

// pageFor says which Page a product is for: the body's, the query's, or the only one there is.
func (h productAPI) pageFor(c echo.Context, o object) (string, error) {
	id, err := o.id("page_id")
	if err != nil {
		return "", err
	}
	if id == "" {
		id = c.QueryParam("page_id")
	}
	if id != "" {
		return id, nil
	}
	return onlyPage(c.Request().Context(), h.pages)
}

// onlyPage is the id of the only Page; where there are several somebody must say which.
func onlyPage(ctx context.Context, pages pageReader) (string, error) {
	list, err := pages.Pages(ctx)
	if err != nil {
		return "", err
	}
	if len(list) != 1 {
		return "", models.FieldErrorf("page_id", "Say with page_id which Page it is for; GET %s/stats lists them.", apiPrefix)
	}
	return list[0].ID, nil
}

// remove answers DELETE /products/{sku}. Its tokens are kept.
func (h productAPI) remove(c echo.Context) error {
	v, err := h.variant(c)
	if err != nil {
		return err
	}
	if err := h.work.DeleteProduct(c.Request().Context(), v.ID); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}

// reportStock answers POST /products/{sku}/stock.
func (h productAPI) reportStock(c echo.Context) error {
	o, err := readObject(c, "available", "in_stock")
	if err != nil {
		return err
	}
	stock, err := o.stock()
	if err != nil {
		return err
	}
	if stock == nil {
		return models.FieldErrorf("available", "Send {\"available\": n}, or {\"in_stock\": true} where nobody knows how many.")
	}
	v, err := h.variant(c)
	if err != nil {
		return err
	}
	if v, err = h.work.ReportByHand(c.Request().Context(), v.ID, *stock); err != nil {
		return err
	}
	return h.answer(c, http.StatusOK, v)
}
