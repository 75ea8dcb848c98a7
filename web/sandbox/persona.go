package sandbox

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
)

// maxPersonas is how many names a Page may speak under (Personas API).
const maxPersonas = 100

// persona is a name and a face that a Page's message may carry in place of the Page's.
type persona struct {
	ID      string `json:"id"`
	Name    string `json:"name"`
	Picture string `json:"profile_picture_url"`
}

// personaList answers /{page}/personas.
func (p *Platform) personaList(c *graphCall, g *page) (any, *graphError) {
	if err := requireMethod(c, http.MethodGet, http.MethodPost); err != nil {
		return nil, err
	}
	if c.request.Method == http.MethodGet {
		return paged(c, g.personas, 25), nil
	}
	one := persona{ID: p.digits(16), Name: c.text("name"), Picture: c.text("profile_picture_url")}
	switch {
	case strings.TrimSpace(one.Name) == "":
		return nil, invalid("The parameter name is required.")
	case !webURL(one.Picture):
		return nil, unfetchable()
	case len(g.personas) >= maxPersonas:
		return nil, invalid("The Page has %d personas, which is the most.", maxPersonas)
	}
	g.personas = append(g.personas, one)
	return map[string]string{"id": one.ID}, nil
}

// personaNode answers GET and DELETE /{persona}; it reports false where there is no such persona.
func (g *page) personaNode(c *graphCall, id string) (any, *graphError, bool) {
	at := slices.IndexFunc(g.personas, func(one persona) bool { return one.ID == id })
	if at < 0 {
		return nil, nil, false
	}
	if err := requireMethod(c, http.MethodGet, http.MethodDelete); err != nil {
		return nil, err, true
	}
	if c.request.Method == http.MethodDelete {
		g.personas = slices.Delete(g.personas, at, at+1)
		return map[string]bool{"success": true}, nil, true
	}
	return g.personas[at], nil, true
}

// knows reports whether a persona that a send names is the Page's; naming none is fine.
func (g *page) knows(id string) bool {
	return id == "" || slices.ContainsFunc(g.personas, func(one persona) bool { return one.ID == id })
}

// userSettings answers /{page}/custom_user_settings: the menu of one person, which stands in place of the Page's.
func (p *Platform) userSettings(c *graphCall, g *page) (any, *graphError) {
	if err := requireMethod(c, http.MethodGet, http.MethodPost, http.MethodDelete); err != nil {
		return nil, err
	}
	t := p.threads[threadKey{g.ID, c.text("psid")}]
	if t == nil {
		return nil, &graphError{Code: 100, Subcode: 2018001, Message: "(#100) No matching user found"}
	}
	switch c.request.Method {
	case http.MethodPost:
		menu := c.raw("persistent_menu")
		if menu == nil {
			return nil, invalid("The parameter persistent_menu is required.")
		}
		if err := checkProfile(map[string]json.RawMessage{"persistent_menu": menu}, g); err != nil {
			return nil, err
		}
		t.menu = menu
		return map[string]string{"result": "success"}, nil
	case http.MethodDelete:
		t.menu = nil
		return map[string]string{"result": "success"}, nil
	}
	one := map[string]json.RawMessage{}
	if t.menu != nil {
		one["user_level_persistent_menu"] = t.menu
	}
	if menu := g.profile["persistent_menu"]; menu != nil {
		one["page_level_persistent_menu"] = menu
	}
	data := []map[string]json.RawMessage{}
	if len(one) > 0 {
		data = append(data, one)
	}
	return map[string]any{"data": data}, nil
}
