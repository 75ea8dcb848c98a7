package store

import (
	"context"

	"bentornato/models"
)

// sentRow is a settlement that says "sent", on its way into one statement: most are.
type sentRow struct {
	Token     int64  `json:"t"`
	Number    int    `json:"n"`
	MessageID string `json:"m"`
}

const sentColumns = "t bigint, n int, m text"

// settleRow is any other settlement, as JSON that both databases unpack.
type settleRow struct {
	Token       int64  `json:"t"`
	Number      int    `json:"n"`
	State       string `json:"s"`
	Reason      string `json:"r"`
	NextAt      int64  `json:"x"`
	Suspect     int    `json:"p"`
	Unsure      int    `json:"u"`
	Unanswered  int    `json:"w"`
	Unreachable int    `json:"h"`
	Transient   int    `json:"v"`
	Attempt     string `json:"a"`
	Code        int    `json:"c"`
	Subcode     int    `json:"b"`
	Detail      string `json:"d"`
	MessageID   string `json:"m"`
}

// settleColumns are settleRow's, as PostgreSQL has them.
const settleColumns = "t bigint, n int, s text, r text, x bigint, p int, u int, w int, h int, v int, a text, c int, b int, d text, m text"

// Settle writes what became of attempts: tokens, attempts and counts in one transaction, and with them what the
// answers say about Pages (pause, slow down) and restocks (a run of identical refusals). An attempt that no longer
// holds its token changes only its own row.
func (s *Store) Settle(ctx context.Context, list []models.Settlement) error {
	return s.Update(ctx, func(t *Tx) error { return t.settle(list) })
}

// HoldTokens holds tokens until the transaction ends. What moves many tokens calls it first: rows that everybody takes
// in one order, and before the restocks and counters they add up to, cannot be waited for in a circle.
func (t *Tx) HoldTokens(ids []int64) error { return t.hold("tokens", ids) }

func (t *Tx) settle(list []models.Settlement) error {
	var (
		sent   []sentRow
		others []settleRow
		ids    = make([]int64, len(list))
	)
	for i, s := range list {
		ids[i] = s.TokenID
		if s.State == models.TokenSent && s.Reason == "" && s.Attempt == models.AttemptSent {
			sent = append(sent, sentRow{s.TokenID, s.Number, s.Answer.MessageID})
			continue
		}
		suspect := 0
		if s.Suspect {
			suspect = 1
		}
		others = append(others, settleRow{s.TokenID, s.Number, string(s.State), string(s.Reason), millis(s.NextAt), suspect, s.Unsure, s.Unanswered,
			s.Unreachable, s.Transient, string(s.Attempt), s.Answer.Code, s.Answer.Subcode, s.Answer.Detail, s.Answer.MessageID})
	}
	// Pages come before restocks, as they do for a claim, which holds a Page's rate and then waits for its restocks.
	if err := t.heed(list); err != nil {
		return err
	}
	if err := t.HoldTokens(ids); err != nil {
		return err
	}
	all := moves{}
	if err := t.settleSent(sent, all); err != nil {
		return err
	}
	if err := t.settleOthers(others, all); err != nil {
		return err
	}
	if err := t.countMovesOf(all, t.countRestocks); err != nil {
		return err
	}
	return t.judge(list)
}

// settleSent writes what went out: the attempts, and then the tokens that they hold, which it adds to all that moves. An answer
// that came so late that the token's lease had ended proves it sent as well: the token was unknown, and no other attempt
// holds it.
func (t *Tx) settleSent(rows []sentRow, all moves) error {
	if len(rows) == 0 {
		return nil
	}
	ids := make([]int64, len(rows))
	for i, r := range rows {
		ids[i] = r.Token
	}
	err := change(t, `UPDATE attempts SET state = 'sent', message_id = r.m, settled_at = ?
		FROM % WHERE attempts.token_id = r.t AND attempts.number = r.n AND attempts.state <> 'sent'`, sentColumns, rows, millis(t.now))
	if err != nil {
		return err
	}
	in, list := t.among(ids)
	for _, from := range []models.TokenState{models.TokenClaimed, models.TokenUnknown} {
		moved, err := t.moved(`UPDATE tokens SET state = 'sent', reason = '', next_at = 0, state_at = ?, suspect = FALSE WHERE id `+in+`
			AND state || '' = ? AND EXISTS (SELECT 1 FROM attempts a WHERE a.token_id = tokens.id AND a.number = tokens.attempts AND a.state = 'sent')
			RETURNING `+movedColumns, millis(t.now), list, from)
		if err != nil {
			return err
		}
		all[from] = append(all[from], moved...)
		if len(moved) == len(rows) {
			break // nearly always
		}
	}
	return nil
}

func (t *Tx) settleOthers(rows []settleRow, all moves) error {
	if len(rows) == 0 {
		return nil
	}
	err := change(t, `UPDATE attempts SET state = r.a, code = r.c, subcode = r.b, detail = r.d, message_id = r.m, settled_at = ?
		FROM % WHERE attempts.token_id = r.t AND attempts.number = r.n AND attempts.state <> 'sent'`, settleColumns, rows, millis(t.now))
	if err != nil {
		return err
	}
	moved, err := moveBatch(t, `UPDATE tokens SET state = r.s, reason = r.r, next_at = r.x, state_at = ?, suspect = (r.p = 1),
		unsure = unsure + r.u, unanswered = unanswered + r.w, unreachable = unreachable + r.h, transient = transient + r.v
		FROM % WHERE tokens.id = r.t AND tokens.attempts = r.n AND tokens.state || '' = ?`, settleColumns, rows, millis(t.now), models.TokenClaimed)
	all[models.TokenClaimed] = append(all[models.TokenClaimed], moved...)
	return err
}

// SettleEcho settles a token by the echo that carries one of its attempts' metadata (rule 6.3), and reports whether
// the attempt is ours. An echo may overtake the answer, and proves a token sent even where the answer said that
// the call failed. It shares a transaction with many other events, during which claims and results go on, so it is counted in
// its restock only at the end.
func (t *Tx) SettleEcho(pageID string, tokenID int64, number int, mid string) (bool, error) {
	res := t.db.Exec(`UPDATE attempts SET state = 'sent', message_id = ?, settled_at = ? WHERE token_id = ? AND number = ? AND page_id = ?`,
		mid, millis(t.now), tokenID, number, pageID)
	if res.Error != nil || res.RowsAffected == 0 {
		return false, res.Error
	}
	for _, from := range []models.TokenState{models.TokenUnknown, models.TokenClaimed, models.TokenWaiting} {
		moved, err := t.moved("UPDATE tokens SET state = 'sent', reason = 'echo', suspect = FALSE, state_at = ? WHERE id = ? AND state = ? RETURNING "+movedColumns,
			millis(t.now), tokenID, from)
		if err != nil {
			return true, err
		}
		if len(moved) > 0 {
			return true, t.countMovesOf(moves{from: moved}, func(restocks map[int64]*restockDelta) error {
				for _, n := range restocks {
					t.late.restock(*n)
				}
				return nil
			})
		}
	}
	return true, nil
}
