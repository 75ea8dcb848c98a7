package views

import (
	"context"
	"net/http"
)

// ErrorProps is the page for something that went wrong.
type ErrorProps struct {
	Page
	// Status is the HTTP status it is sent with.
	Status int
	// Err is what happened; only its sentence for people is shown.
	Err error
	// ID finds the failure in the log; empty where nothing was logged.
	ID string
}

// errorTitle names a failure by its status.
func errorTitle(ctx context.Context, status int) string {
	switch status {
	case http.StatusNotFound:
		return T(ctx, "error.not_found")
	case http.StatusForbidden, http.StatusUnauthorized:
		return T(ctx, "error.not_allowed")
	case http.StatusTooManyRequests:
		return T(ctx, "error.too_many")
	}
	if status >= http.StatusInternalServerError {
		return T(ctx, "error.ours")
	}
	return T(ctx, "error.yours")
}
