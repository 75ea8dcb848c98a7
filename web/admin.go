package web

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"bentornato/models"
	"bentornato/views"
	"bentornato/web/inventory"
)

// adminReader is what the admin's screens read beside what others do.
type adminReader interface {
	homeReader
	variantReader
	awaitedReader
	stockReader
	viewReader
	testerReader
	variantDemand
	demandReader
	productNamer
	progressReader
	contactLister
	askReader
	tieReader
	templateReader
	walletReader
	conversationReader
	unreadCounter
	savedReplyReader
	sourceLister
	pageCounter
	meterReader
	teamReader
	auditReader
	retentionReader
	aboutReader
}

// adminWork is what the admin's screens have done beside what others do.
type adminWork interface {
	productEditor
	productImporter
	rulesEditor
	messageWriter
	viewKeeper
	tokenKeeper
	asker
	tier
	templateWriter
	utilitySender
	conversationWriter
	contactWithdrawer
	savedReplyWriter
	sourceEditor
	pageEditor
	teamWriter
	keyEditor
	retentionSetter
	accountKeeper
}

// adminRoutes are the team's screens. Each has a guard user(role); state never changes by GET.
func (s *Server) adminRoutes() []route {
	o := office{desk: s, pages: s.Reader}
	would := forecaster{read: s.Reader, check: s.Work}
	home := homeScreen{office: o, read: s.Reader, products: s.Reader, stats: s.Reader, restocks: s.Reader, asks: s.Reader, ends: s.Reader, stop: s.draining}
	products := productScreens{office: o, read: s.Reader, waits: s.Reader, stock: s.Reader, work: s.Work, reports: s.Work, link: s.messengerLink, would: would,
		messages: s.Work, testers: s.Reader, demand: s.Reader}
	list := listScreen{office: o, list: s.Reader, names: s.Reader, views: s.Reader, work: s.Work}
	demand := demandScreen{office: o, list: s.Reader, read: s.Reader, stats: s.Reader}
	rules := rulesScreen{office: o, work: s.Work}
	imports := importScreen{office: o, work: s.Work}
	restocks := restockScreens{office: o, read: s.Reader, progress: s.Reader, would: would, stop: s.draining, now: s.Now}
	tokens := tokenScreen{office: o, read: s.Reader, wallet: s.Reader, products: s.Reader, stats: s.Reader, work: s.Work}
	asks := askScreen{office: o, read: s.Reader, work: s.Work}
	contacts := contactScreens{office: o, list: s.Reader, read: s.Reader, tokens: s.Reader, work: s.Work, withdrawer: s.Work, health: s.Reader, now: s.Now}
	inbox := inboxScreen{office: o, list: s.Reader, asks: s.Reader, stop: s.draining, now: s.Now}
	talk := conversationScreen{office: o, read: s.Reader, unread: s.Reader, saved: s.Reader, work: s.Work, stop: s.draining, now: s.Now}
	saved := savedReplyScreen{office: o, read: s.Reader, work: s.Work}
	sources := sourceScreens{office: o, list: s.Reader, read: s.Reader, work: s.Work, kinds: inventory.Kinds(), sessions: s.sessions, baseURL: s.BaseURL,
		door: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { s.echo.ServeHTTP(w, r) }), now: s.Now}
	pages := pageScreens{office: o, health: s.Reader, meter: s.Reader, count: s.Reader, stats: s.Reader, products: s.Reader, work: s.Work, baseURL: s.BaseURL}
	connect := connectScreens{office: o, read: s.Reader, work: s.Work, facebook: s.Facebook, configID: s.LoginConfigID, ready: s.AppID != "" && s.AppSecret != "",
		sessions: s.sessions, back: s.BaseURL + connectedPath, now: s.Now}
	consents := consentScreen{office: o, read: s.Reader, stats: s.Reader, work: s.Work}
	posts := postScreens{office: o, list: s.Reader, work: s.Work}
	templates := templateScreens{office: o, read: s.Reader, work: s.Work}
	utility := utilityScreen{office: o, contacts: s.Reader, read: s.Reader, work: s.Work}
	team := teamScreen{office: o, read: s.Reader, users: s.Reader, work: s.Work, keys: s.Work, hash: s.passwords.hash, signIn: s.signIn}
	settings := settingsScreens{office: o, audit: s.Reader, kept: s.Reader, about: s.Reader, stats: s.Reader, users: s.Reader, retain: s.Work, account: s.Work,
		passwords: s.passwords, tries: s.tries, signIn: s.signIn, version: s.Version, now: s.Now}
	viewer, staff, owner := user(models.RoleViewer), user(models.RoleStaff), user(models.RoleOwner)
	return []route{
		{method: get, path: "/", guard: viewer, scope: narrowed, handler: home.show},
		{method: get, path: "/events", guard: viewer, scope: narrowed, handler: home.follow},
		{method: get, path: "/products", guard: viewer, scope: narrowed, handler: list.show},
		{method: get, path: "/products.csv", guard: viewer, scope: narrowed, handler: list.export},
		{method: post, path: "/products/views", guard: viewer, scope: narrowed, handler: list.saveView},
		{method: post, path: "/products/views/:id/delete", guard: viewer, scope: ofInstallation, handler: list.deleteView},
		{method: get, path: "/products/rules", guard: staff, scope: narrowed, handler: rules.show},
		{method: post, path: "/products/rules", guard: staff, scope: narrowed, handler: rules.change},
		{method: get, path: "/products/new", guard: staff, scope: narrowed, handler: products.showNew},
		{method: post, path: "/products/new", guard: staff, scope: narrowed, handler: products.add},
		{method: get, path: "/products/import", guard: staff, scope: narrowed, handler: imports.show},
		{method: post, path: "/products/import", guard: staff, scope: narrowed, handler: imports.take, limit: models.MaxImportBytes + maxForm},
		{method: post, path: "/products/import/confirm", guard: staff, scope: narrowed, handler: imports.confirm},
		{method: post, path: "/products/import/discard", guard: staff, scope: narrowed, handler: imports.discard},
		{method: get, path: "/products/:id", guard: viewer, scope: ofVariant, handler: products.show},
		{method: post, path: "/products/:id", guard: staff, scope: ofVariant, handler: products.change},
		{method: post, path: "/products/:id/preview", guard: staff, scope: ofVariant, handler: products.preview},
		{method: post, path: "/products/:id/me", guard: staff, scope: ofVariant, handler: products.setMe},
		{method: post, path: "/products/:id/test", guard: staff, scope: ofVariant, handler: products.test},
		{method: post, path: "/products/:id/stock", guard: staff, scope: ofVariant, handler: products.reportStock},
		{method: post, path: "/products/:id/delete", guard: staff, scope: ofVariant, handler: products.remove},
		{method: get, path: "/demand", guard: viewer, scope: narrowed, handler: demand.show},
		{method: get, path: "/demand.csv", guard: viewer, scope: narrowed, handler: demand.export},
		{method: get, path: "/restocks", guard: viewer, scope: narrowed, handler: restocks.showList},
		{method: get, path: "/restocks/:id", guard: viewer, scope: ofRestock, handler: restocks.show},
		{method: get, path: "/restocks/:id/events", guard: viewer, scope: ofRestock, handler: restocks.follow},
		{method: get, path: "/restocks/:id/ledger.csv", guard: viewer, scope: ofRestock, handler: restocks.export},
		{method: post, path: "/restocks/:id/pause", guard: staff, scope: ofRestock, handler: restocks.act(s.Work.PauseRestock, views.NoticeRestockPaused)},
		{method: post, path: "/restocks/:id/resume", guard: staff, scope: ofRestock, handler: restocks.act(s.Work.ResumeRestock, views.NoticeRestockResumed)},
		{method: post, path: "/restocks/:id/cancel", guard: staff, scope: ofRestock, handler: restocks.act(s.Work.CancelRestock, views.NoticeRestockCancelled)},
		{method: post, path: "/restocks/:id/approve", guard: staff, scope: ofRestock, handler: restocks.act(s.Work.ApproveRestock, views.NoticeRestockApproved)},
		{method: get, path: "/ask", guard: viewer, scope: narrowed, handler: asks.show},
		{method: post, path: "/ask", guard: staff, scope: narrowed, handler: asks.ask},
		{method: post, path: "/ask/all", guard: staff, scope: narrowed, handler: asks.askAll},
		{method: get, path: "/tokens", guard: viewer, scope: narrowed, handler: tokens.show},
		{method: get, path: "/tokens.csv", guard: viewer, scope: narrowed, handler: tokens.export},
		{method: get, path: "/tokens/products", guard: viewer, scope: narrowed, handler: tokens.showProducts},
		{method: post, path: "/tokens/:id/assign", guard: staff, scope: ofToken, handler: tokens.assign},
		{method: post, path: "/tokens/:id/withdraw", guard: staff, scope: ofToken, handler: tokens.withdraw},
		{method: get, path: "/inbox", guard: viewer, scope: narrowed, handler: inbox.show},
		{method: get, path: "/inbox/events", guard: viewer, scope: narrowed, handler: inbox.follow},
		{method: get, path: "/inbox/replies", guard: viewer, scope: ofInstallation, handler: saved.show},
		{method: post, path: "/inbox/replies", guard: staff, scope: ofInstallation, handler: saved.add},
		{method: post, path: "/inbox/replies/:id", guard: staff, scope: ofInstallation, handler: saved.change},
		{method: post, path: "/inbox/replies/:id/delete", guard: staff, scope: ofInstallation, handler: saved.remove},
		{method: get, path: "/inbox/:id", guard: viewer, scope: ofContact, handler: talk.show},
		{method: get, path: "/inbox/:id/events", guard: viewer, scope: ofContact, handler: talk.follow},
		{method: post, path: "/inbox/:id/reply", guard: staff, scope: ofContact, handler: talk.reply},
		{method: get, path: "/inbox/:id/utility", guard: staff, scope: ofContact, handler: utility.show},
		{method: post, path: "/inbox/:id/utility", guard: staff, scope: ofContact, handler: utility.send},
		{method: post, path: "/inbox/:id/read", guard: staff, scope: ofContact, handler: talk.markRead},
		{method: post, path: "/inbox/:id/unread", guard: staff, scope: ofContact, handler: talk.markUnread},
		{method: post, path: "/inbox/:id/answered", guard: staff, scope: ofContact, handler: talk.markAnswered},
		{method: get, path: "/contacts", guard: viewer, scope: narrowed, handler: contacts.showList},
		{method: get, path: "/contacts/:id", guard: viewer, scope: ofContact, handler: contacts.show},
		{method: get, path: "/contacts/:id/dossier.json", guard: viewer, scope: ofContact, handler: contacts.download},
		{method: post, path: "/contacts/:id/withdraw", guard: staff, scope: ofContact, handler: contacts.withdraw},
		{method: post, path: "/contacts/:id/erase", guard: owner, scope: ofContact, handler: contacts.erase},
		{method: get, path: "/sources", guard: viewer, scope: narrowed, handler: sources.showList},
		{method: post, path: "/sources", guard: owner, scope: narrowed, handler: sources.add},
		{method: get, path: "/sources/:id", guard: viewer, scope: ofSource, handler: sources.show},
		{method: post, path: "/sources/:id", guard: owner, scope: ofSource, handler: sources.change},
		{method: post, path: "/sources/:id/secret", guard: owner, scope: ofSource, handler: sources.rotate},
		{method: post, path: "/sources/:id/secret/end", guard: owner, scope: ofSource, handler: sources.act(s.Work.EndOldSecret, views.NoticeSecretEnded)},
		{method: post, path: "/sources/:id/delete", guard: owner, scope: ofSource, handler: sources.remove},
		{method: post, path: "/sources/:id/poll", guard: owner, scope: ofSource, handler: sources.savePoll},
		{method: post, path: "/sources/:id/poll/now", guard: staff, scope: ofSource, handler: sources.act(s.Work.PollNow, views.NoticePollNow)},
		{method: post, path: "/sources/:id/poll/delete", guard: owner, scope: ofSource, handler: sources.act(s.Work.DeletePoll, views.NoticePollDeleted)},
		{method: post, path: "/sources/:id/aliases", guard: staff, scope: ofSource, handler: sources.tie},
		{method: post, path: "/sources/:id/aliases/delete", guard: staff, scope: ofSource, handler: sources.untie},
		{method: post, path: "/sources/:id/test", guard: staff, scope: ofSource, handler: sources.test},
		{method: get, path: "/sources/:id/events/:event", guard: viewer, scope: ofSource, handler: sources.showCall},
		{method: post, path: "/sources/:id/events/:event/replay", guard: staff, scope: ofSource, handler: sources.replay},
		{method: get, path: "/pages", guard: viewer, scope: narrowed, handler: pages.showList},
		{method: get, path: "/pages/connect", guard: owner, scope: narrowed, handler: connect.show},
		{method: post, path: "/pages/connect", guard: owner, scope: narrowed, handler: connect.byHand},
		{method: get, path: connectedPath, guard: owner, scope: narrowed, handler: connect.comeBack},
		{method: get, path: "/pages/choose", guard: owner, scope: narrowed, handler: connect.showChoice},
		{method: post, path: "/pages/choose", guard: owner, scope: narrowed, handler: connect.choose},
		{method: post, path: "/pages/:id/setup", guard: owner, scope: ofPage, handler: connect.act(s.Work.SetUpPage, views.NoticePageConnected)},
		{method: post, path: "/pages/:id/disconnect", guard: owner, scope: ofPage, handler: connect.disconnect},
		{method: post, path: "/pages/:id/check", guard: staff, scope: ofPage, handler: connect.check},
		{method: get, path: "/pages/assumptions", guard: viewer, scope: narrowed, handler: posts.assume},
		{method: get, path: "/pages/:id/posts", guard: viewer, scope: ofPage, handler: posts.show},
		{method: post, path: "/pages/:id/posts", guard: staff, scope: ofPage, handler: posts.tie},
		{method: post, path: "/pages/:id/posts/remove", guard: staff, scope: ofPage, handler: posts.untie},
		{method: get, path: "/pages/:id/consents", guard: owner, scope: ofPage, handler: consents.show},
		{method: post, path: "/pages/:id/consents/import", guard: owner, scope: ofPage, handler: consents.take},
		{method: post, path: "/pages/:id/consents/export", guard: owner, scope: ofPage, handler: consents.export},
		{method: post, path: "/pages/:id/refusals", guard: staff, scope: ofPage, handler: templates.forgetRefusals},
		{method: get, path: "/pages/:id/templates", guard: viewer, scope: ofPage, handler: templates.showList},
		{method: post, path: "/pages/:id/templates/refresh", guard: staff, scope: ofPage, handler: templates.refresh},
		{method: get, path: "/pages/:id/templates/new", guard: staff, scope: ofPage, handler: templates.showNew},
		{method: post, path: "/pages/:id/templates/new", guard: staff, scope: ofPage, handler: templates.add},
		{method: get, path: "/pages/:id/templates/:template", guard: viewer, scope: ofPage, handler: templates.show},
		{method: post, path: "/pages/:id/templates/:template", guard: staff, scope: ofPage, handler: templates.change},
		{method: post, path: "/pages/:id/templates/:template/submit", guard: staff, scope: ofPage, handler: templates.submit},
		{method: post, path: "/pages/:id/templates/:template/delete", guard: staff, scope: ofPage, handler: templates.remove},
		{method: get, path: "/pages/:id", guard: viewer, scope: ofPage, handler: pages.show},
		{method: post, path: "/pages/:id", guard: owner, scope: ofPage, handler: pages.change},
		{method: post, path: "/pages/:id/pause", guard: staff, scope: ofPage, handler: pages.act(s.Work.PausePage, views.NoticePagePaused)},
		{method: post, path: "/pages/:id/resume", guard: staff, scope: ofPage, handler: pages.act(s.Work.ResumePage, views.NoticePageResumed)},
		{method: get, path: "/settings", guard: viewer, scope: ofInstallation, handler: settings.show},
		{method: get, path: "/settings/account", guard: viewer, scope: ofInstallation, handler: settings.showAccount},
		{method: post, path: "/settings/account/password", guard: viewer, scope: ofInstallation, handler: settings.changePassword},
		{method: post, path: "/settings/account/sign-out", guard: viewer, scope: ofInstallation, handler: settings.signOutElsewhere},
		{method: get, path: "/settings/audit", guard: owner, scope: ofInstallation, handler: settings.showAudit},
		{method: get, path: "/settings/audit.csv", guard: owner, scope: ofInstallation, handler: settings.exportAudit},
		{method: get, path: "/settings/retention", guard: viewer, scope: ofInstallation, handler: settings.showRetention},
		{method: post, path: "/settings/retention", guard: owner, scope: ofInstallation, handler: settings.setRetention},
		{method: get, path: "/settings/about", guard: viewer, scope: ofInstallation, handler: settings.showAbout},
		{method: get, path: "/team", guard: viewer, scope: ofInstallation, handler: team.show},
		{method: post, path: "/team/users", guard: owner, scope: ofInstallation, handler: team.saveUser},
		{method: post, path: "/team/users/:id/pages", guard: owner, scope: ofInstallation, handler: team.setAccess(s.Work.SetUserAccess)},
		{method: post, path: "/team/users/:id/delete", guard: owner, scope: ofInstallation, handler: team.deleteUser},
		{method: post, path: "/team/keys", guard: owner, scope: ofInstallation, handler: team.addKey},
		{method: post, path: "/team/keys/:id/pages", guard: owner, scope: ofInstallation, handler: team.setAccess(s.Work.SetKeyAccess)},
		{method: post, path: "/team/keys/:id/revoke", guard: owner, scope: ofInstallation, handler: team.revokeKey},
	}
}

