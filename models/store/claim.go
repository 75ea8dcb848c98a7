package store

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"bentornato/models"
)

// ClaimQuery says for which Pages to claim and how far ahead.
type ClaimQuery struct {
	// PageID is for Claim, PageIDs for ClaimAll.
	PageID  string
	PageIDs []string
	// Sender is the process that claims: a Page that another one sends for is left to it. Hold is for how long it may send
	// without claiming again; 10 s at most. Keep are the Pages for which it has something to send, and goes on with even if
	// nothing more is claimed.
	Sender string
	Hold   time.Duration
	Keep   []string
	// Horizon is how far ahead slots of a Page's rate are taken. What is claimed is sent even if the item sells out
	// meanwhile, unless it is given back in time, so it is short.
	Horizon time.Duration
	// Lease is how long this process may hold what it claimed before it counts as dead.
	Lease time.Duration
	// Max bounds the messages and tokens of one Page's claim; Total, where it is not 0, those of all Pages together, shared
	// evenly among the Pages that have work.
	Max, Total int
}

// share is what one of so many Pages may claim at most.
func (q ClaimQuery) share(pages int) int {
	if q.Total == 0 {
		return q.Max
	}
	return min(q.Max, max(1, q.Total/pages))
}

// ClaimedMessage is a message that this process now holds.
type ClaimedMessage struct {
	models.Message
	Contact models.Contact
	Slot    time.Time
}

// ClaimedToken is a token that this process now holds, its attempt written. Of the contact it knows what a notification
// needs: number, Page, language, and whether the person was erased.
type ClaimedToken struct {
	models.Token
	Secret  string
	Contact models.Contact
	Variant models.Variant
	// OptIn is the recurring opt-in that the token is a use of; nil for a one-time token. Secret is its.
	OptIn *models.OptIn
	Slot  time.Time
}

// Claimed is what a claim brought for one Page: messages first, then tokens, each with the moment at which it may be
// sent.
type Claimed struct {
	Page     models.Page
	Messages []ClaimedMessage
	Tokens   []ClaimedToken
	// Interval is the time between two slots.
	Interval time.Duration
	// Full is true where the slots, not the work, were the end of it.
	Full bool
	// Until is where the Page's rate stands after the claim: the next slot.
	Until time.Time
	// Held is until when the process may send for the Page without another claim. Handover later it has lost the Page.
	Held time.Time
}

// Claim is ClaimAll for one Page.
func (s *Store) Claim(ctx context.Context, q ClaimQuery) (Claimed, error) {
	q.PageIDs = []string{q.PageID}
	all, err := s.ClaimAll(ctx, q)
	if err != nil || len(all) == 0 {
		return Claimed{}, err
	}
	return all[0], nil
}

// ClaimAll takes what Pages may send next: slots of each one's rate, then messages by rank, then answers outstanding too
// long, then tokens of running restocks. Claims and attempts are committed when it returns, before any call (rule
// 6.1). A Page's rate row is locked throughout, which also keeps processes from each other's cursors. A claim waits for
// nobody: what another transaction holds, be it a Page, a variant or a token, is left for the next claim. One transaction
// serves all Pages: a commit costs the disk the same for one token and for thousands.
func (s *Store) ClaimAll(ctx context.Context, q ClaimQuery) ([]Claimed, error) {
	if len(q.PageIDs)+len(q.Keep) == 0 {
		return nil, nil
	}
	var claimed []Claimed
	claim := func(t *Tx) (err error) {
		claimed, err = t.claimAll(ctx, q, s.now)
		return err
	}
	err := s.Update(ctx, claim)
	if errors.Is(err, errRestockMoved) {
		err = s.Update(ctx, claim) // nothing of the first has happened
	}
	if err != nil {
		return nil, err
	}
	return claimed, nil
}

// pageClaim is one Page's part of a claim while it is put together.
type pageClaim struct {
	Claimed
	start, interval int64 // of its slots, in microseconds
	slots           int
	// claims: it is claimed for. kept: the process has something to send for it, whatever the claim brings.
	claims, kept bool
	due          []dueToken
	// quiet: the shop's quiet hours hold, and nobody is notified (rule 5.7).
	quiet bool
	// notified are the contacts who are claimed for already: what else they wait for keeps its distance (rule 5.9).
	notified map[int64]bool
	// optins are the recurring opt-ins that are claimed for already: each has one use at a time.
	optins map[int64]bool
}

func (c *pageClaim) left() int { return c.slots - len(c.Messages) - len(c.due) }

