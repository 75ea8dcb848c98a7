package store

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"bentornato/models"
)

// GrantToken stores a token that a tap brought. The same token again changes nothing, and false is returned.
func (t *Tx) GrantToken(k models.Token, secret string) (models.Token, bool, error) {
	var err error
	if k.Hash, err = t.seal.fingerprint("token/"+k.PageID, secret); err != nil {
		return k, false, err
	}
	if k.Sealed, err = t.seal.seal(tokenIdentity(k.Hash), []byte(secret)); err != nil {
		return k, false, err
	}
	k.State, k.StateAt = models.TokenWaiting, t.now
	k.ExpiresAt = models.TokenExpiry(k.GrantedAt)
	res := t.db.Clauses(clause.OnConflict{Columns: []clause.Column{{Name: "page_id"}, {Name: "hash"}}, DoNothing: true}).Create(&k)
	if res.Error != nil || res.RowsAffected == 0 {
		return k, false, res.Error
	}
	if err := t.countWaiting(k.VariantID, 1); err != nil {
		return k, false, err
	}
	if err := t.countDemand(k.PageID, k.VariantID, k.GrantedAt, 0, 1); err != nil {
		return k, false, err
	}
	return k, true, t.count(k.PageID, countToken+string(models.TokenWaiting), 1)
}

func (t *Tx) countWaiting(variantID int64, n int) error {
	if variantID == 0 || n == 0 {
		return nil
	}
	return t.db.Exec("UPDATE variants SET waiting = waiting + ? WHERE id = ?", n, variantID).Error
}

// WithdrawTokens takes back a contact's tokens that wait, and returns how many.
func (t *Tx) WithdrawTokens(contactID int64, why models.TokenReason) (int, error) {
	return t.endWaiting(models.TokenWithdrawn, why, "contact_id = ?", contactID)
}

// WithdrawToken takes back one token that waits. A token in any other state is a conflict.
func (t *Tx) WithdrawToken(id int64, why models.TokenReason) error {
	n, err := t.endWaiting(models.TokenWithdrawn, why, "id = ?", id)
	if err == nil && n == 0 {
		return models.Errorf(models.KindConflict, "Only a token that waits can be withdrawn.")
	}
	if err != nil {
		return err
	}
	return t.Record(models.AuditEntry{Thing: models.AuditToken, ThingID: formatID(id), Act: models.AuditWithdrawn})
}

// ExpireTokens ends waiting tokens whose year is over, at most limit, and returns how many.
func (t *Tx) ExpireTokens(limit int) (int, error) {
	return t.endWaiting(models.TokenExpired, models.TokenYearOver,
		"id "+t.once("SELECT id FROM tokens"+t.by("tokens_ending")+" WHERE state = 'waiting' AND expires_at <= ? ORDER BY expires_at LIMIT ?"), millis(t.now), limit)
}

// endWaiting moves the waiting tokens that a condition selects to a final state.
func (t *Tx) endWaiting(to models.TokenState, why models.TokenReason, where string, args ...any) (int, error) {
	var moved []models.Token
	err := t.db.Raw("UPDATE tokens SET state = ?, reason = ?, state_at = ? WHERE state = 'waiting' AND "+where+
		" RETURNING id, page_id, variant_id", append([]any{to, why, millis(t.now)}, args...)...).Scan(&moved).Error
	if err != nil {
		return 0, err
	}
	counters, variants := tally[pageCounter]{}, tally[int64]{}
	for _, k := range moved {
		counters.add(pageCounter{k.PageID, countToken + string(models.TokenWaiting)}, -1)
		counters.add(pageCounter{k.PageID, countToken + string(to)}, 1)
		variants.add(k.VariantID, -1)
	}
	if err := t.countVariants(variants); err != nil {
		return 0, err
	}
	t.countPages(counters)
	return len(moved), nil
}

// AssignToken ties an unassigned token to a variant: the merchant knows what it was for.
func (t *Tx) AssignToken(id, variantID int64) error {
	res := t.db.Exec(`UPDATE tokens SET variant_id = ?, reason = '' WHERE id = ? AND variant_id = 0 AND state = 'waiting'
		AND page_id = (SELECT page_id FROM variants WHERE id = ?)`, variantID, id, variantID)
	if res.Error != nil {
		return res.Error
	}
	if res.RowsAffected == 0 {
		return models.Errorf(models.KindConflict, "Only an unassigned token that waits can be assigned, to a product of its own Page.")
	}
	if err := t.countWaiting(variantID, 1); err != nil {
		return err
	}
	return t.Record(models.AuditEntry{Thing: models.AuditToken, ThingID: formatID(id), Act: models.AuditAssigned})
}

// ReleaseLate lets an open restock find a token that was granted, or arrived, behind its cursor.
func (t *Tx) ReleaseLate(tokenID int64) error {
	return t.db.Exec("UPDATE tokens SET next_at = ? WHERE id = ? AND state = 'waiting' AND next_at = 0", millis(t.now), tokenID).Error
}

