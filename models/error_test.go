package models_test

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"bentornato/models"
)

func TestKindOf(t *testing.T) {
	gone := models.Errorf(models.KindNotFound, "No such product.")
	for _, tt := range []struct {
		name string
		err  error
		want models.Kind
	}{
		{"nil", nil, ""},
		{"ours", gone, models.KindNotFound},
		{"ours, wrapped", fmt.Errorf("read: %w", gone), models.KindNotFound},
		{"the outermost of ours", models.Errorf(models.KindConflict, "Again: %w", gone), models.KindConflict},
		{"someone else's", io.EOF, models.KindInternal},
	} {
		if got := models.KindOf(tt.err); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestMessageOf(t *testing.T) {
	if got := models.MessageOf(fmt.Errorf("add: %w", models.FieldErrorf("sku", "The SKU is missing."))); got != "The SKU is missing." {
		t.Errorf("message %q", got)
	}
	for _, err := range []error{io.ErrUnexpectedEOF, models.Errorf(models.KindInternal, "row 7 of %w", io.ErrUnexpectedEOF)} {
		if got := models.MessageOf(err); strings.Contains(got, "EOF") || strings.Contains(got, "row 7") {
			t.Errorf("%v is shown to a person: %q", err, got)
		}
	}
}

func TestErrorKeepsItsCause(t *testing.T) {
	err := models.Errorf(models.KindUnavailable, "The database does not answer: %w", io.ErrClosedPipe)
	if !errors.Is(err, io.ErrClosedPipe) {
		t.Error("the cause is lost")
	}
	if got, want := models.MessageOf(err), "The database does not answer"; got != want {
		t.Errorf("message %q, want %q: the cause is for the logs", got, want)
	}
	if got, want := err.Error(), "The database does not answer: io: read/write on closed pipe"; got != want {
		t.Errorf("logged as %q, want %q", got, want)
	}
}
