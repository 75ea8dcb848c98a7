package sandbox

import (
	"container/heap"
	"encoding/json"
	"slices"
	"sync"
	"time"
)

// WebhookMode makes webhooks misbehave in the ways Meta's do. The zero value is the well-behaved one.
type WebhookMode struct {
	Duplicate          bool     // every POST is sent twice
	Reorder            bool     // two events of one person change places
	Batch              int      // up to so many people's entries in one POST; 0 and 1: one
	ItemsPerEntry      int      // up to so many events of one person in one entry; 0 and 1: one
	SecondsOnReferrals bool     // timestamps of referrals in seconds
	OptinBeforeEcho    bool     // the echo of an opt-in card comes after the tap on it
	UnknownEvents      float64  // chance that an event of a new kind follows
	DropFields         []string // events of these fields are lost: message_echoes
}

// SetWebhookMode replaces the mode; it holds for events from now on.
func (p *Platform) SetWebhookMode(m WebhookMode) {
	p.mu.Lock()
	defer p.mu.Unlock()
	m.DropFields = slices.Clone(m.DropFields)
	p.mode = m
	if !m.OptinBeforeEcho {
		for _, t := range p.people {
			p.releaseHeld(t)
		}
	}
	p.touch()
}

// DeliveryState is where a webhook stands.
type DeliveryState string

const (
	DeliveryWaiting   DeliveryState = "waiting"
	DeliveryDelivered DeliveryState = "delivered"
	DeliveryDropped   DeliveryState = "dropped" // after an hour of failures, or because too many waited
)

// Delivery is one event and what became of it.
type Delivery struct {
	At       time.Time
	Page     string
	PSID     string
	Field    string // messaging_optins
	Body     string // the item as it was sent, at most 4 KiB, tokens masked
	State    DeliveryState
	Attempts int
	Status   int    // of the last answer, 0 for none
	Error    string // why the last attempt failed
}

type delivery struct {
	Delivery
	list string // messaging, standby or changes
	item []byte // escaped
}

// Deliveries is the log of webhooks, oldest first; the newest MaxDeliveries are kept.
func (p *Platform) Deliveries() []Delivery {
	p.mu.Lock()
	defer p.mu.Unlock()
	var out []Delivery
	for _, d := range p.sent.all() {
		out = append(out, d.Delivery)
	}
	return out
}

// Waiting counts the webhooks that are not delivered yet.
func (p *Platform) Waiting() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.post.waiting
}

// emit queues an event for the app, if the Page's subscription covers it. The lock is held.
func (p *Platform) emit(t *thread, field string, e event) {
	list := "messaging"
	if t.owner != "" {
		// Who does not own the thread gets the same things to read along, without payloads.
		list, field = "standby", "standby"
		if e.Postback != nil {
			without := *e.Postback
			without.Payload = ""
			e.Postback = &without
		}
	}
	if e.Referral != nil && p.mode.SecondsOnReferrals {
		e.Timestamp /= 1000
	}
	p.enqueue(t, field, list, e)
	if p.mode.UnknownEvents > 0 && p.random.Float64() < p.mode.UnknownEvents {
		strange := t.fromPerson(p.now())
		strange.Unknown = map[string]any{"kind": "surprise", "since": 2026}
		p.enqueue(t, field, list, strange)
	}
}

// emitChange queues an item of changes[].
func (p *Platform) emitChange(t *thread, field string, value any) {
	p.enqueue(t, field, "changes", change{Value: value, Field: field})
}

func (p *Platform) enqueue(t *thread, field, list string, item any) {
	if p.options.WebhookURL == "" || !t.onPage.subscribed[field] || p.appFields != nil && !slices.Contains(p.appFields, field) || slices.Contains(p.mode.DropFields, field) {
		return
	}
	body, err := escapedJSON(item)
	if err != nil {
		p.log.Error("an event could not be written", "field", field, "error", err)
		return
	}
	shown := maskedJSON(body)
	if len(shown) > maxLoggedBody {
		shown = string([]rune(shown)[:maxLoggedBody/4]) + "…"
	}
	d := &delivery{list: list, item: body, Delivery: Delivery{
		At: p.now(), Page: t.Page, PSID: t.PSID, Field: field, Body: shown, State: DeliveryWaiting,
	}}
	p.sent.add(d)
	if p.post.waiting >= MaxWaiting {
		d.State, d.Error = DeliveryDropped, "too many webhooks wait"
		return
	}
	p.post.waiting++
	p.post.put(&t.lane, d, p.mode.Reorder)
}

// lane is the queue of one person, which keeps the order.
type lane struct {
	thread   *thread
	queue    []*delivery
	held     *delivery // waits for a later one to overtake it
	busy     bool      // in flight, or waiting for the next try
	ready    bool      // in the office's list
	failures int
}

