package store

import (
	"context"
	"database/sql/driver"
	"encoding/json"
	"time"

	"bentornato/models"
)

// Limits of the ingester.
const (
	// ingestQueue bounds the requests that wait for their events to be on disk; beyond it they are refused, and the
	// sender tries again.
	ingestQueue = 8192
	// ingestBatch bounds the requests that share a transaction.
	ingestBatch = 512
	// maxApplyTries is how often applying an event may fail before it is set aside.
	maxApplyTries = 8
)

// Ingester puts webhook events on disk, many requests in one transaction: each commit costs the disk the same,
// however much is in it. Run it once a process.
type Ingester struct {
	store *Store
	queue chan ingest
	wake  func()
}

type ingest struct {
	rows []inboundRow
	done chan error
}

// NewIngester makes an ingester; wake is called after each commit, so that what came is applied at once.
func NewIngester(s *Store, wake func()) *Ingester {
	return &Ingester{store: s, queue: make(chan ingest, ingestQueue), wake: wake}
}

// Ingest returns once every event is on disk; those that were there already change nothing. A full queue is
// KindUnavailable.
func (i *Ingester) Ingest(ctx context.Context, events []models.Event) error {
	if len(events) == 0 {
		return nil
	}
	rows, err := i.store.seal.inbound(events)
	if err != nil {
		return err
	}
	job := ingest{rows: rows, done: make(chan error, 1)}
	select {
	case i.queue <- job:
	default:
		return models.Errorf(models.KindUnavailable, "Too many webhooks at once; send it again in a moment.")
	}
	select {
	case err := <-job.done:
		return err
	case <-ctx.Done():
		// It may still be written; delivered again it changes nothing.
		return models.Errorf(models.KindUnavailable, "The events could not be stored in time: %w", ctx.Err())
	}
}

// Queued is how many requests wait for their events to be on disk.
func (i *Ingester) Queued() int { return len(i.queue) }

// Run commits what is queued until ctx ends and every queued request was answered.
func (i *Ingester) Run(ctx context.Context) error {
	for {
		select {
		case first := <-i.queue:
			i.commit(ctx, first)
		case <-ctx.Done():
			for {
				select {
				case first := <-i.queue:
					i.commit(ctx, first)
				default:
					return nil
				}
			}
		}
	}
}

func (i *Ingester) commit(ctx context.Context, first ingest) {
	// A client that hangs up must not undo the others' events.
	ctx = context.WithoutCancel(ctx)
	jobs := []ingest{first}
gather:
	for len(jobs) < ingestBatch {
		select {
		case job := <-i.queue:
			jobs = append(jobs, job)
		default:
			break gather
		}
	}
	err := i.store.Update(ctx, func(t *Tx) error {
		var all []inboundRow
		for _, job := range jobs {
			all = append(all, job.rows...)
		}
		return t.saveInbound(all)
	})
	for _, job := range jobs {
		if err != nil && len(jobs) > 1 {
			// One bad row must not fail its neighbours.
			job.done <- i.store.Update(ctx, func(t *Tx) error { return t.saveInbound(job.rows) })
			continue
		}
		job.done <- err
	}
	i.wake()
}

// ignoredKinds are kept and need no applying.
var ignoredKinds = map[models.EventKind]bool{
	models.EventOther: true, models.EventDelivery: true, models.EventRead: true, models.EventEdit: true,
	models.EventUnreaction: true,
}

// inboundRow is an event on its way into a statement, which is given all their bodies in one piece and where each begins.
type inboundRow struct {
	Key     string              `json:"k"`
	PageID  string              `json:"p"`
	PSID    string              `json:"u"`
	Kind    models.EventKind    `json:"d"`
	State   models.InboundState `json:"s"`
	EventAt int64               `json:"e"`
	From    int                 `json:"f"` // counted from 1, as SQL does
	Length  int                 `json:"l"`
	sealed  []byte
}

const inboundColumns = "k text, p text, u text, d text, s text, e bigint, f int, l int"

// inbound seals events for their rows.
func (s *sealer) inbound(events []models.Event) ([]inboundRow, error) {
	rows := make([]inboundRow, len(events))
	for n, e := range events {
		body, err := json.Marshal(e)
		if err != nil {
			return nil, err
		}
		sealed, err := s.seal("inbound/"+e.Key, body)
		if err != nil {
			return nil, err
		}
		state := models.InboundPending
		if ignoredKinds[e.Kind] && !e.TellsGuest() {
			state = models.InboundIgnored
		}
		rows[n] = inboundRow{Key: e.Key, PageID: e.PageID, PSID: e.PSID, Kind: e.Kind, State: state, EventAt: millis(e.At), Length: len(sealed), sealed: sealed}
	}
	return rows, nil
}

