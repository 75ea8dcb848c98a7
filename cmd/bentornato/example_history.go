package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"time"

	"bentornato/models"
	"bentornato/models/restock"
	"bentornato/models/store"
	"bentornato/web/inventory"
)

// clock is one that can be set: the example's past is lived through, not written down.
type clock interface {
	Now() time.Time
	Set(time.Time)
}

// exampleOptions is what the example shop needs to be told.
type exampleOptions struct {
	// AccessToken is the Page's.
	AccessToken string
	// BaseURL is the product's own address, ShopURL that of exampleSite; neither ends in a slash.
	BaseURL, ShopURL string
}

// examplePast is what the platform must know for the past to have happened there too.
type examplePast struct {
	People []examplePastPerson
	// Tokens are those that may still be spent, or were; the platform refuses one that it does not know.
	Tokens []exampleToken
	// Messages are what was said, oldest first.
	Messages []exampleMessage
}

// examplePastPerson is a customer and the time of the last action that opened a window.
type examplePastPerson struct {
	examplePerson
	LastAction time.Time
}

// exampleToken is a permission that a customer gave.
type exampleToken struct {
	PSID, Value, Payload string
	Granted              time.Time
}

// Days before now. The past begins a good year ago, so that a token's year can be over.
const (
	day         = 24 * time.Hour
	exampleAge  = 380 * day
	exampleTill = "Cassa del negozio" // the source that reports the shop's stock
)

// seedExample gives a fresh, migrated database the example shop and its past, as if the product had run all the time:
// every fact comes of a webhook event, a stock report or a person's decision, by the same workflows as ever. Only the
// platform's answers are made up. The store must tell the time by the same clock, which is set back and forth and
// stands where it stood in the end. Nothing else may use the store meanwhile.
func seedExample(ctx context.Context, s *store.Store, c clock, o exampleOptions) (examplePast, error) {
	now := c.Now()
	defer c.Set(now)
	h := &history{ctx: ctx, store: s, clock: c, now: now, options: o, variants: map[string]models.Variant{},
		messenger: &pastMessenger{now: c.Now, payloads: map[string]string{}, answers: map[string]models.Answer{}, holders: map[string]string{}}}
	h.service = restock.New(s, h.messenger, noWaker{}, c.Now, slog.New(slog.DiscardHandler), restock.Config{BaseURL: o.BaseURL, UnknownGrace: time.Minute})
	for _, chapter := range []func(*history){openShop, firstYear, mokaCameBack, autumn, lastWeek, today} {
		if chapter(h); h.err != nil {
			return examplePast{}, fmt.Errorf("the example's past, %s before now: %w", now.Sub(c.Now()), h.err)
		}
	}
	c.Set(now)
	h.do(func() error { return s.Tidy(ctx) })
	past := h.past()
	return past, h.err
}

// history lives through the example's past. The first error ends it: what follows does nothing.
type history struct {
	ctx       context.Context
	store     *store.Store
	service   *restock.Service
	messenger *pastMessenger
	clock     clock
	now       time.Time // when the past ends
	options   exampleOptions
	source    models.Source
	variants  map[string]models.Variant // by slug
	tokens    []exampleToken
	events    int
	err       error
}

func (h *history) do(step func() error) {
	if h.err == nil {
		h.err = step()
	}
}

// at goes on to so long before the end. The past has one direction.
func (h *history) at(ago time.Duration) {
	h.do(func() error {
		to := h.now.Add(-ago)
		if to.Before(h.clock.Now()) && h.events > 0 {
			return fmt.Errorf("%s ago lies before what has happened already", ago)
		}
		h.clock.Set(to)
		return nil
	})
}

// event is a webhook event, stored, applied and answered.
func (h *history) event(e models.Event) {
	h.do(func() error {
		h.events++
		e.PageID, e.At, e.Key = examplePageID, h.clock.Now(), fmt.Sprintf("example:%d", h.events)
		h.messenger.hears(e)
		if err := h.store.Update(h.ctx, func(tx *store.Tx) error { return tx.SaveInbound([]models.Event{e}) }); err != nil {
			return err
		}
		if _, err := h.service.Apply(h.ctx); err != nil {
			return err
		}
		_, err := h.service.FetchProfiles(h.ctx, pastProfiles{})
		return err
	})
	h.send()
}

// writes is a message.
func (h *history) writes(p examplePerson, text string) {
	h.event(models.Event{Kind: models.EventMessage, PSID: p.PSID, Text: text, MID: fmt.Sprintf("m_example_in_%d", h.events)})
}

// asks is a message that follows a product's m.me link.
func (h *history) asks(p examplePerson, slug, text string) {
	h.event(models.Event{Kind: models.EventMessage, PSID: p.PSID, Text: text, Ref: h.variants[slug].Ref, Source: "SHORTLINK",
		MID: fmt.Sprintf("m_example_in_%d", h.events)})
}

// overheard is a message that follows a product's m.me link while another app, say a reply by hand in the Page's inbox, has the
// conversation, and gives it back afterwards: it is on record, and nobody is asked by itself.
func (h *history) overheard(p examplePerson, slug, text string) {
	h.event(models.Event{Kind: models.EventMessage, PSID: p.PSID, Text: text, Ref: h.variants[slug].Ref, Source: "SHORTLINK", Standby: true,
		MID: fmt.Sprintf("m_example_in_%d", h.events)})
	h.event(models.Event{Kind: models.EventHandover, PSID: p.PSID, Action: "pass_thread_control"})
}

// taps is a tap on Notify Me, on the newest request that the person got.
func (h *history) taps(p examplePerson) {
	payload, asked := h.messenger.payloads[p.PSID]
	if !asked {
		h.do(func() error { return fmt.Errorf("%s was asked nothing to tap on", p.Name()) })
	}
	delete(h.messenger.payloads, p.PSID)
	h.grants(p, payload)
}

