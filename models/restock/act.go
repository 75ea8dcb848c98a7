package restock

import (
	"context"
	"time"

	"bentornato/models"
	"bentornato/models/store"
)

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
