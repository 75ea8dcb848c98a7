package store

import (
	"context"
	"errors"
	"time"

	"bentornato/models"
)

// maxRestocksAClaim bounds how many restocks of one Page share a claim; the one that waited longest comes first.
const maxRestocksAClaim = 16

// dueToken is a token to claim, with what is known of its contact.
type dueToken struct {
	models.Token
	NotifiedAt    int64
	ContactLocale string
}

const dueColumns = `SELECT k.*, c.notified_at, c.locale AS contact_locale FROM tokens k JOIN contacts c ON c.id = k.contact_id `

// claims gathers what a claim changes beside the tokens themselves, to be written in a few statements.
type claims struct {
	counters  tally[pageCounter]
	variants  tally[int64]
	byRestock map[int64]*restockClaim
}

// restockClaim is what a claim changes of a restock.
type restockClaim struct {
	ID       int64 `json:"k"`
	Claimed  int   `json:"c"`
	Unknown  int   `json:"u"`
	CursorAt int64 `json:"a"`
	CursorID int64 `json:"i"`
}

func (c *claims) restock(id int64) *restockClaim {
	if c.byRestock[id] == nil {
		c.byRestock[id] = &restockClaim{ID: id}
	}
	return c.byRestock[id]
}

// claimUnknown takes tokens whose call got no answer and no echo within the grace: they are tried once more (rule
// 6.3), as long as the item is there and the person did not write stop.
func (t *Tx) claimUnknown(c *pageClaim, all *claims) error {
	var due []dueToken
	err := t.db.Raw(dueColumns+`JOIN variants v ON v.id = k.variant_id
		WHERE k.page_id = ? AND k.state = 'unknown' AND k.next_at <= ? AND k.unanswered < 2 AND v.deleted_at = 0
		AND (v.quantity_unknown OR v.available >= v.min_stock) AND k.expires_at > ? AND k.granted_at > c.stopped_at
		ORDER BY k.next_at, k.id LIMIT ?`+t.lock("FOR UPDATE OF k SKIP LOCKED"),
		c.Page.ID, millis(t.now), millis(t.now.Add(models.TokenMargin)), c.left()).Scan(&due).Error
	for _, k := range due {
		all.restock(k.RestockID).Claimed++
		all.restock(k.RestockID).Unknown--
		c.notified[k.ContactID] = true
	}
	all.counters.add(pageCounter{c.Page.ID, countToken + string(models.TokenUnknown)}, -len(due))
	all.counters.add(pageCounter{c.Page.ID, countToken + string(models.TokenClaimed)}, len(due))
	c.due = append(c.due, due...)
	return err
}

// claimRestocks takes tokens of running restocks, in the order of rule 5.4. A Page's slots are shared among its
// restocks: a long one does not keep a short one waiting.
func (t *Tx) claimRestocks(ctx context.Context, pages []*pageClaim, work map[string]pageWork, all *claims) error {
	var ids []string
	for _, c := range pages {
		if work[c.Page.ID].Restocks && !c.quiet && c.left() > 0 {
			ids = append(ids, c.Page.ID)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	variants, byPage, err := t.openWork(ctx, ids)
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
			if err := t.claimRestock(c, &open[i], variants[open[i].VariantID], share, all); err != nil {
				return err
			}
		}
	}
	return nil
}

