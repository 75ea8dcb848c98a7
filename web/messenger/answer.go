package messenger

import (
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"bentornato/models"
)

// sent is what classify must know about the call that was answered.
type sent struct {
	token     bool // it would have spent a one-time token, or used a recurring one
	recurring bool // it would have used a recurring token
	request   bool // it carried an opt-in request
	asks      bool // it asked for recurring notifications
	secrets   []string
	now       time.Time
}

// refusal is the error member of an answer.
type refusal struct {
	Message     text     `json:"message"`
	Code        *integer `json:"code"`
	Subcode     integer  `json:"error_subcode"`
	IsTransient flag     `json:"is_transient"`
}

// classify reads the answer to a send: by the body's code and subcode, never by its localised text, and by the
// HTTP status only where the body says neither "sent" nor why not. Such a body is not the platform's own, or is
// cut off, and then:
//
//   - a 2xx is unknown: something took the message;
//   - a 5xx is unknown: a gateway that gave up waiting does not know what became of the call behind it;
//   - a 429 is rate-limited, and any other 3xx or 4xx transient: something in between refused the call before
//     the platform saw it.
func classify(r answer, s sent) models.Answer {
	var body struct {
		RecipientID id       `json:"recipient_id"`
		MessageID   text     `json:"message_id"`
		Error       *refusal `json:"error"`
		// Nested is the form that the page on recurring notifications prints for their request.
		Nested struct {
			ID        id   `json:"id"`
			MessageID text `json:"message_id"`
		} `json:"recipient"`
	}
	// What cannot be decoded leaves the fields before it filled, and must not count.
	readable := json.Unmarshal(r.body, &body) == nil
	if body.MessageID == "" {
		body.RecipientID, body.MessageID = id(firstOf(body.RecipientID, body.Nested.ID)), body.Nested.MessageID
	}
	var a models.Answer
	a.Usage, a.RetryAfter = advice(r.header, s.now)
	switch {
	case readable && body.Error != nil && body.Error.Code != nil:
		e := body.Error
		a.Code, a.Subcode = int(*e.Code), int(e.Subcode)
		a.Detail = redact(string(e.Message), s.secrets...)
		a.Outcome, a.Pause = verdict(a.Code, a.Subcode, s)
		if a.Outcome != "" {
			a.Garbled = a.Outcome == models.OutcomeUnknown
			return a
		}
		switch {
		case r.status == http.StatusTooManyRequests:
			a.Outcome = models.OutcomeRateLimited
		case bool(e.IsTransient) || r.status >= 500:
			a.Outcome = models.OutcomeTransient
		default:
			a.Outcome = models.OutcomeRejected
		}
	case readable && body.Error == nil && body.MessageID != "":
		a.Outcome, a.MessageID, a.RecipientID = models.OutcomeSent, string(body.MessageID), string(body.RecipientID)
	case r.status == http.StatusTooManyRequests:
		a.Outcome, a.Detail = models.OutcomeRateLimited, unreadable(r.status)
	case r.status >= 300 && r.status < 500:
		a.Outcome, a.Detail = models.OutcomeTransient, unreadable(r.status)
	default:
		a.Outcome, a.Detail, a.Garbled = models.OutcomeUnknown, unreadable(r.status), true
	}
	return a
}

func unreadable(status int) string {
	return "HTTP " + strconv.Itoa(status) + " without an answer of the platform's"
}

