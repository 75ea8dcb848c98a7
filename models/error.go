// Package models holds Bentornato's vocabulary and its pure rules: what a standard window is, who may be
// written to, how a token lives and dies, when a restock starts. It would exist unchanged if there were no
// HTTP and no database; it imports the standard library only, and every rule takes the time as an argument.
//
// The words are the field's own: Page, contact, standard window, product, variant, interest, opt-in request,
// token, inventory source, restock, notification, attempt, echo. "Rule 5.2" in a comment names a numbered rule
// of the product's description.
package models

import (
	"errors"
	"fmt"
	"strings"
)

// Kind says what sort of failure an error is, for the program: a handler turns it into a status, a command
// into an exit code. The sentence for the person is the error's message.
type Kind string

// The kinds. Anything that is not an *Error is Internal.
const (
	KindInvalid      Kind = "invalid"      // the input is wrong; the message says how to mend it
	KindNotFound     Kind = "not_found"    // no such thing
	KindConflict     Kind = "conflict"     // it clashes with what is there
	KindUnauthorized Kind = "unauthorized" // no login, key or signature, or a wrong one
	KindForbidden    Kind = "forbidden"    // known, but not allowed
	KindTooLarge     Kind = "too_large"    // over a stated limit
	KindUnavailable  Kind = "unavailable"  // not now; try again later
	KindInternal     Kind = "internal"     // our fault; the message shows no detail
)

// Error is a failure with a kind for the program and a sentence for the person. Neither ever holds a secret.
type Error struct {
	Kind    Kind
	Message string
	// Field names the input field at fault, where there is one.
	Field string
	// Err is the cause, for logs only. It is never shown to a person.
	Err error
}

func (e *Error) Error() string {
	if e.Err != nil {
		return e.Message + ": " + e.Err.Error()
	}
	return e.Message
}

func (e *Error) Unwrap() error { return e.Err }

// Errorf makes an Error of the given kind. A cause given at the end, as ": %w", is kept for the logs and left out of
// the message, which a person reads.
func Errorf(kind Kind, format string, args ...any) *Error {
	err := fmt.Errorf(format, args...)
	cause := errors.Unwrap(err)
	if cause == nil {
		return &Error{Kind: kind, Message: err.Error()}
	}
	message := strings.TrimSuffix(err.Error(), ": "+cause.Error())
	return &Error{Kind: kind, Message: message, Err: cause}
}

// FieldErrorf makes an error of KindInvalid about one input field.
func FieldErrorf(field, format string, args ...any) *Error {
	return &Error{Kind: KindInvalid, Field: field, Message: fmt.Sprintf(format, args...)}
}

// KindOf returns the kind of the first *Error in err's chain, KindInternal for any other error and "" for nil.
func KindOf(err error) Kind {
	if err == nil {
		return ""
	}
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return KindInternal
}

// MessageOf returns the sentence to show a person. The text of an error that is not ours is not shown.
func MessageOf(err error) string {
	var e *Error
	if errors.As(err, &e) && e.Kind != KindInternal {
		return e.Message
	}
	return "Something went wrong on our side. Nothing was changed; please try again."
}