// Token returns a token, without its secret.
func (r Reader) Token(ctx context.Context, id int64) (models.Token, error) {
	var k models.Token
	err := r.within(ctx, r.with(ctx)).Omit("hash", "sealed").First(&k, "id = ?", id).Error
	return k, found(err, "There is no such token.")
}

// Tokens lists tokens with their reasons.
func (r Reader) Tokens(ctx context.Context, q models.TokenQuery, now time.Time) ([]models.TokenRow, string, error) {
	if q.EndsFirst() {
		return r.endingTokens(ctx, q, now)
	}
	db := apart(ctx, r.with(ctx).Model(&models.Token{})).Omit("hash", "sealed")
	if q.PageID != "" {
		db = db.Where("page_id || '' = ?", q.PageID) // as the state below: there are few Pages
	}
	if q.VariantIDs != nil {
		db = db.Where("variant_id IN ?", q.VariantIDs)
	}
	if q.ContactID != 0 {
		db = db.Where("contact_id = ?", q.ContactID)
	}
	if q.Unassigned {
		db = db.Where("variant_id = 0")
	}
	switch {
	case q.State == "":
	case q.VariantIDs != nil || q.Unassigned || q.ContactID != 0:
		// SQLite would read every token in the state where there are few of the variant or the person. What is no plain
		// column has no index.
		db = db.Where("state || '' = ?", q.State)
	case q.State == models.TokenClaimed:
		db = db.Where("state = ?", q.State)
	default:
		db = db.Where("state = ? AND state <> 'claimed'", q.State) // in the words of the index, which has none of those
	}
	if !q.ExpiresBefore.IsZero() {
		db = db.Where("expires_at < ?", millis(q.ExpiresBefore))
	}
	list, next, err := pageByID(db, q.Cursor, q.Limit, func(k models.Token) int64 { return k.ID })
	if err != nil {
		return nil, "", err
	}
	rows, err := r.explain(ctx, list, now)
	return rows, next, err
}

// FirstWaiting lists the first tokens that wait for a variant, in the order in which they will be spent (rule 5.4).
func (r Reader) FirstWaiting(ctx context.Context, variantID int64, newestFirst bool, limit int, now time.Time) ([]models.TokenRow, error) {
	order := "granted_at, id"
	if newestFirst {
		order = "granted_at DESC, id DESC"
	}
	// Those that wait again have an index of their own, so each half is read no further than its limit.
	var list, again []models.Token
	err := r.with(ctx).Omit("hash", "sealed").Where("variant_id = ? AND state = 'waiting' AND next_at = 0", variantID).Order(order).Limit(limit).Find(&list).Error
	if err == nil {
		err = r.with(ctx).Omit("hash", "sealed").Where("variant_id = ? AND state = 'waiting' AND next_at > 0", variantID).Order("next_at, id").Limit(limit).Find(&again).Error
	}
	if err != nil {
		return nil, translate(err)
	}
	list = append(list, again...)
	slices.SortFunc(list, func(a, b models.Token) int {
		earlier := cmp.Or(a.GrantedAt.Compare(b.GrantedAt), cmp.Compare(a.ID, b.ID))
		if newestFirst {
			return -earlier
		}
		return earlier
	})
	return r.explain(ctx, list[:min(len(list), limit)], now)
}

// Unassigned counts the tokens that wait and that nobody knows the product of, up to limit.
func (r Reader) Unassigned(ctx context.Context, limit int) (int, error) {
	var n int
	reach, args := andApart(ctx)
	err := r.with(ctx).Raw("SELECT COUNT(*) FROM (SELECT 1 FROM tokens"+r.by("tokens_unassigned")+" WHERE variant_id = 0 AND state = 'waiting'"+reach+" LIMIT ?) AS few",
		append(args, limit)...).Scan(&n).Error
	return n, translate(err)
}

// ExplainToken adds to one token what a list shows beside it.
func (r Reader) ExplainToken(ctx context.Context, k models.Token, now time.Time) (models.TokenRow, error) {
	rows, err := r.explain(ctx, []models.Token{k}, now)
	if err != nil {
		return models.TokenRow{}, err
	}
	return rows[0], nil
}

