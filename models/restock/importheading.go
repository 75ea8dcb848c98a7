package restock

import (
	"slices"
	"strings"
	"unicode"

	"bentornato/models"
)

// importNames are the headings that each column of a file is known by, as plainHeading writes them; of several that stand in
// one file the earliest here counts. The first is ours (contract, "Commands"), the others are what people call it in Italian
// and English and what the exports of shop systems have: of Shopify, WooCommerce, PrestaShop, Easyfatt, Fatture in Cloud,
// Ecwid, Square, BigCommerce, Odoo, Medusa and of catalogues for Facebook. Prices without tax are not among them, since no
// shopper pays those.
var importNames = map[string][]string{
	"sku": {"sku", "codice sku", "variant sku", "product sku", "product code sku", "item sku", "codice articolo", "cod articolo", "codice prodotto", "cod prodotto",
		"codice art", "cod art", "codice", "cod", "internal reference", "riferimento interno", "default code", "reference", "riferimento", "product code", "item code",
		"article number", "code", "id", "articolo"},
	"title": {"title", "titolo", "product title", "product name", "nome prodotto", "nome articolo", "item name", "nome", "name", "descrizione prodotto",
		"descrizione articolo", "descrizione", "description", "prodotto", "articolo"},
	"price": {"price", "prezzo", "variant price", "product price", "regular price", "prezzo di listino", "sales price", "prezzo di vendita", "prezzo vendita",
		"prezzo al pubblico", "prezzo ivato", "prezzo iva inclusa", "prezzo lordo", "price tax incl", "prezzo tasse incl", "list price", "listino 1 ivato"},
	"sale_price":    {"sale price", "prezzo in offerta", "prezzo scontato"},
	"currency":      {"currency", "valuta", "divisa"},
	"url":           {"url", "link", "permalink", "product url", "url prodotto", "product link", "link prodotto", "indirizzo web", "pagina web", "pagina"},
	"image_url":     {"image url", "immagine", "image", "image link", "image src", "images", "immagini", "url immagine", "link immagine", "picture", "foto", "product media main image url", "product thumbnail"},
	"variant_image": {"variant image"},
	"available": {"available", "quantity", "quantita", "qty", "stock", "q ta disponibile", "qta disponibile", "quantita disponibile", "available quantity", "quantity available",
		"disponibilita", "disponibile", "disponibili", "giacenza", "giacenze", "q ta giacenza", "qta giacenza", "giacenza attuale", "giacenza disponibile", "q ta", "qta", "esistenza",
		"stock quantity", "inventory quantity", "inventory", "variant inventory qty", "variant inventory quantity", "product quantity", "free qty", "qty available",
		"quantity on hand", "available not editable", "on hand", "on hand current", "stock level", "current stock", "current stock level", "quantity to sell on facebook",
		"scorte", "pezzi", "magazzino"},
	"in_stock": {"in stock", "stock status", "availability", "in magazzino", "stato magazzino"},
	"product":  {"product", "handle", "product handle", "item group id", "gruppo", "parent", "prodotto padre", "genitore"},
	"option":   {"option", "opzione", "variante", "variant", "variant title", "variation name"},
}

// optionParts are headings whose cells together name a variant, in the order in which they stand in the file.
var optionParts = []string{"option1 value", "option2 value", "option3 value", "taglia", "misura", "colore", "size", "color", "colour"}

// importHeading is where a file's columns stand.
type importHeading struct {
	column map[string]int // by our name
	parts  []int          // of the option, where the file has none of its own
}

// plainHeading is a heading in small letters without accents, with one space for everything that is no letter and no digit:
// "Q.tà disponibile" is "q ta disponibile".
func plainHeading(s string) string {
	words := strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	return strings.NewReplacer("à", "a", "á", "a", "è", "e", "é", "e", "ì", "i", "ò", "o", "ù", "u").Replace(strings.Join(words, " "))
}

// readHeading finds the columns in a file's first line. Without the one that names the SKU, or with nothing beside it, no
// line could be read.
func readHeading(cells []string) (importHeading, error) {
	h := importHeading{column: map[string]int{}}
	place := map[string]int{}
	for i, cell := range cells {
		name := plainHeading(cell)
		if _, twice := place[name]; !twice {
			place[name] = i
		}
		if slices.Contains(optionParts, name) {
			h.parts = append(h.parts, i)
		}
	}
	for column, names := range importNames {
		for _, name := range names {
			if i, ok := place[name]; ok {
				h.column[column] = i
				break
			}
		}
	}
	if h.has("sku", "title") && h.column["sku"] == h.column["title"] {
		delete(h.column, "title") // "articolo" is a code to one shop and a name to another: without a code beside it, it is one
	}
	if !h.has("sku") {
		return h, models.FieldErrorf("file_sku", "The first line has no column %q; it names the columns: sku and title, or sku and available for stock alone, and may have %s.",
			importColumns[0], strings.Join(importColumns[2:], ", "))
	}
	if len(h.column) == 1 && len(h.parts) == 0 {
		return h, models.FieldErrorf("file_title", "The first line names the SKU alone; it needs title, or available for stock alone.")
	}
	return h, nil
}

// has reports whether the file has one of the columns.
func (h importHeading) has(columns ...string) bool {
	return slices.ContainsFunc(columns, func(c string) bool {
		_, ok := h.column[c]
		return ok
	})
}

// cell is a line's text in a column; empty where the file has no such column, or the line ends before it.
func (h importHeading) cell(record []string, column string) string {
	if i, ok := h.column[column]; ok {
		return cellAt(record, i)
	}
	return ""
}

// option names the variant: by its own column, or by size and colour together. Shopify calls the only one "Default Title".
func (h importHeading) option(record []string) string {
	if h.has("option") {
		return h.cell(record, "option")
	}
	var parts []string
	for _, i := range h.parts {
		if part := cellAt(record, i); part != "" && part != "Default Title" {
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, " / ")
}

func cellAt(record []string, i int) string {
	if i >= len(record) {
		return ""
	}
	return undefused(strings.TrimSpace(record[i]))
}

// undefused takes away the quote that our own export puts before what a spreadsheet would run as a formula.
func undefused(cell string) string {
	if rest, ok := strings.CutPrefix(cell, "'"); ok && models.IsFormula(rest) {
		return rest
	}
	return cell
}
