package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"html/template"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"bentornato/models"
	"bentornato/models/store"
	"bentornato/web"
	"bentornato/web/messenger"
	"bentornato/web/sandbox"
)

// demo runs the product with the example shop against a pretend Messenger.
func demo() command {
	var (
		port int
		data string
	)
	return command{
		name: "demo", about: "the whole product with an example shop and a Messenger to click in; no account, no network",
		help: `Two addresses are printed: the shop's, with a login, and the sandbox's, with a phone for each of the shop's customers. Sell
something out or restock it in the one, and watch the other. Without --data everything is forgotten at the end.`,
		settings: []string{"log"},
		flags: func(f *flag.FlagSet) {
			f.IntVar(&port, "port", 8080, "`PORT` of the shop; the sandbox takes the next one. 0 takes any two that are free")
			f.StringVar(&data, "data", "", "keep the demo's data in the folder `DIR`, and go on with it the next time")
		},
		run: func(ctx context.Context, v *invocation) error {
			if port < 0 || port > 65534 {
				return wrongUsage("%d is no port; it is 0 (any that is free) to 65534", port)
			}
			return runDemo(ctx, v, port, data)
		},
	}
}

// demoClock is the time of the demo: shop and sandbox live by it together, and its buttons move it on.
type demoClock struct {
	mu    sync.Mutex
	moved time.Duration
}

// Now is the demo's time.
func (c *demoClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Now().Add(c.moved).UTC()
}

// Set moves the clock to a time; it runs on from there.
func (c *demoClock) Set(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.moved = time.Until(t)
}

// Move moves the clock on.
func (c *demoClock) Move(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.moved += d
}

func (c *demoClock) offset() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.moved
}

// demoState is what a demo that keeps its data must remember beside its database.
type demoState struct {
	SecretKey   []byte        `json:"secret_key"`
	AppSecret   string        `json:"app_secret"`
	AccessToken string        `json:"access_token"`
	Moved       time.Duration `json:"moved_ns"`
}

// The demo's files in its folder.
const (
	demoDatabase  = "bentornato.db"
	demoStateFile = "demo.json"
	demoSandbox   = "messenger.json"
	demoSaveEvery = 10 * time.Second
	demoAppID     = "1010101010101010"
)

func runDemo(ctx context.Context, v *invocation, port int, dir string) (err error) {
	kept := dir != ""
	if !kept {
		if dir, err = os.MkdirTemp("", "bentornato-demo-"); err != nil {
			return models.Errorf(models.KindUnavailable, "No folder for the demo could be made: %w", err)
		}
		defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	} else if err := os.MkdirAll(dir, 0o700); err != nil {
		return models.Errorf(models.KindUnavailable, "The folder %s cannot be used: %w", dir, err)
	}
	shop, phones, err := demoListeners(ctx, port)
	if err != nil {
		return err
	}
	defer func() { _, _ = shop.Close(), phones.Close() }() // closed already where they served
	d := &demoRun{v: v, dir: dir, clock: &demoClock{}, shop: shop, phones: phones}
	fresh, err := d.load()
	if err != nil {
		return err
	}
	s, err := store.Open(ctx, store.Options{URL: "sqlite:" + filepath.Join(dir, demoDatabase), Secret: d.state.SecretKey, Now: d.clock.Now})
	if err != nil {
		return err
	}
	err = d.run(ctx, s, fresh)
	if kept {
		err = errors.Join(err, d.save())
	}
	return closing(s, err)
}

// demoListeners takes two ports: the asked ones or, where the default is in use, any that are free.
func demoListeners(ctx context.Context, port int) (shop, phones net.Listener, err error) {
	address := func(p int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(p)) }
	second := 0
	if port != 0 {
		second = port + 1
	}
	if shop, err = listen(ctx, address(port)); err != nil {
		return nil, nil, models.Errorf(models.KindUnavailable, "Port %d is in use; choose another with --port, or 0 for any that is free.", port)
	}
	if phones, err = listen(ctx, address(second)); err != nil {
		return nil, nil, errors.Join(models.Errorf(models.KindUnavailable, "Port %d, for the sandbox, is in use; choose another pair with --port.", second), shop.Close())
	}
	return shop, phones, nil
}

// demoRun is one run of the demo.
type demoRun struct {
	v            *invocation
	dir          string
	clock        *demoClock
	shop, phones net.Listener
	state        demoState
	platform     *sandbox.Platform
}

