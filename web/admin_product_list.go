package web

import (
	"context"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"bentornato/models"
	"bentornato/views"
)

// viewReader finds a user's saved views.
type viewReader interface {
	SavedViews(ctx context.Context, userID int64) ([]models.SavedView, error)
}

// viewKeeper keeps them.
type viewKeeper interface {
	SaveView(ctx context.Context, v models.SavedView) error
	DeleteView(ctx context.Context, userID, id int64) error
}

// productNamer finds the names that group variants.
type productNamer interface {
	ProductNames(ctx context.Context, variants []models.Variant) (map[int64]string, error)
}

// listScreen is the list of products, its saved views and its export.
type listScreen struct {
	office
	list  variantLister
	names productNamer
	views viewReader
	work  viewKeeper
}

// filterOf is the list's filter as an address or a form has it.
func filterOf(c echo.Context) models.VariantQuery {
	return models.VariantQuery{PageID: c.FormValue("page_id"), Text: typed(c, "q"), Availability: c.FormValue("availability"), Sort: c.FormValue("sort")}
}

// show answers GET /products; to htmx, which replaces the list alone, with the list alone.
func (h listScreen) show(c echo.Context) error {
	c.Response().Header().Add(echo.HeaderVary, "HX-Request")
	header := c.Request().Header
	p, err := h.props(c, c.QueryParam("cursor"))
	if err != nil {
		return err
	}
	if header.Get("HX-Request") != "" && header.Get("HX-History-Restore-Request") == "" {
		return render(c, http.StatusOK, views.ProductList(p))
	}
	return render(c, http.StatusOK, views.Products(p))
}

func (h listScreen) props(c echo.Context, cursor string) (views.ProductsProps, error) {
	ctx := c.Request().Context()
	frame, pages, err := h.frame(c)
	if err != nil {
		return views.ProductsProps{}, err
	}
	q := filterOf(c)
	p := views.ProductsProps{Page: frame, Query: q.Text, Availability: q.Availability, Sort: q.Sort, PageID: q.PageID, Pages: pages, Pager: views.Pager{Cursor: cursor}}
	q.Limit, q.Cursor = screenRows, cursor
	if p.Rows, p.Pager.Next, err = h.list.ListVariants(ctx, q); err != nil {
		return p, err
	}
	p.Views, err = h.views.SavedViews(ctx, frame.User.ID)
	return p, err
}

// saveView answers POST /products/views.
func (h listScreen) saveView(c echo.Context) error {
	p, err := h.props(c, "")
	if err != nil {
		return err
	}
	v := models.SavedView{UserID: userOf(c).ID, Name: typed(c, "view_name"), Query: p.Filter()}
	err = h.work.SaveView(c.Request().Context(), v)
	if status, ok := mendable(err); ok {
		p.CurrentURL = "/products"
		p.ViewForm = views.SavedViewForm{Name: v.Name, Err: err}
		return render(c, status, views.Products(p))
	}
	if err != nil {
		return err
	}
	return h.done(c, views.NoticeViewSaved, "/products?"+v.Query)
}

// deleteView answers POST /products/views/{id}/delete.
func (h listScreen) deleteView(c echo.Context) error {
	id, err := idOf(c)
	if err == nil {
		err = h.work.DeleteView(c.Request().Context(), userOf(c).ID, id)
	}
	if err != nil {
		return err
	}
	return h.done(c, views.NoticeViewDeleted, "/products")
}

// export answers GET /products.csv: the products that the filter finds, in the columns that an import takes, and after them
// what it does not.
func (h listScreen) export(c echo.Context) error {
	ctx := c.Request().Context()
	q := filterOf(c)
	q.Limit = exportPage
	list, next, err := h.list.ListVariants(ctx, q)
	if err != nil {
		return err
	}
	out, err := newSheet(c, "products.csv")
	if err != nil {
		return err
	}
	if err := out.row("sku", "title", "price", "currency", "url", "image_url", "available", "product", "option", "min_stock", "tokens_per_unit", "waiting"); err != nil {
		return err
	}
	for {
		names, err := h.names.ProductNames(ctx, list)
		if err != nil {
			return err
		}
		for _, v := range list {
			available, tokens := "", ""
			if !v.QuantityUnknown {
				available = strconv.Itoa(v.Available)
			}
			if v.TokensPerUnit > 0 {
				tokens = strconv.Itoa(v.TokensPerUnit)
			}
			err := out.row(v.SKU, v.Title, out.decimal(models.FormatPrice(v.PriceMinor, v.Currency)), v.Currency, v.URL, v.ImageURL, available,
				names[v.ProductID], v.Option, strconv.Itoa(v.MinStock), tokens, strconv.Itoa(v.Waiting))
			if err != nil {
				return err
			}
		}
		if next == "" {
			return out.end()
		}
		q.Cursor = next
		if list, next, err = h.list.ListVariants(ctx, q); err != nil {
			return err
		}
	}
}