// grants is the opt-in that a tap brings.
func (h *history) grants(p examplePerson, payload string) {
	token := exampleToken{PSID: p.PSID, Value: rand.Text(), Payload: payload, Granted: h.clock.Now()}
	h.tokens = append(h.tokens, token)
	h.event(models.Event{Kind: models.EventOptIn, PSID: p.PSID, Payload: payload, Token: token.Value})
}

// wants is a whole story: a question about what is sold out, and a tap a moment later.
func (h *history) wants(p examplePerson, slug, text string) {
	h.asks(p, slug, text)
	h.passes(2 * time.Minute)
	h.taps(p)
}

func (h *history) passes(d time.Duration) {
	h.do(func() error { h.clock.Set(h.clock.Now().Add(d)); return nil })
}

// counted is a stock report by hand.
func (h *history) counted(slug string, available int) {
	h.do(func() error {
		_, err := h.service.ReportByHand(h.ctx, h.variants[slug].ID, models.Stock{Available: available})
		return err
	})
}

// reported is a report of the shop's till.
func (h *history) reported(items ...models.StockItem) {
	h.do(func() error {
		h.events++
		_, err := h.service.Report(h.ctx, h.source, models.StockReport{Key: fmt.Sprintf("example-%d", h.events), At: h.clock.Now(), Items: items})
		return err
	})
	h.send()
}

func stockOf(slug string, available int) models.StockItem {
	return models.StockItem{SKU: exampleItem{slug: slug}.sku(), Stock: models.Stock{Available: available}}
}

// send does the dispatcher's work until there is nothing left to send now.
func (h *history) send() {
	for h.err == nil {
		asking, err := h.service.AskSoldOut(h.ctx)
		h.do(func() error { return err })
		if sent := h.sendOnce(); sent == 0 && !asking {
			break
		}
	}
	h.do(func() error { return h.store.Sweep(h.ctx, time.Minute) })
}

func (h *history) sendOnce() int {
	n := 0
	h.do(func() error {
		claimed, err := h.store.Claim(h.ctx, store.ClaimQuery{PageID: examplePageID, Horizon: time.Minute, Lease: time.Minute, Max: 100})
		if err != nil {
			return err
		}
		n = len(claimed.Messages) + len(claimed.Tokens)
		var messages []store.SettledMessage
		for _, m := range claimed.Messages {
			message, answer := h.service.DeliverMessage(h.ctx, claimed.Page, h.options.AccessToken, m)
			messages = append(messages, store.SettledMessage{Message: message, Answer: answer})
		}
		if err := h.store.SettleMessages(h.ctx, messages); err != nil {
			return err
		}
		var settled []models.Settlement
		for _, k := range claimed.Tokens {
			settled = append(settled, h.service.DeliverNotification(h.ctx, claimed.Page, h.options.AccessToken, k))
		}
		return h.store.Settle(h.ctx, settled)
	})
	return n
}

// opens is a click on a notification's link, by the first so many people whom the item's restock reached.
func (h *history) opens(slug string, people int) {
	h.do(func() error {
		rows, _, err := h.store.Tokens(h.ctx, models.TokenQuery{VariantIDs: []int64{h.variants[slug].ID}, State: models.TokenSent, Limit: people}, h.clock.Now())
		if err != nil {
			return err
		}
		for _, row := range rows {
			if err := h.store.Update(h.ctx, func(tx *store.Tx) error {
				_, err := tx.Click(h.store.ClickCode(row.ID))
				return err
			}); err != nil {
				return err
			}
		}
		return nil
	})
}

// past gathers what the platform must know.
func (h *history) past() examplePast {
	past := examplePast{Tokens: h.tokens, Messages: h.messenger.messages}
	for _, p := range examplePeople() {
		h.do(func() error {
			c, err := h.store.ContactByPSID(h.ctx, examplePageID, p.PSID)
			past.People = append(past.People, examplePastPerson{p, c.LastActionAt})
			return err
		})
	}
	return past
}

// openShop lists what the shop sells.
func openShop(h *history) {
	h.at(exampleAge)
	h.do(func() error {
		return h.store.Update(h.ctx, func(tx *store.Tx) error {
			page := models.Page{ID: examplePageID, Name: examplePageName, Rate: models.DefaultRate, Locale: exampleLocale, TimeZone: exampleTimeZone,
				Settings: models.PageSettings{PublicList: true, OfferWhenAvailable: true}}
			return tx.SavePage(page, h.options.AccessToken)
		})
	})
	for _, i := range exampleItems() {
		h.do(func() error {
			saved, err := h.service.SaveProduct(h.ctx, models.Listing{Product: i.product, Stock: &models.Stock{Available: i.stock}, Variant: models.Variant{
				PageID: examplePageID, SKU: i.sku(), Title: i.title, Option: i.option, PriceMinor: i.cents, Currency: "EUR",
				URL: h.options.ShopURL + "/" + i.slug, ImageURL: h.options.ShopURL + "/images/" + i.slug + ".svg",
				MinStock: max(1, i.minStock), TokensPerUnit: i.tokensPerUnit}})
			h.variants[i.slug] = saved.Variant
			return err
		})
	}
	h.send()
	h.do(func() error {
		secret, err := inventory.NewSecret(inventory.Generic)
		if err != nil {
			return err
		}
		return h.store.Update(h.ctx, func(tx *store.Tx) error {
			h.source, err = tx.AddSource(models.Source{Kind: inventory.Generic, Name: exampleTill, PageID: examplePageID}, secret)
			return err
		})
	})
}
