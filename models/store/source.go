package store

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm/clause"

	"bentornato/models"
)

// Source returns an inventory source.
func (r Reader) Source(ctx context.Context, id string) (models.Source, error) {
	var s models.Source
	err := r.within(ctx, r.with(ctx)).First(&s, "id = ?", id).Error
	return s, found(err, "There is no such inventory source.")
}

// Sources lists every source that whoever asks may see, by name. Whoever may see some Pages sees the sources that are tied to
// these: one that is tied to none reports for all, and its calls name the products of all.
func (r Reader) Sources(ctx context.Context) ([]models.Source, error) {
	var list []models.Source
	err := apart(ctx, r.with(ctx)).Order("name, id").Find(&list).Error
	return list, translate(err)
}

// SourceSecrets opens a source's secrets, the current one first.
func (r Reader) SourceSecrets(s models.Source) ([]string, error) {
	plain, err := r.seal.open("source/"+s.ID, s.SealedSecret)
	if err != nil {
		return nil, err
	}
	var secrets []string
	return secrets, json.Unmarshal(plain, &secrets)
}

// AddSource adds a source under a new unguessable id.
func (t *Tx) AddSource(s models.Source, secret string) (models.Source, error) {
	if strings.TrimSpace(s.Name) == "" {
		return s, models.FieldErrorf("name", "Give the source a name.")
	}
	s.ID = strings.ToLower(rand.Text())
	s.CreatedAt = t.now
	s.AddsProducts = s.PageID != "" // until somebody switches it off
	var err error
	if s.SealedSecret, err = t.sealSecrets(s.ID, secret); err != nil {
		return s, err
	}
	if err := t.db.Create(&s).Error; err != nil {
		return s, err
	}
	return s, t.recordSource(s, models.AuditAdded)
}

// RotateSecret gives a source a new secret; the one before it is good until it is ended, or until the next rotation.
func (t *Tx) RotateSecret(s models.Source, secret string) error {
	old, err := t.SourceSecrets(s)
	if err != nil {
		return err
	}
	return t.saveSecrets(s, t.now, secret, old[0])
}

// EndOldSecret makes a source's current secret the only good one.
func (t *Tx) EndOldSecret(s models.Source) error {
	secrets, err := t.SourceSecrets(s)
	if err != nil {
		return err
	}
	return t.saveSecrets(s, time.Time{}, secrets[0])
}

func (t *Tx) saveSecrets(s models.Source, rotated time.Time, secrets ...string) error {
	sealed, err := t.sealSecrets(s.ID, secrets...)
	if err != nil {
		return err
	}
	if err := t.db.Exec("UPDATE sources SET sealed_secret = ?, rotated_at = ? WHERE id = ?", sealed, millis(rotated), s.ID).Error; err != nil {
		return err
	}
	return t.recordSource(s, models.AuditSecret)
}

// ChangeSource writes what a person may set of a source: its name, and how its products come in.
func (t *Tx) ChangeSource(s models.Source) error {
	if strings.TrimSpace(s.Name) == "" {
		return models.FieldErrorf("name", "Give the source a name.")
	}
	if s.AddsProducts && s.PageID == "" {
		return models.FieldErrorf("adds_products", "A source that reports for all Pages adds no products: nobody could say to which Page.")
	}
	if s.Currency != "" {
		var err error
		if s.Currency, err = models.ParseCurrency(s.Currency); err != nil {
			return err
		}
	}
	err := t.db.Exec("UPDATE sources SET name = ?, adds_products = ?, currency = ? WHERE id = ?", strings.TrimSpace(s.Name), s.AddsProducts, s.Currency, s.ID).Error
	if err != nil {
		return err
	}
	return t.recordSource(s, models.AuditChanged)
}

func (t *Tx) sealSecrets(id string, secrets ...string) ([]byte, error) {
	plain, err := json.Marshal(secrets)
	if err != nil {
		return nil, err
	}
	return t.seal.seal("source/"+id, plain)
}

// DeleteSource removes a source with all that it told of its own; its URL stops working at once. Products, their stock
// history and counted orders stay.
func (t *Tx) DeleteSource(id string) error {
	if t.records() {
		var s models.Source
		if err := t.db.Find(&s, "id = ?", id).Error; err != nil {
			return err
		}
		if err := t.recordSource(s, models.AuditDeleted); err != nil {
			return err
		}
	}
	for _, table := range []string{"source_polls", "source_lookups", "source_levels", "source_items", "source_aliases", "source_deliveries"} {
		if err := t.db.Exec("DELETE FROM "+table+" WHERE source_id = ?", id).Error; err != nil {
			return err
		}
	}
	return t.db.Exec("DELETE FROM sources WHERE id = ?", id).Error
}

