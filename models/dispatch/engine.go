// Package dispatch is the engine that sends: it decides when and how fast, and is given what. It claims what a Page may
// send, keeps the Page's rate to the slot, makes each call once, and settles what came of it.
//
// # The token's states and the protocol
//
//	          claim (attempt written, committed)            200 with an id, or an echo
//	waiting ───────────────────────────────────▶ claimed ───────────────────────────────▶ sent
//	   ▲                                          │  │ │
//	   │  a refusal that did not spend it         │  │ └─ dead, or refused for good ─────▶ failed
//	   └──────────────────────────────────────────┘  │                                       ▲
//	                                                 │ no answer                             │
//	                                                 ▼                                       │
//	                        one more try ◀──── unknown ── echo ─▶ sent      no answer again ─┘
//
// What a crash leads to, whatever the step it comes right after; a test stops at each of these in turn. "Found" is what the
// token is once its lease has ended, "calls" how many there are with it in the end. In each case exactly one message
// arrives, and the token ends sent.
//
//	crash after                  found     calls  since
//	claim written                waiting   1      nothing was committed; another claim takes it
//	claim committed              unknown   1      nobody called; nobody can know that, so it is tried once more
//	call lost on the way         unknown   2      it is tried once more
//	call taken                   unknown   2      one more try, whose "dead token" means that the first arrived
//	answer read                  unknown   2      the answer is lost with the process: as before
//	result written               unknown   2      nothing was committed: as before
//	result committed             sent      1      it is settled, and counted in the same transaction
//	echo, before the answer      sent      1      the echo carries the attempt's metadata, and proves it
//	second claim committed       unknown   2      nobody called: that was not the one more try
//	second call taken            unknown   3      it was cut short by our own end, so it was not seen through either
//	second answer read           unknown   3      as before
//	second result committed      sent      2      it is settled
//
// Since the platform spends a token once, one more try can never be a second message: it is either the first that
// arrives or is refused. That is why only notifications have it; any other message without an answer stays unknown. A
// token whose one more try has no answer either, and no echo, has failed: a third call could be one too many. Where something
// answers in the platform's place, such as a gateway while the platform is down, that was no try at all: the token stays unknown,
// and is tried again, ever more slowly, until the platform itself answers.
//
// A recurring opt-in (notification_messages) is not spent, so each use of it is a token of its own, and walks the same table. What
// single use does there the platform's cap does here: for 24 hours and more after a message it refuses another with the same
// token as "too soon", which on the one more try means that the first arrived. So that try comes no sooner than three minutes
// after the first, while the platform takes short follow-ups, and no later than 23 hours after it; then the use has failed.
// An opt-in has one use under way at a time. It is used again for the same item only once that restock is over and the
// item has sold out or come back since: the row for it is made then, by a sweep (see store's renewOptIns).
//
// A restock that was paused or cancelled claims nothing more, but what it had claimed finishes, and that includes the one
// more try. An item that has sold out again is not announced, not even by a second try: its unanswered tokens stay unknown
// until an echo settles them, the item is back, or their year is over.
//
// Leases end by the clock, but on SQLite, where one process sends, a process that starts knows that whoever held a claim
// is dead, and waits for no lease (see store.Own).
//
// Any number of processes share the work, but one at a time sends for a Page, since only who makes all of its calls can hold
// them to its rate wherever they bunch up. It holds the Page as long as it claims for it again in time; otherwise it stops and,
// once the Page has rested for a second, gives back what it had claimed, and another process may claim (see store.Handover).
//
// # Who does what
//
//	Run ─┬─ claimer     finds Pages with work, and claims slots of their rates a moment ahead, for all in one transaction
//	     ├─ pacer       sends what is claimed, each at its slot, in a lane a Page
//	     ├─ settler     gathers results for a few milliseconds and writes them in one transaction
//	     └─ sweeper     finds what died: leases, unanswered calls, restocks with nothing left to do
package dispatch

import (
	"context"
	"crypto/rand"
	"log/slog"
	"sync"
	"time"

	"bentornato/models"
	"bentornato/models/store"
)

// Store is what the engine needs of the database.
type Store interface {
	PagesWithWork(ctx context.Context, now time.Time) ([]string, error)
	SoldOut(ctx context.Context, variants []int64) ([]int64, error)
	ClaimAll(ctx context.Context, q store.ClaimQuery) ([]store.Claimed, error)
	Settle(ctx context.Context, list []models.Settlement) error
	SettleMessages(ctx context.Context, list []store.SettledMessage) error
	Sweep(ctx context.Context, grace time.Duration) error
	Tidy(ctx context.Context) error
	PageToken(p models.Page) (string, error)
	Own(ctx context.Context) (release func() error, err error)
	TakeProbes(ctx context.Context) ([]models.Page, error)
	ResumeProbed(ctx context.Context, p models.Page) (bool, error)
}

