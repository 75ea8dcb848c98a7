package inventory

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"bentornato/models"
)

const bigCommercePage = 100

// askBigCommerce asks BigCommerce's catalogue (V3) with an account's API token that may read products; the account is the
// store's hash. Stock is that over all locations.
func askBigCommerce(ctx context.Context, c caller, q models.PollAsk) (models.PollAnswer, error) {
	var answer models.PollAnswer
	_, page, err := place(q.Position, "products")
	if err != nil {
		return answer, err
	}
	page = max(page, 1)
	query := url.Values{"include": {"variants,primary_image"}, "limit": {strconv.Itoa(bigCommercePage)}, "page": {strconv.Itoa(page)}, "sort": {"id"}}
	if len(q.Lookups) > 0 {
		var ids []string
		for _, l := range q.Lookups {
			if l.ProductID != "" {
				ids = append(ids, l.ProductID)
			}
		}
		if len(ids) == 0 {
			return answer, nil // a variant alone: the next round finds it
		}
		query.Set("id:in", strings.Join(ids, ","))
		query.Set("page", "1")
	}
	o, header, err := c.json(ctx, call{method: http.MethodGet, address: at(q.Address, "stores", url.PathEscape(q.Account), "v3/catalog/products"), query: query,
		header: http.Header{"X-Auth-Token": {q.Access}}})
	if err != nil {
		return answer, err
	}
	for _, p := range o.children("data") {
		if err := bigCommerceProduct(&answer, p); err != nil {
			return models.PollAnswer{}, err
		}
	}
	answer.Wait = bigCommerceWait(header)
	pages, err := strconv.Atoi(o.child("meta").child("pagination").told("total_pages"))
	if len(q.Lookups) == 0 && err == nil && page < pages {
		answer.Next = fmt.Sprintf("products:%d", page+1)
	}
	return answer, nil
}

// bigCommerceWait leaves the store alone once the last question of its window is spent, until the window ends.
func bigCommerceWait(h http.Header) time.Duration {
	left, err := strconv.Atoi(h.Get("X-Rate-Limit-Requests-Left"))
	reset, err2 := strconv.Atoi(h.Get("X-Rate-Limit-Time-Reset-Ms"))
	if err != nil || err2 != nil || left > 1 || reset < 0 {
		return 0
	}
	return time.Duration(reset) * time.Millisecond
}

// bigCommerceProduct reads a product. Where nothing is tracked it is there, in an unknown quantity; where the product is
// tracked as one, each variant shows its number.
func bigCommerceProduct(answer *models.PollAnswer, o object) error {
	p := models.CatalogueProduct{ID: o.anyID("id"), Title: o.told("name"), ImageURL: o.child("primary_image").told("url_standard"),
		Unlisted: o.fields["is_visible"] == false || o.told("availability") == "disabled"}
	variants := o.children("variants")
	if len(variants) == 0 {
		variants = []object{o}
	}
	for _, v := range variants {
		n, tracking := 0, o.told("inventory_tracking")
		var err error
		switch tracking {
		case "variant":
			n, err = v.quantity("inventory_level")
		case "product":
			n, err = o.quantity("inventory_level")
		}
		if err != nil {
			return badPage(err)
		}
		stock := models.Stock{Available: n, Unknown: tracking == "none" || tracking == ""}
		if p.Unlisted || v.fields["purchasing_disabled"] == true || o.told("availability") == "preorder" {
			stock = models.Stock{}
		}
		var options []string
		for _, value := range v.children("option_values") {
			options = append(options, value.told("label"))
		}
		price := v.price("calculated_price")
		if price == "" {
			price = o.price("price")
		}
		variant := models.CatalogueVariant{ID: v.anyID("id"), SKU: skuOf(v, "sku"), Option: strings.Join(options, " / "), Price: price, ImageURL: v.told("image_url")}
		if variant.SKU == "" && len(variants) == 1 {
			variant.SKU = skuOf(o, "sku")
		}
		p.Variants = append(p.Variants, variant)
		answer.Items = append(answer.Items, models.PolledItem{VariantID: variant.ID, ProductID: p.ID, SKU: variant.SKU, Stock: &stock})
	}
	answer.Catalogue = append(answer.Catalogue, listed(p))
	return nil
}
