package store

import (
	"context"

	"bentornato/models"
)

// consentBatch is how many consents are read at a time: no query stays open while a slow reader takes them.
const consentBatch = 500

// consentColumns are what every kind has beside its own: the person, the product and the question.
const consentColumns = `c.psid, c.name, COALESCE(v.sku, '') AS sku, COALESCE(v.title || CASE WHEN v.option <> '' THEN ' ' || v.option ELSE '' END, '') AS product`

const consentQuestion = `, COALESCE(q.title, '') AS question, COALESCE(q.created_at, 0) AS asked_at,
	COALESCE(CASE WHEN q.product = '' THEN 'one_time_notif_req' ELSE q.product END, '') AS asked_with`

// consentSQL selects a kind's consents behind a number, in its order; erased people are in none.
var consentSQL = map[models.ConsentKind]string{
	models.ConsentOneTime: `SELECT 'one_time' AS kind, k.id, k.page_id, k.state, k.reason, k.granted_at AS given_at, k.expires_at, k.state_at,
		CASE WHEN k.state = 'sent' THEN 1 ELSE 0 END AS uses, CASE WHEN k.state = 'sent' THEN k.state_at ELSE 0 END AS used_at, k.hash, k.sealed, ` + consentColumns + consentQuestion + `
		FROM tokens k JOIN contacts c ON c.id = k.contact_id LEFT JOIN variants v ON v.id = k.variant_id LEFT JOIN optin_requests q ON q.id = k.request_id
		WHERE k.optin_id = 0 AND k.id > ? AND k.page_id || '' = ? AND c.erased_at = 0 ORDER BY k.id LIMIT ?`,
	models.ConsentRecurring: `SELECT 'recurring' AS kind, o.id, o.page_id, o.status AS state, o.reason, o.source, o.granted_at AS given_at, o.expires_at, o.status_at AS state_at,
		o.uses, o.used_at, o.title AS topic, o.hash, o.sealed, ` + consentColumns + consentQuestion + `
		FROM recurring_optins o JOIN contacts c ON c.id = o.contact_id LEFT JOIN variants v ON v.id = o.variant_id LEFT JOIN optin_requests q ON q.id = o.request_id
		WHERE o.id > ? AND o.page_id = ? AND c.erased_at = 0 ORDER BY o.id LIMIT ?`,
	models.ConsentInterest: `SELECT 'interest' AS kind, i.id, i.page_id, i.source, i.at AS given_at, ` + consentColumns + `
		FROM interests i JOIN contacts c ON c.id = i.contact_id LEFT JOIN variants v ON v.id = i.variant_id
		WHERE i.id > ? AND i.page_id || '' = ? AND c.erased_at = 0 ORDER BY i.id LIMIT ?`,
}

// EachConsent hands out every consent that people gave a Page, a few hundred at a time: its memory does not grow with their number.
// The tokens themselves are opened only with secrets, and only those that still permit something.
func (r Reader) EachConsent(ctx context.Context, pageID string, secrets bool, take func([]models.Consent) error) error {
	for _, kind := range models.ConsentKinds {
		for after := int64(0); ; {
			var list []models.Consent
			if err := r.with(ctx).Raw(consentSQL[kind], after, pageID, consentBatch).Scan(&list).Error; err != nil {
				return translate(err)
			}
			if len(list) == 0 {
				break
			}
			after = list[len(list)-1].ID
			for i := range list {
				if err := r.openConsent(&list[i], secrets); err != nil {
					return err
				}
			}
			if err := take(list); err != nil {
				return err
			}
		}
	}
	return nil
}

// openConsent puts the token in its place where it is asked for and still good for something, and nothing sealed anywhere else.
func (r Reader) openConsent(c *models.Consent, secrets bool) error {
	hash, sealed := c.Hash, c.Sealed
	c.Hash, c.Sealed = nil, nil
	if !secrets || len(sealed) == 0 {
		return nil
	}
	var identity string
	switch {
	case c.Kind == models.ConsentOneTime && models.TokenState(c.State).Live():
		identity = tokenIdentity(hash)
	case c.Kind == models.ConsentRecurring && (c.State == string(models.OptInActive) || c.State == string(models.OptInStopped)):
		identity = optInIdentity(hash)
	default:
		return nil
	}
	plain, err := r.seal.open(identity, sealed)
	if err != nil {
		return err
	}
	c.Token = string(plain)
	return nil
}

// RecordExport writes that a Page's consents left the installation, and whether their tokens did.
func (t *Tx) RecordExport(pageID string, secrets bool) error {
	if secrets {
		return t.recordOnPage(pageID, models.AuditSecrets)
	}
	return t.recordOnPage(pageID, models.AuditExported)
}
