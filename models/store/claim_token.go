package store

import (
	"context"
	"time"

	"bentornato/models"
)

// maxRestocksAClaim bounds how many restocks of one Page share a claim; the one that waited longest comes first.
const maxRestocksAClaim = 16

// dueToken is a token to claim, with what is known of its contact. Of the token it has what a sender and a settlement
// need.
type dueToken struct {
	models.Token
	notifiedAt int64
	locale     string
}

const dueColumns = `k.id, k.page_id, k.contact_id, k.variant_id, k.restock_id, k.hash, k.sealed, k.granted_at, k.expires_at,
	k.attempts, k.unsure, k.unanswered, k.suspected, k.unreachable, k.optin_id, k.retry_until, c.notified_at, c.locale FROM tokens k JOIN contacts c ON c.id = k.contact_id `

// due reads tokens to claim.
func (t *Tx) due(sql string, args ...any) (list []dueToken, err error) {
	err = t.scan(func(row scanner) error {
		var (
			k                       dueToken
			granted, expires, retry int64
		)
		err := row.Scan(&k.ID, &k.PageID, &k.ContactID, &k.VariantID, &k.RestockID, &k.Hash, &k.Sealed, &granted, &expires,
			&k.Attempts, &k.Unsure, &k.Unanswered, &k.Suspected, &k.Unreachable, &k.OptInID, &retry, &k.notifiedAt, &k.locale)
		k.GrantedAt, k.ExpiresAt, k.RetryUntil = fromMillis(granted), fromMillis(expires), fromMillis(retry)
		list = append(list, k)
		return err
	}, sql, args...)
	return list, err
}

// claimUnknown takes tokens whose call got no answer and no echo within the grace: they are tried once more (rule
// 6.3), as long as the item is there and the person did not write stop. A restock that was paused or cancelled since
// does not keep them from it: what it had claimed finishes (rule 5.8).
func (t *Tx) claimUnknown(c *pageClaim, all *claims) error {
	due, err := t.due("SELECT "+dueColumns+`JOIN variants v ON v.id = k.variant_id
		WHERE k.page_id = ? AND k.state = 'unknown' AND k.next_at <= ? AND k.unanswered < 2 AND v.deleted_at = 0
		AND (v.quantity_unknown OR v.available >= v.min_stock) AND k.expires_at > ? AND k.granted_at > c.stopped_at
		AND (k.optin_id = 0 OR k.retry_until > ? AND EXISTS (SELECT 1 FROM recurring_optins o WHERE o.id = k.optin_id AND o.status = 'active'))
		ORDER BY k.next_at, k.id LIMIT ?`+t.lock("FOR UPDATE OF k, c SKIP LOCKED"),
		c.Page.ID, millis(t.now), millis(t.now.Add(models.TokenMargin)), millis(t.now), c.left())
	for _, k := range due {
		all.restock(k.RestockID).Claimed++
		all.restock(k.RestockID).Unknown--
		c.notified[k.ContactID] = true
	}
	t.late.counters.add(pageCounter{c.Page.ID, countToken + string(models.TokenUnknown)}, -len(due))
	t.late.counters.add(pageCounter{c.Page.ID, countToken + string(models.TokenClaimed)}, len(due))
	c.due = append(c.due, due...)
	return err
}

