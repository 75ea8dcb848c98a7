package models

import (
	"net"
	"net/url"
	"slices"
	"strings"
	"time"
)

// The pause between two rounds of asking a source, in minutes; 0 switches asking off.
const (
	DefaultPollMinutes = 10
	MaxPollMinutes     = 24 * 60
)

// MaxLocations bounds the places whose stock is summed.
const MaxLocations = 100

// Poll says how a source's system is asked for its stock, how far that has come, and what it brought.
type Poll struct {
	SourceID string `gorm:"primaryKey"`
	// Address is where the system answers: the shop's own address, or that of its API.
	Address string
	// Account names the shop within the system, where that takes more than the address: a key's public half, a store id.
	Account string
	// SealedAccess is the access token, encrypted; it is never shown again.
	SealedAccess []byte
	Minutes      int
	// Locations are the places whose stock counts, by the system's ids; none: all of them.
	Locations []string `gorm:"serializer:json"`
	// DueAt is when the next round begins, and NextAt when the next question may be asked: earlier where a webhook named
	// something to ask about, later where the system wants to be left alone. Zero: never.
	DueAt      time.Time `gorm:"serializer:ms"`
	NextAt     time.Time `gorm:"serializer:ms"`
	LeaseUntil time.Time `gorm:"serializer:ms"`
	// StartedAt is when the round under way began, and Position is where it goes on; both are empty between rounds.
	StartedAt time.Time `gorm:"serializer:ms"`
	Position  string
	// Checked and Found count in the round under way; Done is the last whole round.
	Checked, Found int
	DoneAt         time.Time `gorm:"serializer:ms"`
	DoneChecked    int
	DoneFound      int
	// Failures counts failed tries in a row; Failure says why the latest failed, and Trouble what kind of failure that is.
	Failures int
	Failure  string
	Trouble  PollTrouble
	FailedAt time.Time `gorm:"serializer:ms"`
}

// TableName is where polls are kept.
func (Poll) TableName() string { return "source_polls" }

// Pause is the time between two rounds.
func (p Poll) Pause() time.Duration { return time.Duration(p.Minutes) * time.Minute }

// Off reports whether the source is asked nothing by itself.
func (p Poll) Off() bool { return p.Minutes == 0 }

// The waits after a failed round: it is tried again soon, and then ever more rarely.
const (
	firstPollRetry = 30 * time.Second
	lastPollRetry  = time.Hour
)

// PollRetry is how long to wait after n failures in a row. A wait that the system asked for is kept where it is longer.
func PollRetry(n int, asked time.Duration) time.Duration {
	wait := firstPollRetry
	for range min(n-1, 10) {
		wait = min(2*wait, lastPollRetry)
	}
	return max(wait, min(asked, 24*time.Hour))
}

// ValidatePoll checks what a person may set of a poll.
func ValidatePoll(p Poll) error {
	if err := CheckPollAddress(p.Address); err != nil {
		return err
	}
	switch {
	case p.Minutes < 0 || p.Minutes > MaxPollMinutes:
		return FieldErrorf("minutes", "Ask every 1 to %d minutes, or 0 for never.", MaxPollMinutes)
	case len(p.Account) > 200 || strings.ContainsFunc(p.Account, func(r rune) bool { return r <= ' ' }):
		return FieldErrorf("account", "This is no key or number that a shop system gives out.")
	case len(p.Locations) > MaxLocations:
		return FieldErrorf("locations", "Choose at most %d places.", MaxLocations)
	}
	for _, l := range p.Locations {
		if l == "" || len(l) > 64 || strings.ContainsFunc(l, func(r rune) bool { return r <= ' ' }) {
			return FieldErrorf("locations", "%q is no place's id.", Shorten(l, 40))
		}
	}
	return nil
}

// CheckPollAddress takes https alone, since the access token travels there; http only to this machine itself.
func CheckPollAddress(address string) error {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.User != nil || len(address) > MaxURL || u.RawQuery != "" || u.Fragment != "" {
		return FieldErrorf("address", "%q is no address of a shop; write it like https://shop.example.", Shorten(address, 80))
	}
	if u.Scheme == "https" || (u.Scheme == "http" && Loopback(u.Hostname())) {
		return nil
	}
	return FieldErrorf("address", "The address begins with https://, or your access token would travel for all to read.")
}

// Loopback reports whether a host is this machine itself.
func Loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || (ip != nil && ip.IsLoopback())
}

