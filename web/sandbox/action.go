package sandbox

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

// act runs something the person does. It is refused while the person blocks the Page, as the phone would.
func (p *Platform) act(pageID, psid string, do func(t *thread, now time.Time) error) error {
	return p.onThread(pageID, psid, func(t *thread) error {
		if t.blocked {
			return ErrBlocked
		}
		p.read(t)
		return do(t, p.now())
	})
}

// say adds a line of the person's and opens the window.
func (p *Platform) say(t *thread, now time.Time, text string) *Message {
	m := &Message{MID: p.messageID(), FromPerson: true, At: now, Content: Content{Text: text}}
	t.add(m)
	t.acted(now)
	return m
}

// SendText is the person writing a message. It opens the window, and tells the message's id. The first one after a
// click on an ad carries the ad's referral.
func (p *Platform) SendText(pageID, psid, text string) (mid string, err error) {
	err = p.act(pageID, psid, func(t *thread, now time.Time) error {
		if strings.TrimSpace(text) == "" || utf8.RuneCountInString(text) > maxText {
			return fmt.Errorf("%w: a text has 1 to %d characters", ErrInvalid, maxText)
		}
		m := p.say(t, now, text)
		e := t.fromPerson(now)
		e.Message = &eventMessage{MID: m.MID, Text: text}
		if t.pendingAd != nil && t.onPage.subscribed["messaging_referrals"] {
			e.Message.Referral = t.pendingAd
		}
		t.pendingAd = nil
		p.emit(t, "messages", e)
		mid = m.MID
		return nil
	})
	return mid, err
}

// thumb is the sticker of the like button.
const thumb = 369239263222822

// SendThumb is the person tapping the thumb: a message without text, with a sticker.
func (p *Platform) SendThumb(pageID, psid string) (mid string, err error) {
	err = p.act(pageID, psid, func(t *thread, now time.Time) error {
		m := p.say(t, now, "")
		m.Sticker = true
		e := t.fromPerson(now)
		payload := map[string]any{"url": "https://sandbox.invalid/thumb.png", "sticker_id": thumb}
		e.Message = &eventMessage{MID: m.MID, Attachments: []eventAttachment{{Type: "sticker", Payload: payload}}}
		p.emit(t, "messages", e)
		mid = m.MID
		return nil
	})
	return mid, err
}

// TapButton is a tap on a postback button with this payload, on the message, or on the newest that has one if mid is empty.
func (p *Platform) TapButton(pageID, psid, mid, payload string) error {
	return p.act(pageID, psid, func(t *thread, now time.Time) error {
		var found Button
		m := t.message(mid, func(m *Message) bool {
			for _, b := range m.allButtons() {
				if b.Type == "postback" && b.Payload == payload {
					found = b
					return true
				}
			}
			return false
		})
		if m == nil {
			return ErrUnknown
		}
		p.tapped(t, now, found.Title, payload, nil)
		return nil
	})
}

// allButtons are the buttons of all cards of a message.
func (m *Message) allButtons() []Button {
	out := m.Buttons
	for _, e := range m.Elements {
		out = append(out[:len(out):len(out)], e.Buttons...)
	}
	return out
}

// tapped shows a tap as a line of the person's and emits the postback.
func (p *Platform) tapped(t *thread, now time.Time, title, payload string, from *referral) {
	m := p.say(t, now, title)
	e := t.fromPerson(now)
	e.Postback = &postback{MID: m.MID, Title: title, Payload: payload, Referral: from}
	p.emit(t, "messaging_postbacks", e)
}

// QuickReply is a tap on a quick reply with this payload: a message with its title as text.
func (p *Platform) QuickReply(pageID, psid, mid, payload string) error {
	return p.act(pageID, psid, func(t *thread, now time.Time) error {
		var found QuickReply
		if t.message(mid, func(m *Message) bool {
			for _, q := range m.QuickReplies {
				if q.Payload == payload {
					found = q
					return true
				}
			}
			return false
		}) == nil {
			return ErrUnknown
		}
		m := p.say(t, now, found.Title)
		e := t.fromPerson(now)
		e.Message = &eventMessage{QuickReply: &quickReply{payload}, MID: m.MID, Text: found.Title}
		p.emit(t, "messages", e)
		return nil
	})
}

