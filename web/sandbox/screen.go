package sandbox

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"io/fs"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/a-h/templ"
)

//go:embed assets
var assets embed.FS

// security is what the screens' answers carry: everything from here, save for the shop's pictures, which come from the shop.
const security = "default-src 'self'; img-src 'self' data: http: https:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

// assetURL names a file with its content's hash, so that it may be kept for ever.
func assetURL(name string) string {
	text, err := assets.ReadFile("assets/" + name)
	if err != nil {
		return "/assets/" + name
	}
	sum := sha256.Sum256(text)
	return "/assets/" + name + "?v=" + hex.EncodeToString(sum[:6])
}

// screens are the phones under / and the console under /console.
func (p *Platform) screens() http.Handler {
	m := http.NewServeMux()
	m.HandleFunc("GET /{$}", p.showDesk)
	m.HandleFunc("GET /chat/{page}/{psid}", p.showChat)
	for name, do := range map[string]chatAction{
		"text":   func(c chatForm) error { _, err := p.SendText(c.page, c.psid, c.value("text")); return err },
		"thumb":  func(c chatForm) error { _, err := p.SendThumb(c.page, c.psid); return err },
		"button": func(c chatForm) error { return p.TapButton(c.page, c.psid, c.value("mid"), c.value("payload")) },
		"quick":  func(c chatForm) error { return p.QuickReply(c.page, c.psid, c.value("mid"), c.value("payload")) },
		"notify": func(c chatForm) error { _, err := p.TapNotifyMe(c.page, c.psid, c.value("mid")); return err },
		"start":  func(c chatForm) error { return p.TapGetStarted(c.page, c.psid) },
		"react":  func(c chatForm) error { return p.React(c.page, c.psid, c.value("mid"), c.value("emoji")) },
		"comment": func(c chatForm) error {
			_, err := p.Comment(c.page, c.psid, c.value("post"), c.value("text"))
			return err
		},
		"updates":  func(c chatForm) error { _, err := p.TapGetUpdates(c.page, c.psid, c.value("mid")); return err },
		"stop":     func(c chatForm) error { return p.StopUpdates(c.page, c.psid, c.value("payload"), true) },
		"menu":     func(c chatForm) error { return p.TapMenu(c.page, c.psid, c.value("payload")) },
		"break":    func(c chatForm) error { return p.TapIceBreaker(c.page, c.psid, c.value("payload")) },
		"plugin":   func(c chatForm) error { return p.UsePlugin(c.page, c.psid, c.value("ref"), "") },
		"handover": func(c chatForm) error { return p.SetThreadOwner(c.page, c.psid, OtherApp) },
		"handback": func(c chatForm) error { return p.RequestThread(c.page, c.psid, true) },
		"link":     func(c chatForm) error { return p.OpenLink(c.page, c.psid, c.value("ref")) },
		"ad":       func(c chatForm) error { return p.ClickAd(c.page, c.psid, c.value("ref"), "6302572858686") },
		"block":    func(c chatForm) error { return p.Block(c.page, c.psid) },
		"unblock":  func(c chatForm) error { return p.Unblock(c.page, c.psid) },
		"read":     func(c chatForm) error { return p.ReadChat(c.page, c.psid) },
	} {
		m.HandleFunc("POST /chat/{page}/{psid}/"+name, p.actOn(do))
	}
	m.HandleFunc("POST /clock", p.moveClock)
	m.HandleFunc("GET /avatar/{page}/{file}", p.showAvatar)
	m.HandleFunc("GET /events", p.streamChanges)
	m.HandleFunc("GET /console", p.showConsole)
	m.HandleFunc("POST /console/fault", p.addFault)
	m.HandleFunc("POST /console/faults/clear", p.clearFaults)
	m.HandleFunc("POST /console/page", p.switchPage)
	m.HandleFunc("POST /console/webhooks", p.switchWebhooks)
	m.HandleFunc("POST /console/verify", p.verifyFromConsole)
	m.HandleFunc("POST /console/privacy", p.callBack)
	m.HandleFunc("POST /console/clear", p.clearConsole)
	files, err := fs.Sub(assets, "assets")
	if err == nil { // it fails only for a name that is no path
		m.Handle("GET /assets/", keepForever(http.StripPrefix("/assets/", http.FileServerFS(files))))
	}
	m.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { p.problem(w, r, ErrUnknown) })

	return p.guarded(m)
}

// guarded is what every screen has: headers, a limit, and no forms of other sites, even in a sandbox.
func (p *Platform) guarded(next http.Handler) http.Handler {
	guarded := http.NewCrossOriginProtection().Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", security)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		guarded.ServeHTTP(w, r)
	})
}

func keepForever(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Has("v") {
			w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
		}
		next.ServeHTTP(w, r)
	})
}

// render writes a page; it is never kept, as every look may be different.
func (p *Platform) render(w http.ResponseWriter, r *http.Request, status int, c templ.Component) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	if err := c.Render(r.Context(), w); err != nil {
		p.log.Debug("a page was not sent", "path", r.URL.Path, "error", err)
	}
}

