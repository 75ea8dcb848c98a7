package restock

import (
	"bytes"
	"context"
	"crypto/rand"
	"io"
	"path"
	"slices"
	"strings"

	"bentornato/models"
	"bentornato/models/store"
)

// KeepImport keeps a file of products until its sender has seen what it would do, and returns it with its code. A file whose
// heading cannot be read is refused. A user's earlier file gives way; what nobody said yes to is gone after
// models.UploadLife.
func (s *Service) KeepImport(ctx context.Context, userID int64, pageID, name string, file io.Reader) (models.Upload, error) {
	u := models.Upload{UserID: userID, Code: strings.ToLower(rand.Text()), PageID: pageID, Name: models.Shorten(path.Base(name), 80)}
	if _, err := s.store.Page(ctx, pageID); err != nil {
		return u, err
	}
	var err error
	if u.Content, err = readFile(file); err != nil {
		return u, err
	}
	if _, err := parseImport(u.Content); err != nil {
		return u, err
	}
	return u, s.store.Update(ctx, func(tx *store.Tx) error { return tx.SaveUpload(u) })
}

// PreviewImport says what a kept file would do, were it imported now, line by line. It writes nothing.
func (s *Service) PreviewImport(ctx context.Context, userID int64, code string) (models.Upload, models.ImportPreview, error) {
	var p models.ImportPreview
	u, err := s.store.Upload(ctx, userID, code, s.now())
	if err != nil {
		return u, p, err
	}
	file, err := parseImport(u.Content)
	if err != nil {
		return u, p, err
	}
	good, wrong := sortLines(file.lines)
	p.Wrong = wrong
	if err := s.knowsAny(ctx, u.PageID, file.titled, good); err != nil {
		return u, p, err
	}
	for batch := range slices.Chunk(good, importBatch) {
		old, err := listedNow(ctx, s.store.Reader, u.PageID, batch)
		if err != nil {
			return u, p, err
		}
		for _, l := range batch {
			line, err := previewLine(u.PageID, l, old)
			switch {
			case err != nil:
				p.Wrong = append(p.Wrong, models.WrongLine{Line: l.number, SKU: l.listing.Variant.SKU, Why: models.MessageOf(err), Rule: ruleOf(err)})
				continue
			case line.Added:
				p.Added++
			case len(line.Fields()) == 0:
				p.Same++
				continue
			default:
				p.Changed++
			}
			p.Tells += line.Tells
			if len(p.Lines) < models.MaxPreviewLines {
				p.Lines = append(p.Lines, line)
			}
		}
	}
	slices.SortFunc(p.Wrong, func(a, b models.WrongLine) int { return a.Line - b.Line })
	return u, p, nil
}

// previewLine is what a line would do to what is listed now.
func previewLine(pageID string, l importLine, there listed) (models.ImportLine, error) {
	if err := l.complete(there); err != nil {
		return models.ImportLine{}, err
	}
	v := l.listing.Variant
	v.PageID = pageID
	before, known := there.variants[v.SKU]
	after := before
	if !known {
		after = v
	}
	after.Title, after.Option, after.PriceMinor, after.Currency, after.URL, after.ImageURL = v.Title, v.Option, v.PriceMinor, v.Currency, v.URL, v.ImageURL
	if stock := l.listing.Stock; stock != nil {
		after.Available, after.QuantityUnknown = stock.Available, stock.Unknown
	}
	line := models.ImportLine{Line: l.number, Added: !known, VariantChange: models.ChangeOf(before, after), ProductAfter: strings.TrimSpace(l.listing.Product)}
	if known {
		line.ProductBefore = there.products[before.ProductID]
	}
	return line, models.ValidateVariant(after)
}

// ConfirmImport imports a kept file, as ImportProducts does, and throws it away.
func (s *Service) ConfirmImport(ctx context.Context, userID int64, code string) (models.Imported, error) {
	u, err := s.store.Upload(ctx, userID, code, s.now())
	if err != nil {
		return models.Imported{}, err
	}
	done, err := s.ImportProducts(ctx, u.PageID, bytes.NewReader(u.Content))
	if err != nil {
		return done, err
	}
	return done, s.DropImport(ctx, userID, code)
}

// DropImport throws a kept file away. One that is gone already is no error.
func (s *Service) DropImport(ctx context.Context, userID int64, code string) error {
	return s.store.Update(ctx, func(tx *store.Tx) error { return tx.DeleteUpload(userID, code) })
}
