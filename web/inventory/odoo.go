package inventory

import (
	"slices"
	"strings"
	"time"

	"bentornato/models"
)

// Odoo is Odoo, by an automation rule that sends a webhook notification.
const Odoo models.SourceKind = "odoo"

// odoo reads what "Send Webhook Notification" sends (Odoo 17 and later, ir.actions.server): the fields that the rule
// names, of one record. Odoo signs nothing, names nothing and tries nothing again, so the address is the secret. Of the
// models it knows stock.quant, the stock of a product at one location, and product.product and product.template, which
// name the SKU ("Internal Reference"). Odoo writes false for what is empty.
//
// Not confirmed: which fields people choose; what is not there is left as it is.
type odoo struct{}

func (odoo) Verify(r Request) error {
	if !isSecret(r.Query.Get(keyParam), r) {
		return errUnsigned()
	}
	return nil
}

// odooTime is how Odoo writes a time, of UTC.
const odooTime = "2006-01-02 15:04:05"

func (odoo) Parse(r Request) (Result, error) {
	body, err := parseObject(r.Body)
	if err != nil {
		return Result{}, err
	}
	for name, v := range body.fields {
		if v == false && !slices.Contains(odooFlags(), name) {
			delete(body.fields, name)
		}
	}
	model, err := body.text("_model")
	if err != nil {
		return Result{}, err
	}
	written, err := body.moment("write_date", odooTime, odooTime+".999999", time.RFC3339)
	if err != nil {
		return Result{}, err
	}
	var report models.StockReport
	switch model {
	case "stock.quant":
		report, err = odooQuant(body)
	case "product.product", "product.template":
		report, err = odooProduct(body, model == "product.template")
	case "":
		err = invalid("_model", "is missing; send it with Odoo's \"Send Webhook Notification\"")
	}
	if err != nil {
		return Result{}, err
	}
	report.Key, report.At = briefKey(r.Now, string(r.Body)), r.Now.UTC()
	if !written.IsZero() && model == "stock.quant" {
		// A product is not written to when its stock changes; a quant is, and the time tells one change from another.
		report.Key, report.At = digest(string(r.Body)), firstTime(r.Now, written)
	}
	return result(report), nil
}

// odooFlags are the fields whose false means false.
func odooFlags() []string {
	return []string{"active", "sale_ok", "is_published", "website_published", "is_storable"}
}

// odooLink reads a field that names another record: its id, or the id and the name.
func (o object) odooLink(name string) (string, error) {
	if pair, ok := o.fields[name].([]any); ok && len(pair) > 0 {
		return object{path: o.path, fields: map[string]any{name: pair[0]}}.id(name)
	}
	return o.id(name)
}

// odooQuant reads what is free at one location: what is there less what is promised.
func odooQuant(o object) (models.StockReport, error) {
	product, err := o.odooLink("product_id")
	if err != nil {
		return models.StockReport{}, err
	}
	if product == "" {
		return models.StockReport{}, invalid("product_id", "is missing; choose the field Product in the automation rule")
	}
	location, err := o.odooLink("location_id")
	if err != nil {
		return models.StockReport{}, err
	}
	reference := models.StockReference{VariantID: product, LocationID: location}
	switch {
	case o.has("available_quantity"):
		n, err := o.quantity("available_quantity")
		if err != nil {
			return models.StockReport{}, err
		}
		reference.Stock = &models.Stock{Available: n}
	case o.has("quantity"):
		stock, err := o.unreserved("quantity")
		if err != nil {
			return models.StockReport{}, err
		}
		reference.Stock = &stock
	}
	reference.Alone = reference.Stock != nil && location != ""
	return models.StockReport{References: []models.StockReference{reference}}, nil
}

// odooProduct reads a variant (product.product), or a product (product.template), whose stock is that of its only
// variant or else the sum of several, which is nothing that anybody waits for.
func odooProduct(o object, template bool) (models.StockReport, error) {
	id := o.anyID("_id", "id")
	sku, err := o.sku("default_code")
	if err != nil {
		return models.StockReport{}, err
	}
	gone := o.fields["active"] == false
	hidden := gone || o.fields["sale_ok"] == false || o.fields["is_published"] == false || o.fields["website_published"] == false
	stock, err := odooStock(o)
	if err != nil {
		return models.StockReport{}, err
	}
	if hidden {
		stock = &models.Stock{}
	}
	product := models.CatalogueProduct{ID: id, Title: o.told("name"), URL: o.told("website_url"), Unlisted: hidden}
	if product.Title == "" {
		product.Title = odooTitle(o.told("display_name"))
	}
	variant := models.CatalogueVariant{ID: id, SKU: sku, Price: o.price("lst_price")}
	if variant.Price == "" {
		variant.Price = o.price("list_price")
	}
	var report models.StockReport
	if template {
		if variant.ID, err = o.odooLink("product_variant_id"); err != nil {
			return models.StockReport{}, err
		}
		if n, err := o.quantity("product_variant_count"); err == nil && n > 1 {
			stock = nil
			variant = models.CatalogueVariant{}
		}
	} else if parent, err := o.odooLink("product_tmpl_id"); err != nil {
		return models.StockReport{}, err
	} else if parent != "" {
		product.ID = parent
	}
	if variant.ID != "" || variant.SKU != "" {
		product.Variants = []models.CatalogueVariant{variant}
	}
	switch {
	case stock == nil:
	case listable(sku):
		report.Items = []models.StockItem{{SKU: sku, Stock: *stock}}
	case variant.ID != "":
		report.References = []models.StockReference{{ProductID: product.ID, VariantID: variant.ID, Stock: stock}}
	}
	if product.ID != "" {
		report.Catalogue = []models.CatalogueProduct{listed(product)}
	}
	return report, nil
}

// odooStock is the stock of a product over all locations; nil where no quantity was chosen. What is free to use goes
// before what lies there, and a forecast ("virtual_available") is no stock.
func odooStock(o object) (*models.Stock, error) {
	if o.told("type") == "service" || o.fields["is_storable"] == false {
		return &models.Stock{Unknown: true}, nil
	}
	for _, name := range []string{"free_qty", "qty_available"} {
		if o.has(name) {
			n, err := o.quantity(name)
			if err != nil {
				return nil, err
			}
			return &models.Stock{Available: n}, nil
		}
	}
	return nil, nil //nolint:nilnil // not told
}

// odooTitle takes the SKU off a name like "[MUG-BLUE] Blue mug".
func odooTitle(name string) string {
	if _, title, ok := strings.Cut(name, "] "); ok && strings.HasPrefix(name, "[") {
		return title
	}
	return name
}

func (odoo) Reply(models.StockResult) Reply { return accepted() }