// problem says what went wrong.
func (p *Platform) problem(w http.ResponseWriter, r *http.Request, err error) {
	status, says := http.StatusInternalServerError, "Something went wrong here. Look at the log."
	switch {
	case errors.Is(err, ErrUnknown):
		status, says = http.StatusNotFound, "There is no such page, person or message in this sandbox. It forgets everything when it is restarted."
	case errors.Is(err, ErrBlocked):
		status, says = http.StatusConflict, "This person has blocked the Page. Unblock it first, from the chat's header."
	case errors.Is(err, ErrFull):
		status, says = http.StatusInsufficientStorage, "The sandbox is full. Restart it to begin anew."
	case errors.Is(err, ErrInvalid):
		_, detail, _ := strings.Cut(err.Error(), ErrInvalid.Error()+": ")
		status, says = http.StatusUnprocessableEntity, "That cannot be done: "+detail+"."
	}
	p.render(w, r, status, problemPage(says))
}

// chatForm is what a person does in a chat.
type chatForm struct {
	page, psid string
	form       url.Values
}

func (c chatForm) value(name string) string { return c.form.Get(name) }

type chatAction func(c chatForm) error

// actOn does it and goes back to the chat.
func (p *Platform) actOn(do chatAction) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if err := r.ParseForm(); err != nil {
			p.problem(w, r, ErrInvalid)
			return
		}
		c := chatForm{r.PathValue("page"), r.PathValue("psid"), r.PostForm}
		if err := do(c); err != nil {
			p.problem(w, r, err)
			return
		}
		http.Redirect(w, r, chatPath(c.page, c.psid), http.StatusSeeOther)
	}
}

func chatPath(pageID, psid string) string {
	return "/chat/" + url.PathEscape(pageID) + "/" + url.PathEscape(psid)
}

// moveClock calls what the demo gave for it.
func (p *Platform) moveClock(w http.ResponseWriter, r *http.Request) {
	d, err := time.ParseDuration(r.PostFormValue("by"))
	if p.options.MoveClock == nil || err != nil || d <= 0 || d > 366*24*time.Hour {
		p.problem(w, r, ErrInvalid)
		return
	}
	p.options.MoveClock(d)
	p.mu.Lock()
	p.touch()
	p.mu.Unlock()
	back := "/"
	if chat := r.PostFormValue("back"); strings.HasPrefix(chat, "/chat/") {
		back = chat
	}
	http.Redirect(w, r, back, http.StatusSeeOther)
}

// showAvatar draws a person's initials.
func (p *Platform) showAvatar(w http.ResponseWriter, r *http.Request) {
	psid, ok := strings.CutSuffix(r.PathValue("file"), ".svg")
	p.mu.Lock()
	t := p.threads[threadKey{r.PathValue("page"), psid}]
	var n Person
	if t != nil {
		n = t.Person
	}
	p.mu.Unlock()
	if t == nil || !ok {
		p.problem(w, r, ErrUnknown)
		return
	}
	w.Header().Set("Content-Type", "image/svg+xml")
	w.Header().Set("Cache-Control", "public, max-age=3600")
	if err := avatarPicture(n.initials(), n.colour()).Render(r.Context(), w); err != nil {
		p.log.Debug("an avatar was not sent", "error", err)
	}
}

// streamChanges tells a browser, as server-sent events, that something changed; the browser then asks for its page again.
func (p *Platform) streamChanges(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	if p.streams >= MaxStreams {
		p.mu.Unlock()
		p.problem(w, r, ErrFull)
		return
	}
	p.streams++
	p.mu.Unlock()
	defer func() {
		p.mu.Lock()
		p.streams--
		p.mu.Unlock()
	}()
	out := http.NewResponseController(w)
	_ = out.SetWriteDeadline(time.Time{}) // a stream has no end; servers that set no deadlines say so by an error
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	say := func(text string) bool {
		if _, err := w.Write([]byte(text)); err != nil {
			return false
		}
		return out.Flush() == nil
	}
	heartbeat := time.NewTicker(15 * time.Second)
	defer heartbeat.Stop()
	watch := func() <-chan struct{} {
		p.mu.Lock()
		defer p.mu.Unlock()
		return p.changed
	}
	changed := watch() // before the first word, so that who has heard it misses nothing
	if !say("retry: 1000\n\n") {
		return
	}
	for {
		select {
		case <-changed:
			changed = watch()
			if !say("event: change\ndata: {}\n\n") {
				return
			}
			// A big restock changes things a thousand times a second; ten looks a second are enough.
			pause := time.NewTimer(100 * time.Millisecond)
			select {
			case <-pause.C:
			case <-r.Context().Done():
				pause.Stop()
				return
			case <-p.closing:
				pause.Stop()
				return
			}
		case <-heartbeat.C:
			if !say(": still here\n\n") {
				return
			}
		case <-r.Context().Done():
			return
		case <-p.closing:
			return
		}
	}
}
