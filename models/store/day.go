package store

import (
	"context"
	"time"

	"bentornato/models"
)

// countDay adds to what a Page did on the day of the transaction.
func (t *Tx) countDay(pageID string, sent, clicks int) error {
	return t.db.Exec(`INSERT INTO page_days (page_id, day, sent, clicks) VALUES (?, ?, ?, ?)
		ON CONFLICT (page_id, day) DO UPDATE SET sent = page_days.sent + excluded.sent, clicks = page_days.clicks + excluded.clicks`,
		pageID, millis(models.DayOf(t.now)), sent, clicks).Error
}

// countSent adds notifications to the day's counts, by Page.
func (t *Tx) countSent(byPage tally[string]) error {
	for page, n := range byPage {
		if err := t.countDay(page, n, 0); err != nil {
			return err
		}
	}
	return nil
}

// countOrderDay adds n to the orders that notifications led to, on the day on which they were reported.
func (t *Tx) countOrderDay(pageID string, reported time.Time, n int) error {
	return t.db.Exec(`INSERT INTO page_days (page_id, day, orders) VALUES (?, ?, ?)
		ON CONFLICT (page_id, day) DO UPDATE SET orders = page_days.orders + excluded.orders`, pageID, millis(models.DayOf(reported)), n).Error
}

// Days returns what all Pages did on the days from that of since on, the first first. Days on which nothing was done are
// left out.
func (r Reader) Days(ctx context.Context, since time.Time) ([]models.Day, error) {
	var rows []struct {
		Day          int64
		Sent, Clicks int
		Orders       int
	}
	err := r.with(ctx).Raw("SELECT day, SUM(sent) AS sent, SUM(clicks) AS clicks, SUM(orders) AS orders FROM page_days WHERE day >= ? GROUP BY day ORDER BY day",
		millis(models.DayOf(since))).Scan(&rows).Error
	days := make([]models.Day, len(rows))
	for i, row := range rows {
		days[i] = models.Day{Begin: fromMillis(row.Day), Sent: row.Sent, Clicks: row.Clicks, Orders: row.Orders}
	}
	return days, translate(err)
}
