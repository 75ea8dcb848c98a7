package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"bentornato/models"
	"bentornato/models/store"
)

// benchShop makes up a shop with a year behind it: so many tokens, a tenth as many products and half as many contacts,
// most of whom wait for a few products. The same numbers make the same shop.
type benchShop struct {
	store  *store.Store
	now    time.Time
	page   string
	tokens int
	chance *rand.Rand

	variants []models.Variant
	contacts []models.Contact
	restocks []models.Restock
}

// benchChunk is how many rows are made up and written at a time.
const benchChunk = 20_000

// Shares of a made-up shop.
const (
	benchTokensAProduct = 10
	benchTokensAContact = 2
	benchTokensARestock = 25 // spent
)

func (b *benchShop) seed(ctx context.Context) error {
	b.chance = rand.New(rand.NewPCG(1, uint64(b.tokens)))
	return b.store.Seeding(ctx, func(ctx context.Context) error {
		for _, step := range []func(context.Context) error{b.list, b.meet, b.open, b.grant, b.talk} {
			if err := step(ctx); err != nil {
				return err
			}
		}
		return nil
	})
}

// inChunks calls do for pieces of n things, each in a transaction.
func (b *benchShop) inChunks(ctx context.Context, n int, do func(tx *store.Tx, from, to int) error) error {
	for from := 0; from < n; from += benchChunk {
		if err := b.store.Update(ctx, func(tx *store.Tx) error { return do(tx, from, min(from+benchChunk, n)) }); err != nil {
			return err
		}
	}
	return nil
}

// The words of which titles are made: 20 x 25 x 10 of them.
var (
	benchThings  = []string{"Tazza", "Vaso", "Lampada", "Ciotola", "Brocca", "Piatto", "Coperta", "Cuscino", "Candela", "Cesto", "Tappeto", "Specchio", "Vassoio", "Moka", "Teiera", "Caraffa", "Quaderno", "Borsa", "Sciarpa", "Orologio"}
	benchSeries  = []string{"Alba", "Luna", "Onda", "Riva", "Selva", "Neve", "Brezza", "Duna", "Fonte", "Ginestra", "Lago", "Mirto", "Nuvola", "Olmo", "Perla", "Quercia", "Rugiada", "Sabbia", "Tiglio", "Ulivo", "Vento", "Zefiro", "Città", "Caffè", "Bosco"}
	benchColours = []string{"blu", "rossa", "verde", "gialla", "nera", "bianca", "grigia", "rosa", "arancio", "viola"}
)

func benchVariant(page string, i int) models.Variant {
	thing, series, colour := benchThings[i%len(benchThings)], benchSeries[i/len(benchThings)%len(benchSeries)], benchColours[i*7%len(benchColours)]
	sku := fmt.Sprintf("%.3s-%.3s-%06d", thing, series, i)
	return models.Variant{PageID: page, SKU: sku, Title: thing + " " + series, Option: colour, PriceMinor: int64(900 + i%9000), Currency: "EUR",
		URL: "https://shop.example/" + sku, ImageURL: "https://shop.example/" + sku + ".jpg", MinStock: 1}
}

// list lists the products; a third are in stock.
func (b *benchShop) list(ctx context.Context) error {
	b.variants = make([]models.Variant, max(1, b.tokens/benchTokensAProduct))
	for i := range b.variants {
		v := benchVariant(b.page, i)
		v.StockAt = b.now.Add(-time.Duration(i%1000) * time.Hour)
		if i%3 == 2 {
			v.Available = i % 50
		}
		b.variants[i] = v
	}
	return b.inChunks(ctx, len(b.variants), func(tx *store.Tx, from, to int) error { return tx.SeedVariants(b.variants[from:to]) })
}

// meet adds the contacts, whose last words were spoken some time in the last 60 days.
func (b *benchShop) meet(ctx context.Context) error {
	b.contacts = make([]models.Contact, max(1, b.tokens/benchTokensAContact))
	for i := range b.contacts {
		b.contacts[i] = models.Contact{PageID: b.page, PSID: fmt.Sprintf("24%013d", i), Name: fmt.Sprintf("%s %s", benchSeries[i%len(benchSeries)], benchThings[i/len(benchSeries)%len(benchThings)]),
			Locale: "it_IT", LastActionAt: b.ago(60 * day), ProfileAt: b.now}
	}
	return b.inChunks(ctx, len(b.contacts), func(tx *store.Tx, from, to int) error { return tx.SeedContacts(b.contacts[from:to]) })
}

