package dispatch

import (
	"context"
	"sync"
	"time"

	"bentornato/models"
	"bentornato/models/store"
)

// pump sends for one Page what was claimed for it, each at its slot. Claiming goes on meanwhile, a moment ahead, so that a
// slow commit makes no gap in the rate.
type pump struct {
	engine   *Engine
	results  *settler
	jobs     chan job
	inFlight chan struct{}
}

func newPump(e *Engine, results *settler) *pump {
	return &pump{engine: e, results: results, jobs: make(chan job, 2*maxClaim), inFlight: make(chan struct{}, e.cfg.MaxInFlight)}
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

// behind reports whether so much waits that another claim might not fit.
func (p *pump) behind() bool { return len(p.jobs) > maxClaim/2 }

// hand passes on what was claimed. There is room for a whole claim, or the Page would not have been claimed for.
func (p *pump) hand(c store.Claimed, claimed time.Time) {
	if len(c.Messages)+len(c.Tokens) == 0 {
		return
	}
	access, err := p.engine.store.PageToken(c.Page)
	if err != nil {
		p.engine.log.Error("the Page's access token cannot be opened", "page", c.Page.ID, "error", err)
	}
	for i := range c.Messages {
		p.jobs <- job{page: c.Page, access: access, slot: c.Messages[i].Slot, interval: c.Interval, claimed: claimed, message: &c.Messages[i]}
	}
	for i := range c.Tokens {
		p.jobs <- job{page: c.Page, access: access, slot: c.Tokens[i].Slot, interval: c.Interval, claimed: claimed, token: &c.Tokens[i]}
	}
}

// send makes each call at its slot until the jobs are closed. Once ctx ends no further call is begun: what was claimed is
// given back, and the calls under way are waited for.
func (p *pump) send(ctx context.Context) {
	var calls sync.WaitGroup
	defer calls.Wait()
	var last time.Time
	for j := range p.jobs {
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
			defer func() { <-p.inFlight }()
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
	case p.inFlight <- struct{}{}:
	case <-ctx.Done():
		return false
	}
	if p.engine.now().Sub(j.claimed) < p.engine.cfg.leaseSlack()/2 {
		return true
	}
	<-p.inFlight
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
