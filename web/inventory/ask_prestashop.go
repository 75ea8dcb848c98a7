package inventory

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"bentornato/models"
)

const (
	prestaPage = 500
	// maxPrestaCombined bounds the combinations that are read beside one page of quantities.
	maxPrestaCombined = 20 * prestaPage
	// prestaFields are what is asked of a product. Its price is without tax, which no shopper sees.
	prestaFields = "id,reference,name,active,available_for_order"
)

// askPrestaShop asks PrestaShop's web service with a key that may read products, combinations and stock_availables. It has
// no time of the last change, so each round reads everything: which references there are, then what is there of each.
//
// Not confirmed: that every shop answers in JSON (output_format=JSON, in the core since 1.5), and sorts by id.
func askPrestaShop(ctx context.Context, c caller, q models.PollAsk) (models.PollAnswer, error) {
	get := func(resource, display string, from int, filters url.Values) ([]object, error) {
		query := url.Values{"output_format": {"JSON"}, "display": {"[" + display + "]"}, "sort": {"[id_ASC]"}, "limit": {fmt.Sprintf("%d,%d", from, prestaPage)}}
		for name, values := range filters {
			query[name] = values
		}
		o, _, err := c.json(ctx, call{method: http.MethodGet, address: at(q.Address, "api", resource), query: query, user: q.Access})
		if err != nil {
			return nil, err
		}
		if o.has(resource) {
			return o.children(resource), nil
		}
		return nil, nil // nothing is there: the answer is an empty array
	}
	phase, from, err := place(q.Position, "products")
	if err != nil {
		return models.PollAnswer{}, err
	}
	if len(q.Lookups) > 0 {
		return prestaLookup(q.Lookups, get)
	}
	var (
		answer models.PollAnswer
		list   []object
		next   string
	)
	switch phase {
	case "products":
		next = "combinations:0"
		if list, err = get("products", prestaFields, from, nil); err == nil {
			for _, o := range list {
				prestaProduct(&answer, o)
			}
		}
	case "combinations":
		next = "stock:0"
		if list, err = get("combinations", "id,id_product,reference", from, nil); err != nil {
			break
		}
		var products []object
		if products, err = prestaOf(list, get); err == nil {
			prestaCombinations(&answer, list, products)
		}
	case "stock":
		if list, err = get("stock_availables", "id,id_product,id_product_attribute,quantity,out_of_stock", from, nil); err != nil {
			break
		}
		var products []object
		if products, err = prestaOf(list, get); err != nil {
			break
		}
		var combinations []object
		if combinations, err = prestaCombined(list, get); err == nil {
			err = prestaStock(&answer, list, prestaUnsold(products), prestaShared(products, combinations))
		}
	default:
		return answer, badPosition()
	}
	if err != nil {
		return models.PollAnswer{}, err
	}
	if answer.Next = next; len(list) == prestaPage {
		answer.Next = fmt.Sprintf("%s:%d", phase, from+prestaPage)
	}
	return answer, nil
}

// prestaOwn is the id of what is sold of a product that has no combinations, apart from the ids of those.
func prestaOwn(product string) string { return "p" + product }

func prestaProduct(answer *models.PollAnswer, o object) {
	id, sku := o.anyID("id"), skuOf(o, "reference")
	if id == "" {
		return
	}
	answer.Items = append(answer.Items, models.PolledItem{VariantID: prestaOwn(id), ProductID: id, SKU: sku})
	if sku == "" {
		return
	}
	// There is no address of its page.
	answer.Catalogue = append(answer.Catalogue, listed(models.CatalogueProduct{ID: id, Title: prestaText(o, "name"), Unlisted: prestaUnsold([]object{o})[id],
		Variants: []models.CatalogueVariant{{ID: prestaOwn(id), SKU: sku}}}))
}

// prestaText reads a text that a shop with several languages gives once for each; the first one stands for it.
func prestaText(o object, name string) string {
	if s := o.told(name); s != "" {
		return s
	}
	for _, one := range o.children(name) {
		if s := one.told("value"); s != "" {
			return s
		}
	}
	return ""
}

// prestaCombinations reads what is sold of products that come in several. The web service names a combination by its
// reference alone; what it is made of takes rights to three resources more.
func prestaCombinations(answer *models.PollAnswer, list, products []object) {
	of := make(map[string]object, len(products))
	for _, p := range products {
		of[p.anyID("id")] = p
	}
	off := prestaUnsold(products)
	for _, o := range list {
		id, product, sku := o.anyID("id"), o.anyID("id_product"), skuOf(o, "reference")
		answer.Items = append(answer.Items, models.PolledItem{VariantID: id, ProductID: product, SKU: sku})
		if p, ok := of[product]; ok && sku != "" && sku != skuOf(p, "reference") {
			answer.Catalogue = append(answer.Catalogue, listed(models.CatalogueProduct{ID: product, Title: prestaText(p, "name"), Unlisted: off[product],
				Variants: []models.CatalogueVariant{{ID: id, SKU: sku, Option: sku}}}))
		}
	}
}

