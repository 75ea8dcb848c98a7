package store

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

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
func (t *Tx) HoldTokens(ids []int64) error {
	if t.dialect != dialectPostgres || len(ids) == 0 {
		return nil // SQLite has one writer
	}
	in, list := t.among(distinct(ids))
	return t.db.Exec("SELECT id FROM tokens WHERE id "+in+" ORDER BY id FOR UPDATE", list).Error
}

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
	if len(others) > 0 { // else the first statement takes the tokens in their order by itself
		if err := t.HoldTokens(ids); err != nil {
			return err
		}
	}
	if err := t.settleSent(sent); err != nil {
		return err
	}
	if err := t.settleOthers(others); err != nil {
		return err
	}
	return t.judge(list)
}

// settleSent writes what went out. An answer that came so late that the token's lease had ended proves it sent as well:
// the token was unknown, and no other attempt holds it.
func (t *Tx) settleSent(rows []sentRow) error {
	if len(rows) == 0 {
		return nil
	}
	slices.SortFunc(rows, func(a, b sentRow) int { return cmp.Compare(a.Token, b.Token) })
	for _, from := range []models.TokenState{models.TokenClaimed, models.TokenUnknown} {
		moved, err := moveBatch(t, `UPDATE tokens SET state = 'sent', reason = '', next_at = 0, state_at = ?, suspect = FALSE
			FROM % WHERE tokens.id = r.t AND tokens.attempts = r.n AND tokens.state || '' = ?`, sentColumns, rows, millis(t.now), from)
		if err != nil {
			return err
		}
		if err := t.countMoves(from, moved); err != nil {
			return err
		}
		if len(moved) == len(rows) {
			break // nearly always
		}
	}
	return change(t, `UPDATE attempts SET state = 'sent', message_id = r.m, settled_at = ?
		FROM % WHERE attempts.token_id = r.t AND attempts.number = r.n AND attempts.state <> 'sent'`, sentColumns, rows, millis(t.now))
}

func (t *Tx) settleOthers(rows []settleRow) error {
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
	if err != nil {
		return err
	}
	return t.countMoves(models.TokenClaimed, moved)
}

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

// countMoves keeps every counter right after tokens left one state; moved holds them as they are now.
func (t *Tx) countMoves(from models.TokenState, moved []models.Token) error {
	return t.countMovesOf(from, moved, t.countRestocks)
}

// countMovesOf is countMoves with a way of its own to count in restocks.
func (t *Tx) countMovesOf(from models.TokenState, moved []models.Token, count func(map[int64]*restockDelta) error) error {
	if len(moved) == 0 {
		return nil
	}
	restocks, variants := map[int64]*restockDelta{}, tally[int64]{}
	var released []int64
	sent := tally[string]{}
	for _, k := range moved {
		if k.State == from {
			continue
		}
		if from == models.TokenClaimed && k.State == models.TokenWaiting {
			released = append(released, k.ID)
		}
		if restocks[k.RestockID] == nil {
			restocks[k.RestockID] = &restockDelta{ID: k.RestockID}
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
	if err := t.countVariants(variants); err != nil {
		return err
	}
	if err := count(restocks); err != nil {
		return err
	}
	if err := t.freeOptIns(from, moved); err != nil {
		return err
	}
	if err := t.unspace(released); err != nil {
		return err
	}
	if err := t.countSent(sent); err != nil {
		return err
	}
	return t.withdrawGone(released)
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
	rows := make([]restockDelta, 0, len(by))
	for id, d := range by {
		if id != 0 {
			rows = append(rows, *d)
		}
	}
	slices.SortFunc(rows, func(a, b restockDelta) int { return cmp.Compare(a.ID, b.ID) })
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

// judge decides about suspects (rule 6.4). A message that went out proves the others' tokens dead; a run of
// identical refusals blames the message, pauses the restock and gives every suspect its permission back.
func (t *Tx) judge(list []models.Settlement) error {
	byRestock := map[int64][]models.Settlement{}
	var sent, suspected []int64
	for _, s := range list {
		switch {
		case s.Suspect:
			suspected = append(suspected, s.RestockID)
		case s.State == models.TokenSent:
			sent = append(sent, s.RestockID)
		default:
			continue
		}
		byRestock[s.RestockID] = append(byRestock[s.RestockID], s)
	}
	// A message that went out matters only where something was refused before it.
	var restocks []models.Restock
	inSent, sentList := t.among(distinct(sent))
	inSuspected, suspectedList := t.among(distinct(suspected))
	if err := t.db.Raw("SELECT * FROM restocks WHERE (id "+inSent+" AND refusals > 0) OR id "+inSuspected+" ORDER BY id"+t.lock("FOR UPDATE"),
		sentList, suspectedList).Scan(&restocks).Error; err != nil {
		return err
	}
	for _, r := range restocks {
		id, settled := r.ID, byRestock[r.ID]
		proven, before := false, r.Refusals
		for _, s := range settled {
			if s.State == models.TokenSent {
				proven, r.Refusals, r.RefusalCode = true, 0, ""
				continue
			}
			code := fmt.Sprintf("%d/%d", s.Answer.Code, s.Answer.Subcode)
			if code != r.RefusalCode {
				r.Refusals, r.RefusalCode = 0, code
			}
			r.Refusals++
		}
		blamed := r.State == models.RestockPaused && r.Reason == models.RestockRefusals
		enough := r.Refusals >= models.MaxRefusals
		blamed = blamed || enough // even where the restock is over: the message was no better for that
		if enough && r.State == models.RestockRunning {
			if _, err := t.MoveRestock(id, models.RestockRunning, models.RestockPaused, models.RestockRefusals); err != nil {
				return err
			}
		} else if before != r.Refusals {
			if err := t.db.Exec("UPDATE restocks SET refusals = ?, refusal_code = ? WHERE id = ?", r.Refusals, r.RefusalCode, id).Error; err != nil {
				return err
			}
		}
		var err error
		switch {
		case blamed:
			err = t.acquit("restock_id = ?", id)
		case proven:
			err = t.convict("restock_id = ?", id)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func distinct(ids []int64) []int64 {
	slices.Sort(ids)
	return slices.Compact(ids)
}

// acquit gives suspects their permission back.
func (t *Tx) acquit(where string, args ...any) error {
	return t.release(`UPDATE tokens SET state = 'waiting', reason = 'released', suspect = FALSE, suspected = suspected + 1, next_at = ?, state_at = ?
		WHERE suspect AND state = 'claimed' AND `+where, append([]any{millis(t.now), millis(t.now)}, args...)...)
}

// convict takes suspects for what the platform says they are.
func (t *Tx) convict(where string, args ...any) error {
	return t.release(`UPDATE tokens SET state = 'failed', suspect = FALSE, state_at = ? WHERE suspect AND state = 'claimed' AND `+where,
		append([]any{millis(t.now)}, args...)...)
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
			return true, t.countMovesOf(from, moved, func(restocks map[int64]*restockDelta) error {
				for _, n := range restocks {
					t.late.restock(*n)
				}
				return nil
			})
		}
	}
	return true, nil
}
