package views

import (
	"context"
	"fmt"
	"maps"
	"os"
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

// TestGuidesInReadme has the steps that a source's page shows in the README too, word for word.
func TestGuidesInReadme(t *testing.T) {
	readme, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	english := messages(t, "en")
	for kind, steps := range guides() {
		for n := range steps {
			id := fmt.Sprintf("guide.%s_%d", guideKey(kind), n+1)
			if step := fmt.Sprintf("\n%d. %s\n", n+1, strings.Join(english[id], "")); !strings.Contains(string(readme), step) {
				t.Errorf("the README has no step %q", strings.TrimSpace(step))
			}
		}
	}
}
