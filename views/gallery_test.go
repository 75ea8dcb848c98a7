package views

import (
	"context"
	"flag"
	"fmt"
	"html"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"os/signal"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"bentornato/static"
)

var galleryAt = flag.String("gallery", "", "serve the gallery at this `ADDRESS` until Ctrl-C; give -timeout 0 too")

// gallery shows every page in every state, from the literals that the golden files are made of: no database, no server
// of ours, and nothing of it in the program. /NAME is a page, /NAME?lang=it the same in Italian.
func gallery() http.Handler {
	shown := screensShown()
	mux := http.NewServeMux()
	mux.Handle("GET "+static.Prefix, static.Handler())
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Gallery</title>
<meta name="color-scheme" content="light dark"><link rel="stylesheet" href="`+static.URL("css/app.css")+`"><main id="content" class="stack"><h1>Gallery</h1><ul>`)
		for _, name := range slices.Sorted(maps.Keys(shown)) {
			name = html.EscapeString(name)
			fmt.Fprintf(w, `<li><a href="/%s">%s</a> · <a href="/%s?lang=it">it</a></li>`, name, name, name)
		}
		fmt.Fprint(w, "</ul></main></html>")
	})
	mux.HandleFunc("GET /{name}", func(w http.ResponseWriter, r *http.Request) {
		page, ok := shown[r.PathValue("name")]
		if !ok {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Content-Security-Policy", "default-src 'self'; img-src 'self' https: data:")
		language := r.URL.Query().Get("lang")
		if language == "" {
			language = languageOf(r.PathValue("name"))
		}
		if err := page.Render(WithAssets(WithLanguage(r.Context(), language), static.URL), w); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
		}
	})
	return mux
}

// languageOf is the language in which a state is shown: English, but for those named so.
func languageOf(name string) string {
	if strings.HasSuffix(name, "_it") {
		return "it"
	}
	return "en"
}

// TestGallery holds that the gallery leads to every state and that each comes with its style. With -gallery it is there
// to be looked at:
//
//	go test ./views -run Gallery -timeout 0 -gallery 127.0.0.1:8090
func TestGallery(t *testing.T) {
	if *galleryAt != "" {
		serveGallery(t, *galleryAt)
		return
	}
	g := gallery()
	get := func(target string) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		g.ServeHTTP(w, httptest.NewRequest(http.MethodGet, target, nil))
		if w.Code != http.StatusOK {
			t.Errorf("%s answers %d", target, w.Code)
		}
		return w
	}
	index, err := goquery.NewDocumentFromReader(get("/").Body)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := index.Find("li").Length(), len(screensShown()); got != want {
		t.Errorf("the gallery lists %d states of %d", got, want)
	}
	index.Find("li a").Each(func(_ int, a *goquery.Selection) {
		target := a.AttrOr("href", "")
		if body := get(target).Body.String(); strings.HasSuffix(target, "?lang=it") && strings.Contains(body, `<html lang="en"`) {
			t.Errorf("%s is in English", target)
		}
	})
	get(static.URL("css/app.css"))
	w := httptest.NewRecorder()
	if g.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/no_such_state", nil)); w.Code != http.StatusNotFound {
		t.Errorf("a state that there is not answers %d", w.Code)
	}
}

func serveGallery(t *testing.T, address string) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	server := &http.Server{Addr: address, Handler: gallery(), ReadHeaderTimeout: 10 * time.Second}
	go func() {
		<-ctx.Done()
		_ = server.Close()
	}()
	fmt.Printf("The gallery is at http://%s/\n", address)
	if err := server.ListenAndServe(); err != http.ErrServerClosed {
		t.Fatal(err)
	}
}
