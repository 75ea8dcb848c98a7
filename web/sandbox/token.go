package sandbox

import (
	"fmt"
	"time"
)

// token is one permission to send one message outside the window.
type token struct {
	thread  *thread
	value   string
	payload string
	title   string
	granted time.Time
	used    time.Time // zero until a message was accepted with it
}

// expires: Meta says a token expires within one year of its creation.
func (t *token) expires() time.Time { return t.granted.AddDate(1, 0, 0) }

// refusal is why nothing may be sent with the token now, nil when it may. Meta documents no errors for these tokens; codes
// follow the documented one for notification_messages_token, which is 100 without a subcode.
func (t *token) refusal(now time.Time) *graphError {
	switch {
	case t == nil: // unknown, or another Page's
		return invalid("one_time_notif_token is invalid")
	case !t.used.IsZero():
		return invalid("one_time_notif_token has already been used")
	case !now.Before(t.expires()):
		return invalid("one_time_notif_token has expired")
	}
	return nil
}

// Token is a permission as tests may see it.
type Token struct {
	Value   string
	Page    string
	PSID    string
	Payload string // of the card that was tapped
	Title   string // of that card
	Granted time.Time
	Expires time.Time
	Used    time.Time // zero when nothing was sent with it
}

// Tokens lists the tokens of a Page in no order; an empty id lists all.
func (p *Platform) Tokens(pageID string) []Token {
	p.mu.Lock()
	defer p.mu.Unlock()
	var out []Token
	for _, t := range p.tokens {
		if pageID == "" || t.thread.Page == pageID {
			out = append(out, t.shown())
		}
	}
	return out
}

func (t *token) shown() Token {
	return Token{t.value, t.thread.Page, t.thread.PSID, t.payload, t.title, t.granted, t.expires(), t.used}
}

// AddToken puts a token on the platform as if it had been granted then, without a card, tap or webhook. It seeds large tests.
func (p *Platform) AddToken(pageID, psid, value, payload string, granted time.Time) error {
	return p.onThread(pageID, psid, func(t *thread) error {
		switch {
		case value == "" || p.tokens[value] != nil:
			return fmt.Errorf("%w: a token needs a value of its own", ErrInvalid)
		case len(p.tokens) >= MaxTokens:
			return fmt.Errorf("%w: %d tokens", ErrFull, MaxTokens)
		}
		p.keep(&token{thread: t, value: value, payload: payload, granted: granted})
		return nil
	})
}

// grant makes the token of a tapped card. The lock is held.
func (p *Platform) grant(t *thread, m *Message) (*token, error) {
	if len(p.tokens) >= MaxTokens {
		return nil, fmt.Errorf("%w: %d tokens", ErrFull, MaxTokens)
	}
	k := &token{thread: t, value: p.digits(16) + p.id(18), payload: m.Payload, title: m.Title, granted: p.now()}
	p.keep(k)
	return k, nil
}

func (p *Platform) keep(k *token) {
	p.tokens[k.value] = k
	k.thread.tokens = append(k.thread.tokens, k)
	k.thread.onPage.counts.Tokens++
}

// live counts the person's tokens that something can still be sent with.
func (t *thread) live(now time.Time) int {
	n := 0
	for _, k := range t.tokens {
		if k.used.IsZero() && now.Before(k.expires()) {
			n++
		}
	}
	return n
}
