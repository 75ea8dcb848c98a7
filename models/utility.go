package models

import (
	"regexp"
	"strconv"
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

// The statuses that are told apart.
const (
	TemplateApproved TemplateStatus = "APPROVED"
	TemplatePending  TemplateStatus = "PENDING"
	TemplateRejected TemplateStatus = "REJECTED"
	TemplatePaused   TemplateStatus = "PAUSED"
	TemplateDisabled TemplateStatus = "DISABLED"
)

// UtilityTemplate is a message text that Meta reviews before it may be sent outside the window: about something the
// person did, never promotion. A name and a language tell it from others.
type UtilityTemplate struct {
	ID       string         `json:"id"`
	Name     string         `json:"name"`     // lower case letters, digits and _
	Language string         `json:"language"` // as Messenger writes it: en, it, en_US
	Status   TemplateStatus `json:"status"`
	// Reason is the review's code for a refusal, such as TAG_SHOULD_BE_MARKETING.
	Reason string `json:"reason,omitempty"`
	// Body is the text, with {{1}}, {{2}} and so on for what is filled in; Examples has one value for each of them.
	Body     string   `json:"body"`
	Examples []string `json:"examples,omitempty"`
	// Buttons open an address, or send a postback; their addresses and payloads are filled in when it is sent.
	Buttons []Button `json:"buttons,omitempty"`
}

// TemplateReview is what Meta decided about a template.
type TemplateReview struct {
	ID       string         `json:"id,omitempty"`
	Name     string         `json:"name"`
	Language string         `json:"language"`
	Status   TemplateStatus `json:"status"`
	Reason   string         `json:"reason,omitempty"`
}

// Filled is a template with what fills it in, ready to send.
type Filled struct {
	Name     string   `json:"name"`
	Language string   `json:"language"`
	Body     []string `json:"body,omitempty"`     // for {{1}}, {{2}} and so on
	Payloads []string `json:"payloads,omitempty"` // of the buttons that send a postback, in their order
}

var (
	templateName = regexp.MustCompile(`^[a-z0-9_]+$`)
	placeholder  = regexp.MustCompile(`\{\{(\d+)\}\}`)
)

// Placeholders returns how many values a template's body takes.
func (t UtilityTemplate) Placeholders() int { return len(placeholder.FindAllString(t.Body, -1)) }

// Validate holds a template against the platform's rules before it is handed in for review. The placeholders are
// numbered from 1 without a gap, and each has an example: the review refuses others
// (TEMPLATE_VARIABLES_MISSING_SAMPLE_VALUES).
func (t UtilityTemplate) Validate() error {
	if !templateName.MatchString(t.Name) || len(t.Name) > MaxTemplateName {
		return FieldErrorf("name", "A template's name has small letters, digits and _, such as order_shipped; at most %d of them.", MaxTemplateName)
	}
	if t.Language == "" {
		return FieldErrorf("language", "Choose the template's language.")
	}
	if n := utf8.RuneCountInString(t.Body); n == 0 || n > MaxTemplateBody {
		return FieldErrorf("body", "The text has %d characters; it needs 1 to %d.", n, MaxTemplateBody)
	}
	found := placeholder.FindAllStringSubmatch(t.Body, -1)
	for i, f := range found {
		if f[1] != strconv.Itoa(i+1) {
			return FieldErrorf("body", "Number what is filled in from {{1}} on, in order; {{%s}} stands where {{%d}} should.", f[1], i+1)
		}
	}
	if len(found) > MaxTemplateFills {
		return FieldErrorf("body", "A template takes at most %d values.", MaxTemplateFills)
	}
	if len(t.Examples) != len(found) {
		return FieldErrorf("examples", "Give one example for each value of the text: it has %d, and there are %d examples.", len(found), len(t.Examples))
	}
	for _, e := range t.Examples {
		if e == "" {
			return FieldErrorf("examples", "An example is empty; write what a customer might read there.")
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
