package inventory

import (
	"fmt"
	"time"

	"bentornato/models"
)

// Square is Square, by the webhooks of an application.
const Square models.SourceKind = "square"

// square reads inventory.count.updated of Square's webhooks (square-go-sdk; developer.squareup.com, "Inventory
// Webhooks"). It names variations of Square's catalogue, which only the API can tell the SKU of.
type square struct{}

// Verify checks the signature over the address that was registered with Square and the raw body.
func (square) Verify(r Request) error {
	if len(r.Body) == 0 {
		return errUnsigned()
	}
	return verifyHMAC(r.Header.Get("X-Square-Hmacsha256-Signature"), r, append([]byte(r.URL), r.Body...))
}

func (square) Parse(r Request) (Result, error) {
	body, err := parseObject(r.Body)
	if err != nil {
		return Result{}, err
	}
	event, err := body.text("type")
	if err != nil {
		return Result{}, err
	}
	if event != "inventory.count.updated" {
		return Result{Empty: true}, nil
	}
	created, err := body.moment("created_at", time.RFC3339)
	if err != nil {
		return Result{}, err
	}
	data := body.child("data").child("object")
	counts, err := data.list("inventory_counts")
	if err != nil {
		return Result{}, err
	}
	report := models.StockReport{Key: reportKey(body.anyID("event_id")), At: firstTime(r.Now, created)}
	if report.Key == "" {
		report.Key = digest(string(r.Body))
	}
	for i, v := range counts {
		o, err := asObject(data.at(fmt.Sprintf("inventory_counts[%d]", i)), v)
		if err != nil {
			return Result{}, err
		}
		reference, counted, err := squareCount(o, r.Now)
		if err != nil {
			return Result{}, err
		}
		if counted {
			report.References = append(report.References, reference)
		}
	}
	return result(report), nil
}

// squareCount reads a count, and whether it is of things that can be sold: the others are sold, wasted or on their way.
func squareCount(o object, now time.Time) (models.StockReference, bool, error) {
	if state := o.told("state"); state != "" && state != "IN_STOCK" {
		return models.StockReference{}, false, nil
	}
	if kind := o.told("catalog_object_type"); kind != "" && kind != "ITEM_VARIATION" {
		return models.StockReference{}, false, nil
	}
	variation, err := o.needID("catalog_object_id")
	if err != nil {
		return models.StockReference{}, false, err
	}
	location, err := o.id("location_id")
	if err != nil {
		return models.StockReference{}, false, err
	}
	at, err := o.moment("calculated_at", time.RFC3339)
	if err != nil {
		return models.StockReference{}, false, err
	}
	reference := models.StockReference{VariantID: variation, LocationID: location}
	if !at.IsZero() {
		reference.At = firstTime(now, at)
	}
	if o.has("quantity") {
		n, err := o.quantity("quantity")
		if err != nil {
			return models.StockReference{}, false, err
		}
		reference.Stock = &models.Stock{Available: n}
	}
	return reference, true, nil
}

func (square) Reply(models.StockResult) Reply { return accepted() }
