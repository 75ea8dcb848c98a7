package web

// adminReader is what the admin's screens read beside what others do.
type adminReader interface{}

// adminWork is what the admin's screens have done beside what others do.
type adminWork interface{}

// adminRoutes are the team's screens. Each has a guard user(role); state never changes by GET.
func (s *Server) adminRoutes() []route {
	return nil
}
