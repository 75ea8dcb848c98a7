package views

import (
	"strconv"
	"unicode/utf8"

	"github.com/a-h/templ"

	"bentornato/models"
)

// PagesProps is the list of Pages: GET /pages.
type PagesProps struct {
	Page
	Rows []PageRow
}

// PageRow is a Page with what it has.
type PageRow struct {
	OnPage   models.Page
	Products int
	Waiting  int
}

// PageSettingsProps is one Page's settings: GET and POST /pages/{id}; POST /pages/{id}/pause and /resume.
type PageSettingsProps struct {
	Page
	OnPage models.Page
	Form   PageForm
	// Example is a variant with which the opt-in question is shown as a person would read it.
	Example models.Variant
	// Health is what the last look at the Page's connection found.
	Health models.PageHealth
	// Meter is where the Page's rate stands.
	Meter models.RateMeter
	// PublicURL is the whole address of the public list.
	PublicURL string
}

// PageForm is what somebody typed about a Page. Field names: name, rate, locale, timezone, quiet_from, quiet_to,
// hold_down_seconds, ask_above, wave_minutes, spacing_seconds, request_title_en, request_title_it, opt_in_product; and as
// checkboxes with value "yes": opt_in_tap_opens_window, disclose_automation, newest_first, offer_when_available, public_list,
// count_orders, registered_news.
type PageForm struct {
	Name            string
	Rate            string
	Locale          string
	TimeZone        string
	QuietFrom       string
	QuietTo         string
	HoldDownSeconds string
	AskAbove        string
	WaveMinutes     string
	SpacingSeconds  string
	// RequestTitle is the template by language; empty uses the default.
	RequestTitle        map[string]string
	OptInProduct        string
	OptInTapOpensWindow bool
	NewestFirst         bool
	OfferWhenAvailable  bool
	PublicList          bool
	CountOrders         bool
	DiscloseAutomation  bool
	RegisteredNews      bool
	Err                 error
}

// PageFormOf fills the form with what is on record; what stands at its default is left empty, but for the rate.
func PageFormOf(p models.Page) PageForm {
	s := p.Settings
	return PageForm{
		Name: p.Name, Rate: strconv.Itoa(p.Rate), Locale: p.Locale, TimeZone: p.TimeZone,
		QuietFrom: s.QuietFrom, QuietTo: s.QuietTo,
		HoldDownSeconds: unlessZero(s.HoldDownSeconds), AskAbove: unlessZero(s.AskAbove),
		WaveMinutes: unlessZero(s.WaveMinutes), SpacingSeconds: unlessZero(s.SpacingSeconds),
		RequestTitle:        s.RequestTitle,
		OptInProduct:        string(s.OptInProduct),
		OptInTapOpensWindow: s.OptInTapOpensWindow, NewestFirst: s.NewestFirst,
		OfferWhenAvailable: s.OfferWhenAvailable, PublicList: s.PublicList, CountOrders: s.CountOrders, DiscloseAutomation: s.DiscloseAutomation,
		RegisteredNews: s.RegisteredNews,
	}
}

func unlessZero(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

// settingsFields are the fields that show their own error.
func settingsFields() []string {
	return []string{"name", "locale", "timezone", "rate", "request_title_en", "request_title_it", "opt_in_product", "quiet_from", "quiet_to",
		"hold_down_seconds", "ask_above", "wave_minutes", "spacing_seconds"}
}

// limitOfQuestion is models.MaxRequestTitle as an attribute.
func limitOfQuestion() string { return strconv.Itoa(models.MaxRequestTitle) }

// defaultQuestion is the question that an empty template stands for, with its placeholders.
func defaultQuestion(language string) string {
	return models.RequestTitle(models.PageSettings{}, language, models.Variant{Title: "{product}", Option: "{variant}"})
}

// questionPreview is the question about the example as a person would read it: shortened where it is too long.
func questionPreview(p PageSettingsProps, language string) string {
	return models.RequestTitle(models.PageSettings{RequestTitle: p.Form.RequestTitle}, language, p.Example)
}

func questionLength(p PageSettingsProps, language string) int {
	return utf8.RuneCountInString(questionPreview(p, language))
}

// wholeNumber are the attributes of an input for whole numbers; an empty limit is none.
func wholeNumber(minimum, maximum, placeholder string) templ.Attributes {
	a := templ.Attributes{"step": "1", "inputmode": "numeric", "min": minimum}
	if maximum != "" {
		a["max"] = maximum
	}
	if placeholder != "" {
		a["placeholder"] = placeholder
	}
	return a
}