func (d *demoRun) shopURL() string    { return "http://" + d.shop.Addr().String() }
func (d *demoRun) sandboxURL() string { return "http://" + d.phones.Addr().String() }

// load reads what an earlier run kept, or makes it up, and reports whether this is the first run.
func (d *demoRun) load() (bool, error) {
	raw, err := os.ReadFile(filepath.Join(d.dir, demoStateFile))
	if errors.Is(err, fs.ErrNotExist) {
		d.state = demoState{SecretKey: make([]byte, store.SecretSize), AppSecret: rand.Text(), AccessToken: "DEMO" + rand.Text()}
		_, err = rand.Read(d.state.SecretKey)
		return true, err
	}
	if err == nil {
		err = json.Unmarshal(raw, &d.state)
	}
	if err != nil {
		return false, models.Errorf(models.KindInvalid, "The demo's data in %s cannot be read; choose another folder: %w", d.dir, err)
	}
	d.clock.Move(d.state.Moved)
	return false, nil
}

// save keeps what the next run needs; the sandbox must remember the tokens that the product does.
func (d *demoRun) save() error {
	d.state.Moved = d.clock.offset()
	state, err := json.Marshal(d.state)
	if err != nil {
		return err
	}
	var messenger strings.Builder
	if err := d.platform.Save(&messenger); err != nil {
		return err
	}
	for name, text := range map[string]string{demoStateFile: string(state), demoSandbox: messenger.String()} {
		file := filepath.Join(d.dir, name)
		if err := os.WriteFile(file+".new", []byte(text), 0o600); err != nil {
			return models.Errorf(models.KindUnavailable, "The demo's data could not be kept: %w", err)
		}
		if err := os.Rename(file+".new", file); err != nil {
			return models.Errorf(models.KindUnavailable, "The demo's data could not be kept: %w", err)
		}
	}
	return nil
}

func (d *demoRun) run(ctx context.Context, s *store.Store, fresh bool) error {
	if _, err := s.Migrate(ctx); err != nil {
		return err
	}
	var past examplePast
	if fresh {
		var err error
		if past, err = seedExample(ctx, s, d.clock, exampleOptions{AccessToken: d.state.AccessToken, BaseURL: d.shopURL(), ShopURL: d.sandboxURL() + "/shop"}); err != nil {
			return err
		}
	}
	login, err := demoLogin(ctx, s)
	if err != nil {
		return err
	}
	login.SandboxURL = d.sandboxURL()
	if err := d.openSandbox(ctx, s, fresh, past); err != nil {
		return err
	}
	config := Config{BaseURL: d.shopURL(), AppID: demoAppID, AppSecret: d.state.AppSecret, VerifyToken: rand.Text(),
		GraphURL: d.sandboxURL() + "/v25.0", UnknownGrace: 2 * time.Minute, CallTimeout: messenger.DefaultTimeout}
	product, err := install(config, s, d.shop, d.clock.Now, d.v.log, login)
	if err != nil {
		return err
	}
	group, ctx := errgroup.WithContext(ctx)
	// The sandbox outlives the product, which may have a call under way.
	stopped := make(chan struct{})
	group.Go(func() error {
		defer close(stopped)
		return product.run(ctx)
	})
	pretending, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	server := &http.Server{Handler: d.pages(s), ReadHeaderTimeout: 10 * time.Second}
	group.Go(func() error { return d.platform.Run(pretending) })
	group.Go(func() error {
		if err := server.Serve(d.phones); !errors.Is(err, http.ErrServerClosed) {
			return models.Errorf(models.KindUnavailable, "The sandbox stopped: %w", err)
		}
		return nil
	})
	group.Go(func() error {
		defer stop()
		for {
			select {
			case <-stopped:
				return server.Close()
			case <-time.After(demoSaveEvery):
				if err := d.save(); err != nil {
					d.v.log.Warn("the demo's data could not be kept", "error", err)
				}
			}
		}
	})
	group.Go(func() error {
		if fresh {
			if err := product.service.SetUpPage(ctx, examplePageID); err != nil {
				return err
			}
		}
		d.welcome(login)
		return nil
	})
	return group.Wait()
}

func (d *demoRun) welcome(login *web.Demo) {
	fmt.Fprintf(d.v.stdout, `Bentornato is running with the example shop %s.

  The shop      %s      sign in as %s with password %s
  Messenger     %s      the customers' phones, and a console to break things with

Try it: ask for something that is sold out on a phone, tap the button, then restock it in the shop. Ctrl-C ends it.
`, examplePageName, d.shopURL(), login.Email, login.Password, d.sandboxURL())
}