// Courier makes the calls: what is said, and whether it may be, is decided there.
type Courier interface {
	DeliverNotification(ctx context.Context, page models.Page, accessToken string, c store.ClaimedToken) models.Settlement
	DeliverMessage(ctx context.Context, page models.Page, accessToken string, c store.ClaimedMessage) (models.Message, models.Answer)
}

// Config tunes the engine. The zero value is right for production.
type Config struct {
	// Grace is how long to wait for an echo before an unanswered attempt is tried once more; 2 minutes where 0.
	Grace time.Duration
	// CallTimeout is how long one call may take at most; the courier's own limit must not be longer. 10 s where 0. It
	// also says how soon a process counts as dead: what it claimed is taken up by another after twice as long, and at
	// least a second more.
	CallTimeout time.Duration
	// MaxInFlight bounds the calls under way for one Page, so that a Page whose calls hang does not keep others from
	// theirs; 512 where 0.
	MaxInFlight int
	// Probe asks after a Page that the platform paused, with a read that changes nothing, and fails while the platform does
	// not take the access token. Without one such a Page waits for a person.
	Probe func(ctx context.Context, accessToken string) error
	// Poll is how often the database is asked for work that no signal told of; 100 ms where 0.
	Poll time.Duration
}

// The engine's own measures.
const (
	defaultGrace       = 2 * time.Minute
	defaultCallTimeout = 10 * time.Second
	defaultMaxInFlight = 512
	defaultPoll        = 100 * time.Millisecond
	// horizon is how far ahead slots are taken: enough to bridge a slow commit, little enough that an item which
	// sells out is not notified of for long. claimEvery is how soon more are taken while there is more to send, so that
	// a claim may take twice as long again before slots go by unused.
	horizon    = 300 * time.Millisecond
	claimEvery = horizon / 3
	// minHold is for how long a claim holds its Pages at least, and holdTimes for how often as long as the claim before took: a
	// slow one must not stop what was claimed.
	minHold   = 500 * time.Millisecond
	holdTimes = 4
	// minLeaseSlack is the least that a lease lasts beyond the time a call may take; see leaseSlack.
	minLeaseSlack = time.Second
	// maxClaim bounds one Page's part of a claim: at 300 a second the horizon holds 90.
	maxClaim = 200
	// maxClaims bounds a claim for all Pages: a transaction that takes longer than its calls' slots are ahead makes them
	// late, and holds up the results that wait for the same restocks. maxHeld bounds what waits here to be sent, for all
	// Pages together, each of which has its share.
	maxClaims    = 2000
	maxHeld      = 4000
	minHeld      = 4
	sweepEvery   = time.Second
	probeEvery   = 5 * time.Second
	tidyEvery    = time.Minute
	troubleDelay = time.Second
)

// leaseSlack is what a lease lasts beyond the time a call may take, so that a slow process is not taken for dead: that
// time again, half of it for the call to begin and half for its result to be written.
func (c Config) leaseSlack() time.Duration { return max(c.CallTimeout, minLeaseSlack) }

// Engine sends for every Page. Make it with New, start it with Run.
type Engine struct {
	store   Store
	courier Courier
	now     func() time.Time
	log     *slog.Logger
	cfg     Config
	// sender is this process's name among those that share the database.
	sender string

	wake   chan struct{}
	halted halted
}

// New makes an engine; nothing runs until Run.
func New(s Store, courier Courier, now func() time.Time, log *slog.Logger, cfg Config) *Engine {
	if cfg.Grace <= 0 {
		cfg.Grace = defaultGrace
	}
	if cfg.CallTimeout <= 0 {
		cfg.CallTimeout = defaultCallTimeout
	}
	if cfg.MaxInFlight <= 0 {
		cfg.MaxInFlight = defaultMaxInFlight
	}
	if cfg.Poll <= 0 {
		cfg.Poll = defaultPoll
	}
	return &Engine{store: s, courier: courier, now: now, log: log, cfg: cfg, sender: rand.Text(), wake: make(chan struct{}, 1)}
}

// Wake says that there may be something to send. It never blocks.
func (e *Engine) Wake() {
	select {
	case e.wake <- struct{}{}:
	default:
	}
}

// Halt gives back what is claimed for a variant but not yet called for: the variant is not there any more.
func (e *Engine) Halt(variantID int64) { e.halted.add(variantID, e.now()) }

