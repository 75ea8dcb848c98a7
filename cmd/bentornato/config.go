package main

import (
	"cmp"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/caarlos0/env/v11"

	"bentornato/models"
	"bentornato/models/store"
)

// Config is everything that is set from outside, read once and checked once, from flags, else the environment, else
// the defaults that stand here. Its flags are named for the variables: BENTORNATO_BASE_URL is --base-url.
//
// The tags beside env's own: value is what the help writes for a value, about what the setting is, follows the default
// of one that others give, wrong what is said of a value that cannot be read.
type Config struct {
	// Addr is where serve listens, as host:port; port 0 takes any that is free.
	Addr string `env:"BENTORNATO_ADDR" envDefault:"127.0.0.1:8080" value:"HOST:PORT" about:"listen address"`
	// BaseURL is the public address without a slash at its end; empty where it follows from Addr (see PublicURL).
	BaseURL string `env:"BENTORNATO_BASE_URL" value:"URL" about:"public address, for links" follows:"http:// and the listen address"`
	// DatabaseURL is sqlite:PATH or postgres://... and may hold a password.
	DatabaseURL string `env:"BENTORNATO_DATABASE_URL" envDefault:"sqlite:bentornato.db" value:"URL" about:"sqlite:PATH or postgres://user:password@host/name"`
	// SecretKey seals tokens and secrets at rest; empty where none is set.
	SecretKey secretKey `env:"BENTORNATO_SECRET_KEY" value:"BASE64" about:"32 bytes in base64 that seal tokens and secrets at rest; better in the environment than in a command line, which others can see"`
	// AppID and AppSecret are the Meta app's. The secret checks webhooks' signatures and proves our calls.
	AppID     string `env:"BENTORNATO_APP_ID" value:"ID" about:"the Meta app's id"`
	AppSecret string `env:"BENTORNATO_APP_SECRET" value:"SECRET" about:"the Meta app's secret, which checks webhook signatures; better in the environment"`
	// LoginConfigID names a configuration of Facebook Login for Business; without one its permissions are asked for one by one.
	LoginConfigID string `env:"BENTORNATO_LOGIN_CONFIG_ID" value:"ID" about:"the configuration of Facebook Login for Business that connects Pages in the browser; without one, permissions are asked for one by one"`
	// VerifyToken is what Meta must show when the webhook is set up.
	VerifyToken string `env:"BENTORNATO_VERIFY_TOKEN" value:"TOKEN" about:"webhook verification: the token that was given to Meta; better in the environment"`
	// GraphURL is the Graph API with its version, without a slash at its end.
	GraphURL string `env:"BENTORNATO_GRAPH_URL" envDefault:"https://graph.facebook.com/v25.0" value:"URL" about:"the Graph API, version included"`
	// Log is the least level that is logged.
	Log slog.Level `env:"BENTORNATO_LOG" envDefault:"info" value:"LEVEL" about:"debug, info, warn or error; JSON lines on stderr when it is no terminal" wrong:"is no level; it is debug, info, warn or error"`
	// UnknownGrace is how long to wait for an echo before an unanswered attempt is tried once more (rule 6.3).
	UnknownGrace time.Duration `env:"BENTORNATO_UNKNOWN_GRACE" envDefault:"2m" value:"DURATION" about:"wait for an echo before an unanswered attempt is tried once more" wrong:"is no duration; write it like 2m or 90s"`
	// CallTimeout is how long one call to Messenger may take. A process that dies is noticed after twice as long.
	CallTimeout time.Duration `env:"BENTORNATO_CALL_TIMEOUT" envDefault:"10s" value:"DURATION" about:"how long one call to Messenger may take; what a killed process had in hand is taken up after about twice as long" wrong:"is no duration; write it like 10s"`
	// TrustedProxies are the addresses whose X-Forwarded-For and X-Forwarded-Proto are believed.
	TrustedProxies proxies `env:"BENTORNATO_TRUSTED_PROXIES" value:"CIDR,..." about:"proxies in front whose X-Forwarded-For is believed, as 10.0.0.0/8,192.0.2.7"`
}

// secretKey is a secret that no log and no error shows.
type secretKey []byte

