package sandbox

import (
	"encoding/json"
	"slices"
	"strings"
	"time"
)

// What a Page's messenger_profile shows on a phone. A locale is matched whole, and else the entry "default" holds.

// localised picks a locale's entry out of a property of the profile.
func localised[T any](raw json.RawMessage, locale string, localeOf func(T) string) (found T, ok bool) {
	var list []T
	if json.Unmarshal(raw, &list) != nil {
		return found, false
	}
	for _, one := range list {
		switch localeOf(one) {
		case locale:
			return one, true
		case "default":
			found, ok = one, true
		}
	}
	return found, ok
}

type profileGreeting struct {
	Locale string `json:"locale"`
	Text   string `json:"text"`
}

type profileBreakers struct {
	Locale  string `json:"locale"`
	Actions []struct {
		Question string `json:"question"`
		Payload  string `json:"payload"`
	} `json:"call_to_actions"`
}

type profileMenu struct {
	Locale  string   `json:"locale"`
	Actions []Button `json:"call_to_actions"`
}

// greeting is what stands in an empty chat, with the person's name in it.
func (t *thread) greeting() string {
	g, _ := localised(t.onPage.profile["greeting"], t.Locale, func(g profileGreeting) string { return g.Locale })
	return strings.NewReplacer("{{user_first_name}}", t.FirstName, "{{user_last_name}}", t.LastName, "{{user_full_name}}", t.Name()).Replace(g.Text)
}

// iceBreakers are the questions that take the place of Get Started.
func (g *page) iceBreakers(locale string) []Button {
	found, _ := localised(g.profile["ice_breakers"], locale, func(b profileBreakers) string { return b.Locale })
	var out []Button
	for _, a := range found.Actions {
		out = append(out, Button{Type: "postback", Title: a.Question, Payload: a.Payload})
	}
	return out
}

// withLanguages brings questions of the older form, which knows no languages, into the newer one.
func withLanguages(raw json.RawMessage) json.RawMessage {
	var flat []struct {
		Question string `json:"question"`
	}
	if json.Unmarshal(raw, &flat) != nil || len(flat) == 0 || flat[0].Question == "" {
		return raw
	}
	return slices.Concat(json.RawMessage(`[{"locale":"default","call_to_actions":`), raw, json.RawMessage(`}]`))
}

// menuItems is the persistent menu: the person's own, or else the Page's.
func (t *thread) menuItems() []Button {
	menu := t.menu
	if menu == nil {
		menu = t.onPage.profile["persistent_menu"]
	}
	found, _ := localised(menu, t.Locale, func(m profileMenu) string { return m.Locale })
	return found.Actions
}

// TapMenu is a tap on an item of the persistent menu.
func (p *Platform) TapMenu(pageID, psid, payload string) error {
	return p.tapProfile(pageID, psid, payload, func(t *thread) []Button { return t.menuItems() })
}

// TapIceBreaker is a tap on a question of an empty chat.
func (p *Platform) TapIceBreaker(pageID, psid, payload string) error {
	return p.tapProfile(pageID, psid, payload, func(t *thread) []Button {
		if t.started {
			return nil
		}
		return t.onPage.iceBreakers(t.Locale)
	})
}

func (p *Platform) tapProfile(pageID, psid, payload string, shown func(*thread) []Button) error {
	return p.act(pageID, psid, func(t *thread, now time.Time) error {
		for _, b := range shown(t) {
			if b.Type == "postback" && b.Payload == payload {
				p.tapped(t, now, b.Title, payload, nil)
				return nil
			}
		}
		return ErrUnknown
	})
}
