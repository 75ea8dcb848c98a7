package store

import (
	"context"
	"time"

	"bentornato/models"
)

const (
	// meterSpan is what "lately" is for a rate meter.
	meterSpan = time.Minute
	// meterQueue is how long before it was sent a message may have been written to be counted: the index finds messages by
	// when they were written, and none waits for longer unless the Page is held up.
	meterQueue = 15 * time.Minute
)

// RateMeter returns where a Page's rate stands. A Page that is not there is at full speed and sent nothing.
func (r Reader) RateMeter(ctx context.Context, pageID string, now time.Time) (models.RateMeter, error) {
	var rates []struct {
		Percent              int
		PercentAt, HoldUntil int64
	}
	m := models.RateMeter{Percent: 100}
	err := r.with(ctx).Raw("SELECT percent, percent_at, hold_until FROM page_rates WHERE page_id = ?", pageID).Scan(&rates).Error
	if err != nil {
		return m, translate(err)
	}
	for _, rate := range rates {
		since := fromMillis(rate.PercentAt)
		if m.Percent = slowed(rate.Percent, since, now); m.Percent < 100 {
			steps := (100 - rate.Percent + recoverStep - 1) / recoverStep
			m.FullAt = since.Add(time.Duration(steps) * recoverEvery)
		}
		if hold := fromMillis(rate.HoldUntil); hold.After(now) {
			m.HoldUntil = hold
		}
	}
	since := millis(now.Add(-meterSpan))
	err = r.with(ctx).Raw(`SELECT
		(SELECT COUNT(*) FROM restocks r JOIN attempts a ON a.restock_id = r.id AND a.at >= ? AND a.state = 'sent' AND a.settled_at > ?
			WHERE r.state IN ? AND r.page_id = ? AND r.last_sent_at > ?)
		+ (SELECT COUNT(*) FROM messages m WHERE m.at >= ? AND m.page_id = ? AND NOT m.incoming AND m.state = 'sent' AND m.state_at > ?)`,
		millis(now.Add(-meterSpan-meterQueue)), since, models.RestockStates, pageID, since,
		millis(now.Add(-meterSpan-meterQueue)), pageID, since).Scan(&m.Sent).Error
	return m, translate(err)
}
