package store

import (
	"context"
	"encoding/json"
	"strconv"
	"time"

	"bentornato/models"
)

// Retention returns how long things are kept.
func (r Reader) Retention(ctx context.Context) (models.Retention, error) {
	kept := models.DefaultRetention()
	f, err := r.fact(ctx, factRetention)
	if err != nil || f.Value == "" {
		return kept, err
	}
	return kept, json.Unmarshal([]byte(f.Value), &kept) // a kind that came later keeps its default
}

// SaveRetention sets how long things are kept, from the next run on.
func (t *Tx) SaveRetention(ctx context.Context, r models.Retention) error {
	if err := models.ValidateRetention(r); err != nil {
		return err
	}
	old, err := t.Retention(ctx)
	if err != nil {
		return err
	}
	var changes []models.AuditChange
	for _, k := range models.KeptKinds {
		if old[k] != r[k] {
			changes = append(changes, models.AuditChange{Field: "keep_" + string(k), Old: strconv.Itoa(old[k]), New: strconv.Itoa(r[k])})
		}
	}
	if len(changes) == 0 {
		return nil
	}
	value, err := json.Marshal(r)
	if err != nil {
		return err
	}
	if err := t.remember(factRetention, string(value)); err != nil {
		return err
	}
	return t.Record(models.AuditEntry{Thing: models.AuditInstallation, Act: models.AuditRetention, Changes: changes})
}

// LastSweep returns what the last run removed; the zero Sweep where there was none.
func (r Reader) LastSweep(ctx context.Context) (models.Sweep, error) {
	var s models.Sweep
	f, err := r.fact(ctx, factSwept)
	if err != nil || f.Value == "" {
		return s, err
	}
	s.At = fromMillis(f.At)
	return s, json.Unmarshal([]byte(f.Value), &s.Removed)
}

// SaveSweep writes that a run ended now, and what it removed.
func (t *Tx) SaveSweep(removed map[models.Kept]int) error {
	value, err := json.Marshal(removed)
	if err != nil {
		return err
	}
	return t.remember(factSwept, string(value))
}

// aged are the rows of each kind that are older than a time, as a condition with the time's place, and their table. Each is
// found by an index, the oldest first.
var aged = map[models.Kept]struct{ table, key, where, order string }{
	models.KeptEvents:   {"inbound_events", "id", "received_at < ? AND state <> 'pending'", "received_at"},
	models.KeptMessages: {"messages", "id", "at < ? AND state NOT IN ('queued', 'claimed')", "at"},
	models.KeptAttempts: {"attempts", "token_id, number", "detail <> '' AND at < ?", "at"},
	models.KeptClicks:   {"clicks", "token_id, at", "at < ?", "at"},
	models.KeptAudit:    {"audit_entries", "id", "at < ?", "at"},
	models.KeptContacts: {"contacts", "id", `last_action_at > 0 AND last_action_at < ? AND erased_at = 0
		AND NOT EXISTS (SELECT 1 FROM tokens k WHERE k.contact_id = contacts.id AND k.state IN ('waiting', 'claimed', 'unknown'))
		AND NOT EXISTS (SELECT 1 FROM recurring_optins o WHERE o.contact_id = contacts.id AND o.status = 'active')`, "last_action_at"},
}

// Aged counts the rows of a kind that are older than a time, up to limit.
func (r Reader) Aged(ctx context.Context, kind models.Kept, before time.Time, limit int) (int, error) {
	a := aged[kind]
	var n int
	err := r.with(ctx).Raw("SELECT COUNT(*) FROM (SELECT 1 AS one FROM "+a.table+" WHERE "+a.where+" LIMIT ?) AS old", millis(before), limit).Scan(&n).Error
	return n, translate(err)
}

// Forget removes up to limit rows of a kind that are older than a time and returns how many those were.
func (t *Tx) Forget(kind models.Kept, before time.Time, limit int) (int, error) {
	a := aged[kind]
	if kind == models.KeptContacts {
		var people []models.Contact
		if err := t.db.Raw("SELECT * FROM contacts WHERE "+a.where+" ORDER BY last_action_at, id LIMIT ?"+t.lock("FOR UPDATE SKIP LOCKED"), millis(before), limit).Scan(&people).Error; err != nil {
			return 0, err
		}
		for _, c := range people {
			if err := t.EraseContact(c); err != nil {
				return 0, err
			}
		}
		return len(people), nil
	}
	act := "DELETE FROM " + a.table
	if kind == models.KeptAttempts {
		act = "UPDATE attempts SET detail = ''" // that it was made stays: a token's life must add up
	}
	res := t.db.Exec(act+" WHERE ("+a.key+") IN (SELECT "+a.key+" FROM "+a.table+" WHERE "+a.where+" ORDER BY "+a.order+" LIMIT ?)", millis(before), limit)
	return int(res.RowsAffected), res.Error
}

// About returns what the installation runs on.
func (r Reader) About(ctx context.Context) (models.About, error) {
	a := models.About{Database: string(r.dialect)}
	sql := `SELECT sqlite_version() AS database_version, page_count * page_size AS size, (SELECT MAX(version_id) FROM goose_db_version WHERE is_applied) AS schema
		FROM pragma_page_count(), pragma_page_size()`
	if r.dialect == dialectPostgres {
		sql = `SELECT current_setting('server_version') AS database_version, pg_database_size(current_database()) AS size,
			(SELECT MAX(version_id) FROM goose_db_version WHERE is_applied) AS schema`
	}
	err := r.with(ctx).Raw(sql).Scan(&a).Error
	return a, translate(err)
}
