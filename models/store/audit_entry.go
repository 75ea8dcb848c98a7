package store

import (
	"context"

	"bentornato/models"
)

// Record writes down what a person or a key does, in the transaction that does it. What the program does on its own
// account is not written: its ledgers tell.
func (t *Tx) Record(e models.AuditEntry) error {
	if !t.records() {
		return nil
	}
	e.At, e.ActorKind, e.ActorID, e.ActorName = t.now, t.actor.Kind, t.actor.ID, t.actor.Name
	return t.db.Create(&e).Error
}

// records reports whether the transaction is on somebody's behalf.
func (t *Tx) records() bool { return t.actor.Kind != "" }

// recordPage writes what saving a Page is about to change.
func (t *Tx) recordPage(p models.Page, newToken bool) error {
	if !t.records() {
		return nil
	}
	var old []models.Page
	if err := t.db.Limit(1).Find(&old, "id = ?", p.ID).Error; err != nil {
		return err
	}
	e := models.AuditEntry{Thing: models.AuditPage, ThingID: p.ID, ThingName: p.Name, PageID: p.ID, Act: models.AuditAdded}
	if len(old) > 0 {
		e.Act, e.Changes = models.AuditChanged, models.Changes(old[0], p, "State", "PauseReason", "PauseDetail", "RecurringDetail")
		if newToken {
			if err := t.Record(models.AuditEntry{Thing: e.Thing, ThingID: e.ThingID, ThingName: e.ThingName, PageID: e.PageID, Act: models.AuditSecret}); err != nil {
				return err
			}
		}
		if len(e.Changes) == 0 {
			return nil
		}
	}
	return t.Record(e)
}

func (t *Tx) recordOnPage(id string, act models.AuditAct) error {
	if !t.records() {
		return nil
	}
	var p models.Page
	if err := t.db.First(&p, "id = ?", id).Error; err != nil {
		return err
	}
	return t.Record(models.AuditEntry{Thing: models.AuditPage, ThingID: id, ThingName: p.Name, PageID: id, Act: act})
}

func (t *Tx) recordVariant(v models.Variant, act models.AuditAct, changes []models.AuditChange) error {
	return t.Record(models.AuditEntry{Thing: models.AuditProduct, ThingID: formatID(v.ID), ThingName: v.Name() + " · " + v.SKU, PageID: v.PageID, Act: act, Changes: changes})
}

// recordChange writes what was changed on a variant; back is one that was off the list.
func (t *Tx) recordChange(before, after models.Variant, back bool) error {
	if !t.records() {
		return nil
	}
	changes := models.Changes(before, after, "Ref", "Available", "QuantityUnknown", "Waiting", "PriceMinor", "Currency", "Edited", "Episode")
	if was, is := priceWord(before), priceWord(after); was != is {
		changes = append(changes, models.AuditChange{Field: "price", Old: was, New: is})
	}
	switch {
	case back:
		return t.recordVariant(after, models.AuditAdded, changes)
	case len(changes) == 0:
		return nil
	default:
		return t.recordVariant(after, models.AuditChanged, changes)
	}
}

// priceWord is a price as an entry holds it, empty for none.
func priceWord(v models.Variant) string {
	if v.Currency == "" {
		return ""
	}
	return models.FormatPrice(v.PriceMinor, v.Currency) + " " + v.Currency
}

// RecordStock writes that a person or a key said how many of a variant there are.
func (t *Tx) RecordStock(v models.Variant, before models.Stock) error {
	if v.Stock() == before {
		return nil
	}
	return t.recordVariant(v, models.AuditStock, []models.AuditChange{{Field: "available", Old: stockWord(before), New: stockWord(v.Stock())}})
}

// stockWord is a stock as an entry holds it: a number, or that nobody said one.
func stockWord(s models.Stock) string {
	if s.Unknown {
		return "in_stock"
	}
	return formatID(int64(s.Available))
}

// recordRestock writes what the merchant decided about a restock.
func (t *Tx) recordRestock(id int64, from, to models.RestockState, why models.RestockReason) error {
	if !t.records() || why != models.RestockByMerchant {
		return nil
	}
	act, ok := map[models.RestockState]models.AuditAct{models.RestockPaused: models.AuditPaused, models.RestockCancelled: models.AuditCancelled,
		models.RestockRunning: models.AuditResumed, models.RestockHeld: models.AuditResumed}[to]
	if !ok {
		return nil
	}
	if from == models.RestockNeedsOK && to == models.RestockRunning {
		act = models.AuditApproved
	}
	var v models.Variant
	err := t.db.Raw("SELECT v.* FROM variants v JOIN restocks r ON r.variant_id = v.id WHERE r.id = ?", id).Scan(&v).Error
	if err != nil {
		return err
	}
	return t.Record(models.AuditEntry{Thing: models.AuditRestock, ThingID: formatID(id), ThingName: v.Name(), PageID: v.PageID, Act: act})
}

// recordSource writes of a source by its name: its id is the secret part of its address.
func (t *Tx) recordSource(s models.Source, act models.AuditAct) error {
	return t.Record(models.AuditEntry{Thing: models.AuditSource, ThingName: s.Name, PageID: s.PageID, Act: act})
}

// recordUser writes what saving a login is about to change.
func (t *Tx) recordUser(u models.User) error {
	if !t.records() {
		return nil
	}
	var old []models.User
	if err := t.db.Limit(1).Find(&old, "email = ?", u.Email).Error; err != nil {
		return err
	}
	if len(old) == 0 {
		return t.Record(models.AuditEntry{Thing: models.AuditUser, ThingName: u.Email, Act: models.AuditAdded,
			Changes: append([]models.AuditChange{{Field: "role", New: string(u.Role)}}, accessChange("", u.Access)...)})
	}
	e := models.AuditEntry{Thing: models.AuditUser, ThingID: formatID(old[0].ID), ThingName: u.Email, Act: models.AuditPassword}
	if old[0].Role != u.Role {
		e.Act, e.Changes = models.AuditChanged, []models.AuditChange{{Field: "role", Old: string(old[0].Role), New: string(u.Role)}}
	}
	if !u.Access.All() && u.Access != old[0].Access {
		e.Act, e.Changes = models.AuditChanged, append(e.Changes, accessChange(old[0].Access, u.Access)...)
	}
	return t.Record(e)
}

// AuditEntries lists what was changed, the latest first, and the cursor of the next page.
func (r Reader) AuditEntries(ctx context.Context, q models.AuditQuery) ([]models.AuditEntry, string, error) {
	db := r.with(ctx)
	if q.Actor.Kind != "" {
		db = db.Where("actor_kind = ? AND actor_id = ?", q.Actor.Kind, q.Actor.ID)
	}
	if q.Thing != "" {
		db = db.Where("thing = ?", q.Thing)
	}
	return pageByID(db, q.Cursor, q.Limit, func(e models.AuditEntry) int64 { return e.ID })
}

// AuditActors lists who may be in the list: the logins, the keys and the command line. Those that are gone are found by
// what they changed.
func (r Reader) AuditActors(ctx context.Context) ([]models.Actor, error) {
	var list []models.Actor
	err := r.with(ctx).Raw(`SELECT 'user' AS kind, id, email AS name FROM users UNION ALL SELECT 'key', id, name FROM api_keys ORDER BY kind DESC, name`).Scan(&list).Error
	return list, translate(err)
}
