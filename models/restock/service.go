// Package restock holds the workflows: what happens when a person asks, taps or writes stop, when stock is
// reported, when the merchant decides something. Each is one transaction of facts; what is to be sent because of
// them is a row in the same transaction, and the dispatcher does the sending.
//
//	a webhook event ─ Apply ─┬─ window, conversation
//	                         ├─ interest ── sold out? ── opt-in request   (a message row)
//	                         │             available? ── product card     (a message row)
//	                         ├─ opt-in ──── token, waiting
//	                         ├─ echo ────── settles an attempt
//	                         └─ stop ────── tokens withdrawn
//	a stock report ─ Report ─┬─ back ────── restock                       (a restock row)
//	                         ├─ sold out ── sell-out: everyone asked      (a sellout row, worked off by AskSoldOut)
//	                         └─ below ───── the restock stops
//
// When to send is package dispatch's; what to send, and whether it may be sent at all, is decided here, by Deliver.
package restock

import (
	"context"
	"log/slog"
	"strings"
	"time"

	"bentornato/models"
	"bentornato/models/store"
)

// Sender makes one call to the platform that sends one message. It never tries twice by itself.
type Sender interface {
	Send(ctx context.Context, pageID, accessToken string, o models.Outgoing) models.Answer
}

// Waker is told that there may be work, and what must not be sent any more. Missing a call of it costs time only:
// what is to be done is on disk.
type Waker interface {
	// Wake says that there may be something to send or to apply.
	Wake()
	// Halt says that a variant is not there any more: tokens claimed for it, but not yet called for, are given back.
	Halt(variantID int64)
}

// Profiler asks the platform for a person's name and language.
type Profiler interface {
	Profile(ctx context.Context, accessToken, psid string) (name, locale string, err error)
}

// Config is what the workflows need to be told.
type Config struct {
	// BaseURL is the public address, for links in messages.
	BaseURL string
	// AppID is the Meta app's number, by which a thread passed to us is told from one passed to another; "" where it is not known.
	AppID string
	// UnknownGrace is how long to wait for an echo before an unanswered attempt is tried once more (rule 6.3).
	UnknownGrace time.Duration
	// Desk sets Pages up and looks at them; without one nothing of that can be done.
	Desk PageDesk
	// OptIns reads the recurring permissions that Pages have already; without one none are imported.
	OptIns OptInLister
	// Templates is the platform's side of utility templates; without it none can be handed in.
	Templates TemplateDesk
}

// Service runs the workflows. It holds no state.
type Service struct {
	store  *store.Store
	sender Sender
	waker  Waker
	now    func() time.Time
	log    *slog.Logger
	cfg    Config
}

// New makes the service.
func New(s *store.Store, sender Sender, waker Waker, now func() time.Time, log *slog.Logger, cfg Config) *Service {
	cfg.BaseURL = strings.TrimRight(cfg.BaseURL, "/")
	return &Service{store: s, sender: sender, waker: waker, now: now, log: log, cfg: cfg}
}
