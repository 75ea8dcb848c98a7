package restock

import (
	"bytes"
	"encoding/binary"
	"encoding/csv"
	"errors"
	"io"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"

	"bentornato/models"
)

// importLine is one line of a file, as far as it can be read without knowing what is listed.
type importLine struct {
	number  int
	listing models.Listing
	has     map[string]bool
	price   string
	wrong   string
	rule    string // that is broken
}

// importFile is a file that was read.
type importFile struct {
	lines []importLine
	// titled says that it has titles, and so can add products.
	titled bool
}

func readFile(file io.Reader) ([]byte, error) {
	raw, err := io.ReadAll(io.LimitReader(file, models.MaxImportBytes+1))
	if err != nil {
		return nil, models.Errorf(models.KindInvalid, "The file could not be read: %w", err)
	}
	if len(raw) > models.MaxImportBytes {
		return nil, models.Errorf(models.KindTooLarge, "The file is over %d MiB; split it.", models.MaxImportBytes>>20)
	}
	return raw, nil
}

// importText is a file's text in UTF-8. Excel writes three encodings: "CSV UTF-8" with a mark, "Unicode text" in UTF-16 with
// another, and its plain CSV in the code page of Windows.
func importText(raw []byte) ([]byte, error) {
	switch {
	case bytes.HasPrefix(raw, []byte("PK\x03\x04")):
		return nil, models.FieldErrorf("file_workbook", "This is an Excel workbook; in Excel choose Save as, then CSV, and send that.")
	case bytes.HasPrefix(raw, []byte("\xef\xbb\xbf")):
		raw = raw[3:]
	case bytes.HasPrefix(raw, []byte("\xff\xfe")):
		return utf16Text(raw[2:], binary.LittleEndian), nil
	case bytes.HasPrefix(raw, []byte("\xfe\xff")):
		return utf16Text(raw[2:], binary.BigEndian), nil
	}
	if utf8.Valid(raw) {
		return raw, nil
	}
	text, err := charmap.Windows1252.NewDecoder().Bytes(raw)
	if err != nil {
		return nil, models.Errorf(models.KindInvalid, "The file could not be read: %w", err)
	}
	return text, nil
}

func utf16Text(raw []byte, order binary.ByteOrder) []byte {
	units := make([]uint16, len(raw)/2)
	for i := range units {
		units[i] = order.Uint16(raw[2*i:])
	}
	return []byte(string(utf16.Decode(units)))
}

// parseImport reads a file's lines. One that cannot be read stands among them with what is wrong; an error means that the
// file as a whole cannot be.
func parseImport(raw []byte) (importFile, error) {
	raw, err := importText(raw)
	if err != nil {
		return importFile{}, err
	}
	before := 0 // lines of the file that stand before what r reads
	if bytes.HasPrefix(raw, []byte("sep=")) {
		raw, before = afterLines(raw, 1), 1 // a hint for Excel, not a heading
	}
	comma := separator(raw)
	r := newImportReader(raw, comma)
	cells, err := r.Read()
	if err != nil {
		return importFile{}, models.FieldErrorf("file_sku", "The file has no first line with the names of its columns: sku, title and so on.")
	}
	heading, err := readHeading(cells)
	if err != nil {
		return importFile{}, err
	}
	file := importFile{titled: heading.has("title")}
	decimals := decimalMark(comma)
	for n := 0; ; n++ {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			return file, nil
		}
		if n >= models.MaxImportLines {
			return importFile{}, models.Errorf(models.KindTooLarge, "The file has over %d lines; split it.", models.MaxImportLines)
		}
		var broken *csv.ParseError
		if errors.As(err, &broken) {
			file.lines = append(file.lines, importLine{number: before + broken.StartLine, wrong: "The quotes on this line do not match.", rule: models.RuleQuotes})
			if broken.Line > broken.StartLine {
				// A quote that nothing closes has swallowed the lines behind its own: they are read again.
				raw = afterLines(raw, broken.StartLine)
				before += broken.StartLine
				r = newImportReader(raw, comma)
			}
			continue
		}
		if err != nil {
			return importFile{}, models.Errorf(models.KindInvalid, "The file could not be read: %w", err)
		}
		number, _ := r.FieldPos(0)
		l, blank := readLine(record, heading, decimals)
		if blank {
			continue
		}
		if l.number = before + number; l.listing.Product != "" && l.listing.Variant.Title == "" && len(file.lines) > 0 {
			// Exports such as Shopify's write the title on the first line of a product alone.
			if above := file.lines[len(file.lines)-1].listing; above.Product == l.listing.Product {
				l.listing.Variant.Title = above.Variant.Title
			}
		}
		file.lines = append(file.lines, l)
	}
}

