package models

import (
	"slices"
	"strings"
	"time"
)

// PageState says whether a Page may send.
type PageState string

// The states of a Page.
const (
	PageActive PageState = "active"
	PagePaused PageState = "paused"
)

// Limits and defaults of a Page's rate, in messages per second. Above the default the Page's own inbox
// freezes; above the ceiling Messenger refuses (Messenger rate limits, 23 March 2026).
const (
	DefaultRate = 40
	MaxRate     = 300
)

// Page is a Facebook Page that the shop owns. Its id is Facebook's.
type Page struct {
	ID   string `gorm:"primaryKey"`
	Name string
	// SealedToken is the Page access token, encrypted; the store opens it.
	SealedToken []byte
	// Rate is how many messages a second may be sent, 1 to MaxRate (rule 6.5).
	Rate     int
	Locale   string
	TimeZone string
	State    PageState
	// PauseReason is why the Page is paused; PauseDetail what the platform said, for whoever looks closer.
	PauseReason PauseReason
	PauseDetail string
	PausedAt    time.Time `gorm:"serializer:ms"`
	// RecurringOffAt is when the platform last refused the Page recurring notifications, and RecurringDetail in which words.
	RecurringOffAt  time.Time `gorm:"serializer:ms"`
	RecurringDetail string
	Settings        PageSettings `gorm:"serializer:json"`
	CreatedAt       time.Time    `gorm:"serializer:ms;autoCreateTime:false"`
	UpdatedAt       time.Time    `gorm:"serializer:ms;autoUpdateTime:false"`
}

// PageSettings are the merchant's choices for one Page. The zero value is the default of every one.
type PageSettings struct {
	// OptInTapOpensWindow counts a tap on Notify Me as a qualifying action (rule 2.2; documented ambiguously).
	OptInTapOpensWindow bool `json:"opt_in_tap_opens_window,omitempty"`
	// NewestFirst notifies the latest token first (rule 5.4).
	NewestFirst bool `json:"newest_first,omitempty"`
	// OfferWhenAvailable adds "Tell me if it sells out" to the card of an available variant (rule 3.2).
	OfferWhenAvailable bool `json:"offer_when_available,omitempty"`
	// PublicList shows the shop's products at /shop/{page}.
	PublicList bool `json:"public_list,omitempty"`
	// CountOrders adds the code of a notification's link to the product's address (OrderParam), by which the shop system's
	// report of an order is recognised (rule 7.2).
	CountOrders bool `json:"count_orders,omitempty"`
	// RegisteredNews marks a Page that Facebook registered as news: the only kind that may broadcast.
	RegisteredNews bool `json:"registered_news,omitempty"`
	// DiscloseAutomation says in the first automatic answer to a person that it is one. The greeting of an empty chat says so
	// always.
	DiscloseAutomation bool `json:"disclose_automation,omitempty"`
	// RequestTitle is the opt-in request's title by language, with {product} and {variant} (rule 3.4).
	RequestTitle map[string]string `json:"request_title,omitempty"`
	// OptInProduct is what people are asked with; empty is the one-time notification.
	OptInProduct OptInProduct `json:"opt_in_product,omitempty"`
	// QuietFrom and QuietTo, as "22:00" in the Page's time zone, delay claims (rule 5.7). Equal or empty: off.
	QuietFrom string `json:"quiet_from,omitempty"`
	QuietTo   string `json:"quiet_to,omitempty"`
	// HoldDownSeconds delays a restock's start (rule 5.6).
	HoldDownSeconds int `json:"hold_down_seconds,omitempty"`
	// AskAbove makes a restock that would spend more tokens wait for the merchant's OK; 0 is off (rule 5.6).
	AskAbove int `json:"ask_above,omitempty"`
	// WaveMinutes is the pause between two waves; 0 means DefaultWaveInterval (rule 5.5).
	WaveMinutes int `json:"wave_minutes,omitempty"`
	// SpacingSeconds keeps notices to one contact apart; 0 means DefaultSpacing, below 0 none (rule 5.9).
	SpacingSeconds int `json:"spacing_seconds,omitempty"`
}

