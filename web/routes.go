package web

import (
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"bentornato/models"
	"bentornato/static"
	"bentornato/web/inventory"
)

// route is one address: who may ask for it, how long a body it takes, and what answers.
type route struct {
	method string
	path   string
	guard  guard
	// scope says where its things belong: of every route with a key or a session.
	scope   scope
	handler echo.HandlerFunc
	// limit is the longest body in bytes that a form may have; 0 is maxForm. Handlers that read raw bodies have
	// limits of their own.
	limit int64
	// counts says that a GET leaves a trace, so that HEAD needs a handler of its own. Elsewhere GET answers both.
	counts bool
}

// credential is how a caller says who they are.
type credential int

const (
	byNobody    credential = iota // anybody, in a browser; whoever is signed in is known
	bySignature                   // another program, which signs what it sends or needs no name
	byKey                         // a script with an API key
	bySession                     // someone of the team, signed in
)

// guard says who may ask for an address.
type guard struct {
	by   credential
	role models.Role
}

func anyone() guard               { return guard{by: byNobody} }
func program() guard              { return guard{by: bySignature} }
func key(role models.Role) guard  { return guard{by: byKey, role: role} }
func user(role models.Role) guard { return guard{by: bySession, role: role} }

const (
	get  = http.MethodGet
	head = http.MethodHead
	post = http.MethodPost
	put  = http.MethodPut
	del  = http.MethodDelete
)

// routes is every address there is.
func (s *Server) routes() []route {
	messenger := messengerWebhook{ingester: s.Ingester, appSecret: s.AppSecret, verifyToken: s.VerifyToken, work: s.Work, log: s.Log}
	stock := inventoryWebhook{sources: s.Reader, work: s.Work, adapters: inventory.For, baseURL: s.BaseURL, now: s.Now, log: s.Log, places: make(chan struct{}, stockCalls)}
	privacy := privacyPages{erasures: s.Reader, work: s.Work, logins: s.Work, appSecret: s.AppSecret, baseURL: s.BaseURL, now: s.Now, log: s.Log}
	links := links{reader: s.Reader, work: s.Work}
	shop := shopPage{pages: s.Reader, products: s.Reader, link: s.messengerLink}
	outside := []route{
		{method: get, path: "/webhooks/messenger", guard: program(), handler: messenger.verify},
		{method: post, path: "/webhooks/messenger", guard: program(), handler: messenger.receive},
		{method: post, path: "/webhooks/inventory/:source", guard: program(), handler: stock.receive},
		{method: get, path: "/webhooks/inventory/:source", guard: program(), handler: stock.receive},
		{method: post, path: "/data-deletion", guard: program(), handler: privacy.requestDeletion},
		{method: get, path: "/data-deletion", guard: anyone(), handler: privacy.explain},
		{method: get, path: "/data-deletion/:code", guard: anyone(), handler: privacy.status},
		{method: post, path: "/deauthorize", guard: program(), handler: privacy.deauthorize},
		{method: get, path: "/r/:code", guard: program(), handler: links.follow, counts: true},
		{method: head, path: "/r/:code", guard: program(), handler: links.probe},
		{method: get, path: "/shop/:page", guard: program(), handler: shop.show},
		{method: get, path: "/healthz", guard: program(), handler: s.healthy},
		{method: get, path: "/readyz", guard: program(), handler: s.ready},
		{method: get, path: "/metrics", guard: program(), handler: s.exposeMetrics},
		{method: get, path: "/static/*", guard: program(), handler: echo.WrapHandler(static.Handler())},
		{method: get, path: "/login", guard: anyone(), handler: s.showLogin},
		{method: post, path: "/login", guard: anyone(), handler: s.login},
		{method: post, path: "/logout", guard: anyone(), handler: s.logout},
		{method: get, path: "/setup", guard: anyone(), handler: s.showSetup},
		{method: post, path: "/setup", guard: anyone(), handler: s.setUp},
		{method: post, path: "/setup/aside", guard: user(models.RoleStaff), scope: ofInstallation, handler: s.putStepsAside(true)},
		{method: post, path: "/setup/back", guard: user(models.RoleStaff), scope: ofInstallation, handler: s.putStepsAside(false)},
		{method: post, path: "/language", guard: anyone(), handler: s.switchLanguage},
	}
	return slices.Concat(outside, s.apiRoutes(), s.adminRoutes())
}

