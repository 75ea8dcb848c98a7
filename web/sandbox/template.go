package sandbox

import (
	"encoding/json"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Utility templates: texts about something the person did, reviewed before they may be sent outside the window. A real review
// takes seconds; here it is over when the call is, and told by the webhook message_template_status_update.

// MaxTemplates is how many templates a Page may have.
const MaxTemplates = 250

// Template is a utility template of a Page.
type Template struct {
	ID       string
	Name     string
	Language string
	Status   string // APPROVED, REJECTED, PAUSED
	Reason   string // why it was rejected, NONE else
	Body     string
	Examples []string
	Buttons  []TemplateButton
}

// TemplateButton is a button of a template: URL or POSTBACK.
type TemplateButton struct {
	Type    string `json:"type"`
	Text    string `json:"text"`
	URL     string `json:"url,omitempty"`
	Payload string `json:"payload,omitempty"`
}

var (
	templateName = regexp.MustCompile(`^[a-z0-9_]{1,512}$`)
	templateHole = regexp.MustCompile(`\{\{\d+\}\}`)
	// promotion is what the pretend reviewer takes for marketing. Meta's own measure is not documented.
	promotion = regexp.MustCompile(`(?i)\b(sale|discount|offer|promo|deal|coupon|buy now|back in stock|sconto|offerta|saldi|promozione|compra ora|di nuovo disponibile)`)
)

// review is the verdict on a template.
func (t Template) review() (status, reason string) {
	holes := len(templateHole.FindAllString(t.Body, -1))
	words := len(strings.Fields(templateHole.ReplaceAllString(t.Body, "")))
	switch {
	case promotion.MatchString(t.Body):
		return "REJECTED", "TAG_SHOULD_BE_MARKETING"
	case holes > 0 && len(t.Examples) != holes:
		return "REJECTED", "TEMPLATE_VARIABLES_MISSING_SAMPLE_VALUES"
	case words < 2*holes:
		return "REJECTED", "PARAMS_TO_WORD_RATIO_EXCEED_LIMIT"
	}
	return "APPROVED", "NONE"
}

type templateComponent struct {
	Type    string `json:"type"`
	Text    string `json:"text,omitempty"`
	Example *struct {
		BodyText [][]string `json:"body_text"`
	} `json:"example,omitempty"`
	Buttons []TemplateButton `json:"buttons,omitempty"`
}

// messageTemplates answers /{page}/message_templates.
func (p *Platform) messageTemplates(c *graphCall, g *page) (any, *graphError) {
	if err := requireMethod(c, http.MethodGet, http.MethodPost, http.MethodDelete); err != nil {
		return nil, err
	}
	if g.NoUtility {
		return nil, noPermission()
	}
	switch c.request.Method {
	case http.MethodPost:
		return p.createTemplate(c, g)
	case http.MethodDelete:
		before := len(g.templates)
		g.templates = slices.DeleteFunc(g.templates, func(t Template) bool {
			return t.Name == c.text("name") && (c.text("hsm_id") == "" || t.ID == c.text("hsm_id"))
		})
		if len(g.templates) == before {
			return nil, invalid("Message template not found")
		}
		return map[string]bool{"success": true}, nil
	}
	all := make([]map[string]any, 0, len(g.templates))
	for _, t := range g.templates {
		components := []map[string]any{{"type": "BODY", "text": t.Body}}
		if len(t.Examples) > 0 {
			components[0]["example"] = map[string]any{"body_text": [][]string{t.Examples}}
		}
		if len(t.Buttons) > 0 {
			components = append(components, map[string]any{"type": "BUTTONS", "buttons": t.Buttons})
		}
		all = append(all, pick(c, map[string]any{"id": t.ID, "name": t.Name, "language": t.Language, "category": "UTILITY", "status": t.Status,
			"rejected_reason": t.Reason, "components": components}, "id", "name", "language", "category", "status"))
	}
	return paged(c, all, 25), nil
}

func (p *Platform) createTemplate(c *graphCall, g *page) (any, *graphError) {
	var components []templateComponent
	if raw := c.raw("components"); raw == nil || json.Unmarshal(raw, &components) != nil {
		return nil, invalid("Param components must be a list.")
	}
	t := Template{ID: p.digits(16), Name: c.text("name"), Language: c.text("language")}
	for _, one := range components {
		switch strings.ToUpper(one.Type) {
		case "BODY":
			t.Body = one.Text
			if one.Example != nil && len(one.Example.BodyText) > 0 {
				t.Examples = one.Example.BodyText[0]
			}
		case "BUTTONS":
			t.Buttons = one.Buttons
		}
	}
	switch {
	case !templateName.MatchString(t.Name):
		return nil, invalid("Param name must have lower case letters, digits and underscores only.")
	case t.Language == "":
		return nil, invalid("The parameter language is required.")
	case strings.ToUpper(c.text("category")) != "UTILITY":
		return nil, invalid("Param category must be UTILITY here.")
	case strings.TrimSpace(t.Body) == "" || utf8.RuneCountInString(t.Body) > 1024:
		return nil, invalid("A BODY component of at most 1024 characters is required.")
	case len(t.Buttons) > maxButtons:
		return nil, invalid("At most %d buttons.", maxButtons)
	case len(g.templates) >= MaxTemplates:
		return nil, invalid("The Page has %d templates, which is the most.", MaxTemplates)
	}
	for _, b := range t.Buttons {
		switch {
		case b.Type == "QUICK_REPLY":
			return nil, &graphError{Code: 100, Subcode: 2018416, Message: "(#100) Quick replies are not supported in utility templates"}
		case b.Type != "URL" && b.Type != "POSTBACK", b.Text == "", b.Type == "URL" && !webURL(b.URL):
			return nil, invalid("A button has type URL or POSTBACK, a text, and an address or payload.")
		}
	}
	if g.template(t.Name, t.Language) != nil {
		return nil, &graphError{Code: 100, Subcode: 2388024, Message: "(#100) There is already content in this language for this template"}
	}
	t.Status, t.Reason = t.review()
	g.templates = append(g.templates, t)
	p.emitAboutPage(g, "message_template_status_update", map[string]any{"event": t.Status, "message_template_id": json.Number(t.ID),
		"message_template_name": t.Name, "message_template_language": t.Language, "reason": t.Reason})
	return map[string]string{"id": t.ID, "status": "PENDING", "category": "UTILITY"}, nil
}

func (g *page) template(name, language string) *Template {
	for i, t := range g.templates {
		if t.Name == name && t.Language == language {
			return &g.templates[i]
		}
	}
	return nil
}

// emitAboutPage queues a change that is about nobody. It travels with the Page's first person, as webhooks need a queue.
func (p *Platform) emitAboutPage(g *page, field string, value any) {
	for _, t := range p.people {
		if t.onPage == g {
			p.emitChange(t, field, value)
			return
		}
	}
}

// Templates lists a Page's utility templates.
func (p *Platform) Templates(pageID string) []Template {
	p.mu.Lock()
	defer p.mu.Unlock()
	if g := p.pages[pageID]; g != nil {
		return slices.Clone(g.templates)
	}
	return nil
}

// filledTemplate is message.template of a send.
type filledTemplate struct {
	Name     string `json:"name"`
	Language struct {
		Code string `json:"code"`
	} `json:"language"`
	Components []struct {
		Type       string `json:"type"`
		Parameters []struct {
			Type    string `json:"type"`
			Text    string `json:"text"`
			Payload string `json:"payload"`
		} `json:"parameters"`
	} `json:"components"`
}

// utility fills a template in and judges it: it must be approved, and everything in it filled.
func (g *page) utility(f filledTemplate) (Content, *graphError) {
	if g.NoUtility {
		return Content{}, noPermission()
	}
	t := g.template(f.Name, f.Language.Code)
	if t == nil {
		return Content{}, invalid("Template %q does not exist in %q", f.Name, f.Language.Code)
	}
	if t.Status != "APPROVED" {
		return Content{}, invalid("Template %q is %s and cannot be sent", f.Name, t.Status)
	}
	c := Content{Template: templateUtility, Text: t.Body, Title: t.Name}
	var payloads []string
	for _, part := range f.Components {
		for i, v := range part.Parameters {
			switch strings.ToLower(part.Type) {
			case "body":
				c.Text = strings.ReplaceAll(c.Text, "{{"+strconv.Itoa(i+1)+"}}", v.Text)
			case "buttons":
				payloads = append(payloads, v.Payload)
			}
		}
	}
	if templateHole.MatchString(c.Text) {
		return c, invalid("Number of parameters does not match the expected number of params")
	}
	for _, b := range t.Buttons {
		one := Button{Type: "web_url", Title: b.Text, URL: b.URL}
		if b.Type == "POSTBACK" {
			if len(payloads) == 0 {
				return c, &graphError{Code: 100, Subcode: 1893029, Message: "(#100) Too few button payloads"}
			}
			one = Button{Type: "postback", Title: b.Text, Payload: payloads[0]}
			payloads = payloads[1:]
		}
		c.Buttons = append(c.Buttons, one)
	}
	return c, nil
}
