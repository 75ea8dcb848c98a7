package web

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"bentornato/models"
	"bentornato/views"
)

// typedProduct is what somebody typed about a product, as it was typed.
func typedProduct(c echo.Context) views.ProductForm {
	f := views.ProductForm{
		PageID: typed(c, "page_id"), SKU: typed(c, "sku"), Title: typed(c, "title"), Product: typed(c, "product"), Option: typed(c, "option"),
		Price: typed(c, "price"), Currency: typed(c, "currency"), URL: typed(c, "url"), ImageURL: typed(c, "image_url"),
		Available: typed(c, "available"), MinStock: typed(c, "min_stock"), TokensPerUnit: typed(c, "tokens_per_unit"),
		HoldDownSeconds: typed(c, "hold_down_seconds"), AskAbove: typed(c, "ask_above"), WaveMinutes: typed(c, "wave_minutes"), Order: typed(c, "order"),
		RequestTitle: map[string]string{},
	}
	for _, language := range views.Languages() {
		if title := typed(c, "request_title_"+language); title != "" {
			f.RequestTitle[language] = title
		}
	}
	return f
}

// listingOf reads the form. Its errors name the field; what only the rules of models can tell is checked by them.
func listingOf(f views.ProductForm) (models.Listing, error) {
	l := models.Listing{Product: f.Product, Variant: models.Variant{PageID: f.PageID, SKU: f.SKU, Title: f.Title, Option: f.Option, URL: f.URL, ImageURL: f.ImageURL}}
	v := &l.Variant
	var err error
	if f.Price != "" {
		if v.Currency, err = models.ParseCurrency(f.Currency); err != nil {
			return l, err
		}
		if v.PriceMinor, err = models.ParsePrice(f.Price, v.Currency); err != nil {
			return l, err
		}
	}
	if v.MinStock, err = wholeNumber("min_stock", f.MinStock, 1); err != nil {
		return l, err
	}
	if v.TokensPerUnit, err = wholeNumber("tokens_per_unit", f.TokensPerUnit, 0); err != nil {
		return l, err
	}
	v.RequestTitle = f.RequestTitle
	for _, field := range []struct {
		name, text string
		target     **int
	}{
		{"hold_down_seconds", f.HoldDownSeconds, &v.Rules.HoldDownSeconds}, {"ask_above", f.AskAbove, &v.Rules.AskAbove}, {"wave_minutes", f.WaveMinutes, &v.Rules.WaveMinutes},
	} {
		if *field.target, err = ownNumber(field.name, field.text); err != nil {
			return l, err
		}
	}
	if v.Rules.NewestFirst, err = ownOrder(f.Order); err != nil {
		return l, err
	}
	if f.Available != "" {
		n, err := wholeNumber("available", f.Available, 0)
		if err != nil {
			return l, err
		}
		l.Stock = &models.Stock{Available: n}
		if err := models.CheckStock(n); err != nil {
			return l, err
		}
	}
	return l, models.ValidateVariant(*v)
}

// showNew answers GET /products/new.
func (h productScreens) showNew(c echo.Context) error {
	return h.renderNew(c, http.StatusOK, views.ProductForm{PageID: c.QueryParam("page_id")})
}

func (h productScreens) renderNew(c echo.Context, status int, form views.ProductForm) error {
	frame, pages, err := h.frame(c)
	if err != nil {
		return err
	}
	frame.CurrentURL = "/products/new"
	return render(c, status, views.NewProduct(views.NewProductProps{Page: frame, Pages: pages, Form: form}))
}

// add answers POST /products/new. A SKU that the Page lists already is left as it is.
func (h productScreens) add(c echo.Context) error {
	ctx := c.Request().Context()
	form := typedProduct(c)
	listing, err := listingOf(form)
	if err == nil {
		err = knownPage(ctx, h.pages, form.PageID)
	}
	var v models.Variant
	if err == nil {
		v, err = h.work.AddProduct(ctx, listing)
	}
	if status, ok := mendable(err); ok {
		form.Err = err
		return h.renderNew(c, status, form)
	}
	if err != nil {
		return err
	}
	return h.done(c, views.NoticeProductAdded, numberPath("/products/", v.ID))
}
