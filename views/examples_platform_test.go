package views

import (
	"time"

	"github.com/a-h/templ"

	"bentornato/models"
)

// platformShown are the screens on which Pages are connected.
func platformShown() map[string]templ.Component {
	wrong := ConnectForm{ID: "101", Name: "Bottega", Locale: "it", TimeZone: "Europe/Rome", Err: models.FieldErrorf("token", "This token belongs to Mercatino (102), not to this Page.")}
	plain := ConnectForm{Locale: "it", TimeZone: "Europe/Rome"}
	candidates := []ConnectCandidate{
		{ID: shopPage, Name: "Bottega Ferrante", Known: true, Chosen: true},
		{ID: "101000000000009", Name: "Bottega Ferrante · Outlet", Chosen: true},
		{ID: "102000000000000", Name: "Mercatino dell'antiquariato", Missing: []string{"MESSAGING", "MODERATE"}},
	}
	connected := PageSettingsProps{Page: frame("/pages/" + shopPage), OnPage: shop(), Form: PageFormOf(shop()), Example: mug(), Health: models.PageHealth{
		PageID: shopPage, CheckedAt: ago(2 * time.Hour), ConnectedAt: ago(40 * day), LastEventAt: ago(6 * time.Minute),
		Features: map[string]string{models.FeatureOTN: "APPROVED"},
	}, Meter: models.RateMeter{Percent: 100, Sent: 2312}}
	troubled := connected
	troubled.Meter = models.RateMeter{Percent: 25, FullAt: now.Add(4 * time.Minute), Sent: 1}
	troubled.Health = models.PageHealth{
		PageID: shopPage, CheckedAt: ago(5 * time.Minute), LastEventAt: ago(9 * day), Problem: "Facebook no longer takes this Page's access token (error 190/460); make a new one and add the Page again with it.",
		MissingPermissions: []string{"pages_manage_metadata"}, MissingFields: []string{"messaging_optins", "feed"}, ConnectedAt: ago(40 * day),
		TokenExpiresAt: now.Add(5 * day), DataAccessUntil: now.Add(2 * day), ResubscribedAt: ago(day),
		Features: map[string]string{models.FeatureOTN: "REJECTED", models.FeatureHumanAgent: "approved"},
	}
	return map[string]templ.Component{
		"connect":            Connect(ConnectProps{Page: frame("/pages/connect"), LoginURL: "https://www.facebook.com/v25.0/dialog/oauth?client_id=1", Form: plain}),
		"connect_wrong_it":   Connect(ConnectProps{Page: frame("/pages/connect"), Form: wrong}),
		"connect_denied":     Connect(ConnectProps{Page: frame("/pages/connect"), LoginURL: "https://www.facebook.com/v25.0/dialog/oauth?client_id=1", Form: plain, Denied: true}),
		"connect_choose":     ChoosePages(ChoosePagesProps{Page: frame("/pages/choose"), Login: "nonce", Candidates: candidates, Form: plain}),
		"connect_choose_it":  ChoosePages(ChoosePagesProps{Page: frame("/pages/choose"), Login: "nonce", Candidates: candidates, Form: plain}),
		"connect_none":       ChoosePages(ChoosePagesProps{Page: frame("/pages/choose"), Login: "nonce", Form: plain}),
		"connect_done":       Connected(ConnectedProps{Page: frame("/pages"), Results: []ConnectResult{{OnPage: shop()}, {OnPage: pausedShop(), Err: models.Errorf(models.KindForbidden, "Facebook refuses this for want of a permission (error 200); give the app pages_messaging and pages_manage_metadata for this Page.")}}}),
		"settings_connected": PageSettings(connected),
		"settings_troubled":  PageSettings(troubled),
		"settings_health_it": PageSettings(troubled),
	}
}
