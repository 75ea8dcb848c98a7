package restock

import (
	"context"

	"bentornato/models"
	"bentornato/models/store"
)

// optIn stores the token that a tap on Notify Me brought (rule 4.1).
func (a act) optIn(ctx context.Context) error {
	if a.event.Token == "" {
		return nil // an opt-in without a token permits nothing
	}
	token := models.Token{PageID: a.page.ID, ContactID: a.contact.ID, GrantedAt: a.event.At, Reason: models.TokenUnassigned}
	request, err := a.tx.RequestByPayload(a.page.ID, a.event.Payload)
	switch {
	case err == nil:
		token.VariantID, token.RequestID, token.Reason = request.VariantID, request.ID, ""
	case models.KindOf(err) != models.KindNotFound:
		return err
	}
	token, added, err := a.tx.GrantToken(token, a.event.Token)
	if err != nil || !added {
		return err
	}
	if request.ID != 0 {
		if err := a.tx.MoveRequest(request.ID, models.RequestAnswered); err != nil {
			return err
		}
	}
	if !a.tx.Now().Before(token.ExpiresAt) {
		return a.tx.ExpireToken(token.ID)
	}
	if !token.GrantedAt.After(a.contact.StoppedAt) {
		return a.tx.WithdrawToken(token.ID, models.TokenStop) // the tap came late: the person wrote stop after it
	}
	if token, err = a.tx.PreferOneTime(ctx, token); err != nil {
		return err
	}
	return a.joinRestock(ctx, a.tx, a.page, token)
}

// joinRestock lets a token whose item is there already take part: in the restock that is running or, where that
// is over, in one of its own. The tap came late, but the promise was made.
func (s *Service) joinRestock(ctx context.Context, tx *store.Tx, page models.Page, token models.Token) error {
	if token.VariantID == 0 {
		return nil
	}
	v, err := tx.LockVariant(token.VariantID)
	if err != nil {
		return err
	}
	if !v.InStock() || !v.DeletedAt.IsZero() {
		return nil
	}
	open, err := tx.OpenRestock(ctx, v.ID)
	if err != nil {
		return err
	}
	if token.NotRestock != 0 && (open == nil || open.ID == token.NotRestock) {
		return nil // told of it by another permission
	}
	if open != nil {
		return tx.ReleaseLate(token.ID)
	}
	last, err := tx.LastRestock(ctx, v.ID)
	if err != nil || (last != nil && last.State == models.RestockCancelled && last.Reason == models.RestockByMerchant) {
		return err // the merchant wants nothing sent for this stock; a late tap does not start everyone's over
	}
	return s.start(tx, page, v)
}