// ago is some moment of so long before now.
func (b *benchShop) ago(most time.Duration) time.Time {
	return b.now.Add(-time.Duration(b.chance.Int64N(int64(most)))).Truncate(time.Millisecond)
}

// pick is a product: a tenth of them are asked for nearly as often as all others.
func (b *benchShop) pick() models.Variant {
	u := b.chance.Float64()
	return b.variants[int(u*u*u*float64(len(b.variants)))]
}

// open adds the restocks: nearly all are over, and a few are paused.
func (b *benchShop) open(ctx context.Context) error {
	b.restocks = make([]models.Restock, max(1, b.tokens/10/benchTokensARestock))
	for i := range b.restocks {
		begun := b.ago(300 * day)
		r := models.Restock{PageID: b.page, VariantID: b.pick().ID, State: models.RestockDone, Quantity: 5, Wave: 1, Sent: benchTokensARestock,
			StartAt: begun, CreatedAt: begun, StateAt: begun.Add(time.Minute), FirstSentAt: begun, LastSentAt: begun.Add(time.Minute)}
		if i < min(10, len(b.variants)) && i%2 == 0 { // one open restock a product
			r.State, r.VariantID = models.RestockPaused, b.variants[i].ID
		}
		b.restocks[i] = r
	}
	return b.inChunks(ctx, len(b.restocks), func(tx *store.Tx, from, to int) error { return tx.SeedRestocks(b.restocks[from:to]) })
}

// grant gives out the tokens, over a year: of ten nearly nine wait, one is sent, and a few have failed or ended.
func (b *benchShop) grant(ctx context.Context) error {
	return b.inChunks(ctx, b.tokens, func(tx *store.Tx, from, to int) error {
		tokens, interests := make([]models.Token, to-from), make([]models.Interest, to-from)
		for i := range tokens {
			n, v := from+i, b.pick()
			c := b.contacts[n%len(b.contacts)]
			k := models.Token{PageID: b.page, ContactID: c.ID, VariantID: v.ID, GrantedAt: b.ago(350 * day)}
			switch {
			case n%10 == 9:
				r := b.restocks[b.chance.IntN(len(b.restocks))]
				k.State, k.RestockID, k.VariantID, k.StateAt, k.Attempts = models.TokenSent, r.ID, r.VariantID, r.FirstSentAt, 1
			case n%100 == 50:
				k.State, k.Reason, k.Attempts, k.RestockID = models.TokenFailed, models.TokenDead, 1, b.restocks[0].ID
			case n%100 == 51:
				k.State, k.Reason = models.TokenExpired, models.TokenYearOver
			case n%100 == 52:
				k.VariantID, k.Reason = 0, models.TokenUnassigned
			}
			tokens[i] = k
			interests[i] = models.Interest{PageID: b.page, ContactID: c.ID, VariantID: v.ID, Source: models.InterestRef, At: k.GrantedAt.Add(-time.Minute)}
		}
		if err := tx.SeedInterests(interests); err != nil {
			return err
		}
		return tx.SeedTokens(tokens, func(i int) string { return fmt.Sprintf("bench-%s-%d", b.page, from+i) })
	})
}

// talk adds what was said with every fifth contact.
func (b *benchShop) talk(ctx context.Context) error {
	return b.inChunks(ctx, len(b.contacts), func(tx *store.Tx, from, to int) error {
		var list []models.Message
		for i := from; i < to; i += 5 {
			at := b.contacts[i].LastActionAt
			list = append(list,
				models.Message{PageID: b.page, ContactID: b.contacts[i].ID, Incoming: true, State: models.MessageSent, Text: "Ciao, avete la tazza blu?", MID: fmt.Sprintf("m_in_%d", i), At: at, StateAt: at},
				models.Message{PageID: b.page, ContactID: b.contacts[i].ID, Kind: models.SendReply, State: models.MessageSent, Text: "Eccola!", MID: fmt.Sprintf("m_out_%d", i), At: at.Add(time.Second), StateAt: at})
		}
		return tx.SeedMessages(list)
	})
}
