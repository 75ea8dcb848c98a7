package views

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"bentornato/models"
)

// TemplatesProps is the list of a Page's utility templates: GET /pages/{id}/templates with cursor. POST
// /pages/{id}/templates/refresh reads them from Meta.
type TemplatesProps struct {
	Page
	OnPage models.Page
	Health models.PageHealth
	Rows   []models.UtilityTemplate
	Pager  Pager
}

// TemplateProps is one utility template: GET /pages/{id}/templates/new or /{template}; POST to the same address saves a draft, with do
// "preview" only shows it. POST /{template}/submit with not_promotion hands it in, and /{template}/delete with confirm deletes it.
type TemplateProps struct {
	Page
	OnPage models.Page
	// Template is what is on record; its ID is 0 for a new one.
	Template models.UtilityTemplate
	Form     TemplateForm
	// Err is what went wrong handing it in or deleting it.
	Err error
}

// TemplateForm is a template as somebody typed it. Field names: template_name, template_language, template_purpose, template_body,
// examples with one a line, button_title, button_url.
type TemplateForm struct {
	Name        string
	Language    string
	Purpose     models.TemplatePurpose
	Body        string
	Examples    string
	ButtonTitle string
	ButtonURL   string
	Err         error
}

// TemplateFormOf fills the form with what is on record.
func TemplateFormOf(t models.UtilityTemplate) TemplateForm {
	f := TemplateForm{Name: t.Name, Language: t.Language, Purpose: t.Purpose, Body: t.Body, Examples: strings.Join(t.Examples, "\n")}
	for _, b := range t.Buttons {
		if b.URL != "" {
			f.ButtonTitle, f.ButtonURL = b.Title, b.URL
		}
	}
	return f
}

// Template is the template that the form describes, unchecked.
func (f TemplateForm) Template() models.UtilityTemplate {
	t := models.UtilityTemplate{Name: f.Name, Language: f.Language, Purpose: f.Purpose, Body: f.Body}
	for line := range strings.Lines(f.Examples) {
		if line = strings.TrimSpace(line); line != "" {
			t.Examples = append(t.Examples, line)
		}
	}
	if f.ButtonTitle != "" || f.ButtonURL != "" {
		t.Buttons = []models.Button{{Title: f.ButtonTitle, URL: f.ButtonURL}}
	}
	return t
}

// templateFields are the fields that show their own error.
func templateFields() []string {
	return []string{"template_name", "template_language", "template_purpose", "template_body", "promotion", "examples", "buttons", "url"}
}

// buttonError puts an error of the button, whichever half it is about, under its first field.
func (f TemplateForm) buttonError() error {
	if oneOf(errorField(f.Err), []string{"buttons", "url"}) {
		return f.Err
	}
	return nil
}

// SendUtilityProps chooses, fills in and sends a utility message to one contact: GET /inbox/{contact}/utility with template; POST to the
// same address with template, value_1 and so on, and not_promotion.
type SendUtilityProps struct {
	Page
	Contact   models.Contact
	OnPage    models.Page
	Templates []models.UtilityTemplate
	// Chosen is the template to fill in; its ID is 0 where none is chosen.
	Chosen models.UtilityTemplate
	Values []string
	// May is the policy's answer for the chosen template, or for any approved one.
	May models.PolicyAnswer
	Err error
}

func (p SendUtilityProps) value(i int) string {
	if i < len(p.Values) {
		return p.Values[i]
	}
	return ""
}

// filled are the values with the examples where nothing is typed yet.
func (p SendUtilityProps) filled() []string {
	values := slices.Clone(p.Chosen.Examples)
	for i, v := range p.Values {
		if v != "" && i < len(values) {
			values[i] = v
		}
	}
	return values
}

func valueName(i int) string { return "value_" + strconv.Itoa(i+1) }

func templatesPath(on models.Page) string { return "/pages/" + on.ID + "/templates" }

func templatePath(t models.UtilityTemplate) string {
	return "/pages/" + t.PageID + "/templates/" + strconv.FormatInt(t.ID, 10)
}