// openWork holds the variants and the restocks that may claim now, variants first, as stock reports do.
func (t *Tx) openWork(ctx context.Context, pageIDs []string) (map[int64]models.Variant, map[string][]models.Restock, error) {
	const open = "FROM restocks WHERE page_id IN ? AND state IN ('held', 'running') AND start_at <= ? ORDER BY "
	var variantIDs []int64
	err := t.db.Raw("SELECT variant_id "+open+"claimed_at, id", pageIDs, millis(t.now)).Scan(&variantIDs).Error
	if err != nil || len(variantIDs) == 0 {
		return nil, nil, err
	}
	var list []models.Variant
	if err := t.db.Raw("SELECT * FROM variants WHERE id IN ? ORDER BY id"+t.lock("FOR UPDATE"), distinct(variantIDs)).Scan(&list).Error; err != nil {
		return nil, nil, err
	}
	variants := make(map[int64]models.Variant, len(list))
	for _, v := range list {
		variants[v.ID] = v
	}
	var restocks []models.Restock
	if err := t.db.Raw("SELECT * "+open+"claimed_at, id"+t.lock("FOR UPDATE"), pageIDs, millis(t.now)).Scan(&restocks).Error; err != nil {
		return nil, nil, err
	}
	byPage := map[string][]models.Restock{}
	for _, r := range restocks {
		if _, held := variants[r.VariantID]; held && len(byPage[r.PageID]) < maxRestocksAClaim {
			byPage[r.PageID] = append(byPage[r.PageID], r)
		}
	}
	return variants, byPage, nil
}

