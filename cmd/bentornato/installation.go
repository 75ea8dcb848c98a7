package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"bentornato/models"
	"bentornato/models/dispatch"
	"bentornato/models/restock"
	"bentornato/models/store"
	"bentornato/web"
	"bentornato/web/inventory"
	"bentornato/web/messenger"
)

// How often background work is looked for that no signal told of, and how long stopping may take.
const (
	applyEvery   = 500 * time.Millisecond
	askEvery     = 500 * time.Millisecond
	profileEvery = 5 * time.Second
	healthEvery  = time.Minute
	reviewEvery  = 15 * time.Second
	eraseEvery   = 5 * time.Second
	pollEvery    = 5 * time.Second
	// pollsAtOnce is how many shops' systems a process asks at the same time: a slow one holds up no other.
	pollsAtOnce = 4
	forgetEvery = time.Hour
	importEvery = 5 * time.Second
	// drainTime is how long requests under way may take once the process is told to stop.
	drainTime = 10 * time.Second
)

// installation is the whole product, wired and not running.
type installation struct {
	service  *restock.Service
	engine   *dispatch.Engine
	ingester *store.Ingester
	apply    *dispatch.Loop
	ask      *dispatch.Loop
	profiles *dispatch.Loop
	health   *dispatch.Loop
	reviews  *dispatch.Loop
	erasures *dispatch.Loop
	polls    []*dispatch.Loop
	forget   *dispatch.Loop
	imports  *dispatch.Loop
	asker    *inventory.Asker
	graph    *messenger.Client
	server   *web.Server
	http     *http.Server
	listener net.Listener
	log      *slog.Logger
}

// install wires the product around an open store. listener is where it will answer; demo is nil but in the demo.
func install(c Config, s *store.Store, listener net.Listener, now func() time.Time, log *slog.Logger, demo *web.Demo) (*installation, error) {
	i := &installation{listener: listener, log: log}
	i.graph = messenger.New(messenger.Config{GraphURL: c.GraphURL, AppID: c.AppID, AppSecret: c.AppSecret, Timeout: c.CallTimeout, Now: now})
	public := c.PublicURL(listener.Addr().String())
	i.service = restock.New(s, i.graph, signals{i}, now, log, restock.Config{BaseURL: public, AppID: c.AppID, UnknownGrace: c.UnknownGrace, Desk: pageDesk{i.graph}, OptIns: i.graph, Templates: i.graph})
	i.engine = dispatch.New(s, i.service, now, log, dispatch.Config{
		Grace: c.UnknownGrace, CallTimeout: c.CallTimeout + c.CallTimeout/10, Probe: func(ctx context.Context, accessToken string) error {
			_, err := i.graph.Me(ctx, accessToken)
			return err
		}})
	i.apply = dispatch.NewLoop("webhook events", applyEvery, log, i.service.Apply)
	i.ask = dispatch.NewLoop("sell-outs", askEvery, log, i.service.AskSoldOut)
	i.profiles = dispatch.NewLoop("profiles", profileEvery, log, func(ctx context.Context) (bool, error) {
		return i.service.FetchProfiles(ctx, profiler{i.graph})
	})
	i.health = dispatch.NewLoop("health of Pages", healthEvery, log, func(ctx context.Context) (bool, error) {
		return i.service.CheckPages(ctx)
	})
	i.reviews = dispatch.NewLoop("reviews of templates", reviewEvery, log, i.service.CheckTemplates)
	i.erasures = dispatch.NewLoop("people who asked to be forgotten", eraseEvery, log, i.service.EraseAsked)
	i.asker = inventory.NewAsker(now)
	for range pollsAtOnce {
		i.polls = append(i.polls, dispatch.NewLoop("asking shops", pollEvery, log, func(ctx context.Context) (bool, error) {
			asked, err := i.service.PollSource(ctx, i.asker)
			if !asked || err != nil {
				return false, err
			}
			return pause(ctx, restock.BetweenPages) == nil, nil // the next page of the same round is due then
		}))
	}
	i.forget = dispatch.NewLoop("what is not kept any more", forgetEvery, log, i.service.Forget)
	i.imports = dispatch.NewLoop("permissions that Pages have already", importEvery, log, i.service.ImportOptIns)
	i.ingester = store.NewIngester(s, i.apply.Wake)
	cfg := web.Config{
		Reader: s, Work: i.service, Ingester: i.ingester, Sessions: store.NewSessions(s),
		BaseURL: public, AppID: c.AppID, AppSecret: c.AppSecret, VerifyToken: c.VerifyToken, Facebook: i.graph, LoginConfigID: c.LoginConfigID, TrustedProxies: c.TrustedProxies,
		Now: now, Log: log, Version: buildVersion(), Demo: demo,
	}
	if demo != nil {
		cfg.MessengerURL = demo.SandboxURL + "/m"
	}
	var err error
	if i.server, err = web.New(cfg); err != nil {
		return nil, err
	}
	i.http = i.server.HTTPServer(listener.Addr().String())
	return i, nil
}

