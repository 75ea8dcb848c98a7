package restock_test

import (
	"context"
	"testing"
	"time"

	"bentornato/models"
)

// shared is a variant of a system that has a SKU together with others.
func shared(id, sku string, n int) models.PolledItem {
	return models.PolledItem{VariantID: id, ProductID: "p" + id, SKU: sku, Stock: &models.Stock{Available: n}}
}

// TestPollSharedSKU adds up what several variants of a shop have that share a SKU, on whichever page they are told of.
// Taking the last for all would sell the SKU out with every round, and spend tokens on its return.
func TestPollSharedSKU(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		cup := w.product("TAZZA", "Tazza", 0)
		s := w.asking()
		pages := [][]models.PolledItem{{shared("1", "TAZZA", 5)}, {shared("2", "TAZZA", 0)}, {shared("3", "TAZZA", 2), shared("4", "TAZZA", -3)}}
		shop := &system{say: func(q models.PollAsk) (models.PollAnswer, error) {
			page := map[string]int{"": 0, "1": 1, "2": 2}[q.Position]
			answer := models.PollAnswer{Items: pages[page]}
			if page < len(pages)-1 {
				answer.Next = []string{"1", "2"}[page]
			}
			return answer, nil
		}}
		round := func(want int) {
			t.Helper()
			w.asks(shop)
			if n := w.available(cup).Available; n != want {
				t.Errorf("%d cups, want %d", n, want)
			}
			w.clock.Advance(10 * time.Minute)
		}
		round(7)
		round(7)
		if n := len(w.restocks()); n != 1 {
			t.Errorf("%d restocks, want one: it was never sold out between the pages", n)
		}
		// A webhook tells of one of them alone.
		report := models.StockReport{At: w.clock.Now(), Items: items("TAZZA", 0), Catalogue: []models.CatalogueProduct{{ID: "p1",
			Variants: []models.CatalogueVariant{{ID: "1", SKU: "TAZZA"}}}}}
		if got := w.tell(s, report); got.Accepted != 1 || w.available(cup).Available != 2 {
			t.Errorf("one of them sells out: %+v, and there are %d", got, w.available(cup).Available)
		}
		if got := w.tell(s, models.StockReport{At: w.clock.Now(), References: []models.StockReference{{VariantID: "2", Stock: &models.Stock{Available: 4}}}}); got.Accepted != 1 || w.available(cup).Available != 6 {
			t.Errorf("another one comes in: %+v, and there are %d", got, w.available(cup).Available)
		}
		pages[0][0], pages[1][0] = shared("1", "TAZZA", 0), shared("2", "TAZZA", 4)
		round(6)
		// One that is deleted takes its own stock with it, and no more.
		if got := w.tell(s, models.StockReport{At: w.clock.Now(), Catalogue: []models.CatalogueProduct{{ID: "p2", Deleted: true}}}); got.Removed != 0 || w.available(cup).Available != 2 {
			t.Errorf("one is deleted: %+v, and there are %d", got, w.available(cup).Available)
		}
		pages[1] = nil
		round(2)
		// So does one that the shop only stops telling of.
		pages[2] = nil
		round(2)
		round(0)
		if n := len(w.restocks()); n != 1 {
			t.Errorf("%d restocks", n)
		}
		w.sound()
	})
}

// TestPollGoesOn goes on, after a process died between two pages, where it was.
func TestPollGoesOn(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		cup, dish := w.product("TAZZA", "Tazza", 0), w.product("PIATTO", "Piatto", 0)
		s := w.asking()
		ctx, die := context.WithCancel(w.ctx)
		defer die()
		dies := false
		shop := &system{}
		shop.say = func(q models.PollAsk) (models.PollAnswer, error) {
			if q.Position == "" {
				dies = true
				return models.PollAnswer{Items: []models.PolledItem{polled("TAZZA", 5)}, Next: "2"}, nil
			}
			if dies {
				// As if the process were killed: nothing is given back.
				dies = false
				die()
				return models.PollAnswer{}, context.Canceled
			}
			return models.PollAnswer{Items: []models.PolledItem{polled("PIATTO", 3)}}, nil
		}
		if _, err := w.service.PollSource(ctx, shop); err != nil {
			t.Fatal(err)
		}
		w.clock.Advance(time.Second)
		if _, err := w.service.PollSource(ctx, shop); err != nil {
			t.Fatal(err)
		}
		if n := w.available(cup).Available; n != 5 || w.poll(s).Position != "2" {
			t.Errorf("%d cups, and the round stands at %q", n, w.poll(s).Position)
		}
		w.asks(shop)
		if len(shop.asked) != 2 {
			t.Errorf("%d questions, before the lease of the dead process is over", len(shop.asked))
		}
		w.clock.Advance(3 * time.Minute)
		w.asks(shop)
		if n := w.available(dish).Available; n != 3 || len(shop.asked) != 3 || shop.asked[2].Position != "2" {
			t.Errorf("%d dishes after %d questions", n, len(shop.asked))
		}
		if p := w.poll(s); p.DoneChecked != 2 || p.Failures != 0 {
			t.Errorf("the poll is %+v", p)
		}
		w.sound()
	})
}
