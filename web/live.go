package web

import (
	"bytes"
	"context"

	"github.com/a-h/templ"
)

// partsOf renders the parts of a screen that move, each with the event that brings it.
func partsOf(ctx context.Context, events []string, components []templ.Component) ([]part, error) {
	parts := make([]part, len(events))
	for i, c := range components {
		var b bytes.Buffer
		if err := c.Render(ctx, &b); err != nil {
			return nil, err
		}
		parts[i] = part{event: events[i], html: b.Bytes()}
	}
	return parts, nil
}
