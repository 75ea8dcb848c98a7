package sandbox

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// shownPeople is how many customers the desk lists; the others are found through the product.
const shownPeople = 100

// personRow is a customer in the desk's list.
type personRow struct {
	Path, Name, Initials, Page, Line, Ago, Window string
	Colour, Unread, Tokens                        int
	Open, Blocked, Chosen                         bool
}

// deskProps is the desk: customers, a phone, and what the shop shows.
type deskProps struct {
	Clock    string
	Moves    bool
	AdminURL string
	People   []personRow
	Others   int // people not listed
	Pages    int
	Chat     *chatProps
	AtChat   bool
	Links    []Link
}

func (d deskProps) back() string {
	if d.AtChat && d.Chat != nil {
		return d.Chat.Path
	}
	return "/"
}

func (p *Platform) showDesk(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	var first *thread
	if len(p.people) > 0 {
		first = p.people[0]
	}
	d := p.desk(first, false)
	p.mu.Unlock()
	p.render(w, r, http.StatusOK, deskPage(d))
}

func (p *Platform) showChat(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	t := p.threads[threadKey{r.PathValue("page"), r.PathValue("psid")}]
	if t == nil {
		p.mu.Unlock()
		p.problem(w, r, ErrUnknown)
		return
	}
	d := p.desk(t, true)
	p.mu.Unlock()
	p.render(w, r, http.StatusOK, deskPage(d))
}

// desk gathers what the desk shows. The lock is held.
func (p *Platform) desk(chosen *thread, atChat bool) deskProps {
	now := p.now()
	d := deskProps{
		Clock: now.Format("Mon 2 Jan 2006, 15:04"), Moves: p.options.MoveClock != nil, AdminURL: p.options.AdminURL,
		AtChat: atChat, Links: p.options.Links, Pages: len(p.pageList),
	}
	lately := slices.Clone(p.people)
	slices.SortStableFunc(lately, func(a, b *thread) int { return b.lastAt().Compare(a.lastAt()) })
	if len(lately) > shownPeople {
		d.Others = len(lately) - shownPeople
		lately = lately[:shownPeople]
	}
	for _, t := range lately {
		d.People = append(d.People, t.row(now, t == chosen))
	}
	if chosen != nil {
		d.Chat = p.chat(chosen, now)
	}
	return d
}

// lastAt is when something was last said.
func (t *thread) lastAt() time.Time {
	if n := len(t.messages); n > 0 {
		return t.messages[n-1].At
	}
	return t.LastAction
}

func (t *thread) row(now time.Time, chosen bool) personRow {
	row := personRow{
		Path: chatPath(t.Page, t.PSID), Name: cmp.Or(t.Name(), "Somebody"), Initials: t.initials(), Page: t.onPage.Name, Colour: t.colour(),
		Unread: t.unread, Tokens: t.live(now), Blocked: t.blocked, Chosen: chosen,
	}
	row.Window, row.Open = t.windowHint(now)
	row.Line = "No messages yet"
	if n := len(t.messages); n > 0 {
		last := t.messages[n-1]
		row.Line, row.Ago = last.line(), shortly(now.Sub(last.At))
		if last.FromPerson {
			row.Line = wordsOf(t.Locale).You + ": " + row.Line
		}
	}
	return row
}

// windowHint says how long the Page may write, and whether it may now.
func (t *thread) windowHint(now time.Time) (string, bool) {
	switch left := t.windowEnds().Sub(now); {
	case t.blocked:
		return "blocked the Page", false
	case t.LastAction.IsZero():
		return "never wrote", false
	case left <= 0:
		return "window closed", false
	case left < time.Hour:
		return fmt.Sprintf("window closes in %d min", max(int(left/time.Minute), 1)), true
	default:
		return fmt.Sprintf("window closes in %d h", int(left.Round(time.Hour)/time.Hour)), true
	}
}

// line is the message in a list.
func (m *Message) line() string {
	switch {
	case m.Sticker:
		return "👍"
	case m.Image != "" && m.Template == "":
		return "📷"
	case m.Template == templateRequest, m.Template == templateRecurring:
		return m.Title
	case len(m.Elements) > 0:
		return m.Elements[0].Title
	}
	return strings.Join(strings.Fields(m.Text), " ")
}

// shortly is an age in the fewest characters.
func shortly(d time.Duration) string {
	switch {
	case d < time.Minute:
		return "now"
	case d < time.Hour:
		return fmt.Sprintf("%d min", int(d/time.Minute))
	case d < 24*time.Hour:
		return fmt.Sprintf("%d h", int(d/time.Hour))
	case d < 365*24*time.Hour:
		return fmt.Sprintf("%d d", int(d/(24*time.Hour)))
	default:
		return fmt.Sprintf("%d y", int(d/(365*24*time.Hour)))
	}
}

// initials are the first letters of the name.
func (n Person) initials() string { return initials(n.FirstName + " " + n.LastName) }

func initials(name string) string {
	var out []rune
	for _, word := range strings.Fields(name) {
		r, _ := utf8.DecodeRuneInString(word)
		if unicode.IsLetter(r) && len(out) < 2 {
			out = append(out, unicode.ToUpper(r))
		}
	}
	if len(out) == 0 {
		return "?"
	}
	return string(out)
}

// colour is within the palette's eight.
func (n Person) colour() int { return (n.Colour%8 + 8) % 8 }

// avatarFill is the colour of the class tint-N, for pictures that stand alone.
func avatarFill(colour int) string {
	return [...]string{"#8a4b3b", "#3e6b4f", "#4a5d8f", "#8c6a1f", "#7a4a74", "#2f6f7a", "#a0553f", "#56633a"}[(colour%8+8)%8]
}
