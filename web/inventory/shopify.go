package inventory

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"bentornato/models"
)

// Shopify is Shopify, by the webhooks of the store's admin or of an app.
const Shopify models.SourceKind = "shopify"

// shopify reads the webhooks of a store's admin (Settings > Notifications > Webhooks), signed with the key that
// page shows, and those of an app, signed with the app's secret. products/create, products/update and variants/... name SKUs;
// inventory_levels/update names an inventory item at one location, which only the API can tell the variant of. An
// untracked variant, and one that goes on selling at zero, counts as in stock with the quantity unknown.
// Documentation: shopify.dev, "Verify webhook deliveries" and the topics' sample payloads.
type shopify struct{}

// shopifyHeader reads a header under both of its names: Shopify Events send it without the "X-".
func shopifyHeader(h http.Header, name string) string {
	if v := h.Get("X-Shopify-" + name); v != "" {
		return v
	}
	return h.Get("Shopify-" + name)
}

func (shopify) Verify(r Request) error {
	return verifyBodyHMAC(shopifyHeader(r.Header, "Hmac-Sha256"), r)
}

func (shopify) Parse(r Request) (Result, error) {
	var read func(Request, object) (models.StockReport, error)
	switch shopifyHeader(r.Header, "Topic") {
	case "products/update", "products/create":
		read = shopifyProduct
	case "products/delete":
		read = shopifyGone
	case "variants/in_stock", "variants/out_of_stock":
		read = shopifyVariant
	case "inventory_levels/update", "inventory_levels/connect", "inventory_levels/disconnect":
		read = shopifyLevel
	case "inventory_items/update":
		read = shopifyItem
	case "orders/create", "orders/paid", "orders/updated", "orders/cancelled":
		read = shopifyOrder
	default:
		return Result{Empty: true}, nil
	}
	body, err := parseObject(r.Body)
	if err != nil {
		return Result{}, err
	}
	updated, err := body.moment("updated_at", time.RFC3339)
	if err != nil {
		return Result{}, err
	}
	report, err := read(r, body)
	if err != nil {
		return Result{}, err
	}
	triggered, err := time.Parse(time.RFC3339, shopifyHeader(r.Header, "Triggered-At"))
	if err != nil {
		triggered = time.Time{}
	}
	report.At = firstTime(r.Now, updated, triggered.UTC())
	// The event id is no key: one bulk edit gives the same to several events.
	report.Key = reportKey(shopifyHeader(r.Header, "Webhook-Id"))
	if report.Key == "" {
		report.Key = digest(shopifyHeader(r.Header, "Topic"), string(r.Body))
	}
	return result(report), nil
}

func shopifyProduct(r Request, o object) (models.StockReport, error) {
	var report models.StockReport
	status, err := o.text("status")
	if err != nil {
		return report, err
	}
	if id := o.anyID("id"); id != "" && !o.has("variants") {
		// A subscription may leave fields out.
		return models.StockReport{References: []models.StockReference{{ProductID: id}}}, nil
	}
	variants, err := o.list("variants")
	if err != nil {
		return report, err
	}
	product := models.CatalogueProduct{ID: o.anyID("id"), Title: o.told("title"), URL: shopifyAddress(r.Header, o),
		Unlisted: status != "" && status != "active"}
	pictures := shopifyPictures(o)
	product.ImageURL = pictures[""]
	place := map[string]int{}
	for i, v := range variants {
		o, err := asObject(fmt.Sprintf("variants[%d]", i), v)
		if err != nil {
			return report, err
		}
		sku, err := o.sku("sku")
		if err != nil {
			return report, err
		}
		stock, err := shopifyStock(o)
		if err != nil {
			return report, err
		}
		if stock != nil && product.Unlisted {
			stock = &models.Stock{}
		}
		variant := models.CatalogueVariant{ID: o.anyID("id"), StockID: o.anyID("inventory_item_id"), SKU: sku,
			Option: shopifyOption(o), Price: o.price("price"), ImageURL: pictures[o.anyID("image_id")]}
		if product.URL != "" && variant.ID != "" && len(variants) > 1 {
			variant.URL = product.URL + "?variant=" + url.QueryEscape(variant.ID)
		}
		product.Variants = append(product.Variants, variant)
		switch at, again := place[sku]; {
		case !listable(sku) || stock == nil:
			// No variant of ours can have that SKU; by its id it may be known all the same.
			if variant.ID != "" {
				report.References = append(report.References, models.StockReference{ProductID: product.ID, VariantID: variant.ID,
					StockID: variant.StockID, Stock: stock})
			}
		case again:
			// Shopify lets variants share a SKU; what a shopper asks for is then any of them.
			report.Items[at].Stock = models.SharedStock(report.Items[at].Stock, *stock)
		default:
			place[sku] = len(report.Items)
			report.Items = append(report.Items, models.StockItem{SKU: sku, Stock: *stock})
		}
	}
	product.VariantIDs = shopifyVariantIDs(o, product.Variants)
	if product.ID != "" {
		report.Catalogue = []models.CatalogueProduct{listed(product)}
	}
	return report, nil
}

// shopifyVariant reads one variant, as an app is told that it is in stock or is not. Its product is not described.
func shopifyVariant(_ Request, o object) (models.StockReport, error) {
	id, err := o.needID("id")
	if err != nil {
		return models.StockReport{}, err
	}
	sku, err := o.sku("sku")
	if err != nil {
		return models.StockReport{}, err
	}
	stock, err := shopifyStock(o)
	if err != nil {
		return models.StockReport{}, err
	}
	if stock != nil && listable(sku) {
		return models.StockReport{Items: []models.StockItem{{SKU: sku, Stock: *stock}}}, nil
	}
	return models.StockReport{References: []models.StockReference{{ProductID: o.anyID("product_id"), VariantID: id, StockID: o.anyID("inventory_item_id"), Stock: stock}}}, nil
}

