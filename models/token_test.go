package models_test

import (
	"slices"
	"testing"
	"time"

	"bentornato/models"

	"pgregory.net/rapid"
)

// Every pair, as rules 4.3 and 6.3 list the moves.
func TestCanMove(t *testing.T) {
	moves := map[[2]models.TokenState]bool{
		{models.TokenWaiting, models.TokenClaimed}:   true,
		{models.TokenWaiting, models.TokenExpired}:   true,
		{models.TokenWaiting, models.TokenWithdrawn}: true,
		{models.TokenClaimed, models.TokenSent}:      true,
		{models.TokenClaimed, models.TokenWaiting}:   true,
		{models.TokenClaimed, models.TokenUnknown}:   true,
		{models.TokenClaimed, models.TokenFailed}:    true,
		{models.TokenUnknown, models.TokenClaimed}:   true,
		{models.TokenUnknown, models.TokenSent}:      true,
		{models.TokenUnknown, models.TokenFailed}:    true,
	}
	for _, from := range append(models.TokenStates, "", "invented") {
		for _, to := range append(models.TokenStates, "", "invented") {
			if got, want := models.CanMove(from, to), moves[[2]models.TokenState{from, to}]; got != want {
				t.Errorf("CanMove(%q, %q) = %v, want %v", from, to, got, want)
			}
		}
	}
}

// A state is live exactly while it can be left: what is final never comes back.
func TestTokenLive(t *testing.T) {
	for _, s := range models.TokenStates {
		leaves := slices.ContainsFunc(models.TokenStates, func(to models.TokenState) bool { return models.CanMove(s, to) })
		if s.Live() != leaves {
			t.Errorf("%q is live: %v, and can be left: %v", s, s.Live(), leaves)
		}
	}
	if models.TokenState("invented").Live() {
		t.Error("a state that does not exist is live")
	}
}

// Whatever is asked of a token, it is sent at most once, and what is final stays.
func TestTokenLifeIsSingleUse(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		state, sent := models.TokenWaiting, 0
		for range rapid.IntRange(0, 60).Draw(t, "asks") {
			to := rapid.SampledFrom(models.TokenStates).Draw(t, "to")
			if !models.CanMove(state, to) {
				continue
			}
			if !state.Live() {
				t.Fatalf("left the final state %q for %q", state, to)
			}
			if to == models.TokenSent {
				if state != models.TokenClaimed && state != models.TokenUnknown {
					t.Fatalf("sent from %q: no attempt was ever written", state)
				}
				sent++
			}
			state = to
		}
		if sent > 1 {
			t.Fatalf("sent %d times", sent)
		}
		if (sent == 1) != (state == models.TokenSent) {
			t.Fatalf("sent %d times and ended as %q", sent, state)
		}
	})
}

func TestTokenYear(t *testing.T) {
	granted := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	expires := models.TokenExpiry(granted)
	if want := time.Date(2027, 11, 22, 12, 0, 0, 0, time.UTC); !expires.Equal(want) {
		t.Fatalf("expires %v, want %v", expires, want)
	}
	// Over a leap day the year is 365 days all the same: earlier than the platform's end, never later.
	leap := time.Date(2027, 12, 1, 0, 0, 0, 0, time.UTC)
	if got, want := models.TokenExpiry(leap), time.Date(2028, 11, 30, 0, 0, 0, 0, time.UTC); !got.Equal(want) {
		t.Errorf("over a leap day expires %v, want %v", got, want)
	}
	token := models.Token{GrantedAt: granted, ExpiresAt: expires}
	for _, tt := range []struct {
		name string
		at   time.Time
		want bool
	}{
		{"when granted", granted, true},
		{"an instant before the last hour", expires.Add(-time.Hour - 1), true},
		{"as the last hour begins", expires.Add(-time.Hour), false},
		{"in the last instant", expires.Add(-1), false},
		{"at the end", expires, false},
		{"later", expires.Add(time.Hour), false},
	} {
		if got := token.UsableAt(tt.at); got != tt.want {
			t.Errorf("usable %s: %v, want %v", tt.name, got, tt.want)
		}
	}
}

