package store

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"gorm.io/gorm"

	"bentornato/models"
)

// ClaimQuery says for which Page to claim and how far ahead.
type ClaimQuery struct {
	PageID string
	// Horizon is how far ahead slots of the Page's rate are taken. What is claimed will be sent even if the item
	// sells out meanwhile, so it is short.
	Horizon time.Duration
	// Lease is how long this process may hold what it claimed before it counts as dead.
	Lease time.Duration
	// Max bounds the messages and tokens of one claim.
	Max int
	// Skip names restocks that must not be claimed from now: their message is malformed.
	Skip []int64
}

// ClaimedMessage is a message that this process now holds.
type ClaimedMessage struct {
	models.Message
	Contact models.Contact
	Slot    time.Time
}

// ClaimedToken is a token that this process now holds, its attempt written.
type ClaimedToken struct {
	models.Token
	Secret  string
	Contact models.Contact
	Variant models.Variant
	Slot    time.Time
}

// Claimed is what one claim brought: messages first, then tokens, each with the moment at which it may be sent.
type Claimed struct {
	Page     models.Page
	Messages []ClaimedMessage
	Tokens   []ClaimedToken
	// Interval is the time between two slots.
	Interval time.Duration
	// Full is true where the rate, not the work, was the end of it.
	Full bool
}

// rateHeadroom keeps the rate below the setting by what the jitter of network and scheduler may push together: no
// second at the platform sees more than the setting (rule 6.5), and 2 % is little to give for it.
const rateHeadroom = 0.98

// Recovery of a Page's rate after the platform asked for less: so much of the setting comes back in so long.
const (
	recoverStep  = 10 // percent
	recoverEvery = 30 * time.Second
	minPercent   = 10
)

type pageRate struct {
	NextUS    int64 `gorm:"column:next_us"`
	Percent   int
	PercentAt int64
	HoldUntil int64
}

func (p pageRate) percent(now time.Time) int {
	if p.Percent >= 100 {
		return 100
	}
	steps := int(now.Sub(fromMillis(p.PercentAt)) / recoverEvery)
	return min(100, p.Percent+max(0, steps)*recoverStep)
}

// Claim takes what a Page may send next: slots of its rate, then messages by rank, then answers outstanding too
// long, then tokens of running restocks. Claims and attempts are committed when it returns, before any call
// (rule 6.1). The Page's rate row is locked throughout, which also keeps processes from each other's cursors; a
// Page that another process is claiming for is passed over.
func (s *Store) Claim(ctx context.Context, q ClaimQuery) (Claimed, error) {
	var c Claimed
	err := s.Update(ctx, func(t *Tx) error {
		var err error
		c, err = t.claim(ctx, q)
		return err
	})
	return c, err
}

func (t *Tx) claim(ctx context.Context, q ClaimQuery) (Claimed, error) {
	var (
		c    Claimed
		rate pageRate
	)
	err := t.db.Raw("SELECT next_us, percent, percent_at, hold_until FROM page_rates WHERE page_id = ?"+t.lock("FOR UPDATE SKIP LOCKED"), q.PageID).First(&rate).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return c, nil
	}
	if err != nil {
		return c, err
	}
	if c.Page, err = t.Page(ctx, q.PageID); err != nil {
		return c, err
	}
	if c.Page.State != models.PageActive || rate.HoldUntil > millis(t.now) {
		return c, nil
	}
	interval := int64(1e6 / (float64(c.Page.Rate) * rateHeadroom * float64(rate.percent(t.now)) / 100))
	c.Interval = time.Duration(interval) * time.Microsecond
	start := max(rate.NextUS, t.now.UnixMicro())
	slots := 0
	if end := t.now.Add(q.Horizon).UnixMicro(); start <= end {
		slots = min(q.Max, 1+int((end-start)/interval))
	}
	if slots == 0 {
		c.Full = true
		return c, nil
	}
	if c.Messages, err = t.claimMessages(ctx, q, slots); err != nil {
		return c, err
	}
	if left := slots - len(c.Messages); left > 0 {
		if c.Tokens, err = t.claimTokens(ctx, c.Page, q, left); err != nil {
			return c, err
		}
	}
	used := len(c.Messages) + len(c.Tokens)
	c.Full = used == slots
	if used == 0 {
		return c, nil
	}
	slot := func(i int) time.Time { return time.UnixMicro(start + int64(i)*interval).UTC() }
	for i := range c.Messages {
		c.Messages[i].Slot = slot(i)
	}
	for i := range c.Tokens {
		c.Tokens[i].Slot = slot(len(c.Messages) + i)
	}
	return c, t.db.Exec("UPDATE page_rates SET next_us = ? WHERE page_id = ?", start+int64(used)*interval, q.PageID).Error
}

