package restock_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"bentornato/models"
)

// system is a shop's system that can be asked: pages of items, by position.
type system struct {
	mu    sync.Mutex
	asked []models.PollAsk
	say   func(models.PollAsk) (models.PollAnswer, error)
}

func (s *system) Ask(_ context.Context, q models.PollAsk) (models.PollAnswer, error) {
	s.mu.Lock()
	s.asked = append(s.asked, q)
	s.mu.Unlock()
	return s.say(q)
}

func polled(sku string, n int) models.PolledItem {
	return models.PolledItem{VariantID: "v-" + sku, StockID: "s-" + sku, SKU: sku, Stock: &models.Stock{Available: n}}
}

// asks asks until nothing is due.
func (w *world) asks(s *system) {
	w.t.Helper()
	for range 20 {
		before := len(s.asked)
		if _, err := w.service.PollSource(w.ctx, s); err != nil {
			w.t.Fatal(err)
		}
		w.clock.Advance(time.Second)
		if len(s.asked) == before {
			return
		}
	}
	w.t.Fatal("asking does not end")
}

// asking is a source whose system is asked every ten minutes.
func (w *world) asking(locations ...string) models.Source {
	w.t.Helper()
	s := w.source(pageID)
	w.must(w.service.SavePoll(w.ctx, models.Poll{SourceID: s.ID, Address: "https://shop.test", Minutes: 10, Locations: locations}, "access"))
	return s
}

func (w *world) poll(s models.Source) models.Poll {
	w.t.Helper()
	p, err := w.store.Poll(w.ctx, s.ID)
	w.must(err)
	return p
}

// TestPoll applies what webhooks missed, page by page, and goes on where it was.
func TestPoll(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		cup, dish := w.product("TAZZA", "Tazza", 0), w.product("PIATTO", "Piatto", 3)
		s := w.asking()
		shop := &system{say: func(q models.PollAsk) (models.PollAnswer, error) {
			if q.Access != "access" || q.Kind != "generic" {
				t.Errorf("asked with %q for %q", q.Access, q.Kind)
			}
			if q.Position == "" {
				return models.PollAnswer{Items: []models.PolledItem{polled("TAZZA", 5), polled("SEDIA", 1)}, Next: "2"}, nil
			}
			return models.PollAnswer{Items: []models.PolledItem{polled("PIATTO", 3)}}, nil
		}}
		w.asks(shop)
		if len(shop.asked) != 2 || shop.asked[1].Position != "2" {
			t.Errorf("%d questions were asked, want the two pages", len(shop.asked))
		}
		if c, d := w.available(cup).Available, w.available(dish).Available; c != 5 || d != 3 {
			t.Errorf("%d cups and %d dishes", c, d)
		}
		if r := w.only(); r.VariantID != cup.ID || r.State != models.RestockRunning {
			t.Errorf("the restock is %+v", r)
		}
		p := w.poll(s)
		if p.DoneChecked != 3 || p.DoneFound != 1 || p.Position != "" || !p.StartedAt.IsZero() || p.NextAt.Sub(p.DoneAt) != 10*time.Minute || !p.LeaseUntil.IsZero() {
			t.Errorf("after a round the poll is %+v", p)
		}
		list, _, err := w.store.SourceEvents(w.ctx, s.ID, 9, "")
		w.must(err)
		if len(list) != 2 || list[0].Origin != models.ByPoll || list[0].DeliveryID == 0 {
			t.Errorf("kept %+v", list)
		}
		// The next round finds nothing new, and does not mention again what nobody lists.
		w.clock.Advance(10 * time.Minute)
		w.asks(shop)
		if again, _, err := w.store.SourceEvents(w.ctx, s.ID, 9, ""); err != nil || len(again) != 2 || len(shop.asked) != 4 {
			t.Errorf("the next round keeps %d items after %d questions: %v", len(again), len(shop.asked), err)
		}
		if p = w.poll(s); p.DoneFound != 0 {
			t.Errorf("it found %d", p.DoneFound)
		}
		w.sound()
	})
}

