package models

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Limits of utility templates, in Unicode characters and pieces (Utility Messages guide, Graph API v25.0).
const (
	MaxTemplateName    = 512
	MaxTemplateBody    = 1024
	MaxTemplateFills   = 20
	MaxTemplateButtons = 3
)

// TemplateStatus is where Meta's review of a utility template stands. Others than these exist; they cannot be sent.
type TemplateStatus string

// The statuses that are told apart. The first and the last are ours: what was never handed in, and what Meta no longer lists.
const (
	TemplateDraft    TemplateStatus = "DRAFT"
	TemplateApproved TemplateStatus = "APPROVED"
	TemplatePending  TemplateStatus = "PENDING"
	TemplateRejected TemplateStatus = "REJECTED"
	TemplatePaused   TemplateStatus = "PAUSED"
	TemplateDisabled TemplateStatus = "DISABLED"
	TemplateGone     TemplateStatus = "GONE"
)

// TemplatePurpose is what a utility template is for. They are those of the three tags that Messenger retired; see RetiredTags.
type TemplatePurpose string

// The purposes. One read from Meta has none until somebody says it.
const (
	PurposeConfirmedEvent TemplatePurpose = TemplatePurpose(SendConfirmedEvent)
	PurposePostPurchase   TemplatePurpose = TemplatePurpose(SendPostPurchase)
	PurposeAccountUpdate  TemplatePurpose = TemplatePurpose(SendAccountUpdate)
)

// TemplatePurposes are all of them, in the order in which they are offered.
func TemplatePurposes() []TemplatePurpose {
	return []TemplatePurpose{PurposePostPurchase, PurposeConfirmedEvent, PurposeAccountUpdate}
}

// Known reports whether it is one of TemplatePurposes.
func (p TemplatePurpose) Known() bool { return slices.Contains(TemplatePurposes(), p) }

// How often Meta is asked what became of templates: those under review, which takes seconds as a rule, and the others, which
// Meta may pause at any time.
const (
	TemplatePendingEvery = time.Minute
	TemplateEvery        = 6 * time.Hour
)

// MaxTemplates is how many utility templates of a Page are kept.
const MaxTemplates = 250

// UtilityOfUse is how long a utility message is tried to be sent: an update that is a day late tells nobody anything.
const UtilityOfUse = 24 * time.Hour

// UtilityTemplate is a message text that Meta reviews before it may be sent outside the window: about something the
// person did, never promotion. A name and a language tell it from others.
type UtilityTemplate struct {
	ID     int64 `gorm:"primaryKey"`
	PageID string
	// PlatformID is Meta's number; empty for one that was never handed in.
	PlatformID string
	Name       string // lower case letters, digits and _
	Language   string // as Messenger writes it: en, it, en_US
	Purpose    TemplatePurpose
	Status     TemplateStatus
	// Reason is the review's code for a refusal, such as TAG_SHOULD_BE_MARKETING.
	Reason string
	// Body is the text, with {{1}}, {{2}} and so on for what is filled in; Examples has one value for each of them.
	Body     string
	Examples []string `gorm:"serializer:json"`
	// Buttons open an address, or send a postback.
	Buttons []Button `gorm:"serializer:json"`
	// SubmittedAt is when it was last handed in; ReviewedAt when Meta's word on it last changed. Zero for never.
	SubmittedAt time.Time `gorm:"serializer:ms"`
	ReviewedAt  time.Time `gorm:"serializer:ms"`
	CreatedAt   time.Time `gorm:"serializer:ms;autoCreateTime:false"`
	UpdatedAt   time.Time `gorm:"serializer:ms;autoUpdateTime:false"`
}

// TableName is where utility templates are kept.
func (UtilityTemplate) TableName() string { return "utility_templates" }

// Editable reports whether the text may be changed here: it is not with Meta, or Meta refused it.
func (t UtilityTemplate) Editable() bool {
	return t.Status == TemplateDraft || t.Status == TemplateRejected || t.Status == TemplateGone
}

// Render is the text with values in their places; a place without a value stays as it is.
func (t UtilityTemplate) Render(values []string) string {
	return placeholder.ReplaceAllStringFunc(t.Body, func(place string) string {
		n, err := strconv.Atoi(place[2 : len(place)-2])
		if err != nil || n < 1 || n > len(values) {
			return place
		}
		return values[n-1]
	})
}

