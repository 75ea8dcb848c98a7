package sandbox

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

// Post is something the Page published, which people comment on.
type Post struct {
	ID      string // PAGE_NUMBER, as Meta writes it
	Message string
}

// Page is a Page on the platform.
type Page struct {
	ID    string
	Name  string
	Token string // its access token
	// NoOTN: the One-Time Notification feature was not asked for, so requests are answered with 10.
	NoOTN bool
	// NoHumanAgent: the Human Agent feature is not granted, so its tag is answered with 10.
	NoHumanAgent bool
	// News: registered in the news index, which may use NON_PROMOTIONAL_SUBSCRIPTION.
	News bool
	// NoProfiles: no access to people's profiles, which are answered as an empty object.
	NoProfiles bool
	// NoUtility: pages_utility_messaging was not granted, so utility templates are answered with 10.
	NoUtility bool
	// Recurring: the Page had recurring notifications before they were closed to newcomers, and is where they still work.
	Recurring bool
	// Tasks are what the merchant may do on the Page; nil means everything. Messaging apps need MESSAGING and MODERATE.
	Tasks []string
	Posts []Post
}

// Usage is what the usage headers say, in percent of what is allowed. At 100 calls or more, sends are answered with 80006.
type Usage struct {
	Calls, CPU, Total int
	Regain            int // minutes until it is allowed again
}

// Counts is what happened on a Page since it was added.
type Counts struct {
	Sends         int // calls to send that reached the rules
	Accepted      int
	Refused       int
	Requests      int // opt-in cards accepted
	Notifications int // messages sent with a one-time token
	Tokens        int // granted
	PeakPerSecond int // most sends in one second of the clock
}

type page struct {
	Page
	tokenSubcode int // not 0: calls are answered with 190 and this subcode
	restricted   bool
	usage        Usage
	subscribed   map[string]bool
	profile      map[string]json.RawMessage // messenger_profile
	templates    []Template
	personas     []persona
	attachments  map[string]Attachment // by their number
	failingSince time.Time             // webhooks, zero when the last one was answered
	alerted      bool                  // 15 minutes of failures
	dropped      bool                  // the subscription was dropped for failures
	counts       Counts
	second       int64 // the second that inSecond counts
	inSecond     int
}

// Fields that an app may subscribe a Page to.
func subscribable() []string {
	return []string{
		"messages", "messaging_postbacks", "messaging_optins", "messaging_optouts", "messaging_referrals", "message_deliveries",
		"message_reads", "message_echoes", "message_reactions", "message_edits", "messaging_handovers",
		"messaging_policy_enforcement", "messaging_account_linking", "messaging_feedback", "message_context", "standby", "feed",
		"mention", "name", "picture", "message_template_status_update",
	}
}

// AddPage adds a Page, or changes the one with that id: its token works from now on and the old one does not.
func (p *Platform) AddPage(g Page) error {
	if g.ID == "" || g.Token == "" {
		return fmt.Errorf("%w: a page needs an id and a token", ErrInvalid)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if other := p.byToken[g.Token]; other != nil && other.ID != g.ID {
		return fmt.Errorf("%w: two pages with one token", ErrInvalid)
	}
	if len(g.Posts) == 0 {
		g.Posts = []Post{{ID: g.ID + "_100000000000001"}}
	}
	old := p.pages[g.ID]
	switch {
	case old != nil:
		delete(p.byToken, old.Token)
		old.Page, old.tokenSubcode = g, 0
	case len(p.pages) >= MaxPages:
		return fmt.Errorf("%w: %d pages", ErrFull, MaxPages)
	default:
		old = &page{Page: g, profile: map[string]json.RawMessage{}, subscribed: map[string]bool{}}
		p.pages[g.ID] = old
		p.pageList = append(p.pageList, old)
		if p.options.AutoSubscribe {
			for _, f := range subscribable() {
				old.subscribed[f] = true
			}
		}
	}
	p.byToken[g.Token] = old
	p.touch()
	return nil
}

// onPage runs change on a Page with the lock held.
func (p *Platform) onPage(id string, change func(g *page)) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	g := p.pages[id]
	if g == nil {
		return ErrUnknown
	}
	change(g)
	p.touch()
	return nil
}

// SetTokenInvalid makes calls with the Page's token fail with 190 and this subcode (460 password changed, 463 expired,
// 458 app removed, ...); 0 makes it valid again.
func (p *Platform) SetTokenInvalid(pageID string, subcode int) error {
	return p.onPage(pageID, func(g *page) { g.tokenSubcode = subcode })
}

// SetRestricted makes every send fail with 10/1893063, or lifts that.
func (p *Platform) SetRestricted(pageID string, on bool) error {
	return p.onPage(pageID, func(g *page) { g.restricted = on })
}

// SetOTN switches the Page's One-Time Notification feature.
func (p *Platform) SetOTN(pageID string, on bool) error {
	return p.onPage(pageID, func(g *page) { g.NoOTN = !on })
}

// SetUsage sets what the usage headers say; the zero value sends none.
func (p *Platform) SetUsage(pageID string, u Usage) error {
	return p.onPage(pageID, func(g *page) { g.usage = u })
}

// Subscribe subscribes the Page to fields, as POST subscribed_apps does.
func (p *Platform) Subscribe(pageID string, fields ...string) error {
	for _, f := range fields {
		if !slices.Contains(subscribable(), f) {
			return fmt.Errorf("%w: field %q", ErrInvalid, f)
		}
	}
	return p.onPage(pageID, func(g *page) { g.subscribe(fields) })
}

// Unsubscribe removes the app's subscription from the Page.
func (p *Platform) Unsubscribe(pageID string) error {
	return p.onPage(pageID, func(g *page) { g.subscribed = map[string]bool{} })
}

// subscribe replaces the fields, and begins anew after failures.
func (g *page) subscribe(fields []string) {
	g.subscribed = map[string]bool{}
	for _, f := range fields {
		g.subscribed[f] = true
	}
	g.failingSince, g.alerted, g.dropped = time.Time{}, false, false
}

// Subscribed lists the fields a Page is subscribed to, sorted.
func (p *Platform) Subscribed(pageID string) []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	if g := p.pages[pageID]; g != nil {
		return g.fields()
	}
	return nil
}

func (g *page) fields() []string {
	out := []string{}
	for _, f := range subscribable() {
		if g.subscribed[f] {
			out = append(out, f)
		}
	}
	slices.Sort(out)
	return out
}

// Counts tells what happened on a Page.
func (p *Platform) Counts(pageID string) Counts {
	p.mu.Lock()
	defer p.mu.Unlock()
	if g := p.pages[pageID]; g != nil {
		return g.counts
	}
	return Counts{}
}

// countSend counts one send in its second and tells how many there were in it.
func (g *page) countSend(now time.Time) int {
	if s := now.Unix(); s != g.second {
		g.second, g.inSecond = s, 0
	}
	g.inSecond++
	g.counts.Sends++
	g.counts.PeakPerSecond = max(g.counts.PeakPerSecond, g.inSecond)
	return g.inSecond
}