// TestPollLate lets a webhook win that came after the question was asked.
func TestPollLate(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		cup := w.product("TAZZA", "Tazza", 0)
		s := w.asking()
		shop := &system{say: func(models.PollAsk) (models.PollAnswer, error) {
			w.clock.Advance(time.Second)
			w.report(s, models.StockReport{Key: "late", At: w.clock.Now(), Items: items("TAZZA", 7)})
			return models.PollAnswer{Items: []models.PolledItem{polled("TAZZA", 0)}}, nil
		}}
		w.asks(shop)
		if n := w.available(cup).Available; n != 7 {
			t.Errorf("%d cups, want what the webhook said", n)
		}
		w.sound()
	})
}

// TestPollTrouble waits longer with every failure, for as long as the system says, and goes on from the page it was at.
func TestPollTrouble(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.asking()
		var trouble error
		shop := &system{say: func(q models.PollAsk) (models.PollAnswer, error) {
			if q.Position == "" {
				return models.PollAnswer{Items: []models.PolledItem{polled("UNA", 1)}, Next: "2"}, nil
			}
			return models.PollAnswer{}, trouble
		}}
		for i, test := range []struct {
			err  error
			wait time.Duration
		}{
			{&models.PollError{Message: "busy", Trouble: models.PollBusy}, 30 * time.Second}, {&models.PollError{Message: "busy", Trouble: models.PollBusy}, time.Minute},
			{&models.PollError{Message: "later", Wait: time.Hour}, time.Hour}, {context.DeadlineExceeded, 4 * time.Minute},
		} {
			trouble = test.err
			w.asks(shop)
			p := w.poll(s)
			var kind *models.PollError
			if errors.As(test.err, &kind) && p.Trouble != kind.Trouble {
				t.Errorf("after failure %d the trouble is %q, want %q", i+1, p.Trouble, kind.Trouble)
			}
			if p.Failures != i+1 || p.Position != "2" || p.Failure == "" || p.NextAt.Sub(p.FailedAt) != test.wait || len(shop.asked) != i+2 {
				t.Errorf("after failure %d the poll is %+v, %d questions", i+1, p, len(shop.asked))
			}
			w.clock.Advance(test.wait)
		}
		if p := w.poll(s); p.Trouble != "" {
			t.Errorf("a failure of no known kind is called %q", p.Trouble)
		}
		if list, err := w.store.TroubledSources(w.ctx, w.clock.Now().Add(-models.QuietAfter)); err != nil || len(list) != 1 {
			t.Errorf("%d sources are in trouble: %v", len(list), err)
		}
		if got := models.SourceTroubles(s, w.poll(s), w.clock.Now()); !reflect.DeepEqual(got, []models.SourceTrouble{models.SourceUnasked}) {
			t.Errorf("its troubles are %v", got)
		}
		trouble = nil
		w.must(w.service.PollNow(w.ctx, s.ID))
		w.asks(shop)
		if p := w.poll(s); p.Failures != 0 || p.Failure != "" || p.DoneAt.IsZero() || p.DoneChecked != 1 {
			t.Errorf("once it answers the poll is %+v", p)
		}
		// A system that gives the same page for ever is not asked for ever.
		shop.say = func(q models.PollAsk) (models.PollAnswer, error) { return models.PollAnswer{Next: "1"}, nil }
		w.must(w.service.PollNow(w.ctx, s.ID))
		w.asks(shop)
		if p := w.poll(s); p.Failures != 1 || p.Position != "" {
			t.Errorf("turning in a circle the poll is %+v", p)
		}
		if strings.Contains(w.dump(), "access\x00") || strings.Contains(w.logs.String(), "\"access\"") {
			t.Error("the access token is readable")
		}
	})
}

