package store

import (
	"context"
	"time"

	"bentornato/models"
)

// demandRow is what one statement finds of a variant's demand.
type demandRow struct {
	ID       int64
	Oldest   int64
	Released int64
	Ending   int
}

// Demands returns who waits for variants, and what came of their earlier restocks. What it counts of each ends at a limit
// or is read from the end of an index, so a list of it costs the same however many wait.
func (r Reader) Demands(ctx context.Context, variants []models.Variant, now time.Time) (map[int64]models.Demand, error) {
	byID := make(map[int64]models.Demand, len(variants))
	if len(variants) == 0 {
		return byID, nil
	}
	ids := make([]int64, len(variants))
	for i, v := range variants {
		ids[i] = v.ID
	}
	waiting := " FROM tokens k" + r.by("tokens_waiting") + " WHERE k.variant_id = v.id AND k.state = 'waiting' AND k.next_at = 0"
	// A token ends a year after it was granted, so those that end soon stand first among those that wait.
	endsBefore := millis(now.Add(models.EndingSoon - models.TokenLife))
	var rows []demandRow
	err := r.with(ctx).Raw(`SELECT v.id,
		COALESCE((SELECT k.granted_at`+waiting+` ORDER BY k.granted_at LIMIT 1), 0) AS oldest,
		COALESCE((SELECT MIN(k.granted_at) FROM tokens k`+r.by("tokens_released")+` WHERE k.variant_id = v.id AND k.state = 'waiting' AND k.next_at > 0), 0) AS released,
		(SELECT COUNT(*) FROM (SELECT 1`+waiting+` AND k.granted_at < ? LIMIT ?) AS few) AS ending
		FROM variants v WHERE v.id IN ?`, endsBefore, models.MaxEnding, ids).Scan(&rows).Error
	if err != nil {
		return nil, translate(err)
	}
	for _, row := range rows {
		oldest := row.Oldest
		if oldest == 0 || (row.Released > 0 && row.Released < oldest) {
			oldest = row.Released
		}
		byID[row.ID] = models.Demand{Oldest: fromMillis(oldest), Ending: row.Ending}
	}
	for _, v := range variants {
		if v.Waiting == 0 || v.Waiting > models.MaxMedian {
			continue
		}
		d := byID[v.ID]
		if d.Median, err = r.medianWaiting(ctx, v); err != nil {
			return nil, err
		}
		byID[v.ID] = d
	}
	earlier, err := r.earlier(ctx, ids)
	for id, c := range earlier {
		d := byID[id]
		d.Earlier = c
		byID[id] = d
	}
	return byID, err
}

// medianWaiting is when the one in the middle of those who wait tapped; those whose notification failed for now stand apart
// and are left out.
func (r Reader) medianWaiting(ctx context.Context, v models.Variant) (time.Time, error) {
	var at int64
	err := r.with(ctx).Raw("SELECT granted_at FROM tokens"+r.by("tokens_waiting")+" WHERE variant_id = ? AND state = 'waiting' AND next_at = 0 ORDER BY granted_at LIMIT 1 OFFSET ?",
		v.ID, (v.Waiting-1)/2).Scan(&at).Error
	return fromMillis(at), translate(err)
}

// earlier is what the restocks of variants led to, all of each together.
func (r Reader) earlier(ctx context.Context, ids []int64) (map[int64]models.Conversion, error) {
	var rows []struct {
		VariantID            int64
		Sent, Clicks, Orders int
	}
	err := r.with(ctx).Raw(`SELECT variant_id, SUM(sent) AS sent, SUM(clicks) AS clicks, SUM(orders) AS orders FROM restocks
		WHERE variant_id IN ? GROUP BY variant_id`, ids).Scan(&rows).Error
	byID := make(map[int64]models.Conversion, len(rows))
	for _, row := range rows {
		byID[row.VariantID] = models.Conversion{Sent: row.Sent, Clicks: row.Clicks, Orders: row.Orders}
	}
	return byID, translate(err)
}

// Converted is what all notifications of all Pages that whoever asks may see led to since a date, from the counts of the days.
func (r Reader) Converted(ctx context.Context, since time.Time) (models.Conversion, error) {
	var c models.Conversion
	reach, args := andApart(ctx)
	err := r.with(ctx).Raw("SELECT COALESCE(SUM(sent), 0) AS sent, COALESCE(SUM(clicks), 0) AS clicks, COALESCE(SUM(orders), 0) AS orders FROM page_days WHERE day >= ?"+reach,
		append([]any{millis(models.DayIn(since, time.UTC))}, args...)...).Scan(&c).Error
	return c, translate(err)
}

// Ending counts the waiting tokens that end before a moment, up to limit.
func (r Reader) Ending(ctx context.Context, before time.Time, limit int) (int, error) {
	var n int
	reach, args := andApart(ctx)
	err := r.with(ctx).Raw("SELECT COUNT(*) FROM (SELECT 1 FROM tokens"+r.by("tokens_ending")+" WHERE state = 'waiting' AND expires_at < ?"+reach+" LIMIT ?) AS few",
		append(append([]any{millis(before)}, args...), limit)...).Scan(&n).Error
	return n, translate(err)
}