func newImportReader(raw []byte, comma rune) *csv.Reader {
	r := csv.NewReader(bytes.NewReader(raw))
	r.Comma, r.FieldsPerRecord, r.TrimLeadingSpace = comma, -1, true
	return r
}

// afterLines is what stands behind the first n lines.
func afterLines(raw []byte, n int) []byte {
	for range n {
		_, raw, _ = bytes.Cut(raw, []byte("\n"))
	}
	return raw
}

// separator is the one that stands most often in the first line.
func separator(raw []byte) rune {
	first, _, _ := bytes.Cut(raw, []byte("\n"))
	best, most := ',', 0
	for _, c := range ",;\t" {
		if n := bytes.Count(first, []byte(string(c))); n > most {
			best, most = c, n
		}
	}
	return best
}

// decimalMark is what a spreadsheet writes before decimals in a file with a separator: it takes semicolons where that is the
// comma. Tabs say nothing: 0.
func decimalMark(separator rune) rune {
	switch separator {
	case ';':
		return ','
	case ',':
		return '.'
	default:
		return 0
	}
}

// readLine reads a line. One that says nothing, as Excel leaves them at the end and Shopify writes them for further pictures,
// is blank.
func readLine(record []string, h importHeading, decimals rune) (l importLine, blank bool) {
	field := func(name string) string { return h.cell(record, name) }
	l.has = map[string]bool{"title": h.has("title"), "price": h.has("price", "sale_price"), "currency": h.has("currency"), "url": h.has("url"),
		"image_url": h.has("image_url", "variant_image"), "product": h.has("product"), "option": h.has("option") || len(h.parts) > 0}
	l.listing.Product = field("product")
	l.listing.Variant = models.Variant{SKU: field("sku"), Title: field("title"), Option: h.option(record), URL: field("url"),
		ImageURL: firstAddress(either(field("variant_image"), field("image_url"))), MinStock: 1}
	price, beside := models.SplitPrice(either(field("sale_price"), field("price")))
	l.price, l.has["currency"] = price, l.has["currency"] || beside != ""
	quantity := either(field("available"), field("in_stock"))
	if either(l.listing.Variant.SKU, l.listing.Variant.Title, l.price, field("available")) == "" {
		return l, true
	}
	err := readPrice(&l.listing.Variant, price, either(field("currency"), beside))
	if err == nil {
		l.listing.Stock, err = readStock(quantity, field("available") == "", decimals)
	}
	if err == nil {
		check := l.listing.Variant
		check.Title = either(check.Title, "-") // whether it needs one depends on what is listed
		err = models.ValidateVariant(check)
	}
	if err != nil {
		l.wrong, l.rule = models.MessageOf(err), ruleOf(err)
	}
	return l, false
}

// either is the first text that is not empty.
func either(texts ...string) string {
	for _, s := range texts {
		if s != "" {
			return s
		}
	}
	return ""
}

// firstAddress is the first of several addresses in one cell, as WooCommerce writes a product's pictures.
func firstAddress(cell string) string {
	first, rest, several := strings.Cut(cell, ", ")
	if several && strings.HasPrefix(rest, "http") {
		return first
	}
	return cell
}

// stockWords are what files say instead of a quantity, without accents.
var stockWords = map[string]bool{
	"si": true, "yes": true, "y": true, "true": true, "vero": true, "in stock": true, "instock": true, "disponibile": true, "available": true,
	"no": false, "n": false, "false": false, "falso": false, "out of stock": false, "outofstock": false, "esaurito": false, "non disponibile": false,
	"backorder": false, "onbackorder": false, "preorder": false, "available for order": false, "discontinued": false,
}

// readStock reads a quantity, or a word that says whether there is any; nil for an empty cell. flag says that the column
// holds yes and no, where 1 is yes.
func readStock(cell string, flag bool, decimals rune) (*models.Stock, error) {
	if cell == "" {
		return nil, nil //nolint:nilnil // the line says nothing of it
	}
	there, isWord := stockWords[plainHeading(cell)]
	if flag && (cell == "1" || cell == "0") {
		there, isWord = cell == "1", true
	}
	if isWord {
		return &models.Stock{Unknown: there}, nil
	}
	if flag {
		return nil, models.FieldErrorf("available", "%q is neither yes nor no.", cell)
	}
	n, err := models.ParseQuantity(cell, decimals)
	if err == nil {
		err = models.CheckStock(n)
	}
	return &models.Stock{Available: n}, err
}

func readPrice(v *models.Variant, price, currency string) error {
	if price == "" {
		return nil
	}
	var err error
	if v.Currency, err = models.ParseCurrency(currency); err != nil {
		return err
	}
	v.PriceMinor, err = models.ParsePrice(price, v.Currency)
	return err
}
