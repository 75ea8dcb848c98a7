package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
	"time"

	"bentornato/models"
	"bentornato/models/store"
)

// call runs the program with a database of the test's own, and returns its exit code and streams.
func call(t *testing.T, database, stdin string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	environment := map[string]string{"BENTORNATO_DATABASE_URL": database, "BENTORNATO_SECRET_KEY": scriptKey}
	var out, errs strings.Builder
	code = run(t.Context(), args, func(name string) string { return environment[name] }, strings.NewReader(stdin), &out, &errs)
	return code, out.String(), errs.String()
}

func TestExitCodes(t *testing.T) {
	for _, tt := range []struct {
		name string
		args string
		want int
	}{
		{"help", "--help", exitDone},
		{"help of a command", "doctor --help", exitDone},
		{"done", "migrate", exitDone},
		{"nothing to do", "", exitUsage},
		{"no such command", "restock", exitUsage},
		{"no such flag", "migrate --quick", exitUsage},
		{"a flag's value that cannot be read", "page add --id 1 --name n --rate many", exitUsage},
		{"a flag's value that cannot be", "key add --name n --role king", exitUsage},
		{"a setting's flag that cannot be read", "migrate --unknown-grace soon", exitUsage},
		{"a missing flag", "key add --name n", exitUsage},
		{"too many arguments", "migrate status now", exitUsage},
		{"what is not there", "product import /nowhere.csv --page 1", exitFailed},
		{"something to mend", "doctor", exitFailed},
	} {
		t.Run(tt.name, func(t *testing.T) {
			code, _, stderr := call(t, "sqlite:"+filepath.Join(t.TempDir(), "t.db"), "", strings.Fields(tt.args)...)
			if code != tt.want {
				t.Errorf("exit code %d, want %d", code, tt.want)
			}
			if lines := strings.Count(stderr, "\n"); (code == exitDone && lines != 0) || (code != exitDone && lines != 1) {
				t.Errorf("exit code %d with %d lines on stderr: %q", code, lines, stderr)
			}
		})
	}
}

// A failing environment is no wrong usage: the command was called as it should be.
func TestWrongEnvironmentFails(t *testing.T) {
	var out, errs strings.Builder
	env := func(name string) string { return map[string]string{"BENTORNATO_LOG": "loud"}[name] }
	if code := run(t.Context(), []string{"migrate"}, env, strings.NewReader(""), &out, &errs); code != exitFailed {
		t.Errorf("exit code %d, want %d; stderr %q", code, exitFailed, errs.String())
	}
}

func TestConfigDefaults(t *testing.T) {
	c, wrong := parseConfig(noEnv, nil)
	if wrong != nil {
		t.Fatalf("the defaults are wrong: %v", wrong.lines)
	}
	if c.Addr != "127.0.0.1:8080" || c.DatabaseURL != "sqlite:bentornato.db" || c.GraphURL != "https://graph.facebook.com/v25.0" ||
		c.Log != slog.LevelInfo || c.UnknownGrace != 2*time.Minute || c.CallTimeout != 10*time.Second || c.PublicURL(c.Addr) != "http://127.0.0.1:8080" {
		t.Errorf("defaults differ from the contract: %+v", c)
	}
	if len(c.SecretKey) != 0 || len(c.TrustedProxies) != 0 || c.AppSecret != "" || c.VerifyToken != "" || c.AppID != "" {
		t.Errorf("something is set that has no default: %+v", c)
	}
}

func TestConfigFlagBeforeEnvironment(t *testing.T) {
	env := func(name string) string {
		return map[string]string{"BENTORNATO_ADDR": "127.0.0.1:1", "BENTORNATO_BASE_URL": "https://shop.example/"}[name]
	}
	c, wrong := parseConfig(env, map[string]string{"BENTORNATO_ADDR": "127.0.0.1:2", "BENTORNATO_TRUSTED_PROXIES": "10.1.2.3/8, 192.0.2.7,2001:db8::/32"})
	if wrong != nil {
		t.Fatal(wrong.lines)
	}
	if c.Addr != "127.0.0.1:2" || c.BaseURL != "https://shop.example" || c.PublicURL("127.0.0.1:2") != "https://shop.example" {
		t.Errorf("addr %s, base URL %s", c.Addr, c.BaseURL)
	}
	var networks []string
	for _, p := range c.TrustedProxies {
		networks = append(networks, p.String())
	}
	if want := []string{"10.0.0.0/8", "192.0.2.7/32", "2001:db8::/32"}; !slices.Equal(networks, want) {
		t.Errorf("trusted proxies %v, want %v", networks, want)
	}
}