func (t *Tx) claimMessages(ctx context.Context, q ClaimQuery, limit int) ([]ClaimedMessage, error) {
	var list []models.Message
	// An array keeps PostgreSQL from running the subquery again for every row.
	in := "IN (%)"
	if t.dialect == dialectPostgres {
		in = "= ANY(ARRAY(%))"
	}
	err := t.db.Raw(`UPDATE messages SET state = ?, attempts = attempts + 1, lease_until = ?, state_at = ?
		WHERE state = ? AND id `+fill(in, `SELECT id FROM messages WHERE page_id = ? AND state = 'queued' AND next_at <= ? ORDER BY rank, send_before, id LIMIT ?`+t.lock("FOR UPDATE SKIP LOCKED"))+` RETURNING *`,
		models.MessageClaimed, millis(t.now.Add(q.Lease)), millis(t.now), models.MessageQueued, q.PageID, millis(t.now), limit).Scan(&list).Error
	if err != nil || len(list) == 0 {
		return nil, err
	}
	slices.SortFunc(list, func(a, b models.Message) int {
		return cmp.Or(cmp.Compare(a.Rank, b.Rank), a.SendBefore.Compare(b.SendBefore), cmp.Compare(a.ID, b.ID))
	})
	ids := make([]int64, len(list))
	for i, m := range list {
		ids[i] = m.ContactID
	}
	contacts, err := t.contacts(ctx, ids)
	claimed := make([]ClaimedMessage, len(list))
	for i, m := range list {
		claimed[i] = ClaimedMessage{Message: m, Contact: contacts[m.ContactID]}
	}
	return claimed, err
}

func (r Reader) contacts(ctx context.Context, ids []int64) (map[int64]models.Contact, error) {
	var list []models.Contact
	if err := r.with(ctx).Raw("SELECT * FROM contacts WHERE id IN ?", ids).Scan(&list).Error; err != nil {
		return nil, translate(err)
	}
	byID := make(map[int64]models.Contact, len(list))
	for _, c := range list {
		byID[c.ID] = c
	}
	return byID, nil
}

// maxRestocksAClaim bounds how many restocks of one Page share a claim; the one that waited longest comes first.
const maxRestocksAClaim = 16

func (t *Tx) claimTokens(ctx context.Context, page models.Page, q ClaimQuery, limit int) ([]ClaimedToken, error) {
	claimed, err := t.claimUnknown(ctx, q, limit)
	if err != nil || len(claimed) >= limit {
		return claimed, err
	}
	if _, quiet := models.QuietUntil(page, t.now); quiet {
		return claimed, nil
	}
	var open []models.Restock
	err = t.db.Raw("SELECT * FROM restocks WHERE page_id = ? AND state IN ('held', 'running') AND start_at <= ? ORDER BY claimed_at, id LIMIT ?",
		q.PageID, millis(t.now), maxRestocksAClaim).Scan(&open).Error
	if err != nil {
		return nil, err
	}
	for i, s := range open {
		if slices.Contains(q.Skip, s.ID) {
			continue
		}
		left := limit - len(claimed)
		share := (left + len(open) - i - 1) / (len(open) - i)
		if share == 0 {
			break
		}
		more, err := t.claimRestock(ctx, page, s, q, share)
		if err != nil {
			return nil, err
		}
		claimed = append(claimed, more...)
	}
	return claimed, nil
}

// claimUnknown takes tokens whose call got no answer and no echo within the grace: they are tried once more (rule
// 6.3), as long as the item is there.
func (t *Tx) claimUnknown(ctx context.Context, q ClaimQuery, limit int) ([]ClaimedToken, error) {
	var due []models.Token
	err := t.db.Raw(`SELECT k.* FROM tokens k JOIN variants v ON v.id = k.variant_id
		WHERE k.page_id = ? AND k.state = 'unknown' AND k.next_at <= ? AND k.unanswered < 2 AND v.deleted_at = 0
		AND (v.quantity_unknown OR v.available >= v.min_stock) AND k.expires_at > ?
		ORDER BY k.next_at, k.id LIMIT ?`+t.lock("FOR UPDATE OF k SKIP LOCKED"),
		q.PageID, millis(t.now), millis(t.now.Add(models.TokenMargin)), limit).Scan(&due).Error
	if err != nil || len(due) == 0 {
		return nil, err
	}
	byRestock := tally[int64]{}
	for _, k := range due {
		byRestock.add(k.RestockID, 1)
	}
	for restock, n := range byRestock {
		if err := t.db.Exec("UPDATE restocks SET unknown = unknown - ?, claimed = claimed + ? WHERE id = ?", n, n, restock).Error; err != nil {
			return nil, err
		}
	}
	if err := errors.Join(t.count(q.PageID, countToken+string(models.TokenUnknown), -len(due)),
		t.count(q.PageID, countToken+string(models.TokenClaimed), len(due))); err != nil {
		return nil, err
	}
	return t.hold(ctx, due, models.TokenUnknown, 0, q.Lease)
}

