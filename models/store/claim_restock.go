package store

import (
	"cmp"
	"slices"

	"bentornato/models"
)

// claims gathers what a claim changes beside the tokens themselves, to be written in a few statements.
type claims struct {
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
	for _, r := range all.byRestock {
		if r.running {
			running = append(running, *r)
		} else {
			others = append(others, *r)
		}
	}
	counted, err := t.countClaim(running, " AND restocks.state = 'running'")
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
	slices.SortFunc(rows, func(a, b restockClaim) int { return cmp.Compare(a.ID, b.ID) })
	return changed(t, `UPDATE restocks SET claimed = claimed + r.c, unknown = unknown + r.u, claimed_at = ?,
		cursor_at = CASE WHEN r.i > 0 THEN r.a ELSE cursor_at END, cursor_id = CASE WHEN r.i > 0 THEN r.i ELSE cursor_id END
		FROM % WHERE restocks.id = r.k`+and, "k bigint, c bigint, u bigint, a bigint, i bigint", rows, millis(t.now))
}
