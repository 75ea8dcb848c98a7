package restock

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"

	"bentornato/models"
	"bentornato/models/store"
)

// importBatch is how many lines share a transaction; a failure of the database undoes at most so many.
const importBatch = 200

// importColumns are the columns of a file; sku and title are required, others may be missing (contract, "Commands").
var importColumns = []string{"sku", "title", "price", "currency", "url", "image_url", "available", "product", "option"}

// ImportProducts reads products from CSV: with comma, semicolon or tab, with or without a byte order mark, decimal commas
// included, as Excel writes it in Italy. A wrong line never stops the others; a file whose heading cannot be read is
// refused whole.
func (s *Service) ImportProducts(ctx context.Context, pageID string, file io.Reader) (models.Imported, error) {
	var done models.Imported
	if _, err := s.store.Page(ctx, pageID); err != nil {
		return done, err
	}
	lines, err := readImport(file)
	if err != nil {
		return done, err
	}
	good, wrong := sortLines(lines)
	done.Wrong = wrong
	for batch := range slices.Chunk(good, importBatch) {
		if err := s.importLines(ctx, pageID, batch, &done); err != nil {
			return done, err
		}
	}
	slices.SortFunc(done.Wrong, func(a, b models.WrongLine) int { return a.Line - b.Line })
	return done, nil
}

// sortLines parts the lines that can be read from those that break a rule of the file or of a column. Of a SKU that stands
// twice the first line counts.
func sortLines(lines []importLine) (good []importLine, wrong []models.WrongLine) {
	seen := map[string]int{}
	for _, l := range lines {
		if first, twice := seen[l.listing.Variant.SKU]; twice && l.wrong == "" {
			l.wrong, l.rule = fmt.Sprintf("The SKU stands on line %d already.", first), models.RuleTwice
		}
		if l.wrong != "" {
			wrong = append(wrong, models.WrongLine{Line: l.number, SKU: l.listing.Variant.SKU, Why: l.wrong, Rule: l.rule})
			continue
		}
		seen[l.listing.Variant.SKU] = l.number
		good = append(good, l)
	}
	return good, wrong
}

func (s *Service) importLines(ctx context.Context, pageID string, batch []importLine, done *models.Imported) error {
	var (
		here   models.Imported
		halted []int64
	)
	err := s.store.Update(ctx, func(tx *store.Tx) error {
		here, halted = models.Imported{}, nil
		old, err := listedNow(ctx, tx.Reader, pageID, batch)
		if err != nil {
			return err
		}
		for _, l := range batch {
			l.listing.Variant.PageID = pageID
			var (
				saved models.Saved
				halt  []int64
			)
			err := tx.Savepoint(func(tx *store.Tx) error {
				// What the file does not say stays as it is.
				err := l.keepOld(old)
				if err != nil {
					return err
				}
				saved, halt, err = s.saveListing(ctx, tx, l.listing, models.SourceByFile)
				return err
			})
			switch {
			case err != nil && models.KindOf(err) == models.KindInvalid:
				here.Wrong = append(here.Wrong, models.WrongLine{Line: l.number, SKU: l.listing.Variant.SKU, Why: models.MessageOf(err), Rule: ruleOf(err)})
			case err != nil:
				return err
			case saved.Added:
				here.Added++
			default:
				here.Changed++
			}
			halted = append(halted, halt...)
		}
		return nil
	})
	if err != nil {
		return err
	}
	done.Added += here.Added
	done.Changed += here.Changed
	done.Wrong = append(done.Wrong, here.Wrong...)
	s.signal(halted)
	return nil
}

type importLine struct {
	number  int
	listing models.Listing
	has     map[string]bool
	price   string
	wrong   string
	rule    string // that is broken
}

// ruleOf is the rule that an error is about: its field's.
func ruleOf(err error) string {
	var e *models.Error
	if errors.As(err, &e) {
		return e.Field
	}
	return ""
}

// listed is what a Page lists already of a batch of lines.
type listed struct {
	variants map[string]models.Variant // by SKU
	products map[int64]string          // names by number
}

func listedNow(ctx context.Context, r store.Reader, pageID string, batch []importLine) (listed, error) {
	skus := make([]string, len(batch))
	for i, l := range batch {
		skus[i] = l.listing.Variant.SKU
	}
	var (
		old listed
		err error
	)
	if old.variants, err = r.VariantsOnPage(ctx, pageID, skus); err != nil {
		return old, err
	}
	old.products, err = r.ProductNames(ctx, slices.Collect(maps.Values(old.variants)))
	return old, err
}

