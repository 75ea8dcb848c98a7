package restock

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

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

// act is one event being applied for one contact.
type act struct {
	*Service
	tx      *store.Tx
	page    models.Page
	contact models.Contact
	event   models.Event
	hear    func(store.Heard)
	said    *answers
	// before is the contact's last qualifying action before this event.
	before time.Time
}

// answers counts what the program answers to one event by itself.
type answers struct{ n int }

func (a act) refSource() models.InterestSource {
	if a.event.FromAd() {
		return models.InterestAd
	}
	return models.InterestRef
}

// message keeps the words and acts upon them. Typed ones are for the team to read; those that the program has nothing
// to say to are for the team to answer. What was tapped is neither.
func (a act) message(ctx context.Context) error {
	reason := ""
	if a.event.Payload != "" {
		reason = models.MessageTap
	}
	if err := a.record(reason); err != nil {
		return err
	}
	if err := a.read(ctx); err != nil || reason == models.MessageTap {
		return err
	}
	a.hear(store.Heard{ContactID: a.contact.ID, Text: a.event.Text, At: a.event.At})
	return a.tx.NoteWords(a.contact.ID, a.said.n > 0)
}

// record keeps what the person wrote or tapped for the conversation.
func (a act) record(reason string) error {
	e := a.event
	return a.tx.RecordMessage(models.Message{PageID: a.page.ID, ContactID: a.contact.ID, Incoming: true, State: models.MessageSent,
		Reason: reason, Text: e.Text, Attachments: e.Attached, MID: e.MID, At: e.At, StateAt: a.tx.Now()})
}

// read finds in a message a wish to be left alone, a choice, or a product's name.
func (a act) read(ctx context.Context) error {
	e := a.event
	if models.IsStop(e.Text) && e.Payload == "" {
		return a.stop(ctx)
	}
	if models.IsErase(e.Text) && e.Payload == "" {
		return a.reply(eraseQuestion(a.language()))
	}
	switch {
	case e.Payload != "":
		return a.chosen(ctx)
	case e.Ref != "" || e.FromAd():
		found, err := a.referred(ctx)
		if err != nil {
			return err
		}
		if len(found) > 0 {
			return a.offered(ctx, found, a.refSource())
		}
	}
	return a.text(ctx, models.InterestText)
}

// postback acts upon a button; Get Started carries the m.me link's ref.
func (a act) postback(ctx context.Context) error {
	if a.event.Text != "" {
		if err := a.record(models.MessageTap); err != nil {
			return err
		}
	}
	if a.event.Ref != "" || a.event.FromAd() {
		return a.refer(ctx)
	}
	return a.chosen(ctx)
}

// chosen acts upon the payload of a button or a quick reply: ours, or a bare ref in a merchant's own menu.
func (a act) chosen(ctx context.Context) error {
	switch a.event.Payload {
	case stopPayload:
		return a.stop(ctx)
	case personPayload:
		return a.reply(models.Content{Text: phrase(a.language(), "person")})
	case erasePayload:
		return a.reply(eraseQuestion(a.language()))
	case eraseYesPayload:
		return a.forget()
	case eraseNoPayload:
		return nil
	}
	ref, ours := parseAsk(a.event.Payload)
	if !ours {
		ref = a.event.Payload
	}
	return a.named(ctx, ref, models.InterestPostback)
}

// named records interest in what a ref names; a ref that names nothing is no interest.
func (a act) named(ctx context.Context, ref string, source models.InterestSource) error {
	found, err := a.byName(ctx, ref)
	if err != nil || found == nil {
		return err
	}
	return a.interest(ctx, *found, source)
}

// byName finds a variant by ref or, since a merchant may put SKUs in links of their own, by SKU.
func (a act) byName(ctx context.Context, ref string) (*models.Variant, error) {
	if ref == "" {
		return nil, nil //nolint:nilnil // naming nothing is an answer
	}
	v, err := a.tx.VariantByRef(ctx, a.page.ID, ref)
	if models.KindOf(err) == models.KindNotFound {
		v, err = a.tx.VariantBySKU(ctx, a.page.ID, ref)
	}
	if models.KindOf(err) == models.KindNotFound {
		return nil, nil //nolint:nilnil // naming nothing is an answer
	}
	return &v, err
}

// stop withdraws the contact's tokens and says so, inside the window (rule 7.3).
func (a act) stop(ctx context.Context) error {
	if _, err := a.tx.WithdrawTokens(a.contact.ID, models.TokenStop); err != nil {
		return err
	}
	if err := a.tx.StopOptIns(a.contact.ID, 0, models.TokenStop); err != nil {
		return err
	}
	if a.event.At.After(a.contact.StoppedAt) {
		a.contact.StoppedAt = a.event.At
		if err := a.tx.SaveStop(a.contact); err != nil {
			return err
		}
	}
	return a.reply(stopped(a.language()))
}

func (a act) language() string { return models.Language(a.contact.Locale, a.page.Locale) }

// reply queues an automatic answer, if the window is open and the thread is ours. The policy is asked again at
// the moment of sending.
func (a act) reply(c models.Content) error {
	if a.event.Standby {
		return nil
	}
	policy := models.MaySend(models.PolicyQuestion{Kind: models.SendReply, Page: active(a.page), Contact: a.contact, Now: a.tx.Now()})
	if !policy.Allowed {
		return nil
	}
	if err := a.disclose(policy.Until); err != nil {
		return err
	}
	_, err := a.tx.QueueMessage(models.Message{PageID: a.page.ID, ContactID: a.contact.ID, Kind: models.SendReply,
		Rank: models.RankReply, Content: &c, Text: plain(c), SendBefore: policy.Until})
	a.said.n++
	return err
}

// disclose says before the first automatic answer to a person that it is one, where the Page wants that said: the law of some
// countries and states asks for it. It goes before everything else, the opt-in request included.
func (a act) disclose(until time.Time) error {
	if !a.page.Settings.DiscloseAutomation || !a.contact.DisclosedAt.IsZero() || a.said.n > 0 {
		return nil
	}
	c := models.Content{Text: phrase(a.language(), "automatic")}
	if _, err := a.tx.QueueMessage(models.Message{PageID: a.page.ID, ContactID: a.contact.ID, Kind: models.SendReply,
		Rank: models.RankRequest, Content: &c, Text: c.Text, SendBefore: until}); err != nil {
		return err
	}
	return a.tx.SaveDisclosed(a.contact.ID)
}

// active is the Page as if it were not paused: what is queued now waits until the Page may send again.
func active(p models.Page) models.Page {
	p.State = models.PageActive
	return p
}
