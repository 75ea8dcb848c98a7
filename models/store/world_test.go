package store_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"bentornato/models"
	"bentornato/models/store"
	"bentornato/models/store/storetest"
)

const pageID = "101000000000000"

// world is a Page with a variant on a fresh database, and the few moves that most tests begin with.
type world struct {
	t     testing.TB
	ctx   context.Context
	store *store.Store
	clock *storetest.Clock
	v     models.Variant
	folk  int
}

func newWorld(t testing.TB, s *store.Store, clock *storetest.Clock) *world {
	t.Helper()
	w := &world{t: t, ctx: context.Background(), store: s, clock: clock}
	w.page(models.Page{})
	w.v = w.variant("TAZZA", 0)
	return w
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) update(fn func(tx *store.Tx) error) {
	w.t.Helper()
	w.must(w.store.Update(w.ctx, fn))
}

// page saves the Page, filling in what p leaves out.
func (w *world) page(p models.Page) {
	w.t.Helper()
	if p.ID == "" {
		p.ID = pageID
	}
	if p.Rate == 0 {
		p.Rate = 300
	}
	p.Name, p.Locale, p.TimeZone = "Bottega", "it", "Europe/Rome"
	w.update(func(tx *store.Tx) error { return tx.SavePage(p, "page-token") })
}

// variant lists a variant with some stock, and starts nothing.
func (w *world) variant(sku string, available int) models.Variant {
	w.t.Helper()
	var v models.Variant
	w.update(func(tx *store.Tx) error {
		var err error
		v, _, err = tx.SaveVariant(w.ctx, models.Variant{PageID: pageID, SKU: sku, Title: "Tazza " + sku, URL: "https://shop.test/" + sku, MinStock: 1}, "")
		if err != nil {
			return err
		}
		v.Available = available
		return tx.SaveStock(v)
	})
	return v
}

// stock writes a variant's quantity, and starts nothing.
func (w *world) stock(v models.Variant, available int) {
	w.t.Helper()
	w.update(func(tx *store.Tx) error {
		v.Available = available
		return tx.SaveStock(v)
	})
}

// grant gives n new people a waiting token each, a second apart, and returns the tokens' numbers.
func (w *world) grant(n int, v models.Variant) []int64 {
	w.t.Helper()
	ids := make([]int64, n)
	w.update(func(tx *store.Tx) error {
		for i := range ids {
			w.folk++
			c, err := tx.TakeContact(pageID, fmt.Sprintf("24%012d", w.folk))
			if err != nil {
				return err
			}
			k, _, err := tx.GrantToken(models.Token{PageID: pageID, ContactID: c.ID, VariantID: v.ID,
				GrantedAt: storetest.Epoch.Add(-24*time.Hour + time.Duration(w.folk)*time.Second)}, fmt.Sprintf("secret-%s-%d", v.SKU, w.folk))
			if err != nil {
				return err
			}
			ids[i] = k.ID
		}
		return nil
	})
	return ids
}

// optIn gives a new person a recurring opt-in about a variant, and returns the row that waits by it.
func (w *world) optIn(v models.Variant) int64 {
	w.t.Helper()
	var id int64
	w.update(func(tx *store.Tx) error {
		w.folk++
		c, err := tx.TakeContact(pageID, fmt.Sprintf("24%012d", w.folk))
		if err != nil {
			return err
		}
		at := tx.Now().Add(-time.Hour)
		o, _, err := tx.SaveOptIn(models.OptIn{PageID: pageID, ContactID: c.ID, VariantID: v.ID, Source: models.OptInByWebhook, Status: models.OptInActive,
			GrantedAt: at, StatusAt: at, ExpiresAt: at.AddDate(1, 0, 0)}, fmt.Sprintf("recurring-%d", w.folk))
		if err != nil {
			return err
		}
		k, added, err := tx.WaitByOptIn(w.ctx, o, v.ID, at)
		if !added {
			return fmt.Errorf("nothing waits by the opt-in: %w", err)
		}
		id = k.ID
		return err
	})
	return id
}

// restock puts the variant in stock and starts a running restock of it.
func (w *world) restock(v models.Variant, r models.Restock) int64 {
	w.t.Helper()
	w.stock(v, 1000)
	r.PageID, r.VariantID, r.State, r.Wave = pageID, v.ID, models.RestockRunning, 1
	w.update(func(tx *store.Tx) error {
		var err error
		r.StartAt = tx.Now()
		r, err = tx.StartRestock(r)
		return err
	})
	return r.ID
}

// claim claims at most n messages and tokens, whatever the rate.
func (w *world) claim(n int) store.Claimed {
	w.t.Helper()
	c, err := w.store.Claim(w.ctx, store.ClaimQuery{PageID: pageID, Horizon: time.Hour, Lease: 30 * time.Second, Max: n})
	w.must(err)
	return c
}

// answered settles claimed tokens with one and the same answer.
func (w *world) answered(list []store.ClaimedToken, a models.Answer) {
	w.t.Helper()
	settlements := make([]models.Settlement, len(list))
	for i, k := range list {
		settlements[i] = models.SettleAttempt(k.Token, a, w.store.Now(), 2*time.Minute)
	}
	w.must(w.store.Settle(w.ctx, settlements))
}

func (w *world) token(id int64) models.Token {
	w.t.Helper()
	k, err := w.store.Token(w.ctx, id)
	w.must(err)
	return k
}

func (w *world) getRestock(id int64) models.Restock {
	w.t.Helper()
	r, err := w.store.Restock(w.ctx, id)
	w.must(err)
	return r
}

// states counts the tokens by state.
func (w *world) states() map[models.TokenState]int {
	w.t.Helper()
	s, err := w.store.Stats(w.ctx, pageID)
	w.must(err)
	return s.Tokens
}

// audit counts every counter again from the rows it stands for.
func (w *world) audit() {
	w.t.Helper()
	if wrong, err := w.store.Audit(w.ctx); err != nil || len(wrong) > 0 {
		w.t.Errorf("counters do not agree with their rows: %v, %v", wrong, err)
	}
}

func ids(list []store.ClaimedToken) []int64 {
	out := make([]int64, len(list))
	for i, k := range list {
		out[i] = k.ID
	}
	return out
}

var sent = models.Answer{Outcome: models.OutcomeSent, MessageID: "m_1"}
