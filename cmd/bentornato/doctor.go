package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"bentornato/models"
	"bentornato/models/store"
	"bentornato/web/messenger"
)

// Limits of an examination.
const (
	// pagePatience is how long a Page's calls may take together.
	pagePatience = 20 * time.Second
	// silence is how long a source that reported before may say nothing until it is asked after.
	silence = 7 * 24 * time.Hour
	// refusalsInRow is from how many refused calls on a source counts as troubled.
	refusalsInRow = 3
)

// doctor examines an installation.
func doctor() command {
	return command{
		name: "doctor", about: "checks configuration, database, Pages and sources; one line each, with the mend",
		help: `A line begins with "ok" or with "mend"; the latter ends with what to do. The exit code is 1 if anything needs mending.
Nothing is changed: a database that waits for migrations is only reported.`,
		settings: allSettings(), diagnoses: true,
		run: func(ctx context.Context, v *invocation) error {
			x := examination{v: v}
			x.settings()
			if x.database(ctx); x.store != nil {
				x.pages(ctx)
				x.sources(ctx)
				x.events(ctx)
				if err := x.store.Close(); err != nil {
					x.mend("database", "it could not be closed: "+err.Error())
				}
			}
			if x.failures > 0 {
				return models.Errorf(models.KindUnavailable, "%s above.", counted(x.failures, "thing to mend", "things to mend"))
			}
			return nil
		},
	}
}

// examination is one run of doctor.
type examination struct {
	v        *invocation
	store    *store.Store // nil where the database cannot be used
	failures int
}

func (x *examination) ok(what, how string) { x.line("ok  ", what, how) }

func (x *examination) mend(what, how string) {
	x.failures++
	x.line("mend", what, how)
}

func (x *examination) line(verdict, what, how string) {
	fmt.Fprintf(x.v.stdout, "%s  %s: %s\n", verdict, what, strings.Join(strings.Fields(how), " "))
}

// report writes err as something to mend, or what is well.
func (x *examination) report(what string, err error, well string) bool {
	if err != nil {
		x.mend(what, sentence(err))
		return false
	}
	x.ok(what, well)
	return true
}

func (x *examination) settings() {
	c := x.v.config
	if x.v.problems == nil {
		x.ok("settings", "all can be read; public address "+c.PublicURL(c.Addr))
	} else {
		for _, line := range x.v.problems.lines {
			x.mend("settings", line)
		}
	}
	if len(c.SecretKey) > 0 {
		x.ok("secret key", "32 bytes")
	} else if x.v.problems == nil {
		x.report("secret key", c.RequireSecret(), "")
	}
	if c.AppSecret == "" {
		x.mend("app secret", "BENTORNATO_APP_SECRET is not set, so every webhook from Messenger is refused; copy it from the Meta app's Settings, Basic.")
	} else {
		x.ok("app secret", "set")
	}
	if c.VerifyToken == "" {
		x.mend("verify token", "BENTORNATO_VERIFY_TOKEN is not set, so Meta cannot set up the webhook; choose one and give it to both.")
	} else {
		x.ok("verify token", "set")
	}
}

// database opens the store, and keeps it open where its schema is the one this program knows.
func (x *examination) database(ctx context.Context) {
	if err := x.v.config.requireDatabase(); err != nil {
		x.mend("database", sentence(err))
		return
	}
	s, err := x.v.config.openStore(ctx)
	if err != nil {
		x.mend("database", sentence(err))
		return
	}
	if !x.report("database", s.Ping(ctx), "it answers") || !x.report("schema", s.CheckSchema(ctx), "up to date") {
		x.report("database", closing(s, nil), "closed")
		return
	}
	x.store = s
	if len(x.v.config.SecretKey) > 0 {
		x.report("sealed secrets", s.CheckSecret(ctx), "the secret key opens them")
	}
}

func (x *examination) pages(ctx context.Context) {
	pages, err := x.store.Pages(ctx)
	if err != nil {
		x.mend("Pages", sentence(err))
		return
	}
	if len(pages) == 0 {
		x.mend("Pages", "there is none; add one with \"bentornato page add\".")
	}
	c := x.v.config
	client := messenger.New(messenger.Config{GraphURL: c.GraphURL, AppSecret: c.AppSecret, AppID: c.AppID, Timeout: c.CallTimeout})
	defer client.Close()
	for _, p := range pages {
		ctx, cancel := context.WithTimeout(ctx, pagePatience)
		x.page(ctx, client, p)
		cancel()
	}
}

