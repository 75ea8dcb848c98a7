package inventory

import (
	"context"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"bentornato/models"
)

const (
	// shopifyVersion is the version of Shopify's API that the fields here are those of; Shopify answers to a version that
	// ended with the oldest that did not.
	shopifyVersion = "2026-04"
	shopifyPage    = 100
	// shopifyCost is what a question may cost at most, below the 1000 points that Shopify takes; see shopifyFirst.
	shopifyCost = 900
	// maxShopifyLocations keeps twenty lookups within that cost.
	maxShopifyLocations = 15
)

// askShopify asks Shopify's Admin API (GraphQL) with a custom app's token of read_products, read_inventory and
// read_locations: variants page by page, each with the sum over all locations or the stock in each of the chosen ones.
func askShopify(ctx context.Context, c caller, q models.PollAsk) (models.PollAnswer, error) {
	var answer models.PollAnswer
	if len(q.Locations) > maxShopifyLocations {
		return answer, &models.PollError{Message: fmt.Sprintf("Shopify can be asked for at most %d locations.", maxShopifyLocations), Trouble: models.PollPlaces}
	}
	if len(q.Lookups) == 0 {
		return shopifyAsk(ctx, c, q, shopifyPages, map[string]any{"first": shopifyFirst(len(q.Locations)), "after": nullable(q.Position)})
	}
	ids, products := shopifyIDs(q.Lookups)
	for _, part := range []struct {
		query     string
		variables map[string]any
		asked     bool
	}{
		{shopifyNodes, map[string]any{"ids": ids}, len(ids) > 0},
		{shopifyOfProducts, map[string]any{"first": shopifyFirst(len(q.Locations)), "query": strings.Join(products, " OR ")}, len(products) > 0},
	} {
		if !part.asked {
			continue
		}
		more, err := shopifyAsk(ctx, c, q, part.query, part.variables)
		if err != nil {
			return models.PollAnswer{}, err
		}
		answer.Items, answer.Catalogue = append(answer.Items, more.Items...), append(answer.Catalogue, more.Catalogue...)
		answer.Wait = max(answer.Wait, more.Wait)
	}
	return answer, nil
}

// The questions; %[1]s declares the locations, and %[2]s are a variant's fields.
const (
	shopifyPages = `query($first: Int!, $after: String%[1]s) { shop { currencyCode }
		productVariants(first: $first, after: $after, sortKey: ID) { pageInfo { hasNextPage endCursor } nodes { %[2]s } } }`
	shopifyNodes = `query($ids: [ID!]!%[1]s) { shop { currencyCode }
		nodes(ids: $ids) { ... on ProductVariant { %[2]s } ... on InventoryItem { variant { %[2]s } } } }`
	shopifyOfProducts = `query($first: Int!, $query: String!%[1]s) { shop { currencyCode }
		productVariants(first: $first, query: $query, sortKey: ID) { nodes { %[2]s } } }`
)

// shopifyAsk makes one call and reads the variants in its answer.
func shopifyAsk(ctx context.Context, c caller, q models.PollAsk, query string, variables map[string]any) (models.PollAnswer, error) {
	var answer models.PollAnswer
	fields, declared, err := shopifyFields(q.Locations, variables)
	if err != nil {
		return answer, err
	}
	o, _, err := c.json(ctx, call{method: http.MethodPost, address: at(q.Address, "admin/api", shopifyVersion, "graphql.json"),
		header: http.Header{"X-Shopify-Access-Token": {q.Access}}, body: map[string]any{"query": fmt.Sprintf(query, declared, fields), "variables": variables}})
	if err != nil {
		return answer, err
	}
	if err := shopifyTrouble(o); err != nil {
		return answer, err
	}
	data := o.child("data")
	page := data.child("productVariants")
	nodes := page.children("nodes")
	for _, n := range data.children("nodes") {
		if n.has("variant") {
			n = n.child("variant")
		}
		if n.has("id") {
			nodes = append(nodes, n)
		}
	}
	for _, n := range nodes {
		if err := shopifyPolled(&answer, n, q.Locations, data.child("shop").currency("currencyCode")); err != nil {
			return models.PollAnswer{}, err
		}
	}
	if page.child("pageInfo").fields["hasNextPage"] == true {
		answer.Next = page.child("pageInfo").told("endCursor")
	}
	answer.Wait = shopifyWait(o)
	return answer, nil
}

