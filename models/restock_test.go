package models_test

import (
	"slices"
	"testing"
	"time"

	"bentornato/models"

	"pgregory.net/rapid"
)

func TestCanMoveRestock(t *testing.T) {
	moves := map[models.RestockState][]models.RestockState{
		models.RestockHeld:    {models.RestockNeedsOK, models.RestockRunning, models.RestockPaused, models.RestockStopped, models.RestockCancelled},
		models.RestockNeedsOK: {models.RestockRunning, models.RestockStopped, models.RestockCancelled},
		models.RestockRunning: {models.RestockPaused, models.RestockDone, models.RestockStopped, models.RestockCancelled},
		models.RestockPaused:  {models.RestockHeld, models.RestockNeedsOK, models.RestockRunning, models.RestockStopped, models.RestockCancelled},
	}
	for _, from := range append(models.RestockStates, "", "invented") {
		for _, to := range append(models.RestockStates, "", "invented") {
			if got, want := models.CanMoveRestock(from, to), slices.Contains(moves[from], to); got != want {
				t.Errorf("CanMoveRestock(%q, %q) = %v, want %v", from, to, got, want)
			}
		}
	}
}

// However a restock is moved about, it is open exactly while it can still move, a merchant can always cancel an
// open one, an item that sells out can always stop it, and what is over stays over.
func TestRestockLife(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		state := rapid.SampledFrom([]models.RestockState{models.RestockHeld, models.RestockNeedsOK, models.RestockRunning}).Draw(t, "start")
		for range rapid.IntRange(0, 40).Draw(t, "asks") {
			leaves := slices.ContainsFunc(models.RestockStates, func(to models.RestockState) bool { return models.CanMoveRestock(state, to) })
			if state.Open() != leaves {
				t.Fatalf("%q is open: %v, and can be left: %v", state, state.Open(), leaves)
			}
			if state.Open() && (!models.CanMoveRestock(state, models.RestockCancelled) || !models.CanMoveRestock(state, models.RestockStopped)) {
				t.Fatalf("%q cannot be cancelled or stopped", state)
			}
			to := rapid.SampledFrom(models.RestockStates).Draw(t, "to")
			if models.CanMoveRestock(state, to) {
				state = to
			}
		}
	})
}

func TestStock(t *testing.T) {
	unknown := models.Stock{Unknown: true}
	for _, tt := range []struct {
		stock   models.Stock
		minimum int
		atLeast bool
		none    bool
	}{
		{models.Stock{}, 1, false, true},
		{models.Stock{Available: -3}, 1, false, true},
		{models.Stock{Available: 1}, 1, true, false},
		{models.Stock{Available: 4}, 5, false, false},
		{models.Stock{Available: 5}, 5, true, false},
		{models.Stock{}, 0, false, true},  // a minimum below 1 counts as 1
		{models.Stock{}, -7, false, true}, // so an empty shelf never starts a restock
		{unknown, 1, true, false},
		{unknown, 1000, true, false},
		{models.Stock{Available: -1, Unknown: true}, 1, true, false},
	} {
		if got := tt.stock.AtLeast(tt.minimum); got != tt.atLeast {
			t.Errorf("%+v at least %d: %v, want %v", tt.stock, tt.minimum, got, tt.atLeast)
		}
		if got := tt.stock.None(); got != tt.none {
			t.Errorf("%+v none: %v, want %v", tt.stock, got, tt.none)
		}
	}
}

func TestCross(t *testing.T) {
	n := func(available int) models.Stock { return models.Stock{Available: available} }
	unknown := models.Stock{Unknown: true}
	for _, tt := range []struct {
		name          string
		before, after models.Stock
		minimum       int
		want          models.Crossing
	}{
		{"back with one", n(0), n(1), 1, models.CrossBack},
		{"back from oversold", n(-4), n(2), 1, models.CrossBack},
		{"still oversold, less so", n(-4), n(-1), 1, models.CrossNone},
		{"oversold to exactly nothing", n(-4), n(0), 1, models.CrossNone},
		{"up, not to the minimum", n(0), n(4), 5, models.CrossNone},
		{"up to exactly the minimum", n(4), n(5), 5, models.CrossBack},
		{"up over the minimum", n(0), n(50), 5, models.CrossBack},
		{"nothing stays nothing", n(0), n(0), 1, models.CrossNone},
		{"in stock stays the same", n(7), n(7), 1, models.CrossNone},
		{"raised", n(7), n(8), 1, models.CrossRaised},
		{"fewer, still enough", n(8), n(7), 1, models.CrossNone},
		{"fewer, exactly enough", n(8), n(5), 5, models.CrossNone},
		{"below the minimum", n(8), n(4), 5, models.CrossBelow},
		{"sold out", n(1), n(0), 1, models.CrossSoldOut},
		{"sold out by overselling", n(1), n(-2), 1, models.CrossSoldOut},
		{"sold out from below the minimum", n(3), n(0), 5, models.CrossSoldOut},
		{"sold out from above the minimum", n(9), n(0), 5, models.CrossSoldOut},
		{"back with nobody knows how many", n(0), unknown, 5, models.CrossBack},
		{"from below the minimum to nobody knows", n(3), unknown, 5, models.CrossBack},
		{"counted after all, and enough", unknown, n(5), 5, models.CrossNone},
		{"counted after all, and too few", unknown, n(4), 5, models.CrossBelow},
		{"nobody knew, and sold out", unknown, n(0), 1, models.CrossSoldOut},
		{"nobody knows still", unknown, unknown, 1, models.CrossNone},
		{"in stock, no longer counted", n(5), unknown, 1, models.CrossNone},
		{"a minimum of 0 counts as 1", n(-1), n(0), 0, models.CrossNone},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := models.Cross(tt.before, tt.after, tt.minimum); got != tt.want {
				t.Errorf("from %+v to %+v with minimum %d: %q, want %q", tt.before, tt.after, tt.minimum, got, tt.want)
			}
		})
	}
}

