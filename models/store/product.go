package store

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"time"

	"gorm.io/gorm"

	"bentornato/models"
)

// Variant returns a variant by its number, deleted or not.
func (r Reader) Variant(ctx context.Context, id int64) (models.Variant, error) {
	var v models.Variant
	err := r.within(ctx, r.with(ctx)).First(&v, "id = ?", id).Error
	return v, found(err, "There is no such product.")
}

// Variants returns variants by number, in no order; numbers that do not exist are left out.
func (r Reader) Variants(ctx context.Context, ids []int64) (map[int64]models.Variant, error) {
	byID := make(map[int64]models.Variant, len(ids))
	if len(ids) == 0 {
		return byID, nil
	}
	var list []models.Variant
	in, numbers := r.among(ids)
	if err := apart(ctx, r.with(ctx).Where("id "+in, numbers)).Find(&list).Error; err != nil {
		return nil, translate(err)
	}
	for _, v := range list {
		byID[v.ID] = v
	}
	return byID, nil
}

// VariantsBySKU finds a SKU on one Page or, with an empty page, on all.
func (r Reader) VariantsBySKU(ctx context.Context, pageID, sku string) ([]models.Variant, error) {
	q := r.within(ctx, r.with(ctx).Where("sku = ? AND deleted_at = 0", sku))
	if pageID != "" {
		q = q.Where("page_id = ?", pageID)
	}
	var list []models.Variant
	err := q.Order("page_id").Find(&list).Error
	return list, translate(err)
}

// VariantIDsBySKU finds the numbers of what has, or had, a SKU on one Page or, with an empty page, on all: what was taken
// off the list still has tokens and restocks.
func (r Reader) VariantIDsBySKU(ctx context.Context, pageID, sku string) ([]int64, error) {
	q := r.within(ctx, r.with(ctx).Model(&models.Variant{}).Where("sku = ?", sku))
	if pageID != "" {
		q = q.Where("page_id = ?", pageID)
	}
	ids := []int64{}
	err := q.Order("id").Pluck("id", &ids).Error
	return ids, translate(err)
}

// VariantsOnPage finds what a Page lists under SKUs; those that it does not list are left out.
func (r Reader) VariantsOnPage(ctx context.Context, pageID string, skus []string) (map[string]models.Variant, error) {
	bySKU := make(map[string]models.Variant, len(skus))
	if len(skus) == 0 {
		return bySKU, nil
	}
	var list []models.Variant
	if err := r.with(ctx).Where("page_id = ? AND sku IN ? AND deleted_at = 0", pageID, skus).Find(&list).Error; err != nil {
		return nil, translate(err)
	}
	for _, v := range list {
		bySKU[v.SKU] = v
	}
	return bySKU, nil
}

// VariantBySKU finds the one variant with the SKU. Where several Pages list it and none is named it is a conflict.
func (r Reader) VariantBySKU(ctx context.Context, pageID, sku string) (models.Variant, error) {
	list, err := r.VariantsBySKU(ctx, pageID, sku)
	switch {
	case err != nil:
		return models.Variant{}, err
	case len(list) == 0:
		return models.Variant{}, models.Errorf(models.KindNotFound, "No product has the SKU %q.", sku)
	case len(list) > 1:
		return models.Variant{}, models.Errorf(models.KindConflict, "Several Pages list the SKU %q; say which with page_id.", sku)
	}
	return list[0], nil
}

// VariantByRef finds what an m.me link, a button or an ad names.
func (r Reader) VariantByRef(ctx context.Context, pageID, ref string) (models.Variant, error) {
	var v models.Variant
	err := r.with(ctx).First(&v, "ref = ? AND page_id = ? AND deleted_at = 0", ref, pageID).Error
	return v, found(err, "No product has this ref.")
}

// Product returns a product.
func (r Reader) Product(ctx context.Context, id int64) (models.Product, error) {
	var p models.Product
	err := r.with(ctx).First(&p, "id = ?", id).Error
	return p, found(err, "There is no such product.")
}

// ProductNames returns the names of the variants' products; simple products have none.
func (r Reader) ProductNames(ctx context.Context, variants []models.Variant) (map[int64]string, error) {
	ids := make([]int64, len(variants))
	for i, v := range variants {
		ids[i] = v.ProductID
	}
	var list []models.Product
	names := map[int64]string{}
	if len(ids) == 0 {
		return names, nil
	}
	if err := r.with(ctx).Where("id IN ?", ids).Find(&list).Error; err != nil {
		return nil, translate(err)
	}
	for _, p := range list {
		names[p.ID] = p.Name
	}
	return names, nil
}

// Siblings lists the other variants of a variant's product, by title.
func (r Reader) Siblings(ctx context.Context, v models.Variant, limit int) ([]models.Variant, error) {
	var list []models.Variant
	err := r.with(ctx).Where("product_id = ? AND id <> ? AND deleted_at = 0", v.ProductID, v.ID).Order("title, option, id").Limit(limit).Find(&list).Error
	return list, translate(err)
}

