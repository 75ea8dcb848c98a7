package models

import (
	"strings"
	"time"
)

// Contact is a person as one Page sees them, named by a page-scoped id (PSID).
type Contact struct {
	ID     int64 `gorm:"primaryKey"`
	PageID string
	PSID   string `gorm:"column:psid"`
	Name   string
	// Locale is the platform's, such as it_IT; empty where the profile was not readable.
	Locale string
	// LastActionAt is the time of the last qualifying action, zero if there was none (rule 2.1).
	LastActionAt time.Time `gorm:"serializer:ms"`
	// StoppedAt is when the person last wrote "stop" (rule 7.3); interest from before it asks nothing more.
	StoppedAt time.Time `gorm:"serializer:ms"`
	// ThreadOwner is the app that has the conversation, where it is another than ours: its number, or ThreadInbox, or
	// ThreadOther where nobody said which. Nothing automatic is answered meanwhile.
	ThreadOwner string
	// DisclosedAt is when the person was told that the answers are automatic; zero if never.
	DisclosedAt time.Time `gorm:"serializer:ms"`
	// NotifiedAt is when a notification was last claimed for the contact, for the spacing of rule 5.9.
	NotifiedAt time.Time `gorm:"serializer:ms"`
	// ProfileAt is when the profile was last asked for; zero if never.
	ProfileAt time.Time `gorm:"serializer:ms"`
	// Unread is true while nobody of the team has looked at the latest words; Unanswered while neither the program nor
	// anybody of the team has answered them. Both are the whole team's.
	Unread     bool
	Unanswered bool
	// ErasedAt is set once the person was erased (rule 7.4): what remains is a number without a person.
	ErasedAt time.Time `gorm:"serializer:ms"`
	// EraseAt and EraseCode are set while a person who asked for it in the chat is still to be erased.
	EraseAt   time.Time `gorm:"serializer:ms"`
	EraseCode string
	CreatedAt time.Time `gorm:"serializer:ms;autoCreateTime:false"`
}

// Owners of a conversation that have no number.
const (
	ThreadInbox = "inbox" // the Page's own inbox
	ThreadOther = "other" // another app, and nobody said which
)

// pageInbox is the app number of the Page's own inbox (changelog; some documents print it with a digit less).
const pageInbox = "263902037430900"

// guestPrefix stands before the user_ref of a contact who has no page-scoped id yet. No page-scoped id has a letter in it.
const guestPrefix = "guest:"

// GuestPSID names a guest of the checkbox plugin in the place of the page-scoped id, until the platform tells that.
func GuestPSID(userRef string) string { return guestPrefix + userRef }

// Guest returns the user_ref of a contact who is still a guest, "" for any other.
func (c Contact) Guest() string {
	if ref, ok := strings.CutPrefix(c.PSID, guestPrefix); ok {
		return ref
	}
	return ""
}

// Address is whom a message to the contact goes to.
func (c Contact) Address() Recipient {
	if ref := c.Guest(); ref != "" {
		return Recipient{UserRef: ref}
	}
	return Recipient{PSID: c.PSID}
}

// ThreadAfter is who owns a contact's conversation after an event: "" for us. appID is our app's number; "" where it is not
// known, and then a thread passed on is ours: the platform tells only the app that receives it.
func ThreadAfter(owner string, e Event, appID string) string {
	named := func() string {
		switch e.NewOwner {
		case "", pageInbox:
			return ThreadInbox
		default:
			return e.NewOwner
		}
	}
	switch {
	case e.Kind == EventHandover && e.Action == "pass_thread_control":
		if appID == "" || e.NewOwner == appID {
			return ""
		}
		return named()
	case e.Kind == EventHandover && e.Action == "take_thread_control":
		if appID != "" && e.NewOwner == appID {
			return ""
		}
		return named()
	case e.Kind == EventHandover:
		return owner
	case e.Standby && owner == "":
		return ThreadOther
	case !e.Standby && (e.Kind == EventMessage || e.Kind == EventPostback):
		return "" // only who owns the thread is told of these otherwise than in standby
	}
	return owner
}

// WindowUntil is the end of the contact's standard window; the zero time if it never opened.
func (c Contact) WindowUntil() time.Time { return after(c.LastActionAt, StandardWindow) }

// HumanAgentUntil is the end of the contact's human-agent window.
func (c Contact) HumanAgentUntil() time.Time { return after(c.LastActionAt, HumanAgentWindow) }

func after(t time.Time, d time.Duration) time.Time {
	if t.IsZero() {
		return t
	}
	return t.Add(d)
}

// ContactQuery selects contacts; the most recently active stand first.
type ContactQuery struct {
	PageID string
	Text   string // beginnings of words of the name, or a PSID
	Show   ContactFilter
	Limit  int
	Cursor string
}

// ContactFilter selects contacts by what may be sent to them now.
type ContactFilter string

// The filters. None is every contact.
const (
	ContactsOpen    ContactFilter = "open"    // the standard window is open
	ContactsByHand  ContactFilter = "by_hand" // only the human-agent window is
	ContactsStopped ContactFilter = "stopped" // they asked to be left alone, and have not come back since
)

// ContactRow is a contact in a list, with what it waits for.
type ContactRow struct {
	Contact
	Waiting int // tokens in state waiting
}

// Erasure is the public status of a deletion.
type Erasure struct {
	Code     string    `gorm:"primaryKey"`
	At       time.Time `gorm:"serializer:ms"`
	Contacts int
	DoneAt   time.Time `gorm:"serializer:ms"`
}
