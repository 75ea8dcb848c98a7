package messenger

import (
	"context"
	"errors"
	"fmt"
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
	return templates, aboutTemplates(err)
}

// aboutTemplates says of a refused call about templates what only such a call is refused for.
func aboutTemplates(err error) error {
	var refused *graphError
	switch {
	case !errors.As(err, &refused):
		return err
	case refused.code == 3 || refused.code == 10 || refused.code == 200:
		return &models.Error{Kind: models.KindForbidden, Field: models.PermissionUtility, Err: refused,
			Message: fmt.Sprintf("Facebook lets this Page have no utility templates (%s); ask for the permission %s in the app's App Review, then connect the Page again.",
				refused.name(), models.PermissionUtility)}
	case refused.code == 100 && refused.subcode == 2388024:
		return &models.Error{Kind: models.KindInvalid, Field: "template_name", Err: refused,
			Message: fmt.Sprintf("Facebook has a template of this name in this language already (%s); fetch it with Check now, or take another name.", refused.name())}
	}
	return err
}

func (w wireReviewed) template() models.UtilityTemplate {
	t := models.UtilityTemplate{PlatformID: string(w.ID), Name: w.Name, Language: w.Language, Status: models.TemplateStatus(strings.ToUpper(string(w.Status))), Reason: string(w.Reason)}
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
		return t, aboutTemplates(err)
	}
	t.PlatformID, t.Status = string(got.ID), models.TemplateStatus(strings.ToUpper(string(got.Status)))
	if t.Status == "" {
		t.Status = models.TemplatePending
	}
	return t, nil
}

// DeleteTemplate deletes a template by its name, in every language it has or, where its number is given, in that template's only.
// Sources call the number hsm_id or template_id; Graph passes over the one it does not know.
func (c *Client) DeleteTemplate(ctx context.Context, page, accessToken, name, platformID string) error {
	query := url.Values{"name": {name}}
	if platformID != "" {
		query.Set("hsm_id", platformID)
		query.Set("template_id", platformID)
	}
	return aboutTemplates(c.confirmed(ctx, request{method: http.MethodDelete, path: []string{page, "message_templates"}, accessToken: accessToken, query: query}))
}
