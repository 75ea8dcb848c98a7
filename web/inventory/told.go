package inventory

import (
	"encoding/json"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"bentornato/models"
)

// What systems tell beside the stock, of products and orders, is read leniently: a title that is no text must not keep
// a stock report from being applied. What cannot be used is left out.

// maxTold is the longest text that is kept of a shop's notes, in bytes: none that carries a link's code is longer.
const maxTold = 4096

// maxTraces is how many texts of one order are searched for a link's code.
const maxTraces = 200

// id reads a field that names something: a string, or a number as it is written. Absent, null, false and zero, with
// which systems write "none", give "".
func (o object) id(name string) (string, error) {
	switch v := o.fields[name].(type) {
	case nil:
		return "", nil
	case json.Number:
		if strings.Trim(v.String(), "0.-") == "" {
			return "", nil
		}
		return asID(o.at(name), v.String())
	case string:
		return asID(o.at(name), strings.TrimSpace(v))
	case bool:
		if !v {
			return "", nil
		}
	}
	return "", invalid(o.at(name), "%s is no id", show(o.fields[name]))
}

func asID(path, s string) (string, error) {
	if utf8.RuneCountInString(s) > models.MaxOrderID || strings.ContainsFunc(s, unicode.IsControl) {
		return "", invalid(path, "%s is no id: it is longer than %d characters, or holds a control character", show(s), models.MaxOrderID)
	}
	return s, nil
}

// needID reads a field that must name something.
func (o object) needID(name string) (string, error) {
	id, err := o.id(name)
	if err == nil && id == "" {
		err = invalid(o.at(name), "is missing")
	}
	return id, err
}

// anyID reads the first of the fields that names something, and "" where none does.
func (o object) anyID(names ...string) string {
	for _, name := range names {
		if id, err := o.id(name); err == nil && id != "" {
			return id
		}
	}
	return ""
}

// told reads a text, or a number as it is written; "" for everything else.
func (o object) told(name string) string {
	switch v := o.fields[name].(type) {
	case string:
		return strings.TrimSpace(v)
	case json.Number:
		return v.String()
	}
	return ""
}

// child returns a field that holds an object; an empty one where it does not.
func (o object) child(name string) object {
	fields, _ := o.fields[name].(map[string]any)
	return object{path: o.at(name), fields: fields}
}

// children returns the objects of a field that holds an array, at most MaxItems.
func (o object) children(name string) []object {
	list, _ := o.fields[name].([]any)
	list = list[:min(len(list), MaxItems)]
	var children []object
	for _, v := range list {
		if fields, ok := v.(map[string]any); ok {
			children = append(children, object{path: o.at(name), fields: fields})
		}
	}
	return children
}

// seconds reads a time in seconds, or milliseconds, since 1970, as a number or as text; absent and null give the zero
// time.
func (o object) seconds(name string) (time.Time, error) {
	if !o.has(name) {
		return time.Time{}, nil
	}
	n, err := strconv.ParseInt(o.told(name), 10, 64)
	if err != nil || n <= 0 {
		return time.Time{}, invalid(o.at(name), "%s is no time in seconds", show(o.fields[name]))
	}
	return models.EventTime(n), nil
}

// price reads an amount into the form of models.CatalogueVariant.Price; "" where there is none.
func (o object) price(name string) string { return decimal(o.told(name)) }

// decimal returns an amount that is written with a point and without separators, and "" for everything else and for
// amounts below zero.
func decimal(s string) string {
	if _, err := models.ParseDecimal(s, "EUR"); err != nil || strings.HasPrefix(s, "-") {
		return ""
	}
	return s
}

// currency reads a currency's three letters; "" where there are none.
func (o object) currency(name string) string {
	if o.told(name) == "" {
		return ""
	}
	c, err := models.ParseCurrency(o.told(name))
	if err != nil {
		return ""
	}
	return c
}

// money is an order's total; zero where it says nothing that can be counted.
func money(amount, currency string) models.Money {
	if currency == "" {
		return models.Money{}
	}
	m, err := models.ParseDecimal(amount, currency)
	if err != nil || m.Minor < 0 || m.Minor > 1<<50 {
		return models.Money{}
	}
	return m
}

// listed returns a product as a catalogue can take it: texts cut to their limits, addresses that are none left out.
func listed(p models.CatalogueProduct) models.CatalogueProduct {
	p.Title = plain(p.Title, models.MaxTitle)
	p.URL, p.ImageURL = webAddress(p.URL), webAddress(p.ImageURL)
	for i := range p.Variants {
		v := &p.Variants[i]
		if !listable(v.SKU) {
			v.SKU = ""
		}
		v.Option = plain(v.Option, models.MaxOption)
		v.URL, v.ImageURL = webAddress(v.URL), webAddress(v.ImageURL)
	}
	return p
}

// plain is a text on one line, without control characters, cut at a word.
func plain(s string, limit int) string {
	s = strings.ToValidUTF8(s, "")
	s = strings.Join(strings.FieldsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }), " ")
	return models.Shorten(s, limit)
}

// webAddress returns an address that a product may have; "" for everything else. One without a scheme, as pages of
// the same site are linked, is taken for https.
func webAddress(s string) string {
	s = strings.TrimSpace(s)
	if strings.HasPrefix(s, "//") {
		s = "https:" + s
	}
	u, err := url.Parse(s)
	if err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.Host == "" || len(s) > models.MaxURL {
		return ""
	}
	return s
}

// traces are the texts of an order that may carry a link's code.
type traces []string

func (t *traces) add(texts ...string) {
	for _, s := range texts {
		s = strings.TrimSpace(s)
		if s != "" && len(s) <= maxTold && len(*t) < maxTraces && utf8.ValidString(s) {
			*t = append(*t, s)
		}
	}
}

// line is one line of an order. A quantity that is none counts as one: something was bought.
func line(productID, variantID, sku string, o object, quantity string) models.OrderLine {
	n, err := o.quantity(quantity)
	if err != nil || n < 0 {
		n = 1
	}
	if !listable(sku) {
		sku = ""
	}
	return models.OrderLine{ProductID: productID, VariantID: variantID, SKU: sku, Quantity: n}
}

// window is how long the same bytes from a system without ids of its own count as the same call.
const window = 5 * time.Minute

// briefKey names a call of a system that gives it neither an id nor a time: the same bytes within a short while are the
// same call, and later ones news, since stock that was sold out in between comes back with the same words.
func briefKey(now time.Time, parts ...string) string {
	return digest(append(parts, now.UTC().Truncate(window).Format(time.RFC3339))...)
}

// result is what a report comes to: nothing to apply where it says nothing.
func result(report models.StockReport) Result {
	if len(report.Items)+len(report.References)+len(report.Catalogue)+len(report.Orders) == 0 {
		return Result{Empty: true}
	}
	return Result{Report: report}
}