// verdict is the table of codes that are known; it returns an empty outcome for any other. Where sources
// disagree, what keeps tokens wins.
func verdict(code, subcode int, s sent) (models.Outcome, models.PauseReason) {
	switch code {
	case 1:
		if subcode == 1357046 { // the platform's own reply was invalid: the message may have been sent
			return models.OutcomeUnknown, ""
		}
		return models.OutcomeTransient, ""
	case -1, 2, 1200: // 2 also stands for a person who blocked the Page: the caller's count of tries ends it
		return models.OutcomeTransient, ""
	case 4, 9, 613:
		return limited(code, subcode, s)
	case 17, 32, 341:
		return models.OutcomeRateLimited, ""
	case 10:
		return denied(subcode, s)
	case 100:
		return malformed(subcode, s)
	case 3: // the app lacks the capability
		return models.OutcomePageTrouble, models.PausePermission
	case 102, 190:
		return models.OutcomePageTrouble, models.PauseTokenInvalid
	case 368:
		return models.OutcomePageTrouble, models.PauseBlocked
	case 551:
		return models.OutcomeUnreachable, ""
	case 2022:
		return models.OutcomePageTrouble, models.PauseCommerce
	}
	switch {
	case code == 200 && subcode == 1545041: // the text says 551
		return models.OutcomeUnreachable, ""
	case code >= 200 && code <= 299: // the Graph API's permissions; 200/2018028 is an app that is not live
		return models.OutcomePageTrouble, models.PausePermission
	case code >= 80000 && code <= 80014: // business use cases; 80006 is Messenger's, 80001 Pages'
		return models.OutcomeRateLimited, ""
	}
	return "", ""
}

// limited tells limits that pass from caps on asking (recurring notifications), which no waiting for the rate
// mends, and from 613/2018338, Meta's warning of abusive sending: who goes on after it loses the Page.
func limited(code, subcode int, s sent) (models.Outcome, models.PauseReason) {
	switch {
	case s.recurring && code == 4 && subcode == 2018354:
		return models.OutcomeTooSoon, ""
	case code == 4 && subcode == 2018354, code == 9 && subcode == 2018352, code == 613 && subcode == 1893016:
		return models.OutcomeRejected, ""
	case code == 613 && subcode == 2018338:
		return models.OutcomePageTrouble, models.PauseBlocked
	case code == 9:
		return "", ""
	}
	return models.OutcomeRateLimited, ""
}

// denied reads code 10. Spending a token it is never about the token, so what is not about the person is about
// the Page.
func denied(subcode int, s sent) (models.Outcome, models.PauseReason) {
	switch subcode {
	case 2018278, 2534022: // Messenger's and Instagram's
		return models.OutcomeOutside, ""
	case 2018108:
		return models.OutcomeUnreachable, ""
	case 1893063, 1404170: // the Page, or its asking for opt-ins, is restricted for a time
		return models.OutcomePageTrouble, models.PauseRestricted
	case 2018065, 1893015: // needs news messaging; the person stopped a topic of recurring notifications
		if s.recurring {
			return models.OutcomeDead, ""
		}
		if !s.token {
			return models.OutcomeRejected, ""
		}
	case 0:
		if s.recurring || s.asks { // the Page may not use the product; it may still send everything else
			return models.OutcomeProductOff, ""
		}
		if s.request {
			return models.OutcomePageTrouble, models.PauseFeatureMissing
		}
	}
	return models.OutcomePageTrouble, models.PausePermission
}

// malformed reads code 100, the platform's answer to dead tokens and to bad parameters alike. Meta documents no
// subcode for a dead token, so spending one an unknown subcode may mean that, and only known ones do not.
func malformed(subcode int, s sent) (models.Outcome, models.PauseReason) {
	switch subcode {
	case 0:
		return models.OutcomeDead, ""
	case 33: // the object of the call, which is the Page, is not there or not for this token
		return models.OutcomePageTrouble, models.PausePermission
	case 2018300, 2534037, 2018321: // another app, or the Page's own automation, has the thread
		return models.OutcomeThreadOwned, ""
	case 2018001: // no matching user: a PSID that is not this Page's, or the person behind a token is gone
		if s.token {
			return models.OutcomeUnreachable, ""
		}
		return models.OutcomeRejected, ""
	case 2018008: // the picture could not be fetched: the shop's server may be slow while a restock is announced
		return models.OutcomeTransient, ""
	case 2018047, 2018109, 2018292, 1893029: // upload failed, too large, invalid comment, too few parameters
		return models.OutcomeRejected, ""
	}
	if s.token {
		return models.OutcomeDead, ""
	}
	return models.OutcomeRejected, ""
}