func (x *examination) page(ctx context.Context, client *messenger.Client, p models.Page) {
	name := fmt.Sprintf("Page %s (%s)", p.Name, p.ID)
	if p.State == models.PagePaused {
		x.mend(name, fmt.Sprintf("paused (%s); mend the cause, then resume it on its page, or add it again with a new token.", p.PauseReason))
	}
	token, err := x.store.PageToken(p)
	if err != nil {
		x.mend(name+" token", sentence(err))
		return
	}
	if token == "" {
		x.mend(name+" token", "it has none; give it one with \"bentornato page add --token-stdin\".")
		return
	}
	account, err := client.Me(ctx, token)
	switch {
	case err != nil:
		x.mend(name+" token", sentence(err))
		return // every other call would say the same
	case account.ID != p.ID:
		x.mend(name+" token", fmt.Sprintf("it belongs to %s (%s); make one for this Page and add the Page again with it.", account.Name, account.ID))
		return
	}
	x.ok(name+" token", "Facebook takes it")
	apps, err := client.SubscribedApps(ctx, p.ID, token)
	missing := client.MissingFields(apps)
	switch {
	case err != nil:
		x.mend(name+" webhooks", sentence(err))
	case len(missing) > 0:
		x.mend(name+" webhooks", fmt.Sprintf("not subscribed to %s; \"bentornato page connect --id %s\" subscribes it.", strings.Join(missing, ", "), p.ID))
	default:
		x.ok(name+" webhooks", "subscribed to every field")
	}
	x.feature(ctx, client, p, token, name+" One-Time Notification")
}

// feature looks for One-Time Notification among the Page's features. Meta documents neither its name there nor that
// it stands there once granted, so only a refusal that can be read needs mending.
func (x *examination) feature(ctx context.Context, client *messenger.Client, p models.Page, token, name string) {
	const ask = "ask for it in the Page's settings, Advanced messaging, Requested features."
	features, err := client.FeatureReview(ctx, p.ID, token)
	if err != nil {
		x.ok(name, "whether it is granted cannot be read ("+strings.TrimSuffix(models.MessageOf(err), ".")+"); if requests are refused, "+ask)
		return
	}
	for _, f := range features {
		if !strings.Contains(strings.NewReplacer("_", "", "-", "", " ", "").Replace(strings.ToLower(f.Feature)), "onetimenotif") {
			continue
		}
		switch strings.ToLower(f.Status) {
		case "approved", "granted", "active", "live":
			x.ok(name, "granted")
		default:
			x.mend(name, fmt.Sprintf("its status is %q; %s", f.Status, ask))
		}
		return
	}
	x.ok(name, "not among the features that can be read; if requests are refused, "+ask)
}

func (x *examination) sources(ctx context.Context) {
	sources, err := x.store.Sources(ctx)
	if err != nil {
		x.mend("sources", sentence(err))
		return
	}
	for _, s := range sources {
		name := fmt.Sprintf("source %s (%s)", s.Name, s.Kind)
		switch now := nowUTC(); {
		case s.Refused >= refusalsInRow:
			x.mend(name, fmt.Sprintf("its last %d calls were refused (%s); compare URL and secret with the shop system's.", s.Refused, s.LastRefusal))
		case s.LastEventAt.IsZero():
			x.ok(name, "has not reported yet")
		case now.Sub(s.LastEventAt) > silence:
			x.mend(name, fmt.Sprintf("silent since %s; see whether the shop system still has its webhook.", s.LastEventAt.Format(time.RFC3339)))
		default:
			x.ok(name, "last reported at "+s.LastEventAt.Format(time.RFC3339))
		}
	}
}

// events asks for webhook events that could not be applied.
func (x *examination) events(ctx context.Context) {
	n, err := x.store.FailedEvents(ctx, nowUTC().Add(-silence))
	switch {
	case err != nil:
		x.mend("webhook events", sentence(err))
	case n > 0:
		x.mend("webhook events", counted(n, "event", "events")+" of the last 7 days could not be applied; the log says why under \"a webhook event could not be applied\".")
	default:
		x.ok("webhook events", "none of the last 7 days failed")
	}
}

func counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

func nowUTC() time.Time { return time.Now().UTC() }