// UnmarshalText reads standard base64 of 32 bytes.
func (k *secretKey) UnmarshalText(text []byte) error {
	key, err := base64.StdEncoding.DecodeString(strings.TrimSpace(string(text)))
	switch {
	case err != nil:
		return models.Errorf(models.KindInvalid, "the secret key is not base64; \"bentornato key generate-secret\" prints one that is right")
	case len(key) != store.SecretSize:
		return models.Errorf(models.KindInvalid, "the secret key has %d bytes and needs %d; \"bentornato key generate-secret\" prints one", len(key), store.SecretSize)
	}
	*k = key
	return nil
}

// String keeps the key out of whatever is printed.
func (k secretKey) String() string { return "(secret)" }

// LogValue keeps the key out of logs.
func (k secretKey) LogValue() slog.Value { return slog.StringValue(k.String()) }

// proxies is a list of networks.
type proxies []netip.Prefix

// UnmarshalText reads networks or single addresses between commas.
func (p *proxies) UnmarshalText(text []byte) error {
	for part := range strings.SplitSeq(string(text), ",") {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		network, err := netip.ParsePrefix(part)
		if address, single := netip.ParseAddr(part); single == nil {
			network, err = netip.PrefixFrom(address, address.BitLen()), nil
		}
		if err != nil {
			return models.Errorf(models.KindInvalid, "%q is no network; write it like 10.0.0.0/8", part)
		}
		*p = append(*p, network.Masked())
	}
	return nil
}

// setting is one field of Config as people set it.
type setting struct {
	field, variable, flag, preset, value, about, wrong string
}

// settings lists the fields of Config.
func settings() []setting {
	fields := reflect.VisibleFields(reflect.TypeFor[Config]())
	list := make([]setting, len(fields))
	for i, f := range fields {
		variable := f.Tag.Get("env")
		name := strings.ReplaceAll(strings.ToLower(strings.TrimPrefix(variable, "BENTORNATO_")), "_", "-")
		list[i] = setting{field: f.Name, variable: variable, flag: name, preset: cmp.Or(f.Tag.Get("envDefault"), f.Tag.Get("follows")),
			value: f.Tag.Get("value"), about: f.Tag.Get("about"), wrong: f.Tag.Get("wrong")}
	}
	return list
}

// The settings that commands take, by flag.
var (
	storeSettings  = []string{"database-url", "log"}
	sealedSettings = append([]string{"secret-key"}, storeSettings...)
)

// allSettings is for commands that run or examine the whole product.
func allSettings() []string {
	var names []string
	for _, s := range settings() {
		names = append(names, s.flag)
	}
	return names
}

// configError is what is wrong with the settings, each with the place it came from.
type configError struct {
	lines []string
	usage bool // a flag is at fault, and not only the environment
}

// asError is the first of them, which is enough to go on with; doctor lists all.
func (e *configError) asError() error {
	if e.usage {
		return wrongUsage("%s", e.lines[0])
	}
	return models.Errorf(models.KindInvalid, "%s.", strings.TrimSuffix(e.lines[0], "."))
}

// parseConfig reads and checks every setting. overrides are flags' values by environment variable. What could be read
// is returned even if something is wrong.
func parseConfig(getenv func(string) string, overrides map[string]string) (Config, *configError) {
	var (
		c     Config
		wrong configError
	)
	values := map[string]string{}
	bySetting := map[string]setting{}
	for _, s := range settings() {
		bySetting[s.field] = s
		value, flagged := overrides[s.variable]
		if !flagged {
			value = getenv(s.variable)
		}
		if value != "" {
			values[s.variable] = value
		}
	}
	reported := map[string]bool{}
	report := func(field, sentence string) {
		if reported[field] {
			return // it could not be read; what stands in its place is no one's
		}
		reported[field] = true
		s := bySetting[field]
		place := s.variable
		if _, flagged := overrides[s.variable]; flagged {
			place, wrong.usage = "--"+s.flag, true
		}
		wrong.lines = append(wrong.lines, place+": "+sentence)
	}
	var all env.AggregateError
	if err := env.ParseWithOptions(&c, env.Options{Environment: values}); errors.As(err, &all) {
		for _, err := range all.Errors {
			var p env.ParseError
			if !errors.As(err, &p) {
				wrong.lines = append(wrong.lines, err.Error())
				continue
			}
			s := bySetting[p.Name]
			if ours := new(models.Error); errors.As(p.Err, &ours) {
				report(p.Name, ours.Message)
			} else {
				report(p.Name, fmt.Sprintf("%q %s", values[s.variable], s.wrong))
			}
		}
	}
	c.check(report)
	if len(wrong.lines) > 0 {
		return c, &wrong
	}
	return c, nil
}