// HoldDown returns how long a restock waits before it starts.
func (s PageSettings) HoldDown() time.Duration { return time.Duration(s.HoldDownSeconds) * time.Second }

// WaveInterval returns the pause between two waves of one restock.
func (s PageSettings) WaveInterval() time.Duration {
	if s.WaveMinutes <= 0 {
		return DefaultWaveInterval
	}
	return time.Duration(s.WaveMinutes) * time.Minute
}

// Spacing returns the least time between two notifications to one contact.
func (s PageSettings) Spacing() time.Duration {
	switch {
	case s.SpacingSeconds < 0:
		return 0
	case s.SpacingSeconds == 0:
		return DefaultSpacing
	default:
		return time.Duration(s.SpacingSeconds) * time.Second
	}
}

// Location returns the Page's time zone, UTC where it is empty or unknown here.
func (p Page) Location() *time.Location {
	if p.TimeZone == "" {
		return time.UTC
	}
	loc, err := time.LoadLocation(p.TimeZone)
	if err != nil {
		return time.UTC
	}
	return loc
}

// ValidatePage checks what a person may set on a Page.
func ValidatePage(p Page) error {
	if p.ID == "" || strings.Trim(p.ID, "0123456789") != "" {
		return FieldErrorf("id", "A Page id is a number, such as 101000000000000; find it under About on the Page.")
	}
	if strings.TrimSpace(p.Name) == "" {
		return FieldErrorf("name", "Give the Page a name.")
	}
	if p.Rate < 1 || p.Rate > MaxRate {
		return FieldErrorf("rate", "The rate is 1 to %d messages a second.", MaxRate)
	}
	if _, ok := languages[p.Locale]; !ok {
		return FieldErrorf("locale", "The language is en or it.")
	}
	if _, err := time.LoadLocation(p.TimeZone); err != nil {
		return FieldErrorf("timezone", "%q is no time zone; write it like Europe/Rome.", p.TimeZone)
	}
	return p.Settings.validate()
}

func (s PageSettings) validate() error {
	for _, q := range []struct{ field, value string }{{"quiet_from", s.QuietFrom}, {"quiet_to", s.QuietTo}} {
		if q.value == "" {
			continue
		}
		if _, err := time.Parse("15:04", q.value); err != nil {
			return FieldErrorf(q.field, "Write the time like 22:00.")
		}
	}
	if s.OptInProduct != "" && !slices.Contains(OptInProducts, s.OptInProduct) {
		return FieldErrorf("opt_in_product", "People are asked with one_time_notif_req, notification_messages or both.")
	}
	if s.HoldDownSeconds < 0 || s.HoldDownSeconds > 24*3600 {
		return FieldErrorf("hold_down_seconds", "The hold-down is 0 to 86400 seconds.")
	}
	if s.AskAbove < 0 {
		return FieldErrorf("ask_above", "\"Ask me above\" is a number of tokens; 0 switches it off.")
	}
	if s.WaveMinutes < 0 || s.WaveMinutes > 7*24*60 {
		return FieldErrorf("wave_minutes", "The pause between waves is at most a week.")
	}
	if s.SpacingSeconds > 24*3600 {
		return FieldErrorf("spacing_seconds", "Notices to one person are at most a day apart.")
	}
	return nil
}

// PauseReason is why a Page stopped sending. Its mend is one sentence on the screens.
type PauseReason string

// The reasons (rule 6.2).
const (
	PauseByMerchant     PauseReason = "merchant"       // someone pressed pause
	PauseTokenInvalid   PauseReason = "token_invalid"  // 190, 102: the access token is no longer good
	PausePermission     PauseReason = "permission"     // 10, 200: the app lacks a permission
	PauseFeatureMissing PauseReason = "feature"        // 10 on a request: One-Time Notification was not granted
	PauseRestricted     PauseReason = "restricted"     // 10/1893063: the Page is temporarily restricted
	PauseBlocked        PauseReason = "policy_blocked" // 368: temporarily blocked for policy
	PauseCommerce       PauseReason = "commerce"       // 2022: commerce messaging disabled
)
