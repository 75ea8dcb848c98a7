package store

import (
	"context"

	"gorm.io/gorm/clause"

	"bentornato/models"
)

// Two tables hold the words of what is listed. variant_words has the stems of title and option, by which a person's free
// text finds what it is about. variant_terms has the terms of title, option and SKU, by whose beginnings the team
// searches: neither database has an index that finds a piece in the middle of a text, and none is needed.

// manyRows is how many rows share a statement; a row of the widest table has two dozen values, and PostgreSQL takes
// 65,535 in one statement, SQLite 32,766.
const manyRows = 1000

// variantWord is a stem of a variant's title and option, and how many there are in all.
type variantWord struct {
	VariantID int64
	PageID    string
	Word      string
	Words     int
}

// variantTerm is a term that a search finds a variant by.
type variantTerm struct {
	VariantID int64
	Term      string
}

// saveWords writes a variant's words in place of those it had.
func (t *Tx) saveWords(v models.Variant) error {
	if err := t.dropWords(v.ID); err != nil {
		return err
	}
	return t.addWords([]models.Variant{v})
}

// dropWords lets nobody find a variant any more.
func (t *Tx) dropWords(variantID int64) error {
	if err := t.db.Exec("DELETE FROM variant_words WHERE variant_id = ?", variantID).Error; err != nil {
		return err
	}
	return t.db.Exec("DELETE FROM variant_terms WHERE variant_id = ?", variantID).Error
}

// addWords writes the words of variants that have none yet.
func (t *Tx) addWords(list []models.Variant) error {
	var rows []variantWord
	for _, v := range list {
		words := models.Words(v.Title + " " + v.Option)
		for _, w := range words {
			rows = append(rows, variantWord{v.ID, v.PageID, w, len(words)})
		}
	}
	if len(rows) > 0 {
		if err := t.db.Table("variant_words").CreateInBatches(&rows, manyRows).Error; err != nil {
			return err
		}
	}
	return t.addTerms(list)
}

// addTerms writes the terms of variants; those that are there already change nothing.
func (t *Tx) addTerms(list []models.Variant) error {
	var rows []variantTerm
	for _, v := range list {
		for _, term := range models.VariantTerms(v) {
			rows = append(rows, variantTerm{v.ID, term})
		}
	}
	if len(rows) == 0 {
		return nil
	}
	return t.db.Table("variant_terms").Clauses(clause.OnConflict{DoNothing: true}).CreateInBatches(&rows, manyRows).Error
}

// fillTerms writes the terms of what was listed before there were any, a piece at a time. Processes that do so at once
// do no harm.
func (s *Store) fillTerms(ctx context.Context) error {
	for last := int64(0); ; {
		var list []models.Variant
		err := s.with(ctx).Where("id > ? AND deleted_at = 0 AND NOT EXISTS (SELECT 1 FROM variant_terms t WHERE t.variant_id = variants.id)", last).
			Order("id").Limit(manyRows).Find(&list).Error
		if err != nil || len(list) == 0 {
			return translate(err)
		}
		last = list[len(list)-1].ID
		if err := s.Update(ctx, func(t *Tx) error { return t.addTerms(list) }); err != nil {
			return err
		}
	}
}
