package restock

import (
	"context"

	"bentornato/models"
)

// recurring stores a recurring opt-in, or what a later event says of one: that the person stopped or resumed it in Messenger. From
// then on it waits for the product it was asked about or, where its topic names none of ours, for what the person asked
// about. A tap opens no window, which the platform says plainly of this product.
func (a act) recurring(ctx context.Context) error {
	e := a.event
	if e.Token == "" || e.Recurring == nil {
		return nil // an opt-in without a token permits nothing
	}
	o := models.OptIn{PageID: a.page.ID, ContactID: a.contact.ID, Title: e.Recurring.Title, Topic: e.Recurring.Topic, Frequency: e.Recurring.Frequency,
		TimeZone: e.Recurring.TimeZone, Source: models.OptInByWebhook, Status: models.OptInActive, GrantedAt: e.At, ExpiresAt: e.Recurring.ExpiresAt, StatusAt: e.At}
	if o.ExpiresAt.IsZero() {
		o.ExpiresAt = models.RecurringExpiry(e.At, o.Frequency)
	}
	stop := e.Recurring.Status == models.RecurringStopped
	if stop {
		o.Status, o.Reason = models.OptInStopped, models.TokenTopicStop
	}
	request, err := a.tx.RequestByPayload(a.page.ID, e.Payload)
	switch {
	case err == nil && request.ContactID == a.contact.ID:
		o.VariantID, o.RequestID = request.VariantID, request.ID
	case err == nil:
		request = models.Request{} // a payload of ours that came from somebody else names nothing
	case models.KindOf(err) != models.KindNotFound:
		return err
	}
	if !stop && !e.At.After(a.contact.StoppedAt) {
		o.Status, o.Reason = models.OptInStopped, models.TokenStop // the tap came late: the person wrote stop after it
	}
	if stop || o.Status == models.OptInStopped {
		return a.stopOptIn(o)
	}
	o, changed, err := a.tx.SaveOptIn(o, e.Token)
	if err != nil || !changed {
		return err
	}
	if err := a.tx.ReplaceOptIns(o); err != nil {
		return err
	}
	if request.ID != 0 && e.Recurring.Status == models.RecurringGranted {
		if err := a.tx.MoveRequest(request.ID, models.RequestAnswered); err != nil {
			return err
		}
	}
	_, err = a.waitBy(ctx, o, e.Recurring.Status == models.RecurringGranted)
	return err
}

// stopOptIn writes that an opt-in may not be used, and ends what waits by it.
func (a act) stopOptIn(o models.OptIn) error {
	o, changed, err := a.tx.SaveOptIn(o, a.event.Token)
	if err != nil || !changed {
		return err
	}
	return a.tx.StopOptIns(a.contact.ID, o.ID, o.Reason)
}

// waitBy lets an opt-in wait for what it is for, and returns for how many products it does. One that was just given joins a restock
// that is over, as a token does whose tap came late; one that was resumed only joins one that is running.
func (a act) waitBy(ctx context.Context, o models.OptIn, granted bool) (waiting int, err error) {
	variants := []int64{o.VariantID}
	if o.VariantID == 0 {
		if variants, err = a.tx.StandingInterests(o.ContactID); err != nil {
			return 0, err
		}
	}
	for _, id := range variants {
		token, added, err := a.tx.WaitByOptIn(ctx, o, id, a.event.At)
		if err != nil {
			return waiting, err
		}
		if !added {
			continue
		}
		waiting++
		if !granted {
			open, err := a.tx.OpenRestock(ctx, id)
			if err != nil {
				return waiting, err
			}
			if open == nil {
				continue
			}
		}
		if err := a.joinRestock(ctx, a.tx, a.page, token); err != nil {
			return waiting, err
		}
	}
	return waiting, nil
}
