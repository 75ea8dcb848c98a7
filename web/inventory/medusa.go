package inventory

import (
	"strings"

	"bentornato/models"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

// Medusa is Medusa 2, by a subscriber that its developer writes.
const Medusa models.SourceKind = "medusa"

// medusa reads what a subscriber of Medusa 2 posts. Medusa itself sends nothing: the merchant's developer writes some
// twenty lines that hand an event on, {"name","data":{"id"},"metadata"}, signed as the Standard Webhooks specification
// says or with the secret as a bearer token. The event alone says an id; a subscriber that asks the Inventory module
// first may add "sku", "stocked_quantity" and "reserved_quantity" (or "available") to the data, or post the generic
// body {"type":"stock.updated"}.
//
// Not confirmed: the events' names and fields are the reference's, without a payload that was seen.
type medusa struct{}

func (medusa) Verify(r Request) error { return verifySubscriber(r) }

// verifySubscriber checks a call from a program that somebody wrote for us: signed, or else with the secret itself as a
// bearer token or in the address. A signature that is there must be right.
func verifySubscriber(r Request) error {
	if r.Header.Get(standardwebhooks.HeaderWebhookSignature) != "" {
		return verifyStandard(r, signingKey)
	}
	token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if token == "" {
		token = r.Query.Get(keyParam)
	}
	if !isSecret(token, r) {
		return errUnsigned()
	}
	return nil
}

// subscriberKey names a call from a program that somebody wrote for us.
func subscriberKey(r Request) string {
	if id := r.Header.Get(standardwebhooks.HeaderWebhookID); id != "" {
		return reportKey(id)
	}
	return briefKey(r.Now, string(r.Body))
}

func (medusa) Parse(r Request) (Result, error) {
	body, err := parseObject(r.Body)
	if err != nil {
		return Result{}, err
	}
	if body.has("type") && !body.has("name") {
		return parseGeneric(r, body, subscriberKey(r))
	}
	name, err := body.text("name")
	if err != nil {
		return Result{}, err
	}
	if name == "" {
		return Result{}, invalid("name", "is missing; hand on the event's name and data, or send \"type\":\"stock.updated\"")
	}
	at, err := body.child("metadata").seconds("timestamp")
	if err != nil {
		return Result{}, err
	}
	report := models.StockReport{Key: subscriberKey(r), At: firstTime(r.Now, at, signedTime(r.Header))}
	for _, data := range medusaData(body) {
		if err := medusaEvent(&report, strings.TrimPrefix(strings.TrimPrefix(name, "inventory."), "product."), data); err != nil {
			return Result{}, err
		}
	}
	return result(report), nil
}

// medusaData is what an event is about: one thing, or several.
func medusaData(body object) []object {
	if many := body.children("data"); len(many) > 0 {
		return many
	}
	return []object{body.child("data")}
}

func medusaEvent(report *models.StockReport, name string, data object) error {
	thing, what, _ := strings.Cut(name, ".")
	if thing == "product-variant" && what == "deleted" {
		id, err := data.needID("id")
		report.Catalogue = append(report.Catalogue, models.CatalogueProduct{ID: data.anyID("product_id"),
			Variants: []models.CatalogueVariant{{ID: id, SKU: data.told("sku"), Deleted: true}}})
		return err
	}
	var reference models.StockReference
	id, err := data.id("id")
	if err != nil {
		return err
	}
	switch thing {
	case "inventory-level", "reservation-item", "reservation":
		reference = models.StockReference{StockID: data.anyID("inventory_item_id", "id"), LocationID: data.anyID("location_id")}
	case "inventory-item":
		reference = models.StockReference{StockID: id}
	case "product-variant", "variant":
		reference = models.StockReference{ProductID: data.anyID("product_id"), VariantID: id}
	case "created", "updated", "product": // of the product itself
		reference = models.StockReference{ProductID: id}
	case "deleted":
		if id == "" {
			return invalid(data.at("id"), "is missing")
		}
		report.Catalogue = append(report.Catalogue, models.CatalogueProduct{ID: id, Deleted: true})
		return nil
	default:
		return nil
	}
	stock, err := medusaStock(data)
	if err != nil {
		return err
	}
	sku, err := data.sku("sku")
	if err != nil {
		return err
	}
	switch {
	case stock != nil && listable(sku):
		// A level is the stock at one place; a subscriber that names the SKU beside it has but one, or has added them up.
		report.Items = append(report.Items, models.StockItem{SKU: sku, Stock: *stock})
	case reference == models.StockReference{}:
		return invalid(data.at("id"), "is missing")
	default:
		reference.Stock, reference.Alone = stock, stock != nil && reference.LocationID != ""
		report.References = append(report.References, reference)
	}
	return nil
}

// medusaStock reads what can be sold: what is stocked less what is reserved. Nil where it is not told.
func medusaStock(o object) (*models.Stock, error) {
	if o.fields["manage_inventory"] == false || o.fields["allow_backorder"] == true {
		return &models.Stock{Unknown: true}, nil
	}
	for _, name := range []string{"available", "available_quantity", "inventory_quantity"} {
		if o.has(name) {
			n, err := o.quantity(name)
			if err != nil {
				return nil, err
			}
			return &models.Stock{Available: n}, nil
		}
	}
	if !o.has("stocked_quantity") {
		return nil, nil //nolint:nilnil // not told
	}
	stock, err := o.unreserved("stocked_quantity")
	if err != nil {
		return nil, err
	}
	return &stock, nil
}

func (medusa) Reply(models.StockResult) Reply { return accepted() }