// Fill fills the template in, ready to send, and returns the text that the person will read too. Each place needs a value, and
// none of them may turn the whole into promotion.
func (t UtilityTemplate) Fill(values []string) (Filled, string, error) {
	if want := t.Placeholders(); len(values) != want {
		return Filled{}, "", FieldErrorf("values", "The template has %d places to fill in, and there are %d values.", want, len(values))
	}
	f := Filled{Name: t.Name, Language: t.Language}
	for i, v := range values {
		v = strings.TrimSpace(v)
		if v == "" {
			return f, "", FieldErrorf("values", "Fill in {{%d}}.", i+1)
		}
		if err := checkPromotion(t.Language, v); err != nil {
			return f, "", err
		}
		f.Body = append(f.Body, v)
	}
	for _, b := range t.Buttons {
		if b.URL == "" {
			f.Payloads = append(f.Payloads, b.Payload)
		}
	}
	return f, t.Render(f.Body), f.validate()
}

// TemplateReview is what Meta decided about a template.
type TemplateReview struct {
	ID       string         `json:"id,omitempty"`
	Name     string         `json:"name"`
	Language string         `json:"language"`
	Status   TemplateStatus `json:"status"`
	Reason   string         `json:"reason,omitempty"`
}

// Settled is the review as it is kept: Meta writes NONE where there is nothing to say against a template.
func (r TemplateReview) Settled() TemplateReview {
	r.Status = TemplateStatus(strings.ToUpper(string(r.Status)))
	if r.Reason == "NONE" {
		r.Reason = ""
	}
	return r
}

// Filled is a template with what fills it in, ready to send.
type Filled struct {
	Name     string   `json:"name"`
	Language string   `json:"language"`
	Body     []string `json:"body,omitempty"`     // for {{1}}, {{2}} and so on
	Payloads []string `json:"payloads,omitempty"` // of the buttons that send a postback, in their order
}

var (
	templateName     = regexp.MustCompile(`^[a-z0-9_]+$`)
	templateLanguage = regexp.MustCompile(`^[a-z]{2,3}(_[A-Z]{2})?$`)
	placeholder      = regexp.MustCompile(`\{\{(\d+)\}\}`)
)

// Placeholders returns how many values a template's body takes.
func (t UtilityTemplate) Placeholders() int { return len(placeholder.FindAllString(t.Body, -1)) }

// Validate holds a template against the platform's rules before it is handed in for review. The placeholders are
// numbered from 1 without a gap, and each has an example: the review refuses others
// (TEMPLATE_VARIABLES_MISSING_SAMPLE_VALUES).
func (t UtilityTemplate) Validate() error {
	if !templateName.MatchString(t.Name) || len(t.Name) > MaxTemplateName {
		return FieldErrorf("template_name", "A template's name has small letters, digits and _, such as order_shipped; at most %d of them.", MaxTemplateName)
	}
	if !templateLanguage.MatchString(t.Language) {
		return FieldErrorf("template_language", "Write the language as Messenger does: it, en or en_US.")
	}
	if n := utf8.RuneCountInString(t.Body); n == 0 || n > MaxTemplateBody {
		return FieldErrorf("template_body", "The text has %d characters; it needs 1 to %d.", n, MaxTemplateBody)
	}
	found := placeholder.FindAllStringSubmatch(t.Body, -1)
	for i, f := range found {
		if f[1] != strconv.Itoa(i+1) {
			return FieldErrorf("template_body", "Number what is filled in from {{1}} on, in order; {{%s}} stands where {{%d}} should.", f[1], i+1)
		}
	}
	if len(found) > MaxTemplateFills {
		return FieldErrorf("template_body", "A template takes at most %d values.", MaxTemplateFills)
	}
	if len(t.Examples) != len(found) {
		return FieldErrorf("examples", "Give one example for each value of the text: it has %d, and there are %d examples.", len(found), len(t.Examples))
	}
	for _, e := range t.Examples {
		if e == "" {
			return FieldErrorf("examples", "An example is empty; write what a customer might read there.")
		}
	}
	if err := checkPromotion(t.Language, t.Body); err != nil {
		return err
	}
	for _, b := range t.Buttons {
		if err := checkPromotion(t.Language, b.Title); err != nil {
			return err
		}
	}
	return validateButtons(t.Buttons)
}

func (f Filled) validate() error {
	if !templateName.MatchString(f.Name) || f.Language == "" {
		return FieldErrorf("template", "Name the template and its language.")
	}
	if len(f.Body) > MaxTemplateFills || len(f.Payloads) > MaxTemplateButtons {
		return FieldErrorf("template", "A template takes at most %d values and %d buttons.", MaxTemplateFills, MaxTemplateButtons)
	}
	for _, v := range f.Body {
		if n := utf8.RuneCountInString(v); n == 0 || n > MaxTemplateBody {
			return FieldErrorf("template", "A value of the template has %d characters; it needs 1 to %d.", n, MaxTemplateBody)
		}
	}
	for _, p := range f.Payloads {
		if n := utf8.RuneCountInString(p); n == 0 || n > MaxPayload {
			return FieldErrorf("template", "A button's payload has %d characters; it needs 1 to %d.", n, MaxPayload)
		}
	}
	return nil
}
