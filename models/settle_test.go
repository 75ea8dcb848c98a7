package models_test

import (
	"testing"
	"time"

	"bentornato/models"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

var outcomes = []models.Outcome{
	models.OutcomeSent, models.OutcomeTransient, models.OutcomeRateLimited, models.OutcomeThreadOwned,
	models.OutcomeUnreachable, models.OutcomeDead, models.OutcomeRejected, models.OutcomeOutside,
	models.OutcomePageTrouble, models.OutcomeUnknown, models.OutcomeNotSent,
}

func TestBackOff(t *testing.T) {
	for tries, want := range map[int]time.Duration{
		-1: 2 * time.Second, 0: 2 * time.Second, 1: 2 * time.Second, 2: 4 * time.Second, 3: 8 * time.Second,
		9: 512 * time.Second, 10: 10 * time.Minute, 11: 10 * time.Minute, 1 << 30: 10 * time.Minute,
	} {
		if got := models.BackOff(tries); got != want {
			t.Errorf("after %d tries %v, want %v", tries, got, want)
		}
	}
}

func TestSettleAttempt(t *testing.T) {
	const grace = 2 * time.Minute
	fresh := models.Token{ID: 7, PageID: "p", RestockID: 3, State: models.TokenClaimed, Attempts: 2, Transient: 1}
	with := func(change func(k *models.Token)) models.Token {
		k := fresh
		change(&k)
		return k
	}
	unsure := with(func(k *models.Token) { k.Unsure = 1 })
	suspected := with(func(k *models.Token) { k.Suspected = 1 })
	often := func(k *models.Token) { k.Transient = 12 }
	unreachable := func(times int) models.Token { return with(func(k *models.Token) { k.Unreachable = times }) }
	type s = models.Settlement

	for _, tt := range []struct {
		name  string
		token models.Token
		a     models.Answer
		want  models.Settlement
	}{
		{"sent", fresh, models.Answer{Outcome: models.OutcomeSent}, s{State: models.TokenSent, Attempt: models.AttemptSent}},
		{"sent on the second try", unsure, models.Answer{Outcome: models.OutcomeSent}, s{State: models.TokenSent, Attempt: models.AttemptSent}},
		{"no answer", fresh, models.Answer{Outcome: models.OutcomeUnknown}, s{State: models.TokenUnknown, Reason: models.TokenNoAnswer, Attempt: models.AttemptUnknown, NextAt: noon.Add(grace), Unsure: 1, Unanswered: 1}},
		{"no answer again", unsure, models.Answer{Outcome: models.OutcomeUnknown}, s{State: models.TokenUnknown, Reason: models.TokenNoAnswer, Attempt: models.AttemptUnknown, NextAt: noon.Add(grace), Unsure: 1, Unanswered: 1}},

		{"dead: the token or the message?", fresh, models.Answer{Outcome: models.OutcomeDead, Code: 100}, s{State: models.TokenClaimed, Reason: models.TokenDead, Suspect: true, Attempt: models.AttemptRefused}},
		{"dead a second time", suspected, models.Answer{Outcome: models.OutcomeDead}, s{State: models.TokenFailed, Reason: models.TokenDead, Attempt: models.AttemptRefused}},
		{"dead after a call that may have arrived: it had", unsure, models.Answer{Outcome: models.OutcomeDead}, s{State: models.TokenSent, Reason: models.TokenSecondTry, Attempt: models.AttemptRefused}},
		{"rejected", fresh, models.Answer{Outcome: models.OutcomeRejected}, s{State: models.TokenClaimed, Reason: models.TokenRefused, Suspect: true, Attempt: models.AttemptRefused}},
		{"rejected a second time", suspected, models.Answer{Outcome: models.OutcomeRejected}, s{State: models.TokenFailed, Reason: models.TokenRefused, Attempt: models.AttemptRefused}},

		{"transient", fresh, models.Answer{Outcome: models.OutcomeTransient}, s{State: models.TokenWaiting, Reason: models.TokenReleased, NextAt: noon.Add(4 * time.Second), Transient: 1, Attempt: models.AttemptRefused}},
		{"transient, after a call that may have arrived", unsure, models.Answer{Outcome: models.OutcomeTransient}, s{State: models.TokenUnknown, Reason: models.TokenNoAnswer, NextAt: noon.Add(4 * time.Second), Transient: 1, Attempt: models.AttemptRefused}},
		{"another app has the thread", fresh, models.Answer{Outcome: models.OutcomeThreadOwned}, s{State: models.TokenWaiting, Reason: models.TokenReleased, NextAt: noon.Add(4 * time.Second), Transient: 1, Attempt: models.AttemptRefused}},
		{"too fast, it says how long", fresh, models.Answer{Outcome: models.OutcomeRateLimited, RetryAfter: time.Hour}, s{State: models.TokenWaiting, Reason: models.TokenReleased, NextAt: noon.Add(time.Hour), Transient: 1, Attempt: models.AttemptRefused}},
		{"too fast, it does not say", fresh, models.Answer{Outcome: models.OutcomeRateLimited}, s{State: models.TokenWaiting, Reason: models.TokenReleased, NextAt: noon.Add(4 * time.Second), Transient: 1, Attempt: models.AttemptRefused}},
		{"the call never left", fresh, models.Answer{Outcome: models.OutcomeNotSent}, s{State: models.TokenWaiting, Reason: models.TokenReleased, NextAt: noon.Add(4 * time.Second), Transient: 1, Attempt: models.AttemptUncall}},
		{"transient for the first time, after calls that were cut short or not made", with(func(k *models.Token) { k.Attempts, k.Transient = 2, 0 }), models.Answer{Outcome: models.OutcomeTransient}, s{State: models.TokenWaiting, Reason: models.TokenReleased, NextAt: noon.Add(2 * time.Second), Transient: 1, Attempt: models.AttemptRefused}},
		{"transient again and again", with(often), models.Answer{Outcome: models.OutcomeTransient, Code: 2}, s{State: models.TokenWaiting, Reason: models.TokenReleased, NextAt: noon.Add(time.Hour), Unreachable: 1, Attempt: models.AttemptRefused}},
		{"transient for good", with(func(k *models.Token) { k.Transient, k.Unreachable = 12, 3 }), models.Answer{Outcome: models.OutcomeTransient, Code: 2}, s{State: models.TokenFailed, Reason: models.TokenUnreachable, Unreachable: 1, Attempt: models.AttemptRefused}},
		{"too fast again and again", with(often), models.Answer{Outcome: models.OutcomeRateLimited}, s{State: models.TokenWaiting, Reason: models.TokenReleased, NextAt: noon.Add(10 * time.Minute), Transient: 1, Attempt: models.AttemptRefused}},

		{"a gateway's page", fresh, models.Answer{Outcome: models.OutcomeUnknown, Garbled: true}, s{State: models.TokenUnknown, Reason: models.TokenNoAnswer, NextAt: noon.Add(grace), Unsure: 1, Transient: 1, Attempt: models.AttemptUnknown}},
		{"a gateway's page instead of the one more try's answer", with(func(k *models.Token) { k.Unsure, k.Unanswered, k.Transient = 1, 1, 7 }), models.Answer{Outcome: models.OutcomeUnknown, Garbled: true}, s{State: models.TokenUnknown, Reason: models.TokenNoAnswer, NextAt: noon.Add(256 * time.Second), Unsure: 1, Transient: 1, Attempt: models.AttemptUnknown}},
		{"a gateway's page again and again", with(often), models.Answer{Outcome: models.OutcomeUnknown, Garbled: true}, s{State: models.TokenUnknown, Reason: models.TokenNoAnswer, NextAt: noon.Add(time.Hour), Unsure: 1, Unreachable: 1, Attempt: models.AttemptUnknown}},

		{"unreachable once", unreachable(0), models.Answer{Outcome: models.OutcomeUnreachable}, s{State: models.TokenWaiting, Reason: models.TokenReleased, NextAt: noon.Add(time.Hour), Unreachable: 1, Attempt: models.AttemptRefused}},
		{"unreachable twice", unreachable(1), models.Answer{Outcome: models.OutcomeUnreachable}, s{State: models.TokenWaiting, Reason: models.TokenReleased, NextAt: noon.Add(6 * time.Hour), Unreachable: 1, Attempt: models.AttemptRefused}},
		{"unreachable three times", unreachable(2), models.Answer{Outcome: models.OutcomeUnreachable}, s{State: models.TokenWaiting, Reason: models.TokenReleased, NextAt: noon.Add(24 * time.Hour), Unreachable: 1, Attempt: models.AttemptRefused}},
		{"unreachable for good", unreachable(3), models.Answer{Outcome: models.OutcomeUnreachable}, s{State: models.TokenFailed, Reason: models.TokenUnreachable, Unreachable: 1, Attempt: models.AttemptRefused}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.want.TokenID, tt.want.Number, tt.want.PageID, tt.want.RestockID, tt.want.Answer = 7, 2, "p", 3, tt.a
			if diff := cmp.Diff(tt.want, models.SettleAttempt(tt.token, tt.a, noon, grace)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// What the Page is guilty of costs no token: it waits until the Page is mended, and is not counted against.
func TestPageTroubleKeepsTokens(t *testing.T) {
	for _, o := range []models.Outcome{models.OutcomePageTrouble, models.OutcomeOutside} {
		got := models.SettleAttempt(models.Token{State: models.TokenClaimed, Attempts: 50}, models.Answer{Outcome: o}, noon, time.Minute)
		if got.State != models.TokenWaiting || got.NextAt.After(noon.Add(time.Second)) || got.Unreachable != 0 || got.Unsure != 0 {
			t.Errorf("%s: %+v", o, got)
		}
	}
}

// Whatever is answered, the token makes a move that exists, and one that may have been spent is never offered again.
func TestSettleAttemptMovesThatExist(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		k := models.Token{
			State:       models.TokenClaimed,
			Attempts:    rapid.IntRange(1, 40).Draw(t, "attempts"),
			Unsure:      rapid.IntRange(0, 2).Draw(t, "unsure"),
			Suspected:   rapid.IntRange(0, 2).Draw(t, "suspected"),
			Unreachable: rapid.IntRange(0, 6).Draw(t, "unreachable"),
			Transient:   rapid.IntRange(0, 15).Draw(t, "transient"),
		}
		outcome := rapid.SampledFrom(append(outcomes, "invented")).Draw(t, "outcome")
		garbled := outcome == models.OutcomeUnknown && rapid.Bool().Draw(t, "garbled")
		got := models.SettleAttempt(k, models.Answer{Outcome: outcome, Garbled: garbled}, noon, time.Minute)
		switch {
		case got.Suspect && got.State == models.TokenClaimed: // held for the store's verdict
		case !models.CanMove(k.State, got.State):
			t.Fatalf("%s moves a claimed token to %q", outcome, got.State)
		}
		if k.Unsure+got.Unsure > 0 && got.State == models.TokenWaiting {
			t.Fatalf("%s puts a token back that may have been spent", outcome)
		}
		if got.State == models.TokenSent && outcome != models.OutcomeSent && k.Unsure == 0 {
			t.Fatalf("%s counts as sent, and no call may have arrived", outcome)
		}
		if waits := got.State == models.TokenWaiting || got.State == models.TokenUnknown; waits != got.NextAt.After(noon) {
			t.Fatalf("%s: %q until %v", outcome, got.State, got.NextAt)
		}
	})
}

func TestSettleMessage(t *testing.T) {
	message := models.Message{ID: 1, State: models.MessageClaimed, Attempts: 1, SendBefore: noon.Add(time.Minute)}
	for _, tt := range []struct {
		name  string
		a     models.Answer
		state models.MessageState
		next  time.Time
	}{
		{"sent", models.Answer{Outcome: models.OutcomeSent, MessageID: "m_1"}, models.MessageSent, time.Time{}},
		{"no answer is not tried again", models.Answer{Outcome: models.OutcomeUnknown}, models.MessageUnknown, time.Time{}},
		{"transient", models.Answer{Outcome: models.OutcomeTransient}, models.MessageQueued, noon.Add(2 * time.Second)},
		{"the call never left", models.Answer{Outcome: models.OutcomeNotSent}, models.MessageQueued, noon.Add(2 * time.Second)},
		{"another app has the thread", models.Answer{Outcome: models.OutcomeThreadOwned}, models.MessageQueued, noon.Add(2 * time.Second)},
		{"too fast", models.Answer{Outcome: models.OutcomeRateLimited, RetryAfter: time.Minute}, models.MessageQueued, noon.Add(time.Minute)},
		{"too fast until after the window", models.Answer{Outcome: models.OutcomeRateLimited, RetryAfter: time.Minute + 1}, models.MessageFailed, noon.Add(time.Minute + 1)},
		{"the Page cannot send", models.Answer{Outcome: models.OutcomePageTrouble}, models.MessageQueued, noon},
		{"refused", models.Answer{Outcome: models.OutcomeRejected}, models.MessageFailed, time.Time{}},
		{"malformed", models.Answer{Outcome: models.OutcomeDead}, models.MessageFailed, time.Time{}},
		{"outside the window", models.Answer{Outcome: models.OutcomeOutside}, models.MessageFailed, time.Time{}},
		{"unreachable", models.Answer{Outcome: models.OutcomeUnreachable}, models.MessageFailed, time.Time{}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := models.SettleMessage(message, tt.a, noon)
			if got.State != tt.state || !got.NextAt.Equal(tt.next) || got.MID != tt.a.MessageID {
				t.Errorf("%q at %v with mid %q, want %q at %v", got.State, got.NextAt, got.MID, tt.state, tt.next)
			}
			if (got.Reason == "") != (tt.state == models.MessageSent) {
				t.Errorf("reason %q for %q", got.Reason, got.State)
			}
		})
	}
	reply := models.Message{State: models.MessageClaimed, Attempts: 30}
	if got := models.SettleMessage(reply, models.Answer{Outcome: models.OutcomeTransient}, noon); got.State != models.MessageQueued {
		t.Errorf("a message without an end gives up: %q", got.State)
	}
}
