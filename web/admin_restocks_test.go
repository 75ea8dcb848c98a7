package web_test

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"bentornato/models"
)

func TestRestockActions(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		w := s.world()
		b := s.as(models.RoleStaff)
		screen := fmt.Sprintf("/restocks/%d", w.restock.ID)
		state := func(want models.RestockState) {
			t.Helper()
			r, err := s.store.Restock(context.Background(), w.restock.ID)
			if err != nil || r.State != want {
				t.Errorf("the restock is %s, want %s: %v", r.State, want, err)
			}
		}
		d := b.shows(t, screen)
		if d.Find("#restock-pause").Length() != 1 || d.Find("#restock-resume").Length() != 0 {
			t.Error("a running restock does not offer to pause alone")
		}
		b.conflicts(t, screen+"/approve")
		holds(t, b.send(t, screen+"/pause").Find("main h2"), "Paused")
		state(models.RestockPaused)
		holds(t, b.send(t, screen+"/resume").Find("main h2"), "Running")
		state(models.RestockRunning)
		d = b.send(t, screen+"/cancel")
		state(models.RestockCancelled)
		if d.Find("main form[action^='"+screen+"']").Length() != 0 || d.Find("[sse-connect]").Length() != 0 {
			t.Error("what is over offers something still")
		}
		b.conflicts(t, screen+"/pause")
		if n := b.shows(t, "/restocks?state=cancelled").Find("main tbody tr").Length(); n != 1 {
			t.Errorf("%d restocks are listed as cancelled, want 1", n)
		}
		if n := b.shows(t, "/restocks?state=running").Find("main tbody tr").Length(); n != 0 {
			t.Errorf("%d restocks are listed as running, want none", n)
		}
	})
}

func TestRestockScreen(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		w := s.world()
		b := s.as(models.RoleViewer)
		screen := fmt.Sprintf("/restocks/%d", w.restock.ID)
		holds(t, b.shows(t, screen).Find(".gauges"), "0.0 a second, of at most 40")
		if n := s.notify(models.Answer{Outcome: models.OutcomeSent, MessageID: "m_sent"}); n != 2 {
			t.Fatalf("%d notifications were sent, want 2", n)
		}
		d := b.shows(t, screen)
		holds(t, d.Find(".gauges"), "0.2 a second, of at most 40")
		holds(t, d.Find(".legend"), "2 told")
		if n := d.Find("[aria-labelledby=attempts] tbody tr").Length(); n != 2 {
			t.Errorf("%d calls are listed, want 2", n)
		}
		s.clock.Advance(time.Minute)
		holds(t, b.shows(t, screen).Find(".gauges"), "0.0 a second, of at most 40")
	})
}

func TestRestockList(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		v := s.product(pageID, "MUG-BLUE", 0)
		for range 51 {
			for _, n := range []int{1, 0} {
				_, err := s.work.ReportByHand(context.Background(), v.ID, models.Stock{Available: n})
				s.must(err)
			}
		}
		b := s.as(models.RoleViewer)
		d := b.shows(t, "/restocks?state=stopped")
		next := d.Find("a[rel=next]").AttrOr("href", "")
		if d.Find("main tbody tr").Length() != 50 || !strings.Contains(next, "state=stopped") {
			t.Fatalf("the first page has %d restocks and leads to %q", d.Find("main tbody tr").Length(), next)
		}
		d = b.shows(t, next)
		if d.Find("main tbody tr").Length() != 1 || d.Find("a[rel=next]").Length() != 0 || d.Find(".pager a[href='/restocks?state=stopped']").Length() != 1 {
			t.Error("the second page does not hold the last restock and the way back")
		}
	})
}

// event is one server-sent event.
type event struct {
	name string
	page *goquery.Document
}

// follow opens a restock's stream.
func (b *browser) follow(t *testing.T, srv *httptest.Server, id int64) (next func() (event, bool), hangUp func()) {
	t.Helper()
	return b.followAt(t, srv, fmt.Sprintf("/restocks/%d/events", id))
}

// followAt opens a stream on a real connection. next reads an event; it returns false at the end.
func (b *browser) followAt(t *testing.T, srv *httptest.Server, target string) (next func() (event, bool), hangUp func()) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	t.Cleanup(cancel)
	r, err := http.NewRequestWithContext(ctx, "GET", srv.URL+target, nil)
	b.must(err)
	for _, c := range b.cookies {
		r.AddCookie(c)
	}
	r.Header.Set("Accept-Language", "it")
	res, err := srv.Client().Do(r)
	b.must(err)
	t.Cleanup(func() { res.Body.Close() })
	if res.StatusCode != 200 || res.Header.Get("Content-Type") != "text/event-stream" || res.Header.Get("Cache-Control") != "no-store" {
		t.Fatalf("the stream begins with %d %v", res.StatusCode, res.Header)
	}
	lines := bufio.NewScanner(res.Body)
	lines.Buffer(nil, 1<<20)
	return func() (event, bool) {
		t.Helper()
		var e event
		var data []string
		for lines.Scan() {
			line := lines.Text()
			switch {
			case line == "" && e.name != "":
				d, err := goquery.NewDocumentFromReader(strings.NewReader(strings.Join(data, "\n")))
				b.must(err)
				e.page = d
				return e, true
			case strings.HasPrefix(line, "event: "):
				e.name = strings.TrimPrefix(line, "event: ")
			case strings.HasPrefix(line, "data: "):
				data = append(data, strings.TrimPrefix(line, "data: "))
			case line != "" && !strings.HasPrefix(line, ":"):
				t.Errorf("a line of the stream is %q", line)
			}
		}
		if ctx.Err() != nil {
			t.Error("the stream did not end in time")
		}
		return e, false
	}, cancel
}