// TapNotifyMe is a tap on the opt-in card, or the newest one that was not tapped if mid is empty. It grants a token, which
// it returns. A second tap on a card returns the same token and emits nothing, unless SecondTapRepeats is set.
func (p *Platform) TapNotifyMe(pageID, psid, mid string) (value string, err error) {
	err = p.act(pageID, psid, func(t *thread, now time.Time) error {
		m := t.message(mid, func(m *Message) bool { return m.Template == templateRequest && (mid != "" || !m.Tapped) })
		if m == nil {
			return ErrUnknown
		}
		if m.Tapped {
			value = m.Token
			if p.options.SecondTapRepeats {
				p.emitOptin(t, now, p.tokens[value])
			}
			return nil
		}
		k, err := p.grant(t, m)
		if err != nil {
			return err
		}
		m.Tapped, m.Token = true, k.value
		value = k.value
		t.started = true
		if !p.options.NotifyTapOpensNoWindow {
			t.acted(now)
		}
		p.emitOptin(t, now, k)
		p.releaseHeld(t)
		return nil
	})
	return value, err
}

func (p *Platform) emitOptin(t *thread, now time.Time, k *token) {
	e := t.fromPerson(now)
	e.Optin = &optin{Type: templateRequest, Payload: k.payload, Token: k.value}
	p.emit(t, "messaging_optins", e)
}

// OpenLink opens an m.me link. On an existing thread it is a referral, which opens the window. On a new one the
// person taps Get Started, whose postback carries the ref; without a Get Started button nothing happens, as the person
// only sees an empty chat.
func (p *Platform) OpenLink(pageID, psid, ref string) error {
	return p.act(pageID, psid, func(t *thread, now time.Time) error {
		if len(ref) > 2083 || strings.Trim(ref, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_=") != "" {
			return fmt.Errorf("%w: a ref has letters, digits, - _ = only", ErrInvalid)
		}
		from := &referral{Ref: ref, Source: "SHORTLINK", Type: "OPEN_THREAD"}
		if t.started {
			t.acted(now)
			e := t.fromPerson(now)
			e.Referral = from
			p.emit(t, "messaging_referrals", e)
			return nil
		}
		payload, ok := t.onPage.getStarted()
		if ok {
			p.tapped(t, now, wordsOf(t.Locale).GetStarted, payload, from)
		}
		return nil
	})
}

// TapGetStarted is a tap on the button of an empty chat, if the Page has set one up.
func (p *Platform) TapGetStarted(pageID, psid string) error {
	return p.act(pageID, psid, func(t *thread, now time.Time) error {
		payload, ok := t.onPage.getStarted()
		if !ok || t.started {
			return ErrUnknown
		}
		p.tapped(t, now, wordsOf(t.Locale).GetStarted, payload, nil)
		return nil
	})
}

// UsePlugin is the person using a plugin on the shop's site: with an empty userRef Send to Messenger, which opens the window;
// else the checkbox, whose guest is only known by that name until they write. A name works once.
func (p *Platform) UsePlugin(pageID, psid, ref, userRef string) error {
	return p.act(pageID, psid, func(t *thread, now time.Time) error {
		e := t.fromPerson(now)
		e.Optin = &optin{Ref: ref, UserRef: userRef}
		if userRef == "" {
			t.acted(now)
			p.emit(t, "messaging_optins", e)
			return nil
		}
		if p.guests[userRef] != nil || len(p.guests) >= MaxPeople {
			return fmt.Errorf("%w: a user_ref works once", ErrInvalid)
		}
		p.guests[userRef] = t
		t.acted(now)
		e.Sender = &party{UserRef: userRef}
		p.emit(t, "messaging_optins", e)
		return nil
	})
}

// ClickAd opens the chat from a click-to-Messenger ad. It opens no window: the person has only clicked. On an existing
// thread it is a referral; on a new one the first message carries it.
func (p *Platform) ClickAd(pageID, psid, ref, adID string) error {
	return p.act(pageID, psid, func(t *thread, now time.Time) error {
		from := &referral{Ref: ref, AdID: adID, Source: "ADS", Type: "OPEN_THREAD", Ad: &adContext{Title: "Back in the shop window", PhotoURL: "https://sandbox.invalid/ad.jpg", PostID: t.onPage.Posts[0].ID}}
		if !t.started {
			t.pendingAd = from
			return nil
		}
		e := t.fromPerson(now)
		e.Referral = from
		p.emit(t, "messaging_referrals", e)
		return nil
	})
}

// reactionName is Meta's word for an emoji.
func reactionName(emoji string) string {
	switch emoji {
	case "❤️", "❤", "😍":
		return "love"
	case "😆", "😊":
		return "smile"
	case "😮":
		return "wow"
	case "😢":
		return "sad"
	case "😠":
		return "angry"
	case "👍":
		return "like"
	case "👎":
		return "dislike"
	}
	return "other"
}