// Over any run of reports, restocks and their ends alternate: two restocks never start without an end between.
func TestCrossAlternates(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		minimum := rapid.IntRange(-1, 6).Draw(t, "minimum")
		var stock models.Stock
		running := false
		for range rapid.IntRange(1, 50).Draw(t, "reports") {
			next := models.Stock{Available: rapid.IntRange(-3, 9).Draw(t, "available"), Unknown: rapid.Bool().Draw(t, "unknown")}
			switch crossing := models.Cross(stock, next, minimum); crossing {
			case models.CrossBack:
				if running {
					t.Fatal("a second restock starts while the first runs")
				}
				running = true
			case models.CrossBelow, models.CrossSoldOut:
				running = false
			case models.CrossRaised:
				if !running {
					t.Fatal("raised while nothing runs")
				}
			case models.CrossNone:
			default:
				t.Fatalf("crossing %q does not exist", crossing)
			}
			if stock = next; running != stock.AtLeast(minimum) {
				t.Fatalf("running: %v with %+v and minimum %d", running, stock, minimum)
			}
		}
	})
}

func TestEstimatedEnd(t *testing.T) {
	now := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	page := models.Page{Rate: 40, State: models.PageActive}
	quiet := page
	quiet.Settings = models.PageSettings{QuietFrom: "09:00", QuietTo: "12:00"}
	paused := page
	paused.State = models.PagePaused
	for _, test := range []struct {
		name    string
		restock models.Restock
		page    models.Page
		waiting int
		want    time.Time
	}{
		{"at the rate", models.Restock{State: models.RestockRunning}, page, 400, now.Add(10 * time.Second)},
		{"claimed ones too", models.Restock{State: models.RestockRunning, Claimed: 40}, page, 360, now.Add(10 * time.Second)},
		{"after the hold-down", models.Restock{State: models.RestockHeld, StartAt: now.Add(time.Minute)}, page, 40, now.Add(61 * time.Second)},
		{"after the quiet hours", models.Restock{State: models.RestockRunning}, quiet, 40, now.Add(2*time.Hour + time.Second)},
		{"within the wave", models.Restock{State: models.RestockRunning, Budget: 40}, page, 40, now.Add(time.Second)},
		{"more than the wave", models.Restock{State: models.RestockRunning, Budget: 40}, page, 41, time.Time{}},
		{"nothing left", models.Restock{State: models.RestockRunning}, page, 0, time.Time{}},
		{"paused", models.Restock{State: models.RestockPaused}, page, 40, time.Time{}},
		{"over", models.Restock{State: models.RestockDone}, page, 40, time.Time{}},
		{"Page paused", models.Restock{State: models.RestockRunning}, paused, 40, time.Time{}},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := models.EstimatedEnd(test.restock, test.waiting, test.page, now); !got.Equal(test.want) {
				t.Errorf("EstimatedEnd is %v, want %v", got, test.want)
			}
		})
	}
}

func TestStale(t *testing.T) {
	second := time.Date(2026, 11, 22, 10, 0, 58, 0, time.UTC)
	for _, tt := range []struct {
		name     string
		at, last time.Time
		want     bool
	}{
		{"the first", second, time.Time{}, false},
		{"the same", second, second, false},
		{"whole seconds, within the same second", second, second.Add(173 * time.Millisecond), false},
		{"whole seconds, the second before", second.Add(-time.Second), second.Add(173 * time.Millisecond), true},
		{"milliseconds, a moment earlier", second.Add(100 * time.Millisecond), second.Add(173 * time.Millisecond), true},
		{"later", second.Add(time.Second), second.Add(999 * time.Millisecond), false},
	} {
		if got := models.Stale(tt.at, tt.last); got != tt.want {
			t.Errorf("%s: stale is %t, want %t", tt.name, got, tt.want)
		}
	}
}
