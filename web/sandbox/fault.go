package sandbox

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// FaultKind is a way for a call to go wrong.
type FaultKind string

const (
	TimeoutAfterAccept   FaultKind = "timeout_after_accept"   // done, but no answer comes until the caller gives up
	TimeoutBeforeAccept  FaultKind = "timeout_before_accept"  // not done, and no answer comes
	HangUpAfterAccept    FaultKind = "hang_up_after_accept"   // done, then the connection is cut
	HangUpBeforeAccept   FaultKind = "hang_up_before_accept"  // not done, the connection is cut
	ErrorBody            FaultKind = "error"                  // refused with the fault's Error
	OKWithErrorBody      FaultKind = "ok_with_error"          // the same with HTTP 200
	HTML502              FaultKind = "html_502"               // not done, a proxy's page
	HTML502AfterAccept   FaultKind = "html_502_after_accept"  // done, a proxy's page
	TruncatedAfterAccept FaultKind = "truncated_after_accept" // done, half of the JSON arrives
	NoRecipientID        FaultKind = "no_recipient_id"        // done, the answer lacks recipient_id
	LocalisedText        FaultKind = "localised_551"          // refused as 551, in the form code 200 with a text in another language
	Transient            FaultKind = "transient"              // refused with code 2, is_transient and HTTP 500
)

// FaultKinds lists them all.
func FaultKinds() []FaultKind {
	return []FaultKind{
		TimeoutAfterAccept, TimeoutBeforeAccept, HangUpAfterAccept, HangUpBeforeAccept, ErrorBody, OKWithErrorBody, HTML502,
		HTML502AfterAccept, TruncatedAfterAccept, NoRecipientID, LocalisedText, Transient,
	}
}

// FaultError is the error of ErrorBody and OKWithErrorBody.
type FaultError struct {
	Status  int // HTTP; 0 means the usual one of the code
	Code    int
	Subcode int
	Message string // empty means a plain one
}

// Fault spoils calls that match it. Empty matchers match everything; without Method, Path or Recipient that is every
// call, also reads.
type Fault struct {
	Method    string // POST
	Path      string // a part of the path: /messages
	Recipient string // kind: id, one_time_notif_token, comment_id
	PSID      string // of the person, also when the recipient is a token or comment

	Kind        FaultKind
	Error       FaultError
	Times       int     // how often, 0 means until it is removed
	Probability float64 // 0 means always
}

type fault struct {
	Fault
	id   int
	left int
}

// SetFault adds a fault and returns its number for RemoveFault. When several match, the oldest counts.
func (p *Platform) SetFault(f Fault) (int, error) {
	if !slices.Contains(FaultKinds(), f.Kind) {
		return 0, fmt.Errorf("%w: fault kind %q", ErrInvalid, f.Kind)
	}
	if (f.Kind == ErrorBody || f.Kind == OKWithErrorBody) && f.Error.Code == 0 {
		return 0, fmt.Errorf("%w: the fault needs an error code", ErrInvalid)
	}
	if f.Times < 0 || f.Probability < 0 || f.Probability > 1 || f.Error.Status != 0 && (f.Error.Status < 200 || f.Error.Status > 599) {
		return 0, fmt.Errorf("%w: times, probability or status out of range", ErrInvalid)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.faults) >= MaxFaults {
		return 0, fmt.Errorf("%w: %d faults", ErrFull, MaxFaults)
	}
	p.faultID++
	p.faults = append(p.faults, &fault{Fault: f, id: p.faultID, left: f.Times})
	p.touch()
	return p.faultID, nil
}

// RemoveFault removes one; a number that is not there is no error.
func (p *Platform) RemoveFault(id int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.faults = slices.DeleteFunc(p.faults, func(f *fault) bool { return f.id == id })
	p.touch()
}

// ClearFaults removes all.
func (p *Platform) ClearFaults() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.faults = nil
	p.touch()
}

// Faults lists those set, with what is left of their Times.
func (p *Platform) Faults() []Fault {
	p.mu.Lock()
	defer p.mu.Unlock()
	out := make([]Fault, len(p.faults))
	for i, f := range p.faults {
		out[i] = f.Fault
		out[i].Times = f.left
	}
	return out
}

// takeFault finds the fault for a call and uses it up by one. The lock is held.
func (p *Platform) takeFault(c *graphCall) *Fault {
	for i, f := range p.faults {
		switch {
		case f.Method != "" && f.Method != c.request.Method,
			f.Path != "" && !strings.Contains(c.request.URL.Path, f.Path),
			f.Recipient != "" && f.Recipient != c.record.Recipient,
			f.PSID != "" && f.PSID != c.record.PSID,
			f.Probability > 0 && p.random.Float64() >= f.Probability:
			continue
		}
		found := f.Fault
		if f.Times > 0 {
			if f.left--; f.left == 0 {
				p.faults = slices.Delete(p.faults, i, i+1)
			}
		}
		return &found
	}
	return nil
}

// personOf is the PSID behind a recipient, as far as it is known.
func (p *Platform) personOf(to recipient, pageID string) string {
	switch to.Kind {
	case "id":
		return to.Value
	case "one_time_notif_token":
		if k := p.tokens[to.Value]; k != nil && k.thread.Page == pageID {
			return k.thread.PSID
		}
	case "user_ref":
		if t := p.guests[to.Value]; t != nil && t.Page == pageID {
			return t.PSID
		}
	case "notification_messages_token":
		if s := p.bySubscription(to.Value); s != nil && s.thread.Page == pageID {
			return s.thread.PSID
		}
	case "comment_id":
		if note := p.comments[to.Value]; note != nil && note.thread.Page == pageID {
			return note.thread.PSID
		}
	}
	return ""
}

// refuses tells whether the call is not done at all.
func (f *Fault) refuses() bool {
	switch f.Kind {
	case TimeoutBeforeAccept, HangUpBeforeAccept, ErrorBody, OKWithErrorBody, HTML502, LocalisedText, Transient:
		return true
	}
	return false
}

// graphError is what a refusing fault answers.
func (f *Fault) graphError() *graphError {
	switch f.Kind {
	case LocalisedText:
		return &graphError{Code: 200, Subcode: 1545041, Message: "(#551) 用户暂时收不到消息。"}
	case Transient:
		return &graphError{Code: 2, Transient: true, Message: "(#2) Service temporarily unavailable"}
	}
	e := &graphError{status: f.Error.Status, Code: f.Error.Code, Subcode: f.Error.Subcode, Message: f.Error.Message}
	if e.Message == "" {
		e.Message = fmt.Sprintf("(#%d) The sandbox was told to answer this.", e.Code)
	}
	if f.Kind == OKWithErrorBody {
		e.status = http.StatusOK
	}
	return e
}
