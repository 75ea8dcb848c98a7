package views

import (
	"time"

	"github.com/a-h/templ"

	"bentornato/models"
)

func auditEntries() []models.AuditEntry {
	giulia := models.AuditEntry{ActorKind: models.ActorUser, ActorID: 1, ActorName: "giulia@bottega.example", PageID: shopPage}
	by := func(e models.AuditEntry, ago time.Duration) models.AuditEntry {
		e.ActorKind, e.ActorID, e.ActorName, e.At = giulia.ActorKind, giulia.ActorID, giulia.ActorName, now.Add(-ago)
		return e
	}
	key := by(models.AuditEntry{Thing: models.AuditProduct, ThingID: "11", ThingName: "Tazza Alba (blu) · TAZZA-BLU", PageID: shopPage, Act: models.AuditStock,
		Changes: []models.AuditChange{{Field: "available", Old: "0", New: "in_stock"}}}, 2*time.Hour)
	key.ActorKind, key.ActorName = models.ActorKey, "Cassa"
	command := by(models.AuditEntry{Thing: models.AuditUser, ThingName: "piero@bottega.example", Act: models.AuditAdded, Changes: []models.AuditChange{{Field: "role", New: "staff"}}}, 9*day)
	command.ActorKind, command.ActorName = models.ActorCommand, "user add"
	return []models.AuditEntry{
		by(models.AuditEntry{Thing: models.AuditPage, ThingID: shopPage, ThingName: "Bottega Alba", PageID: shopPage, Act: models.AuditChanged, Changes: []models.AuditChange{
			{Field: "quiet_from", New: "22:00"}, {Field: "newest_first", New: "yes"}, {Field: "request_title_it", Old: "Ti avviso?", New: "Vuoi che ti scriva quando torna {product} {variant}?"},
		}}, 4*time.Minute),
		key,
		by(models.AuditEntry{Thing: models.AuditContact, ThingID: "5", PageID: shopPage, Act: models.AuditErased}, day),
		by(models.AuditEntry{Thing: models.AuditInstallation, Act: models.AuditRetention, Changes: []models.AuditChange{{Field: "keep_messages", Old: "365", New: "0"}}}, 3*day),
		command,
	}
}

func officeShown() map[string]templ.Component {
	audit := AuditProps{Page: frame("/settings/audit"), Rows: auditEntries(), Pages: []models.Page{shop()}, Pager: Pager{Next: "bmV4dA"}, Actors: []models.Actor{
		{Kind: models.ActorUser, ID: 1, Name: "giulia@bottega.example"}, {Kind: models.ActorKey, ID: 1, Name: "Cassa"},
	}}
	none := audit
	none.Rows, none.Pager, none.Thing, none.Actor = nil, Pager{}, models.AuditKey, audit.Actors[1]
	kept := RetentionProps{Page: frame("/settings/retention"), Form: RetentionFormOf(models.DefaultRetention()),
		Last: models.Sweep{At: ago(20 * time.Minute), Removed: map[models.Kept]int{models.KeptEvents: 1204, models.KeptMessages: 1}}}
	asked := kept
	asked.Form = RetentionFormOf(models.Retention{models.KeptMessages: 30, models.KeptClicks: 30})
	asked.Form.Err = models.FieldErrorf("confirm", "Tick the box to confirm.")
	asked.Goes, asked.GoesLimit = map[models.Kept]int{models.KeptMessages: 10000, models.KeptClicks: 31}, 10000
	wrong := RetentionProps{Page: frame("/settings/retention"), Form: RetentionFormOf(models.DefaultRetention())}
	wrong.Form.Days[models.KeptContacts], wrong.Form.Err = "30", models.FieldErrorf("keep_contacts", "Write 400 to 3650 days, or 0 to keep it for good.")
	looking := kept
	looking.Page = as(frame("/settings/retention"), models.RoleStaff)
	about := AboutProps{Page: frame("/settings/about"), Version: "v1.4.0", About: models.About{Database: "sqlite", DatabaseVersion: "3.50.4", Schema: 11, Size: 48_234_496},
		Stats: models.Stats{Contacts: 1834, Tokens: map[models.TokenState]int{models.TokenWaiting: 1475, models.TokenSent: 612}}}
	return map[string]templ.Component{
		"office":             Settings(SettingsProps{Page: frame("/settings")}),
		"office_viewer_it":   Settings(SettingsProps{Page: as(frame("/settings"), models.RoleViewer)}),
		"audit":              Audit(audit),
		"audit_it":           Audit(audit),
		"audit_none":         Audit(none),
		"audit_empty":        Audit(AuditProps{Page: frame("/settings/audit")}),
		"retention":          Retention(kept),
		"retention_it":       Retention(kept),
		"retention_asked":    Retention(asked),
		"retention_wrong_it": Retention(wrong),
		"retention_staff":    Retention(looking),
		"about":              About(about),
		"about_it":           About(about),
		"account":            Account(AccountProps{Page: frame("/settings/account")}),
		"account_wrong_it":   Account(AccountProps{Page: as(frame("/settings/account"), models.RoleViewer), Err: models.FieldErrorf("current", "This is not the password you have now.")}),
	}
}
