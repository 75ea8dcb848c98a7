package inventory

import (
	"html"
	"strings"
	"time"

	"bentornato/models"
)

// WooCommerce is WooCommerce, by the webhooks of its settings.
const WooCommerce models.SourceKind = "woocommerce"

// wooCommerce reads the webhooks of WooCommerce > Settings > Advanced (class-wc-webhook.php, 11.2). Changes of a
// variation come under product.updated as a product of type "variation". Its delivery id is no id: everything
// delivered in one second shares it.
type wooCommerce struct{}

const (
	wooTopic     = "X-WC-Webhook-Topic"
	wooSource    = "X-WC-Webhook-Source"
	wooSignature = "X-WC-Webhook-Signature"
)

// isWooPing tells the ping that WooCommerce sends when a webhook is saved: the form body webhook_id=142, without
// topic and signature. It must get exactly 200, and changes nothing.
func isWooPing(r Request) bool {
	id, ok := strings.CutPrefix(string(r.Body[:min(len(r.Body), 64)]), "webhook_id=")
	return ok && len(r.Body) <= 64 && id != "" && strings.Trim(id, "0123456789") == "" &&
		r.Header.Get(wooTopic) == "" && r.Header.Get(wooSignature) == ""
}

func (wooCommerce) Verify(r Request) error {
	if isWooPing(r) {
		return nil
	}
	return verifyBodyHMAC(r.Header.Get(wooSignature), r)
}

func (wooCommerce) Parse(r Request) (Result, error) {
	topic := r.Header.Get(wooTopic)
	var read func(object) (models.StockReport, error)
	switch topic {
	case "product.created", "product.updated", "product.restored":
		read = wooProduct
	case "product.deleted":
		read = wooGone
	case "order.created", "order.updated", "order.restored":
		read = wooOrder
	case "order.deleted":
		read = wooOrderGone
	case "action.woocommerce_product_set_stock_status", "action.woocommerce_variation_set_stock_status":
		read = wooChanged
	default:
		return Result{Empty: true}, nil
	}
	body, err := parseObject(r.Body)
	if err != nil {
		return Result{}, err
	}
	if body.has("code") && body.has("message") && !body.has("id") {
		return Result{}, invalid("body", "is WooCommerce's error %s instead of a product; let an administrator of the shop save the webhook again", show(body.fields["code"]))
	}
	modified, err := body.moment("date_modified_gmt", wooTime, time.RFC3339)
	if err != nil {
		return Result{}, err
	}
	if topic == "product.deleted" || topic == "order.deleted" {
		modified = time.Time{} // that of an edit before
	}
	report, err := read(body)
	if err != nil {
		return Result{}, err
	}
	report.Key, report.At = digest(string(r.Body), topic, r.Header.Get(wooSource)), firstTime(r.Now, modified)
	if modified.IsZero() {
		// Nothing in the body tells a second time from a repetition.
		report.Key = briefKey(r.Now, string(r.Body), topic, r.Header.Get(wooSource))
	}
	return result(report), nil
}

// wooTime is how WooCommerce writes a time of UTC.
const wooTime = "2006-01-02T15:04:05"

func wooProduct(o object) (models.StockReport, error) {
	var report models.StockReport
	sku, err := o.sku("sku")
	if err != nil {
		return report, err
	}
	stock, owned, err := wooStock(o)
	if err != nil {
		return report, err
	}
	product := wooDescription(o, sku)
	switch {
	case !owned:
	case stock != nil && listable(sku):
		report.Items = []models.StockItem{{SKU: sku, Stock: *stock}}
	case len(product.Variants) > 0 && product.Variants[0].ID != "":
		// No variant of ours can have that SKU, or nothing is told of the stock; by its id it may be known all the same.
		report.References = []models.StockReference{{ProductID: product.ID, VariantID: product.Variants[0].ID, Stock: stock}}
	}
	if product.ID != "" {
		report.Catalogue = []models.CatalogueProduct{listed(product)}
	}
	return report, nil
}

// wooDescription reads what is sold. A variation tells of its parent only the id and, at the beginning of its own
// name, the name.
func wooDescription(o object, sku string) models.CatalogueProduct {
	id, status := o.anyID("id"), o.told("status")
	product := models.CatalogueProduct{ID: id, Title: html.UnescapeString(o.told("name")), URL: o.told("permalink"),
		Unlisted: status != "" && status != "publish"}
	image := o.child("image").told("src") // as the list of a product's variations has it
	if images := o.children("images"); image == "" && len(images) > 0 {
		image = images[0].told("src")
	}
	variant := models.CatalogueVariant{ID: id, SKU: sku, Price: o.price("price")}
	switch parent := o.anyID("parent_id"); {
	case o.told("type") == "variation" && parent != "":
		product.ID, product.URL = parent, ""
		// A hidden variation hides its siblings no more than its picture is theirs.
		product.Unlisted, variant.Unlisted = false, product.Unlisted
		product.Title, variant.Option = wooTitle(product.Title, o)
		variant.URL, variant.ImageURL = o.told("permalink"), image
		product.Variants = []models.CatalogueVariant{variant}
		return product
	case o.told("type") == "variable":
		product.VariantIDs = wooVariations(o)
	case o.told("type") == "grouped" || o.told("type") == "external":
	default:
		product.Variants = []models.CatalogueVariant{variant}
	}
	product.ImageURL = image
	return product
}

