package web

import (
	"context"
	"net/http"

	"github.com/labstack/echo/v4"

	"bentornato/models"
	"bentornato/static"
	"bentornato/views"
)

// shopPerPage is how many products one page of the public list shows.
const shopPerPage = 48

// pageReader finds Pages.
type pageReader interface {
	Page(ctx context.Context, id string) (models.Page, error)
	Pages(ctx context.Context) ([]models.Page, error)
}

// variantLister lists what is sold.
type variantLister interface {
	ListVariants(ctx context.Context, q models.VariantQuery) ([]models.Variant, string, error)
}

// shopPage is the public list of a Page's products.
type shopPage struct {
	pages    pageReader
	products variantLister
	link     func(models.Variant) string
}

// show answers GET /shop/{page}. A list that the merchant did not switch on is not there, and neither is a Page that
// does not exist: the two answer alike.
func (h shopPage) show(c echo.Context) error {
	ctx := c.Request().Context()
	page, err := h.pages.Page(ctx, c.Param("page"))
	if err != nil && models.KindOf(err) != models.KindNotFound {
		return err
	}
	if err != nil || !page.Settings.PublicList {
		return models.Errorf(models.KindNotFound, "There is no public list here.")
	}
	variants, next, err := h.products.ListVariants(ctx, models.VariantQuery{PageID: page.ID, Text: c.QueryParam("q"),
		Limit: shopPerPage, Cursor: c.QueryParam("cursor")})
	if err != nil {
		return err
	}
	p := views.ShopProps{OnPage: page, Query: c.QueryParam("q"), Pager: views.Pager{Next: next}}
	for _, v := range variants {
		p.Rows = append(p.Rows, views.ShopRow{Variant: v, MessengerURL: h.link(v)})
	}
	// In the shop's language, whatever the reader's: the titles are in it.
	lang := models.Language(page.Locale)
	c.SetRequest(c.Request().WithContext(views.WithAssets(views.WithLanguage(ctx, lang), static.URL)))
	c.Response().Header().Set("Content-Language", lang)
	c.Response().Header().Set(echo.HeaderCacheControl, "public, max-age=30")
	return render(c, http.StatusOK, views.Shop(p))
}
