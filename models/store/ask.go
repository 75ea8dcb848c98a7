package store

import (
	"context"
	"errors"
	"slices"
	"time"

	"gorm.io/gorm"

	"bentornato/models"
)

// Bounds of one reading of the people to ask: so many contacts are looked at a time, which may well fill a page, and so
// many at most. A list with fewer rows than its limit may go on: its cursor says where looking stopped.
const (
	askChunk = 100
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
		var people []askPlace
		if err := r.with(ctx).Raw("SELECT last_action_at AS at, id FROM contacts WHERE (last_action_at, id) > (?, ?)"+reach+" ORDER BY last_action_at, id LIMIT ?",
			slices.Concat([]any{after, afterID}, args, []any{askChunk})...).Scan(&people).Error; err != nil {
			return nil, "", translate(err)
		}
		if len(people) == 0 {
			return rows, "", nil
		}
		wants, err := r.wants(ctx, people, q.Refused, now)
		if err != nil {
			return nil, "", err
		}
		for i, place := range people {
			after, afterID = place.At, place.ID
			for _, w := range wants[place.ID] {
				question := models.AskQuestion{Page: onPage[w.Contact.PageID], Contact: w.Contact, Variant: w.Variant, InterestAt: w.InterestAt,
					AskedAt: w.AskedAt, HasToken: w.hasToken, Stopped: w.stopped, Now: now}
				w.Answer, w.OptIn = models.MayAsk(question), question.OptIn()
				if w.Answer.Allowed != q.Refused {
					rows = append(rows, w.AskRow)
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

// askPlace is where a contact stands in the order in which windows close.
type askPlace struct{ At, ID int64 }

// want is something sold out that a contact asked about.
type want struct {
	models.AskRow
	hasToken, stopped bool
}

// wants finds what people asked about and is sold out, by contact and in the order of the variants' numbers. Unless those
// who may not be asked are sought, whoever waits already or has been asked is passed over here: most people are, and what
// is never fetched costs least.
func (r Reader) wants(ctx context.Context, people []askPlace, refused bool, now time.Time) (map[int64][]want, error) {
	ids := make([]int64, len(people))
	for i, place := range people {
		ids[i] = place.ID
	}
	// These are values and not joins: PostgreSQL looks each up, and never reads a whole table instead.
	token := "COALESCE((SELECT 1 FROM tokens k" + r.by("tokens_contact") + ` WHERE k.contact_id = asked.contact_id AND k.variant_id = asked.variant_id
		AND k.state IN ('waiting', 'claimed', 'unknown') LIMIT 1), 0)`
	const request = `COALESCE((SELECT q.created_at FROM optin_requests q WHERE q.contact_id = asked.contact_id AND q.variant_id = asked.variant_id
		AND q.state IN ('queued', 'sent') AND q.created_at > ?), 0)`
	since := millis(now.Add(-models.RequestLife))
	shown, only, args := token+" AS tokens, "+request+" AS asked_at", "", []any{since, ids}
	if !refused {
		shown, only, args = "0 AS tokens, 0 AS asked_at", " AND "+token+" = 0 AND "+request+" = 0", []any{ids, since}
	}
	var pairs []struct {
		ContactID, VariantID int64
		At, AskedAt          int64
		Tokens, Stopped      int
	}
	err := r.with(ctx).Raw("SELECT asked.contact_id, asked.variant_id, asked.at, "+shown+`,
		(SELECT COUNT(*) FROM recurring_optins o WHERE o.contact_id = asked.contact_id AND o.variant_id = asked.variant_id AND o.status = 'stopped') AS stopped
		FROM (SELECT contact_id, variant_id, MAX(at) AS at FROM interests WHERE contact_id IN ? GROUP BY contact_id, variant_id) AS asked
		JOIN variants v ON v.id = asked.variant_id WHERE v.available <= 0 AND NOT v.quantity_unknown AND v.deleted_at = 0`+only+`
		ORDER BY asked.variant_id`, args...).Scan(&pairs).Error
	if err != nil || len(pairs) == 0 {
		return nil, translate(err)
	}
	contactIDs, variantIDs := make([]int64, len(pairs)), make([]int64, len(pairs))
	for i, p := range pairs {
		contactIDs[i], variantIDs[i] = p.ContactID, p.VariantID
	}
	var contacts []models.Contact
	if err := r.with(ctx).Where("id IN ? AND erased_at = 0", distinct(contactIDs)).Find(&contacts).Error; err != nil {
		return nil, translate(err)
	}
	contact := make(map[int64]models.Contact, len(contacts))
	for _, c := range contacts {
		contact[c.ID] = c
	}
	variants, err := r.Variants(ctx, distinct(variantIDs))
	if err != nil {
		return nil, err
	}
	by := map[int64][]want{}
	for _, p := range pairs {
		if c, ok := contact[p.ContactID]; ok {
			by[p.ContactID] = append(by[p.ContactID], want{hasToken: p.Tokens > 0, stopped: p.Stopped > 0,
				AskRow: models.AskRow{Contact: c, Variant: variants[p.VariantID], InterestAt: fromMillis(p.At), AskedAt: fromMillis(p.AskedAt)}})
		}
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
