package sandbox

import "net/http"

func (p *Platform) screens() http.Handler { return http.NotFoundHandler() }