// impatient runs the site on a real connection, with time-outs that would cut a stream which does not see to them.
func (s *site) impatient(t *testing.T) *httptest.Server {
	t.Helper()
	srv := httptest.NewUnstartedServer(s.handler)
	srv.Config = s.server.HTTPServer("")
	srv.Config.ReadTimeout, srv.Config.WriteTimeout = 300*time.Millisecond, 300*time.Millisecond
	srv.Start()
	t.Cleanup(srv.Close)
	return srv
}

func TestRestockEvents(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		w := s.world()
		srv := s.impatient(t)
		b := s.as(models.RoleStaff)
		next, _ := b.follow(t, srv, w.restock.ID)
		first, ok := next()
		if !ok || first.name != "progress" {
			t.Fatalf("the first event is %q", first.name)
		}
		holds(t, first.page.Selection, "In corso", "2 in attesa")
		if e, _ := next(); e.name != "actions" || e.page.Find("#restock-pause").Length() != 1 || e.page.Find("#restock-cancel").Length() != 1 {
			t.Errorf("the buttons do not follow, but %q", e.name)
		}
		if e, _ := next(); e.name != "before" || !strings.Contains(text(e.page.Selection), "Si avviserebbero 2 persone") {
			t.Errorf("what it would do does not follow, but %q", e.name)
		}
		if n := s.notify(models.Answer{Outcome: models.OutcomeSent, MessageID: "m_sent"}); n != 2 {
			t.Fatalf("%d notifications were sent, want 2", n)
		}
		second, _ := next()
		if second.name != "progress" {
			t.Fatalf("the second event is %q", second.name)
		}
		holds(t, second.page.Find(".legend"), "2 avvisati")
		// Once it has begun, what it would do is of no interest; the buttons stay the same, and are not sent again.
		if e, _ := next(); e.name != "before" || text(e.page.Selection) != "" {
			t.Errorf("after the first were told came %q: %s", e.name, text(e.page.Selection))
		}
		_, err := s.work.CancelRestock(context.Background(), w.restock.ID)
		s.must(err)
		var names []string
		for e, ok := next(); ok; e, ok = next() {
			names = append(names, e.name)
		}
		if strings.Join(names, " ") != "progress actions done" {
			t.Errorf("the stream ends with %v", names)
		}
		// What is over is said once.
		next, _ = b.follow(t, srv, w.restock.ID)
		names = nil
		for e, ok := next(); ok; e, ok = next() {
			names = append(names, e.name)
		}
		if strings.Join(names, " ") != "progress actions before done" {
			t.Errorf("the stream of a restock that is over is %v", names)
		}
	})
}

// TestRestockEventsEndWithTheServer holds that a stream is no reason for a process not to stop.
func TestRestockEventsEndWithTheServer(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		w := s.world()
		srv := s.impatient(t)
		b := s.as(models.RoleViewer)
		next, _ := b.follow(t, srv, w.restock.ID)
		if e, ok := next(); !ok || e.page.Find("form").Length() != 0 {
			t.Error("a viewer is shown buttons, or nothing at all")
		}
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := srv.Config.Shutdown(ctx); err != nil {
			t.Errorf("the server did not stop: %v", err)
		}
		for e, ok := next(); ok; e, ok = next() {
			if e.name == "progress" || e.name == "done" {
				t.Errorf("after the end came %q", e.name)
			}
		}
	})
}

// TestRestockEventsEndWithTheBrowser holds that nothing goes on for a browser that is gone.
func TestRestockEventsEndWithTheBrowser(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		w := s.world()
		ended := make(chan struct{})
		handler := s.handler
		s.handler = http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			handler.ServeHTTP(rw, r)
			if strings.HasSuffix(r.URL.Path, "/events") {
				close(ended)
			}
		})
		srv := httptest.NewServer(s.handler)
		t.Cleanup(srv.Close)
		next, hangUp := s.as(models.RoleViewer).follow(t, srv, w.restock.ID)
		next()
		hangUp()
		select {
		case <-ended:
		case <-time.After(10 * time.Second):
			t.Error("the stream goes on for nobody")
		}
	})
}