// shopifyStock reads a variant's stock over all locations; nil where it is not told, as to an app without the right to
// see it.
func shopifyStock(o object) (*models.Stock, error) {
	policy, err := o.text("inventory_policy")
	if err != nil {
		return nil, err
	}
	// Gone since API version 2024-07; before it, null says that nobody counts.
	management, said := o.fields["inventory_management"]
	quantity, counted := o.fields["inventory_quantity"]
	switch {
	case policy == "continue", said && management == nil, counted && quantity == nil:
		return &models.Stock{Unknown: true}, nil
	case !counted:
		return nil, nil //nolint:nilnil // not told
	}
	n, err := o.quantity("inventory_quantity")
	if err != nil {
		return nil, err
	}
	return &models.Stock{Available: n}, nil
}

// shopifyVariantIDs are all variants that a product has; nil where the payload does not say. Of a product with many
// variants the list of variants is cut, and variant_gids is whole.
func shopifyVariantIDs(o object, variants []models.CatalogueVariant) []string {
	var ids []string
	for _, v := range o.children("variant_gids") {
		gid := v.told("admin_graphql_api_id")
		if id := gid[strings.LastIndex(gid, "/")+1:]; id != "" {
			ids = append(ids, id)
		}
	}
	if len(ids) < len(variants) {
		return nil
	}
	return ids
}

// shopifyOption names a variant beside its siblings; the only one of a product is called "Default Title".
func shopifyOption(o object) string {
	if title := o.told("title"); title != "" && title != "Default Title" {
		return title
	}
	var options []string
	for _, name := range []string{"option1", "option2", "option3"} {
		if v := o.told(name); v != "" && v != "Default Title" {
			options = append(options, v)
		}
	}
	return strings.Join(options, " / ")
}

// shopifyPictures are a product's pictures by their ids, and the first by "".
func shopifyPictures(o object) map[string]string {
	pictures := map[string]string{}
	images := o.children("images")
	for _, image := range images {
		pictures[image.anyID("id")] = image.told("src")
	}
	switch first := o.child("image").told("src"); {
	case first != "":
		pictures[""] = first
	case len(images) > 0:
		pictures[""] = images[0].told("src")
	default:
		delete(pictures, "")
		if media := o.children("media"); len(media) > 0 {
			pictures[""] = media[0].child("preview_image").told("src")
		}
	}
	return pictures
}

// shopifyAddress is a product's page. The payload has only its name in the address; the shop's own domain stands in a
// header that the signature does not cover, so that nothing but Shopify's own domain is taken from it. It leads on to
// the shop's domain.
func shopifyAddress(h http.Header, o object) string {
	shop, handle := strings.ToLower(shopifyHeader(h, "Shop-Domain")), o.told("handle")
	name, ours := strings.CutSuffix(shop, ".myshopify.com")
	if !ours || name == "" || strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" || handle == "" {
		return ""
	}
	return "https://" + shop + "/products/" + url.PathEscape(handle)
}

func shopifyGone(_ Request, o object) (models.StockReport, error) {
	id, err := o.needID("id")
	if err != nil {
		return models.StockReport{}, err
	}
	return models.StockReport{Catalogue: []models.CatalogueProduct{{ID: id, Deleted: true}}}, nil
}

// shopifyLevel reads the stock of an inventory item at one location. A location that was disconnected says no number.
func shopifyLevel(_ Request, o object) (models.StockReport, error) {
	item, err := o.needID("inventory_item_id")
	if err != nil {
		return models.StockReport{}, err
	}
	location, err := o.id("location_id")
	if err != nil {
		return models.StockReport{}, err
	}
	reference := models.StockReference{StockID: item, LocationID: location}
	switch available, told := o.fields["available"]; {
	case told && available == nil:
		reference.Stock = &models.Stock{Unknown: true}
	case told:
		n, err := o.quantity("available")
		if err != nil {
			return models.StockReport{}, err
		}
		reference.Stock = &models.Stock{Available: n}
	}
	return models.StockReport{References: []models.StockReference{reference}}, nil
}

// shopifyItem reads that an inventory item changed: it says whether it is tracked, and no quantity.
func shopifyItem(_ Request, o object) (models.StockReport, error) {
	item, err := o.needID("id")
	if err != nil {
		return models.StockReport{}, err
	}
	return models.StockReport{References: []models.StockReference{{StockID: item}}}, nil
}

func shopifyOrder(_ Request, o object) (models.StockReport, error) {
	id, err := o.needID("id")
	if err != nil {
		return models.StockReport{}, err
	}
	placed, err := o.moment("created_at", time.RFC3339)
	if err != nil {
		return models.StockReport{}, err
	}
	order := models.OrderReport{ID: id, At: placed, Total: money(o.told("total_price"), o.currency("currency")),
		Void: o.has("cancelled_at") || o.fields["test"] == true}
	switch o.told("financial_status") {
	case "voided", "refunded", "expired":
		order.Void = true
	}
	var found traces
	found.add(o.told("landing_site"), o.told("landing_site_ref"), o.told("referring_site"), o.told("source_url"))
	for _, note := range o.children("note_attributes") {
		found.add(note.told("value"))
	}
	found.add(o.told("note"))
	for _, item := range o.children("line_items") {
		order.Lines = append(order.Lines, line(item.anyID("product_id"), item.anyID("variant_id"), item.told("sku"), item, "quantity"))
		for _, p := range item.children("properties") {
			found.add(p.told("value"))
		}
	}
	order.Traces = found
	return models.StockReport{Orders: []models.OrderReport{order}}, nil
}

func (shopify) Reply(models.StockResult) Reply { return accepted() }