// SplitLocations reads places as people write them: divided by commas, spaces or lines.
func SplitLocations(s string) []string {
	list := strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == ';' || r <= ' ' })
	slices.Sort(list)
	return slices.Compact(list)
}

// Level is the stock of one item in one place.
type Level struct {
	StockID    string
	LocationID string
	Available  int
	At         time.Time
}

// TotalStock sums what is in the chosen places; none chosen counts all. One that is oversold takes nothing from the others.
func TotalStock(levels []Level, chosen []string) Stock {
	total, least := 0, 0
	for _, l := range levels {
		if len(chosen) > 0 && !slices.Contains(chosen, l.LocationID) {
			continue
		}
		total, least = total+max(0, l.Available), min(least, l.Available)
	}
	if total == 0 {
		return Stock{Available: least}
	}
	return Stock{Available: min(total, MaxStock)}
}

// SharedStock is the stock of two variants that share a SKU. One that is oversold takes nothing from the other.
func SharedStock(a, b Stock) Stock {
	switch {
	case a.Unknown || b.Unknown:
		return Stock{Unknown: true}
	case a.None() || b.None():
		return Stock{Available: max(a.Available, b.Available)}
	default:
		return Stock{Available: min(a.Available+b.Available, MaxStock)}
	}
}

// PolledItem is a variant as its system tells of it when asked.
type PolledItem struct {
	// VariantID, StockID and ProductID are the system's own ids; only VariantID is always there.
	VariantID string
	StockID   string
	ProductID string
	SKU       string
	// Stock is the whole stock where the system counts no places; else Levels are all places.
	Stock  *Stock
	Levels []Level
}

// Lookup names one thing whose stock is to be asked for, by the ids that the system gave; the others are empty.
type Lookup struct {
	ID        int64 `gorm:"primaryKey"`
	SourceID  string
	ProductID string
	VariantID string
	StockID   string
	At        time.Time `gorm:"serializer:ms"`
}

// TableName is where lookups wait.
func (Lookup) TableName() string { return "source_lookups" }

// PollAsk is one question to a system: one page of everything, or the things that its webhooks named.
type PollAsk struct {
	Poll
	Kind SourceKind
	// Access is the access token, open.
	Access string
	// Lookups are what to ask about; empty: go on from Position.
	Lookups []Lookup
}

// PollAnswer is a page of what a system tells.
type PollAnswer struct {
	Items []PolledItem
	// Catalogue describes products, where the system does it in the same answer.
	Catalogue []CatalogueProduct
	// Next is where the next page begins; empty: this was the last.
	Next string
	// Wait is how long the system wants to be left alone before the next question.
	Wait time.Duration
}

// PollTrouble is the kind of a question's failure, by which it is said in another language than English.
type PollTrouble string

// The troubles.
const (
	PollAddress     PollTrouble = "address"     // it is no address to ask
	PollUnreachable PollTrouble = "unreachable" // nobody answers there
	PollElsewhere   PollTrouble = "elsewhere"   // the answer leads to another address
	PollCertificate PollTrouble = "certificate" // its certificate is not good
	PollSlow        PollTrouble = "slow"
	PollToken       PollTrouble = "token"   // the access token is not accepted
	PollRights      PollTrouble = "rights"  // the access token may not read what it takes
	PollSealed      PollTrouble = "sealed"  // the access token was sealed with another key
	PollNowhere     PollTrouble = "nowhere" // nothing of the kind is at the address
	PollBusy        PollTrouble = "busy"    // the system asks for fewer questions
	PollBroken      PollTrouble = "broken"  // the system has a problem of its own
	PollRefused     PollTrouble = "refused"
	PollNoJSON      PollTrouble = "no_json"
	PollStrange     PollTrouble = "strange" // an answer that is not understood
	PollLong        PollTrouble = "long"    // an answer beyond what is read
	PollPlaces      PollTrouble = "places"  // the chosen places are none, or too many
	PollAgain       PollTrouble = "again"   // the round begins again
)

// PollError is a question that got no answer to use.
type PollError struct {
	// Message is for people. It names no secret.
	Message string
	// Trouble is what kind of failure it is.
	Trouble PollTrouble
	// Wait is how long the system wants to be left alone; 0: it did not say.
	Wait time.Duration
	// Forget says that Position is not good any more: the round begins again.
	Forget bool
	Err    error
}

func (e *PollError) Error() string {
	if e.Err != nil {
		return strings.TrimSuffix(e.Message, ".") + ": " + e.Err.Error()
	}
	return e.Message
}

func (e *PollError) Unwrap() error { return e.Err }
