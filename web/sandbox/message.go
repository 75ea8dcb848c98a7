package sandbox

import (
	"fmt"
	"slices"
	"time"
)

// Via says by which rule the Page's message was allowed.
type Via string

const (
	ViaWindow     Via = "window"      // the standard window
	ViaHumanAgent Via = "human_agent" // tag HUMAN_AGENT
	ViaTag        Via = "tag"         // another tag
	ViaComment    Via = "comment"     // private reply
	ViaToken      Via = "token"       // one-time notification
	ViaRecurring  Via = "recurring"   // recurring notification
	ViaUtility    Via = "utility"     // reviewed template
	ViaInbox      Via = "inbox"       // typed in the Page's inbox, not by the app
)

// Message is one line of a chat.
type Message struct {
	MID        string
	Page       string
	PSID       string
	FromPerson bool
	At         time.Time
	Content
	Via      Via    // of a Page's message
	Token    string // the card's token once it was tapped, or the token that paid for this message
	Tapped   bool   // an opt-in card whose Notify Me was tapped
	Sticker  bool   // a thumb
	Reaction string // emoji the person put on it
	Read     bool   // by the other side
}

// Conversation is the chat of a Page with a person, oldest first.
func (p *Platform) Conversation(pageID, psid string) []Message {
	p.mu.Lock()
	defer p.mu.Unlock()
	t := p.threads[threadKey{pageID, psid}]
	if t == nil {
		return nil
	}
	return t.copyMessages()
}

func (t *thread) copyMessages() []Message {
	out := make([]Message, len(t.messages))
	for i, m := range t.messages {
		out[i] = *m
	}
	return out
}

// Notifications lists the messages of a Page that were paid for with a token, oldest first; at most the newest MaxTokens.
func (p *Platform) Notifications(pageID string) []Message {
	p.mu.Lock()
	defer p.mu.Unlock()
	var out []Message
	for _, m := range p.notified {
		if pageID == "" || m.Page == pageID {
			out = append(out, m)
		}
	}
	return out
}

// add puts a message at the end of the chat, dropping the oldest of a full one.
func (t *thread) add(m *Message) {
	m.Page, m.PSID = t.Page, t.PSID
	t.started = true
	if len(t.messages) >= MaxMessages {
		t.messages = slices.Delete(t.messages, 0, len(t.messages)-MaxMessages+1)
	}
	t.messages = append(t.messages, m)
}

// AddMessage puts a message into a chat as if it had been said then, in its place by time: without a webhook, without
// opening a window, without counting as unread. It gives a demo its past. Without a MID it gets one; its Token, where it
// has one, must be there already (AddToken). A message that a token paid for spends it.
func (p *Platform) AddMessage(m Message) error {
	return p.onThread(m.Page, m.PSID, func(t *thread) error {
		k := p.tokens[m.Token]
		switch {
		case m.At.IsZero():
			return fmt.Errorf("%w: a message needs a time", ErrInvalid)
		case m.Token != "" && (k == nil || k.thread != t):
			return fmt.Errorf("%w: no such token of the person's", ErrUnknown)
		case m.Via == ViaToken && (k == nil || !k.used.IsZero()):
			return fmt.Errorf("%w: a token pays for one message", ErrInvalid)
		case m.MID != "" && t.message(m.MID, func(*Message) bool { return true }) != nil:
			return fmt.Errorf("%w: message %s exists", ErrInvalid, m.MID)
		}
		if m.MID == "" {
			m.MID = p.messageID()
		}
		t.add(&m)
		slices.SortStableFunc(t.messages, func(a, b *Message) int { return a.At.Compare(b.At) })
		if m.Via == ViaToken {
			k.used = m.At
			p.notified = append(p.notified, m)
			slices.SortStableFunc(p.notified, func(a, b Message) int { return a.At.Compare(b.At) })
		}
		return nil
	})
}

// message finds a message by id, or the newest that fits when the id is empty.
func (t *thread) message(mid string, fits func(m *Message) bool) *Message {
	for _, m := range slices.Backward(t.messages) {
		if (mid == "" || m.MID == mid) && fits(m) {
			return m
		}
	}
	return nil
}

// messageID is a new one. The lock is held.
func (p *Platform) messageID() string { return "m_" + p.id(42) }