// check holds what was read against what it is for.
func (c *Config) check(report func(field, sentence string)) {
	if _, port, err := net.SplitHostPort(c.Addr); err != nil || !isPort(port) {
		report("Addr", fmt.Sprintf("%q is no listen address; write it like 127.0.0.1:8080", c.Addr))
	}
	c.BaseURL = strings.TrimRight(c.BaseURL, "/")
	if c.BaseURL != "" && !isWebAddress(c.BaseURL) {
		report("BaseURL", fmt.Sprintf("%q is no web address; write it like https://shop.example", c.BaseURL))
	}
	c.GraphURL = strings.TrimRight(c.GraphURL, "/")
	if !isWebAddress(c.GraphURL) {
		report("GraphURL", fmt.Sprintf("%q is no web address; write it like https://graph.facebook.com/v25.0", c.GraphURL))
	}
	// The address is not shown: it may hold a password.
	if !slices.ContainsFunc([]string{"sqlite:", "postgres://", "postgresql://"}, func(s string) bool {
		return strings.HasPrefix(c.DatabaseURL, s) && c.DatabaseURL != s
	}) {
		report("DatabaseURL", "the database is sqlite:PATH or postgres://user:password@host/name")
	}
	switch c.Log {
	case slog.LevelDebug, slog.LevelInfo, slog.LevelWarn, slog.LevelError:
	default: // slog reads "info+2" too
		report("Log", "the level is debug, info, warn or error")
	}
	if c.CallTimeout < minCallTimeout || c.CallTimeout > maxCallTimeout {
		report("CallTimeout", fmt.Sprintf("a call to Messenger may take %v to %v", minCallTimeout, maxCallTimeout))
	}
	if c.UnknownGrace <= 0 || c.UnknownGrace > maxGrace {
		report("UnknownGrace", fmt.Sprintf("the grace is more than 0 and at most %d hours", maxGrace/time.Hour))
	}
}

// maxGrace bounds UnknownGrace: a token in doubt for longer is one nobody tells about.
const maxGrace = 24 * time.Hour

// Bounds of CallTimeout: a connection that is still to be made takes some of it, and nobody waits for longer.
const (
	minCallTimeout = 100 * time.Millisecond
	maxCallTimeout = time.Minute
)

func isPort(s string) bool {
	_, err := strconv.ParseUint(s, 10, 16)
	return err == nil
}

func isWebAddress(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" && u.RawQuery == "" && u.Fragment == "" && u.User == nil
}

// PublicURL is the address for links: BaseURL where it is set, else that of the address listened on, which differs
// from Addr where its port is 0. An address that means every interface is written as localhost, which can be opened.
func (c Config) PublicURL(listening string) string {
	if c.BaseURL != "" {
		return c.BaseURL
	}
	host, port, err := net.SplitHostPort(listening)
	if err != nil {
		return "http://" + listening
	}
	if ip, err := netip.ParseAddr(host); host == "" || (err == nil && ip.IsUnspecified()) {
		host = "localhost"
	}
	return "http://" + net.JoinHostPort(host, port)
}

// RequireSecret refuses to go on without a secret key.
func (c Config) RequireSecret() error {
	if len(c.SecretKey) == 0 {
		return models.Errorf(models.KindInvalid, "BENTORNATO_SECRET_KEY is not set; \"bentornato key generate-secret\" prints one. Keep it: what it sealed opens with no other.")
	}
	return nil
}

// openStore connects to the database.
func (c Config) openStore(ctx context.Context) (*store.Store, error) {
	return store.Open(ctx, store.Options{URL: c.DatabaseURL, Secret: c.SecretKey})
}

// requireDatabase refuses a SQLite database that is not there, for commands that only look: opening would make it.
func (c Config) requireDatabase() error {
	path, lite := strings.CutPrefix(c.DatabaseURL, "sqlite:")
	if !lite {
		return nil
	}
	if _, err := os.Stat(path); err != nil {
		return models.Errorf(models.KindNotFound, "There is no database %s; \"bentornato migrate\" makes it, or set BENTORNATO_DATABASE_URL.", path)
	}
	return nil
}

// newLogger writes lines for people on a terminal, and JSON for programs everywhere else.
func newLogger(w io.Writer, level slog.Level) *slog.Logger {
	options := &slog.HandlerOptions{Level: level}
	if isTerminal(w) {
		return slog.New(slog.NewTextHandler(w, options))
	}
	return slog.New(slog.NewJSONHandler(w, options))
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
