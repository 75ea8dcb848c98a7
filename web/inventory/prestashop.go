package inventory

import "bentornato/models"

// PrestaShop is PrestaShop, by its web service and, where there is one, a module that posts what it hears.
const PrestaShop models.SourceKind = "prestashop"

// prestaShop reads what a module of the shop's own posts. PrestaShop itself sends nothing (its issue 14976), so mostly
// it is asked, and this address stays silent. A module hears of stock by the hook actionUpdateQuantity and hands on its
// parameters, {"id_product","id_product_attribute","quantity","id_shop"}, with the product's "reference" where it knows
// it, or posts the generic body {"type":"stock.updated"}; signed as the Standard Webhooks specification says.
//
// Not confirmed: the hook's parameters are those of the documentation; there is no module in wide use that posts them.
type prestaShop struct{}

func (prestaShop) Verify(r Request) error { return verifySubscriber(r) }

func (prestaShop) Parse(r Request) (Result, error) {
	body, err := parseObject(r.Body)
	if err != nil {
		return Result{}, err
	}
	if body.has("type") && !body.has("id_product") {
		return parseGeneric(r, body, subscriberKey(r))
	}
	product, err := body.id("id_product")
	if err != nil {
		return Result{}, err
	}
	if product == "" {
		return Result{}, invalid("id_product", "is missing; PrestaShop sends no webhooks of its own, so that only a module's quantities are read here")
	}
	combination, err := body.id("id_product_attribute")
	if err != nil {
		return Result{}, err
	}
	n, err := body.quantity("quantity")
	if err != nil {
		return Result{}, err
	}
	sku, err := body.sku("reference")
	if err != nil {
		return Result{}, err
	}
	report := models.StockReport{Key: subscriberKey(r), At: firstTime(r.Now, signedTime(r.Header))}
	stock := models.Stock{Available: n}
	if listable(sku) {
		report.Items = []models.StockItem{{SKU: sku, Stock: stock}}
	} else {
		// Combination 0 is the product itself, and the sum of its combinations where it has some.
		report.References = []models.StockReference{{ProductID: product, VariantID: combination, Stock: &stock}}
	}
	return result(report), nil
}

func (prestaShop) Reply(models.StockResult) Reply { return accepted() }
