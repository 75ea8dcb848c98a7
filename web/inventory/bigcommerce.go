package inventory

import (
	"strings"

	"bentornato/models"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

// BigCommerce is BigCommerce, by the webhooks of its API.
const BigCommerce models.SourceKind = "bigcommerce"

// bigCommerce reads BigCommerce's webhooks (bigcommerce/docs, April 2026): Standard Webhooks whose key is the app's
// client secret as it stands. They name products and variants by ids, which only the API can tell the SKU of.
//
// Not confirmed: that every attempt is stamped anew, as the specification wants. With the method "relative", of what an order
// changed, the value is the change: it is never applied, and the shop is asked.
type bigCommerce struct{}

func (bigCommerce) Verify(r Request) error {
	return verifyStandard(r, func(secret string) []byte { return []byte(secret) })
}

func (bigCommerce) Parse(r Request) (Result, error) {
	body, err := parseObject(r.Body)
	if err != nil {
		return Result{}, err
	}
	scope, err := body.text("scope")
	if err != nil {
		return Result{}, err
	}
	created, err := body.seconds("created_at")
	if err != nil {
		return Result{}, err
	}
	report, err := bigCommerceNews(scope, body.child("data"))
	if err != nil {
		return Result{}, err
	}
	report.At = firstTime(r.Now, created, signedTime(r.Header))
	report.Key = reportKey(r.Header.Get(standardwebhooks.HeaderWebhookID))
	if report.Key == "" {
		// Two events of one second may share the hash, if nothing else tells them apart.
		report.Key = digest(scope, body.told("hash"), body.told("created_at"), string(r.Body))
	}
	return result(report), nil
}

func bigCommerceNews(scope string, data object) (models.StockReport, error) {
	refer := func(r models.StockReference) models.StockReport {
		return models.StockReport{References: []models.StockReference{r}}
	}
	switch scope {
	case "store/product/inventory/updated", "store/product/inventory/order/updated",
		"store/sku/inventory/updated", "store/sku/inventory/order/updated":
		r, err := bigCommerceStock(data)
		return refer(r), err
	case "store/product/created", "store/product/updated":
		id, err := data.needID("id")
		return refer(models.StockReference{ProductID: id}), err
	case "store/product/deleted":
		id, err := data.needID("id")
		return models.StockReport{Catalogue: []models.CatalogueProduct{{ID: id, Deleted: true}}}, err
	case "store/sku/created", "store/sku/updated", "store/sku/deleted":
		sku := data.child("sku")
		product, err := sku.needID("product_id")
		if err != nil {
			return models.StockReport{}, err
		}
		variant, err := sku.needID("variant_id")
		if scope == "store/sku/deleted" {
			return models.StockReport{Catalogue: []models.CatalogueProduct{{ID: product,
				Variants: []models.CatalogueVariant{{ID: variant, Deleted: true}}}}}, err
		}
		return refer(models.StockReference{ProductID: product, VariantID: variant}), err
	}
	if strings.HasPrefix(scope, "store/channel/") && strings.HasSuffix(scope, "/inventory/product/stock_changed") {
		product, err := data.needID("product_id")
		return refer(models.StockReference{ProductID: product, VariantID: data.anyID("variant_id"), LocationID: data.anyID("location_id")}), err
	}
	return models.StockReport{}, nil
}

// bigCommerceStock reads the stock over all locations of a variant, or of a product that is counted as one.
func bigCommerceStock(data object) (models.StockReference, error) {
	inventory := data.child("inventory")
	product, err := inventory.id("product_id")
	if err != nil {
		return models.StockReference{}, err
	}
	variant, err := inventory.id("variant_id")
	if err != nil {
		return models.StockReference{}, err
	}
	if product == "" && data.told("type") == "product" {
		if product, err = data.id("id"); err != nil {
			return models.StockReference{}, err
		}
	}
	if product == "" && variant == "" {
		return models.StockReference{}, invalid(inventory.at("product_id"), "is missing")
	}
	reference := models.StockReference{ProductID: product, VariantID: variant}
	method, err := inventory.text("method")
	if err != nil {
		return models.StockReference{}, err
	}
	if (method == "absolute" || method == "") && inventory.has("value") {
		n, err := inventory.quantity("value")
		if err != nil {
			return models.StockReference{}, err
		}
		reference.Stock = &models.Stock{Available: n}
	}
	return reference, nil
}

func (bigCommerce) Reply(models.StockResult) Reply { return accepted() }