// keepOld fills what the file has no column for from the variant that is there.
func (l *importLine) keepOld(there listed) error {
	v := &l.listing.Variant
	old, ok := there.variants[v.SKU]
	if !ok {
		return nil
	}
	v.MinStock, v.TokensPerUnit = old.MinStock, old.TokensPerUnit
	keep := func(column string, set func()) {
		if !l.has[column] {
			set()
		}
	}
	keep("price", func() { v.PriceMinor, v.Currency = old.PriceMinor, old.Currency })
	keep("url", func() { v.URL = old.URL })
	keep("image_url", func() { v.ImageURL = old.ImageURL })
	keep("option", func() { v.Option = old.Option })
	keep("product", func() { l.listing.Product = there.products[old.ProductID] })
	if l.price != "" && !l.has["currency"] && old.Currency != "" && old.Currency != v.Currency {
		v.Currency = old.Currency
		var err error
		v.PriceMinor, err = models.ParsePrice(l.price, v.Currency)
		return err
	}
	return nil
}

func readImport(file io.Reader) ([]importLine, error) {
	raw, err := readFile(file)
	if err != nil {
		return nil, err
	}
	return parseImport(raw)
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

func parseImport(raw []byte) ([]importLine, error) {
	raw = bytes.TrimPrefix(raw, []byte("\xef\xbb\xbf"))
	if !utf8.Valid(raw) {
		// Excel's plain "CSV", which is not the UTF-8 one, is written in the code page of Windows.
		var err error
		if raw, err = charmap.Windows1252.NewDecoder().Bytes(raw); err != nil {
			return nil, models.Errorf(models.KindInvalid, "The file could not be read: %w", err)
		}
	}
	before := 0 // lines of the file that stand before what r reads
	if bytes.HasPrefix(raw, []byte("sep=")) {
		raw, before = afterLines(raw, 1), 1 // a hint for Excel, not a heading
	}
	comma := separator(raw)
	r := newImportReader(raw, comma)
	heading, err := r.Read()
	if err != nil {
		return nil, models.Errorf(models.KindInvalid, "The file has no first line with the names of its columns: sku, title and so on.")
	}
	column := map[string]int{}
	for i, name := range heading {
		column[strings.ToLower(strings.TrimSpace(name))] = i
	}
	for _, needed := range importColumns[:2] {
		if _, ok := column[needed]; !ok {
			return nil, models.Errorf(models.KindInvalid, "The first line has no column %q; it needs sku and title, and may have %s.",
				needed, strings.Join(importColumns[2:], ", "))
		}
	}
	var lines []importLine
	for {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			return lines, nil
		}
		if len(lines) >= models.MaxImportLines {
			return nil, models.Errorf(models.KindTooLarge, "The file has over %d lines; split it.", models.MaxImportLines)
		}
		var broken *csv.ParseError
		if errors.As(err, &broken) {
			lines = append(lines, importLine{number: before + broken.StartLine, wrong: "The quotes on this line do not match.", rule: models.RuleQuotes})
			if broken.Line > broken.StartLine {
				// A quote that nothing closes has swallowed the lines behind its own: they are read again.
				raw = afterLines(raw, broken.StartLine)
				before += broken.StartLine
				r = newImportReader(raw, comma)
			}
			continue
		}
		if err != nil {
			return nil, models.Errorf(models.KindInvalid, "The file could not be read: %w", err)
		}
		number, _ := r.FieldPos(0)
		lines = append(lines, readLine(before+number, record, column))
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

func readLine(number int, record []string, column map[string]int) importLine {
	l := importLine{number: number, has: map[string]bool{}}
	field := func(name string) string {
		i, ok := column[name]
		if !ok {
			return ""
		}
		l.has[name] = true
		if i >= len(record) {
			return ""
		}
		return undefused(strings.TrimSpace(record[i]))
	}
	l.listing.Product = field("product")
	l.listing.Variant = models.Variant{SKU: field("sku"), Title: field("title"), Option: field("option"), URL: field("url"),
		ImageURL: field("image_url"), MinStock: 1}
	l.price = field("price")
	if err := readPrice(&l.listing.Variant, l.price, field("currency")); err != nil {
		l.wrong, l.rule = models.MessageOf(err), ruleOf(err)
		return l
	}
	if text := field("available"); text != "" {
		n, err := strconv.Atoi(strings.TrimSuffix(strings.TrimSuffix(text, ",0"), ".0"))
		if err != nil {
			l.wrong, l.rule = fmt.Sprintf("%q is no quantity; write a whole number.", text), "available"
			return l
		}
		l.listing.Stock = &models.Stock{Available: n}
		if err := models.CheckStock(n); err != nil {
			l.wrong, l.rule = models.MessageOf(err), ruleOf(err)
			return l
		}
	}
	if err := models.ValidateVariant(l.listing.Variant); err != nil {
		l.wrong, l.rule = models.MessageOf(err), ruleOf(err)
	}
	return l
}

// undefused takes away the quote that our own export puts before what a spreadsheet would run as a formula.
func undefused(cell string) string {
	if rest, ok := strings.CutPrefix(cell, "'"); ok && models.IsFormula(rest) {
		return rest
	}
	return cell
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
