package restock

import (
	"context"
	"maps"
	"slices"
	"strings"

	"bentornato/models"
	"bentornato/models/store"
)

// applyBatch is how many events share a transaction.
const applyBatch = 200

// Apply acts upon stored webhook events, in the order of their own timestamps, and reports whether there may be more.
// An event is applied once: it is marked in the transaction of what it does. One that fails is tried again a few
// times, then set aside, and never holds up the others.
func (s *Service) Apply(ctx context.Context) (bool, error) {
	taken := 0
	err := s.store.Update(ctx, func(tx *store.Tx) error {
		pending, err := tx.TakePending(applyBatch)
		if err != nil {
			return err
		}
		taken = len(pending)
		if err := tx.HoldTokens(echoed(pending)); err != nil {
			return err
		}
		applied := make([]int64, 0, len(pending))
		var heard []store.Heard
		pages := map[string]models.Page{}
		for _, p := range pending {
			page, known, err := pageOnce(ctx, tx, pages, p.PageID)
			if err != nil {
				return err
			}
			if !known {
				if err := tx.SetAside(p.ID, models.InboundIgnored, "unknown Page"); err != nil {
					return err
				}
				continue
			}
			var words []store.Heard
			hear := func(h store.Heard) { words = append(words, h) }
			err = tx.Savepoint(func(tx *store.Tx) error { return s.applyEvent(ctx, tx, page, p.Event, hear) })
			switch {
			case err == nil:
				applied, heard = append(applied, p.ID), append(heard, words...)
			case store.Retryable(err), ctx.Err() != nil: // being told to stop says nothing about the event
				return err
			default:
				s.log.Error("a webhook event could not be applied", "event", p.ID, "kind", p.Kind, "error", err)
				if err := tx.ApplyFailed(p, err); err != nil {
					return err
				}
			}
		}
		if err := tx.SaveHeard(heard); err != nil {
			return err
		}
		if err := tx.HeardOf(slices.Collect(maps.Keys(pages))); err != nil {
			return err
		}
		return tx.AppliedAll(applied)
	})
	if taken > 0 && err == nil {
		s.waker.Wake()
	}
	return taken == applyBatch, err
}

// echoed lists the tokens that events are echoes for.
func echoed(pending []store.PendingEvent) []int64 {
	var ids []int64
	for _, p := range pending {
		if id, _, ok := parseAttempt(p.Event.Metadata); ok && p.Kind == models.EventEcho {
			ids = append(ids, id)
		}
	}
	return ids
}

func pageOnce(ctx context.Context, tx *store.Tx, pages map[string]models.Page, id string) (models.Page, bool, error) {
	if p, ok := pages[id]; ok {
		return p, true, nil
	}
	p, err := tx.Page(ctx, id)
	if models.KindOf(err) == models.KindNotFound {
		return p, false, nil
	}
	if err == nil {
		pages[id] = p
	}
	return p, err == nil, err
}

// applyEvent acts upon one event of a known Page. hear is told of the words that the conversation is to be found by.
func (s *Service) applyEvent(ctx context.Context, tx *store.Tx, page models.Page, e models.Event, hear func(store.Heard)) error {
	if e.At.IsZero() || e.At.After(tx.Now()) {
		e.At = tx.Now()
	}
	if e.Kind == models.EventPolicyEnforcement {
		return s.applyEnforcement(tx, page, e)
	}
	if e.Kind == models.EventTemplateReview && e.Review != nil {
		return tx.ReviewTemplate(page.ID, e.Review.Settled())
	}
	if e.Kind == models.EventEcho {
		return s.applyEcho(ctx, tx, page, e, hear)
	}
	e.Text = strings.ReplaceAll(e.Text, "\x00", "") // which PostgreSQL's text cannot hold
	if e.Kind == models.EventPost {
		return tieByText(ctx, tx, page, e)
	}
	psid, err := personOf(tx, page, e)
	if err != nil || psid == "" || e.Kind == models.EventDelivery {
		return err
	}
	contact, err := tx.TakeContact(page.ID, psid)
	if err != nil {
		return err
	}
	if owner := models.ThreadAfter(contact.ThreadOwner, e, s.cfg.AppID); owner != contact.ThreadOwner {
		contact.ThreadOwner = owner
		if err := tx.SaveThread(contact); err != nil {
			return err
		}
	}
	before := contact.LastActionAt
	if e.Qualifies(page.Settings) {
		if last := models.LaterAction(contact.LastActionAt, e.At, tx.Now()); !last.Equal(contact.LastActionAt) {
			contact.LastActionAt = last
			if err := tx.SaveWindow(contact); err != nil {
				return err
			}
		}
	}
	a := act{Service: s, tx: tx, page: page, contact: contact, event: e, hear: hear, said: &answers{}, before: before}
	switch e.Kind {
	case models.EventMessage:
		return a.message(ctx)
	case models.EventPostback:
		return a.postback(ctx)
	case models.EventReferral, models.EventPluginOptIn:
		return a.refer(ctx)
	case models.EventOptIn:
		return a.optIn(ctx)
	case models.EventNotificationOptIn:
		return a.recurring(ctx)
	case models.EventComment:
		return a.comment(ctx)
	default:
		return nil
	}
}

