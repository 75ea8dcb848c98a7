package store

import (
	"context"
	"sync"
	"time"
)

// clock tells the time that everything in a database is written with. On PostgreSQL it is the database's own, since the
// processes that share one may each have another: leases, back-offs and the slots of a Page's rate must mean the same to
// all. It goes on by itself from when the database was last asked, whatever happens to the machine's clock meanwhile.
type clock struct {
	mu    sync.Mutex
	at    time.Time // what the database said
	asked time.Time // when, with the machine's monotonic clock
}

// maxClockDoubt is the longest that an answer may take to be believed: half of it is how far the clock may be out.
const maxClockDoubt = 200 * time.Millisecond

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at.Add(time.Since(c.asked))
}

// Now is the time that the store writes with: whoever works on the database beside it goes by it too.
func (s *Store) Now() time.Time { return s.now() }

// askClock sets the clock by the database's, if the answer comes soon enough to be worth something; the first one always
// counts. A store that was given a clock, or that has SQLite, has nothing to ask.
func (s *Store) askClock(ctx context.Context) error {
	if s.clock == nil {
		return nil
	}
	asked := time.Now()
	var micros int64
	err := s.write.WithContext(ctx).Raw("SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint").Scan(&micros).Error
	if err != nil {
		return translate(err)
	}
	took := time.Since(asked)
	s.clock.mu.Lock()
	defer s.clock.mu.Unlock()
	if s.clock.asked.IsZero() || took <= maxClockDoubt {
		s.clock.at, s.clock.asked = time.UnixMicro(micros).Add(took/2), asked.Add(took)
	}
	return nil
}