// TestPollOnce asks a source by one process at a time, and drops an answer that came after the settings changed.
func TestPollOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		cup := w.product("TAZZA", "Tazza", 0)
		s := w.asking()
		var inside, most int
		var mu sync.Mutex
		gate := make(chan struct{})
		shop := &system{say: func(models.PollAsk) (models.PollAnswer, error) {
			mu.Lock()
			inside++
			most = max(most, inside)
			mu.Unlock()
			<-gate
			mu.Lock()
			inside--
			mu.Unlock()
			return models.PollAnswer{Items: []models.PolledItem{polled("TAZZA", 5)}}, nil
		}}
		var group sync.WaitGroup
		for range 6 {
			group.Go(func() {
				if _, err := w.service.PollSource(context.Background(), shop); err != nil {
					t.Error(err)
				}
			})
		}
		for {
			mu.Lock()
			n := inside
			mu.Unlock()
			if n > 0 {
				break
			}
		}
		w.must(w.service.SavePoll(w.ctx, models.Poll{SourceID: s.ID, Address: "https://shop.test", Minutes: 0}, ""))
		close(gate)
		group.Wait()
		if most != 1 || len(shop.asked) != 1 {
			t.Errorf("%d asked at once, %d in all", most, len(shop.asked))
		}
		if n := w.available(cup).Available; n != 0 {
			t.Errorf("%d cups: an answer to old settings was applied", n)
		}
		w.asks(shop)
		if len(shop.asked) != 1 {
			t.Error("a source that is switched off is asked")
		}
	})
}

// TestReferences follows news by the system's own ids: asks what they are, remembers it, and sums the chosen places.
func TestReferences(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		cup := w.product("TAZZA", "Tazza", 0)
		s := w.asking("A", "B")
		level := func(place string, n int) models.StockResult {
			return w.tell(s, models.StockReport{At: w.clock.Now(), References: []models.StockReference{{StockID: "s-TAZZA", LocationID: place, Stock: &models.Stock{Available: n}}}})
		}
		b := 2
		shop := &system{say: func(q models.PollAsk) (models.PollAnswer, error) {
			item := models.PolledItem{VariantID: "v-TAZZA", StockID: "s-TAZZA", SKU: "TAZZA", Levels: []models.Level{{LocationID: "A", Available: 1}, {LocationID: "B", Available: b}, {LocationID: "C", Available: 50}}}
			if len(q.Lookups) > 0 && (len(q.Lookups) != 1 || q.Lookups[0].StockID != "s-TAZZA") {
				t.Errorf("asked about %+v", q.Lookups)
			}
			return models.PollAnswer{Items: []models.PolledItem{item}}, nil
		}}
		if got := level("A", 1); got.Waiting != 1 || got.Accepted != 0 {
			t.Errorf("an id that was never told: %+v", got)
		}
		w.asks(shop)
		if n := w.available(cup).Available; n != 3 || len(shop.asked[0].Lookups) != 1 {
			t.Errorf("%d cups after %d questions, want 3", n, len(shop.asked))
		}
		asked := len(shop.asked)
		for _, step := range []struct {
			place   string
			n, want int
		}{{"B", 0, 1}, {"C", 99, 1}, {"A", -2, -2}, {"B", 4, 4}} {
			if got := level(step.place, step.n); got.Accepted != 1 {
				t.Errorf("%d at %s: %+v", step.n, step.place, got)
			}
			if n := w.available(cup).Available; n != step.want {
				t.Errorf("with %d at %s there are %d cups, want %d", step.n, step.place, n, step.want)
			}
		}
		w.asks(shop)
		if len(shop.asked) != asked {
			t.Error("what is known is asked about")
		}
		// 0, 10, 0: both webhooks say 0, and the next round sees what is there then.
		level("A", 0)
		level("B", 0)
		b = 10
		w.clock.Advance(11 * time.Minute)
		w.asks(shop)
		if n := w.available(cup).Available; n != 11 {
			t.Errorf("%d cups, want what the shop has", n)
		}
		// Without a way to ask, it says so.
		alone := w.source(pageID)
		got := w.tell(alone, models.StockReport{References: []models.StockReference{{StockID: "77", LocationID: "A", Stock: &models.Stock{Available: 1}}}})
		if len(got.Unknown) != 1 || got.Unknown[0] != "#77" {
			t.Errorf("an id that cannot be asked about: %+v", got)
		}
		if unknown, err := w.store.UnknownSKUs(w.ctx, alone, 9); err != nil || len(unknown) != 0 {
			t.Errorf("of one place among others nobody knows the sum: %+v, %v", unknown, err)
		}
		w.sound()
	})
}

