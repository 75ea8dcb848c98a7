package restock_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"bentornato/models"
)

// notified counts the notifications that may be sent now, after sending them.
func (w *world) notified() int {
	w.t.Helper()
	return kinds(w.deliver())[models.SendNotification]
}

// holders are n people with a token each, in order.
func (w *world) holders(n int, v models.Variant) {
	w.t.Helper()
	for i := range n {
		w.holder(fmt.Sprint("p", i), v)
		w.clock.Advance(time.Second)
	}
}

// TestOrder serves first come first, or the newest first where the merchant says so (rule 5.4).
func TestOrder(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		v := w.product("TAZZA", "Tazza", 0)
		for _, newest := range []bool{false, true} {
			w.page(models.PageSettings{NewestFirst: newest, SpacingSeconds: -1})
			w.holders(4, v)
			w.stock(v, 5)
			var got []string
			for _, o := range w.deliver() {
				psid, _, _ := strings.Cut(strings.TrimPrefix(o.Recipient.Token, "token-of-"), "-")
				got = append(got, psid)
			}
			want := "[p0 p1 p2 p3]"
			if newest {
				want = "[p3 p2 p1 p0]"
			}
			if fmt.Sprint(got) != want {
				t.Errorf("newest first %v: notified %v, want %s", newest, got, want)
			}
			w.stock(v, 0)
		}
		w.sound()
	})
}

// TestWaves spends no more tokens on a stock than the merchant allows, wave by wave (rule 5.5).
func TestWaves(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.page(models.PageSettings{WaveMinutes: 10})
		v := w.listing(models.Variant{SKU: "TAZZA", Title: "Tazza", TokensPerUnit: 2}, 0)
		w.holders(20, v)
		wave := func(what string, want int) {
			t.Helper()
			if n := w.notified(); n != want {
				t.Errorf("%s: %d were notified, want %d", what, n, want)
			}
			w.sweep()
		}
		w.stock(v, 3)
		wave("the first wave", 6)
		wave("at once after it", 0)
		list, _, err := w.store.Tokens(w.ctx, models.TokenQuery{State: models.TokenWaiting, Limit: 1}, w.clock.Now())
		w.must(err)
		if list[0].Why != models.WaitWave || list[0].WhyUntil.IsZero() {
			t.Errorf("the rest wait for %q until %s", list[0].Why, list[0].WhyUntil)
		}
		w.clock.Advance(9 * time.Minute)
		wave("nine minutes later", 0)
		w.stock(v, 1)
		w.clock.Advance(61 * time.Second)
		wave("the second wave, of the stock of then", 2)
		w.stock(v, 3)
		wave("more came in", 4)
		if r := w.only(); r.Wave != 2 || r.Sent != 12 || r.Budget != 12 {
			t.Errorf("the restock is %+v", r)
		}
		w.stock(v, 0)
		w.clock.Advance(time.Hour)
		wave("sold out again", 0)
		if r := w.only(); r.State != models.RestockStopped || r.Reason != models.RestockSoldOutAgain || w.tokens(models.TokenWaiting) != 8 {
			t.Errorf("the restock is %s for %q, %d wait", r.State, r.Reason, w.tokens(models.TokenWaiting))
		}
		w.stock(v, 100)
		wave("the next restock", 8)
		w.sound()
	})
}

// TestWaveAfterQuietHours begins with one wave's tokens, however many waves' time has passed meanwhile.
func TestWaveAfterQuietHours(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		v := w.listing(models.Variant{SKU: "TAZZA", Title: "Tazza", TokensPerUnit: 1}, 0)
		w.holders(10, v)
		w.page(models.PageSettings{QuietFrom: "10:00", QuietTo: "20:00", WaveMinutes: 10}) // it is 11:00 in Rome
		w.stock(v, 3)
		if n := w.notified(); n != 0 {
			t.Errorf("%d were notified in quiet hours", n)
		}
		w.clock.Advance(9*time.Hour + time.Minute)
		if n := w.notified(); n != 3 {
			t.Errorf("%d were notified after quiet hours, want 3", n)
		}
		w.clock.Advance(11 * time.Minute)
		if n := w.notified(); n != 3 {
			t.Errorf("%d were notified in the next wave, want 3", n)
		}
		if r := w.only(); r.Wave != 2 {
			t.Errorf("that is wave %d, want 2", r.Wave)
		}
		w.sound()
	})
}