// run serves until ctx ends. Intake stops first: requests under way are answered, then what they stored is applied no
// further, then sending stops with nothing under way. The caller closes the store after that.
func (i *installation) run(ctx context.Context) error {
	// Each stage ends when the one before it has.
	working, stopWork := context.WithCancel(context.WithoutCancel(ctx))
	defer stopWork()
	group, serving := errgroup.WithContext(ctx)
	group.Go(func() error {
		if err := i.http.Serve(i.listener); !errors.Is(err, http.ErrServerClosed) {
			return models.Errorf(models.KindUnavailable, "The server stopped: %w", err)
		}
		return nil
	})
	var work sync.WaitGroup
	runs := map[string]func(context.Context) error{
		"ingester": i.ingester.Run, "events": i.apply.Run, "sell-outs": i.ask.Run, "profiles": i.profiles.Run, "health": i.health.Run, "reviews": i.reviews.Run, "erasures": i.erasures.Run,
		"forget": i.forget.Run, "imports": i.imports.Run, "engine": i.engine.Run,
	}
	for n, polls := range i.polls {
		runs[fmt.Sprintf("polls %d", n+1)] = polls.Run
	}
	for name, run := range runs {
		work.Go(func() {
			if err := run(working); err != nil {
				i.log.Error("background work ended", "work", name, "error", err)
			}
		})
	}
	<-serving.Done()
	i.server.Drain()
	closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTime)
	defer cancel()
	if err := i.http.Shutdown(closing); err != nil {
		i.log.Warn("requests under way were cut short", "error", err)
		_ = i.http.Close()
	}
	stopWork()
	work.Wait()
	i.graph.Close()
	i.asker.Close()
	return group.Wait()
}

// signals passes the workflows' signals on to whoever does the work.
type signals struct{ *installation }

// Wake lets everything look for work.
func (s signals) Wake() {
	s.engine.Wake()
	s.apply.Wake()
	s.ask.Wake()
	s.profiles.Wake()
	for _, polls := range s.polls {
		polls.Wake()
	}
	s.imports.Wake()
}

// Halt gives back what is claimed for a variant that is not there any more.
func (s signals) Halt(variantID int64) { s.engine.Halt(variantID) }

// profiler asks the platform for what the workflows want to know of a person.
type profiler struct{ graph *messenger.Client }

// Profile returns the person's first and last name and locale.
func (p profiler) Profile(ctx context.Context, accessToken, psid string) (name, locale string, err error) {
	got, err := p.graph.Profile(ctx, accessToken, psid)
	return strings.TrimSpace(got.FirstName + " " + got.LastName), got.Locale, err
}

// pageDesk looks at Pages' connections for the workflows.
type pageDesk struct{ *messenger.Client }

// Resubscribe puts a Page's webhooks back.
func (d pageDesk) Resubscribe(ctx context.Context, page, accessToken string) error {
	return d.Subscribe(ctx, page, accessToken, messenger.SubscribedFields())
}

// listen takes the address before anything else is done: a port in use should be known first.
func listen(ctx context.Context, addr string) (net.Listener, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, models.Errorf(models.KindUnavailable, "The address %s cannot be listened on: %w", addr, err)
	}
	return l, nil
}
