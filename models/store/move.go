package store

import (
	"encoding/json"

	"bentornato/models"
)

// moveBatch is change for a statement that moves tokens from one state, its last argument, and returns them as they are
// then.
func moveBatch[T any](t *Tx, sql, columns string, rows []T, at int64, from models.TokenState) ([]models.Token, error) {
	packed, err := json.Marshal(rows)
	if err != nil {
		return nil, err
	}
	return t.moved(fill(sql, t.unpack(columns))+" RETURNING "+movedColumns, at, string(packed), from)
}

// movedColumns are what countMoves must know of a token.
const movedColumns = "tokens.id, tokens.page_id, tokens.variant_id, tokens.restock_id, tokens.state, tokens.attempts, tokens.optin_id, tokens.next_optin_id"

// moved runs a statement that returns movedColumns.
func (t *Tx) moved(sql string, args ...any) (list []models.Token, err error) {
	err = t.scan(func(row scanner) error {
		var k models.Token
		err := row.Scan(&k.ID, &k.PageID, &k.VariantID, &k.RestockID, &k.State, &k.Attempts, &k.OptInID, &k.NextOptInID)
		list = append(list, k)
		return err
	}, sql, args...)
	return list, err
}

// release runs an UPDATE of claimed tokens and keeps the counts.
func (t *Tx) release(sql string, args ...any) error {
	moved, err := t.moved(sql+" RETURNING "+movedColumns, args...)
	if err != nil {
		return err
	}
	return t.countMoves(models.TokenClaimed, moved)
}

// failUnknown ends unanswered tokens that a condition selects.
func (t *Tx) failUnknown(why models.TokenReason, where string, args ...any) error {
	// What another process holds it is settling, or failing itself.
	moved, err := t.moved("UPDATE tokens SET state = 'failed', reason = ?, state_at = ? WHERE state = 'unknown' AND id "+
		t.once("SELECT id FROM tokens"+t.by("tokens_unknown")+" WHERE state = 'unknown' AND "+where+" ORDER BY id"+t.lock("FOR UPDATE SKIP LOCKED"))+" RETURNING "+movedColumns, append([]any{why, millis(t.now)}, args...)...)
	if err != nil {
		return err
	}
	return t.countMoves(models.TokenUnknown, moved)
}

// moves are tokens that left a state, by the state they left, as they are now.
type moves map[models.TokenState][]models.Token

// countMoves keeps every counter right after tokens left one state; moved holds them as they are now.
func (t *Tx) countMoves(from models.TokenState, moved []models.Token) error {
	return t.countMovesOf(moves{from: moved}, t.countRestocks)
}

// countMovesOf is countMoves for tokens that left several states, with a way of its own to count in restocks. Variants are taken
// before restocks, as claims take them; a suspect's too, although it stays claimed, since the verdict may move it.
func (t *Tx) countMovesOf(all moves, count func(map[int64]*restockDelta) error) error {
	restocks, variants := map[int64]*restockDelta{}, tally[int64]{}
	var released []int64
	sent := tally[string]{}
	for from, moved := range all {
		for _, k := range moved {
			if restocks[k.RestockID] == nil {
				restocks[k.RestockID] = &restockDelta{ID: k.RestockID}
			}
			if k.State == from { // a suspect
				variants.add(k.VariantID, 0)
				continue
			}
			if from == models.TokenClaimed && k.State == models.TokenWaiting {
				released = append(released, k.ID)
			}
			restocks[k.RestockID].add(from, -1)
			restocks[k.RestockID].add(k.State, 1)
			t.late.counters.add(pageCounter{k.PageID, countToken + string(from)}, -1)
			t.late.counters.add(pageCounter{k.PageID, countToken + string(k.State)}, 1)
			if k.State == models.TokenWaiting {
				variants.add(k.VariantID, 1)
			}
			if from == models.TokenWaiting {
				variants.add(k.VariantID, -1)
			}
			if k.State == models.TokenSent {
				sent.add(k.PageID, 1)
			}
		}
	}
	if len(restocks) == 0 {
		return nil
	}
	if err := t.countVariants(variants); err != nil {
		return err
	}
	if err := count(restocks); err != nil {
		return err
	}
	for from, moved := range all {
		if err := t.freeOptIns(from, moved); err != nil {
			return err
		}
	}
	if err := t.unspace(released); err != nil {
		return err
	}
	if err := t.countSent(sent); err != nil {
		return err
	}
	return t.withdrawGone(released)
}

