package restock

import (
	"context"
	"crypto/rand"
	"fmt"
	"slices"

	"bentornato/models"
	"bentornato/models/store"
)

// text finds the products that a text names: one is interest, several are a carousel to choose from, none gets no
// automatic answer, so that people can talk to people (rule 3.1).
func (a act) text(ctx context.Context, source models.InterestSource) error {
	variants, err := a.match(ctx)
	switch {
	case err != nil:
		return err
	case len(variants) == 0:
		return a.cameByAd(ctx)
	case len(variants) == 1:
		return a.interest(ctx, variants[0], source)
	default:
		return a.reply(carousel(a.language(), variants))
	}
}

func (a act) match(ctx context.Context) ([]models.Variant, error) {
	candidates, words, err := a.tx.Candidates(ctx, a.page.ID, a.event.Text)
	if err != nil {
		return nil, err
	}
	ids := models.Match(words, candidates)
	byID, err := a.tx.Variants(ctx, ids)
	if err != nil {
		return nil, err
	}
	variants := make([]models.Variant, 0, len(ids))
	for _, id := range ids {
		if v, ok := byID[id]; ok && v.DeletedAt.IsZero() {
			variants = append(variants, v)
		}
	}
	return variants, nil
}

// interest records that the contact asked about a variant and answers: the opt-in request where it is sold out, the
// product card where it is not (rule 3.2).
func (a act) interest(ctx context.Context, v models.Variant, source models.InterestSource) error {
	i := models.Interest{PageID: a.page.ID, ContactID: a.contact.ID, VariantID: v.ID, Source: source, At: a.event.At}
	if source == models.InterestAd {
		i.AdID, i.Ad = a.event.AdID, a.event.Ad
	}
	if err := a.tx.SaveInterest(i); err != nil {
		return err
	}
	return a.answer(ctx, v)
}

// answer says what there is to say about a variant: the opt-in request where it is sold out, the product card where it is not.
func (a act) answer(ctx context.Context, v models.Variant) error {
	if a.event.Standby {
		return nil
	}
	if v.SoldOut() {
		if policy := models.MaySend(models.PolicyQuestion{Kind: models.SendReply, Page: active(a.page), Contact: a.contact, Now: a.tx.Now()}); policy.Allowed {
			if err := a.disclose(policy.Until); err != nil {
				return err
			}
		}
		done, err := ask(ctx, a.tx, a.page, a.contact, v)
		switch {
		case err != nil:
			return err
		case done == askHeld:
			return a.reply(models.Content{Text: fmt.Sprintf(phrase(a.language(), "noted"), v.Name())})
		case done == askQueued:
			a.said.n++
		}
		return nil
	}
	return a.reply(productCard(a.language(), v, a.page.Settings.OfferWhenAvailable))
}

// asked is what became of asking somebody.
type asked string

const (
	askNot    asked = ""       // they must not be asked now
	askQueued asked = "queued" // the opt-in request is a row
	askHeld   asked = "held"   // there was nothing to ask: a recurring opt-in of theirs is for this too, and waits
)

// ask queues the opt-in request, unless the contact must not be asked now: the window is closed, or a request is
// outstanding, or a token is live (rule 3.5). The contact's row is held, so two asks cannot pass each other. Who has a recurring
// opt-in for the variant is not asked again: that waits from now on.
func ask(ctx context.Context, tx *store.Tx, page models.Page, contact models.Contact, v models.Variant) (asked, error) {
	policy := models.MaySend(models.PolicyQuestion{Kind: models.SendRequest, Page: active(page), Contact: contact, Now: tx.Now()})
	if !policy.Allowed {
		return askNot, nil
	}
	if known, err := tx.Asked(contact.ID, v.ID); known || err != nil {
		return askNot, err
	}
	optin, covered, err := tx.CoveringOptIn(contact.ID, v.ID)
	if err != nil {
		return askNot, err
	}
	if covered {
		_, _, err := tx.WaitByOptIn(ctx, optin, v.ID, tx.Now())
		return askHeld, err
	}
	stopped, err := tx.StoppedOptIn(ctx, contact.ID, v.ID)
	if err != nil {
		return askNot, err
	}
	choice := models.ChooseOptIn(models.OptInQuestion{Page: page, Stopped: stopped, Now: tx.Now()})
	if choice.Product == "" {
		return askNot, nil
	}
	title := models.RequestTitle
	if choice.Product == models.OptInRecurring {
		title = models.RecurringTitle
	}
	request, err := tx.SaveRequest(models.Request{PageID: page.ID, ContactID: contact.ID, VariantID: v.ID, Payload: "bn:r:" + rand.Text(),
		Title: title(page.Settings.For(v), models.Language(contact.Locale, page.Locale), v), Product: choice.Product, Why: choice.Why})
	if err != nil {
		return askNot, err
	}
	card := choice.Card(request.Title, request.Payload, page, v)
	_, err = tx.QueueMessage(models.Message{PageID: page.ID, ContactID: contact.ID, Kind: models.SendRequest, Rank: models.RankRequest,
		RequestID: request.ID, Text: request.Title, SendBefore: policy.Until, Content: &models.Content{Request: &card}})
	return askQueued, err
}

