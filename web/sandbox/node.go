package sandbox

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// route answers what comes after the version. The lock is held.
func (p *Platform) route(c *graphCall, g *page) (any, *graphError) {
	if len(c.parts) == 0 {
		return nil, &graphError{Code: 2500, Message: "Unsupported request: a node is missing"}
	}
	node := c.parts[0]
	isPage := node == "me" || node == g.ID
	switch len(c.parts) {
	case 1:
		if body, err, is := g.personaNode(c, node); is {
			return body, err
		}
		if err := requireMethod(c, http.MethodGet); err != nil {
			return nil, err
		}
		if isPage {
			return pick(c, map[string]any{"id": g.ID, "name": g.Name}, "id", "name"), nil
		}
		return p.profile(c, g, node)
	case 2:
		if !isPage {
			return nil, noNode(c.request.Method, node)
		}
		switch c.parts[1] {
		case "messages":
			if err := requireMethod(c, http.MethodPost); err != nil {
				return nil, err
			}
			return p.send(c, g)
		case "subscribed_apps":
			return p.subscribedApps(c, g)
		case "messenger_profile":
			return messengerProfile(c, g)
		case "message_templates":
			return p.messageTemplates(c, g)
		case "notification_message_tokens":
			return p.recurringTokens(c, g)
		case "notification_messages_dev_support":
			return p.recurringSupport(c, g)
		case "pass_thread_control", "take_thread_control", "request_thread_control", "release_thread_control":
			return p.threadControl(c, g, c.parts[1])
		case "thread_owner":
			return p.threadOwner(c, g)
		case "message_attachments":
			return p.uploadAttachment(c, g)
		case "personas":
			return p.personaList(c, g)
		case "custom_user_settings":
			return p.userSettings(c, g)
		case "messaging_feature_review":
			if err := requireMethod(c, http.MethodGet); err != nil {
				return nil, err
			}
			return g.features(), nil
		}
	}
	return nil, &graphError{Code: 2500, Message: "Unknown path components: /" + strings.Join(c.parts[1:], "/")}
}

// noNode is the answer for a node that is not there: 803 for a name, 100/33 for a number.
func noNode(method, node string) *graphError {
	if _, err := strconv.ParseUint(node, 10, 64); err != nil {
		return &graphError{Code: 803, Message: "(#803) Some of the aliases you requested do not exist: " + node}
	}
	return noObject(method, node)
}

// pick keeps the asked fields of a node; without the fields parameter those named.
func pick(c *graphCall, node map[string]any, usual ...string) map[string]any {
	if asked := c.list("fields"); len(asked) > 0 {
		usual = append(asked, "id")
	}
	out := map[string]any{}
	for _, f := range usual {
		if v, ok := node[f]; ok {
			out[f] = v
		}
	}
	return out
}

// profile answers GET /{psid}. What may not be seen is an empty object, as documented.
func (p *Platform) profile(c *graphCall, g *page, psid string) (any, *graphError) {
	t := p.threads[threadKey{g.ID, psid}]
	switch {
	case t == nil:
		return nil, noNode(http.MethodGet, psid)
	case t.PhoneAccount:
		return nil, &graphError{Code: 100, Subcode: 2018218, Message: "(#100) The profile of this person is not available."}
	case g.NoProfiles || t.NoProfile:
		return map[string]any{}, nil
	}
	picture := url.URL{Scheme: "http", Host: c.request.Host, Path: avatarPath(t)}
	return pick(c, map[string]any{
		"id": t.PSID, "first_name": t.FirstName, "last_name": t.LastName, "name": t.Name(),
		"profile_pic": picture.String(), "locale": t.Locale, "timezone": t.Timezone,
	}, "first_name", "last_name", "profile_pic", "id"), nil
}

// subscribedApps reads and changes what the Page tells the app.
func (p *Platform) subscribedApps(c *graphCall, g *page) (any, *graphError) {
	if err := requireMethod(c, http.MethodGet, http.MethodPost, http.MethodDelete); err != nil {
		return nil, err
	}
	switch c.request.Method {
	case http.MethodPost:
		fields := c.list("subscribed_fields")
		if len(fields) == 0 {
			return nil, invalid("The parameter subscribed_fields is required.")
		}
		for i, f := range fields {
			if !slices.Contains(subscribable(), f) {
				return nil, invalid("Param subscribed_fields[%d] must be one of {%s} - got %q.", i, strings.Join(subscribable(), ", "), f)
			}
		}
		g.subscribe(fields)
		return map[string]bool{"success": true}, nil
	case http.MethodDelete:
		g.subscribed = map[string]bool{}
		return map[string]bool{"success": true}, nil
	}
	apps := []map[string]any{}
	if fields := g.fields(); len(fields) > 0 {
		apps = append(apps, map[string]any{"category": "Business", "name": "Sandbox app", "id": p.options.AppID, "subscribed_fields": fields})
	}
	return map[string]any{"data": apps}, nil
}