// apiPrefix is where the API stands.
const apiPrefix = "/api/v1"

func (s *Server) apiRoutes() []route {
	would := forecaster{read: s.Reader, check: s.Work}
	products := productAPI{pages: s.Reader, read: s.Reader, work: s.Work, link: s.messengerLink, would: would, now: s.Now}
	tokens := tokenAPI{read: s.Reader, products: s.Reader, now: s.Now}
	restocks := restockAPI{read: s.Reader, products: s.Reader, pages: s.Reader, work: s.Work, would: would, now: s.Now}
	contacts := contactAPI{read: s.Reader, pages: s.Reader, work: s.Work, baseURL: s.BaseURL, now: s.Now}
	stats := statsAPI{read: s.Reader, pages: s.Reader}
	utility := utilityAPI{contacts: contacts, read: s.Reader, work: s.Work}
	consents := consentAPI{pages: s.Reader, work: s.Work}
	viewer, staff, owner := key(models.RoleViewer), key(models.RoleStaff), key(models.RoleOwner)
	return []route{
		{method: get, path: apiPrefix + "/openapi.yaml", guard: program(), handler: describeAPI},
		{method: get, path: apiPrefix + "/products", guard: viewer, scope: narrowed, handler: products.list},
		{method: get, path: apiPrefix + "/products/:sku", guard: viewer, scope: narrowed, handler: products.show},
		{method: put, path: apiPrefix + "/products/:sku", guard: staff, scope: narrowed, handler: products.save},
		{method: del, path: apiPrefix + "/products/:sku", guard: staff, scope: narrowed, handler: products.remove},
		{method: get, path: apiPrefix + "/products/:sku/forecast", guard: viewer, scope: narrowed, handler: products.forecast},
		{method: post, path: apiPrefix + "/products/:sku/stock", guard: staff, scope: narrowed, handler: products.reportStock},
		{method: get, path: apiPrefix + "/tokens", guard: viewer, scope: narrowed, handler: tokens.list},
		{method: get, path: apiPrefix + "/tokens/:id", guard: viewer, scope: ofToken, handler: tokens.show},
		{method: get, path: apiPrefix + "/restocks", guard: viewer, scope: narrowed, handler: restocks.list},
		{method: get, path: apiPrefix + "/restocks/:id", guard: viewer, scope: ofRestock, handler: restocks.show},
		{method: post, path: apiPrefix + "/restocks/:id/pause", guard: staff, scope: ofRestock, handler: restocks.act(s.Work.PauseRestock)},
		{method: post, path: apiPrefix + "/restocks/:id/resume", guard: staff, scope: ofRestock, handler: restocks.act(s.Work.ResumeRestock)},
		{method: post, path: apiPrefix + "/restocks/:id/cancel", guard: staff, scope: ofRestock, handler: restocks.act(s.Work.CancelRestock)},
		{method: post, path: apiPrefix + "/restocks/:id/approve", guard: staff, scope: ofRestock, handler: restocks.act(s.Work.ApproveRestock)},
		{method: get, path: apiPrefix + "/contacts/:psid/dossier", guard: viewer, scope: narrowed, handler: contacts.dossier},
		{method: del, path: apiPrefix + "/contacts/:psid", guard: staff, scope: narrowed, handler: contacts.erase},
		{method: post, path: apiPrefix + "/contacts/:psid/utility", guard: staff, scope: narrowed, handler: utility.send},
		{method: get, path: apiPrefix + "/templates", guard: viewer, scope: narrowed, handler: utility.list},
		{method: post, path: apiPrefix + "/consents/export", guard: owner, scope: narrowed, handler: consents.export},
		{method: get, path: apiPrefix + "/stats", guard: viewer, scope: narrowed, handler: stats.show},
	}
}