// Each obstacle is put in the way of a token in turn, the nearest last: the answer is always the nearest.
func TestWhyWaitingNearestFirst(t *testing.T) {
	hold, next, back, spaced := noon.Add(time.Minute), noon.Add(30*time.Minute), noon.Add(20*time.Second), noon.Add(15*time.Second)
	expires := noon.Add(time.Hour)
	q := models.WaitingQuestion{
		Token:   models.Token{VariantID: 1, State: models.TokenWaiting, ExpiresAt: noon.Add(models.TokenLife)},
		Variant: models.Variant{Available: 4, MinStock: 1},
		Page:    models.Page{State: models.PageActive},
		Restock: &models.Restock{State: models.RestockRunning},
		Now:     noon,
	}
	restock := func(change func(r *models.Restock)) {
		r := *q.Restock
		change(&r)
		q.Restock = &r
	}
	for _, step := range []struct {
		name  string
		put   func()
		want  models.WaitingReason
		until time.Time
	}{
		{"nothing but its turn", func() {}, models.WaitRate, time.Time{}},
		{"a wave with places left", func() {
			restock(func(r *models.Restock) { r.Budget, r.Sent, r.Claimed, r.NextWaveAt = 4, 2, 1, next })
		}, models.WaitRate, time.Time{}},
		{"the wave is full", func() { restock(func(r *models.Restock) { r.Unknown = 1 }) }, models.WaitWave, next},
		{"notified of something else", func() { q.Contact.NotifiedAt = noon.Add(-45 * time.Second) }, models.WaitSpacing, spaced},
		{"a failed call", func() { q.Token.NextAt = back }, models.WaitBackOff, back},
		{"quiet hours", func() { q.Page.Settings.QuietFrom, q.Page.Settings.QuietTo = "11:00", "13:00" }, models.WaitQuiet, noon.Add(time.Hour)},
		{"paused", func() { restock(func(r *models.Restock) { r.State = models.RestockPaused }) }, models.WaitPaused, time.Time{}},
		{"needs OK", func() { restock(func(r *models.Restock) { r.State = models.RestockNeedsOK }) }, models.WaitApproval, time.Time{}},
		{"held", func() { restock(func(r *models.Restock) { r.State, r.StartAt = models.RestockHeld, hold }) }, models.WaitHold, hold},
		{"no restock", func() { q.Restock = nil }, models.WaitNoRestock, time.Time{}},
		{"Page paused", func() { q.Page.State = models.PagePaused }, models.WaitPagePaused, time.Time{}},
		{"below the minimum", func() { q.Variant.MinStock = 5 }, models.WaitBelowMinimum, time.Time{}},
		{"sold out", func() { q.Variant.Available = 0 }, models.WaitSoldOut, time.Time{}},
		{"deleted", func() { q.Variant.DeletedAt = noon }, models.WaitDeleted, time.Time{}},
		{"last hour", func() { q.Token.ExpiresAt = expires }, models.WaitEnding, expires},
		{"unassigned", func() { q.Token.VariantID = 0 }, models.WaitUnassigned, time.Time{}},
	} {
		step.put()
		why, until := models.WhyWaiting(q)
		if why != step.want || !until.Equal(step.until) {
			t.Errorf("%s: %q until %v, want %q until %v", step.name, why, until, step.want, step.until)
		}
	}
}

func TestWhyWaitingEndsOnTime(t *testing.T) {
	q := models.WaitingQuestion{
		Token:   models.Token{VariantID: 1, ExpiresAt: noon.Add(models.TokenLife), NextAt: noon},
		Variant: models.Variant{QuantityUnknown: true, MinStock: 9},
		Page:    models.Page{State: models.PageActive},
		Restock: &models.Restock{State: models.RestockRunning},
		Contact: models.Contact{NotifiedAt: noon.Add(-time.Minute)},
		Now:     noon,
	}
	if why, _ := models.WhyWaiting(q); why != models.WaitRate {
		t.Errorf("back-off and spacing over, quantity unknown: %q, want %q", why, models.WaitRate)
	}
	q.Contact.NotifiedAt = noon
	q.Page.Settings.SpacingSeconds = -1
	if why, _ := models.WhyWaiting(q); why != models.WaitRate {
		t.Errorf("spacing switched off: %q, want %q", why, models.WaitRate)
	}
}
