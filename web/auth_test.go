package web_test

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/argon2"

	"bentornato/models"
	"bentornato/models/store/storetest"
	"bentornato/web"
)

const (
	email    = "anna@shop.example"
	password = "correct horse battery"
)

func (s *site) addUser(email string, role models.Role) {
	s.t.Helper()
	s.must(s.work.SaveUser(context.Background(), models.User{Email: email, Role: role, PasswordHash: quickHash(password)}))
}

// quickHash is the hash of a password at the least cost there is: a sign-in of the tests is about what comes after it.
func quickHash(password string) string {
	salt := []byte(rand.Text())
	return fmt.Sprintf("$argon2id$v=%d$m=8,t=1,p=1$%s$%s", argon2.Version, base64.RawStdEncoding.EncodeToString(salt),
		base64.RawStdEncoding.EncodeToString(argon2.IDKey([]byte(password), salt, 1, 8, 1, 32)))
}

// browser keeps the cookies it is given.
type browser struct {
	*site
	cookies map[string]*http.Cookie
	options []func(*http.Request)
}

func (s *site) browser(options ...func(*http.Request)) *browser {
	return &browser{site: s, cookies: map[string]*http.Cookie{}, options: options}
}

func (b *browser) visit(method, target, body string, options ...func(*http.Request)) answer {
	b.t.Helper()
	a := b.request(method, target, body, append(append([]func(*http.Request){form, func(r *http.Request) {
		for _, c := range b.cookies {
			r.AddCookie(c)
		}
	}}, b.options...), options...)...)
	for _, c := range a.Cookies() {
		if c.MaxAge < 0 {
			delete(b.cookies, c.Name)
		} else {
			b.cookies[c.Name] = c
		}
	}
	return a
}

func (b *browser) signIn() answer {
	return b.visit("POST", "/login", values("email", email, "password", password))
}

func (b *browser) leads(t *testing.T, a answer, want string) {
	t.Helper()
	if a.is(t, http.StatusSeeOther); a.Header.Get("Location") != want {
		t.Errorf("it leads to %q, want %q", a.Header.Get("Location"), want)
	}
}

// signedIn reports whether the sign-in page sends the browser away.
func (b *browser) signedIn() bool {
	return b.visit("GET", "/login", "").StatusCode == http.StatusSeeOther
}

const sessionName = "__Host-bentornato"

func TestLogin(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.addUser(email, models.RoleStaff)
		b := s.browser()
		b.visit("GET", "/login", "").is(t, 200)
		if len(b.cookies) != 0 {
			t.Error("looking at the sign-in form begins a session")
		}
		wrong := b.visit("POST", "/login", values("email", email, "password", "guess guess guess")).is(t, 401)
		nobody := b.visit("POST", "/login", values("email", "nobody@shop.example", "password", "guess guess guess")).is(t, 401)
		if strings.ReplaceAll(nobody.body, "nobody@shop.example", email) != wrong.body {
			t.Error("an unknown address is answered otherwise than a wrong password")
		}
		if b.signedIn() {
			t.Fatal("signed in with a wrong password")
		}
		a := b.visit("POST", "/login", values("email", " Anna@Shop.example ", "password", password, "next", "/tokens?state=sent"))
		b.leads(t, a, "/tokens?state=sent")
		c := b.cookies[sessionName]
		if c == nil || !c.HttpOnly || !c.Secure || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" {
			t.Fatalf("the session's cookie is %+v", c)
		}
		if !b.signedIn() {
			t.Fatal("not signed in with the right password")
		}
		// Whoever reads the database cannot sign in with what stands there.
		var stored int
		s.must(s.db.QueryRow("SELECT COUNT(*) FROM sessions WHERE CAST(hash AS TEXT) = '" + c.Value + "'").Scan(&stored))
		if stored != 0 {
			t.Error("the session's token is in the database as it is")
		}
		before := c.Value
		b.signIn()
		if b.cookies[sessionName].Value == before {
			t.Error("signing in keeps the session's name")
		}
		thief := s.browser()
		thief.cookies[sessionName] = &http.Cookie{Name: sessionName, Value: before}
		if thief.signedIn() {
			t.Error("the old name is still good")
		}
		last := b.cookies[sessionName]
		b.leads(t, b.visit("POST", "/logout", ""), "/login")
		b.visit("GET", "/login", "").is(t, 200)
		thief.cookies[sessionName] = last
		if b.signedIn() || thief.signedIn() {
			t.Error("still signed in after signing out")
		}
		if strings.Contains(s.logs.String(), password) || strings.Contains(s.logs.String(), last.Value) {
			t.Error("the log holds a password or a session")
		}
	})
}

