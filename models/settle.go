package models

import "time"

// Settlement is what one attempt's answer does to its token. It is worked out here and written by the store, in one
// transaction with many others.
type Settlement struct {
	TokenID   int64
	Number    int // the attempt's; a settlement of an attempt that no longer holds the token changes no token
	PageID    string
	RestockID int64
	State     TokenState
	Reason    TokenReason
	// NextAt is when the token may be tried again, for waiting and unknown ones.
	NextAt time.Time
	// Suspect asks the store for the verdict of rule 6.4: is it the token or the message?
	Suspect     bool
	Unsure      int // added to the token's count
	Unanswered  int
	Unreachable int
	Transient   int
	Attempt     AttemptState
	Answer      Answer
}

// MaxRefusals is how many identical refusals in a row pause a restock (rule 6.4).
const MaxRefusals = 3

// unreachableDelays are the waits after each answer that a person cannot be reached; after the last one the token
// has failed (rule 6.2).
var unreachableDelays = []time.Duration{time.Hour, 6 * time.Hour, 24 * time.Hour}

// maxBackOff bounds the wait after a transient failure, and maxTransient how many of them one token may meet: after some
// forty minutes it is not the platform any more. Its code 2 also stands for a person who blocked the Page.
const (
	maxBackOff   = 10 * time.Minute
	maxTransient = 12
)

// BackOff is the wait after so many failed tries: 2 s, doubled each time, at most 10 minutes.
func BackOff(tries int) time.Duration {
	d := 2 * time.Second
	for i := 1; i < tries && d < maxBackOff; i++ {
		d *= 2
	}
	return min(d, maxBackOff)
}

// SettleAttempt works out what an answer does to the token that the attempt held (rules 6.2 to 6.4). grace is how long
// to wait for an echo before an unanswered attempt is tried once more.
//
// While an earlier call may have arrived (Unsure above 0) no failure puts the token back to waiting: it stays
// unknown until a call says sent, or says dead, which then means the same. A garbled answer, such as a gateway's page, is not
// the silence that rule 6.3 counts: it may stand for a call that arrived, and it says that calls are answered, so the token
// is tried until the platform itself answers. An outage in which everybody gets such pages must not cost permissions.
func SettleAttempt(k Token, a Answer, now time.Time, grace time.Duration) Settlement {
	s := Settlement{TokenID: k.ID, Number: k.Attempts, PageID: k.PageID, RestockID: k.RestockID, Attempt: AttemptRefused, Answer: a}
	again := func(after time.Duration) Settlement {
		s.State, s.Reason, s.NextAt = TokenWaiting, TokenReleased, now.Add(after)
		if k.Unsure > 0 {
			s.State, s.Reason = TokenUnknown, TokenNoAnswer
		}
		return s
	}
	outcome, pause := a.Outcome, BackOff(k.Transient+1)
	if k.Transient >= maxTransient && (outcome == OutcomeTransient || a.Garbled) {
		outcome = OutcomeUnreachable
	}
	if a.Garbled {
		s.Attempt, s.Unsure = AttemptUnknown, 1
		k.Unsure++
	}
	switch outcome {
	case OutcomeSent:
		s.State, s.Attempt = TokenSent, AttemptSent
	case OutcomeUnknown:
		if a.Garbled {
			s.Transient = 1
			return again(max(grace, pause))
		}
		s.State, s.Reason, s.Attempt = TokenUnknown, TokenNoAnswer, AttemptUnknown
		s.Unsure, s.Unanswered, s.NextAt = 1, 1, now.Add(grace)
	case OutcomeDead, OutcomeRejected:
		switch {
		case k.Unsure > 0 && a.Outcome == OutcomeDead:
			s.State, s.Reason = TokenSent, TokenSecondTry
		case k.Suspected > 0:
			s.State, s.Reason = TokenFailed, refusalReason(a.Outcome)
		default:
			s.State, s.Reason, s.Suspect = TokenClaimed, refusalReason(a.Outcome), true
		}
	case OutcomeUnreachable:
		s.Unreachable = 1
		if k.Unreachable >= len(unreachableDelays) {
			s.State, s.Reason = TokenFailed, TokenUnreachable
			return s
		}
		return again(unreachableDelays[k.Unreachable])
	case OutcomeNotSent:
		s.Attempt, s.Transient = AttemptUncall, 1
		return again(pause)
	case OutcomePageTrouble, OutcomeOutside:
		// "Outside the window" cannot be the token's fault: the platform did not take it for the recipient. Both
		// are the Page's trouble, and the token waits until the Page is mended.
		return again(time.Millisecond)
	case OutcomeRateLimited:
		s.Transient = 1
		return again(max(a.RetryAfter, pause))
	default: // transient, thread owned
		s.Transient = 1
		return again(pause)
	}
	return s
}

func refusalReason(o Outcome) TokenReason {
	if o == OutcomeDead {
		return TokenDead
	}
	return TokenRefused
}

// SettleMessage works out what an answer does to a message that is not a notification. One whose call got no answer
// is not sent again: the person might read it twice, and nothing would tell us.
func SettleMessage(m Message, a Answer, now time.Time) Message {
	m.MID = a.MessageID
	m.Reason = string(a.Outcome)
	if lack := Lacks(m.Kind, a); lack != "" {
		m.State, m.Reason = MessageFailed, string(lack)
		return m
	}
	switch a.Outcome {
	case OutcomeSent:
		m.State, m.Reason = MessageSent, ""
	case OutcomeUnknown:
		m.State = MessageUnknown
	case OutcomeTransient, OutcomeRateLimited, OutcomeThreadOwned, OutcomeNotSent:
		m.State, m.NextAt = MessageQueued, now.Add(max(a.RetryAfter, BackOff(m.Attempts)))
		if !m.SendBefore.IsZero() && m.NextAt.After(m.SendBefore) {
			m.State = MessageFailed
		}
	case OutcomePageTrouble:
		m.State, m.NextAt = MessageQueued, now
	default:
		m.State = MessageFailed
	}
	return m
}

// Lacks reads a refusal of a kind of message that needs a feature or a permission of its own: the reason is that the Page's app
// does not have it, and is empty for every other answer. A human agent's reply is sent inside its 7 days only, so "outside the
// window" says that the tag was not taken; a utility message needs no window. Neither says anything of the Page's other messages,
// which go on.
func Lacks(kind SendKind, a Answer) PolicyReason {
	refused := a.Outcome == OutcomeOutside || a.Outcome == OutcomePageTrouble && (a.Pause == PausePermission || a.Pause == PauseFeatureMissing)
	switch {
	case !refused:
		return ""
	case kind == SendHumanAgent:
		return ReasonNoHumanAgent
	case kind == SendUtility:
		return ReasonNoUtility
	}
	return ""
}

// AboutPage reports whether the answer to a message of a kind says anything of the Page, and not only of the one person it was for
// or of that kind of message.
func AboutPage(kind SendKind, a Answer) bool {
	return a.Outcome != OutcomeOutside && Lacks(kind, a) == ""
}