// features answers messaging_feature_review. Which names Meta gives the features was not found; these are assumed.
func (g *page) features() any {
	status := func(off bool) string {
		if off {
			return "NOT_REQUESTED"
		}
		return "APPROVED"
	}
	return map[string]any{"data": []map[string]string{
		{"feature": "one_time_notification", "status": status(g.NoOTN)}, {"feature": "human_agent", "status": status(g.NoHumanAgent)},
	}}
}

// profileKeys are the properties of the Messenger profile.
func profileKeys() []string {
	return []string{"get_started", "greeting", "ice_breakers", "persistent_menu", "whitelisted_domains", "account_linking_url", "commands"}
}

// messengerProfile reads and changes the Page's greeting, menu and the like.
func messengerProfile(c *graphCall, g *page) (any, *graphError) {
	if err := requireMethod(c, http.MethodGet, http.MethodPost, http.MethodDelete); err != nil {
		return nil, err
	}
	switch c.request.Method {
	case http.MethodPost:
		next := map[string]json.RawMessage{}
		for _, key := range profileKeys() {
			if raw := c.raw(key); raw != nil {
				if key == "ice_breakers" {
					raw = withLanguages(raw)
				}
				next[key] = raw
			}
		}
		if len(next) == 0 {
			return nil, invalid("Requires one of the params: %s", strings.Join(profileKeys(), ", "))
		}
		if err := checkProfile(next, g); err != nil {
			return nil, err
		}
		for key, raw := range next {
			g.profile[key] = raw
		}
		return map[string]string{"result": "success"}, nil
	case http.MethodDelete:
		fields := c.list("fields")
		if len(fields) == 0 {
			return nil, invalid("The parameter fields is required.")
		}
		if slices.Contains(fields, "get_started") && g.profile["persistent_menu"] != nil && !slices.Contains(fields, "persistent_menu") {
			return nil, invalid("You must remove the persistent menu before the get started button.")
		}
		for _, f := range fields {
			delete(g.profile, f)
		}
		return map[string]string{"result": "success"}, nil
	}
	out := map[string]json.RawMessage{}
	for _, f := range c.list("fields") {
		if !slices.Contains(profileKeys(), f) {
			return nil, invalid("Param fields must be one of {%s} - got %q.", strings.Join(profileKeys(), ", "), f)
		}
		if raw := g.profile[f]; raw != nil {
			out[f] = raw
		}
	}
	data := []map[string]json.RawMessage{}
	if len(out) > 0 {
		data = append(data, out)
	}
	return map[string]any{"data": data}, nil
}

// checkProfile holds to the documented limits: a menu needs a Get Started button, 160 characters of greeting, four ice breakers.
func checkProfile(next map[string]json.RawMessage, g *page) *graphError {
	if raw, ok := next["get_started"]; ok {
		var v struct {
			Payload string `json:"payload"`
		}
		if json.Unmarshal(raw, &v) != nil || v.Payload == "" || utf8.RuneCountInString(v.Payload) > maxPayload {
			return invalid("Param get_started[payload] must be a non-empty string of at most %d characters.", maxPayload)
		}
	}
	if raw, ok := next["greeting"]; ok {
		var v []struct {
			Locale string `json:"locale"`
			Text   string `json:"text"`
		}
		if json.Unmarshal(raw, &v) != nil {
			return invalid("Param greeting must be a list.")
		}
		for _, one := range v {
			if one.Locale == "" || utf8.RuneCountInString(one.Text) > 160 {
				return invalid("Param greeting needs a locale and at most 160 characters of text.")
			}
		}
	}
	if raw, ok := next["ice_breakers"]; ok {
		var v []struct {
			Actions []json.RawMessage `json:"call_to_actions"`
		}
		if json.Unmarshal(raw, &v) != nil {
			return invalid("Param ice_breakers must be a list.")
		}
		for _, one := range v {
			if len(one.Actions) == 0 || len(one.Actions) > 4 {
				return invalid("Param ice_breakers[call_to_actions] must have between 1 and 4 elements.")
			}
		}
	}
	if _, ok := next["persistent_menu"]; ok && next["get_started"] == nil && g.profile["get_started"] == nil {
		return invalid("You must set a Get Started button if you also wish to use persistent menu.")
	}
	return nil
}

// getStarted is the payload of the Page's Get Started button.
func (g *page) getStarted() (string, bool) {
	var v struct {
		Payload string `json:"payload"`
	}
	raw, ok := g.profile["get_started"]
	if !ok || json.Unmarshal(raw, &v) != nil {
		return "", false
	}
	return v.Payload, true
}

// avatarPath is where the person's picture is.
func avatarPath(t *thread) string { return fmt.Sprintf("/avatar/%s/%s.svg", t.Page, t.PSID) }