func TestLoginNext(t *testing.T) {
	s := newSite(t, storetest.SQLiteURL(t))
	s.addUser(email, models.RoleStaff)
	for next, want := range map[string]string{"": "/", "https://evil.example": "/", "//evil.example": "/", "/\\evil.example": "/", "javascript:alert(1)": "/",
		"/\t/evil.example": "/", "/products?q=a": "/products?q=a"} {
		b := s.browser()
		b.leads(t, b.visit("POST", "/login", values("email", email, "password", password, "next", next)), want)
	}
}

func TestSessionsEnd(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.addUser("owner@shop.example", models.RoleOwner)
		s.addUser(email, models.RoleStaff)
		t.Run("unused", func(t *testing.T) {
			b := s.browser()
			b.signIn()
			s.clock.Advance(11 * time.Hour)
			if !b.signedIn() {
				t.Error("over after 11 hours")
			}
			s.clock.Advance(11 * time.Hour)
			if !b.signedIn() {
				t.Error("over 11 hours after the last use")
			}
			s.clock.Advance(12*time.Hour + time.Minute)
			if b.signedIn() {
				t.Error("still good after 12 hours without use")
			}
		})
		t.Run("old", func(t *testing.T) {
			b := s.browser()
			b.signIn()
			for range 16 {
				s.clock.Advance(10 * time.Hour)
				if !b.signedIn() {
					t.Fatal("over before seven days")
				}
			}
			s.clock.Advance(9 * time.Hour)
			if b.signedIn() {
				t.Error("still good after seven days")
			}
		})
		t.Run("another password", func(t *testing.T) {
			b := s.browser()
			b.signIn()
			s.addUser(email, models.RoleStaff) // the same words, but another salt
			if b.signedIn() {
				t.Error("still good after the password was set again")
			}
		})
		t.Run("no such login any more", func(t *testing.T) {
			b := s.browser()
			b.signIn()
			u, err := s.store.UserByEmail(context.Background(), email)
			s.must(err)
			s.must(s.work.DeleteUser(context.Background(), u.ID))
			if b.signedIn() {
				t.Error("still good without the login")
			}
		})
		t.Run("made up", func(t *testing.T) {
			b := s.browser()
			b.cookies[sessionName] = &http.Cookie{Name: sessionName, Value: "guess"}
			if b.signedIn() {
				t.Error("signed in with a guess")
			}
		})
	})
}

func TestLoginTries(t *testing.T) {
	s := newSite(t, storetest.SQLiteURL(t))
	s.addUser(email, models.RoleStaff)
	b := s.browser()
	for range web.MaxTries {
		b.visit("POST", "/login", values("email", email, "password", "guess guess guess")).is(t, 401)
	}
	a := b.signIn().is(t, 429)
	if a.Header.Get("Retry-After") == "" {
		t.Error("it does not say for how long")
	}
	if b.signedIn() {
		t.Error("signed in all the same")
	}
	s.clock.Advance(16 * time.Minute)
	b.leads(t, b.signIn(), "/")
}

func TestLoginTriesOfOneAddress(t *testing.T) {
	// One address on the network tries many logins; a header does not make it another one.
	s := newSite(t, storetest.SQLiteURL(t))
	status := 0
	for i := 0; i < 100 && status != 429; i++ {
		status = s.browser(header("X-Forwarded-For", "198.51.100."+string(rune('0'+i%10)))).visit("POST", "/login", values("email", "x@y", "password", "")).StatusCode
		s.clock.Advance(time.Second)
	}
	if status != 429 {
		t.Error("a hundred tries were taken")
	}
}

