package restock

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"

	"bentornato/models"
	"bentornato/models/store"
)

// importBatch is how many lines share a transaction; a failure of the database undoes at most so many.
const importBatch = 200

// importColumns are the columns of a file; sku is required, and title for what is not listed yet; others may be missing
// (contract, "Commands").
var importColumns = []string{"sku", "title", "price", "currency", "url", "image_url", "available", "product", "option"}

// ImportProducts reads products, or the stock of products that are listed, from CSV: with comma, semicolon or tab, in the
// encodings of Excel, with decimal commas, and under the names that other systems give the columns. A wrong line never stops
// the others; a file whose heading cannot be read, and one without titles of which no SKU is listed, is refused whole.
func (s *Service) ImportProducts(ctx context.Context, pageID string, file io.Reader) (models.Imported, error) {
	var done models.Imported
	if _, err := s.store.Page(ctx, pageID); err != nil {
		return done, err
	}
	raw, err := readFile(file)
	if err != nil {
		return done, err
	}
	parsed, err := parseImport(raw)
	if err != nil {
		return done, err
	}
	good, wrong := sortLines(parsed.lines)
	done.Wrong = wrong
	if err := s.knowsAny(ctx, pageID, parsed.titled, good); err != nil {
		return models.Imported{}, err
	}
	for batch := range slices.Chunk(good, importBatch) {
		if err := s.importLines(ctx, pageID, batch, &done); err != nil {
			return done, err
		}
	}
	slices.SortFunc(done.Wrong, func(a, b models.WrongLine) int { return a.Line - b.Line })
	return done, nil
}

// knowsAny refuses a file without titles of which a Page lists no SKU: it is one of another Page, or was meant to add
// products.
func (s *Service) knowsAny(ctx context.Context, pageID string, titled bool, lines []importLine) error {
	if titled || len(lines) == 0 {
		return nil
	}
	for batch := range slices.Chunk(lines, importBatch) {
		old, err := listedNow(ctx, s.store.Reader, pageID, batch)
		if err != nil || len(old.variants) > 0 {
			return err
		}
	}
	return models.FieldErrorf("file_unlisted", "The first line has no column %q, and this Page lists none of the file's SKUs. To add products the file needs their titles.", importColumns[1])
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
				err := l.complete(old)
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

// complete fills what the file does not say from the variant that is there, and checks the whole.
func (l *importLine) complete(there listed) error {
	v := &l.listing.Variant
	old, known := there.variants[v.SKU]
	if !known {
		if v.Title == "" && !l.has["title"] {
			return models.FieldErrorf(models.RuleNewSKU, "No product of this Page has this SKU yet; a new one needs a title.")
		}
		return models.ValidateVariant(*v)
	}
	v.MinStock, v.TokensPerUnit = old.MinStock, old.TokensPerUnit
	keep := func(column string, set func()) {
		if !l.has[column] {
			set()
		}
	}
	if v.Title == "" {
		v.Title = old.Title // nothing can be without one
	}
	keep("price", func() { v.PriceMinor, v.Currency = old.PriceMinor, old.Currency })
	keep("url", func() { v.URL = old.URL })
	keep("image_url", func() { v.ImageURL = old.ImageURL })
	keep("option", func() { v.Option = old.Option })
	keep("product", func() { l.listing.Product = there.products[old.ProductID] })
	if l.price != "" && !l.has["currency"] && old.Currency != "" && old.Currency != v.Currency {
		v.Currency = old.Currency
		var err error
		if v.PriceMinor, err = models.ParsePrice(l.price, v.Currency); err != nil {
			return err
		}
	}
	return models.ValidateVariant(*v)
}