// askBatch is how many contacts one transaction asks.
const askBatch = 200

// AskSoldOut asks the people inside the window about a variant that sold out, the window that closes soonest first
// (rule 3.3), and reports whether there may be more to do.
func (s *Service) AskSoldOut(ctx context.Context) (bool, error) {
	more := false
	err := s.store.Update(ctx, func(tx *store.Tx) error {
		out, err := tx.TakeSellout()
		if models.KindOf(err) == models.KindNotFound {
			return nil
		}
		if err != nil {
			return err
		}
		more = true
		v, err := tx.Variant(ctx, out.VariantID)
		if err != nil {
			return err
		}
		page, err := tx.Page(ctx, out.PageID)
		if err != nil {
			return err
		}
		if !v.SoldOut() || !v.DeletedAt.IsZero() {
			return tx.EndSellout(out) // it came back before everyone was asked
		}
		asked, err := s.askOpen(ctx, tx, page, v)
		if err != nil || asked > 0 {
			return err
		}
		return tx.EndSellout(out)
	})
	if more {
		s.waker.Wake()
	}
	return more, err
}

// askOpen asks one batch and returns how many were asked.
func (s *Service) askOpen(ctx context.Context, tx *store.Tx, page models.Page, v models.Variant) (int, error) {
	openSince := tx.Now().Add(-models.StandardWindow + models.WindowMargin)
	list, err := tx.Askable(v.ID, openSince, tx.Now().Add(-models.RequestLife), askBatch)
	if err != nil {
		return 0, err
	}
	// Rows are taken in the order of their numbers, so that two transactions never wait for each other.
	byClosing := slices.Clone(list)
	slices.SortFunc(list, func(x, y models.Contact) int { return int(x.ID - y.ID) })
	held := map[int64]models.Contact{}
	for _, c := range list {
		if held[c.ID], err = tx.TakeContact(page.ID, c.PSID); err != nil {
			return 0, err
		}
	}
	n := 0
	for _, c := range byClosing {
		done, err := ask(ctx, tx, page, held[c.ID], v)
		if err != nil {
			return n, err
		}
		if done != askNot {
			n++
		}
	}
	return n, nil
}

// comment records the interest of someone who named a product under a post, or commented on a post that is tied to one, and offers the first step in the one
// private reply (rules 2.3 and 3.1). The window opens when they answer it.
func (a act) comment(ctx context.Context) error {
	variants, err := a.match(ctx)
	if err == nil && len(variants) == 0 {
		variants, err = a.tx.Tied(ctx, a.page.ID, models.TiePost, models.PostNumber(a.event.PostID))
	}
	if err != nil || len(variants) == 0 {
		return err
	}
	for _, v := range variants {
		if len(variants) > 1 {
			break // the choice will say which
		}
		if err := a.tx.SaveInterest(models.Interest{PageID: a.page.ID, ContactID: a.contact.ID, VariantID: v.ID,
			Source: models.InterestComment, At: a.event.At}); err != nil {
			return err
		}
	}
	answered, err := a.tx.CommentAnswered(a.page.ID, a.event.CommentID)
	if err != nil {
		return err
	}
	policy := models.MaySend(models.PolicyQuestion{Kind: models.SendPrivateReply, Page: active(a.page), Contact: a.contact,
		CommentAt: a.event.At, CommentAnswered: answered, Now: a.tx.Now()})
	if !policy.Allowed {
		return nil
	}
	content := carousel(a.language(), variants)
	if len(variants) == 1 {
		content = firstStep(a.language(), variants[0])
	}
	_, err = a.tx.QueueMessage(models.Message{PageID: a.page.ID, ContactID: a.contact.ID, Kind: models.SendPrivateReply, Rank: models.RankReply,
		CommentID: a.event.CommentID, CommentAt: a.event.At, Content: &content, Text: plain(content), SendBefore: policy.Until})
	return err
}
