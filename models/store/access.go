package store

import (
	"context"
	"slices"

	"gorm.io/gorm"

	"bentornato/models"
)

// within leaves of a query of things that belong to Pages what whoever asks may see (models.AccessOf). Where that is
// everything the query stays as it is.
//
// One Page, as most restricted logins have it, is named as a filter by Page names it, so that the indexes which begin with
// the Page lead along it in the list's order. Several are looked for along the order of all: SQLite, which keeps no
// statistics, would otherwise read each of them whole and sort that, for the first fifty.
func (r Reader) within(ctx context.Context, db *gorm.DB) *gorm.DB {
	switch pages := models.AccessOf(ctx).Pages(); {
	case len(pages) == 0:
		return db
	case len(pages) == 1:
		return db.Where("page_id = ?", pages[0])
	case r.dialect == dialectSQLite:
		return db.Where("page_id || '' IN ?", pages)
	default:
		return db.Where("page_id IN ?", pages)
	}
}

// apart is within for queries that must keep to another index than the Page's, whatever the database: what is no plain column has
// none.
func apart(ctx context.Context, db *gorm.DB) *gorm.DB {
	if a := models.AccessOf(ctx); !a.All() {
		return db.Where("page_id || '' IN ?", a.Pages())
	}
	return db
}

// andApart is apart for a statement that is written by hand: a condition to go on with, and its arguments.
func andApart(ctx context.Context) (string, []any) {
	a := models.AccessOf(ctx)
	if a.All() {
		return "", nil
	}
	return " AND page_id || '' IN ?", []any{a.Pages()}
}

// andWithin is within for a statement that is written by hand.
func (r Reader) andWithin(ctx context.Context) (string, []any) {
	if pages := models.AccessOf(ctx).Pages(); len(pages) == 1 {
		return " AND page_id = ?", []any{pages[0]}
	}
	return andApart(ctx)
}

// SetUserAccess says on which Pages a login may look and work. An owner's is all, and cannot be set.
func (t *Tx) SetUserAccess(id int64, access models.Access) error {
	var u models.User
	if err := t.db.First(&u, "id = ?", id).Error; err != nil {
		return found(err, "There is no such login.")
	}
	if u.Role == models.RoleOwner {
		return ownerSeesAll("Make the login staff or a viewer first.")
	}
	if err := t.checkAccess(u.Role, access); err != nil {
		return err
	}
	return t.setAccess("users", id, models.AuditEntry{Thing: models.AuditUser, ThingID: formatID(id), ThingName: u.Email}, u.Access, access)
}

// SetKeyAccess says on which Pages an API key may look and work. An owner's is all, and cannot be set.
func (t *Tx) SetKeyAccess(id int64, access models.Access) error {
	var k models.Key
	if err := t.db.First(&k, "id = ?", id).Error; err != nil {
		return found(err, "There is no such key.")
	}
	if k.Role == models.RoleOwner {
		return ownerSeesAll("Make another key, for staff or a viewer.")
	}
	if err := t.checkAccess(k.Role, access); err != nil {
		return err
	}
	return t.setAccess("api_keys", id, models.AuditEntry{Thing: models.AuditKey, ThingID: formatID(id), ThingName: k.Name}, k.Access, access)
}

func ownerSeesAll(mend string) error {
	return &models.Error{Kind: models.KindConflict, Field: "access_owner", Message: "An owner sees every Page. " + mend}
}

func (t *Tx) setAccess(table string, id int64, e models.AuditEntry, before, after models.Access) error {
	if before == after {
		return nil
	}
	if err := t.db.Exec("UPDATE "+table+" SET access = ? WHERE id = ?", after, id).Error; err != nil {
		return err
	}
	e.Act, e.Changes = models.AuditChanged, accessChange(before, after)
	return t.Record(e)
}

// accessChange is a change of access as the log holds it; nil for none.
func accessChange(before, after models.Access) []models.AuditChange {
	if before == after {
		return nil
	}
	return []models.AuditChange{{Field: "access", Old: string(before), New: string(after)}}
}

// checkAccess refuses Pages that the installation does not have, and any choice for an owner.
func (t *Tx) checkAccess(role models.Role, a models.Access) error {
	if a.All() {
		return nil
	}
	if role == models.RoleOwner {
		return models.FieldErrorf("access_owner", "An owner sees every Page. Choose none, or the role staff or viewer.")
	}
	var there []string
	if err := t.db.Model(&models.Page{}).Where("id IN ?", a.Pages()).Pluck("id", &there).Error; err != nil {
		return err
	}
	for _, id := range a.Pages() {
		if !slices.Contains(there, id) {
			return models.FieldErrorf("access", "This installation has no Page with the id %s.", models.Shorten(id, 40))
		}
	}
	return nil
}