func TestTrustedProxy(t *testing.T) {
	s := newSite(t, storetest.SQLiteURL(t), func(c *web.Config) {
		c.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")} // httptest's own address is in it
	})
	s.request("GET", "/login", "", header("X-Forwarded-For", "6.6.6.6, 203.0.113.7"))
	if !strings.Contains(s.logs.String(), `"ip":"203.0.113.7"`) {
		t.Error("the proxy's word is not believed")
	}
	s.request("GET", "/login", "", header("X-Forwarded-For", "203.0.113.8"), func(r *http.Request) { r.RemoteAddr = "127.0.0.1:1" })
	if strings.Contains(s.logs.String(), "203.0.113.8") {
		t.Error("anybody's word is believed")
	}
}

func TestCrossSiteForms(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.addUser(email, models.RoleStaff)
		b := s.browser()
		b.signIn()
		for _, from := range []func(*http.Request){
			header("Sec-Fetch-Site", "cross-site"),
			func(r *http.Request) { r.Header.Del("Sec-Fetch-Site"); r.Header.Set("Origin", "https://evil.example") },
		} {
			b.visit("POST", "/logout", "", from).is(t, 403)
			b.visit("POST", "/language", "language=it", from).is(t, 403)
			b.visit("POST", "/login", values("email", email, "password", password), from).is(t, 403)
		}
		if !b.signedIn() {
			t.Error("another site signed somebody out")
		}
		// Behind a proxy the Host may be another than the public one.
		b.leads(t, b.visit("POST", "/language", "language=it&next=/", func(r *http.Request) {
			r.Header.Del("Sec-Fetch-Site")
			r.Header.Set("Origin", baseURL)
			r.Host = "10.0.0.5:8080"
		}), "/")
		body := hello(pageID, "m1")
		s.request("POST", "/webhooks/messenger", body, signed(body), header("Origin", "https://evil.example")).is(t, 200)
	})
}

func TestLanguage(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.addUser(email, models.RoleStaff)
		for accept, want := range map[string]string{"": "en", "it": "it", "de, it;q=0.5": "it", "en-GB,it;q=0.9": "en", "it;q=0.2, en;q=0.8": "en", "%%": "en", "fr": "en"} {
			a := s.request("GET", "/login", "", header("Accept-Language", accept)).is(t, 200).contains(t, `lang="`+want+`"`)
			if a.Header.Get("Content-Language") != want {
				t.Errorf("Accept-Language %q is answered in %q", accept, a.Header.Get("Content-Language"))
			}
		}
		b := s.browser(header("Accept-Language", "en"))
		b.leads(t, b.visit("POST", "/language", values("language", "it", "next", "//evil.example")), "/")
		b.visit("GET", "/login", "").contains(t, `lang="it"`)
		b.signIn()
		b.visit("POST", "/language", values("language", "en", "next", "/products"))
		u, err := s.store.UserByEmail(context.Background(), email)
		if err != nil || u.Language != "en" {
			t.Errorf("the login's language is %q, want en: %v", u.Language, err)
		}
	})
}

func TestPasswords(t *testing.T) {
	hash, err := web.HashPassword(password)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(hash, "$argon2id$v=19$m=65536,t=1,p=4$") {
		t.Errorf("the hash begins %.40s", hash)
	}
	if again, _ := web.HashPassword(password); again == hash {
		t.Error("the same password has the same hash twice")
	}
	if !web.VerifyPassword(hash, password) {
		t.Error("the password is not its own")
	}
	for _, test := range []struct{ hash, password string }{
		{hash, password + " "}, {hash, ""}, {"", password}, {"$argon2id$", password}, {strings.Replace(hash, "argon2id", "argon2i", 1), password},
		{strings.Replace(hash, "m=65536", "m=4294967295", 1), password}, {strings.Replace(hash, "t=1", "t=0", 1), password}, {strings.Replace(hash, "p=4", "p=0", 1), password},
		{hash[:strings.LastIndex(hash, "$")+1], ""},
	} {
		if web.VerifyPassword(test.hash, test.password) {
			t.Errorf("%q is taken for the password of %q", test.password, test.hash)
		}
	}
	for _, p := range []string{"", "too short", strings.Repeat("x", 1001)} {
		if _, err := web.HashPassword(p); models.KindOf(err) != models.KindInvalid {
			t.Errorf("a password of %d characters: %v", len(p), err)
		}
	}
}
