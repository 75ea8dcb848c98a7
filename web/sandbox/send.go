package sandbox

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"
)

// tagsRetired is when the three tags for transactions stopped (changelog of 2026-03-27).
func tagsRetired() time.Time { return time.Date(2026, time.April, 27, 0, 0, 0, 0, time.UTC) }

// privateReplyTerm is how long a comment may be answered in private.
const privateReplyTerm = 7 * 24 * time.Hour

// recipient is whom a send goes to.
type recipient struct {
	Kind  string // the one key: id, one_time_notif_token, comment_id, ...
	Value string
}

// Kinds of recipient that Meta lists for the Send API.
func recipientKinds() []string {
	return []string{"id", "user_ref", "phone_number", "post_id", "comment_id", "one_time_notif_token", "notification_messages_token"}
}

func readRecipient(raw json.RawMessage) (recipient, *graphError) {
	var given map[string]json.RawMessage
	if len(raw) == 0 || json.Unmarshal(raw, &given) != nil || len(given) == 0 {
		return recipient{}, invalid("The parameter recipient is required")
	}
	var out recipient
	for key, value := range given {
		if !slices.Contains(recipientKinds(), key) {
			return recipient{}, invalid("Invalid keys %q were found in param \"recipient\".", key)
		}
		out.Kind = key
		if json.Unmarshal(value, &out.Value) != nil || out.Value == "" {
			return recipient{}, invalid("Param recipient[%s] must be a non-empty string.", key)
		}
	}
	if len(given) != 1 {
		return recipient{}, invalid("Param recipient must have exactly one of %s.", strings.Join(recipientKinds(), ", "))
	}
	return out, nil
}

// comment is a comment on a Page's post.
type comment struct {
	id     string
	thread *thread
	at     time.Time
	used   bool // a private reply was sent
}

// send answers POST /{page}/messages. The lock is held and the token is known to be good.
func (p *Platform) send(c *graphCall, g *page) (any, *graphError) {
	now := p.now()
	inSecond := g.countSend(now)
	body, err := p.judgeAndAccept(c, g, now, inSecond)
	if err != nil {
		g.counts.Refused++
	} else {
		g.counts.Accepted++
	}
	return body, err
}

func (p *Platform) judgeAndAccept(c *graphCall, g *page, now time.Time, inSecond int) (any, *graphError) {
	if g.restricted {
		return nil, &graphError{Code: 10, Subcode: 1893063, Message: "(#10) This Page is temporarily restricted from sending messages."}
	}
	if err := p.overRate(g, inSecond); err != nil {
		return nil, err
	}
	to, err := readRecipient(c.raw("recipient"))
	if err != nil {
		return nil, err
	}
	who, err := p.resolve(to, g)
	if err != nil {
		return nil, err
	}
	t := who.thread
	if t != nil {
		if err := t.unreachable(); err != nil {
			return nil, err
		}
		if t.owner != "" {
			return nil, &graphError{Code: 100, Subcode: 2018300, Message: "(#100) Message failed to send because another app is controlling this thread now."}
		}
	}
	if action := c.text("sender_action"); action != "" {
		return senderAction(action, t, c.raw("message"))
	}
	content, err := g.readContent(c.raw("message"), c.upload)
	if err != nil {
		return nil, err
	}
	if !g.knows(c.text("persona_id")) {
		return nil, invalid("Param persona_id is not a persona of this Page.")
	}
	kind, tag := c.text("messaging_type"), c.text("tag")
	if kind != "" && !slices.Contains([]string{"RESPONSE", "UPDATE", "MESSAGE_TAG", "UTILITY"}, kind) {
		return nil, invalid("Param messaging_type must be one of {RESPONSE, UPDATE, MESSAGE_TAG, UTILITY} - got %q.", kind)
	}
	if kind == "MESSAGE_TAG" && tag == "" {
		return nil, invalid("Param tag is required when messaging_type is MESSAGE_TAG.")
	}
	if (kind == "UTILITY") != (content.Template == templateUtility) {
		return nil, invalid("messaging_type UTILITY goes with a message template, and a template with it.")
	}
	via, err := who.allowed(g, to, content, tag, now)
	if err != nil {
		return nil, err
	}
	done := map[string]string{}
	if content.Reusable {
		if done["attachment_id"], err = p.keepAttachment(g, content.File); err != nil {
			return nil, err
		}
	}
	// From here on the message is accepted; nothing above has changed what it does.
	m := &Message{MID: p.messageID(), At: now, Content: content, Via: via}
	switch via {
	case ViaToken:
		who.token.used, m.Token = now, who.token.value
	case ViaRecurring:
		s := who.subscription
		s.last, s.enabled, m.Token = now, false, s.value
		s.messages++
	case ViaComment:
		who.comment.used = true
	}
	p.accept(t, m, p.options.AppID)
	done["recipient_id"], done["message_id"] = t.PSID, m.MID
	if to.Kind == "user_ref" { // documented to be left out
		delete(done, "recipient_id")
	}
	return done, nil
}