// Run sends until ctx ends. It returns once every call under way has been answered and its result written, and
// everything claimed but not called for has been given back: stopping loses nothing (rule 6.6).
func (e *Engine) Run(ctx context.Context) error {
	release, err := e.store.Own(ctx)
	if err != nil && ctx.Err() == nil {
		e.log.Warn("what others may have claimed is left until their leases end", "error", err)
	}
	defer func() {
		if err := release(); err != nil {
			e.log.Warn("the lock of the database was not given back", "error", err)
		}
	}()
	results := newSettler(e.store, e.log)
	var settling, running sync.WaitGroup
	settling.Go(results.run)
	pace := newPacer(e, results)
	running.Go(func() { e.claim(ctx, pace) })
	running.Go(func() { pace.run(ctx) })
	running.Go(func() {
		e.every(ctx, sweepEvery, "sweep", func(ctx context.Context) error { return e.store.Sweep(ctx, e.cfg.Grace) })
	})
	running.Go(func() { e.every(ctx, tidyEvery, "tidy", e.store.Tidy) })
	if e.cfg.Probe != nil {
		running.Go(func() { e.every(ctx, probeEvery, "paused Pages", e.probe) })
	}
	running.Wait()
	results.close()
	settling.Wait()
	return nil
}

// every does something at once and then again and again.
func (e *Engine) every(ctx context.Context, pause time.Duration, name string, do func(context.Context) error) {
	for {
		if err := do(ctx); err != nil && ctx.Err() == nil {
			e.log.Error("a sweep failed; it will be tried again", "sweep", name, "error", err)
		}
		if !sleep(ctx, pause) {
			return
		}
	}
}

// probe asks after the Pages that the platform paused, each at its time, and lets those go on that it takes again.
func (e *Engine) probe(ctx context.Context) error {
	pages, err := e.store.TakeProbes(ctx)
	if err != nil {
		return err
	}
	for _, p := range pages {
		access, err := e.store.PageToken(p)
		if err == nil {
			err = e.cfg.Probe(ctx, access)
		}
		if err != nil {
			e.log.Info("a paused Page was asked after, and stays paused", "page", p.ID, "reason", p.PauseReason, "error", err)
			continue
		}
		resumed, err := e.store.ResumeProbed(ctx, p)
		if err != nil {
			return err
		}
		if resumed {
			e.log.Info("Facebook takes the Page's access again: it sends on, slowly at first", "page", p.ID, "was", p.PauseReason)
			e.Wake()
		}
	}
	return nil
}

// claim claims for every Page that has work, a moment ahead of its slots, and hands what it gets to the pacer.
func (e *Engine) claim(ctx context.Context, pace *pacer) {
	defer pace.close()
	pause, took := time.Duration(0), time.Duration(0)
	for e.rest(ctx, pause) {
		gone, err := e.store.SoldOut(ctx, pace.variants())
		if err != nil {
			pause = e.trouble(ctx, "the stock of what is to be sent could not be read; it will be tried again", err)
			continue
		}
		for _, id := range gone {
			e.Halt(id)
		}
		pages, err := e.store.PagesWithWork(ctx, e.now())
		if err != nil {
			pause = e.trouble(ctx, "the Pages with work could not be found; it will be tried again", err)
			continue
		}
		claimed, begun := e.now(), time.Now()
		// A claim that is begun is finished, or what it took would be nobody's until its lease ends.
		pages, keep := pace.ready(pages)
		all, err := e.store.ClaimAll(context.WithoutCancel(ctx), store.ClaimQuery{PageIDs: pages, Horizon: horizon,
			Lease: e.cfg.CallTimeout + e.cfg.leaseSlack(), Max: maxClaim, Total: maxClaims,
			Sender: e.sender, Hold: max(minHold, holdTimes*took), Keep: keep})
		if err != nil {
			pause = e.trouble(ctx, "nothing could be claimed; it will be tried again", err)
			continue
		}
		took = time.Since(begun)
		pause = e.cfg.Poll
		for i := range all {
			pace.hand(&all[i], claimed)
			if all[i].Full { // so there is more
				pause = min(pause, max(0, all[i].Until.Sub(claimed)-(horizon-claimEvery)))
			}
		}
	}
}

// rest waits for a signal, or so long, and returns false once ctx has ended.
func (e *Engine) rest(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-e.wake:
	case <-timer.C:
	}
	return ctx.Err() == nil
}

func (e *Engine) trouble(ctx context.Context, what string, err error) time.Duration {
	if ctx.Err() == nil {
		e.log.Error(what, "error", err)
	}
	return troubleDelay
}

// sleep waits, and returns false if ctx ended first.
func sleep(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return ctx.Err() == nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

// halted remembers which variants are not there any more, since when.
type halted struct {
	mu    sync.Mutex
	since map[int64]time.Time
}

func (h *halted) add(variantID int64, now time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.since == nil {
		h.since = map[int64]time.Time{}
	}
	for id, at := range h.since {
		if now.Sub(at) > time.Minute || at.After(now) {
			delete(h.since, id) // every claim of before has long been sent or given back
		}
	}
	h.since[variantID] = now
}

// stops reports whether a variant was halted after a claim was made.
func (h *halted) stops(variantID int64, claimed time.Time) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	at, ok := h.since[variantID]
	return ok && !at.Before(claimed)
}