func (t *Tx) claimAll(ctx context.Context, q ClaimQuery, clock func() time.Time) ([]Claimed, error) {
	pages, work, err := t.openClaims(q)
	if err != nil || len(pages) == 0 {
		return nil, err
	}
	for _, c := range pages {
		if work[c.Page.ID].messages && c.slots > 0 {
			if c.Messages, err = t.claimMessages(ctx, c.Page.ID, q.Lease, c.slots); err != nil {
				return nil, err
			}
		}
	}
	claims := &claims{variants: tally[int64]{}, byRestock: map[int64]*restockClaim{}, held: map[int64]models.Variant{}}
	for _, c := range pages {
		if work[c.Page.ID].unknown && !c.quiet && c.left() > 0 {
			if err := t.claimUnknown(c, claims); err != nil {
				return nil, err
			}
		}
	}
	if err := t.claimRestocks(ctx, pages, work, claims); err != nil {
		return nil, err
	}
	if err := t.writeClaims(ctx, pages, claims, q.Lease); err != nil {
		return nil, err
	}
	return t.slot(pages, q, clock())
}

// pageWork says what a Page may have to do now, and where its rate stands.
type pageWork struct {
	next, percentAt             int64
	percent                     int
	messages, unknown, restocks bool
}

// openClaims locks the rates of the Pages that this process may send for now and reckons their slots.
func (t *Tx) openClaims(q ClaimQuery) ([]*pageClaim, map[string]pageWork, error) {
	now := millis(t.now)
	from, to := heldAt(t.now)
	claims, kept := map[string]bool{}, map[string]bool{}
	for _, id := range q.PageIDs {
		claims[id] = true
	}
	for _, id := range q.Keep {
		kept[id] = true
	}
	work := make(map[string]pageWork, len(q.PageIDs))
	in, list := t.amongTexts(slices.Concat(q.PageIDs, q.Keep))
	ids := make([]string, 0, len(q.PageIDs))
	err := t.scan(func(row scanner) error {
		var (
			id string
			w  pageWork
		)
		if err := row.Scan(&id, &w.next, &w.percent, &w.percentAt, &w.messages, &w.unknown, &w.restocks); err != nil {
			return err
		}
		if w.messages || w.unknown || w.restocks || kept[id] {
			ids, work[id] = append(ids, id), w
		}
		return nil
	}, `SELECT r.page_id, r.next_us, r.percent, r.percent_at,
		EXISTS (SELECT 1 FROM messages m WHERE m.page_id = r.page_id AND m.state = 'queued' AND m.next_at <= ?),
		EXISTS (SELECT 1 FROM tokens k WHERE k.page_id = r.page_id AND k.state = 'unknown' AND k.next_at <= ?),
		EXISTS (SELECT 1 FROM restocks s WHERE s.page_id = r.page_id AND `+openNow+`)
		FROM page_rates r WHERE r.page_id `+in+` AND r.hold_until <= ? AND (r.sender = ? OR NOT (`+held+`)) ORDER BY r.page_id`+t.lock("FOR UPDATE OF r SKIP LOCKED"),
		now, now, now, list, now, q.Sender, from, to)
	if err != nil || len(ids) == 0 {
		return nil, nil, err
	}
	in, list = t.amongTexts(ids)
	var active []models.Page
	if err := t.db.Raw("SELECT * FROM pages WHERE id "+in+" AND state = 'active' ORDER BY id", list).Scan(&active).Error; err != nil {
		return nil, nil, err
	}
	pages := make([]*pageClaim, len(active))
	for i, p := range active {
		w := work[p.ID]
		c := &pageClaim{Claimed: Claimed{Page: p}, claims: claims[p.ID], kept: kept[p.ID], notified: map[int64]bool{}, optins: map[int64]bool{}}
		_, c.quiet = models.QuietUntil(p, t.now)
		interval := func(percent int) int64 { return int64(1e6 / (float64(p.Rate) * rateHeadroom * float64(percent) / 100)) }
		c.interval = interval(slowed(w.percent, fromMillis(w.percentAt), t.now))
		c.Interval = time.Duration(c.interval) * time.Microsecond
		now, end := t.now.UnixMicro(), t.now.Add(q.Horizon).UnixMicro()
		c.start = max(now, w.next)
		// A slot further ahead than any claim goes was given out before the clock was set back, and says nothing any more.
		if w.next > end+interval(minPercent) {
			c.start = now + c.interval
		}
		if c.start <= end && c.claims {
			c.slots = min(q.share(len(claims)), 1+int((end-c.start)/c.interval))
		}
		pages[i] = c
	}
	return pages, work, nil
}