func nullable(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// shopifyFields are what is asked of a variant; the locations' ids go into variables. Chosen locations are asked for one by
// one, so that none is missed however many the shop has.
func shopifyFields(locations []string, variables map[string]any) (fields, declared string, err error) {
	var levels strings.Builder
	for i, id := range locations {
		if strings.Trim(id, "0123456789") != "" {
			return "", "", &models.PollError{Message: fmt.Sprintf("%q is no location of Shopify; its id is a number.", models.Shorten(id, 40)), Trouble: models.PollPlaces}
		}
		name := "l" + strconv.Itoa(i)
		declared += ", $" + name + ": ID!"
		variables[name] = "gid://shopify/Location/" + id
		fmt.Fprintf(&levels, ` %s: inventoryLevel(locationId: $%s) { quantities(names: ["available"]) { quantity } }`, name, name)
	}
	return `id sku title price inventoryPolicy inventoryQuantity image { url }
		product { id title status onlineStoreUrl featuredMedia { preview { image { url } } } }
		inventoryItem { id tracked` + levels.String() + ` }`, declared, nil
}

// shopifyFirst is how many variants a page may hold within the cost of a question: an object costs a point.
func shopifyFirst(locations int) int {
	return max(1, min(shopifyPage, shopifyCost/(7+2*locations)))
}

// shopifyIDs are the global ids of the variants that were named, and search terms for whole products.
func shopifyIDs(lookups []models.Lookup) (ids, products []string) {
	for _, l := range lookups {
		switch {
		case l.StockID != "":
			ids = append(ids, "gid://shopify/InventoryItem/"+l.StockID)
		case l.VariantID != "":
			ids = append(ids, "gid://shopify/ProductVariant/"+l.VariantID)
		case l.ProductID != "" && strings.Trim(l.ProductID, "0123456789") == "":
			products = append(products, "product_id:"+l.ProductID)
		}
	}
	return ids, products
}

// shortID is the number at the end of a global id, as webhooks write it.
func shortID(gid string) string { return gid[strings.LastIndex(gid, "/")+1:] }

// shopifyTrouble reads the errors that stand beside, or in place of, the data of an answer with status 200.
func shopifyTrouble(o object) error {
	for _, e := range o.children("errors") {
		switch e.child("extensions").told("code") {
		case "THROTTLED":
			return &models.PollError{Message: "Shopify asks for fewer questions; they go on later by themselves.", Trouble: models.PollBusy, Wait: max(shopifyWait(o), time.Second)}
		case "ACCESS_DENIED":
			return &models.PollError{Message: "The access token may not read products, stock and locations. Give the app read_products, read_inventory and read_locations.", Trouble: models.PollRights}
		}
		if !o.has("data") {
			return &models.PollError{Message: "Shopify refused the question.", Trouble: models.PollRefused, Forget: true, Err: fmt.Errorf("%s", models.Shorten(e.told("message"), 200))}
		}
	}
	if !o.has("data") {
		return badPage(fmt.Errorf("no data"))
	}
	return nil
}

// shopifyWait is how long the bucket takes until the same question fits in again.
func shopifyWait(o object) time.Duration {
	cost := o.child("extensions").child("cost")
	bucket := cost.child("throttleStatus")
	number := func(o object, name string) float64 {
		f, err := strconv.ParseFloat(o.told(name), 64)
		if err != nil || math.IsNaN(f) {
			return 0
		}
		return f
	}
	need, has, rate := number(cost, "requestedQueryCost"), number(bucket, "currentlyAvailable"), number(bucket, "restoreRate")
	if rate <= 0 || need <= has {
		return 0
	}
	return min(time.Duration((need-has)/rate*float64(time.Second)), time.Minute)
}

// shopifyPolled reads a variant. An untracked one, and one that goes on selling at zero, is there in an unknown quantity.
func shopifyPolled(answer *models.PollAnswer, o object, locations []string, currency string) error {
	product, item := o.child("product"), o.child("inventoryItem")
	p := models.CatalogueProduct{ID: shortID(product.told("id")), Title: product.told("title"), URL: product.told("onlineStoreUrl"),
		ImageURL: product.child("featuredMedia").child("preview").child("image").told("url"), Unlisted: product.told("status") != "" && product.told("status") != "ACTIVE"}
	v := models.CatalogueVariant{ID: shortID(o.told("id")), StockID: shortID(item.told("id")), SKU: skuOf(o, "sku"), Price: o.price("price"), Currency: currency,
		ImageURL: o.child("image").told("url")}
	if title := o.told("title"); title != "Default Title" {
		v.Option = title
	}
	if v.ID == "" {
		return badPage(fmt.Errorf("a variant without an id"))
	}
	p.Variants = []models.CatalogueVariant{v}
	answer.Catalogue = append(answer.Catalogue, listed(p))
	polled := models.PolledItem{VariantID: v.ID, StockID: v.StockID, ProductID: p.ID, SKU: v.SKU}
	switch {
	case p.Unlisted:
		polled.Stock = &models.Stock{}
	case o.told("inventoryPolicy") == "CONTINUE" || item.fields["tracked"] == false:
		polled.Stock = &models.Stock{Unknown: true}
	case len(locations) == 0:
		n, err := o.quantity("inventoryQuantity")
		if err != nil {
			return badPage(err)
		}
		polled.Stock = &models.Stock{Available: n}
	default:
		for i, id := range locations {
			level := models.Level{LocationID: id}
			if quantities := item.child("l" + strconv.Itoa(i)).children("quantities"); len(quantities) > 0 {
				n, err := quantities[0].quantity("quantity")
				if err != nil {
					return badPage(err)
				}
				level.Available = n
			}
			polled.Levels = append(polled.Levels, level)
		}
	}
	answer.Items = append(answer.Items, polled)
	return nil
}
