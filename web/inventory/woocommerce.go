package inventory

import (
	"net/http"
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
	switch topic {
	case "product.created", "product.updated", "product.restored", "product.deleted":
	default:
		return Result{Empty: true}, nil
	}
	product, err := parseObject(r.Body)
	if err != nil {
		return Result{}, err
	}
	if product.has("code") && product.has("message") && !product.has("id") {
		return Result{}, invalid("body", "is WooCommerce's error %s instead of a product; let an administrator of the shop save the webhook again", show(product.fields["code"]))
	}
	sku, err := product.sku("sku")
	if err != nil {
		return Result{}, err
	}
	modified, err := product.moment("date_modified_gmt", "2006-01-02T15:04:05", time.RFC3339)
	if err != nil {
		return Result{}, err
	}
	if topic == "product.deleted" {
		// The core sends the id alone, and the date it may carry is that of an edit before.
		return wooResult(r, topic, sku, models.Stock{}, time.Time{})
	}
	stock, owned, err := wooStock(product)
	if err != nil {
		return Result{}, err
	}
	if !owned {
		return Result{Empty: true}, nil
	}
	return wooResult(r, topic, sku, stock, modified)
}

func wooResult(r Request, topic, sku string, stock models.Stock, at time.Time) (Result, error) {
	if !listable(sku) {
		return Result{Empty: true}, nil // no variant of ours can have it
	}
	return Result{Report: models.StockReport{
		Key:   digest(string(r.Body), topic, r.Header.Get(wooSource)),
		At:    firstTime(r.Now, at),
		Items: []models.StockItem{{SKU: sku, Stock: stock}},
	}}, nil
}

// wooStock reads a product's stock, and whether it has one of its own: the parent of a variable product shows a
// status, but what is sold is its variations. A product that is not published is not for sale; one that can only
// be ordered in advance (onbackorder, or a status that a plugin made up) is not there yet.
func wooStock(o object) (stock models.Stock, owned bool, err error) {
	published, err := o.text("status")
	if err != nil {
		return models.Stock{}, false, err
	}
	availability, err := o.text("stock_status")
	if err != nil {
		return models.Stock{}, false, err
	}
	counted, err := wooCounted(o)
	if err != nil {
		return models.Stock{}, false, err
	}
	if variations, _ := o.fields["variations"].([]any); !counted && (len(variations) > 0 || o.fields["type"] == "variable") {
		return models.Stock{}, false, nil
	}
	var n int
	if counted {
		if n, err = o.quantity("stock_quantity"); err != nil {
			return models.Stock{}, false, err
		}
	}
	switch {
	case published != "" && published != "publish":
		return models.Stock{}, true, nil
	case availability == "" && !counted:
		return models.Stock{}, false, invalid(o.at("stock_status"), "is missing")
	case availability != "" && availability != "instock":
		return models.Stock{Available: min(n, 0)}, true, nil
	default:
		return models.Stock{Available: n, Unknown: !counted}, true, nil
	}
}

// wooCounted reports whether the quantity means something: manage_stock is true, or "parent" for a variation
// whose stock is kept at its parent, and a quantity is given.
func wooCounted(o object) (bool, error) {
	switch o.fields["manage_stock"] {
	case nil:
		return false, nil
	case "parent":
		return o.has("stock_quantity"), nil
	}
	managed, err := o.boolean("manage_stock")
	return managed && o.has("stock_quantity"), err
}

func (wooCommerce) Reply(models.StockResult) Reply { return Reply{Status: http.StatusOK} }