// openNow selects the restocks that may claim now: those that run, and those whose hold-down is over; its argument is the
// time. One that runs is not asked for its start: the clock may have been set back since.
const openNow = "(s.state = 'running' OR (s.state = 'held' AND s.start_at <= ?))"

// slot gives everything claimed its moment, none before now, moves the Pages' rates on, and holds them. The transaction's own time
// will not do: a claim takes long on a connection that makes its first one, and slots that passed meanwhile would be caught
// up with.
func (t *Tx) slot(pages []*pageClaim, q ClaimQuery, now time.Time) ([]Claimed, error) {
	type row struct {
		Page  string `json:"p"`
		Next  int64  `json:"n"`
		Until int64  `json:"u"`
	}
	var (
		rows []row
		list []Claimed
	)
	for _, c := range pages {
		c.start = max(c.start, now.UnixMicro())
		at := func(i int) time.Time { return time.UnixMicro(c.start + int64(i)*c.interval).UTC() }
		for i := range c.Messages {
			c.Messages[i].Slot = at(i)
		}
		for i := range c.Tokens {
			c.Tokens[i].Slot = at(len(c.Messages) + i)
		}
		used := len(c.Messages) + len(c.Tokens)
		c.Full, c.Until = c.claims && used == c.slots, at(used)
		if used > 0 || c.kept {
			c.Held = now.Add(min(q.Hold, maxHold))
			rows = append(rows, row{c.Page.ID, c.start + int64(used)*c.interval, millis(c.Held.Add(Handover))})
		}
		list = append(list, c.Claimed)
	}
	return list, change(t, "UPDATE page_rates SET next_us = r.n, sender = ?, sender_until = r.u FROM % WHERE page_rates.page_id = r.p",
		"p text, n bigint, u bigint", rows, q.Sender)
}

func (t *Tx) claimMessages(ctx context.Context, pageID string, lease time.Duration, limit int) ([]ClaimedMessage, error) {
	var list []models.Message
	err := t.db.Raw(`UPDATE messages SET state = ?, attempts = attempts + 1, lease_until = ?, state_at = ?
		WHERE state = ? AND id `+t.once(`SELECT id FROM messages WHERE page_id = ? AND state = 'queued' AND next_at <= ? ORDER BY rank, send_before, id LIMIT ?`+t.lock("FOR UPDATE SKIP LOCKED"))+` RETURNING *`,
		models.MessageClaimed, millis(t.now.Add(lease)), millis(t.now), models.MessageQueued, pageID, millis(t.now), limit).Scan(&list).Error
	if err != nil || len(list) == 0 {
		return nil, err
	}
	slices.SortFunc(list, func(a, b models.Message) int {
		return cmp.Or(cmp.Compare(a.Rank, b.Rank), a.SendBefore.Compare(b.SendBefore), cmp.Compare(a.ID, b.ID))
	})
	ids := make([]int64, len(list))
	for i, m := range list {
		ids[i] = m.ContactID
	}
	contacts, err := t.contacts(ctx, ids)
	claimed := make([]ClaimedMessage, len(list))
	for i, m := range list {
		claimed[i] = ClaimedMessage{Message: m, Contact: contacts[m.ContactID]}
	}
	return claimed, err
}

func (r Reader) contacts(ctx context.Context, ids []int64) (map[int64]models.Contact, error) {
	var list []models.Contact
	in, numbers := r.among(ids)
	if err := r.with(ctx).Raw("SELECT * FROM contacts WHERE id "+in, numbers).Scan(&list).Error; err != nil {
		return nil, translate(err)
	}
	byID := make(map[int64]models.Contact, len(list))
	for _, c := range list {
		byID[c.ID] = c
	}
	return byID, nil
}

// fill puts words in the place of the % of a pattern.
func fill(pattern, words string) string {
	for i := range pattern {
		if pattern[i] == '%' {
			return pattern[:i] + words + pattern[i+1:]
		}
	}
	return pattern
}

// PagesWithWork lists the active Pages that may have something to claim now.
func (r Reader) PagesWithWork(ctx context.Context, now time.Time) ([]string, error) {
	var ids []string
	err := r.with(ctx).Raw(`SELECT p.id FROM pages p WHERE p.state = 'active' AND (
		EXISTS (SELECT 1 FROM messages m WHERE m.page_id = p.id AND m.state = 'queued' AND m.next_at <= ?)
		OR EXISTS (SELECT 1 FROM restocks s WHERE s.page_id = p.id AND `+openNow+`)
		OR EXISTS (SELECT 1 FROM tokens k WHERE k.page_id = p.id AND k.state = 'unknown' AND k.next_at <= ?))`,
		millis(now), millis(now), millis(now)).Scan(&ids).Error
	return ids, translate(err)
}
