package models

import "time"

// DeliveryOrigin is how a report came to us.
type DeliveryOrigin string

// The origins.
const (
	ByWebhook DeliveryOrigin = "webhook" // the system called
	ByPoll    DeliveryOrigin = "poll"    // we asked the system and found what it had not told
	ByReplay  DeliveryOrigin = "replay"  // somebody had a call applied again
	ByTest    DeliveryOrigin = "test"    // the test event of the source's page
)

// DeliveryOutcome is what became of a call as a whole.
type DeliveryOutcome string

// The outcomes.
const (
	DeliveryApplied  DeliveryOutcome = "applied"  // it was read; what each item did stands with the items
	DeliveryNothing  DeliveryOutcome = "nothing"  // it says nothing about what we keep: a ping, another topic
	DeliveryRepeated DeliveryOutcome = "repeated" // its id was known; nothing was done (rule 5.1)
	DeliveryRefused  DeliveryOutcome = "refused"  // it was not believed, or could not be read
)

// Limits of what is kept of each source.
const (
	KeptDeliveries = 500
	KeptRefusals   = 50
	// MaxKeptCall is how long a call may be, in bytes, to be kept for a replay.
	MaxKeptCall = 128 << 10
)

// Call is a call as it arrived, kept so that it can be read again. It holds no secret and no signature.
type Call struct {
	Method string            `json:"method"`
	URL    string            `json:"url"`
	Header map[string]string `json:"header"`
	Body   []byte            `json:"body"`
}

// Delivery is one call of a source, one round of asking it, or one replay.
type Delivery struct {
	ID       int64 `gorm:"primaryKey"`
	SourceID string
	Origin   DeliveryOrigin
	Outcome  DeliveryOutcome
	// Why says why it was refused, for people.
	Why string
	// Topic is what the system calls this kind of event, where it does.
	Topic     string
	ReportKey string
	// ReplayOf is the delivery that was applied again.
	ReplayOf int64
	// Items counts what the report spoke of; the others, what became of them.
	Items, Accepted, Stale, Unknown, Waiting int
	Added, Changed, Removed                  int
	Orders                                   int
	// Size is the length of the body in bytes.
	Size       int
	ReceivedAt time.Time `gorm:"serializer:ms"`
	// Sealed holds the Call; empty where it was too long to keep, or not to be believed.
	Sealed []byte
}

// TableName is where deliveries are kept.
func (Delivery) TableName() string { return "source_deliveries" }

// Replayable reports whether the call can be applied again.
func (d Delivery) Replayable() bool { return len(d.Sealed) > 0 }

// Count fills in what a report's result counts.
func (d Delivery) Count(r StockResult, items int) Delivery {
	d.Items, d.Accepted, d.Stale, d.Unknown, d.Waiting = items, r.Accepted, r.Stale, len(r.Unknown), r.Waiting
	d.Added, d.Changed, d.Removed, d.Orders = r.Added, r.Changed, r.Removed, r.Orders
	return d
}
