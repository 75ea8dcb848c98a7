package store

import (
	"context"
	"maps"
	"slices"
	"time"

	"bentornato/models"
)

// maxRestocksAClaim bounds how many restocks of one Page that somebody waits for share a claim; the one that waited longest comes first.
const maxRestocksAClaim = 16

// claimRestocks takes tokens of running restocks, in the order of rule 5.4. A Page's slots are shared among those of its
// restocks that somebody waits for: a long one does not keep a short one waiting.
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
	byPage, err := t.openWork(ctx, ids, all)
	if err != nil {
		return err
	}
	if err := t.holdUnready(byPage, all); err != nil {
		return err
	}
	var draws []*draw
	for _, c := range pages {
		if draws, err = t.share(c, byPage[c.Page.ID], draws); err != nil {
			return err
		}
	}
	if err := t.takeDue(draws); err != nil {
		return err
	}
	for _, d := range draws {
		if err := t.takeDraw(d, all); err != nil {
			return err
		}
	}
	return nil
}

// holdUnready holds all restocks of a claim from the beginning where readyRestock will write to one of them. Elsewhere they are
// left to the results until the claim is counted in them.
func (t *Tx) holdUnready(byPage map[string][]openRestock, all *claims) error {
	ids, unready := slices.Collect(maps.Keys(all.byRestock)), false
	for _, open := range byPage {
		for _, s := range open {
			ids, unready = append(ids, s.ID), unready || s.unready(t.now)
		}
	}
	if !unready {
		return nil
	}
	return t.hold("restocks", ids)
}

// share adds a draw for each of a Page's restocks that is ready and that somebody waits for.
func (t *Tx) share(c *pageClaim, open []openRestock, draws []*draw) ([]*draw, error) {
	ready := make([]*openRestock, 0, len(open))
	for i := range open {
		s := &open[i]
		if is, err := t.readyRestock(c.Page, s); err != nil {
			return nil, err
		} else if is && s.awaited() {
			ready = append(ready, s)
		}
	}
	left := c.left()
	for i, s := range ready {
		limit := (left + len(ready) - i - 1) / (len(ready) - i)
		if s.Limited() {
			limit = min(limit, s.Left())
		}
		if limit > 0 {
			left -= limit
			draws = append(draws, &draw{page: c, restock: s, limit: limit})
		}
	}
	return draws, nil
}

// openRestock is a restock that may claim now, and what it is about.
type openRestock struct {
	models.Restock
	variant models.Variant
	// fresh: tokens wait that were not tried yet. again: tokens that were released may be tried again by now.
	fresh, again bool
}

func (s *openRestock) awaited() bool { return s.fresh || s.again }

// unready reports whether a restock is to be written to before it may claim; see readyRestock.
func (s *openRestock) unready(now time.Time) bool {
	return !s.variant.InStock() || s.State != models.RestockRunning || s.waveDue(now)
}

func (s *openRestock) waveDue(now time.Time) bool { return s.Limited() && !s.NextWaveAt.After(now) }

// openWork returns the restocks that may claim now and holds their variants. Those that a stock report or a tap holds at
// this moment are left for the next claim. The restocks themselves are not held, since results are counted in the same
// rows all the time; what of them a claim goes by is changed only by who holds the variant or the Page's rate, but for
// their state: see countClaims.
func (t *Tx) openWork(ctx context.Context, pageIDs []string, all *claims) (map[string][]openRestock, error) {
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
	if err := t.holdVariants(variantIDs, all.held); err != nil {
		return nil, err
	}
	byPage, awaited := map[string][]openRestock{}, tally[string]{}
	fresh := t.by("tokens_waiting") + " WHERE k.variant_id = s.variant_id AND k.state = 'waiting' AND k.next_at = 0 AND k.expires_at > ? AND k.not_restock <> s.id"
	usable := millis(t.now.Add(models.TokenMargin))
	err = t.scan(func(row scanner) error {
		var (
			s        openRestock
			nextWave int64
		)
		err := row.Scan(&s.ID, &s.PageID, &s.VariantID, &s.State, &s.Budget, &s.Wave, &nextWave, &s.NewestFirst, &s.Approved,
			&s.Claimed, &s.Sent, &s.Unknown, &s.Failed, &s.CursorAt, &s.CursorID, &s.fresh, &s.again)
		s.NextWaveAt = fromMillis(nextWave)
		if s.awaited() {
			awaited.add(s.PageID, 1)
		}
		var held bool
		if s.variant, held = all.held[s.VariantID]; held && awaited[s.PageID] <= maxRestocksAClaim {
			byPage[s.PageID] = append(byPage[s.PageID], s)
		}
		return err
	}, `SELECT s.id, s.page_id, s.variant_id, s.state, s.budget, s.wave, s.next_wave_at, s.newest_first, s.approved,
		s.claimed, s.sent, s.unknown, s.failed, s.cursor_at, s.cursor_id,
		CASE WHEN s.newest_first THEN EXISTS (SELECT 1 FROM tokens k`+fresh+`) ELSE EXISTS (SELECT 1 FROM tokens k`+fresh+` AND (k.granted_at, k.id) > (s.cursor_at, s.cursor_id)) END,
		EXISTS (SELECT 1 FROM tokens k`+t.by("tokens_released")+` WHERE k.variant_id = s.variant_id AND k.state = 'waiting' AND k.next_at > 0 AND k.next_at <= ?)
		FROM restocks s WHERE s.page_id `+in+" AND "+openNow+" ORDER BY s.claimed_at, s.id", usable, usable, now, list, now)
	return byPage, err
}