// prestaOf are the products of some combinations or quantities, which do not say themselves what they are called and
// whether they are for sale.
func prestaOf(list []object, get func(resource, display string, from int, filters url.Values) ([]object, error)) ([]object, error) {
	var ids []string
	for _, o := range list {
		if id := o.anyID("id_product"); id != "" && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	return get("products", prestaFields, 0, prestaFilter("id", ids))
}

// prestaUnsold are the products that are switched off, or shown and not sold.
func prestaUnsold(products []object) map[string]bool {
	off := map[string]bool{}
	for _, o := range products {
		off[o.anyID("id")] = o.told("active") == "0" || o.told("available_for_order") == "0"
	}
	return off
}

func prestaFilter(field string, ids []string) url.Values {
	return url.Values{"filter[" + field + "]": {"[" + strings.Join(ids, "|") + "]"}}
}

// prestaCombination is the combination that a quantity is of; empty for the product itself.
func prestaCombination(o object) string {
	return strings.TrimLeft(o.anyID("id_product_attribute"), "0")
}

// prestaCombined are the combinations of the products whose own quantity, combination 0, stands among some quantities.
func prestaCombined(list []object, get func(resource, display string, from int, filters url.Values) ([]object, error)) ([]object, error) {
	var ids []string
	for _, o := range list {
		if id := o.anyID("id_product"); id != "" && prestaCombination(o) == "" {
			ids = append(ids, id)
		}
	}
	var all []object
	for len(ids) > 0 {
		page, err := get("combinations", "id,id_product,reference", len(all), prestaFilter("id_product", ids))
		if err != nil {
			return nil, err
		}
		if all = append(all, page...); len(page) < prestaPage || len(all) >= maxPrestaCombined {
			break
		}
	}
	return all, nil
}

// prestaShared are the products whose reference one of their own combinations has too. What is sold under it are the
// combinations, and the product's own quantity is their sum, which must not count once more.
func prestaShared(products, combinations []object) map[string]bool {
	reference, shared := map[string]string{}, map[string]bool{}
	for _, p := range products {
		reference[p.anyID("id")] = skuOf(p, "reference")
	}
	for _, c := range combinations {
		if product, sku := c.anyID("id_product"), skuOf(c, "reference"); sku != "" && sku == reference[product] {
			shared[product] = true
		}
	}
	return shared
}

// prestaStock reads quantities. One that may be ordered beyond its end (out_of_stock 1) counts as there, in an unknown
// quantity. Combination 0 of a product that has combinations is their sum, and ours only if it has a reference of its own.
func prestaStock(answer *models.PollAnswer, list []object, off, shared map[string]bool) error {
	for _, o := range list {
		n, err := o.quantity("quantity")
		if err != nil {
			return badPage(err)
		}
		stock := models.Stock{Available: n}
		if n <= 0 && o.told("out_of_stock") == "1" {
			stock = models.Stock{Unknown: true}
		}
		product, combination := o.anyID("id_product"), prestaCombination(o)
		own := combination == ""
		if off[product] || (own && shared[product]) {
			stock = models.Stock{}
		}
		if own {
			combination = prestaOwn(product)
		}
		answer.Items = append(answer.Items, models.PolledItem{VariantID: combination, ProductID: product, Stock: &stock})
	}
	return nil
}

// prestaLookup asks for the stock of the products that were named.
func prestaLookup(lookups []models.Lookup, get func(resource, display string, from int, filters url.Values) ([]object, error)) (models.PollAnswer, error) {
	var answer models.PollAnswer
	var ids []string
	for _, l := range lookups {
		if l.ProductID != "" {
			ids = append(ids, url.PathEscape(l.ProductID))
		}
	}
	if len(ids) == 0 {
		return answer, nil
	}
	products, err := get("products", prestaFields, 0, prestaFilter("id", ids))
	if err != nil {
		return answer, err
	}
	combinations, err := get("combinations", "id,id_product,reference", 0, prestaFilter("id_product", ids))
	if err != nil {
		return answer, err
	}
	stock, err := get("stock_availables", "id,id_product,id_product_attribute,quantity,out_of_stock", 0, prestaFilter("id_product", ids))
	if err != nil {
		return answer, err
	}
	for _, o := range products {
		prestaProduct(&answer, o)
	}
	prestaCombinations(&answer, combinations, products)
	return answer, prestaStock(&answer, stock, prestaUnsold(products), prestaShared(products, combinations))
}

// skuOf reads a SKU that a variant of ours can have; "" for every other.
func skuOf(o object, name string) string {
	sku, err := o.sku(name)
	if err != nil || !listable(sku) {
		return ""
	}
	return sku
}
