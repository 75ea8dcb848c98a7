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
	return map[string]templ.Component{
		"settings_recurring":    PageSettings(settings),
		"settings_recurring_it": PageSettings(off),
		"contact_recurring":     Contact(contact),
		"contact_recurring_it":  Contact(contact),
	}
}