// TestReferencesAlone sums the places of a system that cannot be asked, and ties its ids to products as unknown SKUs.
func TestReferencesAlone(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		cup := w.product("TAZZA", "Tazza", 0)
		s := w.source(pageID)
		w.clock.Advance(time.Minute)
		level := func(place string, n int) models.StockResult {
			w.clock.Advance(time.Second)
			return w.tell(s, models.StockReport{At: w.clock.Now(), References: []models.StockReference{{VariantID: "21", LocationID: place, Alone: true, Stock: &models.Stock{Available: n}}}})
		}
		if got := level("8", 2); len(got.Unknown) != 1 || got.Unknown[0] != "#21" {
			t.Errorf("an id of a product that was never told: %+v", got)
		}
		unknown, err := w.store.UnknownSKUs(w.ctx, s, 9)
		w.must(err)
		if len(unknown) != 1 || unknown[0].SKU != "#21" || unknown[0].Available != 2 {
			t.Fatalf("to be tied are %+v", unknown)
		}
		w.must(w.service.SaveAlias(w.ctx, s, "#21", cup.ID))
		if n := w.available(cup).Available; n != 2 {
			t.Errorf("%d cups, want what was told", n)
		}
		for _, step := range []struct {
			place   string
			n, want int
		}{{"9", 3, 5}, {"8", 0, 3}, {"9", -1, -1}, {"8", 4, 4}} {
			if got := level(step.place, step.n); got.Accepted != 1 || w.available(cup).Available != step.want {
				t.Errorf("%d at %s: %+v and %d cups, want %d", step.n, step.place, got, w.available(cup).Available, step.want)
			}
		}
		// Once the system names its SKU, that counts.
		dish := w.product("PIATTO", "Piatto", 0)
		w.clock.Advance(time.Minute)
		w.tell(s, models.StockReport{Catalogue: []models.CatalogueProduct{{ID: "7", Variants: []models.CatalogueVariant{{ID: "22", SKU: "PIATTO"}}}}})
		got := w.tell(s, models.StockReport{At: w.clock.Now(), References: []models.StockReference{{VariantID: "22", LocationID: "8", Alone: true, Stock: &models.Stock{Available: 6}}}})
		if got.Accepted != 1 || w.available(dish).Available != 6 {
			t.Errorf("by its SKU: %+v, %d dishes", got, w.available(dish).Available)
		}
		w.sound()
	})
}

// TestReplay applies a call again as a decision of today, and changes nothing when it only looks.
func TestReplay(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.source(pageID)
		call := &models.Call{Method: "POST", Header: map[string]string{"Webhook-Id": "1"}, Body: []byte(`{"a":1}`)}
		report := models.StockReport{Key: "1", At: w.clock.Now(), Items: items("TAZZA", 5)}
		_, err := w.service.Receive(w.ctx, s, report, models.Delivery{Origin: models.ByWebhook, Topic: "stock.updated", Size: 7}, call)
		w.must(err)
		if strings.Contains(w.dump(), `{"a":1}`) {
			t.Error("what was sent is kept readable")
		}
		list, _, err := w.store.Deliveries(w.ctx, s.ID, 9, "")
		w.must(err)
		d := list[0]
		if len(list) != 1 || d.Unknown != 1 || d.Outcome != models.DeliveryApplied || d.Topic != "stock.updated" {
			t.Fatalf("kept %+v", list)
		}
		if back, err := w.store.OpenCall(d); err != nil || !reflect.DeepEqual(back, *call) {
			t.Errorf("the call reads %+v, %v", back, err)
		}
		cup := w.product("TAZZA", "Tazza", 0)
		w.clock.Advance(time.Minute)
		w.stock(cup, 0)
		before := w.dump()
		result, events, err := w.service.PreviewReplay(w.ctx, s, d, report)
		if err != nil || result.Stale != 1 || len(events) != 1 {
			t.Errorf("a look at it: %+v, %+v, %v", result, events, err)
		}
		report.At = w.clock.Now()
		if result, _, err = w.service.PreviewReplay(w.ctx, s, d, report); err != nil || result.Accepted != 1 {
			t.Errorf("a look at it: %+v, %v", result, err)
		}
		if w.dump() != before {
			t.Error("a look changes something")
		}
		for range 2 {
			if _, err := w.service.Replay(w.ctx, s, d, report); err != nil {
				t.Fatal(err)
			}
		}
		if n := w.available(cup).Available; n != 5 || len(w.restocks()) != 1 {
			t.Errorf("%d cups and %d restocks after two replays", n, len(w.restocks()))
		}
		w.sound()
	})
}

