package web

import "bentornato/models"

// Scoped is an address of the team or of the API, and whether the table says where its things belong.
type Scoped struct {
	Method, Path  string
	Role          models.Role
	API           bool
	Stated, Named bool // Named: its path names a thing of a Page
}

// Scoped lists every address that asks for a sign-in or a key.
func (s *Server) Scoped() []Scoped {
	var list []Scoped
	for _, r := range s.routes() {
		if r.guard.by == bySession || r.guard.by == byKey {
			list = append(list, Scoped{r.method, r.path, r.guard.role, r.guard.by == byKey, r.scope != unstated, r.scope >= ofPage})
		}
	}
	return list
}
