package main

import (
	"context"
	"fmt"
	"slices"
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
	known, err := x.store.PageHealth(ctx, p.ID)
	if err != nil {
		x.mend(name, sentence(err))
		return
	}
	now := nowUTC()
	h := client.Examine(ctx, p.ID, token, now)
	if h.Problem != "" {
		x.mend(name+" token", h.Problem)
		return // every other call would say the same
	}
	h.LastEventAt, h.ConnectedAt = known.LastEventAt, known.ConnectedAt
	h.HumanRefused, h.UtilityRefused = known.HumanRefused, known.UtilityRefused
	x.connection(name, h, now)
	x.feature(name+" One-Time Notification", h)
	x.granted(name+" Human Agent", h.HumanAgent(now), h.HumanRefused, "ask for the feature Human Agent in the Meta app's App Review.")
	x.granted(name+" utility messages", h.Utility(now), h.UtilityRefused, "ask for "+models.PermissionUtility+" in the Meta app's App Review, then connect the Page again.")
}

// connection says how the Page's token, permissions and webhooks are.
func (x *examination) connection(name string, h models.PageHealth, now time.Time) {
	id, troubles := h.PageID, h.Troubles(now)
	switch {
	case slices.Contains(troubles, models.HealthTokenEnding):
		x.mend(name+" token", "it ends at "+h.TokenExpiresAt.Format(time.RFC3339)+"; connect the Page again before then.")
	case slices.Contains(troubles, models.HealthAccessEnding):
		x.mend(name+" token", "it reads people's names until "+h.DataAccessUntil.Format(time.RFC3339)+"; connect the Page again before then. Sending is not touched.")
	default:
		x.ok(name+" token", "Facebook takes it")
	}
	switch {
	case len(h.MissingPermissions) > 0:
		x.mend(name+" permissions", "the app lacks "+strings.Join(h.MissingPermissions, ", ")+"; connect the Page again and agree to everything Facebook asks.")
	case len(h.Scopes) > 0:
		x.ok(name+" permissions", "all that are needed")
	default:
		x.ok(name+" permissions", "cannot be read; that takes BENTORNATO_APP_ID and BENTORNATO_APP_SECRET")
	}
	switch {
	case len(h.MissingFields) > 0:
		x.mend(name+" webhooks", fmt.Sprintf("not subscribed to %s; \"bentornato page connect --id %s\" subscribes it.", strings.Join(h.MissingFields, ", "), id))
	case slices.Contains(troubles, models.HealthSilent):
		x.mend(name+" webhooks", "subscribed to every field, but nothing was heard since "+h.LastEventAt.Format(time.RFC3339)+"; write to the Page from another account, and see whether it shows up.")
	default:
		x.ok(name+" webhooks", "subscribed to every field")
	}
}

// feature looks for One-Time Notification among the Page's features. Meta documents neither its name there nor that
// it stands there once granted, so only a refusal that can be read needs mending.
func (x *examination) feature(name string, h models.PageHealth) {
	const ask = "ask for it in the Page's settings, Advanced messaging, Requested features."
	switch {
	case h.Granted(models.FeatureOTN):
		x.ok(name, "granted")
	case h.Refused(models.FeatureOTN):
		x.mend(name, fmt.Sprintf("its status is %q; %s", h.Features[models.FeatureOTN], ask))
	default:
		x.ok(name, "whether it is granted cannot be read; if requests are refused, "+ask)
	}
}

// granted says what is known of something that a Page may do without: only what it has tried, and was refused, needs mending.
func (x *examination) granted(name string, g models.Grant, last models.Refusal, ask string) {
	switch {
	case g == models.GrantGiven:
		x.ok(name, "granted")
	case g == models.GrantRefused && !last.At.IsZero():
		x.mend(name, "Facebook refused it at "+last.At.Format(time.RFC3339)+"; "+ask)
	case g == models.GrantRefused:
		x.ok(name, "not granted; to use it, "+ask)
	default:
		x.ok(name, "unknown until it is used; if it is refused, "+ask)
	}
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