// Listed counts the variants that each Page lists.
func (r Reader) Listed(ctx context.Context) (map[string]int, error) {
	var rows []struct {
		PageID string
		N      int
	}
	err := r.with(ctx).Raw("SELECT page_id, n FROM counters WHERE name = ?", countVariants).Scan(&rows).Error
	listed := make(map[string]int, len(rows))
	for _, row := range rows {
		listed[row.PageID] = row.N
	}
	return listed, translate(err)
}

// LockVariant returns a variant and holds its row, so that stock reports and claims of it follow one another.
func (t *Tx) LockVariant(id int64) (models.Variant, error) {
	var v models.Variant
	err := t.db.Raw("SELECT * FROM variants WHERE id = ?"+t.lock("FOR UPDATE"), id).First(&v).Error
	return v, found(err, "There is no such product.")
}

// SaveVariant adds a variant, or replaces what a person set on the one with the same SKU and Page: all but its
// stock, which only stock reports change. product groups variants; empty makes a simple product. It reports
// whether the variant was added. A deleted one comes back with its tokens.
func (t *Tx) SaveVariant(ctx context.Context, v models.Variant, product string) (models.Variant, bool, error) {
	if v.MinStock == 0 {
		v.MinStock = 1
	}
	if err := models.ValidateVariant(v); err != nil {
		return v, false, err
	}
	var old models.Variant
	err := t.db.Raw("SELECT * FROM variants WHERE page_id = ? AND sku = ?"+t.lock("FOR UPDATE"), v.PageID, v.SKU).First(&old).Error
	added := errors.Is(err, gorm.ErrRecordNotFound)
	if err != nil && !added {
		return v, false, err
	}
	if v.ProductID, err = t.productFor(v.PageID, product, old.ProductID); err != nil {
		return v, false, err
	}
	v.UpdatedAt = t.now
	if added {
		v.Ref, v.CreatedAt = newRef(), t.now
		v.Available, v.QuantityUnknown, v.StockAt = 0, false, time.Time{}
		v.Edited, v.SourceID = models.EditedBetween(models.Variant{}, v), ""
		if err := t.db.Create(&v).Error; err != nil {
			return v, false, err
		}
		if err := t.saveWords(v); err != nil {
			return v, false, err
		}
		if err := t.count(v.PageID, countVariants, 1); err != nil {
			return v, false, err
		}
		return v, true, t.recordVariant(v, models.AuditAdded, nil)
	}
	v.ID, v.Edited = old.ID, (old.Edited|models.EditedBetween(old, v))&^models.EditedListing
	err = t.db.Model(&v).Select("product_id", "title", "option", "price_minor", "currency", "url", "image_url",
		"min_stock", "tokens_per_unit", "edited", "updated_at", "deleted_at").Updates(&v).Error
	if err != nil {
		return v, false, err
	}
	if err := t.saveWords(v); err != nil {
		return v, false, err
	}
	if v, err = t.Variant(ctx, v.ID); err != nil {
		return v, false, err
	}
	back := !old.DeletedAt.IsZero()
	if back {
		if err := t.count(v.PageID, countVariants, 1); err != nil {
			return v, false, err
		}
	}
	return v, back, t.recordChange(old, v, back)
}

// ChangeVariant replaces what a person set on a variant, its SKU too: all but its Page, its stock and its ref. A SKU that
// another variant of the Page has is a conflict, even where that one is not listed any more: its tokens wait for it.
func (t *Tx) ChangeVariant(ctx context.Context, id int64, v models.Variant, product string) (models.Variant, error) {
	old, err := t.LockVariant(id)
	if err != nil {
		return v, err
	}
	if !old.DeletedAt.IsZero() {
		return v, models.Errorf(models.KindNotFound, "No product has the SKU %q.", old.SKU)
	}
	v.ID, v.PageID, v.UpdatedAt = old.ID, old.PageID, t.now
	v.Edited = old.Edited | models.EditedBetween(old, v)
	if err := models.ValidateVariant(v); err != nil {
		return v, err
	}
	var others int
	if err := t.db.Raw("SELECT COUNT(*) FROM variants WHERE page_id = ? AND sku = ? AND id <> ?", v.PageID, v.SKU, id).Scan(&others).Error; err != nil {
		return v, err
	}
	if others > 0 {
		return v, SKUTaken(v.SKU)
	}
	if v.ProductID, err = t.productFor(v.PageID, product, old.ProductID); err != nil {
		return v, err
	}
	err = t.db.Model(&v).Select("product_id", "sku", "title", "option", "price_minor", "currency", "url", "image_url",
		"min_stock", "tokens_per_unit", "rules", "request_title", "edited", "updated_at").Updates(&v).Error
	if err != nil {
		return v, err
	}
	if err := t.saveWords(v); err != nil {
		return v, err
	}
	if v, err = t.Variant(ctx, id); err != nil {
		return v, err
	}
	return v, t.recordChange(old, v, false)
}

