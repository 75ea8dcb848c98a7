package store

import (
	"time"

	"bentornato/models"
)

// capped puts off the uses of recurring opt-ins that may not begin now, and returns the rest of the list. Each opt-in is held from
// here on, so that two claims cannot use it at once.
func (t *Tx) capped(c *pageClaim, list []dueToken) ([]dueToken, error) {
	var ids []int64
	for _, k := range list {
		if k.Recurring() {
			ids = append(ids, k.OptInID)
		}
	}
	if len(ids) == 0 {
		return list, nil
	}
	in, wanted := t.among(distinct(ids))
	var found []models.OptIn
	if err := t.db.Raw("SELECT * FROM recurring_optins WHERE id "+in+" ORDER BY id"+t.lock("FOR UPDATE SKIP LOCKED"), wanted).Scan(&found).Error; err != nil {
		return nil, err
	}
	optins := make(map[int64]models.OptIn, len(found))
	for _, o := range found {
		optins[o.ID] = o
	}
	type row struct {
		Token  int64  `json:"k"`
		NextAt int64  `json:"x"`
		Reason string `json:"r"`
	}
	var off []row
	due := list[:0]
	for _, k := range list {
		if !k.Recurring() {
			due = append(due, k)
			continue
		}
		o, held := optins[k.OptInID]
		ok, why, until := o.MayUse(c.Page, t.now)
		switch {
		case !held:
			ok, why, until = false, "", t.now.Add(time.Second) // somebody else has it at this moment
		case ok && c.optins[o.ID]:
			ok, why, until = false, models.TokenCap, t.now.Add(time.Minute)
		}
		if !ok {
			off = append(off, row{k.ID, millis(until), string(why)})
			continue
		}
		c.optins[o.ID] = true
		due = append(due, k)
	}
	return due, change(t, "UPDATE tokens SET next_at = r.x, reason = r.r FROM % WHERE tokens.id = r.k", "k bigint, x bigint, r text", off)
}

// holdOptIns writes for which uses recurring opt-ins are held, and until when each may be called for again, and returns the
// opt-ins by their numbers.
func (t *Tx) holdOptIns(uses []dueToken) (map[int64]*models.OptIn, error) {
	if len(uses) == 0 {
		return nil, nil //nolint:nilnil // no uses have no opt-ins
	}
	type row struct {
		OptIn int64 `json:"o"`
		Token int64 `json:"k"`
	}
	rows := make([]row, len(uses))
	ids, first := make([]int64, len(uses)), []int64(nil)
	for i, k := range uses {
		rows[i], ids[i] = row{k.OptInID, k.ID}, k.OptInID
		if k.Unsure == 0 {
			first = append(first, k.ID)
		}
	}
	in, list := t.among(first)
	if err := t.db.Exec("UPDATE tokens SET retry_until = ? WHERE id "+in, millis(t.now.Add(models.RecurringRetry)), list).Error; err != nil {
		return nil, err
	}
	err := change(t, "UPDATE recurring_optins SET held_by = r.k FROM % WHERE recurring_optins.id = r.o", "o bigint, k bigint", rows)
	if err != nil {
		return nil, err
	}
	var found []models.OptIn
	in, list = t.among(distinct(ids))
	if err := t.db.Raw("SELECT * FROM recurring_optins WHERE id "+in, list).Scan(&found).Error; err != nil {
		return nil, err
	}
	optins := make(map[int64]*models.OptIn, len(found))
	for i := range found {
		optins[found[i].ID] = &found[i]
	}
	return optins, nil
}

// freeOptIns lets go of the opt-ins whose uses left one state for another that is settled, notes what was used and what is dead, and
// marks the restocks whose uses are to be renewed.
func (t *Tx) freeOptIns(from models.TokenState, moved []models.Token) error {
	var used, freed, failed, renews []int64
	for _, k := range moved {
		if k.State == from || k.State == models.TokenClaimed || k.State == models.TokenUnknown {
			continue
		}
		if k.NextOptInID != 0 && k.RestockID != 0 && !k.State.Live() {
			renews = append(renews, k.RestockID)
		}
		switch {
		case !k.Recurring():
		case k.State == models.TokenSent:
			used = append(used, k.ID)
		default:
			freed = append(freed, k.ID)
			if k.State == models.TokenFailed {
				failed = append(failed, k.ID)
			}
		}
	}
	for _, s := range []struct {
		sql  string
		ids  []int64
		args []any
	}{
		{"UPDATE restocks SET renews = TRUE WHERE NOT renews AND id %", renews, nil},
		{"UPDATE recurring_optins SET held_by = 0, uses = uses + 1, used_at = ?, next_use_at = ? WHERE id IN (SELECT optin_id FROM tokens WHERE id %)", used,
			[]any{millis(t.now), millis(t.now.Add(models.RecurringGap))}},
		{`UPDATE recurring_optins SET held_by = 0, next_use_at = COALESCE((SELECT MAX(k.next_at) FROM tokens k
			WHERE k.id = recurring_optins.held_by AND k.state = 'waiting' AND k.reason = 'cap'), next_use_at)
			WHERE EXISTS (SELECT 1 FROM tokens f WHERE f.optin_id = recurring_optins.id AND f.id = recurring_optins.held_by AND f.id %)`, freed, nil},
		{"UPDATE recurring_optins SET status = 'expired', reason = 'dead', status_at = ? WHERE status = 'active' AND id IN (SELECT optin_id FROM tokens WHERE reason = 'dead' AND id %)", failed,
			[]any{millis(t.now)}},
	} {
		if len(s.ids) == 0 {
			continue
		}
		in, list := t.among(distinct(s.ids))
		if err := t.db.Exec(fill(s.sql, in), append(s.args, list)...).Error; err != nil {
			return err
		}
	}
	return nil
}

