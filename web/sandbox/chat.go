package sandbox

import (
	"strings"
	"time"
)

// chatProps is one phone.
type chatProps struct {
	Path     string
	Words    words
	Person   string
	Page     string
	Initials string // of the Page
	Time     string // on the phone's own clock
	Lines    []chatLine
	Replies  []QuickReply // under the last message
	ReplyTo  string
	Blocked  bool
	Start    bool // an empty chat with a Get Started button
	Greeting string
	Breakers []Button // in place of Get Started
	Menu     []Button
	// OtherOwner: another app owns the thread.
	OtherOwner bool
	Unread     int
	Posts      []Post
	Last       string // the Page's last message, to react to
	Window     string
	Open       bool
	Tokens     int
	Links      []Link
	Banner     *banner
}

// chatLine is a message as the phone shows it.
type chatLine struct {
	*Message
	Separator string // a time above it
	First     bool   // of a run by the same side
	End       bool   // of such a run
	Status    string // under the last one, if it is the person's
}

// banner is a notification at the top of the phone.
type banner struct {
	Path, Page, Initials, Text, Ago string
}

// chat gathers what the phone shows. The lock is held.
func (p *Platform) chat(t *thread, now time.Time) *chatProps {
	zone := time.FixedZone("", int(t.Timezone*3600))
	w := wordsOf(t.Locale)
	c := &chatProps{
		Path: chatPath(t.Page, t.PSID), Words: w, Person: t.Name(), Page: t.onPage.Name, Initials: initials(t.onPage.Name),
		Time: now.In(zone).Format("15:04"), Blocked: t.blocked, Unread: t.unread, Posts: t.onPage.Posts, Tokens: t.live(now), Links: p.options.Links,
	}
	c.Window, c.Open = t.windowHint(now)
	_, c.Start = t.onPage.getStarted()
	c.Start = c.Start && !t.started
	c.OtherOwner = t.owner != ""
	c.Menu = t.menuItems()
	if !t.started {
		c.Greeting, c.Breakers = t.greeting(), t.onPage.iceBreakers(t.Locale)
	}
	messages := t.copyMessages()
	for i := range messages {
		m := &messages[i]
		line := chatLine{Message: m, First: true, End: true}
		if i > 0 {
			before := &messages[i-1]
			if m.At.Sub(before.At) < time.Hour && sameDay(m.At.In(zone), before.At.In(zone)) {
				line.First = before.FromPerson != m.FromPerson
			} else {
				line.Separator = separator(m.At.In(zone), now.In(zone), w)
			}
		} else {
			line.Separator = separator(m.At.In(zone), now.In(zone), w)
		}
		if line.First && i > 0 {
			c.Lines[i-1].End = true
		} else if i > 0 {
			c.Lines[i-1].End = false
		}
		c.Lines = append(c.Lines, line)
		if !m.FromPerson {
			c.Last = m.MID
		}
	}
	if n := len(c.Lines); n > 0 {
		last := c.Lines[n-1]
		if last.FromPerson {
			c.Lines[n-1].Status = w.Delivered
			if last.Read {
				c.Lines[n-1].Status = w.Seen
			}
		} else {
			c.Replies, c.ReplyTo = last.QuickReplies, last.MID
		}
	}
	c.Banner = p.bannerFor(t, now)
	return c
}

// bannerTerm is how old a message may be to be announced; the page shows a banner for some seconds only.
const bannerTerm = 20 * time.Second

// bannerFor is the newest unread message in another chat, while it is new.
func (p *Platform) bannerFor(open *thread, now time.Time) *banner {
	var newest *Message
	var from *thread
	for _, t := range p.people {
		if t == open || t.unread == 0 || t.blocked || len(t.messages) == 0 {
			continue
		}
		m := t.messages[len(t.messages)-1]
		if !m.FromPerson && now.Sub(m.At) < bannerTerm && (newest == nil || m.At.After(newest.At)) {
			newest, from = m, t
		}
	}
	if newest == nil {
		return nil
	}
	to := from.FirstName
	if to == "" {
		to = "Somebody"
	}
	return &banner{
		Path: chatPath(from.Page, from.PSID), Page: from.onPage.Name + " → " + to, Initials: initials(from.onPage.Name), Text: newest.line(),
		Ago: wordsOf(open.Locale).Now,
	}
}

func sameDay(a, b time.Time) bool { return a.YearDay() == b.YearDay() && a.Year() == b.Year() }

// separator is the time between two parts of a chat, in the phone's language.
func separator(at, now time.Time, w words) string {
	clock := at.Format("15:04")
	switch {
	case sameDay(at, now):
		return w.Today + " " + clock
	case sameDay(at, now.AddDate(0, 0, -1)):
		return w.Yesterday + " " + clock
	}
	day := at.Format("02/01/2006")
	if w.Lang == "de" {
		day = at.Format("02.01.2006")
	}
	return day + ", " + clock
}

// bubble is the class of a line's bubble, which has rounder corners at the ends of a run.
func (l chatLine) bubble() string {
	out := []string{"line"}
	if l.FromPerson {
		out = append(out, "mine")
	} else {
		out = append(out, "theirs")
	}
	if l.First {
		out = append(out, "first")
	}
	if l.End {
		out = append(out, "end")
	}
	return strings.Join(out, " ")
}

// priceLine splits the last line of a subtitle off where it holds a price, which the card shows stronger.
func priceLine(subtitle string) (text, price string) {
	lines := strings.Split(subtitle, "\n")
	last := lines[len(lines)-1]
	if strings.ContainsAny(last, "€$£") || strings.Contains(last, "EUR") || strings.Contains(last, "CHF") {
		return strings.Join(lines[:len(lines)-1], "\n"), last
	}
	return subtitle, ""
}
