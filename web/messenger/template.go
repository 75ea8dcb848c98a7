package messenger

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"bentornato/models"
)

// Limits of reading a Page's templates.
const (
	templatesPerCall = 100
	// MaxTemplates is how many of a Page's utility templates are read.
	MaxTemplates = 1000
)

// wireReviewed is a utility template as the Graph API has it (/{page}/message_templates).
type (
	wireReviewed struct {
		ID         id              `json:"id,omitempty"`
		Name       string          `json:"name"`
		Language   string          `json:"language"`
		Category   string          `json:"category"`
		Status     text            `json:"status,omitempty"`
		Reason     text            `json:"rejected_reason,omitempty"`
		Components []wireComponent `json:"components"`
	}
	wireComponent struct {
		Type    string               `json:"type"`
		Text    string               `json:"text,omitempty"`
		Example *wireExample         `json:"example,omitempty"`
		Buttons []wireTemplateButton `json:"buttons,omitempty"`
	}
	wireExample struct {
		BodyText [][]string `json:"body_text"`
	}
	wireTemplateButton struct {
		Type    string `json:"type"`
		Text    string `json:"text"`
		URL     string `json:"url,omitempty"`
		Payload string `json:"payload,omitempty"`
	}
)

// categoryUtility is the only category that may be sent without paying.
const categoryUtility = "UTILITY"

// Templates lists a Page's utility templates with where their review stands, at most MaxTemplates. It needs the
// permission pages_utility_messaging, which the documentation writes without its first s.
func (c *Client) Templates(ctx context.Context, page, accessToken string) ([]models.UtilityTemplate, error) {
	var templates []models.UtilityTemplate
	err := each(ctx, c, request{path: []string{page, "message_templates"}, accessToken: accessToken,
		query: url.Values{"fields": {"id,name,language,category,status,rejected_reason,components"}}}, templatesPerCall, MaxTemplates,
		func(w wireReviewed) {
			if strings.EqualFold(w.Category, categoryUtility) {
				templates = append(templates, w.template())
			}
		})
	return templates, err
}

func (w wireReviewed) template() models.UtilityTemplate {
	t := models.UtilityTemplate{ID: string(w.ID), Name: w.Name, Language: w.Language, Status: models.TemplateStatus(strings.ToUpper(string(w.Status))), Reason: string(w.Reason)}
	for _, part := range w.Components {
		switch strings.ToUpper(part.Type) {
		case "BODY":
			t.Body = part.Text
			if part.Example != nil && len(part.Example.BodyText) > 0 {
				t.Examples = part.Example.BodyText[0]
			}
		case "BUTTONS":
			for _, b := range part.Buttons {
				t.Buttons = append(t.Buttons, models.Button{Title: b.Text, URL: b.URL, Payload: b.Payload})
			}
		}
	}
	return t
}

// CreateTemplate hands a utility template in for review, which takes seconds, and returns its id and status.
func (c *Client) CreateTemplate(ctx context.Context, page, accessToken string, t models.UtilityTemplate) (models.UtilityTemplate, error) {
	if err := t.Validate(); err != nil {
		return t, err
	}
	body := wireComponent{Type: "BODY", Text: t.Body}
	if len(t.Examples) > 0 {
		body.Example = &wireExample{BodyText: [][]string{t.Examples}}
	}
	w := wireReviewed{Name: t.Name, Language: t.Language, Category: categoryUtility, Components: []wireComponent{body}}
	if len(t.Buttons) > 0 {
		buttons := wireComponent{Type: "BUTTONS"}
		for _, b := range t.Buttons {
			one := wireTemplateButton{Type: "POSTBACK", Text: b.Title, Payload: b.Payload}
			if b.URL != "" {
				one = wireTemplateButton{Type: "URL", Text: b.Title, URL: b.URL}
			}
			buttons.Buttons = append(buttons.Buttons, one)
		}
		w.Components = append(w.Components, buttons)
	}
	encoded, err := encodeJSON(w)
	if err != nil {
		return t, err
	}
	var got struct {
		ID     id   `json:"id"`
		Status text `json:"status"`
	}
	if err := c.change(ctx, request{method: http.MethodPost, path: []string{page, "message_templates"}, accessToken: accessToken, body: encoded}, &got); err != nil {
		return t, err
	}
	t.ID, t.Status = string(got.ID), models.TemplateStatus(strings.ToUpper(string(got.Status)))
	if t.Status == "" {
		t.Status = models.TemplatePending
	}
	return t, nil
}

// DeleteTemplate deletes a template by its name, in every language it has.
func (c *Client) DeleteTemplate(ctx context.Context, page, accessToken, name string) error {
	return c.confirmed(ctx, request{method: http.MethodDelete, path: []string{page, "message_templates"}, accessToken: accessToken, query: url.Values{"name": {name}}})
}