// claimRestock takes at most limit tokens of one restock.
func (t *Tx) claimRestock(c *pageClaim, s *models.Restock, variant models.Variant, limit int, all *claims) error {
	if ready, err := t.readyRestock(c.Page, s, variant); err != nil || !ready {
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
	r.Claimed += len(due)
	r.CursorAt, r.CursorID = s.CursorAt, s.CursorID
	all.variants.add(variant.ID, -len(due))
	all.counters.add(pageCounter{c.Page.ID, countToken + string(models.TokenWaiting)}, -len(due))
	all.counters.add(pageCounter{c.Page.ID, countToken + string(models.TokenClaimed)}, len(due))
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
			if err := t.SaveRestock(*s); err != nil {
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
		if err := t.SaveRestock(*s); err != nil {
			return false, err
		}
	}
	return true, nil
}

// candidates selects up to limit waiting tokens of a restock: those released and due, then those behind the cursor.
// A token whose contact was notified of something else a moment ago is put off (rule 5.9).
func (t *Tx) candidates(c *pageClaim, s *models.Restock, limit int) ([]dueToken, error) {
	const waiting = dueColumns + "WHERE k.variant_id = ? AND k.state = 'waiting' AND k.expires_at > ? "
	usable := millis(t.now.Add(models.TokenMargin))
	lock := t.lock("FOR UPDATE OF k SKIP LOCKED")
	var list []dueToken
	err := t.db.Raw(waiting+"AND k.next_at > 0 AND k.next_at <= ? ORDER BY k.granted_at, k.id LIMIT ?"+lock,
		s.VariantID, usable, millis(t.now), limit).Scan(&list).Error
	if err != nil {
		return nil, err
	}
	if left := limit - len(list); left > 0 {
		var fresh []dueToken
		if s.NewestFirst {
			err = t.db.Raw(waiting+"AND k.next_at = 0 ORDER BY k.granted_at DESC, k.id DESC LIMIT ?"+lock, s.VariantID, usable, left).Scan(&fresh).Error
		} else {
			err = t.db.Raw(waiting+"AND k.next_at = 0 AND (k.granted_at, k.id) > (?, ?) ORDER BY k.granted_at, k.id LIMIT ?"+lock,
				s.VariantID, usable, s.CursorAt, s.CursorID, left).Scan(&fresh).Error
		}
		if err != nil {
			return nil, err
		}
		if n := len(fresh); n > 0 && !s.NewestFirst {
			s.CursorAt, s.CursorID = millis(fresh[n-1].GrantedAt), fresh[n-1].ID
		}
		list = append(list, fresh...)
	}
	spacing := c.Page.Settings.Spacing()
	var (
		due     []dueToken
		tooSoon []int64
	)
	for _, k := range list {
		if spacing > 0 && c.notified[k.ContactID] || (k.NotifiedAt > 0 && fromMillis(k.NotifiedAt).Add(spacing).After(t.now)) {
			tooSoon = append(tooSoon, k.ID)
			continue
		}
		c.notified[k.ContactID] = true
		due = append(due, k)
	}
	if len(tooSoon) > 0 {
		err = t.db.Exec("UPDATE tokens SET next_at = ? WHERE id IN ?", millis(t.now.Add(spacing)), tooSoon).Error
	}
	return due, err
}

// writeClaims moves the due tokens of every Page to claimed, writes their attempts and counts, and opens their secrets.
func (t *Tx) writeClaims(ctx context.Context, pages []*pageClaim, all *claims, lease time.Duration) error {
	type row struct {
		Token   int64 `json:"t"`
		Restock int64 `json:"r"`
	}
	var (
		rows                 []row
		contacts, variantIDs []int64
	)
	for _, c := range pages {
		for _, k := range c.due {
			rows = append(rows, row{k.ID, k.RestockID})
			contacts, variantIDs = append(contacts, k.ContactID), append(variantIDs, k.VariantID)
		}
	}
	restocks := make([]restockClaim, 0, len(all.byRestock))
	for _, r := range all.byRestock {
		restocks = append(restocks, *r)
	}
	err := change(t, `UPDATE restocks SET claimed = claimed + r.c, unknown = unknown + r.u, claimed_at = ?,
		cursor_at = CASE WHEN r.i > 0 THEN r.a ELSE cursor_at END, cursor_id = CASE WHEN r.i > 0 THEN r.i ELSE cursor_id END
		FROM % WHERE restocks.id = r.k`, "k bigint, c bigint, u bigint, a bigint, i bigint", restocks, millis(t.now))
	if err != nil || len(rows) == 0 {
		return err
	}
	if err := errors.Join(t.countVariants(all.variants), t.countPages(all.counters)); err != nil {
		return err
	}
	// Each of the rows is held by this transaction, so all of them move; the condition is what makes the claim single.
	err = change(t, `UPDATE tokens SET state = 'claimed', reason = '', state_at = ?, lease_until = ?, next_at = 0, attempts = attempts + 1,
		restock_id = r.r FROM % WHERE tokens.id = r.t AND tokens.state || '' IN ('waiting', 'unknown')`, "t bigint, r bigint", rows,
		millis(t.now), millis(t.now.Add(lease)))
	if err != nil {
		return err
	}
	written := t.db.Exec(`INSERT INTO attempts (token_id, number, page_id, restock_id, state, at)
		SELECT id, attempts, page_id, restock_id, ?, ? FROM tokens WHERE id IN ? AND state = 'claimed'`, models.AttemptPending, millis(t.now), tokenIDs(pages))
	if written.Error != nil {
		return written.Error
	}
	if int(written.RowsAffected) != len(rows) {
		return models.Errorf(models.KindInternal, "%d of %d tokens were claimed by somebody else.", len(rows)-int(written.RowsAffected), len(rows))
	}
	if err := t.db.Exec("UPDATE contacts SET notified_at = ? WHERE id IN ?", millis(t.now), distinct(contacts)).Error; err != nil {
		return err
	}
	variants, err := t.Variants(ctx, distinct(variantIDs))
	if err != nil {
		return err
	}
	for _, c := range pages {
		if c.Tokens, err = t.open(c.due, variants, t.now.Add(lease)); err != nil {
			return err
		}
	}
	return nil
}

func tokenIDs(pages []*pageClaim) []int64 {
	var ids []int64
	for _, c := range pages {
		for _, k := range c.due {
			ids = append(ids, k.ID)
		}
	}
	return ids
}

// open makes of tokens that were just claimed what a sender needs. One whose seal does not open, since somebody changed
// the database, has failed: it must not keep the others from being sent.
func (t *Tx) open(due []dueToken, variants map[int64]models.Variant, lease time.Time) ([]ClaimedToken, error) {
	list := make([]ClaimedToken, 0, len(due))
	var broken []int64
	for _, k := range due {
		secret, err := t.seal.open(tokenIdentity(k.Hash), k.Sealed)
		if err != nil {
			broken = append(broken, k.ID)
			continue
		}
		k.State, k.LeaseUntil, k.Sealed = models.TokenClaimed, lease, nil
		k.Attempts++
		list = append(list, ClaimedToken{Token: k.Token, Secret: string(secret), Variant: variants[k.VariantID],
			Contact: models.Contact{ID: k.ContactID, PageID: k.PageID, Locale: k.ContactLocale}})
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
