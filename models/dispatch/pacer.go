package dispatch

import (
	"context"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"bentornato/models"
	"bentornato/models/store"
)

// grain is how finely calls are timed: what falls due within it starts together. A timer a call would cost more than the
// call, and a thousandth of a second is little beside the network's own jitter.
const grain = time.Millisecond

// maxIdleCallers bounds the goroutines that wait for the next call to make.
const maxIdleCallers = 256

// pacer starts the call of everything that was claimed at its slot, for all Pages from one goroutine. Claiming goes on
// meanwhile, a moment ahead, so that a slow commit makes no gap in the rate.
type pacer struct {
	engine  *Engine
	results *settler
	// news says that there may be something to start sooner than was thought.
	news chan struct{}
	// work goes to a caller that is idle; see dispatch.
	work  chan task
	idle  atomic.Int32
	calls sync.WaitGroup

	mu       sync.Mutex
	lanes    map[string]*lane
	inFlight int // of all lanes
	crowd    crowd
	closed   bool
}

// job is one claimed thing to send, at its slot.
type job struct {
	page     *models.Page
	access   string
	slot     time.Time
	interval time.Duration // between this slot and its neighbours
	claimed  time.Time
	message  *store.ClaimedMessage
	token    *store.ClaimedToken
}

// task is a job whose time has come: it is the lane's call of that number, begun then.
type task struct {
	job
	lane   *lane
	number int
	begun  time.Time
}

func newPacer(e *Engine, results *settler) *pacer {
	return &pacer{engine: e, results: results, news: make(chan struct{}, 1), work: make(chan task), lanes: map[string]*lane{}, crowd: crowd{limit: firstCrowd}}
}

// lane returns the Page's. mu must be held.
func (p *pacer) lane(page string) *lane {
	if p.lanes[page] == nil {
		p.lanes[page] = &lane{}
	}
	return p.lanes[page]
}

// ready returns the Pages to claim for, without those of which so much waits that more would only grow old here, and the Pages
// to keep since something waits.
func (p *pacer) ready(pages []string) (claim, keep []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for id, l := range p.lanes {
		if len(l.jobs) > 0 {
			keep = append(keep, id)
		}
	}
	share := min(maxClaim/2, max(minHeld, maxHeld/(1+len(keep))))
	return slices.DeleteFunc(pages, func(id string) bool { return p.lanes[id] != nil && len(p.lanes[id].jobs) >= share }), keep
}

// variants returns those that something waits to be sent of.
func (p *pacer) variants() []int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	waiting := map[int64]bool{}
	for _, l := range p.lanes {
		for _, j := range l.jobs {
			if j.token != nil {
				waiting[j.token.VariantID] = true
			}
		}
	}
	return slices.Collect(maps.Keys(waiting))
}

// hand passes on what was claimed.
func (p *pacer) hand(c *store.Claimed, claimed time.Time) {
	j := job{page: &c.Page, interval: c.Interval, claimed: claimed}
	if len(c.Messages)+len(c.Tokens) > 0 {
		var err error
		if j.access, err = p.engine.store.PageToken(c.Page); err != nil {
			p.engine.log.Error("the Page's access token cannot be opened", "page", c.Page.ID, "error", err)
		}
	}
	p.mu.Lock()
	l := p.lane(c.Page.ID)
	l.held = c.Held
	for i := range c.Messages {
		j.message, j.slot = &c.Messages[i], c.Messages[i].Slot
		l.jobs = append(l.jobs, j)
	}
	j.message = nil
	for i := range c.Tokens {
		j.token, j.slot = &c.Tokens[i], c.Tokens[i].Slot
		l.jobs = append(l.jobs, j)
	}
	p.mu.Unlock()
	p.tell()
}

func (p *pacer) tell() {
	select {
	case p.news <- struct{}{}:
	default:
	}
}

// close says that nothing more will be handed over.
func (p *pacer) close() {
	p.mu.Lock()
	p.closed = true
	p.mu.Unlock()
	p.tell()
}

// run starts calls until the pacer is closed and empty. Once ctx ends no further call is begun: what was claimed is given
// back, and the calls under way are waited for.
func (p *pacer) run(ctx context.Context) {
	defer func() { close(p.work); p.calls.Wait() }()
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		next, back, done := p.start(ctx)
		for _, j := range back {
			p.giveBack(j)
		}
		if done {
			return
		}
		next = max(next, grain)
		due := time.Now().Add(next)
		timer.Reset(next)
		select {
		case <-p.news:
		case <-timer.C:
			now := time.Now()
			p.woken(now, now.Sub(due))
		}
	}
}

