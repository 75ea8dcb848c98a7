package web

import (
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/labstack/echo/v4"

	"bentornato/models"
)

// Reader is everything that handlers read. Each of them names only what it needs.
type Reader interface {
	keyReader
	userReader
	pageReader
	productReader
	skuReader
	tokenReader
	restockReader
	forecastReader
	contactReader
	statsReader
	sourceReader
	linkReader
	erasureReader
	connectReader
	databaseChecker
	adminReader
	setupReader
	consentReader
}

// Work is everything that handlers have done: the workflows.
type Work interface {
	keyWriter
	userWriter
	productWriter
	restockWriter
	messageChecker
	contactEraser
	sourceWriter
	clickCounter
	deletionRequester
	loginEnder
	pageConnector
	adminWork
	setupWork
	webhookVerifier
	consentWorker
}

// Config is what the server needs to be told.
type Config struct {
	Reader   Reader
	Work     Work
	Ingester ingester
	// Sessions keeps sign-ins.
	Sessions scs.CtxStore

	// BaseURL is the public address. Where it is https, cookies are for https only.
	BaseURL string
	// MessengerURL is what m.me links begin with; https://m.me where empty. The demo names its sandbox.
	MessengerURL string
	// AppID and AppSecret are the Meta app's; without a secret no webhook of it is believed.
	AppID     string
	AppSecret string
	// Facebook signs people in to choose Pages; nil where that is not offered. LoginConfigID names a configuration of Facebook Login for
	// Business; without one permissions are asked for one by one.
	Facebook      facebook
	LoginConfigID string
	// VerifyToken is what Meta shows when a webhook is set up; without one nothing is verified.
	VerifyToken string
	// TrustedProxies are those whose X-Forwarded-For is believed; without any, the peer is the client.
	TrustedProxies []netip.Prefix

	// Now is the clock; time.Now where nil.
	Now     func() time.Time
	Log     *slog.Logger
	Version string
	// Demo is set in the demo only.
	Demo *Demo
}

// Demo is what the demo shows that an installation does not.
type Demo struct {
	// Email and Password are the demo's login, shown on the sign-in page: they protect nothing.
	Email    string
	Password string
	// SandboxURL is the pretend Messenger's address.
	SandboxURL string
}

// Server answers every request of the product.
type Server struct {
	Config
	echo      *echo.Echo
	origins   *http.CrossOriginProtection
	sessions  *scs.SessionManager
	passwords *passwords
	tries     *loginTries
	metrics   *metrics
	secure    bool // BaseURL is https
	draining  chan struct{}
	drainOnce sync.Once
	schema    schemaCheck
	peopled   atomic.Bool // somebody can sign in: once true, for good
}

// New makes a server. It starts nothing.
func New(cfg Config) (*Server, error) {
	base, err := url.Parse(cfg.BaseURL)
	if err != nil || base.Host == "" || (base.Scheme != "http" && base.Scheme != "https") {
		return nil, models.FieldErrorf("base_url", "The base URL %q is no web address; write it like https://shop.example.", cfg.BaseURL)
	}
	cfg.BaseURL = strings.TrimRight(cfg.BaseURL, "/")
	if cfg.MessengerURL == "" {
		cfg.MessengerURL = "https://m.me"
	}
	cfg.MessengerURL = strings.TrimRight(cfg.MessengerURL, "/")
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	s := &Server{Config: cfg, secure: base.Scheme == "https", draining: make(chan struct{})}
	// A proxy may hand on another Host than the public one.
	s.origins = http.NewCrossOriginProtection()
	if err := s.origins.AddTrustedOrigin(base.Scheme + "://" + base.Host); err != nil {
		return nil, models.FieldErrorf("base_url", "The base URL %q is no web address; write it like https://shop.example.", cfg.BaseURL)
	}
	s.passwords = newPasswords()
	s.sessions = newSessions(cfg.Sessions, s.secure)
	s.tries = newLoginTries(s.Now)
	s.metrics = newMetrics(s)
	s.echo = s.newEcho()
	return s, nil
}

func (s *Server) newEcho() *echo.Echo {
	e := echo.New()
	e.HideBanner, e.HidePort = true, true
	e.HTTPErrorHandler = s.fail
	e.IPExtractor = clientIP(s.TrustedProxies)
	e.Use(s.identify, s.observe, s.recoverPanic, s.secureHeaders(), s.compress())
	for _, r := range s.routes() {
		e.Add(r.method, r.path, s.guard(r))
		if r.method == get && !r.counts && r.guard.by != bySession {
			e.Add(head, r.path, s.guard(r)) // net/http leaves the body out
		}
	}
	return e
}

// Handler answers requests.
func (s *Server) Handler() http.Handler { return s.echo }

// Limits of a connection. A body may take a minute to arrive: an import is up to 32 MiB.
const (
	headerTimeout = 10 * time.Second
	readTimeout   = time.Minute
	writeTimeout  = 2 * time.Minute
	idleTimeout   = 2 * time.Minute
	maxHeader     = 64 << 10
)

// HTTPServer is the handler with the recommended time-outs. Shutting it down drains the server: probes answer that
// it is stopping, and live streams end.
func (s *Server) HTTPServer(addr string) *http.Server {
	srv := &http.Server{
		Addr: addr, Handler: s.Handler(),
		ReadHeaderTimeout: headerTimeout, ReadTimeout: readTimeout, WriteTimeout: writeTimeout, IdleTimeout: idleTimeout,
		MaxHeaderBytes: maxHeader,
		ErrorLog:       slog.NewLogLogger(s.Log.Handler(), slog.LevelDebug), // broken connections, mostly
	}
	srv.RegisterOnShutdown(s.Drain)
	return srv
}

// Drain says that the process is about to stop: /readyz answers 503 from now, and live streams end.
func (s *Server) Drain() { s.drainOnce.Do(func() { close(s.draining) }) }

// messengerLink is the m.me link that asks a Page about a variant.
func (s *Server) messengerLink(v models.Variant) string {
	return s.MessengerURL + "/" + url.PathEscape(v.PageID) + "?ref=" + url.QueryEscape(v.Ref)
}