// React puts an emoji on a message of the Page, or on the newest if mid is empty; an empty emoji takes it back, which
// opens no window.
func (p *Platform) React(pageID, psid, mid, emoji string) error {
	return p.act(pageID, psid, func(t *thread, now time.Time) error {
		m := t.message(mid, func(m *Message) bool { return !m.FromPerson })
		if m == nil {
			return ErrUnknown
		}
		e := t.fromPerson(now)
		if emoji == "" {
			e.Reaction = &eventReaction{Action: "unreact", MID: m.MID}
		} else {
			e.Reaction = &eventReaction{Reaction: reactionName(emoji), Emoji: emoji, Action: "react", MID: m.MID}
			t.acted(now)
		}
		m.Reaction = emoji
		p.emit(t, "message_reactions", e)
		return nil
	})
}

// Comment writes under a Page's post, or its first one if the post is empty. It opens no window; the comment's id, which it
// returns, is good for one private reply within 7 days.
func (p *Platform) Comment(pageID, psid, postID, text string) (id string, err error) {
	err = p.onThread(pageID, psid, func(t *thread) error {
		post := t.onPage.Posts[0]
		for _, other := range t.onPage.Posts {
			if other.ID == postID {
				post = other
			}
		}
		switch {
		case postID != "" && post.ID != postID:
			return ErrUnknown
		case strings.TrimSpace(text) == "" || utf8.RuneCountInString(text) > maxText:
			return fmt.Errorf("%w: a comment has 1 to %d characters", ErrInvalid, maxText)
		case len(p.comments) >= MaxComments:
			return fmt.Errorf("%w: %d comments", ErrFull, MaxComments)
		}
		now := p.now()
		_, number, _ := strings.Cut(post.ID, "_")
		id = number + "_" + p.digits(15)
		p.comments[id] = &comment{id: id, thread: t, at: now}
		p.emitChange(t, "feed", feedComment{
			From: feedAuthor{t.PSID, t.Name()}, Message: text, PostID: post.ID, CommentID: id, Created: now.Unix(),
			Item: "comment", ParentID: post.ID, Verb: "add",
			Post: feedPost{
				Status: "mobile_status_update", Published: true, Updated: now.UTC().Format("2006-01-02T15:04:05-0700"),
				Permalink: "https://www.facebook.com/" + post.ID, Promotion: "inactive", ID: post.ID,
			},
		})
		return nil
	})
	return id, err
}

// ReadChat is the person looking at the chat: everything in it is read.
func (p *Platform) ReadChat(pageID, psid string) error {
	return p.onThread(pageID, psid, func(t *thread) error { p.read(t); return nil })
}

// read marks the Page's messages read, and tells the app when there was one that was not.
func (p *Platform) read(t *thread) {
	news := false
	for _, m := range t.messages {
		if !m.FromPerson && !m.Read {
			m.Read, news = true, true
		}
	}
	t.unread = 0
	if !news {
		return
	}
	now := p.now()
	e := t.fromPerson(now)
	e.Read = &receipt{Watermark: now.UnixMilli()}
	p.emit(t, "message_reads", e)
}

// inboxApp is the id of Meta's own Page inbox in echoes.
const inboxApp = "263902037430900"

// SendFromInbox is somebody of the shop typing in the Page's own inbox: the app only sees the echo. Meta's inbox holds to
// the same windows, up to 7 days.
func (p *Platform) SendFromInbox(pageID, psid, text string) error {
	return p.onThread(pageID, psid, func(t *thread) error {
		now := p.now()
		if t.blocked {
			return ErrBlocked
		}
		if !t.within(humanAgentWindow, now) || strings.TrimSpace(text) == "" || utf8.RuneCountInString(text) > maxText {
			return fmt.Errorf("%w: outside of the 7 days, or no text", ErrInvalid)
		}
		p.accept(t, &Message{MID: p.messageID(), At: now, Content: Content{Text: text}, Via: ViaInbox}, inboxApp)
		return nil
	})
}

// EnforcePolicy tells the app that Meta acted against the Page: action is warning, block or unblock. The event has no sender,
// and block restricts the Page until unblock. It travels with the Page's first person, as webhooks need a queue.
func (p *Platform) EnforcePolicy(pageID, action, reason string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	g := p.pages[pageID]
	if g == nil {
		return ErrUnknown
	}
	g.restricted = action == "block" || g.restricted && action != "unblock"
	for _, t := range p.people {
		if t.onPage == g {
			e := event{Recipient: &party{ID: pageID}, Timestamp: p.now().UnixMilli(), Policy: &policy{action, reason}}
			p.emit(t, "messaging_policy_enforcement", e)
			break
		}
	}
	p.touch()
	return nil
}