// TemplateStatusWord says where a template's review stands. Statuses that Meta adds stand as it writes them.
func TemplateStatusWord(ctx context.Context, s models.TemplateStatus) string {
	return platformWord(ctx, "template_status.", string(s))
}

// TemplatePurposeWord names what a template is for.
func TemplatePurposeWord(ctx context.Context, p models.TemplatePurpose) string {
	return reasonText(ctx, "template_purpose.", string(p))
}

// TemplateReasonText says why Meta refused a template, and what to do. Reasons that are not documented stand as Meta writes them.
func TemplateReasonText(ctx context.Context, reason string) string {
	return platformWord(ctx, "template_reason.", reason)
}

// platformWord puts a word of the platform's into the reader's language; one that is not known stands as it is.
func platformWord(ctx context.Context, prefix, word string) string {
	id := prefix + strings.ToLower(word)
	if text := T(ctx, id); text != id {
		return text
	}
	return word
}

func templateIcon(s models.TemplateStatus) string {
	switch s {
	case models.TemplateApproved:
		return "circle-check"
	case models.TemplatePending:
		return "clock"
	case models.TemplateDraft:
		return "circle-dashed"
	}
	return "circle-alert"
}

// grantWord says what is known of a feature or a permission.
func grantWord(ctx context.Context, g models.Grant) string { return T(ctx, "feature_state."+string(g)) }

// refusalCode is how a refusal is looked up in Meta's documentation; empty where the call had none.
func refusalCode(r models.Refusal) string {
	switch {
	case r.Code == 0:
		return ""
	case r.Subcode == 0:
		return strconv.Itoa(r.Code)
	}
	return strconv.Itoa(r.Code) + "/" + strconv.Itoa(r.Subcode)
}

// ThreadOwnerText says who has a conversation that is not ours to answer.
func ThreadOwnerText(ctx context.Context, owner string) string {
	switch owner {
	case models.ThreadInbox:
		return T(ctx, "thread_owner.inbox")
	case models.ThreadOther:
		return T(ctx, "thread_owner.someone")
	}
	return T(ctx, "thread_owner.app", "App", owner)
}

func templateTitle(ctx context.Context, p TemplateProps) string {
	if p.Template.ID == 0 {
		return T(ctx, "templates.add")
	}
	return p.Template.Name
}

func templateAction(p TemplateProps) string {
	if p.Template.ID == 0 {
		return templatesPath(p.OnPage) + "/new"
	}
	return templatePath(p.Template)
}

// fixed makes an input read-only whose value Meta knows a refused template by.
func fixed(p TemplateProps, a templ.Attributes) templ.Attributes {
	if p.Template.PlatformID != "" && p.Template.Status != models.TemplateGone {
		a["readonly"] = true
	}
	return a
}

// exampleHint shows what might stand in a place of a template.
func exampleHint(ctx context.Context, t models.UtilityTemplate, i int) string {
	if i >= len(t.Examples) {
		return ""
	}
	return T(ctx, "utility.example", "Example", t.Examples[i])
}

// troubleOf is the sentence of an error about one field; empty where it is about another.
func troubleOf(ctx context.Context, err error, name string) string {
	if errorField(err) == name {
		return ErrorText(ctx, err)
	}
	return ""
}

// bodyTrouble says what is wrong with the text, in which advertising is named by its own words.
func (f TemplateForm) bodyTrouble(ctx context.Context) string {
	if errorField(f.Err) != "promotion" {
		return troubleOf(ctx, f.Err, "template_body")
	}
	return T(ctx, "templates.promotes", "Words", models.Promotion(f.Language, f.Body+" "+f.ButtonTitle))
}

func (p SendUtilityProps) valuesTrouble(ctx context.Context) string {
	if errorField(p.Err) != "promotion" {
		return troubleOf(ctx, p.Err, "values")
	}
	return T(ctx, "templates.promotes", "Words", models.Promotion(p.Chosen.Language, strings.Join(p.Values, "\n")))
}
