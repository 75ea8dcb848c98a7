package store

import (
	"context"
	"time"

	"bentornato/models"
)

// forecastReach is how many of a variant's tokens a forecast looks at, of those that wait first and of those that wait
// again each. A count that reaches it says "at least": the screen costs the same where a million wait.
const forecastReach = 1000

// ForecastCounts counts, for a forecast, the tokens of a variant that a restock would not spend at once: those in their last
// hour, those whose call failed and is made again later, and those whose people were told of something else within the
// Page's spacing. The last are looked for among the first in line only.
func (r Reader) ForecastCounts(ctx context.Context, v models.Variant, page models.Page, newestFirst bool, now time.Time) (models.ForecastCounts, error) {
	var (
		c   models.ForecastCounts
		row struct{ Fresh, Again, Failed, Seen, Spaced int }
	)
	order := ""
	if newestFirst {
		order = " DESC"
	}
	// A token's year is the same for all, so those that end first were granted first, which is the order of the index.
	granted := millis(now.Add(models.TokenMargin - models.TokenLife))
	err := r.with(ctx).Raw(`SELECT
		(SELECT COUNT(*) FROM (SELECT 1 FROM tokens`+r.by("tokens_waiting")+` WHERE variant_id = ? AND state = 'waiting' AND next_at = 0 AND granted_at <= ? LIMIT ?) AS old) AS fresh,
		(SELECT COUNT(*) FROM (SELECT granted_at FROM tokens`+r.by("tokens_released")+` WHERE variant_id = ? AND state = 'waiting' AND next_at > 0 ORDER BY next_at LIMIT ?) AS older WHERE granted_at <= ?) AS again,
		(SELECT COUNT(*) FROM (SELECT granted_at FROM tokens`+r.by("tokens_released")+` WHERE variant_id = ? AND state = 'waiting' AND next_at > 0 AND next_at > ? LIMIT ?) AS put_off WHERE granted_at > ?) AS failed`,
		v.ID, granted, forecastReach, v.ID, forecastReach, granted, v.ID, millis(now), forecastReach, granted).Scan(&row).Error
	if err != nil {
		return c, translate(err)
	}
	c.Ending = models.Count{N: row.Fresh + row.Again, AtLeast: row.Fresh == forecastReach || row.Again == forecastReach}
	c.BackOff = models.Count{N: row.Failed, AtLeast: row.Failed == forecastReach}
	spacing := page.Settings.Spacing()
	if spacing <= 0 {
		return c, nil
	}
	err = r.with(ctx).Raw(`SELECT COUNT(*) AS seen, COALESCE(SUM(CASE WHEN c.notified_at > ? THEN 1 ELSE 0 END), 0) AS spaced
		FROM (SELECT contact_id FROM tokens`+r.by("tokens_waiting")+` WHERE variant_id = ? AND state = 'waiting' AND next_at = 0 AND granted_at > ?
			ORDER BY granted_at`+order+`, id`+order+` LIMIT ?) AS line JOIN contacts c ON c.id = line.contact_id`,
		millis(now.Add(-spacing)), v.ID, granted, forecastReach).Scan(&row).Error
	c.Spacing = models.Count{N: row.Spaced, AtLeast: row.Spaced > 0 && row.Seen == forecastReach}
	return c, translate(err)
}