// screenRows is how many rows a screen's list has.
const screenRows = 50

// desk gives a screen its frame, and keeps a word for the next one.
type desk interface {
	page(c echo.Context) views.Page
	flash(c echo.Context, f views.Flash)
}

// office is what all screens stand in.
type office struct {
	desk
	pages pageReader
}

// frame is the frame of a screen that is about no Page in particular: times are the first one's. It returns all Pages
// too.
func (o office) frame(c echo.Context) (views.Page, []models.Page, error) {
	pages, err := o.pages.Pages(c.Request().Context())
	if err != nil {
		return views.Page{}, nil, err
	}
	p := o.page(c)
	p.Loc = zoneOf(pages)
	return p, pages, nil
}

// frameOn is the frame of a screen about something of one Page, whose times are the Page's. It returns the Page too.
func (o office) frameOn(c echo.Context, pageID string) (views.Page, models.Page, error) {
	on, err := o.pages.Page(c.Request().Context(), pageID)
	if err != nil {
		return views.Page{}, on, err
	}
	p := o.page(c)
	p.Loc = on.Location()
	return p, on, nil
}

// zoneOf is the time zone in which an installation lives: its first Page's.
func zoneOf(pages []models.Page) *time.Location {
	if len(pages) == 0 {
		return time.UTC
	}
	return pages[0].Location()
}

