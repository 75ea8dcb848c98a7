package store

import (
	"context"
	"time"
)

// One process at a time sends for a Page. What the platform sees in a second depends on what calls meet on their way, and only
// who made them all can know it from the answers; between them, several processes could only hope (rule 6.5). A process that
// claims for a Page sends for it alone from then on, as long as it claims again in time. One that dies, stands still or
// has nothing to send loses it to whoever claims next.

// Handover is how long a Page rests before another process may send for it, from when the one before had to stop: no second at
// the platform sees calls of both, even if the last of them took a while to arrive.
const Handover = 1250 * time.Millisecond

// maxHold bounds for how long a process may send without claiming again. What is further ahead was given out before the clock was
// set back, and says nothing any more.
const maxHold = 10 * time.Second

// held selects, of page_rates r, the Pages that some process sends for; see heldAt.
const held = "r.sender_until > ? AND r.sender_until <= ?"

// heldAt are the arguments of held.
func heldAt(now time.Time) (from, to int64) { return millis(now), millis(now.Add(maxHold + Handover)) }

// SoldOut returns which of these variants may not be announced now: whoever sends may not be who heard of it.
func (r Reader) SoldOut(ctx context.Context, variants []int64) ([]int64, error) {
	if len(variants) == 0 {
		return nil, nil
	}
	in, list := r.among(variants)
	var gone []int64
	err := r.with(ctx).Raw("SELECT v.id FROM variants v WHERE v.id "+in+" AND NOT "+inStock, list).Scan(&gone).Error
	return gone, translate(err)
}