// claimRestock takes at most limit tokens of one restock, in the order of rule 5.4.
func (t *Tx) claimRestock(ctx context.Context, page models.Page, s models.Restock, q ClaimQuery, limit int) ([]ClaimedToken, error) {
	variant, err := t.LockVariant(s.VariantID)
	if err != nil {
		return nil, err
	}
	if s, err = t.TakeRestock(s.ID); err != nil {
		return nil, err
	}
	if ready, err := t.readyRestock(page, &s, variant); err != nil || !ready {
		return nil, err
	}
	if s.Limited() {
		limit = min(limit, s.Left())
	}
	if limit <= 0 {
		return nil, nil
	}
	cursor := s.CursorID
	due, err := t.candidates(page, &s, limit)
	if err != nil || (len(due) == 0 && s.CursorID == cursor) {
		return nil, err
	}
	err = t.db.Exec("UPDATE restocks SET claimed = claimed + ?, cursor_at = ?, cursor_id = ?, claimed_at = ? WHERE id = ?",
		len(due), s.CursorAt, s.CursorID, millis(t.now), s.ID).Error
	if err != nil || len(due) == 0 {
		return nil, err
	}
	if err := errors.Join(t.countWaiting(variant.ID, -len(due)),
		t.count(q.PageID, countToken+string(models.TokenWaiting), -len(due)),
		t.count(q.PageID, countToken+string(models.TokenClaimed), len(due))); err != nil {
		return nil, err
	}
	return t.hold(ctx, due, models.TokenWaiting, s.ID, q.Lease)
}

// readyRestock brings a restock to the point where tokens may be claimed for it, and reports whether it got there:
// the hold-down is over, nobody must say yes first, the item is still there, and a due wave is opened.
func (t *Tx) readyRestock(page models.Page, s *models.Restock, v models.Variant) (bool, error) {
	if !v.InStock() {
		_, err := t.MoveRestock(s.ID, s.State, models.RestockStopped, models.RestockSoldOutAgain)
		return false, err
	}
	if s.State == models.RestockHeld {
		s.State = models.StateAfterHold(page.Settings, v, *s)
		if moved, err := t.MoveRestock(s.ID, models.RestockHeld, s.State, ""); err != nil || !moved {
			return false, err
		}
	}
	if s.State != models.RestockRunning {
		return false, nil
	}
	if s.Limited() && s.Left() <= 0 && !s.NextWaveAt.After(t.now) {
		s.Budget = models.NextBudget(s.Taken(), v.Stock(), v.TokensPerUnit)
		s.Wave++
		s.NextWaveAt = t.now.Add(page.Settings.WaveInterval())
		if err := t.SaveRestock(*s); err != nil {
			return false, err
		}
	}
	return true, nil
}

