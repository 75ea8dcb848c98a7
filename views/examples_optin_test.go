package views

import (
	"time"

	"github.com/a-h/templ"

	"bentornato/models"
)

// optInShown are the screens of a Page that asks with recurring notifications too.
func optInShown() map[string]templ.Component {
	both := shop()
	both.Settings.OptInProduct = models.OptInBoth
	refused := both
	refused.RecurringOffAt, refused.RecurringDetail = ago(3*time.Hour), "(#10) Application does not have permission for this action"
	d := dossier()
	d.Requests[0].Product, d.Requests[0].Why = models.OptInRecurring, models.OptInLasts
	d.OptIns = []models.OptIn{
		{VariantID: 15, Title: "Ti avviso ogni volta che torna Tazza Luna?", Source: models.OptInByWebhook, Status: models.OptInActive,
			GrantedAt: ago(40 * day), ExpiresAt: now.Add(325 * day), Uses: 2, UsedAt: ago(day), NextUseAt: now.Add(day)},
		{Title: "Updates and promotions", Source: models.OptInByImport, Status: models.OptInActive, GrantedAt: ago(200 * day), ExpiresAt: now.Add(165 * day)},
		{VariantID: 11, Title: "Ti avviso ogni volta che torna Tazza Alba?", Source: models.OptInByWebhook, Status: models.OptInStopped, Reason: models.TokenTopicStop,
			GrantedAt: ago(60 * day), ExpiresAt: now.Add(305 * day), Uses: 1},
	}
	contact := ContactProps{Page: frame("/contacts/1"), Dossier: d, OnPage: both, May: []PolicyRow{{Kind: models.SendReply, Answer: models.PolicyAnswer{Allowed: true, Until: now.Add(5 * time.Hour)}}}}
	settings := PageSettingsProps{Page: frame("/pages/" + shopPage), OnPage: both, Form: PageFormOf(both), Example: mug()}
	off := settings
	off.OnPage = refused
	have := ConsentsProps{Page: frame("/pages/" + shopPage + "/consents"), OnPage: both, Stats: models.Stats{Interests: 2310, Tokens: map[models.TokenState]int{models.TokenWaiting: 1475}}}
	reading, read, failed := have, have, have
	reading.OptIns = map[models.OptInStatus]int{models.OptInActive: 312}
	reading.Import = models.OptInImport{State: models.ImportRunning, Found: 400, Added: 312, StateAt: ago(2 * time.Second)}
	reading.Refresh = 3 * time.Second
	read.OptIns = map[models.OptInStatus]int{models.OptInActive: 801, models.OptInStopped: 12, models.OptInExpired: 40}
	read.Import = models.OptInImport{State: models.ImportDone, Found: 1204, Added: 801, StateAt: ago(2 * time.Hour)}
	failed.Import = models.OptInImport{State: models.ImportFailed, Found: 400, Added: 312, StateAt: ago(time.Hour), Problem: "Facebook no longer takes this Page's access token (error 190/460); make a new one and add the Page again with it."}
	return map[string]templ.Component{
		"consents":              Consents(have),
		"consents_reading_it":   Consents(reading),
		"consents_read":         Consents(read),
		"consents_failed_it":    Consents(failed),
		"settings_recurring":    PageSettings(settings),
		"settings_recurring_it": PageSettings(off),
		"contact_recurring":     Contact(contact),
		"contact_recurring_it":  Contact(contact),
	}
}
