package dispatch

import (
	"context"
	"log/slog"
	"time"
)

// Loop does a piece of background work whenever it is woken and, since signals may be missed, every so often.
type Loop struct {
	name  string
	pause time.Duration
	wake  chan struct{}
	log   *slog.Logger
	do    func(ctx context.Context) (more bool, err error)
}

// NewLoop makes a loop of work that reports whether there may be more of it.
func NewLoop(name string, pause time.Duration, log *slog.Logger, do func(ctx context.Context) (more bool, err error)) *Loop {
	return &Loop{name: name, pause: pause, wake: make(chan struct{}, 1), log: log, do: do}
}

// Wake says that there may be work. It never blocks.
func (l *Loop) Wake() {
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// Run works until ctx ends; what is begun is finished.
func (l *Loop) Run(ctx context.Context) error {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-l.wake:
		case <-timer.C:
		}
		for ctx.Err() == nil {
			more, err := l.do(ctx)
			if err != nil {
				if ctx.Err() == nil {
					l.log.Error("background work failed; it will be tried again", "work", l.name, "error", err)
				}
				sleep(ctx, troubleDelay)
				break
			}
			if !more {
				break
			}
		}
		timer.Reset(l.pause)
	}
}