// wooVariations are the ids of all variations of a product.
func wooVariations(o object) []string {
	list, _ := o.fields["variations"].([]any)
	var ids []string
	for i := range list[:min(len(list), MaxItems)] {
		one := object{fields: map[string]any{"id": list[i]}}
		if nested, ok := list[i].(map[string]any); ok {
			one.fields = nested
		}
		if id := one.anyID("id"); id != "" {
			ids = append(ids, id)
		}
	}
	return ids
}

// wooTitle parts a variation's name, "Ship Your Idea - Black, Large", into the product's and the option, which
// WooCommerce joins where the attributes are few and short.
func wooTitle(name string, o object) (title, option string) {
	var options []string
	for _, a := range o.children("attributes") {
		if v := html.UnescapeString(a.told("option")); v != "" {
			options = append(options, v)
		}
	}
	if at := strings.LastIndex(name, " - "); at > 0 {
		if words := strings.Split(name[at+3:], ", "); len(words) == len(options) {
			return name[:at], strings.Join(words, " / ")
		}
	}
	return name, strings.Join(options, " / ")
}

// wooStock reads a product's stock, nil where it is not told, and whether it has one of its own: the parent of a
// variable product shows a status, but what is sold is its variations. A product that is not published is not for
// sale; one that can only be ordered in advance (onbackorder, or a status that a plugin made up) is not there yet.
func wooStock(o object) (stock *models.Stock, owned bool, err error) {
	published, err := o.text("status")
	if err != nil {
		return nil, false, err
	}
	availability, err := o.text("stock_status")
	if err != nil {
		return nil, false, err
	}
	if there, said := o.fields["in_stock"].(bool); said && availability == "" {
		availability = "outofstock" // versions 1 and 2 of the API know only yes and no
		if there {
			availability = "instock"
		}
	}
	counted, err := wooCounted(o)
	if err != nil {
		return nil, false, err
	}
	if variations, _ := o.fields["variations"].([]any); !counted && (len(variations) > 0 || o.fields["type"] == "variable") {
		return nil, false, nil
	}
	var n int
	if counted {
		if n, err = o.quantity("stock_quantity"); err != nil {
			return nil, false, err
		}
	}
	switch {
	case published != "" && published != "publish":
		return &models.Stock{}, true, nil
	case availability == "" && !counted:
		return nil, true, nil
	case availability != "" && availability != "instock":
		return &models.Stock{Available: min(n, 0)}, true, nil
	default:
		return &models.Stock{Available: n, Unknown: !counted}, true, nil
	}
}

// wooCounted reports whether the quantity means something: manage_stock is true, or "parent" for a variation
// whose stock is kept at its parent, or is not told at all, and a quantity is given.
func wooCounted(o object) (bool, error) {
	given := o.has("stock_quantity") && o.fields["stock_quantity"] != "" // which some versions write for null
	managed, told := o.fields["manage_stock"]
	switch managed {
	case nil, "":
		return given && !told, nil
	case "parent", "yes":
		return given, nil
	case "no":
		return false, nil
	}
	counts, err := o.boolean("manage_stock")
	return counts && given, err
}

// wooGone reads a deletion: the core sends the id alone, of a product or of a variation.
func wooGone(o object) (models.StockReport, error) {
	id, err := o.needID("id")
	if err != nil {
		return models.StockReport{}, err
	}
	report := models.StockReport{Catalogue: []models.CatalogueProduct{{ID: id, Deleted: true,
		Variants: []models.CatalogueVariant{{ID: id, Deleted: true}}}}}
	if sku, err := o.sku("sku"); err == nil && listable(sku) {
		report.Items = []models.StockItem{{SKU: sku}}
	}
	return report, nil
}

// wooChanged reads that the status of a product's stock changed, and not to what: of the hook's arguments only the
// first is sent, the id.
func wooChanged(o object) (models.StockReport, error) {
	id, err := o.needID("arg")
	if err != nil {
		return models.StockReport{}, err
	}
	return models.StockReport{References: []models.StockReference{{VariantID: id}}}, nil
}

func wooOrder(o object) (models.StockReport, error) {
	id, err := o.needID("id")
	if err != nil {
		return models.StockReport{}, err
	}
	placed, err := o.moment("date_created_gmt", wooTime, time.RFC3339)
	if err != nil {
		return models.StockReport{}, err
	}
	order := models.OrderReport{ID: id, At: placed, Total: money(o.told("total"), o.currency("currency"))}
	switch o.told("status") {
	case "checkout-draft", "auto-draft":
		return models.StockReport{}, nil // a basket, as yet
	case "cancelled", "refunded", "failed", "trash":
		order.Void = true
	}
	var found traces
	// "Order attribution", in the core since 8.5, keeps the visit's first address and where it came from.
	for _, meta := range o.children("meta_data") {
		found.add(meta.told("value"))
	}
	found.add(o.told("customer_note"))
	for _, item := range o.children("line_items") {
		order.Lines = append(order.Lines, line(item.anyID("product_id"), item.anyID("variation_id"), item.told("sku"), item, "quantity"))
		for _, meta := range item.children("meta_data") {
			found.add(meta.told("value"))
		}
	}
	order.Traces = found
	return models.StockReport{Orders: []models.OrderReport{order}}, nil
}

func wooOrderGone(o object) (models.StockReport, error) {
	id, err := o.needID("id")
	if err != nil {
		return models.StockReport{}, err
	}
	return models.StockReport{Orders: []models.OrderReport{{ID: id, Void: true}}}, nil
}

func (wooCommerce) Reply(models.StockResult) Reply { return accepted() }
