package inventory

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"bentornato/models"
)

const ficPage = 100 // the most that Fatture in Cloud gives at once

// askFattureInCloud asks Fatture in Cloud's API (v2) with a token that may read products and stock; the account is the
// company's id. Its webhooks say ids and nothing else, so that without it they say nothing. One company may ask a
// thousand times an hour and 40,000 times a month (developers.fattureincloud.it, "Limits and Quotas"); a round every ten
// minutes, of nine pages or fewer, stays below both.
func askFattureInCloud(ctx context.Context, c caller, q models.PollAsk) (models.PollAnswer, error) {
	var answer models.PollAnswer
	get := func(path string, query url.Values) (object, error) {
		query.Set("fieldset", "detailed")
		o, _, err := c.json(ctx, call{method: http.MethodGet, address: at(q.Address, "c", url.PathEscape(q.Account), path), query: query,
			header: http.Header{"Authorization": {"Bearer " + q.Access}}})
		return o, err
	}
	if len(q.Lookups) > 0 {
		return eachLookup(q.Lookups, func(id string) error {
			o, err := get("products/"+url.PathEscape(id), url.Values{})
			if err != nil {
				return err
			}
			return ficProduct(&answer, o.child("data"))
		}, func() error {
			_, err := get("products", url.Values{"per_page": {"1"}})
			return err
		}, &answer)
	}
	_, page, err := place(q.Position, "products")
	if err != nil {
		return answer, err
	}
	page = max(page, 1)
	o, err := get("products", url.Values{"per_page": {strconv.Itoa(ficPage)}, "page": {strconv.Itoa(page)}, "sort": {"id"}})
	if err != nil {
		return answer, err
	}
	if _, ok := o.fields["data"].([]any); !ok {
		return answer, badPage(fmt.Errorf("no data"))
	}
	for _, p := range o.children("data") {
		if err := ficProduct(&answer, p); err != nil {
			return models.PollAnswer{}, err
		}
	}
	if last, err := strconv.Atoi(o.told("last_page")); err == nil && page < last {
		answer.Next = fmt.Sprintf("products:%d", page+1)
	}
	return answer, nil
}

// ficProduct reads a product. One whose stock is not kept (in_stock is false) is there in an unknown quantity.
func ficProduct(answer *models.PollAnswer, o object) error {
	id := o.anyID("id")
	if id == "" {
		return badPage(fmt.Errorf("a product without an id"))
	}
	stock := models.Stock{Unknown: true}
	if o.fields["in_stock"] != false && o.has("stock_current") {
		n, err := o.quantity("stock_current")
		if err != nil {
			return badPage(err)
		}
		stock = models.Stock{Available: n}
	}
	variant := models.CatalogueVariant{ID: id, SKU: skuOf(o, "code"), Price: o.price("gross_price")}
	if variant.Price != "" {
		variant.Currency = "EUR"
	}
	answer.Items = append(answer.Items, models.PolledItem{VariantID: id, ProductID: id, SKU: variant.SKU, Stock: &stock})
	answer.Catalogue = append(answer.Catalogue, listed(models.CatalogueProduct{ID: id, Title: o.told("name"), Variants: []models.CatalogueVariant{variant}}))
	return nil
}
