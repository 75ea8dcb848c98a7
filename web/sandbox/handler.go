package sandbox

import "net/http"

// Handler serves the Graph API under /vNN.N/ and the phones and the console elsewhere.
func (p *Platform) Handler() http.Handler {
	screens, dialog := p.screens(), p.guarded(http.HandlerFunc(p.serveDialog))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if dialogPath.MatchString(r.URL.Path) {
			dialog.ServeHTTP(w, r)
			return
		}
		if graphPath.MatchString(r.URL.Path) {
			p.serveGraph(w, r)
			return
		}
		screens.ServeHTTP(w, r)
	})
}
