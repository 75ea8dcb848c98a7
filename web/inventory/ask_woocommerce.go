package inventory

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"

	"bentornato/models"
)

const wooPage = 100 // the most that WooCommerce gives at once

// wooPosition is where a round goes on: a page of products, and before it the variations of those of the page before.
type wooPosition struct {
	Page    int      `json:"page"`
	Parents []string `json:"parents,omitempty"`
	Inner   int      `json:"inner,omitempty"` // page of the first parent's variations
}

// askWooCommerce asks WooCommerce's REST API (wc/v3) with a consumer key and secret that may read: products page by page,
// and of each variable one its variations. A product's answer is what product.updated sends.
func askWooCommerce(ctx context.Context, c caller, q models.PollAsk) (models.PollAnswer, error) {
	get := func(path string, query url.Values) (object, http.Header, error) {
		return c.json(ctx, call{method: http.MethodGet, address: at(q.Address, "wp-json/wc/v3", path), query: query, user: q.Account, password: q.Access})
	}
	var answer models.PollAnswer
	if len(q.Lookups) > 0 {
		return eachLookup(q.Lookups, func(id string) error {
			o, _, err := get("products/"+url.PathEscape(id), nil)
			if err != nil {
				return err
			}
			return wooPolled(&answer, o)
		}, func() error {
			_, _, err := get("products", url.Values{"per_page": {"1"}})
			return err
		}, &answer)
	}
	p := wooPosition{Page: 1}
	if q.Position != "" {
		if err := json.Unmarshal([]byte(q.Position), &p); err != nil || p.Page == 0 || p.Page < -1 || (p.Page < 0 && len(p.Parents) == 0) || p.Inner < 0 {
			return answer, badPosition()
		}
	}
	path, page := "products", p.Page
	if len(p.Parents) > 0 {
		path, page = "products/"+url.PathEscape(p.Parents[0])+"/variations", p.Inner+1
	}
	o, header, err := get(path, url.Values{"per_page": {strconv.Itoa(wooPage)}, "page": {strconv.Itoa(page)}, "orderby": {"id"}, "order": {"asc"}})
	if err != nil && (len(p.Parents) == 0 || !gone(err)) {
		return answer, err
	}
	list := o.children("list")
	var parents []string
	for _, product := range list {
		if len(p.Parents) > 0 {
			// The list of variations does not say whose they are.
			product.fields["type"], product.fields["parent_id"] = "variation", p.Parents[0]
		} else if product.told("type") == "variable" {
			parents = append(parents, product.anyID("id"))
		}
		if err := wooPolled(&answer, product); err != nil {
			return answer, err
		}
	}
	more := len(list) == wooPage
	if total, err := strconv.Atoi(header.Get("X-WP-TotalPages")); err == nil {
		more = page < total
	}
	next := p
	switch {
	case len(p.Parents) == 0:
		next = wooPosition{Page: p.Page + 1, Parents: parents}
		if !more {
			next.Page = -1 // these were the last products
		}
	case more:
		next.Inner++
	default:
		next.Parents, next.Inner = p.Parents[1:], 0
	}
	return finishWoo(answer, next)
}

// finishWoo writes where the round goes on; with no products and no variations left it is over.
func finishWoo(answer models.PollAnswer, next wooPosition) (models.PollAnswer, error) {
	if next.Page < 0 && len(next.Parents) == 0 {
		return answer, nil
	}
	raw, err := json.Marshal(next)
	answer.Next = string(raw)
	return answer, err
}

// wooPolled reads a product as its webhook would tell of it.
func wooPolled(answer *models.PollAnswer, o object) error {
	report, err := wooProduct(o)
	if err != nil {
		return badPage(err)
	}
	answer.Catalogue = append(answer.Catalogue, report.Catalogue...)
	id, parent := o.anyID("id"), o.anyID("parent_id")
	if parent == "" {
		parent = id
	}
	for _, i := range report.Items {
		answer.Items = append(answer.Items, models.PolledItem{VariantID: id, ProductID: parent, SKU: i.SKU, Stock: &i.Stock})
	}
	return nil
}
