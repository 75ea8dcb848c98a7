package store

import (
	"context"
	"maps"
	"time"

	"bentornato/models"
)

// dueToken is a token to claim, with what is known of its contact. Of the token it has what a sender and a settlement
// need.
type dueToken struct {
	models.Token
	draw       int // which of the draws it belongs to
	notifiedAt int64
	locale     string
}

const dueColumns = `k.id, k.page_id, k.contact_id, k.variant_id, k.restock_id, k.hash, k.sealed, k.granted_at, k.expires_at,
	k.attempts, k.unsure, k.unanswered, k.suspected, k.unreachable, k.transient, k.optin_id, k.retry_until, c.notified_at, c.locale FROM tokens k JOIN contacts c ON c.id = k.contact_id `

// due reads tokens to claim: the number of a draw, and dueColumns.
func (t *Tx) due(sql string, args ...any) (list []dueToken, err error) {
	err = t.scan(func(row scanner) error {
		var (
			k                       dueToken
			granted, expires, retry int64
		)
		err := row.Scan(&k.draw, &k.ID, &k.PageID, &k.ContactID, &k.VariantID, &k.RestockID, &k.Hash, &k.Sealed, &granted, &expires,
			&k.Attempts, &k.Unsure, &k.Unanswered, &k.Suspected, &k.Unreachable, &k.Transient, &k.OptInID, &retry, &k.notifiedAt, &k.locale)
		k.GrantedAt, k.ExpiresAt, k.RetryUntil = fromMillis(granted), fromMillis(expires), fromMillis(retry)
		list = append(list, k)
		return err
	}, sql, args...)
	return list, err
}

// inStock selects the variants v that may be announced.
const inStock = "(v.deleted_at = 0 AND (v.quantity_unknown OR v.available >= v.min_stock))"

// claimUnknown takes tokens whose call got no answer and no echo within the grace: they are tried once more (rule
// 6.3), as long as the item is there and the person did not write stop. A restock that was paused or cancelled since
// does not keep them from it: what it had claimed finishes (rule 5.8).
func (t *Tx) claimUnknown(c *pageClaim, all *claims) error {
	due, err := t.due("SELECT 0, "+dueColumns+`JOIN variants v ON v.id = k.variant_id
		WHERE k.page_id = ? AND k.state = 'unknown' AND k.next_at <= ? AND k.unanswered < 2 AND `+inStock+`
		AND k.expires_at > ? AND k.granted_at > c.stopped_at
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

// writeClaims moves the due tokens of every Page to claimed, writes their attempts and counts, and opens their secrets.
func (t *Tx) writeClaims(ctx context.Context, pages []*pageClaim, all *claims, lease time.Duration) error {
	var (
		rows               []claimRow
		uses               []dueToken
		contacts, variants []int64
	)
	for _, c := range pages {
		for _, k := range c.due {
			if k.Recurring() {
				uses = append(uses, k)
			}
			rows = append(rows, claimRow{k.ID, k.Attempts + 1, k.RestockID})
			contacts = append(contacts, k.ContactID)
			if _, held := all.held[k.VariantID]; !held {
				variants = append(variants, k.VariantID)
			}
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
	others, err := t.Variants(ctx, distinct(variants))
	if err != nil {
		return err
	}
	maps.Copy(all.held, others)
	for _, c := range pages {
		if c.Tokens, err = t.open(c.due, all.held, optins, t.now.Add(lease)); err != nil {
			return err
		}
	}
	return t.countClaims(all)
}

// claimRow is an attempt of a token, for a restock, on its way into a statement.
type claimRow struct {
	Token   int64 `json:"t"`
	Number  int   `json:"n"`
	Restock int64 `json:"r"`
}

const claimColumns = "t bigint, n int, r bigint"

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
	ids := make([]int64, len(rows))
	for i, r := range rows {
		ids[i] = r.Token
	}
	in, list := t.among(ids)
	return t.db.Exec(`INSERT INTO attempts (token_id, number, page_id, restock_id, state, at)
		SELECT id, attempts, page_id, restock_id, 'pending', CAST(? AS BIGINT) FROM tokens WHERE id `+in, millis(t.now), list).Error
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
