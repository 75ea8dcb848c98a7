package store_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"bentornato/models"
	"bentornato/models/restock"
	"bentornato/models/store"
	"bentornato/models/store/storetest"
)

// spender is a platform that spends a token once, or takes one message with a recurring one in so long, and loses calls or
// answers where it is told to.
type spender struct {
	calls, arrived int
	lost, silent   bool
}

func (p *spender) Send(_ context.Context, _, _ string, o models.Outgoing) models.Answer {
	p.calls++
	if p.lost {
		return models.Answer{Outcome: models.OutcomeUnknown}
	}
	answer := models.Answer{Outcome: models.OutcomeDead, Code: 100}
	if o.Recipient.Recurring != "" {
		answer = models.Answer{Outcome: models.OutcomeTooSoon, Code: 4, Subcode: 2018354}
	}
	if p.arrived == 0 {
		p.arrived++
		answer = models.Answer{Outcome: models.OutcomeSent, MessageID: "m_1"}
	}
	if p.silent {
		answer = models.Answer{Outcome: models.OutcomeUnknown}
	}
	return answer
}

// process is one life of the engine, a step at a time, so that it can be made to end after any of them.
type process struct {
	*world
	platform *spender
	service  *restock.Service
	held     []store.ClaimedToken
	results  []models.Settlement
	// grace is how long an unanswered call waits for its second try.
	grace time.Duration
}

func (p *process) claim() { p.held = p.world.claim(10).Tokens }

func (p *process) call() {
	page, err := p.store.Page(p.ctx, pageID)
	p.must(err)
	p.results = nil
	for _, k := range p.held {
		p.results = append(p.results, p.service.DeliverNotification(p.ctx, page, "access", k))
	}
}

func (p *process) settle() { p.must(p.store.Settle(p.ctx, p.results)) }

// silence makes one whole round whose call arrives and whose answer does not, up to the moment of the second try.
func (p *process) silence() {
	p.platform.silent = true
	p.claim()
	p.call()
	p.settle()
	p.platform.silent = false
	p.clock.Advance(p.grace + time.Second)
}

const grace = time.Minute

// crashes are the steps of the protocol, each done up to where a process dies.
var crashes = map[string]func(p *process){
	"claim written": func(p *process) {
		p.must(p.store.ClaimAndCrash(p.ctx, store.ClaimQuery{PageIDs: []string{pageID}, Horizon: time.Hour, Lease: time.Minute, Max: 10}))
	},
	"claim committed": func(p *process) { p.claim() },
	"call lost on the way": func(p *process) {
		p.claim()
		p.platform.lost = true
		p.call()
		p.platform.lost = false
	},
	"call taken":  func(p *process) { p.claim(); p.platform.silent = true; p.call(); p.platform.silent = false },
	"answer read": func(p *process) { p.claim(); p.call() },
	"result written": func(p *process) {
		p.claim()
		p.call()
		p.must(p.store.SettleAndCrash(p.ctx, p.results))
	},
	"result committed": func(p *process) { p.claim(); p.call(); p.settle() },
	"echo, before the answer": func(p *process) {
		p.claim()
		p.call()
		p.update(func(tx *store.Tx) error {
			ours, err := tx.SettleEcho(pageID, p.held[0].ID, p.held[0].Attempts, "m_1")
			if !ours {
				return fmt.Errorf("the echo is nobody's: %w", err)
			}
			return err
		})
	},
	"second claim committed": func(p *process) { p.silence(); p.claim() },
	"second call taken": func(p *process) {
		p.silence()
		p.claim()
		p.platform.silent = true
		p.call()
		p.platform.silent = false
	},
	"second answer read":      func(p *process) { p.silence(); p.claim(); p.call() },
	"second result committed": func(p *process) { p.silence(); p.claim(); p.call(); p.settle() },
}

// crashRow is a line of the table in the engine's package comment.
type crashRow struct {
	After, Found string
	Calls        int
}

