package main

import (
	"context"
	"crypto/rand"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"net/url"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"bentornato/models"
	"bentornato/web/sandbox"
)

// sandboxAddr is where the sandbox answers unless told otherwise.
const sandboxAddr = "127.0.0.1:8090"

// sandboxRun is one run of the sandbox alone.
type sandboxRun struct {
	addr    string
	webhook string
	options sandbox.Options
	// token is the first Page's access token; made anew where it is empty.
	token     string
	subscribe bool
}

// sandboxAlone runs the pretend platform by itself.
func sandboxAlone() command {
	var s sandboxRun
	return command{
		name: "sandbox", about: "runs the pretend Messenger by itself, for any client of the Graph API to be tried against",
		help: `It answers under /v25.0 (or any version) as Meta's documentation says: sending with windows, tags and tokens, opt-ins and their
webhooks, profiles, subscribed_apps, messenger_profile, personas, attachments and their upload, utility templates, recurring
notifications, the handover protocol, batches, and Facebook Login with its dialog. Labels, insights and the Conversations API are not
there, and are answered as paths that Meta does not know. / is the customers' phones and /console shows every call and webhook, and makes them go wrong.
Nothing is kept, nothing leaves this machine but webhooks to the address given. Three customers and two Pages are there; on the second one the
merchant lacks the tasks that messaging needs. The names and secrets to use are printed.

Where Meta documents nothing (the error of a spent one-time token, for one), the answer is an assumption; "go doc bentornato/web/sandbox" and the
comments beside each say which.`,
		flags: func(f *flag.FlagSet) {
			f.StringVar(&s.addr, "addr", sandboxAddr, "`ADDRESS` to listen on; port 0 takes any that is free")
			f.StringVar(&s.webhook, "webhook", "", "`URL` that webhooks go to; without one none are sent until the client sets one by POST /APP_ID/subscriptions")
			f.StringVar(&s.options.VerifyToken, "verify-token", "", "`TOKEN` that the console's \"Verify the callback\" shows")
			f.StringVar(&s.options.AppID, "app-id", demoAppID, "`ID` of the app, a number")
			f.StringVar(&s.options.AppSecret, "app-secret", "", "`SECRET` that signs webhooks and checks appsecret_proof; made anew where it is not given")
			f.StringVar(&s.token, "page-token", "", "access `TOKEN` of the first Page; made anew where it is not given")
			f.BoolVar(&s.options.RequireProof, "require-proof", false, "refuse calls without appsecret_proof")
			f.BoolVar(&s.subscribe, "subscribe", false, "subscribe both Pages to every field from the start, as if the client had called subscribed_apps")
		},
		run: func(ctx context.Context, v *invocation) error {
			if s.webhook != "" {
				if u, err := url.Parse(s.webhook); err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
					return wrongUsage("--webhook: %q is no web address", s.webhook)
				}
			}
			return s.run(ctx, v)
		},
	}
}

func (s *sandboxRun) run(ctx context.Context, v *invocation) error {
	listener, err := listen(ctx, s.addr)
	if err != nil {
		return err
	}
	address := "http://" + listener.Addr().String()
	var ahead atomic.Int64 // how far the console has moved the clock on
	o := s.options
	o.Now = func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }
	o.MoveClock = func(d time.Duration) { ahead.Add(int64(d)) }
	o.WebhookURL, o.AutoSubscribe, o.Logger = s.webhook, s.subscribe, v.log
	if o.AppSecret == "" {
		o.AppSecret = rand.Text()
	}
	if s.token == "" {
		s.token = "EAA" + rand.Text()
	}
	platform := sandbox.New(o)
	if err := furnish(platform, s.token); err != nil {
		return errors.Join(err, listener.Close())
	}
	server := &http.Server{Handler: platform.Handler(), ReadHeaderTimeout: 10 * time.Second}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return platform.Run(ctx) })
	group.Go(func() error {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			return models.Errorf(models.KindUnavailable, "The sandbox stopped: %w", err)
		}
		return nil
	})
	group.Go(func() error {
		<-ctx.Done()
		return server.Close()
	})
	fmt.Fprintf(v.stdout, `The sandbox is running.

  Graph API      %s/v25.0
  Phones         %s
  Console        %s/console
  Sign in        %s/v25.0/dialog/oauth

  App            %s      secret %s
  Page           %s      access token %s
  Customers      %s

Ctrl-C ends it, and it forgets everything.
`, address, address, address, address, o.AppID, o.AppSecret, examplePageID, s.token, "2601000000000001, 2601000000000002, 2601000000000003")
	return group.Wait()
}

// furnish puts two Pages and three customers into an empty sandbox: one who just wrote, one who wrote two days ago, one who never did.
func furnish(p *sandbox.Platform, token string) error {
	now := time.Now()
	for _, g := range []sandbox.Page{
		{ID: examplePageID, Name: examplePageName, Token: token, Recurring: true},
		{ID: "102000000000000", Name: "Mercatino (no messaging task)", Token: "EAA" + rand.Text(), Tasks: []string{"ANALYZE", "CREATE_CONTENT"}},
	} {
		if err := p.AddPage(g); err != nil {
			return err
		}
	}
	for _, n := range []sandbox.Person{
		{PSID: "2601000000000001", FirstName: "Giulia", LastName: "Ferrante", Locale: "it_IT", Timezone: 1, LastAction: now, Colour: 1},
		{PSID: "2601000000000002", FirstName: "Tom", LastName: "Baker", Locale: "en_GB", LastAction: now.Add(-48 * time.Hour), Colour: 2},
		{PSID: "2601000000000003", FirstName: "Anna", LastName: "Weiß", Locale: "de_DE", Timezone: 1, NoProfile: true, Colour: 3},
	} {
		n.Page = examplePageID
		if err := p.AddPerson(n); err != nil {
			return err
		}
	}
	return nil
}
