package main

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"bentornato/static"
)

// TestBrowserStates looks at every page in every state that has a golden file, those too that the demo never gets into:
// on a phone in the dark and on a desktop in the light, with axe by turns. One that is another's in Italian differs in its words
// alone: it is seen on a phone, where longer ones break first.
func TestBrowserStates(t *testing.T) {
	t.Parallel()
	golden := filepath.Join("..", "..", "views", "testdata")
	files, err := filepath.Glob(filepath.Join(golden, "*.html"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no golden files: %v", err)
	}
	mux := http.NewServeMux()
	mux.Handle("GET "+static.Prefix, static.Handler())
	mux.HandleFunc("GET /state/{name}", func(w http.ResponseWriter, r *http.Request) {
		page, err := os.ReadFile(filepath.Join(golden, filepath.Base(r.PathValue("name"))+".html"))
		if err != nil {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Content-Security-Policy", "default-src 'self'; img-src 'self' data:")
		// A state is what the server drew. Live parts would look for the server, and find none.
		_, _ = w.Write(scriptTags.ReplaceAll(page, nil)) // a browser that went away is no trouble
	})
	// The examples' pictures are nowhere, which is no trouble of a page.
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	for part := range slices.Chunk(files, statesAtOnce) {
		t.Run("from "+stateName(part[0]), func(t *testing.T) {
			t.Parallel()
			b := newTab(t, newBrowser(t))
			for i, file := range part {
				page, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				if !bytes.HasPrefix(page, []byte("<!doctype html>")) { // a part of a page
					continue
				}
				name := stateName(file)
				t.Run(name, func(t *testing.T) {
					b := &tab{t: t, ctx: b.ctx}
					b.show(desktop, false)
					b.open(server.URL + "/state/" + name)
					if english, ok := strings.CutSuffix(file, "_it.html"); ok && slices.Contains(files, english+".html") {
						b.state("state-"+name, stateLooks()[:1], -1)
					} else {
						b.state("state-"+name, stateLooks(), i%2)
					}
				})
			}
		})
	}
}

func stateName(file string) string { return strings.TrimSuffix(filepath.Base(file), ".html") }

// statesAtOnce is how many states one browser is shown. Others go on beside it: each waits for its browser half of the time.
const statesAtOnce = 100

// scriptTags finds the tags that load scripts.
var scriptTags = regexp.MustCompile(`<script [^>]*>\s*</script>`)

// stateLooks are how states are looked at, on a phone first.
func stateLooks() []look {
	return []look{{name: "390-dark", device: handheld, dark: true}, {name: "1440-light", device: desktop}}
}

// state holds what is shown to what every state must keep, in some looks; axe sees the one with the number, if there is one.
func (b *tab) state(name string, looks []look, seen int) {
	b.t.Helper()
	for i, l := range looks {
		b.show(l.device, l.dark)
		b.picture(name+"-"+l.name, true)
		b.finds(l.name, "scrolls sideways", tooWide)
		if l.device.phone {
			b.finds(l.name, "is too small for a finger", tooSmall)
		}
		if i == seen {
			eval[bool](b, axe+"; true")
			b.finds(l.name, "keeps people out", violations)
		}
	}
}