// applyEnforcement stops a Page that Messenger blocked, before its calls would find out, and lets it go on when
// Messenger does.
func (s *Service) applyEnforcement(tx *store.Tx, page models.Page, e models.Event) error {
	switch {
	case e.Action == "block":
		_, err := tx.PausePage(page.ID, models.PauseBlocked, "policy_enforcement: block")
		return err
	case e.Action == "unblock" && page.PauseReason == models.PauseBlocked:
		return tx.ResumePage(page.ID)
	default:
		return nil
	}
}

// applyEcho settles what the echo's metadata names, and keeps the words for the conversation.
func (s *Service) applyEcho(ctx context.Context, tx *store.Tx, page models.Page, e models.Event, hear func(store.Heard)) error {
	e.Text = strings.ReplaceAll(e.Text, "\x00", "") // which PostgreSQL's text cannot hold
	m := models.Message{PageID: page.ID, Kind: models.SendReply, State: models.MessageSent, Reason: models.MessageEcho, Text: e.Text,
		Attachments: e.Attached, MID: e.MID, At: e.At, StateAt: tx.Now()}
	if id, number, ok := parseAttempt(e.Metadata); ok {
		ours, err := tx.SettleEcho(page.ID, id, number, e.MID)
		if err != nil {
			return err
		}
		if ours {
			token, contact, err := holder(ctx, tx, id)
			if err != nil || !contact.ErasedAt.IsZero() {
				return err // the echo of a last message does not bring back who was erased
			}
			v, err := tx.Variant(ctx, token.VariantID)
			if err != nil {
				return err
			}
			// A card has no text of its own; the conversation shows what it was about.
			m.Kind, m.Text = models.SendNotification, v.Name()
		}
	}
	if id, ok := parseMessage(e.Metadata); ok {
		if e.PSID != "" && e.UserRef == "" {
			// What went to a guest's user_ref comes back with the page-scoped id: nobody else's words have this metadata.
			var err error
			if e.UserRef, err = tx.GuestOf(page.ID, id); err != nil {
				return err
			}
			if _, err := personOf(tx, page, e); err != nil {
				return err
			}
		}
		if mine, err := tx.EchoMessage(page.ID, id, e.MID); mine || err != nil {
			return err
		}
	}
	psid, err := personOf(tx, page, e)
	if err != nil || psid == "" {
		return err
	}
	contact, err := tx.TakeContact(page.ID, psid)
	if err != nil {
		return err
	}
	m.ContactID = contact.ID
	if err := tx.RecordMessage(m); err != nil || !m.FromElsewhere() {
		return err
	}
	hear(store.Heard{ContactID: contact.ID, Text: m.Text, At: m.At})
	if m.At.Sub(contact.LastActionAt) < models.InstantReply {
		return nil // an away message answers nobody
	}
	return tx.SetAnswered(contact.ID)
}

// personOf names whom an event is about as contacts are named: a page-scoped id, or a guest of the checkbox plugin. An event
// that has both tells who the guest is, and makes one contact of the two. It is empty where an event is about nobody.
func personOf(tx *store.Tx, page models.Page, e models.Event) (string, error) {
	psid := e.PSID
	if psid == page.ID {
		psid = "" // the documents' own sample of a guest has the Page on both sides
	}
	switch {
	case psid == "" && e.UserRef != "":
		return models.GuestPSID(e.UserRef), nil
	case e.UserRef != "":
		return psid, tx.MergeGuest(page.ID, e.UserRef, psid)
	}
	return psid, nil
}

// holder returns a token and who gave it.
func holder(ctx context.Context, tx *store.Tx, tokenID int64) (models.Token, models.Contact, error) {
	token, err := tx.Token(ctx, tokenID)
	if err != nil {
		return token, models.Contact{}, err
	}
	contact, err := tx.Contact(ctx, token.ContactID)
	return token, contact, err
}

// active is the Page as if it were not paused: what is queued now waits until the Page may send again.
func active(p models.Page) models.Page {
	p.State = models.PageActive
	return p
}
