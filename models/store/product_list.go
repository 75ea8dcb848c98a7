package store

import (
	"context"
	"strings"
	"unicode"

	"gorm.io/gorm"

	"bentornato/models"
)

// shelf is a part of what is listed, by availability. The condition is that of its index, word for word: neither database
// uses a partial index otherwise.
type shelf struct{ condition, index string }

var shelves = map[string]shelf{
	models.AvailableIn:      {"(quantity_unknown OR available >= 1)", "variants_in_stock"},
	models.AvailableSoldOut: {"NOT quantity_unknown AND available <= 0", "variants_sold_out"},
	models.AvailableWaiting: {"waiting > 0", "variants_awaited"},
}

// fewVariants is up to how many of a kind are found by what makes them one, and sorted: more are met soon enough on the
// way along the order asked for.
const fewVariants = 5000

// ListVariants lists variants that are on sale or sold out, not deleted ones.
func (r Reader) ListVariants(ctx context.Context, q models.VariantQuery) ([]models.Variant, string, error) {
	if pages := models.AccessOf(ctx).Pages(); q.PageID == "" && len(pages) == 1 {
		q.PageID = pages[0] // it has indexes of its own
	}
	db := r.within(ctx, r.with(ctx).Model(&models.Variant{}).Where("deleted_at = 0"))
	if q.PageID != "" {
		db = db.Where("page_id = ?", q.PageID)
	}
	terms := models.SearchTerms(q.Text)
	switch q.Availability {
	case "":
	case models.AvailableRunning: // few are open at a time
		db = db.Where("id IN (SELECT variant_id FROM restocks WHERE state IN ?)", openRestocks)
	default:
		s, ok := shelves[q.Availability]
		if !ok {
			return nil, "", models.FieldErrorf("availability", "The availability is in_stock, sold_out, waiting or running.")
		}
		db = db.Where(s.condition)
	}
	if len(terms) == 0 && strings.TrimSpace(q.Text) != "" {
		return nil, "", nil // nothing but punctuation
	}
	db, err := r.searchVariants(ctx, db, terms)
	if err != nil {
		return nil, "", err
	}
	if db, err = r.alongIndex(ctx, db, q, len(terms) > 0); err != nil {
		return nil, "", err
	}
	db, key, err := sortVariants(db, q)
	if err != nil {
		return nil, "", err
	}
	var list []models.Variant
	if err := db.Limit(q.Limit + 1).Find(&list).Error; err != nil {
		return nil, "", translate(err)
	}
	next := ""
	if len(list) > q.Limit {
		list = list[:q.Limit]
		next = key(list[q.Limit-1])
	}
	return list, next, nil
}

// searchVariants narrows a list to what all terms find.
func (r Reader) searchVariants(ctx context.Context, db *gorm.DB, terms []string) (*gorm.DB, error) {
	if len(terms) == 0 {
		return db, nil
	}
	const one = "SELECT variant_id FROM variant_terms WHERE term >= ? AND term < ?"
	var args []any
	for _, term := range terms {
		args = append(args, term, term+lastRune)
	}
	found := one + strings.Repeat(" INTERSECT "+one, len(terms)-1)
	if r.dialect == dialectPostgres {
		// PostgreSQL takes IN for a join, and goes through everything in the order asked for, unless most of it is found.
		for i := range terms {
			var n int
			err := r.with(ctx).Raw("SELECT COUNT(*) FROM ("+one+" LIMIT ?) AS few", args[2*i], args[2*i+1], manyFound).Scan(&n).Error
			if err != nil {
				return nil, translate(err)
			}
			if n < manyFound {
				return db.Where("id = ANY(ARRAY("+found+"))", args...), nil
			}
		}
	}
	return db.Where("id IN ("+found+")", args...), nil
}

// manyFound is how many variants a term must find to be met soon on the way along any order.
const manyFound = 10_000

// lastRune ends the range of what begins with a term.
const lastRune = string(unicode.MaxRune)

// alongIndex tells SQLite, which keeps no statistics and would often sort everything for the first fifty, how to go about
// it: what a search or the open restocks found is looked up by its number; a shelf that holds little is read from end to
// end, since along the order asked for everything else would come first; and anything else is read in that order.
func (r Reader) alongIndex(ctx context.Context, db *gorm.DB, q models.VariantQuery, searched bool) (*gorm.DB, error) {
	if r.dialect != dialectSQLite {
		return db, nil
	}
	if searched || q.Availability == models.AvailableRunning {
		return db.Table("variants NOT INDEXED"), nil
	}
	if s, ok := shelves[q.Availability]; ok {
		var n int
		err := r.with(ctx).Raw("SELECT COUNT(*) FROM (SELECT 1 FROM variants INDEXED BY "+s.index+" WHERE deleted_at = 0 AND "+s.condition+" LIMIT ?) AS few", fewVariants).Scan(&n).Error
		if err != nil {
			return nil, translate(err)
		}
		if n < fewVariants {
			return db.Table("variants INDEXED BY " + s.index), nil
		}
	}
	order, ofPage := "variants_title", "variants_listed"
	switch q.Sort {
	case models.SortWaiting:
		order, ofPage = "variants_waiting", "variants_page_waiting"
	case models.SortUpdated:
		order, ofPage = "variants_updated", "variants_page_updated"
	}
	if q.PageID != "" {
		order = ofPage
	}
	return db.Table("variants INDEXED BY " + order), nil
}

func sortVariants(db *gorm.DB, q models.VariantQuery) (*gorm.DB, func(models.Variant) string, error) {
	switch q.Sort {
	case "", models.SortTitle:
		if q.Cursor != "" {
			title, id, err := readTextCursor(q.Cursor)
			if err != nil {
				return nil, nil, err
			}
			db = db.Where("(title, id) > (?, ?)", title, id)
		}
		return db.Order("title, id"), func(v models.Variant) string { return writeTextCursor(v.Title, v.ID) }, nil
	case models.SortWaiting, models.SortUpdated:
		column, value := "waiting", func(v models.Variant) int64 { return int64(v.Waiting) }
		if q.Sort == models.SortUpdated {
			column, value = "updated_at", func(v models.Variant) int64 { return millis(v.UpdatedAt) }
		}
		if q.Cursor != "" {
			n, id, err := readCursor(q.Cursor)
			if err != nil {
				return nil, nil, err
			}
			db = db.Where("("+column+", id) < (?, ?)", n, id)
		}
		return db.Order(column + " DESC, id DESC"), func(v models.Variant) string { return writeCursor(value(v), v.ID) }, nil
	default:
		return nil, nil, models.FieldErrorf("sort", "The order is title, waiting or updated.")
	}
}
