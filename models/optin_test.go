package models_test

import (
	"testing"
	"time"

	"bentornato/models"
)

func TestChooseOptIn(t *testing.T) {
	now := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	refused := models.Page{RecurringOffAt: now.Add(-models.RecurringOff + time.Second)}
	for _, c := range []struct {
		name    string
		use     models.OptInProduct
		page    models.Page
		stopped bool
		want    models.OptInChoice
	}{
		{"nothing chosen", "", models.Page{}, false, models.OptInChoice{Product: models.OptInOneTime, Why: models.OptInOnlyOneTime}},
		{"one-time", models.OptInOneTime, models.Page{}, true, models.OptInChoice{Product: models.OptInOneTime, Why: models.OptInOnlyOneTime}},
		{"recurring", models.OptInRecurring, models.Page{}, false, models.OptInChoice{Product: models.OptInRecurring, Why: models.OptInOnlyRecurring}},
		{"recurring, refused", models.OptInRecurring, refused, false, models.OptInChoice{Why: models.OptInNone}},
		{"recurring, stopped", models.OptInRecurring, models.Page{}, true, models.OptInChoice{Why: models.OptInNone}},
		{"both", models.OptInBoth, models.Page{}, false, models.OptInChoice{Product: models.OptInRecurring, Why: models.OptInLasts}},
		{"both, refused", models.OptInBoth, refused, false, models.OptInChoice{Product: models.OptInOneTime, Why: models.OptInWasRefused}},
		{"both, refused a day ago", models.OptInBoth, models.Page{RecurringOffAt: now.Add(-models.RecurringOff)}, false,
			models.OptInChoice{Product: models.OptInRecurring, Why: models.OptInLasts}},
		{"both, stopped", models.OptInBoth, models.Page{}, true, models.OptInChoice{Product: models.OptInOneTime, Why: models.OptInWasStopped}},
	} {
		c.page.Settings.OptInProduct = c.use
		got := models.ChooseOptIn(models.OptInQuestion{Page: c.page, Stopped: c.stopped, Now: now})
		if got != c.want {
			t.Errorf("%s: asks with %+v, want %+v", c.name, got, c.want)
		}
		if card := got.Card("t", "p", c.page, models.Variant{}); card.Recurring != (got.Product == models.OptInRecurring) || card.Title != "t" || card.Payload != "p" {
			t.Errorf("%s: the card is %+v", c.name, card)
		}
	}
}

func TestSettleRecurring(t *testing.T) {
	now := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	fresh, unsure := models.Token{Attempts: 1}, models.Token{Attempts: 2, Unsure: 1, Transient: 1}
	for _, c := range []struct {
		name   string
		token  models.Token
		answer models.Outcome
		state  models.TokenState
		reason models.TokenReason
		after  time.Duration
	}{
		{"sent", fresh, models.OutcomeSent, models.TokenSent, "", 0},
		{"no answer", fresh, models.OutcomeUnknown, models.TokenUnknown, models.TokenNoAnswer, models.RecurringGrace},
		{"too soon", fresh, models.OutcomeTooSoon, models.TokenWaiting, models.TokenCap, models.RecurringGap},
		{"too soon, after no answer", unsure, models.OutcomeTooSoon, models.TokenSent, models.TokenSecondTry, 0},
		{"off", fresh, models.OutcomeProductOff, models.TokenWaiting, models.TokenRecurringOff, models.RecurringOff},
		{"off, after no answer", unsure, models.OutcomeProductOff, models.TokenUnknown, models.TokenNoAnswer, models.RecurringOff},
		{"dead", fresh, models.OutcomeDead, models.TokenClaimed, models.TokenDead, 0},
		{"dead, after no answer", unsure, models.OutcomeDead, models.TokenFailed, models.TokenDead, 0},
		{"trouble, after no answer", unsure, models.OutcomeTransient, models.TokenUnknown, models.TokenNoAnswer, models.BackOff(2)},
	} {
		s := models.SettleRecurring(c.token, models.Answer{Outcome: c.answer}, now, time.Minute)
		after := time.Duration(0)
		if !s.NextAt.IsZero() {
			after = s.NextAt.Sub(now)
		}
		if s.State != c.state || s.Reason != c.reason || after != c.after || s.Suspect != (c.state == models.TokenClaimed) {
			t.Errorf("%s: %s for %q in %s, suspect %v; want %s for %q in %s", c.name, s.State, s.Reason, after, s.Suspect, c.state, c.reason, c.after)
		}
	}
}

func TestMayUseRecurring(t *testing.T) {
	now := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	claimed := models.Token{State: models.TokenClaimed}
	good := models.OptIn{Status: models.OptInActive, ExpiresAt: now.Add(24 * time.Hour)}
	for _, c := range []struct {
		name  string
		token *models.Token
		optIn func(o *models.OptIn)
		want  models.PolicyReason
	}{
		{"in order", &claimed, func(*models.OptIn) {}, ""},
		{"no token", nil, func(*models.OptIn) {}, models.ReasonNoToken},
		{"not held", &models.Token{State: models.TokenWaiting}, func(*models.OptIn) {}, models.ReasonTokenNotHeld},
		{"stopped", &claimed, func(o *models.OptIn) { o.Status = models.OptInStopped }, models.ReasonStopped},
		{"in its last hour", &claimed, func(o *models.OptIn) { o.ExpiresAt = now.Add(models.TokenMargin) }, models.ReasonTokenEnding},
		{"within the cap", &claimed, func(o *models.OptIn) { o.NextUseAt = now.Add(time.Second) }, models.ReasonTooSoon},
		{"again, in time", &models.Token{State: models.TokenClaimed, Unsure: 1, RetryUntil: now.Add(time.Second)}, func(*models.OptIn) {}, ""},
		{"again, too late", &models.Token{State: models.TokenClaimed, Unsure: 1, RetryUntil: now}, func(*models.OptIn) {}, models.ReasonTooLate},
	} {
		o := good
		c.optIn(&o)
		got := models.MaySend(models.PolicyQuestion{Kind: models.SendRecurring, Page: models.Page{State: models.PageActive}, Token: c.token, OptIn: &o, Now: now})
		if got.Reason != c.want || got.Allowed != (c.want == "") {
			t.Errorf("%s: %+v, want %q", c.name, got, c.want)
		}
	}
}

func TestRecurringExpiry(t *testing.T) {
	at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for frequency, months := range map[string]int{"": 6, "DAILY": 6, "WEEKLY": 9, "MONTHLY": 12} {
		if got := models.RecurringExpiry(at, frequency); !got.Equal(at.AddDate(0, months, 0)) {
			t.Errorf("%q ends on %s", frequency, got)
		}
	}
}