// overRate is 613 above the Page's sends per second, and 80006 while the usage headers say that all is used.
func (p *Platform) overRate(g *page, inSecond int) *graphError {
	limit := p.options.SendsPerSecond
	if limit == 0 {
		limit = 300
	}
	switch {
	case limit > 0 && inSecond > limit:
		return &graphError{Code: 613, Message: "(#613) Calls to this api have exceeded the rate limit."}
	case g.usage.Calls >= 100:
		return &graphError{Code: 80006, Message: "(#80006) There have been too many calls to this Messenger account. Wait a bit and try again. For more info, please refer to https://developers.facebook.com/docs/graph-api/overview/rate-limiting."}
	}
	return nil
}

// target is whom a send reaches, and what it would use up.
type target struct {
	thread       *thread
	token        *token
	comment      *comment
	subscription *subscription
}

// resolve finds the person. A token that is not known has no person, and is refused later, in its turn.
func (p *Platform) resolve(to recipient, g *page) (target, *graphError) {
	switch to.Kind {
	case "id":
		if t := p.threads[threadKey{g.ID, to.Value}]; t != nil {
			return target{thread: t}, nil
		}
	case "user_ref":
		if t := p.guests[to.Value]; t != nil && t.onPage == g {
			return target{thread: t}, nil
		}
	case "one_time_notif_token":
		k := p.tokens[to.Value]
		if k == nil || k.thread.onPage != g {
			return target{}, nil
		}
		return target{thread: k.thread, token: k}, nil
	case "comment_id":
		note := p.comments[to.Value]
		if note == nil || note.thread.onPage != g {
			return target{}, &graphError{Code: 100, Subcode: 2018292, Message: "(#100) Invalid comment_id parameter"}
		}
		return target{thread: note.thread, comment: note}, nil
	case "post_id":
		return target{}, invalid("Invalid post_id parameter")
	case "notification_messages_token":
		s := p.bySubscription(to.Value)
		if s == nil || s.thread.onPage != g {
			return target{}, nil
		}
		return target{thread: s.thread, subscription: s}, nil
	}
	return target{}, &graphError{Code: 100, Subcode: 2018001, Message: "(#100) No matching user found"}
}

// unreachable is the refusal for a person who blocked the Page, in its two observed forms.
func (t *thread) unreachable() *graphError {
	switch {
	case t.blocked:
		return &graphError{Code: 551, Subcode: 1545041, Message: "(#551) This person isn't available right now."}
	case t.unavailable:
		return &graphError{Code: 200, Subcode: 1545041, Message: "(#551) 用户暂时收不到消息。"}
	}
	return nil
}

