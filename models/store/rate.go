package store

import (
	"maps"
	"slices"
	"time"

	"bentornato/models"
)

// rateHeadroom keeps slots so far below the setting that calls may bunch up by a fiftieth of a second on their way before
// one has to wait, so that no second at the platform sees more than the setting (rule 6.5).
const rateHeadroom = 0.98

// Recovery of a Page's rate after the platform asked for less: so much of the setting comes back in so long.
const (
	recoverStep  = 10 // percent
	recoverEvery = 30 * time.Second
	minPercent   = 10
)

// slowed is the share of its setting that a Page may use now, in percent: what it was slowed to, and what has come
// back since.
func slowed(percent int, since, now time.Time) int {
	if percent >= 100 {
		return 100
	}
	steps := int(now.Sub(since) / recoverEvery)
	return min(100, percent+max(0, steps)*recoverStep)
}

// heed does what answers ask of their Pages: stop, or slow down (rules 6.2 and 6.5).
func (t *Tx) heed(list []models.Settlement) error {
	byPage := map[string][]models.Answer{}
	sent := tally[string]{}
	for _, s := range list {
		if s.Answer.Outcome == models.OutcomeSent {
			sent.add(s.PageID, 1)
		}
		if s.Answer.Outcome != models.OutcomeSent || s.Answer.Usage > 0 { // else there is nothing to heed
			byPage[s.PageID] = append(byPage[s.PageID], s.Answer)
		}
	}
	if err := t.forgetProbes(slices.Collect(maps.Keys(sent))); err != nil {
		return err
	}
	for page, answers := range byPage {
		if err := t.HeedAnswers(page, answers); err != nil {
			return err
		}
	}
	return nil
}

// usageLimits say how much of the setting a Page may use at which share of its quota, in percent. Going on at full
// speed into a limit prolongs it (Graph rate limiting).
var usageLimits = []struct{ usage, percent int }{{95, minPercent}, {90, 25}, {80, 50}, {70, 75}}

// rateHold is the least that a Page rests for when the platform refuses a call for its rate.
const rateHold = 5 * time.Second

// HeedAnswers lets what the platform said slow a Page down or stop it.
func (t *Tx) HeedAnswers(pageID string, answers []models.Answer) error {
	limit, refused, hold := 100, false, time.Duration(0)
	for _, a := range answers {
		switch a.Outcome {
		case models.OutcomePageTrouble, models.OutcomeOutside:
			why := a.Pause
			if why == "" {
				why = models.PausePermission
			}
			if _, err := t.PausePage(pageID, why, a.Detail); err != nil {
				return err
			}
		case models.OutcomeProductOff:
			if err := t.refuseRecurring(pageID, a.Detail); err != nil {
				return err
			}
		case models.OutcomeRateLimited:
			refused, hold = true, max(hold, a.RetryAfter, rateHold)
		}
		for _, l := range usageLimits {
			if a.Usage >= l.usage {
				limit = min(limit, l.percent)
				break
			}
		}
	}
	if limit == 100 && !refused {
		return nil
	}
	var rate struct {
		Percent              int
		PercentAt, HoldUntil int64
	}
	err := t.db.Raw("SELECT percent, percent_at, hold_until FROM page_rates WHERE page_id = ?"+t.lock("FOR UPDATE"), pageID).Scan(&rate).Error
	if err != nil {
		return err
	}
	percent := slowed(rate.Percent, fromMillis(rate.PercentAt), t.now)
	if refused && rate.HoldUntil <= millis(t.now) {
		percent = max(minPercent, percent/2) // once: the calls that were under way bring the same answer
	}
	return t.db.Exec("UPDATE page_rates SET percent = ?, percent_at = ?, hold_until = ? WHERE page_id = ?",
		min(percent, limit), millis(t.now), max(rate.HoldUntil, millis(t.now.Add(hold))), pageID).Error
}
