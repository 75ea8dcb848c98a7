package sandbox

import (
	"encoding/json"
	"fmt"
	"io"
	"time"
)

// savedVersion is of the form below; another one is refused.
const savedVersion = 1

type savedPlatform struct {
	Version  int            `json:"version"`
	Pages    []savedPage    `json:"pages"`
	People   []savedPerson  `json:"people"`
	Tokens   []Token        `json:"tokens"`
	Comments []savedComment `json:"comments"`
	// Recurring was added later; it may be missing.
	Recurring []savedRecurring `json:"recurring,omitempty"`
}

type savedPage struct {
	Page
	Restricted   bool
	TokenSubcode int
	Subscribed   []string
	Profile      map[string]json.RawMessage
	Counts       Counts
	Templates    []Template `json:",omitempty"`
}

type savedRecurring struct {
	Value, Page, PSID, Title, Payload, Zone string
	Created, Expires, Last                  time.Time
	Stopped                                 bool
	Messages                                int
}

type savedPerson struct {
	Person
	Blocked     bool
	Unavailable bool
	Owner       string
	Started     bool
	Unread      int
	Messages    []Message
}

type savedComment struct {
	ID, Page, PSID string
	At             time.Time
	Used           bool
}

// Save writes Pages, people, chats, tokens and comments as JSON, for a demo that keeps its data: the product remembers
// its tokens, so the platform must too. Faults, modes, logs, uploads, personas and webhooks that wait are not kept. It holds the pretend Pages'
// access tokens.
func (p *Platform) Save(w io.Writer) error {
	p.mu.Lock()
	s := savedPlatform{Version: savedVersion}
	for _, g := range p.pageList {
		s.Pages = append(s.Pages, savedPage{g.Page, g.restricted, g.tokenSubcode, g.fields(), g.profile, g.counts, g.templates})
	}
	for _, t := range p.people {
		s.People = append(s.People, savedPerson{t.Person, t.blocked, t.unavailable, t.owner, t.started, t.unread, t.copyMessages()})
		for _, k := range t.tokens {
			s.Tokens = append(s.Tokens, k.shown())
		}
	}
	for _, c := range p.comments {
		s.Comments = append(s.Comments, savedComment{c.id, c.thread.Page, c.thread.PSID, c.at, c.used})
	}
	for _, r := range p.recurring {
		s.Recurring = append(s.Recurring, savedRecurring{r.value, r.thread.Page, r.thread.PSID, r.title, r.payload, r.zone, r.created, r.expires, r.last, r.stopped, r.messages})
	}
	text, err := json.Marshal(s) // under the lock, as it reads maps of the Pages
	p.mu.Unlock()
	if err != nil {
		return fmt.Errorf("sandbox: save: %w", err)
	}
	if _, err := w.Write(text); err != nil {
		return fmt.Errorf("sandbox: save: %w", err)
	}
	return nil
}

// Load reads what Save wrote, into a platform that has no Pages yet; after an error it is of no use.
func (p *Platform) Load(r io.Reader) error {
	var s savedPlatform
	if err := json.NewDecoder(r).Decode(&s); err != nil {
		return fmt.Errorf("sandbox: load: %w", err)
	}
	p.mu.Lock()
	empty := len(p.pages) == 0
	p.mu.Unlock()
	if s.Version != savedVersion || !empty {
		return fmt.Errorf("%w: version %d of saved data, into a platform without pages: %v", ErrInvalid, s.Version, empty)
	}
	for _, g := range s.Pages {
		if err := p.AddPage(g.Page); err != nil {
			return err
		}
		if err := p.onPage(g.ID, func(to *page) {
			to.restricted, to.tokenSubcode = g.Restricted, g.TokenSubcode
			to.subscribe(g.Subscribed)
			to.templates = g.Templates
			if g.Profile != nil {
				to.profile = g.Profile
			}
		}); err != nil {
			return err
		}
	}
	for _, n := range s.People {
		if err := p.AddPerson(n.Person); err != nil {
			return err
		}
		if err := p.onThread(n.Page, n.PSID, func(t *thread) error {
			t.blocked, t.unavailable, t.owner, t.started, t.unread = n.Blocked, n.Unavailable, n.Owner, n.Started, n.Unread
			for i := range n.Messages {
				m := n.Messages[i]
				t.messages = append(t.messages, &m)
				if m.Via == ViaToken {
					p.notified = append(p.notified, m)
				}
			}
			return nil
		}); err != nil {
			return err
		}
	}
	for _, k := range s.Tokens {
		if err := p.AddToken(k.Page, k.PSID, k.Value, k.Payload, k.Granted); err != nil {
			return err
		}
		p.mu.Lock()
		p.tokens[k.Value].used, p.tokens[k.Value].title = k.Used, k.Title
		p.mu.Unlock()
	}
	for _, r := range s.Recurring {
		if err := p.onThread(r.Page, r.PSID, func(t *thread) error {
			p.recurring = append(p.recurring, &subscription{thread: t, value: r.Value, title: r.Title, payload: r.Payload, zone: r.Zone,
				created: r.Created, expires: r.Expires, last: r.Last, stopped: r.Stopped, messages: r.Messages})
			return nil
		}); err != nil {
			return err
		}
	}
	for _, c := range s.Comments {
		if err := p.onThread(c.Page, c.PSID, func(t *thread) error {
			p.comments[c.ID] = &comment{id: c.ID, thread: t, at: c.At, used: c.Used}
			return nil
		}); err != nil {
			return err
		}
	}
	for _, g := range s.Pages { // last, as adding tokens counted them once more
		if err := p.onPage(g.ID, func(to *page) { to.counts = g.Counts }); err != nil {
			return err
		}
	}
	return nil
}
