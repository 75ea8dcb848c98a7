package inventory

import (
	"fmt"
	"net/http"
	"time"

	"bentornato/models"
)

// Shopify is Shopify, by the webhooks of the store's admin or of an app.
const Shopify models.SourceKind = "shopify"

// shopify reads the webhooks of a store's admin (Settings > Notifications > Webhooks), signed with the key that
// page shows. Of its topics only products/create and products/update name SKUs; inventory_levels/update needs the
// API to find its variant. An untracked variant, and one that goes on selling at zero, counts as in stock with
// the quantity unknown. Documentation: shopify.dev, "Verify webhook deliveries" and the topics' sample payloads.
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
	topic := shopifyHeader(r.Header, "Topic")
	if topic != "products/update" && topic != "products/create" {
		return Result{Empty: true}, nil
	}
	product, err := parseObject(r.Body)
	if err != nil {
		return Result{}, err
	}
	status, err := product.text("status")
	if err != nil {
		return Result{}, err
	}
	updated, err := product.moment("updated_at", time.RFC3339)
	if err != nil {
		return Result{}, err
	}
	variants, err := product.list("variants")
	if err != nil {
		return Result{}, err
	}
	var items []models.StockItem
	place := map[string]int{}
	for i, v := range variants {
		item, err := shopifyVariant(fmt.Sprintf("variants[%d]", i), v)
		if err != nil {
			return Result{}, err
		}
		if !listable(item.SKU) {
			continue // no variant of ours can have it
		}
		if status != "" && status != "active" {
			item.Stock = models.Stock{}
		}
		// Shopify lets variants share a SKU; what a shopper asks for is then any of them.
		if at, again := place[item.SKU]; again {
			items[at].Stock = together(items[at].Stock, item.Stock)
			continue
		}
		place[item.SKU] = len(items)
		items = append(items, item)
	}
	if len(items) == 0 {
		return Result{Empty: true}, nil
	}
	triggered, err := time.Parse(time.RFC3339, shopifyHeader(r.Header, "Triggered-At"))
	if err != nil {
		triggered = time.Time{}
	}
	// The event id is no key: one bulk edit gives the same to several events.
	key := reportKey(shopifyHeader(r.Header, "Webhook-Id"))
	if key == "" {
		key = digest(topic, string(r.Body))
	}
	return Result{Report: models.StockReport{Key: key, At: firstTime(r.Now, updated, triggered.UTC()), Items: items}}, nil
}

func shopifyVariant(path string, v any) (models.StockItem, error) {
	o, err := asObject(path, v)
	if err != nil {
		return models.StockItem{}, err
	}
	sku, err := o.sku("sku")
	if err != nil || sku == "" {
		return models.StockItem{}, err
	}
	policy, err := o.text("inventory_policy")
	if err != nil {
		return models.StockItem{}, err
	}
	// Gone since API version 2024-07; before it, null says that nobody counts.
	management, said := o.fields["inventory_management"]
	quantity, counted := o.fields["inventory_quantity"]
	if policy == "continue" || (said && management == nil) || (counted && quantity == nil) {
		return models.StockItem{SKU: sku, Stock: models.Stock{Unknown: true}}, nil
	}
	n, err := o.quantity("inventory_quantity")
	if err != nil {
		return models.StockItem{}, err
	}
	return models.StockItem{SKU: sku, Stock: models.Stock{Available: n}}, nil
}

// together is the stock of two variants that share a SKU. One that is oversold takes nothing from the other.
func together(a, b models.Stock) models.Stock {
	switch {
	case a.Unknown || b.Unknown:
		return models.Stock{Unknown: true}
	case a.None() || b.None():
		return models.Stock{Available: max(a.Available, b.Available)}
	default:
		return models.Stock{Available: a.Available + b.Available}
	}
}

func (shopify) Reply(models.StockResult) Reply { return Reply{Status: http.StatusOK} }
