package sandbox

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// How long a person's last act lets the Page write.
const (
	standardWindow   = 24 * time.Hour
	humanAgentWindow = 7 * 24 * time.Hour
)

// Person is somebody as one Page sees them.
type Person struct {
	PSID      string
	Page      string
	FirstName string
	LastName  string
	Locale    string  // it_IT, en_US: the language of the phone
	Timezone  float64 // hours from GMT; may be fractional
	Colour    int     // of the avatar, 0 to 7
	// NoProfile: the profile is answered as an empty object.
	NoProfile bool
	// PhoneAccount: made with a phone number, so the profile is answered with 100/2018218.
	PhoneAccount bool
	// LastAction is when the person last did something that opens the window; zero means never.
	LastAction time.Time
}

// Name is the person's full name.
func (n Person) Name() string { return strings.TrimSpace(n.FirstName + " " + n.LastName) }

type thread struct {
	Person
	onPage      *page
	blocked     bool
	unavailable bool
	owner       string // another app that controls the thread; empty means ours
	started     bool   // something was said or tapped
	messages    []*Message
	tokens      []*token
	unread      int
	pendingAd   *referral
	held        []heldEvent // echoes kept back until the person taps
	lane        lane
	menu        json.RawMessage // persistent menu of this person alone
}

// AddPerson adds a person to a Page. There may be no other with that id on it.
func (p *Platform) AddPerson(n Person) error {
	if n.PSID == "" {
		return fmt.Errorf("%w: a person needs a psid", ErrInvalid)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	g := p.pages[n.Page]
	if g == nil {
		return ErrUnknown
	}
	key := threadKey{n.Page, n.PSID}
	if p.threads[key] != nil {
		return fmt.Errorf("%w: person %s exists", ErrInvalid, n.PSID)
	}
	if len(p.people) >= MaxPeople {
		return fmt.Errorf("%w: %d people", ErrFull, MaxPeople)
	}
	t := &thread{Person: n, onPage: g, started: !n.LastAction.IsZero()}
	t.lane.thread = t
	p.threads[key] = t
	p.people = append(p.people, t)
	p.touch()
	return nil
}

// onThread runs change with the lock held.
func (p *Platform) onThread(page, psid string, change func(t *thread) error) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	t := p.threads[threadKey{page, psid}]
	if t == nil {
		return ErrUnknown
	}
	err := change(t)
	p.touch()
	return err
}

// Block stops everything the Page sends from reaching the person: 551/1545041.
func (p *Platform) Block(page, psid string) error {
	return p.onThread(page, psid, func(t *thread) error { t.blocked = true; return nil })
}

// Unblock takes Block back.
func (p *Platform) Unblock(page, psid string) error {
	return p.onThread(page, psid, func(t *thread) error { t.blocked = false; return nil })
}

// SetUnavailable answers sends with the other form of the same refusal: code 200, subcode 1545041 and a text in another language.
func (p *Platform) SetUnavailable(page, psid string, on bool) error {
	return p.onThread(page, psid, func(t *thread) error { t.unavailable = on; return nil })
}

// SetThreadOwner gives the thread to another app: sends are answered with 2018300 and events come as standby. Empty
// gives it back.
func (p *Platform) SetThreadOwner(page, psid, app string) error {
	return p.onThread(page, psid, func(t *thread) error {
		if app == p.options.AppID {
			app = ""
		}
		t.owner = app
		return nil
	})
}

// WindowEnds tells until when the Page may send anything to the person; zero when the person never acted.
func (p *Platform) WindowEnds(page, psid string) time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	if t := p.threads[threadKey{page, psid}]; t != nil {
		return t.windowEnds()
	}
	return time.Time{}
}

func (t *thread) windowEnds() time.Time {
	if t.LastAction.IsZero() {
		return time.Time{}
	}
	return t.LastAction.Add(standardWindow)
}

// within tells whether the person acted less than d ago.
func (t *thread) within(d time.Duration, now time.Time) bool {
	return !t.LastAction.IsZero() && now.Before(t.LastAction.Add(d))
}

// acted notes an act that opens the window.
func (t *thread) acted(now time.Time) {
	t.started = true
	if now.After(t.LastAction) {
		t.LastAction = now
	}
}

// People lists the people of a Page, in the order they were added; an empty id lists all.
func (p *Platform) People(page string) []Person {
	p.mu.Lock()
	defer p.mu.Unlock()
	var out []Person
	for _, t := range p.people {
		if page == "" || t.Page == page {
			out = append(out, t.Person)
		}
	}
	return out
}
