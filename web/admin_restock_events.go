package web

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"bentornato/models"
	"bentornato/views"
)

// The pace of a stream of a restock's progress.
const (
	streamPoll = time.Second
	// streamBeat is how long a stream is silent at most: proxies cut silent connections.
	streamBeat = 15 * time.Second
	// streamLife is how long a stream lasts at most. The browser asks again, and whether it still may is looked at.
	streamLife = 15 * time.Minute
	// streamPatience is how long one write may take before the browser counts as gone.
	streamPatience = 10 * time.Second
)

// follow answers GET /restocks/{id}/events: server-sent events with the parts of the screen that move, all of them at
// once and each again whenever it changed, and "done" once the restock is over and nothing of it is under way. It reads
// the store: another process may do the sending. Whoever comes back after a break is told everything as it is then.
func (h restockScreens) follow(c echo.Context) error {
	ctx := c.Request().Context()
	id, err := idOf(c)
	if err != nil {
		return err
	}
	return stream(c, h.stop, func() ([]part, bool, error) { return h.fragments(ctx, id, userOf(c)) })
}

// stream sends the parts of a screen that move, all of them at once and each again whenever it changed, until they move no
// more: then "done". stop ends it, for the process is about to; so does that whoever watches was signed out, or given another
// role or other Pages. Their browser asks again, and is told what they may see then.
func stream(c echo.Context, stop <-chan struct{}, read func() (parts []part, over bool, err error)) error {
	ctx := c.Request().Context()
	still, _ := c.Get(ctxStill).(func(context.Context) (bool, error))
	parts, over, err := read()
	if err != nil {
		return err
	}
	out := newEventStream(c)
	end := time.NewTimer(streamLife)
	defer end.Stop()
	tick := time.NewTicker(streamPoll)
	defer tick.Stop()
	shown := map[string][]byte{}
	for {
		for _, p := range parts {
			mark := p.html
			if p.mark != nil {
				mark = p.mark
			}
			if was, told := shown[p.event]; err == nil && (!told || !bytes.Equal(mark, was)) {
				err = out.event(p.event, p.html)
				shown[p.event] = mark
			}
		}
		if err == nil && time.Since(out.wrote) >= streamBeat {
			err = out.beat()
		}
		if over && err == nil {
			err = out.event("done", []byte("done"))
		}
		if over || err != nil {
			return nil // whoever would hear of a failed write is gone
		}
		select {
		case <-ctx.Done():
			return nil
		case <-stop:
			return nil
		case <-end.C:
			return nil
		case <-tick.C:
		}
		if still != nil {
			if in, err := still(ctx); err != nil || !in {
				return nil
			}
		}
		if parts, over, err = read(); err != nil {
			if ctx.Err() != nil {
				return nil
			}
			return err
		}
	}
}

// part is a part of a screen that moves, and the event that brings it.
type part struct {
	event string
	html  []byte
	// mark tells one version from another where a clock in the part would make each a new one; nil is the part itself.
	mark []byte
}

// fragments are the parts of a restock's screen that move, and whether they will move no more.
func (h restockScreens) fragments(ctx context.Context, id int64, u models.User) ([]part, bool, error) {
	p, err := h.measure(ctx, id, u)
	if err != nil {
		return nil, false, err
	}
	parts := []part{{event: "progress"}, {event: "actions"}, {event: "before"}}
	for i, c := range []templ.Component{views.RestockProgress(p), views.RestockActions(p), views.RestockBefore(p)} {
		var b bytes.Buffer
		if err := c.Render(ctx, &b); err != nil {
			return nil, false, err
		}
		parts[i].html = b.Bytes()
	}
	return parts, !p.Restock.State.Open() && p.Restock.Claimed == 0, nil
}

// eventStream writes server-sent events (WHATWG HTML, 9.2).
type eventStream struct {
	to      io.Writer
	control *http.ResponseController
	wrote   time.Time
}

func newEventStream(c echo.Context) *eventStream {
	h := c.Response().Header()
	h.Set(echo.HeaderContentType, "text/event-stream")
	h.Set(echo.HeaderCacheControl, "no-store")
	h.Set("X-Accel-Buffering", "no") // nginx would hold events back
	s := &eventStream{to: c.Response(), control: http.NewResponseController(c.Response())}
	// The server's time-outs are for answers that end. A connection that has none needs none taken away.
	_ = s.control.SetReadDeadline(time.Time{})
	s.allow()
	c.Response().WriteHeader(http.StatusOK)
	return s
}

// allow gives the next write its own deadline, in place of the server's.
func (s *eventStream) allow() { _ = s.control.SetWriteDeadline(time.Now().Add(streamPatience)) }

func (s *eventStream) event(name string, data []byte) error {
	text := strings.ReplaceAll(strings.ReplaceAll(string(data), "\r", ""), "\n", "\ndata: ")
	return s.write(fmt.Sprintf("event: %s\ndata: %s\n\n", name, text))
}

// beat writes a comment, which nobody reads.
func (s *eventStream) beat() error { return s.write(":\n\n") }

func (s *eventStream) write(text string) error {
	s.allow()
	s.wrote = time.Now()
	if _, err := io.WriteString(s.to, text); err != nil {
		return err
	}
	return s.control.Flush()
}