// SaveInbound writes events, in their order; one whose key is known changes nothing.
func (t *Tx) SaveInbound(events []models.Event) error {
	rows, err := t.seal.inbound(events)
	if err != nil {
		return err
	}
	return t.saveInbound(rows)
}

func (t *Tx) saveInbound(rows []inboundRow) error {
	var bodies []byte
	for i := range rows {
		rows[i].From = len(bodies) + 1
		bodies = append(bodies, rows[i].sealed...)
	}
	all := "?"
	if t.dialect == dialectPostgres {
		all = "?::bytea" // or it would be taken for text
	}
	return change(t, `INSERT INTO inbound_events (key, page_id, psid, kind, state, event_at, received_at, sealed)
		SELECT r.k, r.p, r.u, r.d, r.s, r.e, ?, substr(`+all+`, r.f, r.l) FROM % WHERE true ON CONFLICT (key) DO NOTHING`, inboundColumns, rows, millis(t.now), blob(bodies))
}

// blob is bytes as one argument: after a parenthesis gorm would make a list of numbers of them.
type blob []byte

// Value is the bytes themselves.
func (b blob) Value() (driver.Value, error) { return []byte(b), nil }

// PendingEvent is a stored event, opened.
type PendingEvent struct {
	models.Event
	ID       int64
	Attempts int
}

// TakePending returns the oldest events that were not applied, in the order of their own timestamps, and holds them.
// On PostgreSQL one process at a time applies: two could swap the events of one person.
func (t *Tx) TakePending(limit int) ([]PendingEvent, error) {
	if t.dialect == dialectPostgres {
		var mine bool
		if err := t.db.Raw("SELECT pg_try_advisory_xact_lock(?, hashtext(current_schema()))", applyLock).Scan(&mine).Error; err != nil || !mine {
			return nil, err
		}
	}
	var rows []models.Inbound
	err := t.db.Raw(`SELECT * FROM (SELECT * FROM inbound_events WHERE state = 'pending' AND next_at <= ? ORDER BY id LIMIT ?`+t.lock("FOR UPDATE")+`) AS first ORDER BY event_at, id`,
		millis(t.now), limit).Scan(&rows).Error
	if err != nil {
		return nil, err
	}
	list := make([]PendingEvent, 0, len(rows))
	for _, row := range rows {
		p := PendingEvent{ID: row.ID, Attempts: row.Attempts}
		body, err := t.seal.open("inbound/"+row.Key, row.Sealed)
		if err == nil {
			err = json.Unmarshal(body, &p.Event)
		}
		if err != nil {
			if err := t.SetAside(row.ID, models.InboundFailed, models.MessageOf(err)); err != nil {
				return nil, err
			}
			continue
		}
		list = append(list, p)
	}
	return list, nil
}

// applyLock names PostgreSQL's advisory lock of the one that applies events; the schema's name stands beside it, since
// several installations may share a database.
const applyLock = 0x62656e74 // "bent"

// SetAside writes that an event was applied, ignored or given up, and why.
func (t *Tx) SetAside(id int64, state models.InboundState, why string) error {
	return t.db.Exec("UPDATE inbound_events SET state = ?, reason = ? WHERE id = ?", state, why, id).Error
}

// AppliedAll writes that events were applied.
func (t *Tx) AppliedAll(ids []int64) error {
	if len(ids) == 0 {
		return nil
	}
	return t.db.Exec("UPDATE inbound_events SET state = ? WHERE id IN ?", models.InboundApplied, ids).Error
}

// ApplyFailed counts a failed try of an event; after several it is set aside, so that it never holds up the others.
func (t *Tx) ApplyFailed(p PendingEvent, cause error) error {
	state := models.InboundPending
	if p.Attempts+1 >= maxApplyTries {
		state = models.InboundFailed
	}
	return t.db.Exec("UPDATE inbound_events SET attempts = attempts + 1, state = ?, reason = ?, next_at = ? WHERE id = ?",
		state, models.MessageOf(cause), millis(t.now.Add(models.BackOff(p.Attempts+1))), p.ID).Error
}

// FailedEvents counts events that were given up, for doctor and the home page.
func (r Reader) FailedEvents(ctx context.Context, since time.Time) (int, error) {
	var n int64
	err := r.with(ctx).Model(&models.Inbound{}).Where("state = ? AND received_at >= ?", models.InboundFailed, millis(since)).Count(&n).Error
	return int(n), translate(err)
}
