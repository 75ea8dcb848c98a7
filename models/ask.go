package models

import "time"

// MaxAsk is how many people one tap on "ask all" asks at most.
const MaxAsk = 1000

// AskQuestion is what MayAsk needs to know.
type AskQuestion struct {
	Page    Page
	Contact Contact
	Variant Variant
	// InterestAt is when the contact last asked about the variant.
	InterestAt time.Time
	// AskedAt is when the request was made that is outstanding; zero if none is.
	AskedAt time.Time
	// HasToken is true where the contact has a live token for the variant.
	HasToken bool
	// Stopped is set where the person stopped a recurring opt-in about the variant.
	Stopped bool
	Now     time.Time
}

// MayAsk answers whether a contact may be asked now, by hand, to be told when a variant is back (rules 3.3 and 3.5), and if
// not, why. Until is when that ends.
func MayAsk(q AskQuestion) PolicyAnswer {
	switch {
	case !q.Variant.DeletedAt.IsZero() || !q.Variant.SoldOut():
		return refuse(ReasonAvailable, time.Time{})
	case q.HasToken:
		return refuse(ReasonHasToken, time.Time{})
	case !q.AskedAt.IsZero() && q.Now.Before(q.AskedAt.Add(RequestLife)):
		return refuse(ReasonAsked, q.AskedAt.Add(RequestLife))
	case !q.InterestAt.After(q.Contact.StoppedAt):
		return refuse(ReasonStopped, q.Contact.StoppedAt)
	case q.OptIn().Product == "":
		return refuse(ReasonNoProduct, q.Page.RecurringOffAt.Add(RecurringOff))
	}
	return MaySend(PolicyQuestion{Kind: SendRequest, Page: q.Page, Contact: q.Contact, Now: q.Now})
}

// OptIn is the opt-in product that the contact would be asked with, and why.
func (q AskQuestion) OptIn() OptInChoice {
	return ChooseOptIn(OptInQuestion{Page: q.Page, Stopped: q.Stopped, Now: q.Now})
}

// AskQuery selects people who asked about something that is sold out and whose standard window is open; the window that
// closes soonest stands first.
type AskQuery struct {
	PageID string
	// Refused selects those who may not be asked, instead of those who may.
	Refused bool
	Limit   int
	Cursor  string
}

// AskRow is a contact and something sold out that it asked about.
type AskRow struct {
	Contact    Contact
	Variant    Variant
	InterestAt time.Time
	// AskedAt is when the outstanding request was made; zero if none is.
	AskedAt time.Time
	// Answer says whether the contact may be asked, until when, or why not.
	Answer PolicyAnswer
	// OptIn is what the contact would be asked with, and why that.
	OptIn OptInChoice
}
