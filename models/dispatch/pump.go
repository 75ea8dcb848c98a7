package dispatch

import (
	"context"
	"sync"
	"time"

	"bentornato/models"
	"bentornato/models/store"
)

// pump sends for one Page. It has two halves: one claims, a moment ahead of the slots, while the other sends what is
// claimed, each at its slot, so that a slow commit makes no gap in the rate.
type pump struct {
	engine  *Engine
	page    string
	results *settler
	wake    chan struct{}
}

func newPump(e *Engine, page string, results *settler) *pump {
	return &pump{engine: e, page: page, results: results, wake: make(chan struct{}, 1)}
}

func (p *pump) nudge() {
	select {
	case p.wake <- struct{}{}:
	default:
	}
}

// job is one claimed thing to send, at its slot.
type job struct {
	page     models.Page
	access   string
	slot     time.Time
	interval time.Duration // between this slot and its neighbours
	claimed  time.Time
	message  *store.ClaimedMessage
	token    *store.ClaimedToken
}

// idleAfter is how many empty claims end a pump; the scheduler starts another when there is work.
const idleAfter = 3

// run pumps until there is nothing to do for a while, or ctx ends. It returns when nothing of it is under way.
func (p *pump) run(ctx context.Context) {
	jobs := make(chan job, maxClaim)
	var sending sync.WaitGroup
	sending.Go(func() { p.send(ctx, jobs) })
	defer sending.Wait()
	defer close(jobs)
	for empty := 0; empty < idleAfter && ctx.Err() == nil; {
		if len(jobs) > 0 && !p.drained(ctx, jobs) {
			return
		}
		claimed := p.engine.now()
		c, err := p.engine.store.Claim(ctx, store.ClaimQuery{PageID: p.page, Horizon: horizon,
			Lease: p.engine.cfg.CallTimeout + p.engine.cfg.leaseSlack(), Max: maxClaim})
		if err != nil {
			if ctx.Err() == nil {
				p.engine.log.Error("nothing could be claimed; it will be tried again", "page", p.page, "error", err)
			}
			sleep(ctx, troubleDelay)
			continue
		}
		p.hand(jobs, c, claimed)
		switch n := len(c.Messages) + len(c.Tokens); {
		case n > 0 || c.Full:
			empty = 0
			sleep(ctx, horizon/3)
		default:
			empty++
			p.pause(ctx)
		}
	}
}

// drained waits until the jobs handed over earlier are nearly sent: if sending lags behind its slots, claiming more
// would only let leases run out.
func (p *pump) drained(ctx context.Context, jobs chan job) bool {
	for len(jobs) > cap(jobs)/2 {
		if !sleep(ctx, horizon/10) {
			return false
		}
	}
	return true
}

// pause waits for a nudge, or a moment.
func (p *pump) pause(ctx context.Context) {
	timer := time.NewTimer(p.engine.cfg.Poll)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-p.wake:
	case <-timer.C:
	}
}

// hand passes what was claimed to the sending half. The channel has room for a whole claim and more than half of it
// is free, so it does not block; were it to, the slots would only come late.
func (p *pump) hand(jobs chan<- job, c store.Claimed, claimed time.Time) {
	if len(c.Messages)+len(c.Tokens) == 0 {
		return
	}
	access, err := p.engine.store.PageToken(c.Page)
	if err != nil {
		p.engine.log.Error("the Page's access token cannot be opened", "page", p.page, "error", err)
	}
	for i := range c.Messages {
		jobs <- job{page: c.Page, access: access, slot: c.Messages[i].Slot, interval: c.Interval, claimed: claimed, message: &c.Messages[i]}
	}
	for i := range c.Tokens {
		jobs <- job{page: c.Page, access: access, slot: c.Tokens[i].Slot, interval: c.Interval, claimed: claimed, token: &c.Tokens[i]}
	}
}

// send makes each call at its slot until jobs is closed. Once ctx ends no further call is begun: what was claimed is
// given back, and the calls under way are waited for.
func (p *pump) send(ctx context.Context, jobs <-chan job) {
	var calls sync.WaitGroup
	defer calls.Wait()
	var last time.Time
	for j := range jobs {
		// After a stall slots are in the past. They are caught up with no faster than they were given out, or the
		// second of the stall's end would see more than the rate.
		wait := j.slot.Sub(p.engine.now())
		if !last.IsZero() {
			wait = max(wait, j.interval-time.Since(last))
		}
		if !sleep(ctx, wait) || !p.mayStart(ctx, j) {
			p.giveBack(j)
			continue
		}
		last = time.Now()
		calls.Go(func() {
			defer func() { <-p.engine.inFlight }()
			p.call(ctx, j)
		})
	}
}

// mayStart takes a place among the calls under way, and reports whether the call may still be made: its lease holds
// for longer than the call can take, and its item is still there.
func (p *pump) mayStart(ctx context.Context, j job) bool {
	if j.token != nil && p.engine.halted.stops(j.token.VariantID, j.claimed) {
		return false
	}
	select {
	case p.engine.inFlight <- struct{}{}:
	case <-ctx.Done():
		return false
	}
	if p.engine.now().Sub(j.claimed) < p.engine.cfg.leaseSlack()/2 {
		return true
	}
	<-p.engine.inFlight
	return false
}

// call makes one call. It is finished even when stopping: a call cut short would leave its token unknown for nothing.
func (p *pump) call(ctx context.Context, j job) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), p.engine.cfg.CallTimeout)
	defer cancel()
	if j.message != nil {
		m, answer := p.engine.courier.DeliverMessage(ctx, j.page, j.access, *j.message)
		p.results.message(store.SettledMessage{Message: m, Answer: answer})
		return
	}
	p.results.token(p.engine.courier.DeliverNotification(ctx, j.page, j.access, *j.token))
}

// giveBack releases what was claimed without a call.
func (p *pump) giveBack(j job) {
	now := p.engine.now()
	if j.message != nil {
		m := j.message.Message
		m.State, m.NextAt = models.MessageQueued, now
		p.results.message(store.SettledMessage{Message: m})
		return
	}
	s := models.SettleAttempt(j.token.Token, models.Answer{Outcome: models.OutcomeNotSent}, now, p.engine.cfg.Grace)
	s.NextAt = now
	if p.engine.halted.stops(j.token.VariantID, j.claimed) {
		s.Reason = models.TokenSoldOut
	}
	p.results.token(s)
}