// senderAction answers typing and the like. Only mark_seen shows: under what the person wrote last.
func senderAction(action string, t *thread, message json.RawMessage) (any, *graphError) {
	switch {
	case !slices.Contains([]string{"typing_on", "typing_off", "mark_seen", "react", "unreact"}, action):
		return nil, invalid("Param sender_action is not a sender action: %q", action)
	case len(message) != 0:
		return nil, invalid("Param sender_action and message cannot be sent together.")
	case t == nil:
		return nil, invalid("the token is invalid")
	}
	if action == "mark_seen" {
		for _, m := range t.messages {
			m.Read = m.Read || m.FromPerson
		}
	}
	return map[string]string{"recipient_id": t.PSID}, nil
}

// allowed is the last rule: may this be sent to this recipient now, and by what right?
func (who target) allowed(g *page, to recipient, content Content, tag string, now time.Time) (Via, *graphError) {
	via, t := ViaWindow, who.thread
	open := t != nil && t.within(standardWindow, now)
	switch {
	case to.Kind == "one_time_notif_token":
		if err := who.token.refusal(now); err != nil {
			return "", err
		}
		via = ViaToken
	case to.Kind == "notification_messages_token":
		if err := who.subscription.refusal(now); err != nil {
			return "", err
		}
		via = ViaRecurring
	case to.Kind == "comment_id":
		// The codes are those of the old endpoint for private replies; for the new one none are documented.
		if who.comment.used {
			return "", &graphError{Code: 10900, Message: "(#10900) Activity already replied to"}
		}
		if now.Sub(who.comment.at) >= privateReplyTerm {
			return "", &graphError{Code: 10902, Message: "(#10902) This activity cannot be replied to"}
		}
		via = ViaComment
	case content.Template == templateUtility:
		via = ViaUtility
	case tag != "":
		var err *graphError
		if via, err = allowedByTag(g, t, tag, open, now); err != nil {
			return "", err
		}
	case !open:
		return "", outsideWindow()
	}
	if content.Template == templateRequest || content.Template == templateRecurring {
		// "The 24-hour policy will be applied to all the requests being sent": a token, tag or comment is no way around it.
		if !open {
			return "", outsideWindow()
		}
		if content.Template == templateRecurring {
			if err := t.maySubscribe(content.Title, now); err != nil {
				return "", err
			}
		} else if g.NoOTN {
			return "", noPermission()
		}
	}
	return via, nil
}

func allowedByTag(g *page, t *thread, tag string, open bool, now time.Time) (Via, *graphError) {
	switch tag {
	case "HUMAN_AGENT":
		if g.NoHumanAgent {
			return "", noPermission()
		}
		if !t.within(humanAgentWindow, now) {
			return "", outsideWindow()
		}
		return ViaHumanAgent, nil
	case "CONFIRMED_EVENT_UPDATE", "POST_PURCHASE_UPDATE", "ACCOUNT_UPDATE":
		if now.Before(tagsRetired()) {
			return ViaTag, nil
		}
	case "NON_PROMOTIONAL_SUBSCRIPTION":
		if g.News {
			return ViaTag, nil
		}
		if !open {
			return "", &graphError{Code: 10, Subcode: 2018065, Message: "(#10) This message is sent outside of allowed window. You need page_messaging_subscriptions permission to be able to do it."}
		}
		return ViaWindow, nil
	}
	return "", invalid("Invalid tag.")
}

// accept puts the message into the chat and its webhooks into the queue.
func (p *Platform) accept(t *thread, m *Message, app string) {
	t.add(m)
	switch {
	case m.Via == ViaToken:
		t.onPage.counts.Notifications++
		p.notified = append(p.notified, *m)
	case m.Template == templateRequest, m.Template == templateRecurring:
		t.onPage.counts.Requests++
	}
	p.emitEcho(t, m, app)
	p.emitDelivered(t, m)
	if p.options.AutoRead {
		p.read(t)
	} else {
		t.unread++
	}
	p.touch()
}

// requireMethod is the answer to a method that the object does not take.
func requireMethod(c *graphCall, methods ...string) *graphError {
	if slices.Contains(methods, c.request.Method) {
		return nil
	}
	return &graphError{status: http.StatusBadRequest, Code: 100, Type: "GraphMethodException", Message: "Unsupported " + strings.ToLower(c.request.Method) + " request."}
}