// SourceRefused counts a refused call of a source, so that a wrong secret is seen before the sender gives up.
func (t *Tx) SourceRefused(id, why string) error {
	return t.db.Exec("UPDATE sources SET refused = refused + 1, last_refusal = ?, refused_at = ? WHERE id = ?", why, millis(t.now), id).Error
}

// SourceHeard writes that a source's call was good.
func (t *Tx) SourceHeard(id string) error {
	return t.db.Exec("UPDATE sources SET refused = 0, last_event_at = ? WHERE id = ?", millis(t.now), id).Error
}

// NewReport writes a stock report's id, and returns false for one that was there already (rule 5.1).
func (t *Tx) NewReport(sourceID, key string) (bool, error) {
	res := t.db.Exec("INSERT INTO stock_reports (source_id, key, received_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING", sourceID, key, millis(t.now))
	return res.RowsAffected > 0, res.Error
}

// SaveSourceEvents keeps what a report said and what became of it.
func (t *Tx) SaveSourceEvents(list []models.SourceEvent) error {
	if len(list) == 0 {
		return nil
	}
	return t.db.Clauses(clause.OnConflict{DoNothing: true}).CreateInBatches(&list, 500).Error
}

// SourceEvents lists a source's items, the latest first.
func (r Reader) SourceEvents(ctx context.Context, sourceID string, limit int, cursor string) ([]models.SourceEvent, string, error) {
	db := r.with(ctx).Where("source_id = ?", sourceID)
	if cursor != "" {
		_, id, err := readCursor(cursor)
		if err != nil {
			return nil, "", err
		}
		db = db.Where("id < ?", id)
	}
	var list []models.SourceEvent
	if err := db.Order("id DESC").Limit(limit + 1).Find(&list).Error; err != nil {
		return nil, "", translate(err)
	}
	next := ""
	if len(list) > limit {
		list = list[:limit]
		next = writeCursor(0, list[limit-1].ID)
	}
	return list, next, nil
}

// StockHistory lists a variant's last stock reports, the latest first.
func (r Reader) StockHistory(ctx context.Context, variantID int64, limit int) ([]models.SourceEvent, error) {
	var list []models.SourceEvent
	err := r.with(ctx).Where("variant_id = ?", variantID).Order("id DESC").Limit(limit).Find(&list).Error
	return list, translate(err)
}

// LockVariantsBySKU returns and holds the variants that a report's SKUs name, in the order of their numbers, so that
// two reports never wait for each other.
func (t *Tx) LockVariantsBySKU(pageID string, skus []string) (map[string][]models.Variant, error) {
	bySKU := make(map[string][]models.Variant, len(skus))
	skus = slices.Compact(slices.Sorted(slices.Values(skus))) // one that stands twice is still one row
	for start := 0; start < len(skus); start += 500 {
		part := skus[start:min(start+500, len(skus))]
		sql, args := "SELECT * FROM variants WHERE sku IN ? AND deleted_at = 0", []any{part}
		if pageID != "" {
			sql, args = sql+" AND page_id = ?", append(args, pageID)
		}
		var list []models.Variant
		if err := t.db.Raw(sql+" ORDER BY id"+t.lock("FOR UPDATE"), args...).Scan(&list).Error; err != nil {
			return nil, err
		}
		for _, v := range list {
			bySKU[v.SKU] = append(bySKU[v.SKU], v)
		}
	}
	return bySKU, nil
}

// TroubledSources lists sources that refused several calls in a row, could not be asked several times in a row, or have
// been silent since a time. What it is of these, models.SourceTroubles says.
func (r Reader) TroubledSources(ctx context.Context, silentSince time.Time) ([]models.Source, error) {
	var list []models.Source
	err := r.with(ctx).Where(`refused >= ? OR (last_event_at > 0 AND last_event_at < ?)
		OR EXISTS (SELECT 1 FROM source_polls p WHERE p.source_id = sources.id AND p.failures >= ?)`, models.RefusedInRow, millis(silentSince), models.PollFailsInRow).Order("name").Find(&list).Error
	return list, translate(err)
}