// SaveRules writes a variant's rules, which were others before, and nothing else of it.
func (t *Tx) SaveRules(before, v models.Variant) error {
	v.UpdatedAt = t.now
	if err := t.db.Model(&v).Select("min_stock", "tokens_per_unit", "rules", "updated_at").Updates(&v).Error; err != nil {
		return err
	}
	return t.recordChange(before, v, false)
}

// SKUTaken is the conflict of a SKU that a variant of the same Page has already.
func SKUTaken(sku string) error {
	return &models.Error{Kind: models.KindConflict, Field: "sku", Message: fmt.Sprintf("Another product of this Page has, or had, the SKU %q.", sku)}
}

// productFor finds or adds the product of a variant that belonged to product old before.
func (t *Tx) productFor(pageID, name string, old int64) (int64, error) {
	name = strings.TrimSpace(name)
	if name != "" {
		p := models.Product{PageID: pageID, Name: name, CreatedAt: t.now}
		err := t.db.Where("page_id = ? AND name = ?", pageID, name).Attrs(p).FirstOrCreate(&p).Error
		return p.ID, err
	}
	if old != 0 {
		var p models.Product
		if err := t.db.First(&p, "id = ?", old).Error; err != nil || p.Name == "" {
			return old, err
		}
	}
	p := models.Product{PageID: pageID, CreatedAt: t.now}
	err := t.db.Create(&p).Error
	return p.ID, err
}

// DeleteVariant takes a variant off the list. Its tokens wait on, and its open restock ends. One that a person took off no
// source puts back.
func (t *Tx) DeleteVariant(v models.Variant) error {
	res := t.db.Exec("UPDATE variants SET deleted_at = ?, updated_at = ?, edited = ? WHERE id = ? AND deleted_at = 0", millis(t.now), millis(t.now), v.Edited, v.ID)
	if res.Error != nil || res.RowsAffected == 0 {
		return res.Error
	}
	if err := t.count(v.PageID, countVariants, -1); err != nil {
		return err
	}
	if err := t.dropWords(v.ID); err != nil {
		return err
	}
	if err := t.recordVariant(v, models.AuditDeleted, nil); err != nil {
		return err
	}
	return t.db.Exec("UPDATE restocks SET state = ?, reason = ?, state_at = ? WHERE variant_id = ? AND state IN ?",
		models.RestockCancelled, models.RestockDeleted, millis(t.now), v.ID, openRestocks).Error
}

// SaveStock writes an applied stock report.
func (t *Tx) SaveStock(v models.Variant) error {
	return t.db.Exec(`UPDATE variants SET available = ?, quantity_unknown = ?, stock_at = ?, sold_out_at = ?, updated_at = ? WHERE id = ?`,
		v.Available, v.QuantityUnknown, millis(v.StockAt), millis(v.SoldOutAt), millis(t.now), v.ID).Error
}

// BeginEpisode writes that a variant came back once more: what was used for the stock of before may be used again.
func (t *Tx) BeginEpisode(v models.Variant) error {
	return t.db.Exec("UPDATE variants SET episode = ? WHERE id = ?", v.Episode, v.ID).Error
}

// maxCandidates bounds how many variants a text is compared with.
const maxCandidates = 200

// Candidates finds the variants that share words with a text, the most shared first, or that it names by SKU.
func (r Reader) Candidates(ctx context.Context, pageID, text string) ([]models.Candidate, int, error) {
	words := models.Words(text)
	if len(words) > 50 {
		words = words[:50]
	}
	candidates := make([]models.Candidate, 0, 8)
	var bySKU []int64
	if tokens := skuTokens(text); len(tokens) > 0 {
		if err := r.with(ctx).Raw("SELECT id FROM variants WHERE page_id = ? AND sku IN ? AND deleted_at = 0 ORDER BY id LIMIT ?",
			pageID, tokens, models.MaxMatches).Scan(&bySKU).Error; err != nil {
			return nil, 0, translate(err)
		}
	}
	for _, id := range bySKU {
		candidates = append(candidates, models.Candidate{VariantID: id, SKU: true})
	}
	if len(words) == 0 || len(bySKU) > 0 {
		return candidates, len(words), nil
	}
	err := r.with(ctx).Raw(`SELECT variant_id, COUNT(*) AS shared, MAX(words) AS words FROM variant_words
		WHERE page_id = ? AND word IN ? GROUP BY variant_id ORDER BY shared DESC, variant_id LIMIT ?`,
		pageID, words, maxCandidates).Scan(&candidates).Error
	return candidates, len(words), translate(err)
}

// skuTokens are the pieces of a text that could be SKUs, as written and in capitals.
func skuTokens(text string) []string {
	var tokens []string
	for _, f := range strings.Fields(text) {
		if f = strings.Trim(f, ".,;:!?()\"'«»"); f == "" || len(tokens) > 100 {
			continue
		}
		tokens = append(tokens, f)
		if upper := strings.ToUpper(f); upper != f {
			tokens = append(tokens, upper)
		}
	}
	return tokens
}

// newRef makes an opaque name for links and buttons: 80 bits, letters and digits.
func newRef() string { return strings.ToLower(rand.Text()[:16]) }