func (r Reader) explain(ctx context.Context, list []models.Token, now time.Time) ([]models.TokenRow, error) {
	variantIDs, contactIDs := make([]int64, len(list)), make([]int64, len(list))
	for i, k := range list {
		variantIDs[i], contactIDs[i] = k.VariantID, k.ContactID
	}
	variants, err := r.Variants(ctx, variantIDs)
	if err != nil {
		return nil, err
	}
	var (
		contacts []models.Contact
		restocks []models.Restock
	)
	err = r.with(ctx).Where("id IN ?", contactIDs).Find(&contacts).Error
	if err == nil {
		err = r.with(ctx).Where("variant_id IN ? AND state IN ?", variantIDs, openRestocks).Find(&restocks).Error
	}
	if err != nil {
		return nil, translate(err)
	}
	pages, err := r.Pages(ctx)
	if err != nil {
		return nil, err
	}
	contactByID, pageByID, openByVariant := map[int64]models.Contact{}, map[string]models.Page{}, map[int64]*models.Restock{}
	for _, c := range contacts {
		contactByID[c.ID] = c
	}
	for _, p := range pages {
		pageByID[p.ID] = p
	}
	for i := range restocks {
		openByVariant[restocks[i].VariantID] = &restocks[i]
	}
	rows := make([]models.TokenRow, len(list))
	for i, k := range list {
		c := contactByID[k.ContactID]
		rows[i] = models.TokenRow{Token: k, Variant: variants[k.VariantID], ContactName: c.Name, PSID: c.PSID}
		if k.State == models.TokenWaiting {
			rows[i].Why, rows[i].WhyUntil = models.WhyWaiting(models.WaitingQuestion{
				Token: k, Variant: variants[k.VariantID], Page: pageByID[k.PageID], Contact: c, Restock: openByVariant[k.VariantID], Now: now,
			})
			switch rows[i].Why {
			case models.WaitWave:
				rows[i].Wave = openByVariant[k.VariantID].Wave
			case models.WaitPagePaused:
				rows[i].PauseReason = pageByID[k.PageID].PauseReason
			}
		}
	}
	return rows, nil
}

// Attempts lists a token's attempts, the first first.
func (r Reader) Attempts(ctx context.Context, tokenID int64) ([]models.Attempt, error) {
	var list []models.Attempt
	err := r.with(ctx).Where("token_id = ?", tokenID).Order("number").Find(&list).Error
	return list, translate(err)
}

// ClickCode is the public name of a token in the link that its notification carries: the token's number and a
// check that nobody can guess.
func (r Reader) ClickCode(tokenID int64) string {
	text := formatID(tokenID)
	return encodeClick(tokenID, r.seal.linkMAC("click/"+text))
}

// clickedToken returns the token that a click code names.
func (r Reader) clickedToken(code string) (int64, bool) {
	id, sum, ok := decodeClick(code)
	return id, ok && r.seal.authentic("click/"+formatID(id), sum)
}

// LinkTarget returns the web address that a click code leads to, and counts nothing. A code that we did not make is
// not found.
func (r Reader) LinkTarget(ctx context.Context, code string) (string, error) {
	link, err := r.linkTarget(r.with(ctx), code)
	return link.URL, err
}

// link is where a click code leads, and whom the click is counted for.
type link struct {
	TokenID   int64
	RestockID int64
	PageID    string
	URL       string              `gorm:"column:url"`
	Settings  models.PageSettings `gorm:"serializer:json"`
}

func (r Reader) linkTarget(db *gorm.DB, code string) (link, error) {
	var (
		l   link
		err error
	)
	id, ok := r.clickedToken(code)
	if ok {
		err = db.Raw(`SELECT k.id AS token_id, k.restock_id, k.page_id, v.url, p.settings FROM tokens k
			JOIN variants v ON v.id = k.variant_id JOIN pages p ON p.id = k.page_id WHERE k.id = ?`, id).First(&l).Error
	}
	if !ok || errors.Is(err, gorm.ErrRecordNotFound) || (err == nil && l.URL == "") {
		return link{}, models.Errorf(models.KindNotFound, "This link leads nowhere.")
	}
	if l.Settings.CountOrders {
		l.URL = models.OrderLink(l.URL, code)
	}
	return l, translate(err)
}

// Click counts a click and returns the variant's web address. A code that we did not make is not found.
func (t *Tx) Click(code string) (string, error) {
	l, err := t.linkTarget(t.db, code)
	if err != nil {
		return "", err
	}
	res := t.db.Exec("INSERT INTO clicks (token_id, restock_id, at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING", l.TokenID, l.RestockID, millis(t.now))
	if res.Error != nil || res.RowsAffected == 0 {
		return l.URL, res.Error
	}
	if err := t.countDay(l.PageID, 0, 1); err != nil {
		return "", err
	}
	return l.URL, t.db.Exec("UPDATE restocks SET clicks = clicks + 1 WHERE id = ?", l.RestockID).Error
}

// Clicks lists when a token's link was clicked.
func (r Reader) Clicks(ctx context.Context, tokenID int64) ([]time.Time, error) {
	var at []int64
	if err := r.with(ctx).Raw("SELECT at FROM clicks WHERE token_id = ? ORDER BY at LIMIT 100", tokenID).Scan(&at).Error; err != nil {
		return nil, translate(err)
	}
	times := make([]time.Time, len(at))
	for i, ms := range at {
		times[i] = fromMillis(ms)
	}
	return times, nil
}

// ExpireToken ends a waiting token whose year is over.
func (t *Tx) ExpireToken(id int64) error {
	_, err := t.endWaiting(models.TokenExpired, models.TokenYearOver, "id = ?", id)
	return err
}
