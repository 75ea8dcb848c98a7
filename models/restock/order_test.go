package restock_test

import (
	"context"
	"reflect"
	"strings"
	"sync"
	"testing"

	"bentornato/models"
)

// bought sends a notification to a person who waits, and returns the address that its link leads to.
func (w *world) bought(v models.Variant, psid string) (code, address string) {
	w.t.Helper()
	w.holder(psid, v)
	w.stock(v, 5)
	w.deliver()
	link := w.platform.out[len(w.platform.out)-1].Content.Cards[0].URL
	code, ok := strings.CutPrefix(link, "https://bentornato.test/r/")
	if !ok {
		w.t.Fatalf("the notification links to %q", link)
	}
	address, err := w.service.Click(w.ctx, code)
	w.must(err)
	return code, address
}

func (w *world) orders(s models.Source, orders ...models.OrderReport) int {
	w.t.Helper()
	n, err := w.service.RecordOrders(w.ctx, s, orders)
	w.must(err)
	return n
}

// TestOrders counts an order once for the restock whose notification led to it (rule 7.2).
func TestOrders(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.page(models.PageSettings{CountOrders: true})
		cup := w.product("TAZZA", "Tazza", 0)
		code, address := w.bought(cup, "psid-1")
		if want := cup.URL + "?bentornato=" + code; address != want {
			t.Errorf("the link leads to %q, want %q", address, want)
		}
		if target, err := w.store.LinkTarget(w.ctx, code); err != nil || target != address {
			t.Errorf("a probe of it leads to %q, %v", target, err)
		}
		s, other := w.source(""), w.source(pageID)
		order := models.OrderReport{ID: "1001", Total: models.Money{Minor: 4900, Currency: "EUR"}, Traces: []string{"", address}}
		for _, foreign := range []models.OrderReport{
			{ID: "1", Traces: []string{cup.URL, "/?bentornato=abcdefghijkl2345"}},
			{ID: "2", Traces: []string{strings.Replace(address, code, code[:len(code)-1]+"a", 1) + "a"}},
			{ID: "3"},
		} {
			if n := w.orders(s, foreign); n != 0 {
				t.Errorf("order %s is counted", foreign.ID)
			}
		}
		if n := w.orders(s, order, order); n != 1 {
			t.Errorf("%d orders are counted, want 1", n)
		}
		if n := w.orders(s, order); n != 0 {
			t.Error("the order is counted again")
		}
		// Another source may use the same number, and a system may note the code on a line.
		if n := w.orders(other, models.OrderReport{ID: "1001", Total: models.Money{Minor: 100, Currency: "USD"}, Traces: []string{code}}, models.OrderReport{ID: "1002", Traces: []string{"https://bentornato.test/r/" + code}}); n != 2 {
			t.Errorf("%d orders of the other source are counted, want 2", n)
		}
		r := w.only()
		revenue, err := w.store.Revenue(w.ctx, []int64{r.ID, 99})
		w.must(err)
		if want := map[int64][]models.Money{r.ID: {{Minor: 4900, Currency: "EUR"}, {Minor: 100, Currency: "USD"}}}; r.Orders != 3 || !reflect.DeepEqual(revenue, want) {
			t.Errorf("the restock counts %d orders of %v, want 3 of %v", r.Orders, revenue, want)
		}
		list, next, err := w.store.Orders(w.ctx, r.ID, 2, "")
		w.must(err)
		if len(list) != 2 || next == "" || list[1].ExternalID != "1001" || list[1].SourceID != other.ID || list[1].ContactID != w.contact("psid-1").ID || list[1].VariantID != cup.ID || !list[1].At.Equal(list[1].ReceivedAt) {
			t.Errorf("the orders are %+v, next %q", list, next)
		}
		if days, err := w.store.Days(w.ctx, w.clock.Now()); err != nil || days[0].Orders != 3 {
			t.Errorf("the day counts %+v, %v", days, err)
		}
		// One that is cancelled is taken back for good, and one that was never good is not counted later either.
		void := order
		void.Void = true
		never := models.OrderReport{ID: "1003", Traces: []string{code}, Void: true}
		good := never
		good.Void = false
		if n := w.orders(s, void, void, never, order, good); n != 0 {
			t.Errorf("%d orders are counted, want none", n)
		}
		if revenue, err = w.store.Revenue(w.ctx, []int64{r.ID}); err != nil || !reflect.DeepEqual(revenue[r.ID], []models.Money{{Minor: 100, Currency: "USD"}}) || w.only().Orders != 2 {
			t.Errorf("%d orders of %v are left, want 2 of 1 USD: %v", w.only().Orders, revenue, err)
		}
		if days, err := w.store.Days(w.ctx, w.clock.Now()); err != nil || days[0].Orders != 2 {
			t.Errorf("the day counts %+v, %v", days, err)
		}
		// The order stays, and whose it was is forgotten.
		_, err = w.service.EraseContact(w.ctx, pageID, "psid-1")
		w.must(err)
		list, _, err = w.store.Orders(w.ctx, r.ID, 9, "")
		w.must(err)
		for _, o := range list {
			if o.ContactID != 0 || o.TokenID != 0 {
				t.Errorf("order %s names an erased person", o.ExternalID)
			}
		}
		w.sound()
	})
}

// TestOrdersRefused counts none of the orders of a call in which one is wrong, and none for a Page that a source is not
// tied to.
func TestOrdersRefused(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		code, address := w.bought(w.product("TAZZA", "Tazza", 0), "psid-1")
		if strings.Contains(address, code) {
			t.Errorf("the Page counts no orders, and its link leads to %q", address)
		}
		order := models.OrderReport{ID: "1001", Traces: []string{code}}
		if _, err := w.service.RecordOrders(w.ctx, w.source(""), []models.OrderReport{order, {ID: ""}}); models.KindOf(err) != models.KindInvalid {
			t.Errorf("an order without an id: %v", err)
		}
		w.must(w.service.SavePage(w.ctx, models.Page{ID: "202000000000000", Name: "Altra", Rate: 40, Locale: "it", TimeZone: "Europe/Rome"}, "t"))
		if n := w.orders(w.source("202000000000000"), order); n != 0 {
			t.Error("a source counts an order of another Page")
		}
		if r := w.only(); r.Orders != 0 {
			t.Errorf("%d orders are counted", r.Orders)
		}
	})
}

// TestOrdersAtOnce counts an order once however many tell of it at the same moment.
func TestOrdersAtOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		code, _ := w.bought(w.product("TAZZA", "Tazza", 0), "psid-1")
		s := w.source("")
		var group sync.WaitGroup
		for range 8 {
			group.Go(func() {
				if _, err := w.service.RecordOrders(context.Background(), s, []models.OrderReport{{ID: "1", Traces: []string{code}}}); err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
		if r := w.only(); r.Orders != 1 {
			t.Errorf("%d orders are counted, want 1", r.Orders)
		}
		w.sound()
	})
}