// maxRenewals bounds how many restocks one sweep renews the uses of.
const maxRenewals = 100

// renewOptIns lets the people who were told of a stock by a recurring opt-in, and those whose token was spent and who gave one too,
// wait for the next: once that restock is over, and the item has sold out or has come back since. It renews at most limit
// and reports whether there may be more.
func (t *Tx) renewOptIns(limit int) (bool, error) {
	var restocks []int64
	err := t.db.Raw(`SELECT s.id FROM restocks s JOIN variants v ON v.id = s.variant_id WHERE s.renews AND s.state IN ('done', 'stopped', 'cancelled')
		AND (s.episode < v.episode OR NOT (v.quantity_unknown OR v.available >= v.min_stock)) ORDER BY s.variant_id, s.id LIMIT ?`, maxRenewals).Scan(&restocks).Error
	if err != nil {
		return false, err
	}
	for _, id := range restocks {
		var spent []int64
		err := t.db.Raw("SELECT id FROM tokens WHERE restock_id = ? AND next_optin_id > 0 AND state || '' IN ('sent', 'failed') ORDER BY id LIMIT ?"+
			t.lock("FOR UPDATE"), id, limit).Scan(&spent).Error
		if err != nil {
			return false, err
		}
		if err := t.renew(spent); err != nil {
			return false, err
		}
		if limit -= len(spent); limit <= 0 {
			return true, nil
		}
		if err := t.db.Exec("UPDATE restocks SET renews = FALSE WHERE id = ?", id).Error; err != nil {
			return false, err
		}
	}
	return len(restocks) == maxRenewals, nil
}

// renew adds to each spent row that an opt-in follows the row that waits next.
func (t *Tx) renew(spent []int64) error {
	if len(spent) == 0 {
		return nil
	}
	in, list := t.among(spent)
	// Who waits by a one-time token meanwhile is told by that first.
	err := t.db.Exec(`UPDATE tokens SET next_optin_id = (SELECT k.next_optin_id FROM tokens k WHERE k.contact_id = tokens.contact_id AND k.variant_id = tokens.variant_id
			AND k.id `+in+` ORDER BY k.id DESC LIMIT 1)
		WHERE optin_id = 0 AND next_optin_id = 0 AND state IN ('waiting', 'claimed', 'unknown')
		AND EXISTS (SELECT 1 FROM tokens k WHERE k.contact_id = tokens.contact_id AND k.variant_id = tokens.variant_id AND k.id `+in+`)
		AND contact_id IN (SELECT contact_id FROM tokens WHERE id `+in+")", list, list, list).Error
	if err != nil {
		return err
	}
	var added []models.Token
	err = t.db.Raw(`INSERT INTO tokens (page_id, contact_id, variant_id, request_id, state, reason, granted_at, expires_at, state_at, next_at, optin_id, next_optin_id)
		SELECT k.page_id, k.contact_id, k.variant_id, o.request_id, 'waiting', CASE WHEN o.next_use_at > ? THEN 'cap' ELSE '' END, CAST(? AS BIGINT), o.expires_at, CAST(? AS BIGINT),
			CASE WHEN o.next_use_at > ? THEN o.next_use_at ELSE CAST(? AS BIGINT) END, o.id, o.id
		FROM tokens k JOIN recurring_optins o ON o.id = k.next_optin_id
		WHERE k.id `+in+` AND o.status = 'active' AND o.expires_at > ?
		AND NOT EXISTS (SELECT 1 FROM tokens w WHERE w.contact_id = k.contact_id AND w.variant_id = k.variant_id AND w.state IN ('waiting', 'claimed', 'unknown'))
		ORDER BY k.granted_at, k.id ON CONFLICT DO NOTHING RETURNING page_id, variant_id`,
		millis(t.now), millis(t.now), millis(t.now), millis(t.now), millis(t.now), list, millis(t.now.Add(models.TokenMargin))).Scan(&added).Error
	if err != nil {
		return err
	}
	variants := tally[int64]{}
	for _, k := range added {
		variants.add(k.VariantID, 1)
		t.late.counters.add(pageCounter{k.PageID, countToken + string(models.TokenWaiting)}, 1)
	}
	if err := t.countVariants(variants); err != nil {
		return err
	}
	return t.db.Exec("UPDATE tokens SET next_optin_id = 0 WHERE id "+in, list).Error
}

// expireOptIns ends recurring opt-ins whose time is over, at most limit; what waits by them ends with the tokens.
func (t *Tx) expireOptIns(limit int) error {
	return t.db.Exec(`UPDATE recurring_optins SET status = ?, reason = ?, status_at = ? WHERE status = 'active' AND id IN
		(SELECT id FROM recurring_optins WHERE status = 'active' AND expires_at <= ? ORDER BY expires_at LIMIT ?)`,
		models.OptInExpired, models.TokenYearOver, millis(t.now), millis(t.now), limit).Error
}