// postOffice hands lanes to workers. Its fields are under the platform's lock.
type postOffice struct {
	wake    *sync.Cond
	ready   []*lane
	later   laterHeap
	kick    chan struct{} // the earliest of later changed
	waiting int
	stopped bool
}

func (o *postOffice) init(mu *sync.Mutex) {
	o.wake = sync.NewCond(mu)
	o.kick = make(chan struct{}, 1)
}

// holdBack is how long an event waits for another to overtake it.
const holdBack = 200 * time.Millisecond

func (o *postOffice) put(l *lane, d *delivery, reorder bool) {
	switch {
	case l.held != nil:
		l.queue = append(l.queue, d, l.held)
		l.held = nil
	case reorder:
		l.held = d
		o.after(l, holdBack, false)
		return
	default:
		l.queue = append(l.queue, d)
	}
	o.offer(l)
}

// offer puts a lane that has work and is not at it into the list.
func (o *postOffice) offer(l *lane) {
	if l.busy || l.ready || len(l.queue) == 0 {
		return
	}
	l.ready = true
	o.ready = append(o.ready, l)
	o.wake.Signal()
}

// after looks at the lane again later. Retry ends its waiting for the next try.
func (o *postOffice) after(l *lane, d time.Duration, retry bool) {
	heap.Push(&o.later, laterLane{time.Now().Add(d), l, retry})
	select {
	case o.kick <- struct{}{}:
	default:
	}
}

// due moves the lanes whose time has come and tells how long until the next; false when there is none.
func (o *postOffice) due(now time.Time) (time.Duration, bool) {
	for len(o.later) > 0 {
		if wait := o.later[0].at.Sub(now); wait > 0 {
			return wait, true
		}
		next := heap.Pop(&o.later).(laterLane)
		l := next.lane
		if next.retry {
			l.busy = false
		} else if l.held != nil {
			l.queue = append(l.queue, l.held)
			l.held = nil
		}
		o.offer(l)
	}
	return 0, false
}

type laterLane struct {
	at    time.Time
	lane  *lane
	retry bool
}

type laterHeap []laterLane

func (h laterHeap) Len() int           { return len(h) }
func (h laterHeap) Less(i, j int) bool { return h[i].at.Before(h[j].at) }
func (h laterHeap) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *laterHeap) Push(x any)        { *h = append(*h, x.(laterLane)) }
func (h *laterHeap) Pop() any {
	old := *h
	last := old[len(old)-1]
	*h = old[:len(old)-1]
	return last
}

// parcel is what goes into one POST.
type parcel struct {
	page  *page
	lanes []*lane
	items [][]*delivery // of each lane
}

// take makes a parcel of the first lane in the list and, when batching, of others of its Page. The lock is held.
func (o *postOffice) take(mode WebhookMode) parcel {
	first := o.ready[0]
	c := parcel{page: first.thread.onPage}
	rest := o.ready[:0]
	for _, l := range o.ready {
		if l != first && (len(c.lanes) >= max(mode.Batch, 1) || l.thread.onPage != c.page) {
			rest = append(rest, l)
			continue
		}
		l.ready, l.busy = false, true
		c.lanes = append(c.lanes, l)
		c.items = append(c.items, l.head(max(mode.ItemsPerEntry, 1)))
	}
	clear(o.ready[len(rest):])
	o.ready = rest
	return c
}

// head is up to n events from the front that may share an entry.
func (l *lane) head(n int) []*delivery {
	end := 1
	for end < len(l.queue) && end < n && l.queue[end].list == l.queue[0].list {
		end++
	}
	return slices.Clone(l.queue[:end])
}

// body writes the POST. Entry times are milliseconds, but seconds for changes.
func (c parcel) body(now time.Time) ([]byte, error) {
	type entry struct {
		ID        string            `json:"id"`
		Time      int64             `json:"time"`
		Messaging []json.RawMessage `json:"messaging,omitempty"`
		Standby   []json.RawMessage `json:"standby,omitempty"`
		Changes   []json.RawMessage `json:"changes,omitempty"`
	}
	body := struct {
		Object string  `json:"object"`
		Entry  []entry `json:"entry"`
	}{Object: "page"}
	for _, items := range c.items {
		e := entry{ID: c.page.ID, Time: now.UnixMilli()}
		var raw []json.RawMessage
		for _, d := range items {
			raw = append(raw, d.item)
		}
		switch items[0].list {
		case "standby":
			e.Standby = raw
		case "changes":
			e.Changes, e.Time = raw, now.Unix()
		default:
			e.Messaging = raw
		}
		body.Entry = append(body.Entry, e)
	}
	return joinJSON(body)
}