// holdVariants holds variants, all but those that somebody else holds, and adds them to held.
func (t *Tx) holdVariants(ids []int64, held map[int64]models.Variant) error {
	in, list := t.among(distinct(ids))
	var found []models.Variant
	if err := t.db.Raw("SELECT * FROM variants WHERE id "+in+t.lock("FOR UPDATE SKIP LOCKED"), list).Scan(&found).Error; err != nil {
		return err
	}
	for _, v := range found {
		held[v.ID] = v
	}
	return nil
}

// readyRestock brings a restock to the point where tokens may be claimed for it, and reports whether it got there:
// the hold-down is over, nobody must say yes first, the item is still there, and a due wave is opened.
func (t *Tx) readyRestock(page models.Page, s *openRestock) (bool, error) {
	v := s.variant
	if !v.InStock() {
		_, err := t.MoveRestock(s.ID, s.State, models.RestockStopped, models.RestockSoldOutAgain)
		return false, err
	}
	if s.State == models.RestockHeld {
		if s.Limited() {
			// The stock may have fallen while it was held; what is there now is what the first wave is reckoned from.
			s.Budget = models.WaveBudget(v.Stock(), v.TokensPerUnit)
			if err := t.saveWave(s.Restock); err != nil {
				return false, err
			}
		}
		s.State = models.StateAfterHold(page.Settings.For(v), v, s.Restock)
		if moved, err := t.MoveRestock(s.ID, models.RestockHeld, s.State, ""); err != nil || !moved {
			return false, err
		}
	}
	if s.State != models.RestockRunning {
		return false, nil
	}
	// A wave that quiet hours or the rate kept from its tokens gives way to the next: both at once would spend two
	// waves' tokens on one wave's stock.
	if s.waveDue(t.now) {
		s.Budget = models.NextBudget(s.Taken(), v.Stock(), v.TokensPerUnit)
		if s.Taken() > 0 {
			s.Wave++
		}
		s.NextWaveAt = t.now.Add(page.Settings.For(v).WaveInterval())
		if err := t.saveWave(s.Restock); err != nil {
			return false, err
		}
	}
	return true, nil
}

func (t *Tx) saveWave(s models.Restock) error {
	return t.db.Exec("UPDATE restocks SET budget = ?, wave = ?, next_wave_at = ? WHERE id = ?", s.Budget, s.Wave, millis(s.NextWaveAt), s.ID).Error
}

// claims gathers what a claim changes beside the tokens themselves, to be written in a few statements.
type claims struct {
	variants  tally[int64]
	byRestock map[int64]*restockClaim
	// held are the variants that are claimed for, as far as the claim has read them.
	held map[int64]models.Variant
}

// restockClaim is what a claim changes of a restock.
type restockClaim struct {
	ID       int64 `json:"k"`
	Claimed  int   `json:"c"`
	Unknown  int   `json:"u"`
	CursorAt int64 `json:"a"`
	CursorID int64 `json:"i"`
	// running: it must still be so when the claim is written.
	running bool
}

func (c *claims) restock(id int64) *restockClaim {
	if c.byRestock[id] == nil {
		c.byRestock[id] = &restockClaim{ID: id}
	}
	return c.byRestock[id]
}

// errRestockMoved is a claim for a restock that was paused, cancelled or stopped while the claim was put together.
var errRestockMoved = models.Errorf(models.KindConflict, "The restock was changed at the same moment; it is claimed for again.")

// countClaims writes what was claimed of each restock. It comes last: results wait for the same rows.
func (t *Tx) countClaims(all *claims) error {
	var running, others []restockClaim
	if err := t.hold("restocks", slices.Collect(maps.Keys(all.byRestock))); err != nil {
		return err
	}
	for _, r := range all.byRestock {
		if r.running {
			running = append(running, *r)
		} else {
			others = append(others, *r)
		}
	}
	counted, err := t.countClaim(running, " AND restocks.state || '' = 'running'")
	if err != nil {
		return err
	}
	if counted < len(running) {
		return errRestockMoved
	}
	_, err = t.countClaim(others, "")
	return err
}

func (t *Tx) countClaim(rows []restockClaim, and string) (int, error) {
	return changed(t, `UPDATE restocks SET claimed = claimed + r.c, unknown = unknown + r.u, claimed_at = ?,
		cursor_at = CASE WHEN r.i > 0 THEN r.a ELSE cursor_at END, cursor_id = CASE WHEN r.i > 0 THEN r.i ELSE cursor_id END
		FROM % WHERE restocks.id = r.k`+and, "k bigint, c bigint, u bigint, a bigint, i bigint", rows, millis(t.now))
}