// TestUnknownQuantity claims without a limit: nothing can be reckoned from "in stock".
func TestUnknownQuantity(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		v := w.listing(models.Variant{SKU: "TAZZA", Title: "Tazza", TokensPerUnit: 1, MinStock: 5}, 0)
		w.holders(4, v)
		_, err := w.service.ReportByHand(w.ctx, v.ID, models.Stock{Unknown: true})
		w.must(err)
		if n := w.notified(); n != 4 {
			t.Errorf("%d were notified, want all four", n)
		}
		w.sound()
	})
}

// TestHoldDown delays the start, reckons from the stock of then, and starts nothing where the stock fell back (rule 5.6).
func TestHoldDown(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.page(models.PageSettings{HoldDownSeconds: 300})
		v := w.listing(models.Variant{SKU: "TAZZA", Title: "Tazza", TokensPerUnit: 1}, 0)
		w.holders(10, v)
		w.stock(v, 9)
		if n := w.notified(); n != 0 || w.only().State != models.RestockHeld {
			t.Errorf("%d were notified while it is %s", n, w.only().State)
		}
		w.clock.Advance(2 * time.Minute)
		w.stock(v, 0)
		if r := w.only(); r.State != models.RestockStopped {
			t.Errorf("it is %s after the stock fell back", r.State)
		}
		w.clock.Advance(10 * time.Minute)
		if n := w.notified(); n != 0 {
			t.Errorf("%d were notified of a mistake", n)
		}
		w.stock(v, 9)
		w.stock(v, 4)
		w.clock.Advance(5*time.Minute + time.Second)
		if n := w.notified(); n != 4 {
			t.Errorf("%d were notified once it held, want 4 for the stock of then", n)
		}
		w.sound()
	})
}

// TestAskAbove waits for the merchant where many tokens would be spent (rule 5.6).
func TestAskAbove(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.page(models.PageSettings{AskAbove: 3, SpacingSeconds: -1})
		v := w.product("TAZZA", "Tazza", 0)
		w.holders(4, v)
		w.stock(v, 9)
		r := w.only()
		if n := w.notified(); n != 0 || r.State != models.RestockNeedsOK {
			t.Errorf("%d were notified while it is %s", n, r.State)
		}
		if _, err := w.service.ResumeRestock(w.ctx, r.ID); models.KindOf(err) != models.KindConflict {
			t.Errorf("resumed: %v", err)
		}
		r, err := w.service.ApproveRestock(w.ctx, r.ID)
		if err != nil || r.State != models.RestockRunning {
			t.Errorf("approved: %s, %v", r.State, err)
		}
		if _, err := w.service.ApproveRestock(w.ctx, r.ID); models.KindOf(err) != models.KindConflict {
			t.Errorf("approved twice: %v", err)
		}
		if n := w.notified(); n != 4 {
			t.Errorf("%d were notified after the OK, want 4", n)
		}
		w.stock(v, 0)
		w.clock.Advance(time.Hour)
		for i := range 3 {
			w.holder(fmt.Sprint("p", i), v)
		}
		w.stock(v, 9)
		if n := w.notified(); n != 3 {
			t.Errorf("%d were notified without asking, want 3", n)
		}
		w.sound()
	})
}

// TestPausedBeforeItBegan asks above the limit also where the restock was paused while it was held, and only then.
func TestPausedBeforeItBegan(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.page(models.PageSettings{AskAbove: 3, HoldDownSeconds: 60, SpacingSeconds: -1})
		v := w.product("TAZZA", "Tazza", 0)
		w.holders(4, v)
		w.stock(v, 9)
		id := w.only().ID
		again := func(want models.RestockState) {
			t.Helper()
			if _, err := w.service.PauseRestock(w.ctx, id); err != nil {
				t.Fatal(err)
			}
			if r, err := w.service.ResumeRestock(w.ctx, id); err != nil || r.State != want {
				t.Errorf("resumed it is %s, %v; want %s", r.State, err, want)
			}
		}
		again(models.RestockHeld)
		_, err := w.service.PauseRestock(w.ctx, id)
		w.must(err)
		w.clock.Advance(2 * time.Minute)
		if r, err := w.service.ResumeRestock(w.ctx, id); err != nil || r.State != models.RestockNeedsOK {
			t.Errorf("resumed after the hold-down it is %s, %v; want the merchant's OK first", r.State, err)
		}
		if n := w.notified(); n != 0 {
			t.Errorf("%d were notified without the OK", n)
		}
		_, err = w.service.ApproveRestock(w.ctx, id)
		w.must(err)
		again(models.RestockRunning) // it was said yes to
		if n := w.notified(); n != 4 {
			t.Errorf("%d were notified, want 4", n)
		}
		w.sound()
	})
}

