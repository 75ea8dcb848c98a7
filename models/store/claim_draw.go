package store

import (
	"encoding/json"
	"strings"

	"bentornato/models"
)

// draw is what one restock may take in one claim, and what it took.
type draw struct {
	page    *pageClaim
	restock *openRestock
	limit   int
	due     []dueToken
}

// The tokens that a restock may draw: those that were released, once their time has come, and those that were not tried
// yet, all of them or those behind the cursor. @ stands before a drawRow's fields.
const (
	drawReleased = "k.next_at > 0 AND k.next_at <= @Now"
	drawFresh    = "k.next_at = 0"
	drawBehind   = "k.next_at = 0 AND (k.granted_at, k.id) > (@CursorAt, @CursorID)"
)

// takeDue selects and holds the tokens of draws, each at most as many as its limit: those released and due, then those
// that were not tried yet, which moves the cursor on.
func (t *Tx) takeDue(draws []*draw) error {
	var again, fresh, newest []*draw
	for _, d := range draws {
		if d.restock.again {
			again = append(again, d)
		}
	}
	if err := t.take(again, drawReleased, ""); err != nil {
		return err
	}
	for _, d := range draws {
		switch {
		case len(d.due) == d.limit || !d.restock.fresh:
		case d.restock.NewestFirst:
			newest = append(newest, d)
		default:
			fresh = append(fresh, d)
		}
	}
	if err := t.take(newest, drawFresh, " DESC"); err != nil {
		return err
	}
	released := make([]int, len(fresh))
	for i, d := range fresh {
		released[i] = len(d.due)
	}
	err := t.take(fresh, drawBehind, "")
	for i, d := range fresh {
		if n := len(d.due); n > released[i] {
			d.restock.CursorAt, d.restock.CursorID = millis(d.due[n-1].GrantedAt), d.due[n-1].ID
		}
	}
	return err
}

// drawRow is a draw on its way into a statement.
type drawRow struct {
	Number   int   `json:"number"`
	Variant  int64 `json:"variant"`
	Restock  int64 `json:"restock"`
	Now      int64 `json:"now"`
	Usable   int64 `json:"usable"`
	CursorAt int64 `json:"cursorat"`
	CursorID int64 `json:"cursorid"`
	Most     int   `json:"most"`
}

const drawColumns = "number int, variant bigint, restock bigint, now bigint, usable bigint, cursorat bigint, cursorid bigint, most int"

// take adds tokens to draws, in the order of granting. On PostgreSQL one statement serves them all, since each costs a way
// there and back; SQLite, which is spared that, has no LATERAL and one statement a draw.
func (t *Tx) take(draws []*draw, which, order string) error {
	if len(draws) == 0 {
		return nil
	}
	rows := make([]drawRow, len(draws))
	for i, d := range draws {
		rows[i] = drawRow{Number: i, Variant: d.restock.VariantID, Restock: d.restock.ID, Now: millis(t.now), Usable: millis(t.now.Add(models.TokenMargin)),
			CursorAt: d.restock.CursorAt, CursorID: d.restock.CursorID, Most: d.limit - len(d.due)}
	}
	sorted := func(table string) string {
		return " ORDER BY " + table + ".granted_at" + order + ", " + table + ".id" + order
	}
	// The difference is not written as "<>", since PostgreSQL believes that nothing is unlike a number which nearly all rows have: for the
	// few that it then expects it gathers and sorts everybody who waits, instead of following the index to the first of them.
	sql := "SELECT @Number AS draw, " + dueColumns + "WHERE k.variant_id = @Variant AND k.state = 'waiting' AND k.expires_at > @Usable AND k.not_restock - @Restock <> 0 AND " +
		which + sorted("k") + " LIMIT @Most"
	if t.dialect == dialectPostgres {
		packed, err := json.Marshal(rows)
		if err != nil {
			return err
		}
		due, err := t.due("SELECT d.* FROM "+t.unpack(drawColumns)+" CROSS JOIN LATERAL ("+strings.ReplaceAll(sql, "@", "r.")+" FOR UPDATE OF k, c SKIP LOCKED) d"+sorted("d"), string(packed))
		for _, k := range due {
			draws[k.draw].due = append(draws[k.draw].due, k)
		}
		return err
	}
	for i, d := range draws {
		due, err := t.due(sql, rows[i])
		if err != nil {
			return err
		}
		d.due = append(d.due, due...)
	}
	return nil
}

// takeDraw counts what a draw took, but for what must be put off.
func (t *Tx) takeDraw(d *draw, all *claims) error {
	c, s := d.page, d.restock
	if len(d.due) == 0 {
		return nil
	}
	due, err := t.capped(c, d.due)
	if err == nil {
		due, err = t.spaced(c, due)
	}
	if err != nil {
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