// demoLogin gives the demo an owner with a new password.
func demoLogin(ctx context.Context, s *store.Store) (*web.Demo, error) {
	login := &web.Demo{Email: "demo@bentornato.example", Password: strings.ToLower(rand.Text()[:10])}
	hash, err := web.HashPassword(login.Password)
	if err != nil {
		return nil, err
	}
	return login, s.Update(ctx, func(tx *store.Tx) error {
		return tx.SaveUser(models.User{Email: login.Email, Role: models.RoleOwner, PasswordHash: hash})
	})
}

// openSandbox sets the pretend Messenger up as the shop left it.
func (d *demoRun) openSandbox(ctx context.Context, s *store.Store, fresh bool, past examplePast) error {
	links, err := demoLinks(ctx, s)
	if err != nil {
		return err
	}
	d.platform = sandbox.New(sandbox.Options{
		AppID: demoAppID, AppSecret: d.state.AppSecret, WebhookURL: d.shopURL() + "/webhooks/messenger",
		Now: d.clock.Now, MoveClock: d.clock.Move, Links: links, AdminURL: d.shopURL(), Logger: d.v.log,
	})
	if !fresh {
		file, err := os.Open(filepath.Join(d.dir, demoSandbox))
		if err != nil {
			return models.Errorf(models.KindInvalid, "The demo's data in %s is not whole; choose another folder: %w", d.dir, err)
		}
		return errors.Join(d.platform.Load(file), file.Close())
	}
	if err := d.platform.AddPage(sandbox.Page{ID: examplePageID, Name: examplePageName, Token: d.state.AccessToken,
		Posts: []sandbox.Post{{ID: examplePageID + "_102000000000000", Message: "La Lampada Pettirame è quasi finita: chi la vuole?"}}}); err != nil {
		return err
	}
	return tellSandbox(d.platform, past, d.clock.Now())
}

// demoLinks are the m.me links on the shop's posters.
func demoLinks(ctx context.Context, s *store.Store) ([]sandbox.Link, error) {
	variants, _, err := s.ListVariants(ctx, models.VariantQuery{PageID: examplePageID, Limit: 100})
	links := make([]sandbox.Link, len(variants))
	for i, v := range variants {
		links[i] = sandbox.Link{Title: v.Name(), Ref: v.Ref}
	}
	return links, err
}

// pages are the sandbox's, and two more that stand in for the world around it: the shop's own site, and m.me links,
// which on a real phone open Messenger and here ask whose phone it is.
func (d *demoRun) pages(s *store.Store) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/", d.platform.Handler())
	mux.Handle("/shop/", http.StripPrefix("/shop", exampleSite()))
	mux.HandleFunc("GET /m/{page}", func(w http.ResponseWriter, r *http.Request) {
		ref := r.URL.Query().Get("ref")
		v, err := s.VariantByRef(r.Context(), r.PathValue("page"), ref)
		if err != nil {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'")
		// The only error left is a reader who went away.
		_ = demoDoor.Execute(w, map[string]any{"Page": r.PathValue("page"), "Ref": ref, "Name": v.Name(), "People": examplePeople()})
	})
	return mux
}

var demoDoor = template.Must(template.New("door").Parse(`<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Whose phone? · Sandbox</title>
<style>:root{color-scheme:light dark}body{margin:0 auto;max-width:32rem;padding:2rem 1rem;font:1.05rem/1.5 system-ui,sans-serif;background:#fbf7ef;color:#2b2723}
button{display:block;width:100%;min-height:2.75rem;margin:.5rem 0;padding:.5rem 1rem;font:inherit;text-align:left;background:#fff;color:inherit;border:1px solid #d9cfbf;border-radius:.5rem;cursor:pointer}
button:focus-visible{outline:3px solid #1f4d3a}@media(prefers-color-scheme:dark){body{background:#1d1b19;color:#efe8dc}button{background:#292623;border-color:#4a443d}}</style>
<h1>Whose phone opens this link?</h1><p>The m.me link for <b>{{.Name}}</b> opens Messenger on the phone of whoever taps it. Choose somebody:</p>
{{range .People}}<form method="post" action="/chat/{{$.Page}}/{{.PSID}}/link"><input type="hidden" name="ref" value="{{$.Ref}}"><button>{{.Name}}</button></form>{{end}}</html>
`))