// TestAlias ties an unknown SKU to a product, which then has what was reported of it.
func TestAlias(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.source(pageID)
		cup := w.product("TAZZA", "Tazza", 0)
		w.clock.Advance(time.Minute)
		w.tell(s, models.StockReport{At: w.clock.Now(), Items: items("SUP-0099", 4)})
		w.tell(s, models.StockReport{At: w.clock.Now(), Items: items("ALTRO", 1)})
		unknown, err := w.store.UnknownSKUs(w.ctx, s, 9)
		w.must(err)
		if len(unknown) != 2 || unknown[1].SKU != "SUP-0099" || unknown[1].Available != 4 {
			t.Fatalf("unknown are %+v", unknown)
		}
		w.must(w.service.SaveAlias(w.ctx, s, "SUP-0099", cup.ID))
		if n := w.available(cup).Available; n != 4 || len(w.restocks()) != 1 {
			t.Errorf("%d cups, %d restocks, want what was reported", n, len(w.restocks()))
		}
		if got := w.tell(s, models.StockReport{At: w.clock.Now(), Items: items("SUP-0099", 9)}); got.Accepted != 1 || w.available(cup).Available != 9 {
			t.Errorf("a report of the alias: %+v", got)
		}
		if unknown, err = w.store.UnknownSKUs(w.ctx, s, 9); err != nil || len(unknown) != 1 {
			t.Errorf("still unknown are %+v, %v", unknown, err)
		}
		if got := w.tell(w.source(pageID), models.StockReport{Items: items("SUP-0099", 1)}); len(got.Unknown) != 1 {
			t.Errorf("another source: %+v", got)
		}
		w.must(w.service.DeleteAlias(w.ctx, s.ID, "SUP-0099"))
		if got := w.tell(s, models.StockReport{Items: items("SUP-0099", 1)}); len(got.Unknown) != 1 {
			t.Errorf("without the alias: %+v", got)
		}
		if err := w.service.SaveAlias(w.ctx, w.otherSource(), "X", cup.ID); err == nil {
			t.Error("a source of another Page is tied to the product")
		}
		w.sound()
	})
}

// TestDeliveriesKept keeps the last of each kind, so that refused calls push out nothing but each other.
func TestDeliveriesKept(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.source("")
		for i := range models.KeptDeliveries + 5 {
			_, err := w.service.Report(w.ctx, s, models.StockReport{Key: fmt.Sprint(i), Items: items("X", i)})
			w.must(err)
		}
		for range models.KeptRefusals + 5 {
			w.must(w.service.RefuseSource(w.ctx, s.ID, "The signature is wrong.", models.Delivery{}, nil))
		}
		list, _, err := w.store.Deliveries(w.ctx, s.ID, 1000, "")
		w.must(err)
		refused := 0
		for _, d := range list {
			if d.Outcome == models.DeliveryRefused {
				refused++
			}
		}
		if len(list)-refused != models.KeptDeliveries || refused != models.KeptRefusals || list[len(list)-1].ReportKey != "5" {
			t.Errorf("%d are kept and %d refused", len(list)-refused, refused)
		}
		w.must(w.service.DeleteSource(w.ctx, s.ID))
		if list, _, err = w.store.Deliveries(w.ctx, s.ID, 1000, ""); err != nil || len(list) != 0 {
			t.Errorf("%d are kept of a deleted source", len(list))
		}
	})
}

func (w *world) otherSource() models.Source {
	w.t.Helper()
	w.must(w.service.SavePage(w.ctx, models.Page{ID: "202000000000000", Name: "Altra", Rate: 40, Locale: "it", TimeZone: "Europe/Rome"}, "t"))
	return w.source("202000000000000")
}