// candidates selects up to limit waiting tokens of a restock: those released and due, then those behind the cursor.
// A token whose contact was notified of something else a moment ago is put off (rule 5.9).
func (t *Tx) candidates(page models.Page, s *models.Restock, limit int) ([]models.Token, error) {
	type candidate struct {
		models.Token
		NotifiedAt int64
	}
	const columns = `SELECT k.*, c.notified_at FROM tokens k JOIN contacts c ON c.id = k.contact_id
		WHERE k.variant_id = ? AND k.state = 'waiting' AND k.expires_at > ? `
	usable := millis(t.now.Add(models.TokenMargin))
	lock := t.lock("FOR UPDATE OF k SKIP LOCKED")
	var list []candidate
	err := t.db.Raw(columns+"AND k.next_at > 0 AND k.next_at <= ? ORDER BY k.granted_at, k.id LIMIT ?"+lock,
		s.VariantID, usable, millis(t.now), limit).Scan(&list).Error
	if err != nil {
		return nil, err
	}
	if left := limit - len(list); left > 0 {
		var fresh []candidate
		if s.NewestFirst {
			err = t.db.Raw(columns+"AND k.next_at = 0 ORDER BY k.granted_at DESC, k.id DESC LIMIT ?"+lock, s.VariantID, usable, left).Scan(&fresh).Error
		} else {
			err = t.db.Raw(columns+"AND k.next_at = 0 AND (k.granted_at, k.id) > (?, ?) ORDER BY k.granted_at, k.id LIMIT ?"+lock,
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
	spacing := page.Settings.Spacing()
	var due []models.Token
	var tooSoon []int64
	seen := map[int64]bool{}
	for _, k := range list {
		if seen[k.ContactID] || (k.NotifiedAt > 0 && fromMillis(k.NotifiedAt).Add(spacing).After(t.now)) {
			tooSoon = append(tooSoon, k.ID)
			continue
		}
		seen[k.ContactID] = spacing > 0
		due = append(due, k.Token)
	}
	if len(tooSoon) > 0 {
		err = t.db.Exec("UPDATE tokens SET next_at = ? WHERE id IN ?", millis(t.now.Add(spacing)), tooSoon).Error
	}
	return due, err
}

// hold moves tokens to claimed, writes their attempts and opens their secrets. restockID 0 keeps each token's own.
func (t *Tx) hold(ctx context.Context, due []models.Token, from models.TokenState, restockID int64, lease time.Duration) ([]ClaimedToken, error) {
	ids, contactIDs, variantIDs := make([]int64, len(due)), make([]int64, len(due)), make([]int64, len(due))
	for i, k := range due {
		ids[i], contactIDs[i], variantIDs[i] = k.ID, k.ContactID, k.VariantID
	}
	res := t.db.Exec(`UPDATE tokens SET state = ?, reason = '', state_at = ?, lease_until = ?, next_at = 0, attempts = attempts + 1,
		restock_id = CASE WHEN ? > 0 THEN ? ELSE restock_id END WHERE id IN ? AND state = ?`,
		models.TokenClaimed, millis(t.now), millis(t.now.Add(lease)), restockID, restockID, ids, from)
	if res.Error != nil {
		return nil, res.Error
	}
	if int(res.RowsAffected) != len(due) {
		return nil, models.Errorf(models.KindInternal, "%d of %d tokens were claimed by somebody else.", len(due)-int(res.RowsAffected), len(due))
	}
	if err := t.db.Exec(`INSERT INTO attempts (token_id, number, page_id, restock_id, state, at)
		SELECT id, attempts, page_id, restock_id, ?, ? FROM tokens WHERE id IN ?`, models.AttemptPending, millis(t.now), ids).Error; err != nil {
		return nil, err
	}
	if err := t.db.Exec("UPDATE contacts SET notified_at = ? WHERE id IN ?", millis(t.now), contactIDs).Error; err != nil {
		return nil, err
	}
	contacts, err := t.contacts(ctx, contactIDs)
	if err != nil {
		return nil, err
	}
	slices.Sort(variantIDs)
	variants, err := t.Variants(ctx, slices.Compact(variantIDs))
	if err != nil {
		return nil, err
	}
	claimed := make([]ClaimedToken, len(due))
	for i, k := range due {
		secret, err := t.seal.open(tokenIdentity(k.Hash), k.Sealed)
		if err != nil {
			return nil, err
		}
		k.State, k.Attempts, k.LeaseUntil = models.TokenClaimed, k.Attempts+1, t.now.Add(lease)
		if restockID > 0 {
			k.RestockID = restockID
		}
		k.Sealed = nil
		claimed[i] = ClaimedToken{Token: k, Secret: string(secret), Contact: contacts[k.ContactID], Variant: variants[k.VariantID]}
	}
	return claimed, nil
}

// fill puts words in the place of the % of a pattern.
func fill(pattern, words string) string {
	for i := range pattern {
		if pattern[i] == '%' {
			return pattern[:i] + words + pattern[i+1:]
		}
	}
	return pattern
}

// PagesWithWork lists the active Pages that may have something to claim now.
func (r Reader) PagesWithWork(ctx context.Context, now time.Time) ([]string, error) {
	var ids []string
	err := r.with(ctx).Raw(`SELECT p.id FROM pages p WHERE p.state = 'active' AND (
		EXISTS (SELECT 1 FROM messages m WHERE m.page_id = p.id AND m.state = 'queued' AND m.next_at <= ?)
		OR EXISTS (SELECT 1 FROM restocks s WHERE s.page_id = p.id AND s.state IN ('held', 'running') AND s.start_at <= ?)
		OR EXISTS (SELECT 1 FROM tokens k WHERE k.page_id = p.id AND k.state = 'unknown' AND k.next_at <= ?))`,
		millis(now), millis(now), millis(now)).Scan(&ids).Error
	return ids, translate(err)
}