// documentedCrashes reads the table where people read it.
func documentedCrashes(t *testing.T) []crashRow {
	t.Helper()
	source, err := os.ReadFile("../dispatch/engine.go")
	if err != nil {
		t.Fatal(err)
	}
	_, table, found := strings.Cut(string(source), "//\tcrash after ")
	if !found {
		t.Fatal("the package comment of dispatch has no table of crashes")
	}
	table, _, _ = strings.Cut(table, "\n//\n")
	gap := regexp.MustCompile(` {2,}`)
	var rows []crashRow
	for _, line := range strings.Split(table, "\n")[1:] {
		cells := gap.Split(strings.TrimPrefix(line, "//\t"), -1)
		if len(cells) != 4 {
			t.Fatalf("the table has a line of %d cells: %q", len(cells), line)
		}
		var r crashRow
		r.After, r.Found = cells[0], cells[1]
		if _, err := fmt.Sscan(cells[2], &r.Calls); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		rows = append(rows, r)
	}
	return rows
}

// TestCrashes stops at every step of the protocol in turn, and holds what comes of it against what the package comment of
// dispatch says of that step, for one-time tokens and for uses of recurring opt-ins. Every time exactly one message arrives,
// and the token ends sent.
func TestCrashes(t *testing.T) {
	documented := documentedCrashes(t)
	if len(documented) != len(crashes) {
		t.Errorf("%d steps are documented and %d tried", len(documented), len(crashes))
	}
	for _, row := range documented {
		t.Run(row.After, func(t *testing.T) {
			storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
				crashAt(t, s, clock, row, grace, func(w *world) int64 { return w.grant(1, w.v)[0] })
			})
		})
		t.Run(row.After+", recurring", func(t *testing.T) {
			storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
				crashAt(t, s, clock, row, models.RecurringGrace, func(w *world) int64 { return w.optIn(w.v) })
			})
		})
	}
}

// crashAt walks one row of the table with a token of one kind.
func crashAt(t *testing.T, s *store.Store, clock *storetest.Clock, row crashRow, wait time.Duration, grant func(w *world) int64) {
	t.Helper()
	p := &process{world: newWorld(t, s, clock), platform: &spender{}, grace: wait}
	p.service = restock.New(s, p.platform, idleWaker{}, clock.Now, slog.New(slog.NewTextHandler(t.Output(), nil)),
		restock.Config{BaseURL: "http://shop.test", UnknownGrace: grace})
	token := grant(p.world)
	p.world.restock(p.v, models.Restock{})
	crash := crashes[row.After]
	if crash == nil {
		t.Fatal("no test stops at this step")
	}
	crash(p)

	clock.Advance(31 * time.Second) // the lease ends
	p.must(s.Sweep(p.ctx, grace))
	got := crashRow{After: row.After, Found: string(p.token(token).State)}
	p.audit()
	for range 3 { // another process goes on
		clock.Advance(p.grace + time.Second)
		p.must(s.Sweep(p.ctx, grace))
		p.claim()
		p.call()
		p.settle()
	}
	clock.Advance(10 * time.Second)
	p.must(s.Sweep(p.ctx, grace))
	got.Calls = p.platform.calls
	if diff := cmp.Diff(row, got); diff != "" {
		t.Errorf("not as documented: %s", diff)
	}
	if k := p.token(token); k.State != models.TokenSent || p.platform.arrived != 1 {
		t.Errorf("the token is %s for %q, and %d messages arrived; want sent, and one", k.State, k.Reason, p.platform.arrived)
	}
	if n := p.states(); n[models.TokenSent] != 1 || n[models.TokenUnknown]+n[models.TokenClaimed]+n[models.TokenWaiting] != 0 {
		t.Errorf("counted %v", n)
	}
	p.audit()
}

// idleWaker wakes nobody: the test does each step itself.
type idleWaker struct{}

func (idleWaker) Wake()      {}
func (idleWaker) Halt(int64) {}
