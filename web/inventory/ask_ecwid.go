package inventory

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"bentornato/models"
)

const ecwidPage = 100 // the most that Ecwid gives at once

// askEcwid asks Ecwid's REST API (v3) with an app's secret token of read_catalog; the account is the store's id.
func askEcwid(ctx context.Context, c caller, q models.PollAsk) (models.PollAnswer, error) {
	var answer models.PollAnswer
	get := func(path string, query url.Values) (object, error) {
		o, _, err := c.json(ctx, call{method: http.MethodGet, address: at(q.Address, url.PathEscape(q.Account), path), query: query,
			header: http.Header{"Authorization": {"Bearer " + q.Access}}})
		return o, err
	}
	if len(q.Lookups) > 0 {
		return eachLookup(q.Lookups, func(id string) error {
			o, err := get("products/"+url.PathEscape(id), nil)
			if err != nil {
				return err
			}
			return ecwidProduct(&answer, o)
		}, func() error {
			_, err := get("products", url.Values{"limit": {"1"}})
			return err
		}, &answer)
	}
	_, from, err := place(q.Position, "products")
	if err != nil {
		return answer, err
	}
	o, err := get("products", url.Values{"limit": {strconv.Itoa(ecwidPage)}, "offset": {strconv.Itoa(from)}, "sortBy": {"ADDED_TIME_ASC"}})
	if err != nil {
		return answer, err
	}
	list := o.children("items")
	for _, p := range list {
		if err := ecwidProduct(&answer, p); err != nil {
			return models.PollAnswer{}, err
		}
	}
	total, err := strconv.Atoi(o.told("total"))
	if err == nil && len(list) > 0 && from+len(list) < total {
		answer.Next = fmt.Sprintf("products:%d", from+len(list))
	}
	return answer, nil
}

// ecwidProduct reads a product, and its combinations where it has some: then those are what is sold.
func ecwidProduct(answer *models.PollAnswer, o object) error {
	p := models.CatalogueProduct{ID: o.anyID("id"), Title: o.told("name"), URL: o.told("url"), ImageURL: o.told("imageUrl"), Unlisted: o.fields["enabled"] == false}
	sold := o.children("combinations")
	own := len(sold) == 0
	if own {
		sold = []object{o}
	}
	for _, v := range sold {
		stock, err := ecwidStock(v)
		if err != nil {
			return badPage(err)
		}
		if p.Unlisted {
			stock = models.Stock{}
		}
		variant := models.CatalogueVariant{ID: v.anyID("id"), SKU: skuOf(v, "sku"), Price: v.price("price"), ImageURL: v.told("imageUrl")}
		if !own {
			// The ids of combinations are their own count, apart from those of products.
			variant.ID = p.ID + "/" + variant.ID
			var options []string
			for _, option := range v.children("options") {
				options = append(options, option.told("value"))
			}
			variant.Option = strings.Join(options, " / ")
			if variant.Price == "" {
				variant.Price = o.price("price")
			}
		}
		p.Variants, p.VariantIDs = append(p.Variants, variant), append(p.VariantIDs, variant.ID)
		answer.Items = append(answer.Items, models.PolledItem{VariantID: variant.ID, ProductID: p.ID, SKU: variant.SKU, Stock: &stock})
	}
	answer.Catalogue = append(answer.Catalogue, listed(p))
	return nil
}

func ecwidStock(o object) (models.Stock, error) {
	if o.fields["unlimited"] == true || !o.has("quantity") {
		return models.Stock{Unknown: o.fields["inStock"] != false}, nil
	}
	n, err := o.quantity("quantity")
	return models.Stock{Available: n}, err
}