// restockDelta is what moves of tokens add to a restock's counts.
type restockDelta struct {
	ID      int64 `json:"k"`
	Claimed int   `json:"c"`
	Sent    int   `json:"s"`
	Unknown int   `json:"u"`
	Failed  int   `json:"f"`
}

func (d *restockDelta) add(state models.TokenState, n int) {
	switch state {
	case models.TokenClaimed:
		d.Claimed += n
	case models.TokenSent:
		d.Sent += n
	case models.TokenUnknown:
		d.Unknown += n
	case models.TokenFailed:
		d.Failed += n
	}
}

func (t *Tx) countRestocks(by map[int64]*restockDelta) error {
	rows, ids := make([]restockDelta, 0, len(by)), make([]int64, 0, len(by))
	for id, d := range by {
		if id != 0 {
			rows, ids = append(rows, *d), append(ids, id)
		}
	}
	if err := t.hold("restocks", ids); err != nil {
		return err
	}
	return change(t, `UPDATE restocks SET claimed = claimed + r.c, sent = sent + r.s, unknown = unknown + r.u, failed = failed + r.f,
		last_sent_at = CASE WHEN r.s > 0 THEN ? ELSE last_sent_at END,
		first_sent_at = CASE WHEN r.s > 0 AND first_sent_at = 0 THEN ? ELSE first_sent_at END
		FROM % WHERE restocks.id = r.k`, "k bigint, c bigint, s bigint, u bigint, f bigint", rows, millis(t.now), millis(t.now))
}

// unspace takes back that contacts were just notified, after calls for them came to nothing: what else they wait for
// need not keep its distance from that (rule 5.9). Whoever is written or listened to at this moment keeps it all the
// same: waiting for a contact could be waiting in a circle, and it is not worth that.
func (t *Tx) unspace(tokenIDs []int64) error {
	if len(tokenIDs) == 0 {
		return nil
	}
	in, list := t.among(tokenIDs)
	return t.db.Exec(`UPDATE contacts SET notified_at = COALESCE((SELECT MAX(a.at) FROM attempts a JOIN tokens k ON k.id = a.token_id
		WHERE k.contact_id = contacts.id AND a.state IN ('pending', 'sent', 'unknown')), 0)
		WHERE id `+t.once("SELECT id FROM contacts WHERE id IN (SELECT contact_id FROM tokens WHERE id "+in+") ORDER BY id"+t.lock("FOR UPDATE SKIP LOCKED")), list).Error
}

// withdrawGone withdraws what came back unspent, where its person was erased or wrote stop since the tap: a token
// under way could not be taken back then.
func (t *Tx) withdrawGone(released []int64) error {
	if len(released) == 0 {
		return nil
	}
	const gone = "id IN ? AND EXISTS (SELECT 1 FROM contacts c WHERE c.id = tokens.contact_id AND "
	if _, err := t.endWaiting(models.TokenWithdrawn, models.TokenErased, gone+"c.erased_at > 0)", released); err != nil {
		return err
	}
	if _, err := t.endWaiting(models.TokenWithdrawn, models.TokenStop, gone+"c.stopped_at >= tokens.granted_at)", released); err != nil {
		return err
	}
	_, err := t.endWaiting(models.TokenWithdrawn, models.TokenTopicStop,
		"optin_id > 0 AND id IN ? AND EXISTS (SELECT 1 FROM recurring_optins o WHERE o.id = tokens.optin_id AND o.status <> 'active')", released)
	return err
}
