package web_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"bentornato/models"
	"bentornato/models/store/storetest"
	"bentornato/web"
	"bentornato/web/messenger"
)

// serve lets a site answer on a port of its own and returns its address and what stops it.
func (s *site) serve() (addr string, stop func()) {
	s.t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	s.must(err)
	srv := s.server.HTTPServer(listener.Addr().String())
	done := make(chan error)
	go func() { done <- srv.Serve(listener) }()
	return listener.Addr().String(), func() {
		s.t.Helper()
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		s.must(srv.Shutdown(ctx))
		if err := <-done; !errors.Is(err, http.ErrServerClosed) {
			s.t.Errorf("the server ended with %v", err)
		}
	}
}

// A sender that writes its whole body before it reads must hear why it was refused, not find the connection cut.
func TestTooLongOverTheWire(t *testing.T) {
	s := newSite(t, storetest.SQLiteURL(t))
	addr, stop := s.serve()
	defer stop()
	conn, err := net.Dial("tcp", addr)
	s.must(err)
	defer conn.Close()
	s.must(conn.SetDeadline(time.Now().Add(20 * time.Second)))
	body := strings.Repeat("x", 9<<20)
	_, err = fmt.Fprintf(conn, "POST /webhooks/messenger HTTP/1.1\r\nHost: %s\r\n%s: %s\r\nContent-Length: %d\r\n\r\n", addr,
		messenger.SignatureHeader, messenger.Sign(appSecret, []byte(body)), len(body))
	s.must(err)
	_, err = io.WriteString(conn, body)
	s.must(err)
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	s.must(err)
	defer res.Body.Close()
	if res.StatusCode != http.StatusRequestEntityTooLarge {
		t.Errorf("status %d, want 413", res.StatusCode)
	}
}

func TestShutdownDrains(t *testing.T) {
	s := newSite(t, storetest.SQLiteURL(t))
	addr, stop := s.serve()
	res, err := http.Get("http://" + addr + "/readyz")
	s.must(err)
	res.Body.Close()
	if res.StatusCode != http.StatusOK {
		t.Errorf("status %d before stopping, want 200", res.StatusCode)
	}
	stop()
	// Shutdown runs its hooks beside itself.
	deadline := time.Now().Add(5 * time.Second)
	for s.request("GET", "/readyz", "").StatusCode != http.StatusServiceUnavailable {
		if time.Now().After(deadline) {
			t.Fatal("stopping is not said")
		}
	}
}

func TestCompression(t *testing.T) {
	s := newSite(t, storetest.SQLiteURL(t))
	s.addUser(email, models.RoleOwner)
	a := s.request("GET", "/login", "", header("Accept-Encoding", "gzip")).is(t, 200)
	if a.Header.Get("Content-Encoding") != "gzip" || strings.Contains(a.body, "<html") {
		t.Error("a page is not compressed for who takes it")
	}
	if a := s.request("GET", "/login", "").is(t, 200); a.Header.Get("Content-Encoding") != "" {
		t.Error("a page is compressed for who does not take it")
	}
}

func TestNewRefuses(t *testing.T) {
	for _, base := range []string{"", "shop.example", "ftp://shop.example", "https://"} {
		if _, err := web.New(web.Config{BaseURL: base}); models.KindOf(err) != models.KindInvalid {
			t.Errorf("the base URL %q: %v", base, err)
		}
	}
}
