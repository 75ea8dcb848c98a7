package views

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestGuides has every step of every guide in the message files, and no step that nobody is shown.
func TestGuides(t *testing.T) {
	var want []string
	for kind, steps := range guides() {
		for n := range steps {
			want = append(want, fmt.Sprintf("guide.%s_%d", guideKey(kind), n+1))
		}
	}
	slices.Sort(want)
	for _, lang := range languages {
		var have []string
		for _, id := range slices.Sorted(maps.Keys(messages(t, lang))) {
			if strings.HasPrefix(id, "guide.") {
				have = append(have, id)
			}
		}
		if d := cmp.Diff(want, have); d != "" {
			t.Errorf("%s: the steps differ:\n%s", lang, d)
		}
	}
	for kind := range guides() {
		if name := SourceKindName(context.Background(), kind); name == "" || strings.Contains(name, "-") {
			t.Errorf("%s is called %q", kind, name)
		}
	}
}
