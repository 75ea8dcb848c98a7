package web

import "bentornato/models"

// Screen is an address of the admin and the role that it asks for.
type Screen struct {
	Method, Path string
	Role         models.Role
}

// Screens lists every address that asks for a sign-in.
func (s *Server) Screens() []Screen {
	var list []Screen
	for _, r := range s.routes() {
		if r.guard.by == bySession {
			list = append(list, Screen{r.method, r.path, r.guard.role})
		}
	}
	return list
}
