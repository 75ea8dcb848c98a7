package restock

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

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
	seen := map[string]int{}
	var batch []importLine
	flush := func() error {
		if len(batch) == 0 {
			return nil
		}
		err := s.importLines(ctx, pageID, batch, &done)
		batch = batch[:0]
		return err
	}
	for _, l := range lines {
		if first, twice := seen[l.listing.Variant.SKU]; twice && l.wrong == "" {
			l.wrong, l.rule = fmt.Sprintf("The SKU stands on line %d already.", first), models.RuleTwice
		}
		if l.wrong != "" {
			done.Wrong = append(done.Wrong, models.WrongLine{Line: l.number, SKU: l.listing.Variant.SKU, Why: l.wrong, Rule: l.rule})
			continue
		}
		seen[l.listing.Variant.SKU] = l.number
		batch = append(batch, l)
		if len(batch) == importBatch {
			if err := flush(); err != nil {
				return done, err
			}
		}
	}
	return done, flush()
}

func (s *Service) importLines(ctx context.Context, pageID string, batch []importLine, done *models.Imported) error {
	var (
		here   models.Imported
		halted []int64
	)
	err := s.store.Update(ctx, func(tx *store.Tx) error {
		here, halted = models.Imported{}, nil
		for _, l := range batch {
			l.listing.Variant.PageID = pageID
			var (
				saved models.Saved
				halt  []int64
			)
			err := tx.Savepoint(func(tx *store.Tx) error {
				// What the file does not say stays as it is.
				if err := l.keepOld(ctx, tx); err != nil {
					return err
				}
				var err error
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

// keepOld fills what the file has no column for from the variant that is there.
func (l *importLine) keepOld(ctx context.Context, tx *store.Tx) error {
	v := &l.listing.Variant
	old, err := tx.VariantBySKU(ctx, v.PageID, v.SKU)
	if models.KindOf(err) == models.KindNotFound {
		return nil
	}
	if err != nil {
		return err
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
	if l.price != "" && !l.has["currency"] && old.Currency != "" && old.Currency != v.Currency {
		v.Currency = old.Currency
		if v.PriceMinor, err = models.ParsePrice(l.price, v.Currency); err != nil {
			return err
		}
	}
	if l.has["product"] {
		return nil
	}
	product, err := tx.Product(ctx, old.ProductID)
	l.listing.Product = product.Name
	return err
}

func readImport(file io.Reader) ([]importLine, error) {
	raw, err := io.ReadAll(io.LimitReader(file, models.MaxImportBytes+1))
	if err != nil {
		return nil, models.Errorf(models.KindInvalid, "The file could not be read: %w", err)
	}
	if len(raw) > models.MaxImportBytes {
		return nil, models.Errorf(models.KindTooLarge, "The file is over %d MiB; split it.", models.MaxImportBytes>>20)
	}
	raw = bytes.TrimPrefix(raw, []byte("\xef\xbb\xbf"))
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
	before := 0 // lines of the file that stand before what r reads
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
		return strings.TrimSpace(record[i])
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
	}
	if err := models.ValidateVariant(l.listing.Variant); err != nil {
		l.wrong, l.rule = models.MessageOf(err), ruleOf(err)
	}
	return l
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