func TestConfigWrong(t *testing.T) {
	for variable, values := range map[string][]string{
		"BENTORNATO_ADDR":            {"8080", "127.0.0.1", "127.0.0.1:http", "127.0.0.1:65536"},
		"BENTORNATO_BASE_URL":        {"shop.example", "ftp://shop.example", "https://", "https://u:p@shop.example", "https://shop.example?a=b"},
		"BENTORNATO_DATABASE_URL":    {"bentornato.db", "sqlite:", "mysql://x"},
		"BENTORNATO_SECRET_KEY":      {"secret!", "c2hvcnQ=", scriptKey + scriptKey},
		"BENTORNATO_GRAPH_URL":       {"graph.facebook.com", "file:///etc"},
		"BENTORNATO_LOG":             {"loud", "info+2"},
		"BENTORNATO_UNKNOWN_GRACE":   {"2", "-1s", "0", "25h", "soon"},
		"BENTORNATO_CALL_TIMEOUT":    {"10", "99ms", "-10s", "61s", "soon"},
		"BENTORNATO_TRUSTED_PROXIES": {"proxy.example", "10.0.0.0/33"},
	} {
		for _, value := range values {
			_, wrong := parseConfig(func(name string) string { return map[string]string{variable: value}[name] }, nil)
			if wrong == nil {
				t.Errorf("%s=%s is taken", variable, value)
				continue
			}
			if len(wrong.lines) != 1 || !strings.HasPrefix(wrong.lines[0], variable+": ") || wrong.usage {
				t.Errorf("%s=%s: %+v, want one line that names it", variable, value, wrong)
			}
			if variable == "BENTORNATO_SECRET_KEY" && strings.Contains(wrong.lines[0], value) {
				t.Errorf("the secret stands in the error %q", wrong.lines[0])
			}
		}
	}
}

func TestPublicURLOfAnAddressThatCannotBeOpened(t *testing.T) {
	for listening, want := range map[string]string{
		"127.0.0.1:41234": "http://127.0.0.1:41234", ":8080": "http://localhost:8080", "0.0.0.0:80": "http://localhost:80",
		"[::]:8080": "http://localhost:8080", "[::1]:8080": "http://[::1]:8080", "shop.example:80": "http://shop.example:80",
	} {
		if got := (Config{}).PublicURL(listening); got != want {
			t.Errorf("listening on %s: %s, want %s", listening, got, want)
		}
	}
}

// Whatever prints a Config does not print its key.
func TestSecretKeyIsNotPrinted(t *testing.T) {
	c, wrong := parseConfig(func(name string) string { return map[string]string{"BENTORNATO_SECRET_KEY": scriptKey}[name] }, nil)
	if wrong != nil || len(c.SecretKey) != store.SecretSize {
		t.Fatalf("the key was not read: %v", wrong)
	}
	var b bytes.Buffer
	slog.New(slog.NewTextHandler(&b, nil)).Info("config", "key", c.SecretKey)
	if strings.Contains(b.String(), string(c.SecretKey)) || strings.Contains(c.SecretKey.String(), "0123") {
		t.Errorf("the key is printed: %s", b.String())
	}
}

func TestLogIsJSONWhereNoTerminal(t *testing.T) {
	var b bytes.Buffer
	log := newLogger(&b, slog.LevelWarn)
	log.Info("quiet")
	log.Warn("heard")
	var line map[string]any
	if err := json.Unmarshal(b.Bytes(), &line); err != nil || line["msg"] != "heard" {
		t.Errorf("logged %q, error %v; want one JSON line", b.String(), err)
	}
}