// claimRestocks takes tokens of running restocks, in the order of rule 5.4. A Page's slots are shared among its
// restocks: a long one does not keep a short one waiting.
func (t *Tx) claimRestocks(ctx context.Context, pages []*pageClaim, work map[string]pageWork, all *claims) error {
	var ids []string
	for _, c := range pages {
		if work[c.Page.ID].restocks && !c.quiet && c.left() > 0 {
			ids = append(ids, c.Page.ID)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	byPage, err := t.openWork(ctx, ids)
	if err != nil {
		return err
	}
	for _, c := range pages {
		open := byPage[c.Page.ID]
		for i := range open {
			share := (c.left() + len(open) - i - 1) / (len(open) - i)
			if share == 0 {
				break
			}
			if err := t.claimRestock(c, &open[i], share, all); err != nil {
				return err
			}
		}
	}
	return nil
}

// openRestock is a restock that may claim now, and what it is about.
type openRestock struct {
	models.Restock
	variant models.Variant
	// again: tokens that were released may be tried again by now.
	again bool
}

// openWork returns the restocks that may claim now and holds their variants. Those that a stock report or a tap holds at
// this moment are left for the next claim. The restocks themselves are not held, since results are counted in the same
// rows all the time; what of them a claim goes by is changed only by who holds the variant or the Page's rate, but for
// their state: see countClaims.
func (t *Tx) openWork(ctx context.Context, pageIDs []string) (map[string][]openRestock, error) {
	now := millis(t.now)
	in, list := t.amongTexts(pageIDs)
	var variantIDs []int64
	err := t.scan(func(row scanner) error {
		var id int64
		variantIDs = append(variantIDs, 0)
		err := row.Scan(&id)
		variantIDs[len(variantIDs)-1] = id
		return err
	}, "SELECT s.variant_id FROM restocks s WHERE s.page_id "+in+" AND "+openNow, list, now)
	if err != nil || len(variantIDs) == 0 {
		return nil, err
	}
	variants, err := t.heldVariants(variantIDs)
	if err != nil {
		return nil, err
	}
	byPage := map[string][]openRestock{}
	err = t.scan(func(row scanner) error {
		var (
			s        openRestock
			nextWave int64
		)
		err := row.Scan(&s.ID, &s.PageID, &s.VariantID, &s.State, &s.Budget, &s.Wave, &nextWave, &s.NewestFirst, &s.Approved,
			&s.Claimed, &s.Sent, &s.Unknown, &s.Failed, &s.CursorAt, &s.CursorID, &s.again)
		s.NextWaveAt = fromMillis(nextWave)
		var held bool
		if s.variant, held = variants[s.VariantID]; held && len(byPage[s.PageID]) < maxRestocksAClaim {
			byPage[s.PageID] = append(byPage[s.PageID], s)
		}
		return err
	}, `SELECT s.id, s.page_id, s.variant_id, s.state, s.budget, s.wave, s.next_wave_at, s.newest_first, s.approved,
		s.claimed, s.sent, s.unknown, s.failed, s.cursor_at, s.cursor_id,
		EXISTS (SELECT 1 FROM tokens k WHERE k.variant_id = s.variant_id AND k.state = 'waiting' AND k.next_at > 0 AND k.next_at <= ?)
		FROM restocks s WHERE s.page_id `+in+" AND "+openNow+" ORDER BY s.claimed_at, s.id", now, list, now)
	return byPage, err
}

// heldVariants returns variants and holds them, all but those that somebody else holds.
func (t *Tx) heldVariants(ids []int64) (map[int64]models.Variant, error) {
	in, list := t.among(distinct(ids))
	var found []models.Variant
	if err := t.db.Raw("SELECT * FROM variants WHERE id "+in+t.lock("FOR UPDATE SKIP LOCKED"), list).Scan(&found).Error; err != nil {
		return nil, err
	}
	variants := make(map[int64]models.Variant, len(found))
	for _, v := range found {
		variants[v.ID] = v
	}
	return variants, nil
}

// claimRestock takes at most limit tokens of one restock.
func (t *Tx) claimRestock(c *pageClaim, s *openRestock, limit int, all *claims) error {
	if ready, err := t.readyRestock(c.Page, &s.Restock, s.variant); err != nil || !ready {
		return err
	}
	if s.Limited() {
		limit = min(limit, s.Left())
	}
	if limit <= 0 {
		return nil
	}
	cursor := s.CursorID
	due, err := t.candidates(c, s, limit)
	if err != nil || (len(due) == 0 && s.CursorID == cursor) {
		return err
	}
	r := all.restock(s.ID)
	r.running = true
	r.Claimed += len(due)
	r.CursorAt, r.CursorID = s.CursorAt, s.CursorID
	all.variants.add(s.VariantID, -len(due))
	t.late.counters.add(pageCounter{c.Page.ID, countToken + string(models.TokenWaiting)}, -len(due))
	t.late.counters.add(pageCounter{c.Page.ID, countToken + string(models.TokenClaimed)}, len(due))
	for i := range due {
		due[i].RestockID = s.ID
	}
	c.due = append(c.due, due...)
	return nil
}

// readyRestock brings a restock to the point where tokens may be claimed for it, and reports whether it got there:
// the hold-down is over, nobody must say yes first, the item is still there, and a due wave is opened.
func (t *Tx) readyRestock(page models.Page, s *models.Restock, v models.Variant) (bool, error) {
	if !v.InStock() {
		_, err := t.MoveRestock(s.ID, s.State, models.RestockStopped, models.RestockSoldOutAgain)
		return false, err
	}
	if s.State == models.RestockHeld {
		if s.Limited() {
			// The stock may have fallen while it was held; what is there now is what the first wave is reckoned from.
			s.Budget = models.WaveBudget(v.Stock(), v.TokensPerUnit)
			if err := t.saveWave(*s); err != nil {
				return false, err
			}
		}
		s.State = models.StateAfterHold(page.Settings.For(v), v, *s)
		if moved, err := t.MoveRestock(s.ID, models.RestockHeld, s.State, ""); err != nil || !moved {
			return false, err
		}
	}
	if s.State != models.RestockRunning {
		return false, nil
	}
	// A wave that quiet hours or the rate kept from its tokens gives way to the next: both at once would spend two
	// waves' tokens on one wave's stock.
	if s.Limited() && !s.NextWaveAt.After(t.now) {
		s.Budget = models.NextBudget(s.Taken(), v.Stock(), v.TokensPerUnit)
		if s.Taken() > 0 {
			s.Wave++
		}
		s.NextWaveAt = t.now.Add(page.Settings.For(v).WaveInterval())
		if err := t.saveWave(*s); err != nil {
			return false, err
		}
	}
	return true, nil
}

func (t *Tx) saveWave(s models.Restock) error {
	return t.db.Exec("UPDATE restocks SET budget = ?, wave = ?, next_wave_at = ? WHERE id = ?", s.Budget, s.Wave, millis(s.NextWaveAt), s.ID).Error
}

// candidates selects up to limit waiting tokens of a restock: those released and due, then those behind the cursor.
// A token whose contact was notified of something else a moment ago is put off until that is long enough ago (rule 5.9).
func (t *Tx) candidates(c *pageClaim, s *openRestock, limit int) ([]dueToken, error) {
	const waiting = "SELECT " + dueColumns + "WHERE k.variant_id = ? AND k.state = 'waiting' AND k.expires_at > ? AND k.not_restock <> ? "
	usable := millis(t.now.Add(models.TokenMargin))
	lock := t.lock("FOR UPDATE OF k, c SKIP LOCKED")
	var (
		list []dueToken
		err  error
	)
	if s.again {
		list, err = t.due(waiting+"AND k.next_at > 0 AND k.next_at <= ? ORDER BY k.granted_at, k.id LIMIT ?"+lock, s.VariantID, usable, s.ID, millis(t.now), limit)
		if err != nil {
			return nil, err
		}
	}
	if left := limit - len(list); left > 0 {
		var fresh []dueToken
		if s.NewestFirst {
			fresh, err = t.due(waiting+"AND k.next_at = 0 ORDER BY k.granted_at DESC, k.id DESC LIMIT ?"+lock, s.VariantID, usable, s.ID, left)
		} else {
			fresh, err = t.due(waiting+"AND k.next_at = 0 AND (k.granted_at, k.id) > (?, ?) ORDER BY k.granted_at, k.id LIMIT ?"+lock,
				s.VariantID, usable, s.ID, s.CursorAt, s.CursorID, left)
		}
		if err != nil {
			return nil, err
		}
		if n := len(fresh); n > 0 && !s.NewestFirst {
			s.CursorAt, s.CursorID = millis(fresh[n-1].GrantedAt), fresh[n-1].ID
		}
		list = append(list, fresh...)
	}
	list, err = t.capped(c, list)
	if err != nil {
		return nil, err
	}
	return t.spaced(c, list)
}

// spaced puts off the tokens whose contact was, or is about to be, notified of something else, and returns the others.
func (t *Tx) spaced(c *pageClaim, list []dueToken) ([]dueToken, error) {
	spacing := c.Page.Settings.Spacing()
	if spacing <= 0 {
		return list, nil
	}
	due := list[:0]
	for _, k := range list {
		last := t.now
		if !c.notified[k.ContactID] {
			last = fromMillis(k.notifiedAt)
		}
		// A time to come is from before the clock was set back.
		if again := last.Add(spacing); again.After(t.now) && !last.After(t.now) {
			if err := t.db.Exec("UPDATE tokens SET next_at = ? WHERE id = ?", millis(again), k.ID).Error; err != nil {
				return nil, err
			}
			continue
		}
		c.notified[k.ContactID] = true
		due = append(due, k)
	}
	return due, nil
}

// writeClaims moves the due tokens of every Page to claimed, writes their attempts and counts, and opens their secrets.
func (t *Tx) writeClaims(ctx context.Context, pages []*pageClaim, all *claims, lease time.Duration) error {
	var (
		rows                 []claimRow
		uses                 []dueToken
		contacts, variantIDs []int64
	)
	for _, c := range pages {
		for _, k := range c.due {
			if k.Recurring() {
				uses = append(uses, k)
			}
			rows = append(rows, claimRow{k.ID, k.Attempts + 1, k.PageID, k.RestockID})
			contacts, variantIDs = append(contacts, k.ContactID), append(variantIDs, k.VariantID)
		}
	}
	if len(rows) == 0 {
		return t.countClaims(all)
	}
	if err := t.countVariants(all.variants); err != nil {
		return err
	}
	if err := t.writeAttempts(rows, lease); err != nil {
		return err
	}
	optins, err := t.holdOptIns(uses)
	if err != nil {
		return err
	}
	in, list := t.among(distinct(contacts))
	if err := t.db.Exec("UPDATE contacts SET notified_at = ? WHERE id "+in, millis(t.now), list).Error; err != nil {
		return err
	}
	variants, err := t.Variants(ctx, distinct(variantIDs))
	if err != nil {
		return err
	}
	for _, c := range pages {
		if c.Tokens, err = t.open(c.due, variants, optins, t.now.Add(lease)); err != nil {
			return err
		}
	}
	return t.countClaims(all)
}

// claimRow is an attempt of a token, for a restock, on its way into a statement.
type claimRow struct {
	Token   int64  `json:"t"`
	Number  int    `json:"n"`
	Page    string `json:"p"`
	Restock int64  `json:"r"`
}

const claimColumns = "t bigint, n int, p text, r bigint"

// writeAttempts moves tokens to claimed and writes the attempt of each. Each of them is held by this transaction, so all
// of them move; the conditions are what makes a claim single, whatever else goes wrong.
func (t *Tx) writeAttempts(rows []claimRow, lease time.Duration) error {
	moved, err := changed(t, `UPDATE tokens SET state = 'claimed', reason = '', state_at = ?, lease_until = ?, next_at = 0, attempts = r.n, restock_id = r.r
		FROM % WHERE tokens.id = r.t AND tokens.attempts = r.n - 1 AND tokens.state || '' IN ('waiting', 'unknown')`,
		claimColumns, rows, millis(t.now), millis(t.now.Add(lease)))
	if err != nil {
		return err
	}
	if moved != len(rows) {
		return models.Errorf(models.KindInternal, "%d of %d tokens were claimed by somebody else.", len(rows)-moved, len(rows))
	}
	return change(t, `INSERT INTO attempts (token_id, number, page_id, restock_id, state, at) SELECT r.t, r.n, r.p, r.r, 'pending', ? FROM %`,
		claimColumns, rows, millis(t.now))
}

// open makes of tokens that were just claimed what a sender needs. One whose seal does not open, since somebody changed
// the database, has failed: it must not keep the others from being sent.
func (t *Tx) open(due []dueToken, variants map[int64]models.Variant, optins map[int64]*models.OptIn, lease time.Time) ([]ClaimedToken, error) {
	list := make([]ClaimedToken, 0, len(due))
	var broken []int64
	for _, k := range due {
		optin := optins[k.OptInID]
		identity, sealed := tokenIdentity(k.Hash), k.Sealed
		if optin != nil {
			identity, sealed = optInIdentity(optin.Hash), optin.Sealed
		}
		secret, err := t.seal.open(identity, sealed)
		if err != nil {
			broken = append(broken, k.ID)
			continue
		}
		k.State, k.LeaseUntil, k.Sealed = models.TokenClaimed, lease, nil
		if k.Recurring() && k.Unsure == 0 {
			k.RetryUntil = t.now.Add(models.RecurringRetry)
		}
		k.Attempts++
		list = append(list, ClaimedToken{Token: k.Token, Secret: string(secret), OptIn: optin, Variant: variants[k.VariantID],
			Contact: models.Contact{ID: k.ContactID, PageID: k.PageID, Locale: k.locale}})
	}
	if len(broken) == 0 {
		return list, nil
	}
	if err := t.db.Exec("UPDATE attempts SET state = ?, settled_at = ? WHERE token_id IN ? AND state = ?",
		models.AttemptUncall, millis(t.now), broken, models.AttemptPending).Error; err != nil {
		return nil, err
	}
	return list, t.release("UPDATE tokens SET state = 'failed', reason = ?, state_at = ? WHERE state = 'claimed' AND id IN ?",
		models.TokenUnreadable, millis(t.now), broken)
}