// woken takes note of how late the pacer was woken.
func (p *pacer) woken(now time.Time, late time.Duration) {
	p.mu.Lock()
	p.crowd.woken(now, late, p.inFlight)
	p.mu.Unlock()
}

// full reports whether the machine has too much to do for another call of a lane. mu must be held.
func (p *pacer) full(l *lane) bool { return p.inFlight >= p.crowd.limit && l.inFlight >= minCrowded }

// start begins every call that is due. It returns how long it is to the next one, what is to be given back, and whether
// nothing is left and nothing will come.
func (p *pacer) start(ctx context.Context) (next time.Duration, back []job, done bool) {
	clock, now := p.engine.now(), time.Now()
	p.mu.Lock()
	defer p.mu.Unlock()
	next, done = time.Minute, p.closed
	for _, l := range p.lanes {
		started := 0
		for _, j := range l.jobs {
			if ctx.Err() != nil || !p.mayStart(j, l, clock) {
				back = append(back, j)
				started++
				continue
			}
			if wait := l.wait(j, now, clock); wait > 0 {
				next = min(next, wait)
				break
			}
			if l.inFlight == p.engine.cfg.MaxInFlight {
				break // the end of a call tells
			}
			if p.full(l) {
				next = grain
				break
			}
			started++
			p.inFlight++
			p.dispatch(ctx, l.begin(j, now))
		}
		l.jobs = l.jobs[started:]
		done = done && len(l.jobs) == 0
	}
	return next, back, done
}

// mayStart reports whether a call may still be made: its lease holds for longer than the call can take, its item is still
// there, the platform has not refused the Page or the restock's messages meanwhile, and no other process may send for the
// Page.
func (p *pacer) mayStart(j job, l *lane, now time.Time) bool {
	if j.token != nil && p.engine.halted.stops(j.token.VariantID, j.claimed) {
		return false
	}
	return j.claimed.After(l.trouble) && !l.blamed(j) && !l.lost(now) && now.Sub(j.claimed) < p.engine.cfg.leaseSlack()/2
}

// dispatch has a call made by a caller that waits for one or else by a new one: a goroutine's stack grows to what a call
// needs once, and not for each call.
func (p *pacer) dispatch(ctx context.Context, t task) {
	select {
	case p.work <- t:
		return
	default:
	}
	p.calls.Go(func() {
		for more := true; more; {
			p.call(ctx, t)
			if p.idle.Add(1) <= maxIdleCallers {
				t, more = <-p.work
			} else {
				more = false
			}
			p.idle.Add(-1)
		}
	})
}

// call makes one call. It is finished even when stopping: a call cut short would leave its token unknown for nothing.
func (p *pacer) call(ctx context.Context, t task) {
	j, l := t.job, t.lane
	if now := time.Now(); now.Sub(t.begun) > grain {
		p.mu.Lock()
		l.window.setOut(t.number, now)
		p.mu.Unlock()
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), p.engine.cfg.CallTimeout)
	defer cancel()
	var (
		answer  models.Answer
		settled models.Settlement
		about   = true // the Page, and not only who was written to
	)
	if j.message != nil {
		var m models.Message
		m, answer = p.engine.courier.DeliverMessage(ctx, *j.page, j.access, *j.message)
		p.results.message(store.SettledMessage{Message: m, Answer: answer})
		about = models.AboutPage(m.Kind, answer)
	} else {
		settled = p.engine.courier.DeliverNotification(ctx, *j.page, j.access, *j.token)
		answer = settled.Answer
		p.results.token(settled)
	}
	now := p.engine.now()
	p.mu.Lock()
	answered := time.Now()
	usual := l.window.answered(t.number, t.begun, answered)
	p.crowd.answer(t.begun, answered.Sub(t.begun), usual)
	full := l.inFlight == p.engine.cfg.MaxInFlight
	l.inFlight--
	p.inFlight--
	trouble := about && answer.StopsPage()
	if trouble {
		l.trouble = now
	}
	blamed := l.settled(settled, now)
	p.mu.Unlock()
	if full || trouble || blamed {
		p.tell()
	}
}

// giveBack releases what was claimed without a call.
func (p *pacer) giveBack(j job) {
	now := p.engine.now()
	if j.message != nil {
		m := j.message.Message
		m.State, m.NextAt = models.MessageQueued, now
		p.results.message(store.SettledMessage{Message: m})
		return
	}
	s := models.SettleAttempt(j.token.Token, models.Answer{Outcome: models.OutcomeNotSent}, now, p.engine.cfg.Grace)
	s.NextAt, s.Transient = now, 0
	if p.engine.halted.stops(j.token.VariantID, j.claimed) {
		s.Reason = models.TokenSoldOut
	}
	p.results.token(s)
}
