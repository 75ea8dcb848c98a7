package web

import "strings"

// APIRoutes lists the API's routes as the OpenAPI document writes them, "GET /products/{sku}".
func (s *Server) APIRoutes() []string {
	var list []string
	for _, r := range s.routes() {
		path, ok := strings.CutPrefix(r.path, apiPrefix)
		if !ok {
			continue
		}
		parts := strings.Split(path, "/")
		for i, p := range parts {
			if name, ok := strings.CutPrefix(p, ":"); ok {
				parts[i] = "{" + name + "}"
			}
		}
		list = append(list, r.method+" "+strings.Join(parts, "/"))
	}
	return list
}

// OpenAPI is the API's description.
func OpenAPI() []byte { return openAPI }

// MaxTries is how many tries a login has in a quarter of an hour.
const MaxTries = triesPerAccount
