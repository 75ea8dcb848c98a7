package main

import (
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
)

// maxWeight is how much any page may weigh on a first visit, in bytes as they are transferred, with gzip where the server
// offers it: the page itself, its styles, its scripts and its icons. Pictures of products are the shop's, on its own site.
const maxWeight = 100_000

// visitor is a browser that has nothing in its cache.
type visitor struct {
	t    *testing.T
	http http.Client
}

// fetch returns a body as it was transferred, and as it is read.
func (v *visitor) fetch(address string) (transferred int, text string) {
	v.t.Helper()
	r, err := http.NewRequestWithContext(v.t.Context(), http.MethodGet, address, nil)
	if err != nil {
		v.t.Fatal(err)
	}
	r.Header.Set("Accept-Encoding", "gzip")
	resp, err := v.http.Do(r)
	if err != nil {
		v.t.Fatal(err)
	}
	defer resp.Body.Close()
	counted := &countedReader{from: resp.Body}
	var body io.Reader = counted
	if resp.Header.Get("Content-Encoding") == "gzip" {
		if body, err = gzip.NewReader(counted); err != nil {
			v.t.Fatal(err)
		}
	}
	plain, err := io.ReadAll(body)
	if err != nil || resp.StatusCode != http.StatusOK {
		v.t.Fatalf("%s is answered with %d, error %v", address, resp.StatusCode, err)
	}
	return counted.n, string(plain)
}

type countedReader struct {
	from io.Reader
	n    int
}

// Read reads and counts.
func (r *countedReader) Read(p []byte) (int, error) {
	n, err := r.from.Read(p)
	r.n += n
	return n, err
}

// weigh returns what a first visit to a page transfers, and the page.
func (v *visitor) weigh(address string) (int, *goquery.Document) {
	v.t.Helper()
	total, text := v.fetch(address)
	page, err := goquery.NewDocumentFromReader(strings.NewReader(text))
	if err != nil {
		v.t.Fatal(err)
	}
	base, err := url.Parse(address)
	if err != nil {
		v.t.Fatal(err)
	}
	parts := map[string]bool{}
	page.Find("link[rel=stylesheet], link[rel~=icon], link[rel=manifest], link[rel=preload], link[rel=apple-touch-icon], script[src], img[src]").Each(func(_ int, e *goquery.Selection) {
		ref, err := base.Parse(e.AttrOr("href", e.AttrOr("src", "")))
		if err == nil && ref.Host == base.Host && !parts[ref.String()] {
			parts[ref.String()] = true
			n, _ := v.fetch(ref.String())
			total += n
		}
	})
	if len(parts) < 2 {
		v.t.Errorf("%s asks for %d things beside itself; it has styles and scripts", address, len(parts))
	}
	return total, page
}

// TestWeight visits every screen that the menu leads to, the first thing in each of their lists, and what stands before
// them all, each as if for the first time.
func TestWeight(t *testing.T) {
	d := newTrial(t)
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	v := &visitor{t: t, http: http.Client{Jar: jar}}
	check := func(address string) *goquery.Document {
		t.Helper()
		n, page := v.weigh(address)
		if t.Logf("%6d %s", n, strings.TrimPrefix(address, d.shop)); n > maxWeight {
			t.Errorf("%s weighs %d bytes; %d are allowed", address, n, maxWeight)
		}
		return page
	}
	check(d.shop + "/login")
	resp, err := v.http.PostForm(d.shop+"/login", url.Values{"email": {d.email}, "password": {d.password}})
	if err != nil {
		t.Fatal(err)
	}
	if err := resp.Body.Close(); err != nil {
		t.Fatal(err)
	}
	home := check(d.shop + "/")
	seen := map[string]bool{"/": true}
	follow := func(page *goquery.Document, selector string, most int) (paths []string) {
		page.Find(selector).EachWithBreak(func(_ int, e *goquery.Selection) bool {
			path := e.AttrOr("href", "")
			if strings.HasPrefix(path, "/") && !strings.HasPrefix(path, "//") && !seen[path] {
				seen[path] = true
				paths = append(paths, path)
			}
			return len(paths) < most
		})
		return paths
	}
	there := func(path string) bool { // the menu has room for screens that are still to come
		r, err := v.http.Head(d.shop + path)
		if err != nil {
			t.Fatal(err)
		}
		return r.Body.Close() == nil && r.StatusCode != http.StatusNotFound
	}
	for _, path := range append(follow(home, "nav a[href]", 100), "/products/new", "/products/import") {
		if !there(path) {
			continue
		}
		list := check(d.shop + path)
		for _, detail := range follow(list, "main a.cover", 1) {
			check(d.shop + detail)
		}
	}
	if len(seen) < 12 {
		t.Errorf("only %d screens were found: %s", len(seen), fmt.Sprint(seen))
	}
}