func TestUserAddAgainChanges(t *testing.T) {
	database := "sqlite:" + filepath.Join(t.TempDir(), "t.db")
	var hashes []string
	for _, tt := range []struct{ role, password string }{{"owner", "correct horse"}, {"viewer", "battery staple\r"}} {
		if code, _, stderr := call(t, database, tt.password+"\n", "user", "add", "--email", "a@b.c", "--role", tt.role, "--password-stdin"); code != exitDone {
			t.Fatal(stderr)
		}
		inStore(t, database, func(ctx context.Context, s *store.Store) error {
			users, err := s.Users(ctx)
			if err != nil {
				return err
			}
			if len(users) != 1 || string(users[0].Role) != tt.role || strings.Contains(users[0].PasswordHash, tt.password) {
				t.Errorf("logins %+v, want one %s, hashed", users, tt.role)
			}
			hashes = append(hashes, users[0].PasswordHash)
			return nil
		})
	}
	if hashes[0] == hashes[1] {
		t.Error("the password was not changed")
	}
}

func TestPageAddAgainKeepsWhatIsNotNamed(t *testing.T) {
	database := "sqlite:" + filepath.Join(t.TempDir(), "t.db")
	add := func(token string, flags ...string) {
		t.Helper()
		args := append([]string{"page", "add", "--id", "101"}, flags...)
		if code, _, stderr := call(t, database, token, args...); code != exitDone {
			t.Fatal(stderr)
		}
	}
	add("first", "--name", "Bottega", "--token-stdin", "--rate", "25", "--locale", "it", "--timezone", "Europe/Rome")
	inStore(t, database, func(ctx context.Context, s *store.Store) error {
		return s.Update(ctx, func(tx *store.Tx) error {
			p, err := tx.Page(ctx, "101")
			if err != nil {
				return err
			}
			p.Settings.NewestFirst = true
			if err := tx.SavePage(p, ""); err != nil {
				return err
			}
			_, err = tx.PausePage("101", models.PauseTokenInvalid, "expired")
			return err
		})
	})
	check := func(want models.Page, token string) {
		t.Helper()
		inStore(t, database, func(ctx context.Context, s *store.Store) error {
			p, err := s.Page(ctx, "101")
			if err != nil {
				return err
			}
			if p.Name != want.Name || p.Rate != want.Rate || p.Locale != "it" || p.TimeZone != "Europe/Rome" || !p.Settings.NewestFirst || p.State != want.State {
				t.Errorf("the Page is %+v, want %+v", p, want)
			}
			got, err := s.PageToken(p)
			if got != token {
				t.Errorf("token %q, want %q", got, token)
			}
			return err
		})
	}
	add("", "--rate", "30")
	check(models.Page{Name: "Bottega", Rate: 30, State: models.PagePaused}, "first")
	add("second\n", "--token-stdin")
	check(models.Page{Name: "Bottega", Rate: 30, State: models.PageActive}, "second")
}

func inStore(t *testing.T, database string, fn func(context.Context, *store.Store) error) {
	t.Helper()
	c, wrong := parseConfig(func(name string) string {
		return map[string]string{"BENTORNATO_DATABASE_URL": database, "BENTORNATO_SECRET_KEY": scriptKey}[name]
	}, nil)
	if wrong != nil {
		t.Fatal(wrong.lines)
	}
	s, err := c.openStore(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := closing(s, fn(t.Context(), s)); err != nil {
		t.Fatal(err)
	}
}

func TestSentence(t *testing.T) {
	cause := errors.New("disk\n on fire")
	for _, tt := range []struct {
		err  error
		want string
	}{
		{models.Errorf(models.KindInvalid, "Name it: %w", cause), "Name it"},
		{models.Errorf(models.KindUnavailable, "It does not open.: %w", cause), "It does not open: disk on fire"},
		{models.Errorf(models.KindInternal, "Refused: %w", cause), "Refused: disk on fire"},
		{cause, "disk on fire"},
	} {
		if got := sentence(tt.err); got != tt.want {
			t.Errorf("sentence(%v) = %q, want %q", tt.err, got, tt.want)
		}
	}
}

func TestVersionText(t *testing.T) {
	info := &debug.BuildInfo{GoVersion: "go1.26", Main: debug.Module{Version: "v1.2.0"}, Settings: []debug.BuildSetting{
		{Key: "vcs.revision", Value: "0123456789abcdef"}, {Key: "vcs.time", Value: "2026-11-22T10:00:00Z"}, {Key: "vcs.modified", Value: "true"}}}
	if got, want := versionText(info), "bentornato v1.2.0 (commit 0123456789ab of 2026-11-22T10:00:00Z, changed) go1.26"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got, want := versionText(&debug.BuildInfo{GoVersion: "go1.26"}), "bentornato unknown go1.26"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