// TestQuietHours keeps the shop's wall clock through the night in which summer time ends and the one in which it begins
// (rule 5.7).
func TestQuietHours(t *testing.T) {
	for name, night := range map[string]struct{ asked, last, first string }{
		"winter begins": {"2027-10-30T19:00:00Z", "2027-10-31T06:59:00Z", "2027-10-31T07:00:01Z"}, // 08:00 is 07:00 UTC
		"summer begins": {"2027-03-27T20:00:00Z", "2027-03-28T05:59:00Z", "2027-03-28T06:00:01Z"}, // 08:00 is 06:00 UTC
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, w *world) {
				to := func(at string) {
					t.Helper()
					when, err := time.Parse(time.RFC3339, at)
					w.must(err)
					w.clock.Advance(when.Sub(w.clock.Now()))
				}
				w.page(models.PageSettings{QuietFrom: "22:00", QuietTo: "08:00"})
				v := w.product("TAZZA", "Tazza", 0)
				to(night.asked)
				w.holder("p1", v)
				w.clock.Advance(2 * time.Hour)
				w.stock(v, 2)
				if n := w.notified(); n != 0 {
					t.Error("notified at night")
				}
				to(night.last)
				if n := w.notified(); n != 0 {
					t.Error("notified a minute before eight")
				}
				to(night.first)
				if n := w.notified(); n != 1 {
					t.Error("not notified at eight")
				}
			})
		})
	}
}

// TestPauseResumeCancel leaves the merchant the last word (rule 5.8).
func TestPauseResumeCancel(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		v := w.product("TAZZA", "Tazza", 0)
		w.holders(3, v)
		w.stock(v, 9)
		id := w.only().ID
		step := func(do string, want models.RestockState, notified int) {
			t.Helper()
			r, err := map[string]func() (models.Restock, error){
				"pause":  func() (models.Restock, error) { return w.service.PauseRestock(w.ctx, id) },
				"resume": func() (models.Restock, error) { return w.service.ResumeRestock(w.ctx, id) },
				"cancel": func() (models.Restock, error) { return w.service.CancelRestock(w.ctx, id) },
			}[do]()
			if err != nil || r.State != want {
				t.Errorf("%s: %s, %v; want %s", do, r.State, err, want)
			}
			if n := w.notified(); n != notified {
				t.Errorf("%s: %d were notified, want %d", do, n, notified)
			}
		}
		step("pause", models.RestockPaused, 0)
		step("pause", models.RestockPaused, 0)
		step("resume", models.RestockRunning, 3)
		w.clock.Advance(time.Hour)
		w.stock(v, 0)
		w.holders(2, v)
		w.stock(v, 5)
		id = w.restocks()[0].ID
		step("pause", models.RestockPaused, 0)
		step("cancel", models.RestockCancelled, 0)
		if _, err := w.service.ResumeRestock(w.ctx, id); models.KindOf(err) != models.KindConflict {
			t.Errorf("a cancelled restock is resumed: %v", err)
		}
		// A tap that comes late starts nothing for those the merchant kept waiting.
		w.receive(models.Event{Kind: models.EventOptIn, PSID: "late", Payload: w.platform.out[len(w.platform.out)-1].Content.Request.Payload, Token: "late"})
		if n := w.notified(); n != 0 || w.tokens(models.TokenWaiting) != 3 {
			t.Errorf("%d were notified after cancelling, %d wait", n, w.tokens(models.TokenWaiting))
		}
		w.stock(v, 0)
		w.stock(v, 5)
		if n := w.notified(); n != 3 {
			t.Errorf("%d were notified by the next restock, want 3", n)
		}
		if _, err := w.service.PauseRestock(w.ctx, 9999); models.KindOf(err) != models.KindNotFound {
			t.Errorf("pausing what is not there: %v", err)
		}
		w.sound()
	})
}

