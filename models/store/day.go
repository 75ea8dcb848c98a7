package store

import (
	"context"
	"errors"
	"time"

	"gorm.io/gorm"

	"bentornato/models"
)

// countDay adds to what a Page did on the day of the transaction, a day of the Page's own calendar.
func (t *Tx) countDay(pageID string, sent, clicks int) error {
	day, err := t.dayOn(pageID, t.now)
	if err != nil {
		return err
	}
	n := t.late.day(dayKey{page: pageID, day: millis(day)})
	n.Sent += sent
	n.Clicks += clicks
	return nil
}

// countDemand adds to how many asked about a variant, and how many tapped Notify Me, on the day of at. A tap whose
// variant nobody knows counts for the Page alone.
func (t *Tx) countDemand(pageID string, variantID int64, at time.Time, asked, granted int) error {
	day, err := t.dayOn(pageID, at)
	if err != nil {
		return err
	}
	keys := []dayKey{{page: pageID, day: millis(day)}}
	if variantID != 0 {
		keys = append(keys, dayKey{page: pageID, variant: variantID, day: millis(day)})
	}
	for _, k := range keys {
		n := t.late.day(k)
		n.Asked += asked
		n.Granted += granted
	}
	return nil
}

// dayOn is the date of a moment on a Page's calendar. A Page that is gone lives by UTC.
func (t *Tx) dayOn(pageID string, at time.Time) (time.Time, error) {
	var p models.Page
	err := t.db.Select("time_zone").First(&p, "id = ?", pageID).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		err = nil
	}
	return models.DayIn(at, p.Location()), err
}

// countOrderDay adds n to the orders that notifications led to, on the day on which they were reported.
func (t *Tx) countOrderDay(pageID string, reported time.Time, n int) error {
	day, err := t.dayOn(pageID, reported)
	if err != nil {
		return err
	}
	t.late.day(dayKey{page: pageID, day: millis(day)}).Orders += n
	return nil
}

// dayRow is a day's counts as they stand in the tables.
type dayRow struct {
	Day                                  int64
	Sent, Clicks, Orders, Asked, Granted int
}

func daysOf(rows []dayRow) []models.Day {
	days := make([]models.Day, len(rows))
	for i, row := range rows {
		days[i] = models.Day{Begin: fromMillis(row.Day), Sent: row.Sent, Clicks: row.Clicks, Orders: row.Orders, Asked: row.Asked, Granted: row.Granted}
	}
	return days
}

// Days returns what all Pages that whoever asks may see did on the days from since on (a date, as models.DayIn has it), the first first. Days on
// which nothing was done are left out.
func (r Reader) Days(ctx context.Context, since time.Time) ([]models.Day, error) {
	var rows []dayRow
	reach, args := andApart(ctx)
	err := r.with(ctx).Raw(`SELECT day, SUM(sent) AS sent, SUM(clicks) AS clicks, SUM(orders) AS orders, SUM(asked) AS asked, SUM(granted) AS granted
		FROM page_days WHERE day >= ?`+reach+` GROUP BY day ORDER BY day`, append([]any{millis(models.DayIn(since, time.UTC))}, args...)...).Scan(&rows).Error
	return daysOf(rows), translate(err)
}

// VariantDays returns how many asked about a variant and tapped Notify Me on the days from since on, the first first. Days
// on which nobody did are left out.
func (r Reader) VariantDays(ctx context.Context, variantID int64, since time.Time) ([]models.Day, error) {
	var rows []dayRow
	err := r.with(ctx).Raw("SELECT day, asked, granted FROM variant_days WHERE variant_id = ? AND day >= ? ORDER BY day",
		variantID, millis(models.DayIn(since, time.UTC))).Scan(&rows).Error
	return daysOf(rows), translate(err)
}
