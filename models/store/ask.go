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

// Bounds of one reading of the people to ask: so many contacts are looked at a time, and so many at most. A list with
// fewer rows than its limit may go on: its cursor says where looking stopped.
const (
	askChunk = 250
	askReach = 500
)

// AskRows lists people who asked about something that is sold out and whose standard window is open, with the answer of the
// policy; the window that closes soonest stands first. A page ends with a whole contact, so it may be a little longer than its
// limit.
func (r Reader) AskRows(ctx context.Context, q models.AskQuery, now time.Time) ([]models.AskRow, string, error) {
	after, afterID := millis(now.Add(-models.StandardWindow)), int64(0)
	if q.Cursor != "" {
		at, id, err := readCursor(q.Cursor)
		if err != nil {
			return nil, "", err
		}
		if at >= after {
			after, afterID = at, id
		}
	}
	pages, err := r.Pages(ctx)
	if err != nil {
		return nil, "", err
	}
	onPage := make(map[string]models.Page, len(pages))
	for _, p := range pages {
		onPage[p.ID] = p
	}
	reach, args := r.andWithin(ctx)
	if q.PageID != "" {
		reach, args = reach+" AND page_id = ?", append(args, q.PageID)
	}
	var rows []models.AskRow
	for looked := 0; looked < askReach; looked += askChunk {
		var people []models.Contact
		if err := r.with(ctx).Raw("SELECT * FROM contacts WHERE (last_action_at, id) > (?, ?)"+reach+" ORDER BY last_action_at, id LIMIT ?",
			append(append([]any{after, afterID}, args...), askChunk)...).Scan(&people).Error; err != nil {
			return nil, "", translate(err)
		}
		wants, err := r.wants(ctx, people, now)
		if err != nil {
			return nil, "", err
		}
		for i, c := range people {
			after, afterID = millis(c.LastActionAt), c.ID
			if !c.ErasedAt.IsZero() {
				continue
			}
			for _, row := range wants[c.ID] {
				row.Contact = c
				question := models.AskQuestion{Page: onPage[c.PageID], Contact: c, Variant: row.Variant, InterestAt: row.InterestAt,
					AskedAt: row.AskedAt, HasToken: row.hasToken, Stopped: row.stopped, Now: now}
				row.Answer, row.OptIn = models.MayAsk(question), question.OptIn()
				if row.Answer.Allowed != q.Refused {
					rows = append(rows, row.AskRow)
				}
			}
			if len(rows) >= q.Limit && (i < len(people)-1 || len(people) == askChunk) {
				return rows, writeCursor(after, afterID), nil
			}
		}
		if len(people) < askChunk {
			return rows, "", nil
		}
	}
	return rows, writeCursor(after, afterID), nil
}

// want is something sold out that a contact asked about.
type want struct {
	models.AskRow
	hasToken, stopped bool
}

// wants finds what people asked about and is sold out, by contact and in the order of the variants' numbers.
func (r Reader) wants(ctx context.Context, people []models.Contact, now time.Time) (map[int64][]want, error) {
	ids := make([]int64, len(people))
	for i, c := range people {
		ids[i] = c.ID
	}
	var pairs []struct {
		ContactID, VariantID int64
		At, AskedAt          int64
		Tokens, Stopped      int
	}
	err := r.with(ctx).Raw(`SELECT asked.contact_id, asked.variant_id, asked.at,
		(SELECT COUNT(*) FROM tokens k`+r.by("tokens_contact")+` WHERE k.contact_id = asked.contact_id AND k.variant_id = asked.variant_id AND k.state IN ('waiting', 'claimed', 'unknown')) AS tokens,
		(SELECT COUNT(*) FROM recurring_optins o WHERE o.contact_id = asked.contact_id AND o.variant_id = asked.variant_id AND o.status = 'stopped') AS stopped,
		COALESCE((SELECT q.created_at FROM optin_requests q WHERE q.contact_id = asked.contact_id AND q.variant_id = asked.variant_id
			AND q.state IN ('queued', 'sent') AND q.created_at > ?), 0) AS asked_at
		FROM (SELECT contact_id, variant_id, MAX(at) AS at FROM interests WHERE contact_id IN ? GROUP BY contact_id, variant_id) AS asked
		JOIN variants v ON v.id = asked.variant_id WHERE v.available <= 0 AND NOT v.quantity_unknown AND v.deleted_at = 0`,
		millis(now.Add(-models.RequestLife)), ids).Scan(&pairs).Error
	if err != nil {
		return nil, translate(err)
	}
	variantIDs := make([]int64, len(pairs))
	for i, p := range pairs {
		variantIDs[i] = p.VariantID
	}
	variants, err := r.Variants(ctx, distinct(variantIDs))
	if err != nil {
		return nil, err
	}
	by := map[int64][]want{}
	for _, p := range pairs {
		by[p.ContactID] = append(by[p.ContactID], want{hasToken: p.Tokens > 0, stopped: p.Stopped > 0,
			AskRow: models.AskRow{Variant: variants[p.VariantID], InterestAt: fromMillis(p.At), AskedAt: fromMillis(p.AskedAt)}})
	}
	for _, list := range by {
		slices.SortFunc(list, func(a, b want) int { return cmp.Compare(a.Variant.ID, b.Variant.ID) })
	}
	return by, nil
}

// AskQuestion gathers what the policy needs to know of one contact, held by TakeContact, and one variant. Where the contact
// never asked about the variant nothing is found.
func (t *Tx) AskQuestion(ctx context.Context, contact models.Contact, variantID int64) (models.AskQuestion, error) {
	q := models.AskQuestion{Contact: contact, Now: t.now}
	var pair struct {
		At, AskedAt     int64
		Tokens, Stopped int
	}
	err := t.db.Raw(`SELECT i.at,
		(SELECT COUNT(*) FROM tokens k WHERE k.contact_id = i.contact_id AND k.variant_id = i.variant_id AND k.state IN ('waiting', 'claimed', 'unknown')) AS tokens,
		(SELECT COUNT(*) FROM recurring_optins o WHERE o.contact_id = i.contact_id AND o.variant_id = i.variant_id AND o.status = 'stopped') AS stopped,
		COALESCE((SELECT q.created_at FROM optin_requests q WHERE q.contact_id = i.contact_id AND q.variant_id = i.variant_id
			AND q.state IN ('queued', 'sent') AND q.created_at > ?), 0) AS asked_at
		FROM interests i WHERE i.variant_id = ? AND i.contact_id = ? ORDER BY i.at DESC LIMIT 1`,
		millis(t.now.Add(-models.RequestLife)), variantID, contact.ID).First(&pair).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return q, models.Errorf(models.KindNotFound, "This person never asked about this product.")
	}
	if err != nil {
		return q, err
	}
	q.InterestAt, q.AskedAt, q.HasToken = fromMillis(pair.At), fromMillis(pair.AskedAt), pair.Tokens > 0
	q.Stopped = pair.Stopped > 0
	if q.Variant, err = t.Variant(ctx, variantID); err != nil {
		return q, err
	}
	q.Page, err = t.Page(ctx, contact.PageID)
	return q, err
}
