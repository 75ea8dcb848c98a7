package views

import (
	"bytes"
	"context"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/a-h/templ"
	"github.com/google/go-cmp/cmp"

	"bentornato/models"
)

var update = flag.Bool("update", false, "write testdata/*.html anew")

var (
	now     = time.Date(2026, 11, 22, 15, 4, 0, 0, time.UTC)
	rome, _ = time.LoadLocation("Europe/Rome")
)

// frame is the part of a screen that is the same in all of them.
func frame(current string) Page {
	return Page{
		User:       models.User{ID: 1, Email: "giulia@bottega.example", Role: models.RoleOwner},
		CurrentURL: current,
		Now:        now,
		Loc:        rome,
	}
}

func as(p Page, role models.Role) Page {
	p.User.Role = role
	return p
}

func render(t *testing.T, lang string, c templ.Component) string {
	t.Helper()
	var b bytes.Buffer
	if err := c.Render(WithLanguage(context.Background(), lang), &b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func document(t *testing.T, lang string, c templ.Component) *goquery.Document {
	t.Helper()
	d, err := goquery.NewDocumentFromReader(strings.NewReader(render(t, lang, c)))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// lines breaks a page at its tags, so that a difference is a line and not the whole page.
func lines(html string) string { return strings.ReplaceAll(html, "><", ">\n<") + "\n" }

// TestGolden holds every page, in each of its states, to the HTML that somebody looked at. English is the language
// of all of them, Italian of those named so.
func TestGolden(t *testing.T) {
	for name, c := range screensShown() {
		t.Run(name, func(t *testing.T) {
			got := lines(render(t, languageOf(name), c))
			file := filepath.Join("testdata", name+".html")
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(string(want), got); d != "" {
				t.Errorf("%s differs (go test ./views -update rewrites it):\n%s", file, d)
			}
		})
	}
}

// TestGoldenFilesAreAllUsed finds pages that lost their case.
func TestGoldenFilesAreAllUsed(t *testing.T) {
	files, err := filepath.Glob("testdata/*.html")
	if err != nil {
		t.Fatal(err)
	}
	cases := screensShown()
	for _, f := range files {
		if _, ok := cases[strings.TrimSuffix(filepath.Base(f), ".html")]; !ok {
			t.Errorf("%s belongs to no case", f)
		}
	}
}