// done ends a form that was carried out: the next screen says so.
func (o office) done(c echo.Context, notice views.Notice, target string) error {
	o.flash(c, views.Flash{Notice: notice})
	return c.Redirect(http.StatusSeeOther, target)
}

// refused ends a form without fields that could not be carried out: the next screen says why.
func (o office) refused(c echo.Context, err error, target string) error {
	if _, ok := mendable(err); !ok {
		return err
	}
	o.flash(c, views.Flash{Err: err})
	return c.Redirect(http.StatusSeeOther, target)
}

// mendable reports whether whoever sent a form can mend what is wrong with it, and with which status it is shown again:
// a form that could be read but not carried out is 422, where the API's JSON is 400.
func mendable(err error) (int, bool) {
	switch models.KindOf(err) {
	case models.KindInvalid:
		return http.StatusUnprocessableEntity, true
	case models.KindConflict:
		return statuses[models.KindConflict], true
	default:
		return 0, false
	}
}

// numberPath is the address of the thing with a number.
func numberPath(prefix string, id int64) string { return prefix + strconv.FormatInt(id, 10) }

// typed is what somebody typed into a field, without the space around it.
func typed(c echo.Context, name string) string { return strings.TrimSpace(c.FormValue(name)) }

// ticked reports whether a box of a form is ticked.
func ticked(c echo.Context, name string) bool { return c.FormValue(name) == "yes" }

// wholeNumber reads a field; an empty one is fallback.
func wholeNumber(field, text string, fallback int) (int, error) {
	if text == "" {
		return fallback, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		return 0, models.FieldErrorf(field, "%q is no whole number.", models.Shorten(text, 40))
	}
	return n, nil
}

// maxName is the longest name that a source or a key may have, in characters.
const maxName = 80

// checkName checks the name of a source or a key.
func checkName(name string) error {
	switch n := len([]rune(name)); {
	case n == 0:
		return models.FieldErrorf("name", "Give it a name.")
	case n > maxName:
		return models.FieldErrorf("name", "The name is longer than %d characters.", maxName)
	}
	return nil
}
