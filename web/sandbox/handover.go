package sandbox

import (
	"encoding/json"
	"net/http"
)

// The handover protocol: one app owns a thread and the others read along in standby. Our app is always there; another one's
// doings are the console's, by SetThreadOwner and RequestThread.

// OtherApp is an app that may take a thread from ours: a pretend help desk.
const OtherApp = "263000000000777"

// threadControl answers pass_thread_control, take_thread_control, request_thread_control and release_thread_control.
func (p *Platform) threadControl(c *graphCall, g *page, verb string) (any, *graphError) {
	if err := requireMethod(c, http.MethodPost); err != nil {
		return nil, err
	}
	to, err := readRecipient(c.raw("recipient"))
	if err != nil {
		return nil, err
	}
	t := p.threads[threadKey{g.ID, to.Value}]
	if t == nil || to.Kind != "id" {
		return nil, &graphError{Code: 100, Subcode: 2018001, Message: "(#100) No matching user found"}
	}
	mine := t.owner == ""
	switch verb {
	case "pass_thread_control":
		target := c.text("target_app_id")
		switch {
		case target == "" || target == p.options.AppID:
			return nil, invalid("Param target_app_id must be another app's id.")
		case !mine:
			return nil, &graphError{Code: 100, Subcode: 2018300, Message: "(#100) Only the thread owner can pass it on."}
		}
		t.owner = target
	case "release_thread_control":
		if !mine {
			return nil, &graphError{Code: 100, Subcode: 2018300, Message: "(#100) Only the thread owner can release it."}
		}
		t.owner = inboxApp
	case "take_thread_control":
		if before := t.owner; before != "" {
			t.owner = ""
			p.emitHandover(t, &handover{Previous: ownerNumber(before), New: appNumber(p.options.AppID), Metadata: c.text("metadata")}, verb)
		}
	case "request_thread_control":
		// The other app decides; nothing happens by itself.
	}
	return map[string]bool{"success": true}, nil
}

// threadOwner answers GET /{page}/thread_owner?recipient=PSID.
func (p *Platform) threadOwner(c *graphCall, g *page) (any, *graphError) {
	if err := requireMethod(c, http.MethodGet); err != nil {
		return nil, err
	}
	t := p.threads[threadKey{g.ID, c.text("recipient")}]
	if t == nil {
		return nil, &graphError{Code: 100, Subcode: 2018001, Message: "(#100) No matching user found"}
	}
	owner := t.owner
	if owner == "" {
		owner = p.options.AppID
	}
	return map[string]any{"data": []any{map[string]any{"thread_owner": map[string]string{"app_id": owner}}}}, nil
}

// RequestThread is the other app asking for the thread, or giving it back to us: pass is false or true.
func (p *Platform) RequestThread(pageID, psid string, pass bool) error {
	return p.onThread(pageID, psid, func(t *thread) error {
		if pass {
			before := t.owner
			t.owner = ""
			p.emitHandover(t, &handover{Previous: ownerNumber(before), New: appNumber(p.options.AppID)}, "pass_thread_control")
			return nil
		}
		p.emitHandover(t, &handover{Requester: appNumber(OtherApp)}, "request_thread_control")
		return nil
	})
}

func (p *Platform) emitHandover(t *thread, h *handover, verb string) {
	e := t.fromPerson(p.now())
	switch verb {
	case "pass_thread_control":
		e.Pass = h
	case "take_thread_control":
		e.Take = h
	case "request_thread_control":
		e.Request = h
	}
	p.emit(t, "messaging_handovers", e)
}

// ownerNumber is an app's id, and null for the Page's own inbox.
func ownerNumber(app string) any {
	if app == "" || app == inboxApp {
		return json.RawMessage("null")
	}
	return appNumber(app)
}
