// Package static holds the files a browser loads beside the pages: style, scripts and icons. They are embedded, so
// that the program is one file, and named by their content, so that a browser may keep them for ever.
//
// The style is built from .src (see its README); scripts and icons are served as they stand here.
package static

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"
	"sync"
	"time"
)

//go:embed css js icons
var files embed.FS

// Prefix is the path under which Handler expects to be mounted.
const Prefix = "/static/"

// hashLength is how many hexadecimal digits of a file's hash its URL carries.
const hashLength = 12

// catalogue is every file by the name it is asked for: its own, and the one with its hash.
type catalogue struct {
	urls map[string]string // name to URL
	byID map[string]file   // path under Prefix to file
}

type file struct {
	body      []byte
	mediaType string
	etag      string
	immutable bool
}

// load reads the embedded files once. It cannot fail at run time: what is embedded can be read.
var load = sync.OnceValue(func() catalogue {
	c := catalogue{urls: map[string]string{}, byID: map[string]file{}}
	err := fs.WalkDir(files, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		body, err := files.ReadFile(name)
		if err != nil {
			return err
		}
		sum := sha256.Sum256(body)
		hash := hex.EncodeToString(sum[:])[:hashLength]
		f := file{body: body, mediaType: mediaType(name), etag: `"` + hash + `"`}
		c.byID[name] = f
		f.immutable = true
		ext := path.Ext(name)
		hashed := strings.TrimSuffix(name, ext) + "." + hash + ext
		c.byID[hashed] = f
		c.urls[name] = Prefix + hashed
		return nil
	})
	if err != nil {
		panic("static: " + err.Error())
	}
	return c
})

// mediaType is fixed for the kinds of file here: the operating system's table may say otherwise, or nothing.
func mediaType(name string) string {
	switch path.Ext(name) {
	case ".css":
		return "text/css; charset=utf-8"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	case ".txt":
		return "text/plain; charset=utf-8"
	default:
		if t := mime.TypeByExtension(path.Ext(name)); t != "" {
			return t
		}
		return "application/octet-stream"
	}
}

// URL returns the address of a file such as "css/app.css", with a hash of its content in it. For a name that is
// not here it returns the address it would have, which answers 404.
func URL(name string) string {
	if u, ok := load().urls[name]; ok {
		return u
	}
	return Prefix + name
}

// Handler serves the files under Prefix. An address with a hash may be kept for ever; a plain name is asked for
// again each time, and answered 304 where nothing changed. An old hash answers 404 rather than another file.
func Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
			return
		}
		f, ok := load().byID[strings.TrimPrefix(r.URL.Path, Prefix)]
		if !ok {
			http.NotFound(w, r)
			return
		}
		h := w.Header()
		h.Set("Content-Type", f.mediaType)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("ETag", f.etag)
		if f.immutable {
			h.Set("Cache-Control", "public, max-age=31536000, immutable")
		} else {
			h.Set("Cache-Control", "no-cache")
		}
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(f.body))
	})
}