// TestSpacing keeps notices to one person a minute apart, and honours every token (rule 5.9).
func TestSpacing(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		list := []models.Variant{w.product("TAZZA", "Tazza", 0), w.product("PIATTO", "Piatto", 0), w.product("LUME", "Lume", 0)}
		for _, v := range list {
			w.holder("p1", v)
		}
		w.holder("p2", list[0])
		for _, v := range list {
			w.stock(v, 5)
		}
		if n := w.notified(); n != 2 {
			t.Errorf("%d notices at once, want one for each of two people", n)
		}
		for minute := 1; minute <= 2; minute++ {
			w.clock.Advance(50 * time.Second)
			if n := w.notified(); n != 0 {
				t.Errorf("%d more after 50 seconds", n)
			}
			w.clock.Advance(15 * time.Second)
			if n := w.notified(); n != 1 {
				t.Errorf("%d more after a minute, want 1", n)
			}
		}
		w.sweep()
		if s := w.stats(); s.Tokens[models.TokenSent] != 4 || s.Running != 0 {
			t.Errorf("%+v at the end", s)
		}
		w.sound()
	})
}

// TestLateTap notifies at once whose tap comes while the item is there, during a restock and after one.
func TestLateTap(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		v := w.product("TAZZA", "Tazza", 0)
		for _, p := range []string{"p1", "p2", "p3"} {
			w.receive(models.Event{Kind: models.EventReferral, PSID: p, Ref: v.Ref})
		}
		out := requests(w.deliver())
		w.taps("p1", out[0], "t1")
		w.stock(v, 5)
		if n := w.notified(); n != 1 {
			t.Errorf("%d were notified, want 1", n)
		}
		w.taps("p2", out[1], "t2")
		if n := w.notified(); n != 1 {
			t.Errorf("%d were notified of a tap during the restock, want 1", n)
		}
		w.sweep()
		if r := w.only(); r.State != models.RestockDone {
			t.Errorf("the restock is %s", r.State)
		}
		w.taps("p3", out[2], "t3")
		if n := w.notified(); n != 1 || len(w.restocks()) != 2 {
			t.Errorf("%d were notified of a tap after it, by %d restocks; want 1 by a second", n, len(w.restocks()))
		}
		w.sound()
	})
}

// TestMalformed begins paused where Messenger would refuse the message, and spends nothing on finding that out (rule 6.4).
func TestMalformed(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		v := w.product("TAZZA", "Tazza", 0)
		w.holder("p1", v)
		good := w.service
		w.service = w.serviceAt("no web address")
		w.stock(v, 5)
		r := w.only()
		if n := w.notified(); n != 0 || r.State != models.RestockPaused || r.Reason != models.RestockBadMessage {
			t.Errorf("%d were notified; it is %s for %q", n, r.State, r.Reason)
		}
		if _, err := w.service.ResumeRestock(w.ctx, r.ID); models.KindOf(err) != models.KindConflict {
			t.Errorf("resumed as malformed as before: %v", err)
		}
		w.service = good
		if r, err := w.service.ResumeRestock(w.ctx, r.ID); err != nil || r.State != models.RestockRunning {
			t.Errorf("resumed once mended: %s, %v", r.State, err)
		}
		if n := w.notified(); n != 1 {
			t.Errorf("%d were notified, want 1", n)
		}
	})
}

// TestDeleteProduct takes a product off the list in the middle of its restock; its tokens come back with it.
func TestDeleteProduct(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		v := w.product("TAZZA", "Tazza", 0)
		w.holders(2, v)
		w.stock(v, 5)
		w.must(w.service.DeleteProduct(w.ctx, v.ID))
		if r := w.only(); r.State != models.RestockCancelled || r.Reason != models.RestockDeleted {
			t.Errorf("the restock is %s for %q", r.State, r.Reason)
		}
		if n := w.notified(); n != 0 {
			t.Errorf("%d were notified of what is not listed", n)
		}
		if err := w.service.DeleteProduct(w.ctx, v.ID); models.KindOf(err) != models.KindNotFound {
			t.Errorf("deleted twice: %v", err)
		}
		w.says("p9", "tazza?")
		if out := w.deliver(); len(out) != 0 {
			t.Errorf("answered %+v about what is not listed", out)
		}
		again := w.product("TAZZA", "Tazza", 0)
		if again.ID != v.ID || again.Ref != v.Ref || again.Waiting != 2 {
			t.Errorf("listed again it is %+v", again)
		}
		w.stock(again, 5)
		if n := w.notified(); n != 2 {
			t.Errorf("%d were notified once it is listed again, want 2", n)
		}
		w.sound()
	})
}
